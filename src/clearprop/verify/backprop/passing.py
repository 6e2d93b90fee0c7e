"""Mistakes that pass on: planted in a delta or in the forward pass, they change all that comes after."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from ...ops import Rule, reference
from ...rules.array import Array
from .tracing import Call, Plant, Plants, Problem, input_of

__all__ = ["Passing", "factors", "passing_mistakes", "updates_too_early"]

_OTHERS = ("sigmoid", "tanh", "relu")


class Passing(NamedTuple):
    """A mistake by its key, what to plant, and the layers where it can be."""

    key: str
    plants: Plants
    layers: frozenset[int]


def factors(problem: Problem) -> list[tuple[str, float]]:
    """Return every factor that gets lost or doubled, by the key of the mistake, the commonest first."""
    n, outputs = problem.total, problem.net.sizes[-1]
    found = [
        ("sum_for_mean", n),
        ("mean_twice", 1 / n),
        ("factor_two", 2.0),
        ("factor_half", 0.5),
        ("factor_outputs", float(outputs)),
        ("factor_outputs", 1 / outputs),
        ("factor_outputs", 2 / outputs),
        ("factor_outputs", outputs / 2),
        ("sign", -1.0),
    ]
    return [(key, factor) for key, factor in found if factor != 1]


def passing_mistakes(problem: Problem, rates: Sequence[float]) -> Iterator[Passing]:
    """Yield all that pass on, the commonest first; `rates` are those of weights updated too early."""
    yield from _in_the_activation(problem)
    yield from _in_the_loss(problem)
    yield from _on_the_way_back(problem)
    for rate in rates:
        yield from updates_too_early(problem, rate)
    yield from _in_the_forward_pass(problem)


def updates_too_early(problem: Problem, rate: float) -> Iterator[Passing]:
    """Yield deltas that pass back through updated weights; where they should, one that does not.

    The weights are updated by the gradient of all samples or, in a loop over them, by that of each sample.
    """
    layers = frozenset(range(2, problem.depth + 1))
    if problem.sequential:
        yield Passing("old_weights", {"pass_back": partial(_through_old_weights, problem)}, layers)
        return
    yield Passing("updated_weights", {"pass_back": partial(_through_new_weights, rate)}, layers)
    yield Passing("updated_weights", {"pass_back": partial(_through_own_weights, problem, rate)}, layers)


def _through_old_weights(problem: Problem, call: Call) -> Any:
    return call.rule(call.operands[0], problem.net.parameters[f"W{call.layer}"])


def _through_new_weights(rate: float, call: Call) -> Any:
    dZ, W = call.operands
    return call.rule(dZ, *reference.sgd(W, call.values[f"dW{call.layer}"], rate))


def _through_own_weights(problem: Problem, rate: float, call: Call) -> Any:
    """Pass each sample back through the weights that it alone has updated."""
    dZ, W = call.operands
    X = input_of(problem, call.values, call.layer)
    passed = []
    for x, dz, own in zip(X[:, None], dZ[:, None], (dZ / problem.w)[:, None], strict=True):
        dW, _ = reference.dense_back(own, x)
        passed.append(call.rule(dz, *reference.sgd(W, dW, rate)))
    return np.concatenate(passed)


def _in_the_activation(problem: Problem) -> Iterator[Passing]:
    bent = _bent(problem)
    plants: tuple[tuple[str, Plant], ...] = (
        ("missing_activation_derivative", _no_slope),
        ("activation_derivative_twice", _twice),
        ("derivative_of_z", _slope_of_z),
        ("derivative_of_a", partial(_slope_of_a, problem)),
        *(("another_activation", plant) for plant in _of_others()),
        ("mask_of_gradient", _mask_of_gradient),
    )
    for key, plant in plants:
        yield Passing(key, {"activate_back": plant}, bent)
    # what passes on is dA, though dW and db are right
    yield Passing("missing_activation_derivative", {"pass_back": _pass_dA_back}, bent - {1})


def _bent(problem: Problem) -> frozenset[int]:
    """Return the layers whose activation has a derivative of its own on the way back."""
    layers = problem.layers[:-1] if problem.net.loss_function.is_fused else problem.layers
    return frozenset(layer.number for layer in layers if layer.activation != "identity")


def _no_slope(call: Call) -> Any:
    return call.operands[0]


def _twice(call: Call) -> Any:
    return call.rule(call.rule(*call.operands), *call.operands[1:])


def _slope_of_z(call: Call) -> Any:
    dA, Z, _ = call.operands
    return call.rule(dA, Z, Z)


def _slope_of_a(problem: Problem, call: Call) -> Any:
    dA, _, A = call.operands
    activation = getattr(reference, problem.layers[call.layer - 1].activation)
    return call.rule(dA, A, activation(A))


def _mask_of_gradient(call: Call) -> Any:
    return call.rule(*[call.operands[0]] * 3)


def _pass_dA_back(call: Call) -> Any:
    return call.rule(call.values[f"dA{call.layer}"], call.operands[1])


def _of_others() -> Iterator[Plant]:
    """Yield plants of another activation's derivative, at the output that there is and at its own."""
    for name in _OTHERS:
        back = getattr(reference, f"{name}_back")
        yield partial(_slope_by, back)
        if name != "relu":  # whose slope is the same for every A
            yield partial(_slope_by_its_own, back, getattr(reference, name))


def _slope_by(back: Rule, call: Call) -> Any:
    return back(*call.operands)


def _slope_by_its_own(back: Rule, activation: Rule, call: Call) -> Any:
    dA, Z, _ = call.operands
    return back(dA, Z, activation(Z))


def _in_the_loss(problem: Problem) -> Iterator[Passing]:
    last, loss = frozenset({problem.depth}), problem.net.loss_function
    if loss.is_fused:
        yield from _in_a_fused_loss(problem, last)
    for key, factor in factors(problem):
        yield Passing(key, {"loss_back": partial(_times, factor)}, last)
    yield Passing("target_missing", {"loss_back": _no_target}, last)
    yield Passing("sample_weight_missing", {"loss_back": _no_weights}, last)
    if loss.name in ("absolute_error", "huber", "quantile"):
        yield Passing("another_loss", {"loss_back": _squared}, last)


def _in_a_fused_loss(problem: Problem, last: frozenset[int]) -> Iterator[Passing]:
    backs = [problem.layers[-1].activation]
    backs += ["sigmoid"] * (backs == ["softmax"])  # A · (1 − A), as if its outputs were apart
    for name in backs:
        again = partial(_slope_as_well, getattr(reference, f"{name}_back"), problem.depth)
        plants: Plants = {"loss_back": again, "activate_back": _twice}
        yield Passing("activation_derivative_twice", plants, last | _bent(problem))


def _times(factor: float, call: Call) -> Any:
    return factor * call.rule(*call.operands)


def _slope_as_well(back: Rule, layer: int, call: Call) -> Any:
    return back(call.rule(*call.operands), call.values[f"Z{layer}"], call.operands[0])


def _no_target(call: Call) -> Any:
    A, T, *rest = call.operands
    return call.rule(A, 0 * T, *rest)


def _no_weights(call: Call) -> Any:
    A, T, _, *rest = call.operands
    return call.rule(A, T, 1 / len(A), *rest)


def _squared(call: Call) -> Any:
    return reference.squared_error_back(*call.operands[:3])


def _on_the_way_back(problem: Problem) -> Iterator[Passing]:
    layers = frozenset(range(2, problem.depth + 1))
    yield Passing("transposed_weights", {"pass_back": _transposed}, layers & _square(problem))
    for key, factor in factors(problem):
        if key in ("sum_for_mean", "mean_twice", "sign"):
            yield Passing(key, {"pass_back": partial(_times, factor)}, layers)
    for other in problem.layers:
        W = problem.net.parameters[other.W]
        alike = {k for k in layers - {other.number} if problem.net.parameters[f"W{k}"].shape == W.shape}
        yield Passing("layers_swapped", {"pass_back": partial(_through, W)}, frozenset(alike))


def _square(problem: Problem) -> frozenset[int]:
    return frozenset(layer.number for layer in problem.layers if layer.inputs == layer.outputs)


def _transposed(call: Call) -> Any:
    dZ, W = call.operands
    return call.rule(dZ, W.T)


def _through(W: Array, call: Call) -> Any:
    return call.rule(call.operands[0], W)


def _in_the_forward_pass(problem: Problem) -> Iterator[Passing]:
    layers, square = frozenset(range(1, problem.depth + 1)), _square(problem)
    yield Passing("bias_missing_forward", {"dense": _no_bias}, layers)
    yield Passing("activation_missing_forward", {"activate": _no_activation}, layers)
    yield Passing("transposed_weights", {"dense": _transposed_forwards}, square)
    yield Passing("transposed_weights", {"dense": _transposed_forwards, "pass_back": _transposed}, square)


def _no_bias(call: Call) -> Any:
    X, W, b = call.operands
    return call.rule(X, W, np.zeros_like(b))


def _no_activation(call: Call) -> Any:
    return call.operands[0]


def _transposed_forwards(call: Call) -> Any:
    X, W, b = call.operands
    return call.rule(X, W.T, b)
