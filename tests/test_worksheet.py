"""A worksheet leaves out just what was asked for, and its key holds just what the story says."""

from __future__ import annotations

import re
import shutil

import numpy as np
import pytest

from clearprop import MLP, TwoLayerMLP
from clearprop.errors import InputError
from clearprop.story import Story
from clearprop.story.numbers import number
from clearprop.story.worksheet import worksheet
from test_story_markdown import tables_of
from test_story_tex import compile_latex

X, Y = [[0.5, -1.0], [1.0, 0.25]], [1.0, 0.0]
PHASES = {
    "forward": {"forward"},
    "loss": {"loss"},
    "backward": {"backward", "update"},
    "update": {"update"},
    "all": {"forward", "loss", "backward", "update"},
}


def story_of(**options) -> Story:
    return MLP([2, 2, 1], "sigmoid", seed=0).explain(X, Y, **options)


def cells_of(markdown: str) -> dict[str, list[list[str]]]:
    """The cells of every quantity; a single number is one cell."""
    found = {name: cells for name, (_, _, cells) in tables_of(markdown).items()}
    numbers = re.findall(r"^`(\w+)` = (\S+)$", markdown, re.M)
    return found | {name: [[cell]] for name, cell in numbers}


def blank_names(markdown: str) -> set[str]:
    """The quantities that are blank, each as a whole."""
    found = cells_of(markdown)
    some = {name for name, rows in found.items() if any(cell == "____" for row in rows for cell in row)}
    assert all(cell == "____" for name in some for row in found[name] for cell in row)
    return some


def wrong_answers(story: Story, empty: str, key: str) -> set[str]:
    """The quantities whose answers, in bold, are not the story's numbers to four digits."""
    answers = cells_of(key)
    wrong = set()
    for name in blank_names(empty):
        shown = [[cell.strip("*").replace("−", "-") for cell in row] for row in answers[name]]
        bold = all(re.fullmatch(r"\*\*.+\*\*", cell) for row in answers[name] for cell in row)
        value = np.atleast_2d(story[name].value)
        if not bold or not np.allclose(np.array(shown, float), value, rtol=5.001e-4, atol=0):
            wrong.add(name)
    return wrong


# ---- blanks and answers


@pytest.mark.parametrize("blanks", PHASES)
def test_the_phase_is_blank_and_the_key_is_right(blanks):
    story = story_of()
    empty, key = worksheet(story, blanks)
    assert blank_names(empty) == {step.name for step in story if step.phase in PHASES[blanks]}
    assert wrong_answers(story, empty, key) == set()
    assert "____" not in key


@pytest.mark.parametrize("optimizer", ["momentum", "rmsprop"])
@pytest.mark.parametrize("activation", ["relu", "gelu", "tanh"])
def test_the_key_is_right_for_other_networks(activation, optimizer):
    story = MLP([1, 2, 1], activation, seed=3).explain([[0.5], [-2.0]], Y, optimizer=optimizer)
    empty, key = worksheet(story)
    assert wrong_answers(story, empty, key) == set()


def test_a_wrong_answer_would_be_seen():
    story = story_of()
    empty, key = worksheet(story)
    value = story["dW1"].value
    value.setflags(write=True)
    value[1, 0] *= 1.002
    assert wrong_answers(story, empty, key) == {"dW1"}


def test_some_quantities_alone():
    story = story_of()
    empty, key = worksheet(story, ["dW1", "db1"])
    assert blank_names(empty) == {"dW1", "db1"}
    assert wrong_answers(story, empty, key) == set()


def test_the_articles_network():
    story = TwoLayerMLP(2, 2, 1).explain(X, [[1.0], [0.0]])
    empty, key = worksheet(story)
    assert {"dW1", "W1_new"} < blank_names(empty)
    assert wrong_answers(story, empty, key) == set()


def test_what_is_given_is_never_blank():
    empty, _ = worksheet(story_of(), "all")
    shown = cells_of(empty)
    assert shown["X"] == [["0.5", "−1"], ["1", "0.25"]]
    assert not blank_names(empty) & {"X", "Y", "W1", "W2"}
    assert r"\eta = 0.1" in empty


def test_formulas_stay_and_no_worked_entry_tells_a_blank():
    story = story_of()
    empty, key = worksheet(story, ["dW1"])
    assert story["dW1"].latex in empty
    assert r"\begin{aligned} \mathrm{d}W_{1}[0, 0] &=" not in empty
    assert r"\begin{aligned} W_{1}^{\text{new}}[0, 0] &=" not in empty  # it would show dW1[0, 0]
    assert r"\begin{aligned} \mathrm{d}W_{2}[0, 0] &=" in empty
    assert r"\begin{aligned} \mathrm{d}W_{1}[0, 0] &=" in key


def test_a_blank_loss_is_told_nowhere():
    story = story_of()
    loss = number(story.loss, 4)
    empty, key = worksheet(story, "loss")
    assert not re.search(rf"\b{loss}\b", empty)
    assert number(story.loss) not in empty
    assert f"`L` = **{loss}**" in key


def test_notes_would_tell_and_stand_in_the_key():
    story = story_of(learning_rate=500.0)
    assert story.notes
    empty, key = worksheet(story)
    assert "## Notes" not in empty
    assert "## Notes" in key


def test_the_sheet_is_made_for_a_person():
    empty, key = worksheet(story_of())
    assert empty.startswith("# Worksheet: one training step\n\nName: ____")
    assert "4 significant digits" in empty
    assert empty.count("&nbsp;") >= 3 * len(blank_names(empty))  # room to write
    assert key.startswith("# Answer key: one training step\n\nEach answer")
    assert "Name:" not in key


def test_the_story_itself_stays_as_it_is():
    story = story_of()
    before = {name: np.copy(value) for name, value in story.values.items()}
    worksheet(story, "all")
    assert all(np.array_equal(story.values[name], value) for name, value in before.items())


# ---- LaTeX


def test_latex_has_as_many_rules_as_markdown_has_blanks():
    story = story_of()
    empty, key = worksheet(story, format="latex")
    count = sum(np.size(step.value) for step in story if step.phase in PHASES["backward"])
    assert empty.count(r"\underline{\hspace{4.5em}}") == count
    assert key.count(r"\mathbf{") == count
    assert r"\underline" not in key


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not installed")
@pytest.mark.parametrize("blanks", ["backward", "all"])
def test_latex_compiles(blanks, tmp_path):
    for text in worksheet(story_of(), blanks, "latex"):
        assert compile_latex(text, tmp_path) == ""


# ---- what nobody could fill in


def test_too_many_blanks():
    net = MLP([10, 20, 3], seed=0)
    story = net.explain(np.ones((4, 10)), np.ones((4, 3)))
    with pytest.raises(InputError, match=r"expected 1 to 300 blanks, got \d{3,}; try fewer rows"):
        worksheet(story)
    with pytest.raises(InputError, match="got 0"):
        worksheet(story, [])


def test_arrays_too_large_to_calculate_with():
    story = MLP([40, 1], seed=0).explain(np.ones((3, 40)), np.ones((3, 1)))
    with pytest.raises(
        InputError, match="X is too large for a worksheet: expected at most 16 × 8, got 3 × 40"
    ):
        worksheet(story, ["Z1"])


@pytest.mark.parametrize(
    ("blanks", "message"),
    [
        ("backwards", "unknown blanks.*try 'backward'"),
        ("dW1", "unknown blanks.*a list such as"),
        (["dW9"], "unknown quantity"),
        (["X", "dW1"], "what is given is never blank: .*got X"),
    ],
)
def test_unknown_blanks(blanks, message):
    with pytest.raises(InputError, match=message):
        worksheet(story_of(), blanks)


def test_unknown_format():
    with pytest.raises(InputError, match="unknown format: expected one of markdown, latex"):
        worksheet(story_of(), format="pdf")
