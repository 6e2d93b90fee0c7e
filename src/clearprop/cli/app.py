"""The commands and their options. Everything heavy is imported inside a command, so that help is quick."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .. import __version__
from .bench_options import bench
from .endings import command
from .explain_options import explain
from .play_options import play

__all__ = ["app"]

app = typer.Typer(
    help="From a table to a neural network that you can see through.",
    epilog="Begin with: clearprop demo",
    rich_markup_mode=None,  # rich costs half of the time that help may take
    pretty_exceptions_enable=False,
    add_completion=False,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Model = Annotated[
    Path, typer.Argument(metavar="MODEL", help="What clearprop train wrote.", show_default=False)
]
Data = Annotated[
    Path, typer.Argument(metavar="DATA", help="A table: CSV, Parquet, Feather, .npz.", show_default=False)
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object, and nothing else.")]
Force = Annotated[bool, typer.Option("--force", help="Overwrite what is there already.")]


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"clearprop {__version__}")
        raise typer.Exit


@app.callback()
def _clearprop(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None: ...


@app.command()
def train(
    data: Annotated[
        Path | None, typer.Argument(metavar="DATA", help="A table: CSV, Parquet, Feather, .npz.")
    ] = None,
    target: Annotated[
        str | None, typer.Option("--target", "-t", metavar="COLUMN", help="The column to learn.")
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="MODEL", help="[default: DATA.clearprop.safetensors]"),
    ] = None,
    ignore: Annotated[
        list[str] | None, typer.Option(metavar="COLUMN", help="A column not to learn from; may be repeated.")
    ] = None,
    task: Annotated[
        str | None, typer.Option(metavar="TASK", help="classification, regression or auto. [default: auto]")
    ] = None,
    test_fraction: Annotated[
        float | None, typer.Option(metavar="SHARE", help="The rows to hold out. [default: 0.2]")
    ] = None,
    hidden: Annotated[
        str | None,
        typer.Option(metavar="UNITS", help="The units of each hidden layer, or none. [default: 64,64]"),
    ] = None,
    epochs: Annotated[int | None, typer.Option(metavar="N", help="How many at most. [default: 200]")] = None,
    activation: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="One, or one a hidden layer: relu,tanh. [default: relu]"),
    ] = None,
    loss: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Such as huber, or quantile:0.9. [default: by the task]"),
    ] = None,
    learning_rate: Annotated[
        float | None,
        typer.Option(metavar="RATE", help="The first one of Adam; it falls to 0. [default: 0.002]"),
    ] = None,
    batch_size: Annotated[
        int | None, typer.Option(metavar="N", help="Rows a step. [default: 32, or all if fewer]")
    ] = None,
    dropout: Annotated[
        str | None,
        typer.Option(
            metavar="SHARE",
            help="Hidden units to silence in training. [default: 0.3, for numbers 0.1, in layers ≥ 50]",
        ),
    ] = None,
    alpha: Annotated[
        float | None, typer.Option(metavar="X", help="The penalty on weights. [default: 0.03]")
    ] = None,
    seed: Annotated[int | None, typer.Option(metavar="N", help="Fixes every draw. [default: 0]")] = None,
    config: Annotated[
        Path | None, typer.Option(metavar="FILE", help="These options in a TOML file; the command line wins.")
    ] = None,
    report: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write a page, .html, with all results.")
    ] = None,
    as_json: Json = False,
    force: Force = False,
) -> None:
    """Train a network on a table, and say what it is worth.

    Example: clearprop train wine.csv --target quality
    """
    options = {k: v for k, v in locals().items() if k not in ("config", "as_json", "force")}
    with command():
        from .config import read_config
        from .settings import gather

        settings = gather(options, *((read_config(config), config.name) if config else ({}, "")))
        from .train import train as run

        run(settings, as_json=as_json, force=force)


@app.command()
def predict(
    model: Model,
    data: Data,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="CSV", help="Where to; otherwise it is printed.")
    ] = None,
    keep: Annotated[
        list[str] | None,
        typer.Option(
            metavar="COLUMN", help="A column of DATA to put in front, such as an id; may be repeated."
        ),
    ] = None,
    proba: Annotated[bool, typer.Option("--proba", help="The probability of each class, too.")] = False,
    as_json: Json = False,
    force: Force = False,
) -> None:
    """Predict each row of a table, as CSV.

    Columns are found by name; those that the model does not know are ignored.
    """
    with command():
        from .predict import predict as run

        run(model, data, output, keep=keep or (), proba=proba, as_json=as_json, force=force)


@app.command()
def evaluate(
    model: Model,
    data: Data,
    target: Annotated[
        str | None,
        typer.Option("--target", "-t", metavar="COLUMN", help="[default: what the model was trained on]"),
    ] = None,
    plot: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Draw the confusion matrix, or predicted against true values."),
    ] = None,
    as_json: Json = False,
    force: Force = False,
) -> None:
    """Say how well a model predicts a table whose answers are known."""
    with command():
        from .evaluate import evaluate as run

        run(model, data, target, plot, as_json=as_json, force=force)


@app.command()
def show(model: Model, as_json: Json = False) -> None:
    """Show what is in a model: layers, columns, training."""
    with command():
        from .show import show as run

        run(model, as_json=as_json)


@app.command(context_settings={"allow_extra_args": True})  # so that `demo wine` can be told what it lacks
def demo(
    context: typer.Context,
    dataset: Annotated[
        str, typer.Option(metavar="NAME", help="digits, breast_cancer, wine or diabetes.")
    ] = "digits",
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="MODEL", help="Keep the model, and the tables beside it."),
    ] = None,
    report: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write a page with all results.")
    ] = None,
    force: Force = False,
) -> None:
    """See all commands at work on real data; needs nothing.

    Every command is printed before it runs, so that you can do the same with a table of yours.
    """
    with command():
        from .demo import demo as run

        run(dataset, output, report, app, words=context.args, force=force)


app.command()(explain)


@app.command()
def verify(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="EXAMPLE...", help="Examples by name, or .toml files. [default: all]"),
    ] = None,
    explain: Annotated[
        bool, typer.Option("--explain", help="Walk through an example, quantity by quantity.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Reproduce worked examples of books, courses and posts.

    Example: clearprop verify mazur --explain
    """
    with command():
        from .verify import verify as run

        run(names or (), explain=explain, as_json=as_json)


@app.command()
def check(
    target: Annotated[
        str,
        typer.Argument(metavar="FILE.py:FUNCTION", help="What computes the gradients.", show_default=False),
    ],
    net: Annotated[str | None, typer.Option(metavar="SIZES", help="Of its network, such as 2-3-1.")] = None,
    activation: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="One, or one a hidden layer: relu,tanh. [default: relu]"),
    ] = None,
    output: Annotated[
        str | None, typer.Option(metavar="NAME", help="The output's activation. [default: by the loss]")
    ] = None,
    loss: Annotated[
        str | None, typer.Option(metavar="NAME", help="Such as cross_entropy. [default: squared_error]")
    ] = None,
    l1: Annotated[float | None, typer.Option(metavar="X", help="The penalty X·Σ|W|. [default: 0]")] = None,
    l2: Annotated[float | None, typer.Option(metavar="X", help="The penalty X/2·ΣW². [default: 0]")] = None,
    samples: Annotated[
        int | None, typer.Option(metavar="N", help="How many to draw. [default: 5, or no size of a layer]")
    ] = None,
    seed: Annotated[int | None, typer.Option(metavar="N", help="Of weights and data. [default: 0]")] = None,
    learning_rate: Annotated[
        float | None, typer.Option(metavar="RATE", help="Where the function gives new weights, too.")
    ] = None,
    update: Annotated[
        str | None, typer.Option(metavar="ORDER", help="simultaneous, or sequential. [default: simultaneous]")
    ] = None,
    descent: Annotated[bool, typer.Option("--descent", help="The function gives −∂L/∂W.")] = False,
    as_json: Json = False,
) -> None:
    """Say what is wrong in a backpropagation of yours.

    The options may stand in the function's docstring too: clearprop: --net 2-3-1 --activation tanh
    """
    options = {name: value for name, value in locals().items() if name not in ("target", "as_json")}
    with command():
        from .check import check as run

        run(target, options, as_json=as_json)


app.command()(bench)
app.command()(play)
