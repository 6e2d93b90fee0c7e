"""What is shown of a benchmark: tables in words, the picture, the page in the documentation."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from types import ModuleType

import pytest

from bench_record import record
from clearprop.bench.drawing import plot_record
from clearprop.bench.tables import (
    around,
    detail,
    duration,
    estimator_line,
    labels,
    left_out,
    overview,
    spread_line,
)
from clearprop.errors import InputError

DOCS = Path(__file__).parent.parent / "docs"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (4e-7, "0.40 µs"),
        (1.34e-5, "13.4 µs"),
        (1.46e-4, "146 µs"),
        (9.997e-4, "1.00 ms"),
        (0.0142, "14.2 ms"),
        (0.9999, "1.00 s"),
        (75.0, "75.0 s"),
    ],
)
def test_times_have_three_digits(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_the_overview_shows_where_we_lose() -> None:
    table = overview(record())
    rows = {row[0]: row[1:] for row in table.rows}
    assert table.heads == ["a training step", "xor", "digits"]
    assert rows["clearprop"] == ["0.20 µs", "1.00 ms"]
    assert rows["article's NumPy"] == ["40.0 µs", "–"]
    assert rows["best peer / ours"] == ["2.00", "0.80"]
    assert rows["best peer / our numpy"] == ["0.01", "0.40"]
    assert rows["of the machine's peak"] == ["5.0%", "0.0%"]


def test_a_workload_in_detail() -> None:
    found = record()
    table = detail(found["workloads"][1], labels(found))
    assert [row[:4] for row in table.rows] == [
        ["clearprop", "auto", "1.00 ms", "980 µs to 1.01 ms"],
        ["clearprop, numpy", "1", "2.00 ms", "1.96 ms to 2.02 ms"],
        ["JAX, scan", "1", "800 µs", "784 µs to 808 µs"],
    ]


def test_around_the_digits() -> None:
    found = record()
    table = around(found)
    assert table is not None
    rows = {row[0]: row[1:] for row in table.rows}
    assert rows["clearprop"] == ["200 ms", "40 MB", "2.00 µs", "100 ms", "2 MB"]
    assert rows["ONNX Runtime"] == ["–", "–", "8.00 µs", "–", "–"]
    assert rows["best peer / ours"] == ["6.50", "–", "4.00", "–", "–"]
    assert "article's NumPy" not in rows
    assert around({**found, "workloads": []} | {"cold": []}) is not None
    del found["cold"]
    assert around(found) is None


def test_reasons_are_said_once() -> None:
    found = record()
    assert left_out(found) == ["article's NumPy, digits: it has no such loss"]
    found["cold"].append({"contender": "article", "reason": "it has no such loss"})
    assert left_out(found) == ["article's NumPy, digits, digits cold: it has no such loss"]


def test_the_widest_spread_is_said() -> None:
    found = record()
    found["workloads"][1]["results"][3]["quartiles"] = [7e-4, 9e-4]
    assert spread_line(found) == "The quartiles are at most 25% of the median apart (JAX, scan, digits)."
    assert spread_line({**found, "workloads": []}) is None


def test_the_estimators_cost() -> None:
    assert str(estimator_line(record())).endswith(
        "MLPClassifier.fit: 120 ms, by MLP.fit alone: 100 ms, ratio 1.20"
    )
    assert estimator_line({}) is None
    assert "was not measured: no sklearn" in str(estimator_line({"estimator": {"reason": "no sklearn"}}))


def test_the_picture(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    found = record()
    plot_record(found, tmp_path / "bench.svg")
    assert (tmp_path / "bench.svg").read_text(encoding="utf-8").startswith("<?xml")
    (axes,) = plot_record(found).axes
    marks = {
        mark.get_label(): mark.get_offsets().tolist() for mark in axes.collections if mark.get_offsets().size
    }
    assert marks["JAX, scan"] == [[pytest.approx(2.0), 0.0], [pytest.approx(0.8), 1.0]]
    assert [x for x, _ in marks["clearprop"]] == [1.0, 1.0]
    with pytest.raises(InputError, match="nothing to draw"):
        plot_record({**found, "ours": []})


@pytest.fixture
def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("performance_table", DOCS / "performance_table.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_is_made_from_the_record(
    generator: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("matplotlib")
    monkeypatch.setattr(generator, "DOCS", tmp_path)
    (tmp_path / "run.json").write_text(json.dumps(record()), encoding="utf-8")
    generator.main([str(tmp_path / "run.json")])
    text = (tmp_path / "performance.md").read_text(encoding="utf-8")
    assert "Abacus 3, 2 cores, avx2; Linux 6, CPython 3.11; numpy 2.4.6; 2031-02-03." in text
    assert "| best peer / ours | 2.00 | 0.80 |" in text
    assert "### digits" in text
    assert "- article's NumPy, digits: it has no such loss" in text
    assert (tmp_path / "performance.svg").exists()
    blocks = [block.splitlines() for block in text.split("\n\n") if block.startswith("|")]
    assert len(blocks) == 4
    for block in blocks:
        assert len({line.count("|") for line in block}) == 1
