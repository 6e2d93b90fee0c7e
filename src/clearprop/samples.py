"""Small data sets to look at, drawn from a seed: classes in turn, inputs within a few units of zero."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from .errors import InputError
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


def xor() -> Samples:
    """Whether exactly one of two switches is on: four points that no straight line tells apart."""
    X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    return Samples(X, np.array([0, 1, 1, 0]), ("x1", "x2"), "xor", ("0", "1"))


def circle(n: int = 100, seed: int = 0) -> Samples:
    """A disc, and a ring around it."""
    rng = _generator(n, seed)
    codes = np.arange(n) % 2
    radius = rng.uniform(0, 0.5, n) + codes * 0.75  # (n,)
    angle = rng.uniform(0, 2 * np.pi, n)
    X = radius[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])
    return Samples(X, codes, ("x1", "x2"), "place", ("inside", "outside"))


def spiral(n: int = 100, seed: int = 0) -> Samples:
    """Two arms that wind around each other, which ask for many hidden units."""
    rng = _generator(n, seed)
    codes = np.arange(n) % 2
    radius = rng.permutation(np.linspace(0.1, 1, n))
    angle = 1.25 * 2 * np.pi * radius + codes * np.pi  # one turn and a quarter
    X = radius[:, None] * np.column_stack([np.sin(angle), np.cos(angle)])
    return Samples(X + rng.normal(0, 0.02, X.shape), codes, ("x1", "x2"), "arm", ("first", "second"))


def moons(n: int = 100, seed: int = 0) -> Samples:
    """Two half circles that reach into each other."""
    rng = _generator(n, seed)
    codes = np.arange(n) % 2
    angle = rng.uniform(0, np.pi, n)
    upper = np.column_stack([np.cos(angle), np.sin(angle)]) - [0.5, 0.25]
    X = np.where(codes[:, None] == 0, upper, -upper)
    return Samples(X + rng.normal(0, 0.1, X.shape), codes, ("x1", "x2"), "moon", ("upper", "lower"))


def blobs(n: int = 99, seed: int = 0) -> Samples:
    """Three round clouds, a class each."""
    rng = _generator(n, seed)
    codes = np.arange(n) % 3
    angle = 2 * np.pi * codes / 3
    X = np.column_stack([np.sin(angle), np.cos(angle)]) + rng.normal(0, 0.3, (n, 2))
    return Samples(X, codes, ("x1", "x2"), "cloud", ("top", "right", "left"))


def sine(n: int = 60, seed: int = 0) -> Samples:
    """A wave with a little noise: a number to predict from a number."""
    rng = _generator(n, seed)
    x = rng.uniform(-np.pi, np.pi, n)
    return Samples(x[:, None], np.sin(x) + rng.normal(0, 0.05, n), ("x",), "y")


SAMPLES: dict[str, Callable[..., Samples]] = {
    each.__name__: each for each in (xor, circle, spiral, moons, blobs, sine)
}


def _generator(n: int, seed: int) -> np.random.Generator:
    if n < 1:
        raise InputError("n does not fit", expected="a whole number ≥ 1", got=n)
    return np.random.Generator(np.random.PCG64(seed))
