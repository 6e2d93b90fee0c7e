"""Displays: they keep the right numbers, draw just these, and refuse what they cannot draw."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pytest
from matplotlib.collections import LineCollection
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from numpy.typing import NDArray

from clearprop import MLP, History, from_sklearn
from clearprop.displays import (
    DecisionBoundaryDisplay,
    GradientNormsDisplay,
    LossCurveDisplay,
    NetworkDisplay,
    WeightsDisplay,
)
from clearprop.displays.style import NEGATIVE, POSITIVE, shades, sign_colors
from clearprop.errors import InputError, MissingExtraError
from clearprop.story.numbers import number

Array: TypeAlias = NDArray[Any]

RNG = np.random.default_rng(0)
X = RNG.normal(size=(24, 2))
SIDE = (X[:, 0] > 0).astype(int)


def small(**options: Any) -> MLP:
    return MLP([2, 3, 1], "tanh", seed=0, **options)


def texts(ax: Any) -> list[str]:
    return [text.get_text() for text in ax.texts]


def edges_in(display: NetworkDisplay) -> list[Any]:
    return [part for part in display.ax_.collections if isinstance(part, LineCollection)]


def estimator(kind: str, X: Any, y: Any, **options: Any) -> Any:
    pytest.importorskip("sklearn")
    import clearprop

    return getattr(clearprop, kind)((4,), random_state=0, max_iter=3, **options).fit(X, y)


# ---- the network


def test_every_edge_is_drawn_once_with_its_sign_and_size() -> None:
    net = small()
    display = NetworkDisplay.from_network(net)
    edges = edges_in(display)
    for k, part in enumerate(edges):
        W = net.parameters[f"W{k + 1}"]
        assert np.array_equal(display.weights[k], W)
        order = np.argsort(np.abs(W), axis=None, kind="stable")
        widths = 0.4 + 3.0 * np.abs(W.ravel()[order]) / max(np.abs(m).max() for m in display.weights)
        assert np.allclose(part.get_linewidths(), widths)
        colors, styles = part.get_colors(), part.get_linestyles()
        for weight, color, (_, dash) in zip(W.ravel()[order], colors, styles, strict=True):
            assert (color[2] > color[0]) == (weight > 0)
            assert (dash is None) == (weight > 0)
    assert [len(part.get_segments()) for part in edges] == [6, 3]


def test_numbers_stand_on_the_edges_and_in_the_units() -> None:
    net = small()
    display = NetworkDisplay.from_network(net, X, SIDE)
    _, gradients = net.loss_and_gradient(X, SIDE)
    assert display.gradients is not None
    assert display.activations is not None
    assert np.array_equal(display.gradients[1], gradients["dW2"])
    assert np.allclose(display.activations[0], X.mean(axis=0))
    assert np.allclose(display.activations[2], net.forward(X).mean(axis=0))
    shown = texts(display.ax_)
    for W, dW in ((net.parameters["W1"], gradients["dW1"]), (net.parameters["W2"], gradients["dW2"])):
        for index in np.ndindex(W.shape):
            assert f"{number(float(W[index]), 3)}\n∂ {number(float(dW[index]), 3)}" in shown
    assert number(display.activations[2][0], 2) in shown
    assert {"inputs", "layer 1\ntanh", "x1", "x2", "y"} <= set(shown)


def test_the_edges_may_be_the_gradients() -> None:
    net = small()
    display = NetworkDisplay.from_network(net, X, SIDE, edges="gradients")
    _, gradients = net.loss_and_gradient(X, SIDE)
    assert number(gradients["dW1"][0, 0], 3) in texts(display.ax_)
    assert number(net.parameters["W1"][0, 0], 3) not in texts(display.ax_)
    with pytest.raises(InputError, match="no gradients to draw: expected X and Y"):
        NetworkDisplay.from_network(net, X, edges="gradients")
    with pytest.raises(InputError, match="unknown edges"):
        NetworkDisplay.from_network(net, edges="biases")
    with pytest.raises(InputError, match="gradients need data"):
        NetworkDisplay.from_network(net, Y=SIDE)


def test_it_is_said_where_units_show_means() -> None:
    for count, said in ((5, "in the units: means of 5 samples"), (1, "")):
        display = NetworkDisplay.from_network(small(), X[:count])
        assert display.samples == count
        assert display.ax_.get_legend().get_title().get_text() == said
    assert NetworkDisplay.from_network(small()).samples is None


def test_a_big_network_is_drawn_by_its_ends() -> None:
    display = NetworkDisplay.from_network(MLP([784, 17, 3], seed=0))
    shown = texts(display.ax_)
    assert {"x1", "x6", "x779", "x784", "772 more", "5 more", "⋮"} <= set(shown)
    assert "x7" not in shown
    edges = edges_in(display)
    assert [len(part.get_segments()) for part in edges] == [144, 36]


def test_sixteen_units_are_all_drawn() -> None:
    assert not any("more" in text for text in texts(NetworkDisplay.from_network(MLP([16, 1], seed=0)).ax_))


def test_an_estimator_is_drawn_with_its_names() -> None:
    pandas = pytest.importorskip("pandas")
    table = pandas.DataFrame({"age": X[:, 0], "$x_{": X[:, 1], "city": ["Rome", "Oslo"] * 12})
    y = np.array(["ham", "spam"])[SIDE]
    model = estimator("MLPClassifier", table, y)
    display = NetworkDisplay.from_network(model, table, y)
    assert display.input_names == model.input_names_
    assert display.output_names == ["spam"]
    _, gradients = model.network_.loss_and_gradient(model.transform_inputs(table), SIDE)
    assert display.gradients is not None
    assert np.array_equal(display.gradients[0], gradients["dW1"])


# ---- gradients


def test_the_norms_are_those_of_the_gradients() -> None:
    net, weights = MLP([2, 3, 3], loss="cross_entropy", l2=0.1, seed=0), RNG.exponential(size=24)
    display = GradientNormsDisplay.from_network(net, X, SIDE, sample_weight=weights)
    _, gradients = net.loss_and_gradient(X, SIDE, weights)
    assert display.weight_norms == pytest.approx([np.linalg.norm(gradients[f"dW{k}"]) for k in (1, 2)])
    assert display.bias_norms == pytest.approx([np.linalg.norm(gradients[f"db{k}"]) for k in (1, 2)])
    assert [bar.get_height() for bar in display.ax_.patches] == pytest.approx(
        [*display.weight_norms, *display.bias_norms]
    )
    assert number(display.weight_norms[0], 3) in texts(display.ax_)


def test_norms_far_apart_are_drawn_on_a_logarithmic_scale_and_zero_is_written() -> None:
    net = MLP([2] + [4] * 5 + [1], "sigmoid", seed=0)
    assert GradientNormsDisplay.from_network(net, X, SIDE).ax_.get_yscale() == "log"
    silent = MLP([2, 3, 1], init={"b1": [-9.0] * 3}, seed=0)  # all hidden units are dead
    display = GradientNormsDisplay.from_network(silent, X / 10, SIDE)
    assert display.weight_norms.tolist() == [0.0, 0.0]
    assert texts(display.ax_).count("0") == 3


@pytest.mark.parametrize("classes", [["a", "b"], ["a", "b", "c"]])
@pytest.mark.parametrize("loss", ["auto", "cross_entropy", "squared_error"])
def test_the_targets_of_a_classifier_are_those_of_its_training(classes: list[str], loss: str) -> None:
    y = np.array(classes)[np.arange(24) % len(classes)]
    model = estimator("MLPClassifier", X, y, loss=loss)
    display = GradientNormsDisplay.from_network(model, X, y)
    targets = model._targets(model._encode(y, 24, learn=False))
    _, gradients = model.network_.loss_and_gradient(model.transform_inputs(X), targets)
    assert display.weight_norms[0] == pytest.approx(np.linalg.norm(gradients["dW1"]))
    with pytest.raises(InputError, match=r"a class that is not known: expected one of a, b.*, got 'z'"):
        GradientNormsDisplay.from_network(model, X, ["z"] * 24)


@pytest.mark.parametrize("y", [3 * X[:, 0] + 5, X * [1, 9]])
def test_the_targets_of_a_regressor_are_scaled(y: Array) -> None:
    model = estimator("MLPRegressor", X, y)
    display = GradientNormsDisplay.from_network(model, X, y)
    _, gradients = model.network_.loss_and_gradient(model.transform_inputs(X), model._scaled(y))
    assert display.bias_norms[1] == pytest.approx(np.linalg.norm(gradients["db2"]))


def test_labels_are_taken_as_they_are() -> None:
    y = (X > 0).astype(int)
    model = estimator("MLPClassifier", X, y)
    assert NetworkDisplay.from_network(model, X, y).output_names == ["0", "1"]


# ---- the boundary


def test_two_classes_are_a_probability() -> None:
    net = small(loss="binary_cross_entropy")
    display = DecisionBoundaryDisplay.from_network(net, X, SIDE, points=30)
    (x1, x2), P = display.grid, display.response
    assert P.shape == (30, 30, 1)
    assert P[4, 7] == pytest.approx(net.forward([[x1[7], x2[4]]])[0])
    assert x1[0] < X[:, 0].min() < X[:, 0].max() < x1[-1]
    assert display.classes == ["0", "1"]
    assert np.array_equal(display.Y, SIDE)
    assert [len(part.get_offsets()) for part in display.ax_.collections[-2:]] == [sum(SIDE == 0), sum(SIDE)]


def test_more_classes_are_regions_and_probabilities_may_be_targets() -> None:
    net = MLP([2, 4, 3], loss="cross_entropy", seed=0)
    codes = np.arange(24) % 3
    display = DecisionBoundaryDisplay.from_network(net, X, np.eye(3)[codes], points=20)
    assert np.array_equal(display.Y, codes)
    assert display.response.sum(axis=-1) == pytest.approx(1)
    assert DecisionBoundaryDisplay.from_network(net, X, codes, points=5).classes == ["0", "1", "2"]


@pytest.mark.parametrize("level", [0.0, 100.0, -100.0])
def test_a_number_is_a_landscape(level: float) -> None:
    net = small(init={"b2": [level]})
    display = DecisionBoundaryDisplay.from_network(net, X, X[:, 0] + level, points=20)
    assert display.classes is None
    assert display.response[3, 5] == pytest.approx(net.forward([[display.grid[0][5], display.grid[1][3]]])[0])


def test_a_network_that_answers_the_same_everywhere(tmp_path: Path) -> None:
    for loss in ("squared_error", "binary_cross_entropy"):
        net = small(loss=loss, init={"W1": np.zeros((2, 3))})
        DecisionBoundaryDisplay.from_network(net, X, SIDE, points=10).save(tmp_path / "p.png")
    net = MLP([2, 3], loss="cross_entropy", init={"W1": np.zeros((2, 3))})
    DecisionBoundaryDisplay.from_network(net, np.zeros((3, 2)), [0, 1, 2], points=10).save(tmp_path / "p.png")


@pytest.mark.parametrize(
    ("loss", "outputs", "Y", "curves"),
    [
        ("squared_error", 2, X, 2),
        ("binary_cross_entropy", 1, SIDE, 2),  # the curve, and a line at a half
        ("cross_entropy", 2, SIDE, 2),
        ("cross_entropy", 3, SIDE, 3),
        ("binary_cross_entropy", 3, np.eye(3)[SIDE], 3),
    ],
)
def test_over_one_input_all_are_curves(loss: str, outputs: int, Y: Array, curves: int) -> None:
    net = MLP([1, 3, outputs], loss=loss, seed=0)
    display = DecisionBoundaryDisplay.from_network(net, X[:, :1], Y, points=15)
    assert len(display.ax_.lines) == curves
    expected = net.forward(display.grid[0][:, None])
    assert display.response == pytest.approx(expected[:, -display.response.shape[1] :])


def test_estimators_answer_in_the_units_and_names_of_the_data(tmp_path: Path) -> None:
    pandas = pytest.importorskip("pandas")
    table = pandas.DataFrame(X, columns=["age", "$x_{"])
    y = np.array(["$\\frac", "spam"])[SIDE]
    model = estimator("MLPClassifier", table, y)
    display = DecisionBoundaryDisplay.from_network(model, table, y, points=9)
    display.save(tmp_path / "boundary.png")
    corner = pandas.DataFrame([[grid[0] for grid in display.grid]], columns=table.columns)
    assert display.response[0, 0, 0] == pytest.approx(model.predict_proba(corner)[0, 1])
    assert display.names == ["age", "$x_{"]
    numbers = estimator("MLPRegressor", X, 100 + X[:, 0])
    answers = DecisionBoundaryDisplay.from_network(numbers, X, 100 + X[:, 0], points=9).response
    assert np.all(np.abs(answers - 100) < 10)
    with pytest.raises(InputError, match="X and Y do not fit together: expected 24 targets, got 3"):
        DecisionBoundaryDisplay.from_network(numbers, X, [1.0, 2.0, 3.0])


def test_what_has_no_place_on_a_plane() -> None:
    with pytest.raises(InputError, match="room for 2 inputs: expected 1 or 2, got 3"):
        DecisionBoundaryDisplay.from_network(MLP([3, 1]), np.ones((2, 3)), [1, 2])
    with pytest.raises(InputError, match="room for one answer: expected 1 output, got 2"):
        DecisionBoundaryDisplay.from_network(MLP([2, 2]), X, X)
    with pytest.raises(InputError, match="got shape"):
        DecisionBoundaryDisplay.from_network(MLP([2, 1]), X[:, :1], SIDE)


# ---- weights


def test_each_tile_holds_the_weights_into_one_unit() -> None:
    net = MLP([12, 5, 2], seed=0)
    display = WeightsDisplay.from_network(net, shape=(3, 4))
    image = np.ma.filled(display.ax_.images[0].get_array(), np.nan)
    tiles = [np.s_[0:3, 0:4], np.s_[0:3, 5:9], np.s_[4:7, 0:4], np.s_[4:7, 5:9], np.s_[8:11, 0:4]]
    for unit, tile in enumerate(tiles):
        assert np.array_equal(image[tile].ravel(), net.parameters["W1"][:, unit])
    assert np.isnan(image[3]).all()
    assert display.ax_.images[0].get_clim() == pytest.approx(
        [-np.abs(display.weights).max(), np.abs(display.weights).max()]
    )


def test_at_most_64_tiles_are_drawn_and_the_title_says_so() -> None:
    display = WeightsDisplay.from_network(MLP([784, 100, 10], seed=0), shape=(28, 28))
    assert display.ax_.get_title(loc="left") == "W1, the first 64 of 100 units"
    assert display.ax_.images[0].get_array().shape == (8 * 29 - 1, 8 * 29 - 1)


def test_without_a_shape_the_matrix_is_drawn_with_its_numbers() -> None:
    net = small()
    display = WeightsDisplay.from_network(net)
    assert texts(display.ax_) == [number(weight, 2) for weight in net.parameters["W1"].ravel()]
    assert [label.get_text() for label in display.ax_.get_yticklabels()] == ["x1", "x2"]
    above = WeightsDisplay.from_network(net, layer=2)
    assert above.input_names == ["0", "1", "2"]
    assert above.ax_.get_ylabel() == "unit of layer 1"
    assert texts(WeightsDisplay.from_network(MLP([300, 20, 1], seed=0)).ax_) == []


def test_units_are_counted_from_0() -> None:
    display = WeightsDisplay.from_network(small())
    places = [tuple(text.get_position()) for text in display.ax_.texts]
    assert places == [(unit, row) for row in range(2) for unit in range(3)]
    assert display.ax_.images[0].get_extent() == [-0.5, 2.5, 1.5, -0.5]
    display.figure_.draw_without_rendering()
    for layer in (1, 2):  # one unit alone has no ticks at halves
        ax = WeightsDisplay.from_network(small(), layer=layer).ax_
        assert all(float(tick).is_integer() for tick in ax.get_xticks())


@pytest.mark.parametrize("place", [(1, 1, 1), (1, 3, 2)])
def test_long_names_are_shortened_where_a_figure_makes_no_room(place: tuple[int, int, int]) -> None:
    pandas = pytest.importorskip("pandas")
    long = "the mean of a column with a name too long"
    table = pandas.DataFrame({long: X[:, 0], "b": X[:, 1]})
    model = estimator("MLPClassifier", table, np.array([f"class {long}", f"{long} class"])[SIDE])
    for maker in (WeightsDisplay, NetworkDisplay):
        plain = Figure()
        drawn = maker.from_network(model, ax=plain.add_subplot(*place)).ax_
        plain.draw_without_rendering()
        labels = [*drawn.texts, *drawn.get_yticklabels()]
        shown = [label for label in labels if label.get_text().startswith("the")]
        assert shown
        assert all(label.get_text().endswith("…") for label in shown)
        assert min(label.get_window_extent().x0 for label in shown) >= 0
        assert max(label.get_window_extent().x1 for label in shown) <= plain.bbox.width
    assert WeightsDisplay.from_network(model).ax_.get_yticklabels()[0].get_text() == f"{long[:23]}…"


def test_a_shape_or_layer_that_does_not_fit() -> None:
    with pytest.raises(InputError, match=r"expected \(rows, columns\) of product 2, got \(3, 3\)"):
        WeightsDisplay.from_network(small(), shape=(3, 3))
    with pytest.raises(InputError, match="no such layer: expected 1 to 2, got 3"):
        WeightsDisplay.from_network(small(), layer=3)


# ---- curves


def test_the_losses_are_those_of_the_history() -> None:
    history = small().fit(X, SIDE, epochs=3, validation=0.25)
    display = LossCurveDisplay.from_history(history)
    assert np.asarray(display.ax_.lines[0].get_ydata()).tolist() == history.train_loss
    assert np.asarray(display.ax_.lines[1].get_ydata()).tolist() == display.validation_loss
    assert display.ax_.lines[0].get_linestyle() != display.ax_.lines[1].get_linestyle()
    with pytest.raises(InputError, match="nothing to draw"):
        LossCurveDisplay.from_history(History())


def test_the_losses_are_found_in_what_was_fitted() -> None:
    net = small()
    history = net.fit(X, SIDE, epochs=2)
    assert LossCurveDisplay.from_history(net).train_loss == history.train_loss
    model = estimator("MLPClassifier", X, SIDE)
    assert LossCurveDisplay.from_history(model).train_loss == model.network_.history.train_loss
    for odd in (small(), "net", np.ones(3)):
        with pytest.raises(InputError, match=r"nothing to draw: expected a history, or a network .*fit, got"):
            LossCurveDisplay.from_history(odd)


@pytest.mark.filterwarnings("ignore:Stochastic Optimizer")
def test_the_losses_of_scikit_learn() -> None:
    theirs = pytest.importorskip("sklearn.neural_network").MLPClassifier((4,), max_iter=3, random_state=0)
    display = LossCurveDisplay.from_history(theirs.fit(X, SIDE))
    assert (display.epoch, display.train_loss) == ([1, 2, 3], theirs.loss_curve_)


# ---- all of them

MAKERS: dict[str, Callable[..., Any]] = {
    "network": lambda **options: NetworkDisplay.from_network(small(), X, SIDE, **options),
    "boundary": lambda **options: DecisionBoundaryDisplay.from_network(small(), X, SIDE, points=9, **options),
    "gradients": lambda **options: GradientNormsDisplay.from_network(small(), X, SIDE, **options),
    "weights": lambda **options: WeightsDisplay.from_network(small(), **options),
    "curve": lambda **options: LossCurveDisplay.from_history(small().fit(X, SIDE, epochs=2), **options),
}


@pytest.mark.parametrize("name", MAKERS)
def test_it_draws_into_given_axes_and_again_into_its_own(name: str, tmp_path: Path) -> None:
    figure = Figure()
    ax = figure.subplots()
    display = MAKERS[name](ax=ax)
    assert (display.figure_, display.ax_) == (figure, ax)
    assert display.plot() is display
    assert display.figure_ is not figure
    for ending, start in (("png", b"\x89PNG"), ("svg", b"<?xml"), ("pdf", b"%PDF")):
        display.save(tmp_path / f"p.{ending}")
        assert (tmp_path / f"p.{ending}").read_bytes().startswith(start)
    with pytest.raises(InputError, match="does not end like a picture"):
        display.save(tmp_path / "p.docx")


@pytest.mark.parametrize("name", MAKERS)
def test_without_matplotlib_the_extra_is_named(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(MissingExtraError, match=r"clearprop\[plots\]"):
        MAKERS[name]()


def test_pyplot_is_left_alone_and_the_network_too() -> None:
    before, net = "matplotlib.pyplot" in sys.modules, small()
    theta = net.parameters.vector.copy()
    display = NetworkDisplay.from_network(net, X, SIDE)
    assert ("matplotlib.pyplot" in sys.modules) == before
    assert np.array_equal(net.parameters.vector, theta)
    net.parameters["W1"][...] = 0.0
    assert display.weights[0].any()  # what was drawn stays


def test_something_without_a_network() -> None:
    with pytest.raises(
        InputError, match=r"no network to draw: expected a network.*got str; try clearprop.from_"
    ):
        NetworkDisplay.from_network("net")


def test_signs_are_colours_and_small_is_pale() -> None:
    colors = shades(np.array([-2.0, 2.0, 0.1]), 2.0)
    assert colors[:2] == pytest.approx(np.array([NEGATIVE, POSITIVE]))
    assert colors[2].min() > 0.7
    for pale in (False, True):
        middle = sign_colors(pale=pale)(np.array([0.25, 0.5, 0.75]))
        assert middle[0][0] > middle[0][2]
        assert middle[1][:3] == pytest.approx(to_rgb("white"), abs=0.02)
        assert middle[2][2] > middle[2][0]


def test_the_gradients_drawn_are_those_that_explain_shows() -> None:
    neural = pytest.importorskip("sklearn.neural_network")
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(20, 3)), rng.normal(size=20)
    theirs = neural.MLPRegressor(
        hidden_layer_sizes=(4,), alpha=10.0, solver="sgd", max_iter=1, random_state=0
    )
    with pytest.warns(UserWarning, match="converge"):
        theirs.fit(X, y)
    ours = from_sklearn(theirs)
    story = ours.explain(X, y)
    norms = [np.linalg.norm(story[name].value) for name in ("dW1", "dW2")]
    assert GradientNormsDisplay.from_network(ours, X, y).weight_norms == pytest.approx(norms)
    assert NetworkDisplay.from_network(ours, X, y).gradients[0] == pytest.approx(story["dW1"].value)
