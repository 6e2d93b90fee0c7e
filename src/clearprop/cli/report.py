"""`--report`: one page that holds all results of a training, and asks no server for anything."""

from __future__ import annotations

import html
import re
import shlex
from collections.abc import Iterable, Sequence
from importlib.resources import files
from string import Template
from typing import Any

import numpy as np
from sklearn.metrics import confusion_matrix

from .. import __version__
from .confusion import confusions
from .fitting import Lesson, Results
from .results import metric_rows, network_line
from .settings import TrainSettings
from .svg import line_chart, scatter_chart
from .text import figures, several, short, visible

__all__ = ["page"]

MOST_COLUMNS = 200
MOST_OPEN_COLUMNS = 12
MOST_CLASSES = 20
MOST_CONFUSIONS = 30


def page(settings: TrainSettings, lesson: Lesson, estimator: Any, results: Results, training: str) -> str:
    """Return the page as HTML; every text in it that comes from the user is escaped."""
    template = Template(files(__package__).joinpath("report.html").read_text(encoding="utf-8"))
    known, history = lesson.understanding, estimator.history_
    return template.substitute(
        title=_escaped(f"{short(known.target)} from {short(known.file.path.name)}"),
        subtitle=_escaped(f"{known.task.kind.capitalize()} by a neural network, beside simpler models"),
        verdict=_paragraphs(results.verdict.sentences),
        metrics=_metrics(results),
        network=_escaped(network_line(estimator)),
        training=_sentence(training),
        curve=_curve(history),
        keys=_keys(history),
        outcome=_outcome(lesson, estimator, results),
        file=_escaped(known.file_line()),
        target=_sentence(f"To learn: {known.target}, {known.target_line()}. {known.task.kind.capitalize()}: "
                        f"{known.task.reason}."),
        notes=_paragraphs(f"Note: {note}" for note in known.notes),
        columns=_columns(known.columns),
        command="\n".join(map(_escaped, _command(settings).split("\n"))),
        settings=_settings(settings),
        version=__version__,
    )  # fmt: skip


def _escaped(text: object) -> str:
    return html.escape(visible(text))


def _sentence(text: str) -> str:
    """Return the text with the command's options marked as such, so that none is broken at its hyphens."""
    return re.sub(r"(?<!\S)--[a-z]+(?:-[a-z]+)*", r"<code>\g<0></code>", _escaped(text))


def _paragraphs(texts: Iterable[str]) -> str:
    return "".join(f"<p>{_sentence(text)}</p>" for text in texts)


def _table(
    heads: Sequence[str],
    body: Iterable[Sequence[object]],
    *,
    left: int = 1,
    caption: str = "",
    strong: int = -1,
) -> str:
    """Return a table; the first columns, `left` of them, are text, the others numbers."""

    def cell(tag: str, k: int, text: object) -> str:
        kinds = " ".join(["number"] * (k >= left) + ["strong"] * (k == strong))
        attribute = f' class="{kinds}"' if kinds else ""
        return f"<{tag}{attribute}>{_escaped(text)}</{tag}>"

    head = "".join(cell("th", k, text) for k, text in enumerate(heads))
    lines = ("".join(cell("td", k, text) for k, text in enumerate(row)) for row in body)
    rows = "".join(f"<tr>{line}</tr>" for line in lines)
    below = f"<caption>{_escaped(caption)}</caption>" if caption else ""
    return f"<table>{below}<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def _metrics(results: Results) -> str:
    body = [[part, name, *values] for part, name, values in metric_rows(results)]
    heads = ["", "", "network", "linear", "baseline"]
    return _table(heads, body, left=2, caption=f"baseline: {results.baseline}", strong=2)


def _curves(history: Any) -> dict[str, list[float]]:
    curves = {"training loss": history.train_loss, "validation loss": history.validation_loss}
    return {name: curve for name, curve in curves.items() if None not in curve}


def _curve(history: Any) -> str:
    return line_chart(_curves(history), history.epoch[0], history.best_epoch, "loss")


def _keys(history: Any) -> str:
    keys = [f'<span class="key key{k}">{name}</span>' for k, name in enumerate(_curves(history))]
    best = (
        ""
        if history.best_epoch is None
        else f"<br>The dotted line is epoch {history.best_epoch}, the best one."
    )
    return " ".join(keys) + best


def _outcome(lesson: Lesson, estimator: Any, results: Results) -> str:
    """Return the picture of the held-out rows, or nothing where there are none."""
    truth = lesson.truth[lesson.held_out]
    if not len(truth):
        return ""
    if not lesson.task.is_classification:
        chart = scatter_chart(truth.tolist(), results.outputs.tolist(), lesson.understanding.target)
        return f"<h2>Predicted and true, held-out rows</h2><figure>{chart}</figure>"
    names = [str(name) for name in estimator.classes_.tolist()]
    matrix = confusion_matrix(truth, results.outputs.argmax(axis=1), labels=np.arange(len(names)))
    return f'<h2>Held-out rows by class</h2><div class="scroll">{_confusion(matrix, names)}</div>'


def _confusion(matrix: Any, names: list[str]) -> str:
    if len(names) > MOST_CLASSES:
        found = [[short(a), short(b), figures(n)] for a, b, n in confusions(matrix, names)]
        return _table(["true", "taken for", "rows"], found[:MOST_CONFUSIONS], left=2)
    heads = "".join(f'<th scope="col">{_escaped(short(name, 24))}</th>' for name in names)
    lines = []
    for name, row in zip(names, matrix.tolist(), strict=True):
        cells = "".join(
            f'<td class="number" style="--share: {n / max(sum(row), 1):.3f}">{n}</td>' for n in row
        )
        lines.append(f'<tr><th scope="row">{_escaped(short(name, 24))}</th>{cells}</tr>')
    return (
        '<table class="confusion"><caption>rows: the true class; columns: the predicted one</caption>'
        f"<thead><tr><th></th>{heads}</tr></thead><tbody>{''.join(lines)}</tbody></table>"
    )


def _columns(columns: list[dict[str, Any]]) -> str:
    """Return the table of columns, folded up where they are many."""
    with_missing = any(column["missing"] for column in columns)
    heads = ["column", "kind", *(["missing"] if with_missing else []), "detail"]
    keys = [("name" if head == "column" else head) for head in heads]
    shown = [column | {"name": short(column["name"])} for column in columns[:MOST_COLUMNS]]
    body = [[column[key] or "" for key in keys] for column in shown]
    more = len(columns) - MOST_COLUMNS
    caption = f"and {several(more, 'more column')}" if more > 0 else ""
    table = f'<div class="scroll">{_table(heads, body, left=4, caption=caption)}</div>'
    if len(columns) <= MOST_OPEN_COLUMNS:
        return table
    return f"<details><summary>{several(len(columns), 'column')}</summary>{table}</details>"


def _words(value: Any) -> str:
    return ",".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _command(settings: TrainSettings) -> str:
    """Return the command that does the same again, with what differs from the defaults."""
    lines = [shlex.join(["clearprop", "train", str(settings.data)])]
    default = vars(TrainSettings(settings.data))
    for name, value in vars(settings).items():
        if value != default[name]:
            each = value if name == "ignore" else [_words(value) or "none"]
            lines += [shlex.join([f"--{name.replace('_', '-')}", str(one)]) for one in each]
    return " \\\n    ".join(lines)


def _settings(settings: TrainSettings) -> str:
    named = [(name.replace("_", " "), value) for name, value in vars(settings).items()]
    body = [[name, "by default" if value is None else _words(value) or "none"] for name, value in named]
    return _table(["setting", ""], body, left=2)
