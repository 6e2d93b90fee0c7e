"""From a line of code to an expression: the language of the rules, and its scalar form for one entry.

The scalar form has, in addition, entries such as `X[n, 0]`, the largest of several numbers `max(a, b, c)`,
and `sum(X[n, 0] * dZ[n, 2] for n in range(4))`.
"""

from __future__ import annotations

import ast
from collections.abc import Collection
from typing import final

from ..errors import InputError
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
    parts,
    references,
)  # fmt: skip
from .language import REDUCTIONS, RESERVED, Call, is_number, read_call, refuse
from .symbols import stands_for_number

ONE = Number(1)
EXTREMES = {"maximum": "max", "minimum": "min"}
UNITS = "n_outputs"  # A.shape[1]

# The letters that a sum over a whole array runs over: samples n and units i, but for parameters.
SAMPLES_AND_UNITS = ("n", "i")
PARAMETER_LETTERS = {"W": ("i", "j"), "weights": ("i", "j"), "b": ("j",), "g": ("i",), "theta": ("i",)}


def read(code: str | ast.expr, scalars: Collection[str] = ()) -> Equation | Expression:
    """Read "name = expression" or a bare expression; `scalars` are the names that stand for one number.

    Raises:
        InputError: the code is not Python, or holds something that the rules do not use.
    """
    reader = _Reader(frozenset(scalars))
    if isinstance(code, ast.expr):
        return reader.read(code)
    try:
        statements = ast.parse(code.strip()).body
    except SyntaxError as error:
        raise InputError("a formula cannot be read", got=f"{code!r} ({error.msg})") from None
    match statements:
        case [ast.Expr(value)]:
            return reader.read(value)
        case [ast.Assign([target], value)]:
            left = reader.read(target)
            if isinstance(left, Reference):
                return Equation(left, reader.read(value))
    raise InputError("a formula is one line", expected='"name = expression" or an expression', got=repr(code))


def is_array(node: Expression, scalars: Collection[str]) -> bool:
    """Whether an expression is an array rather than one number."""
    if isinstance(node, Reference):
        return not node.index and not stands_for_number(node.name, scalars)
    if isinstance(node, Over):
        return node.partial
    return any(is_array(part, scalars) for part in parts(node))


@final
class _Reader:
    def __init__(self, scalars: frozenset[str]) -> None:
        self.scalars = scalars

    def read(self, node: ast.expr) -> Expression:
        match node:
            case ast.Constant(int() | float() as value) if is_number(value):
                return Number(value)
            case ast.Name(name) if name not in RESERVED:
                return Reference(name)
            case ast.UnaryOp(ast.USub(), operand):
                inner = self.read(operand)
                if isinstance(inner, Number) and inner.value >= 0:
                    return Number(-inner.value)
                return Negative(inner)
            case ast.BinOp():
                return self.operation(node)
            case ast.Compare(left, [ast.Gt()], [right]):
                return Comparison(self.read(left), self.read(right))
            case ast.Attribute(operand, "T"):
                return Transpose(self.read(operand))
            case ast.Subscript(ast.Attribute(_, "shape"), ast.Constant(1)):
                return Reference(UNITS)
            case ast.Subscript(ast.Name(name), index):
                return Reference(name, self.index(index))
            case ast.Call(ast.Name(kind), [ast.GeneratorExp(body, loops)], []) if kind in REDUCTIONS:
                return Over(kind, tuple(map(_range, loops)), self.read(body))
            case ast.Call(ast.Name("max"), [_, _, *_] as written_out, []):
                return Function("max", tuple(map(self.read, written_out)))
            case ast.Call():
                return self.call(read_call(node))
        refuse(node)

    def operation(self, node: ast.BinOp) -> Expression:
        if isinstance(node.op, ast.Add | ast.Sub):
            return self.sum(node)
        left, right = self.read(node.left), self.read(node.right)
        match node.op:
            case ast.Mult():
                return self.product(left, right)
            case ast.MatMult():
                return Product(left, "@", right)
            case ast.Div():
                return Quotient(left, right)
            case ast.Pow():
                return Power(left, right)
        refuse(node)

    def sum(self, node: ast.BinOp) -> Sum:
        """a + b − c + …, without recursion along the terms: there may be hundreds."""
        terms: list[tuple[str, Expression]] = []
        first: ast.expr = node
        while isinstance(first, ast.BinOp) and isinstance(first.op, ast.Add | ast.Sub):
            sign, term = "+" if isinstance(first.op, ast.Add) else "−", self.read(first.right)
            together = term.terms if isinstance(term, Sum) and sign == "+" else ((sign, term),)
            terms[:0] = together
            first = first.left
        return Sum((("+", self.read(first)), *terms))

    def product(self, left: Expression, right: Expression) -> Product:
        both = is_array(left, self.scalars) and is_array(right, self.scalars)
        return Product(left, "⊙" if both else "·", right)

    def index(self, node: ast.expr) -> tuple[str, ...]:
        return tuple(_place(place) for place in (node.elts if isinstance(node, ast.Tuple) else [node]))

    def call(self, call: Call) -> Expression:
        """A function in mathematical terms."""
        of = tuple(map(self.read, call.operands))
        match call.function, of:
            case "where", (condition, then, otherwise):
                return Cases(condition, then, otherwise)
            case "expm1", (x,):
                return Sum((("+", Function("exp", (x,))), ("−", ONE)))
            case "logaddexp", (a, b):
                powers = [ONE if x == Number(0) else Function("exp", (x,)) for x in (a, b)]
                return Function("log", (Sum(tuple(("+", power) for power in powers)),))
            case kind, (body,) if kind in REDUCTIONS:
                axis = call.options.get("axis")  # what shape it keeps is no matter of notation
                letters = _letters(body) if axis is None else (SAMPLES_AND_UNITS[axis],)
                return Over(kind, tuple(map(Range, letters)), body, partial=axis is not None)
        return Function(EXTREMES.get(call.function, call.function), of)


def _letters(body: Expression) -> tuple[str, ...]:
    """What a sum over all entries runs over."""
    names = {reference.name.rstrip("0123456789") for reference in references(body)}
    found = {PARAMETER_LETTERS.get(name.removeprefix("d"), SAMPLES_AND_UNITS) for name in names}
    return found.pop() if len(found) == 1 else SAMPLES_AND_UNITS


def _place(node: ast.expr) -> str:
    """One place of an index: a number, or a letter that a sum runs over."""
    match node:
        case ast.Constant(int() as value) if not isinstance(value, bool):
            return str(value)
        case ast.Name(letter):
            return letter
    refuse(node)


def _range(loop: ast.comprehension) -> Range:
    """`for n in range(4)` as n = 0…3."""
    match loop:
        case ast.comprehension(
            ast.Name(letter), ast.Call(ast.Name("range"), [ast.Constant(int() as count)], []), []
        ):
            return Range(letter, count - 1)
    refuse(loop.iter)
