"""L-BFGS: down to its tolerance, one record an iteration, safe on the way."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
import pytest
from numpy.typing import NDArray

from clearprop import LBFGS, MLP, Adam, EarlyStopping, History
from clearprop.errors import DivergedError, InputError, MissingExtraError

Array: TypeAlias = NDArray[Any]


def regression(samples: int = 12, columns: int = 3, seed: int = 0) -> tuple[Array, Array]:
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((samples, columns))
    return X, np.tanh(X @ np.arange(1.0, columns + 1)) + 0.1 * rng.standard_normal(samples)


def small(**options: Any) -> MLP:
    return MLP([3, 5, 1], "tanh", seed=0, **options)


def by(engine: str, loss: float) -> Any:
    """A loss that `net.loss` counts by NumPy, as a fit has it: to the bit by NumPy too, else to rounding."""
    return loss if engine == "numpy" else pytest.approx(loss, rel=1e-14, abs=0)


def largest_slope(net: MLP, X: Any, Y: Any) -> float:
    return float(np.abs(net.loss_and_gradient(X, Y)[1].vector).max())


@pytest.mark.parametrize("tolerance", [1e-3, 1e-7])
def test_lbfgs_goes_down_to_its_tolerance(engine: str, tolerance: float) -> None:
    pytest.importorskip("scipy")
    net, (X, Y) = small(l2=1e-3), regression(30)
    before = net.loss(X, Y)
    history = net.fit(X, Y, optimizer=LBFGS(tolerance=tolerance), epochs=2000)
    assert largest_slope(net, X, Y) <= tolerance
    assert history.stopped_by == "converged"
    assert net.epochs == len(history) == history.epoch[-1] < 2000
    totals = history.monitored
    assert totals[-1] == by(engine, net.loss(X, Y))
    assert all(after < earlier for earlier, after in zip([before, *totals], totals, strict=False))
    assert history.gradient_norm[-1] == pytest.approx(np.linalg.norm(net.loss_and_gradient(X, Y)[1].vector))
    assert net.memory is None


def test_lbfgs_finds_the_least_squares() -> None:
    pytest.importorskip("scipy")
    X, Y = regression(30)
    weights = np.random.default_rng(1).exponential(size=30)
    net = MLP([3, 1], seed=0)
    net.fit(X, Y, optimizer="lbfgs", epochs=200, sample_weight=weights)
    root = np.sqrt(weights)[:, None]
    expected = np.linalg.lstsq(root * np.column_stack([X, np.ones(30)]), root[:, 0] * Y, rcond=None)[0]
    np.testing.assert_allclose(net.parameters.vector, expected, atol=1e-4)


def test_lbfgs_ends_after_the_given_epochs() -> None:
    pytest.importorskip("scipy")
    net = small()
    history = net.fit(*regression(30), optimizer=LBFGS(), epochs=3)
    assert history.stopped_by == "epochs"
    assert history.epoch == [1, 2, 3]
    assert net.fit(*regression(30), optimizer=LBFGS(), epochs=2).epoch == [4, 5]


def test_callbacks_stop_lbfgs() -> None:
    pytest.importorskip("scipy")
    net, (Xv, Yv) = small(), regression(seed=1)
    callbacks: list[Callable[..., Any]] = [EarlyStopping(patience=99), lambda net, history: len(history) == 4]
    history = net.fit(*regression(30), optimizer=LBFGS(), validation=(Xv, Yv), callbacks=callbacks)
    assert history.stopped_by == "callback"
    assert history.epoch == [1, 2, 3, 4]
    best = min(loss for loss in history.validation_loss if loss is not None)
    assert net.loss(Xv, Yv) == pytest.approx(best, rel=1e-14)


def fail_at_five(net: Any, history: History) -> None:
    if history.epoch[-1] == 5:
        raise RuntimeError("in the middle")


def test_an_error_in_a_callback_leaves_lbfgs_where_the_iteration_ended(engine: str) -> None:
    pytest.importorskip("scipy")
    net, (X, Y) = small(), regression(30)
    with pytest.raises(RuntimeError, match="in the middle"):
        net.fit(X, Y, optimizer=LBFGS(), callbacks=[fail_at_five])
    assert net.history.train_loss[-1] == by(engine, net.loss(X, Y))


def test_an_error_within_a_line_search_leaves_lbfgs_where_the_iteration_ended(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pytest.importorskip("scipy")
    net, (X, Y) = small(), regression(30)
    differentiate, calls = net.differentiate, []

    def interrupted(*operands: Any) -> tuple[float, float]:
        calls.append(net.parameters.vector.copy())
        if len(calls) == 12:
            raise KeyboardInterrupt
        return differentiate(*operands)

    monkeypatch.setattr(net, "differentiate", interrupted)
    with pytest.raises(KeyboardInterrupt):
        net.fit(X, Y, optimizer=LBFGS(), engine="numpy")
    assert net.loss(X, Y) == net.history.train_loss[-1]
    assert net.parameters.vector.tobytes() != calls[-1].tobytes()


def test_lbfgs_leaves_frozen_parameters_alone() -> None:
    pytest.importorskip("scipy")
    net = small()
    before = {name: array.tobytes() for name, array in net.parameters.items()}
    net.fit(*regression(30), optimizer=LBFGS(), freeze=["W1", "b2"], epochs=20)
    changed = {name for name, array in net.parameters.items() if array.tobytes() != before[name]}
    assert changed == {"b1", "W2"}
    history = net.fit(*regression(30), optimizer=LBFGS(), freeze=list(net.parameters))
    assert (len(history), history.stopped_by) == (0, "converged")


def test_lbfgs_in_float32() -> None:
    pytest.importorskip("scipy")
    net, (X, Y) = small(dtype="float32"), regression(30)
    before = net.loss(X, Y)
    net.fit(X, Y, optimizer=LBFGS(tolerance=1e-3), epochs=200)
    assert net.parameters.vector.dtype == np.float32
    assert net.loss(X, Y) < 0.5 * before


@pytest.mark.parametrize("scale", [1e2, 1e3, 1e4])
def test_lbfgs_turns_back_where_the_loss_overflows(scale: float) -> None:
    """Its first trial is a step of length 1: exp(1000) is none that the line search could reckon with."""
    pytest.importorskip("scipy")
    rng = np.random.default_rng(1)
    X = rng.standard_normal((50, 3))
    Y = rng.poisson(np.exp(X @ [0.5, 1.0, 0.0]))
    losses = []
    for factor in (1.0, scale):
        net = MLP([3, 1], loss="poisson", init={"W1": np.zeros((3, 1))})
        net.fit(factor * X, Y, optimizer=LBFGS(), epochs=500)
        losses.append(net.loss(factor * X, Y))
    assert losses[1] == pytest.approx(losses[0], rel=1e-6)


def test_lbfgs_says_when_the_first_loss_is_not_finite() -> None:
    pytest.importorskip("scipy")
    net = MLP([1, 1], loss="poisson", init={"W1": [[1.0]]})
    with pytest.raises(DivergedError, match=r"diverged before step 1: .* is in A1 \(layer 1, exp\)"):
        net.fit([[1000.0]], [1.0], optimizer=LBFGS())
    assert net.parameters["W1"].tolist() == [[1.0]]


@pytest.mark.parametrize(
    ("made", "options"),
    [
        ({}, {"clip_norm": 1.0}),
        ({}, {"update": "sequential"}),
        ({}, {"rate_factors": {"W1": 0.5}}),
        ({"dropout": 0.5}, {}),
    ],
)
def test_lbfgs_refuses_what_it_cannot_do(made: Any, options: Any) -> None:
    with pytest.raises(InputError, match="expected no dropout, update order, clip_norm or rate_factors"):
        small(**made).fit(*regression(), optimizer=LBFGS(), **options)


def test_lbfgs_without_scipy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "scipy.optimize", None)
    with pytest.raises(MissingExtraError, match=r'LBFGS needs SciPy; try pip install "clearprop\[sklearn\]"'):
        small().fit(*regression(), optimizer=LBFGS())


def test_lbfgs_ends_the_memory_of_another_optimizer() -> None:
    pytest.importorskip("scipy")
    net, (X, Y) = small(), regression()
    net.fit(X, Y, optimizer=Adam(), epochs=1)
    assert net.memory.steps == 1
    net.fit(X, Y, optimizer=LBFGS(), epochs=1)
    net.fit(X, Y, optimizer=Adam(), epochs=1)
    assert net.memory.steps == 1
