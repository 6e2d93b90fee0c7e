"""What a person sees on standard output: sentences and tables, as wide as the terminal, plain in a file."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterable, Sequence
from os import PathLike, fspath

from rich.console import Console
from rich.table import Table
from rich.text import Text

from .text import visible

__all__ = ["Screen", "quoted_path"]

NARROW = 60


class Screen:
    """Standard output for a person; silent where the output is for a program."""

    def __init__(self, *, silent: bool = False) -> None:
        self._console = Console(file=sys.stdout, highlight=False, markup=False, emoji=False, quiet=silent)

    @property
    def width(self) -> int:
        """The columns of the terminal, 80 in a file."""
        return self._console.width

    def title(self, text: str) -> None:
        """Print an empty line and a heading."""
        self._console.print()
        self._console.print(Text(visible(text), style="bold"))

    def line(self, text: str = "", style: str = "") -> None:
        """Print a sentence, wrapped at the width."""
        self._console.print(Text(visible(text), style=style))

    def note(self, text: str) -> None:
        """Print something to mind."""
        self._console.print(Text(f"note: {visible(text)}", style="yellow"))

    def command(self, *words: str | PathLike[str]) -> None:
        """Print a command on one line, however long, so that it can be copied."""
        text = visible(" ".join(quoted_path(word) for word in words))
        self._console.print(Text(f"  {text}", style="cyan"), soft_wrap=True)

    def table(
        self,
        heads: Sequence[str],
        body: Iterable[Sequence[object]],
        *,
        left: int = 1,
        strong: int | None = None,
    ) -> None:
        """Print a table without a frame: the first columns, `left` of them, are text, the others numbers."""
        table = Table(
            box=None,
            pad_edge=False,
            padding=(0, 2 if self.width >= NARROW else 1, 0, 0),
            header_style="dim",
            show_edge=False,
            show_header=any(heads),
        )
        for k, head in enumerate(heads):
            style = "bold" if k == strong else ""
            table.add_column(
                visible(head), justify="left" if k < left else "right", overflow="fold", style=style
            )
        for cells in body:
            table.add_row(*(Text(visible(cell)) for cell in cells))
        self._console.print(table)


def quoted_path(word: str | PathLike[str]) -> str:
    """Return a word of a command as a shell takes it."""
    return shlex.quote(fspath(word))
