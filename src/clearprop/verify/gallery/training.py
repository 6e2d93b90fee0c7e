"""How an example trains: its optimiser, its steps, what stays frozen, its penalty in the source's scaling."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, final

from ...errors import InputError
from ...optimizers import LBFGS, OPTIMIZERS, Optimizer
from .section import Section, named

__all__ = ["Training", "read_training"]

PENALTIES = {  # the scalings of ΣW² in use, and what they mean as l2/2·ΣW²
    "lambda/2m": lambda strength, m, n: strength / m,
    "alpha/2n": lambda strength, m, n: strength / n,
    "lambda": lambda strength, m, n: 2 * strength,
    "lambda/2": lambda strength, m, n: strength,
}


@final
@dataclass(frozen=True)
class Training:
    """How a run makes its steps.

    Attributes:
        optimizer: with its learning rate.
        has_rate: whether the file states one; without, there is no update to expect anything of.
        batch_size: the samples of a step; they are taken in the order of the file.
        update: "simultaneous" or "sequential".
        freeze: the names of parameters that keep their values, those of missing biases included.
        l2: the penalty l2/2·ΣW².
        penalty: the same in the source's scaling, in words; "" for none.
    """

    optimizer: Optimizer
    has_rate: bool
    batch_size: int
    update: str
    freeze: tuple[str, ...]
    l2: float
    penalty: str


def read_training(table: Any, where: str, samples: int, parameters: list[str], held: list[str]) -> Training:
    """Return what a table [training] says.

    Args:
        table: the table.
        where: its place, for messages.
        samples: how many there are in all.
        parameters: the names that may be frozen.
        held: the names of missing biases.

    Raises:
        InputError: what does not fit, with its place.
    """
    known = ("learning_rate", "optimizer", "update", "batch_size", "freeze", "penalty")
    section = Section(table, where, known)
    batch_size = min(samples, section.whole("batch_size", samples, at_least=1))
    l2, penalty = _penalty(section, samples, batch_size)
    return Training(
        optimizer=_optimizer(section),
        has_rate="learning_rate" in section,
        batch_size=batch_size,
        update=section.one_of("update", ("simultaneous", "sequential"), "simultaneous"),
        freeze=_freeze(section, parameters, held),
        l2=l2,
        penalty=penalty,
    )


def _penalty(training: Section, samples: int, batch: int) -> tuple[float, str]:
    """Return l2, and the penalty in the source's scaling."""
    section = Section(training.value("penalty", {}), training.place("penalty"), PENALTIES)
    used = [name for name in PENALTIES if name in section]
    if not used:
        return 0.0, ""
    if len(used) > 1:
        raise InputError(f"{training.place('penalty')} is given twice", expected=f"one of {', '.join(used)}")
    if used == ["alpha/2n"] and samples % batch:
        raise InputError(
            f"{section.place('alpha/2n')} divides by the samples of a step, which differ here",
            expected=f"a batch_size that divides {samples}",
            got=str(batch),
        )
    strength = section.number(used[0], above=0)
    symbol = used[0].replace("lambda", "λ").replace("alpha", "α")
    meaning = {"λ/2m": f", m = {samples}", "α/2n": f", n = {batch}"}.get(symbol, "")
    return PENALTIES[used[0]](strength, samples, batch), f"{symbol}·ΣW², {symbol[0]} = {strength:g}{meaning}"


def _optimizer(training: Section) -> Optimizer:
    """Return the optimiser: plain gradient descent where none is named."""
    value = training.value("optimizer", "sgd")
    table = value if isinstance(value, dict) else {"name": value}
    kinds = {name: kind for name, kind in OPTIMIZERS.items() if kind is not LBFGS}
    place = training.place("optimizer")
    name = Section(table, place, ("name", *table)).one_of("name", kinds)
    options = [field.name for field in fields(kinds[name]) if field.name != "learning_rate"]
    section = Section(table, place, ("name", *options))
    given = {key: section.number(key) for key in table if key != "name"}
    rate = {"learning_rate": training.number("learning_rate")} if "learning_rate" in training else {}
    with named(place):
        return kinds[name](**rate, **given)  # type: ignore[no-any-return]


def _freeze(training: Section, known: list[str], held: list[str]) -> tuple[str, ...]:
    """Return the names of the parameters that keep their values, those of missing biases included."""
    asked = training.texts("freeze", [])
    unknown = [name for name in asked if name not in known]
    if unknown:
        raise InputError(
            f"{training.place('freeze')} does not fit",
            expected=f"of {', '.join(known)}",
            got=repr(unknown[0]),
        )
    return tuple(dict.fromkeys([*(name.replace("theta", "b") for name in asked), *held]))
