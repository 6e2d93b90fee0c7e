"""Check my backprop: a user's own gradients beside ours, the first that differs, and the likely mistake."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from numpy.typing import ArrayLike

from ...checks import check_name, check_number
from ...errors import InputError
from ...network import Network
from .calling import Layout, call, is_handed_parameters, layouts
from .given import Given
from .judging import Judge
from .repeating import adds_up, compare_calls
from .report import BackpropReport
from .tracing import Problem, Trace

__all__ = ["check_backprop"]


def check_backprop(
    mine: Any,
    net: Network,
    X: ArrayLike,
    Y: ArrayLike,
    *,
    sample_weight: ArrayLike | None = None,
    learning_rate: float | None = None,
    update: str = "simultaneous",
    descent: bool = False,
    tolerance: float | None = None,
) -> BackpropReport:
    """Compare a user's own backpropagation with ours; name the first difference and the likely mistake.

    Every known mistake is planted in our own rules, and the one that gives the user's numbers is
    named. Ways of writing that differ without being wrong are recognised and said: W stored
    transposed, samples in columns, biases (1, out), deltas without the 1/n, or of the other sign.

    Args:
        mine: quantities by name (any of Z1, A1, …, L, dA2, dZ2, dW2, db2, …, W1_new, b1_new, …), a list
            of gradients (dW1, db1, dW2, …) or ([dW1, dW2], [db1, db2]), or a function that returns
            such. A function is called as f(X, Y, parameters), f(X, Y, W1, b1, …),
            f(X, Y, weights, biases) or f(X, Y), as its signature asks.
            Other spellings of a name are understood: dw1, grad_W1, dL_dW1, delta1; and W1 for its gradient
            where nothing else is given.
        net: the network, at the parameters that the gradients were taken at; its dropout is left out.
        X: inputs (n, in).
        Y: targets, as for `net.loss`. A function is handed them as they are; where it expects the other
            usual form, (n,) or (n, 1), class numbers or rows with a single 1, that is found and said.
        sample_weight: (n,), as for `net.loss`.
        learning_rate: of the plain step that led to W1_new, …
        update: "simultaneous", or "sequential": errors pass back through weights that are updated already.
        descent: the gradients given are descent directions, −∂L/∂W, which the user's update adds.
        tolerance: the relative error that passes; 1e-5, or 1e-4 for numbers in single precision.

    Raises:
        InputError: arrays that do not fit, unknown names, or nothing to compare.

    >>> import numpy as np
    >>> net = Network([2, 3, 1], "sigmoid", seed=0)
    >>> X, Y = np.array([[0.0, 1.0], [2.0, -1.0], [1.0, 1.0]]), np.array([[1.0], [0.0], [2.0]])
    >>> _, g = net.loss_and_gradient(X, Y)
    >>> report = check_backprop({"dW1": g["dW1"], "db1": 3 * g["db1"]}, net, X, Y)
    >>> report.ok, report.first, report.mistake
    (False, 'db1', 'sum_for_mean')
    """
    if tolerance is not None:
        check_number("tolerance", tolerance, above=0)
    check_name("update", update, ("simultaneous", "sequential"))
    if learning_rate is not None:
        check_number("learning_rate", learning_rate, above=0)
    elif update == "sequential":
        raise InputError("a sequential update needs its learning rate", hint="learning_rate=0.1")
    problem = Problem.of(net, X, Y, sample_weight, rate=learning_rate, sequential=update == "sequential")
    judge = Judge(problem, Trace(problem).run(), net.dtype, descent, tolerance)
    return _check_function(judge, mine, net, X, Y) if callable(mine) else judge.report(judge.given(mine))


@dataclass(frozen=True)
class _Tried:
    """What two calls of a function gave in one layout; the second may have failed."""

    layout: Layout
    once: Given
    again: Given | Exception

    def is_known(self, judge: Judge) -> bool:
        """Return whether this must be the layout: all is right, or would be if nothing were left over."""
        if judge.is_right(self.once):
            return True
        return isinstance(self.again, Given) and adds_up(judge, self.once, self.again)


def _check_function(
    judge: Judge, function: Callable[..., Any], net: Network, X: ArrayLike, Y: ArrayLike
) -> BackpropReport:
    """Return the report on what a function gives, handed its arrays in the layout that it expects."""
    tried: list[_Tried] = []
    failure: Exception | None = None
    for layout in layouts(net, Y):
        try:
            once = judge.given(call(function, net, X, Y, layout))
        except Exception as error:  # shapes that do not go together: it may expect another layout
            if isinstance(error, InputError) and not tried and failure is None:
                raise
            failure = failure or error
            continue
        tried.append(_Tried(layout, once, _again(judge, function, net, X, Y, layout)))
        if tried[-1].is_known(judge):
            return _report(judge, function, tried[-1])
    if failure and not tried:
        raise failure
    likeliest = max(tried, key=lambda each: judge.rank(each.once))  # of equals, the first
    return _report(judge, function, likeliest)


def _again(
    judge: Judge, function: Callable[..., Any], net: Network, X: ArrayLike, Y: ArrayLike, layout: Layout
) -> Given | Exception:
    try:
        return judge.given(call(function, net, X, Y, layout))
    except Exception as error:
        return error


def _report(judge: Judge, function: Callable[..., Any], tried: _Tried) -> BackpropReport:
    report, handed = judge.report(tried.once, tried.layout.says), is_handed_parameters(function)
    if isinstance(tried.again, Given):
        return compare_calls(judge, report, tried.once, tried.again, handed=handed)
    if handed:
        raise tried.again
    return report  # its own parameters may have changed in the first call
