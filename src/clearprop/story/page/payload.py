"""What the viewer gets: arrays, formulas and derivations as plain data for JSON.

The viewer looks numbers up and writes them; it computes none. Of a small network it gets everything, of
a large one the corner and the largest entries of each array, and the entries that their derivations use.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from itertools import product, zip_longest
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from ...rules.array import Array
from ..formulas import to_text
from ..numbers import summary
from ..paths import Paths, gradient_of
from ..symbols import plain
from .templates import Template, template_of

if TYPE_CHECKING:
    from ..story import Story

TABLE = 32  # an array of at most so many rows and columns is shown whole
CORNER = 8  # of a larger one, so many rows and columns
LARGEST = 8  # and so many of its largest entries
WHOLE = 4096  # an array of at most so many entries is handed over whole,
NUMBERS = 40_000  # while the page holds no more than so many numbers
EVERY = 3000  # a story of so many entries has a derivation for each,
SOME = 300  # a larger one for so many whose sums have to be looked through,
FIRST = 16  # beginning with so many of each array and what they are made of
LISTED = 6  # paths to a weight: so many are listed,
WEIGHTS = 120  # for so many weights,
VISITS = 15_000  # while looking for them visits no more units than that

Place: TypeAlias = tuple[str, tuple[int, ...]]  # a quantity, and where in it


def payload(story: Story, zooms: bool = True) -> dict[str, Any]:
    """Return all that the viewer shows, without the formulas, which stand in the page itself.

    Without `zooms`, how long sums and gradients over paths come about is left out: a served page asks
    for those that are opened, by `zoom_data` and `path_data`.
    """
    # what is given comes first, as in a story that was read back from JSON
    names = (*story.given, *(step.name for step in story))
    arrays = {name: np.asarray(story.values[name]) for name in names}
    templates = {step.name: template_of(story, step) for step in story}
    whole = _whole(arrays)
    shown = {name: list(_shown(name, array, name in whole)) for name, array in arrays.items()}
    known: dict[str, set[tuple[int, ...]]] = {}
    derivations: dict[str, Any] = {}
    if zooms or len(whole) < len(arrays):
        known, derivations = _derivations(story, templates, shown, zooms)
    return {
        "loss": plain_number(story.loss),
        "lossAfter": None if story.loss_after is None else plain_number(story.loss_after),
        "steps": [
            {"phase": step.phase, "name": step.name, "layer": step.layer, "inputs": list(step.inputs)}
            for step in story
        ],
        "notes": [note._asdict() | {"number": plain_number(note.number)} for note in story.notes],
        "arrays": {
            name: _array(story, name, array, None if name in whole else known[name])
            for name, array in arrays.items()
        },
        "templates": {
            name: {"formula": one.formula, "spread": one.spread} for name, one in templates.items()
        },
        "zooms": derivations,
        "paths": dict(_paths(story, shown)) if zooms else {},
        "layers": [
            link._asdict() | {"dW": gradient_of(link.W), "db": gradient_of(link.b)} for link in story.chain
        ],
    }


def _whole(arrays: Mapping[str, Array]) -> set[str]:
    """Return which arrays the page holds whole: the smallest ones, as far as the room goes."""
    names, room = set(), NUMBERS
    for name, array in sorted(arrays.items(), key=lambda item: item[1].size):
        room -= array.size
        if room >= 0 and array.size <= WHOLE:
            names.add(name)
    return names


def _is_table(array: Array, is_whole: bool) -> bool:
    return is_whole and max(array.shape, default=1) <= TABLE


def _shown(name: str, array: Array, is_whole: bool) -> Iterator[Place]:
    """Yield the entries of an array that its table shows, and the largest ones of one that is cut."""
    most = TABLE if _is_table(array, is_whole) else CORNER
    yield from ((name, at) for at in product(*(range(min(size, most)) for size in array.shape)))
    if not _is_table(array, is_whole):
        yield from ((name, at) for at in _largest(array))


def _largest(array: Array) -> list[tuple[int, ...]]:
    order = np.argsort(-np.abs(array.ravel()), kind="stable")[:LARGEST]
    return [tuple(map(int, np.unravel_index(k, array.shape))) for k in order.tolist()]


def _derivations(
    story: Story, templates: dict[str, Template], shown: dict[str, list[Place]], zooms: bool
) -> tuple[dict[str, set[tuple[int, ...]]], dict[str, Any]]:
    """Return the entries that are shown or lead to one that is, and how the long sums among them come about.

    The arrays take turns, and what their first entries are made of comes before the rest of them.
    """
    is_small = zooms and sum(np.size(step.value) for step in story) <= EVERY
    left = 0 if not zooms else EVERY if is_small else SOME
    waiting = deque() if is_small else deque(_in_turns([places[:FIRST] for places in shown.values()]))
    later = deque(_in_turns(_everything(story) if is_small else shown.values()))
    known: dict[str, set[tuple[int, ...]]] = {name: set() for name in story.values}
    found: dict[str, Any] = {}
    while waiting or later:
        name, index = (waiting or later).popleft()
        if index in known[name]:
            continue
        known[name].add(index)
        template = templates.get(name)
        if template is None:
            continue
        if template.spread is None and left:
            left -= 1
            key = f"{name}[{','.join(map(str, index))}]" if index else name
            found[key], operands = zoom_data(story, name, index)
            waiting.extend(operands)
        elif template.spread is not None:
            waiting.extend(template.operands_at(index))
    return known, found


def _everything(story: Story) -> list[list[Place]]:
    return [[(step.name, at) for at in np.ndindex(step.shape)] for step in story]


def _in_turns(lists: Iterable[list[Place]]) -> Iterator[Place]:
    return (place for turn in zip_longest(*lists) for place in turn if place is not None)


def zoom_data(story: Story, name: str, index: tuple[int, ...]) -> tuple[dict[str, Any], list[Place]]:
    """Return how a computed entry comes about, and the entries that stand in it."""
    one = story.zoom(name, *index)
    assert one.spread
    assert one.filled
    count, rest = one.rest
    text = {"spread": to_text(one.spread), "filled": to_text(one.filled), "rest": [count, plain_number(rest)]}
    return text, [(operand.name, operand.index) for operand in one.operands]


def _array(story: Story, name: str, array: Array, known: set[tuple[int, ...]] | None) -> dict[str, Any]:
    """Return an array: all of its numbers, or only those at the places that are known, by their position."""
    content: dict[str, Any] = {
        "plain": plain(name),
        "shape": list(array.shape),
        "summary": summary(array),
        "size": plain_number(np.abs(array[np.isfinite(array)]).max(initial=0)),
        "bySample": _is_by_sample(story, name, array),
        "names": [story.names_of(name, axis) for axis in range(array.ndim)],
    }
    if known is None:
        content["values"] = [plain_number(one) for one in array.ravel().tolist()]
    else:
        content["values"] = {
            int(np.ravel_multi_index(at, array.shape)): plain_number(array[at]) for at in known
        }
    if not _is_table(array, known is None):
        content |= {"corner": CORNER, "largest": _largest(array)}
    return content


def _is_by_sample(story: Story, name: str, array: Array) -> bool:
    """Return whether an array has a row a sample; what belongs to a parameter has none."""
    parameters = {one for link in story.chain for one in (link.W, link.b)}
    words = {name, *name.split("_")}  # m_W1_new is of W1
    is_of_parameter = words & (parameters | set(map(gradient_of, parameters)))
    return array.ndim == 2 and len(array) == len(story.values["X"]) and not is_of_parameter


def _paths(story: Story, shown: dict[str, list[Place]]) -> Iterator[tuple[str, Any]]:
    """Yield the gradients of the first weights as sums over paths, as long as these are quick to find."""
    units = [np.shape(story.values[link.Z])[-1] for link in story.chain]
    samples = len(story.values["X"])
    costs = {
        name: samples * (1 + sum(units[k + 1 : -1]))
        for k, link in enumerate(story.chain)
        for name in (link.W, link.b)
    }
    room = VISITS
    for name, index in [*_in_turns([shown[name] for name in costs])][:WEIGHTS]:
        if costs[name] <= room:
            room -= costs[name]
            yield f"{name}[{','.join(map(str, index))}]", path_data(story.paths(name, *index, limit=LISTED))


def path_data(found: Paths) -> dict[str, Any]:
    """Return a gradient as a sum over paths."""
    return {
        "count": found.count,
        "rest": plain_number(found.rest),
        "others": plain_number(found.others),
        "gradient": plain_number(found.gradient),
        "paths": [
            {
                "sample": path.sample,
                "value": plain_number(path.value),
                "factors": [[factor.name, plain_number(factor.value)] for factor in path.factors],
                "smallest": path.factors.index(path.smallest),
            }
            for path in found
        ],
    }


def plain_number(value: Any) -> float | int | str:
    """Return a number as JSON can hold it: whole ones short, infinities and NaN as JavaScript reads them."""
    one = float(value)
    if not np.isfinite(one):
        return "NaN" if np.isnan(one) else "Infinity" if one > 0 else "-Infinity"
    return int(one) if one.is_integer() and abs(one) < 2**53 and (one or np.copysign(1, one) > 0) else one
