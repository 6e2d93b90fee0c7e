"""One entry at a time: its formula, its numbers, its operands, its paths."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from clearprop import MLP, TwoLayerMLP
from clearprop.errors import InputError
from random_networks import random_case

X, Y = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [[0.0], [1.0], [1.0], [0.0]]
FUNCTIONS: dict[str, Any] = {
    name: getattr(np, name)
    for name in (
        "exp", "expm1", "log", "logaddexp", "tanh", "abs", "sign", "sqrt", "maximum", "minimum", "clip",
        "where",
    )
} | {"erf": math.erf, "max": max, "sum": sum, "range": range}  # fmt: skip


def calculated(expression: str, values: dict[str, Any]) -> float:
    with np.errstate(all="ignore"):
        return float(eval(expression, {**FUNCTIONS, **values}))


@pytest.mark.parametrize("seed", range(60))
def test_an_entrys_formula_and_its_numbers_give_the_entry(seed):
    net, X, Y, weights = random_case(seed)
    rng = np.random.default_rng(seed)
    story = net.explain(X, Y, sample_weight=weights, optimizer=["sgd", "adam", "nesterov"][seed % 3])
    for step in story:
        index = tuple(int(rng.integers(size)) for size in step.shape)
        derivation = story.zoom(step.name, *index)
        assert derivation.value == float(np.asarray(step.value)[index])
        values = {name: np.asarray(value) for name, value in story.values.items()}
        formula = derivation.code.partition(" = ")[2]
        assert calculated(formula, values) == pytest.approx(derivation.value, rel=1e-9, abs=1e-12)
        rests = {
            "rest" + str(k or ""): total for k, (_, total) in zip((0, 2, 3), derivation.rests, strict=False)
        }
        assert calculated(derivation.filled, rests) == pytest.approx(derivation.value, rel=1e-9, abs=1e-12)
        for operand in derivation.operands:
            assert operand.value == float(np.asarray(story.values[operand.name])[operand.index])
            assert derivation.zoom(str(operand)).value == operand.value
        assert str(derivation)


def test_a_derivation_reads_as_symbol_formula_numbers_value():
    net = MLP([2, 2, 1], "tanh", init={"W1": [[0.5, -1.0], [0.25, 2.0]], "W2": [[1.0], [-0.5]]})
    story = net.explain([[0.5, 2.0], [1.0, 0.0]], [[1.0], [0.0]])
    lines = str(story.zoom("Z1", 0, 1)).splitlines()
    assert lines == [
        "Z1[0, 1] = Σ_{i=0…1} X[0, i] · W1[i, 1] + b1[1]",
        "         = 0.5 · (−1) + 2 · 2 + 0",
        "         = 3.5",
        "Each output is a weighted sum of the inputs, plus a bias.",
    ]


def test_operands_can_be_followed_down_to_what_is_given():
    story = MLP([2, 3, 2, 1], "sigmoid", seed=0).explain(X, Y)
    here, way = story.zoom("W1_new", 0, 2), []
    while here.operands:
        computed = [operand for operand in here.operands if operand.name in story]
        if not computed:
            break
        way.append(computed[0].name)
        here = here.zoom(str(computed[0]))
    assert way[:2] == ["dW1", "dZ1"]
    assert way[-1] == "Z1"
    given = here.zoom(0)
    assert "given" in str(given)
    assert given.operands == ()
    with pytest.raises(InputError, match="no such operand"):
        here.zoom("dW9[0]")


def test_a_long_sum_shows_its_largest_terms_and_the_rest():
    rng = np.random.default_rng(0)
    inputs = rng.normal(size=(32, 3))
    story = MLP([3, 4, 1], "tanh", seed=0).explain(inputs, inputs[:, :1])
    derivation = story.zoom("dW1", 0, 2)
    terms = inputs[:, 0] * story["dZ1"].value[:, 2]
    shown = sorted({operand.index[0] for operand in derivation.operands if operand.name == "X"})
    assert shown == sorted(np.argsort(-np.abs(terms))[:5].tolist())
    count, rest = derivation.rest
    assert count == 27
    assert rest == pytest.approx(np.delete(terms, shown).sum(), rel=1e-12)
    assert "rest: 27 more terms" in str(derivation)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (("dW7", 0), "unknown quantity"),
        (("dW1", 0), r"dW1 has shape \(2, 3\): expected 2 indexes, got 0; try \"dW1\[0, 0\]\""),
        (("dW1", 0, 3), "dW1 has no such place: expected 0 to 2 as its second index, got 3"),
        (("dW1", "age", 0), "dW1 has no such place"),
        (("L", 0), r"L has shape \(\): expected no index, got 0"),
    ],
)
def test_a_place_that_is_not_there_is_said(call, message):
    story = MLP([2, 3, 1], "tanh", seed=0).explain(X, Y)
    with pytest.raises(InputError, match=message):
        story.zoom(*call)
    assert story.zoom("dW1", -1, -1).index == (1, 2)


# ---- paths


@pytest.mark.parametrize("seed", range(60))
def test_the_paths_sum_to_the_gradient(seed):
    net, X, Y, weights = random_case(seed)
    update = "sequential" if seed % 3 == 0 else "simultaneous"
    story = net.explain(X, Y, sample_weight=weights, update=update)
    rng = np.random.default_rng(seed)
    for name, shape in net.parameters.shapes.items():
        index = tuple(int(rng.integers(size)) for size in shape)
        paths = story.paths(name, *index, limit=100_000)
        layer = int(name[1:])
        assert len(paths.paths) == paths.count == len(X) * math.prod(net.sizes[layer + 1 :])
        total = math.fsum(path.value for path in paths) + paths.others
        gradient = float(story[f"d{name}"].value[index])
        assert total == pytest.approx(gradient, rel=1e-9, abs=1e-12)
        assert paths.gradient == gradient
        for path in paths:
            assert abs(path.smallest.value) == min(abs(factor.value) for factor in path.factors)


def test_the_largest_paths_are_named_and_the_rest_is_their_difference():
    rng = np.random.default_rng(1)
    inputs = rng.normal(size=(6, 3))
    story = MLP([3, 4, 5, 2], "tanh", seed=0).explain(inputs, inputs[:, :2])
    every = story.paths("W1", 1, 2, limit=100_000)
    some = story.paths("dW1", 1, 2, limit=7)
    sizes = sorted((abs(path.value) for path in every), reverse=True)
    assert len(every.paths) == 6 * 5 * 2
    np.testing.assert_allclose([abs(path.value) for path in some], sizes[:7], rtol=1e-12)
    assert (some.count, len(some)) == (60, 7)
    assert "53 smaller paths" in str(some)
    assert some.total == pytest.approx(some.gradient, rel=1e-12)


def test_a_path_is_a_product_of_named_factors():
    net = MLP([1, 1, 1], "sigmoid", init={"W1": [[2.0]], "W2": [[3.0]]})
    (path,) = found = net.explain([[0.5]], [[0.0]]).paths("W1", 0, 0)
    a = 1 / (1 + math.exp(-1.0))
    assert [factor.name for factor in path.factors] == [
        "dA2[0, 0]",
        "W2[0, 0]",
        "sigmoid′(Z1[0, 0])",
        "X[0, 0]",
    ]
    np.testing.assert_allclose(
        [factor.value for factor in path.factors], [3 * a, 3.0, a * (1 - a), 0.5], rtol=1e-12
    )
    assert path.smallest.name == "sigmoid′(Z1[0, 0])"
    assert "← the smallest" in str(found)


def test_the_articles_paths_carry_the_mean():
    story = TwoLayerMLP(2, 3, 1, seed=0).explain(X, Y)
    for name, index in (("W1", (0, 2)), ("b1", (0, 1)), ("W2", (1, 0))):
        paths = story.paths(name, *index, limit=1000)
        assert paths.total == pytest.approx(float(story[f"d{name}"].value[index]), rel=1e-12)
        assert paths.paths[0].factors[-1].name == "1/m"


def test_only_parameters_have_paths():
    story = MLP([2, 3, 1], "tanh", seed=0).explain(X, Y)
    with pytest.raises(InputError, match="unknown weight: expected one of W1, b1"):
        story.paths("Z1", 0, 0)
