"""From a table to a trained network, and to the models that it is measured against."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ..errors import InputError
from ..estimators.classifier import MLPClassifier
from ..estimators.regressor import MLPRegressor
from .messages import check_columns, counted, listing, shown
from .reading import TableFile, read_table, split_target
from .scores import Part, linear_model, outputs_of, score, trivial_model, unbent
from .settings import TrainSettings, check_loss, loss_of
from .splits import Rows, hold_out
from .tasks import Task, decide
from .text import figure
from .understanding import Understanding
from .verdict import Verdict, judge

__all__ = ["Lesson", "Results", "fit", "measure", "prepare"]

Array = NDArray[Any]

FEWEST_ROWS_TO_VALIDATE = 10_000  # fewer are worth more in training, which then runs its whole course
VALIDATION_FRACTION = 0.15


@dataclass(frozen=True)
class Lesson:
    """What there is to learn: features and target of all rows, and which rows serve for what."""

    understanding: Understanding
    features: pa.Table
    values: Array  # (n,) classes or numbers
    truth: Array  # (n,) class numbers or numbers
    train: Rows  # the network is fitted on these,
    validation: Rows  # and ended when the loss on these no longer falls;
    held_out: Rows  # these it never sees

    @property
    def task(self) -> Task:
        """Whether classes or numbers are to be learnt."""
        return self.understanding.task


@dataclass(frozen=True)
class Results:
    """Metrics by model, part of the rows and name; outputs for the held-out rows; the verdict."""

    scores: dict[str, dict[str, dict[str, float]]]
    outputs: Array
    verdict: Verdict
    baseline: str


def prepare(settings: TrainSettings) -> Lesson:
    """Read the table, decide on the task, and divide the rows.

    Raises:
        InputError: a file, column or target that does not fit, or a loss that does not fit the target.
    """
    file = read_table(settings.data)
    target = settings.target or _default_target(file)
    features, column, notes = split_target(file.table, target)
    features = _without(features, settings.ignore)
    if len(column) < 3:
        raise InputError(
            "there are too few rows to learn from", expected="3 or more", got=counted(len(column), "row")
        )
    task, values = decide(column, target, settings.task)
    check_loss(settings, is_classification=task.is_classification)
    understanding = Understanding.of(file, features, target, task, values, notes)
    truth = np.unique(values, return_inverse=True)[1] if task.is_classification else values
    groups = truth if task.is_classification else np.zeros(len(truth), dtype=np.intp)
    train, held_out = hold_out(groups, settings.test_fraction, settings.seed)
    validation = np.empty(0, dtype=np.intp)
    if len(train) >= FEWEST_ROWS_TO_VALIDATE:
        rest, chosen = hold_out(groups[train], VALIDATION_FRACTION, settings.seed, stream=1)
        train, validation = train[rest], train[chosen]
    return Lesson(understanding, features, values, truth, train, validation, held_out)


def fit(settings: TrainSettings, lesson: Lesson) -> tuple[Any, float]:
    """Return the fitted estimator, and the seconds that it took.

    Raises:
        InputError: a setting that does not fit the task.
        DivergedError: training met a number that is not finite.
    """
    estimator = _estimator(settings, lesson.task)
    watched = {}
    if len(lesson.validation):
        watched = {
            "X_val": lesson.features.take(lesson.validation),
            "y_val": lesson.values[lesson.validation],
        }
    began = time.perf_counter()
    estimator.fit(lesson.features.take(lesson.train), lesson.values[lesson.train], **watched)
    estimator.target_name_ = lesson.understanding.target
    return estimator, time.perf_counter() - began


def measure(estimator: Any, lesson: Lesson) -> Results:
    """Return the metrics of the network, of a linear model and of a trivial one, on the same rows.

    The other two are fitted on all rows that are not held out, and on the network's own inputs, unbent.
    """
    classes = lesson.task.is_classification
    known = np.sort(np.concatenate([lesson.train, lesson.validation]))
    X = unbent(estimator.transform_inputs(lesson.features))
    train, held_out = (
        Part(X[known], lesson.truth[known]),
        Part(X[lesson.held_out], lesson.truth[lesson.held_out]),
    )
    models = {
        "linear": linear_model(train, classes=classes),
        "baseline": trivial_model(train, classes=classes),
    }
    network = outputs_of(estimator, lesson.features)
    outputs = {"network": (network[known], network[lesson.held_out])}
    outputs |= {
        name: (outputs_of(model, train.X), _outputs(model, held_out)) for name, model in models.items()
    }
    scores = {}
    for name, (seen, unseen) in outputs.items():
        scores[name] = {"train": score(train.y, seen)}
        if len(held_out.y):
            scores[name]["held_out"] = score(held_out.y, unseen)
    verdict = judge(held_out.y, *(outputs[name][1] for name in ("network", "linear", "baseline")))
    return Results(scores, outputs["network"][1], verdict, _baseline_words(estimator, train))


def _outputs(model: Any, part: Part) -> Array:
    return outputs_of(model, part.X) if len(part.y) else np.empty(0)


def _baseline_words(estimator: Any, train: Part) -> str:
    if hasattr(estimator, "classes_"):
        most = estimator.classes_[np.bincount(train.y).argmax()]
        return f"always the most frequent class, {shown(str(most))}"
    return f"always the mean, {figure(float(train.y.mean()))}"


def _estimator(settings: TrainSettings, task: Task) -> Any:
    kind: Any = MLPClassifier if task.is_classification else MLPRegressor
    default_loss = "auto" if task.is_classification else "squared_error"
    activation = settings.activation
    return kind(
        settings.hidden,
        activation[0] if len(activation) == 1 else activation,
        loss=default_loss if settings.loss == "auto" else loss_of(settings.loss),
        alpha=settings.alpha,
        batch_size="auto" if settings.batch_size is None else settings.batch_size,
        learning_rate_init=settings.learning_rate,
        max_iter=settings.epochs,
        random_state=settings.seed,
        dropout=settings.dropout,
        verbose="auto",
    )


def _default_target(file: TableFile) -> str:
    names = file.table.column_names
    if file.format == "npz" and "y" in names:
        return "y"
    raise InputError(
        "no column to learn is named",
        expected=f"--target and one of {listing(names)}",
        hint="--target COLUMN",
    )


def _without(features: pa.Table, ignored: tuple[str, ...]) -> pa.Table:
    check_columns("--ignore", ignored, features.column_names)
    if len(set(ignored)) == features.num_columns:
        raise InputError("--ignore leaves no column to learn from", expected="one or more")
    return features.drop_columns(list(ignored))
