"""Each kernel of the compiled engine against the rules that it says it replaces, on all CPU levels."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clearprop import compiled
from clearprop.loss import LOSSES
from clearprop.rules import OUTPUT_ACTIVATIONS, RULES
from native_kernels import (
    DTYPES,
    LEVELS,
    SEEDS,
    SIZES,
    compose,
    distance,
    draw,
    native,
    operands_of,
    with_arrays,
)

KERNELS = {kernel.name: list(kernel.replaces) for kernel in native.kernels()}
SOURCES = Path(__file__).parents[1] / "native"

# Beside the norm. A rounding loses 2⁻⁵³ = 1e-16 or 2⁻²⁴ = 6e-8; the longest chains here, sums of 65 terms
# one after the other, were seen to add up to some ten of these.
BOUND = {"float64": 1e-14, "float32": 2e-6}

# What the steps do between kernels; the tests of whole steps look at them.
BETWEEN_KERNELS = {"dropout", "dropout_back", "clip_by_norm"}


@pytest.mark.parametrize("name", KERNELS)
@settings(max_examples=20, deadline=None)
@given(n=SIZES, inputs=SIZES, outputs=SIZES, seed=SEEDS, apart=st.booleans(), whole=st.booleans())
def test_a_kernel_gives_what_its_rules_give(
    name: str, n: int, inputs: int, outputs: int, seed: int, apart: bool, whole: bool
) -> None:
    """Float32 is compared with the rules in float64 on the same numbers. Whole numbers hit kinks and ties."""
    (kernel,) = (kernel for kernel in native.kernels() if kernel.name == name)
    drawn = draw(operands_of(kernel.replaces), np.random.default_rng(seed), n, inputs, outputs)
    if whole:
        drawn |= {key: np.round(drawn[key]) for key in drawn if key in ("Z", "A", "Y", "W")}
    for dtype in DTYPES:
        operands = with_arrays(drawn, lambda array, dtype=dtype: array.astype(dtype))
        expected = compose(kernel.replaces, with_arrays(operands, np.float64))
        for level in LEVELS:
            results = kernel(level, operands, apart)
            assert results, "no result"
            for quantity, result in results.items():
                assert getattr(result, "dtype", dtype) == dtype
                off = distance(np.reshape(result, np.shape(expected[quantity])), expected[quantity])
                assert off <= BOUND[dtype], (quantity, level, dtype, off)


@pytest.mark.parametrize("name", [name for name in KERNELS if name.startswith("activate ")])
def test_far_out_activations_reach_their_limits(name: str) -> None:
    (kernel,) = (kernel for kernel in native.kernels() if kernel.name == name)
    Z = np.array([[-1e4, -800.0, -100.0, -20.0, -0.0, 0.0, 20.0, 100.0, 700.0]]).T
    Z = np.hstack([Z, np.zeros_like(Z)])  # softmax works on rows
    for dtype in DTYPES:
        given = {"Z": Z.astype(dtype)}
        with np.errstate(over="ignore"):
            expected = compose(kernel.replaces, given)["A"]
        for level in LEVELS:
            A = kernel(level, given)["A"]
            np.testing.assert_allclose(A, expected, rtol=1e-13 if dtype == "float64" else 2e-5, atol=1e-37)


@pytest.mark.parametrize("name", [name for name in KERNELS if name.startswith(("activate ", "loss "))])
def test_nan_is_passed_on(name: str) -> None:
    """Else a divergence would not be seen."""
    (kernel,) = (kernel for kernel in native.kernels() if kernel.name == name)
    for dtype in DTYPES:
        drawn = draw(operands_of(kernel.replaces), np.random.default_rng(0), 3, 5, 5)
        given = with_arrays(drawn, lambda array, dtype=dtype: array.astype(dtype))
        given["Z" if "Z" in given else "A"][1, 3] = np.nan
        for level in LEVELS:
            results = kernel(level, given)
            first = next(iter(results.values()))
            assert np.isnan(first[1, 3] if name.startswith("activate ") else first)


# ---- every rule has its kernel


def test_every_rule_is_replaced() -> None:
    replaced = {rule for rules in KERNELS.values() for rule in rules}
    assert replaced | BETWEEN_KERNELS == set(RULES)
    assert not replaced & BETWEEN_KERNELS


def test_every_rule_is_named_where_it_is_replaced() -> None:
    text = "\n".join(path.read_text(encoding="utf-8") for path in sorted(SOURCES.glob("*.[hc]pp")))
    comments = " ".join(re.findall(r"// ?(.*)", text))
    named = {
        name
        for sentence in re.findall(r"[Rr]eplaces ([^.:;]*)", comments)
        for name in re.findall(r"`(\w+)`", sentence)
    }
    assert set(RULES) - named == set()


def test_the_kernels_stand_in_the_order_of_the_names() -> None:
    """The settings name activations, losses and optimisers by their places."""
    for kind, names in {"activate": OUTPUT_ACTIVATIONS, "loss": LOSSES}.items():
        assert [name.split()[1] for name in KERNELS if name.startswith(f"{kind} ")] == list(names)


def test_no_such_level() -> None:
    with pytest.raises(ValueError, match="no such CPU level here: mmx"):
        native.kernels()[0]("mmx", {"X": np.ones((1, 1)), "W": np.ones((1, 1)), "b": np.ones(1)})
    assert compiled.levels() == LEVELS
    assert LEVELS[-1] in ("baseline", "neon")
