"""The formula of one entry, read off the formula of the array that it stands in.

`dW1 = X.T @ dZ1` holds `dW1[0, 2] = sum(X[n, 0] * dZ1[n, 2] for n in range(4))`, and with the sum written
out `X[0, 0] * dZ1[0, 2] + …`. Both are written as Python's syntax trees, so the same renderers show them.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from itertools import product
from typing import Any, final

import numpy as np

from .evaluating import evaluate
from .language import REDUCTIONS, Call, read_call

SHOWN = 8  # a sum of up to so many terms is written out whole
LARGEST = 5  # of a longer one, so many terms and the rest
UNITS = "ijkl"  # what sums over units run over; those over samples run over n
REST = "rest"

Index = tuple[ast.expr, ...]
Entry = tuple[str, tuple[int, ...]]
Term = Callable[[Sequence[ast.expr]], ast.expr]


@final
class Scalars:
    """Writes the formula of one entry, from the formula of the array that it stands in."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self.values = values
        self.rests: list[tuple[int, float]] = []  # of each long sum: how many terms are left out, their sum
        self._free = iter(UNITS)
        self._cache: dict[int, Any] = {}

    def entry(self, tree: ast.expr, index: Index, *, spread: bool = False) -> ast.expr:
        """Return the expression of the entry at `index`; `spread` writes sums out."""

        def inner(part: ast.expr, at: Index = index) -> ast.expr:
            return self.entry(part, at, spread=spread)

        match tree:
            case ast.Constant():
                return tree
            case ast.Name(id=name):
                at = _aligned(index, np.shape(self.values[name]))
                return ast.Subscript(tree, _index(at)) if at else tree
            case ast.BinOp(left=left, op=ast.MatMult(), right=right):
                return self._product(left, right, index, spread)
            case ast.BinOp(left=left, op=op, right=right):
                return ast.BinOp(inner(left), op, inner(right))
            case ast.UnaryOp(op=op, operand=operand):
                return ast.UnaryOp(op, inner(operand))
            case ast.Compare(left=left, ops=ops, comparators=[right]):
                return ast.Compare(inner(left), ops, [inner(right)])
            case ast.Attribute(value=array, attr="T"):
                return inner(array, index[::-1])
            case ast.Subscript():  # A.shape[1]
                return ast.Constant(int(evaluate(tree, self.values)))
            case ast.Call():
                call = read_call(tree)
                if call.function in REDUCTIONS:
                    return self._reduced(call, index, spread)
                return ast.Call(ast.Name(call.function), list(map(inner, call.operands)), [])
        raise AssertionError(ast.unparse(tree))

    def _product(self, left: ast.expr, right: ast.expr, index: Index, spread: bool) -> ast.expr:
        over_samples = isinstance(left, ast.Attribute)  # X.T @ dZ
        size = self._value(left).shape[1]

        def term(k: ast.expr) -> ast.expr:
            a = self.entry(left, (index[0], k), spread=spread)
            return ast.BinOp(a, ast.Mult(), self.entry(right, (k, index[1]), spread=spread))

        def terms() -> Any:
            i, j = (_whole(at) for at in index)
            return self._value(left)[i] * self._value(right)[:, j]

        return self._sum([size], "n" if over_samples else "", lambda at: term(at[0]), terms, spread)

    def _reduced(self, call: Call, index: Index, spread: bool) -> ast.expr:
        function, (operand,), options = call
        shape = np.shape(self._value(operand))
        axis = options.get("axis")
        axes = list(range(len(shape))) if axis is None else [axis]
        outer: Index = (ast.Constant(0),) * len(shape)
        if axis is not None:
            kept = index if options.get("keepdims") else (*index[:axis], ast.Constant(0), *index[axis:])
            outer = _aligned(kept, tuple(1 if k == axis else size for k, size in enumerate(shape)))

        def at(inside: Sequence[ast.expr]) -> ast.expr:
            run = dict(zip(axes, inside, strict=True))
            return self.entry(operand, tuple(run.get(k, i) for k, i in enumerate(outer)), spread=spread)

        def terms() -> Any:
            place = tuple(slice(None) if k in axes else _whole(i) for k, i in enumerate(outer))
            return self._value(operand)[place]

        sizes = [shape[k] for k in axes]
        if function == "max":
            return self._maximum(sizes, at, terms, spread)
        first = "n" if 0 in axes and self._counts_samples(operand) else ""
        total = self._sum(sizes, first, at, terms, spread)
        if function == "mean":
            return ast.BinOp(total, ast.Div(), ast.Constant(int(np.prod(sizes))))
        return total

    def _sum(
        self,
        sizes: Sequence[int],
        first: str,
        term: Term,
        terms: Callable[[], Any],
        spread: bool,
    ) -> ast.expr:
        if not spread:
            return self._running("sum", sizes, first, term)
        values = np.asarray(terms())
        places = list(product(*map(range, sizes))) if values.size <= SHOWN else self._largest(values)
        written = [term([ast.Constant(i) for i in place]) for place in places]
        if values.size > SHOWN:
            written.append(ast.Name(rest_name(len(self.rests))))
        return reduce(lambda total, one: ast.BinOp(total, ast.Add(), one), written)

    def _maximum(self, sizes: Sequence[int], term: Term, terms: Callable[[], Any], spread: bool) -> ast.expr:
        """Of a long row, only the largest entry is written out: it is the maximum."""
        if not spread:
            return self._running("max", sizes, "", term)
        values = np.asarray(terms())
        places = range(values.size) if values.size <= SHOWN else [int(values.argmax())]
        written = [term([ast.Constant(k)]) for k in places]
        return ast.Call(ast.Name("max"), written, []) if len(written) > 1 else written[0]

    def _largest(self, values: Any) -> list[tuple[int, ...]]:
        order = np.argsort(-np.abs(values.ravel()), kind="stable")[:LARGEST]
        places = [tuple(map(int, np.unravel_index(k, values.shape))) for k in sorted(order.tolist())]
        left_out = np.ones(values.shape, bool)
        for place in places:
            left_out[place] = False
        self.rests.append((values.size - len(places), float(values[left_out].sum())))
        return places

    def _running(self, function: str, sizes: Sequence[int], first: str, term: Term) -> ast.expr:
        runs: list[ast.expr] = [ast.Constant(0)] * len(sizes)  # what runs over one place alone is at 0
        loops = []
        for k, size in enumerate(sizes):
            if size > 1:
                name = runs[k] = ast.Name(first if first and k == 0 else next(self._free))
                count = ast.Call(ast.Name("range"), [ast.Constant(size)], [])
                loops.append(ast.comprehension(name, count, [], 0))
        if not loops:
            return term(runs)
        return ast.Call(ast.Name(function), [ast.GeneratorExp(term(runs), loops)], [])

    def _counts_samples(self, operand: ast.expr) -> bool:
        return not any(isinstance(node, ast.Name) and _is_weight(node.id) for node in ast.walk(operand))

    def _value(self, tree: ast.expr) -> Any:
        if id(tree) not in self._cache:
            self._cache[id(tree)] = np.asarray(evaluate(tree, self.values))
        return self._cache[id(tree)]


@final
class _Filling(ast.NodeTransformer):
    """Puts numbers in the place of entries."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self.values = values

    def visit_Call(self, node: ast.Call) -> ast.expr:
        node.args = [self.visit(argument) for argument in node.args]
        return node

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        name, index = _read(node)
        return _constant(float(self.values[name][index]))

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return node if node.id.startswith(REST) else _constant(np.asarray(self.values[node.id]).item())


def rest_name(count: int) -> str:
    """Return what the rest of a long sum is called: rest, rest2, …"""
    return REST if count == 1 else f"{REST}{count}"


def filled(spread: ast.expr, values: Mapping[str, Any]) -> ast.expr:
    """Return a spread formula with numbers in place of its entries."""
    tree: ast.expr = _Filling(values).visit(ast.parse(ast.unparse(spread), mode="eval").body)
    return tree


def entries_in(spread: ast.expr) -> tuple[Entry, ...]:
    """Return the entries that a spread formula uses, each once, in order."""
    found: dict[Entry, None] = {}

    def walk(node: ast.AST) -> None:
        match node:
            case ast.Subscript():
                found[_read(node)] = None
            case ast.Name(id=name) if not name.startswith(REST):
                found[name, ()] = None
            case ast.Call(args=operands):
                for operand in operands:
                    walk(operand)
            case _:
                for child in ast.iter_child_nodes(node):
                    walk(child)

    walk(spread)
    return tuple(found)


def _read(node: ast.Subscript) -> Entry:
    places = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    assert isinstance(node.value, ast.Name)
    return node.value.id, tuple(_whole(place) for place in places)


def _constant(value: float) -> ast.expr:
    return ast.UnaryOp(ast.USub(), ast.Constant(-value)) if value < 0 else ast.Constant(value)


def _aligned(index: Index, shape: tuple[int, ...]) -> Index:
    """Return where an operand of this shape is read, as NumPy's broadcasting does."""
    at = index[len(index) - len(shape) :]
    return tuple(ast.Constant(0) if size == 1 else i for i, size in zip(at, shape, strict=True))


def _index(at: Index) -> ast.expr:
    return at[0] if len(at) == 1 else ast.Tuple(list(at))


def _whole(place: ast.expr) -> int:
    assert isinstance(place, ast.Constant)
    assert isinstance(place.value, int)
    return place.value


def _is_weight(name: str) -> bool:
    return name.lstrip("d").startswith(("W", "weights"))
