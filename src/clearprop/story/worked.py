r"""One entry worked out, in LaTeX that fits on a line: symbol = formula = numbers filled in = value.

Long sums are broken before a sign; where that is not enough, the smaller terms are taken together:
`0.21 + \underbrace{0.05}_{\text{6 more}}`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from typing import final

import numpy as np

from .entries import Derivation
from .evaluating import evaluate
from .formulas import to_latex
from .numbers import number_latex
from .scalar import rest_name
from .step import Step
from .story import Story

LINE = 76.0  # how many digits a line is wide, beside the symbol
LINES = 3  # that a sum may take
DEEPEST = 2  # brackets within brackets that a line may end in
KEPT = (8, 5, 3, 2)  # terms that stay, tried in this order

_TOKEN = re.compile(r"\\[a-zA-Z]+\*?|\\.|.")
_WIDTHS = {  # in digits
    **dict.fromkeys(["{", "}", " ", "_", "^", "&", r"\left", r"\right", r"\mathrm", r"\text", r"\frac"], 0.0),
    **dict.fromkeys([r"\operatorname", r"\hat", r"\underbrace", r"\lvert", r"\rvert", r"\,"], 0.4),
    **dict.fromkeys(["+", "-", "=", r"\cdot", r"\odot", r"\times", r"\sum"], 2.6),
    **dict.fromkeys("0123456789", 1.0),
    **dict.fromkeys(".,()[]|", 0.7),
}
_OTHER = 1.5  # letters and what else there may be
_BRACKET = re.compile(r"\\(?:left|right)(?=[()\[\]]|\\[lr]vert)")


def worked(story: Story, step: Step, digits: int) -> str | None:
    """Return the first entry of a step, worked out and aligned at "="; None where it would tell nothing.

    That is so where the entry is only handed on, and where no shortening lets it fit.
    """
    derivation = story.zoom(step.name, *(0 for _ in step.shape))
    if derivation.code is None or isinstance(step.expression, ast.Name):
        return None
    symbol, _, right = derivation.code.partition(" = ")
    filled = _filled_lines(derivation, digits)
    if filled is None:
        return None
    lines = [*_equal(fold(to_latex(right, digits=digits))), *_equal(filled)]
    lines += _equal([number_latex(derivation.value, digits)])
    return rf"\begin{{aligned}} {to_latex(symbol)} " + r" \\ ".join(lines) + r" \end{aligned}"


def width(latex: str) -> float:
    """Return about how many digits wide a formula is; numerator and denominator count both."""
    return sum(_WIDTHS.get(token, _OTHER) for token in _TOKEN.findall(latex))


def fold(latex: str, line: float = LINE) -> list[str]:
    """Return a formula in lines, broken before the signs of a sum, the outer ones where these suffice."""
    lines = [latex]
    for depth in range(DEEPEST + 1):
        if all(width(one) <= line for one in lines) or r"\begin" in latex:
            return lines
        lines = [""]
        for term in _terms(
            _BRACKET.sub("", latex), depth
        ):  # \left( and \right) must share a line, ( and ) not
            if lines[-1] and width(lines[-1] + term) > line:
                lines.append(term)
            else:
                lines[-1] += term
    return lines


def _terms(latex: str, deepest: int) -> list[str]:
    """Split before each " + " and " - " outside of all braces, and within so many brackets at most."""
    terms, braces, brackets = [""], 0, 0
    for part in re.split(r"( [+-] |[{}()])", latex):
        braces += (part == "{") - (part == "}")
        brackets += (part == "(") - (part == ")")
        if part in (" + ", " - ") and not braces and brackets <= deepest:
            terms.append("")
        terms[-1] += part
    return terms


def _equal(lines: list[str]) -> list[str]:
    return [f"&= {lines[0]}", *(rf"&\quad {{}}{line}" for line in lines[1:])]


def _filled_lines(derivation: Derivation, digits: int) -> list[str] | None:
    """Return the numbers filled in, in lines that fit; None where they cannot be made to."""
    assert derivation.filled is not None
    known = {rest_name(k): rest for k, rest in enumerate(derivation.rests, 1)}
    for kept in KEPT:
        tree = ast.parse(derivation.filled, mode="eval").body
        shortened = _Shortening(kept, known)
        latex = to_latex(shortened.visit(tree), digits=digits)
        for k, (count, rest) in enumerate(shortened.rests):
            shown = number_latex(rest, digits)
            shown = rf"\left({shown}\right)" if rest < 0 else shown
            latex = latex.replace(rf"\text{{rest {k}}}", rf"\underbrace{{{shown}}}_{{\text{{{count} more}}}}")
        lines = fold(latex)
        if len(lines) <= LINES and all(width(line) <= LINE for line in lines):
            return lines
    return None


@final
class _Shortening(ast.NodeTransformer):
    """Keeps the largest terms of a sum of numbers, and puts `rest_0`, `rest_1`, … for the others."""

    def __init__(self, kept: int, known: Mapping[str, tuple[int, float]]) -> None:
        self.kept = kept
        self.known = known  # what is left out already, by name: how many terms, and their sum
        self.rests: list[tuple[int, float]] = []

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        """Shorten a sum; look into anything else, a short sum too."""
        terms = _added(node)
        named = [self.known[term.id] for term in terms if isinstance(term, ast.Name)]
        if len(terms) <= self.kept and not named:
            return self.generic_visit(node)  # type: ignore[return-value]
        terms = [term for term in terms if not isinstance(term, ast.Name)]
        sizes = [float(evaluate(term, {})) for term in terms]
        small = np.argsort(-np.abs(sizes), kind="stable")[self.kept :].tolist()
        count = len(small) + sum(count for count, _ in named)
        rest = sum(sizes[k] for k in small) + sum(rest for _, rest in named)
        shown: list[ast.expr] = [self.visit(term) for k, term in enumerate(terms) if k not in small]
        if count:
            shown.append(ast.Name(f"rest_{len(self.rests)}"))
            self.rests.append((count, rest))
        total = shown[0]
        for term in shown[1:]:
            total = ast.BinOp(total, ast.Add(), term)
        return total


def _added(node: ast.expr) -> list[ast.expr]:
    """Return the terms of a + b + c, in order."""
    terms: list[ast.expr] = []
    while isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        terms.insert(0, node.right)
        node = node.left
    return [node, *terms]
