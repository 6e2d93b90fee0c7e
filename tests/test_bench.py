"""The benchmark: the gate sees wrong work, all take turns, and the figures are those of the samples."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from clearprop.bench import processes
from clearprop.bench.benchmark import add_speeds
from clearprop.bench.contenders import CONTENDERS, Contender, absent
from clearprop.bench.digits import answers
from clearprop.bench.figures import add_ratios, interleaved, summary
from clearprop.bench.gate import TOLERANCE, check, deviation, reference, trials
from clearprop.bench.peers.article import Article
from clearprop.bench.pool import Failed, Pool, Worker, environment
from clearprop.bench.prediction import CHECKED_ROWS, PREDICTORS, predictor
from clearprop.bench.processes import SCRIPTS, cold
from clearprop.bench.steady import Plan, Turn, calls_for, measure, take_turns, thread_counts
from clearprop.bench.worker import serve
from clearprop.bench.workloads import WORKLOADS, Task, Workload

BY_KEY = {each.key: each for each in CONTENDERS}
XOR = replace(WORKLOADS["xor"], rows=80)


class Here:
    """A worker in this very process, for one way to train."""

    def __init__(self, make: Callable[[Task], Article] | None = None) -> None:
        self.make = make

    def load(self, kind: str, contender: str, workload: Workload) -> None:
        task = Task.of(workload)
        self.subject = self.make(task) if self.make else BY_KEY[contender].subject(task)

    def run(self, count: int) -> float:
        self.subject.start()
        self.subject.run(count)
        return 0.0

    def result(self, folder: Path) -> np.ndarray:
        return self.subject.result()


# ---- workloads


@pytest.mark.parametrize("workload", WORKLOADS.values(), ids=WORKLOADS)
def test_all_batches_are_full_and_an_epoch_has_many_steps(workload: Workload) -> None:
    assert workload.rows % workload.batch == 0
    assert workload.steps >= 10


def test_operations_are_counted_without_the_inputs_gradient() -> None:
    forward = 2 * 32 * (64 * 64 + 64 * 10)
    weights, hidden = forward, 2 * 32 * 64 * 10
    assert WORKLOADS["digits"].flop == forward + weights + hidden


def test_every_process_draws_the_same_task() -> None:
    one, other = Task.of(WORKLOADS["small"], 1), Task.of(WORKLOADS["small"], 2)
    assert one.X.dtype == np.float32
    for a, b in zip(
        (one.X, one.T, *one.weights.values()), (other.X, other.T, *other.weights.values()), strict=True
    ):
        assert np.array_equal(a, b)
    assert all(np.array_equal(a, b) for a, b in zip(one.orders(2), other.orders(2), strict=True))


# ---- the gate


def test_the_gate_tries_gradient_descent_and_the_workloads_own_optimiser() -> None:
    assert [each.optimizer for each in trials(WORKLOADS["xor"])] == ["sgd"]
    assert [each.optimizer for each in trials(WORKLOADS["digits"])] == ["sgd", "adam"]
    assert {each.steps for each in trials(WORKLOADS["digits"])} == {20}


@pytest.mark.parametrize("name", ["xor", "small", "digits", "nielsen"])
@pytest.mark.parametrize("key", ["native", "numpy", "article"])
def test_who_is_right_passes(name: str, key: str, tmp_path: Path) -> None:
    if reason := BY_KEY[key].missing():
        pytest.skip(reason)
    found = check(Here(), key, WORKLOADS[name], tmp_path)
    assert max(found.values()) < TOLERANCE[WORKLOADS[name].dtype] / 10


class Wrong(Article):
    """Article-style training with a fault."""

    fault = ""

    def step(self, X: np.ndarray, T: np.ndarray) -> None:
        super().step(X[::-1] if self.fault == "rows" else X, T)

    def update(self, gradients: list[tuple[np.ndarray, np.ndarray]]) -> None:
        if self.fault == "the 1/n":
            gradients = [(dW * 32, db * 32) for dW, db in gradients]
        elif self.fault == "half the loss":
            gradients = [(dW * 2, db * 2) for dW, db in gradients]
        elif self.fault == "a bias":
            gradients[0] = gradients[0][0], gradients[0][1] * 0
        elif self.fault == "the moments":
            self.moments = [[(m * 0, v) for m, v in layer] for layer in self.moments]
        super().update(gradients)


@pytest.mark.parametrize("fault", ["rows", "the 1/n", "half the loss", "a bias", "the moments"])
@pytest.mark.parametrize("name", ["small", "digits"])
def test_a_planted_fault_is_caught(name: str, fault: str, tmp_path: Path) -> None:
    wrong = type("Planted", (Wrong,), {"fault": fault})
    with pytest.raises(
        Failed, match=r"wrong: after 20 steps of (sgd|adam), its weights are .* of the way off"
    ):
        check(Here(wrong), "article", WORKLOADS[name], tmp_path)


def test_adam_alone_would_not_see_a_wrong_scale() -> None:
    adam = trials(WORKLOADS["digits"])[1]
    twice = type("Planted", (Wrong,), {"fault": "half the loss"})(Task.of(adam))
    twice.run(1)
    assert deviation(twice.result(), *reference(adam)) < TOLERANCE["float32"]


def test_a_deviation_is_a_share_of_the_way() -> None:
    start, expected = np.zeros(2), np.array([3.0, 4.0])
    assert deviation(np.array([3.0, 4.0]), expected, start) == 0
    assert deviation(start, expected, start) == 1
    assert deviation(np.zeros(3), expected, start) == np.inf
    with np.errstate(invalid="ignore"):
        assert not deviation(np.array([np.nan, 0]), expected, start) <= 1


@pytest.mark.parametrize("key", ["sklearn", "torch", "jax", "scan", "gathered"])
def test_peers_pass_the_gate_in_their_processes(key: str, tmp_path: Path) -> None:
    if reason := absent(BY_KEY[key].packages):
        pytest.skip(reason)
    with Pool() as pool:
        worker = pool.worker(key, 1)
        found = check(worker, key, WORKLOADS["small"], tmp_path)
        assert max(found.values()) < TOLERANCE["float32"] / 10
        if key == "sklearn":
            with pytest.raises(Failed, match="no squared error behind a sigmoid"):
                worker.load("training", key, XOR)


# ---- figures


def test_all_take_turns_forwards_and_backwards() -> None:
    assert "".join(interleaved("ABC", 3)) == "ABCCBAABC"


def test_median_and_quartiles() -> None:
    found = summary([5.0, 1.0, 2.0, 4.0, 3.0])
    assert (found["median"], found["quartiles"]) == (3.0, [2.0, 4.0])
    assert summary([2.0])["quartiles"] == [2.0, 2.0]


def test_a_ratio_is_the_best_peers_time_over_ours() -> None:
    results = {
        "native": {"median": 2.0},
        "numpy": {"median": 8.0},
        "torch": {"median": 6.0},
        "scan": {"median": 4.0},
        "jax": {"reason": "not installed"},
    }
    add_ratios(results, ["native", "numpy"])
    assert (results["native"]["ratio"], results["numpy"]["ratio"]) == (2.0, 0.5)
    assert "ratio" not in results["torch"]
    alone = {"native": {"median": 2.0}, "numpy": {"median": 1.0}}
    add_ratios(alone, ["native", "numpy"])
    assert "ratio" not in alone["native"]


def test_the_ratio_to_libraries_leaves_the_handwritten_script_out() -> None:
    results = {"native": {"median": 2.0}, "article": {"median": 3.0}, "torch": {"median": 6.0}}
    add_ratios(results, ["native"])
    assert (results["native"]["ratio"], results["native"]["library_ratio"]) == (1.5, 3.0)
    without = {"native": {"median": 2.0}, "torch": {"median": 6.0}}
    add_ratios(without, ["native"])
    assert "library_ratio" not in without["native"]


def test_processes_may_keep_what_python_compiles(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    assert "PYTHONDONTWRITEBYTECODE" not in environment(1)


def test_speeds_are_operations_over_time() -> None:
    workload = {"dtype": "float32", "flop": 4e9, "results": [{"median": 2.0}, {"reason": "absent"}]}
    add_speeds(workload, None)
    assert workload["results"][0] == {"median": 2.0, "gflops": 2.0, "share": None}


class Clock:
    """A worker for whom a run takes a tenth of a second, and which may fail."""

    def __init__(self, log: list[str], name: str, fails_at: int = 100) -> None:
        self.log, self.name, self.fails_at = log, name, fails_at

    def run(self, count: int) -> float:
        self.log.append(self.name)
        if self.log.count(self.name) >= self.fails_at:
            raise Failed("its process ended with -9")
        return 0.1 * count


def test_rounds_go_on_without_who_fails() -> None:
    log: list[str] = []
    turns = {"a": Turn(Clock(log, "a"), 2, 20), "b": Turn(Clock(log, "b", fails_at=2), 1, 1)}
    samples, failed = take_turns(turns, 3)
    assert "".join(log) == "abbaa"
    assert samples == {"a": [pytest.approx(0.01)] * 3}
    assert failed == {"b": "its process ended with -9"}


def test_a_call_is_long_enough() -> None:
    count, seconds = calls_for(Clock([], "a"), 2.0)
    assert (count, seconds) == (20, pytest.approx(0.1))
    assert calls_for(Clock([], "a"), 0.01)[0] == 1


def test_threads_are_tried_but_not_for_who_chooses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("clearprop.bench.steady.cores", lambda: 6)
    assert thread_counts(BY_KEY["torch"], XOR, Plan()) == [1, 2, 4, 6]
    assert thread_counts(BY_KEY["native"], XOR, Plan()) == [6]
    assert thread_counts(BY_KEY["torch"], XOR, Plan.short()) == [1]
    assert thread_counts(BY_KEY["torch"], WORKLOADS["wide"], Plan.short()) == [6]


# ---- processes


def test_the_protocol(tmp_path: Path) -> None:
    task, path = vars(XOR), tmp_path / "theta.npy"
    commands = [
        {"load": "training", "contender": "numpy", "workload": {**task, "sizes": [2, 3, 1]}},
        {"run": 1},
        {"save": str(path)},
        {"load": "training", "contender": "numpy", "workload": {**task, "loss": "squared"}},
    ]
    out = io.StringIO()
    serve(io.StringIO("".join(json.dumps(each) + "\n" for each in commands)), out, 1)
    loaded, ran, saved, wrong = map(json.loads, out.getvalue().splitlines())
    assert (loaded, saved) == ({}, {})
    assert ran["seconds"] > 0
    assert wrong["error"].startswith("unknown loss")
    subject = BY_KEY["numpy"].subject(Task.of(XOR))
    subject.start()
    subject.run(1)
    assert np.array_equal(np.load(path), subject.result())


def test_every_run_begins_at_the_first_weights() -> None:
    for key in ("numpy", "article"):
        subject = BY_KEY[key].subject(Task.of(XOR))
        results = []
        for _ in range(2):
            subject.start()
            subject.run(2)
            results.append(subject.result().copy())
        assert np.array_equal(*results)


def test_a_process_that_ends_is_a_failure() -> None:
    worker = Worker(1)
    worker.process.kill()
    worker.process.wait()
    with pytest.raises(Failed, match="its process ended with"):
        worker.run(1)
    worker.end()


def test_a_real_run(tmp_path: Path) -> None:
    strange = Contender("strange", "strange", "strange:train", ("no_such_package",), "")
    told: list[str] = []
    with Pool() as pool:
        contenders = [BY_KEY["numpy"], BY_KEY["article"], strange]
        plan = Plan(rounds=2, seconds=0.01, quick=True)
        found = json.loads(json.dumps(measure(XOR, contenders, pool, plan, tmp_path, told.append)))
    ours, article, missing = found["results"]
    assert missing == {"contender": "strange", "reason": "no_such_package is not installed"}
    assert len(ours["samples"]) == len(article["samples"]) == 2
    assert ours["ratio"] == article["median"] / ours["median"]
    assert ours["deviation"]["sgd"] <= TOLERANCE["float64"]
    assert ours["threads"] == 1
    assert found["steps"] == 20
    assert told[-1] == "xor: 2 rounds"
    assert all(worker.process.poll() is not None for worker in pool.workers.values())


def test_cold_starts_come_with_a_reason_where_they_fail(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("sklearn")
    scripts = {
        "good.py": "import sys, numpy\nnumpy.savez(sys.argv[2], *numpy.load(sys.argv[1]).values())",
        "bad.py": "raise ValueError('no such engine')",
        "lazy.py": "",
    }
    for name, text in scripts.items():
        (tmp_path / name).write_text(text)
    monkeypatch.setattr(processes, "SCRIPTS", tmp_path)
    contenders = [replace(BY_KEY["article"], key=name, cold=name) for name in scripts]
    contenders.append(replace(BY_KEY["article"], key="never", cold="there is none"))
    good, bad, lazy, never = cold(contenders, {}, 2, tmp_path)
    assert len(good["samples"]) == 2
    assert good["memory"] is None or good["memory"] > 5
    assert bad["reason"] == "ValueError: no such engine"
    assert lazy["reason"] == "it saved no model"
    assert never["reason"] == "there is none"


def test_every_contender_has_a_cold_start_or_a_reason() -> None:
    scripts = {path.name for path in SCRIPTS.glob("*.py")}
    named = {each.cold for each in CONTENDERS if each.cold.endswith(".py")}
    assert named == scripts
    for name in scripts:
        text = (SCRIPTS / name).read_text(encoding="utf-8")
        assert "100" in text  # epochs
        assert "32" in text  # rows a batch
        assert "sys.argv[2]" in text


@pytest.mark.parametrize("name", ["native", "sklearn", "onnx"])
def test_predictors_answer_alike(name: str) -> None:
    if reason := absent(PREDICTORS[name].packages):
        pytest.skip(reason)
    found = predictor(name, Task.of(WORKLOADS["digits"])).result()
    assert found.shape == (CHECKED_ROWS,)
    assert np.array_equal(found, answers())
    assert len(set(found.tolist())) > 3
