"""L-BFGS on the one vector, by SciPy: full batch, one record an iteration."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np

from . import passes
from .data import Data
from .errors import DivergedError, MissingExtraError
from .interrupt import CtrlC
from .network import Network
from .ops import reference
from .optimizers import LBFGS
from .parameters import Windows
from .rules.array import Array
from .stepping import Rates, first_not_finite
from .watch import EpochFigures, Watch

Differentiate = Callable[[Windows], tuple[float, float]]


def run(
    net: Network,
    data: Data,
    optimizer: LBFGS,
    epochs: int,
    rates: Rates,
    watch: Watch,
    ctrl_c: CtrlC,
    differentiate: Differentiate,
) -> None:
    """Minimise the loss on all data for at most `epochs` iterations; frozen parameters stay.

    `differentiate` writes the gradients on all data and returns (data loss, penalty).

    Raises:
        MissingExtraError: SciPy is not installed.
        DivergedError: loss or gradient of the first weights is not finite.
    """
    try:
        from scipy.optimize import minimize
    except ImportError:
        raise MissingExtraError("LBFGS needs SciPy", hint='pip install "clearprop[sklearn]"') from None
    theta, history = net.parameters.vector, watch.history
    free = np.ones(theta.size, bool) if rates.frozen is None else ~rates.frozen
    gradients = net.new_gradients()
    seen: dict[bytes, tuple[float, float, float]] = {}  # loss, penalty, norm where the search has looked
    accepted = start = theta[free].astype(np.float64)  # where the last iteration ended
    wall, began = 0.0, time.perf_counter()

    def objective(vector: Array) -> tuple[float, Array]:
        nonlocal wall
        theta[free] = vector
        L, P = differentiate(gradients)
        g = gradients.vector[free].astype(np.float64)
        if not (np.isfinite(L + P) and np.isfinite(g).all()):
            if not seen:
                layers = passes.forward(reference, net.layers, net.parameters, data.X, {})
                place = first_not_finite(net, layers)
                why = f"loss or gradient is not finite; the first such number is in {place}"
                raise DivergedError(
                    f"training diverged before step 1: {why}",
                    why=why,
                    hint="smaller first weights, or scaled inputs",
                )
            return wall, np.zeros_like(g)  # too far: the line search turns back
        if not seen:  # a height that its cubic interpolation can still reckon with
            wall = L + P + 1e6 * max(1.0, abs(L + P))
        seen[vector.tobytes()] = L, P, float(np.linalg.norm(g))
        return L + P, g

    def iterated(intermediate_result: Any) -> None:
        nonlocal accepted, began
        theta[free] = accepted = intermediate_result.x.copy()
        L, P, norm = here = seen[accepted.tobytes()]
        seen.clear()
        seen[accepted.tobytes()] = here
        if watch.epoch_ended(data, EpochFigures(L, P, 1.0, norm), began):
            history.stopped_by = "callback"
            raise StopIteration
        if ctrl_c.pressed:
            history.stopped_by = "interrupt"
            raise StopIteration
        began = time.perf_counter()

    options: Any = {
        "maxiter": epochs,
        "maxcor": optimizer.corrections,
        "gtol": optimizer.tolerance,
        "ftol": 0.0,  # the slope decides alone
        "maxfun": 20 * epochs + 100,
    }
    try:
        result = minimize(objective, start, jac=True, method="L-BFGS-B", callback=iterated, options=options)
    finally:
        theta[free] = accepted  # the search may have ended anywhere
    if history.stopped_by == "epochs" and result.status != 1:  # 1 is SciPy's for too many iterations
        history.stopped_by = "converged"
