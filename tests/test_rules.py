"""The rules keep their form, their shapes and their precision, and say what their formulas say.

The form is checked in the source: a rule is a docstring, lines `name = expression  # (shape)`, each
name once, and one return of names. The shapes are checked by running those lines.
"""

from __future__ import annotations

import ast
import inspect
import itertools
import math
import re
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from clearprop.rules import (
    HIDDEN_ACTIVATIONS,
    OUTPUT_ACTIVATIONS,
    RULES,
    activations,
    dense,
    losses,
    penalties,
    updates,
)

Array = NDArray[Any]
MODULES: list[ModuleType] = [dense, activations, losses, penalties, updates]
SIZES = {"n": 7, "in": 2, "out": 3, "p": 11}

# What a rule's arguments are, by name: the shape of an array, or a number.
SHAPES = {
    "X": ("n", "in"), "W": ("in", "out"), "b": ("out",), "dW": ("in", "out"),
    **dict.fromkeys(("Z", "A", "Y", "M", "dZ", "dA", "dD"), ("n", "out")), "w": ("n", "1"),
    **dict.fromkeys(("theta", "g", "v", "m", "s", "eta"), ("p",)),
}  # fmt: skip
NUMBERS: dict[str, float] = {
    "delta": 0.5, "q": 0.3, "smoothing": 0.1, "l1": 0.01, "l2": 0.02, "mu": 0.9, "rho": 0.9, "t": 3,
    "beta1": 0.9, "beta2": 0.99, "epsilon": 1e-8, "decay": 0.01, "limit": 0.5,
}  # fmt: skip


# ---- the form


def functions_of(source: str) -> list[ast.FunctionDef]:
    return [node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)]


def steps_of(function: ast.FunctionDef) -> list[ast.Assign]:
    return [node for node in function.body if isinstance(node, ast.Assign)]


def arguments_of(function: ast.FunctionDef) -> list[str]:
    return [argument.arg for argument in function.args.args]


def name_set_by(step: ast.Assign) -> str:
    return ast.unparse(step.targets[0])


def comment_of(step: ast.Assign, source: str) -> tuple[str, ...] | None:
    """The shape at the end of a line: () for `# ()`, ("n", "out") for `# (n, out)`; None for none."""
    last_line = source.splitlines()[(step.end_lineno or step.lineno) - 1]
    found = re.search(r"# \(([a-z0-9, ]*)\)$", last_line)
    return None if found is None else tuple(re.findall(r"\w+", found[1]))


def lint(function: ast.FunctionDef, source: str) -> list[str]:
    """What keeps a function from being a rule, in words."""
    faults = []
    if not ast.get_docstring(function):
        faults.append("no docstring")
    *middle, last = function.body
    steps = steps_of(function)
    if middle[1:] != steps or not steps:
        faults.append("more than a docstring, assignments and one return")
    names = [name_set_by(step) for step in steps]
    for step, name in zip(steps, names, strict=True):
        if len(step.targets) != 1 or not isinstance(step.targets[0], ast.Name):
            faults.append(f"{name}: not one name")
        if name in arguments_of(function):
            faults.append(f"{name}: an argument is assigned")
        if comment_of(step, source) is None:
            faults.append(f"{name}: no shape")
    faults += [f"{name}: assigned again" for name in sorted(set(names)) if names.count(name) > 1]
    returned = last.value if isinstance(last, ast.Return) else None
    results = returned.elts if isinstance(returned, ast.Tuple) else [returned]
    if not all(isinstance(result, ast.Name) and result.id in names for result in results):
        faults.append("not one return of names that were set")
    branching = (ast.IfExp, ast.Lambda, ast.ListComp, ast.GeneratorExp, ast.NamedExpr, ast.BoolOp)
    if any(isinstance(node, branching) for step in steps for node in ast.walk(step)):
        faults.append("not a straight line")
    return faults


def wrong_shapes(
    function: ast.FunctionDef, source: str, known: Mapping[str, Any], operands: Mapping[str, Any]
) -> list[str]:
    """Run a rule line by line; each name whose shape is another than its comment says."""
    faults, names = [], {**known, **operands}
    for step in steps_of(function):
        exec(compile(ast.Module([step], []), "a line of a rule", "exec"), names)
        name, comment = name_set_by(step), comment_of(step, source)
        stated = None if comment is None else tuple(SIZES[size] for size in comment)
        if np.shape(names[name]) != stated:
            faults.append(f"{name} has shape {np.shape(names[name])}, not {comment}")
    return faults


def operands_of(arguments: list[str], dtype: str = "float64", seed: int = 0) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    operands: dict[str, Any] = {}
    for name in arguments:
        if name in NUMBERS:
            operands[name] = NUMBERS[name]
        else:
            shape = [SIZES.get(size, 1) for size in SHAPES[name]]
            draw = rng.standard_normal(shape)
            # squared gradients, shares and rates are positive; adam's v too, and a velocity may be
            operands[name] = (np.abs(draw) if name in ("w", "s", "v", "eta") else draw).astype(dtype)
    return operands


def variants_of(operands: dict[str, Any]) -> list[dict[str, Any]]:
    """The same operands, and with a plain number for the shares or rates where a rule takes them."""
    plain: dict[str, Any] = {name: 0.125 for name in ("w", "eta") if name in operands}
    return [operands, {**operands, **plain}] if plain else [operands]


ALL = [
    pytest.param(module, function, id=function.name)
    for module in MODULES
    for function in functions_of(inspect.getsource(module))
]


def test_every_function_of_these_modules_is_a_rule() -> None:
    functions = [function for module in MODULES for function in functions_of(inspect.getsource(module))]
    assert [function.name for function in functions] == list(RULES)
    assert set(OUTPUT_ACTIVATIONS) | {f"{name}_back" for name in OUTPUT_ACTIVATIONS} <= set(RULES)
    assert set(HIDDEN_ACTIVATIONS) < set(OUTPUT_ACTIVATIONS)


@pytest.mark.parametrize(("module", "function"), ALL)
def test_a_rule_is_a_straight_line_of_named_quantities(module: ModuleType, function: ast.FunctionDef) -> None:
    assert lint(function, inspect.getsource(module)) == []


@pytest.mark.parametrize(("module", "function"), ALL)
def test_the_shapes_are_as_the_comments_say(module: ModuleType, function: ast.FunctionDef) -> None:
    for operands in variants_of(operands_of(arguments_of(function))):
        assert wrong_shapes(function, inspect.getsource(module), vars(module), operands) == []


SOUND = '''
def rule(X, W, b):
    """A sentence."""
    Z = X @ W + b  # (n, out)
    d = Z.sum(axis=0)  # (out,)
    return Z, d
'''


def test_a_sound_rule_has_no_fault() -> None:
    [function] = functions_of(SOUND)
    assert lint(function, SOUND) == []
    assert wrong_shapes(function, SOUND, {}, operands_of(["X", "W", "b"])) == []


@pytest.mark.parametrize(
    ("line", "instead", "fault"),
    [
        ('    """A sentence."""\n', "", "no docstring"),
        ("d = Z.sum(axis=0)  # (out,)", "Z = Z + 1  # (n, out)", "Z: assigned again"),
        ("d = Z.sum(axis=0)  # (out,)", "X = Z + 1  # (n, out)", "X: an argument is assigned"),
        ("d = Z.sum(axis=0)  # (out,)", "Z += 1  # (n, out)", "more than a docstring"),
        ("d = Z.sum(axis=0)  # (out,)", "Z[0] = 1  # (n, out)", "Z[0]: not one name"),
        ("d = Z.sum(axis=0)  # (out,)", "d, e = Z[0], Z[1]  # (out,)", "(d, e): not one name"),
        ("d = Z.sum(axis=0)  # (out,)", "d = Z.sum(axis=0)", "d: no shape"),
        ("d = Z.sum(axis=0)  # (out,)", "d = Z[0] if len(Z) else b  # (out,)", "not a straight line"),
        ("d = Z.sum(axis=0)  # (out,)", "if len(Z): d = Z[0]  # (out,)", "more than a docstring"),
        ("d = Z.sum(axis=0)  # (out,)", "return Z", "more than a docstring"),
        ("return Z, d", "return Z, d + 1", "not one return of names"),
        ("return Z, d", "return Z, b", "not one return of names"),
        ("return Z, d", "Z.sum()", "not one return of names"),
    ],
)
def test_a_broken_form_is_seen(line: str, instead: str, fault: str) -> None:
    assert line in SOUND
    source = SOUND.replace(line, instead)
    [function] = functions_of(source)
    assert any(found.startswith(fault) for found in lint(function, source)), lint(function, source)


@pytest.mark.parametrize("comment", ["# (n, in)", "# (out, n)", "# (out,)", "# ()", "# (n, out, 1)"])
def test_a_wrong_shape_comment_is_seen(comment: str) -> None:
    source = SOUND.replace("# (n, out)", comment)
    [function] = functions_of(source)
    if "1" in comment:
        with pytest.raises(KeyError):  # only the sizes that the conventions name
            wrong_shapes(function, source, {}, operands_of(["X", "W", "b"]))
    else:
        assert len(wrong_shapes(function, source, {}, operands_of(["X", "W", "b"]))) == 1


# ---- precision and operands


def results_of(rule: Callable[..., Any], operands: Mapping[str, Any]) -> tuple[Any, ...]:
    results = rule(*operands.values())
    return results if isinstance(results, tuple) else (results,)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", RULES)
def test_results_have_the_precision_of_the_operands(name: str, dtype: str) -> None:
    arguments = list(inspect.signature(RULES[name]).parameters)
    for operands in variants_of(operands_of(arguments, dtype)):
        for result in results_of(RULES[name], operands):
            assert result.dtype == dtype
            assert np.isfinite(result).all()


@pytest.mark.parametrize("name", RULES)
def test_operands_are_left_as_they_are(name: str) -> None:
    operands = operands_of(list(inspect.signature(RULES[name]).parameters))
    before = {key: np.array(value) for key, value in operands.items()}
    for value in operands.values():
        if isinstance(value, np.ndarray):
            value.flags.writeable = False
    first, second = results_of(RULES[name], operands), results_of(RULES[name], operands)
    for one, other in zip(first, second, strict=True):
        np.testing.assert_array_equal(one, other)
    for key, value in operands.items():
        np.testing.assert_array_equal(value, before[key])


# ---- activations: values, limits, slopes


def softplus(z: float) -> float:
    return max(z, 0.0) + math.log1p(math.exp(-abs(z)))


def logistic(z: float) -> float:
    return 1 / (1 + math.exp(-z)) if z > 0 else math.exp(z) / (1 + math.exp(z))


def elu(z: float) -> float:
    return z if z > 0 else math.expm1(z)


FORMULAS: dict[str, Callable[[float], float]] = {
    "identity": lambda z: z,
    "sigmoid": logistic,
    "tanh": lambda z: 1 - 2 * logistic(-2 * z),
    "relu": lambda z: z if z > 0 else 0.0,
    "leaky_relu": lambda z: z if z > 0 else z / 100,
    "elu": elu,
    "selu": lambda z: 1.0507009873554804934 * (z if z > 0 else 1.6732632423543772848 * math.expm1(z)),
    "gelu": lambda z: z * math.erfc(-z / math.sqrt(2)) / 2,
    "silu": lambda z: z * logistic(z),
    "mish": lambda z: z * math.tanh(softplus(z)),
    "softplus": softplus,
    "exp": math.exp,
}
GRID = [*np.linspace(-9, 9, 73), 1e-9, -1e-9, 1e-300, -1e-300, 30.0, -30.0]


@pytest.mark.parametrize("name", FORMULAS)
def test_an_activation_has_the_values_of_its_formula(name: str) -> None:
    A = RULES[name](np.array([GRID]))
    np.testing.assert_allclose(A[0], [FORMULAS[name](float(z)) for z in GRID], rtol=1e-14, atol=1e-15)


@pytest.mark.parametrize("name", FORMULAS)
def test_an_activation_has_the_slope_of_its_formula(name: str) -> None:
    h = 1e-5
    for z in (-3.0, -1.0, -0.1, 0.1, 1.0, 3.0):
        Z = np.array([[z]])
        slope = RULES[f"{name}_back"](np.array([[2.0]]), Z, RULES[name](Z))
        by_formula = (FORMULAS[name](z + h) - FORMULAS[name](z - h)) / h
        assert slope[0, 0] == pytest.approx(by_formula, rel=1e-9, abs=1e-10)


def test_every_activation_but_softmax_has_a_formula_here() -> None:
    assert {*FORMULAS, "softmax"} == set(OUTPUT_ACTIVATIONS)


LIMITS: dict[str, tuple[float, float, float, float]] = {  # A at −1000 and 1000, then the slopes there
    "identity": (-1000, 1000, 1, 1),
    "sigmoid": (0, 1, 0, 0),
    "tanh": (-1, 1, 0, 0),
    "relu": (0, 1000, 0, 1),
    "leaky_relu": (-10, 1000, 0.01, 1),
    "elu": (-1, 1000, 0, 1),
    "selu": (-1.0507009873554805 * 1.6732632423543772, 1050.7009873554805, 0, 1.0507009873554805),
    "gelu": (0, 1000, 0, 1),
    "silu": (0, 1000, 0, 1),
    "mish": (0, 1000, 0, 1),
    "softplus": (0, 1000, 0, 1),
}


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", HIDDEN_ACTIVATIONS)
def test_far_out_an_activation_reaches_its_limit_without_a_warning(name: str, dtype: str) -> None:
    Z = np.array([[-1000.0, 1000.0]], dtype=dtype)
    A = RULES[name](Z)
    dZ = RULES[f"{name}_back"](np.ones_like(Z), Z, A)
    np.testing.assert_allclose([*A[0], *dZ[0]], LIMITS[name], rtol=1e-6)
    for size in (1e4, 1e30, float(np.finfo(dtype).max) / 2):
        Z = np.array([[-size, size]], dtype=dtype)
        A = RULES[name](Z)
        assert np.isfinite(A).all()
        assert np.isfinite(RULES[f"{name}_back"](np.ones_like(Z), Z, A)).all()


@pytest.mark.parametrize(
    "name", [n for n in (*HIDDEN_ACTIVATIONS, "exp") if n not in ("gelu", "silu", "mish")]
)
def test_an_activation_never_falls(name: str) -> None:
    Z = np.sort(np.concatenate([np.linspace(-30, 30, 2001), np.linspace(-1e-3, 1e-3, 2001)]))[None]
    assert (np.diff(RULES[name](Z)[0]) >= 0).all()


@pytest.mark.parametrize("name", ["gelu", "silu", "mish"])
def test_the_self_gated_ones_fall_once_and_then_rise(name: str) -> None:
    A = RULES[name](np.linspace(-8, 8, 3201)[None])[0]
    lowest = int(A.argmin())
    assert -0.4 < A[lowest] < -0.1
    assert (np.diff(A[: lowest + 1]) <= 1e-15).all()
    assert (np.diff(A[lowest:]) >= 0).all()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_softmax_gives_probabilities_anywhere(dtype: str) -> None:
    Z = np.array([[-1000, 0, 1000], [1000, 1000, 1000], [0, 1, 2], [-1e30, 0, 1e30]], dtype=dtype)
    A = RULES["softmax"](Z)
    np.testing.assert_allclose(A.sum(axis=1), 1, rtol=1e-6)
    np.testing.assert_array_equal(A[[0, 3]], [[0, 0, 1], [0, 0, 1]])
    np.testing.assert_allclose(A[1], 1 / 3, rtol=1e-6)
    total = sum(math.exp(k) for k in range(3))
    np.testing.assert_allclose(A[2], [math.exp(k) / total for k in range(3)], rtol=1e-6)
    assert np.isfinite(RULES["softmax_back"](np.ones_like(Z), Z, A)).all()


# ---- losses, penalties and layers: plain loops over plain numbers


def pinball(a: float, y: float) -> float:
    return 0.3 * (y - a) if a < y else 0.7 * (a - y)


def huber(a: float, y: float) -> float:
    r = abs(a - y)
    return r * r / 2 if r <= 0.5 else 0.5 * (r - 0.25)


def no_or_yes(z: float, y: float) -> float:
    return -y * math.log(logistic(z)) - (1 - y) * math.log(logistic(-z))


ONE_OUTPUT: dict[str, tuple[Callable[[float, float], float], tuple[float, ...]]] = {
    "squared_error": (lambda a, y: (a - y) ** 2 / 2, ()),
    "mean_squared_error": (lambda a, y: (a - y) ** 2 / 3, ()),  # a third, as there are three outputs
    "absolute_error": (lambda a, y: abs(a - y), ()),
    "huber": (huber, (0.5,)),
    "quantile": (pinball, (0.3,)),
    "poisson": (lambda z, y: math.exp(z) - y * z, ()),
    "binary_cross_entropy": (no_or_yes, ()),
}


@pytest.mark.parametrize("name", ONE_OUTPUT)
def test_a_loss_is_the_weighted_mean_of_the_sum_over_the_outputs(name: str) -> None:
    formula, options = ONE_OUTPUT[name]
    operands = operands_of(["A", "Y", "w"])
    A, Y, w = operands["A"], np.abs(operands["Y"]) % 1, operands["w"] / operands["w"].sum()
    by_hand = math.fsum(
        w[i, 0] * formula(float(A[i, k]), float(Y[i, k])) for i, k in itertools.product(range(7), range(3))
    )
    assert RULES[name](A, Y, w, *options) == pytest.approx(by_hand, rel=1e-13)


def test_cross_entropy_is_minus_the_log_of_the_probability_of_the_class() -> None:
    Z, w = operands_of(["Z"])["Z"], np.full((7, 1), 1 / 7)
    classes = [0, 1, 2, 0, 1, 2, 0]
    by_hand = 0.0
    for row, target in zip(Z.tolist(), classes, strict=True):
        by_hand -= math.log(math.exp(row[target]) / sum(map(math.exp, row))) / 7
    assert RULES["cross_entropy"](Z, np.eye(3)[classes], w) == pytest.approx(by_hand, rel=1e-13)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_fused_losses_are_finite_far_out(dtype: str) -> None:
    Z, Y = np.array([[1000, -1000], [-1000, 1000]], dtype), np.array([[1, 0], [1, 0]], dtype)
    assert RULES["binary_cross_entropy"](Z, Y, 0.5) == pytest.approx(1000)
    assert RULES["cross_entropy"](Z, Y, 0.5) == pytest.approx(1000)
    assert RULES["poisson"](-np.abs(Z), Y, 0.5) == pytest.approx(1000)


def test_label_smoothing_keeps_each_rows_sum() -> None:
    T = RULES["label_smoothing"](np.array([[0.0, 1.0, 0.0, 0.0]]), 0.2)
    np.testing.assert_allclose(T, [[0.05, 0.85, 0.05, 0.05]], rtol=1e-15)


def test_a_penalty_adds_sizes_and_half_squares() -> None:
    W = np.array([[1.0, -2.0, 0.0], [3.0, 0.5, -0.5]])
    assert RULES["penalty"](W, 0.1, 0.01) == pytest.approx(0.1 * 7 + 0.005 * 14.5, rel=1e-15)
    np.testing.assert_allclose(
        RULES["penalty_back"](np.ones_like(W), W, 0.1, 0.01),
        [[1.11, 0.88, 1.0], [1.13, 1.105, 0.895]],
        rtol=1e-14,
    )


def test_a_dense_layer_adds_up_weighted_inputs() -> None:
    operands = operands_of(["X", "W", "b", "dZ"])
    X, W, b, dZ = (operands[name].tolist() for name in operands)
    Z = [[sum(X[i][j] * W[j][k] for j in range(2)) + b[k] for k in range(3)] for i in range(7)]
    dW = [[sum(X[i][j] * dZ[i][k] for i in range(7)) for k in range(3)] for j in range(2)]
    db = [sum(dZ[i][k] for i in range(7)) for k in range(3)]
    dX = [[sum(dZ[i][k] * W[j][k] for k in range(3)) for j in range(2)] for i in range(7)]
    close: Any = {"rtol": 1e-14, "atol": 1e-15}
    np.testing.assert_allclose(RULES["dense"](operands["X"], operands["W"], operands["b"]), Z, **close)
    found = RULES["dense_back"](operands["dZ"], operands["X"])
    np.testing.assert_allclose(found[0], dW, **close)
    np.testing.assert_allclose(found[1], db, **close)
    np.testing.assert_allclose(RULES["dense_back_input"](operands["dZ"], operands["W"]), dX, **close)


def test_dropout_silences_and_scales_both_ways() -> None:
    A, M = np.array([[3.0, 4.0]]), np.array([[0.0, 2.0]])
    np.testing.assert_array_equal(RULES["dropout"](A, M), [[0.0, 8.0]])
    np.testing.assert_array_equal(RULES["dropout_back"](A, M), [[0.0, 8.0]])


def test_clipping_shortens_a_long_gradient_and_leaves_a_short_one() -> None:
    g = np.array([3.0, -4.0])
    np.testing.assert_allclose(RULES["clip_by_norm"](g, 1.0), [0.6, -0.8], rtol=1e-15)
    np.testing.assert_array_equal(RULES["clip_by_norm"](g, 5.0), g)
    np.testing.assert_array_equal(RULES["clip_by_norm"](np.zeros(2), 1.0), [0.0, 0.0])
