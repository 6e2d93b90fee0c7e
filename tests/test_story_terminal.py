"""The story in a terminal: nothing wider than it, columns aligned, colour only where it is wanted."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from clearprop import MLP, Story
from clearprop.story.notes import Note
from clearprop.story.numbers import number
from clearprop.story.terminal import render, show
from clearprop.story.wrapping import NARROWEST, WIDEST, cells, line_width, wrapped

CODE = re.compile(r"\x1b\[[0-9;]*m")
BLUE_ONE, ORANGE_TWO = r"\x1b\[[0-9;]+m +1\.5\x1b\[0m", r"\x1b\[[0-9;]+m +−2\x1b\[0m"


@pytest.fixture(scope="module")
def story() -> Story:
    net = MLP([2, 3, 1], "tanh", loss="binary_cross_entropy", l2=0.1, seed=0)
    return net.explain([[0, 1.5], [-2, 0]], [1, 0.0], input_names=["age", "bmi"], output_names=["class=yes"])


def block(text: str, formula: str) -> list[str]:
    """The lines of a quantity, from its formula to the next empty line."""
    lines = text.splitlines()
    start = next(k for k, line in enumerate(lines) if line.startswith(formula))
    end = next((k for k in range(start, len(lines)) if not lines[k]), len(lines))
    return lines[start:end]


@pytest.mark.parametrize("width", [NARROWEST, 40, 57, 80, 200])
def test_no_line_is_wider_than_the_terminal(story: Story, width: int) -> None:
    assert max(cells(line) for line in render(story, width, color=False).splitlines()) <= width


def test_everything_stands_in_it_in_order(story: Story) -> None:
    text = render(story, 100, color=False)
    titles = re.findall(r"^── (\w+) ─", text, re.MULTILINE)
    assert titles == ["given", "forward", "loss", "backward", "update", "outcome"]
    assert text.startswith("network    2-3-1, tanh → sigmoid, 13 parameters\n")
    places = [text.index(f"\n{step.formula}") for step in story]
    assert places == sorted(places)
    for step in story:
        assert step.meaning in text
        if step.shape:
            assert f"{step.formula}  {step.shape}\n" in text


def test_numbers_stand_below_their_names_and_points_below_points(story: Story) -> None:
    lines = block(render(story, 80, color=False), "W1  (2, 3)")[:4]
    assert lines[1].split() == ["0", "1", "2"]
    assert [line.split()[0] for line in lines[2:]] == ["age", "bmi"]
    points = [[found.start() for found in re.finditer(r"\.", line)] for line in lines[2:]]
    assert points[0] == points[1]
    shown = [word for line in lines[2:] for word in line.split()[1:]]
    assert shown == [number(float(value), 4) for value in story.values["W1"].ravel()]
    assert block(render(story, 80, color=False), "Y  (2, 1)")[1].strip() == "class=yes"


def test_a_number_is_aligned_on_the_equals_sign(story: Story) -> None:
    lines = block(render(story, 80, color=False), "L_data = ")
    assert lines[1] == f"       = {number(float(story['L_data'].value), 4)}"


def test_a_narrow_terminal_folds_columns_and_none_is_lost() -> None:
    story = MLP([2, 8, 1], seed=0).explain([[1.0, 2.0]], [1.0])
    lines = block(render(story, 40, color=False), "Z1 = ")
    heads = [line.split() for line in lines if re.fullmatch(r"[ \d]+", line)]
    assert len(heads) > 1
    assert [head for line in heads for head in line] == [str(k) for k in range(8)]
    values = re.findall(r"−?\d+\.\d+", "\n".join(lines))
    assert values == [number(float(z), 4) for z in story["Z1"].value[0]]


def test_big_arrays_are_told_in_a_few_words() -> None:
    rng = np.random.default_rng(0)
    story = MLP([30, 20, 3], seed=0).explain(rng.normal(size=(50, 30)), rng.normal(size=(50, 3)))
    text = render(story, 100, color=False)
    values = story["dW1"].value
    told = f"from {number(values.min(), 4)} to {number(values.max(), 4)}"
    assert told in "\n".join(block(text, "dW1 = "))
    assert "norm" in block(text, "dW1 = ")[-1]
    assert len(text) < 6000


def test_one_value_throughout_is_said_once(story: Story) -> None:
    assert block(render(story, 80, color=False), "b1  (3,)")[1] == "  all 0"


def test_notes_come_with_their_remedy_and_the_loss_before_and_after(story: Story) -> None:
    note = Note("dead relu", "Z1[:, 1]", "unit 1 gives 0 for every sample", 1.0, "a larger bias")
    text = render(replace(story, notes=(note,)), 80, color=False)
    assert text.endswith("dead relu, Z1[:, 1]: unit 1 gives 0 for every sample\n  try a larger bias")
    assert story.loss_after is not None
    assert f"loss {number(story.loss, 4)} → {number(story.loss_after, 4)}" in text
    close = replace(story, loss_after=story.loss - 1e-7)
    assert f"loss {number(story.loss)} → {number(story.loss - 1e-7)}" in render(close, 80, color=False)
    assert "outcome" not in render(replace(story, loss_after=None), 80, color=False)


def test_names_cannot_steer_the_terminal() -> None:
    net = MLP([1, 1, 1], seed=0)
    story = net.explain([[1.0]], [1.0], input_names=["a\x1b[2J\n" + "b" * 60], output_names=["年齢"])
    text = render(story, 60, color=False)
    assert "\x1b" not in text
    assert r"a\x1b[2J\nbbb…" in text
    assert max(map(cells, text.splitlines())) <= 60


def test_colour_is_by_sign_and_changes_nothing_else(story: Story) -> None:
    pytest.importorskip("rich")
    colored = render(story, 80, color=True)
    assert CODE.sub("", colored) == render(story, 80, color=False)
    (blue,), (orange,) = re.findall(BLUE_ONE, colored), re.findall(ORANGE_TWO, colored)
    assert blue.split()[0] != orange.split()[0]


def test_a_file_gets_no_colour(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("FORCE_COLOR", "TTY_COMPATIBLE"):
        monkeypatch.delenv(name, raising=False)
    assert "\x1b" not in render(story)


def test_no_color_is_obeyed(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("rich")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert "\x1b" in render(story)
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in render(story)


def test_without_rich_it_is_plain(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rich.console", None)
    assert render(story, 80, color=True) == render(story, 80, color=False)


def test_a_plain_rendering_loads_numpy_alone() -> None:
    program = (
        "import sys, clearprop; story = clearprop.MLP([1, 1], seed=0).explain([[1.0]], [1.0]);"
        "from clearprop.story.terminal import render; render(story, 80, False);"
        "assert not {'rich', 'pandas', 'matplotlib'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_show_prints(story: Story, capsys: pytest.CaptureFixture[str]) -> None:
    show(story)
    assert capsys.readouterr().out == f"{render(story)}\n"


def test_the_width_follows_the_terminal_within_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    widths = []
    for columns in ("10", "72", "300"):
        monkeypatch.setenv("COLUMNS", columns)
        widths.append(line_width())
    assert widths == [NARROWEST, 72, WIDEST]


# ---- wrapping

DERIVED = [
    "dW1[0, 2] = X[0, 0] · dZ1[0, 2] + X[1, 0] · dZ1[1, 2]",
    "          = 0.5 · (−0.00215) + 1.25 · 0.002786",
    "          = 0.002408",
    "A weight answers for its input times the error at its output.",
]


def test_equations_are_aligned_on_their_first_equals_sign() -> None:
    assert wrapped(DERIVED, 100) == "\n".join(DERIVED)
    assert wrapped(DERIVED, 40).splitlines() == [
        "dW1[0, 2] = X[0, 0] · dZ1[0, 2]",
        "            + X[1, 0] · dZ1[1, 2]",
        "          = 0.5 · (−0.00215)",
        "            + 1.25 · 0.002786",
        "          = 0.002408",
        "A weight answers for its input times the",
        "error at its output.",
    ]


@pytest.mark.parametrize("width", range(24, 60, 3))
def test_wrapping_loses_nothing_and_fits(width: int) -> None:
    lines = [
        *DERIVED,
        "    tanh′(Z1[1, 2]) = 0.41635   ← the smallest",
        "x" * 130,
        "a" * 30 + " = " + "b" * 70,
    ]
    text = wrapped(lines, width)
    assert max(map(cells, text.splitlines())) <= width
    assert re.sub(r"\s", "", text) == re.sub(r"\s", "", "".join(lines))


def test_a_symbol_too_long_to_stand_beside_its_formula() -> None:
    line = "m_hat_W1_of_layer[0, class=yes] = m_W1_new[0, 0] / (1 − β1^t)"
    assert wrapped([line], 40).splitlines() == [
        "m_hat_W1_of_layer[0, class=yes]",
        "    = m_W1_new[0, 0] / (1 − β1^t)",
    ]


def test_outer_operators_are_broken_first_and_no_index_or_number_is() -> None:
    lines = [
        "dZ1[0, 2] = dA1[0, 2] · A1[0, 2] · (1 − A1[0, 2])",
        "          = −(0.25 · 1 · (−0.234446885) + 0.25 · 0 · (−2.41907294) + rest)",
        "          = 0.00410221379",
    ]
    assert wrapped(lines, 40).splitlines() == [
        "dZ1[0, 2] = dA1[0, 2] · A1[0, 2]",
        "            · (1 − A1[0, 2])",
        "          = −(0.25 · 1 · (−0.234446885)",
        "            + 0.25 · 0 · (−2.41907294)",
        "            + rest)",
        "          = 0.00410221379",
    ]
    assert wrapped(lines, NARROWEST).splitlines() == [
        "dZ1[0, 2]",
        "    = dA1[0, 2]",
        "      · A1[0, 2]",
        "      · (1 − A1[0, 2])",
        "    = −(0.25 · 1",
        "      · (−0.234446885)",
        "      + 0.25 · 0",
        "      · (−2.41907294)",
        "      + rest)",
        "    = 0.00410221379",
    ]
    told = wrapped(["The slope of tanh at Z1[0, 2], of one."], 27)
    assert told.splitlines() == ["The slope of tanh at", "Z1[0, 2], of one."]


def test_factors_stay_below_each_other() -> None:
    lines = [
        "    W2[2, 0]           = 0.106858969   ← the smallest",
        "    sigmoid′(Z1[3, 2]) = 0.2493588",
    ]
    assert wrapped(lines, 40).splitlines() == [
        "    W2[2, 0]           = 0.106858969",
        "        ← the smallest",
        "    sigmoid′(Z1[3, 2]) = 0.2493588",
    ]
    assert wrapped(lines, NARROWEST).splitlines() == [
        "    W2[2, 0]",
        "        = 0.106858969",
        "        ← the smallest",
        "    sigmoid′(Z1[3, 2])",
        "        = 0.2493588",
    ]


def test_wide_letters_and_accents_are_counted_as_they_are_shown() -> None:
    assert (cells("年"), cells("é"), cells("e\u0301"), cells("Xᵀ")) == (2, 1, 1, 2)
    assert max(map(cells, wrapped(["年" * 50], 30).splitlines())) <= 30
