"""A story as JSON, and back: every number to the last bit. docs/story.md describes the form."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np

from .. import __version__
from ..errors import InputError
from .checking import PRECISIONS, check_code, check_story, texts, value_of
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
        "share": story.share,
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
    except (ValueError, SyntaxError) as error:  # InputError too
        raise InputError("the story is damaged", got=f"{error}") from None
    except (AttributeError, LookupError, TypeError, ArithmeticError) as error:
        raise InputError("the story is damaged", got=f"{type(error).__name__}: {error}") from None
    except (RecursionError, MemoryError):  # what the parser says to nesting without end
        raise InputError("the story is damaged", got="a line of code that is nested too deeply") from None


def _story(content: dict[str, Any]) -> Story:
    dtype = content["dtype"]
    if dtype not in PRECISIONS:
        raise ValueError(f"numbers of {dtype!r:.60}")
    given = {str(name): value_of(value, dtype) for name, value in content["given"].items()}
    steps = tuple(_step(fields, dtype) for fields in content["steps"])
    chain = tuple(Link(**fields) for fields in content["chain"])
    check_story(steps, given, chain)
    return Story(
        steps=steps,
        values={**given, **{step.name: step.value for step in steps}},
        header=tuple((term, text) for term, text in map(texts, content["header"])),
        notes=tuple(_note(fields) for fields in content["notes"]),
        input_names=_names(content["input_names"], chain[0].W, 0, given),
        output_names=_names(content["output_names"], chain[-1].W, 1, given),
        loss_after=None if content["loss_after"] is None else float(content["loss_after"]),
        chain=chain,
        share=float(value_of(content["share"], dtype)),
    )


def _note(fields: dict[str, Any]) -> Note:
    kind, where, text, remedy = texts([fields[key] for key in ("kind", "where", "text", "remedy")])
    return Note(kind, where, text, float(fields["number"]), remedy)


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


def _step(fields: dict[str, Any], dtype: str) -> Step:
    """Return a step; its formula in other notations is made anew from the code."""
    name, phase, code, meaning = texts([fields[key] for key in ("name", "phase", "code", "meaning")])
    if phase not in PHASES:
        raise ValueError(f"{name}: no phase is called {phase!r:.60}")
    check_code(name, code)
    value = value_of(fields["value"], dtype)
    if list(np.shape(value)) != fields["shape"]:
        raise ValueError(f"{name}: the value has shape {np.shape(value)}, not {fields['shape']!r:.60}")
    layer = None if fields["layer"] is None else int(fields["layer"])
    return Step(phase, name, code, value, layer, meaning, frozenset(texts(fields["scalars"])))


def _plain(value: Any) -> Any:
    return np.asarray(value).tolist()


def _number(value: float) -> float | str:
    """Return a number; "inf" or "nan" where a step led out of all bounds, which JSON has no number for."""
    return value if math.isfinite(value) else str(value)


def _names(names: Any, W: str, axis: int, given: dict[str, Any]) -> tuple[str, ...] | None:
    if names is None:
        return None
    if len(names) != np.shape(given[W])[axis]:
        raise ValueError(f"{len(names)} names for {np.shape(given[W])[axis]} places")
    return texts(names)
