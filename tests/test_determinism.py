"""One seed gives the same bits: again, elsewhere, in parts, recorded or not, and stepping by hand."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import numpy as np
import pytest
from numpy.typing import NDArray

from clearprop import (
    LBFGS,
    MLP,
    SGD,
    Adagrad,
    Adam,
    AdamW,
    Momentum,
    Nesterov,
    RMSProp,
    TwoLayerMLP,
)
from clearprop.data import Data, batches, check_data, generator
from clearprop.ops import reference, wrap
from clearprop.schedules import Exponential
from clearprop.stepping import Memory, Rates, Stepper

Array: TypeAlias = NDArray[Any]

pytestmark = pytest.mark.usefixtures("engine")

OPTIMIZERS = [SGD(0.1), Momentum(0.05), Nesterov(0.05), Adagrad(0.1), RMSProp(0.01), Adam(0.01), AdamW(0.01)]


def data(samples: int = 30) -> tuple[Array, Array]:
    rng = np.random.Generator(np.random.PCG64(5))
    return rng.standard_normal((samples, 4)), rng.integers(0, 3, samples)


def network(**options: Any) -> MLP:
    return MLP([4, 8, 3], "tanh", loss="cross_entropy", **{"seed": 3, "dropout": 0.2, "l2": 1e-3, **options})


def bits(net: MLP) -> str:
    return hashlib.sha256(net.parameters.vector.tobytes()).hexdigest()


def trained(optimizer: Any = None, **options: Any) -> str:
    net = network()
    net.fit(*data(), **{"optimizer": optimizer, "epochs": 5, "batch_size": 7, **options})
    return bits(net)


# ---- again


@pytest.mark.parametrize("optimizer", [*OPTIMIZERS, LBFGS()], ids=repr)
def test_the_same_seed_gives_the_same_bits(optimizer: Any) -> None:
    if isinstance(optimizer, LBFGS):
        pytest.importorskip("scipy")
        nets = [network(dropout=0.0) for _ in range(2)]
        for net in nets:
            net.fit(*data(), optimizer=optimizer, epochs=20)
        assert bits(nets[0]) == bits(nets[1])
        return
    assert trained(optimizer) == trained(optimizer)


def test_another_seed_gives_other_bits() -> None:
    assert len({trained(seed=seed) for seed in (None, 3, 4, 5)}) == 3  # None takes the network's, which is 3


def test_global_random_state_plays_no_part() -> None:
    np.random.seed(1)  # noqa: NPY002
    first = trained()
    state = np.random.get_state()[1].tobytes()  # type: ignore[index]  # noqa: NPY002
    np.random.seed(2)  # noqa: NPY002
    assert trained() == first
    np.random.seed(1)  # noqa: NPY002
    assert np.random.get_state()[1].tobytes() == state  # type: ignore[index]  # noqa: NPY002


def test_a_fresh_seed_is_recorded_and_reproduces() -> None:
    runs = []
    for seed in (None, None):
        net = network(seed=None, init={"W1": np.ones((4, 8)), "W2": np.ones((8, 3))})
        runs.append((net.fit(*data(), epochs=3, batch_size=7, seed=seed).seed, bits(net)))
    assert runs[0] != runs[1]
    for seed, expected in runs:
        net = network(seed=None, init={"W1": np.ones((4, 8)), "W2": np.ones((8, 3))})
        assert net.fit(*data(), epochs=3, batch_size=7, seed=seed).seed == seed
        assert bits(net) == expected


def test_the_generator_is_pcg64_whatever_numpys_default() -> None:
    assert type(generator(0, 1).bit_generator) is np.random.PCG64
    order = np.random.Generator(np.random.PCG64([7, 2])).permutation(10)
    assert np.concatenate(list(batches(generator(7, 2), 10, 4, True))).tolist() == order.tolist()


# ---- elsewhere

ELSEWHERE = """
import hashlib
import numpy as np
from clearprop import MLP, Adam
rng = np.random.Generator(np.random.PCG64(5))
X, Y = rng.standard_normal((30, 4)), rng.integers(0, 3, 30)
net = MLP([4, 8, 3], "tanh", loss="cross_entropy", seed=3, dropout=0.2, l2=1e-3)
net.fit(X, Y, optimizer=Adam(0.01), epochs=5, batch_size=7)
print(hashlib.sha256(net.parameters.vector.tobytes()).hexdigest())
"""


@pytest.mark.parametrize(("hash_seed", "threads"), [("1", "1"), ("2", "2"), ("random", "3")])
def test_another_process_gives_the_same_bits(hash_seed: str, threads: str) -> None:
    names = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed, **dict.fromkeys(names, threads)}
    run = subprocess.run(
        [sys.executable, "-c", ELSEWHERE], env=environment, capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == trained(Adam(0.01))


# ---- in parts


@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=repr)
def test_ten_fits_of_one_epoch_are_one_fit_of_ten(optimizer: Any) -> None:
    whole, parts = network(), network()
    record = whole.fit(*data(), optimizer=optimizer, epochs=10, batch_size=7, validation=0.2)
    losses = []
    for _ in range(10):
        losses += parts.fit(
            *data(), optimizer=optimizer, epochs=1, batch_size=7, validation=0.2
        ).validation_loss
    assert bits(whole) == bits(parts)
    assert losses == record.validation_loss
    assert whole.memory.steps == parts.memory.steps
    assert whole.memory.vectors.tobytes() == parts.memory.vectors.tobytes()


def test_a_rate_that_falls_with_the_epochs_falls_on() -> None:
    def with_epochs(*parts: int) -> str:
        net = network()
        for epochs in parts:
            net.fit(*data(), optimizer=Adam(Exponential(0.05, 0.5)), epochs=epochs)
        return bits(net)

    assert with_epochs(6) == with_epochs(1, 2, 3) != with_epochs(5)


def test_another_optimizer_starts_without_memory() -> None:
    net = network()
    net.fit(*data(), optimizer=Adam(0.01), epochs=2)
    steps = net.memory.steps
    net.fit(*data(), optimizer=Adam(0.01), epochs=2)
    assert net.memory.steps == 2 * steps
    net.fit(*data(), optimizer=Adam(0.02), epochs=2)
    assert net.memory.steps == steps


# ---- stepping by hand


def assert_equal(net: MLP, by_hand: MLP, engine: str) -> None:
    """The numpy engine makes the very sums of the rules; the compiled one adds in another order."""
    if engine == "numpy":
        assert bits(net) == bits(by_hand)
    scale = np.linalg.norm(by_hand.parameters.vector)
    assert np.linalg.norm(net.parameters.vector - by_hand.parameters.vector) <= 1e-13 * scale


def test_one_step_is_the_formula(engine: str) -> None:
    X, Y = data()
    net, by_hand = network(dropout=0.0), network(dropout=0.0)
    loss, gradients = by_hand.loss_and_gradient(X, Y)
    by_hand.parameters.vector[:] = by_hand.parameters.vector - 0.3 * gradients.vector
    history = net.fit(X, Y, optimizer=SGD(0.3), epochs=1, batch_size=None, shuffle=False)
    assert_equal(net, by_hand, engine)
    rounding = 0 if engine == "numpy" else 1e-14
    assert history.train_loss[0] + history.penalty[0] == pytest.approx(loss, rel=rounding, abs=0)


@pytest.mark.parametrize("weighted", [False, True])
def test_fit_is_a_loop_that_anyone_can_write(engine: str, weighted: bool) -> None:
    """Shuffled batches, the gradient, Adam from the paper: no function of the training loop is used."""
    X, Y = data()
    weights = np.linspace(1, 2, len(X)) if weighted else None
    net, by_hand = network(dropout=0.0), network(dropout=0.0)
    history = net.fit(X, Y, optimizer=Adam(0.01), epochs=3, batch_size=8, sample_weight=weights)
    theta, t, means = by_hand.parameters.vector, 0, []
    m = v = np.zeros_like(theta)
    for epoch in (1, 2, 3):
        order = np.random.Generator(np.random.PCG64([3, epoch])).permutation(len(X))
        losses, masses = [], []
        for rows in (order[:8], order[8:16], order[16:24], order[24:]):
            t += 1
            some = None if weights is None else weights[rows]
            _, gradients = by_hand.loss_and_gradient(X[rows], Y[rows], some)
            losses.append(by_hand.loss_parts(X[rows], Y[rows], some)[0])
            masses.append(len(rows) if some is None else some.sum())
            g = gradients.vector
            m = 0.9 * m + (1 - 0.9) * g
            v = 0.999 * v + (1 - 0.999) * g * g
            step = 0.01 * (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
            theta[:] = theta - step
        means.append(np.average(losses, weights=masses))
    assert_equal(net, by_hand, engine)
    np.testing.assert_allclose(history.train_loss, means, rtol=1e-14 if engine == "numpy" else 1e-13)


def stepped(ops: Any, **options: Any) -> str:
    """Two epochs of the numpy engine's loop, with these rules."""
    net, optimizer = network(), Adam(0.01)
    whole = check_data(net, *data())
    memory = Memory(optimizer, np.zeros((optimizer.memory, net.parameters.vector.size)))
    stepper = Stepper(net, memory, Rates(None), ops=ops, **options)
    for epoch in (1, 2):
        rng = generator(3, epoch)
        stepper.start_epoch(rng)
        for rows in batches(rng, len(whole), 7, True):
            stepper.step(whole, rows, 0.01)
    return bits(net)


@pytest.mark.parametrize("options", [{}, {"update": "sequential"}, {"clip_norm": 0.1}], ids=str)
def test_recording_changes_no_bit(options: Mapping[str, Any]) -> None:
    calls: list[str] = []

    def recorded(name: str, rule: Callable[..., Any]) -> Callable[..., Any]:
        def recording(*operands: Any) -> Any:
            calls.append(name)
            before = [np.copy(operand) for operand in operands]
            result = rule(*operands)
            for operand, copy in zip(operands, before, strict=True):  # a rule changes none of its operands
                np.testing.assert_array_equal(operand, copy)
            return result

        return recording

    assert stepped(wrap(reference, recorded), **options) == stepped(reference, **options)
    assert stepped(reference, **options) == trained(Adam(0.01), epochs=2, engine="numpy", **options)
    every_step = ["dense", "tanh", "dropout", "dense", "softmax", "cross_entropy", "penalty", "penalty"]
    assert calls[: len(every_step)] == every_step


def test_rules_go_through_the_seam() -> None:
    """Every number of a step comes from `ops`: one false rule there, and the bits are others."""

    def falsified(target: str) -> Any:
        def around(name: str, rule: Callable[..., Any]) -> Callable[..., Any]:
            return rule if name != target else lambda *operands: rule(operands[0] * 1.001, *operands[1:])

        return wrap(reference, around)

    expected = stepped(reference)
    used = ["dense", "tanh", "tanh_back", "dropout", "dropout_back", "softmax", "natural_back"]
    for name in [*used, "dense_back", "dense_back_input", "penalty_back", "adam"]:
        assert stepped(falsified(name)) != expected, name


# ---- frozen parameters and rate factors


def moved(optimizer: Any, **options: Any) -> set[str]:
    net = network(dropout=0.0 if isinstance(optimizer, LBFGS) else 0.2, l1=0.01)
    for name in ("b1", "b2"):
        net.parameters[name] = np.linspace(-1, 1, len(net.parameters[name]))
    before = {name: array.tobytes() for name, array in net.parameters.items()}
    net.fit(*data(), optimizer=optimizer, epochs=4, **options)
    return {name for name, array in net.parameters.items() if array.tobytes() != before[name]}


@pytest.mark.parametrize("update", ["simultaneous", "sequential"])
@pytest.mark.parametrize("optimizer", [*OPTIMIZERS, LBFGS()], ids=repr)
def test_frozen_parameters_keep_their_bits(optimizer: Any, update: str) -> None:
    if isinstance(optimizer, LBFGS):
        pytest.importorskip("scipy")
        update = "simultaneous"
    assert moved(optimizer, update=update) == {"W1", "b1", "W2", "b2"}
    assert moved(optimizer, update=update, freeze=["W1", "b2"]) == {"b1", "W2"}


def test_what_was_trained_and_is_then_frozen_stands_still() -> None:
    """A velocity from before must not carry a frozen parameter on."""
    net = network()
    net.fit(*data(), optimizer=Momentum(0.05), epochs=2)
    before = net.parameters["W1"].tobytes()
    history = net.fit(*data(), optimizer=Momentum(0.05), epochs=2, freeze=["W1"])
    assert net.parameters["W1"].tobytes() == before
    assert history.settings["freeze"] == ["W1"]


def test_the_gradient_norm_leaves_frozen_parameters_out() -> None:
    X, Y = data()
    net = network(dropout=0.0)
    _, gradients = net.loss_and_gradient(X, Y)
    norm = np.linalg.norm(np.concatenate([gradients[f"d{name}"].ravel() for name in ("b1", "W2")]))
    history = net.fit(X, Y, batch_size=None, shuffle=False, epochs=1, freeze=["W1", "b2"])
    assert history.gradient_norm[0] == pytest.approx(norm, rel=1e-14)


def test_rate_factors_scale_the_steps() -> None:
    X, Y = data()
    plain, scaled = network(dropout=0.0), network(dropout=0.0)
    start = {name: array.copy() for name, array in plain.parameters.items()}
    for net, factors in ((plain, None), (scaled, {"W1": 0.25, "b2": 4.0})):
        net.fit(X, Y, optimizer=SGD(0.1), epochs=1, batch_size=None, shuffle=False, rate_factors=factors)
    for name, factor in {"W1": 0.25, "b1": 1.0, "W2": 1.0, "b2": 4.0}.items():
        step, expected = (net.parameters[name] - start[name] for net in (scaled, plain))
        np.testing.assert_allclose(step, factor * expected, rtol=1e-10, atol=1e-16)
    assert moved(SGD(0.1), rate_factors={"W1": 0.0}) == {"b1", "W2", "b2"}
    assert moved(SGD(0.1), rate_factors={"W1": 3.0}, freeze=["W1"]) == {"b1", "W2", "b2"}


# ---- against networks written out by hand


def textbook(
    X: Array, Y: Array, first: Mapping[str, Array], eta: float, steps: int, sequential: bool
) -> Array:
    """Two sigmoid layers, squared error; sequential: the hidden delta passes through the new W2."""
    W1, b1, W2, b2 = (first[name].copy() for name in ("W1", "b1", "W2", "b2"))
    for _ in range(steps):
        A1 = 1 / (1 + np.exp(-(X @ W1 + b1)))
        A2 = 1 / (1 + np.exp(-(A1 @ W2 + b2)))
        delta2 = (A2 - Y) * A2 * (1 - A2) / len(X)
        old = W2.copy()
        W2 -= eta * A1.T @ delta2
        b2 -= eta * delta2.sum(axis=0)
        delta1 = delta2 @ (W2 if sequential else old).T * A1 * (1 - A1)
        W1 -= eta * X.T @ delta1
        b1 -= eta * delta1.sum(axis=0)
    return np.concatenate([W1.ravel(), b1, W2.ravel(), b2])


@pytest.mark.parametrize("update", ["simultaneous", "sequential"])
def test_the_order_of_the_updates(update: str) -> None:
    X, Y = data()[0], np.random.default_rng(0).uniform(size=(30, 2))
    net = MLP([4, 3, 2], "sigmoid", "sigmoid", init="standard_normal", seed=1)
    expected, other = (
        textbook(X, Y, net.parameters, 2.0, 50, order == "sequential")
        for order in (update, {"simultaneous": "sequential", "sequential": "simultaneous"}[update])
    )
    net.fit(X, Y, optimizer=SGD(2.0), epochs=50, batch_size=None, shuffle=False, update=update)
    np.testing.assert_allclose(net.parameters.vector, expected, rtol=1e-11)
    assert np.abs(net.parameters.vector - other).max() > 1e-4


def test_sequential_updates_with_memory_and_penalty_agree_where_order_cannot_matter() -> None:
    """With one layer there is no order."""
    X, Y = data()
    nets = [MLP([4, 3], loss="cross_entropy", seed=0, l1=0.01, l2=0.1) for _ in range(2)]
    for net, update in zip(nets, ("simultaneous", "sequential"), strict=True):
        net.fit(X, Y, optimizer=AdamW(0.01), epochs=5, update=update)
    assert bits(nets[0]) == bits(nets[1])


def test_the_articles_network_is_a_special_case() -> None:
    rng = np.random.default_rng(4)
    X, Y = rng.standard_normal((20, 2)), rng.uniform(size=(20, 1))
    article = TwoLayerMLP(2, 3, 1, seed=0)
    net = MLP([2, 3, 1], "sigmoid", "sigmoid", "squared_error", init="standard_normal", seed=0)

    def difference() -> float:
        theirs = [article.W1, article.b1, article.W2, article.b2]
        flat = np.concatenate([array.ravel() for array in theirs])
        return float(np.linalg.norm(net.parameters.vector - flat) / np.linalg.norm(flat))

    assert difference() == 0.0
    losses = []
    for _ in range(200):
        article.forward(X)
        losses.append(article.backward(Y, learning_rate=2.0))
    history = net.fit(X, Y, optimizer=SGD(2.0), epochs=200, batch_size=None, shuffle=False)
    assert difference() < 1e-12
    np.testing.assert_allclose(
        history.train_loss, np.array(losses) / 2, rtol=1e-12
    )  # ½ of the mean, 1 output
    np.testing.assert_allclose(net.forward(X), article.forward(X), rtol=1e-12)


def test_a_batch_is_taken_by_rows() -> None:
    X, Y = data(6)
    whole = Data(X, np.eye(3)[Y], np.arange(1.0, 7.0))
    rows = np.array([4, 1])
    Xb, T, w, weight = whole.batch(rows)
    assert Xb.tolist() == X[[4, 1]].tolist()
    assert T.argmax(axis=1).tolist() == Y[[4, 1]].tolist()
    np.testing.assert_allclose(w, [[5 / 7], [2 / 7]])
    assert weight == 7
