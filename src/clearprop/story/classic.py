"""The story of the article's two networks: their own lines, read from their own source.

The classes are their own rules: `self.dZ2 = self.dA2 * sigmoid_derivative(self.A2)  # (n, out)`. A copy
of the network runs forward and backward; the story takes each line, and the attribute that it set.
"""

from __future__ import annotations

import ast
import copy
import inspect
import json
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from .. import __version__, classic
from ..errors import InputError
from .equations import Line, Renaming, equations
from .explaining import LEARNING_RATE
from .notes import find_notes
from .numbers import number
from .paths import Link
from .step import Step
from .story import Story

Classic = classic.OneLayerMLP | classic.TwoLayerMLP
HELPERS = ("sigmoid", "sigmoid_derivative", "mean_squared_error_derivative")
RULES = {"Z": "dense", "A": "sigmoid", "dA": "squared_error_back", "dZ": "sigmoid_back", "dW": "dense_back"}


def explain_classic(
    net: Classic,
    X: ArrayLike,
    Y: ArrayLike,
    *,
    optimizer: object = None,
    learning_rate: float | None = None,
    sample_weight: object = None,
    update: str = "simultaneous",
    freeze: Sequence[str] = (),
) -> Story:
    """Return the story of one step of a network of the article, in the article's names.

    Raises:
        InputError: an option that the article's step does not have.
        ValueError: arrays that do not fit, in the words of the class.
    """
    if optimizer is not None or sample_weight is not None or update != "simultaneous" or len(freeze):
        sizes = [shape[0] for shape in list(net._shapes.values())[::2]] + [list(net._shapes.values())[-1][1]]
        raise InputError(
            f"{type(net).__name__} makes the article's step: plain gradient descent, all at once",
            expected="learning_rate alone",
            hint=f'MLP({sizes}, "sigmoid", "sigmoid", init={{"W1": …}}), which takes all options',
        )
    rate = LEARNING_RATE if learning_rate is None else learning_rate
    twin = copy.deepcopy(net)
    twin.forward(X)
    values: dict[str, Any] = {name: np.array(getattr(twin, name)) for name in ("X", *twin._shapes)}
    loss = twin.backward(Y, rate)
    values |= {"Y": np.array(Y, np.float64), "m": len(values["X"]), "learning_rate": float(rate)}
    twin_after = copy.deepcopy(twin)
    twin_after.forward(X)
    steps = []
    for line in lines_of(type(net).__name__):
        attribute = line.target.removesuffix("_new")
        value = loss if line.target == "L" else np.array(getattr(twin, attribute))
        steps.append(_step(line, value, values))
        values[line.target] = value
    story = Story(
        steps=tuple(sorted(steps, key=lambda step: ("forward", "loss").index(step.phase) if step.phase in ("forward", "loss") else 2)),
        values=values,
        header=_conventions(net, values),
        loss_after=twin_after.backward(Y, 0.0),
        chain=_chain(net),
    )
    object.__setattr__(story, "notes", find_notes(story))
    return story


@cache
def lines_of(name: str) -> tuple[Line, ...]:
    """Return the lines of forward and backward of a class of the article, by its source or as baked."""
    try:
        return read_classic()[name]
    except OSError:
        stored = json.loads(files(__package__).joinpath("classic.json").read_text("utf-8"))
        return tuple(Line(*line) for line in stored[name])


def read_classic() -> dict[str, tuple[Line, ...]]:
    """Return the lines of both classes, from their source."""
    tree = ast.parse(inspect.getsource(classic))
    helpers = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name in HELPERS}
    return {
        node.name: tuple(_lines_of(node, helpers)) for node in tree.body if isinstance(node, ast.ClassDef)
    }


def _lines_of(node: ast.ClassDef, helpers: dict[str, ast.FunctionDef]) -> list[Line]:
    methods = {part.name: part for part in node.body if isinstance(part, ast.FunctionDef)}
    lines: list[Line] = []
    plain = _Plain(helpers)
    for statement in [*methods["forward"].body, *methods["backward"].body]:
        match statement:
            case ast.Assign(targets=[ast.Attribute(attr=target)], value=value) if not _is_check(value):
                target = f"{target}_new" if _updates(target, value) else target
                lines.append(Line(target, ast.unparse(plain.visit(copy.deepcopy(value)))))
            case ast.Return(value=ast.Call(func=ast.Name(id="float"), args=[value])):
                lines.append(Line("L", ast.unparse(plain.visit(copy.deepcopy(value)))))
    return lines


class _Plain(ast.NodeTransformer):
    """Writes an expression of the classes in the language of the rules."""

    def __init__(self, helpers: dict[str, ast.FunctionDef]) -> None:
        self.helpers = helpers

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        """Return X for self.X."""
        self.generic_visit(node)
        return ast.Name(node.attr) if getattr(node.value, "id", "") == "self" else node

    def visit_Call(self, node: ast.Call) -> ast.expr:
        """Return A @ B for np.dot(A, B), and a helper's own formula for a call of it."""
        self.generic_visit(node)
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if name == "dot":
            return ast.BinOp(node.args[0], ast.MatMult(), node.args[1])
        if name == "_floats":
            return node.args[1]
        if name not in self.helpers:
            return node
        helper = self.helpers[name]
        (returned,) = (part.value for part in ast.walk(helper) if isinstance(part, ast.Return))
        given = dict(zip((argument.arg for argument in helper.args.args), node.args, strict=True))
        assert returned is not None
        return Renaming(given).visit(self.visit(copy.deepcopy(returned)))  # type: ignore[no-any-return]


def _is_check(value: ast.expr) -> bool:
    return isinstance(value, ast.Call) and getattr(value.func, "id", "").startswith("_begin")


def _updates(target: str, value: ast.expr) -> bool:
    return any(isinstance(part, ast.Attribute) and part.attr == target for part in ast.walk(value))


def _step(line: Line, value: Any, values: dict[str, Any]) -> Step:
    phase = (
        "loss" if line.target == "L"
        else "update" if line.target.endswith("_new")
        else "backward" if line.target.startswith("d")
        else "forward"
    )  # fmt: skip
    digits = [int(letter) for letter in line.target if letter.isdigit()]
    layer = None if line.target == "L" else digits[0] if digits else 1
    scalars = frozenset(("m", "learning_rate"))
    code = f"{line.target} = {line.expression}"
    return Step(phase, line.target, code, value, layer, _meaning(line), scalars)


def _meaning(line: Line) -> str:
    name = line.target.rstrip("0123456789")
    if line.target == "L":
        return "The loss that is printed: the squared distance to the target, averaged over all entries."
    if line.target.endswith("_new"):
        return equations()["sgd"].meaning
    if name == "db":
        return "A bias answers for the errors at its unit, averaged over the samples."
    if name == "dA" and "@" in line.expression:
        return equations()["dense_back_input"].meaning
    return equations()[RULES[name]].meaning


def _conventions(net: Classic, values: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    sizes = [shape[0] for shape in list(net._shapes.values())[::2]] + [list(net._shapes.values())[-1][1]]
    outputs = sizes[-1]
    factor = "twice" if outputs == 1 else f"2/{outputs} of" if outputs > 2 else "equal to"
    return (
        ("network", f"{'-'.join(map(str, sizes))}, sigmoid, the article's {type(net).__name__}"),
        ("samples", f"{values['m']}, all at once"),
        ("loss", "printed: L = mean((Y − A)²), over samples and outputs"),
        ("descended on", f"J = Σ ½·(A − Y)², averaged over samples; L is {factor} J"),
        ("penalty", "none"),
        ("gradients", "dW and db are ∂J/∂W and ∂J/∂b; dA and dZ belong to single samples, 1/m enters with dW and db"),
        ("bias", "one a unit, updated like the weights"),
        ("update", f"gradient descent, η = {number(values['learning_rate'])}, simultaneous"),
        ("numbers", f"float64, seed not kept, clearprop {__version__}"),
    )


def _chain(net: Classic) -> tuple[Link, ...]:
    if isinstance(net, classic.OneLayerMLP):
        return (Link(1, "X", "weights", "bias", "Z", "A", "dA", "dZ", "weights", "sigmoid"),)
    return (
        Link(1, "X", "W1", "b1", "Z1", "A1", "dA1", "dZ1", "W1", "sigmoid"),
        Link(2, "A1", "W2", "b2", "Z2", "A2", "dA2", "dZ2", "W2", "sigmoid"),
    )
