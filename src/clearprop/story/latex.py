r"""Formulas as LaTeX, for amsmath: `Z_{1} = X\,W_{1} + b_{1}`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

from .expressions import Range, Reference
from .numbers import number_latex
from .symbols import GREEK, Symbol, symbol

OPERATORS = {"+": "+", "−": "-", "·": r"\cdot", "⊙": r"\odot"}
PREFIXES = {"": "", "d": r"\mathrm{d}", "log": r"\log "}
NAMED = {"log": r"\log", "tanh": r"\tanh", "max": r"\max", "min": r"\min"}


@final
@dataclass(frozen=True)
class Latex:
    """LaTeX; numbers with so many significant digits."""

    digits: int
    flat: bool = False

    def number(self, value: float) -> str:
        """0.35."""
        return number_latex(value, self.digits)

    def reference(self, node: Reference) -> str:
        """W_{1}, or W_{1}[0, 2]."""
        return symbol_latex(symbol(node.name)) + (f"[{', '.join(node.index)}]" if node.index else "")

    def brackets(self, inner: str) -> str:
        """(a + b); the brackets grow only around what is tall, since growing ones stand further apart."""
        return rf"\left({inner}\right)" if _is_tall(inner) else f"({inner})"

    def negative(self, operand: str) -> str:
        """-a."""
        return f"-{operand}"

    def sum(self, terms: list[tuple[str, str]]) -> str:
        """a + b - c."""
        return terms[0][1] + "".join(f" {OPERATORS[sign]} {term}" for sign, term in terms[1:])

    def product(self, left: str, sign: str, right: str) -> str:
        """Matrices side by side, as on paper."""
        return rf"{left} {OPERATORS[sign]} {right}" if sign in OPERATORS else rf"{left}\,{right}"

    def quotient(self, top: str, bottom: str) -> str:
        """A fraction."""
        return rf"\frac{{{top}}}{{{bottom}}}"

    def power(self, base: str, exponent: str) -> str:
        """a^{2}."""
        return f"{base}^{{{exponent}}}"

    def transpose(self, operand: str) -> str:
        r"""X^{\top}."""
        return rf"{operand}^{{\top}}"

    def function(self, name: str, arguments: list[str]) -> str:
        """The exponential function as a power of e, the others by name."""
        inner = ", ".join(arguments)
        match name:
            case "exp":
                return f"e^{{{inner}}}"
            case "sqrt":
                return rf"\sqrt{{{inner}}}"
            case "abs":
                return rf"\left\lvert {inner}\right\rvert"
        named = NAMED.get(name, rf"\operatorname{{{name}}}")
        return named + self.brackets(inner)

    def over(self, kind: str, ranges: tuple[Range, ...], body: str) -> str:
        """A sum for each range that has ends, else one sum with all letters below it."""
        if kind == "sum" and ranges[0].last is not None:
            signs = [rf"\sum_{{{one.letter}=0}}^{{{one.last}}}" for one in ranges]
            return f"{' '.join(signs)} {body}"
        below = ",".join(
            one.letter if one.last is None else rf"{one.letter}=0,\ldots,{one.last}" for one in ranges
        )
        if kind == "sum":
            return rf"\sum_{{{below}}} {body}"
        named = NAMED.get(kind, r"\operatorname*{mean}")
        return f"{named}_{{{below}}}{self.brackets(body)}"

    def comparison(self, left: str, right: str) -> str:
        """a > b."""
        return f"{left} > {right}"

    def iverson(self, comparison: str) -> str:
        """[a > b]."""
        return rf"\left[{comparison}\right]" if _is_tall(comparison) else f"[{comparison}]"

    def cases(self, condition: str, then: str, otherwise: str) -> str:
        """Two lines behind a brace."""
        return (
            rf"\begin{{cases}} {then} & \text{{if }} {condition} \\"
            rf" {otherwise} & \text{{otherwise}} \end{{cases}}"
        )

    def equation(self, left: str, right: str) -> str:
        """a = b."""
        return f"{left} = {right}"


def _is_tall(inner: str) -> bool:
    return any(command in inner for command in (r"\frac", r"\sum", r"\begin", r"\sqrt", r"\left", "e^"))


def symbol_latex(look: Symbol) -> str:
    r"""A symbol as LaTeX.

    >>> [symbol_latex(symbol(name)) for name in ("m_hat_W1", "dW1_data", "l2")]
    ['\\hat{m}_{W_{1}}', '\\mathrm{d}W_{1}^{\\text{data}}', '\\lambda_{\\mathrm{L2}}']
    """
    if look.upright:
        word = look.letter.replace("_", r"\_")
        return rf"\mathrm{{{word}}}" if word.isalnum() else rf"\text{{{word}}}"
    letter = GREEK[look.letter][1] if look.letter in GREEK else look.letter
    below = ",".join(filter(None, (look.layer, symbol_latex(look.of) if look.of else "")))
    return "".join(
        (
            PREFIXES[look.prefix],
            rf"\hat{{{letter}}}" if look.hat else letter,
            f"_{{{below}}}" if below else "",
            rf"^{{\text{{{look.mark}}}}}" if look.mark else "",
        )
    )
