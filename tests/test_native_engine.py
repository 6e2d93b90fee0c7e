"""Which engine runs, at which CPU level, on how many threads; what is said, and what the module refuses."""

from __future__ import annotations

import ast
import copy
import logging
import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest

import clearprop
from clearprop import LBFGS, MLP, SGD, Adam, compiled
from clearprop.errors import InputError
from native_kernels import LEVELS, Array, native

RNG = np.random.default_rng(0)
X, Y = RNG.standard_normal((30, 4)), RNG.standard_normal((30, 2))


def network(**options: Any) -> MLP:
    return MLP([4, 7, 2], "tanh", **{"seed": 0, **options})


def engine_of(**options: Any) -> str:
    history = network().fit(X, Y, epochs=2, **options)
    return str(history.settings["engine"])


@pytest.fixture(autouse=True)
def _nothing_is_forced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CLEARPROP_ENGINE", raising=False)
    monkeypatch.delenv("CLEARPROP_CPU", raising=False)


# ---- the engine


def test_auto_is_the_compiled_engine() -> None:
    assert engine_of() == engine_of(engine="auto") == engine_of(engine="native") == "native"
    assert engine_of(engine="numpy") == "numpy"


def test_a_variable_says_what_auto_means(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLEARPROP_ENGINE", "numpy")
    assert engine_of() == "numpy"
    assert engine_of(engine="native") == "native"
    monkeypatch.setenv("CLEARPROP_ENGINE", "gpu")
    with pytest.raises(InputError, match="CLEARPROP_ENGINE: expected one of auto, native, numpy, got 'gpu'"):
        engine_of()


def test_without_the_module_one_line_says_so(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(compiled, "module", None)
    monkeypatch.setattr(compiled, "reason", "it was not built")
    monkeypatch.setattr(compiled, "_said", set())
    assert not compiled.available()
    assert compiled.levels() == []
    assert network().predict(X).shape == (30, 2)
    assert caplog.records == []  # a prediction is no training
    assert [engine_of() for _ in range(3)] == ["numpy"] * 3
    (record,) = caplog.records
    assert (record.name, record.levelno) == ("clearprop", logging.WARNING)
    assert "no compiled engine here (it was not built)" in record.message
    with pytest.raises(
        InputError, match=r"the compiled engine is not here: it was not built; try to install a C"
    ):
        engine_of(engine="native")


class OfTheUsersOwn:
    """Gradient descent, by somebody else."""

    memory: ClassVar[int] = 0
    learning_rate = 0.1

    def step(
        self, ops: Any, theta: Array, g: Array, memory: Array, t: int, eta: Array | float
    ) -> tuple[Array, ...]:
        return (theta - eta * g,)


@pytest.mark.parametrize("engine", ["auto", "native"])
def test_an_optimizer_of_the_users_own_runs_by_the_rules(
    engine: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "clearprop")
    net, by_hand = network(), network()
    history = net.fit(X, Y, optimizer=OfTheUsersOwn(), epochs=2, engine=engine)
    assert history.settings["engine"] == "numpy"
    assert "is not an optimiser of clearprop: it runs on the numpy engine" in caplog.text
    by_hand.fit(X, Y, optimizer=SGD(0.1), epochs=2, engine="numpy")
    assert net.parameters.vector.tobytes() == by_hand.parameters.vector.tobytes()


def test_a_schedule_of_the_users_own_runs_on_the_compiled_engine() -> None:
    class Halving:
        def rate(self, moment: Any) -> float:
            return 0.1 / (1 + len(moment.losses))

    nets = [network() for _ in range(2)]
    for net, engine in zip(nets, ("native", "numpy"), strict=True):
        history = net.fit(X, Y, optimizer=SGD(Halving()), epochs=4, engine=engine)
        assert history.settings["engine"] == engine
        assert history.learning_rate == [0.1, 0.05, 0.1 / 3, 0.025]
    np.testing.assert_allclose(nets[0].parameters.vector, nets[1].parameters.vector, rtol=1e-12)


def test_lbfgs_agrees() -> None:
    pytest.importorskip("scipy")
    nets = [network(l1=1e-3, l2=1e-2) for _ in range(2)]
    for net, engine in zip(nets, ("native", "numpy"), strict=True):
        net.fit(X, Y, optimizer=LBFGS(), epochs=10, engine=engine, freeze=["b1"])
    np.testing.assert_allclose(nets[0].parameters.vector, nets[1].parameters.vector, rtol=1e-7, atol=1e-9)


# ---- CPU levels and threads


def test_a_variable_forces_the_level(monkeypatch: pytest.MonkeyPatch) -> None:
    assert compiled.level() == LEVELS[0] == compiled.levels()[0]
    for level in LEVELS:
        monkeypatch.setenv("CLEARPROP_CPU", level)
        assert compiled.level() == level
        assert compiled.settings([1, 1], ["identity"], 1)["level"] == level
        assert engine_of() == "native"
    monkeypatch.setenv("CLEARPROP_CPU", "")
    assert compiled.level() == LEVELS[0]
    monkeypatch.setenv("CLEARPROP_CPU", "mmx")
    for use in (engine_of, lambda: network().predict(X)):
        with pytest.raises(InputError, match=f"CLEARPROP_CPU: expected one of {LEVELS[0]}.*, got 'mmx'"):
            use()


@pytest.mark.parametrize("n_threads", [0, -1, 1.5, "2"])
def test_a_number_of_threads_that_cannot_be(n_threads: Any) -> None:
    with pytest.raises(InputError, match="n_threads does not fit: expected a whole number"):
        engine_of(n_threads=n_threads)


def test_the_number_of_threads_is_chosen_by_the_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiled, "cores", lambda: 2)
    assert compiled.choose_threads(None, 1000) == 1
    assert compiled.choose_threads(None, 10**9) == 2
    assert [compiled.choose_threads(n, 10) for n in (1, 2, 3)] == [1, 2, 3]
    assert compiled.choose_threads(10**6, 10) == 8


def test_workers_of_joblib_share_the_cpus(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    assert compiled.cores() >= 1
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    assert compiled.cores() == 1


# ---- predictions


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_a_row_alone_has_the_answer_that_it_has_among_others(dtype: str) -> None:
    net = network(dtype=dtype)
    inputs = X.astype(dtype)
    together = net.forward(inputs)
    assert together.dtype == dtype
    for i in range(len(X)):
        np.testing.assert_allclose(net.forward(inputs[i : i + 1])[0], together[i], rtol=1e-5)
        np.testing.assert_allclose(net.predict(inputs[i : i + 1]), together[i : i + 1], rtol=1e-5)


def test_inputs_in_any_form() -> None:
    net = network()
    right = net.forward(X)
    twice = np.repeat(X, 2, axis=1)[:, ::2]
    for inputs in (X.tolist(), np.asfortranarray(X), twice, X[::-1][::-1], X.astype(">f8")):
        np.testing.assert_array_equal(net.forward(inputs), right)
    np.testing.assert_allclose(net.forward(X.astype(np.float32)), right, atol=1e-6)
    frozen = X.copy()
    frozen.flags.writeable = False
    np.testing.assert_array_equal(net.forward(frozen), right)


@pytest.mark.parametrize("rows", [1, 5, 300])
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_inputs_that_are_not_finite_are_refused(bad: float, rows: int) -> None:
    inputs = np.ones((rows, 4))
    inputs[-1, -1] = bad
    with pytest.raises(InputError, match="finite"):
        network().predict(inputs)


def test_the_present_weights_count() -> None:
    net = network()
    before = net.forward(X[:1])
    net.parameters["b2"] += 1
    np.testing.assert_allclose(net.forward(X[:1]), before + 1)
    net.parameters = network().parameters
    np.testing.assert_array_equal(net.forward(X[:1]), before)
    net.fit(X, Y, epochs=1)
    assert not np.array_equal(net.forward(X[:1]), before)
    net.initialize()
    np.testing.assert_array_equal(net.forward(X[:1]), before)


@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, lambda net: pickle.loads(pickle.dumps(net))])
def test_a_copy_predicts_by_its_own_weights(again: Callable[[MLP], MLP]) -> None:
    net = network()
    before = net.fit(X, Y, epochs=1) and net.forward(X)
    other = again(net)
    np.testing.assert_array_equal(other.forward(X), before)
    other.parameters = network(seed=1).parameters
    np.testing.assert_array_equal(other.forward(X), network(seed=1).forward(X))
    if again is not copy.copy:  # which shares what is in it
        np.testing.assert_array_equal(net.forward(X), before)


def test_threads_may_predict_and_train_at_once() -> None:
    net = network()
    wrong: list[Any] = []
    inputs = RNG.standard_normal((600, 4))
    right, trained = net.forward(inputs), network()
    trained.fit(X, Y, epochs=20)

    def predict(first: int) -> None:
        for rows in (1, 3, 5, 100, 400) * 20:
            if not np.allclose(net.forward(inputs[first : first + rows]), right[first : first + rows]):
                wrong.append((first, rows))

    def train() -> None:
        own = network()
        own.fit(X, Y, epochs=20)
        if own.parameters.vector.tobytes() != trained.parameters.vector.tobytes():
            wrong.append("trained")

    threads = [threading.Thread(target=predict, args=(first,)) for first in range(0, 200, 50)]
    threads += [threading.Thread(target=train) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


FORK = """
import os, warnings
import numpy as np
from clearprop import MLP
warnings.simplefilter("ignore")  # some Pythons warn of threads, of which none is left
X = np.random.default_rng(0).standard_normal((3000, 120))
net = MLP([120, 130, 1], seed=0)
net.fit(X, X[:, 0], epochs=1, batch_size=1000, n_threads=2)
right = net.predict(X)
child = os.fork()
if not child:
    net.fit(X, X[:, 0], epochs=1, batch_size=1000, n_threads=2)
    os._exit(3 if np.isfinite(net.predict(X)).all() else 1)
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 3
assert np.array_equal(net.predict(X), right)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_forked_process_goes_on() -> None:
    run = subprocess.run([sys.executable, "-c", FORK], capture_output=True, text=True, timeout=60)
    assert (run.returncode, run.stderr) == (0, "")


# ---- what the module refuses


def arguments(**changes: Any) -> list[Any]:
    """Those of a trainer's run: 5 samples, 2 epochs of 3 steps, 9 parameters, Adam."""
    given = {
        "X": np.ones((5, 2)), "Y": np.ones((5, 3)), "weights": None,
        "theta": np.zeros(9), "memory": np.zeros((2, 9)), "last_good": np.zeros(9), "steps": 0,
        "orders": np.array([[0, 1, 2, 3, 4]] * 2), "rates": np.ones((2, 3)), "keys": None, "first_step": 0,
        "sums": np.zeros((2, 4)), "seconds": np.zeros(2), "interrupted": lambda: False,
    }  # fmt: skip
    return list({**given, **changes}.values())


def trainer(**changes: Any) -> Any:
    given = {"batch_size": 2, "optimizer": 5, "beta1": 0.9, "beta2": 0.99, "epsilon": 1e-8}
    return native.Trainer64({**compiled.settings([2, 3], ["identity"], 1, **given), **changes})


LOOK = {"look_X": np.ones((1, 2)), "look_Y": np.ones((1, 3)), "look_weights": None, "tally": 0}


def test_the_arguments_of_these_tests_are_right() -> None:
    assert trainer().run(*arguments()) == ("finished", 2, 0)
    assert trainer().run(*arguments(**LOOK, seen=np.zeros((2, 4)))) == ("finished", 2, 0)


@pytest.mark.parametrize(
    "changes",
    [
        {"X": np.ones((0, 2)), "Y": np.ones((0, 3))},
        {"X": np.ones((4, 2))},
        {"X": np.ones((5, 3))},
        {"Y": np.ones((5, 2))},
        {"weights": np.ones(4)},
        {"theta": np.zeros(8)},
        {"last_good": np.zeros(8)},
        {"memory": np.zeros((1, 9))},
        {"memory": np.zeros((2, 8))},
        {"rates": np.ones((2, 2))},
        {"first_step": 4},
        {"sums": np.zeros((1, 4))},
        {"sums": np.zeros((2, 3))},
        {"seconds": np.zeros(1)},
        {"orders": np.zeros((1, 5), np.int64)},
        {"orders": np.zeros((2, 4), np.int64)},
        {"orders": np.full((2, 5), 5)},
        {"orders": np.full((2, 5), -1)},
        {"keys": np.zeros((2, 1), np.uint64)},
        {**LOOK, "seen": np.zeros((1, 4))},
        {**LOOK, "seen": np.zeros((2, 3))},
        {**LOOK, "tally": 4, "seen": np.zeros((2, 4))},
        {**LOOK, "look_X": np.ones((1, 3)), "seen": np.zeros((2, 4))},
    ],
    ids=lambda changes: ", ".join(f"{name} {np.shape(value)}" for name, value in changes.items()),
)
def test_what_does_not_fit_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        trainer().run(*arguments(**changes))


@pytest.mark.parametrize(
    "changes",
    [
        {"X": np.ones((5, 2), np.float32)},
        {"X": np.ones((2, 5)).T},
        {"theta": np.zeros(18)[::2]},
        {"rates": np.ones((2, 3), np.float32)},
        {"orders": np.zeros((2, 5), np.int32)},
        {"X": [[1.0, 1.0]] * 5},
    ],
)
def test_arrays_of_another_kind_are_refused(changes: dict[str, Any]) -> None:
    """And never copied: what is written would be lost."""
    with pytest.raises(TypeError, match="incompatible function arguments"):
        trainer().run(*arguments(**changes))


@pytest.mark.parametrize(
    "changes",
    [
        {"batch_size": 0},
        {"threads": 0},
        {"sizes": [2, 0]},
        {"sizes": [2]},
        {"activations": [99]},
        {"activations": [0, 0]},
        {"dropout": []},
        {"loss": 8},
        {"optimizer": -1},
        {"rate_factors": [1.0]},
        {"level": "mmx"},
    ],
    ids=str,
)
def test_settings_that_cannot_be_are_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        trainer(**changes)


def test_weights_in_read_only_memory_predict() -> None:
    net = network()
    right = net.forward(X)
    other = network()
    other.parameters.vector.flags.writeable = False
    np.testing.assert_array_equal(other.forward(X), right)
    np.testing.assert_array_equal(other.forward(X[:1]), net.forward(X[:1]))


def test_a_step_that_is_not_finite_is_given_back() -> None:
    """The state is that of before the step, and what failed is said by its place."""
    samples = np.ones((5, 2))
    samples[4] = np.inf
    theta, memory = np.zeros(9), np.zeros((2, 9))
    made = trainer().run(*arguments(X=samples, theta=theta, memory=memory))
    assert made == ("diverged", 0, 2)
    again, remembered = np.zeros(9), np.zeros((2, 9))
    rates, order = np.ones((1, 2)), np.arange(4)[None]
    trainer().run(*arguments(
        X=samples[:4], Y=np.ones((4, 3)), theta=again, memory=remembered, orders=order, rates=rates,
        sums=np.zeros((1, 4)), seconds=np.zeros(1),
    ))  # fmt: skip
    assert theta.tobytes() == again.tobytes()
    assert memory.tobytes() == remembered.tobytes()


def test_an_error_in_the_callback_comes_out() -> None:
    def fail(net: Any, history: Any) -> None:
        raise RuntimeError("in a callback")

    with pytest.raises(RuntimeError, match="in a callback"):
        network().fit(X, Y, callbacks=[fail], engine="native")


@pytest.mark.parametrize("engine", ["native", "numpy"])
def test_a_callback_may_move_the_epochs(engine: str) -> None:
    """The order of the next epoch is that of its new number."""

    def jump(net: Any, history: Any) -> None:
        if len(history) == 3:
            net.epochs = 100

    net, other = network(), network()
    net.fit(X, Y, epochs=5, batch_size=7, callbacks=[jump], engine=engine, seed=0)
    other.fit(X, Y, epochs=3, batch_size=7, engine="numpy", seed=0)
    other.epochs = 100
    other.fit(X, Y, epochs=2, batch_size=7, engine="numpy", seed=0)
    np.testing.assert_allclose(net.parameters.vector, other.parameters.vector, rtol=1e-9)


def test_the_optimizers_steps_are_counted_over_fits() -> None:
    net = network()
    for _ in range(2):
        net.fit(X, Y, optimizer=Adam(), epochs=3, batch_size=7, engine="native")
    assert net.memory.steps == 2 * 3 * 5


# ---- the stub


def test_the_stub_names_what_the_module_has() -> None:
    text = (Path(clearprop.__file__).parent / "_native.pyi").read_text(encoding="utf-8")
    stub = {
        node.name: node for node in ast.parse(text).body if isinstance(node, (ast.ClassDef, ast.FunctionDef))
    }
    assert set(stub) == {name for name in dir(native) if not name.startswith("_")}
    for name, node in stub.items():
        if isinstance(node, ast.ClassDef) and node.body and isinstance(node.body[0], ast.FunctionDef):
            methods = {item.name for item in node.body if isinstance(item, ast.FunctionDef)}
            public = {item for item in vars(getattr(native, name)) if not item.startswith("_")}
            assert {item for item in methods if not item.startswith("_")} == public
    (run,) = (
        node for node in stub["Trainer64"].body if isinstance(node, ast.FunctionDef) and node.name == "run"
    )
    parameters = [argument.arg for argument in run.args.args][1:]
    documented = native.Trainer64.run.__doc__ or ""
    places = [documented.find(f"{name}:") for name in parameters]
    assert -1 not in places
    assert places == sorted(places)
