"""Wordings that all commands share: what was probably meant, lists and values of a readable length."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence

from ..errors import InputError

__all__ = ["check_columns", "close_match", "counted", "listing", "shown"]


def close_match(name: str, candidates: Iterable[str]) -> str | None:
    """The candidate that a misspelt name probably means: the same but for case and spaces, or the nearest.

    None where nothing is near.
    """
    spelt: dict[str, str] = {}
    for candidate in candidates:
        spelt.setdefault(_folded(candidate), candidate)
    nearest = difflib.get_close_matches(_folded(name), spelt, n=1, cutoff=0.6)
    return spelt[nearest[0]] if nearest else None


def _folded(name: str) -> str:
    return "".join(name.casefold().split()).replace("_", "").replace("-", "")


def listing(names: Iterable[str], limit: int = 12) -> str:
    """The names, quoted and separated by commas; beyond the limit only their number."""
    quoted = [shown(name) for name in names]
    if len(quoted) > limit:
        return f"{', '.join(quoted[:limit])} and {len(quoted) - limit} more"
    return ", ".join(quoted)


def shown(value: str | bytes, limit: int = 60) -> str:
    """A value from outside, quoted for a terminal: no control character gets through, and no mile of text."""
    return repr(value) if len(value) <= limit else f"{value[: limit - 1]!r}…"


def counted(number: int, noun: str) -> str:
    """A number with its noun: "1 field", "2 fields"."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def check_columns(option: str, names: Iterable[str], known: Sequence[str]) -> None:
    """Refuse a name, given by an option, that no column has."""
    for name in names:
        if name not in known:
            near = close_match(name, known)
            raise InputError(
                f"{option} names a column that is not there: {shown(name)}",
                expected=f"one of {listing(known)}",
                hint=near and shown(near),
            )
