"""Mistakes that pass on: planted in a delta or in the forward pass, they change all that comes after."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from ...ops import reference
from ...rules.array import Array
from .tracing import Call, Plant, Plants, Problem

__all__ = ["Passing", "factors", "passing_mistakes", "update_too_early"]

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
    yield from (update_too_early(problem, rate) for rate in rates)
    yield from _in_the_forward_pass(problem)


def update_too_early(problem: Problem, rate: float) -> Passing:
    """Return the mistake of a delta that passes through updated weights, or the reverse where it should."""

    def through_new_weights(call: Call) -> Any:
        return call.rule(call.operands[0], call.operands[1] - rate * call.values[f"dW{call.layer}"])

    def through_old_weights(call: Call) -> Any:
        return call.rule(call.operands[0], problem.net.parameters[f"W{call.layer}"])

    layers = frozenset(range(2, problem.depth + 1))
    if problem.sequential:
        return Passing("old_weights", {"pass_back": through_old_weights}, layers)
    return Passing("updated_weights", {"pass_back": through_new_weights}, layers)


def _in_the_activation(problem: Problem) -> Iterator[Passing]:
    def activation(call: Call) -> Callable[[Array], Array]:
        return getattr(reference, problem.layers[call.layer - 1].activation)  # type: ignore[no-any-return]

    def missing(call: Call) -> Any:
        return call.operands[0]

    def of_z(call: Call) -> Any:
        dA, Z, _ = call.operands
        return call.rule(dA, Z, Z)

    def of_a(call: Call) -> Any:
        dA, _, A = call.operands
        return call.rule(dA, A, activation(call)(A))

    def mask_of_gradient(call: Call) -> Any:
        return call.rule(*[call.operands[0]] * 3)

    bent = _bent(problem)
    for key, plant in (
        ("missing_activation_derivative", missing),
        ("activation_derivative_twice", _twice),
        ("derivative_of_z", of_z),
        ("derivative_of_a", of_a),
        *(("another_activation", plant) for plant in _of_others()),
        ("mask_of_gradient", mask_of_gradient),
    ):
        yield Passing(key, {"activate_back": plant}, bent)
    yield Passing(
        "missing_activation_derivative",  # what passes on is dA, though dW and db are right
        {"pass_back": lambda call: call.rule(call.values[f"dA{call.layer}"], call.operands[1])},
        bent - {1},
    )


def _bent(problem: Problem) -> frozenset[int]:
    """Return the layers whose activation has a derivative of its own on the way back."""
    layers = problem.layers[:-1] if problem.net.loss_function.is_fused else problem.layers
    return frozenset(layer.number for layer in layers if layer.activation != "identity")


def _twice(call: Call) -> Any:
    return call.rule(call.rule(*call.operands), *call.operands[1:])


def _of_others() -> Iterator[Plant]:
    """Yield plants of another activation's derivative, at the output that there is and at its own."""
    for name in _OTHERS:
        forward, back = getattr(reference, name), getattr(reference, f"{name}_back")
        yield lambda call, back=back: back(*call.operands)  # type: ignore[misc]
        if name in ("sigmoid", "tanh"):
            yield (
                lambda call, f=forward, back=back: back(  # type: ignore[misc]
                    *call.operands[:2], f(call.operands[1])
                )
            )


def _in_the_loss(problem: Problem) -> Iterator[Passing]:
    last, loss = frozenset({problem.depth}), problem.net.loss_function
    backs = [problem.layers[-1].activation]
    backs += ["sigmoid"] * (backs == ["softmax"])  # A · (1 − A), as if its outputs were apart

    def as_well(back: str) -> Plant:
        def plant(call: Call) -> Any:
            Z = call.values[f"Z{problem.depth}"]
            return getattr(reference, f"{back}_back")(call.rule(*call.operands), Z, call.operands[0])

        return plant

    def times(factor: float) -> Plant:
        return lambda call: factor * call.rule(*call.operands)

    def no_target(call: Call) -> Any:
        A, T, *rest = call.operands
        return call.rule(A, 0 * T, *rest)

    def no_weights(call: Call) -> Any:
        A, T, _, *rest = call.operands
        return call.rule(A, T, 1 / len(A), *rest)

    if loss.is_fused:
        for back in backs:
            plants = {"loss_back": as_well(back), "activate_back": _twice}
            yield Passing("activation_derivative_twice", plants, last | _bent(problem))
    for key, factor in factors(problem):
        yield Passing(key, {"loss_back": times(factor)}, last)
    yield Passing("target_missing", {"loss_back": no_target}, last)
    yield Passing("sample_weight_missing", {"loss_back": no_weights}, last)
    if loss.name in ("absolute_error", "huber", "quantile"):
        squared = {"loss_back": lambda call: reference.squared_error_back(*call.operands[:3])}
        yield Passing("another_loss", squared, last)


def _on_the_way_back(problem: Problem) -> Iterator[Passing]:
    layers = frozenset(range(2, problem.depth + 1))
    square = frozenset(layer.number for layer in problem.layers if layer.inputs == layer.outputs)
    yield Passing("transposed_weights", {"pass_back": _transposed}, layers & square)

    for key, factor in factors(problem):
        if key in ("sum_for_mean", "mean_twice", "sign"):
            plant = {"pass_back": lambda call, f=factor: f * call.rule(*call.operands)}
            yield Passing(key, plant, layers)
    for other in problem.layers:
        W = problem.net.parameters[other.W]
        alike = {k for k in layers - {other.number} if problem.net.parameters[f"W{k}"].shape == W.shape}
        plant = {"pass_back": lambda call, W=W: call.rule(call.operands[0], W)}
        yield Passing("layers_swapped", plant, frozenset(alike))


def _transposed(call: Call) -> Any:
    dZ, W = call.operands
    return call.rule(dZ, W.T)


def _in_the_forward_pass(problem: Problem) -> Iterator[Passing]:
    def no_bias(call: Call) -> Any:
        X, W, b = call.operands
        return call.rule(X, W, np.zeros_like(b))

    def transposed(call: Call) -> Any:
        X, W, b = call.operands
        return call.rule(X, W.T, b)

    layers = frozenset(range(1, problem.depth + 1))
    square = frozenset(layer.number for layer in problem.layers if layer.inputs == layer.outputs)
    yield Passing("bias_missing_forward", {"dense": no_bias}, layers)
    yield Passing("activation_missing_forward", {"activate": lambda call: call.operands[0]}, layers)
    yield Passing("transposed_weights", {"dense": transposed}, square)
    yield Passing("transposed_weights", {"dense": transposed, "pass_back": _transposed}, square)
