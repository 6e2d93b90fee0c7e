"""L-BFGS on the one vector, by SciPy: full batch, one record an iteration."""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from .data import Data
from .errors import DivergedError, MissingExtraError
from .interrupt import CtrlC
from .network import Network
from .optimizers import LBFGS
from .rules.array import Array
from .stepping import Rates
from .watch import EpochFigures, Watch


def run(
    net: Network, data: Data, optimizer: LBFGS, epochs: int, rates: Rates, watch: Watch, ctrl_c: CtrlC
) -> None:
    """Minimise the loss on all data for at most `epochs` iterations; frozen parameters stay.

    Raises:
        MissingExtraError: SciPy is not installed.
        DivergedError: the loss of the first weights is not finite.
    """
    try:
        from scipy.optimize import minimize
    except ImportError:
        raise MissingExtraError("LBFGS needs SciPy", hint='pip install "clearprop[sklearn]"') from None
    theta, history = net.parameters.vector, watch.history
    free = np.ones(theta.size, bool) if rates.frozen is None else ~rates.frozen
    gradients = net.new_gradients()
    X, T, w, _ = data.batch(np.arange(len(data)))
    seen: dict[bytes, tuple[float, float, float]] = {}  # loss, penalty, norm where the search has looked
    began = time.perf_counter()

    def objective(vector: Array) -> tuple[float, Array]:
        theta[free] = vector
        L, P = net.differentiate(X, T, w, gradients)
        g = gradients.vector[free].astype(np.float64)
        if not (np.isfinite(L + P) and np.isfinite(g).all()):
            if not seen:
                raise DivergedError("the loss of the first weights is not finite", hint="scaled inputs")
            return 1e300, np.zeros_like(g)  # too far: the line search turns back
        seen[vector.tobytes()] = L, P, float(np.linalg.norm(g))
        return L + P, g

    def iterated(intermediate_result: Any) -> None:
        nonlocal began
        vector = intermediate_result.x
        theta[free] = vector
        L, P, norm = here = seen[vector.tobytes()]
        seen.clear()
        seen[vector.tobytes()] = here
        if watch.epoch_ended(data, EpochFigures(L, P, 1.0, norm), began):
            history.stopped_by = "callback"
            raise StopIteration
        if ctrl_c.pressed:
            history.stopped_by = "interrupt"
            raise StopIteration
        began = time.perf_counter()

    start = theta[free].astype(np.float64)
    options = {
        "maxiter": epochs,
        "maxcor": optimizer.corrections,
        "gtol": optimizer.tolerance,
        "maxfun": 20 * epochs + 100,
    }
    result = minimize(objective, start, jac=True, method="L-BFGS-B", callback=iterated, options=options)
    theta[free] = result.x
    if history.stopped_by == "epochs" and result.success:
        history.stopped_by = "converged"
