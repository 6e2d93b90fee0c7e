"""One table of an example file: read key by key, and whatever does not fit is named with its place."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from typing import Any, final

import numpy as np

from ...checks import check_name, check_number, check_whole
from ...errors import InputError
from ...rules.array import Array

__all__ = ["Section", "named", "plain"]


@contextmanager
def named(where: str) -> Iterator[None]:
    """Put the place in front of a message that does not know it.

    Raises:
        InputError: whatever was raised inside, with its place.
    """
    try:
        yield
    except InputError as error:
        raise InputError(f"{where}: {error}") from None


def plain(value: Any) -> Any:
    """Return a TOML value with floats in place of decimals, which keep the digits as they were typed."""
    if isinstance(value, list):
        return [plain(each) for each in value]
    return float(value) if isinstance(value, Decimal) else value


@final
class Section:
    """A TOML table at a named place, in which only known keys may stand.

    Raises:
        InputError: no table, an unknown key (with the nearest known one), or, by every method, a
            value of another kind; the message names file, table and key.
    """

    def __init__(self, values: Any, where: str, known: Collection[str]) -> None:
        if not isinstance(values, dict):
            raise InputError(
                f"{where} does not fit", expected="a table of keys and values", got=_seen(values)
            )
        for key in values:
            check_name(f"key in {where}", key, known)
        self._values, self._where = values, where

    def __contains__(self, key: str) -> bool:
        return key in self._values

    def place(self, key: str) -> str:
        """Return the words for where a key stands: "mine.toml, [network]: sizes"."""
        return f"{self._where}: {key}"

    def value(self, key: str, default: Any = None) -> Any:
        """Return what stands there; a key without a default must be there."""
        if key not in self._values and default is None:
            raise InputError(f"{self._where} lacks the key {key!r}")
        return self._values.get(key, default)

    def text(self, key: str, default: str | None = None) -> str:
        """Return a text."""
        value = self.value(key, default)
        if not isinstance(value, str):
            raise self._misfit(key, "a text in quotes", value)
        return value

    def texts(self, key: str, default: Sequence[str] | None = None) -> list[str]:
        """Return a list of texts."""
        values = self.value(key, default)
        if not isinstance(values, Sequence) or not all(isinstance(each, str) for each in values):
            raise self._misfit(key, "a list of texts", values)
        return [values] if isinstance(values, str) else list(values)

    def tables(self, key: str) -> list[Any]:
        """Return a list, which is empty where the key is not there."""
        values = self.value(key, [])
        if not isinstance(values, list):
            raise self._misfit(key, "a list of tables", values)
        return values

    def one_of(self, key: str, names: Collection[str], default: str | None = None) -> str:
        """Return one of the names."""
        return check_name(f"value of {self.place(key)}", self.value(key, default), names)

    def number(self, key: str, default: float | None = None, *, above: float = -np.inf) -> float:
        """Return a number."""
        return check_number(self.place(key), plain(self.value(key, default)), above=above)

    def whole(self, key: str, default: int | None = None, *, at_least: int = 0) -> int:
        """Return a whole number."""
        return check_whole(self.place(key), self.value(key, default), at_least=at_least)

    def array(self, key: str) -> Array:
        """Return a number, a list of numbers, or a list of equally long lists, as an array."""
        try:
            array = np.array(plain(self.value(key)))
        except ValueError:
            raise self._misfit(key, "rows of equal length", self.value(key)) from None
        if array.dtype.kind not in "if" or not np.isfinite(array).all():
            raise self._misfit(key, "finite numbers", self.value(key))
        return array.astype(np.float64)

    def _misfit(self, key: str, expected: str, got: Any) -> InputError:
        return InputError(f"{self.place(key)} does not fit", expected=expected, got=_seen(got))


def _seen(value: Any) -> str:
    return f"{plain(value)!r:.60}"
