"""The small language that the rules are written in: what a line of code may hold, in one place.

Known are numbers, names, + − * / @ **, `a > b`, `.T`, `.shape[1]`, and the functions below, as `np.f(x)`,
`f(x)` and, of a whole array, `x.sum(axis=0)`. Anything else is an error, never a guess.
"""

from __future__ import annotations

import ast
import operator
import sys
from collections.abc import Callable
from typing import Any, NamedTuple, NoReturn

import numpy as np

from ..errors import InputError
from ..rules.special import erf

DEEPEST = 100  # levels of a syntax tree; a line of a rule has about ten
LARGEST = 1000  # parts of it; a line of a rule has about a hundred

OPERATORS: dict[type[ast.AST], Callable[..., Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.MatMult: operator.matmul,
    ast.Pow: operator.pow,
    ast.USub: operator.neg,
    ast.Gt: operator.gt,
}
ARITIES = {
    "abs": 1, "erf": 1, "exp": 1, "expm1": 1, "log": 1, "sign": 1, "sqrt": 1, "tanh": 1,
    "logaddexp": 2, "maximum": 2, "minimum": 2, "clip": 3, "where": 3, "max": 1, "mean": 1, "sum": 1,
}  # fmt: skip
REDUCTIONS = ("max", "mean", "sum")  # of all entries, or along an axis
FUNCTIONS: dict[str, Callable[..., Any]] = {
    name: erf if name == "erf" else getattr(np, name) for name in ARITIES
}
RESERVED = frozenset({"np", *FUNCTIONS})  # what no quantity is called


class Call(NamedTuple):
    """A function, the operands that it is called on, and its options `axis` and `keepdims`."""

    function: str
    operands: list[ast.expr]
    options: dict[str, Any]


def check_language(tree: ast.expr) -> None:
    """Refuse an expression that the rules could not have been written in.

    Raises:
        InputError: it holds anything else, or it is too long or nested too deeply.
    """
    _check_size(tree)
    pending = [tree]
    while pending:
        pending += parts_of(pending.pop())


def parts_of(node: ast.expr) -> list[ast.expr]:
    """Return what an operation is computed from, from left to right; nothing for numbers and names.

    Raises:
        InputError: the rules hold no such operation.
    """
    match node:
        case ast.Constant(value) if is_number(value):
            return []
        case ast.Name(name) if name not in RESERVED:
            return []
        case ast.BinOp(left, sign, right) if type(sign) in OPERATORS:
            return [left, right]
        case ast.UnaryOp(sign, operand) if type(sign) in OPERATORS:
            return [operand]
        case ast.Compare(left, [sign], [right]) if type(sign) in OPERATORS:
            return [left, right]
        case ast.Attribute(array, "T") | ast.Subscript(ast.Attribute(array, "shape"), ast.Constant(1)):
            return [array]
        case ast.Call():
            return read_call(node).operands
    refuse(node)


def read_call(node: ast.Call) -> Call:
    """Return what is called on what: ("sum", [A], {"axis": 0}) for A.sum(axis=0).

    Raises:
        InputError: an unknown function, too many or too few operands, or an option that it does not have.
    """
    match node.func:
        case ast.Name(name) | ast.Attribute(ast.Name("np"), name):
            operands = node.args
        case ast.Attribute(array, name) if name in REDUCTIONS:
            operands = [array, *node.args]
        case _:
            refuse(node)
    if ARITIES.get(name) != len(operands) or (node.keywords and name not in REDUCTIONS):
        refuse(node)
    return Call(name, operands, dict(_option(keyword, node) for keyword in node.keywords))


def is_number(value: object) -> bool:
    """Whether a constant is a number, and a whole one not larger than any float."""
    return type(value) is float or (type(value) is int and abs(value) <= sys.float_info.max)


def refuse(node: ast.expr) -> NoReturn:
    """Raise the error for code that is not in the language."""
    raise InputError(
        "a formula holds something that the rules do not use",
        got=ast.unparse(node),
        expected="the NumPy that the rules are written in",
        hint="+ − * / @ **, .T, np.exp, np.sum(…, axis=0), np.where, …",
    )


def _option(keyword: ast.keyword, call: ast.Call) -> tuple[str, Any]:
    match keyword:
        case ast.keyword("axis", ast.Constant(int() as value)) if not isinstance(value, bool) and value < 2:
            return "axis", value
        case ast.keyword("keepdims", ast.Constant(bool() as value)):
            return "keepdims", value
    refuse(call)


def _check_size(tree: ast.AST) -> None:
    """Level by level, so that no nesting is too deep to be measured."""
    depth, size, level = 0, 0, [tree]
    while level:
        depth, size = depth + 1, size + len(level)
        if depth > DEEPEST or size > LARGEST:
            raise InputError(
                "a formula is too long or nested too deeply",
                expected=f"up to {LARGEST} parts, {DEEPEST} levels deep",
            )
        level = [child for node in level for child in ast.iter_child_nodes(node)]
