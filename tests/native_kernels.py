"""The kernels of the compiled engine beside the rules: what the native tests share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

import numpy as np
import pytest
from hypothesis import strategies as st
from numpy.typing import NDArray

from clearprop import MLP
from clearprop.rules import RULES
from clearprop.story.equations import equations

native = pytest.importorskip("clearprop._native", reason="the compiled engine is not here")

Array: TypeAlias = NDArray[Any]
Operands: TypeAlias = Mapping[str, Any]

LEVELS: list[str] = native.levels()
DTYPES = ("float64", "float32")

# 1, primes, and the widths of vectors, tiles (4, 6 or 8 rows) and panels (4 to 32 columns), ± 1.
SIZES = st.sampled_from([1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 15, 16, 17, 23, 31, 32, 33, 47, 63, 64, 65])
SEEDS = st.integers(0, 2**32 - 1)

# The same quantity as the rules call it in different places.
SAME = {"theta": "W", "g": "dW", "dW_penalised": "dW", "T": "Y"}


def same(names: Iterable[str]) -> list[str]:
    return [SAME.get(name, name) for name in names]


def operands_of(rules: Iterable[str]) -> list[str]:
    """What rules that are applied one after the other need from outside."""
    needed, known = [], set[str]()
    for rule in rules:
        needed += [name for name in same(equations()[rule].parameters) if name not in known]
        known |= {*needed, *same(equations()[rule].returns)}
    return list(dict.fromkeys(needed))


def compose(rules: Iterable[str], given: Operands) -> dict[str, Any]:
    """All quantities after these rules, one after the other."""
    known = dict(given)
    for rule in rules:
        results = RULES[rule](*(known[name] for name in same(equations()[rule].parameters)))
        results = results if isinstance(results, tuple) else (results,)
        known |= dict(zip(same(equations()[rule].returns), results, strict=True))
    return known


def draw(names: Iterable[str], rng: Any, n: int, inputs: int, outputs: int) -> dict[str, Any]:
    """Random operands of the rules by name, of order one."""
    matrices = {
        **dict.fromkeys(["X"], (n, inputs)),
        **dict.fromkeys(["Z", "A", "dA", "dZ"], (n, outputs)),
        **dict.fromkeys(["W", "dW", "m"], (inputs, outputs)),
    }
    positive = {"Y": (n, outputs), "w": (n, 1), **dict.fromkeys(["v", "s"], (inputs, outputs))}
    numbers = {
        "eta": 0.7, "mu": 0.8, "rho": 0.9, "beta1": 0.85, "beta2": 0.995, "epsilon": 1e-3, "decay": 0.2,
        "l1": float(rng.choice([0.0, 0.3])), "l2": float(rng.choice([0.0, 0.4])),
        "t": int(rng.integers(1, 50)),
        "delta": 0.6, "q": 0.3, "smoothing": float(rng.choice([0.0, 0.2])),
    }  # fmt: skip
    drawn: dict[str, Any] = {}
    for name in names:
        if name in matrices:
            drawn[name] = rng.standard_normal(matrices[name])
        elif name in positive:
            drawn[name] = rng.uniform(0.1, 1.5, positive[name])
        else:
            drawn[name] = rng.standard_normal(outputs) if name == "b" else numbers[name]
    return drawn


def with_arrays(given: Operands, change: Any) -> dict[str, Any]:
    """The same operands, with the arrays among them changed."""
    return {name: change(value) if isinstance(value, np.ndarray) else value for name, value in given.items()}


def distance(one: Any, other: Any) -> float:
    """How far apart two arrays are, beside the norm of the other; both are of order one."""
    one, other = np.asarray(one, np.float64), np.asarray(other, np.float64)
    assert one.shape == other.shape
    return float(np.linalg.norm(one - other) / max(1.0, float(np.linalg.norm(other))))


def bits(net: MLP) -> bytes:
    return net.parameters.vector.tobytes()
