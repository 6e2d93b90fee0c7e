"""Zooming: how one entry of an array comes about, as a scalar formula with its numbers.

The formula of an array, `dW1 = X.T @ dZ1`, holds that of each of its entries,
`dW1[0, 2] = sum(X[n, 0] * dZ1[n, 2] for n in range(4))`. The scalar form is written as Python too, so the
same renderers show it.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import InputError
from .evaluating import evaluate, function_of, operands_of
from .formulas import to_latex, to_mathml, to_text
from .numbers import number, number_latex

if TYPE_CHECKING:
    from .story import Story

SHOWN = 8  # a sum of up to so many terms is shown whole
LARGEST = 5  # of a longer one, so many terms and the rest
SAMPLES, UNITS = "n", "ijkl"  # what sums run over

Index = tuple[ast.expr, ...]


@dataclass(frozen=True)
class Operand:
    """An entry that a derivation uses, which can be zoomed in turn."""

    name: str
    index: tuple[int, ...]
    value: float

    def __str__(self) -> str:
        return reference(self.name, self.index)


@dataclass(frozen=True, eq=False)
class Derivation:
    """One entry: symbol = formula = numbers filled in = value.

    Attributes:
        name, index: which entry.
        code: its scalar formula as Python; None where it is given, not computed.
        spread: the same with each sum written out; of a long one the largest terms and `rest`.
        filled: `spread` with numbers in place of the entries.
        value: what it is.
        operands: the entries that stand in `spread`.
        rest: how many terms are not written out, and their sum.
        meaning: one sentence.
        label: the entry with the names of inputs and outputs.
    """

    name: str
    index: tuple[int, ...]
    code: str | None
    spread: str | None
    filled: str | None
    value: float
    operands: tuple[Operand, ...]
    rest: tuple[int, float]
    meaning: str
    label: str
    story: Story

    @property
    def formula(self) -> str:
        """The scalar formula as text."""
        return to_text(self.code) if self.code else f"{reference(self.name, self.index)} is given"

    @property
    def latex(self) -> str:
        """The scalar formula, the numbers filled in and the value, as lines of LaTeX's mathematics."""
        if not self.code or not self.filled:
            return f"{to_latex(reference(self.name, self.index))} = {number_latex(self.value)}"
        symbol, _, right = self.code.partition(" = ")
        return rf"{to_latex(symbol)} &= {to_latex(right)} \\ &= {to_latex(self.filled)} \\ &= {number_latex(self.value)}"

    @property
    def mathml(self) -> str:
        """The scalar formula as a `<math>` element."""
        return to_mathml(self.code or reference(self.name, self.index))

    def zoom(self, operand: int | str) -> Derivation:
        """Return the derivation of an operand, by its number or as it is written: "dZ1[0, 2]"."""
        wanted = str(operand).replace(" ", "")
        for k, one in enumerate(self.operands):
            if wanted in (str(k), str(one).replace(" ", "")):
                return self.story.zoom(one.name, *one.index)
        known = ", ".join(map(str, self.operands))
        raise InputError("no such operand", expected=known or "none, it is given", got=repr(operand))

    def __str__(self) -> str:
        symbol = reference(self.name, self.index)
        lines = [] if self.label == symbol else [f"{self.label}"]
        if self.code and self.filled:
            pad = " " * len(symbol)
            lines += [self.formula, f"{pad} = {to_text(self.filled)}", f"{pad} = {number(self.value)}"]
            if self.rest[0]:
                lines.append(f"{pad}   rest: {self.rest[0]} more terms, together {number(self.rest[1])}")
        else:
            lines.append(f"{symbol} = {number(self.value)}, given")
        return "\n".join([*lines, self.meaning])

    def __repr__(self) -> str:
        return f"<{reference(self.name, self.index)} = {number(self.value)}>"


def reference(name: str, index: Sequence[int]) -> str:
    """Return an entry as it is written: dW1[0, 2]; eta for a number."""
    return f"{name}[{', '.join(map(str, index))}]" if len(index) else name


def derive(story: Story, name: str, index: tuple[int, ...]) -> Derivation:
    """Return the derivation of one entry."""
    value = float(np.asarray(story.values[name])[index])
    label = story.label(name, index)
    if name not in story:
        return Derivation(
            name, index, None, None, None, value, (), (0, 0.0), "It is given.", label, story
        )
    step = story[name]
    scalar = Scalar(story.values)
    place: Index = tuple(ast.Constant(i) for i in index)
    symbol = reference(name, index)
    code = f"{symbol} = {ast.unparse(scalar.entry(step.expression, place))}"
    spread = scalar.entry(step.expression, place, spread=True)
    operands = _operands(spread, story.values)
    filled = ast.unparse(_Filling(story.values).visit(copy.deepcopy(spread)))
    return Derivation(
        name, index, code, ast.unparse(spread), filled, value, operands, scalar.rest, step.meaning, label, story
    )


class Scalar:
    """Writes the formula of one entry, from the formula of the array that it stands in."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self.values = values
        self.rest = (0, 0.0)
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
            case ast.Call() if (function := function_of(tree)) in ("sum", "mean", "max"):
                return self._reduced(function, tree, index, spread)
            case ast.Call():
                arguments = [inner(operand) for operand in operands_of(tree)]
                return ast.Call(ast.Name(function_of(tree)), arguments, [])
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

    def _reduced(self, function: str, call: ast.Call, index: Index, spread: bool) -> ast.expr:
        (operand,) = operands_of(call)
        options = {keyword.arg: ast.literal_eval(keyword.value) for keyword in call.keywords}
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
            return self._named("max", sizes, "", at)
        first = "n" if 0 in axes and self._counts_samples(operand) else ""
        total = self._sum(sizes, first, at, terms, spread)
        if function == "mean":
            return ast.BinOp(total, ast.Div(), ast.Constant(int(np.prod(sizes))))
        return total

    def _sum(
        self,
        sizes: Sequence[int],
        first: str,
        term: Callable[[Sequence[ast.expr]], ast.expr],
        terms: Callable[[], Any],
        spread: bool,
    ) -> ast.expr:
        if not spread:
            return self._named("sum", sizes, first, term)
        values = np.asarray(terms())
        places = list(product(*map(range, sizes))) if values.size <= SHOWN else self._largest(values)
        written = [term([ast.Constant(int(i)) for i in place]) for place in places]
        total = written[0]
        for one in written[1:]:
            total = ast.BinOp(total, ast.Add(), one)
        return total if values.size <= SHOWN else ast.BinOp(total, ast.Add(), ast.Name("rest"))

    def _largest(self, values: Any) -> list[tuple[int, ...]]:
        order = np.argsort(-np.abs(values.ravel()), kind="stable")[:LARGEST]
        places = [tuple(map(int, np.unravel_index(k, values.shape))) for k in sorted(order.tolist())]
        left_out = np.ones(values.shape, bool)
        for place in places:
            left_out[place] = False
        self.rest = (values.size - len(places), float(values[left_out].sum()))
        return places

    def _named(
        self, function: str, sizes: Sequence[int], first: str, term: Callable[[Sequence[ast.expr]], ast.expr]
    ) -> ast.expr:
        names = [ast.Name(first if first and k == 0 else next(self._free)) for k in range(len(sizes))]
        loops = [
            ast.comprehension(name, ast.Call(ast.Name("range"), [ast.Constant(size)], []), [], 0)
            for name, size in zip(names, sizes, strict=True)
        ]
        return ast.Call(ast.Name(function), [ast.GeneratorExp(term(names), loops)], [])

    def _counts_samples(self, operand: ast.expr) -> bool:
        return not any(
            isinstance(node, ast.Name) and _is_weight(node.id) for node in ast.walk(operand)
        )

    def _value(self, tree: ast.expr) -> Any:
        if id(tree) not in self._cache:
            self._cache[id(tree)] = np.asarray(evaluate(tree, self.values))
        return self._cache[id(tree)]


class _Filling(ast.NodeTransformer):
    """Puts numbers in the place of entries."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self.values = values

    def visit_Call(self, node: ast.Call) -> ast.expr:
        if isinstance(node.args[0], ast.GeneratorExp):  # the maximum of a row: its number
            return _constant(_row_maximum(node, self.values))
        node.args = [self.visit(argument) for argument in node.args]
        return node

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        name, index = _read(node)
        return _constant(float(np.asarray(self.values[name])[index]))

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if node.id == "rest":
            return node
        return _constant(np.asarray(self.values[node.id]).item())


def _operands(tree: ast.expr, values: Mapping[str, Any]) -> tuple[Operand, ...]:
    """Return the entries that an expression uses, each once, in order."""
    found: dict[tuple[str, tuple[int, ...]], Operand] = {}

    def walk(node: ast.AST) -> None:
        if isinstance(node, ast.Call) and isinstance(node.args[0], ast.GeneratorExp):
            name, index, size = _row_of(node)
            for k in range(size):
                place = (*index[:-1], k)
                found.setdefault((name, place), Operand(name, place, float(values[name][place])))
        elif isinstance(node, ast.Subscript):
            name, index = _read(node)
            found.setdefault((name, index), Operand(name, index, float(np.asarray(values[name])[index])))
        elif isinstance(node, ast.Name) and node.id != "rest":
            found.setdefault((node.id, ()), Operand(node.id, (), float(values[node.id])))
        else:
            for child in ast.iter_child_nodes(node):
                if not (isinstance(node, ast.Call) and child is node.func):
                    walk(child)

    walk(tree)
    return tuple(found.values())


def _row_of(call: ast.Call) -> tuple[str, tuple[int, ...], int]:
    """Return which row max(Z[0, k] for k in range(3)) runs over: its array, a place in it, its length."""
    generator = call.args[0]
    assert isinstance(generator, ast.GeneratorExp) and isinstance(generator.elt, ast.Subscript)
    places = generator.elt.slice.elts if isinstance(generator.elt.slice, ast.Tuple) else [generator.elt.slice]
    index = tuple(int(i.value) if isinstance(i, ast.Constant) else 0 for i in places)  # type: ignore[arg-type]
    assert isinstance(generator.elt.value, ast.Name)
    size = generator.generators[0].iter.args[0].value  # type: ignore[attr-defined]
    return generator.elt.value.id, index, int(size)


def _row_maximum(call: ast.Call, values: Mapping[str, Any]) -> float:
    name, index, _ = _row_of(call)
    return float(values[name][index[:-1]].max())


def _read(node: ast.Subscript) -> tuple[str, tuple[int, ...]]:
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
    return int(place.value)  # type: ignore[arg-type]


def _is_weight(name: str) -> bool:
    return name.lstrip("d").startswith(("W", "weights"))
