"""What a formula is made of: a small tree between the code that is read and the notation that is written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias, final

Expression: TypeAlias = (
    "Number | Reference | Negative | Sum | Product | Quotient | Power | Transpose | Function | Over"
    " | Comparison | Cases"
)


@final
@dataclass(frozen=True)
class Number:
    """A number that stands in the code, or was filled in."""

    value: float


@final
@dataclass(frozen=True)
class Reference:
    """A quantity by name, or with an index one entry: each place is a number or a letter."""

    name: str
    index: tuple[str, ...] = ()

    @property
    def target(self) -> str:
        """What is meant, for links: `W1`, `W1[0,2]`, and `X[:,0]` where a letter runs over the samples."""
        places = [place if place.isdigit() else ":" for place in self.index]
        return self.name if set(places) <= {":"} else f"{self.name}[{','.join(places)}]"


@final
@dataclass(frozen=True)
class Negative:
    """−x."""

    operand: Expression


@final
@dataclass(frozen=True)
class Sum:
    """Terms, each with its sign "+" or "−"; the first sign is "+"."""

    terms: tuple[tuple[str, Expression], ...]


@final
@dataclass(frozen=True)
class Product:
    """Of two factors: "·" where one is a number, "⊙" entry by entry, "@" of matrices."""

    left: Expression
    sign: str
    right: Expression


@final
@dataclass(frozen=True)
class Quotient:
    """One thing divided by another, entry by entry where they are arrays."""

    top: Expression
    bottom: Expression


@final
@dataclass(frozen=True)
class Power:
    """A base raised to an exponent, entry by entry."""

    base: Expression
    exponent: Expression


@final
@dataclass(frozen=True)
class Transpose:
    """A matrix with rows and columns exchanged."""

    operand: Expression


@final
@dataclass(frozen=True)
class Function:
    """A function by its mathematical name: exp, log, sqrt, abs, max, …"""

    name: str
    arguments: tuple[Expression, ...]


@final
@dataclass(frozen=True)
class Range:
    """A letter that runs, from 0 to `last` where this is known."""

    letter: str
    last: int | None = None


@final
@dataclass(frozen=True)
class Over:
    """A sum, mean, max or min over ranges; `partial` where it leaves a number for each row or column."""

    kind: str
    ranges: tuple[Range, ...]
    body: Expression
    partial: bool = False


@final
@dataclass(frozen=True)
class Comparison:
    """Whether left > right; as a number (Iverson's bracket) 1 or 0."""

    left: Expression
    right: Expression


@final
@dataclass(frozen=True)
class Cases:
    """`then` where the condition holds, else `otherwise`."""

    condition: Expression
    then: Expression
    otherwise: Expression


@final
@dataclass(frozen=True)
class Equation:
    """What is computed, and how."""

    left: Reference
    right: Expression


def parts(node: Expression) -> tuple[Expression, ...]:
    """The expressions right below one."""
    match node:
        case Number() | Reference():
            return ()
        case Negative(operand) | Transpose(operand):
            return (operand,)
        case Sum(terms):
            return tuple(term for _, term in terms)
        case Quotient(one, other) | Power(one, other) | Comparison(one, other):
            return (one, other)
        case Product(left, _, right):
            return (left, right)
        case Function(_, arguments):
            return arguments
        case Over(body=body):
            return (body,)
        case Cases(condition, then, otherwise):
            return (condition, then, otherwise)


def references(node: Expression) -> Iterator[Reference]:
    """All references within an expression, from left to right."""
    if isinstance(node, Reference):
        yield node
    for part in parts(node):
        yield from references(part)
