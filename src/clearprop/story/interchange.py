"""A story as JSON, and back: every number to the last bit. docs/story.md describes the form."""

from __future__ import annotations

import ast
import json
import math
from typing import Any

import numpy as np

from .. import __version__
from ..errors import InputError
from .notes import Note
from .paths import Link
from .step import PHASES, Step
from .story import Story

FORM, EDITION = "clearprop story", 1


def to_json(story: Story, *, indent: int | None = None) -> str:
    """Return the story as the text of one JSON object.

    Raises:
        InputError: a number that is not finite, which JSON cannot hold.
    """
    content = {
        "form": FORM,
        "edition": EDITION,
        "clearprop": __version__,
        "dtype": str(np.asarray(story.values["X"]).dtype),
        "header": story.header,
        "input_names": story.input_names,
        "output_names": story.output_names,
        "given": {name: _plain(value) for name, value in story.given.items()},
        "steps": [_step_to_dict(step) for step in story],
        "loss_after": None if story.loss_after is None else _number(story.loss_after),
        "notes": [{**note._asdict(), "number": _number(note.number)} for note in story.notes],
        "chain": [link._asdict() for link in story.chain],
    }
    try:
        return json.dumps(content, ensure_ascii=False, allow_nan=False, indent=indent)
    except ValueError:
        raise InputError("the story holds a number that is not finite, which JSON cannot hold") from None


def from_json(text: str | bytes) -> Story:
    """Return the story that `to_json` wrote; nothing in the text is run.

    Raises:
        InputError: it is no story, or a damaged one.
    """
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError("this is no JSON", got=f"{error}") from None
    if not isinstance(content, dict) or content.get("form") != FORM:
        raise InputError("this JSON is no story", expected=f'"form": "{FORM}"')
    if content.get("edition") != EDITION:
        raise InputError(
            "this story is of another edition", expected=EDITION, got=repr(content.get("edition"))
        )
    try:
        return _story(content)
    except (AttributeError, KeyError, TypeError, ValueError, SyntaxError) as error:
        raise InputError("the story is damaged", got=f"{type(error).__name__}: {error}") from None


def _story(content: dict[str, Any]) -> Story:
    dtype = np.dtype(content["dtype"])
    if dtype.kind != "f":
        raise ValueError(f"numbers of {dtype}")
    values = {name: _value(value, dtype) for name, value in content["given"].items()}
    steps = tuple(_step(fields, dtype) for fields in content["steps"])
    values |= {step.name: step.value for step in steps}
    missing = {name for step in steps for name in step.inputs} - set(values)
    if missing:
        raise ValueError(f"nothing is called {', '.join(sorted(missing))}")
    return Story(
        steps=steps,
        values=values,
        header=tuple((str(term), str(text)) for term, text in content["header"]),
        notes=tuple(Note(**{**fields, "number": float(fields["number"])}) for fields in content["notes"]),
        input_names=_names(content["input_names"]),
        output_names=_names(content["output_names"]),
        loss_after=None if content["loss_after"] is None else float(content["loss_after"]),
        chain=tuple(Link(**fields) for fields in content["chain"]),
    )


def _step_to_dict(step: Step) -> dict[str, Any]:
    return {
        "name": step.name,
        "phase": step.phase,
        "layer": step.layer,
        "meaning": step.meaning,
        "code": step.code,
        "formula": step.formula,
        "latex": step.latex,
        "mathml": step.mathml,
        "inputs": step.inputs,
        "scalars": sorted(step.scalars),
        "shape": step.shape,
        "value": _plain(step.value),
    }


def _step(fields: dict[str, Any], dtype: np.dtype[Any]) -> Step:
    """Return a step; its formula in other notations is made anew from the code."""
    name, phase, code = str(fields["name"]), str(fields["phase"]), str(fields["code"])
    if phase not in PHASES:
        raise ValueError(f"{name}: no phase is called {phase!r}")
    (line,) = ast.parse(code).body
    if not isinstance(line, ast.Assign) or ast.unparse(line.targets[0]) != name:
        raise ValueError(f"{name}: the code is {code!r}")
    value = _value(fields["value"], dtype)
    if list(np.shape(value)) != list(fields["shape"]):
        raise ValueError(f"{name}: the value has shape {np.shape(value)}, not {fields['shape']}")
    layer = None if fields["layer"] is None else int(fields["layer"])
    return Step(phase, name, code, value, layer, str(fields["meaning"]), frozenset(fields["scalars"]))


def _plain(value: Any) -> Any:
    return np.asarray(value).tolist()


def _value(value: Any, dtype: np.dtype[Any]) -> Any:
    """Return lists as an array, and numbers as they are."""
    if isinstance(value, list):
        return np.array(value, dtype)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ValueError(f"no number: {value!r}")
    return value


def _number(value: float) -> float | str:
    """Return a number; "inf" or "nan" where a step led out of all bounds, which JSON has no number for."""
    return value if math.isfinite(value) else str(value)


def _names(names: Any) -> tuple[str, ...] | None:
    return None if names is None else tuple(map(str, names))
