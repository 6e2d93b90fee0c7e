"""Formulas as MathML Core, each quantity marked with what it refers to: data-ref="W1", data-ref="W1[0,2]"."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import final

from .expressions import Range, Reference
from .numbers import number_mathml
from .symbols import GREEK, Symbol, symbol

SIDE_BY_SIDE = '<mo lspace="0" rspace="0.17em">\u2062</mo>'  # an invisible times with a thin space
PREFIXES = {"": "", "d": '<mi mathvariant="normal">d</mi>', "log": "<mi>log</mi><mspace width='0.17em'/>"}


@final
@dataclass(frozen=True)
class MathML:
    """MathML; numbers with so many significant digits. A piece may be several elements."""

    digits: int
    flat: bool = False

    def number(self, value: float) -> str:
        """0.35."""
        return number_mathml(value, self.digits)

    def reference(self, node: Reference) -> str:
        """A symbol, and its index in square brackets."""
        places = "<mo>,</mo>".join(_place(place) for place in node.index)
        index = _fenced("[", places, "]") if places else ""
        target = escape(node.target, quote=True)
        return f'<mrow data-ref="{target}">{symbol_mathml(symbol(node.name))}{index}</mrow>'

    def brackets(self, inner: str) -> str:
        """(a + b)."""
        return _fenced("(", inner, ")")

    def negative(self, operand: str) -> str:
        """−a."""
        return f'<mo form="prefix">−</mo>{operand}'

    def sum(self, terms: list[tuple[str, str]]) -> str:
        """a + b − c."""
        return terms[0][1] + "".join(f'<mo form="infix">{sign}</mo>{term}' for sign, term in terms[1:])

    def product(self, left: str, sign: str, right: str) -> str:
        """Matrices side by side, as on paper."""
        return f"{left}{f'<mo>{sign}</mo>' if sign in ('·', '⊙') else SIDE_BY_SIDE}{right}"

    def quotient(self, top: str, bottom: str) -> str:
        """A fraction."""
        return f"<mfrac>{_row(top)}{_row(bottom)}</mfrac>"

    def power(self, base: str, exponent: str) -> str:
        """A raised exponent."""
        return f"<msup>{_row(base)}{_row(exponent)}</msup>"

    def transpose(self, operand: str) -> str:
        """A raised ⊤."""
        return f"<msup>{_row(operand)}<mo>⊤</mo></msup>"

    def function(self, name: str, arguments: list[str]) -> str:
        """The exponential function as a power of e, the others by name."""
        inner = "<mo>,</mo>".join(arguments)
        match name:
            case "exp":
                return f"<msup><mi>e</mi>{_row(inner)}</msup>"
            case "sqrt":
                return f"<msqrt>{inner}</msqrt>"
            case "abs":
                return f'<mrow><mo form="prefix">|</mo>{inner}<mo form="postfix">|</mo></mrow>'
        return f"<mrow><mi>{name}</mi>{self.brackets(inner)}</mrow>"

    def over(self, kind: str, ranges: tuple[Range, ...], body: str) -> str:
        """A sum for each range that has ends, else one sum with all letters below it."""
        if kind == "sum" and ranges[0].last is not None:
            return "".join(map(_sigma, ranges)) + body
        below = "<mo>,</mo>".join(map(_running, ranges))
        if kind == "sum":
            return f"<munder><mo>∑</mo>{_row(below)}</munder>{body}"
        return f"<mrow><munder><mo>{kind}</mo>{_row(below)}</munder>{self.brackets(body)}</mrow>"

    def comparison(self, left: str, right: str) -> str:
        """a > b."""
        return f"{left}<mo>&gt;</mo>{right}"

    def iverson(self, comparison: str) -> str:
        """[a > b]."""
        return _fenced("[", comparison, "]")

    def cases(self, condition: str, then: str, otherwise: str) -> str:
        """Two lines behind a brace."""
        rows = ((then, f"<mtext>if\xa0</mtext>{condition}"), (otherwise, "<mtext>otherwise</mtext>"))
        table = "".join(f"<mtr><mtd>{value}</mtd><mtd>{when}</mtd></mtr>" for value, when in rows)
        return f'<mrow><mo form="prefix">{{</mo><mtable columnalign="left">{table}</mtable></mrow>'

    def equation(self, left: str, right: str) -> str:
        """a = b."""
        return f"{left}<mo>=</mo>{right}"


def symbol_mathml(look: Symbol) -> str:
    """A symbol as MathML.

    >>> symbol_mathml(symbol("W1_new"))
    '<msubsup><mi>W</mi><mn>1</mn><mtext>new</mtext></msubsup>'
    """
    if look.upright:
        return f"<mtext>{escape(look.letter)}</mtext>"
    letter = f"<mi>{GREEK[look.letter][0] if look.letter in GREEK else look.letter}</mi>"
    if look.hat:
        letter = f"<mover>{letter}<mo>^</mo></mover>"
    below = "<mo>,</mo>".join(
        filter(None, (look.layer and f"<mn>{look.layer}</mn>", look.of and symbol_mathml(look.of)))
    )
    above = look.mark and f"<mtext>{look.mark}</mtext>"
    if below and above:
        letter = f"<msubsup>{letter}{_row(below)}{above}</msubsup>"
    elif below or above:
        tag = "msub" if below else "msup"
        letter = f"<{tag}>{letter}{_row(below or above)}</{tag}>"
    return PREFIXES[look.prefix] + letter


def _sigma(one: Range) -> str:
    below = f"<mrow><mi>{escape(one.letter)}</mi><mo>=</mo><mn>0</mn></mrow>"
    return f"<munderover><mo>∑</mo>{below}<mn>{one.last}</mn></munderover>"


def _running(one: Range) -> str:
    letter = f"<mi>{escape(one.letter)}</mi>"
    if one.last is None:
        return letter
    return f"{letter}<mo>=</mo><mn>0</mn><mo>,</mo><mo>…</mo><mo>,</mo><mn>{one.last}</mn>"


def _fenced(opening: str, inner: str, closing: str) -> str:
    """Brackets that grow only around what is tall, since growing ones stand further apart."""
    is_tall = any(tag in inner for tag in ("<mfrac", "<munder", "<mtable", "<msqrt", "<mi>e<"))
    still = "" if is_tall else ' stretchy="false"'
    return f"<mrow><mo{still}>{opening}</mo>{inner}<mo{still}>{closing}</mo></mrow>"


def _place(place: str) -> str:
    tag = "mn" if place.isdigit() else "mo" if place == ":" else "mi"
    return f"<{tag}>{escape(place)}</{tag}>"


def _row(inner: str) -> str:
    """One element, as an argument of another one has to be."""
    is_leaf = inner.startswith(("<mn>", "<mi>", "<mtext>")) and inner.count("<") == 2
    return inner if is_leaf else f"<mrow>{inner}</mrow>"
