"""The compiled engine's elementary functions: at most 4 ulp off the right result, on all CPU levels."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
import pytest
from numpy.typing import NDArray

native = pytest.importorskip("clearprop._native", reason="the compiled engine is not here")

Array: TypeAlias = NDArray[Any]

BOUND = 4.0
TWO_OVER_ROOT_PI = np.longdouble("1.12837916709551257389615890312154517")


def erf(x: Array) -> Array:
    """The error function as Σ 2ⁿ x²ⁿ⁺¹ / (2n + 1)!! times 2/√π exp(−x²): no term has another sign."""
    x = np.clip(x, -7, 7)  # beyond which it is 1 to all digits
    term, total = x, x
    for n in range(1, 220):
        term = term * (2 * x * x / (2 * n + 1))
        total = total + term
    result: Array = TWO_OVER_ROOT_PI * np.exp(-x * x) * total
    return result


# The function in more digits, and where it is not yet 0, 1 or ∞ in double and in single precision.
FUNCTIONS: dict[str, tuple[Callable[[Array], Array], tuple[float, float], tuple[float, float]]] = {
    "exp": (np.exp, (-750, 711), (-106, 90)),
    "expm1": (np.expm1, (-60, 711), (-60, 90)),
    "log1p": (np.log1p, (0, 1), (0, 1)),
    "tanh": (np.tanh, (-25, 25), (-25, 25)),
    "erf": (erf, (-6.5, 6.5), (-6.5, 6.5)),
}
everywhere = pytest.mark.parametrize(
    ("level", "dtype"), [(level, dtype) for level in native.levels() for dtype in ("float64", "float32")]
)


def apply(level: str, name: str, x: Array) -> Array:
    padded = np.concatenate([x, np.zeros(-len(x) % 64, x.dtype)])
    y = np.empty_like(padded)
    native.function(level, name, padded, y)
    return y[: len(x)]


def sweep(dtype: str, low: float, high: float) -> Array:
    """Numbers all over a range, around 0, and of every size down to the last subnormal one."""
    rng = np.random.default_rng(0)
    smallest = np.log10(float(np.finfo(dtype).smallest_subnormal))
    sizes = 10 ** rng.uniform(smallest, np.log10(max(-low, high)), 5000)
    x = np.concatenate([np.linspace(low, high, 10001), rng.uniform(-2, 2, 10000), sizes, -sizes])
    return x[(x >= low) & (x <= high)].astype(dtype)


def ulps(result: Array, right: Array) -> float:
    """The largest error of a result, in units of the last place of the right one."""
    with np.errstate(over="ignore", under="ignore"):
        rounded = right.astype(result.dtype)
    finite = np.isfinite(rounded)
    assert np.array_equal(result[~finite], rounded[~finite])
    errors = np.abs(result[finite].astype(np.longdouble) - right[finite])
    return float(np.max(errors / np.spacing(np.abs(rounded[finite]))))


@everywhere
@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_is_at_most_4_ulp_off(level: str, dtype: str, name: str) -> None:
    function, doubles, singles = FUNCTIONS[name]
    if dtype == "float64" and np.finfo(np.longdouble).nmant <= 52:
        pytest.skip("here a longdouble is a double, so there is nothing more exact to compare with")
    x = sweep(dtype, *(doubles if dtype == "float64" else singles))
    with np.errstate(over="ignore", under="ignore"):
        right = function(x.astype(np.longdouble))
    assert ulps(apply(level, name, x), right) <= BOUND


@everywhere
def test_limits_and_signs_are_right_and_nan_stays(level: str, dtype: str) -> None:
    inf = np.inf
    limits = {
        "exp": [(-inf, 0), (inf, inf), (-1e30, 0), (1e30, inf), (0, 1), (-0.0, 1)],
        "expm1": [(-inf, -1), (inf, inf), (-1e30, -1), (1e30, inf), (0, 0)],
        "log1p": [(0, 0)],
        "tanh": [(-inf, -1), (inf, 1), (-1e30, -1), (1e30, 1), (0, 0), (-0.0, -0.0)],
        "erf": [(-inf, -1), (inf, 1), (-1e30, -1), (1e30, 1), (0, 0), (-0.0, -0.0)],
    }
    for name, pairs in limits.items():
        x, right = np.array(pairs, dtype).T.copy()
        result = apply(level, name, x)
        np.testing.assert_array_equal(result, right)
        assert np.array_equal(np.signbit(result), np.signbit(right))
        assert np.isnan(apply(level, name, np.full(64, np.nan, dtype))).all()


@everywhere
def test_nan_that_carries_a_number_stays_too(level: str, dtype: str) -> None:
    """As R's NA does: 1954 in the lowest bits, which are those that make an exponent here."""
    x = np.full(64, np.nan, dtype)
    x.view(f"u{x.itemsize}")[:] |= 1954
    for name in FUNCTIONS:
        assert np.isnan(apply(level, name, x)).all()


def test_the_measure_sees_a_function_that_cancels() -> None:
    x = sweep("float64", -25, 25)
    right = np.tanh(x.astype(np.longdouble))
    cancelling = (np.exp(2 * x) - 1) / (np.exp(2 * x) + 1)
    assert ulps(cancelling, right) > BOUND
    assert ulps(right.astype(np.float64), right) <= 0.5


def test_the_measure_sees_a_sixth_unit_in_the_last_place() -> None:
    x = np.linspace(0.5, 1, 1000)
    right = np.exp(x.astype(np.longdouble))
    assert ulps(np.exp(x) + 6 * np.spacing(np.exp(x)), right) > BOUND
