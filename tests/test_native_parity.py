"""Training on the compiled engine ends where the rules end: steps, longer runs, divergence, Ctrl-C."""

from __future__ import annotations

import math
import os
import signal
import threading
import time
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings

from clearprop import MLP, SGD, Adam, EarlyStopping, Loss, Momentum
from clearprop.data import batches, check_data, generator
from clearprop.errors import DivergedError
from clearprop.loss import LOSSES
from clearprop.rules import HIDDEN_ACTIVATIONS, OUTPUT_ACTIVATIONS
from clearprop.schedules import Cosine, Exponential, OneCycle, ReduceOnPlateau
from clearprop.stepping import Memory, Rates, Stepper
from native_fits import (
    BOUND,
    OPTIMIZERS,
    SMOOTH_LOSSES,
    Case,
    assert_engines_agree,
    assert_same_fit,
    at_level,
    cases,
    fitted,
    is_tame,
    single,
)
from native_kernels import LEVELS
from random_networks import targets


def case_of(
    sizes: list[int],
    activation: str = "tanh",
    output: str = "auto",
    loss: str = "squared_error",
    *,
    samples: int = 37,
    network: dict[str, Any] | None = None,
    **options: Any,
) -> Case:
    rng = np.random.default_rng(len(sizes) * samples + sizes[0])
    words = {"sizes": sizes, "activation": activation, "output": output, "loss": loss, **(network or {})}
    Y = targets(rng, Loss(loss), samples, sizes[-1])
    X = single(rng.standard_normal((samples, sizes[0])))
    defaults = {"optimizer": Momentum(0.05, 0.8), "epochs": 1, "batch_size": 10}
    return Case(words, X, single(Y) if Y.ndim == 2 else Y, {**defaults, **options})


# ---- steps


@settings(max_examples=150, deadline=None)
@given(case=cases())
def test_a_few_steps_agree(case: Case) -> None:
    """Random numbers lie away from the kinks of relu and its like: nearer than 1e-12 is one in 1e12."""
    assume(is_tame(case))
    assert_engines_agree(case)


@settings(max_examples=100, deadline=None)
@given(case=cases(smooth=True))
def test_a_few_steps_agree_in_single_precision(case: Case) -> None:
    """Without kinks, as one in 1e6 numbers lies so near to one that a rounding decides."""
    assume(is_tame(case))
    assert_engines_agree(case, "float32")


@pytest.mark.parametrize("dtype", BOUND)
@pytest.mark.parametrize("activation", OUTPUT_ACTIVATIONS)
def test_every_activation(activation: str, dtype: str) -> None:
    hidden = activation if activation in HIDDEN_ACTIVATIONS else "tanh"
    assert_engines_agree(case_of([5, 11, 17, 3], hidden, activation), dtype)


@pytest.mark.parametrize("dtype", BOUND)
@pytest.mark.parametrize("loss", LOSSES)
def test_every_loss(loss: str, dtype: str) -> None:
    rng = np.random.default_rng(3)
    case = case_of([5, 11, 3], loss=loss, sample_weight=single(rng.uniform(0.2, 2, 37)))
    assert_engines_agree(case, dtype)


@pytest.mark.parametrize("dtype", BOUND)
@pytest.mark.parametrize("update", ["simultaneous", "sequential", "clipped"])
@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=lambda optimizer: type(optimizer).__name__)
def test_every_optimizer(optimizer: Any, update: str, dtype: str) -> None:
    order: dict[str, Any] = {"clip_norm": 0.1} if update == "clipped" else {"update": update}
    more: dict[str, Any] = {
        "network": {"l1": 0.01, "l2": 0.1, "dropout": 0.25},
        "freeze": ["b1"],
        "rate_factors": {"W2": 0.5},
    }
    assert_engines_agree(case_of([5, 9, 17, 2], optimizer=optimizer, **order, **more), dtype)


@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=lambda optimizer: type(optimizer).__name__)
@pytest.mark.parametrize("n_threads", [1, 3])
def test_layers_in_tasks(optimizer: Any, n_threads: int) -> None:
    """Products of more than 2¹⁸ multiply-adds are cut into tasks, here with a rest on every side."""
    case = case_of(
        [70, 131, 67, 5], "gelu", samples=167, batch_size=100, optimizer=optimizer,
        network={"dropout": 0.2, "l1": 0.001, "l2": 0.01},
    )  # fmt: skip
    assert_engines_agree(case, n_threads=n_threads)
    assert_engines_agree(case, "float32", n_threads=n_threads)
    if n_threads > 1:
        assert_engines_agree(case, update="sequential", n_threads=n_threads)
        assert_engines_agree(case, clip_norm=0.5, n_threads=n_threads)


@pytest.mark.parametrize(
    ("sizes", "output", "loss", "samples", "batch_size"),
    [
        ([130, 131], "auto", "cross_entropy", 129, None),  # softmax behind tasks
        ([3, 37], "auto", "cross_entropy", 1100, None),  # the loss in blocks of rows
        ([3, 41], "softmax", "huber", 1100, 1000),
        ([257, 2], "auto", "binary_cross_entropy", 140, 131),  # gathered by the workers
        ([1, 263, 1], "auto", "squared_error", 1009, None),
        ([128, 256, 128], "auto", "squared_error", 32, 16),  # rows that would lie 1024 bytes apart
        ([512, 1], "auto", "poisson", 3, 2),
    ],
)
def test_shapes_at_the_limits(
    sizes: list[int], output: str, loss: str, samples: int, batch_size: int | None
) -> None:
    case = case_of(sizes, "tanh", output, loss, samples=samples, batch_size=batch_size, optimizer=SGD(0.01))
    assert_engines_agree(case, n_threads=2)
    assert_engines_agree(case, "float32", n_threads=2)


# ---- longer runs, and all that an epoch brings


@pytest.mark.parametrize("loss", SMOOTH_LOSSES)
@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=lambda optimizer: type(optimizer).__name__)
def test_fifty_steps_agree(optimizer: Any, loss: str) -> None:
    """Smooth units at moderate rates: a rounding grows no faster than the way that is gone."""
    hidden = {"mean_squared_error": "silu", "poisson": "sigmoid", "huber": "mish"}.get(loss, "tanh")
    case = case_of(
        [4, 13, 6, 2], hidden, loss=loss, samples=100, optimizer=optimizer, epochs=5, batch_size=10
    )
    assert_engines_agree(case, validation=0.2)
    assert_engines_agree(case)
    assert_engines_agree(case, "float32", bound=5e-4)


@pytest.mark.parametrize(
    "schedule",
    [Cosine(0.1, warmup=0.2), OneCycle(0.1), Exponential(0.1), ReduceOnPlateau(0.1, patience=1)],
    ids=lambda schedule: type(schedule).__name__,
)
def test_schedules_agree(schedule: Any) -> None:
    case = case_of([4, 7, 1], optimizer=SGD(schedule), epochs=12, batch_size=5)
    for callbacks in ([], [lambda net, history: None]):
        assert_engines_agree(case, callbacks=callbacks, validation=0.3)


@pytest.mark.parametrize("loss", ["squared_error", "binary_cross_entropy", "cross_entropy"])
def test_validation_metric_and_callbacks_agree(loss: str) -> None:
    rng = np.random.default_rng(0)
    case = case_of([4, 7, 3], loss=loss, samples=40, epochs=8, batch_size=None)
    held_out = case_of([4, 7, 3], loss=loss, samples=23)
    for validation in (None, 0.25, (held_out.X, held_out.Y), (held_out.X, held_out.Y, rng.uniform(0, 2, 23))):
        assert_engines_agree(case, validation=validation, metric=None)
        assert_engines_agree(case, validation=validation, sample_weight=rng.uniform(0, 2, 40))
    assert_engines_agree(case, validation=(held_out.X, held_out.Y), callbacks=[EarlyStopping(patience=2)])


def test_a_second_fit_goes_on_alike() -> None:
    case = case_of([4, 7, 2], network={"dropout": 0.2}, optimizer=Adam(0.02, epsilon=0.1), epochs=3)
    nets = {}
    for engines in (("numpy", "numpy"), ("native", "numpy"), ("numpy", "native"), ("native", "native")):
        nets[engines] = net = case.net()
        for engine in engines:
            net.fit(case.X, case.Y, **case.options, engine=engine)
    for net in nets.values():
        assert_same_fit(net, nets["numpy", "numpy"], case.net().parameters.vector, 1e-12)


def test_outputs_agree_for_any_number_of_rows() -> None:
    for dtype, bound in (("float64", 1e-14), ("float32", 2e-6)):
        for loss, sizes in (
            ("cross_entropy", [13, 33, 5]),
            ("squared_error", [7, 300, 17]),
            ("poisson", [1, 1]),
        ):
            case = case_of(sizes, "gelu", loss=loss)
            rng = np.random.default_rng(1)
            for rows in (1, 2, 4, 5, 255, 256, 257):
                X = rng.standard_normal((rows, sizes[0])).astype(dtype)
                Z, A = case.net().last_layer(X.astype(np.float64), "numpy")
                for level in LEVELS:
                    with at_level(level):
                        net = case.net(dtype)
                        np.testing.assert_allclose(net.forward(X), A, rtol=bound, atol=bound)
                        np.testing.assert_allclose(net.scores(X), Z, rtol=bound, atol=10 * bound)


# ---- divergence


def diverged(case: Case, engine: str) -> tuple[MLP, str]:
    net = case.net()
    with pytest.raises(DivergedError) as caught:
        net.fit(case.X, case.Y, **case.options, engine=engine)
    return net, str(caught.value)


DIVERGING: dict[str, dict[str, Any]] = {
    "far too large a rate": {"optimizer": SGD(1e6), "epochs": 100},
    "in the middle of an epoch": {"optimizer": SGD(30.0), "epochs": 100},
    "with dropout": {"optimizer": SGD(1e6), "epochs": 100, "network": {"dropout": 0.3}},
    "Momentum": {"optimizer": Momentum(1e3), "epochs": 100},
    "Adam": {"optimizer": Adam(1e200), "epochs": 100},
    "sequential": {"optimizer": SGD(1e6), "epochs": 100, "update": "sequential"},
    "the penalty": {"optimizer": SGD(0.1), "network": {"l2": 1e308}},
    "with a metric only": {"optimizer": SGD(1e6), "epochs": 100, "metric": None},
    "with a callback": {"optimizer": SGD(1e6), "epochs": 100, "callbacks": [lambda net, history: None]},
    "clipped": {"optimizer": SGD(1e200), "epochs": 100, "clip_norm": 1e200},
    "at the very end": {"optimizer": SGD(1e160), "epochs": 1, "batch_size": None},
}


@pytest.mark.parametrize("options", DIVERGING.values(), ids=DIVERGING)
def test_divergence_is_the_same(options: dict[str, Any]) -> None:
    """The step, what is said, the last good weights and the finished epochs."""
    case = case_of([3, 5, 1], "relu", **options)
    expected, message = diverged(case, "numpy")
    for level in LEVELS:
        with at_level(level):
            net, said = diverged(case, "native")
        assert said == message
        theta = expected.parameters.vector
        np.testing.assert_allclose(net.parameters.vector, theta, rtol=1e-9, atol=1e-9 * abs(theta).max())
        assert net.memory is None
        assert net.epochs == expected.epochs
        assert net.history.epoch == expected.history.epoch
        assert net.history.stopped_by == "divergence"
        np.testing.assert_allclose(net.history.train_loss, expected.history.train_loss, rtol=1e-9)


# ---- Ctrl-C


@pytest.mark.skipif(os.name == "nt", reason="signals are sent with os.kill")
@pytest.mark.parametrize("dropout", [0.0, 0.2])
def test_ctrl_c_in_the_middle_of_a_call(dropout: float) -> None:
    """It ends soon, between two steps: whole epochs are recorded, the weights are of whole steps."""
    rng = np.random.default_rng(0)
    X, Y = rng.standard_normal((1000, 20)), rng.standard_normal((1000, 3))
    net, again = (MLP([20, 40, 3], "tanh", seed=0, dropout=dropout) for _ in range(2))
    pressed: list[float] = []

    def press() -> None:
        pressed.append(time.monotonic())
        os.kill(os.getpid(), signal.SIGINT)

    timer = threading.Timer(0.3, press)
    timer.start()
    options: dict[str, Any] = {"optimizer": SGD(0.01), "batch_size": 10, "metric": None}
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.warns(UserWarning, match="training was interrupted after"):
            history = net.fit(X, Y, epochs=10**6, engine="native", **options)
        took = time.monotonic() - pressed[0]
    finally:
        timer.join()
        signal.signal(signal.SIGINT, before)
    assert took < 1.0
    assert history.stopped_by == "interrupt"
    assert history.epoch == list(range(1, net.epochs + 1))
    steps = net.memory.steps
    assert 100 * net.epochs <= steps < 100 * (net.epochs + 1)
    assert np.isfinite(net.predict(X)).all()
    if net.epochs:
        again.fit(X, Y, epochs=net.epochs, engine="native", **options)
    by_rules(again, X, Y, steps - 100 * net.epochs)
    np.testing.assert_allclose(net.parameters.vector, again.parameters.vector, rtol=1e-10, atol=1e-12)
    assert net.fit(X, Y, epochs=1, engine="native", **options).epoch == [again.epochs + 1]


def by_rules(net: MLP, X: Any, Y: Any, steps: int) -> None:
    """The first steps of the next epoch."""
    data, rng = check_data(net, X, Y), generator(0, net.epochs + 1)
    stepper = Stepper(net, Memory(SGD(0.01), np.zeros((0, net.parameters.vector.size))), Rates(None))
    stepper.start_epoch(rng)
    for rows, _ in zip(batches(rng, len(data), 10, True), range(steps), strict=False):
        stepper.step(data, rows, 0.01)


# ---- the comparison sees faults


def test_a_small_fault_is_seen() -> None:
    case = case_of([4, 7, 2])
    start, expected = case.net().parameters.vector, fitted(case, "numpy")
    for dtype, bound in BOUND.items():
        net = fitted(case, "native", dtype)
        assert_same_fit(net, expected, start, bound)
        net.parameters["b1"][0] += math.sqrt(bound) * 0.1
        with pytest.raises(AssertionError, match=r"off, on a way of"):
            assert_same_fit(net, expected, start, bound)
