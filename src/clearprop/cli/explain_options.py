"""The options of `clearprop explain`; what it does is imported when it runs, so that help is quick."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from .endings import command

__all__ = ["explain"]


def _file(ending: str, help: str) -> Any:
    return typer.Option(metavar=f"FILE{ending}", help=help)


def explain(
    model: Annotated[
        Path | None, typer.Argument(metavar="MODEL", help="What clearprop train wrote.", show_default=False)
    ] = None,
    table: Annotated[
        Path | None,
        typer.Argument(metavar="DATA", help="A table: CSV, Parquet, Feather, .npz.", show_default=False),
    ] = None,
    target: Annotated[
        str | None,
        typer.Option("--target", "-t", metavar="COLUMN", help="[default: what the model was trained on]"),
    ] = None,
    rows: Annotated[
        str | None, typer.Option(metavar="ROWS", help="The rows of the step, from 0: 0:4, 7 or : for all.")
    ] = None,
    net: Annotated[
        str | None,
        typer.Option(
            metavar="SIZES", help="A network made on the spot, such as 2-3-1. [default: one that fits --data]"
        ),
    ] = None,
    data: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Its data: xor, circle, spiral, moons, blobs, sine, or a table."),
    ] = None,
    activation: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="One, or one a hidden layer: relu,tanh. [default: sigmoid]"),
    ] = None,
    loss: Annotated[
        str | None, typer.Option(metavar="NAME", help="Such as squared_error. [default: by the data]")
    ] = None,
    output: Annotated[
        str | None, typer.Option(metavar="NAME", help="The output's activation. [default: by the loss]")
    ] = None,
    seed: Annotated[int | None, typer.Option(metavar="N", help="Of the first weights. [default: 0]")] = None,
    l1: Annotated[float | None, typer.Option(metavar="X", help="The penalty X·Σ|W|. [default: 0]")] = None,
    l2: Annotated[float | None, typer.Option(metavar="X", help="The penalty X/2·ΣW². [default: 0]")] = None,
    init: Annotated[
        str | None, typer.Option(metavar="NAME", help="The first weights, such as glorot_uniform.")
    ] = None,
    optimizer: Annotated[
        str | None, typer.Option(metavar="NAME", help="Such as adam. [default: plain gradient descent]")
    ] = None,
    learning_rate: Annotated[
        float | None, typer.Option(metavar="RATE", help="[default: 0.1, or the optimiser's]")
    ] = None,
    update: Annotated[
        str, typer.Option(metavar="ORDER", help="simultaneous, or sequential.")
    ] = "simultaneous",
    freeze: Annotated[str | None, typer.Option(metavar="NAMES", help="What keeps its values: b1,b2.")] = None,
    entry: Annotated[
        str | None, typer.Option(metavar='"dW1[0,2]"', help="Show how one number comes about.")
    ] = None,
    paths: Annotated[
        str | None, typer.Option(metavar='"W1[0,2]"', help="Show its gradient as a sum over paths.")
    ] = None,
    html: Annotated[Path | None, _file(".html", "Write a page.")] = None,
    latex: Annotated[Path | None, _file(".tex", "Write a LaTeX document.")] = None,
    markdown: Annotated[Path | None, _file(".md", "Write Markdown.")] = None,
    json: Annotated[Path | None, _file(".json", "Write every quantity for a program.")] = None,
    worksheet: Annotated[
        Path | None, _file(".md", "Write an exercise, .md or .tex, and its answers beside it.")
    ] = None,
    blanks: Annotated[
        str | None,
        typer.Option(
            metavar="NAMES",
            help="What it leaves out: forward, loss, backward, update, all, or dW1,db1. [default: backward]",
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite what is there already.")] = False,
) -> None:
    """See every quantity of one training step, with its formula.

    Of a trained model, MODEL and DATA; or of a network made on the spot, --data, with --net or without.

    Example: clearprop explain --net 2-3-1 --activation sigmoid --data xor
    """
    options = dict(locals())
    with command():
        from .explain import Request
        from .explain import explain as run

        run(Request(**options))
