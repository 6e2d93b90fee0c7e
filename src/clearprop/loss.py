"""A loss by name, with its options, and which rules compute it."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

from .checks import check_name, check_number
from .errors import InputError
from .ops import Ops
from .rules.array import Array


@dataclass(frozen=True)
class _Kind:
    natural_output: str
    targets: str  # what a target may be: "real", "count", "probability" or "class"
    options: dict[str, float] = field(default_factory=dict)


LOSSES: dict[str, _Kind] = {
    "squared_error": _Kind("identity", "real"),
    "mean_squared_error": _Kind("identity", "real"),
    "absolute_error": _Kind("identity", "real"),
    "huber": _Kind("identity", "real", {"delta": 1.0}),
    "quantile": _Kind("identity", "real", {"q": 0.5}),
    "poisson": _Kind("exp", "count"),
    "binary_cross_entropy": _Kind("sigmoid", "probability"),
    "cross_entropy": _Kind("softmax", "class", {"label_smoothing": 0.0}),
}


class Loss:
    """A loss by name, with its options.

    `huber` takes `delta` (1.0), `quantile` takes `q` (0.5), `cross_entropy` takes
    `label_smoothing` (0.0). A bare name stands for the loss with these defaults.

    >>> Loss("quantile", q=0.9)
    Loss('quantile', q=0.9)

    Raises:
        InputError: an unknown name or option, or a value that cannot be.
    """

    def __init__(self, name: str, **options: float) -> None:
        kind = LOSSES[check_name("loss", name, LOSSES)]
        self.name = name
        self.options = {**kind.options, **{key: _check_option(name, key, v) for key, v in options.items()}}
        self.targets = kind.targets
        self.natural_output = kind.natural_output

    @property
    def is_fused(self) -> bool:
        """Whether the loss is computed from Z, together with its natural output."""
        return self.natural_output != "identity"

    def value(self, ops: Ops, Z: Array, A: Array, T: Array, w: Array | float) -> Array:
        """Return L (), from the output layer's Z and A, targets T and shares w."""
        rule = getattr(ops, self.name)
        outputs, targets = Z if self.is_fused else A, self._smoothed(ops, T)
        return rule(outputs, targets, w, *self._rule_options())  # type: ignore[no-any-return]

    def back(self, ops: Ops, activation: str, Z: Array, A: Array, T: Array, w: Array | float) -> Array:
        """Return dZ (n, out) of the output layer."""
        if self.is_fused:
            return ops.natural_back(A, self._smoothed(ops, T), w)  # type: ignore[no-any-return]
        dA = getattr(ops, f"{self.name}_back")(A, T, w, *self._rule_options())
        return getattr(ops, f"{activation}_back")(dA, Z, A)  # type: ignore[no-any-return]

    def check_output(self, activation: str, outputs: int) -> None:
        """Refuse an output activation or a width that the loss cannot work on."""
        if self.is_fused and activation != self.natural_output:
            raise InputError(
                f"{self.name} is computed together with its natural output",
                expected=f"output={self.natural_output!r}",
                got=f"output={activation!r}",
                hint='output="auto"',
            )
        if self.name == "cross_entropy" and outputs < 2:
            raise InputError(
                "cross_entropy needs one output for each class",
                expected="2 or more",
                got="1",
                hint='loss="binary_cross_entropy"',
            )

    def _smoothed(self, ops: Ops, T: Array) -> Array:
        smoothing = self.options.get("label_smoothing")
        return ops.label_smoothing(T, smoothing) if smoothing else T

    def _rule_options(self) -> tuple[float, ...]:
        return () if self.name == "cross_entropy" else tuple(self.options.values())

    def __repr__(self) -> str:
        options = "".join(f", {name}={value!r}" for name, value in self.options.items())
        return f"Loss({self.name!r}{options})"

    def __eq__(self, other: Any) -> bool:
        return isinstance(other, Loss) and (self.name, self.options) == (other.name, other.options)

    def __hash__(self) -> int:
        return hash((self.name, *self.options.items()))


def _check_option(loss: str, option: str, value: float) -> float:
    known = LOSSES[loss].options
    if option not in known:
        raise InputError(
            f"{loss} has no such option", expected=", ".join(known) or "no options", got=f"{option}={value!r}"
        )
    what = f"{loss}: {option}"
    if option == "label_smoothing":
        return check_number(what, value, at_least=0, below=1)
    return check_number(what, value, above=0, below=1 if option == "q" else math.inf)
