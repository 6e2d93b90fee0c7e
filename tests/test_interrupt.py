"""Ctrl-C, sent for real: training ends between two steps, and the network stays usable."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import warnings
from collections.abc import Iterator
from typing import Any, ClassVar, TypeAlias

import numpy as np
import pytest
from numpy.typing import NDArray

from clearprop import LBFGS, MLP, SGD, Adam, EarlyStopping, History
from clearprop.data import batches, check_data, generator
from clearprop.errors import DivergedError
from clearprop.interrupt import CtrlC
from clearprop.stepping import Memory, Rates, Stepper

Array: TypeAlias = NDArray[Any]

pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals are sent with os.kill")


def press() -> None:
    os.kill(os.getpid(), signal.SIGINT)


def data() -> tuple[Array, Array]:
    rng = np.random.default_rng(0)
    return rng.standard_normal((40, 3)), rng.standard_normal(40)


def network() -> MLP:
    return MLP([3, 5, 1], "tanh", seed=0)


@pytest.fixture(autouse=True)
def _the_handler_comes_back() -> Iterator[None]:
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    after = signal.signal(signal.SIGINT, before)
    assert after is signal.default_int_handler


class Pressing:
    """SGD whose user presses Ctrl-C in the middle of some steps."""

    memory: ClassVar[int] = 0
    learning_rate: float = 0.1

    def __init__(self, *steps: int) -> None:
        self.steps = steps

    def step(
        self, ops: Any, theta: Array, g: Array, memory: Array, t: int, eta: Array | float
    ) -> tuple[Array, ...]:
        if t in self.steps:
            press()
        return SGD(0.1).step(ops, theta, g, memory, t, eta)


def by_hand(steps: int) -> bytes:
    """The weights after so many whole steps."""
    net = network()
    whole = check_data(net, *data())
    stepper = Stepper(net, Memory(SGD(0.1), np.zeros((0, net.parameters.vector.size))), Rates(None))
    for epoch in range(1, steps // 5 + 2):
        for rows in batches(generator(0, epoch), 40, 8, True):
            if stepper.memory.steps < steps:
                stepper.step(whole, rows, 0.1)
    return net.parameters.vector.tobytes()


@pytest.mark.parametrize(("step", "finished"), [(1, 0), (5, 0), (7, 1), (11, 2)])
def test_training_ends_after_the_step_under_way(step: int, finished: int) -> None:
    net = network()
    with pytest.warns(UserWarning, match=f"training was interrupted after {finished} epochs; the network is"):
        history = net.fit(*data(), optimizer=Pressing(step), epochs=50, batch_size=8)
    assert net.parameters.vector.tobytes() == by_hand(step)
    assert history.stopped_by == "interrupt"
    assert history.epoch == list(range(1, finished + 1))
    assert net.history is history
    assert net.epochs == finished
    assert np.isfinite(net.predict(data()[0])).all()
    assert net.fit(*data(), optimizer=SGD(0.1), epochs=1).epoch == [finished + 1]  # it can go on


def test_the_warning_points_at_the_callers_line() -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        network().fit(*data(), optimizer=Pressing(1))
    assert [warning.filename for warning in caught] == [__file__]


@pytest.mark.usefixtures("engine")
def test_a_timer_interrupts_a_long_training() -> None:
    net = network()

    def at_the_third_epoch(net: Any, history: History) -> None:
        if len(history) == 3:
            threading.Timer(0.02, press).start()

    with pytest.warns(UserWarning, match="interrupted"):
        history = net.fit(
            *data(), optimizer=Adam(0.01), epochs=1_000_000, metric=None, callbacks=[at_the_third_epoch]
        )
    assert history.stopped_by == "interrupt"
    assert 3 <= len(history) < 1_000_000
    assert np.isfinite(net.parameters.vector).all()


def test_the_second_press_interrupts_at_once() -> None:
    net = network()
    finished = []

    class Notes:
        def __call__(self, net: Any, history: History) -> None: ...

        def finish(self, net: Any, history: History) -> None:
            finished.append(len(history))

    class Twice(Pressing):
        def step(self, *operands: Any) -> tuple[Array, ...]:
            press()
            press()
            raise AssertionError("not reached")

    with pytest.raises(KeyboardInterrupt):
        net.fit(*data(), optimizer=Twice(), callbacks=[Notes()])
    assert finished == [0]
    assert net.parameters.vector.tobytes() == network().parameters.vector.tobytes()
    assert net.history.epoch == []


def test_early_stopping_still_puts_the_best_epoch_back() -> None:
    net, (X, Y) = network(), data()
    with pytest.warns(UserWarning, match="interrupted after 4 epochs"):
        history = net.fit(
            X, Y, optimizer=Pressing(22), batch_size=8, validation=(X, -Y), callbacks=[EarlyStopping()]
        )
    assert net.loss(X, -Y) == min(loss for loss in history.validation_loss if loss is not None)


def test_an_overflow_in_the_interrupted_step_is_still_found() -> None:
    net = MLP([1, 1], seed=0)
    before = net.parameters.vector.tobytes()

    class Far(Pressing):
        def step(self, ops: Any, theta: Array, *operands: Any) -> tuple[Array, ...]:
            press()
            return (theta + 1e200,)

    with pytest.raises(DivergedError, match="at step 1: the loss is not finite"):
        net.fit([[1.0]], [1.0], optimizer=Far())
    assert net.parameters.vector.tobytes() == before


def test_lbfgs_ends_after_the_iteration_under_way() -> None:
    pytest.importorskip("scipy")
    net, (X, Y) = network(), data()

    def at_the_third(net: Any, history: History) -> None:
        if len(history) == 3:
            press()

    with pytest.warns(UserWarning, match="interrupted after 3 epochs"):
        history = net.fit(X, Y, optimizer=LBFGS(), callbacks=[at_the_third])
    assert history.stopped_by == "interrupt"
    assert net.loss(X, Y) == history.train_loss[-1]


@pytest.mark.usefixtures("engine")
def test_the_handler_comes_back_after_an_error() -> None:
    def fail(net: Any, history: History) -> None:
        assert signal.getsignal(signal.SIGINT) is not signal.default_int_handler
        raise RuntimeError("in the middle")

    with pytest.raises(RuntimeError, match="in the middle"):
        network().fit(*data(), callbacks=[fail])
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    with pytest.raises(KeyboardInterrupt):
        press()


def test_a_handler_of_the_users_own_is_left_in_charge() -> None:
    heard = []

    def handler(number: int, frame: Any) -> None:
        heard.append(number)

    before = signal.signal(signal.SIGINT, handler)
    try:
        history = network().fit(*data(), optimizer=Pressing(3), epochs=2)
        assert signal.getsignal(signal.SIGINT) is handler
    finally:
        signal.signal(signal.SIGINT, before)
    assert heard == [signal.SIGINT]
    assert history.stopped_by == "epochs"


@pytest.mark.usefixtures("engine")
def test_in_a_thread_the_handler_is_left_alone() -> None:
    seen: list[Any] = []

    def train() -> None:
        with CtrlC() as ctrl_c:
            seen.append(signal.getsignal(signal.SIGINT))
            seen.append(ctrl_c.pressed)
        seen.append(network().fit(*data(), epochs=2).stopped_by)

    thread = threading.Thread(target=train)
    thread.start()
    thread.join()
    assert seen == [signal.default_int_handler, False, "epochs"]


SCRIPT = """
import sys
import numpy as np
from clearprop import MLP
rng = np.random.default_rng(0)
X, Y = rng.standard_normal((40, 3)), rng.standard_normal(40)
net = MLP([3, 5, 1], seed=0)
def ready(net, history):
    if len(history) == 2:
        print("ready", flush=True)
history = net.fit(X, Y, epochs=10**9, callbacks=[ready])
print(history.stopped_by, len(history) >= 2, bool(np.isfinite(net.predict(X)).all()))
"""


@pytest.mark.usefixtures("engine")
def test_ctrl_c_at_the_keyboard() -> None:
    """A whole process, interrupted from outside, goes on behind its fit and ends well."""
    with subprocess.Popen(
        [sys.executable, "-c", SCRIPT], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert out == "interrupt True True\n"
    assert "UserWarning: training was interrupted after" in err
    assert process.returncode == 0
