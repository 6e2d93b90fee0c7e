"""The equations of the rules, read from their source: the code line is the formula.

Where an installation carries no source (a frozen program), the equations baked into
`equations.json` stand in; a test keeps that file current.
"""

from __future__ import annotations

import ast
import inspect
import json
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

from .. import classic
from ..rules import activations, dense, losses, penalties, updates
from .article import Renaming, lines_of_class

MODULES = (dense, activations, losses, penalties, updates)


class Equations(NamedTuple):
    """A rule as text: what it means, its parameters, its lines (target, expression), what it returns."""

    meaning: str
    parameters: tuple[str, ...]
    lines: tuple[tuple[str, str], ...]
    returns: tuple[str, ...]


@cache
def equations() -> dict[str, Equations]:
    """Return the equations of every rule by name; the article's two classes are rules here."""
    try:
        return read()
    except OSError:  # no source here
        return baked()


def read() -> dict[str, Equations]:
    """Return the equations from the source.

    Raises:
        OSError: the installation carries no source.
    """
    found = {}
    for module in MODULES:
        constants = {name: value for name, value in vars(module).items() if isinstance(value, float)}
        for node in ast.parse(inspect.getsource(module)).body:
            if isinstance(node, ast.FunctionDef):
                found[node.name] = _equations_of(node, constants)
    tree = ast.parse(inspect.getsource(classic))
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            lines = lines_of_class(node, tree)
            found[node.name] = Equations(ast.get_docstring(node) or "", (), lines, ())
    return found


def baked() -> dict[str, Equations]:
    """Return the equations as they were when the package was built."""
    stored: dict[str, Any] = json.loads(files(__package__).joinpath("equations.json").read_text("utf-8"))
    return {
        name: Equations(meaning, tuple(parameters), tuple(map(tuple, lines)), tuple(returns))
        for name, (meaning, parameters, lines, returns) in stored.items()
    }


def to_json() -> str:
    """Return the text of `equations.json`, from the source."""
    rules = (f"{json.dumps(name)}: {json.dumps(rule, ensure_ascii=False)}" for name, rule in read().items())
    return "{\n" + ",\n".join(rules) + "\n}\n"


def rename(code: str, names: dict[str, str]) -> str:
    """Return a line of code with other names in place of its own."""
    return ast.unparse(Renaming({old: ast.Name(new) for old, new in names.items()}).visit(ast.parse(code)))


def _equations_of(rule: ast.FunctionDef, constants: dict[str, float]) -> Equations:
    numbers = Renaming({name: ast.Constant(value) for name, value in constants.items()})
    lines = tuple(
        (ast.unparse(node.targets[0]), ast.unparse(numbers.visit(node.value)))
        for node in rule.body
        if isinstance(node, ast.Assign)
    )
    returned = rule.body[-1].value if isinstance(rule.body[-1], ast.Return) else None
    names = returned.elts if isinstance(returned, ast.Tuple) else [returned]
    return Equations(
        (ast.get_docstring(rule) or "").strip(),
        tuple(argument.arg for argument in rule.args.args),
        lines,
        tuple(name.id for name in names if isinstance(name, ast.Name)),
    )
