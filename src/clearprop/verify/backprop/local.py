"""Mistakes in a layer's own gradients: planted in dW or db, they change nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from ...ops import reference
from ...rules.array import Array
from .passing import factors
from .tracing import Problem, Values, input_of

__all__ = ["Local", "Place", "local_mistakes"]


@dataclass(frozen=True)
class Place:
    """A layer, with all quantities of a pass in which all is right."""

    problem: Problem
    values: Values
    layer: int

    @property
    def X(self) -> Array:
        """What the layer takes in, (n, in)."""
        return input_of(self.problem, self.values, self.layer)

    @property
    def dZ(self) -> Array:
        """The delta of the layer, (n, out)."""
        return self.values[f"dZ{self.layer}"]  # type: ignore[no-any-return]

    @property
    def dW(self) -> Array:
        """The gradient of the weights without penalty, (in, out)."""
        total, data = f"dW{self.layer}", f"dW{self.layer}_data"
        return self.values[data if data in self.values else total]  # type: ignore[no-any-return]

    @property
    def db(self) -> Array:
        """The gradient of the biases, (out,)."""
        return self.values[f"db{self.layer}"]  # type: ignore[no-any-return]

    def penalised(self, dW: Array, factor: float = 1.0, parameter: str = "W") -> Array:
        """Return a gradient with that of the penalty added, times a factor."""
        net = self.problem.net
        if not (net.l1 or net.l2):
            return dW
        Q = net.parameters[f"{parameter}{self.layer}"]
        return reference.penalty_back(dW, Q, factor * net.l1, factor * net.l2)  # type: ignore[no-any-return]


Gradients = tuple[Any, Any]  # dW and db of a layer


class Local(NamedTuple):
    """A mistake by its key, what it makes of dW and db, and the layers where it can be."""

    key: str
    gradients: Callable[[Place], Gradients]
    layers: frozenset[int]


def local_mistakes(problem: Problem) -> Iterator[Local]:
    """Yield all mistakes in dW and db, the commonest first."""
    for mistakes in (_of_the_bias, _of_the_penalty, _of_the_input, _of_the_samples, _of_a_factor):
        for key, gradients in mistakes(problem):
            yield Local(key, gradients, frozenset(range(1, problem.depth + 1)))


Pairs = Iterator[tuple[str, Callable[[Place], Gradients]]]


def _of_the_bias(problem: Problem) -> Pairs:
    def bias(key: str, of: Callable[[Place], Any]) -> tuple[str, Callable[[Place], Gradients]]:
        return key, lambda at: (at.penalised(at.dW), of(at))

    yield bias("bias_gradient_missing", lambda at: np.zeros_like(at.db))
    yield bias("bias_not_summed", lambda at: at.dZ)
    yield bias("bias_not_summed", lambda at: at.dZ / problem.w)
    yield bias("bias_not_summed", lambda at: at.dZ.T)
    yield bias("bias_not_summed", lambda at: (at.dZ / problem.w).T)
    yield bias("bias_not_summed", lambda at: at.dZ[0])
    yield bias("bias_not_summed", lambda at: at.dZ[-1])
    yield bias("bias_not_summed", lambda at: (at.dZ / problem.w)[0])
    yield bias("bias_not_summed", lambda at: (at.dZ / problem.w)[-1])
    yield bias("bias_not_summed", lambda at: at.dZ.sum(axis=1))
    yield bias("bias_not_summed", lambda at: at.dZ.sum())
    yield bias("bias_not_summed", lambda at: np.full_like(at.db, at.dZ.sum()))
    if problem.net.l1 or problem.net.l2:
        yield bias("bias_penalised", lambda at: at.penalised(at.db, parameter="b"))


def _of_the_penalty(problem: Problem) -> Pairs:
    if problem.net.l1 or problem.net.l2:
        yield "penalty_missing", lambda at: (at.dW, at.db)
        n = problem.total
        for factor in (1 / n, n, 2.0, 0.5, -1.0):
            yield "penalty_scaled", partial(_with_penalty, factor)


def _with_penalty(factor: float, at: Place) -> Gradients:
    return at.penalised(at.dW, factor), at.db


def _of_the_input(problem: Problem) -> Pairs:
    yield "pre_activation_as_input", _of_pre_activation
    yield "transposed_weights", lambda at: (at.penalised(at.dW).T, at.db)
    for k in range(1, problem.depth + 2):
        yield "wrong_layer_input", partial(_of_input_to, k)
    yield "missing_activation_derivative", _of_output_error


def _of_pre_activation(at: Place) -> Gradients:
    return _given(at, at.values[f"Z{at.layer - 1}"] if at.layer > 1 else at.X)


def _of_input_to(layer: int, at: Place) -> Gradients:
    return _given(at, input_of(at.problem, at.values, layer))


def _of_output_error(at: Place) -> Gradients:
    dW, db = reference.dense_back(at.values.get(f"dA{at.layer}", at.dZ), at.X)
    return at.penalised(dW), db


def _given(at: Place, X: Array) -> Gradients:
    dW, db = reference.dense_back(at.dZ, X if X.shape == at.X.shape else at.X)
    return at.penalised(dW), db


def _of_the_samples(problem: Problem) -> Pairs:
    for row in (slice(-1, None), slice(0, 1)):
        for factor in (1.0, problem.total):
            yield "single_sample", partial(_of_rows, row, factor)


def _of_rows(rows: slice, factor: float, at: Place) -> Gradients:
    dW, db = reference.dense_back(factor * at.dZ[rows], at.X[rows])
    return at.penalised(dW), db


def _of_a_factor(problem: Problem) -> Pairs:
    for key, factor in factors(problem):
        for of_data, of_bias, of_all in ((factor, factor, 1.0), (1.0, factor, 1.0), (factor, 1.0, 1.0)):
            yield key, partial(_scaled, of_data, of_bias, of_all)
        yield key, partial(_scaled, 1.0, factor, factor)


def _scaled(of_data: float, of_bias: float, of_all: float, at: Place) -> Gradients:
    return of_all * at.penalised(of_data * at.dW), of_bias * at.db
