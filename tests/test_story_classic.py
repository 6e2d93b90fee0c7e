"""The article's networks tell their step in the article's names, bit for bit."""

from __future__ import annotations

import copy

import numpy as np
import pytest

from clearprop import OneLayerMLP, TwoLayerMLP
from clearprop.errors import InputError
from clearprop.story.evaluating import evaluate

NETWORKS = [lambda seed: OneLayerMLP(3, 2, seed=seed), lambda seed: TwoLayerMLP(3, 4, 2, seed=seed)]


def batch(seed: int, n: int):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, 3)), rng.random((n, 2))


@pytest.mark.parametrize("make", NETWORKS)
@pytest.mark.parametrize("seed", range(5))
def test_every_number_is_the_classs_own(make, seed):
    X, Y = batch(seed, 7)
    net = make(seed)
    before = copy.deepcopy(vars(net))
    story = net.explain(X, Y, learning_rate=0.3)
    assert {name: str(value) for name, value in vars(net).items()} == {k: str(v) for k, v in before.items()}
    net.forward(X)
    loss = net.backward(Y, 0.3)
    assert story.loss == loss == story["L"].value
    for step in story:
        if step.name != "L":
            assert np.array_equal(step.value, getattr(net, step.name.removesuffix("_new"))), step.name
        again = evaluate(step.expression, story.values)
        np.testing.assert_allclose(again, step.value, rtol=1e-12, atol=1e-15)
    net.forward(X)
    assert story.loss_after == net.backward(Y, 0.0)


def test_the_names_and_formulas_are_the_articles():
    X, Y = batch(0, 4)
    story = TwoLayerMLP(3, 4, 2, seed=0).explain(X, Y)
    assert [step.name for step in story] == [
        "Z1", "A1", "Z2", "A2", "L", "dA2", "dZ2", "dW2", "db2", "dA1", "dZ1", "dW1", "db1",
        "W2_new", "b2_new", "W1_new", "b1_new",
    ]  # fmt: skip
    assert story["dZ2"].code == "dZ2 = dA2 * (A2 * (1 - A2))"
    assert story["dW1"].code == "dW1 = X.T @ dZ1 / m"
    one = OneLayerMLP(3, 2, seed=0).explain(X, Y)
    assert [step.name for step in one] == ["Z", "A", "L", "dA", "dZ", "dW", "db", "weights_new", "bias_new"]
    assert one.zoom("dW", 0, 1).value == one["dW"].value[0, 1]
    assert one.paths("weights", 0, 1, limit=99).total == pytest.approx(one["dW"].value[0, 1], rel=1e-12)


def test_the_header_says_what_is_printed_and_what_is_descended_on():
    X, Y = batch(0, 4)
    header = dict(TwoLayerMLP(3, 4, 2).explain(X, Y).header)
    assert "mean((Y − A)²)" in header["loss"]
    assert header["descended on"].endswith("L = J")
    assert "1/m" in header["gradients"]
    one = dict(TwoLayerMLP(3, 4, 1).explain(X, Y[:, :1]).header)
    assert one["descended on"].endswith("L = 2 · J")


def test_what_the_articles_step_does_not_have_is_refused():
    X, Y = batch(0, 4)
    with pytest.raises(InputError, match=r"learning_rate alone; try MLP\(\[3, 4, 2\], \"sigmoid\""):
        TwoLayerMLP(3, 4, 2).explain(X, Y, update="sequential")
    with pytest.raises(ValueError, match="Y has the wrong shape"):
        TwoLayerMLP(3, 4, 2).explain(X, Y[:, :1])
