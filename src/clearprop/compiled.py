"""The compiled engine: whether it is here, and how wide and with how many threads it runs.

It is the module `_native`, made from the C++ sources in `native/`. Where it could not be built,
everything runs by the rules in NumPy, and one line in the log says so.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import numpy as np

from .checks import check_name, check_whole
from .errors import InputError
from .rules import OUTPUT_ACTIVATIONS
from .rules.array import Array

module: Any
try:
    from . import _native as module
except ImportError as error:
    not_built = "cannot import name '_native'" in str(error)
    module, reason = None, "it was not built" if not_built else str(error)
else:
    reason = ""

ENGINES = ("auto", "native", "numpy")
WORTH_SHARING = 3_000_000  # multiply-adds a step, from which a second thread pays

_said: set[str] = set()


def available() -> bool:
    """Return whether the compiled engine is here."""
    return module is not None


def levels() -> list[str]:
    """Return the CPU levels that this build and this machine have, the widest first."""
    return [] if module is None else module.levels()


def level() -> str:
    """Return the CPU level to run at: the widest, or the one that the variable CLEARPROP_CPU names.

    Raises:
        InputError: CLEARPROP_CPU names one that is not here.
    """
    here = levels()
    return check_name("CLEARPROP_CPU", os.environ.get("CLEARPROP_CPU") or here[0], here)


def choose_engine(engine: str, *, aloud: bool = True) -> str:
    """Return "native" or "numpy"; "auto" is native where it is here, or what CLEARPROP_ENGINE says.

    Where "auto" has to be numpy, the log says so once, if it is to be said aloud.

    Raises:
        InputError: an unknown engine, or native where it is not here.
    """
    check_name("engine", engine, ENGINES)
    if engine == "auto":
        engine = check_name("CLEARPROP_ENGINE", os.environ.get("CLEARPROP_ENGINE") or "auto", ENGINES)
    if engine == "native" and module is None:
        raise InputError(
            f"the compiled engine is not here: {reason}",
            hint="to install a C++ compiler, then clearprop once more; or the engine numpy",
        )
    if engine == "auto" and module is None:
        if aloud:
            _say_once(
                f"no compiled engine here ({reason}): networks run on NumPy, with equal results, but slower. "
                "To have it, install a C++ compiler (GCC or Clang), then clearprop once more"
            )
        return "numpy"
    return "native" if engine == "auto" else engine


def say(message: str, *, warning: bool = False) -> None:
    """Write a line to the log named clearprop."""
    import logging  # only where there is something to say: a cold start is measured in milliseconds

    logging.getLogger("clearprop").log(logging.WARNING if warning else logging.INFO, message)


def _say_once(message: str) -> None:
    if message not in _said:
        _said.add(message)
        say(message, warning=True)


def cores() -> int:
    """Return how many CPUs this process may use; OMP_NUM_THREADS lowers it, as joblib's workers set it."""
    here = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    limit = os.environ.get("OMP_NUM_THREADS", "").split(",")[0].strip()  # of a list the first
    return max(1, min(here, int(limit))) if limit.isdigit() else here


def choose_threads(n_threads: int | None, multiply_adds: int) -> int:
    """Return the number of threads for steps of this many multiply-adds; it decides the time, not the bits.

    Raises:
        InputError: it is not None or a positive whole number.
    """
    if n_threads is not None:
        return min(check_whole("n_threads", n_threads, at_least=1), 4 * cores())  # more could only wait
    return cores() if multiply_adds >= WORTH_SHARING else 1


def settings(sizes: Sequence[int], activations: Sequence[str], threads: int, **others: Any) -> dict[str, Any]:
    """Return the compiled engine's settings for a network; what is not named is switched off."""
    return {
        "level": level(),
        "threads": threads,
        "batch_size": 1,
        "sizes": list(sizes),
        "activations": [OUTPUT_ACTIVATIONS.index(name) for name in activations],
        "dropout": [0.0] * len(activations),
        "loss": 0,
        "option": 0.0,
        "l1": 0.0,
        "l2": 0.0,
        "optimizer": 0,
        "beta1": 0.0,
        "beta2": 0.0,
        "epsilon": 0.0,
        "decay": 0.0,
        "sequential": False,
        "clip_norm": 0.0,
        "rate_factors": [],
        **others,
    }


class Outputs:
    """A network's forward pass by the compiled engine, at the present numbers of its vector θ."""

    def __init__(self, sizes: Sequence[int], activations: Sequence[str]) -> None:
        self.sizes, self.activations = list(sizes), list(activations)
        self.theta: Array | None = None

    def at(self, theta: Array) -> Outputs | None:
        """Return the forward pass with these parameters; None where the rules are to be used."""
        if self.theta is not theta:
            if choose_engine("auto", aloud=False) == "numpy":
                return None
            kind = module.Predictor32 if theta.dtype == np.float32 else module.Predictor64
            self._write = kind(settings(self.sizes, self.activations, cores()), theta).outputs
            self.theta, self.dtype = theta, theta.dtype
            self.columns, self.outputs = self.sizes[0], self.sizes[-1]
        return self

    def __call__(self, X: object) -> Array | None:
        """Return A (n, out) for an array X (n, in) in θ's precision; None where it is to be checked first."""
        if type(X) is not np.ndarray or X.dtype != self.dtype or X.ndim != 2 or X.shape[1] != self.columns:
            return None
        if not X.flags.c_contiguous or not len(X):
            return None
        A = np.empty((len(X), self.outputs), self.dtype)
        return A if self._write(X, None, A) else None

    def both(self, X: Array) -> tuple[Array, Array]:
        """Return Z and A (n, out) of the last layer for X (n, in), checked and in θ's precision."""
        Z, A = (np.empty((len(X), self.outputs), self.dtype) for _ in range(2))
        self._write(X, Z, A)
        return Z, A

    def __reduce__(self) -> tuple[type[Outputs], tuple[list[int], list[str]]]:
        # A copied or pickled network has a θ of its own.
        return Outputs, (self.sizes, self.activations)
