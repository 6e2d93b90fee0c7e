"""Recording: every rule that a training step calls, line by line, with the story's names for its operands.

A recorder wraps the seam (`ops.wrap`), so the step itself is the one that training makes. A rule is
run as it stands; a profiler hook looks at its names as it returns, so its intermediate quantities are
the very numbers that it computed. (A profiler's hook and not a tracer's: debuggers and coverage use
those. It belongs to the thread that sets it.)
"""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Collection, Mapping
from dataclasses import replace
from types import FrameType
from typing import Any

import numpy as np

from ..loss import LOSSES
from ..network import Network
from ..ops import Ops, Rule, reference, wrap
from ..rules import updates
from ..rules.array import Array
from .equations import equations, rename
from .meanings import meaning_of
from .step import Step

UPDATES = {name for name in vars(updates) if name in vars(reference)}
NUMBERS = (bool, int, float, np.number)


class Recorder:
    """Writes down the steps of one training step of a network.

    An array is known by its identity, for as long as the recorder lives: a rule that is handed the
    array which another one returned gets it under the name that it was given there.
    """

    def __init__(self, net: Network) -> None:
        self.net = net
        self.steps: dict[str, Step] = {}
        self.values: dict[str, Any] = {name: copied(window) for name, window in net.parameters.items()}
        self.frozen: set[str] = set()
        self._penalised = bool(net.l1 or net.l2)
        self._known: dict[int, tuple[str, Any]] = {}  # id → name, and the array, so that its id stays its own
        for name, window in net.parameters.items():
            self._name(window, name)

    @property
    def ops(self) -> Ops:
        """The rules, each recording what it does."""
        return wrap(reference, self._around)

    def _around(self, name: str, rule: Rule) -> Rule:
        def recorded(*operands: Any) -> Any:
            result, quantities = run(rule, operands)
            if name in UPDATES:
                self._record_update(name, operands, quantities)
                return result
            return self._record(name, operands, quantities, result)

        return recorded

    def _record(
        self, rule: str, operands: tuple[Any, ...], quantities: Mapping[str, Any], result: Any
    ) -> Any:
        lines = equations()[rule]
        given = dict(zip(lines.parameters, operands, strict=True))
        names = {parameter: self._name_of(operand, parameter) for parameter, operand in given.items()}
        idle = {name for name in ("l1", "l2") if given.get(name) == 0}  # a penalty that is not there
        for parameter, operand in given.items():
            if parameter not in idle:
                self.values.setdefault(names[parameter], copied(operand))
        for target, expression in lines.lines:
            layer = self._layer_of(rule, target, names)
            name = self._target(rule, target, layer)
            code = rename(f"{target} = {without(idle, expression)}", {**names, target: name})
            names[target] = name
            meaning = meaning_of(rule, target)
            self._add(Step(phase_of(rule), name, code, copied(quantities[target]), layer, meaning))
        return self._named_results(result, operands, [names[target] for target in lines.returns])

    def _record_update(self, rule: str, operands: tuple[Any, ...], quantities: Mapping[str, Any]) -> None:
        """Record one step a parameter: the rule works on a part of θ, of which each parameter is a window."""
        lines = equations()[rule]
        given = dict(zip(lines.parameters, operands, strict=True))
        for name, window in self.net.parameters.items():
            part = window_in(given["theta"], window)
            if part is None:
                continue
            if name in self.frozen:
                new, code = f"{name}_new", f"{name}_new = {name}"
                self._add(Step("update", new, code, copied(window), layer_in(name), FROZEN))
            else:
                self._record_parameter(rule, name, given, quantities, part)
            self._name(window, f"{name}_new")

    def _record_parameter(
        self, rule: str, name: str, given: Mapping[str, Any], quantities: Mapping[str, Any], part: slice
    ) -> None:
        shape = self.net.parameters.shapes[name]
        names = {"theta": name, "g": f"d{name}"}
        for parameter, operand in given.items():
            if parameter in names:
                continue
            is_memory = isinstance(operand, np.ndarray) and parameter != "eta"
            names[parameter] = f"{parameter}_{name}" if is_memory else parameter
            value = operand[part] if isinstance(operand, np.ndarray) else operand
            value = value.reshape(shape) if is_memory else np.ravel(value)[0].item()
            self.values.setdefault(names[parameter], copied(value))
        for target, expression in equations()[rule].lines:
            new = f"{name}_new" if target == "theta_new" else target.replace("_", f"_{name}_", 1)
            if target.endswith("_hat"):
                new = f"{target}_{name}"
            code = rename(f"{target} = {expression}", {**names, target: new})
            names[target] = new
            value = copied(quantities[target][part].reshape(shape))
            self._add(Step("update", new, code, value, layer_in(name), meaning_of(rule, target)))

    def _add(self, step: Step) -> None:
        """Keep a step; what a second rule computes once more, by the same line, is the same step."""
        numbers = frozenset(name for name in step.inputs if np.ndim(self.values[name]) == 0)
        before = self.steps.setdefault(step.name, replace(step, scalars=numbers))
        if before.code != step.code:
            raise AssertionError(f"{step.name} is two quantities: {before.code} and {step.code}")
        self.values[step.name] = step.value

    def _name(self, array: Any, name: str) -> None:
        self._known[id(array)] = (name, array)

    def _name_of(self, operand: Any, parameter: str) -> str:
        if isinstance(operand, NUMBERS) or id(operand) not in self._known:
            if not isinstance(operand, NUMBERS):
                self._name(operand, parameter)
            return parameter
        return self._known[id(operand)][0]

    def _named_results(self, result: Any, operands: tuple[Any, ...], names: list[str]) -> Any:
        results = result if isinstance(result, tuple) else (result,)
        # identity returns the very array that it got, which needs an identity of its own here
        own = [r.view() if any(r is operand for operand in operands) else r for r in results]
        for array, name in zip(own, names, strict=True):
            self._name(array, name)
        return tuple(own) if isinstance(result, tuple) else own[0]

    def _layer_of(self, rule: str, target: str, names: Mapping[str, str]) -> int | None:
        if rule in LOSSES:
            return None if target == "L" else len(self.net.layers)
        if rule == "label_smoothing":
            return None
        if rule == "dense_back_input":
            return (layer_in(names["W"]) or 0) - 1
        known = (names[parameter] for parameter in ("W", "dZ", "Z", "A") if parameter in names)
        return layer_in(next(known))

    def _target(self, rule: str, target: str, layer: int | None) -> str:
        """Return the story's name of what a line of a rule sets."""
        if target == "L":
            return "L_data" if self._penalised else "L"
        if rule == "label_smoothing":
            return target
        if rule == "dense_back" and target == "dW" and self._penalised:
            return f"dW{layer}_data"
        plain = {"penalty": "Omega", "penalty_back": "dW", "dense_back_input": "dA"}.get(rule, target)
        return f"{plain}{layer}"


FROZEN = "A frozen parameter keeps its value."


def run(rule: Rule, operands: tuple[Any, ...]) -> tuple[Any, dict[str, Any]]:
    """Run a rule; return its result, and all of its quantities by the names that it gave them."""
    code = inspect.unwrap(rule).__code__
    quantities: dict[str, Any] = {}

    def look(frame: FrameType, event: str, _: Any) -> None:
        if event == "return" and frame.f_code is code:
            quantities.update(frame.f_locals)

    before = sys.getprofile()
    sys.setprofile(look)
    try:
        result = rule(*operands)
    finally:
        if before is None or callable(before):
            sys.setprofile(before)
        else:  # a profiler written in C, such as cProfile's, which takes its own place
            before.enable()
    if not quantities:
        raise RuntimeError("nothing can be recorded within the callback of a profiler")
    return result, quantities


def phase_of(rule: str) -> str:
    """Return the phase of a training step that a rule belongs to."""
    if rule in LOSSES or rule in ("label_smoothing", "penalty"):
        return "loss"
    return "backward" if "_back" in rule else "forward"


def layer_in(name: str) -> int | None:
    """Return the number of the layer that a name carries: 2 for W2, dZ2 and v_W2_new."""
    digits = "".join(letter if letter.isdigit() else " " for letter in name).split()
    return int(digits[0]) if digits else None


def window_in(part: Array, window: Array) -> slice | None:
    """Return where a window lies within a part of the same vector; None where it lies outside."""
    start = (window.ctypes.data - part.ctypes.data) // part.itemsize
    return slice(start, start + window.size) if 0 <= start < part.size else None


def without(idle: Collection[str], expression: str) -> str:
    """Return an expression without the summands that hold one of the names, which are zero."""
    return ast.unparse(_Without(idle).visit(ast.parse(expression, mode="eval").body)) if idle else expression


class _Without(ast.NodeTransformer):
    def __init__(self, idle: Collection[str]) -> None:
        self.idle = set(idle)

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        """Return the other side of a sum where one side is zero."""
        self.generic_visit(node)
        if isinstance(node.op, ast.Add):
            for side, other in ((node.left, node.right), (node.right, node.left)):
                if self.idle & {part.id for part in ast.walk(side) if isinstance(part, ast.Name)}:
                    return other
        return node


def copied(value: Any) -> Any:
    """Return a copy of an array that cannot be written into, and numbers as they are.

    A copy, since parameters are windows that will change.
    """
    if not isinstance(value, np.ndarray):
        return value
    copy = value.copy()
    copy.setflags(write=False)
    return copy
