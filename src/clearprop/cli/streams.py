"""Output that takes every character on any terminal; data for other programs leaves as UTF-8."""

from __future__ import annotations

import codecs
import io
import json
import math
import sys
from typing import Any, TextIO

__all__ = ["make_safe", "write_json", "write_text"]

_PLAIN = {
    "²": "^2",
    "…": "...",
    "·": ".",
    "×": "x",
    "–": "-",
    "−": "-",
    "→": "->",
    "≥": ">=",
    "≤": "<=",
    "≈": "~",
    **dict(zip("─←′⊙", "-<'*", strict=True)),
    "Σ": "sum",
    "Ω": "Omega",
    "η": "eta",
    "λ": "lambda",
    "∂": "d",
    "√": "sqrt",
    "ᵀ": "^T",
    **dict(zip("▁▂▃▄▅▆▇█", "_.-:=+*#", strict=True)),
}


def _plainly(error: UnicodeError) -> tuple[str, int]:
    """What stands for the characters that a terminal cannot show."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lost = error.object[error.start : error.end]
    return "".join(_PLAIN.get(letter, "?") for letter in lost), error.end


codecs.register_error("clearprop.plainly", _plainly)


def make_safe(stream: TextIO) -> None:
    """Let a stream whose encoding lacks a character show a plainer one instead of failing."""
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors="clearprop.plainly")


def write_text(text: str) -> None:
    """Write data for another program to standard output, as UTF-8 whatever the terminal is."""
    sys.stdout.flush()
    rest = memoryview(text.encode("utf-8"))
    while rest:  # under PYTHONUNBUFFERED a write may take a part only
        rest = rest[sys.stdout.buffer.write(rest) :]
    sys.stdout.buffer.flush()


def write_json(content: Any) -> None:
    """Write one JSON object to standard output; what is no finite number becomes null."""
    write_text(json.dumps(_finite(content), ensure_ascii=False, allow_nan=False, indent=2) + "\n")


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _finite(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(each) for each in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
