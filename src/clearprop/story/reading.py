"""From a line of code to an expression: the NumPy of the rules, and its scalar form for one entry.

Known are + − * / @ **, comparisons, `a if c else b`, `.T`, `.shape[1]`, indices, the functions below as
`np.f`, `f` or methods, and generators such as `sum(X[n, 0] * dZ[n, 2] for n in range(4))`. Anything else is
an error, never a guess.
"""

from __future__ import annotations

import ast
from collections.abc import Collection
from typing import NoReturn, final

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
from .symbols import is_number

COMPARISONS: dict[type[ast.cmpop], str] = {
    ast.Gt: ">", ast.GtE: "≥", ast.Lt: "<", ast.LtE: "≤", ast.Eq: "=", ast.NotEq: "≠",
}  # fmt: skip
ARITIES = {"exp": 1, "log": 1, "sqrt": 1, "abs": 1, "tanh": 1, "sign": 1, "erf": 1, "clip": 3, "sigmoid": 1}
EXTREMES = {"maximum": "max", "minimum": "min", "max": "max", "min": "min"}
REDUCTIONS = ("sum", "mean", "max", "min")
COUNTS = {0: "n_samples", 1: "n_outputs"}  # of X.shape[0] and A.shape[1]

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
        return ":" in node.index if node.index else not is_number(node.name, scalars)
    if isinstance(node, Over):
        return node.partial
    return any(is_array(part, scalars) for part in parts(node))


@final
class _Reader:
    def __init__(self, scalars: frozenset[str]) -> None:
        self.scalars = scalars

    def read(self, node: ast.expr) -> Expression:
        match node:
            case ast.Constant(int() | float() as value) if not isinstance(value, bool):
                return Number(value)
            case ast.Name(name) | ast.Attribute(ast.Name("self"), name):
                return Reference(name)
            case ast.UnaryOp(ast.USub(), operand):
                inner = self.read(operand)
                if isinstance(inner, Number) and inner.value >= 0:
                    return Number(-inner.value)
                return Negative(inner)
            case ast.BinOp():
                return self.operation(node)
            case ast.Compare(left, [sign], [right]) if type(sign) in COMPARISONS:
                return Comparison(self.read(left), COMPARISONS[type(sign)], self.read(right))
            case ast.IfExp(condition, then, otherwise):
                return Cases(self.read(condition), self.read(then), self.read(otherwise))
            case ast.Attribute(operand, "T"):
                return Transpose(self.read(operand))
            case ast.Subscript(ast.Attribute(_, "shape"), ast.Constant(int() as axis)) if axis in COUNTS:
                return Reference(COUNTS[axis])
            case ast.Subscript(ast.Name(name), index):
                return Reference(name, self.index(index))
            case ast.Call():
                return self.call(node)
        _unknown(node)

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
        _unknown(node)

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

    def call(self, node: ast.Call) -> Expression:
        """A function: `np.f(x)`, `f(x)` or the method `x.f()`."""
        match node.func:
            case ast.Name(name) | ast.Attribute(ast.Name("np"), name):
                operands = node.args
            case ast.Attribute(owner, name) if name in REDUCTIONS:
                operands = [owner, *node.args]
            case _:
                _unknown(node)
        if name in REDUCTIONS and len(operands) == 1:
            return self.reduction(name, operands[0], node)
        if node.keywords or any(isinstance(operand, ast.Starred) for operand in operands):
            _unknown(node)
        found = self.function(name, *map(self.read, operands))
        return found or _unknown(node)

    def function(self, name: str, *of: Expression) -> Expression | None:
        """A function of expressions in mathematical terms; None if it is not known."""
        one = Number(1)
        match name, of:
            case "float", (x,):
                return x
            case "dot", (a, b):
                return Product(a, "@", b)
            case "where", (condition, then, otherwise):
                return Cases(condition, then, otherwise)
            case "expm1", (x,):
                return Sum((("+", Function("exp", (x,))), ("−", one)))
            case "logaddexp", (a, b):
                powers = [one if x == Number(0) else Function("exp", (x,)) for x in (a, b)]
                return Function("log", (Sum(tuple(("+", power) for power in powers)),))
            case "sigmoid_derivative", (a,):
                return self.product(a, Sum((("+", one), ("−", a))))
            case "mean_squared_error_derivative", (target, output):
                return Sum((("+", output), ("−", target)))
            case (("maximum" | "minimum" | "max" | "min"), (_, _, *_)):
                return Function(EXTREMES[name], of)
        return Function(name, of) if ARITIES.get(name) == len(of) else None

    def reduction(self, kind: str, operand: ast.expr, call: ast.Call) -> Over:
        """A sum, mean or maximum: of a generator over its ranges, of an array over an axis or all of it."""
        if isinstance(operand, ast.GeneratorExp) and not call.keywords:
            return Over(kind, tuple(map(_range, operand.generators)), self.read(operand.elt))
        axis, body = _axis_of(call), self.read(operand)
        letters = _letters(body) if axis is None else (SAMPLES_AND_UNITS[axis],)
        return Over(kind, tuple(map(Range, letters)), body, partial=axis is not None)


def _axis_of(call: ast.Call) -> int | None:
    """The axis that a reduction runs along; None for all. What shape it keeps is no matter of notation."""
    axis = None
    for option in call.keywords:
        match option:
            case ast.keyword("axis", ast.Constant(0)):
                axis = 0
            case ast.keyword("axis", ast.Constant(1)):
                axis = 1
            case ast.keyword("axis", ast.Constant(None)) | ast.keyword("keepdims", ast.Constant(bool())):
                pass
            case _:
                _unknown(call)
    return axis


def _letters(body: Expression) -> tuple[str, ...]:
    """What a sum over all entries runs over."""
    names = {reference.name.rstrip("0123456789") for reference in references(body)}
    found = {PARAMETER_LETTERS.get(name.removeprefix("d"), SAMPLES_AND_UNITS) for name in names}
    return found.pop() if len(found) == 1 else SAMPLES_AND_UNITS


def _place(node: ast.expr) -> str:
    """One place of an index: a number, a letter that a sum runs over, or ":"."""
    match node:
        case ast.Constant(int() as value) if not isinstance(value, bool):
            return str(value)
        case ast.Name(letter):
            return letter
        case ast.Slice(None, None, None):
            return ":"
    _unknown(node)


def _range(loop: ast.comprehension) -> Range:
    """`for n in range(4)` as n = 0…3."""
    match loop:
        case ast.comprehension(
            ast.Name(letter), ast.Call(ast.Name("range"), [*ends, ast.Constant(int() as stop)], []), []
        ):
            match ends:
                case []:
                    return Range(letter, 0, stop - 1)
                case [ast.Constant(int() as start)]:
                    return Range(letter, start, stop - 1)
    _unknown(loop.iter)


def _unknown(node: ast.expr) -> NoReturn:
    raise InputError(
        "a formula holds something that has no notation here",
        got=ast.unparse(node),
        expected="the NumPy that the rules are written in",
        hint="+ − * / @ **, .T, np.exp, np.sum(…, axis=0), np.where, …",
    )
