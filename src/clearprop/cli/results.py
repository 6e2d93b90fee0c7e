"""What training gave, as sentences and rows of figures that terminal and page share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .fitting import Lesson, Results
from .scores import LABELS, UNITLESS
from .text import figure, figures, rows, several

__all__ = ["MODELS", "metric_rows", "network_line", "training_line"]

PARTS = {"held_out": "held out", "train": "training"}
MODELS = ("network", "linear", "baseline")


def network_line(estimator: Any) -> str:
    """Return the sentence on the network: its sizes, its activations, its parameters."""
    net = estimator.network_
    shape = " → ".join(map(str, net.sizes))
    activations = ", ".join(dict.fromkeys(layer.activation for layer in net.layers))
    size = figures(net.parameters.vector.size)
    return f"network {shape} ({activations}), {size} parameters, {net.loss_function.name}"


def training_line(estimator: Any, lesson: Lesson, seconds: float) -> str:
    """Return the sentence on the training: rows, epochs, time, and why it ended."""
    history, most = estimator.history_, estimator.max_iter
    parts = [f"{rows(len(lesson.train))} to train on"]
    parts += [f"{figures(len(lesson.validation))} to know when to stop"] if len(lesson.validation) else []
    parts += [f"{figures(len(lesson.held_out))} held out"] if len(lesson.held_out) else []
    line = f"{', '.join(parts)}; {several(len(history), 'epoch')} in {seconds:.1f} s"
    if history.stopped_by == "callback":
        line += ", until the loss no longer fell"
    if history.best_epoch is not None:
        line += f"; the weights are those of epoch {history.best_epoch}, the best one"
    if history.train_loss and history.train_loss[-1] > history.train_loss[0]:
        rise = f"{figure(history.train_loss[0])} to {figure(history.train_loss[-1])}"
        line += f". The training loss rose from {rise}; a smaller --learning-rate may help"
    elif history.stopped_by == "epochs" and history.best_epoch in (None, most) and _falls(history.train_loss):
        line += f". The loss was still falling: --epochs {2 * most} may give more"
    return f"{line}."


def metric_rows(results: Results) -> Iterator[tuple[str, str, list[str]]]:
    """Yield part, metric, and the figures of network, linear model and baseline."""
    for part, label in PARTS.items():
        for k, name in enumerate(results.scores["network"].get(part, ())):
            values = [results.scores[model][part][name] for model in MODELS]
            yield "" if k else label, LABELS[name], [figure(v, unitless=name in UNITLESS) for v in values]


def _falls(losses: list[float]) -> bool:
    """Whether training was short, or its last tenth still lowered the loss by more than a twentieth."""
    return len(losses) < 20 or losses[-1] < 0.95 * losses[-1 - len(losses) // 10]
