"""`clearprop evaluate`: how well a model predicts a table whose answers are known."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import confusion_matrix

from ..errors import InputError
from ..plots import check_picture, plot_confusion, plot_predictions
from .confusion import show_confusion
from .console import Screen
from .endings import say
from .inference import columns_for, open_estimator, target_of, unseen
from .messages import close_match, listing, shown
from .paths import check_new
from .reading import read_table, split_target
from .scores import LABELS, UNITLESS, balanced_accuracy, class_table, residual_summary, score
from .streams import write_json
from .text import figure, figures, rows, short

__all__ = ["evaluate"]

Array = NDArray[Any]
MOST_CLASSES = 20


@dataclass(frozen=True)
class Findings:
    """What the evaluation found; `names` are the classes, first those that the model knows."""

    target: str
    scores: dict[str, float]
    truth: Array  # (n,) class numbers or numbers
    predicted: Array  # (n,) likewise
    names: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def matrix(self) -> NDArray[np.int64]:
        """How often each class (row) was taken for each class (column)."""
        return np.asarray(confusion_matrix(self.truth, self.predicted, labels=np.arange(len(self.names))))


def evaluate(
    model: Path, data: Path, target: str | None, plot: Path | None, *, as_json: bool, force: bool
) -> None:
    """Run the command."""
    if plot is not None:
        check_new(plot, force=force, inputs=(model, data), option="--plot")
        check_picture(plot)
    findings = find(open_estimator(model, data), data, target)
    screen = Screen(silent=as_json)
    for note in findings.notes:
        say("note", note)
    _show(screen, findings)
    if plot is not None:
        _plot(findings, plot)
        screen.line()
        screen.line(f"picture in {plot}")
    if as_json:
        write_json(_to_dict(model, data, plot, findings))


def find(estimator: Any, data: Path, target: str | None) -> Findings:
    """Return how well the estimator predicts the table.

    Raises:
        InputError: a table that does not fit the model, or a model of several targets.
    """
    target = target or target_of(estimator)
    if target is None:
        raise InputError("the model does not say which column it predicts", hint="--target COLUMN")
    if getattr(estimator, "_is_multilabel", False) or not getattr(estimator, "_one_column", True):
        raise InputError("evaluate takes a model of one target", got="a model of several")
    if target in getattr(estimator, "feature_names_in_", ()):
        raise InputError(
            f"the model learnt from column {shown(target)}, so that is not what it predicts",
            hint="--target with the column that it was trained to predict",
        )
    file = read_table(data)
    _check_answers(target, file.table.column_names)
    features, values, notes = split_target(file.table, target)
    X = columns_for(estimator, features)
    notes = (*file.notes, *notes, *unseen(estimator, X))
    if hasattr(estimator, "classes_"):
        return _find_classes(estimator, X, values, target, notes)
    if values.dtype.kind in "Ob":
        raise InputError(
            f"column {shown(target)} does not fit a model that predicts numbers",
            expected="numbers",
            got=shown(str(values[0])),
        )
    truth, predicted = values.astype(np.float64), estimator.predict(X)
    return Findings(target, score(truth, predicted), truth, predicted, (), notes)


def _check_answers(target: str, names: list[str]) -> None:
    if target not in names:
        near = close_match(target, names)
        raise InputError(
            f"there is no column {shown(target)}, so the answers are missing",
            expected=f"one of {listing(names)} as --target",
            hint=f"--target {shlex.quote(near)}" if near else "clearprop predict, which needs no answers",
        )


def _find_classes(estimator: Any, X: Any, values: Array, target: str, notes: tuple[str, ...]) -> Findings:
    """Return the findings on classes; a class that the model does not know counts as predicted wrongly."""
    known, given = estimator.classes_.tolist(), values.tolist()
    new = sorted(set(given) - set(known), key=str)
    numbers = {value: k for k, value in enumerate([*known, *new])}
    truth = np.array([numbers[value] for value in given])
    is_known = truth < len(known)
    if not is_known.any():
        raise InputError(
            f"column {shown(target)} holds no class that the model knows",
            expected=listing(map(str, known)),
            got=listing(map(str, new)),
        )
    outputs = estimator.predict_proba(X)
    predicted = outputs.argmax(axis=1)
    scores = score(truth[is_known], outputs[is_known]) | {
        "accuracy": float((predicted == truth).mean()),
        "balanced_accuracy": balanced_accuracy(truth, predicted),
    }
    if new:
        unknown = f"{rows(int((~is_known).sum()))} of a class that the model does not know"
        effect = "wrong in the accuracies, left out of the log loss"
        notes = (*notes, f"{unknown} ({listing(map(str, new))}): {effect}")
    return Findings(target, scores, truth, predicted, tuple(map(str, numbers)), notes)


def _show(screen: Screen, findings: Findings) -> None:
    screen.title(f"{findings.target}: {rows(len(findings.truth))}")
    body = [[LABELS[name], figure(v, unitless=name in UNITLESS)] for name, v in findings.scores.items()]
    screen.table(["", ""], body)
    if not findings.names:
        _show_residuals(screen, findings)
        return
    _show_classes(screen, findings)
    show_confusion(screen, findings.matrix, findings.names)


def _show_classes(screen: Screen, findings: Findings) -> None:
    """Print how well each class is found; of many, the rarest to be found."""
    table = class_table(findings.truth, findings.predicted, len(findings.names))
    ranked = list(zip(findings.names, table, strict=True))
    screen.title("classes")
    if len(ranked) > MOST_CLASSES:
        ranked = sorted(ranked, key=lambda pair: pair[1]["f1"])[:MOST_CLASSES]
        screen.line(f"the {MOST_CLASSES} of {len(table)} with the lowest F1")
    body = [
        [
            short(name, 24),
            *(figure(of[key], unitless=True) for key in ("precision", "recall", "f1")),
            figures(int(of["rows"])),
        ]
        for name, of in ranked
    ]
    screen.table(["", "precision", "recall", "F1", "rows"], body)


def _show_residuals(screen: Screen, findings: Findings) -> None:
    summary = residual_summary(findings.truth, findings.predicted)
    screen.title("residuals, true − predicted")
    screen.table(list(summary), [[figure(value) for value in summary.values()]], left=0)


def _plot(findings: Findings, path: Path) -> None:
    if findings.names:
        plot_confusion(findings.matrix, findings.names, path)
    else:
        plot_predictions(findings.truth, findings.predicted, path, target=findings.target)


def _to_dict(model: Path, data: Path, plot: Path | None, findings: Findings) -> dict[str, Any]:
    common = {
        "model": str(model),
        "data": str(data),
        "plot": plot and str(plot),
        "target": findings.target,
        "rows": len(findings.truth),
        "metrics": findings.scores,
        "notes": findings.notes,
    }
    if not findings.names:
        return {**common, "residuals": residual_summary(findings.truth, findings.predicted)}
    table = class_table(findings.truth, findings.predicted, len(findings.names))
    classes = [{"class": name, **of} for name, of in zip(findings.names, table, strict=True)]
    return {**common, "classes": classes, "confusion_matrix": findings.matrix.tolist()}
