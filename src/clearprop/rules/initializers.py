"""Initialisers: the first weights W (in, out) of a layer, drawn from a given generator.

The names tell the spread: with fan_in = in and fan_out = out, Glorot keeps the variance of signals
and gradients alike, He the variance behind a relu, LeCun the variance behind a selu or a linear unit.
"""

from collections.abc import Callable

import numpy as np

from .array import Array

Initializer = Callable[[np.random.Generator, int, int], Array]


def standard_normal(rng: np.random.Generator, fan_in: int, fan_out: int) -> Array:
    """Standard normal draws, as in the article."""
    return rng.standard_normal((fan_in, fan_out))


def glorot_normal(rng: np.random.Generator, fan_in: int, fan_out: int) -> Array:
    """Normal with variance 2/(fan_in + fan_out). Source: Glorot, Bengio 2010."""
    return rng.standard_normal((fan_in, fan_out)) * np.sqrt(2 / (fan_in + fan_out))


def glorot_uniform(rng: np.random.Generator, fan_in: int, fan_out: int) -> Array:
    """Uniform with variance 2/(fan_in + fan_out). Source: Glorot, Bengio 2010."""
    limit = np.sqrt(6 / (fan_in + fan_out))
    return rng.uniform(-limit, limit, (fan_in, fan_out))


def he_normal(rng: np.random.Generator, fan_in: int, fan_out: int) -> Array:
    """Normal with variance 2/fan_in. Source: He, Zhang, Ren, Sun 2015."""
    return rng.standard_normal((fan_in, fan_out)) * np.sqrt(2 / fan_in)


def he_uniform(rng: np.random.Generator, fan_in: int, fan_out: int) -> Array:
    """Uniform with variance 2/fan_in. Source: He, Zhang, Ren, Sun 2015."""
    limit = np.sqrt(6 / fan_in)
    return rng.uniform(-limit, limit, (fan_in, fan_out))


def lecun_normal(rng: np.random.Generator, fan_in: int, fan_out: int) -> Array:
    """Normal with variance 1/fan_in. Source: LeCun, Bottou, Orr, Müller 1998."""
    return rng.standard_normal((fan_in, fan_out)) * np.sqrt(1 / fan_in)


def lecun_uniform(rng: np.random.Generator, fan_in: int, fan_out: int) -> Array:
    """Uniform with variance 1/fan_in. Source: LeCun, Bottou, Orr, Müller 1998."""
    limit = np.sqrt(3 / fan_in)
    return rng.uniform(-limit, limit, (fan_in, fan_out))


def orthogonal(rng: np.random.Generator, fan_in: int, fan_out: int) -> Array:
    """Orthonormal columns (or rows, where there are fewer). Source: Saxe, McClelland, Ganguli 2014."""
    tall = rng.standard_normal((max(fan_in, fan_out), min(fan_in, fan_out)))
    Q, R = np.linalg.qr(tall)
    Q = Q * np.sign(np.diag(R))  # makes the draw uniform over all such matrices (Mezzadri 2007)
    return np.ascontiguousarray(Q if fan_in >= fan_out else Q.T)


INITIALIZERS: dict[str, Initializer] = {
    rule.__name__: rule
    for rule in (
        standard_normal, glorot_normal, glorot_uniform, he_normal,
        he_uniform, lecun_normal, lecun_uniform, orthogonal,
    )
}  # fmt: skip


def natural_initializer(activation: str) -> str:
    """The initialiser that suits an activation, which `init="auto"` takes."""
    if activation in ("identity", "sigmoid", "tanh", "softmax", "exp"):
        return "glorot_uniform"
    return "lecun_normal" if activation == "selu" else "he_uniform"
