"""A live bar for `fit`: epoch, loss, metric, time left. Needs rich, and falls silent without it."""

from __future__ import annotations

import importlib.util
import sys
from typing import Any

from .errors import InputError, MissingExtraError
from .history import History
from .network import Network


def wants_bar(progress: object) -> bool:
    """Return whether `fit(progress=…)` shows a bar: True, False, or "auto" for a person at a terminal.

    Raises:
        InputError: another value.
        MissingExtraError: True, and rich is not installed.
    """
    if progress not in (True, False, "auto"):
        raise InputError("unknown progress", expected="True, False or 'auto'", got=repr(progress))
    has_rich = importlib.util.find_spec("rich") is not None
    if progress is True and not has_rich:
        raise MissingExtraError("the progress bar needs rich", hint='pip install "clearprop[cli]"')
    return has_rich and (progress is True or (progress == "auto" and sys.stderr.isatty()))


class ProgressBar:
    """The bar, as a callback."""

    def start(self, net: Network, history: History) -> None:
        """Show the empty bar."""
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        console = Console(stderr=True)
        bar = [BarColumn(bar_width=min(24, console.width - 64))] if console.width > 71 else []
        self._bar: Any = Progress(
            TextColumn("epoch"),
            MofNCompleteColumn(),
            *bar,
            TextColumn("{task.fields[figures]}"),
            TimeRemainingColumn(),
            console=console,
        )
        self._task = self._bar.add_task("", total=history.settings["epochs"], figures="")
        self._bar.start()

    def __call__(self, net: Network, history: History) -> None:
        """Show the figures of the epoch that ended."""
        validation, metric = history.validation_loss[-1], history.metric[-1]
        figures = f"loss {history.train_loss[-1]:.4g}"
        figures += "" if validation is None else f"  validation {validation:.4g}"
        figures += "" if metric is None else f"  {history.metric_name} {metric:.3g}"
        self._bar.update(self._task, advance=1, figures=figures)

    def finish(self, net: Network, history: History) -> None:
        """Leave the bar as it stands."""
        self._bar.stop()
