"""Callbacks: who is told what, who may end a training, and early stopping among them."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
import pytest
from numpy.typing import NDArray

from clearprop import MLP, Adam, EarlyStopping, History
from clearprop.errors import InputError

Array: TypeAlias = NDArray[Any]

pytestmark = pytest.mark.usefixtures("engine")


def regression(samples: int = 12, columns: int = 3, seed: int = 0) -> tuple[Array, Array]:
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((samples, columns))
    return X, np.tanh(X @ np.arange(1.0, columns + 1)) + 0.1 * rng.standard_normal(samples)


def small(**options: Any) -> MLP:
    return MLP([3, 5, 1], "tanh", seed=0, **options)


# ---- early stopping


def noise(seed: int) -> tuple[Array, Array]:
    rng = np.random.default_rng(seed)
    return rng.standard_normal((15, 3)), rng.standard_normal(15)


def test_early_stopping_puts_the_best_epoch_back() -> None:
    Xv, Yv = noise(2)
    net = MLP([3, 20, 1], "tanh", seed=0)
    history = net.fit(
        *noise(1),
        optimizer=Adam(0.02),
        epochs=300,
        validation=(Xv, Yv),
        callbacks=[EarlyStopping(patience=5)],
    )
    best = min(loss for loss in history.validation_loss if loss is not None)
    assert history.stopped_by == "callback"
    assert 5 < len(history) < 300
    assert history.best_epoch == len(history) - 5
    assert history.validation_loss[history.best_epoch - 1] == best
    assert net.loss(Xv, Yv) == pytest.approx(best, rel=1e-12)  # the rules' number beside the engine's


def test_early_stopping_may_leave_the_last_epoch() -> None:
    Xv, Yv = noise(2)
    net = MLP([3, 20, 1], "tanh", seed=0)
    stop = EarlyStopping(patience=5, restore=False)
    history = net.fit(*noise(1), optimizer=Adam(0.02), epochs=300, validation=(Xv, Yv), callbacks=[stop])
    assert history.stopped_by == "callback"
    assert history.best_epoch is None
    assert net.loss(Xv, Yv) == pytest.approx(history.validation_loss[-1], rel=1e-12)


def test_early_stopping_restores_although_patience_did_not_end() -> None:
    Xv, Yv = noise(2)
    net = MLP([3, 20, 1], "tanh", seed=0)
    stop = EarlyStopping(patience=1000)
    history = net.fit(*noise(1), optimizer=Adam(0.02), epochs=100, validation=(Xv, Yv), callbacks=[stop])
    assert history.stopped_by == "epochs"
    best = min(loss for loss in history.validation_loss if loss is not None)
    assert net.loss(Xv, Yv) == pytest.approx(best, rel=1e-12)


def test_one_early_stopping_object_serves_many_fits() -> None:
    stop = EarlyStopping(patience=3)
    runs = []
    for _ in range(2):
        net = MLP([3, 20, 1], "tanh", seed=0)
        history = net.fit(*noise(1), optimizer=Adam(0.02), validation=noise(2), callbacks=[stop])
        runs.append((net.parameters.vector.tobytes(), history.validation_loss, history.best_epoch))
    assert runs[0] == runs[1]


def waits(stop: EarlyStopping, losses: list[float], penalties: list[float] | None = None) -> list[bool]:
    """What early stopping answers to the losses of one epoch after another."""
    net, history = MLP([1, 1], seed=0), History()
    stop.start(net, history)
    answers = []
    for epoch, loss in enumerate(losses, start=1):
        history.epoch.append(epoch)
        history.train_loss.append(loss)
        history.penalty.append(penalties[epoch - 1] if penalties else 0.0)
        history.validation_loss.append(None)
        answers.append(stop(net, history))
    return answers


def test_patience_is_counted_from_the_last_improvement() -> None:
    assert waits(EarlyStopping(2), [3, 2, 2.5, 1, 1.5, 1.2]) == [False] * 5 + [True]
    assert waits(EarlyStopping(1), [3, 2, 2]) == [False, False, True]  # as good is not better
    assert waits(EarlyStopping(2), [math.nan, math.nan]) == [False, True]


def test_small_improvements_do_not_count_but_are_kept() -> None:
    losses = [1.0, 0.95, 0.92]
    assert waits(EarlyStopping(2, tolerance=0.1), losses) == [False, False, True]
    assert waits(EarlyStopping(2, tolerance=0.01), losses) == [False, False, False]


def test_without_validation_data_loss_and_penalty_count() -> None:
    assert waits(EarlyStopping(1), [3, 2], penalties=[0, 2]) == [False, True]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: EarlyStopping(0),
            "EarlyStopping: patience does not fit: expected a whole number ≥ 1, got 0",
        ),
        (lambda: EarlyStopping(2.5), "EarlyStopping: patience"),  # type: ignore[arg-type]
        (lambda: EarlyStopping(3, -1), "EarlyStopping: tolerance"),
    ],
)
def test_early_stopping_that_cannot_be(make: Callable[[], Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        make()


# ---- callbacks


class Witness:
    """Notes what it is told; may end the training, or fail."""

    def __init__(self, end_at: int = 0, fail_at: int = -1) -> None:
        self.heard: list[str] = []
        self.end_at, self.fail_at = end_at, fail_at

    def start(self, net: Any, history: History) -> None:
        self.heard.append("start")
        if self.fail_at == 0:
            raise RuntimeError("at the start")

    def __call__(self, net: Any, history: History) -> bool:
        self.heard.append(f"epoch {history.epoch[-1]}")
        if history.epoch[-1] == self.fail_at:
            raise RuntimeError("in the middle")
        return history.epoch[-1] == self.end_at

    def finish(self, net: Any, history: History) -> None:
        self.heard.append("finish")


def test_callbacks_hear_of_start_epochs_and_end() -> None:
    witness = Witness()
    small().fit(*regression(), epochs=2, callbacks=[witness])
    assert witness.heard == ["start", "epoch 1", "epoch 2", "finish"]


def test_a_callback_ends_the_training_and_every_one_is_asked() -> None:
    first, second = Witness(end_at=2), Witness()
    history = small().fit(*regression(), epochs=5, callbacks=[first, second])
    assert history.stopped_by == "callback"
    assert len(history) == 2
    assert first.heard == second.heard == ["start", "epoch 1", "epoch 2", "finish"]


def test_a_plain_function_is_a_callback() -> None:
    history = small().fit(*regression(), epochs=5, callbacks=(lambda net, history: net.epochs == 3,))
    assert len(history) == 3


def test_an_error_in_a_callback_passes_on_and_all_are_told_of_the_end() -> None:
    first, second, net = Witness(fail_at=2), Witness(), small()
    with pytest.raises(RuntimeError, match="in the middle"):
        net.fit(*regression(), epochs=5, callbacks=[first, second])
    assert first.heard == ["start", "epoch 1", "epoch 2", "finish"]
    assert second.heard == ["start", "epoch 1", "finish"]
    assert net.history.epoch == [1, 2]


def test_who_was_not_started_is_not_told_of_the_end() -> None:
    late = Witness()
    with pytest.raises(RuntimeError, match="at the start"):
        small().fit(*regression(), callbacks=[Witness(fail_at=0), late, EarlyStopping()])
    assert late.heard == []


def test_early_stopping_restores_after_an_error_too() -> None:
    net, (Xv, Yv) = small(), regression(seed=5)
    with pytest.raises(RuntimeError):
        net.fit(*regression(), epochs=9, validation=(Xv, Yv), callbacks=[EarlyStopping(), Witness(fail_at=4)])
    assert net.loss(Xv, Yv) == pytest.approx(min(net.history.validation_loss), rel=1e-12)
