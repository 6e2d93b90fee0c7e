"""Gradients are the slopes of the loss, whatever the network; and where they are not, the check sees it."""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from clearprop.errors import InputError
from clearprop.loss import LOSSES, Loss
from clearprop.mlp import MLP
from clearprop.network import Network
from clearprop.ops import Ops, Rule, reference, wrap
from clearprop.parameters import Windows
from clearprop.rules import HIDDEN_ACTIVATIONS, OUTPUT_ACTIVATIONS, RULES
from clearprop.verify import slopes
from clearprop.verify.gradients import GradientReport, check_gradients

Array = NDArray[Any]
PENALTIES = [(0.0, 0.0), (0.1, 0.0), (0.0, 0.1), (0.03, 0.1)]
WEIGHTS = {"none": None, "random": [0.3, 1.7, 0.9, 0.2], "with zeros": [0.0, 2.0, 0.0, 0.5]}
FREE_LOSSES = [name for name, kind in LOSSES.items() if kind.natural_output == "identity"]


def inputs(n: int = 4, columns: int = 2, seed: int = 0) -> Array:
    return np.random.default_rng(seed).standard_normal((n, columns))


def targets(loss: str, n: int, outputs: int, seed: int = 1) -> Array:
    rng = np.random.default_rng(seed)
    return {
        "real": rng.standard_normal((n, outputs)),
        "count": rng.poisson(2.0, (n, outputs)),
        "probability": rng.integers(0, 2, (n, outputs)),
        "class": rng.integers(0, outputs, n),
    }[LOSSES[loss].targets]


def network(sizes: list[int], activation: Any = "tanh", *args: Any, seed: int = 3, **options: Any) -> Network:
    """A network whose biases are not zero, as after some training."""
    net = Network(sizes, activation, *args, seed=seed, **options)
    rng = np.random.default_rng(seed)
    for layer in net.layers:
        net.parameters[layer.b] = 0.3 * rng.standard_normal(layer.outputs)
    return net


def replaced(**rules: Rule) -> Ops:
    """The rules, with some replaced."""
    return wrap(reference, lambda name, rule: rules.get(name, rule))


# ---- right gradients pass


@pytest.mark.parametrize("activation", HIDDEN_ACTIVATIONS)
@pytest.mark.parametrize("loss", LOSSES)
def test_activation_and_loss_under_all_penalties_weights_and_outputs(loss: str, activation: str) -> None:
    for outputs in (1, 3) if loss != "cross_entropy" else (2, 3):
        for (l1, l2), weights in itertools.product(PENALTIES, WEIGHTS.values()):
            net = network([2, 2, outputs], activation, loss=loss, l1=l1, l2=l2)
            report = check_gradients(net, inputs(3), targets(loss, 3, outputs), weights and weights[:3])
            assert report, f"{net}, l1={l1}, l2={l2}, weights {weights}\n{report}"
            assert report.checked == net.parameters.vector.size + 6
            assert report.at_kink == 0


@pytest.mark.parametrize("output", OUTPUT_ACTIVATIONS)
@pytest.mark.parametrize("loss", FREE_LOSSES)
def test_every_output_activation(loss: str, output: str) -> None:
    for outputs in (1, 3):
        net = network([2, 3, outputs], "tanh", output, loss=loss, l2=0.01)
        report = check_gradients(net, inputs(), targets(loss, 4, outputs), WEIGHTS["random"])
        assert report, f"{net}\n{report}"


@pytest.mark.parametrize(
    "loss",
    [
        *(Loss("huber", delta=delta) for delta in (0.05, 0.5, 5.0)),
        *(Loss("quantile", q=q) for q in (0.05, 0.5, 0.9)),
        *(Loss("cross_entropy", label_smoothing=smoothing) for smoothing in (0.1, 0.7)),
    ],
    ids=repr,
)
def test_the_options_of_the_losses(loss: Loss) -> None:
    net = network([2, 4, 3], "silu", loss=loss)
    assert check_gradients(net, inputs(), targets(loss.name, 4, 3), WEIGHTS["random"])


def test_soft_targets_and_what_smoothing_means() -> None:
    hard, soft = (
        np.eye(3)[[0, 2, 1, 1]],
        np.array([[0.2, 0.3, 0.5], [1, 0, 0], [0.1, 0.8, 0.1], [0, 0.5, 0.5]]),
    )
    plain = network([2, 4, 3], loss="cross_entropy")
    smooth = network([2, 4, 3], loss=Loss("cross_entropy", label_smoothing=0.3))
    assert check_gradients(plain, inputs(), soft)
    assert smooth.loss(inputs(), hard) == pytest.approx(plain.loss(inputs(), 0.7 * hard + 0.1), rel=1e-14)
    fractions = np.array([[0.2], [0.9], [0.0], [1.0]])
    assert check_gradients(network([2, 4, 1], loss="binary_cross_entropy"), inputs(), fractions)


@pytest.mark.parametrize("sizes", [[2, 1], [1, 1], [3, 5, 4, 2, 3], [2, 1, 1, 1, 1]])
def test_every_depth(sizes: list[int]) -> None:
    activations = ["selu", "gelu", "relu"][: len(sizes) - 2]
    net = network(sizes, activations, loss="huber", l1=0.01, l2=0.1)
    assert check_gradients(net, inputs(5, sizes[0]), targets("huber", 5, sizes[-1]))


@pytest.mark.parametrize("size", [1e-3, 1.0, 1e3])
@pytest.mark.parametrize("loss", LOSSES)
def test_inputs_of_every_size(loss: str, size: float) -> None:
    net = network([2, 3, 3], "mish", loss=loss)
    net.parameters["W1"] = net.parameters["W1"] / max(1.0, size)
    report = check_gradients(net, size * inputs(), targets(loss, 4, 3))
    assert report, report


@pytest.mark.parametrize("loss", ["binary_cross_entropy", "cross_entropy"])
def test_a_loss_that_is_nothing_but_roundoff(loss: str) -> None:
    net = network([1, 2], "identity", loss=loss, init={"W1": [[30.0, -30.0]]})
    net.parameters["b1"] = [0.0, 0.0]
    Y = [[1, 0], [0, 1]]
    assert net.loss([[1.0], [-1.0]], Y) < 1e-12
    report = check_gradients(net, [[1.0], [-1.0]], Y)
    assert report, report


@pytest.mark.parametrize("weights", WEIGHTS.values(), ids=WEIGHTS)
@pytest.mark.parametrize("loss", ["squared_error", "mean_squared_error"])
def test_three_outputs_and_the_loss_that_is_reported(loss: str, weights: list[float] | None) -> None:
    """Done by hand on `net.loss` itself: elsewhere these two have been found a factor of 3 apart."""
    net, X, Y = network([2, 4, 3], loss=loss, l2=0.1), inputs(), targets(loss, 4, 3)
    _, gradients = net.loss_and_gradient(X, Y, weights)
    theta, h = net.parameters.vector, 1e-5
    for i in range(theta.size):
        kept = theta[i]
        theta[i] = kept + h
        above = net.loss(X, Y, weights)
        theta[i] = kept - h
        below = net.loss(X, Y, weights)
        theta[i] = kept
        assert gradients.vector[i] == pytest.approx((above - below) / (2 * h), rel=1e-7, abs=1e-10)


def test_dropout_is_not_applied_and_does_not_matter() -> None:
    X, Y = inputs(), targets("squared_error", 4, 1)
    with_dropout = check_gradients(network([2, 5, 1], dropout=0.5), X, Y)
    assert with_dropout
    assert with_dropout == check_gradients(network([2, 5, 1]), X, Y)


def test_an_mlp_in_float32_is_checked_in_float64() -> None:
    net = MLP([2, 6, 3], "gelu", loss="cross_entropy", seed=0, dtype="float32")
    X, Y = inputs(), targets("cross_entropy", 4, 3)
    report = check_gradients(net, X, Y)
    assert report.error < 1e-6
    assert report.passed
    _, gradients = net.loss_and_gradient(X, Y)
    if report.parameter != "X":
        assert gradients[f"d{report.parameter}"][report.index] == pytest.approx(report.analytic, rel=1e-4)


# ---- complex steps


@pytest.mark.parametrize("l2", [0.0, 0.1])
@pytest.mark.parametrize("activation", [name for name in HIDDEN_ACTIVATIONS if name in slopes.ANALYTIC])
@pytest.mark.parametrize("loss", [name for name in LOSSES if name in slopes.ANALYTIC])
def test_complex_steps_agree_to_the_last_places(loss: str, activation: str, l2: float) -> None:
    free = loss in FREE_LOSSES
    for output in [name for name in OUTPUT_ACTIVATIONS if name in slopes.ANALYTIC] if free else ["auto"]:
        for weights in WEIGHTS.values():
            net = network([2, 3, 3], activation, output, loss=loss, l2=l2)
            Y = targets(loss, 4, 3)
            report = check_gradients(net, inputs(), Y, weights, method="complex", tolerance=1e-12)
            assert report, f"{net}\n{report}"


@pytest.mark.parametrize(
    ("name", "net"),
    [
        *((name, network([2, 3, 1], name)) for name in HIDDEN_ACTIVATIONS if name not in slopes.ANALYTIC),
        *((name, network([2, 3, 2], loss=name)) for name in LOSSES if name not in slopes.ANALYTIC),
        ("penalty l1", network([2, 3, 1], l1=0.1)),
    ],
)
def test_complex_steps_refuse_what_is_not_analytic(name: str, net: Network) -> None:
    with pytest.raises(InputError, match=f'{name}, .*try method="central"'):
        check_gradients(net, inputs(), np.ones((4, net.sizes[-1])), method="complex")


def rule_at(name: str) -> Callable[[Array], Array]:
    """An activation, or a loss as a function of its outputs, on rows of two numbers."""
    if name not in LOSSES:
        rule: Callable[[Array], Array] = RULES[name]
        return rule
    options = tuple(LOSSES[name].options.values()) if name != "cross_entropy" else ()
    return lambda A: RULES[name](A, np.array([[0.0, 1.0]]), 1.0, *options)


@pytest.mark.parametrize("name", [*OUTPUT_ACTIVATIONS, *LOSSES])
def test_the_table_of_analytic_rules(name: str) -> None:
    """An analytic function is, at each point, the mean of its values on a circle around it."""
    rule, circle = rule_at(name), 0.9 * np.exp(2j * math.pi * np.arange(64) / 64)
    center = np.array([[-0.4, 0.3]])
    try:
        around = [rule(center + np.array([[dz, 0.5 * dz]])) for dz in circle]
        analytic = bool(np.abs(np.mean(around, axis=0) - rule(center)).max() < 1e-12)
    except TypeError:  # it takes no complex numbers at all
        analytic = False
    assert analytic == (name in slopes.ANALYTIC)


@pytest.mark.parametrize("name", [*OUTPUT_ACTIVATIONS, *LOSSES])
def test_the_tables_of_corners_and_bends(name: str) -> None:
    """A corner shows as a jump of the slope, a bend as one of the slope's slope."""
    rule, h = rule_at(name), 1e-3
    corner = bend = False
    for place in (-1.0, 0.0, 1.0, 2.0):  # of a huber with delta 1 and the targets 0 and 1, too
        at = np.array([[place, place]])
        for side in (np.array([[1.0, 0.0]]), np.array([[0.0, 1.0]])):
            f = [np.sum(rule(at + k * h * side) * side) if name not in LOSSES else rule(at + k * h * side)
                 for k in range(-3, 4)]  # fmt: skip
            first = np.diff(f) / h
            corner |= bool(abs(first[3] - first[2]) > 0.05)
            second = np.diff(first) / h
            bend |= bool(abs(second[3] - second[1]) > 0.05)
    assert corner == (name in slopes.CORNERS)
    assert (bend and not corner) == (name in slopes.BENDS)


# ---- kinks


def one_unit(activation: str, z: float, **options: Any) -> Network:
    """A network whose first unit has Z = z where X = 1, exactly."""
    init: dict[str, Any] = {"W1": [[1.0]], "b1": [z - 1.0], "W2": [[0.7]], "b2": [0.1]}
    return Network([1, 1, 1], activation, init=init, **options)


@pytest.mark.parametrize("activation", ["relu", "leaky_relu", "selu"])
def test_on_a_corner_nothing_is_judged_that_moves_off_it(activation: str) -> None:
    report = check_gradients(one_unit(activation, 0.0), [[1.0]], [2.0])
    assert report.passed
    assert (report.checked, report.at_kink) == (2, 3)  # W2 and b2; not W1, b1 and X
    wrong = replaced(**{f"{activation}_back": lambda dA, Z, A: 5 * dA})
    assert check_gradients(one_unit(activation, 0.0), [[1.0]], [2.0], ops=wrong).passed
    wrong = replaced(dense_back=lambda dZ, X: (X.T @ dZ, 0 * dZ[0]))
    report = check_gradients(one_unit(activation, 0.0), [[1.0]], [2.0], ops=wrong)
    assert (report.passed, report.parameter) == (False, "b2")
    assert "3 left out: the point lies on a kink there" in str(report)


def test_a_unit_on_its_corner_is_judged_where_nothing_moves_it() -> None:
    net = Network([2, 3, 1], "relu", seed=0)  # biases are zero, so Z1 is where X is
    report = check_gradients(net, [[0.0, 0.0], [1.0, 2.0]], [1.0, 0.0])
    assert report.passed
    assert report.at_kink == 3 + 2  # b1 and the two inputs of the first sample, but no weight


@pytest.mark.parametrize("z", [1e-6, -1e-6, 1e-8, -1e-8, 1e-9, -1e-9])
@pytest.mark.parametrize("activation", ["relu", "leaky_relu", "selu"])
def test_near_a_corner_right_and_wrong_are_told_apart(activation: str, z: float) -> None:
    net, X, Y = one_unit(activation, z), [[1.0]], [2.0]
    report = check_gradients(net, X, Y)
    assert report.passed, report
    assert report.at_kink == 0
    other_side = replaced(**{f"{activation}_back": lambda dA, Z, A: RULES[f"{activation}_back"](dA, -Z, A)})
    report = check_gradients(net, X, Y, ops=other_side)
    assert not report.passed
    assert report.wrong == ("W1", "b1", "X")
    assert report.at_kink == 0


def test_a_fixed_step_would_have_been_wrong_there() -> None:
    net, X, Y, h = one_unit("relu", 1e-9), [[1.0]], [2.0], 1e-6
    db1 = net.loss_and_gradient(X, Y)[1]["db1"][0]
    net.parameters["b1"] = net.parameters["b1"] + h
    above = net.loss(X, Y)
    net.parameters["b1"] = net.parameters["b1"] - 2 * h
    assert (above - net.loss(X, Y)) / (2 * h) == pytest.approx(db1 / 2, rel=0.01)


@pytest.mark.parametrize("distance", [0.0, 1e-9, -1e-9])
def test_a_bend_has_a_slope_and_is_judged(distance: float) -> None:
    elu = one_unit("elu", distance)
    huber = Network([1, 1], loss=Loss("huber", delta=0.5), init={"W1": [[1.0]], "b1": [0.5 + distance]})
    for net, Y, rule in ((elu, [2.0], "elu_back"), (huber, [1.0], "huber_back")):
        report = check_gradients(net, [[1.0]], Y)
        assert report.passed, report
        assert report.at_kink == 0
        wrong = replaced(**{rule: lambda *operands, rule=rule: 1.01 * RULES[rule](*operands)})
        assert not check_gradients(net, [[1.0]], Y, ops=wrong)


@pytest.mark.parametrize("loss", ["absolute_error", "quantile"])
def test_an_output_on_its_target(loss: str) -> None:
    net = Network([1, 1], loss=loss, init={"W1": [[1.0]], "b1": [0.5]})
    report = check_gradients(net, [[1.0], [3.0]], [1.5, 2.0])
    assert report.passed
    assert (report.checked, report.at_kink) == (1, 3)  # only the second sample's input leaves the first alone
    for near in (1e-9, -1e-9):
        report = check_gradients(net, [[1.0], [3.0]], [1.5 + near, 2.0])
        assert (report.passed, report.checked, report.at_kink) == (True, 4, 0)


def test_weights_of_zero_under_an_l1_penalty() -> None:
    net = network([2, 3, 1], l1=0.1)
    net.parameters["W1"] = [[0.0, 1.0, 1e-9], [0.5, -1e-9, 0.0]]
    report = check_gradients(net, inputs(), targets("squared_error", 4, 1))
    assert (report.passed, report.at_kink) == (True, 2)
    no_pull = replaced(penalty_back=lambda dW, W, l1, l2: dW + l1 * np.sign(np.round(W, 6)))
    report = check_gradients(net, inputs(), targets("squared_error", 4, 1), ops=no_pull)
    assert (report.passed, report.parameter, report.index in {(0, 2), (1, 1)}) == (False, "W1", True)


def test_where_nothing_can_be_judged_nothing_has_passed() -> None:
    net = Network([1, 1], loss="absolute_error", init={"W1": [[1.0]], "b1": [0.5]})
    report = check_gradients(net, [[1.0]], [1.5])
    assert (report.passed, report.checked, report.at_kink, report.wrong) == (False, 0, 3, ())
    assert math.isnan(report.error)
    assert "UNDECIDED" in str(report)


# ---- one random direction


@pytest.fixture(scope="module", params=["relu", "elu", "tanh"])
def big(request: pytest.FixtureRequest) -> tuple[Network, Array, Array]:
    net = network([784, 100, 10], request.param, loss="cross_entropy", l2=1e-4)
    return net, np.random.default_rng(0).random((16, 784)), targets("cross_entropy", 16, 10)


def test_a_direction_costs_a_few_passes_whatever_the_size(big: tuple[Network, Array, Array]) -> None:
    passes_made = []

    def counted(name: str, rule: Rule) -> Rule:
        def counting(*operands: Any) -> Any:
            passes_made.append(name)
            return rule(*operands)

        return counting if name == "cross_entropy" else rule

    for seed in range(3):
        passes_made.clear()
        report = check_gradients(*big, method="direction", seed=seed, ops=wrap(reference, counted))
        assert report.passed, report
        assert (report.parameter, report.index, report.checked) == ("direction", (), 1)
        assert len(passes_made) <= 25


def test_a_direction_sees_small_faults(big: tuple[Network, Array, Array]) -> None:
    def off(dZ: Array, X: Array) -> tuple[Array, Array]:
        return X.T @ dZ * (1 + 1e-4), dZ.sum(axis=0)

    assert not check_gradients(*big, method="direction", ops=replaced(dense_back=off))
    assert not check_gradients(*big, method="direction", ops=replaced(penalty_back=lambda dW, W, l1, l2: dW))


def test_a_direction_depends_on_the_seed_and_only_on_it() -> None:
    net, X, Y = network([2, 3, 1]), inputs(), targets("squared_error", 4, 1)
    one, again, other = (check_gradients(net, X, Y, method="direction", seed=seed) for seed in (0, 0, 1))
    assert one == again
    assert one.analytic != other.analytic


def test_a_direction_off_a_corner_is_undecided() -> None:
    report = check_gradients(one_unit("relu", 0.0), [[1.0]], [2.0], method="direction")
    assert (report.passed, report.checked, report.at_kink) == (False, 0, 1)


# ---- planted faults


class OffByOneLayer(Network):
    """Its weights answer for their own layer's output, not its input."""

    def backward(self, seen: Any, *args: Any) -> Any:
        return super().backward([each._replace(X=each.A) for each in seen], *args)


class BiasesPenalised(Network):
    """Its biases are pulled towards zero, though the loss does not say so."""

    def backward(self, seen: Any, T: Array, w: Any, gradients: Windows, *args: Any) -> Iterator[Any]:
        for layer, dZ in super().backward(seen, T, w, gradients, *args):
            gradients[f"d{layer.b}"][...] += self.l2 * self.parameters[layer.b]
            yield layer, dZ


class PenaltyUnreported(Network):
    """It descends on a penalty of its own, three times what it says."""

    def backward(self, seen: Any, T: Array, w: Any, gradients: Windows, *args: Any) -> Iterator[Any]:
        for layer, dZ in super().backward(seen, T, w, gradients, *args):
            gradients[f"d{layer.W}"][...] += 2 * self.l2 * self.parameters[layer.W]
            yield layer, dZ


ALL_OF_THEM = {"W1", "b1", "W2", "b2", "X"}
BELOW = {"W1", "b1", "X"}  # what lies below the hidden activation
Faulty = dict[str, Rule]

FAULTS: dict[str, tuple[Faulty, dict[str, Any], set[str]]] = {
    # what is wrong: the rules so broken, the network that shows it, what comes out wrong
    "activation's slope missing": (
        {"tanh_back": lambda dA, Z, A: dA}, {}, BELOW),
    "slope taken at Z, not at A": (
        {"tanh_back": lambda dA, Z, A: dA * (1 - Z * Z)}, {}, BELOW),
    "slope of another activation": (
        {"tanh_back": RULES["sigmoid_back"]}, {}, BELOW),
    "1/n lost": (
        {"squared_error_back": lambda A, Y, w: A - Y}, {}, ALL_OF_THEM),
    "1/n twice": (
        {"squared_error_back": lambda A, Y, w: w * w * (A - Y)}, {}, ALL_OF_THEM),
    "factor 2 lost": (
        {"mean_squared_error_back": lambda A, Y, w: w * (A - Y) / A.shape[1]},
        {"loss": "mean_squared_error"}, ALL_OF_THEM),
    "outputs not averaged": (
        {"mean_squared_error_back": lambda A, Y, w: 2 * w * (A - Y)},
        {"loss": "mean_squared_error"}, ALL_OF_THEM),
    "sign of the error": (
        {"natural_back": lambda A, Y, w: w * (Y - A)}, {"loss": "cross_entropy"}, ALL_OF_THEM),
    "slope of the natural output taken again": (
        {"natural_back": lambda A, Y, w: w * (A - Y) * A * (1 - A)},
        {"loss": "binary_cross_entropy"}, ALL_OF_THEM),
    "sample weights ignored": (
        {"squared_error_back": lambda A, Y, w: (A - Y) / len(A)}, {"weights": True}, ALL_OF_THEM),
    "bias gradient missing": (
        {"dense_back": lambda dZ, X: (X.T @ dZ, 0 * dZ[0])}, {}, {"b1", "b2"}),
    "bias gradient averaged": (
        {"dense_back": lambda dZ, X: (X.T @ dZ, dZ.mean(axis=0))}, {}, {"b1", "b2"}),
    "weights not transposed": (
        {"dense_back_input": lambda dZ, W: dZ @ W}, {}, BELOW),
    "weight gradient transposed": (
        {"dense_back": lambda dZ, X: (dZ.T @ X, dZ.sum(axis=0))}, {}, {"W1", "W2"}),
    "weight gradient permuted": (
        {"dense_back": lambda dZ, X: ((X.T @ dZ)[::-1], dZ.sum(axis=0))}, {}, {"W1", "W2"}),
    "samples permuted": (
        {"dense_back": lambda dZ, X: (X[::-1].T @ dZ, dZ.sum(axis=0))}, {}, {"W1", "W2"}),
    "one weight alone": (
        {"dense_back": lambda dZ, X: (X.T @ dZ + 1e-3 * np.eye(3)[[0, 2, 2]] * [1, 0, 0], dZ.sum(axis=0))},
        {}, {"W1", "W2"}),
    "penalty not differentiated": (
        {"penalty_back": lambda dW, W, l1, l2: dW}, {"l2": 0.1}, {"W1", "W2"}),
    "half of the l2 penalty forgotten": (
        {"penalty_back": lambda dW, W, l1, l2: dW + 2 * l2 * W}, {"l2": 0.1}, {"W1", "W2"}),
    "l1 penalty in proportion": (
        {"penalty_back": lambda dW, W, l1, l2: dW + l1 * W}, {"l1": 0.1}, {"W1", "W2"}),
    "> for <": (
        {"relu_back": lambda dA, Z, A: dA * (Z < 0)}, {"activation": "relu"}, BELOW),
    "the leak forgotten": (
        {"leaky_relu_back": RULES["relu_back"]}, {"activation": "leaky_relu"}, BELOW),
    "the scale forgotten": (
        {"selu_back": RULES["elu_back"]}, {"activation": "selu"}, BELOW),
    "the product rule forgotten": (
        {"silu_back": lambda dA, Z, A: dA * RULES["sigmoid"](Z)}, {"activation": "silu"}, BELOW),
    "the density forgotten": (
        {"gelu_back": lambda dA, Z, A: dA * A / Z}, {"activation": "gelu"}, BELOW),
    "softmax taken elementwise": (
        {"softmax_back": lambda dA, Z, A: dA * A * (1 - A)}, {"output": "softmax"}, ALL_OF_THEM),
    "no limit to the error": (
        {"huber_back": lambda A, Y, w, delta: w * (A - Y)}, {"loss": Loss("huber", delta=0.1)}, ALL_OF_THEM),
    "q for 1 − q": (
        {"quantile_back": lambda A, Y, w, q: RULES["quantile_back"](A, Y, w, 1 - q)},
        {"loss": Loss("quantile", q=0.8)}, ALL_OF_THEM),
    "smoothing only in the loss": (
        {"natural_back": lambda A, Y, w: w * (A - np.round(Y))},
        {"loss": Loss("cross_entropy", label_smoothing=0.1)}, ALL_OF_THEM),
    "a forward rule that is not what is differentiated": (
        {"relu": lambda Z: np.maximum(Z, 0.01 * Z)}, {"activation": "relu"}, BELOW),
    "bias left out forwards": (
        {"dense": lambda X, W, b: X @ W}, {}, {"b1", "b2"}),
    "a hundred-thousandth too much": (
        {"squared_error_back": lambda A, Y, w: (1 + 1e-5) * w * (A - Y)}, {}, ALL_OF_THEM),
    "not a number": (
        {"tanh_back": lambda dA, Z, A: dA * np.nan}, {}, BELOW),
    "weights of its own layer's output": (
        {}, {"kind": OffByOneLayer}, {"W1", "W2"}),
    "biases penalised": (
        {}, {"kind": BiasesPenalised, "l2": 0.1}, {"b1", "b2"}),
    "another penalty than the loss reports": (
        {}, {"kind": PenaltyUnreported, "l2": 0.1}, {"W1", "W2"}),
}  # fmt: skip


def planted(fault: str, method: str) -> GradientReport:
    rules, options, _ = FAULTS[fault]
    options = dict(options)
    kind, weights = options.pop("kind", Network), options.pop("weights", False)
    net = kind([3, 3, 3], options.pop("activation", "tanh"), seed=3, **options)
    for layer in net.layers:
        net.parameters[layer.b] = [0.3, -0.2, 0.1]
    X, Y = inputs(5, 3), targets(net.loss_function.name, 5, 3)
    w = [1.0, 2.0, 0.5, 0.0, 3.0] if weights else None
    healthy = Network([3, 3, 3], **{key: net.config[key] for key in ("activation", "output", "l1", "l2")},
                      loss=net.loss_function, init=net.parameters)  # fmt: skip
    assert check_gradients(healthy, X, Y, w, method=method), "the fault would not be what is seen"
    return check_gradients(net, X, Y, w, method=method, ops=replaced(**rules))


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_seen_where_it_is(fault: str) -> None:
    report = planted(fault, "central")
    assert not report.passed
    assert set(report.wrong) == FAULTS[fault][2]
    assert report.parameter in report.wrong
    assert not report.error <= report.tolerance
    assert "FAILED" in str(report)
    assert f"Wrong: {', '.join(report.wrong)}." in str(report)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_seen_along_a_direction(fault: str) -> None:
    assert not planted(fault, "direction").passed


ANALYTIC_FAULTS = (
    "activation's slope missing", "1/n lost", "sign of the error", "bias gradient missing",
    "biases penalised", "weights not transposed", "penalty not differentiated",
    "softmax taken elementwise",
)  # fmt: skip


@pytest.mark.parametrize("fault", ANALYTIC_FAULTS)
def test_a_planted_fault_is_seen_by_complex_steps(fault: str) -> None:
    report = planted(fault, "complex")
    assert not report.passed
    assert set(report.wrong) == FAULTS[fault][2]


# ---- the report, and what is left untouched


def test_the_report_names_the_worst_entry() -> None:
    def one_wrong(dZ: Array, X: Array) -> tuple[Array, Array]:
        dW = X.T @ dZ
        if X.shape[1] == 4:  # the second layer's
            dW[2, 1] += 0.5
        return dW, dZ.sum(axis=0)

    net, X, Y = network([2, 4, 3]), inputs(), targets("squared_error", 4, 3)
    report = check_gradients(net, X, Y, ops=replaced(dense_back=one_wrong))
    assert (report.parameter, report.index, report.wrong) == ("W2", (2, 1), ("W2",))
    right = net.loss_and_gradient(X, Y)[1]["dW2"][2, 1]
    assert report.numeric == pytest.approx(right, rel=1e-6)
    assert report.analytic == pytest.approx(right + 0.5, rel=1e-12)
    assert report.error == pytest.approx(0.5 / max(abs(right), abs(right + 0.5)), rel=1e-5)
    assert "at W2[2, 1] (tolerance 1e-06)" in str(report)


def test_the_report_is_plain_and_frozen() -> None:
    report = check_gradients(network([2, 3, 1]), inputs(), targets("squared_error", 4, 1))
    assert report
    assert str(report).startswith("gradient check (central): passed\nLargest relative error ")
    kinds = {field.name: type(getattr(report, field.name)) for field in dataclasses.fields(report)}
    assert kinds == {
        "passed": bool, "method": str, "error": float, "parameter": str, "index": tuple, "analytic": float,
        "numeric": float, "checked": int, "at_kink": int, "tolerance": float, "wrong": tuple,
    }  # fmt: skip
    with pytest.raises(dataclasses.FrozenInstanceError):
        report.passed = False  # type: ignore[misc]


def test_a_gradient_of_nothing_but_zeros_passes() -> None:
    net = Network([2, 2, 1], init={"W1": np.zeros((2, 2)), "W2": np.zeros((2, 1))}, activation="tanh")
    report = check_gradients(net, np.zeros((3, 2)), np.zeros(3))
    assert (report.passed, report.error) == (True, 0.0)


class Broken(Exception):
    pass


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("stop", [None, Broken, KeyboardInterrupt])
@pytest.mark.parametrize("method", ["central", "complex", "direction"])
def test_the_network_is_left_untouched(dtype: str, stop: type[BaseException] | None, method: str) -> None:
    net, X, Y = network([2, 3, 1], dtype=dtype), inputs(), targets("squared_error", 4, 1)
    calls = itertools.count()

    def stopping(X: Array, W: Array, b: Array) -> Array:
        if stop and next(calls) == 8:
            raise stop
        return reference.dense(X, W, b)  # type: ignore[no-any-return]

    vector, before = net.parameters.vector, (net.parameters.vector.tobytes(), X.tobytes(), Y.tobytes())
    if stop:
        with pytest.raises(stop):
            check_gradients(net, X, Y, method=method, ops=replaced(dense=stopping))
    else:
        check_gradients(net, X, Y, method=method)
    assert net.parameters.vector is vector
    assert (vector.tobytes(), X.tobytes(), Y.tobytes()) == before
    assert net.dtype == vector.dtype == dtype


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"method": "forward"},
            "unknown method: expected 'central', 'complex' or 'direction', got 'forward'",
        ),
        ({"tolerance": 0}, "tolerance"),
        ({"tolerance": math.nan}, "tolerance"),
        ({"seed": -1}, "seed"),
        ({"X": np.ones((4, 3))}, "2 columns"),
        ({"X": np.full((4, 2), np.nan)}, "finite"),
        ({"Y": np.ones(3)}, "Y does not fit"),
        ({"sample_weight": -np.ones(4)}, "sample_weight"),
    ],
)
def test_what_cannot_be_is_refused(options: dict[str, Any], message: str) -> None:
    arguments = {"X": inputs(), "Y": np.ones(4), **options}
    with pytest.raises(InputError, match=message):
        check_gradients(network([2, 3, 1]), **arguments)


@pytest.mark.parametrize("method", ["central", "direction", "complex"])
def test_a_loss_that_is_not_finite_is_refused(method: str) -> None:
    net = Network([1, 1], loss="poisson", init={"W1": [[1e3]]})
    with pytest.raises(InputError, match="the loss is not finite, got inf; try scaled inputs"):
        check_gradients(net, [[1e3]], [1.0], method=method)
