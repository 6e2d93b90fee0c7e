"""Evaluating a formula of the rules' language, read by `ast` and never by `eval`."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

import numpy as np

from ..errors import InputError
from .language import FUNCTIONS, OPERATORS, check_language, parts_of, read_call


def evaluate(expression: ast.expr, values: Mapping[str, Any]) -> Any:
    """Return the value of an expression of the rules' language, from its operands by name.

    Raises:
        InputError: an operand that is missing or does not fit, a number that is out of all bounds, or
            anything that the rules do not use.
    """
    check_language(expression)
    missing = [name for name in names_in(expression) if name not in values]
    if missing:
        raise InputError(f"nothing is called {missing[0]}", got=ast.unparse(expression))
    try:
        with np.errstate(over="ignore"):
            return _value(expression, values)
    except (ArithmeticError, IndexError, TypeError, ValueError) as error:
        got = f"{ast.unparse(expression)}: {error}"
        raise InputError("a formula cannot be computed from its operands", got=got) from None


def names_in(expression: ast.expr) -> tuple[str, ...]:
    """Return the operands of an expression by name, each once, in the order in which they stand.

    Raises:
        InputError: the expression holds something that the rules do not use.
    """
    names: dict[str, None] = {}
    pending = [expression]
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Name):
            names[node.id] = None
        pending += reversed(parts_of(node))
    return tuple(names)


def _value(node: ast.expr, values: Mapping[str, Any]) -> Any:
    operands = [_value(part, values) for part in parts_of(node)]
    match node:
        case ast.Constant(value):
            return _bounded(value)
        case ast.Name(name):
            return _bounded(values[name])
        case ast.BinOp(op=sign) | ast.UnaryOp(op=sign) | ast.Compare(ops=[sign]):
            return OPERATORS[type(sign)](*operands)
        case ast.Attribute():
            return np.transpose(operands[0])
        case ast.Subscript():
            return np.shape(operands[0])[1]
        case ast.Call():
            call = read_call(node)
            return FUNCTIONS[call.function](*operands, **call.options)
    raise AssertionError(ast.unparse(node))


def _bounded(value: Any) -> Any:
    """Return whole numbers as floats: a power of whole numbers could grow until memory is full."""
    return float(value) if isinstance(value, int) else value
