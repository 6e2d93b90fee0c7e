"""Robust scaling: the stated rule, its bounds, and numbers at the edge of what float64 holds."""

from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from numpy.typing import NDArray

from clearprop.errors import InputError
from clearprop.estimators.scaling import Scaling

ANY_FLOAT = st.floats(allow_nan=True, allow_infinity=False)
MATRICES = arrays(np.float64, array_shapes(min_dims=2, max_dims=2, max_side=9), elements=ANY_FLOAT)
LARGEST = float(np.finfo(np.float64).max)


def smooth_clip(z: NDArray[np.float64]) -> NDArray[np.float64]:
    return z / np.sqrt(1 + (z / 3) ** 2)


def test_the_rule_worked_by_hand() -> None:
    X = np.array([[0.0, 7.0, 5.0], [1.0, 7.0, 5.0], [2.0, 7.0, 5.0], [3.0, 7.0, 5.0], [100.0, 11.0, 5.0]])
    scaling = Scaling.fit(X)
    np.testing.assert_array_equal(scaling.center, [2.0, 7.0, 5.0])
    # quartiles 1 and 3; equal quartiles but a range of 4; a constant
    np.testing.assert_array_equal(scaling.scale, [1 / 2, 2 / 4, 0.0])
    expected = smooth_clip(np.column_stack([[-1, -0.5, 0, 0.5, 49], [0, 0, 0, 0, 2.0], np.zeros(5)]))
    np.testing.assert_allclose(scaling.transform(X), expected, rtol=1e-15)


@pytest.mark.parametrize("rows", [1, 2, 3, 4, 5, 17, 100])
def test_center_and_scale_are_numpys_quantiles_of_the_values_there(rows: int) -> None:
    rng = np.random.default_rng(rows)
    X = rng.normal(size=(rows, 6)) * 10.0 ** rng.integers(-3, 4, 6)
    X[rng.random(X.shape) < 0.3] = np.nan
    X[0] = rng.normal(size=6)
    q25, q50, q75 = np.nanquantile(X, [0.25, 0.5, 0.75], axis=0)
    scaling = Scaling.fit(X)
    np.testing.assert_allclose(scaling.center, q50, rtol=1e-14)
    apart = q75 > q25
    np.testing.assert_allclose(scaling.scale[apart], 1 / (q75 - q25)[apart], rtol=1e-12)


def test_missing_values_become_the_median_and_an_empty_column_zeros() -> None:
    scaling = Scaling.fit([[1.0, np.nan], [np.nan, np.nan], [3.0, np.nan]])
    np.testing.assert_array_equal(scaling.center, [2.0, 0.0])
    np.testing.assert_array_equal(scaling.scale, [1.0, 0.0])
    np.testing.assert_array_equal(scaling.transform([[2.0, 5.0], [np.nan, np.nan]]), np.zeros((2, 2)))


@given(MATRICES)
def test_transformed_values_are_within_three_for_any_finite_numbers(X: NDArray[np.float64]) -> None:
    scaling = Scaling.fit(X)
    assert np.isfinite(scaling.center).all()
    assert np.isfinite(scaling.scale).all()
    for numbers in (X, np.full_like(X, LARGEST), np.full_like(X, -LARGEST)):
        Z = scaling.transform(numbers)
        assert Z.dtype == np.float64
        assert (np.abs(Z) <= 3.0).all()


@given(
    arrays(np.float64, 30, elements=st.floats(-1e6, 1e6)),
    arrays(np.float64, 20, elements=st.floats(-1e9, 1e9)),
)
def test_the_order_of_values_is_kept(learnt: NDArray[np.float64], values: NDArray[np.float64]) -> None:
    Z = Scaling.fit(learnt[:, None]).transform(np.sort(values)[:, None])
    assert (np.diff(Z[:, 0]) >= -1e-15).all()


@given(MATRICES, st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter_to_the_bit(X: NDArray[np.float64], random: Random) -> None:
    order = list(range(len(X)))
    random.shuffle(order)
    one, other = Scaling.fit(X), Scaling.fit(X[order])
    assert one.center.tobytes() == other.center.tobytes()
    assert one.scale.tobytes() == other.scale.tobytes()


def test_columns_do_not_touch_each_other() -> None:
    X = np.random.default_rng(1).normal(size=(50, 3))
    together = Scaling.fit(X).transform(X)
    for i in range(3):
        alone = X[:, i : i + 1]
        np.testing.assert_array_equal(Scaling.fit(alone).transform(alone)[:, 0], together[:, i])


def test_differences_beyond_the_largest_float_are_scaled_all_the_same() -> None:
    X = LARGEST * np.array([[-1.0], [-1.0], [0.0], [1.0], [1.0]])
    Z = Scaling.fit(X).transform(X)
    np.testing.assert_allclose(Z[:, 0], smooth_clip(np.array([-0.5, -0.5, 0, 0.5, 0.5])), rtol=1e-12)
    with np.errstate(over="ignore", invalid="ignore"):  # the formula as it stands loses the column
        naive = smooth_clip((X - np.median(X)) / np.subtract(*np.quantile(X, [0.75, 0.25])))
        assert not np.allclose(naive, Z)


@pytest.mark.parametrize("rows", range(2, 10))
def test_the_largest_floats_neither_overflow_nor_warn(rows: int) -> None:
    flat = Scaling.fit(np.full((rows, 2), [LARGEST, -LARGEST]))
    assert flat.center.tolist() == [LARGEST, -LARGEST]
    assert flat.scale.tolist() == [0, 0]
    signs = np.resize([[-1.0], [1.0]], (rows, 1))
    Z = Scaling.fit(signs * LARGEST).transform(signs * LARGEST)
    np.testing.assert_allclose(Z, Scaling.fit(signs).transform(signs), rtol=1e-12)


def test_zeros_of_either_sign_have_the_center_zero() -> None:
    for column in ([-0.0], [-0.0, 0.0, 0.0], [0.0, 0.0, -0.0]):
        assert not np.signbit(Scaling.fit(np.array(column)[:, None]).center)


def test_an_outlier_of_1e300_is_bent_to_three() -> None:
    scaling = Scaling.fit([[0.0], [1.0], [2.0], [3.0]])
    np.testing.assert_array_equal(scaling.transform([[1e300], [-1e300], [1e155]]), [[3.0], [-3.0], [3.0]])


def test_equal_values_have_no_spread_however_they_round() -> None:
    X = np.full((7, 1), 0.1)
    assert Scaling.fit(X).scale == 0.0
    assert Scaling.fit(X).center == 0.1


def test_float32_input_is_computed_in_float64() -> None:
    X = np.random.default_rng(0).normal(size=(40, 2)).astype(np.float32)
    wide = X.astype(np.float64)
    np.testing.assert_array_equal(Scaling.fit(X).transform(X), Scaling.fit(wide).transform(wide))
    assert Scaling.fit(X).transform(X).dtype == np.float64


def test_memory_order_does_not_matter() -> None:
    X = np.random.default_rng(0).normal(size=(40, 5))
    fortran = np.asfortranarray(X)
    assert Scaling.fit(X).transform(X).tobytes() == Scaling.fit(fortran).transform(fortran).tobytes("C")


@pytest.mark.parametrize("value", [np.inf, -np.inf])
def test_infinite_values_are_refused_by_row_and_column(value: float) -> None:
    X = np.zeros((3, 2))
    X[2, 1] = value
    with pytest.raises(InputError, match=rf"column 1 .*{value} in row 2"):
        Scaling.fit(X)
    with pytest.raises(InputError, match=rf"column 'height' .*{value} in row 2"):
        Scaling.fit(np.zeros((3, 2))).transform(X, names=["age", "height"])


def test_wrong_shapes_are_refused() -> None:
    with pytest.raises(InputError, match=r"not a matrix.*shape \(3,\)"):
        Scaling.fit(np.zeros(3))
    with pytest.raises(InputError, match=r"no rows.*shape \(0, 3\)"):
        Scaling.fit(np.zeros((0, 3)))
    with pytest.raises(InputError, match=r"expected 2 columns.*shape \(4, 3\)"):
        Scaling.fit(np.zeros((4, 2))).transform(np.zeros((4, 3)))
