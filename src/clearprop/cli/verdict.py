"""What the network is worth: whether it predicts held-out rows better than a linear model does."""

from __future__ import annotations

import math
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .text import figure, rows

__all__ = ["Verdict", "compare", "judge"]

Array = NDArray[Any]
Outcome = Literal["better", "as good", "worse"]

FEW_ROWS = 30
FAR = 2.0  # an RMSE so many times that of another model is no matter of chance
TINY = float(np.finfo(np.float64).eps)  # scikit-learn cuts probabilities there, too


NO_ROWS = (
    "No rows were held out: the figures say how well the network remembers its rows, "
    "not how well it predicts others."
)


class Verdict(NamedTuple):
    """The outcome against the linear model and against the baseline, None without held-out rows; in words."""

    against_linear: Outcome | None
    against_baseline: Outcome | None
    sentences: tuple[str, ...]


def judge(truth: Array, network: Array, linear: Array, baseline: Array) -> Verdict:
    """Return the verdict on outputs for held-out rows: probabilities (n, classes), or numbers (n,)."""
    n = len(truth)
    if n == 0:
        return Verdict(None, None, (NO_ROWS,))
    against_linear, metric = compare(truth, network, linear)
    against_baseline, _ = compare(truth, network, baseline)
    figures = [figure(_value(metric, truth, each), unitless=metric != "RMSE") for each in (network, linear)]
    words = f"{metric} {figures[0]} against {figures[1]} on {rows(n)} held out"
    sentences = [_WORDS[against_linear].format(words)]
    if against_baseline != "better":
        sentences.append(
            "The network is not clearly better than the baseline, which looks at no input: do not rely on it."
        )
    if n < FEW_ROWS:
        sentences.append(f"All of this rests on {rows(n)} held out, so chance has a large part in it.")
    return Verdict(against_linear, against_baseline, tuple(sentences))


def compare(truth: Array, ours: Array, theirs: Array) -> tuple[Outcome, str]:
    """Return how our outputs compare with others on the same rows, and by which metric.

    The metrics are the squared error of numbers, and of classes the accuracy, or where that is not
    clear the log loss. A difference is clear if it is more than twice its standard error; of the
    accuracy, only the rows count where one is right and the other wrong (McNemar's test).
    """
    if ours.ndim == 1:
        outcome = _outcome((truth - theirs) ** 2 - (truth - ours) ** 2)
        ratio = (_value("RMSE", truth, ours) + TINY) / (_value("RMSE", truth, theirs) + TINY)
        if outcome == "as good" and not 1 / FAR < ratio < FAR:  # one huge error hides in its own spread
            outcome = "better" if ratio < 1 else "worse"
        return outcome, "RMSE"
    hits = (ours.argmax(axis=1) == truth) * 1.0 - (theirs.argmax(axis=1) == truth)
    spread = math.sqrt(float(np.square(hits).sum()))
    if abs(hits.sum()) > 2 * spread:
        return "better" if hits.sum() > 0 else "worse", "accuracy"
    by_loss = _outcome(_surprise(truth, theirs) - _surprise(truth, ours))
    return by_loss, "accuracy" if by_loss == "as good" else "log loss"


def _outcome(gains: Array) -> Outcome:
    """Return the outcome of row-wise gains (n,) over the other model."""
    error = float(gains.std()) * math.sqrt(len(gains))
    if len(gains) < 2 or abs(gains.sum()) <= 2 * error:
        return "as good"
    return "better" if gains.sum() > 0 else "worse"


def _surprise(truth: Array, shares: Array) -> Array:
    """Return each row's log loss, (n,), for probabilities (n, classes)."""
    return np.asarray(-np.log(np.maximum(shares[np.arange(len(truth)), truth], TINY)))


def _value(metric: str, truth: Array, outputs: Array) -> float:
    if metric == "RMSE":
        return math.sqrt(float(np.square(truth - outputs).mean()))
    if metric == "log loss":
        return float(_surprise(truth, outputs).mean())
    return float((outputs.argmax(axis=1) == truth).mean())


_WORDS: dict[Outcome, str] = {
    "better": "The network is worth it: it predicts better than a linear model ({}).",
    "as good": "A linear model, which is simpler, does as well as far as these rows can tell ({}).",
    "worse": "A linear model predicts better here ({}): prefer it, or train differently.",
}
