"""The numpy engine: one training step at a time, by the rules as they stand."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from . import passes
from .checks import check_name, check_number
from .data import Data, draw_mask, mask_key
from .errors import DivergedError, InputError
from .network import Network
from .ops import Ops, reference
from .optimizers import Optimizer
from .rules.array import Array


@dataclass
class Memory:
    """What an optimiser remembers between the steps of all fits of a network."""

    optimizer: Optimizer
    vectors: Array  # (memory, p)
    steps: int = 0


@dataclass(frozen=True)
class Rates:
    """Rate factors of the parameters: None for all alike, else (p,), with zero for the frozen ones."""

    factors: Array | None

    @classmethod
    def of(cls, net: Network, freeze: Sequence[str], rate_factors: Mapping[str, float] | None) -> Rates:
        """Return the factors from names of parameters.

        Raises:
            InputError: an unknown name or a factor below zero.
        """
        if isinstance(freeze, str):
            raise InputError(
                "freeze does not fit", expected="a list of names", got=repr(freeze), hint=f"[{freeze!r}]"
            )
        factors = {**(rate_factors or {}), **dict.fromkeys(freeze, 0.0)}
        if not factors:
            return cls(None)
        vector = np.ones_like(net.parameters.vector)
        for name, factor in factors.items():
            if name not in net.parameters:
                raise InputError(
                    f"no parameter is named {name!r}", expected=f"one of {', '.join(net.parameters)}"
                )
            vector[net.parameters.slices[name]] = check_number(f"rate_factors[{name!r}]", factor, at_least=0)
        return cls(vector)

    @property
    def frozen(self) -> Array | None:
        """Where the vector stands still, (p,) of bool; None for nowhere."""
        return None if self.factors is None or self.factors.all() else self.factors == 0


class Stepper:
    """Makes training steps on a network: forward, loss, backward, update.

    `update="simultaneous"` computes all gradients with the old weights, then updates all at once.
    `"sequential"` updates each layer as soon as its gradients are there, the output layer first, so
    that the hidden error passes back through the new weights, as some textbooks do.
    """

    def __init__(
        self,
        net: Network,
        memory: Memory,
        rates: Rates,
        *,
        update: str = "simultaneous",
        clip_norm: float | None = None,
        ops: Ops = reference,
    ) -> None:
        check_name("update", update, ("simultaneous", "sequential"))
        if clip_norm is not None:
            check_number("clip_norm", clip_norm, above=0)
            if update == "sequential":
                raise InputError(
                    "clip_norm needs the whole gradient before any update", hint='update="simultaneous"'
                )
        self.net, self.memory, self.rates, self.ops = net, memory, rates, ops
        self.sequential, self.clip_norm, self.frozen = update == "sequential", clip_norm, rates.frozen
        self.gradients = net.new_gradients()
        self.last_good = net.parameters.vector.copy()
        self.step_in_epoch = 0

    def step(self, data: Data, rows: Array, eta: float) -> tuple[float, float, float, float]:
        """Make one step; return the data loss and penalty before it, the gradient's norm, the batch's weight.

        Raises:
            DivergedError: loss, gradient or new weights are not finite; the last good weights are back.
        """
        net, ops = self.net, self.ops
        self.memory.steps += 1
        X, T, w, weight = data.batch(rows)
        masks = self.draw_masks(len(rows))
        self.step_in_epoch += 1
        seen, L, P = self._forward(X, T, w, masks)
        self.last_batch = X, T, w
        np.copyto(self.last_good, net.parameters.vector)
        for layer, _ in net.backward(seen, T, w, self.gradients, masks, ops):
            part = slice(net.parameters.slices[layer.W].start, net.parameters.slices[layer.b].stop)
            if self.frozen is not None:
                self.gradients.vector[part][self.frozen[part]] = 0.0
            if self.sequential:
                self._update(part, eta)
        norm = math.sqrt(np.sum(self.gradients.vector**2))  # g @ g has other bits on other numbers of threads
        if not math.isfinite(norm):
            raise self._diverged("gradient", _first_broken(net, self.gradients, "d"))
        if not self.sequential:
            self._update(slice(None), eta)
        if not np.isfinite(net.parameters.vector).all():
            raise self._diverged("update", _first_broken(net, net.parameters))
        return L, P, norm, weight

    def draw_masks(self, n: int) -> passes.Masks:
        """Return the dropout masks of the next step of the epoch."""
        return {
            layer.number: draw_mask(
                self.key, layer.number, self.step_in_epoch, (n, layer.outputs), layer.dropout
            ).astype(self.net.dtype)
            for layer in self.net.layers
            if layer.dropout
        }

    def start_epoch(self, rng: np.random.Generator, step: int = 0) -> None:
        """Begin an epoch with its fresh generator, at a step counted from 0."""
        self.key, self.step_in_epoch = mask_key(rng), step

    def check_last_update(self) -> None:
        """Look at what a fit's last step left: the loss of its batch must be finite still.

        Raises:
            DivergedError: it is not; the last good weights are back.
        """
        self._forward(*self.last_batch, {})

    def _forward(
        self, X: Array, T: Array, w: Array | float, masks: passes.Masks
    ) -> tuple[list[passes.Seen], float, float]:
        net, ops = self.net, self.ops
        seen = passes.forward(ops, net.layers, net.parameters, X, masks)
        L = float(passes.loss_of(ops, net.loss_function, seen, T, w))
        P = float(passes.penalty_of(ops, net.layers, net.parameters, net.l1, net.l2))
        if not math.isfinite(L):
            raise self._diverged("loss", first_not_finite(net, seen))
        if not math.isfinite(P):
            raise self._diverged("penalty", f"P (over layers 1 to {len(net.layers)})")
        return seen, L, P

    def _update(self, part: slice, eta: float) -> None:
        theta, g = self.net.parameters.vector[part], self.gradients.vector[part]
        if self.clip_norm is not None:
            g = self.ops.clip_by_norm(g, self.clip_norm)
        rate = eta if self.rates.factors is None else eta * self.rates.factors[part]
        memory = self.memory.vectors[:, part]
        theta_new, *memory_new = self.memory.optimizer.step(
            self.ops, theta, g, memory, self.memory.steps, rate
        )
        theta[...] = theta_new
        for vector, new in zip(memory, memory_new, strict=True):
            vector[...] = new

    def _diverged(self, what: str, place: str) -> DivergedError:
        self.net.parameters.vector[:] = self.last_good
        self.net.memory = None  # the optimiser remembers the way that led here
        why = f"the {what} is not finite; the first such number is in {place}"
        return DivergedError(
            f"training diverged at step {self.memory.steps}: {why}. The weights are back at the last good "
            "ones",
            why=why,
            hint="a smaller learning rate, scaled inputs or clip_norm=1.0",
        )


def first_not_finite(net: Network, seen: Sequence[passes.Seen]) -> str:
    """Return where the first number that is not finite stands: a quantity and its layer."""
    for layer, quantities in zip(net.layers, seen, strict=True):
        for name in ("Z", "A"):
            if not np.isfinite(getattr(quantities, name)).all():
                return f"{name}{layer.number} (layer {layer.number}, {layer.activation})"
    return f"L ({net.loss_function.name}, behind layer {len(net.layers)})"


def _first_broken(net: Network, arrays: Mapping[str, Array], prefix: str = "") -> str:
    """Return the first array that is not finite, the output layer first, else that of the largest number."""
    places = {
        f"{prefix}{name} (layer {layer.number}, {layer.activation})": np.abs(arrays[prefix + name]).max()
        for layer in reversed(net.layers)
        for name in (layer.W, layer.b)
    }
    broken = [place for place, largest in places.items() if not np.isfinite(largest)]
    return broken[0] if broken else f"the square of {max(places, key=lambda place: places[place])}"
