"""The benchmark as a picture: how long a step takes everybody, beside our engine. Needs matplotlib."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import InputError
from ..plots import BLUE, GREY, ORANGE, StrPath, new_figure, saved
from .tables import labels

__all__ = ["plot_record"]

COLORS = (BLUE, "#93b4f5", GREY, "#16a34a", ORANGE, "#b45309", "#a78bfa", "#6d28d9")
MARKERS = "oovsD^P*"


def plot_record(record: Mapping[str, Any], path: StrPath | None = None) -> Any:
    """Draw each contender's time of a step as a multiple of our best engine's, and return the figure.

    Raises:
        InputError: none of our engines was measured, or an ending that is no picture's.
        MissingExtraError: matplotlib is not installed.
    """
    workloads = [each for each in record["workloads"] if _base(each, record["ours"]) is not None]
    if not workloads:
        raise InputError("there is nothing to draw", expected="a workload that an engine of ours has done")
    figure = new_figure(8.0, 1.7 + 0.45 * len(workloads))
    ax = figure.subplots()
    for (key, label), color, marker in zip(record["labels"].items(), COLORS, MARKERS, strict=False):
        points = [
            (each["median"] / _base(workload, record["ours"]), k)
            for k, workload in enumerate(workloads)
            for each in workload["results"]
            if each["contender"] == key and "median" in each
        ]
        if points:
            x, y = zip(*points, strict=True)
            ax.scatter(x, y, s=46, color=color, marker=marker, label=label, zorder=3, linewidths=0)
    _frame(
        ax,
        [f"{each['name']}\n{each['about'].split()[0]}" for each in workloads],
        labels(record)[record["ours"][0]],
    )
    return saved(figure, path)


def _base(workload: Mapping[str, Any], ours: list[str]) -> Any:
    """Return the median of the first of our engines that was measured; None where none was."""
    medians = {each["contender"]: each["median"] for each in workload["results"] if "median" in each}
    return next((medians[key] for key in ours if key in medians), None)


def _frame(ax: Any, names: list[str], ours: str) -> None:
    ax.set_xscale("log")
    ax.axvline(1, color=BLUE, linewidth=1)
    ax.set_yticks(range(len(names)), names, fontsize=8)
    ax.set_ylim(len(names) - 0.5, -0.5)
    ax.grid(axis="x", color="#e5e7eb", linewidth=0.8)
    ax.xaxis.set_major_formatter(lambda value, _: f"{value:g}×")
    ax.set_xlabel(f"time of a training step, beside {ours}: left of 1 is faster, right of it slower")
    ax.spines[["top", "right", "left"]].set_visible(False)
    ax.tick_params(axis="y", length=0)
    ax.figure.legend(loc="outside upper center", ncols=4, frameon=False, fontsize=8)
