"""Pictures: the course of a training, a confusion matrix, predictions against the truth. Needs matplotlib.

Each function returns a matplotlib figure of its own; none touches pyplot and its global state. What
other pictures need too, a figure, names that fit and a file, stands here for all.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Sequence
from os import PathLike, fspath
from pathlib import Path
from typing import Any

from .errors import InputError, MissingExtraError

__all__ = [
    "check_picture",
    "draw_losses",
    "new_figure",
    "plot_confusion",
    "plot_history",
    "plot_predictions",
    "saved",
    "short_name",
]

StrPath = str | PathLike[str]

BLUE, ORANGE, GREY = "#2563eb", "#ea580c", "#8a8f98"
MOST_COUNTS = 20  # more classes leave no room for a number in each cell
MOST_NAMES = 40  # and more of them no room for their names
STEEP = 20.0  # a loss that falls by more than this factor is drawn on a logarithmic scale


def plot_history(history: Any, path: StrPath | None = None) -> Any:
    """Draw loss and metric over the epochs of a `History`, and return the figure.

    Args:
        history: the record of a fit.
        path: where to save the picture, in the format of its ending: .png, .svg, .pdf, …

    Raises:
        InputError: a history without a finished epoch, or an ending that is no picture's.
        MissingExtraError: matplotlib is not installed.
    """
    if not history.epoch:
        raise InputError("there is nothing to draw", expected="a history with an epoch", got=repr(history))
    metric = [value for value in history.metric if value is not None]
    figure = new_figure(4.0 if not metric else 8.0, 3.4)
    axes = figure.subplots(1, 2 if metric else 1, squeeze=False)[0]
    curves = draw_losses(axes[0], history)
    if metric:
        axes[1].plot(history.epoch, history.metric, color=ORANGE if curves > 1 else BLUE)
        axes[1].set_title(f"{history.metric_name}, {'validation' if curves > 1 else 'training'}", loc="left")
        _over_epochs(axes[1], history)
    return saved(figure, path)


def draw_losses(ax: Any, history: Any) -> int:
    """Draw the losses of a `History` over its epochs; return how many: 1, or 2 with validation."""
    curves = [
        ("training", history.train_loss, BLUE, "-"),
        ("validation", history.validation_loss, ORANGE, "--"),
    ]
    curves = [curve for curve in curves if curve[1] and None not in curve[1]]
    for label, values, color, style in curves:
        marker = "o" if len(values) == 1 else None
        ax.plot(history.epoch, values, color=color, linestyle=style, label=label, marker=marker)
    ax.set_title("loss", loc="left")
    if _is_steep([value for _, values, *_ in curves for value in values]):
        ax.set_yscale("log")
    _over_epochs(ax, history)
    ax.legend(frameon=False)
    return len(curves)


def plot_confusion(matrix: Any, classes: Sequence[object], path: StrPath | None = None) -> Any:
    """Draw how often each class was taken for each class, and return the figure.

    Args:
        matrix: (classes, classes) counts; row: the true class, column: the predicted one.
        classes: their names.
        path: as for `plot_history`.

    Raises:
        InputError: a matrix that does not fit the names, or an ending that is no picture's.
        MissingExtraError: matplotlib is not installed.
    """
    rows, count = [[int(value) for value in row] for row in matrix], len(classes)
    if not count or [len(row) for row in rows] != [count] * count:
        raise InputError(
            "the matrix does not fit", expected=f"{count} × {count} counts", got=f"{len(rows)} rows"
        )
    shares = [[value / max(sum(row), 1) for value in row] for row in rows]
    size = min(2.4 + 0.5 * count, 14.0)
    figure = new_figure(size + 0.8, size)
    ax = figure.subplots()
    image = ax.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    figure.colorbar(image, ax=ax, label="share of the true class", fraction=0.046, pad=0.04)
    _name_classes(ax, [short_name(name) for name in classes])
    for i, row in enumerate(rows if count <= MOST_COUNTS else []):
        for j, value in enumerate(row):
            color = "white" if shares[i][j] > 0.5 else GREY if value == 0 else "black"
            ax.text(j, i, str(value) if value else "·", ha="center", va="center", color=color)
    return saved(figure, path)


def plot_predictions(
    truth: Any, predicted: Any, path: StrPath | None = None, *, target: str = "value"
) -> Any:
    """Draw predicted against true numbers, and how the residuals are spread; return the figure.

    Args:
        truth: (n,) true values.
        predicted: (n,) predicted ones.
        path: as for `plot_history`.
        target: what the values are.

    Raises:
        InputError: not as many predictions as true values, or an ending that is no picture's.
        MissingExtraError: matplotlib is not installed.
    """
    true, guess = [float(value) for value in truth], [float(value) for value in predicted]
    if len(true) != len(guess) or not true:
        raise InputError("predictions do not fit", expected=f"{len(true)} (1 or more)", got=len(guess))
    figure = new_figure(8.0, 3.8)
    left, right = figure.subplots(1, 2)
    ends = [min(true + guess), max(true + guess)]
    left.plot(ends, ends, color=GREY, linewidth=1, label="predicted = true")
    left.scatter(true, guess, s=14, color=BLUE, alpha=0.9 if len(true) < 200 else 0.35, linewidths=0)
    left.set_xlabel(f"true {short_name(target)}", parse_math=False)
    left.set_ylabel(f"predicted {short_name(target)}", parse_math=False)
    left.legend(frameon=False)
    right.hist(
        [a - b for a, b in zip(true, guess, strict=True)], bins=min(40, 5 + len(true) // 10), color=BLUE
    )
    right.axvline(0, color=GREY, linewidth=1)
    right.set_xlabel("residual, true − predicted")
    right.set_ylabel("rows")
    for ax in (left, right):
        ax.spines[["top", "right"]].set_visible(False)
    return saved(figure, path)


def check_picture(path: StrPath) -> str:
    """Return the format that a path's ending stands for.

    Raises:
        InputError: it stands for none.
        MissingExtraError: matplotlib is not installed.
    """
    ending = Path(fspath(path)).suffix.lower().lstrip(".")
    known = new_figure(1.0, 1.0).canvas.get_supported_filetypes()
    if ending not in known:
        raise InputError(
            f"{fspath(path)!r} does not end like a picture", expected=f"one of .{', .'.join(sorted(known))}"
        )
    return ending


def new_figure(width: float, height: float) -> Any:
    """Return an empty figure of that size in inches, which draws into memory.

    Raises:
        MissingExtraError: matplotlib is not installed.
    """
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError:
        raise MissingExtraError("pictures need matplotlib", hint='pip install "clearprop[plots]"') from None
    figure = Figure(figsize=(width, height), dpi=150, layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def _over_epochs(ax: Any, history: Any) -> None:
    ax.set_xlabel("epoch")
    ax.spines[["top", "right"]].set_visible(False)
    ax.xaxis.get_major_locator().set_params(integer=True)
    if history.best_epoch is not None:
        ax.axvline(history.best_epoch, color=GREY, linestyle=":", label=f"best epoch, {history.best_epoch}")


def _is_steep(values: list[float]) -> bool:
    return min(values) > 0 and max(values) / min(values) > STEEP


def _name_classes(ax: Any, names: list[str]) -> None:
    ax.set_xlabel("predicted")
    ax.set_ylabel("true")
    if len(names) > MOST_NAMES:
        return
    places, tilted = range(len(names)), max(map(len, names)) > 3
    ax.set_yticks(places, names, parse_math=False)
    ax.set_xticks(
        places, names, parse_math=False, rotation=45 if tilted else 0, ha="right" if tilted else "center"
    )


def short_name(name: object, limit: int = 24) -> str:
    """Return a name as text for a picture: printable, and cut where it is long."""
    text = "".join(letter if letter.isprintable() else "?" for letter in str(name))
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def saved(figure: Any, path: StrPath | None) -> Any:
    """Save the figure, where a path is given, and return it.

    It is drawn in memory first, so that no half picture is left.

    Raises:
        InputError: an ending that is no picture's.
    """
    if path is None:
        return figure
    ending = check_picture(path)
    picture = io.BytesIO()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing")  # a name in a script that the font lacks
        figure.savefig(picture, format=ending)
    Path(path).write_bytes(picture.getvalue())
    return figure
