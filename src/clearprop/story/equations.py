"""The equations of the rules, read from their source: the code line is the formula.

Where an installation carries no source (a frozen program), the equations baked into
`equations.json` at build time stand in; a test keeps that file current.
"""

from __future__ import annotations

import ast
import inspect
import json
from functools import cache
from importlib.resources import files
from types import ModuleType
from typing import Any, NamedTuple

from ..rules import activations, dense, losses, penalties, updates

MODULES = (dense, activations, losses, penalties, updates)


class Line(NamedTuple):
    """One line of a rule: `target = expression  # (shape)`."""

    target: str
    expression: str


class Equations(NamedTuple):
    """A rule as text: what it means, its parameters, its lines, and the names that it returns."""

    meaning: str
    parameters: tuple[str, ...]
    lines: tuple[Line, ...]
    returns: tuple[str, ...]


@cache
def equations() -> dict[str, Equations]:
    """Return the equations of every rule by name."""
    try:
        return {name: rule for module in MODULES for name, rule in read(module).items()}
    except OSError:  # no source here
        return baked()


def read(module: ModuleType) -> dict[str, Equations]:
    """Return the equations of a module of rules, from its source.

    Raises:
        OSError: the installation carries no source.
    """
    constants = {name: value for name, value in vars(module).items() if isinstance(value, float)}
    tree = ast.parse(inspect.getsource(module))
    return {
        node.name: _equations_of(node, constants) for node in tree.body if isinstance(node, ast.FunctionDef)
    }


def baked() -> dict[str, Equations]:
    """Return the equations as they were when the package was built."""
    stored: dict[str, Any] = json.loads(files(__package__).joinpath("equations.json").read_text("utf-8"))
    return {
        name: Equations(
            rule["meaning"],
            tuple(rule["parameters"]),
            tuple(Line(*line) for line in rule["lines"]),
            tuple(rule["returns"]),
        )
        for name, rule in stored.items()
    }


def to_json() -> str:
    """Return the text of `equations.json`, from the source."""
    rules = {name: rule._asdict() for module in MODULES for name, rule in read(module).items()}
    return json.dumps(rules, indent=1, ensure_ascii=False) + "\n"


def rename(code: str, names: dict[str, str]) -> str:
    """Return a line of code with other names in place of its own."""
    return ast.unparse(Renaming({old: ast.Name(new) for old, new in names.items()}).visit(ast.parse(code)))


class Renaming(ast.NodeTransformer):
    """Puts expressions in the place of names."""

    def __init__(self, put: dict[str, ast.expr]) -> None:
        self.put = put

    def visit_Name(self, node: ast.Name) -> ast.expr:
        """Return what stands for the name."""
        return self.put.get(node.id, node)


def _equations_of(rule: ast.FunctionDef, constants: dict[str, float]) -> Equations:
    numbers = Renaming({name: ast.Constant(value) for name, value in constants.items()})
    lines = tuple(
        Line(ast.unparse(node.targets[0]), ast.unparse(numbers.visit(node.value)))
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
