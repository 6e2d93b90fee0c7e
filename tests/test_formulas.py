"""Formulas in three notations: each says what the code says, with brackets where they are needed."""

from __future__ import annotations

import ast
import math
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from clearprop.errors import InputError
from clearprop.rules import RULES
from clearprop.story import equations, language, writing
from clearprop.story.evaluating import evaluate, names_in
from clearprop.story.formulas import to_latex, to_mathml, to_text
from clearprop.story.language import check_language

MATHML = "{http://www.w3.org/1998/Math/MathML}"

# ---- all lines that there are


LINES = [
    pytest.param(f"{target} = {expression}", id=f"{name}: {target} = {expression}")
    for name, rule in equations.read().items()
    for target, expression in rule.lines
]
SCALAR_LINES = [
    "dW1[0, 2] = sum(X[n, 0] * dZ1[n, 2] for n in range(4))",
    "L = 0.5 * sum(w * (A2[n, o] - Y[n, o]) ** 2 for n in range(4) for o in range(2))",
    "E3[0, 1] = exp(Z3[0, 1] - max(Z3[0, k] for k in range(3)))",
    "A1[0, 1] = where(Z1[0, 1] > 0, Z1[0, 1], 0.01 * Z1[0, 1])",
    "A1[0, 1] = 1.05 * where(Z1[0, 1] > 0, Z1[0, 1], 1.67 * expm1(minimum(Z1[0, 1], 0)))",
    "dZ1[0, 1] = dA1[0, 1] * (Z1[0, 1] > 0)",
    "dA2[0, 0] = w * clip(A2[0, 0] - Y[0, 0], -delta, delta)",
    "W1_new[0, 1] = W1[0, 1] - eta * m_hat_W1[0, 1] / (sqrt(v_hat_W1[0, 1]) + epsilon)",
    "m_hat_W1[0, 1] = m_W1_new[0, 1] / (1 - beta1 ** t)",
    "0.05 * 0.15 + -0.1 * 0.2 + 0.35 - -0.00043 + rest_27",
    "1 / (1 + exp(-(-0.35)))",
    "(-0.35) ** 2 * 2 ** 0.5 * (1e-7) ** 3",
    "L_data = -sum(w[n, 0] * T[n, i] * logP3[n, i] for n in range(2) for i in range(3))",
    "L = L_data + Omega",
    "Omega = Omega1 + Omega2",
    "dW1 = dW1_data + l1 * np.sign(W1) + l2 * W1",
    "size_of_step = some_name * X",
]


@pytest.mark.parametrize("line", LINES)
def test_every_line_of_every_rule_has_all_three_notations(line: str) -> None:
    name = line.split(" = ")[0]
    assert re.fullmatch(r"[^=]+ = [^=]*", to_text(line))
    assert " = " in to_latex(line)
    element = ElementTree.fromstring(to_mathml(line))
    assert element.find(f".//*[@data-ref='{name}']") is not None
    for written in (to_text(line), to_latex(line)):
        assert not re.search(r"np\.|axis|keepdims|\*\*|@", written)


def test_there_are_lines_to_look_at() -> None:
    names = {str(param.id).partition(":")[0] for param in LINES}
    assert len(LINES) > 100
    assert names == {*RULES, "OneLayerMLP", "TwoLayerMLP"}


@pytest.mark.parametrize("line", SCALAR_LINES)
def test_scalar_lines_too(line: str) -> None:
    assert to_text(line)
    assert to_latex(line).count("{") == to_latex(line).count("}")
    ElementTree.fromstring(to_mathml(line))


# ---- how they look


@pytest.mark.parametrize(
    ("code", "text", "latex"),
    [
        ("Z1 = X @ W1 + b1", "Z1 = X · W1 + b1", r"Z_{1} = X\,W_{1} + b_{1}"),
        ("A1 = 1 / (1 + np.exp(-Z1))", "A1 = 1 / (1 + exp(−Z1))", r"A_{1} = \frac{1}{1 + e^{-Z_{1}}}"),
        ("dW1 = X.T @ dZ1", "dW1 = Xᵀ · dZ1", r"\mathrm{d}W_{1} = X^{\top}\,\mathrm{d}Z_{1}"),
        ("db1 = dZ1.sum(axis=0)", "db1 = Σ_n dZ1", r"\mathrm{d}b_{1} = \sum_{n} \mathrm{d}Z_{1}"),
        ("(X @ W) * Y", "(X · W) ⊙ Y", r"(X\,W) \odot Y"),
        ("0.5 * (X @ W) * Y", "0.5 · (X · W) ⊙ Y", None),
        ("X @ (W * Y)", "X · (W ⊙ Y)", r"X\,(W \odot Y)"),
        ("W1_new = W1 - eta * dW1", "W1_new = W1 − η · dW1", None),
        ("L = L_data + Omega", "L = L_data + Ω", r"L = L^{\text{data}} + \Omega"),
        (
            "dZ1 = np.where(Z1 > 0, dA1, 0.01 * dA1)",
            "dZ1 = dA1 if Z1 > 0, else 0.01 · dA1",
            r"\mathrm{d}Z_{1} = \begin{cases} \mathrm{d}A_{1} & \text{if } Z_{1} > 0 \\"
            r" 0.01\,\mathrm{d}A_{1} & \text{otherwise} \end{cases}",
        ),
        ("dZ1 = dA1 * (Z1 > 0)", "dZ1 = dA1 ⊙ [Z1 > 0]", None),
        ("np.sum(E, axis=1, keepdims=True)", "Σ_i E", r"\sum_{i} E"),
        ("L = np.sum(w * (A - Y)) / A.shape[1]", "L = (Σ_{n,i} w ⊙ (A − Y)) / n_outputs", None),
        ("np.sum(W1 * W1)", "Σ_{i,j} W1 ⊙ W1", None),
        ("m_hat_W1", "m_hat_W1", r"\hat{m}_{W_{1}}"),
        ("v_W1_new ** 2", "v_W1_new²", r"(v_{W_{1}}^{\text{new}})^{2}"),
        ("1 - beta1 ** t", "1 − β1^t", r"1 - \beta_{1}^{t}"),
        ("unknown_name", "unknown_name", r"\text{unknown\_name}"),
        ("0.5 * 0.1 + rest_27", "0.5 · 0.1 + rest_27", r"0.5 \cdot 0.1 + \text{rest 27}"),
        ("1 / (1 + exp(-(-0.35)))", "1 / (1 + exp(−(−0.35)))", r"\frac{1}{1 + e^{-(-0.35)}}"),
        ("0.3 * -0.0004386 - -2.0", "0.3 · (−4.386e−4) − (−2)", None),
        ("-0.3 * 0.2", "−0.3 · 0.2", r"-0.3 \cdot 0.2"),
        ("max(Z[0, k] for k in range(3))", "max_{k=0…2}(Z[0, k])", r"\max_{k=0,\ldots,2}(Z[0, k])"),
        ("max(Z[0, 0], Z[0, 1], rest)", "max(Z[0, 0], Z[0, 1], rest)", None),
        ("l1 * np.sign(W1)", "λ_L1 · sign(W1)", r"\lambda_{\mathrm{L1}} \cdot \operatorname{sign}(W_{1})"),
        ("l2 * W1", "λ_L2 · W1", r"\lambda_{\mathrm{L2}}\,W_{1}"),
        ("abs(a) * abs(abs(b) - 1)", "|a| ⊙ abs(|b| − 1)", None),
    ],
)
def test_how_formulas_look(code: str, text: str, latex: str | None) -> None:
    assert to_text(code) == text
    if latex:
        assert to_latex(code) == latex


def test_a_number_by_name_makes_an_ordinary_product() -> None:
    assert to_text("dZ2 = w * (A2 - Y)") == "dZ2 = w ⊙ (A2 − Y)"
    assert to_text("dZ2 = w * (A2 - Y)", scalars={"w"}) == "dZ2 = w · (A2 − Y)"
    assert to_text("w * A2[0, 1]") == "w · A2[0, 1]"
    assert r"\odot" not in to_latex("w * A2", scalars={"w"})
    assert "⊙" not in to_mathml("w * A2", scalars={"w"})


def test_a_syntax_tree_is_code_too() -> None:
    tree = ast.BinOp(ast.Name("Z"), ast.Add(), ast.Constant(-0.5))
    assert to_text(tree) == "Z + (−0.5)"


def test_digits_can_be_chosen() -> None:
    assert to_text("1.23456789012 * a", digits=4) == "1.235 · a"
    assert "1.235" in to_latex("1.23456789012 * a", digits=4)


def test_long_sums_are_no_deeper_than_short_ones() -> None:
    code: ast.expr = ast.Constant(1)
    for _ in range(5000):
        code = ast.BinOp(code, ast.Add(), ast.Constant(2))
    assert to_text(code).count(" + ") == 5000


# ---- references, which a page links


def refs(code: str) -> list[str]:
    return [
        element.get("data-ref", "")
        for element in ElementTree.fromstring(to_mathml(code)).findall(".//*[@data-ref]")
    ]


def test_every_quantity_can_be_found_in_mathml() -> None:
    assert refs("Z1 = X @ W1 + b1") == ["Z1", "X", "W1", "b1"]
    assert refs("dW1[0, 2] = X[0, 0] * dZ1[0, 2]") == ["dW1[0,2]", "X[0,0]", "dZ1[0,2]"]
    assert refs("dW1[0, 2] = sum(X[n, 0] * b1[o] for n in range(4) for o in range(2))") == [
        "dW1[0,2]", "X[:,0]", "b1",
    ]  # fmt: skip


def test_signs_are_escaped() -> None:
    assert "<mo>&gt;</mo>" in to_mathml("A > B")


def test_the_strength_of_a_penalty_carries_no_number_of_a_layer() -> None:
    assert "<msub><mi>λ</mi><mtext>L2</mtext></msub>" in to_mathml("l2")


# ---- what is not known is an error


@pytest.mark.parametrize(
    "code",
    [
        "A = np.linalg.inv(X)", "np.cumsum(X)", "X.sum(axis=2)", "X.sum(0, 1)", "X.sum(where=M)", "X.dot(W)",
        "np.exp(X, out=Z)", "np.exp(X, Y)", "np.clip(X, 0)", "X[1:2]", "X[-1]", "X[A]()", "'text'", "True",
        "X[True]", "a < b < c", "a and b", "not a", "a % b", "a // b", "~a", "lambda: 0", "[a for a in b]",
        "sum(X[n] for n in Y)", "sum(X[n] for n in range(4) if n)", "sum(X[n] for n in range(a))",
        "max(*a)", "sum(a, b)", "X.shape", "X.shape[2]", "X.real", "1j", "None", "f(x)", "np.where(a)",
        "a = b = c", "a, b = c", "a; b", "", "a +", "a += 1", "def f(): pass", "(a + b) = c",
        "X.sum(axis=a)", "X.sum(axis=True)", "X.sum(keepdims=1)", "X.exp()", "a < b", "a == b",
        "a if b else c", "self.x", "X[:, 0]", "sum(X[n] for n in range(1, 3))", "sigmoid(X)", "np.dot(X, W)",
        "float(a)", "min(a)", "np + 1",
    ],
)  # fmt: skip
def test_what_has_no_notation_is_an_error(code: str) -> None:
    for write in (to_text, to_latex, to_mathml):
        with pytest.raises(InputError, match="a formula"):
            write(code)


def test_a_number_beyond_all_floats_is_an_error() -> None:
    with pytest.raises(InputError, match="a formula"):
        to_text("9" * 400)


def test_the_error_says_what_and_what_is_expected() -> None:
    with pytest.raises(InputError, match=r"got np\.cumsum\(X\).*try"):
        to_text("A = 1 + np.cumsum(X)")


# ---- the language


def expression_of(code: str) -> ast.expr:
    return ast.parse(code, mode="eval").body


@pytest.mark.parametrize("line", LINES)
def test_every_line_of_every_rule_is_in_the_language(line: str) -> None:
    check_language(expression_of(line.partition(" = ")[2]))


@pytest.mark.parametrize("function", language.FUNCTIONS)
def test_the_language_holds_no_function_that_no_rule_uses(function: str) -> None:
    assert any(re.search(rf"\b{function}\(", str(param.values[0])) for param in LINES)


def test_the_language_of_the_rules_has_no_entries_and_no_loops() -> None:
    for code in (
        "X[0, 1]",
        "sum(X[n, 0] for n in range(4))",
        "max(a, b, c)",
        "np.inf",
        "exp + 1",
        "X @ (y := W)",
    ):
        with pytest.raises(InputError, match="a formula holds something that the rules do not use"):
            check_language(expression_of(code))


@pytest.mark.parametrize("planted", ["np.cumsum(X)", "X.sum(axis=a)", "exp", "True"])
def test_what_is_foreign_is_found_wherever_it_stands(planted: str) -> None:
    for code in ("a * (1 + {})", "np.where({} > 0, a, b)", "-({}).T", "np.sum(({}) ** 2, axis=0)"):
        check_language(expression_of(code.format("np.exp(X)")))
        with pytest.raises(InputError):
            check_language(expression_of(code.format(planted)))


def test_no_nesting_is_too_deep_to_be_refused() -> None:
    deep: ast.expr = ast.Name("a")
    for _ in range(50_000):
        deep = ast.UnaryOp(ast.USub(), deep)
    for tree in (deep, expression_of("np.max(" + ", ".join("a" * 2000) + ")")):
        with pytest.raises(InputError, match="too long or nested too deeply"):
            check_language(tree)


# ---- evaluating


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("1 / (1 + np.exp(-Z))", [[1 / (1 + math.exp(-2)), 0.5]]),
        ("np.where(Z > 0, dA, 0.01 * dA).T", [[3], [0.05]]),
        ("(Z * Z).sum(axis=1, keepdims=True) / Z.shape[1]", [[2]]),
        ("Z.max() ** t - np.mean(dA)", 8 - 4),
        ("Z @ dA.T", [[6]]),
        ("erf(Z / 1.4142135623730951)", [[math.erf(math.sqrt(2)), 0]]),
    ],
)
def test_evaluating(code: str, expected: Any) -> None:
    values = {"Z": np.array([[2.0, 0.0]]), "dA": np.array([[3.0, 5.0]]), "t": 3}
    np.testing.assert_allclose(evaluate(expression_of(code), values), expected)


def test_single_precision_stays_single() -> None:
    values = {"A": np.ones((2, 3), np.float32), "t": 2}
    for code in ("A ** 2", "A / (1 - 0.5 ** t)", "3 * A", "A / A.shape[1]"):
        assert evaluate(expression_of(code), values).dtype == np.float32


@pytest.mark.parametrize(
    "code",
    ["9 ** 9 ** 9 ** 9", "t ** t ** t", "1 / (1 - 1)", "X @ X", "b.sum(axis=1)", "2.0 @ 3", "huge * 1"],
)
def test_what_cannot_be_computed_is_an_error(code: str) -> None:
    values = {"X": np.ones((2, 3)), "b": np.ones(3), "t": 10**9, "huge": 10**400}
    with pytest.raises(InputError, match="a formula cannot be computed from its operands"):
        evaluate(expression_of(code), values)


def test_an_operand_that_is_missing_is_named() -> None:
    with pytest.raises(InputError, match="nothing is called b"):
        evaluate(expression_of("a + b"), {"a": 1.0})


def test_names_stand_in_the_order_of_the_formula_each_once() -> None:
    names = names_in(expression_of("dA * np.exp(Z - Z.max(axis=1)) + np.where(A > b, dA, erf(c)).T ** t"))
    assert names == ("dA", "Z", "A", "b", "c", "t")


# ---- reading back: what is written means what the code means


@dataclass
class Reader:
    """Reads the text notation by its own grammar, and computes.

    choice: sum ["if" comparison ", else" choice]    sum: term (± term)*    term: [Σ | −] factor (· factor)*
    A Σ takes in all that is multiplied behind it; · ⊙ and / go from left to right.
    """

    tokens: list[str]
    names: dict[str, float] = field(default_factory=dict)

    def next(self) -> str:
        return self.tokens[0] if self.tokens else ""

    def take(self, *expected: str) -> str:
        assert not expected or self.next() in expected, (expected, self.tokens)
        return self.tokens.pop(0)

    def choice(self) -> float:
        first = self.sum()
        if self.next() != "if":
            return first
        self.take("if")
        holds = self.comparison()
        self.take(",")
        self.take("else")
        other = self.choice()
        return first if holds else other

    def comparison(self) -> bool:
        left, _, right = self.sum(), self.take(">"), self.sum()
        return left > right

    def sum(self) -> float:
        value = self.term()
        while self.next() in ("+", "−"):
            value = value + self.term() if self.take() == "+" else value - self.term()
        return value

    def term(self) -> float:
        if self.next() == "−":
            self.take()
            return -self.term()
        if self.next() == "Σ":
            return self.total()
        value = self.power()
        while self.next() in ("·", "⊙", "/"):
            sign = self.take()
            assert self.next() != "−", "a minus right behind another operator"
            other = self.total() if self.next() == "Σ" else self.power()
            value = value / other if sign == "/" else value * other
        return value

    def total(self) -> float:
        """Σ_{k=0…2} body: the body is read once for each k."""
        self.take("Σ")
        letter, first, last = self.take(), int(self.take()), int(self.take())
        assert self.next() != "−", "a minus right behind another operator"
        body, value, outer = list(self.tokens), 0.0, dict(self.names)
        for number in range(first, last + 1):
            self.tokens = list(body)
            self.names = outer | {letter: number}
            value += self.term()
        self.names = outer
        return value

    def power(self) -> float:
        base = self.atom()
        while self.next() == "^":
            self.take()
            base = float(base ** self.atom())
        return base

    def atom(self) -> float:
        token = self.take()
        if token == "(":
            value = self.choice()
            self.take(")")
            return value
        if token == "[":
            value = float(self.comparison())
            self.take("]")
            return value
        if token == "|":
            value = abs(self.choice())
            self.take("|")
            return value
        if token in FUNCTIONS and self.next() == "(":
            self.take("(")
            arguments = [self.choice()]
            while self.next() == ",":
                self.take()
                arguments.append(self.choice())
            self.take(")")
            return float(FUNCTIONS[token](*arguments))
        if token in self.names:
            return self.names[token]
        return float(token.replace("−", "-"))


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "exp": math.exp, "tanh": math.tanh, "√": math.sqrt, "abs": abs, "max": max, "min": min,
    "log": math.log, "sign": lambda x: (x > 0) - (x < 0), "erf": math.erf,
}  # fmt: skip
TOKEN = re.compile(
    r"\s*(\d+(?:\.\d+)?(?:e−?\d+)?|[⁰¹²³⁴⁵⁶⁷⁸⁹]+|Σ_\{\w=\d+…\d+\}|[A-Za-zηλ][A-Za-z0-9_]*(?:\[\d, \d\])?|.)"
)


def tokens_of(text: str) -> list[str]:
    tokens: list[str] = []
    for token in TOKEN.findall(text):
        if token[0] == "Σ" and len(token) > 1:
            tokens += ["Σ", *re.findall(r"\w+", token.replace("Σ_", ""))]
        elif token[0] in "⁰¹²³⁴⁵⁶⁷⁸⁹":
            tokens += ["^", token.translate(str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789"))]
        else:
            tokens.append(token)
    return tokens


NAMES = {
    "a": 0.75,
    "b": -1.25,
    "W1": 1.5,
    "dZ2": -0.5,
    "v_W1_new": 2.25,
    "X[0, 1]": 0.625,
    "η": 0.5,
    "λ_L2": 3.0,
}


def value_of_text(text: str) -> float:
    reader = Reader(tokens_of(text.strip()), dict(NAMES))
    value = reader.choice()
    assert not reader.tokens
    return value


def linear(element: ElementTree.Element) -> str:
    """MathML on one line of the text notation; only what delimits itself on paper gets brackets."""
    tag, parts = element.tag.removeprefix(MATHML), list(element)
    if element.get("data-ref"):
        name = str(element.get("data-ref")).replace(",", ", ")
        return {"eta": "η", "l2": "λ_L2"}.get(name, name)
    if tag == "mfrac":
        return f"(({linear(parts[0])}) / ({linear(parts[1])}))"
    if tag == "msup" and parts[0].text == "e":
        return f"exp({linear(parts[1])})"
    if tag == "msup" and parts[0].text == "10":
        return f"e{linear(parts[1])}"
    if tag == "msup":
        return f"{linear(parts[0])}^({linear(parts[1])})"
    if tag == "msqrt":
        return f"√({''.join(map(linear, parts))})"
    if tag == "munderover":
        return f"Σ_{{{linear(parts[1])}…{linear(parts[2])}}}".replace(" ", "")
    if tag == "mtable":
        (then, condition), (otherwise, _) = ([linear(cell) for cell in row] for row in parts)
        return f"({then} {condition}, else {otherwise})"
    if tag == "mo":
        return {"\u2062": " · ", "×": "", "{": ""}.get(
            element.text or "", f" {element.text} ".replace(" − ", "−")
        )
    return (element.text or "") + "".join(map(linear, parts))


def value_of_mathml(mathml: str) -> float:
    return value_of_text(linear(ElementTree.fromstring(mathml)))


# Random expressions of numbers, in which no power or fraction leaves the range where all is defined.

small = st.one_of(st.integers(0, 3), st.sampled_from([0.5, 1.25, -0.75, -2, 0.0004, -3e-7, 2.5e8]))
named = st.sampled_from(["a", "b", "W1", "dZ2", "v_W1_new", "X[0, 1]", "eta", "l2"])
leaves = st.one_of(small.map(repr), named)


def grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    two, three = st.tuples(inner, inner), st.tuples(inner, inner, inner)
    bounded = inner.map(lambda x: f"tanh({x})")
    return st.one_of(
        two.map(lambda t: f"({t[0]}) + ({t[1]})"),
        two.map(lambda t: f"({t[0]}) - ({t[1]})"),
        two.map(lambda t: f"({t[0]}) * ({t[1]})"),
        two.map(lambda t: f"({t[0]}) / (2 + tanh({t[1]}))"),
        two.map(lambda t: f"({t[0]}) / (({t[1]}) * 0 + 4)"),
        st.tuples(inner, st.sampled_from(["2", "3", "1"])).map(lambda t: f"({t[0]}) ** {t[1]}"),
        inner.map(lambda x: f"-({x})"),
        bounded.map(lambda x: f"exp({x})"),
        bounded.map(lambda x: f"2 ** ({x})"),
        bounded.map(lambda x: f"sqrt(1 + {x})"),
        bounded.map(lambda x: f"logaddexp(0, {x})"),
        bounded.map(lambda x: f"expm1({x})"),
        st.tuples(st.sampled_from(["abs", "tanh", "sign", "erf"]), inner).map(lambda t: f"{t[0]}({t[1]})"),
        two.map(lambda t: f"maximum({t[0]}, {t[1]})"),
        two.map(lambda t: f"minimum({t[0]}, {t[1]})"),
        three.map(lambda t: f"where(({t[1]}) > ({t[2]}), {t[0]}, ({t[0]}) * 2)"),
        two.map(lambda t: f"(({t[0]}) > ({t[1]}))"),
        inner.map(lambda x: f"sum(({x}) * k for k in range(3))"),
        inner.map(lambda x: f"sum(({x}) - k for k in range(2))"),
    )  # fmt: skip


expressions = st.recursive(leaves, grown, max_leaves=8)
PYTHON: dict[str, Any] = {
    "exp": math.exp, "tanh": math.tanh, "sqrt": math.sqrt, "abs": abs, "maximum": max, "minimum": min,
    "log": math.log, "sign": FUNCTIONS["sign"], "erf": math.erf, "expm1": math.expm1,
    "logaddexp": lambda a, b: math.log(math.exp(a) + math.exp(b)), "where": lambda c, a, b: a if c else b,
    "sum": sum, "range": range, "a": 0.75, "b": -1.25, "W1": 1.5, "dZ2": -0.5, "v_W1_new": 2.25,
    "X": {(0, 1): 0.625}, "eta": 0.5, "l2": 3.0,
}  # fmt: skip


def value_of(code: str) -> float:
    return float(eval(code, dict(PYTHON)))


def is_read_back(code: str) -> bool:
    """Whether the value survives in text and in MathML; a number that overflows or cancels says nothing."""
    try:
        expected = value_of(code)
    except OverflowError:
        return True
    found = [value_of_text(to_text(code, digits=17)), value_of_mathml(to_mathml(code, digits=17))]
    return all(
        math.isclose(value, expected, rel_tol=1e-6, abs_tol=1e-3) or abs(expected) > 1e6 for value in found
    )


@settings(max_examples=300, deadline=None)
@given(expressions)
@example("a - (b - (a + b))")
@example("a - (b + a)")
@example("a / (b / 4)")
@example("a / b / 4")
@example("a / 4 * b")
@example("a * (b / 4)")
@example("-(a + b) ** 2")
@example("(-a) ** 2")
@example("(-2) ** 2")
@example("(2 ** 3) ** 2")
@example("2 ** (3 ** 2)")
@example("sum(k * a for k in range(3)) * b")
@example("-sum(k * a for k in range(3)) * b")
@example("sum(sum(k * a for k in range(2)) * k for k in range(3))")
@example("sum(k + 1 for k in range(3)) / 4 - a")
@example("2 / sum(k + 1 for k in range(3))")
@example("where(a > b, a, b) + 1")
@example("1 + where(a > b, a, b)")
@example("2 * where(b > a, a, b)")
@example("where(b > a, a, b) * 2")
@example("where(b > a, where(b > a, a, b) * 2, b)")
@example("maximum(where(b > a, a, b), 2)")
@example("abs(a * abs(b) * a)")
def test_what_is_written_has_the_value_of_the_code(code: str) -> None:
    assert is_read_back(code), (to_text(code), to_latex(code))


@pytest.mark.parametrize(
    ("level", "code"),
    [("SUM", "a * (b + 1)"), ("TERM", "a / (4 * b)"), ("CHOICE", "3 * where(b > a, 1, b)")],
)
def test_brackets_that_are_planted_too_few_are_seen(
    level: str, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert is_read_back(code)
    monkeypatch.setattr(writing, level, writing.ATOM)
    assert value_of_text(to_text(code)) != pytest.approx(value_of(code))


def test_a_minus_behind_an_operator_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing._Writer, "clashes", lambda *_: False)
    with pytest.raises(AssertionError, match="a minus right behind another operator"):
        is_read_back("a * -0.5")


def test_formulas_of_stories_have_no_needless_brackets() -> None:
    for code in ("a + (b - 1)", "(a * b) * X[0, 1]", "(a) + ((b))", "exp((a + b))", "sqrt(a) + (b / 4)"):
        assert to_text(code).count("(") == code.count("exp") + code.count("sqrt")


# ---- LaTeX compiles

DOCUMENT = r"""\documentclass{article}
\usepackage{amsmath}
\begin{document}
%s
\end{document}
"""


def test_latex_compiles(tmp_path: Path) -> None:
    if not shutil.which("pdflatex"):
        pytest.skip("pdflatex is not installed")
    lines = [str(param.values[0]) for param in LINES] + SCALAR_LINES
    formulas = "\n".join(rf"\[ {to_latex(line)} \]" for line in lines)
    (tmp_path / "all.tex").write_text(DOCUMENT % formulas)
    run = subprocess.run(
        ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "all.tex"],
        cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout[-2000:]
    assert "Missing character" not in (tmp_path / "all.log").read_text(errors="replace")
