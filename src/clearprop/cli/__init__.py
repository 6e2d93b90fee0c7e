"""The command `clearprop`: from a table to a trained network, without writing a program."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Sequence

__all__ = ["main"]


def main(args: Sequence[str] | None = None) -> None:
    """Run the command with these arguments, or with those of the process; ends in SystemExit."""
    if importlib.util.find_spec("typer") is None:
        print('error: the command needs typer; try pip install "clearprop[cli]"', file=sys.stderr)
        raise SystemExit(1)
    try:
        from .app import app
        from .streams import make_safe

        make_safe(sys.stdout)
        make_safe(sys.stderr)
        app(args, prog_name="clearprop")
    except KeyboardInterrupt:  # while the command was still being loaded
        raise SystemExit(130) from None
