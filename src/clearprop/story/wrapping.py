"""Lines of text within a width: equations are broken before an operator and aligned on their first "="."""

from __future__ import annotations

import re
import shutil
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence

NARROWEST, WIDEST = 24, 100  # columns: a line is made for a terminal of such a width at least, or at most
OPERATOR = re.compile(r" (?=[=+−·⊙/>] )")
SPACE = re.compile(r"(?<!=) (?!=)")  # within a sentence; "η = 0.1" stays together

Split = Callable[[str], Sequence[str]]


def line_width() -> int:
    """Return how long a line may be: that of the terminal up to 100, or 80 in a file."""
    return min(max(shutil.get_terminal_size((80, 24)).columns, NARROWEST), WIDEST)


def cells(text: str) -> int:
    """Return how many columns of a terminal a text takes: two for a wide letter, none for an accent.

    >>> cells("dW1ᵀ"), cells("年齢")
    (4, 4)
    """
    return sum(
        0 if unicodedata.combining(letter) else 1 + (unicodedata.east_asian_width(letter) in "WF")
        for letter in text
    )


def wrapped(lines: Iterable[str], width: int | None = None) -> str:
    """Return lines as one text that is nowhere wider than `width`, or than the terminal.

    A line that holds " = " is an equation: it goes on below its right-hand side, each line beginning with
    an operator. All other lines are sentences, and go on below their own beginning.

    >>> print(wrapped(["L = 0.5 · w · (A − Y)² + Ω", "The loss."], 24))
    L = 0.5 · w · (A − Y)²
        + Ω
    The loss.
    """
    width = line_width() if width is None else width
    return "\n".join(part for line in lines for part in wrap(line, width))


def wrap(line: str, width: int) -> list[str]:
    """Return one line as several, as `wrapped` does."""
    left, equals, _ = line.partition(" = ")
    if not equals:
        return wrap_words(line, width, len(line) - len(line.lstrip(" ")))
    lead, hanging = len(line) - len(line.lstrip(" ")), cells(left) + 3
    if hanging > width // 2:  # too little room beside it
        lead, hanging = min(lead, 2), 4
    return [line] if cells(line) <= width else _fill(line, width, lead, hanging, (_terms, OPERATOR.split))


def wrap_words(line: str, width: int, hanging: int) -> list[str]:
    """Return a sentence as several lines, all but the first with an indent of `hanging`."""
    lead = len(line) - len(line.lstrip(" "))
    return [line] if cells(line) <= width else _fill(line, width, lead, hanging, ())


def _fill(line: str, width: int, lead: int, hanging: int, ways: Sequence[Split]) -> list[str]:
    rows, row = [], " " * lead
    for part in _pieces(line.strip(" "), width - hanging, (*ways, SPACE.split, _words)):
        space = "" if row.isspace() or not row else " "
        if space and cells(row) + 1 + cells(part) > width:
            rows.append(row)
            row, space = " " * hanging, ""
        row += space + part
    return [*rows, row]


def _pieces(text: str, room: int, ways: Sequence[Split]) -> Iterator[str]:
    """Yield a text in pieces that are no longer than `room`, split in the first way that will do."""
    if cells(text) <= room + 2 * text.startswith("= "):  # the sign stands left of the room
        yield text
    elif ways:
        for part in ways[0](text):
            yield from _pieces(part, room, ways[1:])
    else:
        while text:
            cut = next(k for k in range(len(text), 0, -1) if k == 1 or cells(text[:k]) <= room)
            yield text[:cut]
            text = text[cut:]


def _terms(equation: str) -> list[str]:
    """Return an equation split before each "=", and each "+" and "−" that stands in no brackets."""
    depth, cuts = 0, [0]
    for k, letter in enumerate(equation):
        depth += (letter in "([{") - (letter in ")]}")
        if depth == 0 and equation[k : k + 3] in (" = ", " + ", " − "):
            cuts.append(k)
    return [equation[a:b].strip(" ") for a, b in zip(cuts, [*cuts[1:], None], strict=True)]


def _words(text: str) -> list[str]:
    return text.split(" ")
