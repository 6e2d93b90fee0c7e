"""The network: what it is made of, what it takes and gives, and what it says to what does not fit."""

from __future__ import annotations

import copy
import json
import math
import pickle
from collections.abc import Callable
from typing import Any, TypeAlias, cast

import numpy as np
import pytest
from numpy.typing import NDArray

from clearprop import MLP, Loss
from clearprop.errors import ClearpropError, InputError
from clearprop.loss import LOSSES
from clearprop.parameters import Windows
from clearprop.rules import HIDDEN_ACTIVATIONS, OUTPUT_ACTIVATIONS
from clearprop.rules.initializers import INITIALIZERS

Array: TypeAlias = NDArray[Any]
Make: TypeAlias = Callable[[], Any]


def inputs(samples: int = 5, columns: int = 4) -> Array:
    return np.random.default_rng(7).standard_normal((samples, columns))


def targets(loss: str, samples: int = 5, outputs: int = 3) -> Array:
    rng = np.random.default_rng(8)
    kind = LOSSES[loss].targets
    if kind == "class":
        return rng.integers(0, outputs, samples)
    return (rng.uniform(size=(samples, outputs)) > 0.5).astype(float)


# ---- what it is made of


def test_layers_are_numbered_from_one() -> None:
    net = MLP([4, 16, 8, 3], ["relu", "tanh"], loss="cross_entropy", dropout=[0.1, 0.2])
    assert [(layer.number, layer.inputs, layer.outputs) for layer in net.layers] == [
        (1, 4, 16),
        (2, 16, 8),
        (3, 8, 3),
    ]
    assert [layer.activation for layer in net.layers] == ["relu", "tanh", "softmax"]
    assert [layer.dropout for layer in net.layers] == [0.1, 0.2, 0.0]
    assert net.sizes == (4, 16, 8, 3)
    assert {name: array.shape for name, array in net.parameters.items()} == {
        "W1": (4, 16), "b1": (16,), "W2": (16, 8), "b2": (8,), "W3": (8, 3), "b3": (3,),
    }  # fmt: skip
    assert repr(net) == (
        "<MLP 4-16-8-3, relu, tanh → softmax, cross_entropy, 243 parameters, float64>"
    )  # fmt: skip
    assert repr(MLP([2, 1])) == "<MLP 2-1, no hidden layer → identity, squared_error, 3 parameters, float64>"


@pytest.mark.parametrize("loss", LOSSES)
def test_a_loss_has_a_natural_output(loss: str) -> None:
    natural = {"poisson": "exp", "binary_cross_entropy": "sigmoid", "cross_entropy": "softmax"}
    assert MLP([2, 3], loss=loss).layers[-1].activation == natural.get(loss, "identity")


@pytest.mark.parametrize("output", OUTPUT_ACTIVATIONS)
def test_other_losses_take_any_output(output: str) -> None:
    net = MLP([4, 3, 2], "tanh", output, "squared_error", seed=0)
    assert net.forward(inputs()).shape == (5, 2)


@pytest.mark.parametrize("activation", HIDDEN_ACTIVATIONS)
def test_the_outputs_are_the_formulas(activation: str) -> None:
    from clearprop.ops import reference

    net = MLP([4, 3, 2], activation, loss="cross_entropy", seed=1)
    W1, b1, W2, b2 = net.parameters.values()
    b1[:], b2[:] = 0.3, -0.2
    Z2 = getattr(reference, activation)(inputs() @ W1 + b1) @ W2 + b2
    expected = np.exp(Z2) / np.exp(Z2).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(net.forward(inputs()), expected, rtol=1e-13)


def test_the_configuration_makes_the_same_network() -> None:
    net = MLP(
        (4, 6, 5, 3), ["relu", "gelu"], loss=Loss("cross_entropy", label_smoothing=0.1), l1=0.1,
        l2=cast(float, np.float32(0.5)), dropout=[0, 0.25], seed=cast(int, np.int64(3)),
        dtype="float32", init="he_normal",
    )  # fmt: skip
    config = json.loads(json.dumps(net.config))
    again = MLP.from_config(config)
    assert again.config == net.config == config
    assert not again.parameters.vector.any()
    again.initialize()
    assert again.parameters.vector.tobytes() == net.parameters.vector.tobytes()


# ---- first weights


def test_first_weights_are_drawn_by_pcg64_in_order() -> None:
    net = MLP([2, 3, 1], init="standard_normal", seed=11)
    rng = np.random.Generator(np.random.PCG64(11))
    assert net.parameters["W1"].tolist() == rng.standard_normal((2, 3)).tolist()
    assert net.parameters["W2"].tolist() == rng.standard_normal((3, 1)).tolist()
    assert not net.parameters["b1"].any()
    assert not net.parameters["b2"].any()


def test_one_seed_gives_one_network() -> None:
    first, again, other = MLP([3, 4, 1], seed=1), MLP([3, 4, 1], seed=1), MLP([3, 4, 1], seed=2)
    assert first.parameters.vector.tobytes() == again.parameters.vector.tobytes()
    assert first.parameters.vector.tobytes() != other.parameters.vector.tobytes()
    assert MLP([3, 4, 1]).parameters.vector.tobytes() != MLP([3, 4, 1]).parameters.vector.tobytes()


@pytest.mark.parametrize("name", [name for name in INITIALIZERS if name != "orthogonal"])
def test_the_spread_of_the_first_weights(name: str) -> None:
    inputs, outputs = 300, 100
    W = MLP([inputs, outputs], init=name, seed=0).parameters["W1"]
    variance = {"standard": 1.0, "glorot": 2 / (inputs + outputs), "he": 2 / inputs, "lecun": 1 / inputs}
    assert W.var() == pytest.approx(variance[name.split("_")[0]], rel=0.03)
    assert abs(W.mean()) < 0.02 * W.std() + 0.01
    limit = math.sqrt(3 * variance[name.split("_")[0]])
    assert (np.abs(W).max() <= limit) == name.endswith("uniform")


@pytest.mark.parametrize("shape", [(5, 3), (3, 5), (4, 4)])
def test_orthogonal_first_weights(shape: tuple[int, int]) -> None:
    W = MLP(shape, init="orthogonal", seed=0).parameters["W1"]
    gram = W.T @ W if shape[0] >= shape[1] else W @ W.T
    np.testing.assert_allclose(gram, np.eye(min(shape)), atol=1e-14)


@pytest.mark.parametrize("activation", HIDDEN_ACTIVATIONS)
def test_auto_chooses_by_activation(activation: str) -> None:
    chosen = {"identity": "glorot_uniform", "sigmoid": "glorot_uniform", "tanh": "glorot_uniform"}
    named = chosen.get(activation, "lecun_normal" if activation == "selu" else "he_uniform")
    auto, explicit = (
        MLP([4, 5, 2], activation, seed=3),
        MLP([4, 5, 2], activation, seed=3, init=named),
    )
    assert auto.parameters["W1"].tolist() == explicit.parameters["W1"].tolist()
    assert np.abs(auto.parameters["W2"]).max() <= math.sqrt(6 / (5 + 2))  # the output is linear: Glorot


def test_given_first_weights() -> None:
    W1, b2 = np.arange(6.0).reshape(2, 3), [9.0]
    net = MLP([2, 3, 1], init={"W1": W1, "b2": b2}, seed=0)
    assert net.parameters["W1"].tolist() == W1.tolist()
    assert net.parameters["b2"].tolist() == b2
    assert net.parameters["W2"].tolist() == MLP([2, 3, 1], seed=0).parameters["W2"].tolist()
    W1[0, 0] = 77  # the network has a copy
    assert net.parameters["W1"][0, 0] == 0
    assert net.init == "given"


@pytest.mark.parametrize("init", ["auto", "standard_normal"])
def test_initialize_starts_anew_as_the_network_was_made(init: str) -> None:
    net = MLP([4, 3, 2], init=init, seed=5)
    before = net.parameters.vector.copy()
    net.fit(inputs(), np.zeros((5, 2)), epochs=2)
    assert (net.epochs, len(net.history)) == (2, 2)
    net.initialize()
    assert net.parameters.vector.tobytes() == before.tobytes()
    assert (net.epochs, net.memory, net.history) == (0, None, None)
    net.initialize("orthogonal")
    assert net.init == net.config["init"] == "orthogonal"


def test_given_arrays_are_not_kept_for_a_second_start() -> None:
    net = MLP([2, 1], init={"W1": [[1.0], [2.0]]})
    with pytest.raises(InputError, match=r"unknown init: expected one of auto, .* got 'given'"):
        net.initialize()


# ---- what it gives

SHAPES = [(loss, outputs) for loss in LOSSES for outputs in (1, 3) if (loss, outputs) != ("cross_entropy", 1)]


@pytest.mark.parametrize(("loss", "outputs"), SHAPES)
def test_outputs_and_answers(loss: str, outputs: int) -> None:
    net = MLP([4, 6, outputs], loss=loss, seed=0)
    A, answers = net.forward(inputs()), net.predict(inputs())
    assert A.shape == (5, outputs)
    assert answers.tolist() == net.answers(A).tolist()
    if loss == "cross_entropy":
        assert answers.shape == (5,)
        assert answers.dtype.kind == "i"
        assert answers.tolist() == A.argmax(axis=1).tolist()
        np.testing.assert_allclose(A.sum(axis=1), 1.0, rtol=1e-15)
        return
    expected = (A > 0.5).astype(int) if loss == "binary_cross_entropy" else A
    assert answers.shape == ((5,) if outputs == 1 else (5, 3))
    assert answers.dtype.kind == ("i" if loss == "binary_cross_entropy" else "f")
    assert answers.tolist() == (expected[:, 0] if outputs == 1 else expected).tolist()


@pytest.mark.parametrize("loss", LOSSES)
def test_the_loss_is_data_loss_plus_penalty(loss: str) -> None:
    net, X, Y = MLP([4, 6, 3], loss=loss, seed=0, l1=0.01, l2=0.1), inputs(), targets(loss)
    weights = [net.parameters[name] for name in ("W1", "W2")]
    penalty = sum(0.01 * np.abs(W).sum() + 0.05 * (W**2).sum() for W in weights)
    data_loss, found = net.loss_parts(X, Y)
    assert found == net.penalty() == pytest.approx(penalty, rel=1e-14)
    assert data_loss == pytest.approx(MLP([4, 6, 3], loss=loss, seed=0).loss(X, Y), rel=1e-14)
    assert net.loss(X, Y) == data_loss + found == net.loss_and_gradient(X, Y)[0]


def test_biases_are_not_penalised() -> None:
    net = MLP([4, 6, 3], l1=0.5, l2=0.5, seed=0)
    before = net.penalty()
    net.parameters["b1"] = np.full(6, 100.0)
    assert net.penalty() == before


def test_the_loss_of_named_numbers() -> None:
    """A = (1, 3) for the targets (0, 5), with all of it worked out by hand."""
    net = MLP([1, 2], init={"W1": [[1.0, 3.0]], "b1": [0.0, 0.0]})
    X, Y = [[1.0]], [[0.0, 5.0]]

    def loss(name: str, **options: float) -> float:
        like = MLP([1, 2], loss=Loss(name, **options), init=dict(net.parameters))
        return like.loss(X, Y)

    assert loss("squared_error") == (1 + 4) / 2
    assert loss("mean_squared_error") == (1 + 4) / 2
    assert loss("absolute_error") == 1 + 2
    assert loss("huber") == 0.5 + (2 - 0.5)
    assert loss("huber", delta=2.0) == 0.5 + 2.0
    assert loss("quantile", q=0.75) == 0.25 * 1 + 0.75 * 2
    assert loss("quantile") == (1 + 2) / 2
    assert loss("poisson") == pytest.approx(math.e - 0 + math.exp(3) - 15)
    softmax = [1 / (1 + math.e**2), 1 / (1 + math.e**-2)]
    one = MLP([1, 2], loss="cross_entropy", init=dict(net.parameters))
    assert one.loss(X, [1]) == pytest.approx(-math.log(softmax[1]))
    assert one.loss(X, [[0.25, 0.75]]) == pytest.approx(
        -0.25 * math.log(softmax[0]) - 0.75 * math.log(softmax[1])
    )
    smoothed = MLP([1, 2], loss=Loss("cross_entropy", label_smoothing=0.5), init=dict(net.parameters))
    assert smoothed.loss(X, [1]) == pytest.approx(one.loss(X, [[0.25, 0.75]]))
    both = MLP([1, 2], loss="binary_cross_entropy", init=dict(net.parameters))
    assert both.loss(X, [[0, 1]]) == pytest.approx(math.log1p(math.e) + math.log1p(math.exp(-3)))


def test_gradients_are_windows_into_one_vector() -> None:
    net = MLP([4, 6, 3], seed=0, dropout=0.5)
    before = net.parameters.vector.copy()
    loss, gradients = net.loss_and_gradient(inputs(), targets("squared_error"))
    assert isinstance(loss, float)
    assert list(gradients) == ["dW1", "db1", "dW2", "db2"]
    assert [gradients[f"d{name}"].shape == array.shape for name, array in net.parameters.items()] == [
        True
    ] * 4
    assert all(np.shares_memory(array, gradients.vector) for array in gradients.values())
    assert net.parameters.vector.tobytes() == before.tobytes()
    again = net.loss_and_gradient(inputs(), targets("squared_error"))[1]
    assert again.vector.tobytes() == gradients.vector.tobytes()  # no dropout here
    assert not np.shares_memory(again.vector, gradients.vector)


def test_the_input_gradient_has_the_shape_of_the_inputs() -> None:
    net = MLP([4, 6, 3], "tanh", seed=0)
    X, Y = inputs(), targets("squared_error")
    dX = net.input_gradient(X, Y)
    assert dX.shape == X.shape
    step = 1e-6 * np.random.default_rng(0).standard_normal(X.shape)
    slope = (net.loss(X + step, Y) - net.loss(X - step, Y)) / 2
    assert (dX * step).sum() == pytest.approx(slope, rel=1e-6)


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_everything_is_in_the_precision_asked_for(dtype: str) -> None:
    for loss in LOSSES:
        net = MLP([4, 6, 3], "gelu", loss=loss, seed=0, dtype=dtype, l2=0.1)
        assert net.forward(inputs()).dtype == dtype
        weights = np.arange(1.0, 6.0)
        assert net.loss_and_gradient(inputs(), targets(loss), weights)[1].vector.dtype == dtype
        assert net.input_gradient(inputs(), targets(loss)).dtype == dtype
        net.fit(inputs(), targets(loss), epochs=1, sample_weight=weights)
        assert net.parameters.vector.dtype == dtype
        assert all(np.shares_memory(array, net.parameters.vector) for array in net.parameters.values())


# ---- targets and inputs in their usual forms


@pytest.mark.parametrize(
    "Y",
    [
        [0, 2, 1, 1, 0],
        [0.0, 2.0, 1.0, 1.0, 0.0],
        [[0], [2], [1], [1], [0]],
        np.array([0, 2, 1, 1, 0], np.uint8),
        np.array([0, 2, 1, 1, 0], object),
        np.eye(3)[[0, 2, 1, 1, 0]],
        np.eye(3, dtype=bool)[[0, 2, 1, 1, 0]],
        np.eye(3, dtype=np.float32)[[0, 2, 1, 1, 0]].tolist(),
    ],
    ids=str,
)
def test_classes_in_many_forms(Y: Any) -> None:
    net = MLP([4, 6, 3], loss="cross_entropy", seed=0)
    assert net.loss(inputs(), Y) == net.loss(inputs(), [0, 2, 1, 1, 0])


def test_one_output_takes_a_flat_target() -> None:
    for loss in ("squared_error", "binary_cross_entropy", "poisson"):
        net, flat = MLP([4, 6, 1], loss=loss, seed=0), np.array([0, 1, 1, 0, 1])
        assert net.loss(inputs(), flat) == net.loss(inputs(), flat[:, None])
        assert net.loss(inputs(), flat == 1) == net.loss(inputs(), flat.tolist())


def test_inputs_in_many_forms() -> None:
    net, X = MLP([4, 6, 1], seed=0), np.arange(20).reshape(5, 4) - 10
    expected = net.forward(X.astype(float)).tobytes()
    forms: list[Any] = [
        X,
        X.tolist(),
        X.astype(np.int8),
        X.astype(np.float32),
        np.asfortranarray(X),
        X.astype(object),
    ]
    for form in [*forms, X[::-1][::-1]]:
        assert net.forward(form).tobytes() == expected


def test_class_probabilities_are_taken_relative_to_their_sum() -> None:
    """In float32, shares of one are a little off; the gradient of cross_entropy relies on an exact sum."""
    net = MLP([4, 6, 3], loss="cross_entropy", seed=0)
    P = np.random.default_rng(0).dirichlet(np.ones(3), 5).astype(np.float32)
    exact = P / P.astype(float).sum(axis=1, keepdims=True)
    assert net.loss(inputs(), P) == pytest.approx(net.loss(inputs(), exact), rel=1e-15)


# ---- sample weights


@pytest.mark.parametrize("loss", LOSSES)
def test_whole_weights_are_repeated_samples(loss: str) -> None:
    net, X, Y = MLP([4, 6, 3], "tanh", loss=loss, seed=0, l2=0.1), inputs(), targets(loss)
    times = np.array([2, 1, 3, 0, 1])
    value, gradients = net.loss_and_gradient(X, Y, times)
    expected, repeated = net.loss_and_gradient(np.repeat(X, times, axis=0), np.repeat(Y, times, axis=0))
    assert value == pytest.approx(expected, rel=1e-13)
    np.testing.assert_allclose(gradients.vector, repeated.vector, rtol=1e-11, atol=1e-15)


@pytest.mark.parametrize("factor", [2.0**-30, 0.5, 4.0, 2.0**40])
def test_the_scale_of_the_weights_does_not_matter(factor: float) -> None:
    net, X, Y = MLP([4, 6, 3], seed=0), inputs(), targets("squared_error")
    weights = np.random.default_rng(0).exponential(size=5)
    value, gradients = net.loss_and_gradient(X, Y, weights)
    scaled, again = net.loss_and_gradient(X, Y, factor * weights)
    assert scaled == value  # a power of two changes no bit
    assert again.vector.tobytes() == gradients.vector.tobytes()
    other = net.loss_and_gradient(X, Y, 3.7 * weights)[1]
    np.testing.assert_allclose(other.vector, gradients.vector, rtol=1e-11, atol=1e-15)


def test_equal_weights_are_no_weights() -> None:
    net, X, Y = MLP([4, 6, 3], seed=0), inputs(), targets("squared_error")
    value, gradients = net.loss_and_gradient(X, Y, np.ones(5))
    expected, plain = net.loss_and_gradient(X, Y)
    assert value == expected
    assert gradients.vector.tobytes() == plain.vector.tobytes()


# ---- parameters: windows into one vector


def test_windows_share_memory_with_the_vector() -> None:
    net = MLP([2, 3, 1], seed=0)
    vector = net.parameters.vector
    assert vector.shape == (13,)
    assert all(np.shares_memory(array, vector) for array in net.parameters.values())
    np.testing.assert_array_equal(np.concatenate([p.ravel() for p in net.parameters.values()]), vector)
    vector[:] = np.arange(13)
    assert net.parameters["W1"].tolist() == [[0, 1, 2], [3, 4, 5]]
    assert net.parameters["b2"].tolist() == [12]
    net.parameters["W2"][0, 0] = -5
    assert vector[9] == -5
    net.parameters["b1"] *= 2
    assert vector[6:9].tolist() == [12, 14, 16]
    assert net.parameters.slices["b1"] == slice(6, 9)


def test_assignment_copies() -> None:
    net, mine = MLP([2, 3, 1], seed=0), np.ones((2, 3))
    net.parameters["W1"] = mine
    mine[:] = 7
    assert (net.parameters["W1"] == 1).all()
    assert np.shares_memory(net.parameters["W1"], net.parameters.vector)


def test_all_parameters_can_be_set_at_once() -> None:
    net, other = MLP([2, 3, 1], seed=0), MLP([2, 3, 1], seed=1)
    vector = net.parameters.vector
    net.parameters = other.parameters
    assert vector.tobytes() == other.parameters.vector.tobytes()
    assert net.parameters.vector is vector
    assert not np.shares_memory(vector, other.parameters.vector)
    net.parameters = {name: np.zeros(array.shape) for name, array in net.parameters.items()}
    assert not vector.any()


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("W1", np.ones((3, 2)), r"W1 does not fit: expected shape \(2, 3\), got shape \(3, 2\)"),
        ("b1", 1.0, r"b1 does not fit: expected shape \(3,\), got shape \(\)"),
        ("b1", [1, 2, np.nan], "b1 does not fit: expected finite numbers in float64, got .*nan"),
        ("b1", ["a", "b", "c"], "b1 does not fit: expected finite numbers"),
        ("b1", [1j, 2, 3], "b1 does not fit: expected finite numbers"),
        ("W1", [[1, 2], [3]], "W1 does not fit: expected rows of equal length"),
        ("W3", [1.0], "no array is named 'W3', expected one of W1, b1, W2, b2"),
    ],
)
def test_a_value_that_does_not_fit_is_refused(name: str, value: Any, message: str) -> None:
    net = MLP([2, 3, 1], seed=0)
    before = net.parameters.vector.copy()
    with pytest.raises(InputError, match=message):
        net.parameters[name] = value
    assert net.parameters.vector.tobytes() == before.tobytes()


def test_a_number_beyond_float32_is_refused() -> None:
    net = MLP([1, 1], dtype="float32")
    with pytest.raises(InputError, match="finite numbers in float32"):
        net.parameters["W1"] = [[1e300]]
    assert np.isfinite(net.parameters.vector).all()


def test_all_names_must_be_given_when_all_are_set() -> None:
    net = MLP([2, 3, 1], seed=0)
    with pytest.raises(InputError, match="parameters do not fit: expected W1, b1, W2, b2, got W1"):
        net.parameters = {"W1": np.ones((2, 3))}


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize("copied", [copy.deepcopy, lambda net: pickle.loads(pickle.dumps(net))])
@pytest.mark.parametrize("epochs", [0, 2])
def test_a_copy_has_a_vector_of_its_own(copied: Callable[[MLP], MLP], epochs: int) -> None:
    net, X, Y = MLP([4, 3, 1], seed=0), inputs(), targets("squared_error", outputs=1)
    if epochs:
        net.fit(X, Y, epochs=epochs)
    twin = copied(net)
    assert twin.parameters.vector.tobytes() == net.parameters.vector.tobytes()
    assert not np.shares_memory(twin.parameters.vector, net.parameters.vector)
    assert all(np.shares_memory(array, twin.parameters.vector) for array in twin.parameters.values())
    twin.fit(X, Y, epochs=1)  # the copy goes on by itself, as the network would
    assert twin.parameters.vector.tobytes() != net.parameters.vector.tobytes()
    net.fit(X, Y, epochs=1)
    assert twin.parameters.vector.tobytes() == net.parameters.vector.tobytes()
    assert twin.forward(X).tobytes() == net.forward(X).tobytes()


def test_windows_say_what_they_are() -> None:
    windows = Windows({"W1": (2, 3), "b1": (3,)}, np.zeros(9))
    assert repr(windows) == "<W1 (2, 3), b1 (3,): 9 numbers, float64>"
    assert len(windows) == 2
    assert "W1" in windows
    assert "W2" not in windows


# ---- what does not fit: what, got, expected, try


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: MLP([4]), r"sizes do not fit: expected two or more positive whole .* got \[4\]"),
        (lambda: MLP([4, 0]), r"got \[4, 0\]"),
        (lambda: MLP([4, -1, 2]), r"sizes do not fit"),
        (lambda: MLP([4, 2.0]), "sizes do not fit"),  # type: ignore[list-item]
        (lambda: MLP([4, True]), "sizes do not fit"),
        (lambda: MLP("42"), "sizes do not fit"),  # type: ignore[arg-type]
        (lambda: MLP(4), "sizes do not fit"),  # type: ignore[arg-type]
        (lambda: MLP([4, 3, 1], "rely"), "unknown activation: expected one of identity, .* got 'rely'"),
        (lambda: MLP([4, 3, 1], "softmax"), "unknown activation"),
        (lambda: MLP([4, 3, 1], None), "unknown activation: .* got None"),  # type: ignore[arg-type]
        (lambda: MLP([4, 3, 1], ["relu", "relu"]), "one for each hidden layer: expected 1 of them, got 2"),
        (lambda: MLP([4, 3, 1], output="relo"), "unknown output: expected one of .*softmax, exp, got 'relo'"),
        (lambda: MLP([4, 1], loss="mse"), "unknown loss: expected one of squared_error, .* got 'mse'"),
        (lambda: MLP([4, 1], loss=None), "unknown loss"),  # type: ignore[arg-type]
        (
            lambda: MLP([4, 3], "relu", "sigmoid", "cross_entropy"),
            "computed together with its natural output: expected output='softmax', got output='sigmoid'; try",
        ),
        (lambda: MLP([4, 1], loss="cross_entropy"), 'output for each class.*try loss="binary_cross_entropy"'),
        (lambda: MLP([4, 1], l2=-1), "l2 does not fit: expected a number ≥ 0, got -1"),
        (lambda: MLP([4, 1], l1="a"), "l1 does not fit"),  # type: ignore[arg-type]
        (lambda: MLP([4, 3, 1], dropout=1.0), "dropout does not fit: expected a number ≥ 0 and < 1, got 1.0"),
        (lambda: MLP([4, 3, 1], dropout=None), "dropout does not fit"),  # type: ignore[arg-type]
        (lambda: MLP([4, 3, 1], dropout=[0.1, 0.2]), "dropout is one value, or one for each hidden layer"),
        (lambda: MLP([4, 1], seed=-1), "seed does not fit: expected a whole number ≥ 0, got -1"),
        (lambda: MLP([4, 1], seed=1.5), "seed does not fit"),  # type: ignore[arg-type]
        (lambda: MLP([4, 1], dtype="float16"), "dtype: expected one of float64, float32, got 'float16'"),
        (lambda: MLP([4, 1], dtype="double"), "unknown dtype"),
        (lambda: MLP([4, 1], init="he"), "unknown init: expected one of auto, standard_normal, .* got 'he'"),
        (lambda: MLP([4, 1], init=5), "unknown init: .* got 5"),  # type: ignore[arg-type]
        (lambda: MLP([4, 1], init={"W2": [[1]]}), "no array is named 'W2'"),
        (lambda: MLP([4, 1], init={"W1": [[1]]}), r"W1 does not fit: expected shape \(4, 1\)"),
        (lambda: Loss("huber", delta=0), "huber: delta does not fit: expected a number > 0, got 0"),
        (lambda: Loss("quantile", q=1), "quantile: q does not fit: expected a number > 0 and < 1"),
        (lambda: Loss("cross_entropy", label_smoothing=1), "label_smoothing does not fit"),
        (lambda: Loss("huber", q=0.5), "huber has no such option: expected delta, got q=0.5"),
        (lambda: Loss("poisson", q=0.5), "poisson has no such option: expected no options"),
    ],
)  # fmt: skip
def test_a_network_that_cannot_be_is_refused(make: Make, message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        make()
    assert isinstance(caught.value, ClearpropError)
    assert isinstance(caught.value, ValueError)


def with_nan_at(row: int, column: int, value: float = math.nan) -> Array:
    X = inputs()
    X[row, column] = value
    return X


@pytest.mark.parametrize(
    ("X", "message"),
    [
        (
            np.ones((5, 3)),
            r"layer 1 expects X with 4 columns, got shape \(5, 3\); did you mean MLP\(\[3, …\]\)",
        ),
        (np.ones(4), r"X does not fit: expected shape \(samples, columns\), got shape \(4,\); try X.reshape"),
        (np.ones((2, 2, 4)), "X does not fit"),
        (3.0, "X does not fit"),
        (np.ones((0, 4)), r"X is empty: expected at least one sample, got shape \(0, 4\)"),
        (with_nan_at(3, 2), r"X holds 1 number that float64 cannot take: .* got nan at X\[3, 2\]"),
        (with_nan_at(0, 1, -math.inf), r"got -inf at X\[0, 1\]"),
        ([["a", "b", "c", "d"]], "X does not fit: expected real numbers, got an array of <U1"),
        (np.ones((5, 4), complex), "expected real numbers, got an array of complex128"),
        ([[1, 2, 3, 4], [1, 2]], "X does not fit: expected rows of equal length"),
        (
            [[None, 1, 2, 3]],
            r"X holds 1 number that float64 cannot take: expected finite numbers, got nan at",
        ),
    ],
)
def test_inputs_that_do_not_fit(X: Any, message: str) -> None:
    net = MLP([4, 3, 1], seed=0)
    calls: list[Make] = [
        lambda: net.forward(X),
        lambda: net.predict(X),
        lambda: net.loss(X, np.ones(5)),
        lambda: net.fit(X, np.ones(5)),
    ]
    for call in calls:
        with pytest.raises(InputError, match=message):
            call()


def test_float32_says_what_it_cannot_take() -> None:
    net = MLP([4, 1], dtype="float32")
    with pytest.raises(InputError, match=r"that float32 cannot take: .* got 1e\+300 at X\[2, 0\]"):
        net.forward(with_nan_at(2, 0, 1e300))


@pytest.mark.parametrize(
    ("loss", "Y", "message"),
    [
        ("squared_error", np.ones(5), r"Y does not fit: expected shape \(5, 3\), got shape \(5,\)"),
        ("squared_error", np.ones((4, 3)), r"expected shape \(5, 3\), got shape \(4, 3\)"),
        ("squared_error", np.full((5, 3), np.nan), r"Y holds 15 numbers .* got nan at Y\[0, 0\]"),
        ("squared_error", [["a"] * 3] * 5, "Y does not fit: expected real numbers"),
        (
            "poisson",
            -np.eye(5, 3),
            r"Y does not fit poisson: expected no number below 0, got \[-1.0, .* row 0",
        ),
        ("binary_cross_entropy", 2 * np.eye(5, 3), "expected numbers between 0 and 1"),
        ("cross_entropy", [0, 1, 2, 3, 0], "expected class numbers from 0 to 2, got 3 in row 3"),
        ("cross_entropy", [0, 1, -1, 1, 0], "got -1 in row 2"),
        ("cross_entropy", [0, 1, 0.5, 1, 0], "got 0.5 in row 2"),
        ("cross_entropy", [0, 1, math.nan, 1, 0], "got nan in row 2"),
        ("cross_entropy", ["a", "b", "c", "a", "a"], "expected real numbers"),
        ("cross_entropy", [0, 1], r"expected shape \(5, 3\) or \(5,\), got shape \(2,\)"),
        ("cross_entropy", np.full((5, 3), 0.3), r"each row to sum to 1, got \[0.3, 0.3, 0.3\] in row 0"),
        ("cross_entropy", [[-0.5, 1.5, 0]] * 5, "expected numbers between 0 and 1"),
        ("cross_entropy", np.ones((5, 2)), r"expected shape \(5, 3\) or \(5,\)"),
    ],
)
def test_targets_that_do_not_fit(loss: str, Y: Any, message: str) -> None:
    net = MLP([4, 3], loss=loss, seed=0)
    for call in (net.loss, net.loss_and_gradient, net.input_gradient, net.fit):
        with pytest.raises(InputError, match=message):
            call(inputs(), Y)


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        (np.ones(4), r"sample_weight does not fit: expected shape \(5,\), got shape \(4,\)"),
        (np.ones((5, 1)), r"got shape \(5, 1\)"),
        ([1, 1, -1, 1, 1], "expected none negative, and some positive, got values from -1 to 1"),
        (np.zeros(5), "got values from 0 to 0"),
        ([1, 1, math.nan, 1, 1], r"got nan at sample_weight\[2\]"),
        (np.full(5, 1e308), "expected a finite sum"),
        (["a"] * 5, "expected real numbers"),
    ],
)
def test_sample_weights_that_do_not_fit(weights: Any, message: str) -> None:
    net = MLP([4, 1], seed=0)
    for call in (
        lambda: net.loss(inputs(), np.ones(5), weights),
        lambda: net.fit(inputs(), np.ones(5), sample_weight=weights),
    ):
        with pytest.raises(InputError, match=message):
            call()


def test_assigning_all_parameters_is_all_or_nothing() -> None:
    net = MLP([2, 3, 1], seed=0)
    before = net.parameters.vector.copy()
    with pytest.raises(InputError, match="b2 does not fit"):
        net.parameters = {
            **{name: np.ones(shape) for name, shape in net.parameters.shapes.items()},
            "b2": [1, 2],
        }
    np.testing.assert_array_equal(net.parameters.vector, before)


def test_a_parameter_asked_for_as_an_attribute_is_pointed_to() -> None:
    net = MLP([2, 3, 1], seed=0)
    with pytest.raises(AttributeError, match=r'try net\.parameters\["W1"\]'):
        net.W1  # noqa: B018
    with pytest.raises(AttributeError, match=r'try net\.parameters\["W1"\]'):
        net.W1 = 1
    with pytest.raises(AttributeError, match=r"no attribute 'weights'$"):
        net.weights  # noqa: B018


def test_the_nearest_name_is_offered() -> None:
    for make, name in (
        (lambda: MLP([2, 1], loss="hubber"), "huber"),
        (lambda: MLP([2, 3, 1], "rleu"), "relu"),
        (lambda: MLP([2, 1]).fit([[1, 2]], [1], optimizer="adan"), "adam"),
    ):
        with pytest.raises(InputError, match=f"try '{name}'$"):
            make()
    assert MLP([2, 1], dtype=np.float32).dtype == np.float32  # type: ignore[arg-type]
