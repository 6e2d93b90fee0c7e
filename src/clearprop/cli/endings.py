"""How a command ends: what it says on standard error, and its exit code.

0    done
1    a failure: a full disk, a library that is not installed, training that diverged, a fault of ours
2    a user's mistake: no such file or column, an option that does not fit, a file that is no model
130  Ctrl-C
"""

from __future__ import annotations

import os
import sys
import traceback
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import typer

from ..errors import ClearpropError, InputError, MissingExtraError, ModelFileError
from .text import visible

__all__ = ["command", "say"]

_MISTAKES = (InputError, ModelFileError, FileNotFoundError, FileExistsError, IsADirectoryError,
             NotADirectoryError, PermissionError)  # fmt: skip
_OPTIONAL = ("rich", "pyarrow", "sklearn", "scipy", "narwhals", "matplotlib")


@contextmanager
def command() -> Iterator[None]:
    """What every command runs in: no traceback leaves it, and no warning meant for programmers."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except KeyboardInterrupt:
        _end("interrupted", 130)
    except BrokenPipeError:  # whoever read our output has seen enough, as in `clearprop predict … | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(1) from None
    except (ClearpropError, OSError, MemoryError) as error:
        _end(_words(error), 2 if isinstance(error, _MISTAKES) else 1)
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in _OPTIONAL:
            _unexpected(error)
        _end(
            str(MissingExtraError(f"the command needs {error.name}", hint='pip install "clearprop[cli]"')), 1
        )
    except (typer.Exit, typer.Abort):
        raise
    except Exception as error:
        _unexpected(error)


def say(kind: str, text: str) -> None:
    """Print "error: …", "note: …" to standard error, without control characters from a user's data."""
    print(f"{kind}: {visible(text)}", file=sys.stderr)


def _words(error: BaseException) -> str:
    if isinstance(error, MemoryError):
        return "there is not enough memory for this table; try fewer columns or rows"
    if isinstance(error, OSError) and error.strerror:
        return f"{error.strerror.lower()}: {error.filename}" if error.filename else error.strerror
    return str(error) or type(error).__name__


def _unexpected(error: Exception) -> NoReturn:
    detail = (str(error).splitlines() or [""])[0][:300]
    _end(
        f"this should not have happened ({type(error).__name__}: {detail}). It is a fault in clearprop: "
        "please report it, with what CLEARPROP_DEBUG=1 prints when you run the command again",
        1,
    )


def _end(text: str, code: int) -> NoReturn:
    if os.environ.get("CLEARPROP_DEBUG"):
        traceback.print_exc()
    say("error", text)
    raise typer.Exit(code) from None
