"""`clearprop show`: what is in a model file."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from ..estimators.columns import TableEncoder
from ..history import History
from .console import Screen
from .inference import target_of
from .messages import listing
from .paths import open_model
from .streams import write_json
from .text import figure, figures, several
from .understanding import show_columns

__all__ = ["describe_inputs", "show", "sparkline"]

BARS = "▁▂▃▄▅▆▇█"
Described = list[dict[str, Any]]


def show(path: Path, *, as_json: bool) -> None:
    """Run the command."""
    model = open_model(path)
    net = getattr(model, "network_", model)
    if as_json:
        write_json(_to_dict(path, model, net))
        return
    screen = Screen()
    screen.title(str(path))
    screen.line(_what(model))
    _show_layers(screen, net)
    inputs = describe_inputs(model)
    if inputs:
        screen.title(f"takes {several(len(inputs), 'column')}")
        show_columns(screen, inputs)
    if net.history is not None:
        _show_training(screen, net.history, net.epochs)


def describe_inputs(model: Any) -> Described:
    """Return how each column is understood; nothing for a bare network or one that knows no names."""
    inputs, names = getattr(model, "inputs_", None), getattr(model, "feature_names_in_", None)
    if isinstance(inputs, TableEncoder):
        return inputs.describe()
    if names is None:
        return []
    found = [("number", "as it stands")] * len(names)
    if inputs is not None:
        pairs = zip(inputs.center.tolist(), inputs.scale.tolist(), strict=True)
        found = [
            ("number", f"median {figure(c)}, spread {figure(1 / s)}")
            if s
            else ("constant", "the same value throughout")
            for c, s in pairs
        ]
    return [
        {"name": str(name), "kind": kind, "missing": 0, "detail": detail}
        for name, (kind, detail) in zip(names, found, strict=True)
    ]


def sparkline(values: list[float], width: int = 32) -> str:
    """Return a small picture of a falling loss, on a logarithmic scale where all are positive."""
    picked = [values[k * len(values) // width] for k in range(width)] if len(values) > width else values
    heights = [math.log(v) for v in picked] if min(picked) > 0 else picked
    low, high = min(heights), max(heights)
    if high == low:
        return BARS[0] * len(heights)
    return "".join(BARS[round((h - low) / (high - low) * (len(BARS) - 1))] for h in heights)


def _what(model: Any) -> str:
    target = target_of(model)
    of = "" if target is None else f" of {target}"
    if not hasattr(model, "network_"):
        return "a bare network: it takes and gives numbers"
    if not hasattr(model, "classes_"):
        return f"predicts numbers{of}"
    classes = model.classes_.tolist()
    return f"tells {several(len(classes), 'class', 'classes')} apart{of}: {listing(map(str, classes))}"


def _show_layers(screen: Screen, net: Any) -> None:
    body = []
    for layer in net.layers:
        dropout = f", dropout {layer.dropout:g}" if layer.dropout else ""
        shape, size = f"{layer.inputs} × {layer.outputs}", (layer.inputs + 1) * layer.outputs
        body.append([f"{layer.W}, {layer.b}", layer.activation + dropout, shape, figures(size)])
    screen.title(
        f"layers: {figures(net.parameters.vector.size)} parameters, {net.dtype}, {net.loss_function.name}"
    )
    screen.table(["", "activation", "shape", "parameters"], body, left=2)


def _show_training(screen: Screen, history: History, epochs: int) -> None:
    screen.title(f"training: {several(epochs, 'epoch')}")
    if not history.epoch:
        return
    optimizer = history.settings.get("optimizer")
    name = optimizer.get("name", "") if isinstance(optimizer, dict) else ""
    batch = history.settings.get("batch_size")
    screen.line(", ".join(part for part in (str(name), f"batches of {batch}" if batch else "") if part))
    curves: dict[str, list[Any]] = {
        "training loss": history.train_loss,
        "validation loss": history.validation_loss,
    }
    width = max(8, min(32, screen.width - 40))
    body = [
        [name, figure(curve[0]), sparkline(curve, width), figure(curve[-1])]
        for name, curve in curves.items()
        if None not in curve
    ]
    screen.table(["", "first", "", "last"], body, left=4)
    if history.best_epoch is not None:
        screen.line(f"the weights are those of epoch {history.best_epoch}, the best one")


def _to_dict(path: Path, model: Any, net: Any) -> dict[str, Any]:
    layers = [vars(layer) | {"parameters": (layer.inputs + 1) * layer.outputs} for layer in net.layers]
    return {
        "model": str(path),
        "kind": "classifier"
        if hasattr(model, "classes_")
        else "regressor"
        if model is not net
        else "network",
        "target": target_of(model),
        "classes": model.classes_.tolist() if hasattr(model, "classes_") else None,
        "layers": layers,
        "parameters": net.parameters.vector.size,
        "loss": net.loss_function.name,
        "dtype": str(net.dtype),
        "columns": describe_inputs(model),
        "epochs": net.epochs,
        "history": None if net.history is None else net.history.to_dict(),
    }
