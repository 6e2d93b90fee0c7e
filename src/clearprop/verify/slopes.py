"""Slopes of a network's loss, found by running it forwards only: central differences, complex steps.

The loss is taken as a function of one vector: all parameters, then all inputs. Three things spoil a
difference of two losses, and each is met:

- a step too long or too short: two steps, h and 2h, are taken and combined so that their leading
  error cancels (Richardson 1911); while they disagree, h shrinks;
- a kink between the two points, as of relu at 0: while one lies there, h shrinks; where the point
  itself lies on a kink there is no slope, and the answer is nan;
- roundoff of the loss, which is measured and handed back as the doubt that is left.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from .. import passes
from ..errors import InputError
from ..network import Network
from ..ops import Ops
from ..parameters import Windows
from ..rules.array import Array

ANALYTIC = frozenset(
    {"identity", "sigmoid", "tanh", "silu", "exp", "softmax"}
    | {"squared_error", "mean_squared_error", "poisson", "cross_entropy"}
)  # activations and losses that a complex step can pass through
CORNERS = frozenset({"relu", "leaky_relu", "selu", "absolute_error", "quantile"})  # the slope jumps
BENDS = frozenset({"elu", "huber"})  # the slope is continuous, its own slope jumps

EPS = float(np.finfo(np.float64).eps)
ROUNDOFF = 8.0  # how many times its measured size roundoff may be
AGREE = 1e-6  # when the slopes by h and 2h differ by this much, the error left is about its square
STEPS = tuple(2.0**-k for k in range(12, 37, 3))  # 2e-4 … 1.5e-11, times the entry where it is beyond 1
BEND_STEP = 1e-7  # a bend within so short a step costs less than the tolerance of a check
COMPLEX_STEP = 1e-20  # its square is lost beside 1


class Sides(NamedTuple):
    """On which side of each corner and each bend of the loss a point lies."""

    corners: bytes
    bends: bytes


class Slope(NamedTuple):
    """A slope of the loss, nan on a kink, and by how much roundoff may have changed it."""

    value: float
    doubt: float


class LossOfVector:
    """The loss of a network as a function of one vector: all parameters, then all inputs X (n, in)."""

    def __init__(
        self, net: Network, X: Array, T: Array, w: Array | float, ops: Ops, dtype: type[np.inexact[Any]]
    ) -> None:
        self.net, self.X, self.T, self.w, self.ops = net, X, T, w, ops
        self.point = np.concatenate([net.parameters.vector, X.ravel()])
        self.here = Windows({**net.parameters.shapes, "X": X.shape}, self.point.astype(dtype))

    def __call__(self, vector: Array) -> tuple[Any, Sides]:
        """Return the loss at a vector, penalty included, and the sides on which the vector lies."""
        net, here, seen = self.net, self.here, self._forward(vector)
        L = passes.loss_of(self.ops, net.loss_function, seen, self.T, self.w)
        P = passes.penalty_of(self.ops, net.layers, here, net.l1, net.l2)
        return L + P, self._sides(seen)

    def largest_term(self) -> float:
        """Return the size of what a fused loss adds up, which may be far more than it comes to."""
        if not self.net.loss_function.is_fused:
            return 0.0
        Z = self._forward(self.point)[-1].Z
        return (1.0 + float(np.abs(Z).max())) * max(1.0, float(self.T.max()))

    def _forward(self, vector: Array) -> list[passes.Seen]:
        self.here.vector[...] = vector
        return passes.forward(self.ops, self.net.layers, self.here, self.here["X"], {})

    def _sides(self, seen: Sequence[passes.Seen]) -> Sides:
        net, loss = self.net, self.net.loss_function
        places = [(layer.activation, each.Z) for layer, each in zip(net.layers, seen, strict=True)]
        if loss.name in CORNERS | BENDS:
            R = seen[-1].A - self.T
            places.append((loss.name, np.abs(R) - loss.options["delta"] if loss.name == "huber" else R))
        corners = [Q for name, Q in places if name in CORNERS]
        if net.l1:
            corners += [self.here[layer.W] for layer in net.layers]
        return Sides(_signs(corners), _signs([Q for name, Q in places if name in BENDS]))


def differences(loss: LossOfVector, directions: Iterable[Array], rng: np.random.Generator) -> Iterator[Slope]:
    """Yield the slope along each unit vector by central differences.

    Raises:
        InputError: the loss is not finite.
    """
    L, sides = _at_the_point(loss)
    roundoff = _roundoff(loss, L, rng)
    for v in directions:
        yield _slope(loss, v, sides, roundoff)


def complex_steps(loss: LossOfVector) -> Iterator[Slope]:
    """Yield ∂L/∂x = Im L(x + ih)/h for each entry x: no two losses are subtracted, so nothing cancels.

    Source: Squire, Trapp 1998.

    Raises:
        InputError: the loss is not finite.
    """
    _at_the_point(loss)
    for v in along_each_entry(loss.point.size):
        L, _ = loss(loss.point + 1j * COMPLEX_STEP * v)
        yield Slope(float(L.imag) / COMPLEX_STEP, 0.0)


def along_each_entry(size: int) -> Iterator[Array]:
    """Yield the unit vectors along all entries."""
    for i in range(size):
        v = np.zeros(size)
        v[i] = 1.0
        yield v


def _at_the_point(loss: LossOfVector) -> tuple[Any, Sides]:
    L, sides = loss(loss.point)
    if not np.isfinite(L):
        raise InputError("the loss is not finite", got=float(L.real), hint="scaled inputs or smaller weights")
    return L, sides


def _slope(loss: LossOfVector, v: Array, sides: Sides, roundoff: float) -> Slope:
    """Return the slope along v by the longest step on which the loss is smooth enough."""
    reach = max(1.0, float(np.linalg.norm(loss.point[v != 0])))
    best, least = Slope(math.nan, 0.0), math.inf
    for h in (reach * step for step in STEPS):
        near = _difference(loss, v, h, sides)
        wide = near if math.isnan(near) else _difference(loss, v, 2 * h, sides)
        apart = abs(wide - near)
        if apart < least:
            best, least = Slope((4 * near - wide) / 3, ROUNDOFF * roundoff / h), apart
        if apart <= max(AGREE * abs(best.value), best.doubt):
            break
    return best


def _difference(loss: LossOfVector, v: Array, h: float, sides: Sides) -> float:
    """Return the slope between the points at −h and h; nan if a kink lies between them."""
    ends = loss.point - h * v, loss.point + h * v
    values = []
    for vector in ends:
        L, there = loss(vector)
        if there.corners != sides.corners or (h > BEND_STEP and there.bends != sides.bends):
            return math.nan
        values.append(L)
    step = v @ (ends[1] - ends[0])  # 2h but for the last bits, which count where h is small
    return float((values[1] - values[0]) / step)


def _roundoff(loss: LossOfVector, L: float, rng: np.random.Generator) -> float:
    """Return by how much the loss changes where only the last bits of its arguments do."""
    signs = rng.choice([-EPS, EPS], (4, loss.point.size))
    at_least = EPS * max(abs(L), loss.largest_term())
    return max(at_least, *(abs(float(loss(loss.point * (1 + each))[0]) - L) for each in signs))


def _signs(arrays: Sequence[Array]) -> bytes:
    return b"".join(np.sign(array).tobytes() for array in arrays)
