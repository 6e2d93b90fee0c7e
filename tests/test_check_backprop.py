"""Check my backprop: planted mistakes are named, and right code raises no alarm in any usual convention."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

from backprop_corpus import (
    MISTAKES,
    Array,
    Case,
    Result,
    backprop,
    gradients_only,
    planted,
    random_case,
    step_before,
)
from clearprop.errors import InputError
from clearprop.network import Network
from clearprop.verify.backprop.check import check_backprop
from clearprop.verify.backprop.mistakes import MISTAKES as KNOWN
from clearprop.verify.backprop.report import BackpropReport
from clearprop.verify.backprop.tracing import Problem, Trace

NETWORKS = 20  # of each mistake
RIGHTLY = 0.95


def network(case: Case, dtype: str = "float64") -> Network:
    init = {f"W{k}": W for k, W in enumerate(case.W, 1)} | {f"b{k}": b for k, b in enumerate(case.b, 1)}
    return Network(
        case.sizes,
        list(case.hidden),
        case.output,
        case.loss,
        l1=case.l1,
        l2=case.l2,
        init=init,
        dtype=dtype,
    )


def check(case: Case, mine: Any, **options: Any) -> BackpropReport:
    return check_backprop(mine, network(case), case.X, case.Y, **options)


def right_cases(count: int = 24) -> list[tuple[Case, Result]]:
    cases = [random_case(np.random.default_rng([1000, k])) for k in range(count)]
    return [(case, backprop(case)) for case in cases]


# ---- the corpus


def named_in(mistake: str) -> list[bool]:
    """For each network with the mistake, whether it is named; half of them show their gradients only."""
    named = []
    for k in range(NETWORKS):
        rng = np.random.default_rng([MISTAKES.index(mistake), k])
        case, result, options = planted(rng, mistake)
        mine = gradients_only(case, result) if rng.random() < 0.5 else result
        report = check(case, mine, **options)
        assert not report.ok
        named.append(report.mistake == mistake)
    return named


@pytest.mark.parametrize("mistake", MISTAKES)
def test_planted_mistakes_are_named(mistake: str) -> None:
    assert mistake in KNOWN
    assert np.mean(named_in(mistake)) >= RIGHTLY


def test_the_corpus_is_large_enough() -> None:
    assert len(MISTAKES) >= 14
    assert NETWORKS >= 20


def test_the_corpus_is_right_where_nothing_is_planted() -> None:
    for case, result in right_cases():
        _, ours = network(case).loss_and_gradient(case.X, case.Y)
        for name, gradient in ours.items():
            np.testing.assert_allclose(result[name], gradient, rtol=1e-9, atol=1e-12)


# ---- no alarm on right code, in any convention


def assert_no_alarm(report: BackpropReport, convention: str = "") -> None:
    assert report.ok, report.text
    assert report.mistake is None
    assert convention in " ".join(report.conventions)


@pytest.mark.parametrize("only_gradients", [False, True])
def test_right_code_raises_no_alarm(only_gradients: bool) -> None:
    for case, result in right_cases(40):
        assert_no_alarm(check(case, gradients_only(case, result) if only_gradients else result))


def test_weights_stored_transposed() -> None:
    for case, result in right_cases():
        mine = {name: value.T if name.startswith("dW") else value for name, value in result.items()}
        only_vectors = all(1 in W.shape for W in case.W)  # a row or a column has no other way round
        assert_no_alarm(check(case, gradients_only(case, mine)), "" if only_vectors else "transposed")


def test_samples_as_columns() -> None:
    for case, result in right_cases():
        mine = {name: value[:, None] if "b" in name else value.T for name, value in result.items()}
        assert_no_alarm(check(case, mine), "samples are columns")


def test_biases_as_rows() -> None:
    for case, result in right_cases():
        assert_no_alarm(check(case, {n: v[None] if "b" in n else v for n, v in result.items()}))


def test_deltas_of_the_other_sign() -> None:
    for case, result in right_cases():
        mine = {n: -v if n.startswith(("dA", "dZ")) else v for n, v in result.items()}
        assert_no_alarm(check(case, mine), "other sign")


def test_descent_directions_are_right_where_they_are_announced() -> None:
    for case, result in right_cases():
        mine = {n: -v if n.startswith("d") else v for n, v in result.items()}
        assert_no_alarm(check(case, mine, descent=True), "descent")
        report = check(case, mine)
        assert report.mistake == "sign"
        assert "descent=True" in report.text


def test_single_precision() -> None:
    for case, result in right_cases():
        mine = {name: np.asarray(value, dtype=np.float32) for name, value in result.items()}
        assert_no_alarm(check(case, mine))
        _, ours = network(case, "float32").loss_and_gradient(case.X, case.Y)
        assert_no_alarm(check_backprop(dict(ours), network(case, "float32"), case.X, case.Y))


def new_parameters(case: Case, result: Result, sign: float = -1.0) -> Result:
    old = network(case).parameters
    return {f"{name}_new": old[name] + sign * case.rate * result[f"d{name}"] for name in old}


def test_updated_parameters() -> None:
    for case, result in right_cases():
        assert_no_alarm(check(case, new_parameters(case, result), learning_rate=case.rate))
        report = check(case, new_parameters(case, result, 1.0), learning_rate=case.rate)
        assert report.mistake == "sign"


def test_a_sequential_update() -> None:
    for k in range(NETWORKS):
        case = random_case(np.random.default_rng([7, k]), "updated_weights")
        options = {"learning_rate": case.rate, "update": "sequential"}
        assert_no_alarm(check(case, backprop(case, "updated_weights"), **options))
        right, early = (gradients_only(case, backprop(case, each)) for each in ("", "updated_weights"))
        if any(not np.allclose(right[name], early[name]) for name in right):
            assert check(case, right, **options).mistake == "old_weights"


def test_sample_weights() -> None:
    case, result = right_cases(1)[0]
    net, weights = network(case), np.arange(1.0, case.n + 1)
    _, ours = net.loss_and_gradient(case.X, case.Y, weights)
    assert check_backprop(dict(ours), net, case.X, case.Y, sample_weight=weights).ok
    report = check_backprop(gradients_only(case, result), net, case.X, case.Y, sample_weight=weights)
    assert report.mistake == "sample_weight_missing"


def test_a_loss_reported_in_another_scale_is_no_mistake() -> None:
    case = random_case(np.random.default_rng(5), "factor_outputs")
    result = backprop(case)
    mean = float(np.mean((result[f"A{case.depth}"] - case.Y) ** 2))
    assert_no_alarm(check(case, result | {"L": mean}))
    report = check(case, result | {"L": 1.2345 * mean})
    assert (report.ok, report.first, report.mistake) == (False, "L", None)


# ---- forms in which gradients come


@pytest.fixture
def small() -> tuple[Case, Result]:
    case = next(
        case
        for k in itertools.count()
        if (case := random_case(np.random.default_rng([3, k]))).depth == 2 and case.loss == "squared_error"
    )
    return case, backprop(case)


def test_lists_in_the_usual_orders(small: tuple[Case, Result]) -> None:
    case, q = small
    for mine in (
        (q["dW1"], q["db1"], q["dW2"], q["db2"]),
        [q["dW1"], q["dW2"], q["db1"], q["db2"]],
        ([q["dW1"], q["dW2"]], [q["db1"], q["db2"]]),
        {"dW": [q["dW1"], q["dW2"]], "db": [q["db1"], q["db2"]]},
        (network(case).loss(case.X, case.Y), {"dW1": q["dW1"], "delta2": q["dZ2"]}),
        [q["dW1"], q["dW2"]],
    ):
        assert_no_alarm(check(case, mine))


def test_none_is_a_missing_gradient(small: tuple[Case, Result]) -> None:
    case, q = small
    report = check(case, {"dW1": q["dW1"], "db1": None})
    assert (report.first, report.mistake, report.where) == ("db1", "bias_gradient_missing", "in layer 1")
    assert "not given, so not checked: dW2, db2" in report.text


def functions(case: Case) -> list[Any]:
    """The same right code under every signature that is understood."""

    def run(W: list[Array], b: list[Array]) -> Result:
        return backprop(Case(**(vars(case) | {"W": tuple(W), "b": tuple(b)})))

    return [
        lambda X, Y, parameters: run(
            [parameters["W1"], parameters["W2"]], [parameters["b1"], parameters["b2"]]
        ),
        lambda X, Y, W1, b1, W2, b2: run([W1, W2], [b1, b2]),
        lambda X, Y, W1, W2, b1, b2: run([W1, W2], [b1, b2]),
        lambda X, Y, weights, biases: run(weights, biases),
        lambda X, Y, *all_of_them: run(list(all_of_them[::2]), list(all_of_them[1::2])),
        lambda X, Y: run(list(case.W), list(case.b)),
        lambda X, Y, W1, b1, W2, b2, rate=0.1: run([W1, W2], [b1, b2]),
    ]


def test_functions_are_called_as_their_signature_asks(small: tuple[Case, Result]) -> None:
    case, _ = small
    for function in functions(case):
        assert_no_alarm(check(case, function))


def columns(X: Array, Y: Array, W1: Array, b1: Array, W2: Array, b2: Array) -> Result:
    """A network of two tanh layers under the half squared error, with one sample a column."""
    n = X.shape[1]
    A1 = np.tanh(W1 @ X + b1)
    A2 = np.tanh(W2 @ A1 + b2)
    dZ2 = (A2 - Y) * (1 - A2**2)
    dZ1 = (W2.T @ dZ2) * (1 - A1**2)
    return {
        "dZ2": dZ2,
        "dW2": dZ2 @ A1.T / n,
        "db2": dZ2.sum(axis=1, keepdims=True) / n,
        "dW1": dZ1 @ X.T / n,
        "db1": dZ1.sum(axis=1, keepdims=True) / n,
    }


def loop(X: Array, Y: Array, parameters: dict[str, Array]) -> Result:
    """The same, one sample after the other, with W (out, in)."""
    W1, W2 = parameters["W1"], parameters["W2"]
    sums = [np.zeros(np.shape(each)) for each in (W1, parameters["b1"], W2, parameters["b2"])]
    for x, y in zip(X, Y, strict=True):
        a1 = np.tanh(W1.dot(x) + parameters["b1"])
        a2 = np.tanh(W2.dot(a1) + parameters["b2"])
        d2 = (y - a2) * (1 - a2 * a2)
        d1 = W2.T.dot(d2) * (1 - a1 * a1)
        for total, part in zip(sums, (np.outer(d1, x), d1, np.outer(d2, a1), d2), strict=True):
            total -= part
    return dict(zip(("dW1", "db1", "dW2", "db2"), (each / len(X) for each in sums), strict=True))


@pytest.mark.parametrize("sizes", [(2, 3, 1), (3, 3, 3), (4, 2, 4)])
@pytest.mark.parametrize(
    ("function", "convention"), [(columns, "samples are columns"), (loop, "stored transposed")]
)
def test_functions_in_other_layouts(sizes: tuple[int, ...], function: Any, convention: str) -> None:
    net = Network(sizes, "tanh", "tanh", seed=3)
    rng = np.random.default_rng(0)
    X, Y = rng.normal(size=(6, sizes[0])), rng.normal(size=(6, sizes[-1]))
    assert_no_alarm(check_backprop(function, net, X, Y), convention)


def test_a_function_that_keeps_adding_up_is_found_out(small: tuple[Case, Result]) -> None:
    case, _ = small
    sums: dict[str, Array] = {}

    def mine(X: Array, Y: Array, parameters: dict[str, Array]) -> Result:
        for name, gradient in gradients_only(case, backprop(case)).items():
            sums[name] = sums.get(name, 0.0) + gradient
        return dict(sums)

    report = check(case, mine)
    assert (report.ok, report.mistake) == (False, "accumulated_gradients")


def test_gradients_left_over_from_the_last_step() -> None:
    case, first = step_before(random_case(np.random.default_rng(2)))
    result = backprop(case)
    mine = {name: result[name] + first[name] for name in first}
    assert check(case, mine, learning_rate=case.rate).mistake == "accumulated_gradients"


# ---- what the report says


def test_the_report_says_what_where_and_what_instead() -> None:
    net = Network([2, 3, 1], "sigmoid", seed=0)
    X, Y = np.array([[0.0, 1.0], [2.0, -1.0], [1.0, 1.0]]), np.array([1.0, 0.0, 2.0])

    def mine(X: Array, Y: Array, W1: Array, b1: Array, W2: Array, b2: Array) -> Result:
        A1 = 1 / (1 + np.exp(-(X @ W1 + b1)))
        dZ2 = A1 @ W2 + b2 - Y[:, None]
        dZ1 = dZ2 @ W2.T  # and the slope of the sigmoid?
        return {"dZ2": dZ2, "dZ1": dZ1, "dW1": X.T @ dZ1 / 3, "dW2": A1.T @ dZ2 / 3}

    report = check_backprop(mine, net, X, Y)
    assert (report.first, report.mistake) == ("dZ1", "missing_activation_derivative")
    assert report.where == "in layer 1"
    assert report.formula == "dZ1 = dA1 * A1 * (1 - A1)"
    assert [each.name for each in report.compared if not each.agrees] == ["dZ1", "dW1"]
    assert "without the 1/n of the mean" in report.conventions[0]
    text = str(report)
    for words in ("dZ1 is the first quantity that differs", "Likely mistake:", "Right: dZ1 =", "Try: "):
        assert words in text
    assert report.to_dict()["mistake"] == "missing_activation_derivative"


def test_mistakes_of_the_same_numbers_are_both_named() -> None:
    net = Network([2, 2], seed=0)  # n = 2: is it the sum, or a factor 2?
    X, Y = np.array([[1.0, 2.0], [0.5, -1.0]]), np.array([[1.0, 0.0], [0.0, 2.0]])
    _, ours = net.loss_and_gradient(X, Y)
    report = check_backprop({name: 2 * g for name, g in ours.items()}, net, X, Y)
    assert report.mistake == "sum_for_mean"
    assert "factor_two" in report.also


def test_of_two_mistakes_the_first_is_named(small: tuple[Case, Result]) -> None:
    case, q = small
    report = check(case, q | {"db2": case.n * q["db2"], "dW1": 17 * q["dW1"] + 1})
    assert (report.first, report.mistake, report.explains_all) == ("db2", "sum_for_mean", False)
    assert "mend it and check again" in report.text


@pytest.mark.parametrize(
    ("change", "mistake"),
    [
        (lambda g: 0.3 * g, "constant_factor"),
        (lambda g: 0 * g, "zero"),
        (lambda g: g * np.nan, "not_finite"),
        (lambda g: np.vstack([g, g]), "shape"),
        (lambda g: np.sin(g) + 0.1, None),
    ],
)
def test_what_no_known_mistake_explains(small: tuple[Case, Result], change: Any, mistake: str) -> None:
    case, q = small
    report = check(case, {"dW2": q["dW2"], "dW1": change(q["dW1"])})
    assert (report.ok, report.first, report.mistake) == (False, "dW1", mistake)


def test_the_traced_quantities_are_those_of_training() -> None:
    case = random_case(np.random.default_rng(0), "penalty_missing")
    net = network(case)
    values = Trace(Problem.of(net, case.X, case.Y)).run()
    loss, gradients = net.loss_and_gradient(case.X, case.Y)
    assert values["L"] == loss
    for name, gradient in gradients.items():
        np.testing.assert_array_equal(values[name], gradient)


def test_the_network_and_the_given_arrays_are_left_alone(small: tuple[Case, Result]) -> None:
    case, q = small
    net, before = network(case), {name: np.copy(value) for name, value in q.items()}

    def greedy(X: Array, Y: Array, parameters: dict[str, Array]) -> Result:
        for array in (X, Y, *parameters.values()):
            array[...] = 0.0
        return q

    vector = net.parameters.vector.copy()
    check_backprop(greedy, net, case.X, case.Y)
    np.testing.assert_array_equal(net.parameters.vector, vector)
    assert all(np.array_equal(q[name], before[name]) for name in q)


@pytest.mark.parametrize(
    ("mine", "words"),
    [
        ({"dW7": [[1.0]]}, "no quantity is named 'dW7'"),
        ({}, "nothing to compare"),
        (None, "nothing to compare"),
        ({"W1_new": [[1.0]]}, "learning_rate"),
        ([np.ones(3)] * 3, "2 dW and 2 db"),
        ({"dW1": "much"}, "real numbers"),
        (lambda: None, "takes other arguments"),
        (lambda X, Y, a, b, c: None, "takes other arguments"),
    ],
)
def test_what_cannot_be_compared_is_refused(small: tuple[Case, Result], mine: Any, words: str) -> None:
    with pytest.raises(InputError, match=words):
        check(small[0], mine)


def test_an_error_in_the_users_function_comes_through(small: tuple[Case, Result]) -> None:
    def broken(X: Array, Y: Array, W1: Array, b1: Array, W2: Array, b2: Array) -> Array:
        raise ValueError("mine")

    with pytest.raises(ValueError, match="mine"):
        check(small[0], broken)


# ---- ways of writing that learners have


def one_output(**options: Any) -> tuple[Network, Array, Array]:
    rng = np.random.default_rng(3)
    net = Network([3, 4, 1], "tanh", seed=1, **options)
    net.parameters["b1"] = rng.standard_normal(4)
    return net, rng.standard_normal((7, 3)), rng.standard_normal((7, 1))


def columns_of_targets(X: Array, Y: Array, W1: Array, b1: Array, W2: Array, b2: Array) -> dict[str, Array]:
    A1 = np.tanh(X @ W1 + b1)
    dZ2 = (A1 @ W2 + b2 - Y) / len(X)
    dZ1 = dZ2 @ W2.T * (1 - A1**2)
    return {"dW1": X.T @ dZ1, "db1": dZ1.sum(axis=0), "dW2": A1.T @ dZ2, "db2": dZ2.sum(axis=0)}


def flat_targets(X: Array, Y: Array, W1: Array, b1: Array, W2: Array, b2: Array) -> dict[str, Array]:
    A1 = np.tanh(X @ W1 + b1)
    delta = ((A1 @ W2 + b2).ravel() - Y) / len(X)
    dZ1 = np.outer(delta, W2) * (1 - A1**2)
    return {"dW1": X.T @ dZ1, "db1": dZ1.sum(axis=0), "dW2": A1.T @ delta, "db2": delta.sum()}


@pytest.mark.parametrize("function", [columns_of_targets, flat_targets])
@pytest.mark.parametrize("axes", [1, 2])
def test_targets_of_one_output_in_either_form(function: Any, axes: int) -> None:
    net, X, Y = one_output()
    report = check_backprop(function, net, X, Y.reshape(-1) if axes == 1 else Y)
    assert report.ok
    told = [says for says in report.conventions if says.startswith("Y is")]
    assert bool(told) == (axes != (2 if function is columns_of_targets else 1))


@pytest.mark.parametrize("form", ["numbers", "rows"])
def test_class_numbers_where_the_function_takes_them(form: str) -> None:
    rng = np.random.default_rng(5)
    net = Network([4, 3], loss="cross_entropy", seed=1)
    X, y = rng.standard_normal((6, 4)), np.array([0, 2, 1, 1, 0, 2])

    def course(X: Array, y: Array, W1: Array, b1: Array) -> dict[str, Array]:
        scores = np.exp(X @ W1 + b1)
        d = scores / scores.sum(axis=1, keepdims=True)
        d[range(len(X)), y] -= 1
        d /= len(X)
        return {"W1": X.T @ d, "b1": d.sum(axis=0)}

    assert check_backprop(course, net, X, y if form == "numbers" else np.eye(3)[y]).ok


def test_a_mistake_in_code_that_loops_is_named() -> None:
    net, X, Y = one_output()

    def loops(X: Array, Y: Array, W1: Array, b1: Array, W2: Array, b2: Array) -> list[Array]:
        dW1, dW2 = np.zeros_like(W1), np.zeros_like(W2)
        for x, y in zip(X, Y, strict=True):
            a = np.array(
                [np.tanh(b1[j] + sum(x[i] * W1[i, j] for i in range(len(x)))) for j in range(len(b1))]
            )
            d = (a @ W2 + b2 - y) / len(X)
            dW2 += np.outer(a, d)
            for i in range(3):
                for j in range(4):
                    dW1[i, j] += x[i] * W2[j, 0] * d[0]
        return [dW1, dW2]

    assert check_backprop(loops, net, X, Y).mistake == "missing_activation_derivative"


def test_layers_in_the_reverse_order_where_all_shapes_are_alike() -> None:
    rng = np.random.default_rng(7)
    net, X, Y = Network([3, 3, 3], "tanh", seed=1), rng.standard_normal((5, 3)), rng.standard_normal((5, 3))
    _, g = net.loss_and_gradient(X, Y)
    assert check_backprop((g["dW2"], g["db2"], g["dW1"], g["db1"]), net, X, Y).ok
    assert check_backprop((g["dW1"], g["db1"], 2 * g["dW2"], g["db2"]), net, X, Y).first == "dW2"


@pytest.mark.parametrize("spelling", ["d{}", "D_{}", "grad_{}", "{}_grad", "dL/d{}", "{}", "∂L/∂{}"])
def test_names_in_other_spellings(spelling: str) -> None:
    net, X, Y = one_output()
    _, g = net.loss_and_gradient(X, Y)
    mine = {spelling.format(name): g[f"d{name}"] for name in net.parameters}
    assert check_backprop(mine, net, X, Y).ok
    last = spelling.format("b2")
    assert check_backprop(mine | {last: 2 * mine[last]}, net, X, Y).first == "db2"
    assert check_backprop(mine, net, X, Y, learning_rate=0.1).ok


@pytest.mark.parametrize("mistake", ["layers_swapped", "bias_not_summed"])
def test_mistakes_of_code_with_samples_in_columns(mistake: str) -> None:
    net, X, Y = one_output()
    trace = Trace(Problem.of(net, X, Y)).run()
    mine = {name: trace[name].T for name in ("dW1", "dW2")}
    mine |= {name: trace[name][:, None] for name in ("db1", "db2")}
    if mistake == "layers_swapped":
        mine |= {"dW1": mine["dW2"], "dW2": mine["dW1"], "db1": mine["db2"], "db2": mine["db1"]}
    else:
        mine["db1"] = trace["dZ1"].T
    assert check_backprop(mine, net, X, Y).mistake == mistake


def test_an_object_that_keeps_adding_up_is_found_out() -> None:
    net, X, Y = one_output()
    _, g = net.loss_and_gradient(X, Y)
    kept = np.zeros(4)

    def backward(X: Array, Y: Array) -> dict[str, Array]:
        kept[:] += g["db1"]
        return {"db1": kept.copy()}

    assert check_backprop(backward, net, X, Y).mistake == "accumulated_gradients"


def test_swapped_layers_of_mirrored_shapes_are_not_taken_for_transposed_ones() -> None:
    rng = np.random.default_rng(7)
    net, X, Y = Network([3, 7, 3], "tanh", seed=1), rng.standard_normal((5, 3)), rng.standard_normal((5, 3))
    _, g = net.loss_and_gradient(X, Y)
    mine = {"dW1": g["dW2"], "db1": g["db2"], "dW2": g["dW1"], "db2": g["db1"]}
    report = check_backprop(mine, net, X, Y)
    assert report.mistake == "layers_swapped"
    assert not report.conventions


# ---- orders, loops and second calls


def alike(sizes: tuple[int, ...] = (3, 3, 3)) -> tuple[Network, Array, Array, dict[str, Array]]:
    rng = np.random.default_rng(7)
    net = Network(sizes, "tanh", seed=1)
    X, Y = rng.standard_normal((5, sizes[0])), rng.standard_normal((5, sizes[-1]))
    return net, X, Y, dict(net.loss_and_gradient(X, Y)[1])


def test_another_order_of_a_list_is_said() -> None:
    net, X, Y, g = alike()
    report = check_backprop((g["dW2"], g["db2"], g["dW1"], g["db1"]), net, X, Y)
    assert report.conventions == ("the list is read as dW2, db2, dW1, db1",)
    assert "Convention: the list is read as dW2" in report.text
    assert not check_backprop((g["dW1"], g["db1"], g["dW2"], g["db2"]), net, X, Y).conventions
    assert not check_backprop(([g["dW1"], g["dW2"]], [g["db1"], g["db2"]]), net, X, Y).conventions


@pytest.mark.parametrize("rate", [None, 0.3])
def test_weights_that_a_loop_updates_sample_by_sample(rate: float | None) -> None:
    net, X, Y = one_output()

    def loops(X: Array, Y: Array, W1: Array, b1: Array, W2: Array, b2: Array) -> Result:
        sums = [np.zeros_like(each) for each in (W1, b1, W2, b2)]
        for x, y in zip(X, Y, strict=True):
            a1 = np.tanh(x @ W1 + b1)
            d2 = a1 @ W2 + b2 - y
            dW2 = np.outer(a1, d2)
            d1 = (W2 - 0.3 * dW2) @ d2 * (1 - a1**2)
            for total, part in zip(sums, (np.outer(x, d1), d1, dW2, d2), strict=True):
                total += part / len(X)
        return dict(zip(("dW1", "db1", "dW2", "db2"), sums, strict=True))

    report = check_backprop(loops, net, X, Y, learning_rate=rate)
    assert (report.first, report.mistake, report.explains_all) == ("dW1", "updated_weights", True)


@pytest.mark.parametrize("given", [("dW1", "dW2"), ("db1", "db2"), ("dW2",), ("dW1", "db1", "dW2", "db2")])
@pytest.mark.parametrize("rate", [None, 0.1])
def test_what_is_left_over_is_found_where_not_all_is_given(
    given: tuple[str, ...], rate: float | None
) -> None:
    net, X, Y, first = alike((3, 4, 1))
    net.parameters.vector[...] -= 0.1 * np.concatenate([np.ravel(each) for each in first.values()])
    _, g = net.loss_and_gradient(X, Y)
    mine = {name: g[name] + first[name] for name in given}
    report = check_backprop(mine, net, X, Y, learning_rate=rate)
    assert (report.mistake, report.explains_all) == ("accumulated_gradients", True)


@pytest.mark.parametrize("left_over", [0.0, 1.0])
def test_a_function_in_another_layout_that_keeps_adding_up(left_over: float) -> None:
    sums: dict[str, Array] = {}

    def adding(X: Array, Y: Array, W1: Array, b1: Array, W2: Array, b2: Array) -> Result:
        for name, gradient in columns(X, Y, W1, b1.reshape(-1, 1), W2, b2.reshape(-1, 1)).items():
            sums[name] = sums.get(name, left_over) + gradient
        return {name: sums[name].copy() for name in ("dW1", "dW2")}

    net = Network((3, 3, 3), "tanh", "tanh", seed=1)
    X, Y = np.random.default_rng(1).standard_normal((2, 3, 3))  # n = 3: no shape tells the layouts apart
    report = check_backprop(adding, net, X, Y)
    assert (report.mistake, report.where) == ("accumulated_gradients", "from one call to the next")


def test_swapped_layers_of_mirrored_shapes_in_columns() -> None:
    net, X, Y, g = alike((3, 7, 3))
    mine = {"dW1": g["dW2"].T, "db1": g["db2"][:, None], "dW2": g["dW1"].T, "db2": g["db1"][:, None]}
    report = check_backprop(mine, net, X, Y)
    assert (report.mistake, report.explains_all) == ("layers_swapped", True)
    assert check_backprop({name: g[name].T for name in ("dW1", "dW2")}, net, X, Y).ok


@pytest.mark.parametrize("second", [("dW1",), ("dW1", "db1", "dW2")])
def test_a_second_call_that_gives_other_quantities(second: tuple[str, ...]) -> None:
    net, X, Y, g = alike()
    calls: list[int] = []

    def forgetful(X: Array, Y: Array, parameters: dict[str, Array]) -> Result:
        calls.append(1)
        return {name: g[name] for name in (("dW1", "dW2") if len(calls) % 2 else second)}

    report = check_backprop(forgetful, net, X, Y)
    assert report.ok
    assert "called again with the same arguments, the function gives other quantities" in report.notes


def test_a_second_call_that_gives_other_shapes() -> None:
    net, X, Y, g = alike()
    calls: list[int] = []

    def growing(X: Array, Y: Array, parameters: dict[str, Array]) -> Result:
        calls.append(1)
        return {"dW1": np.vstack([g["dW1"]] * len(calls))}

    report = check_backprop(growing, net, X, Y)
    assert "other quantities" in report.notes[-1]


def test_a_network_whose_twins_overflow_raises_no_warning() -> None:
    net = Network([2, 3, 1], "relu", seed=0)
    net.parameters.vector[...] *= 1e35
    X, Y = np.array([[1.0, 2.0], [3.0, -1.0]]), np.array([[1.0], [0.0]])
    _, g = net.loss_and_gradient(X, Y)
    assert not check_backprop({name: 3 * value for name, value in g.items()}, net, X, Y).ok
