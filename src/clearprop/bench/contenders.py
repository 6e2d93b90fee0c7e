"""Who takes part, and the small protocol that all of them follow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Protocol

from .. import compiled
from ..rules.array import Array
from .workloads import Task

__all__ = ["CONTENDERS", "Contender", "Subject", "absent"]


class Subject(Protocol):
    """Something that is timed: training, prediction of single rows, an estimator's fit."""

    def start(self) -> None:
        """Go back to the first weights; not timed."""
        ...

    def run(self, count: int) -> None:
        """Do it: epochs, predictions or fits. All of it is timed."""
        ...

    def result(self) -> Array:
        """Return what the gate compares: all weights as one vector, or the answers."""
        ...


@dataclass(frozen=True)
class Contender:
    """One way to train: where its code is, and what it needs.

    Attributes:
        key: its name in the JSON.
        label: its name in tables.
        place: "module:function" below `bench.peers`; the function takes a `Task` and returns a `Subject`.
        packages: what it is installed by, without NumPy; imported by the first of these names.
        cold: the script in `bench/cold`, or why there is none.
    """

    key: str
    label: str
    place: str
    packages: tuple[str, ...]
    cold: str
    is_ours: bool = False

    @property
    def chooses_threads(self) -> bool:
        """Whether it picks its number of threads by itself; all others get their best one."""
        return self.key == "native"

    @property
    def is_slow_to_start(self) -> bool:
        """Whether it compiles so long that a quick run does without it."""
        return self.key == "compile"

    def missing(self) -> str | None:
        """Return why it cannot take part here; None if it can."""
        return NOT_COMPILED if self.key == "native" and not compiled.available() else absent(self.packages)

    def subject(self, task: Task) -> Subject:
        """Import its code and make it ready."""
        module, function = self.place.split(":")
        subject: Subject = getattr(import_module(f".peers.{module}", __package__), function)(task)
        return subject


def absent(packages: Sequence[str]) -> str | None:
    """Return which package is not installed, in words; None if all are."""
    return next((f"{name} is not installed" for name in packages if find_spec(name) is None), None)


NOT_COMPILED = "the native engine was not compiled here"
NO_COLD_COMPILE = "compiling alone takes longer than the training; PyTorch's quick start is without"
ONE_SCAN_IS_ENOUGH = "the other scan stands for both"

CONTENDERS = (
    Contender("native", "clearprop", "ours:native", ("clearprop",), "clearprop_native.py", is_ours=True),
    Contender("numpy", "clearprop, numpy", "ours:numpy", ("clearprop",), "clearprop_numpy.py", is_ours=True),
    Contender("article", "article's NumPy", "article:Article", (), "article_numpy.py"),
    Contender("sklearn", "scikit-learn", "scikit:train", ("sklearn", "scipy"), "scikit_learn.py"),
    Contender("torch", "PyTorch", "pytorch:eager", ("torch",), "pytorch_eager.py"),
    Contender("compile", "torch.compile", "pytorch:compiled", ("torch",), NO_COLD_COMPILE),
    Contender("jax", "JAX, step", "jaxed:step", ("jax", "jaxlib"), "jax_step.py"),
    Contender("scan", "JAX, scan", "jaxed:scan", ("jax", "jaxlib"), "jax_scan.py"),
    Contender("gathered", "JAX, gathered", "jaxed:gathered", ("jax", "jaxlib"), ONE_SCAN_IS_ENOUGH),
)
