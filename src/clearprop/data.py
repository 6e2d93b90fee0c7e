"""The data of one fit: checked arrays, batches in a seeded order, a validation part held out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from .arrays import as_inputs, as_targets, as_weights, shares
from .checks import check_number
from .errors import InputError
from .network import Network
from .rules.array import Array

SPLIT = 2**32 - 1  # not 0: PCG64([seed, 0]) is PCG64(seed), which draws the first weights


@dataclass(frozen=True)
class Data:
    """Inputs X (n, in), targets T (n, out) and sample weights (n,) or None, checked."""

    X: Array
    T: Array
    weights: Array | None = None

    def __len__(self) -> int:
        return len(self.X)

    def batch(self, rows: Array) -> tuple[Array, Array, Array | float, float]:
        """Return X, T, the shares in the mean, and the batch's own weight in the epoch's mean."""
        if self.weights is None:
            return self.X[rows], self.T[rows], 1.0 / len(rows), float(len(rows))
        weights = self.weights[rows]
        return self.X[rows], self.T[rows], shares(weights, len(rows)), float(weights.sum())

    def take(self, rows: Array) -> Data:
        """Return these rows as data of their own."""
        return Data(self.X[rows], self.T[rows], None if self.weights is None else self.weights[rows])


def check_data(net: Network, X: ArrayLike, Y: ArrayLike, sample_weight: ArrayLike | None = None) -> Data:
    """Return the data as a network takes them; samples of weight zero are left out.

    Raises:
        InputError: arrays that do not fit the network or one another.
    """
    inputs = as_inputs(X, net.sizes[0], net.dtype)
    targets = as_targets(net.loss_function, Y, len(inputs), net.sizes[-1], net.dtype)
    if sample_weight is None:
        return Data(inputs, targets)
    weights = as_weights(sample_weight, len(inputs), net.dtype)
    data = Data(inputs, targets, weights)
    return data if weights.all() else data.take(np.flatnonzero(weights))


def hold_out(net: Network, data: Data, validation: Any, seed: int) -> tuple[Data, Data | None]:
    """Return training and validation data.

    Args:
        validation: None, a fraction of the data drawn with the seed, or (X, Y) or (X, Y, weights).

    Raises:
        InputError: a fraction that leaves a part empty, or arrays that do not fit.
    """
    if validation is None:
        return data, None
    if isinstance(validation, (tuple, list)) and len(validation) in (2, 3):
        return data, check_data(net, *validation)
    if isinstance(validation, (tuple, list)):
        raise InputError(
            "validation does not fit",
            expected="(Xv, Yv), a fraction or None",
            got=f"{len(validation)} things",
        )
    fraction = check_number("validation", validation, above=0, below=1)
    count = round(fraction * len(data))
    if not 0 < count < len(data):
        raise InputError(
            f"validation={fraction:g} of {len(data)} samples leaves a part empty",
            expected="some samples in both parts",
        )
    rows = generator(seed, SPLIT).permutation(len(data))
    return data.take(np.sort(rows[count:])), data.take(np.sort(rows[:count]))


def generator(seed: int, stream: int) -> np.random.Generator:
    """Return the PCG64 generator of one stream of a seed: k for the k-th epoch, `SPLIT` for holding out."""
    return np.random.Generator(np.random.PCG64([seed, stream]))


def draw_order(rng: np.random.Generator, n: int, size: int, shuffle: bool) -> Array:
    """Return the row numbers of an epoch in the order in which its batches of this size take them.

    One batch of all keeps the rows as they stand: its sums have the same bits in every epoch.
    """
    order = rng.permutation(n) if shuffle else np.arange(n)
    return np.arange(n) if size >= n else order


def batches(rng: np.random.Generator, n: int, size: int, shuffle: bool) -> Iterator[Array]:
    """Yield the row numbers of each batch of an epoch; the last batch may be smaller."""
    order = draw_order(rng, n, size, shuffle)
    for start in range(0, n, size):
        yield order[start : start + size]


def mask_key(rng: np.random.Generator) -> Array:
    """Return the key (2,) of the dropout masks of the epoch that this fresh generator belongs to."""
    seeds = rng.bit_generator.seed_seq
    return seeds.generate_state(2, np.uint64)


def draw_mask(key: Array, layer: int, step: int, shape: tuple[int, int], dropout: float) -> Array:
    """Return the dropout mask of one layer in one step of an epoch: 0, or 1/(1 − p) where a unit stays.

    Its numbers come from a generator that counts (Philox), so that a mask can be drawn at any place at
    any time: the step's number, counted from 0 in its epoch, and the layer's number stand in the counter.
    """
    numbers = np.random.Philox(key=key, counter=[0, layer, step, 0])
    count = shape[0] * shape[1]
    words = numbers.random_raw(-(-count // 2)).astype("<u8").view("<u4")[:count].reshape(shape)
    return (words >= np.uint64(dropout * 2**32)) / (1 - dropout)
