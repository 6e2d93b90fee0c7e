"""Planted twins: the same network and data with a mistake in it, for every known mistake and place."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

import numpy as np

from ...rules.array import Array
from ...story.recording import layer_in
from .local import Local, Place, local_mistakes
from .passing import Passing, passing_mistakes, updates_too_early
from .tracing import Problem, Trace, Values

__all__ = ["Twin", "guess_rates", "twins"]

_ROUNDS = 30  # to find what is not given of a step
_USUAL_RATES = (0.001, 0.01, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0)


@dataclass(frozen=True)
class Twin:
    """A network with a mistake: its key, where it is, and its quantities by name, found when asked for."""

    key: str
    where: str
    value: Callable[[str], Any]


def twins(
    problem: Problem, right: Values, given: Mapping[str, Array], rates: Sequence[float], first_layer: int
) -> Iterator[Twin]:
    """Yield all twins that can differ from the right values as high up as in the first layer that differs.

    The commonest mistakes come first. `rates` are those of weights updated too early; what is `given` tells
    where an earlier step must have begun.
    """
    for passing in passing_mistakes(problem, rates):
        for layers in _places(passing.layers, problem.depth):
            if _reach(passing, layers, problem.depth) >= first_layer:
                where = _where(layers, problem.depth, next(iter(passing.plants)))
                yield Twin(passing.key, where, _planted(problem, right, passing, layers))
    yield from _of_the_whole(problem, right, given)
    for local in local_mistakes(problem):
        for layers in _places(local.layers, problem.depth):
            if max(layers) >= first_layer:
                yield Twin(local.key, _where(layers, problem.depth), _altered(problem, right, local, layers))


def guess_rates(problem: Problem, right: Values, name: str, mine: Any) -> Iterator[float]:
    """Yield the learning rates by which early updates would explain a quantity.

    The quantity that differs first follows linearly from the rate where one layer lies above it.
    """
    if problem.sequential or problem.depth == 1 or np.shape(mine) != np.shape(right[name]):
        return
    for _, plants, layers in updates_too_early(problem, 1.0):
        twin = Trace(problem, plants, layers).run_back(right)
        slope, step = np.subtract(right[name], twin[name]), np.subtract(right[name], mine)
        rate = float(np.sum(slope * step) / np.sum(slope * slope))
        if 0 < rate < np.inf:  # not so where nothing changes, or all overflows
            yield rate


def _places(layers: frozenset[int], depth: int) -> Iterator[frozenset[int]]:
    """Yield the sets of layers in which a mistake may have been made, the smallest first, all at last."""
    seen: set[frozenset[int]] = {frozenset()}
    for places in (*(frozenset({k}) for k in sorted(layers)), layers & frozenset(range(1, depth)), layers):
        if places not in seen:
            seen.add(places)
            yield places


def _where(layers: frozenset[int], depth: int, part: str = "") -> str:
    """Return in words where a mistake was made."""
    numbers = sorted(layers)
    if part == "loss_back":
        return "in the output's delta"
    if part == "pass_back":
        return f"on the way back through {' and '.join(f'W{k}' for k in numbers)}"
    if len(numbers) == depth > 1:
        return "in all layers"
    return f"in layer {' and '.join(map(str, numbers))}"


def _reach(passing: Passing, layers: frozenset[int], depth: int) -> int:
    """Return the highest layer that a mistake changes anything in on the way back."""
    if _is_forward(passing):
        return depth
    return max(layers) - ("pass_back" in passing.plants)


def _is_forward(passing: Passing) -> bool:
    return bool({"dense", "activate"} & set(passing.plants))


def _planted(
    problem: Problem, right: Values, passing: Passing, layers: frozenset[int]
) -> Callable[[str], Any]:
    @cache
    def values() -> Values:
        trace = Trace(problem, passing.plants, layers)
        return trace.run() if _is_forward(passing) else trace.run_back(right)

    return lambda name: values()[name]


def _altered(problem: Problem, right: Values, local: Local, layers: frozenset[int]) -> Callable[[str], Any]:
    @cache
    def gradients(layer: int) -> tuple[Any, Any]:
        return local.gradients(Place(problem, right, layer))

    def value(name: str) -> Any:
        kind, layer = _kind_of(name), layer_in(name)
        return gradients(layer)[kind == "b"] if kind and layer in layers else right[name]

    return value


def _of_the_whole(problem: Problem, right: Values, given: Mapping[str, Array]) -> Iterator[Twin]:
    """Yield twins whose gradients are those of another layer or step."""
    everywhere = "in all layers" if problem.depth > 1 else "in layer 1"
    for before in (right, *_step_before(problem, right, given)):
        yield Twin("accumulated_gradients", everywhere, partial(_added_up, right, before))
    yield Twin("sign", "in the update", lambda name: -right[name] if name.endswith("_new") else right[name])
    for order in _swaps(problem.depth):
        for kinds in ("Wb", "W", "b"):
            yield Twin("layers_swapped", _swapped(order), partial(_exchanged, right, order, kinds))


def _added_up(right: Values, before: Values, name: str) -> Any:
    return right[name] + before[name] if _kind_of(name) else right[name]


def _step_before(problem: Problem, right: Values, given: Mapping[str, Array]) -> Iterator[Values]:
    """Yield the gradients of the step before, if what is given holds them on top of the right ones.

    What is too much in the gradients tells where a plain step on this batch began; there, it must be the
    gradient. Where not all are given, the others are found by asking again from where the answer leads.
    """
    too_much = _too_much(problem, right, given)
    if not too_much:
        return
    unknown = [name for name in problem.net.parameters if name not in too_much]
    for rate in (problem.rate,) if problem.rate else _USUAL_RATES:
        before = {name: right[f"d{name}"] for name in problem.net.parameters} | too_much
        for _ in range(_ROUNDS if unknown else 1):
            step = np.concatenate([np.ravel(array) for array in before.values()])
            values = Trace(problem.at(problem.net.parameters.vector + rate * step)).run()
            moved = [name for name in unknown if not np.allclose(values[f"d{name}"], before[name], rtol=1e-9)]
            before |= {name: values[f"d{name}"] for name in unknown}
            if not moved:
                break
        yield values


def _too_much(problem: Problem, right: Values, given: Mapping[str, Array]) -> dict[str, Array]:
    """Return by how much gradients are too large, by parameter; nothing where that makes no sense."""
    found = {}
    for name in problem.net.parameters:
        key = f"d{name}" if f"d{name}" in given else f"{name}_new"
        if key in given:
            if given[key].shape != np.shape(right[key]) or not np.isfinite(given[key]).all():
                return {}
            found[name] = given[key] - right[key]
    return found


def _swaps(depth: int) -> Iterator[dict[int, int]]:
    """Yield the ways in which layers are taken for each other: the whole order reversed, or two of them."""
    if depth > 2:
        yield {k: depth + 1 - k for k in range(1, depth + 1)}
    yield from ({i: j, j: i} for i, j in itertools.combinations(range(1, depth + 1), 2))


def _swapped(order: dict[int, int]) -> str:
    return " and ".join(f"layer {j} for {i}" for i, j in order.items() if i < j)


def _exchanged(right: Values, order: Mapping[int, int], kinds: str, name: str) -> Any:
    kind, layer = _kind_of(name), layer_in(name) or 0
    if not kind or kind not in kinds or layer not in order:
        return right[name]
    return right[name.replace(str(layer), str(order[layer]))]


def _kind_of(name: str) -> str:
    """Return the kind of parameter that a quantity belongs to: "W" for dW1 and W1_new; "" for none."""
    match = re.fullmatch(r"d([Wb])\d+|([Wb])\d+_new", name)
    return (match[1] or match[2]) if match else ""
