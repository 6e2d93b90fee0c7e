"""Small data sets to look at, drawn from a seed: classes in turn, inputs within a few units of zero.

All take the number of samples, the seed and the noise: the standard deviation of what is added to the inputs.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from .checks import check_number, check_whole
from .rules.array import Array


class Samples(NamedTuple):
    """Inputs and targets with their names.

    Attributes:
        X: inputs (n, in).
        Y: targets (n,): class numbers, or numbers where `classes` is empty.
        inputs: the names of the columns of X.
        target: what Y is called.
        classes: the names of the classes.
    """

    X: Array
    Y: Array
    inputs: tuple[str, ...]
    target: str
    classes: tuple[str, ...] = ()


def xor(n: int = 4, seed: int = 0, noise: float = 0.0) -> Samples:
    """Whether exactly one of two switches is on: four points that no straight line tells apart.

    More than four samples take the four points in turn, and noise makes clouds of them.
    """
    rng = _generator(n, seed)
    corners = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    places = np.arange(n) % 4
    X = _noisy(rng, corners[places], noise)
    return Samples(X, np.array([0, 1, 1, 0])[places], ("x1", "x2"), "xor", ("0", "1"))


def circle(n: int = 100, seed: int = 0, noise: float = 0.0) -> Samples:
    """A disc, and a ring around it."""
    rng = _generator(n, seed)
    codes = np.arange(n) % 2
    radius = rng.uniform(0, 0.5, n) + codes * 0.75  # (n,)
    angle = rng.uniform(0, 2 * np.pi, n)
    X = radius[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])
    return Samples(_noisy(rng, X, noise), codes, ("x1", "x2"), "place", ("inside", "outside"))


def spiral(n: int = 100, seed: int = 0, noise: float = 0.02) -> Samples:
    """Two arms that wind around each other, which ask for many hidden units."""
    rng = _generator(n, seed)
    codes = np.arange(n) % 2
    radius = rng.permutation(np.linspace(0.1, 1, n))
    angle = 1.25 * 2 * np.pi * radius + codes * np.pi  # one turn and a quarter
    X = radius[:, None] * np.column_stack([np.sin(angle), np.cos(angle)])
    return Samples(_noisy(rng, X, noise), codes, ("x1", "x2"), "arm", ("first", "second"))


def moons(n: int = 100, seed: int = 0, noise: float = 0.1) -> Samples:
    """Two half circles that reach into each other."""
    rng = _generator(n, seed)
    codes = np.arange(n) % 2
    angle = rng.uniform(0, np.pi, n)
    upper = np.column_stack([np.cos(angle), np.sin(angle)]) - [0.5, 0.25]
    X = np.where(codes[:, None] == 0, upper, -upper)
    return Samples(_noisy(rng, X, noise), codes, ("x1", "x2"), "moon", ("upper", "lower"))


def blobs(n: int = 99, seed: int = 0, noise: float = 0.3) -> Samples:
    """Three round clouds, a class each."""
    rng = _generator(n, seed)
    codes = np.arange(n) % 3
    angle = 2 * np.pi * codes / 3
    X = np.column_stack([np.sin(angle), np.cos(angle)])
    return Samples(_noisy(rng, X, noise), codes, ("x1", "x2"), "cloud", ("top", "right", "left"))


def sine(n: int = 60, seed: int = 0, noise: float = 0.05) -> Samples:
    """A wave: a number to predict from a number; the noise is that of the answers."""
    rng = _generator(n, seed)
    x = rng.uniform(-np.pi, np.pi, n)
    return Samples(x[:, None], _noisy(rng, np.sin(x), noise), ("x",), "y")


SAMPLES: dict[str, Callable[..., Samples]] = {
    each.__name__: each for each in (xor, circle, spiral, moons, blobs, sine)
}


def _noisy(rng: np.random.Generator, values: Array, noise: float) -> Array:
    return values + rng.normal(0, check_number("noise", noise, at_least=0), values.shape)


def _generator(n: int, seed: int) -> np.random.Generator:
    check_whole("n", n, at_least=1)
    return np.random.Generator(np.random.PCG64(check_whole("seed", seed, at_least=0)))
