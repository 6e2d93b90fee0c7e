"""What comes in: inputs, targets and sample weights, checked and in the network's precision."""

from __future__ import annotations

import contextlib

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from .errors import InputError
from .loss import Loss
from .rules.array import Array


def as_inputs(X: ArrayLike, columns: int, dtype: DTypeLike) -> Array:
    """Return X as an array (n, columns) of finite numbers.

    Raises:
        InputError: anything else, with the first place that does not fit.
    """
    array = as_numbers(X, "X")
    if array.size == 0:
        raise InputError("X is empty", expected="at least one sample", got=f"shape {array.shape}")
    if array.ndim != 2:
        hint = "X.reshape(1, -1) for one sample, X.reshape(-1, 1) for one column" if array.ndim == 1 else None
        raise InputError(
            "X does not fit", expected="shape (samples, columns)", got=f"shape {array.shape}", hint=hint
        )
    if array.shape[1] != columns:
        raise InputError(
            f"layer 1 expects X with {columns} column{'s' * (columns != 1)}, got shape {array.shape}; "
            f"did you mean MLP([{array.shape[1]}, …])?"
        )
    return as_precision(array, "X", dtype)


def as_targets(loss: Loss, Y: ArrayLike, samples: int, outputs: int, dtype: DTypeLike) -> Array:
    """Return Y as targets (samples, outputs) of a loss.

    `cross_entropy` takes class numbers (n,) or one row of class probabilities a sample; with one
    output, (n,) stands for (n, 1).

    Raises:
        InputError: targets that do not fit the network, the samples or the loss.
    """
    array = as_numbers(Y, "Y")
    if loss.targets == "class" and (array.ndim == 1 or (array.ndim == 2 and array.shape[1] == 1)):
        array = _one_hot(array.reshape(-1), outputs)
    elif array.ndim == 1 and outputs == 1:
        array = array[:, None]
    if array.shape != (samples, outputs):
        also = f" or ({samples},)" if outputs == 1 or loss.targets == "class" else ""
        raise InputError(
            "Y does not fit", expected=f"shape ({samples}, {outputs}){also}", got=f"shape {np.shape(Y)}"
        )
    targets = as_precision(array, "Y", dtype)
    _check_range(loss, targets)
    if loss.targets == "class":  # exact shares of one, as the gradient of cross_entropy relies on
        targets = targets / targets.sum(axis=1, keepdims=True)
    return targets


def as_weights(sample_weight: ArrayLike, samples: int, dtype: DTypeLike) -> Array:
    """Return sample weights as an array (samples,), none negative, of a finite sum above zero.

    Raises:
        InputError: anything else.
    """
    array = as_numbers(sample_weight, "sample_weight")
    if array.shape != (samples,):
        raise InputError(
            "sample_weight does not fit", expected=f"shape ({samples},)", got=f"shape {array.shape}"
        )
    weights = as_precision(array, "sample_weight", dtype)
    if weights.min() < 0 or weights.max() <= 0:
        raise InputError(
            "sample_weight does not fit",
            expected="none negative, and some positive",
            got=f"values from {weights.min():g} to {weights.max():g}",
        )
    with np.errstate(over="ignore"):
        total = weights.sum()
    if not np.isfinite(total):
        raise InputError("sample_weight does not fit", expected="a finite sum", got=f"{total}")
    return weights


def shares(weights: Array | None, samples: int) -> Array | float:
    """Return each sample's share in the mean: 1/n, or its weight over the total, (n, 1)."""
    return 1.0 / samples if weights is None else (weights / weights.sum())[:, None]


def as_numbers(value: ArrayLike, name: str) -> Array:
    """Return value as an array of real numbers of any shape."""
    try:
        array = np.asarray(value)
    except ValueError as error:  # rows of different lengths
        raise InputError(f"{name} does not fit", expected="rows of equal length", got=f"{error}") from None
    if array.dtype.kind == "O":
        with contextlib.suppress(TypeError, ValueError, OverflowError):
            array = array.astype(np.float64)
    if array.dtype.kind not in "fiub":
        raise InputError(f"{name} does not fit", expected="real numbers", got=f"an array of {array.dtype}")
    return array


def as_precision(array: Array, name: str, dtype: DTypeLike) -> Array:
    """Return the array in the given precision, row by row in memory; every number must be finite."""
    with np.errstate(all="ignore"):
        converted = np.ascontiguousarray(array, dtype=dtype)
        is_finite = np.isfinite(converted.sum())  # quick: what is not finite makes the sum so too
    if not is_finite and not np.isfinite(converted).all():
        place = np.argwhere(~np.isfinite(converted))
        position = ", ".join(map(str, place[0]))
        raise InputError(
            f"{name} holds {len(place)} number{'s' * (len(place) != 1)} that {np.dtype(dtype)} cannot take",
            expected="finite numbers",
            got=f"{array[tuple(place[0])]} at {name}[{position}]",
        )
    return converted


def _one_hot(classes: Array, outputs: int) -> Array:
    numbers = classes.astype(np.int64, copy=False) if classes.dtype.kind in "iub" else classes
    bad = (numbers != np.floor(numbers)) | (numbers < 0) | (numbers >= outputs)
    if bad.any():
        raise InputError(
            "Y does not fit",
            expected=f"class numbers from 0 to {outputs - 1}",
            got=f"{classes[bad][0]} in row {bad.argmax()}",
        )
    one_hot = np.zeros((len(numbers), outputs))
    one_hot[np.arange(len(numbers)), numbers.astype(np.intp)] = 1.0
    return one_hot


def _check_range(loss: Loss, targets: Array) -> None:
    def refuse(expected: str, bad: Array) -> None:
        row = int(bad.any(axis=1).argmax())
        raise InputError(
            f"Y does not fit {loss.name}", expected=expected, got=f"{targets[row].tolist()} in row {row}"
        )

    if loss.targets == "count" and (bad := targets < 0).any():
        refuse("no number below 0", bad)
    if loss.targets in ("probability", "class") and (bad := (targets < 0) | (targets > 1)).any():
        refuse("numbers between 0 and 1", bad)
    if loss.targets == "class" and (bad := np.abs(targets.sum(axis=1, keepdims=True) - 1) > 1e-5).any():
        refuse("each row to sum to 1", bad)
