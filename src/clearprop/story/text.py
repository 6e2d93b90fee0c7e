"""Formulas as plain text: Z1 = X · W1 + b1, dZ1 = dA1 ⊙ A1 ⊙ (1 − A1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

from .expressions import Range, Reference
from .numbers import number
from .symbols import plain

RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


@final
@dataclass(frozen=True)
class Text:
    """Plain text; numbers with so many significant digits."""

    digits: int
    flat: bool = True

    def number(self, value: float) -> str:
        """0.35."""
        return number(value, self.digits)

    def reference(self, node: Reference) -> str:
        """W1, or W1[0, 2]."""
        return plain(node.name) + (f"[{', '.join(node.index)}]" if node.index else "")

    def brackets(self, inner: str) -> str:
        """(a + b)."""
        return f"({inner})"

    def negative(self, operand: str) -> str:
        """−a."""
        return f"−{operand}"

    def sum(self, terms: list[tuple[str, str]]) -> str:
        """a + b − c."""
        return terms[0][1] + "".join(f" {sign} {term}" for sign, term in terms[1:])

    def product(self, left: str, sign: str, right: str) -> str:
        """The sign · for numbers and for matrices, as on paper; ⊙ entry by entry."""
        return f"{left} {'⊙' if sign == '⊙' else '·'} {right}"

    def quotient(self, top: str, bottom: str) -> str:
        """a / b."""
        return f"{top} / {bottom}"

    def power(self, base: str, exponent: str) -> str:
        """a², β1^t."""
        if exponent.isdecimal():
            return base + exponent.translate(RAISED)
        return f"{base}^{exponent}" if exponent.isidentifier() else f"{base}^({exponent})"

    def transpose(self, operand: str) -> str:
        """Xᵀ."""
        return f"{operand}ᵀ"

    def function(self, name: str, arguments: list[str]) -> str:
        """exp(a), √(a), |a|."""
        inner = ", ".join(arguments)
        if name == "abs" and "|" not in inner:
            return f"|{inner}|"
        return f"{'√' if name == 'sqrt' else name}({inner})"

    def over(self, kind: str, ranges: tuple[Range, ...], body: str) -> str:
        """Σ_n a, Σ_{n=0…3} a, max_i(a)."""
        below = ",".join(one.letter if one.last is None else f"{one.letter}=0…{one.last}" for one in ranges)
        below = below if len(below) == 1 else f"{{{below}}}"
        return f"Σ_{below} {body}" if kind == "sum" else f"{kind}_{below}({body})"

    def comparison(self, left: str, right: str) -> str:
        """a > b."""
        return f"{left} > {right}"

    def iverson(self, comparison: str) -> str:
        """[a > b]."""
        return f"[{comparison}]"

    def cases(self, condition: str, then: str, otherwise: str) -> str:
        """A if c, else b."""
        return f"{then} if {condition}, else {otherwise}"

    def equation(self, left: str, right: str) -> str:
        """a = b."""
        return f"{left} = {right}"
