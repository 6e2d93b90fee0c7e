"""Planted pathologies bring exactly their note; healthy networks bring none."""

from __future__ import annotations

import numpy as np
import pytest

from clearprop import MLP, OneLayerMLP, TwoLayerMLP

RNG = np.random.default_rng(0)
X = RNG.normal(size=(32, 3))
Y = np.tanh(X @ np.array([[1.0], [-2.0], [0.5]]))


def kinds(story) -> list[str]:
    return [note.kind for note in story.notes]


def net_of(activation: str, *hidden: int, **settings) -> MLP:
    return MLP([3, *hidden, 1], activation, seed=3, **settings)


@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "relu", "leaky_relu", "gelu", "softplus"])
@pytest.mark.parametrize("hidden", [(8,), (8, 8), (16, 8, 8)])
def test_healthy_networks_bring_no_note(activation, hidden):
    net = net_of(activation, *hidden)
    assert kinds(net.explain(X, Y, learning_rate=0.01)) == []
    net.fit(X, Y, epochs=50, optimizer="adam", progress=False)
    assert kinds(net.explain(X, Y, learning_rate=0.01)) == []


def test_saturated_units():
    net = net_of("sigmoid", 8, 8)
    net.parameters["b1"] = [20.0, 0, 0, -20.0, 0, 0, 0, 0]
    (note,) = net.explain(X, Y, learning_rate=0.01).notes
    assert note.kind == "saturated sigmoid"
    assert note.where in ("Z1[:, 0]", "Z1[:, 3]")
    assert note.text.startswith("2 of 8 units of layer 1 (sigmoid) are saturated")
    assert 0 < note.number < 0.005
    assert note.remedy


def test_unscaled_inputs_saturate():
    story = MLP([3, 8, 1], "tanh", seed=0).explain(1e4 * X, Y, learning_rate=0.01)
    assert kinds(story) == ["saturated tanh"]


def test_a_saturated_output_that_is_wrong_and_one_that_is_right():
    net = MLP([3, 1], "relu", "sigmoid", init={"W1": np.zeros((3, 1)), "b1": [10.0]})
    assert kinds(net.explain(X, np.zeros((32, 1)))) == ["saturated sigmoid"]
    assert kinds(net.explain(X, np.ones((32, 1)))) == []
    natural = MLP([3, 1], loss="binary_cross_entropy", init={"W1": np.zeros((3, 1)), "b1": [10.0]})
    assert kinds(natural.explain(X, np.zeros((32, 1)))) == []


@pytest.mark.parametrize("samples", [1, 4, 32])
def test_dead_relus(samples):
    net = net_of("relu", 8, 8)
    net.parameters["b1"] = [-100.0, 1, 1, 1, 1, 1, 1, -100.0]
    (note,) = net.explain(X[:samples], Y[:samples], learning_rate=0.01).notes
    assert note.kind == "dead relu"
    assert note.number == 2
    assert "2 of 8 units of layer 1 (relu) give 0 for every sample" in note.text
    assert "leaky_relu" in note.remedy


def test_a_unit_that_is_only_silent_for_this_batch_is_not_dead():
    net = MLP([2, 3, 1], "relu", loss="binary_cross_entropy", seed=0)
    assert kinds(net.explain([[0.0, 0.0]], [0.0])) == []  # all weighted sums are the biases, 0
    sorted_by_class = np.vstack([X[:16] + 4, X[16:] - 4])
    classes = np.repeat([1.0, 0.0], 16)
    net = MLP([3, 8, 1], "relu", loss="binary_cross_entropy", seed=1)
    net.fit(sorted_by_class, classes, epochs=30, optimizer="adam", progress=False)
    assert (net.explain(sorted_by_class[:16], classes[:16])["Z1"].value < 0).all(axis=0).any()
    assert kinds(net.explain(sorted_by_class[:16], classes[:16])) == []


def test_a_single_sample_may_be_far_out():
    net = MLP([3, 8, 1], "tanh", seed=0)
    net.parameters["b1"] = [2.5, 0, 0, 0, 0, 0, 0, 0]  # slope 0.03 and less
    assert kinds(net.explain(X[:1], Y[:1], learning_rate=0.01)) == []
    net.parameters["b1"] = [9, 0, 0, 0, 0, 0, 0, 0]
    assert kinds(net.explain(X[:1], Y[:1], learning_rate=0.01)) == ["saturated tanh"]


@pytest.mark.parametrize("scale", [1.0, 0.01])
def test_saturation_is_noted_whatever_the_size_of_the_error(scale):
    net = net_of("sigmoid", 6, 6)
    net.parameters["b1"] = np.full(6, 40.0)
    targets = net.forward(X) + scale * Y
    assert kinds(net.explain(X, targets, learning_rate=0.01)) == ["saturated sigmoid"]


@pytest.mark.parametrize(("activation", "bias"), [("gelu", -40.0), ("silu", -800.0), ("elu", -800.0)])
def test_a_gradient_that_vanishes_to_nothing(activation, bias):
    net = net_of(activation, 6)
    net.parameters["b1"] = np.full(6, bias)
    (note,) = net.explain(X, Y, learning_rate=0.01).notes
    assert note.kind == "vanishing gradient"
    assert note.number < 1e-100


def test_a_unit_that_inputs_from_0_upwards_cannot_wake_is_dead():
    inputs = RNG.random((32, 4))
    net = MLP([4, 6, 6, 1], "relu", loss="binary_cross_entropy", seed=0)
    healthy = kinds(net.explain(inputs, inputs[:, :1], learning_rate=0.01))
    net.parameters["W1"][:, 2] = -3
    net.parameters["b1"][2] = -1
    (note,) = net.explain(inputs, inputs[:, :1], learning_rate=0.01).notes
    assert (healthy, note.kind, note.where, note.number) == ([], "dead relu", "Z1[:, 2]", 1)
    deeper = MLP([4, 6, 6, 1], "relu", loss="binary_cross_entropy", seed=0)
    deeper.parameters["W2"][:, 3] = -np.abs(deeper.parameters["W2"][:, 3])
    deeper.parameters["b2"][3] = -0.1
    (note,) = deeper.explain(inputs, inputs[:, :1], learning_rate=0.01).notes
    assert (note.kind, note.where) == ("dead relu", "Z2[:, 3]")


def test_a_layer_that_is_dead_as_a_whole():
    net = net_of("relu", 4)
    net.parameters["W1"] = -np.abs(net.parameters["W1"])
    assert kinds(net.explain(np.abs(X), Y, learning_rate=0.01)) == ["dead relu"]


def test_a_leaky_relu_does_not_die():
    net = net_of("leaky_relu", 8)
    net.parameters["b1"] = np.full(8, -100.0)
    assert "dead relu" not in kinds(net.explain(X, Y, learning_rate=1e-6))


def test_a_vanishing_gradient():
    (note,) = net_of("sigmoid", *[6] * 7).explain(X, Y, learning_rate=0.01).notes
    assert note.kind == "vanishing gradient"
    assert note.number < 1e-3
    assert "shrinks most from layer" in note.text


def test_an_exploding_gradient():
    net = net_of("leaky_relu", *[16] * 6)
    for layer in net.layers:
        net.parameters[layer.W] = 8 * net.parameters[layer.W]
    story = net.explain(X, Y, learning_rate=1e-12)
    assert kinds(story) == ["exploding gradient"]
    assert story.notes[0].number > 1e3
    assert kinds(net.explain(X, Y, learning_rate=0.01)) == [
        "exploding gradient"
    ]  # that it raises the loss follows


@pytest.mark.parametrize("activation", ["tanh", "relu"])
@pytest.mark.parametrize("value", [0.0, 0.5])
def test_symmetric_units(activation, value):
    net = net_of(activation, 4)
    for layer in net.layers:
        net.parameters[layer.W] = np.full((layer.inputs, layer.outputs), value)
    (note,) = net.explain(X, Y, learning_rate=0.01).notes
    assert note.kind == "symmetric units"
    assert note.number == 4
    assert note.where == "W1"
    assert note.text.startswith("4 units of layer 1")


def test_two_twins_among_others():
    net = net_of("tanh", 4)
    net.parameters["W1"][:, 2] = net.parameters["W1"][:, 0]
    net.parameters["W2"][2] = net.parameters["W2"][0]
    assert net.explain(X, Y, learning_rate=0.01).notes[0].number == 2
    net.parameters["b1"] = [0, 0, 1e-9, 0]  # as little as that makes them different
    assert kinds(net.explain(X, Y, learning_rate=0.01)) == []


def test_a_step_that_raises_the_loss():
    net = net_of("tanh", 8)
    story = net.explain(X, Y, learning_rate=50.0)
    (note,) = story.notes
    assert note.kind == "raised loss"
    assert note.number == story.loss_after - story.loss > 0
    assert note.remedy == "a smaller learning rate"


def test_nothing_is_left_to_learn():
    net = net_of("tanh", 8)
    assert kinds(net.explain(X, net.forward(X))) == []


def test_the_articles_networks_bring_notes_too():
    net = TwoLayerMLP(3, 4, 1, seed=0)
    assert kinds(net.explain(X, Y)) == []
    net.b1 = np.full((1, 4), 30.0)
    assert kinds(net.explain(X, Y)) == ["saturated sigmoid"]
    zero = TwoLayerMLP(3, 4, 1, seed=0)
    zero.W1, zero.W2 = np.zeros((3, 4)), np.zeros((4, 1))
    assert kinds(zero.explain(X, Y)) == ["symmetric units"]
    assert kinds(OneLayerMLP(3, 1, seed=0).explain(X, Y)) == []
