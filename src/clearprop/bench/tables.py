"""A benchmark's record as tables of words, for the terminal and for Markdown."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

__all__ = [
    "Table",
    "around",
    "detail",
    "duration",
    "estimator_line",
    "labels",
    "left_out",
    "overview",
    "spread_line",
]

NONE = "–"
OURS = {"native": "best peer / ours", "numpy": "best peer / our numpy"}
SECTIONS = {"cold": "digits cold", "prediction": "one row", "imports": "import"}


class Table(NamedTuple):
    """Heads and rows of cells; the first column is text."""

    heads: list[str]
    rows: list[list[str]]


def overview(record: Mapping[str, Any]) -> Table:
    """Return the time of a step by contender and workload, and below it what is said about our engines."""
    workloads, names = record["workloads"], labels(record)
    found = [_by_contender(each["results"]) for each in workloads]
    rows = [[names[key], *(_time(each[key]) for each in found)] for key in record["labels"]]
    first = record["ours"][0]
    said: list[tuple[str, str, Callable[[Mapping[str, Any]], str]]]
    said = [(OURS[key], key, _ratio) for key in record["ours"]]
    said += [("GFLOP/s, ours", first, _gflops), ("of the machine's peak", first, _share)]
    for what, key, cell in said:
        cells = [cell(each[key]) for each in found]
        rows += [[what, *cells]] if set(cells) != {NONE} else []
    return Table(["a training step", *(each["name"] for each in workloads)], rows)


def detail(workload: Mapping[str, Any], names: Mapping[str, str]) -> Table:
    """Return all that was measured on a workload."""
    heads = [
        "contender",
        "threads",
        "a step",
        "quartiles",
        "first epoch",
        "best peer / ours",
        "GFLOP/s",
        "of the peak",
    ]
    rows = [
        [
            names[each["contender"]],
            str(each["threads"] or "auto"),
            _time(each),
            _quartiles(each),
            duration(each["first"]),
            _ratio(each),
            _gflops(each),
            _share(each),
        ]
        for each in workload["results"]
        if "median" in each
    ]
    return Table(heads, rows)


def around(record: Mapping[str, Any]) -> Table | None:
    """Return what was measured around the digits: cold start, memory, prediction, import, size."""
    if "cold" not in record:
        return None
    names, found = labels(record), {part: _by_contender(record[part]) for part in SECTIONS}
    rows = []
    for key, label in names.items():
        cold, row, imported = (found[part].get(key, {}) for part in SECTIONS)
        cells = [_time(cold), _megabytes(cold.get("memory")), _time(row), _time(imported), _size(imported)]
        rows += [[label, *cells]] if set(cells) != {NONE} else []
    for key in record["ours"]:
        ratios = [_ratio(found[part].get(key, {})) for part in SECTIONS]
        if set(ratios) != {NONE}:
            rows.append([OURS[key], ratios[0], NONE, *ratios[1:], NONE])
        library = _ratio(found["cold"].get(key, {}), "library_ratio")
        if library != NONE:
            rows.append([OURS[key].replace("peer", "library"), library, NONE, NONE, NONE, NONE])
    return Table(["the digits", "cold", "memory", "one row", "import", "on disk"], rows)


def left_out(record: Mapping[str, Any]) -> list[str]:
    """Return a sentence for each reason why somebody was left out somewhere."""
    where: dict[tuple[str, str], list[str]] = {}
    parts = [(each["name"], each["results"]) for each in record["workloads"]]
    parts += [(called, record.get(part, [])) for part, called in SECTIONS.items()]
    for called, results in parts:
        for each in results:
            if "reason" in each:
                where.setdefault((each["contender"], each["reason"]), []).append(called)
    names = labels(record)
    return [f"{names[key]}, {', '.join(places)}: {reason}" for (key, reason), places in where.items()]


def estimator_line(record: Mapping[str, Any]) -> str | None:
    """Return what an estimator costs beside the network's own fit."""
    found = record.get("estimator")
    if found is None:
        return None
    if "reason" in found:
        return f"The estimator was not measured: {found['reason']}"
    whole, inner = (duration(found[kind]["median"]) for kind in ("estimator", "engine"))
    ratio = f"{found['ratio']:.2f}"
    return f"100 epochs of the digits by MLPClassifier.fit: {whole}, by MLP.fit alone: {inner}, ratio {ratio}"


def spread_line(record: Mapping[str, Any]) -> str | None:
    """Return the widest spread, so that nobody reads more into the medians than there is."""
    spreads = [
        ((each["quartiles"][1] - each["quartiles"][0]) / each["median"], each["contender"], workload["name"])
        for workload in record["workloads"]
        for each in workload["results"]
        if "median" in each
    ]
    if not spreads:
        return None
    widest, key, name = max(spreads)
    return f"The quartiles are at most {widest:.0%} of the median apart ({labels(record)[key]}, {name})."


def labels(record: Mapping[str, Any]) -> dict[str, str]:
    """Return what every contender is called, those of the predictions included."""
    return {**record["labels"], **{each["contender"]: each["label"] for each in record.get("prediction", [])}}


def duration(seconds: float) -> str:
    """Return a time with three digits: 0.40 µs, 13.4 µs, 1.42 ms, 2.10 s."""
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= 0.9995 * size or unit == "µs":
            value = seconds / size
            return f"{value:.{2 if value < 9.995 else 1 if value < 99.95 else 0}f} {unit}"
    raise AssertionError


def _by_contender(results: Sequence[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {each["contender"]: each for each in results}


def _time(each: Mapping[str, Any]) -> str:
    return duration(each["median"]) if "median" in each else NONE


def _quartiles(each: Mapping[str, Any]) -> str:
    return " to ".join(duration(value) for value in each["quartiles"])


def _ratio(each: Mapping[str, Any], name: str = "ratio") -> str:
    return f"{each[name]:.2f}" if name in each else NONE


def _gflops(each: Mapping[str, Any]) -> str:
    return f"{each['gflops']:.3g}" if "gflops" in each else NONE


def _share(each: Mapping[str, Any]) -> str:
    return f"{each['share']:.1%}" if each.get("share") is not None else NONE


def _megabytes(value: float | None) -> str:
    return f"{value:,.0f} MB" if value is not None else NONE


def _size(each: Mapping[str, Any]) -> str:
    return _megabytes(each["size"] / 1e6) if "size" in each else NONE
