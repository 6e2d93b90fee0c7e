"""Words and numbers of a readable length, safe to print."""

from __future__ import annotations

import math

__all__ = ["figure", "figures", "rows", "several", "short", "visible"]


def visible(text: object) -> str:
    """Return the text with every control character spelt out, so that no data can steer a terminal."""
    return "".join(
        letter if letter.isprintable() or letter == " " else repr(letter)[1:-1] for letter in str(text)
    )


def short(text: object, limit: int = 40) -> str:
    """Return the text on one line, visible, and cut where it is longer than the limit."""
    seen = visible(text)
    return seen if len(seen) <= limit else f"{seen[: limit - 1]}…"


def figure(value: float | None, *, unitless: bool = False) -> str:
    """Return a number with four significant digits, as 77,780; one without units with three decimals."""
    if value is None or not math.isfinite(value):
        return "–"
    text = f"{value:.3f}" if unitless and abs(value) < 1e4 else f"{value:.4g}"
    if float(text) == 0:
        return text.removeprefix("-")
    large = not unitless and 1e4 <= abs(float(text)) < 1e9
    return f"{float(text):,.0f}" if large else text


def figures(number: int) -> str:
    """Return a whole number with its thousands apart: 12,345."""
    return f"{number:,}"


def several(number: int, noun: str, plural: str | None = None) -> str:
    """Return a number with its noun: "1 epoch", "2 epochs", "3 classes"."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def rows(number: int) -> str:
    """Return "1 row", "1,234 rows"."""
    return several(number, "row")
