"""The article's networks: its numbers to the last bit, its gradients, real training, clear errors."""

from __future__ import annotations

import ast
import copy
import doctest
import inspect
import pickle
import re
import textwrap
import warnings
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pytest
from numpy.typing import NDArray

from clearprop import classic
from clearprop.classic import (
    OneLayerMLP,
    TwoLayerMLP,
    mean_squared_error_derivative,
    sigmoid,
    sigmoid_derivative,
)

Array: TypeAlias = NDArray[np.float64]
Net: TypeAlias = OneLayerMLP | TwoLayerMLP
Replay: TypeAlias = Callable[..., dict[str, Any]]

# ---- the article, written a second time: in place, with its own functions, nothing taken from the package


def replay_one(X: Array, Y: Array, weights: Array, bias: Array, learning_rate: float) -> dict[str, Any]:
    Z = np.dot(X, weights) + bias
    A = 1 / (1 + np.exp(-Z))
    m = Y.shape[0]
    dA = A - Y
    dZ = dA * (A * (1 - A))
    dW = np.dot(X.T, dZ) / m
    db = np.sum(dZ, axis=0, keepdims=True) / m
    weights -= learning_rate * dW
    bias -= learning_rate * db
    loss = np.mean((Y - A) ** 2)
    return locals()


def replay_two(
    X: Array, Y: Array, W1: Array, b1: Array, W2: Array, b2: Array, learning_rate: float
) -> dict[str, Any]:
    Z1 = np.dot(X, W1) + b1
    A1 = 1 / (1 + np.exp(-Z1))
    Z2 = np.dot(A1, W2) + b2
    A2 = 1 / (1 + np.exp(-Z2))
    m = Y.shape[0]
    dA2 = A2 - Y
    dZ2 = dA2 * (A2 * (1 - A2))
    dW2 = np.dot(A1.T, dZ2) / m
    db2 = np.sum(dZ2, axis=0, keepdims=True) / m
    dA1 = np.dot(dZ2, W2.T)
    dZ1 = dA1 * (A1 * (1 - A1))
    dW1 = np.dot(X.T, dZ1) / m
    db1 = np.sum(dZ1, axis=0, keepdims=True) / m
    W2 -= learning_rate * dW2
    b2 -= learning_rate * db2
    W1 -= learning_rate * dW1
    b1 -= learning_rate * db1
    loss = np.mean((Y - A2) ** 2)
    return locals()


ONE = ("X", "Z", "A", "dA", "dZ", "dW", "db", "weights", "bias", "loss")
TWO = (
    *("X", "Z1", "A1", "Z2", "A2"),
    *("dA2", "dZ2", "dW2", "db2", "dA1", "dZ1", "dW1", "db1"),
    *("W1", "b1", "W2", "b2", "loss"),
)


def draws(seed: int, *sizes: int) -> list[Array]:
    """Weights and biases in the article's order: standard normal draws, zeros."""
    generator = np.random.Generator(np.random.PCG64(seed))
    parameters: list[Array] = []
    for inputs, outputs in pairwise(sizes):
        parameters += [generator.standard_normal((inputs, outputs)), np.zeros((1, outputs))]
    return parameters


def batch(seed: int, n: int, inputs: int, outputs: int) -> tuple[Array, Array]:
    generator = np.random.Generator(np.random.PCG64([seed, n]))
    return generator.standard_normal((n, inputs)), generator.random((n, outputs))


def differing(
    net: Net, replay: Replay, seed: int, n: int, sizes: tuple[int, ...], steps: int = 5
) -> set[str]:
    """The named quantities that differ in any bit from the replay's, over a few steps on changing batches."""
    names = ONE if isinstance(net, OneLayerMLP) else TWO
    parameters = draws(seed, *sizes)
    found: set[str] = set()
    for step in range(steps):
        X, Y = batch(seed + step, n, sizes[0], sizes[-1])
        rate = 0.1 * (step + 1)
        expected = replay(X, Y, *parameters, rate)
        net.forward(X)
        loss = net.backward(Y) if step == 0 else net.backward(Y, learning_rate=rate)
        ours = {**vars(net), "loss": loss}
        found |= {name for name in names if not np.array_equal(ours[name], expected[name])}
    return found


@pytest.mark.parametrize("seed", [0, 1, 2024])
@pytest.mark.parametrize("n", [1, 7])
class TestTheArticlesNumbers:
    @pytest.mark.parametrize("sizes", [(1, 1), (3, 1), (2, 3), (30, 10)])
    def test_one_layer(self, sizes: tuple[int, int], n: int, seed: int) -> None:
        assert differing(OneLayerMLP(*sizes, seed=seed), replay_one, seed, n, sizes) == set()

    @pytest.mark.parametrize("sizes", [(1, 1, 1), (2, 4, 1), (3, 5, 2), (20, 33, 10)])
    def test_two_layers(self, sizes: tuple[int, int, int], n: int, seed: int) -> None:
        assert differing(TwoLayerMLP(*sizes, seed=seed), replay_two, seed, n, sizes) == set()


# One mistake each, put into the replay's text, and one quantity in which it must show.
FAULTS_ONE = {
    "derivative of Z in place of A": ("(A * (1 - A))", "(Z * (1 - Z))", "dZ"),
    "lost 1/n": ("np.dot(X.T, dZ) / m", "np.dot(X.T, dZ)", "dW"),
    "lost 1/n of the bias": ("keepdims=True) / m", "keepdims=True)", "db"),
    "missing bias": ("np.dot(X, weights) + bias", "np.dot(X, weights)", "Z"),
    "wrong sign": ("dA = A - Y", "dA = Y - A", "dA"),
    "doubled slope": ("dA = A - Y", "dA = 2 * (A - Y)", "dA"),
    "frozen bias": ("bias -= learning_rate * db", "pass", "bias"),
    "half the loss": ("loss = np.mean(", "loss = 0.5 * np.mean(", "loss"),
    "last bit": ("learning_rate * dW", "learning_rate * np.nextafter(dW, 9)", "weights"),
}
FAULTS_TWO = {
    "derivative of Z1 in place of A1": ("(A1 * (1 - A1))", "(Z1 * (1 - Z1))", "dZ1"),
    "derivative of Z2 in place of A2": ("(A2 * (1 - A2))", "(Z2 * (1 - Z2))", "dZ2"),
    "dA1 from dA2": ("np.dot(dZ2, W2.T)", "np.dot(dA2, W2.T)", "dA1"),
    "dA1 from new W2": ("np.dot(dZ2, W2.T)", "np.dot(dZ2, (W2 - learning_rate * dW2).T)", "dA1"),
    "dW2 from Z1": ("np.dot(A1.T, dZ2)", "np.dot(Z1.T, dZ2)", "dW2"),
    "1/n twice": ("dZ2 = dA2 * (A2 * (1 - A2))", "dZ2 = dA2 * (A2 * (1 - A2)) / m", "dZ2"),
    "frozen W1": ("W1 -= learning_rate * dW1", "pass", "W1"),
    "frozen b2": ("b2 -= learning_rate * db2", "pass", "b2"),
}


def with_fault(replay: Replay, right: str, wrong: str) -> Replay:
    source = textwrap.dedent(inspect.getsource(replay))
    assert source.count(right) == 1, (
        f"the fault must replace one place, {right!r} is in {source.count(right)}"
    )
    namespace: dict[str, Any] = {"np": np, "Array": Array, "Any": Any}
    exec("from __future__ import annotations\n" + source.replace(right, wrong), namespace)
    planted: Replay = namespace[replay.__name__]
    return planted


class TestThatTheReplayCatchesMistakes:
    @pytest.mark.parametrize("fault", FAULTS_ONE)
    def test_one_layer(self, fault: str) -> None:
        right, wrong, where = FAULTS_ONE[fault]
        assert where in differing(
            OneLayerMLP(3, 2, seed=4), with_fault(replay_one, right, wrong), 4, 7, (3, 2)
        )

    @pytest.mark.parametrize("fault", FAULTS_TWO)
    def test_two_layers(self, fault: str) -> None:
        right, wrong, where = FAULTS_TWO[fault]
        net = TwoLayerMLP(3, 5, 2, seed=4)
        assert where in differing(net, with_fault(replay_two, right, wrong), 4, 7, (3, 5, 2))

    def test_without_a_fault_the_text_replays_right(self) -> None:
        same = with_fault(replay_two, "loss = np.mean(", "loss = np.mean(")
        assert differing(TwoLayerMLP(3, 5, 2, seed=4), same, 4, 7, (3, 5, 2)) == set()


# ---- the start


def test_weights_are_pcg64_normal_draws_and_biases_zeros() -> None:
    one, two = OneLayerMLP(3, 2, seed=7), TwoLayerMLP(3, 5, 2, seed=7)
    for ours, expected in zip((one.weights, one.bias), draws(7, 3, 2), strict=True):
        np.testing.assert_array_equal(ours, expected)
    for ours, expected in zip((two.W1, two.b1, two.W2, two.b2), draws(7, 3, 5, 2), strict=True):
        np.testing.assert_array_equal(ours, expected)


def test_without_a_seed_every_network_is_another() -> None:
    assert not np.array_equal(OneLayerMLP(3, 2).weights, OneLayerMLP(3, 2).weights)


# ---- the functions


class TestSigmoid:
    def test_saturates_without_a_warning(self) -> None:
        with warnings.catch_warnings(), np.errstate(all="raise"):
            warnings.simplefilter("error")
            values = sigmoid(np.array([-np.inf, -1000.0, -745.5, 0.0, 745.5, 1000.0, np.inf]))
        np.testing.assert_array_equal(values, [0.0, 0.0, 0.0, 0.5, 1.0, 1.0, 1.0])

    def test_has_the_articles_bits(self) -> None:
        x = np.linspace(-700, 700, 20_001)
        np.testing.assert_array_equal(sigmoid(x), 1 / (1 + np.exp(-x)))

    def test_keeps_float32(self) -> None:
        x = np.linspace(-1000, 1000, 101, dtype=np.float32)
        with np.errstate(over="ignore"):
            expected = 1 / (1 + np.exp(-x))
        assert sigmoid(x).dtype == np.float32
        np.testing.assert_array_equal(sigmoid(x), expected)

    @pytest.mark.parametrize("one", [1, 1.0, True, np.uint8(1), np.int8(1), np.float64(1), np.array(1)])
    def test_takes_any_real_scalar(self, one: Any) -> None:
        assert np.ndim(sigmoid(one)) == 0
        assert sigmoid(one) == 1 / (1 + np.exp(-1.0))

    def test_takes_extreme_scalars_lists_and_unsigned_integers(self) -> None:
        assert sigmoid(-1000) == 0.0
        assert sigmoid(1000) == 1.0
        np.testing.assert_array_equal(sigmoid([-1, 0, 1]), sigmoid(np.array([-1.0, 0.0, 1.0])))
        np.testing.assert_array_equal(sigmoid(np.array([0, 200], np.uint8)), sigmoid([0.0, 200.0]))

    @pytest.mark.parametrize("wrong", [1j, "1", None])
    def test_refuses_what_is_no_real_number(self, wrong: Any) -> None:
        with pytest.raises(ValueError, match="x is not numeric: expected real numbers, got dtype"):
            sigmoid(wrong)


def test_sigmoid_derivative_is_the_slope_at_the_activation() -> None:
    z, step = np.linspace(-5, 5, 41), 1e-6
    slope = (sigmoid(z + step) - sigmoid(z - step)) / (2 * step)
    np.testing.assert_allclose(sigmoid_derivative(sigmoid(z)), slope, rtol=0, atol=1e-9)


def test_mean_squared_error_derivative_points_from_target_to_prediction() -> None:
    derivative = mean_squared_error_derivative(np.array([[1.0], [0.0]]), np.array([[0.25], [0.5]]))
    np.testing.assert_array_equal(derivative, [[-0.75], [0.5]])


# ---- the gradients and the two losses

NETS: list[tuple[Net, dict[str, str]]] = [
    (OneLayerMLP(3, 1, seed=5), {"weights": "dW", "bias": "db"}),
    (OneLayerMLP(3, 4, seed=5), {"weights": "dW", "bias": "db"}),
    (TwoLayerMLP(3, 5, 1, seed=5), {"W1": "dW1", "b1": "db1", "W2": "dW2", "b2": "db2"}),
    (TwoLayerMLP(3, 5, 4, seed=5), {"W1": "dW1", "b1": "db1", "W2": "dW2", "b2": "db2"}),
]


@pytest.mark.parametrize(("start", "gradients"), NETS)
def test_gradients_are_of_half_the_squared_error(start: Net, gradients: dict[str, str]) -> None:
    net, outputs = copy.deepcopy(start), list(vars(start)["_shapes"].values())[-1][1]
    X, Y = batch(9, 7, 3, outputs)

    def descended() -> float:
        return float(0.5 * np.sum((net.forward(X) - Y) ** 2) / len(X))

    before = descended()
    printed = net.backward(Y, learning_rate=0.0)
    assert isinstance(printed, float)
    assert printed == pytest.approx(before * 2 / outputs, rel=1e-14)
    for name, gradient in gradients.items():
        parameter, analytic = getattr(net, name), getattr(net, gradient)
        numeric = np.empty_like(parameter)
        for index in np.ndindex(*parameter.shape):
            kept = parameter[index]
            parameter[index] = kept + 1e-5
            above = descended()
            parameter[index] = kept - 1e-5
            numeric[index] = (above - descended()) / 2e-5
            parameter[index] = kept
        np.testing.assert_allclose(analytic, numeric, rtol=1e-6, atol=1e-10)
        with pytest.raises(AssertionError):  # of J and of no other multiple of it
            np.testing.assert_allclose(2 * analytic, numeric, rtol=1e-6, atol=1e-10)


def test_the_loss_is_from_before_the_update() -> None:
    net, (X, Y) = TwoLayerMLP(3, 5, 2, seed=0), batch(0, 7, 3, 2)
    before = float(np.mean((Y - net.forward(X)) ** 2))
    assert net.backward(Y, learning_rate=1.0) == before
    assert float(np.mean((Y - net.forward(X)) ** 2)) < before


def test_every_shape_comment_is_true() -> None:
    one, two, sizes = OneLayerMLP(2, 3, seed=0), TwoLayerMLP(2, 5, 3, seed=0), {"n": 7, "in": 2, "hidden": 5}
    X, Y = batch(0, 7, 2, 3)
    for net in (one, two):
        net.forward(X)
        net.backward(Y)
        lines = inspect.getsource(type(net)).splitlines()
        assigned = [line for line in lines if re.match(r" {8}self\.[A-Za-z]\w*(: Array)? = ", line)]
        comments = [re.search(r"self\.(\w+).*  # \((\w+), (\w+)\)$", line) for line in assigned]
        assert len(comments) == {OneLayerMLP: 11, TwoLayerMLP: 21}[type(net)]
        for line, found in zip(assigned, comments, strict=True):
            assert found is not None, f"no shape on: {line}"
            name, *words = found.groups()
            expected = tuple({**sizes, "out": 3, "1": 1}[word] for word in words)
            assert getattr(net, name).shape == expected, line


# ---- training


def test_two_layers_learn_xor() -> None:
    X, Y = [[0, 0], [0, 1], [1, 0], [1, 1]], [[0], [1], [1], [0]]
    net = TwoLayerMLP(2, 4, 1, seed=0)
    losses = []
    for _ in range(2000):
        net.forward(X)
        losses.append(net.backward(Y, learning_rate=5.0))
    assert losses[-1] < 0.002 < losses[0]
    np.testing.assert_array_equal(net.forward(X).round(), Y)


def test_one_layer_cannot_learn_xor() -> None:
    X, Y = [[0, 0], [0, 1], [1, 0], [1, 1]], [[0], [1], [1], [0]]
    net = OneLayerMLP(2, 1, seed=0)
    for _ in range(2000):
        net.forward(X)
        loss = net.backward(Y, learning_rate=5.0)
    assert loss == pytest.approx(
        0.25, abs=1e-6
    )  # no line parts XOR: one half everywhere is the best it can say


def test_one_layer_tells_real_tumours_apart() -> None:
    datasets = pytest.importorskip(
        "sklearn.datasets", reason="the breast cancer data comes with scikit-learn"
    )
    X, labels = datasets.load_breast_cancer(return_X_y=True)
    order = np.random.Generator(np.random.PCG64(0)).permutation(len(X))
    train, test = order[:400], order[400:]
    X = (X - X[train].mean(axis=0)) / X[train].std(axis=0)
    Y = labels[:, np.newaxis]
    net = OneLayerMLP(30, 1, seed=0)
    for _ in range(300):
        net.forward(X[train])
        net.backward(Y[train], learning_rate=1.0)
    accuracy = float(np.mean((net.forward(X[test]) > 0.5) == Y[test]))
    assert accuracy > 0.95 > max(np.mean(Y[test]), 1 - np.mean(Y[test]))


# ---- what a caller may give


@pytest.mark.parametrize(
    "convert",
    [
        lambda X: X.tolist(),
        lambda X: X.astype(np.int8),
        lambda X: X.astype(np.uint16),
        lambda X: X.astype(np.float32),
        np.asfortranarray,
        lambda X: np.repeat(X, 2, axis=0)[::2],
    ],
    ids=["list", "int8", "uint16", "float32", "Fortran order", "strided"],
)
def test_other_kinds_of_arrays_keep_the_articles_numbers(convert: Callable[[Array], Any]) -> None:
    X, Y = np.array([[0.0, 3.0], [2.0, 1.0], [5.0, 4.0]]), np.array([[0.0], [1.0], [1.0]])
    net = TwoLayerMLP(2, 3, 1, seed=1)
    net.forward(convert(X))
    loss = net.backward(convert(Y))
    replay: Replay = replay_two
    expected = replay(np.asarray(convert(X)), np.asarray(convert(Y)), *draws(1, 2, 3, 1), 0.1)
    ours = {**vars(net), "loss": loss}
    assert {name for name in TWO if not np.array_equal(ours[name], expected[name])} == set()
    assert net.X.dtype == net.W1.dtype == np.float64


def test_assigned_parameters_are_used_and_never_written_to() -> None:
    net, (X, Y) = TwoLayerMLP(2, 3, 1, seed=0), batch(0, 4, 2, 1)
    mine = np.ones((2, 3), dtype=np.float32)
    mine.setflags(write=False)
    net.W1, net.b1 = mine, [[0, 1, 2]]  # type: ignore[assignment]
    start = net.W2
    kept = start.copy()
    net.forward(X)
    np.testing.assert_array_equal(net.Z1, np.dot(X, np.ones((2, 3))) + np.arange(3))
    net.backward(Y)
    np.testing.assert_array_equal(mine, 1)
    np.testing.assert_array_equal(start, kept)
    assert not np.array_equal(net.W2, kept)


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda net: pickle.loads(pickle.dumps(net))])
def test_a_copy_goes_on_alone(copied: Callable[[TwoLayerMLP], TwoLayerMLP]) -> None:
    net, (X, Y) = TwoLayerMLP(2, 3, 1, seed=0), batch(0, 4, 2, 1)
    net.forward(X)
    twin = copied(net)
    assert twin.backward(Y) == net.backward(Y)
    np.testing.assert_array_equal(twin.W1, net.W1)
    assert twin.W1 is not net.W1


# ---- errors: what, got, expected, try


def message(act: Callable[[], object], error: type[Exception] = ValueError) -> str:
    with pytest.raises(error) as caught:
        act()
    assert caught.type is error
    return str(caught.value)


class TestErrors:
    @pytest.mark.parametrize(
        ("X", "said"),
        [
            (
                [[1.0, 2.0]],
                "X has the wrong shape: expected (1 or more samples, 3), got (1, 2); "
                "try one row a sample and one column an input",
            ),
            (
                [1.0, 2.0, 3.0],
                "X has the wrong shape: expected (1 or more samples, 3), got (3,); try X.reshape(-1, 3)",
            ),
            (np.ones(4), "got (4,); try one row a sample and one column an input"),
            (np.ones((2, 2, 3)), "got (2, 2, 3); try one row"),
            (np.ones((0, 3)), "expected (1 or more samples, 3), got (0, 3); try one row"),
            ([], "got (0,); try one row"),
            (2.0, "got (); try one row"),
            (
                np.ones((2, 3)) * 1j,
                "X is not numeric: expected real numbers, got dtype complex128; try floats",
            ),
            ([["a", "b", "c"]], "X is not numeric: expected real numbers, got dtype <U1; try floats"),
            ([[1, None, 2]], "X is not numeric: expected real numbers, got dtype object; try floats"),
            (
                np.zeros((2, 3), "datetime64[s]"),
                "X is not numeric: expected real numbers, got dtype datetime64",
            ),
            ([[1, 2, 3], [4, 5]], "X is not an array: expected rows of equal length, got"),
            (
                [[1, 2, 3], [4, np.nan, np.inf]],
                "X is not finite: expected finite numbers, got nan at [1, 1]; try to replace or drop it",
            ),
            ([[1, 2, -np.inf], [np.nan, 5, 6]], "got -inf at [0, 2]"),
        ],
    )
    @pytest.mark.parametrize("net", [OneLayerMLP(3, 2), TwoLayerMLP(3, 4, 2)], ids=["one", "two"])
    def test_x(self, net: Net, X: Any, said: str) -> None:
        assert said in message(lambda: net.forward(X))

    @pytest.mark.parametrize(
        ("Y", "said"),
        [
            ([0.0, 1.0, 0.0, 1.0], "Y has the wrong shape: expected (4, 1), got (4,); try Y.reshape(-1, 1)"),
            (
                [[0.0, 1.0, 0.0, 1.0]],
                "expected (4, 1), got (1, 4); try one row a sample and one column an output",
            ),
            (np.ones((3, 1)), "expected (4, 1), got (3, 1)"),
            (np.ones((1, 1)), "expected (4, 1), got (1, 1)"),
            (np.ones((4, 2)), "expected (4, 1), got (4, 2)"),
            (np.ones(3), "expected (4, 1), got (3,); try one row"),
            (1.0, "expected (4, 1), got ()"),
            ([], "expected (4, 1), got (0,)"),
            (["a"] * 4, "Y is not numeric: expected real numbers, got dtype <U1"),
            ([[0], [1], [np.nan], [np.inf]], "Y is not finite: expected finite numbers, got nan at [2, 0]"),
        ],
    )
    @pytest.mark.parametrize("net", [OneLayerMLP(3, 1), TwoLayerMLP(3, 5, 1)], ids=["one", "two"])
    def test_y(self, net: Net, Y: Any, said: str) -> None:
        net.forward(np.ones((4, 3)))
        kept = copy.deepcopy(vars(net))
        assert said in message(lambda: net.backward(Y))
        assert all(np.array_equal(vars(net)[name], kept[name]) for name in vars(net)["_shapes"])

    def test_class_numbers(self) -> None:
        net = OneLayerMLP(2, 3)
        net.forward(np.ones((4, 2)))
        labels = np.array([0, 2, 1, 0])
        assert "expected (4, 3), got (4,)" in message(lambda: net.backward(labels))
        assert "np.eye(3)[k]" in message(lambda: net.backward(labels))
        net.backward(np.eye(3)[labels])

    @pytest.mark.parametrize("size", [0, -1, 2.0, "3", None, True])
    def test_sizes(self, size: Any) -> None:
        said = f"does not fit: expected an integer ≥ 1, got {size!r}; try the number of columns of X"
        assert f"input_size {said}" in message(lambda: OneLayerMLP(size, 1))
        assert f"output_size {said}" in message(lambda: OneLayerMLP(1, size))
        assert f"input_size {said}" in message(lambda: TwoLayerMLP(size, 1, 1))
        assert f"hidden_size {said}" in message(lambda: TwoLayerMLP(1, size, 1))
        assert f"output_size {said}" in message(lambda: TwoLayerMLP(1, 1, size))

    def test_numpy_integers_are_sizes(self) -> None:
        assert OneLayerMLP(np.int64(2), np.uint8(3)).weights.shape == (2, 3)  # type: ignore[arg-type]

    @pytest.mark.parametrize("rate", [-0.1, np.nan, np.inf, "0.1", None, np.ones(2), 1j])
    def test_learning_rate(self, rate: Any) -> None:
        net = OneLayerMLP(1, 1, seed=0)
        net.forward([[1.0]])
        said = f"learning_rate does not fit: expected a finite number ≥ 0, got {rate!r}; try 0.1"
        assert message(lambda: net.backward([[1.0]], learning_rate=rate)) == said

    @pytest.mark.parametrize("net", [OneLayerMLP(3, 1), TwoLayerMLP(3, 5, 1)], ids=["one", "two"])
    def test_backward_needs_a_forward(self, net: Net) -> None:
        X, Y = batch(0, 4, 3, 1)
        said = "backward needs a forward pass: expected one before, got none; try forward(X)"
        assert message(lambda: net.backward(Y), RuntimeError) == said
        net.forward(X)
        net.backward(Y)

    def test_a_second_backward_uses_what_the_forward_pass_left_as_in_the_article(self) -> None:
        net = OneLayerMLP(3, 1, seed=0)
        X, Y = batch(0, 4, 3, 1)
        net.forward(X)
        weights = net.weights
        first = net.backward(Y), net.dW
        second = net.backward(Y), net.dW
        assert first[0] == second[0]
        assert np.array_equal(first[1], second[1])
        assert np.array_equal(net.weights, weights - 0.1 * first[1] - 0.1 * first[1])

    def test_a_refused_call_leaves_the_last_pass_usable(self) -> None:
        net, twin = OneLayerMLP(3, 1, seed=0), OneLayerMLP(3, 1, seed=0)
        X, Y = batch(0, 4, 3, 1)
        for each in (net, twin):
            each.forward(X)
        message(lambda: net.forward(np.ones((4, 2))))
        message(lambda: net.backward(Y.ravel()))
        assert net.backward(Y) == twin.backward(Y)

    @pytest.mark.parametrize(
        ("name", "value", "said"),
        [
            (
                "W1",
                np.ones((2, 3)),
                "W1 has the wrong shape: expected (3, 2), got (2, 3); try finite numbers",
            ),
            ("b1", np.zeros(2), "b1 has the wrong shape: expected (1, 2), got (2,); try b1.reshape(-1, 2)"),
            ("W2", [["x"], ["y"]], "W2 is not numeric"),
            ("b2", [[np.nan]], "b2 is not finite: expected finite numbers, got nan at [0, 0]"),
        ],
    )
    def test_assigned_parameters(self, name: str, value: Any, said: str) -> None:
        net = TwoLayerMLP(3, 2, 1)
        setattr(net, name, value)
        assert said in message(lambda: net.forward(np.ones((4, 3))))


# ---- the file itself


def test_it_imports_numpy_and_the_standard_library_only() -> None:
    tree = ast.parse(Path(classic.__file__).read_text(encoding="utf-8"))
    names = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    names |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    names -= {"clearprop"}  # the package's door, where explain asks
    assert names == {"__future__", "typing", "numpy", "numpy.typing"}


def test_the_docstrings_example_runs() -> None:
    result = doctest.testmod(classic)
    assert result.attempted > 0
    assert result.failed == 0
