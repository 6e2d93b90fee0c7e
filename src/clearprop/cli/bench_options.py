"""The options of `clearprop bench`; what it does is imported when it runs, so that help is quick."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .endings import command

__all__ = ["bench"]


def bench(
    peers: Annotated[
        bool, typer.Option("--peers", help="Beside scikit-learn, PyTorch, JAX and NumPy as in the article.")
    ] = False,
    workloads: Annotated[
        str | None,
        typer.Option(metavar="NAMES", help="Of xor,small,digits,nielsen,mnist,wide. [default: all]"),
    ] = None,
    quick: Annotated[bool, typer.Option("--quick", help="A first look, in short runs.")] = False,
    json_file: Annotated[
        Path | None, typer.Option("--json", metavar="FILE.json", help="Write every sample, and the machine.")
    ] = None,
    plot: Annotated[Path | None, typer.Option(metavar="FILE", help="Draw the times of a step.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite what is there already.")] = False,
) -> None:
    """Measure how fast training is here; leave the machine alone meanwhile.

    Example: clearprop bench --peers --json bench.json
    """
    with command():
        from .bench import bench as run

        run(workloads, json_file, plot, peers=peers, quick=quick, force=force)
