"""Writing an expression in a notation, with brackets where they are needed and only there.

A `Notation` says how each construct looks; this module says where it stands. In a flat notation (text)
division and powers stay on the line; otherwise fractions and raised exponents delimit themselves.
"""

from __future__ import annotations

from typing import Protocol, final

from .expressions import (
    Cases,
    Comparison,
    Equation,
    Expression,
    Function,
    Negative,
    Number,
    Over,
    Power,
    Product,
    Quotient,
    Range,
    Reference,
    Sum,
    Transpose,
)  # fmt: skip
from .numbers import parts
from .symbols import symbol

CHOICE, SUM, TERM, FACTOR, ATOM = range(5)  # how tightly an expression holds together, loosest first
NOTHING, PLUS, TIMES = range(3)  # what follows an expression: one that is open to the right would take it in


class Notation(Protocol):
    """How each construct looks; all arguments but the expressions themselves are already written."""

    @property
    def flat(self) -> bool:
        """Whether division and powers stay on the line."""

    def number(self, value: float) -> str:
        """Write a number."""

    def reference(self, node: Reference) -> str:
        """Write a quantity or one entry of it."""

    def brackets(self, inner: str) -> str:
        """Write (inner)."""

    def negative(self, operand: str) -> str:
        """Write −operand."""

    def sum(self, terms: list[tuple[str, str]]) -> str:
        """Write terms with their signs."""

    def product(self, left: str, sign: str, right: str) -> str:
        """Write a product; the sign "" stands for factors side by side."""

    def quotient(self, top: str, bottom: str) -> str:
        """Write a division."""

    def power(self, base: str, exponent: str) -> str:
        """Write a power."""

    def transpose(self, operand: str) -> str:
        """Write a transposed matrix."""

    def function(self, name: str, arguments: list[str]) -> str:
        """Write a function of arguments."""

    def over(self, kind: str, ranges: tuple[Range, ...], body: str) -> str:
        """Write a sum ("sum"; its body in brackets if it needs them), or a "max", "min" or "mean"."""

    def comparison(self, left: str, right: str) -> str:
        """Write left > right."""

    def iverson(self, comparison: str) -> str:
        """Write a comparison that counts as 1 or 0."""

    def cases(self, condition: str, then: str, otherwise: str) -> str:
        """Write a choice."""

    def equation(self, left: str, right: str) -> str:
        """Write left = right."""


def write(node: Equation | Expression, notation: Notation) -> str:
    """Write an expression or equation in a notation."""
    writer = _Writer(notation)
    if isinstance(node, Equation):
        return notation.equation(writer.write(node.left), writer.write(node.right))
    return writer.write(node)


@final
class _Writer:
    def __init__(self, notation: Notation) -> None:
        self.notation = notation

    def write(
        self, node: Expression, least: int = CHOICE, *, begins: bool = True, follows: int = NOTHING
    ) -> str:
        """Write a part that holds together at least so tightly, or else brackets around it.

        `begins` says that no operator stands before it, so that it may start with a minus; `follows` says
        which kind of operator stands behind it.
        """
        if self.binding(node) < least or self.clashes(node, begins, follows):
            return self.notation.brackets(self.form(node, begins=True, follows=NOTHING))
        return self.form(node, begins, follows)

    def binding(self, node: Expression) -> int:
        match node:
            case Sum():
                return SUM
            case Cases():
                return CHOICE if self.notation.flat else TERM
            case Quotient() if not self.notation.flat:
                return ATOM
            case Product() | Quotient() | Negative() | Over(kind="sum"):
                return TERM
            case Power() | Transpose():
                return FACTOR
        return ATOM

    def clashes(self, node: Expression, begins: bool, follows: int) -> bool:
        match node:
            case Number(value):
                return value < 0 and not begins
            case Negative():
                return not begins
            case Over(kind="sum"):
                return follows == TIMES
            case Cases():
                return follows > NOTHING
        return False

    def form(self, node: Expression, begins: bool, follows: int) -> str:
        look = self.notation
        match node:
            case Number(value):
                return look.number(value)
            case Reference():
                return look.reference(node)
            case Negative(operand):
                return look.negative(self.write(operand, TERM, begins=False, follows=follows))
            case Sum(terms):
                return self.sum(terms, begins, follows)
            case Product():
                return self.product(node, begins, follows)
            case Quotient(top, bottom):
                return self.quotient(top, bottom, begins, follows)
            case Power(base, exponent):
                return look.power(self.base(base), self.write(exponent))
            case Transpose(operand):
                return look.transpose(self.base(operand))
            case Function(name, arguments):
                return look.function(name, [self.write(argument, SUM) for argument in arguments])
            case Over(kind, ranges, body):
                if kind == "sum":
                    return look.over(kind, ranges, self.write(body, TERM, begins=False, follows=follows))
                return look.over(kind, ranges, self.write(body, SUM))
            case Comparison():
                return look.iverson(self.condition(node))
            case Cases(condition, then, otherwise):
                return look.cases(
                    self.condition(condition), self.write(then, SUM), self.write(otherwise, SUM)
                )

    def sum(self, terms: tuple[tuple[str, Expression], ...], begins: bool, follows: int) -> str:
        written = []
        for place, (sign, term) in enumerate(terms):
            behind = PLUS if place < len(terms) - 1 else follows
            written.append((sign, self.write(term, TERM, begins=begins and not place, follows=behind)))
        return self.notation.sum(written)

    def product(self, node: Product, begins: bool, follows: int) -> str:
        left, sign, right = node.left, node.sign, node.right
        mixed = {_sign_of(left), sign} == {"⊙", "@"}
        least = ATOM if mixed or isinstance(left, Quotient) else TERM
        first = self.write(left, least, begins=begins, follows=TIMES)
        opens_right = isinstance(right, Over) or (isinstance(right, Cases) and not self.notation.flat)
        alike = isinstance(right, Product) and right.sign == sign
        second = self.write(right, TERM if opens_right or alike else FACTOR, begins=False, follows=follows)
        return self.notation.product(
            first, "" if sign == "·" and _side_by_side(left, right) else sign, second
        )

    def quotient(self, top: Expression, bottom: Expression, begins: bool, follows: int) -> str:
        if not self.notation.flat:
            return self.notation.quotient(self.write(top), self.write(bottom))
        first = self.write(top, ATOM if isinstance(top, Quotient) else TERM, begins=begins, follows=TIMES)
        least = TERM if isinstance(bottom, Over) else FACTOR
        return self.notation.quotient(first, self.write(bottom, least, begins=False, follows=follows))

    def base(self, node: Expression) -> str:
        """What carries an exponent: a plain symbol or number, |x|, or brackets."""
        match node:
            case Reference(name):
                look = symbol(name)
                is_plain = self.notation.flat or not (look.prefix or look.mark or look.of)
            case Number(value):
                is_plain = value >= 0 and parts(value)[2] is None
            case _:
                is_plain = isinstance(node, Function) and node.name == "abs"
        written = self.write(node)
        return written if is_plain else self.notation.brackets(written)

    def condition(self, node: Expression) -> str:
        if not isinstance(node, Comparison):
            return self.write(node, SUM)
        return self.notation.comparison(self.write(node.left, SUM), self.write(node.right, SUM))


def _sign_of(node: Expression) -> str:
    """How a product multiplies its arrays, whatever numbers stand behind them; "" for other expressions."""
    while isinstance(node, Product) and node.sign == "·":
        node = node.left
    return node.sign if isinstance(node, Product) else ""


def _side_by_side(left: Expression, right: Expression) -> bool:
    """Whether a product with a number reads well without a sign: 2 W, η dW, but 2 · 3 and η · (a + b)."""
    while isinstance(left, Product):
        left = left.right
    while isinstance(right, Product):
        right = right.left
    if isinstance(left, Number):
        return isinstance(right, Function | Over) or _is_symbol(right)
    return _is_symbol(left) and (isinstance(right, Over) or _is_symbol(right))


def _is_symbol(node: Expression) -> bool:
    return isinstance(node, Reference) and not node.index
