"""Every quantity of a forward and a backward pass by name, with the rules as they are or a fault planted.

The passes are those that training runs; what records and what plants is a wrapper at the seam (`ops.wrap`).
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ... import passes
from ...arrays import as_inputs, as_targets, as_weights, shares
from ...layers import Layer
from ...loss import LOSSES
from ...network import Network
from ...ops import Ops, Rule, reference, wrap
from ...parameters import Windows
from ...rules import OUTPUT_ACTIVATIONS
from ...rules.array import Array

Values = dict[str, Any]  # a quantity's name → its array, of any shape

KINDS = {
    "dense": "dense",
    "dense_back": "dense_back",
    "penalty_back": "penalty_back",
    "dense_back_input": "pass_back",
    "natural_back": "loss_back",
    **dict.fromkeys(OUTPUT_ACTIVATIONS, "activate"),
    **{f"{name}_back": "activate_back" for name in OUTPUT_ACTIVATIONS},
    **dict.fromkeys(LOSSES, "loss"),
    **{f"{name}_back": "loss_back" for name in LOSSES},
}  # a rule → its part in a pass


@dataclass(frozen=True)
class Call:
    """One call of a rule: what it works on, the layer, and all quantities so far."""

    rule: Rule
    operands: tuple[Any, ...]
    layer: int
    values: Values


Plant = Callable[[Call], Any]
Plants = Mapping[str, Plant]  # part in a pass → what happens there instead


@dataclass(frozen=True)
class Problem:
    """What is differentiated: a network, inputs X (n, in), targets T (n, out), shares w of the samples."""

    net: Network
    X: Array
    T: Array
    w: Array | float
    total: float  # by what a mean divides: n, or the sum of the sample weights
    rate: float | None = None
    sequential: bool = False

    @classmethod
    def of(
        cls,
        net: Network,
        X: ArrayLike,
        Y: ArrayLike,
        sample_weight: ArrayLike | None = None,
        *,
        rate: float | None = None,
        sequential: bool = False,
    ) -> Problem:
        """Return the problem on a copy of the network in float64.

        Raises:
            InputError: arrays that do not fit.
        """
        inputs = as_inputs(X, net.sizes[0], np.float64)
        n = len(inputs)
        weights = None if sample_weight is None else as_weights(sample_weight, n, np.float64)
        T = as_targets(net.loss_function, Y, n, net.sizes[-1], np.float64)
        total = float(n if weights is None else weights.sum())
        twin = _with_parameters(net, net.parameters.vector.astype(np.float64))
        return cls(twin, inputs, T, shares(weights, n), total, rate, sequential)

    @property
    def layers(self) -> tuple[Layer, ...]:
        """The layers of the network, the first one first."""
        return self.net.layers

    @property
    def depth(self) -> int:
        """The number of layers."""
        return len(self.net.layers)

    @cached_property
    def scratch(self) -> Windows:
        """Room for gradients, which a pass writes into and nobody reads."""
        return self.net.new_gradients()

    def at(self, parameters: Array) -> Problem:
        """Return the same problem at other parameters (p,)."""
        return replace(self, net=_with_parameters(self.net, parameters))

    def single(self) -> Problem:
        """Return the same problem in single precision."""
        X, T = self.X.astype(np.float32), self.T.astype(np.float32)
        w = self.w if isinstance(self.w, float) else self.w.astype(np.float32)
        return replace(self.at(self.net.parameters.vector.astype(np.float32)), X=X, T=T, w=w)


def _with_parameters(net: Network, vector: Array) -> Network:
    """Return the same network with other parameters (p,), in their precision."""
    twin = copy.copy(net)
    twin.dtype, twin._parameters = vector.dtype, Windows(net.parameters.shapes, vector)
    return twin


@dataclass
class Trace:
    """Runs the passes of a problem and keeps every quantity: Z1, A1, …, L, dA2, dZ2, dW2, db2, dA1, …

    `plants` replace what happens at some parts of a pass, in the layers named.
    """

    problem: Problem
    plants: Plants = field(default_factory=dict)
    layers: frozenset[int] = frozenset()
    values: Values = field(default_factory=dict)
    layer: int = 0

    def run(self) -> Values:
        """Return all quantities, in the order in which they arise."""
        problem, net, ops = self.problem, self.problem.net, wrap(reference, self._around)
        seen = passes.forward(ops, net.layers, net.parameters, problem.X, {})
        data_loss = passes.loss_of(ops, net.loss_function, seen, problem.T, problem.w)
        self.values |= {"L_data": data_loss, "L": data_loss + net.penalty()}
        return self._back(seen, ops)

    def run_back(self, forward: Values) -> Values:
        """Return all quantities where a run without plants gave the forward ones, which are taken over."""
        names = list(forward)
        self.values = {name: forward[name] for name in names[: names.index("L") + 1]}
        self.layer = self.problem.depth
        seen = [
            passes.Seen(input_of(self.problem, forward, k), forward[f"Z{k}"], forward[f"A{k}"])
            for k in range(1, self.problem.depth + 1)
        ]
        return self._back(seen, wrap(reference, self._around))

    def _back(self, seen: list[passes.Seen], ops: Ops) -> Values:
        problem, net = self.problem, self.problem.net
        with np.errstate(all="ignore"):  # a fault may leave the range of a rule
            for _ in net.backward(seen, problem.T, problem.w, problem.scratch, None, ops):
                pass
        if problem.rate is not None:
            for layer in net.layers:
                for name in (layer.W, layer.b):
                    self.values[f"{name}_new"] = self.values[f"d{name}"]
        return self.values

    def _around(self, name: str, rule: Rule) -> Rule:
        part = KINDS.get(name)
        if part is None or part == "loss":
            return rule

        def recording(*operands: Any) -> Any:
            if part == "dense":
                self.layer += 1
            if part == "pass_back" and self.problem.sequential:
                operands = (operands[0], self._stepped(operands[1]))
            planted = part in self.plants and self.layer in self.layers
            value = (
                self.plants[part](Call(rule, operands, self.layer, self.values))
                if planted
                else rule(*operands)
            )
            self._record(part, name, value)
            return value

        return recording

    def _stepped(self, W: Array) -> Array:
        """Return the weights of this layer after a plain step at the learning rate of the problem."""
        (new,) = reference.sgd(W, self.values[f"dW{self.layer}"], self.problem.rate)
        return new  # type: ignore[no-any-return]

    def _record(self, part: str, name: str, value: Any) -> None:
        k, values = self.layer, self.values
        match part:
            case "dense":
                values[f"Z{k}"] = value
            case "activate":
                values[f"A{k}"] = value
            case "loss_back":
                values[f"dZ{k}" if name == "natural_back" else f"dA{k}"] = value
            case "activate_back":
                values[f"dZ{k}"] = value
            case "dense_back":
                values[f"dW{k}"], values[f"db{k}"] = value
            case "penalty_back":
                data, db = values.pop(f"dW{k}"), values.pop(f"db{k}")
                values |= {f"dW{k}_data": data, f"dW{k}": value, f"db{k}": db}
            case "pass_back":
                values[f"dA{k - 1}"] = value
                self.layer -= 1


def input_of(problem: Problem, values: Values, layer: int) -> Array:
    """Return what a layer takes in: X, or the output of the layer below."""
    X: Array = problem.X if layer == 1 else values[f"A{layer - 1}"]
    return X
