"""`clearprop train`: a table in, a model out, and what the model is worth."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import typer

from .. import __version__
from ..errors import InputError
from ..formats.atomic import write_atomically
from .console import Screen
from .endings import say
from .fitting import Lesson, Results, fit, measure, prepare
from .messages import shown
from .paths import check_new, default_model
from .results import MODELS, metric_rows, network_line, training_line
from .settings import TrainSettings
from .streams import write_json
from .text import several

__all__ = ["train"]


def train(settings: TrainSettings, *, as_json: bool, force: bool) -> None:
    """Run the command; what there is to complain about is said before anything is shown or trained."""
    output = settings.output or default_model(settings.data)
    lesson = prepare(settings)
    _check_files(settings, output, force=force)
    screen = Screen(silent=as_json)
    lesson.understanding.show(screen)
    estimator, seconds = fit(settings, lesson)
    estimator.save(output)
    if estimator.history_.stopped_by == "interrupt":
        done = several(estimator.network_.epochs, "epoch")
        say("note", f"interrupted; the model as it was after {done} is in {output}")
        raise typer.Exit(130)
    screen.title("training")
    screen.line(network_line(estimator))
    screen.line(training_line(estimator, lesson, seconds))
    results = measure(estimator, lesson)
    _show_results(screen, results)
    _write_report(settings, lesson, estimator, results, seconds)
    _show_next(screen, settings, output)
    if as_json:
        write_json(_to_dict(settings, output, lesson, estimator, results, seconds))


def _check_files(settings: TrainSettings, output: Path, *, force: bool) -> None:
    check_new(output, force=force, inputs=(settings.data,))
    if settings.report is None:
        return
    check_new(settings.report, force=force, inputs=(settings.data,), option="--report")
    if settings.report.absolute() == output.absolute():
        raise InputError(
            f"model and report cannot both be {shown(str(output))}", hint="--report with another name"
        )


def _show_results(screen: Screen, results: Results) -> None:
    screen.title("results")
    body: list[list[str]] = []
    for part, name, values in metric_rows(results):
        body += [[part]] if part else []
        body.append([f"  {name}", *values])
    screen.table(["", *MODELS], body, strong=1)
    screen.line(f"baseline: {results.baseline}")
    screen.line()
    for sentence in results.verdict.sentences:
        screen.line(sentence)


def _write_report(
    settings: TrainSettings, lesson: Lesson, estimator: Any, results: Results, seconds: float
) -> None:
    if settings.report is None:
        return
    from .report import page

    text = page(settings, lesson, estimator, results, training_line(estimator, lesson, seconds))
    write_atomically(settings.report, [text.encode("utf-8")])


def _show_next(screen: Screen, settings: TrainSettings, output: Path) -> None:
    screen.title(f"saved in {output}")
    if settings.report is not None:
        screen.line(f"report in {settings.report}")
    screen.line("what you can do with it, given a table of new rows:")
    screen.command("clearprop", "predict", output, "NEW.csv", "-o", "predictions.csv")
    screen.command("clearprop", "evaluate", output, "NEW.csv")
    screen.command("clearprop", "show", output)


def _settings_to_dict(settings: TrainSettings) -> dict[str, Any]:
    """Return the settings for JSON, with paths as texts."""
    return {name: str(v) if isinstance(v, Path) else v for name, v in vars(settings).items()}


def _to_dict(
    settings: TrainSettings, output: Path, lesson: Lesson, estimator: Any, results: Results, seconds: float
) -> dict[str, Any]:
    history, net, verdict = estimator.history_, estimator.network_, results.verdict
    parts = {"train": lesson.train, "validation": lesson.validation, "held_out": lesson.held_out}
    return {
        "clearprop": __version__,
        "model": str(output),
        "report": settings.report and str(settings.report),
        "understood": lesson.understanding.to_dict(),
        "rows": {name: len(part) for name, part in parts.items()},
        "network": {
            "sizes": net.sizes,
            "parameters": net.parameters.vector.size,
            "loss": net.loss_function.name,
        },
        "training": {
            "epochs": len(history),
            "best_epoch": history.best_epoch,
            "stopped_by": history.stopped_by,
            "seconds": seconds,
        },
        "metrics": results.scores,
        "baseline": results.baseline,
        "verdict": {
            "against_linear": verdict.against_linear,
            "against_baseline": verdict.against_baseline,
            "sentences": verdict.sentences,
        },
        "settings": _settings_to_dict(settings),
    }
