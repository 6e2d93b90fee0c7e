"""Lines of text within a width: equations are broken before an operator and aligned on their first "="."""

from __future__ import annotations

import re
import shutil
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence

NARROWEST, WIDEST = 24, 100  # columns: a line is made for a terminal of such a width at least, or at most
ROOM = 16  # columns that a number with its operator takes; where they are not left beside a symbol,
ASIDE = 4  # the equation goes on below it, this much to the right
SUMS, SIGNS = "=+−", "=+−·⊙/>"
SPACE = re.compile(r"(?<![=+−·⊙/>]) (?!=)(?![^\[\]]*\])")  # "η = 0.1", "− a" and "W1[0, 2]" stay together
REMARK = re.compile(r" +(?=← )")

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
    an operator that stands in as few brackets as will do. All other lines are sentences, and go on below
    their own beginning.

    >>> print(wrapped(["L = 0.5 · w · (A − Y)² + Ω", "The loss."], 24))
    L = 0.5 · w · (A − Y)²
        + Ω
    The loss.
    """
    width = line_width() if width is None else width
    return "\n".join(part for line in lines for part in wrap(line, width))


def wrap(line: str, width: int) -> list[str]:
    """Return one line as several, as `wrapped` does."""
    left, equals, right = line.partition(" = ")
    lead, beside = len(line) - len(line.lstrip(" ")), cells(left) + 3
    is_below = bool(equals) and beside > min(width // 2, width - ROOM)
    if cells(line) <= width and not (is_below and left.isspace()):
        return [line]
    body, *remark = REMARK.split(line)
    if remark:
        return [*wrap(body, width), *wrap_words(f"{' ' * (lead + ASIDE)}{remark[0]}", width, lead + ASIDE)]
    if not is_below:
        return _fill(line, width, lead, beside, EQUATION) if equals else wrap_words(line, width, lead)
    symbol = [] if left.isspace() else wrap_words(left.rstrip(" "), width, lead)
    below = ASIDE + lead * bool(symbol)
    return symbol + _fill(f"= {right}", width, below, below + 2, EQUATION)


def wrap_words(line: str, width: int, hanging: int) -> list[str]:
    """Return a sentence as several lines, all but the first with an indent of `hanging`."""
    lead = len(line) - len(line.lstrip(" "))
    return [line] if cells(line) <= width else _fill(line, width, lead, hanging, ())


def _fill(line: str, width: int, lead: int, hanging: int, ways: Sequence[Split]) -> list[str]:
    rows, row = [], " " * lead
    for part in _pieces(line.strip(" "), width - hanging, (*ways, SPACE.split, _words)):
        space = "" if row.isspace() or not row else " "
        if space and cells(row) + 1 + cells(part) > width:
            rows.append(row.rstrip(" "))
            row, space = " " * (hanging - 2 * part.startswith("= ")), ""
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


def _before(signs: str, depth: int) -> Split:
    """Return what splits a text before each of these signs that stands in at most so many brackets."""

    def split(text: str) -> list[str]:
        opened, cuts = 0, [0]
        for k, letter in enumerate(text[:-2]):
            opened += (letter in "([{") - (letter in ")]}")
            if opened <= depth and letter == text[k + 2] == " " and text[k + 1] in signs:
                cuts.append(k)
        return [text[a:b].lstrip(" ") for a, b in zip(cuts, [*cuts[1:], None], strict=True)]

    return split


def _words(text: str) -> list[str]:
    return text.split(" ")


EQUATION = tuple(_before(signs, depth) for depth in range(4) for signs in (SUMS, SIGNS))
