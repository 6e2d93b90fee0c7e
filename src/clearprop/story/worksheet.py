"""A training step to fill in by hand, and its answer key."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..checks import check_name
from ..errors import InputError
from .markdown import Markdown
from .sheet import COLUMNS, ROWS, Markup, Sheet, fits, write_sheet
from .step import PHASES
from .story import Story
from .tex import Tex, in_document

LONGEST = 300  # blanks; more of them are no exercise any more
GROUPS = {
    "forward": ("forward",),
    "loss": ("loss",),
    "backward": ("backward", "update"),
    "update": ("update",),
    "all": PHASES,
}
FORMATS: dict[str, Markup] = {"markdown": Markdown(), "latex": Tex()}
FORM = ("Name", "Date")
INSTRUCTIONS = (
    "This is one training step of a small network. Fill in the blanks from top to bottom; the formula stands "
    "above each, and what you find is needed further down.",
    "Matrices side by side are multiplied as matrices, row by column; ⊙, fractions, powers and functions "
    "work entry by entry. A raised ᵀ exchanges rows and columns. Rows and columns are counted from 0; a sum "
    "over n is one over the samples, which are the rows.",
    "Write answers with 4 significant digits, such as 0.2727 or 4.386e−4, and calculate on with at least 5. "
    "The numbers given are rounded too, so the last digit may differ by a few from the answer key, which "
    "comes from unrounded numbers.",
)
KEY = "Each answer stands in bold where the blank was; below it one entry is worked out."


def worksheet(
    story: Story, blanks: str | Sequence[str] = "backward", format: str = "markdown"
) -> tuple[str, str]:
    """Return a training step with blanks to fill in by hand, and its answer key.

    Args:
        story: the step. What is given (X, Y, parameters, learning rate) is never blank.
        blanks: "backward" (with the update), "forward", "loss", "update", "all", or a list of quantities.
        format: "markdown", or "latex" for a document that stands alone.

    Raises:
        InputError: unknown blanks or format, more than 60 blanks, or arrays too large to calculate with.
    """
    markup = FORMATS[check_name("format", format, FORMATS)]
    names = _names(story, blanks)
    _check_size(story, names)
    sheet = Sheet("Worksheet: one training step", FORM, INSTRUCTIONS, blanks=names)
    key = Sheet("Answer key: one training step", intro=(KEY,), answers=names)
    texts = (write_sheet(story, markup, one) for one in (sheet, key))
    empty, filled = (in_document(text, standalone=True) if format == "latex" else text for text in texts)
    return empty, filled


def _names(story: Story, blanks: str | Sequence[str]) -> frozenset[str]:
    """Return the quantities to leave out."""
    if isinstance(blanks, str):
        phases = GROUPS[check_name("blanks", blanks, GROUPS, also=', or a list such as ["dW1", "db1"]')]
        return frozenset(step.name for step in story if step.phase in phases)
    given = [name for name in blanks if name in story.given]
    if given:
        raise InputError(
            "what is given is never blank", got=", ".join(given), expected="quantities that a step computes"
        )
    return frozenset(check_name("quantity", name, (step.name for step in story)) for name in blanks)


def _check_size(story: Story, names: frozenset[str]) -> None:
    """Refuse a sheet that nobody could fill in."""
    steps = [step for step in story if step.name in names]
    count = sum(int(np.size(step.value)) for step in steps)
    if not 1 <= count <= LONGEST:
        raise InputError(
            "a worksheet is filled in by hand",
            expected=f"1 to {LONGEST} blanks",
            got=str(count),
            hint="fewer rows of X, a smaller network, plain gradient descent, "
            'or only some quantities: blanks=["dW1", "db1"]',
        )
    for name in dict.fromkeys(name for step in steps for name in (*step.inputs, step.name)):
        if not fits(story.values[name]):
            raise InputError(
                f"{name} is too large for a worksheet",
                expected=f"at most {ROWS} × {COLUMNS}",
                got=" × ".join(map(str, np.shape(story.values[name]))),
                hint="fewer rows of X, or a smaller network",
            )
