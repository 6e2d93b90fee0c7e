"""`clearprop verify`: the table of worked examples, one walked through, and files of one's own."""

from __future__ import annotations

from pathlib import Path

import pytest

from clearprop.verify.gallery import example_names
from cli_command import Run, runner

MINE = """
title = "A neuron"
source = "My course, sheet 3"
notes = ["The sheet rounds."]
[network]
sizes = [2, 1]
output = "sigmoid"
loss = "squared_error"
weights = "out x in"
W1 = [0.6, -0.1]
theta1 = [-0.9]
[data]
X = [[1, 0]]
Y = [[0]]
[training]
learning_rate = 0.15
penalty = { "lambda/2m" = 0.1 }
[[expect]]
values = [
  { name = "A1", label = "a", published = 0.818 },
  { name = "dW1[0,1]", label = "∂C/∂w2", published = "-0.010" },
]
"""


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.chdir(tmp_path)
    Path("mine.toml").write_text(MINE, encoding="utf-8")
    return runner(capsys)


def test_all_examples_are_reproduced(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    ended = run("verify")
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.startswith("example ")
    for name in example_names():
        assert name in ended.out
    assert f"{len(example_names())} of {len(example_names())} examples reproduced" in ended.out
    assert "Matt Mazur, 2015" in ended.out


def test_a_file_of_ones_own(run: Run) -> None:
    ended = run("verify", "mine.toml")
    assert ended.code == 0
    assert "mine: reproduced" in ended.out
    assert "2 numbers" in ended.out


def test_a_number_that_differs_is_shown_and_ends_with_1(run: Run) -> None:
    Path("mine.toml").write_text(MINE.replace("0.818", "0.811"), encoding="utf-8")
    ended = run("verify", "mine.toml", "hmkcode")
    assert ended.code == 1
    assert "mine: differs" in ended.out
    assert "1 of 2 examples reproduced" in ended.out
    (line,) = (line for line in ended.out.splitlines() if line.startswith("A1[0, 0]"))
    assert line.endswith("0.811  0.8175745  differs: off by 0.0066, allowed 5e−4")


def test_walking_through_one(run: Run) -> None:
    ended = run("verify", "mine.toml", "--explain")
    assert ended.code == 0
    for text in (
        "A neuron",
        "My course, sheet 3",
        "note: The sheet rounds.",
        "thresholds: net = Σ wx − theta, so theta is −b",
        "penalty: λ/2m·ΣW², λ = 0.1, m = 1",
        "dW1",
        "∂C/∂w2",
        "−0.010",
        "agrees",
    ):
        assert text in ended.out


def test_errata_are_explained(run: Run) -> None:
    out = run("verify", "sklearn_test_fit", "--explain").out
    assert "reproduced, 3 errata" in out
    words = (
        "erratum in sklearn_test_fit: dW1[2,0] = 0.060002 multiplies by 0.6 where X3 is 0.7; right: 0.0616"
    )
    assert words in " ".join(out.split())
    assert words in " ".join(run("verify", "sklearn_test_fit").out.split())


def test_the_table_says_which_way_round_its_weights_are(run: Run) -> None:
    out = run("verify", "mine.toml", "--explain").out
    story, _, table = out.partition("the first step")
    assert "the story has in x out" in " ".join(story.split())
    assert "weights: out x in in the source" in table


def test_an_exact_number_is_shown_where_none_is_published(run: Run) -> None:
    text = MINE.replace('label = "a", published = 0.818', 'label = "a", exact = 0.81757448')
    Path("mine.toml").write_text(text, encoding="utf-8")
    out = run("verify", "mine.toml", "--explain").out
    (line,) = (line for line in out.splitlines() if line.startswith("A1[0, 0]") and "agrees" in line)
    assert line.split() == ["A1[0,", "0]", "a", "0.81757448", "0.817574476", "agrees"]


def test_a_hint_is_shown_below_the_table(run: Run) -> None:
    text = MINE + '[[expect]]\nafter = "1 step"\nvalues = [{ name = "W1_new[0,0]", published = 0.573 }]\n'
    Path("mine.toml").write_text(text, encoding="utf-8")
    assert "note: W1_new[0,0]: W1[0,0] fits; W1_new[0,0] is that of one step more" in " ".join(
        run("verify", "mine.toml").out.split()
    )


@pytest.mark.parametrize("width", [40, 60, 80])
def test_numbers_and_names_are_not_broken(run: Run, monkeypatch: pytest.MonkeyPatch, width: int) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    out = run("verify", "mazur", "--explain").out.rpartition("── outcome")[2]
    assert max(map(len, out.splitlines())) <= width
    for whole in ("(0.5 * dA2 * dA2)[0, 0]", "0.274811083", "0.2748110832", "0.00003510187782979"):
        assert any(whole in line for line in out.splitlines())


@pytest.mark.parametrize("width", [40, 60, 80, 120])
def test_narrow_terminals_cut_nothing(run: Run, monkeypatch: pytest.MonkeyPatch, width: int) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    out = run("verify", "hmkcode", "negnevitsky_xor").out
    assert max(map(len, out.splitlines())) <= width
    assert "reproduced, 1 erratum" in " ".join(out.split())


def test_json_has_every_comparison_with_the_digits_as_printed(run: Run) -> None:
    found = run("verify", "mine.toml", "--json").json
    assert found["reproduced"] is True
    (example,) = found["examples"]
    assert (example["id"], example["status"], example["numbers"]) == ("mine", "reproduced", 2)
    published, computed = (example["comparisons"][1][key] for key in ("published", "computed"))
    assert published == "-0.010"
    assert computed == pytest.approx(-0.01)


def test_mistakes_end_with_2(run: Run) -> None:
    assert run("verify", "mazurr").code == 2
    assert "try 'mazur'" in run("verify", "mazurr").err
    assert run("verify", "absent.toml").code == 2
    assert run("verify", "--explain").code == 2
    assert run("verify", "mazur", "--explain", "--json").code == 2
    Path("mine.toml").write_text(MINE.replace("[network]", "[network"), encoding="utf-8")
    assert "mine.toml is no TOML file" in run("verify", "mine.toml").err
