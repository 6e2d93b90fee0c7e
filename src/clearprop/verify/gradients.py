"""The gradient check: are the gradients that training uses the slopes of the loss that it reports?"""

from __future__ import annotations

import copy
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from .. import passes
from ..arrays import as_inputs, as_targets, as_weights, shares
from ..checks import check_number, check_whole
from ..errors import InputError
from ..network import Network
from ..ops import Ops, reference
from ..parameters import Windows
from ..rules.array import Array
from .slopes import ANALYTIC, EPS, ROUNDOFF, LossOfVector, Slope, along_each_entry, complex_steps, differences

__all__ = ["GradientReport", "check_gradients"]


@dataclass(frozen=True)
class GradientReport:
    """What a gradient check found; true (`if report:`) where it passed.

    `error` is the largest relative error. It was found at `parameter[index]` ("W1", "b1", …, "X" for
    the inputs, or "direction"), where the gradient is `analytic` and the slope of the loss `numeric`.
    `wrong` names every parameter with an entry beyond the tolerance. `checked` entries were compared;
    `at_kink` more were not, since the loss has no slope there. A check that could compare nothing has
    not passed; its error is nan.
    """

    passed: bool
    method: str
    error: float
    parameter: str
    index: tuple[int, ...]
    analytic: float
    numeric: float
    checked: int
    at_kink: int
    tolerance: float
    wrong: tuple[str, ...]

    def __bool__(self) -> bool:
        return self.passed

    def __str__(self) -> str:
        if not self.checked:
            return (
                f"gradient check ({self.method}): UNDECIDED\n"
                "The point lies on a kink of the loss, where there is no slope to compare with; "
                'try method="central", or other inputs or parameters.'
            )
        place = f"{self.parameter}{list(self.index) if self.index else ''}"
        left_out = f", {self.at_kink} left out: the point lies on a kink there" if self.at_kink else ""
        lines = [
            f"gradient check ({self.method}): {'passed' if self.passed else 'FAILED'}",
            f"Largest relative error {self.error:.2g}, at {place} (tolerance {self.tolerance:g}): "
            f"gradient {self.analytic:.10g}, slope of the loss {self.numeric:.10g}.",
            f"Compared: {self.checked}{left_out}.",
        ]
        if self.wrong:
            lines.append(f"Wrong: {', '.join(self.wrong)}.")
        return "\n".join(lines)


def check_gradients(
    net: Network,
    X: ArrayLike,
    Y: ArrayLike,
    sample_weight: ArrayLike | None = None,
    *,
    method: str = "central",
    tolerance: float = 1e-6,
    seed: int = 0,
    ops: Ops = reference,
) -> GradientReport:
    """Compare the gradients of a network with the slopes of its loss, penalties included.

    The network is left untouched: the check runs on a copy in float64, whatever the network's own
    precision, and without dropout. A few samples suffice, as all pass through the same rules.

    Args:
        net: the network, at its present parameters.
        X: inputs (n, in).
        Y: targets, as for `net.loss`.
        sample_weight: (n,), as for `net.loss`.
        method: "central" compares every parameter and every input by central differences, at the
            cost of 4 forward passes for each, and more near kinks. "complex" does so by complex
            steps, whose error is near 1e-14, with analytic activations and losses and without l1.
            "direction" compares the slope along one random direction through all parameters, at
            the cost of some ten forward passes for any size; it tells that something is wrong, not what.
        tolerance: the largest relative error that passes. What roundoff of the loss explains is no
            error, so less than 1e-9 tells nothing new but in complex steps.
        seed: draws the direction, and the last bits by which roundoff is measured.
        ops: the rules, to check others than `clearprop.ops.reference`.

    Raises:
        InputError: arrays that do not fit, an unknown method, a complex step through a rule that is
            not analytic, or a loss that is not finite.

    >>> net = Network([2, 3, 1], "tanh", seed=0)
    >>> report = check_gradients(net, [[0.0, 1.0], [2.0, -1.0]], [1.0, 0.0])
    >>> report.passed, report.checked
    (True, 17)
    """
    if method not in ("central", "complex", "direction"):
        raise InputError("unknown method", expected="'central', 'complex' or 'direction'", got=repr(method))
    tolerance = check_number("tolerance", tolerance, above=0)
    rng = np.random.Generator(np.random.PCG64(check_whole("seed", seed, at_least=0)))
    loss = _loss_of_vector(net, X, Y, sample_weight, ops, method)
    with np.errstate(all="ignore"):  # a step may leave the range of a rule; it is then made shorter
        analytic = _gradient(loss)
        if method == "direction":
            v = _random_direction(loss, rng)
            slopes, analytic = list(differences(loss, [v], rng)), np.array([v @ analytic])
            return _judge(method, tolerance, analytic, slopes, [("direction", ())])
        if method == "central":
            slopes = list(differences(loss, along_each_entry(loss.point.size), rng))
        else:
            slopes = list(complex_steps(loss))
    places = [(name, index) for name, shape in loss.here.shapes.items() for index in np.ndindex(shape)]
    return _judge(method, tolerance, analytic, slopes, places)


def _loss_of_vector(
    net: Network, X: ArrayLike, Y: ArrayLike, sample_weight: ArrayLike | None, ops: Ops, method: str
) -> LossOfVector:
    """Return the loss on checked arrays, of a copy of the network in float64 with its own parameters."""
    if method == "complex":
        _check_analytic(net)
    inputs = as_inputs(X, net.sizes[0], np.float64)
    n = len(inputs)
    T = as_targets(net.loss_function, Y, n, net.sizes[-1], np.float64)
    w = shares(None if sample_weight is None else as_weights(sample_weight, n, np.float64), n)
    twin = copy.copy(net)
    twin.dtype = np.dtype(np.float64)
    twin._parameters = Windows(net.parameters.shapes, net.parameters.vector.astype(np.float64))
    return LossOfVector(twin, inputs, T, w, ops, np.complex128 if method == "complex" else np.float64)


def _check_analytic(net: Network) -> None:
    rules = [net.loss_function.name, *(layer.activation for layer in net.layers)]
    not_analytic = [name for name in rules if name not in ANALYTIC] + ["the penalty l1"] * bool(net.l1)
    if not_analytic:
        raise InputError(
            f"a complex step cannot pass through {not_analytic[0]}, which is not an analytic function here",
            hint='method="central"',
        )


def _gradient(loss: LossOfVector) -> Array:
    """Return the gradients of all parameters and dX as one vector, by the code that training uses."""
    net, X, T, w, ops = loss.net, loss.X, loss.T, loss.w, loss.ops
    gradients = net.new_gradients()
    net.differentiate(X, T, w, gradients, None, ops)
    seen = passes.forward(ops, net.layers, net.parameters, X, {})
    *_, (first, dZ) = net.backward(seen, T, w, net.new_gradients(), None, ops)
    dX = ops.dense_back_input(dZ, net.parameters[first.W])
    return np.concatenate([gradients.vector, dX.ravel()])


def _random_direction(loss: LossOfVector, rng: np.random.Generator) -> Array:
    """Return a unit vector through all parameters and no input."""
    v = rng.standard_normal(loss.point.size)
    v[loss.here.slices["X"]] = 0.0
    return np.asarray(v / np.linalg.norm(v))


def _judge(
    method: str,
    tolerance: float,
    analytic: Array,
    slopes: Sequence[Slope],
    places: Sequence[tuple[str, tuple[int, ...]]],
) -> GradientReport:
    """Return the report on gradients `analytic` beside the slopes of the loss at the same places."""
    numeric, doubt = np.array(slopes).T
    decided = ~np.isnan(numeric)
    noise = doubt + ROUNDOFF * EPS * np.linalg.norm(numeric[decided])
    size = np.maximum(np.maximum(np.abs(analytic), np.abs(numeric)), noise / tolerance)
    error = np.abs(analytic - numeric) / np.where(size > 0, size, 1.0)
    error[decided & ~np.isfinite(error)] = math.inf
    error[~decided] = -math.inf  # never the largest
    worst = int(error.argmax())
    wrong = dict.fromkeys(places[i][0] for i in np.flatnonzero(error > tolerance).tolist())
    parameter, index = places[worst]
    return GradientReport(
        passed=bool(decided.any() and not wrong),
        method=method,
        error=float(error[worst]) if decided.any() else math.nan,
        parameter=parameter,
        index=index,
        analytic=float(analytic[worst]),
        numeric=float(numeric[worst]),
        checked=int(decided.sum()),
        at_kink=int((~decided).sum()),
        tolerance=tolerance,
        wrong=tuple(wrong),
    )
