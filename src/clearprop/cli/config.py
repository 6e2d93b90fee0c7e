"""`--config run.toml`: the options of `clearprop train` in a file."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from ..errors import InputError
from .settings import NAMES, unknown_setting

__all__ = ["read_config"]

_PATHS = ("data", "output", "report")


def read_config(path: Path) -> dict[str, Any]:
    """Return the settings in a TOML file, by name; paths are relative to the file's folder.

    Raises:
        InputError: no such file, no TOML, or a key that is no option. What the values may be is
            looked at where all settings come together.
    """
    values = _parse(path)
    settings: dict[str, Any] = {}
    for key, value in values.items():
        name = key.replace("-", "_")
        if name not in NAMES:
            raise unknown_setting(key, path.name)
        if name in settings:
            raise InputError(
                f"{path.name} says {key!r} twice", expected="one of test-fraction and test_fraction"
            )
        is_path = name in _PATHS and isinstance(value, str) and value
        settings[name] = path.parent / value if is_path else value
    return settings


def _parse(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except FileNotFoundError:
        raise InputError(f"there is no file {str(path)!r}", expected="a TOML file with options") from None
    except UnicodeDecodeError:
        raise InputError(f"{path.name} is no TOML file", expected="UTF-8 text") from None
    except tomllib.TOMLDecodeError as error:
        raise InputError(
            f"{path.name} is no TOML file", expected='lines such as hidden = "64,64"', got=str(error)
        ) from None
