"""One way to check a number that a user gave."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterable
from numbers import Integral, Real
from typing import Any

from .errors import InputError


def check_name(what: str, name: Any, known: Iterable[str], *, also: str = "") -> str:
    """Return name if it is one of the known ones.

    Raises:
        InputError: it is none; `what` begins the message, which ends with the nearest known name.
    """
    names = list(known)
    if isinstance(name, str) and name in names:
        return name
    from difflib import get_close_matches  # only where there is an error

    spelt = {known_name.lower(): known_name for known_name in names}
    near = get_close_matches(name.lower(), spelt, n=1) if isinstance(name, str) else []
    raise InputError(
        f"unknown {what}",
        expected=f"one of {', '.join(names)}{also}",
        got=f"{name!r:.80}",
        hint=repr(spelt[near[0]]) if near else None,
    )


def check_number(
    what: str,
    value: Any,
    *,
    above: float = -math.inf,
    at_least: float = -math.inf,
    below: float = math.inf,
    at_most: float = math.inf,
) -> float:
    """Return value as a float if it is a finite number within the bounds.

    Raises:
        InputError: it is none; `what` begins the message.
    """
    number = math.nan
    if isinstance(value, Real) and not isinstance(value, bool):
        with contextlib.suppress(OverflowError):  # a whole number beyond all floats
            number = float(value)
    if above < number < below and at_least <= number <= at_most and math.isfinite(number):
        return number
    bounds = [(above, ">"), (at_least, "≥"), (below, "<"), (at_most, "≤")]
    limits = " and ".join(f"{sign} {bound:g}" for bound, sign in bounds if math.isfinite(bound))
    raise InputError(f"{what} does not fit", expected=f"a number {limits}".strip(), got=f"{value!r:.80}")


def check_whole(what: str, value: Any, *, at_least: int) -> int:
    """Return value as an int if it is a whole number of at least the given one, and below 2¹²⁸.

    Raises:
        InputError: it is none; `what` begins the message.
    """
    if isinstance(value, Integral) and not isinstance(value, bool) and at_least <= int(value) < 2**128:
        return int(value)
    raise InputError(f"{what} does not fit", expected=f"a whole number ≥ {at_least}", got=f"{value!r:.80}")
