"""A story that comes from outside is looked at before anything is made of it."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..rules import RULES
from .language import check_language
from .paths import Link
from .step import Step

NAME = re.compile(r"[A-Za-z]\w{0,40}")
LONGEST = 2000  # letters of a line of code
PRECISIONS = ("float64", "float32")


def check_story(steps: Sequence[Step], given: Mapping[str, Any], chain: Sequence[Link]) -> None:
    """Refuse a story whose parts do not fit together.

    Raises:
        ValueError: names that occur twice or are none, an operand that comes too late, a chain of layers
            that names what is not there.
    """
    known = set(given)
    for name in known:
        _check_name(name)
    for step in steps:
        _check_name(step.name)
        missing = [name for name in step.inputs if name not in known]
        if missing:
            raise ValueError(f"{step.name}: nothing before it is called {missing[0]}")
        if step.name in known:
            raise ValueError(f"{step.name} occurs twice")
        known.add(step.name)
    if not {"X", "L"} <= known or not chain:
        raise ValueError("X, L or the chain of layers is missing")
    values = {**given, **{step.name: step.value for step in steps}}
    for link in chain:
        _check_link(link, values)


def check_code(name: str, code: str) -> None:
    """Refuse a line that is no assignment to the name, or that is not in the language of the rules."""
    if len(code) > LONGEST:
        raise ValueError(f"{name}: the code is too long")
    (line,) = ast.parse(code).body
    if not isinstance(line, ast.Assign) or [ast.unparse(target) for target in line.targets] != [name]:
        raise ValueError(f"{name}: the code is {code!r}")
    check_language(line.value)


def value_of(value: Any, dtype: str) -> Any:
    """Return a number as it is, and lists as an array of one or two dimensions.

    Raises:
        ValueError: anything else, or numbers that are not finite.
    """
    if isinstance(value, list):
        array = np.array(value)
        if array.dtype.kind not in "if" or array.ndim > 2 or not array.size:
            raise ValueError(f"no array of numbers: {value!r:.60}")
        numbers = array.astype(dtype)
    elif isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"no number: {value!r:.60}")
    else:
        numbers = np.asarray(float(value))
    if not np.isfinite(numbers).all():
        raise ValueError(f"not finite: {value!r:.60}")
    return numbers if isinstance(value, list) else value


def texts(values: Any) -> tuple[str, ...]:
    """Return a list of texts."""
    if not isinstance(values, list) or not all(isinstance(text, str) for text in values):
        raise ValueError(f"no texts: {values!r:.60}")
    return tuple(values)


def _check_name(name: str) -> None:
    if not NAME.fullmatch(name):
        raise ValueError(f"no name of a quantity: {name!r:.60}")


def _check_link(link: Link, values: Mapping[str, Any]) -> None:
    if f"{link.activation}_back" not in RULES:
        raise ValueError(f"unknown activation {link.activation!r:.60}")
    for name in (
        link.X,
        link.W,
        link.b,
        link.Z,
        link.A,
        link.dZ,
        link.above,
        *([link.dA] if link.dA else []),
    ):
        if name not in values:
            raise ValueError(f"layer {link.number}: nothing is called {name!r:.60}")
    inputs, outputs = np.shape(values[link.W])
    n = len(values["X"])
    wanted = {link.X: (n, inputs), link.Z: (n, outputs), link.A: (n, outputs), link.dZ: (n, outputs)}
    for name, shape in wanted.items():
        if np.shape(values[name]) != shape:
            raise ValueError(f"{name} has shape {np.shape(values[name])}, not {shape}")
