"""The scalar formula of all entries of an array at once: `db1[column] = Σ_{n=0…3} dZ1[n, column]`.

One line stands for every entry, so a page carries one formula an array. Sums of many terms are named in
it but not written out: which of their terms are the largest differs from entry to entry.
"""

from __future__ import annotations

import ast
import copy
from dataclasses import dataclass
from functools import lru_cache, reduce
from itertools import product
from math import prod
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from ..article import Renaming
from ..formulas import to_text
from ..scalar import SHOWN, Scalars

if TYPE_CHECKING:
    from ..step import Step
    from ..story import Story

Shape: TypeAlias = tuple[int, ...]

PLACES = ("row", "column")  # what stands for an entry's place; a vector has a column only


@dataclass(frozen=True)
class Template:
    """The scalar formula of an array, with "row" and "column" for the place.

    Attributes:
        formula: as text, from the symbol on.
        spread: the right-hand side with its sums written out; None where one is too long for that.
        operands: what stands in `spread`, by name and places.
    """

    formula: str
    spread: str | None
    operands: tuple[tuple[str, tuple[str, ...]], ...]

    def operands_at(self, index: tuple[int, ...]) -> list[tuple[str, tuple[int, ...]]]:
        """Return the operands of one entry."""
        at = dict(zip(PLACES[len(PLACES) - len(index) :], index, strict=True))
        return [
            (name, tuple(at[place] if place in at else int(place) for place in places))
            for name, places in self.operands
        ]


def template_of(story: Story, step: Step) -> Template:
    """Return the scalar formula of a step."""
    return _template(
        step.code, step.shape, tuple((name, np.shape(story.values[name])) for name in step.inputs)
    )


@lru_cache(4096)  # a page that shows step after step of one network asks for the same ones
def _template(code: str, shape: Shape, operands: tuple[tuple[str, Shape], ...]) -> Template:
    """Return the scalar formula of a line of code; of its operands, only the shapes count."""
    name, _, expression = code.partition(" = ")
    names = PLACES[len(PLACES) - len(shape) :]
    symbol = f"{name}[{', '.join(names)}]" if names else name
    tree = ast.parse(expression, mode="eval").body
    with np.errstate(all="ignore"):
        values = {operand: np.ones(of) for operand, of in operands}
        formula = Scalars(values).entry(tree, tuple(ast.Name(name) for name in names))
    spread = _Spreading().visit(copy.deepcopy(formula))
    is_long = any(isinstance(node, ast.GeneratorExp) for node in ast.walk(spread))
    return Template(
        formula=to_text(f"{symbol} = {ast.unparse(formula)}"),
        spread=None if is_long else to_text(ast.unparse(spread)),
        operands=() if is_long else tuple(dict.fromkeys(_operands(spread))),
    )


class _Spreading(ast.NodeTransformer):
    """Writes short sums and maxima out: sum(X[n] for n in range(2)) as X[0] + X[1]."""

    def visit_Call(self, node: ast.Call) -> ast.expr:
        self.generic_visit(node)
        if not isinstance(node.args[0], ast.GeneratorExp):
            return node
        letters, sizes = _ranges(node.args[0])
        if prod(sizes) > SHOWN:
            return node
        body = node.args[0].elt
        places = [map(ast.Constant, at) for at in product(*map(range, sizes))]
        puts = [Renaming(dict(zip(letters, at, strict=True))) for at in places]
        terms: list[ast.expr] = [put.visit(copy.deepcopy(body)) for put in puts]
        if isinstance(node.func, ast.Name) and node.func.id == "max":
            return terms[0] if len(terms) == 1 else ast.Call(node.func, terms, [])
        return reduce(lambda total, term: ast.BinOp(total, ast.Add(), term), terms)


def _ranges(generator: ast.GeneratorExp) -> tuple[list[str], list[int]]:
    """Return the letters that a sum runs over, and how far."""
    loops = [(loop.target, loop.iter) for loop in generator.generators]
    return (
        [target.id for target, _ in loops if isinstance(target, ast.Name)],
        [ast.literal_eval(steps.args[0]) for _, steps in loops if isinstance(steps, ast.Call)],
    )


def _operands(tree: ast.expr) -> list[tuple[str, tuple[str, ...]]]:
    match tree:
        case ast.Subscript(value=ast.Name(id=name), slice=place):
            places = place.elts if isinstance(place, ast.Tuple) else [place]
            return [(name, tuple(ast.unparse(one) for one in places))]
        case ast.Name(id=name):
            return [(name, ())]
        case ast.Call(args=arguments):
            return [found for argument in arguments for found in _operands(argument)]
    return [
        found
        for node in ast.iter_child_nodes(tree)
        if isinstance(node, ast.expr)
        for found in _operands(node)
    ]
