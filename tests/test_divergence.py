"""Divergence: what is said where, and what is left: the last good weights and the finished epochs."""

from __future__ import annotations

import math
import re
from typing import Any, TypeAlias

import numpy as np
import pytest
from numpy.typing import NDArray

from clearprop import MLP, SGD, Adam, Momentum
from clearprop.errors import DivergedError
from clearprop.loss import LOSSES

Array: TypeAlias = NDArray[Any]

pytestmark = pytest.mark.usefixtures("engine")


def regression(samples: int = 12, columns: int = 3, seed: int = 0) -> tuple[Array, Array]:
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((samples, columns))
    return X, np.tanh(X @ np.arange(1.0, columns + 1)) + 0.1 * rng.standard_normal(samples)


def small(**options: Any) -> MLP:
    return MLP([3, 5, 1], "tanh", seed=0, **options)


def assert_unharmed(net: MLP, X: Any, Y: Any) -> None:
    assert np.isfinite(net.parameters.vector).all()
    assert math.isfinite(net.loss(X, Y))
    assert net.memory is None
    assert net.history.epoch == list(range(1, net.epochs + 1))
    assert np.isfinite(net.history.train_loss).all()


@pytest.mark.parametrize("update", ["simultaneous", "sequential"])
@pytest.mark.parametrize("optimizer", [SGD(1e6), Momentum(1e6), Adam(1e200)], ids=repr)
def test_far_too_large_a_learning_rate(optimizer: Any, update: str) -> None:
    net, (X, Y) = MLP([3, 4, 1], seed=0), regression()
    with pytest.raises(
        DivergedError, match=r"training diverged at step \d+: the \w+ is not finite"
    ) as caught:
        net.fit(X, Y, optimizer=optimizer, batch_size=None, update=update)
    assert re.search(
        r"is in .*layer \d.*\. The weights are back at the last good ones; try a smaller learning rate",
        str(caught.value),
    )
    assert isinstance(caught.value, ArithmeticError)
    assert_unharmed(net, X, Y)


def test_divergence_names_the_step_and_keeps_the_finished_epochs() -> None:
    net, (X, Y) = MLP([3, 1], seed=0), regression()
    losses: list[float] = []
    with pytest.raises(DivergedError) as caught:
        net.fit(
            X,
            Y,
            optimizer=SGD(1e20),
            batch_size=None,
            callbacks=[lambda net, h: losses.append(h.train_loss[-1])],
        )
    step = int(re.findall(r"step (\d+)", str(caught.value))[0])
    assert net.history.train_loss == losses
    assert step == len(losses) + 1  # one step an epoch
    assert_unharmed(net, X, Y)


@pytest.mark.parametrize("batch_size", [None, 5])
@pytest.mark.parametrize("metric", ["auto", None])
def test_the_last_good_weights_are_those_of_the_last_finite_loss(
    engine: str, metric: str | None, batch_size: int | None
) -> None:
    X, Y = regression()
    net, by_hand = MLP([3, 1], seed=0), MLP([3, 1], seed=0)
    with pytest.raises(DivergedError, match=r"step \d+: the loss is not finite") as caught:
        net.fit(X, Y, optimizer=SGD(1e20), batch_size=batch_size, shuffle=False, metric=metric)
    size = batch_size or len(X)
    batches = [slice(k, k + size) for k in range(0, len(X), size)]
    good, steps = by_hand.parameters.vector.copy(), 0
    with np.errstate(over="ignore"):
        while math.isfinite(by_hand.loss(X[batches[steps % len(batches)]], Y[batches[steps % len(batches)]])):
            rows = batches[steps % len(batches)]
            good[:] = by_hand.parameters.vector
            by_hand.parameters.vector[:] -= 1e20 * by_hand.loss_and_gradient(X[rows], Y[rows])[1].vector
            steps += 1
    assert f"step {steps + 1}:" in str(caught.value)
    assert len(net.history) == steps // len(batches)
    np.testing.assert_allclose(net.parameters.vector, good, rtol=0 if engine == "numpy" else 1e-12)
    assert np.linalg.norm(good) > 1e100  # and not the first weights


DIVERGING = {
    "metric": {"metric": "auto"},
    "callback": {"callbacks": [lambda net, history: None]},
    "validation": {"validation": 0.5},
    "epochs": {"epochs": 8},
    "one epoch": {"epochs": 1, "optimizer": SGD(1e160)},
    "batches": {"batch_size": 5},
    "sequential": {"update": "sequential"},
    "clipped": {"clip_norm": 1e9, "optimizer": Momentum(1e200)},
    "frozen": {"freeze": ["b1"], "metric": "auto"},
    "penalty": {"optimizer": SGD(1e70)},
}


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("options", DIVERGING.values(), ids=DIVERGING)
def test_every_engine_says_and_leaves_what_numpy_does(
    engine: str, options: dict[str, Any], dtype: str
) -> None:
    """The same message, the same epochs in the history, and the same weights up to rounding."""
    X, Y = regression()
    ends = []
    for which in (engine, "numpy"):
        net = MLP([3, 4, 1], "tanh", seed=0, dtype=dtype, l2=1e-3)
        fit = {"optimizer": SGD(1e20), "epochs": 100, "batch_size": None, "metric": None, **options}
        with pytest.raises(DivergedError) as caught:
            net.fit(X, Y, engine=which, **fit)
        ends.append((str(caught.value), net.history.epoch, net.epochs, net.parameters.vector))
    (*said, theta), (*expected, reference) = ends
    assert said == expected
    np.testing.assert_allclose(theta, reference, rtol=1e-9 if dtype == "float64" else 1e-3)


def test_huge_inputs() -> None:
    net, X = MLP([2, 3, 1], init={"W1": np.ones((2, 3))}, seed=0), np.full((4, 2), 1e308)
    before = net.parameters.vector.copy()
    with pytest.raises(
        DivergedError, match=r"at step 1: the loss is not finite; .* is in Z1 \(layer 1, relu\)"
    ):
        net.fit(X, np.ones(4))
    assert net.parameters.vector.tobytes() == before.tobytes()
    assert len(net.history) == 0


def test_huge_targets() -> None:
    net = MLP([2, 3, 1], seed=0)
    with pytest.raises(DivergedError, match=r"is in L \(squared_error, behind layer 2\)"):
        net.fit(np.ones((4, 2)), np.full(4, 1e300))


def test_a_gradient_may_overflow_before_the_loss() -> None:
    net = MLP([1, 1], init={"W1": [[0.0]]})
    with pytest.raises(DivergedError, match=r"at step 1: the gradient is not finite; .* is in dW1 \(layer 1"):
        net.fit([[1e200]], [1e150], optimizer=SGD(0.1))
    assert_unharmed(net, [[1e200]], [1e150])


def test_the_length_of_the_gradient_may_overflow() -> None:
    net = MLP([1, 1], init={"W1": [[0.0]]})
    with pytest.raises(
        DivergedError, match=r"gradient is not finite; .* is in the square of dW1 \(layer 1, ide"
    ):
        net.fit([[1e100]], [1e60], optimizer=SGD(0.1))


def test_the_penalty_may_overflow() -> None:
    net = MLP([1, 1], init={"W1": [[1e200]]}, l2=1.0)
    with pytest.raises(DivergedError, match=r"the penalty is not finite; .* is in P \(over layers 1 to 1\)"):
        net.fit([[1e-200]], [1.0])


@pytest.mark.parametrize(
    ("X", "Y", "rate", "place"),
    [
        ([[1.0]], [1e100], 1e300, r"the update is not finite; .* is in W1 \(layer 1, identity\)"),
        ([[0.0]], [1e100], 1e300, r"the update is not finite; .* is in b1 \(layer 1, identity\)"),
        ([[1.0]], [1e100], 1e100, r"the loss is not finite; .* is in L \(squared_error, behind layer 1\)"),
    ],
)
@pytest.mark.parametrize("update", ["simultaneous", "sequential"])
def test_the_very_last_update_is_looked_at_too(X: Any, Y: Any, rate: float, place: str, update: str) -> None:
    net = MLP([1, 1], seed=0)
    before = net.parameters.vector.copy()
    with pytest.raises(DivergedError, match="at step 1: " + place):
        net.fit(X, Y, optimizer=SGD(rate), epochs=1, update=update)
    assert net.parameters.vector.tobytes() == before.tobytes()


@pytest.mark.parametrize("callbacks", [[], [lambda net, history: False]], ids=["alone", "watched"])
@pytest.mark.parametrize("exponent", [18.0, 18.25, 18.5, 18.75, 19.0])
def test_a_last_loss_at_the_edge_of_float32_is_found_by_whoever_looks(
    exponent: float, callbacks: list[Any]
) -> None:
    X, Y = np.ones((50, 1)), np.ones((50, 64))
    net = MLP([1, 64], loss="squared_error", output="identity", seed=1, dtype="float32")
    try:
        net.fit(X, Y, optimizer=SGD(10**exponent), epochs=1, batch_size=None, callbacks=callbacks)
    except DivergedError:
        assert_unharmed(net, X, Y)
        assert exponent > 18
    else:
        assert math.isfinite(net.loss(X, Y))
        assert exponent < 19


@pytest.mark.parametrize("callbacks", [[], [lambda net, history: False]], ids=["alone", "watched"])
def test_a_penalty_that_the_last_update_makes_infinite_is_found(callbacks: list[Any]) -> None:
    X, Y = np.array([[1.0]]), np.array([[0.0]])
    net = MLP([1, 1, 1], "relu", seed=1, dtype="float32", l2=1e-3)
    net.parameters.vector[:] = [1, 0.5, 1, 0]  # the update is so large that the unit is dead after it
    factors = {"W1": 1e25, "W2": 0.0, "b2": 0.0}
    with pytest.raises(DivergedError, match="the penalty is not finite"):
        net.fit(
            X, Y, optimizer=SGD(1.0), epochs=1, batch_size=None, rate_factors=factors, callbacks=callbacks
        )
    assert_unharmed(net, X, Y)


def test_weights_that_overflow_behind_saturated_units_are_found() -> None:
    """tanh(∞) is 1, so the loss stays finite although the weights are not."""
    net = MLP([1, 1], output="tanh", seed=0)
    X, Y = np.full((4, 1), 5.0), np.full(4, 100.0)
    net.parameters["W1"] = [[0.01]]
    with pytest.raises(DivergedError, match="at step 1: the update is not finite"):
        net.fit(X, Y, optimizer=SGD(1e308), batch_size=1, epochs=3, shuffle=False)
    assert net.parameters["W1"].tolist() == [[0.01]]


def test_training_goes_on_after_divergence() -> None:
    (X, Y), optimizer = regression(), Momentum(5.0)
    net, fresh = MLP([3, 1], seed=0), MLP([3, 1], seed=0)
    with pytest.raises(DivergedError):
        net.fit(X, Y, optimizer=optimizer, epochs=1000)
    net.parameters = fresh.parameters
    for each in (net, fresh):  # the velocity that led away is forgotten
        each.fit(X, Y, optimizer=optimizer, epochs=2, clip_norm=0.01, shuffle=False)
    assert net.parameters.vector.tobytes() == fresh.parameters.vector.tobytes()


@pytest.mark.parametrize("loss", LOSSES)
def test_dull_data_are_no_trouble(loss: str) -> None:
    """A constant column, one class, constant targets, one sample."""
    X = np.column_stack([np.full(8, 3.0), np.arange(8.0)])
    for samples in (8, 1):
        net = MLP([2, 4, 2], loss=loss, seed=0)
        Y = np.zeros(samples, int) if loss == "cross_entropy" else np.zeros((samples, 2))
        history = net.fit(X[:samples], Y, epochs=20)
        assert np.isfinite(history.train_loss).all()
        assert np.isfinite(net.parameters.vector).all()
