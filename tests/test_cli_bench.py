"""`clearprop bench`: what is refused before anything is measured, what is shown and written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bench_record import record
from clearprop.bench.workloads import WORKLOADS
from clearprop.cli import bench as command
from cli_command import Run, runner


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.chdir(tmp_path)
    return runner(capsys)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What is asked of the benchmark, which answers at once with a made-up record."""
    calls: list[Any] = []

    def measured(names: list[str], **options: Any) -> dict[str, Any]:
        calls.append((names, options["peers"], options["plan"].quick))
        return record()

    monkeypatch.setattr(command, "run_all", measured)
    return calls


def test_a_quick_run_of_our_engines(run: Run) -> None:
    ended = run("bench", "--workloads", "xor", "--quick", "--json", "xor.json")
    assert (ended.code, ended.err) == (0, "")
    assert "a training step" in ended.out
    assert "clearprop, numpy" in ended.out
    assert "record in xor.json" in ended.out
    found = json.loads(Path("xor.json").read_text(encoding="utf-8"))
    assert [each["contender"] for each in found["workloads"][0]["results"]] == ["native", "numpy"]
    ours = found["workloads"][0]["results"][1]
    assert len(ours["samples"]) == found["plan"]["rounds"]
    assert ours["deviation"]["sgd"] < 1e-9
    assert found["machine"]["versions"]["numpy"]
    assert found["seconds"] > 0


def test_what_is_asked_for(run: Run, asked: list[Any]) -> None:
    assert run("bench").code == 0
    assert run("bench", "--peers", "--quick", "--workloads", "wide, xor,xor").code == 0
    assert asked == [(list(WORKLOADS), False, False), (["wide", "xor"], True, True)]


@pytest.mark.parametrize("width", [40, 60, 80, 120])
def test_the_tables_fit_the_terminal(
    run: Run, asked: list[Any], monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    out = run("bench").out
    assert max(map(len, out.splitlines())) <= width
    for whole in ("0.20 µs", "800 µs", "0.80", "6.50", "ratio 1.20", "it has no such loss"):
        assert whole in " ".join(out.split())


def test_all_six_workloads_fit_80_columns(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    found = record()
    found["workloads"] = [{**found["workloads"][0], "name": name} for name in WORKLOADS]
    monkeypatch.setattr(command, "run_all", lambda *names, **options: found)
    monkeypatch.setenv("COLUMNS", "80")
    head = next(line for line in run("bench").out.splitlines() if line.startswith("a training step"))
    assert head.split()[3:] == list(WORKLOADS)


def test_record_and_picture_are_written(run: Run, asked: list[Any]) -> None:
    ended = run("bench", "--json", "run.json", "--plot", "run.svg")
    assert ended.code == 0
    assert json.loads(Path("run.json").read_text(encoding="utf-8")) == record()
    assert Path("run.svg").exists()
    assert "try --force" in run("bench", "--json", "run.json").err
    assert run("bench", "--json", "run.json", "--plot", "run.svg", "--force").code == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--workloads", "digit"], "unknown workload: expected one of xor, small"),
        (["--workloads", "digit"], "try 'digits'"),
        (["--workloads", ","], "--workloads names none"),
        (["--json", "run.txt"], "expected a name ending in .json, got 'run.txt'; try run.json"),
        (["--json", "absent/run.json"], "there is no folder 'absent'"),
        (["--plot", "run.doc"], "does not end like a picture"),
        (["--plot", "."], "is a folder"),
    ],
)
def test_mistakes_end_with_2_before_anything_is_measured(
    run: Run, asked: list[Any], words: list[str], said: str
) -> None:
    ended = run("bench", *words)
    assert (ended.code, ended.out) == (2, "")
    assert said in ended.err
    assert "Traceback" not in ended.err
    assert asked == []


def test_missing_libraries_are_said(run: Run, asked: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "absent", lambda packages: "torch is not installed")
    assert 'pip install "clearprop[bench]"' in run("bench", "--peers").err
    assert run("bench").err == ""
