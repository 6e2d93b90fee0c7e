"""Optimisers, sorted by complexity: each holds its settings and names its rule and its memory.

An optimiser is a frozen description and may be used for many fits; the vectors that it remembers
between steps are kept by the fit, `memory` of them, each as long as θ.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

from .checks import check_name, check_number, check_whole
from .errors import InputError
from .ops import Ops
from .rules.array import Array
from .schedules import SCHEDULES, Schedule

Rate = float | Schedule


class Optimizer(Protocol):
    """What `fit` steps with."""

    memory: ClassVar[int]

    @property
    def learning_rate(self) -> Rate:
        """A number, or a schedule."""
        ...

    def step(
        self, ops: Ops, theta: Array, g: Array, memory: Array, t: int, eta: Array | float
    ) -> tuple[Array, ...]:
        """Return the new θ and the new memory after step number t (from 1), at learning rate eta."""
        ...


@dataclass(frozen=True)
class SGD:
    """Stochastic gradient descent: θ ← θ − η·g. Source: Robbins, Monro 1951."""

    learning_rate: Rate = 0.1
    memory: ClassVar[int] = 0

    def __post_init__(self) -> None:
        _check(self)

    def step(
        self, ops: Ops, theta: Array, g: Array, memory: Array, t: int, eta: Array | float
    ) -> tuple[Array, ...]:
        """Return the new θ."""
        return ops.sgd(theta, g, eta)  # type: ignore[no-any-return]


@dataclass(frozen=True)
class Momentum:
    """v ← μ·v + g, θ ← θ − η·v. Source: Polyak 1964; in the form of Sutskever et al. 2013, without η in v."""

    learning_rate: Rate = 0.01
    mu: float = 0.9
    memory: ClassVar[int] = 1

    def __post_init__(self) -> None:
        _check(self, "mu")

    def step(
        self, ops: Ops, theta: Array, g: Array, memory: Array, t: int, eta: Array | float
    ) -> tuple[Array, ...]:
        """Return the new θ and velocity."""
        return ops.momentum(theta, g, memory[0], eta, self.mu)  # type: ignore[no-any-return]


@dataclass(frozen=True)
class Nesterov:
    """v ← μ·v + g, θ ← θ − η·(g + μ·v). Source: Nesterov 1983; in the form of Sutskever et al. 2013."""

    learning_rate: Rate = 0.01
    mu: float = 0.9
    memory: ClassVar[int] = 1

    def __post_init__(self) -> None:
        _check(self, "mu")

    def step(
        self, ops: Ops, theta: Array, g: Array, memory: Array, t: int, eta: Array | float
    ) -> tuple[Array, ...]:
        """Return the new θ and velocity."""
        return ops.nesterov(theta, g, memory[0], eta, self.mu)  # type: ignore[no-any-return]


@dataclass(frozen=True)
class Adagrad:
    """s ← s + g², θ ← θ − η·g / (√s + ε). Source: Duchi, Hazan, Singer 2011."""

    learning_rate: Rate = 0.01
    epsilon: float = 1e-10
    memory: ClassVar[int] = 1

    def __post_init__(self) -> None:
        _check(self)

    def step(
        self, ops: Ops, theta: Array, g: Array, memory: Array, t: int, eta: Array | float
    ) -> tuple[Array, ...]:
        """Return the new θ and sum of squares."""
        return ops.adagrad(theta, g, memory[0], eta, self.epsilon)  # type: ignore[no-any-return]


@dataclass(frozen=True)
class RMSProp:
    """s ← ρ·s + (1 − ρ)·g², θ ← θ − η·g / (√s + ε). Source: Tieleman, Hinton 2012, lecture 6.5."""

    learning_rate: Rate = 0.001
    rho: float = 0.99
    epsilon: float = 1e-8
    memory: ClassVar[int] = 1

    def __post_init__(self) -> None:
        _check(self, "rho")

    def step(
        self, ops: Ops, theta: Array, g: Array, memory: Array, t: int, eta: Array | float
    ) -> tuple[Array, ...]:
        """Return the new θ and mean square."""
        return ops.rmsprop(theta, g, memory[0], eta, self.rho, self.epsilon)  # type: ignore[no-any-return]


@dataclass(frozen=True)
class Adam:
    """Adaptive moments: θ ← θ − η·m̂ / (√v̂ + ε). Source: Kingma, Ba 2015, algorithm 1."""

    learning_rate: Rate = 0.001
    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8
    memory: ClassVar[int] = 2

    def __post_init__(self) -> None:
        _check(self, "beta1", "beta2")

    def step(
        self, ops: Ops, theta: Array, g: Array, memory: Array, t: int, eta: Array | float
    ) -> tuple[Array, ...]:
        """Return the new θ and moments."""
        m, v = memory
        return ops.adam(theta, g, m, v, t, eta, self.beta1, self.beta2, self.epsilon)  # type: ignore[no-any-return]


@dataclass(frozen=True)
class AdamW:
    """Adam with decoupled weight decay, on all parameters. Source: Loshchilov, Hutter 2019, algorithm 2."""

    learning_rate: Rate = 0.001
    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8
    decay: float = 0.01
    memory: ClassVar[int] = 2

    def __post_init__(self) -> None:
        _check(self, "beta1", "beta2")

    def step(
        self, ops: Ops, theta: Array, g: Array, memory: Array, t: int, eta: Array | float
    ) -> tuple[Array, ...]:
        """Return the new θ and moments."""
        m, v = memory
        return ops.adamw(theta, g, m, v, t, eta, self.beta1, self.beta2, self.epsilon, self.decay)  # type: ignore[no-any-return]


@dataclass(frozen=True)
class LBFGS:
    """Limited-memory BFGS with line search, on the full batch. Source: Liu, Nocedal 1989; SciPy runs it.

    One epoch is one iteration. It stops by itself when the largest slope falls below `tolerance`, or
    when the loss falls no further.
    """

    corrections: int = 10
    tolerance: float = 1e-5
    memory: ClassVar[int] = 0

    def __post_init__(self) -> None:
        _check(self)


OPTIMIZERS: dict[str, type[Any]] = {
    kind.__name__.lower(): kind for kind in (SGD, Momentum, Nesterov, Adagrad, RMSProp, Adam, AdamW, LBFGS)
}


def as_optimizer(optimizer: object) -> Optimizer | LBFGS:
    """Return an optimiser: the given one, the named one with its defaults, or Adam for None."""
    if optimizer is None:
        return Adam()
    if isinstance(optimizer, type):
        raise InputError("optimizer is a class", expected="an object", hint=f"{optimizer.__name__}()")
    if isinstance(optimizer, LBFGS) or (hasattr(optimizer, "step") and hasattr(optimizer, "memory")):
        return optimizer  # type: ignore[return-value]
    name = check_name("optimizer", optimizer, OPTIMIZERS, also=", or an object such as Adam(0.001)")
    return OPTIMIZERS[name]()  # type: ignore[no-any-return]


def to_config(optimizer: object) -> dict[str, Any]:
    """Return an optimiser's name and settings, ready for JSON.

    Raises:
        InputError: it, or its schedule, is not one of ours.
    """
    if not is_ours(optimizer):
        raise InputError("only optimisers of clearprop can be written down", got=repr(optimizer))
    settings = _plain(optimizer)
    if type(settings.get("learning_rate")) in SCHEDULES.values():
        schedule = settings["learning_rate"]
        settings["learning_rate"] = {"name": type(schedule).__name__, **_plain(schedule)}
    return {"name": type(optimizer).__name__, **settings}


def is_ours(optimizer: object) -> bool:
    """Return whether an optimiser and its schedule are of clearprop, so that they can be written down."""
    rate = getattr(optimizer, "learning_rate", 0.0)
    return type(optimizer) in OPTIMIZERS.values() and (
        not hasattr(rate, "rate") or type(rate) in SCHEDULES.values()
    )


def from_config(config: dict[str, Any]) -> Any:
    """Return the optimiser that `to_config` wrote down.

    Raises:
        InputError: an unknown name, or settings that cannot be.
    """
    settings = dict(config)
    name = settings.pop("name")
    if isinstance(settings.get("learning_rate"), dict):
        rate = dict(settings["learning_rate"])
        schedule = SCHEDULES.get(rate.pop("name"))
        if schedule is None:
            raise InputError("unknown schedule", expected=f"one of {', '.join(SCHEDULES)}")
        settings["learning_rate"] = schedule(**rate)
    if not isinstance(name, str) or name.lower() not in OPTIMIZERS:
        raise InputError("unknown optimizer", expected=f"one of {', '.join(OPTIMIZERS)}", got=repr(name))
    return OPTIMIZERS[name.lower()](**settings)


def _plain(described: object) -> dict[str, Any]:
    """Return the settings, with Python's numbers in place of NumPy's."""
    return {
        name: value.item() if hasattr(value, "item") else value for name, value in vars(described).items()
    }


def _check(optimizer: Any, *fractions: str) -> None:
    """Refuse settings that cannot be: rates and epsilons are positive, the named ones in [0, 1)."""
    for name, value in vars(optimizer).items():
        what = f"{type(optimizer).__name__}: {name}"
        if name == "learning_rate" and isinstance(value, type):
            raise InputError(f"{what} is a class", expected="a number or an object", got=value.__name__)
        if name == "learning_rate" and hasattr(value, "rate"):
            continue
        if name == "corrections":
            check_whole(what, value, at_least=1)
        elif name in fractions:
            check_number(what, value, at_least=0, below=1)
        elif name == "decay":
            check_number(what, value, at_least=0)
        else:
            check_number(what, value, above=0)
