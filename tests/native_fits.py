"""Fits on both engines side by side: what the tests of whole training steps share."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple
from unittest import mock

import numpy as np
from hypothesis import strategies as st

from clearprop import MLP, SGD, Adagrad, Adam, AdamW, Loss, Momentum, Nesterov, RMSProp
from clearprop.errors import DivergedError
from clearprop.loss import LOSSES
from clearprop.rules import HIDDEN_ACTIVATIONS, OUTPUT_ACTIVATIONS
from native_kernels import LEVELS, SEEDS, SIZES, Array, distance
from random_networks import SMOOTH, targets

# Their ε is large, as g/(√g² + ε) would make something of a gradient that is nothing but rounding.
OPTIMIZERS = (
    SGD(0.1), Momentum(0.05, 0.8), Nesterov(0.05, 0.8), Adagrad(0.05, 0.1), RMSProp(0.02, 0.9, 0.1),
    Adam(0.02, 0.8, 0.98, 0.1), AdamW(0.02, 0.8, 0.98, 0.1, decay=0.1),
)  # fmt: skip
SMOOTH_LOSSES = (
    "squared_error",
    "mean_squared_error",
    "huber",
    "poisson",
    "binary_cross_entropy",
    "cross_entropy",
)

# How far a fit may be from the rules in double precision, beside how far it went. In single precision each
# rounding loses 6e-8; through all layers and back, over a few steps, that became 5e-6 at worst in 4000 cases.
BOUND = {"float64": 1e-12, "float32": 5e-5}


class Case(NamedTuple):
    """A network in words, the data, and what `fit` is called with."""

    network: dict[str, Any]
    X: Array
    Y: Array
    options: dict[str, Any]

    def net(self, dtype: str = "float64", start: Array | None = None) -> MLP:
        """The network at its first weights, none of them 0; in all precisions the same."""
        net = MLP(**self.network, seed=1, dtype=dtype)
        theta = MLP(**self.network, seed=1, dtype="float32").parameters.vector
        net.parameters.vector[:] = theta if start is None else start
        if start is None:
            for layer in net.layers:
                net.parameters[layer.b] = 0.25 * np.cos(np.arange(layer.outputs))
        return net


@st.composite
def cases(draw: Any, *, smooth: bool = False, most: int = 70) -> Case:
    """Any network of 1 to 4 layers, any data and almost any settings."""
    kinds = st.sampled_from
    loss = draw(kinds(SMOOTH_LOSSES if smooth else tuple(LOSSES)))
    sizes = draw(st.lists(SIZES, min_size=2, max_size=5))
    sizes[-1] = max(2 if loss == "cross_entropy" else 1, sizes[-1] if draw(st.booleans()) else sizes[-1] % 10)
    hidden, output = (SMOOTH, SMOOTH) if smooth else (HIDDEN_ACTIVATIONS, OUTPUT_ACTIVATIONS)
    depth = len(sizes) - 1
    factors = draw(st.booleans()) and {f"W{depth}": 0.5, "b1": 2.0}
    sequential = draw(st.booleans())
    rng = np.random.default_rng(draw(SEEDS))
    n = draw(st.integers(1, most))
    network = {
        "sizes": sizes,
        "activation": [draw(kinds(hidden)) for _ in range(depth - 1)],
        "output": "auto" if Loss(loss).is_fused else draw(kinds(output)),
        "loss": Loss(loss, label_smoothing=draw(kinds([0.0, 0.1]))) if loss == "cross_entropy" else loss,
        "l1": draw(kinds([0.0, 0.01])),
        "l2": draw(kinds([0.0, 0.1])),
        "dropout": draw(kinds([0.0, 0.3])),
    }
    options = {
        "optimizer": draw(kinds(OPTIMIZERS)),
        "epochs": 1,
        "batch_size": draw(st.one_of(st.none(), st.integers(max(1, n // 4), n))),
        "update": "sequential" if sequential else "simultaneous",
        "freeze": draw(kinds([[], ["W1"], [f"b{depth}"]])),
        "rate_factors": factors or None,
        "clip_norm": None if sequential else draw(kinds([None, 0.05, 1e3])),
        "sample_weight": single(rng.uniform(0.1, 2, n)) if draw(st.booleans()) else None,
        "shuffle": draw(st.booleans()),
    }
    Y = targets(rng, Loss(loss), n, sizes[-1])
    return Case(network, single(rng.standard_normal((n, sizes[0]))), single(Y) if Y.ndim == 2 else Y, options)


def single(array: Array) -> Array:
    """Numbers that single precision has, so that both precisions start from the same."""
    return array.astype(np.float32).astype(np.float64)


@contextmanager
def at_level(level: str) -> Iterator[None]:
    with mock.patch.dict(os.environ, {"CLEARPROP_CPU": level}):
        yield


def fitted(case: Case, engine: str, dtype: str = "float64", **options: Any) -> MLP:
    net = case.net(dtype)
    net.fit(case.X, case.Y, **{**case.options, **options}, engine=engine)
    return net


def is_tame(case: Case) -> bool:
    """Whether a fit can be compared: one that runs away multiplies each rounding with every step."""
    try:
        net = fitted(case, "numpy")
    except DivergedError:
        return False
    with np.errstate(over="ignore"):
        return bool(max([*net.history.train_loss, net.loss(case.X, case.Y)]) < 30)


def assert_same_fit(net: MLP, other: MLP, start: Array, bound: float) -> None:
    """Weights, the optimiser's memory and the history agree."""
    one, theta = net.parameters.vector.astype(np.float64), other.parameters.vector
    rounding = 2 * np.finfo(net.dtype).eps * np.linalg.norm(theta)  # of θ itself, in each of a few steps
    off, way = np.linalg.norm(one - theta), np.linalg.norm(theta - start)
    assert off <= bound * way + rounding, f"{off:.1e} off, on a way of {way:.1e}"
    assert net.memory.steps == other.memory.steps
    assert distance(net.memory.vectors, other.memory.vectors) <= bound
    history, expected = net.history, other.history
    assert history.epoch == expected.epoch
    assert history.stopped_by == expected.stopped_by
    figures = ["train_loss", "penalty", "gradient_norm", "validation_loss", "learning_rate"]
    if net.dtype == np.float64:
        figures.append("metric")  # a share of right answers may jump by a rounding in single precision
    for name in figures:
        for value, right in zip(getattr(history, name), getattr(expected, name), strict=True):
            assert (value is None) == (right is None), name
            if value is not None:
                assert abs(value - right) <= bound * max(1, abs(right)), (name, value, right)
    assert {**history.settings, "engine": ""} == {**expected.settings, "engine": ""}


def assert_engines_agree(
    case: Case, dtype: str = "float64", bound: float | None = None, **options: Any
) -> None:
    """The compiled engine at all CPU levels ends where the rules end in double precision."""
    expected = fitted(case, "numpy", **options)
    for level in LEVELS:
        with at_level(level):
            net = fitted(case, "native", dtype, **options)
        assert net.history.settings["engine"] == "native"
        assert_same_fit(net, expected, case.net().parameters.vector, bound or BOUND[dtype])
