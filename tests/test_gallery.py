"""The gallery of worked examples: all reproduce, and the data format does what its documentation says."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from clearprop import MLP, SGD, Momentum
from clearprop.errors import InputError
from clearprop.loss import LOSSES
from clearprop.rules import HIDDEN_ACTIVATIONS
from clearprop.verify import gallery
from clearprop.verify.gallery import Report, example_names, load_example, reproduce
from clearprop.verify.gallery.printed import as_printed, half_unit, is_within
from clearprop.verify.gallery.quantity import read_quantity

DOCS = Path(__file__).parent.parent / "docs"

NEURON = """
title = "A neuron"
source = "A test"
[network]
sizes = [1, 1]
output = "sigmoid"
loss = "squared_error"
weights = "in x out"
W1 = [0.6]
b1 = [0.9]
[data]
X = [[1]]
Y = [[0]]
[training]
learning_rate = 0.15
[[expect]]
values = [{ name = "A1", published = 0.818 }]
"""

Write = Callable[[str], Report]


@pytest.fixture
def run(tmp_path: Path) -> Write:
    """Reproduce the example that a text describes."""

    def write_and_run(text: str) -> Report:
        path = tmp_path / "mine.toml"
        path.write_text(text, encoding="utf-8")
        return reproduce(load_example(str(path)))

    return write_and_run


@pytest.fixture(scope="module")
def reports() -> dict[str, Report]:
    return {name: reproduce(load_example(name)) for name in example_names()}


# ---- the examples in the package


def test_every_published_example_reproduces(reports: dict[str, Report]) -> None:
    assert {name: report.differing for name, report in reports.items() if report.differing} == {}
    assert {"mazur", "sklearn_test_fit", "cs231n_two_layer", "hmkcode", "negnevitsky_xor"} <= set(reports)
    assert {"nielsen_neuron", "cs231n_neuron"} <= set(reports)
    assert sum(len(report.comparisons) for report in reports.values()) > 140


def test_every_erratum_has_a_reason_and_a_note_tells_of_it(reports: dict[str, Report]) -> None:
    assert {name: report.errata for name, report in reports.items() if report.errata} == {
        "han_kamber": 1,
        "mazur": 1,
        "negnevitsky_xor": 1,
        "sklearn_test_fit": 3,
    }
    for report in reports.values():
        assert report.example.notes or not report.errata
        for comparison in report.comparisons:
            if comparison.erratum:
                assert comparison.exact is not None
                assert not is_within(comparison.value, comparison.published, comparison.tolerance)


def test_only_the_update_order_turns_one_of_mazurs_errors_into_the_other(reports: dict[str, Report]) -> None:
    after_one_step = {
        (c.moment.run, str(c.exact)): c.value
        for c in reports["mazur"].comparisons
        if c.name == "L" and c.moment.steps == 1
    }
    assert set(after_one_step) == {
        ("", "0.291027773694"),
        ("sequential", "0.291027923905"),
        ("biases", "0.280471446791"),
    }
    runs = load_example("mazur").runs
    simultaneous, sequential = runs[""], runs["sequential"]
    assert replace(simultaneous.training, update="sequential") == sequential.training
    assert (
        simultaneous.network().parameters.vector.tolist() == sequential.network().parameters.vector.tolist()
    )


def test_mazurs_ten_thousand_steps(reports: dict[str, Report]) -> None:
    (loss,) = (
        c.value
        for c in reports["mazur"].comparisons
        if c.moment.steps == 10_000 and c.name == "L" and c.published
    )
    assert f"{loss:.4e}" == "3.5085e-05"


@pytest.mark.parametrize("name", example_names())
def test_no_published_digit_can_be_altered_unseen(name: str, run: Write) -> None:
    path = Path(gallery.__file__).parent / f"examples/{name}.toml"
    text = path.read_text(encoding="utf-8").split("[[expect]]\nafter = ")[0]  # to be quick
    numbers = list(re.finditer(r'published = (?:"|\[+"?)?(-?\d+\.\d+)', text))
    assert len(numbers) >= 1
    for match in numbers:
        value = Decimal(match[1])
        wrong = value + 10 * Decimal(1).scaleb(value.as_tuple().exponent)
        if "tolerance" in text:  # of scikit-learn's own test
            wrong = value + 1
        report = run(text[: match.start(1)] + str(wrong) + text[match.end(1) :])
        line = text[: match.start()].rpartition("\n")[2]
        if "erratum" not in line + text[match.end() :].partition("\n")[0]:
            assert report.status == "differs"
            assert [c.published for c in report.differing] == [wrong]


# ---- numbers and names


def test_printed_numbers_keep_their_zeros() -> None:
    texts = as_printed(["0.750", Decimal("0.75"), 2, "3.5085e-05"], "here")
    assert [half_unit(number) for number in texts] == [0.0005, 0.005, 0.5, 5e-10]


@pytest.mark.parametrize(
    ("value", "printed", "within"),
    [
        (0.7549, "0.75", True),
        (0.7551, "0.75", False),
        (0.755, "0.75", True),
        (0.125, "0.12", True),
        (1.0, "0", False),
    ],
)
def test_a_number_is_right_within_half_a_unit_of_its_last_digit(
    value: float, printed: str, within: bool
) -> None:
    number = Decimal(printed)
    assert is_within(value, number, half_unit(number)) is within


def test_names_of_quantities() -> None:
    values = {
        "A2": np.array([[3.0, 4.0]]),
        "dW1": np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]),
        "b1": np.array([2.0]),
    }

    def of(text: str, transposed: bool = False) -> Any:
        return read_quantity(text).of(values, transposed=transposed).tolist()

    assert of("A2[0, 1]") == of("A2[1]") == 4
    assert of("dW1[0,2]") == of("dW1[2,0]", transposed=True) == 3
    assert of("-A2") == of("−A2") == [[-3, -4]]
    assert of("0.5 * A2[1] / dW1[0,1]") == 1
    assert of("theta1[0]") == -2
    assert read_quantity("2 * A2").entry((0, 1)) == "(2 * A2)[0, 1]"


@pytest.mark.parametrize("text", ["", "A2[", "A2[-1]", "A2 + A1", "A2 *", "A2[0]]", "* A2", "A2 ** 2", "-"])
def test_what_is_no_name_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="the name of a quantity does not fit"):
        read_quantity(text)


# ---- the data format


def written(arrays: dict[str, Any]) -> str:
    return "\n".join(f"{name} = {np.asarray(array).tolist()}" for name, array in arrays.items())


def lines(values: dict[str, Any], digits: int = 11) -> str:
    def texts(value: Any) -> Any:
        return [texts(v) for v in value] if isinstance(value, list) else f"{value:.{digits}e}"

    rows = (
        f'  {{ name = "{name}", published = {texts(np.asarray(v).tolist())} }},' for name, v in values.items()
    )
    return "values = [\n" + "\n".join(rows).replace("'", '"') + "\n]\n"


def file(
    network: str, data: dict[str, Any], training: str, expect: str, loss: str = '"squared_error"'
) -> str:
    return (
        f'title = "Mine"\nsource = "A test"\n[network]\nloss = {loss}\n{network}\n'
        f"[data]\n{written(data)}\n[training]\nlearning_rate = 0.3\n{training}\n[[expect]]\n{expect}"
    )


def sigmoid(Z: Any) -> Any:
    return 1 / (1 + np.exp(-Z))


def by_hand(
    W1: Any, b1: Any, W2: Any, b2: Any, X: Any, Y: Any, l2: float = 0, sequential: bool = False
) -> Any:
    """One step of a 2-layer sigmoid network at rate 0.3, written apart from the rules."""
    A1 = sigmoid(X @ W1 + b1)
    A2 = sigmoid(A1 @ W2 + b2)
    d2 = (A2 - Y) * A2 * (1 - A2) / len(X)
    V2 = W2 - 0.3 * (A1.T @ d2 + l2 * W2)
    d1 = d2 @ (V2 if sequential else W2).T * A1 * (1 - A1)
    V1 = W1 - 0.3 * (X.T @ d1 + l2 * W1)
    return A1, A2, d1, d2, V1, b1 - 0.3 * d1.sum(axis=0), V2, b2 - 0.3 * d2.sum(axis=0)


@pytest.fixture
def net() -> dict[str, Any]:
    rng = np.random.default_rng(3)
    shapes = {"W1": (3, 2), "b1": (2,), "W2": (2, 2), "b2": (2,)}
    return {name: rng.normal(size=shape).round(3) for name, shape in shapes.items()}


@pytest.fixture
def data() -> dict[str, Any]:
    rng = np.random.default_rng(4)
    return {"X": rng.normal(size=(4, 3)).round(2), "Y": rng.random((4, 2)).round(2)}


HEAD = 'sizes = [3, 2, 2]\nactivation = "sigmoid"\noutput = "sigmoid"\n'


@pytest.mark.parametrize("layout", ["in x out", "out x in"])
@pytest.mark.parametrize("update", ["simultaneous", "sequential"])
def test_either_way_round_and_either_order(run: Write, net: Any, data: Any, layout: str, update: str) -> None:
    A1, A2, d1, d2, W1, b1, W2, b2 = by_hand(**net, **data, sequential=update == "sequential")
    turn = (lambda W: W.T) if layout == "out x in" else (lambda W: W)
    arrays = {name: turn(array) if name[0] == "W" else array for name, array in net.items()}
    expected = {
        "A1": A1,
        "A2": A2,
        "-dZ2": -d2,
        "W1_new": turn(W1),
        "b1_new": b1,
        "W2_new": turn(W2),
        "b2_new": b2,
    }
    expected |= {"W1_new[0,1]": turn(W1)[0, 1], "dZ1": d1}
    text = file(
        f'{HEAD}weights = "{layout}"\n{written(arrays)}', data, f'update = "{update}"', lines(expected)
    )
    report = run(text)
    assert report.status == "reproduced"
    assert len(report.comparisons) == 8 + 8 + 8 + 6 + 2 + 4 + 2 + 1 + 8
    other = "in x out" if layout == "out x in" else "out x in"
    with pytest.raises(InputError, match=r"W1 does not fit"):
        run(text.replace(layout, other))


def test_thresholds_frozen_and_missing_biases(run: Write, net: Any, data: Any) -> None:
    *_, b1, _, b2 = by_hand(**net, **data)
    thresholds = {"W1": net["W1"], "theta1": -net["b1"], "W2": net["W2"], "b2": net["b2"]}
    network = f'{HEAD}weights = "in x out"\n'
    text = file(network + written(thresholds), data, "", lines({"theta1_new": -b1, "b2_new": b2}))
    assert run(text).status == "reproduced"
    frozen = file(
        network + written(thresholds), data, 'freeze = ["theta1"]', lines({"theta1_new": -net["b1"]})
    )
    assert run(frozen).status == "reproduced"
    *_, W1, _, W2, _ = by_hand(**{**net, "b1": 0, "b2": 0}, **data)
    bare = {"W1": net["W1"], "W2": net["W2"]}
    nothing = file(network + written(bare), data, "", lines({"W1_new": W1, "W2_new": W2}))
    report = run(nothing.replace("[[expect]]", '[[expect]]\nafter = "0 epochs"'))
    assert report.status == "reproduced"
    again = by_hand(W1, 0, W2, 0, **data)[1]
    assert run(
        nothing.split("[[expect]]")[0] + '[[expect]]\nafter = "1 step"\n' + lines({"A2": again})
    ).status == ("reproduced")


@pytest.mark.parametrize(
    ("penalty", "batch", "l2"),
    [
        ("lambda/2m", 4, 0.1),
        ("lambda/2m", 2, 0.1),
        ("lambda", 4, 0.8),
        ("lambda", 2, 0.8),
        ("lambda/2", 4, 0.4),
        ("alpha/2n", 4, 0.1),
        ("alpha/2n", 2, 0.2),
        ("alpha/2n", 1, 0.4),
    ],
)
def test_every_scaling_of_the_penalty(
    run: Write, net: Any, data: Any, penalty: str, batch: int, l2: float
) -> None:
    first = {name: array[:batch] for name, array in data.items()}
    _, A2, *_, W1, _, W2, _ = by_hand(**net, **first, l2=l2)
    total = np.sum((A2 - first["Y"]) ** 2) / 2 / batch + l2 / 2 * (
        np.sum(net["W1"] ** 2) + np.sum(net["W2"] ** 2)
    )
    training = f'penalty = {{ "{penalty}" = 0.4 }}\nbatch_size = {batch}'
    text = file(
        f'{HEAD}weights = "in x out"\n{written(net)}',
        data,
        training,
        lines({"L": total, "W1_new": W1, "W2_new": W2}),
    )
    assert run(text).status == "reproduced"
    assert run(text.replace("= 0.4", "= 0.5")).status == "differs"


@pytest.mark.parametrize("update", ["simultaneous", "sequential"])
def test_samples_one_by_one_over_epochs(run: Write, net: Any, data: Any, update: str) -> None:
    now = [net[name] for name in ("W1", "b1", "W2", "b2")]
    for k in range(10):  # two epochs and a half
        _, _, _, _, *now = by_hand(
            *now, data["X"][[k % 4]], data["Y"][[k % 4]], sequential=update == "sequential"
        )
    everything, third = by_hand(*now, **data), by_hand(*now, data["X"][[2]], data["Y"][[2]])
    loss = np.sum((everything[1] - data["Y"]) ** 2)
    text = file(
        f'{HEAD}weights = "in x out"\n{written(net)}',
        data,
        f'batch_size = 1\nupdate = "{update}"',
        'after = "10 steps"\n' + lines({"W1": now[0], "b2": now[3], "A2": third[1][0], "X": data["X"][2]}),
    )
    text += '[[expect]]\nafter = "10 steps"\nsamples = "all"\n' + lines({"8 * L": loss, "A2": everything[1]})
    text += '[[expect]]\nafter = "10 steps"\nsamples = [3, 0]\n' + lines({"A2": everything[1][[3, 0]]})
    assert run(text).status == "reproduced"
    epochs = text.split("[[expect]]")[0] + '[[expect]]\nafter = "2 epochs"\n' + lines({"X": data["X"][0]})
    assert run(epochs).comparisons[0].moment.steps == 8


@pytest.mark.parametrize("loss", sorted(LOSSES))
@pytest.mark.parametrize("depth", [1, 3])
def test_any_loss_at_any_depth_steps_as_fit_does(run: Write, loss: str, depth: int) -> None:
    sizes = [3, *[4] * (depth - 1), 2]
    activations = ["tanh", "relu"][: depth - 1]
    net = MLP(sizes, activations, loss=loss, seed=5)
    rng = np.random.default_rng(6)
    X = rng.normal(size=(6, 3)).round(2)
    Y = np.arange(6) % 2 if loss == "cross_entropy" else rng.integers(0, 2, (6, 2))
    before = {name: array.tolist() for name, array in net.parameters.items()}
    value = net.loss(X, Y)
    net.fit(X, Y, optimizer=SGD(0.3), epochs=3, batch_size=4, shuffle=False, progress=False)
    network = f'sizes = {sizes}\nactivation = {activations}\nweights = "in x out"\n{written(before)}'.replace(
        "'", '"'
    )
    expect = f'after = "3 epochs"\n{lines(dict(net.parameters))}'
    text = file(network, {"X": X, "Y": Y}, "batch_size = 4", expect, f'"{loss}"')
    text += '[[expect]]\nsamples = "all"\n' + lines({"L": value})
    assert run(text).status == "reproduced"


@pytest.mark.parametrize("activation", HIDDEN_ACTIVATIONS)
def test_any_activation_loss_option_and_optimizer(run: Write, activation: str) -> None:
    net = MLP([2, 3, 1], activation, seed=7)
    X, Y = [[0.5, -1.0], [1.5, 2.0]], [[1.0], [-3.0]]
    before = {name: array.tolist() for name, array in net.parameters.items()}
    net.loss_function = type(net.loss_function)("huber", delta=0.5)
    net.fit(X, Y, optimizer=Momentum(0.3, 0.8), epochs=5, batch_size=None, progress=False, shuffle=False)
    text = file(
        f'sizes = [2, 3, 1]\nactivation = "{activation}"\nweights = "in x out"\n{written(before)}',
        {"X": X, "Y": Y},
        'optimizer = { name = "momentum", mu = 0.8 }',
        'after = "4 steps"\n' + lines({f"{name}_new": array for name, array in net.parameters.items()}),
        '{ name = "huber", delta = 0.5 }',
    )
    assert run(text).status == "reproduced"


def test_drawn_weights_are_those_of_the_legacy_generator(run: Write) -> None:
    rng = np.random.RandomState(2)
    W1, X = 0.01 * rng.randn(4, 2), np.random.RandomState(3).randn(3, 2)
    text = NEURON.replace("[1, 1]", "[2, 4]").replace("in x out", "out x in").split("[[expect]]")[0]
    text = re.sub(r"W1 = .*\nb1 = .*\n", "", text).replace(
        "X = [[1]]\nY = [[0]]", "Y = " + str([[0] * 4] * 3)
    )
    text += "[[random]]\nseed = 2\ndraw = ['W1']\ntimes = 0.01\n[[random]]\nseed = 3\ndraw = ['X']\n"
    assert run(text + "[[expect]]\n" + lines({"W1": W1, "X": X})).status == "reproduced"


def test_labels_tolerances_and_errata(run: Write) -> None:
    base = NEURON.split("[[expect]]")[0] + "[[expect]]\n"
    wide = run(base + 'tolerance = 0.02\nvalues = [{ name = "A1", label = "a", published = 0.83 }]')
    assert (wide.status, wide.comparisons[0].label, wide.worst.allowed) == ("reproduced", "a", 0.02)
    right = 'exact = 0.817574476, erratum = "is a slip"'
    assert (
        run(base + f'values = [{{ name = "A1", published = 0.83, {right} }}]').status
        == "reproduced, 1 erratum"
    )
    none = run(base + f'values = [{{ name = "A1", published = 0.82, {right} }}]')
    assert none.status == "differs"  # what is right is no erratum
    false = run(base + 'values = [{ name = "A1", published = 0.83, exact = 0.81, erratum = "is a slip" }]')
    assert false.status == "differs"
    assert run(base + 'values = [{ name = "A1", published = 0.82, exact = 0.8175 }]').status == "differs"


def test_another_run_differs_only_in_what_it_says(run: Write) -> None:
    text = NEURON + '[runs.slow.network]\nW1 = [2.0]\nb1 = [2.0]\n[[expect]]\nrun = "slow"\n'
    report = run(text + 'values = [{ name = "A1", published = 0.982 }]')
    assert report.status == "reproduced"
    assert [str(c.moment) for c in report.comparisons] == ["the first step", "slow, the first step"]


# ---- files that do not fit


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("output =", "outptu =", r"unknown key in mine.toml, \[network\].*got 'outptu'; try 'output'"),
        ("source", "sauce", "unknown key in mine.toml: .*try 'source'"),
        ('title = "A neuron"', "", "mine.toml lacks the key 'title'"),
        ("[1, 1]", "[1]", r"mine.toml, \[network\]: sizes does not fit"),
        ("[1, 1]", '"1-1"', r"mine.toml, \[network\]: sizes does not fit"),
        (
            "[1, 1]",
            "[1, 2, 1]",
            r"mine.toml, \[network\]: W1 does not fit: expected shape \(1, 2\) \(in x out\)",
        ),
        ("W1 = [0.6]", "", r"mine.toml, \[network\] lacks the key 'W1'"),
        (
            "W1 = [0.6]",
            "W1 = [0.6, 0.7]",
            r"\[network\]: W1 does not fit: expected shape \(1, 1\) .*got shape \(2,\)",
        ),
        (
            "W1 = [0.6]",
            "W1 = [[0.6], [0.7, 0.8]]",
            r"\[network\]: W1 does not fit: expected rows of equal length",
        ),
        ("W1 = [0.6]", "W1 = [nan]", r"\[network\]: W1 does not fit: expected finite numbers"),
        ("W1 = [0.6]", 'W1 = ["0.6"]', r"\[network\]: W1 does not fit: expected finite numbers"),
        ("W1 = [0.6]", "W1 = [0.6", r"mine.toml is no TOML file, got .*line \d+"),
        ("b1 = [0.9]", "b1 = [0.9]\ntheta1 = [0.9]", r"b1 and theta1 are given"),
        ('weights = "in x out"', "", "lacks the key 'weights'"),
        ("in x out", "out*in", "unknown value of mine.toml, .*weights: expected one of in x out, out x in"),
        ('"sigmoid"', '"sigmoidal"', r"mine.toml, \[network\]: unknown output.*try 'sigmoid'"),
        ('"sigmoid"', "3", r"mine.toml, \[network\]: output does not fit: expected a text"),
        ('"squared_error"', '"square_error"', r"mine.toml, \[network\]: unknown loss.*try 'squared_error'"),
        ('"squared_error"', '{ name = "huber", q = 1.0 }', r"\[network\]: loss: huber has no such option"),
        ("X = [[1]]", "X = [1]", r"mine.toml, \[data\]: X does not fit: expected a list of rows"),
        ("X = [[1]]", "X = [[1, 2]]", r"mine.toml, \[data\]: layer 1 expects X with 1 column"),
        ("Y = [[0]]", "Y = [[0], [1]]", r"mine.toml, \[data\]: Y does not fit"),
        ("Y = [[0]]", "", r"mine.toml, \[data\] lacks the key 'Y'"),
        ("0.15", "-1", r"mine.toml, \[training\]: optimizer: SGD: learning_rate does not fit"),
        ("0.15", "0.15\nfreeze = ['c1']", r"\[training\]: freeze does not fit: expected of W1, b1, theta1"),
        ("0.15", "0.15\nbatch_size = 0", r"\[training\]: batch_size does not fit"),
        ("0.15", "0.15\nupdate = 'both'", r"unknown value of mine.toml, \[training\]: update"),
        ("0.15", "0.15\noptimizer = 'lbfgs'", r"unknown value of mine.toml, \[training\]: optimizer: name"),
        ("0.15", "0.15\noptimizer = {name = 'adam', mu = 1}", r"unknown key in .*optimizer.*beta1"),
        ("0.15", "0.15\npenalty = {lamda = 1.0}", r"unknown key in .*penalty.*try 'lambda'"),
        ("0.15", "0.15\npenalty = {lambda = 1, 'lambda/2' = 1}", r"penalty is given twice"),
        ('"A1"', '"B1"', r"B1 in mine.toml, \[\[expect\]\] number 1: unknown quantity"),
        ('"A1"', '"A1[0,1]"', r"A1\[0, 1\] is not there: A1 has shape \(1, 1\)"),
        ('"A1"', '"A1[0"', r"the name of a quantity does not fit"),
        ("0.818", "[0.818, 0.1]", r"the numbers do not fit: expected shape \(1, 1\), got shape \(2,\)"),
        ("0.818", '"about 1"', r"published does not fit: expected numbers as printed"),
        ("0.818", "[[0.1], 0.2]", r"published does not fit"),
        (", published = 0.818", "", r"lacks its numbers, expected published"),
        ("0.818", '0.818, erratum = "no"', r"is called an erratum, expected published and exact"),
        (
            "0.818",
            '0.818, label = ["a", "b"]',
            r"the labels do not fit: expected one",
        ),
        ("published", "publisht", r"unknown key in A1 in mine.toml.*try 'published'"),
        ("values = ", "after = 'soon'\nvalues = ", r"after does not fit: expected \"1 step\""),
        (
            "values = ",
            "after = '99999999999 steps'\nvalues = ",
            r"at most 1,000,000 steps, got '99999999999 ",
        ),
        ("values = ", "after = '1000001 epochs'\nvalues = ", r"at most 1,000,000 steps"),
        ('"A1"', '"Z1 / 0"', r"Z1 / 0 in mine.toml.*'Z1 / 0' divides by zero"),
        ('"A1"', '"8e999 * A1"', r"'8e999 \* A1' is not finite"),
        ("output =", 'activation = "tahn"\noutput =', r"unknown value of .*activation: .*try 'tanh'"),
        ("values = ", "samples = [1]\nvalues = ", r"samples does not fit: expected \"all\""),
        (
            "values = ",
            "run = 'fast'\nvalues = ",
            r"mine.toml.*run does not fit: expected a table \[runs.fast",
        ),
        ("X = [[1]]\nY = [[0]]", "X = [[1]]\nY = 0", r"Y does not fit: expected a row for each sample"),
        ("0.818", "'1e-400'", r"published does not fit"),
        ("0.818", "'8_18'", r"published does not fit"),
        ("values = ", "value = ", r"unknown key in mine.toml, \[\[expect\]\] number 1.*try 'values'"),
        ("learning_rate = 0.15", "", None),
    ],
)
def test_what_does_not_fit_is_said_with_its_place(
    run: Write, old: str, new: str, message: str | None
) -> None:
    text = NEURON.replace(old, new, 1)
    assert text != NEURON
    if message is None:
        assert run(text).status == "reproduced"  # nothing is expected of an update
        with pytest.raises(
            InputError, match=r"W1_new in .* needs a step of training, expected learning_rate"
        ):
            run(text.replace('"A1"', '"W1_new"'))
    else:
        with pytest.raises(InputError, match=message):
            run(text)


def test_a_penalty_by_the_samples_of_a_step_needs_steps_of_one_size(run: Write) -> None:
    text = NEURON.replace("[[1]]", "[[1], [2], [3]]").replace("[[0]]", "[[0], [1], [0]]")
    with pytest.raises(InputError, match="a batch_size that divides 3"):
        run(text.replace("0.15", "0.15\nbatch_size = 2\npenalty = {'alpha/2n' = 0.1}"))


def test_a_name_that_is_nearly_right_is_offered() -> None:
    with pytest.raises(InputError, match=r"unknown example.*try 'mazur'"):
        load_example("mazurr")
    with pytest.raises(InputError, match=r"there is no file 'absent.toml'"):
        load_example("absent.toml")


def test_what_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "latin.toml").write_bytes('title = "é"'.encode("latin-1"))
    with pytest.raises(InputError, match=r"latin.toml is no TOML file, expected UTF-8 text"):
        load_example(str(tmp_path / "latin.toml"))


def test_a_deeply_nested_file_is_refused(run: Write) -> None:
    with pytest.raises(InputError, match=r"mine.toml is nested too deeply"):
        run("a = " + "[" * 5000)


def test_new_weights_of_the_step_before_are_found_under_their_plain_name(run: Write) -> None:
    right = NEURON.partition("[[expect]]")[0] + '[[expect]]\nafter = "1 step"\nvalues = [%s]'
    wrong = run(right % '{ name = "W1_new", published = 0.582 }')
    assert wrong.differing[0].hint == "W1[0, 0] fits; W1_new[0, 0] is that of one step more"
    assert run(right % '{ name = "W1", published = 0.582 }').status == "reproduced"
    assert not run(right % '{ name = "W1_new", published = 0.5 }').differing[0].hint


# ---- the documentation


def page() -> str:
    return (DOCS / "gallery.md").read_text(encoding="utf-8")


def test_the_table_in_the_documentation_is_the_computed_one() -> None:
    spec = importlib.util.spec_from_file_location("gallery_table", DOCS / "gallery_table.py")
    assert spec is not None
    assert spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    assert script.with_table(page()) == page()


def test_the_example_in_the_documentation_reproduces(run: Write) -> None:
    complete, *parts = re.findall(r"```toml\n(.*?)```", page(), flags=re.DOTALL)
    assert run(complete).status == "reproduced"
    assert len(parts) == 2
    assert run(f"{complete}\n{parts[0]}").example.runs.keys() == {"", "sequential"}


@pytest.mark.parametrize(
    "word", [*HIDDEN_ACTIVATIONS, *LOSSES, "lambda/2m", "alpha/2n", "theta1", "samples", "erratum"]
)
def test_the_documentation_names_every_choice(word: str) -> None:
    assert word in page()


@pytest.mark.parametrize("name", ["Z1", "Z1[0]", "Z1[0,0]", "W1[0] * X[0] + 0"])
def test_one_entry_where_all_dimensions_are_1(run: Write, name: str) -> None:
    text = NEURON.replace('"A1", published = 0.818', f'"{name}", published = 1.5')
    if "+" in name:
        with pytest.raises(InputError, match="name of a quantity does not fit"):
            run(text)
    else:
        assert run(text).status == "reproduced"


def test_a_true_minus_sign_is_read(run: Write) -> None:
    assert (
        run(NEURON.replace('"A1", published = 0.818', '"-A1", published = "−0.818"')).status == "reproduced"
    )


def test_the_error_is_that_of_the_number_that_is_wrong(run: Write) -> None:
    report = run(NEURON.replace("0.818 }", "0.818, exact = 0.8171 }"))
    assert report.status == "differs"
    assert report.worst.error > report.worst.allowed
    called = run(NEURON.replace("0.818 }", '0.818, exact = 0.8176, erratum = "is not" }'))
    assert [comparison.is_no_erratum for comparison in called.differing] == [True]


def test_what_is_given_is_not_drawn_as_well(run: Write) -> None:
    with pytest.raises(InputError, match=r"W1 is given and drawn"):
        run(NEURON + '[[random]]\nseed = 0\ndraw = ["W1"]\n')
