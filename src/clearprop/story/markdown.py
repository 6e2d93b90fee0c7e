"""A story as Markdown: as GitHub renders it, with formulas in ```math blocks and arrays as tables."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import final

from .numbers import number
from .sheet import DIGITS, Sheet, Table, write_sheet
from .story import Story

BLANK = "____"

# GitHub renders no \operatorname.
_OPERATOR = re.compile(r"\\operatorname\*?")

# What would begin markup; some characters do so on GitHub even after a backslash.
_SPECIAL = {character: f"\\{character}" for character in r"\`*_[]#~"} | {
    "|": "&#124;", "<": "&lt;", ">": "&gt;", "&": "&amp;", "$": "&#36;", "@": "&#64;",
}  # fmt: skip
_COLON = re.compile(r":(?=\S)")  # in web addresses, and in :emoji:


def to_markdown(story: Story) -> str:
    """Return a story as GitHub-flavoured Markdown.

    Arrays of up to 16 × 8 are tables with 4 significant digits, larger ones are summarised.
    """
    return write_sheet(story, Markdown(), Sheet())


def escape(words: str) -> str:
    r"""Return words so that Markdown shows them as they are.

    >>> escape("a_b | <img>")
    'a\\_b &#124; &lt;img&gt;'
    """
    shown = (character if character.isprintable() else " " for character in words)
    return _COLON.sub("&#58;", "".join(_SPECIAL.get(character, character) for character in shown))


@final
class Markdown:
    """The markup of a sheet in Markdown."""

    def title(self, words: str) -> str:
        """# Words."""
        return f"# {escape(words)}"

    def form(self, labels: Sequence[str]) -> str:
        """Name: ____________."""
        return "   ".join(f"{escape(label)}: {BLANK * 5}" for label in labels)

    def heading(self, words: str) -> str:
        """## Words."""
        return f"## {escape(words)}"

    def quantity(self, names: Sequence[str], about: str) -> str:
        """### `dW1`, about."""
        return f"### {', '.join(f'`{name}`' for name in names)}, {escape(about)}"

    def paragraph(self, words: str) -> str:
        """Words."""
        return escape(words)

    def terms(self, pairs: Sequence[tuple[str, str]]) -> str:
        """- **term**: text."""
        return "\n".join(f"- **{escape(term)}**: {escape(text)}" for term, text in pairs)

    def formula(self, latex: str) -> str:
        """A block of mathematics."""
        allowed = _OPERATOR.sub(r"\\mathrm", latex)
        return f"```math\n{allowed}\n```"

    def value(self, name: str, cell: str) -> str:
        """`L` = 0.35."""
        return f"`{name}` = {cell}"

    def table(self, table: Table) -> str:
        """A table under the numbers or names of the columns."""
        head = [f"`{table.name}`", *map(escape, table.columns)]
        rows = [
            [f"**{escape(row)}**" if row else "", *cells]
            for row, cells in zip(table.rows, table.cells, strict=True)
        ]
        lines = [head, ["---", *["---:"] * len(table.columns)], *rows]
        return "\n".join(f"| {' | '.join(line)} |" for line in lines)

    def cell(self, value: float, *, is_answer: bool) -> str:
        """0.35, or **0.35**."""
        shown = number(value, DIGITS)
        return f"**{shown}**" if is_answer else shown

    def blank(self) -> str:
        """____."""
        return BLANK

    def room(self, lines: int) -> str:
        """Empty paragraphs, which Markdown would drop."""
        return "\n\n".join(["&nbsp;"] * lines)
