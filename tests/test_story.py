"""A story is the very step of the numpy engine: the same bits, in order, each from its own line."""

from __future__ import annotations

import numpy as np
import pytest

import clearprop
from clearprop import MLP, SGD, Adam, Loss, MLPClassifier, explain, schedules
from clearprop.errors import InputError
from clearprop.optimizers import OPTIMIZERS
from clearprop.rules import losses
from clearprop.story.equations import baked, equations, read, to_json
from clearprop.story.evaluating import evaluate
from clearprop.story.step import PHASES
from random_networks import random_case

X, Y = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [0.0, 1.0, 1.0, 0.0]
FIRST_ORDER = [name for name in OPTIMIZERS if name != "lbfgs"]


def net_of(**settings) -> MLP:
    return MLP([2, 3, 1], "tanh", loss="binary_cross_entropy", seed=0, **settings)


# ---- the same bits as training


@pytest.mark.parametrize("seed", range(120))
def test_a_story_is_the_step_that_fit_makes(seed):
    rng = np.random.default_rng(seed)
    net, X, Y, weights = random_case(seed, dtype="float32" if seed % 4 == 0 else "float64")
    options = {
        "optimizer": OPTIMIZERS[FIRST_ORDER[seed % len(FIRST_ORDER)]](),
        "sample_weight": weights,
        "update": "sequential" if seed % 3 == 0 else "simultaneous",
        "freeze": ["b1"] if rng.random() < 0.3 else [],
    }
    fit = {"epochs": 1, "batch_size": None, "progress": False, "metric": None, "engine": "numpy"}
    if rng.random() < 0.5:  # an optimiser that remembers
        net.fit(X, Y, **options, **{**fit, "epochs": 2})
    before = net.parameters.vector.copy()
    steps_before = net.memory.steps if net.memory else None

    story = net.explain(X, Y, **options)

    assert np.array_equal(net.parameters.vector, before)
    assert (net.memory.steps if net.memory else None) == steps_before
    loss, gradients = net.loss_and_gradient(X, Y, weights)
    assert story.loss == loss
    if options["update"] == "simultaneous":
        for name, gradient in gradients.items():
            assert np.array_equal(story[name].value, gradient)
    net.fit(X, Y, **options, **fit)
    for name, window in net.parameters.items():
        assert np.array_equal(story[f"{name}_new"].value, window)
        assert story[f"{name}_new"].value.dtype == window.dtype
    assert story.loss_after == net.loss(X, Y, weights)


@pytest.mark.parametrize("seed", range(120, 150))
def test_a_story_is_the_step_of_every_engine(engine, seed):
    """Up to rounding, by plain gradient descent: other rules may magnify what is almost zero."""
    net, X, Y, weights = random_case(seed)
    story = net.explain(X, Y, optimizer=SGD(0.01), sample_weight=weights)
    net.fit(X, Y, optimizer=SGD(0.01), epochs=1, batch_size=None, sample_weight=weights)
    for name, window in net.parameters.items():
        np.testing.assert_allclose(window, story[f"{name}_new"].value, rtol=1e-12, atol=1e-13)
    np.testing.assert_allclose(net.forward(X), net.explain(X, Y).values[f"A{len(net.layers)}"], rtol=1e-12)


@pytest.mark.parametrize("seed", range(200, 260))
def test_every_value_follows_from_its_line_and_its_operands(seed):
    net, X, Y, weights = random_case(seed)
    story = net.explain(X, Y, sample_weight=weights, optimizer=FIRST_ORDER[seed % len(FIRST_ORDER)])
    known = set(story.given)
    for step in story:
        assert step.phase in PHASES
        assert step.meaning.endswith(".")
        assert set(step.inputs) <= known, f"{step.code} comes too early"
        known.add(step.name)
        again = evaluate(step.expression, story.values)
        assert np.shape(again) == step.shape
        np.testing.assert_allclose(again, step.value, rtol=1e-12, atol=1e-14)
        assert step.formula
        assert step.latex
        assert step.mathml.startswith("<math")


def test_a_rule_that_computes_what_its_line_does_not_say_is_seen(monkeypatch):
    def squared_error(A, Y, w):
        """Four times as much as the line in the source says."""
        L = 2 * np.sum(w * (A - Y) ** 2)  # ()
        return L

    monkeypatch.setattr(clearprop.ops.reference, "squared_error", squared_error)
    net = MLP([2, 1], loss="squared_error", seed=0)
    story = net.explain(X, Y)
    assert story.loss == net.loss(X, Y)
    with pytest.raises(AssertionError):
        np.testing.assert_allclose(evaluate(story["L"].expression, story.values), story.loss)


# ---- what a story is


def test_the_names_come_in_the_order_of_the_computation():
    names = [step.name for step in net_of().explain(X, Y)]
    assert names == [
        "Z1", "A1", "Z2", "A2", "L", "dZ2", "dW2", "db2", "dA1", "dZ1", "dW1", "db1",
        "W1_new", "b1_new", "W2_new", "b2_new",
    ]  # fmt: skip


def test_with_a_penalty_the_parts_of_the_loss_are_told():
    story = net_of(l2=0.1).explain(X, Y)
    names = [step.name for step in story.phase("loss")]
    assert names == ["L_data", "Omega1", "Omega2", "Omega", "L"]
    assert story["dW1"].code == "dW1 = dW1_data + l2 * W1"
    assert story["L"].value == net_of(l2=0.1).loss(X, Y)


def test_with_a_sequential_update_the_error_passes_back_through_new_weights():
    story = net_of().explain(X, Y, update="sequential")
    assert story["dA1"].code == "dA1 = dZ2 @ W2_new.T"
    names = [step.name for step in story]
    assert names.index("W2_new") < names.index("dA1")
    assert [phase for phase, _ in story.sections][2:] == ["backward", "update", "backward", "update"]
    assert net_of().explain(X, Y)["dA1"].code == "dA1 = dZ2 @ W2.T"


def test_an_adam_step_is_told_line_by_line():
    story = net_of().explain(X, Y, optimizer=Adam(0.01))
    names = [step.name for step in story.phase("update")][:5]
    assert names == ["m_W1_new", "v_W1_new", "m_hat_W1", "v_hat_W1", "W1_new"]
    assert story["m_W1_new"].code == "m_W1_new = beta1 * m_W1 + (1 - beta1) * dW1"
    assert story.values["t"] == 1


def test_a_frozen_parameter_keeps_its_value_and_says_so():
    story = net_of().explain(X, Y, freeze=["b1"])
    assert story["b1_new"].code == "b1_new = b1"
    assert np.array_equal(story["b1_new"].value, net_of().parameters["b1"])
    assert "frozen: b1" in dict(story.header)["bias"]
    assert story["db1"].value.any()  # the gradient is told all the same


def test_a_story_is_a_list_and_a_dictionary():
    story = net_of().explain(X, Y)
    assert len(story) == 16
    assert next(iter(story)) is story[0]
    assert story[-1].name == "b2_new"
    assert [step.name for step in story[:2]] == ["Z1", "A1"]
    assert "dW1" in story
    assert "dW7" not in story
    assert story["dW1"].shape == (2, 3)
    assert story["dW1"].inputs == ("X", "dZ1")
    assert {step.layer for step in story.layer(2)} == {2}
    assert {step.phase for step in story.phase("update")} == {"update"}
    assert set(story.given) >= {"X", "Y", "w", "W1", "b1", "eta"}
    with pytest.raises(InputError, match=r"unknown quantity: expected one of .*; try 'dW1'"):
        story["dw1"]
    with pytest.raises(InputError, match="unknown phase"):
        story.phase("backwards")


def test_the_header_names_every_convention():
    header = dict(net_of(l2=0.1, dropout=0.5).explain(X, Y, optimizer=SGD(0.5)).header)
    assert header["network"] == "2-3-1, tanh → sigmoid, 13 parameters"
    assert "binary_cross_entropy" in header["loss"]
    assert "log(1 + exp(Z))" in header["loss"]
    assert "averaged over the samples" in header["reduction"]
    assert "1/4" in header["reduction"]
    assert header["penalty"] == "0.1/2·ΣW², on weights and not on biases"
    assert "η = 0.5" in header["update"]
    assert "simultaneous" in header["update"]
    assert "float64" in header["numbers"]
    assert "seed 0" in header["numbers"]
    assert clearprop.__version__ in header["numbers"]
    assert "left out" in header["dropout"]
    averaged = dict(MLP([2, 1], loss="mean_squared_error").explain(X, Y).header)
    assert "averaged over the outputs" in averaged["reduction"]


def test_gradient_descent_is_what_nothing_else_means():
    assert net_of().explain(X, Y).values["eta"] == 0.1
    assert net_of().explain(X, Y, learning_rate=0.5).values["eta"] == 0.5
    assert net_of().explain(X, Y, optimizer="adam", learning_rate=0.5).values["eta"] == 0.5
    assert net_of().explain(X, Y, optimizer=SGD(schedules.Cosine(0.3))).values["eta"] == 0.3


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"optimizer": "lbfgs"}, "no single step"),
        ({"optimizer": "adma"}, "try 'adam'"),
        ({"learning_rate": -1}, "SGD: learning_rate does not fit"),
        ({"update": "later"}, "unknown update"),
        ({"freeze": ["c1"]}, "no parameter is named 'c1'"),
        ({"freeze": "b1"}, r"try \['b1'\]"),
        ({"input_names": ["a"]}, "input_names does not fit: expected 2 names"),
        ({"sample_weight": [1, 2]}, "sample_weight does not fit"),
    ],
)
def test_what_does_not_fit_is_said(options, message):
    with pytest.raises(InputError, match=message):
        net_of().explain(X, Y, **options)


# ---- names of inputs and outputs


def test_inputs_and_outputs_carry_their_names():
    net = MLP([2, 4, 3], "relu", loss="cross_entropy", seed=1)
    story = net.explain(X, [0, 1, 2, 0], input_names=["age", "income"], output_names=["a", "b", "c"])
    assert story.label("X", (0, 1)) == "X[0, income]"
    assert story.label("A2", (3, 2)) == "A2[3, c]"
    assert story.label("W1", (0, 3)) == "W1[age, 3]"
    assert story.label("dW2", (3, 0)) == "dW2[3, a]"
    assert story.label("A1", (3, 2)) == "A1[3, 2]"
    assert story.label("W1_new", (1, 0)) == "W1_new[income, 0]"
    assert story.zoom("dW1", "income", 2).index == (1, 2)
    assert story.zoom("dW1[income, 2]").index == (1, 2)
    one = net.explain(X[:1], [0], input_names=["age", "income"], output_names=["a", "b", "c"])
    assert one.label("X", (0, 0)) == "x[age]"
    assert one.label("A2", (0, 1)) == "A2[b]"
    assert one.label("dW1", (0, 1)) == "dW1[age, 1]"
    with pytest.raises(InputError, match="try 'income'"):
        story.zoom("dW1", "incom", 2)


def test_an_estimators_story_has_its_columns_and_classes():
    pd = pytest.importorskip("pandas")
    table = pd.DataFrame({"age": [20, 30, 40, 50.0] * 5, "city": ["Rome", "Oslo"] * 10})
    y = ["benign", "malignant"] * 10
    estimator = MLPClassifier(hidden_layer_sizes=(3,), max_iter=2, random_state=0).fit(table, y)
    story = estimator.explain(table[:4], y[:4])
    assert story.label("X", (0, 0)) == "X[0, age]"
    assert story.label("A2", (1, 0)) == "A2[1, class=malignant]"
    assert np.array_equal(story.values["X"], estimator.transform_inputs(table[:4]))
    loss, gradients = estimator.network_.loss_and_gradient(story.values["X"], story.values["Y"])
    assert story.loss == loss
    assert np.array_equal(story["dW1"].value, gradients["dW1"])
    np.testing.assert_allclose(story["A2"].value[:, 0], estimator.predict_proba(table[:4])[:, 1], rtol=1e-14)


def test_a_regressors_story_has_its_target():
    regressor = clearprop.MLPRegressor(hidden_layer_sizes=(3,), max_iter=2, random_state=0)
    story = regressor.fit(X, Y).explain(X, Y, learning_rate=0.5)
    assert story.label("A2", (1, 0)) == "A2[1, y]"
    assert story.values["Y"].mean() == pytest.approx(0)  # as the network sees it
    assert "scaled" in dict(story.header)["inputs"]


# ---- one door for all models


def test_anything_that_can_be_explained_is():
    net = net_of()
    assert explain(net, X, Y)["dW1"].code == net.explain(X, Y)["dW1"].code
    assert "dW1" in explain(clearprop.TwoLayerMLP(2, 3, 1), X, [[0], [1], [1], [0]])
    with pytest.raises(InputError, match=r"no model that can be explained: expected .* got dict"):
        explain({}, X, Y)


def test_a_fitted_network_of_scikit_learn_is_explained():
    neural = pytest.importorskip("sklearn.neural_network")
    theirs = neural.MLPClassifier((3,), max_iter=1, random_state=0)
    with pytest.warns(UserWarning, match="converge"):
        theirs.fit(X, Y)
    story = explain(theirs, X, Y)
    np.testing.assert_allclose(story["A2"].value[:, 0], theirs.predict_proba(X)[:, 1], rtol=1e-12)


# ---- the equations


def test_the_baked_equations_are_current():
    assert baked() == read() == equations(), "run python tools/bake_equations.py"
    assert to_json().count("\n") == len(read()) + 2


def test_without_source_the_baked_equations_tell_the_same_story(monkeypatch):
    expected = [step.code for step in net_of().explain(X, Y)]

    def no_source(thing):
        raise OSError("could not get source code")

    monkeypatch.setattr("inspect.getsource", no_source)
    equations.cache_clear()
    try:
        assert [step.code for step in net_of().explain(X, Y)] == expected
    finally:
        equations.cache_clear()


def test_a_stale_bake_would_be_seen(monkeypatch):
    monkeypatch.setattr(losses, "poisson", losses.squared_error)
    changed = {**baked(), "poisson": baked()["squared_error"]}
    assert changed != read()


# ---- gradients


@pytest.mark.parametrize("block", range(10))
def test_gradients_of_random_networks_equal_central_differences(block):
    """500 networks in all; each gradient, relative to its largest entry, to 1e-6."""
    for seed in range(1000 + 50 * block, 1050 + 50 * block):
        net, X, Y, weights = random_case(seed, smooth=True)
        if net.loss_function.name in ("absolute_error", "quantile", "huber") or net.l1:
            net = MLP(**{**net.config, "loss": Loss("squared_error"), "l1": 0.0, "init": "auto"})
            Y = np.random.default_rng(seed).normal(size=(len(X), net.sizes[-1]))
        story = net.explain(X, Y, sample_weight=weights)
        theta, h = net.parameters.vector, 1e-5
        for name, window in net.parameters.items():
            slopes = np.empty(window.size)
            for k in range(window.size):
                place = net.parameters.slices[name].start + k
                kept = theta[place]
                theta[place] = kept + h
                above = net.loss(X, Y, weights)
                theta[place] = kept - h
                slopes[k] = (above - net.loss(X, Y, weights)) / (2 * h)
                theta[place] = kept
            gradient = story[f"d{name}"].value.ravel()
            scale = max(np.abs(gradient).max(), 1e-3)
            np.testing.assert_allclose(slopes / scale, gradient / scale, rtol=0, atol=1e-6)
