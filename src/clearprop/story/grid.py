"""Arrays as lines of a terminal: columns aligned on the decimal point, orange below zero and blue above."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from .numbers import number, summary
from .wrapping import cells

if TYPE_CHECKING:
    from .story import Story

DIGITS = 4
SIDE = 10  # an array with more rows or columns is summarised
LONGEST_HEAD = 14
GAP = "  "

Run: TypeAlias = tuple[str, str]  # a text, and the name of its style
Line: TypeAlias = list[Run]


class _Column(NamedTuple):
    head: str
    texts: list[str]
    width: int


def array_lines(story: Story, name: str, width: int, indent: str = GAP) -> list[Line]:
    """Return the lines that show an array of a story, under the names of inputs and outputs where known.

    A big one is told in a few words: its range and its norm. So is one that holds a single value throughout.
    """
    values = np.asarray(story.values[name])
    if values.size > 1 and np.all(values == values.flat[0]):
        return [[(f"{indent}all {number(float(values.flat[0]), DIGITS)}", "")]]
    if max(values.shape) > SIDE:
        return [[(indent + summary(values, DIGITS).partition(", ")[2], "")]]
    matrix = values.reshape(-1, values.shape[-1])  # a bias (out,) is one row
    rows = _heads(story, name, 0, len(matrix)) if values.ndim > 1 else [""]
    columns = _columns(matrix, _heads(story, name, values.ndim - 1, matrix.shape[1]))
    stub = max(map(cells, rows))
    lines: list[Line] = []
    for block in _blocks(columns, matrix, width - len(indent) - stub):
        lines += _block_lines(block, rows, stub, indent)
    return lines


def visible(text: object) -> str:
    """Return a text with its control characters spelt out, so that no data can steer a terminal."""
    return "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in str(text))


def _heads(story: Story, name: str, axis: int, size: int) -> list[str]:
    """Return what the places along an axis are called; a single one without a name needs none."""
    names = story.names_of(name, axis)
    if names is None:
        return [""] if size == 1 else [str(k) for k in range(size)]
    return [_short(visible(each)) for each in names]


def _short(text: str) -> str:
    if cells(text) <= LONGEST_HEAD:
        return text
    while cells(text) >= LONGEST_HEAD:
        text = text[:-1]
    return f"{text}…"


def _columns(matrix: NDArray[np.floating], heads: Sequence[str]) -> list[_Column]:
    columns = []
    for head, column in zip(heads, matrix.T, strict=True):
        texts = _aligned([number(float(value), DIGITS) for value in column])
        columns.append(_Column(head, texts, max(len(texts[0]), cells(head))))
    return columns


def _aligned(texts: list[str]) -> list[str]:
    """Return numbers of one length, their decimal points below each other."""
    before = [text.partition(".")[0] for text in texts]
    left = max(map(len, before))
    texts = [" " * (left - len(whole)) + text for whole, text in zip(before, texts, strict=True)]
    return [text.ljust(max(map(len, texts))) for text in texts]


def _blocks(
    columns: Sequence[_Column], matrix: NDArray[np.floating], room: int
) -> Iterator[list[tuple[_Column, NDArray[np.floating]]]]:
    """Yield the columns with their values, as many at a time as stand side by side."""
    block: list[tuple[_Column, NDArray[np.floating]]] = []
    used = 0
    for column, values in zip(columns, matrix.T, strict=True):
        if block and used + len(GAP) + column.width > room:
            yield block
            block, used = [], 0
        block.append((column, values))
        used += len(GAP) + column.width
    yield block


def _block_lines(
    block: Sequence[tuple[_Column, NDArray[np.floating]]], rows: Sequence[str], stub: int, indent: str
) -> Iterator[Line]:
    if any(column.head for column, _ in block):
        heads = "".join(GAP + _padded(column.head, column.width) for column, _ in block)
        yield [(f"{indent}{' ' * stub}{heads}", "dim")]
    for k, row in enumerate(rows):
        line: Line = [(indent + _padded(row, stub), "dim")]
        for column, values in block:
            style = "minus" if values[k] < 0 else "plus" if values[k] > 0 else ""
            line.append((GAP + _padded(column.texts[k], column.width), style))
        yield line


def _padded(text: str, width: int) -> str:
    return " " * (width - cells(text)) + text
