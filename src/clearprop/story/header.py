"""The conventions of a step, said in words and formulas: they differ from source to source."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .. import __version__
from ..data import Data
from ..network import Network
from .equations import equations, rename
from .formulas import to_text
from .numbers import number

AVERAGED = "summed over the outputs, averaged over the samples"
REDUCTIONS = {"mean_squared_error": "averaged over the outputs and over the samples"}


def conventions(
    net: Network, data: Data, optimizer: Any, eta: float, update: str, freeze: Sequence[str]
) -> tuple[tuple[str, str], ...]:
    """Return the header of a story: pairs of a term and what holds here."""
    names = " → ".join(dict.fromkeys(layer.activation for layer in net.layers))
    terms = {
        "network": f"{'-'.join(map(str, net.sizes))}, {names}, {net.parameters.vector.size} parameters",
        "samples": f"{len(data)}, all at once" + ("" if data.weights is None else ", weighted"),
        "loss": f"{net.loss_function.name}{_options(net)}: {_loss_formula(net)}{_with_penalty(net)}",
        "reduction": _reduction(net, data),
        "penalty": _penalty(net),
        "gradients": "dQ is ∂L/∂Q, with the shape of Q",
        "bias": _bias(net, freeze),
        "update": f"{_optimizer(optimizer)}, η = {number(eta)}, {ORDERS[update]}",
        "numbers": f"{net.dtype}, {_origin(net)}, numpy engine, clearprop {__version__}",
    }
    if any(layer.dropout for layer in net.layers):
        terms["dropout"] = "left out here; training silences units at random"
    return tuple(terms.items())


ORDERS = {
    "simultaneous": "simultaneous: all gradients are taken with the old weights",
    "sequential": "sequential: the output layer first, and the error passes back through its new weights",
}


def _loss_formula(net: Network) -> str:
    lines = [f"{target} = {expression}" for target, expression in equations()[net.loss_function.name].lines]
    if net.loss_function.options.get("label_smoothing"):
        smoothed = [f"{target} = {line}" for target, line in equations()["label_smoothing"].lines]
        lines = [*smoothed, *(rename(line, {"Y": "T"}) for line in lines)]
    return "; ".join(to_text(line, SCALARS) for line in lines)


SCALARS = frozenset(("w", "delta", "q", "smoothing"))


def _with_penalty(net: Network) -> str:
    return "; to which the penalty is added" if net.l1 or net.l2 else ""


def _origin(net: Network) -> str:
    """Return where the first weights come from."""
    if net.init == "given":
        return "first weights given"
    return f"first weights {net.init}, {'no seed' if net.seed is None else f'seed {net.seed}'}"


def _options(net: Network) -> str:
    options = ", ".join(f"{name} {number(value)}" for name, value in net.loss_function.options.items())
    return f" ({options})" if options else ""


def _reduction(net: Network, data: Data) -> str:
    count = "1" if len(data) == 1 else f"1/{len(data)}"
    share = f"w = {count}" if data.weights is None else "w = each sample's weight over their total"
    return f"{REDUCTIONS.get(net.loss_function.name, AVERAGED)}; {share}"


def _penalty(net: Network) -> str:
    parts = [f"{number(net.l1)}·Σ|W|"] if net.l1 else []
    parts += [f"{number(net.l2)}/2·ΣW²"] if net.l2 else []
    return f"{' + '.join(parts)}, on weights and not on biases" if parts else "none"


def _bias(net: Network, freeze: Sequence[str]) -> str:
    frozen = [name for name in net.parameters if name in freeze]
    return f"one a unit; frozen: {', '.join(frozen)}" if frozen else "one a unit, updated like the weights"


def _optimizer(optimizer: Any) -> str:
    settings = {k: v for k, v in vars(optimizer).items() if k != "learning_rate"}
    name = "gradient descent" if type(optimizer).__name__ == "SGD" else type(optimizer).__name__
    return name + (f" ({', '.join(f'{k} {number(v)}' for k, v in settings.items())})" if settings else "")
