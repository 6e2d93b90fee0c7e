"""What can go wrong, as types.

    ClearpropError
    ├── InputError         (ValueError)       an argument, an array or a table does not fit
    ├── DivergedError      (ArithmeticError)  training met a number that is not finite
    ├── ModelFileError     (ValueError)       a model file is damaged, foreign or not to be trusted
    └── MissingExtraError  (ImportError)      an optional library is not installed

Every message has the same form: what happened, what was expected, what was got, what to try.
"""

from __future__ import annotations

__all__ = ["ClearpropError", "DivergedError", "InputError", "MissingExtraError", "ModelFileError"]


class ClearpropError(Exception):
    """The base of all errors raised on purpose by clearprop; its parts stand in attributes of these names."""

    def __init__(
        self, what: str, *, got: object = None, expected: object = None, hint: str | None = None
    ) -> None:
        self.what, self.got, self.expected, self.hint = what, got, expected, hint
        parts = [what]
        if expected is not None:
            parts.append(f"expected {expected}")
        if got is not None:
            parts.append(f"got {got}")
        message = ", ".join(parts) if len(parts) < 3 else f"{parts[0]}: {', '.join(parts[1:])}"
        super().__init__(f"{message}; try {hint}" if hint else message)


class InputError(ClearpropError, ValueError):
    """An argument, an array or a table does not fit."""


class DivergedError(ClearpropError, ArithmeticError):
    """Training met a number that is not finite; the weights are back at the last good ones.

    `why` says which number that is, and where it stands.
    """

    def __init__(self, what: str, *, why: str = "", hint: str | None = None) -> None:
        self.why = why
        super().__init__(what, hint=hint)


class ModelFileError(ClearpropError, ValueError):
    """A model file is damaged, foreign or not to be trusted."""


class MissingExtraError(ClearpropError, ImportError):
    """An optional library is not installed."""
