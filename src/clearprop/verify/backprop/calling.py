"""Calling a user's own backpropagation, in the way that its signature asks for."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ...arrays import as_targets
from ...errors import InputError
from ...network import Network
from ...rules.array import Array

__all__ = ["Layout", "call", "is_handed_parameters", "layouts"]

_FORMS = "f(X, Y, parameters), f(X, Y, W1, b1, …), f(X, Y, weights, biases) or f(X, Y)"


@dataclass(frozen=True)
class Layout:
    """How a function takes its arrays."""

    says: str
    transposes_weights: bool = False
    transposes_samples: bool = False
    targets: Array | None = None  # Y in another form, where the one that is given is not meant


_LAYOUTS = (
    Layout(""),
    Layout("W is stored transposed, (outputs, inputs)", transposes_weights=True),
    Layout(
        "samples are columns: X (inputs, n), W (outputs, inputs)",
        transposes_weights=True,
        transposes_samples=True,
    ),
)


def layouts(net: Network, Y: ArrayLike) -> Iterator[Layout]:
    """Yield the ways in which a function may take its arrays, the plainest first."""
    yield from _LAYOUTS
    says, targets = _other_targets(net, np.asarray(Y))
    if targets is not None:
        for layout in _LAYOUTS:
            yield replace(layout, says="; ".join(filter(None, (layout.says, says))), targets=targets)


def _other_targets(net: Network, Y: Array) -> tuple[str, Array | None]:
    """Return the other form in which these targets are often written, if there is one, and it in words."""
    n, outputs = len(Y), net.sizes[-1]
    if net.loss_function.targets == "class":
        if Y.size == n:
            one_hot = np.array(as_targets(net.loss_function, Y, n, outputs, net.dtype))
            return f"Y has a row for each sample with a single 1, (n, {outputs})", one_hot
        is_one_hot = ((Y == 0) | (Y == 1)).all() and (Y.sum(axis=1) == 1).all()
        return "Y holds class numbers, (n,)", Y.argmax(axis=1) if is_one_hot else None
    if outputs > 1:
        return "", None
    if Y.ndim == 1:
        return "Y is a column, (n, 1): with a Y of shape (n,), A − Y would be (n, n)", Y[:, None]
    return "Y is (n,), a number for each sample", Y[:, 0]


def call(function: Callable[..., Any], net: Network, X: ArrayLike, Y: ArrayLike, layout: Layout) -> Any:
    """Return what the function gives for copies of the inputs, the targets and the parameters.

    Raises:
        InputError: the function takes other arguments.
    """
    inputs = np.array(X, dtype=net.dtype)
    targets = np.array(Y if layout.targets is None else layout.targets)
    if layout.transposes_samples:
        inputs, targets = inputs.T, targets.T
    parameters = {name: _laid_out(name, array, layout) for name, array in net.parameters.items()}
    return function(inputs, targets, *_arguments(function, parameters, len(net.layers)))


def is_handed_parameters(function: Callable[..., Any]) -> bool:
    """Return whether the function takes the parameters, rather than keeping its own."""
    names, takes_all = _asked_for(function)
    return takes_all or len(names) > 2


def _laid_out(name: str, array: Array, layout: Layout) -> Array:
    if name.startswith("W"):
        return np.array(array.T if layout.transposes_weights else array)
    return array[:, None].copy() if layout.transposes_samples else array.copy()


def _arguments(function: Callable[..., Any], parameters: Mapping[str, Array], depth: int) -> list[Any]:
    """Return what comes after X and Y, as the signature asks for it."""
    names, takes_all = _asked_for(function)
    rest = names[2:]
    weights = [array for name, array in parameters.items() if name.startswith("W")]
    biases = [array for name, array in parameters.items() if name.startswith("b")]
    if takes_all:
        return list(parameters.values())
    if len(names) < 2:
        raise _unfit(function, names)
    if all(name in parameters for name in rest):
        return [parameters[name] for name in rest]
    if len(rest) == 1:
        return [dict(parameters)]
    if len(rest) == 2:
        return [*weights, *biases] if depth == 1 else [weights, biases]
    if len(rest) == 2 * depth:
        return list(parameters.values())
    raise _unfit(function, names)


def _asked_for(function: Callable[..., Any]) -> tuple[list[str], bool]:
    try:
        found = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):  # a function that is not written in Python
        raise _unfit(function, []) from None
    names = [
        each.name
        for each in found
        if each.default is each.empty and each.kind in (each.POSITIONAL_ONLY, each.POSITIONAL_OR_KEYWORD)
    ]
    return names, any(each.kind == each.VAR_POSITIONAL for each in found)


def _unfit(function: Callable[..., Any], names: Sequence[str]) -> InputError:
    name = getattr(function, "__name__", "the function")
    return InputError(f"{name} takes other arguments", expected=_FORMS, got=f"{name}({', '.join(names)})")
