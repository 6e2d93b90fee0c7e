"""The options of `clearprop play`; what it does is imported when it runs, so that help is quick."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .endings import command

__all__ = ["play"]


def play(
    net: Annotated[
        str | None, typer.Option(metavar="SIZES", help="The network, such as 2-3-1. [default: 2-3-1]")
    ] = None,
    data: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="xor, circle, spiral, moons, blobs, sine, or a table, .csv. [default: xor, or by --net]",
        ),
    ] = None,
    target: Annotated[
        str | None,
        typer.Option("--target", "-t", metavar="COLUMN", help="Of a table. [default: its last column]"),
    ] = None,
    model: Annotated[
        Path | None, typer.Option(metavar="MODEL", help="A network, as MLP.save writes it.")
    ] = None,
    link: Annotated[
        str | None, typer.Option(metavar="LINK", help="The address of a page, or what stands behind # in it.")
    ] = None,
    port: Annotated[
        int | None, typer.Option(metavar="N", help="Of 127.0.0.1. [default: 8765, or a free one]")
    ] = None,
    browser: Annotated[
        bool, typer.Option("--browser/--no-browser", help="Open the page in the browser.")
    ] = True,
) -> None:
    """Play with a network in the browser: step by step, forwards and backwards.

    Example: clearprop play --net 2-6-6-1 --data spiral
    """
    options = {name: value for name, value in locals().items() if name not in ("port", "browser")}
    with command():
        from .play import play as run

        run(**options, port=port, browser=browser)
