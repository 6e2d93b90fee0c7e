"""Evaluating a formula: the small NumPy language of the rules, read by `ast` and never by `eval`."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ..errors import InputError
from ..rules.special import erf

FUNCTIONS: dict[str, Callable[..., Any]] = {
    name: getattr(np, name)
    for name in (
        "abs", "clip", "exp", "expm1", "log", "logaddexp", "max", "maximum", "mean", "minimum", "sign",
        "sqrt", "sum", "tanh", "where",
    )
} | {"erf": erf}  # fmt: skip
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


def evaluate(expression: ast.expr, values: Mapping[str, Any]) -> Any:
    """Return the value of an expression of the rules' language, from its operands by name.

    Raises:
        InputError: an operand that is missing, or anything that the rules do not use.
    """
    match expression:
        case ast.Constant(value=int() | float() as value):
            return value
        case ast.Name(id=name) if name in values:
            return values[name]
        case ast.BinOp(left=left, op=op, right=right) if type(op) in OPERATORS:
            return OPERATORS[type(op)](evaluate(left, values), evaluate(right, values))
        case ast.UnaryOp(op=op, operand=operand) if type(op) in OPERATORS:
            return OPERATORS[type(op)](evaluate(operand, values))
        case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in OPERATORS:
            return OPERATORS[type(op)](evaluate(left, values), evaluate(right, values))
        case ast.Attribute(value=array, attr="T"):
            return evaluate(array, values).T
        case ast.Subscript(value=ast.Attribute(value=array, attr="shape"), slice=ast.Constant(value=axis)):
            return np.shape(evaluate(array, values))[axis]
        case ast.Call() if (function := function_of(expression)) in FUNCTIONS:
            options = {str(keyword.arg): ast.literal_eval(keyword.value) for keyword in expression.keywords}
            operands = [evaluate(operand, values) for operand in operands_of(expression)]
            with np.errstate(over="ignore"):
                return FUNCTIONS[function](*operands, **options)
    raise InputError("not in the language of the rules", got=ast.unparse(expression))


def function_of(call: ast.Call) -> str:
    """Return the name of what is called: "exp" for np.exp(Z), "sum" for A.sum(axis=0)."""
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def operands_of(call: ast.Call) -> list[ast.expr]:
    """Return what a function is called on: Z for np.exp(Z), A for A.sum(axis=0)."""
    function = call.func
    is_method = isinstance(function, ast.Attribute) and getattr(function.value, "id", "") != "np"
    return [*([function.value] if is_method else []), *call.args]  # type: ignore[attr-defined]


def names_in(expression: ast.expr) -> tuple[str, ...]:
    """Return the operands of an expression by name, each once, in the order in which they stand."""
    functions = {"np", *FUNCTIONS, *_bound(expression)}
    names = [node for node in ast.walk(expression) if isinstance(node, ast.Name) and node.id not in functions]
    names.sort(key=lambda node: (node.lineno, node.col_offset))
    return tuple(dict.fromkeys(node.id for node in names))


def _bound(expression: ast.expr) -> set[str]:
    """Return the variables that sums run over."""
    return {
        node.target.id
        for node in ast.walk(expression)
        if isinstance(node, ast.comprehension) and isinstance(node.target, ast.Name)
    }
