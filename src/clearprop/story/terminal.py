"""A story in a terminal: sections by phase, each quantity with formula, shape and numbers, colour by sign.

The text is made here with the standard library; rich, where it is installed, tells which colours the
terminal has, and gives the codes of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from .grid import DIGITS, Line, array_lines, visible
from .numbers import number
from .symbols import plain
from .wrapping import NARROWEST, cells, line_width, wrap, wrap_words

if TYPE_CHECKING:
    from .notes import Note
    from .step import Step
    from .story import Story

STYLES = {  # readable on dark and on light
    "strong": "bold",
    "dim": "dim",
    "minus": "#d97706",
    "plus": "#3b82f6",
    "forward": "bold #8b5cf6",
    "loss": "bold",
    "backward": "bold #f0715f",
    "update": "bold #22a06b",
    "notes": "bold #ca8a04",
}

Paint = Callable[[str, str], str]


def render(story: Story, width: int | None = None, color: bool | None = None) -> str:
    """Return a story as text for a terminal.

    Args:
        story: the story.
        width: the longest line; None takes that of the terminal, up to 100, or 80 in a file.
        color: whether to use colours; None uses them in a terminal that has some, unless the variable
            NO_COLOR is set. Without rich there are none.
    """
    width = line_width() if width is None else max(width, NARROWEST)
    paint = _painter(color)
    return "\n".join(
        "".join(paint(text, style) for text, style in _trimmed(line)) for line in _lines(story, width)
    )


def show(story: Story) -> None:
    """Print a story."""
    print(render(story))


def _lines(story: Story, width: int) -> Iterator[Line]:
    yield from _header(story.header, width)
    yield from _title("given", "strong", width)
    yield from _given(story, width)
    for phase, steps in story.sections:
        yield from _title(phase, phase, width)
        for k, step in enumerate(steps):
            if k:
                yield []
            yield from _step(story, step, width)
    yield from _outcome(story, width)
    if story.notes:
        yield from _title("notes", "notes", width)
        for note in story.notes:
            yield from _note(note, width)


def _header(header: Sequence[tuple[str, str]], width: int) -> Iterator[Line]:
    """Yield the conventions: a term, and beside it its text, or where there is little room below it."""
    stub = max((cells(term) for term, _ in header), default=0) + 2
    beside = width - stub >= 2 * stub
    for term, text in header:
        indent = stub if beside else 2
        lines = wrap_words(" " * indent + visible(text), width, indent)
        if beside:
            yield [(term.ljust(stub), "dim"), (lines.pop(0)[stub:], "")]
        else:
            yield [(term, "dim")]
        yield from ([(line, "")] for line in lines)


def _title(text: str, style: str, width: int) -> Iterator[Line]:
    yield []
    yield [(f"── {text} ".ljust(width, "─"), style)]


def _given(story: Story, width: int) -> Iterator[Line]:
    """Yield what the step begins with: arrays one by one, the data first, and numbers together."""
    shapes = {name: np.shape(value) for name, value in story.given.items()}
    for name in sorted(shapes, key=lambda name: name not in ("X", "Y")):
        if shapes[name]:
            yield from _headed(plain(name), shapes[name], width)
            yield from array_lines(story, name, width)
    numbers = [
        f"{plain(name)} = {number(float(story.values[name]), DIGITS)}"
        for name, shape in shapes.items()
        if not shape
    ]
    for line in wrap_words(", ".join(numbers), width, 0):
        yield [(line, "strong")]


def _step(story: Story, step: Step, width: int) -> Iterator[Line]:
    """Yield the formula with the shape, the meaning, and the numbers."""
    yield from _headed(step.formula, step.shape, width)
    if not step.shape:
        symbol = step.formula.partition(" = ")[0]
        value = float(step.value)
        yield [(" " * cells(symbol) + " = ", "strong"), (number(value, DIGITS), _sign(value))]
    yield from ([(line, "dim")] for line in wrap_words(f"  {step.meaning}", width, 2))
    if step.shape:
        yield from array_lines(story, step.name, width)


def _headed(formula: str, shape: tuple[int, ...], width: int) -> Iterator[Line]:
    """Yield a formula, and behind it the shape of what it gives, or below where there is no room."""
    lines: list[Line] = [[(line, "strong")] for line in wrap(formula, width)]
    if shape:
        fits = cells(lines[-1][0][0]) + 2 + len(str(shape)) <= width
        if fits:
            lines[-1].append((f"  {shape}", "dim"))
        else:
            lines.append([(f"  {shape}", "dim")])
    yield from lines


def _outcome(story: Story, width: int) -> Iterator[Line]:
    before, after = story.loss, story.loss_after
    if after is None:
        return
    digits = next((d for d in (DIGITS, 9) if number(before, d) != number(after, d)), DIGITS)
    yield from _title("outcome", "strong", width)
    text = f"loss {number(before, digits)} → {number(after, digits)}, of the same samples after the update"
    yield from ([(line, "strong")] for line in wrap_words(text, width, 2))


def _note(note: Note, width: int) -> Iterator[Line]:
    said = visible(f"{note.kind}, {note.where}: {note.text}")
    yield from ([(line, "")] for line in wrap_words(said, width, 2))
    yield from ([(line, "dim")] for line in wrap_words(visible(f"  try {note.remedy}"), width, 2))


def _sign(value: float) -> str:
    return "minus" if value < 0 else "plus" if value > 0 else ""


def _trimmed(line: Line) -> Line:
    """Return a line without white space at its end."""
    while line and not line[-1][0].strip():
        line = line[:-1]
    return [*line[:-1], (line[-1][0].rstrip(), line[-1][1])] if line else []


def _painter(color: bool | None) -> Paint:
    """Return what puts the codes of a style around a text, or for no colours leaves it alone."""
    if color is False:
        return _plainly
    try:
        from rich.console import COLOR_SYSTEMS, Console
        from rich.style import Style
    except ImportError:
        return _plainly
    console = Console(force_terminal=color)
    is_barred = console.no_color or console.legacy_windows or console.color_system is None
    if not color and (is_barred or not console.is_terminal):
        return _plainly
    system = COLOR_SYSTEMS[console.color_system or "standard"]
    styles = {name: Style.parse(style) for name, style in STYLES.items()}
    return lambda text, style: styles[style].render(text, color_system=system) if style else text


def _plainly(text: str, style: str) -> str:
    return text
