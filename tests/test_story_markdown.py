"""A story as Markdown: every number of the story, in what GitHub shows, and no name taken for markup."""

from __future__ import annotations

import re

import numpy as np
import pytest

from clearprop import MLP, TwoLayerMLP
from clearprop.story.explaining import explain
from clearprop.story.formulas import to_latex
from clearprop.story.markdown import escape, to_markdown
from clearprop.story.numbers import number
from clearprop.story.worked import LINE, fold, width, worked

X, Y = [[0.0, 1.0], [1.0, 0.0]], [1.0, 0.0]
HOSTILE = [
    "a|b",
    "`code`",
    "<img src=x onerror=alert(1)>",
    "$x$ **bold** [a](b) _i_\n# head",
    "漢字 @you :bug:",
]


def story_of(sizes=(2, 3, 1), rows=None, **settings):
    rng = np.random.default_rng(0)
    inputs = X if rows is None else rng.normal(size=(rows, sizes[0]))
    targets = Y if rows is None else rng.random((rows, sizes[-1]))
    options = {key: settings.pop(key) for key in ("optimizer", "update", "input_names") if key in settings}
    return explain(MLP(list(sizes), "tanh", seed=0, **settings), inputs, targets, **options)


def tables_of(markdown):
    """Every table by name: its column heads, its row heads, its cells."""
    found = {}
    for name, head, body in re.findall(r"^\| `(\w+)` \| (.*) \|\n\| --- .*\n((?:\|.*\n?)+)", markdown, re.M):
        rows = [[cell.strip() for cell in line[1:-2].split("|")] for line in body.splitlines()]
        found[name] = (head.split(" | "), [row[0] for row in rows], [row[1:] for row in rows])
    return found


# ---- what it holds


def test_every_array_is_a_table_with_four_digits():
    story = story_of()
    tables = tables_of(to_markdown(story))
    arrays = {name: value for name, value in story.values.items() if np.ndim(value) and np.any(value)}
    assert set(tables) == set(arrays)
    for name, value in arrays.items():
        assert tables[name][2] == [[number(entry, 4) for entry in row] for row in np.atleast_2d(value)]


def test_the_order_is_conventions_given_phases_outcome():
    text = to_markdown(story_of())
    heads = re.findall(r"^## (.*)$", text, re.M)
    assert heads == ["Conventions", "Given", "Forward", "Loss", "Backward", "Update", "Outcome"]
    quantities = re.findall(r"^### `(\w+)`, layer", text, re.M)
    assert quantities == [step.name for step in story_of() if step.layer]


def test_a_sequential_update_goes_to_and_fro():
    heads = re.findall(r"^## (.*)$", to_markdown(story_of(update="sequential")), re.M)
    assert heads[4:8] == ["Backward, layer 2", "Update, layer 2", "Backward, layer 1", "Update, layer 1"]


def test_each_step_has_its_meaning_shape_and_formula():
    story, text = story_of(), to_markdown(story_of())
    for step in story:
        assert escape(step.meaning) in text
        assert f"```math\n{step.latex}\n```" in text
    assert "### `dW1`, layer 1, 2 × 3" in text


def test_conventions_and_losses_are_told():
    story = story_of()
    text = to_markdown(story)
    for term, words in story.header:
        assert f"- **{term}**: {escape(words)}" in text
    assert f"- **before**: L = {number(story.loss)}" in text
    assert f"- **after**: L = {number(story.loss_after)}" in text


def test_notes_come_with_their_remedies():
    net = MLP([2, 3, 1], "tanh", seed=0)
    story = explain(net, X, Y, learning_rate=50.0)
    (note,) = story.notes
    assert (
        f"## Notes\n\n- **{note.kind}**: {escape(note.text)}. What may help: {note.remedy}."
        in to_markdown(story)
    )


def test_small_numbers_keep_their_digits_and_minus_is_true():
    story = MLP([2, 1], seed=0).explain([[-0.00043864, 1.0], [2.0, 3.0]], [[0.0], [1.0]])
    (row, _) = tables_of(to_markdown(story))["X"][2]
    assert row == ["−4.386e−4", "1"]


def test_columns_stand_under_the_names_of_the_inputs():
    tables = tables_of(to_markdown(story_of(input_names=["age", "bmi"])))
    assert tables["X"][:2] == (["age", "bmi"], ["**0**", "**1**"])
    assert tables["W1"][1] == ["**age**", "**bmi**"]


def test_big_arrays_are_summarised():
    story = story_of((40, 9, 1), rows=20)
    text = to_markdown(story)
    assert "X" not in tables_of(text)
    assert re.search(r"### `X`, 20 × 40\n\n20 × 40, from −\S+ to \S+, norm \S+\n", text)
    assert len(text) < 20_000


def test_the_articles_network():
    story = TwoLayerMLP(2, 3, 1).explain(X, [[1.0], [0.0]])
    tables = tables_of(to_markdown(story))
    assert tables["dW1"][2] == [[number(entry, 4) for entry in row] for row in story["dW1"].value]


# ---- what GitHub shows


def test_no_macro_that_github_refuses():
    net = MLP([2, 3, 1], "gelu", loss="absolute_error", l1=0.1, seed=0)
    story = explain(net, X, Y)
    assert any(r"\operatorname" in step.latex for step in story)
    assert "operatorname" not in to_markdown(story)


def test_hostile_names_are_shown_as_they_are():
    names = [*HOSTILE, "x" * 80]
    text = to_markdown(story_of((6, 2, 1), rows=2, input_names=names))
    head, _, cells = tables_of(text)["X"]
    assert len(head) == 6
    assert {len(row) for row in cells} == {6}
    markdown_it = pytest.importorskip("markdown_it")
    html = markdown_it.MarkdownIt("commonmark").enable("table").render(text)
    assert not re.search(r"<(img|em|a)\b|<h1>(?!One training step)", html)
    (shown,) = re.findall(r"<thead>\s*<tr>\s*<th><code>X</code></th>(.*?)</tr>", html, re.S)
    assert re.findall(r">([^<]*)</th>", shown)[:3] == ["a|b", "`code`", "&lt;img src=x onerror=aler…"]


def test_the_check_of_names_sees_what_is_not_escaped(monkeypatch):
    monkeypatch.setattr("clearprop.story.markdown.escape", lambda words: words)
    head, *_ = tables_of(to_markdown(story_of((5, 2, 1), rows=2, input_names=HOSTILE)))["X"]
    assert len(head) != 5 or "<img" in head[2]


@pytest.mark.parametrize("words", HOSTILE)
def test_escaping_leaves_nothing_that_github_reads(words):
    assert not re.search(
        r"(?<!\\)[`*_\[\]#~]|[|<>$@\n]|:\S", escape(words).replace("&#", "").replace("&lt;", "")
    )


# ---- the worked entries


def test_a_worked_entry_is_aligned_at_its_equals_signs():
    text = to_markdown(story_of())
    assert (
        r"\begin{aligned} \mathrm{d}W_{2}[0, 0] &= \sum_{n=0}^{1} A_{1}[n, 0] \cdot \mathrm{d}Z_{2}[n, 0] \\ "
        r"&= -0.7854 \cdot (-0.3968) + 0.2914 \cdot (-0.1336) \\ &= 0.2727 \end{aligned}"
    ) in text


def test_what_is_only_handed_on_is_not_worked_out():
    story = story_of()
    assert worked(story, story["A2"], 4) is None


def test_a_long_sum_shows_its_largest_terms_and_the_rest():
    story = story_of((30, 2, 1), rows=3)
    latex = worked(story, story["Z1"], 4)
    assert latex is not None
    terms = re.findall(r"(-?[\d.]+)\)? \\cdot (?:\\left)?\(?(-?[\d.]+)", latex.split("&=")[2])
    count = int(re.search(r"_\{\\text\{(\d+) more\}\}", latex).group(1))
    rest = re.search(r"\\underbrace\{(?:\\left\()?(-?[\d.]+)", latex).group(1)
    assert count + len(terms) == 30
    assert " + 0 + " in latex  # the bias
    total = sum(float(a) * float(b) for a, b in terms) + float(rest)
    assert total == pytest.approx(story["Z1"].value[0, 0], abs=5e-3)


def test_two_long_sums_have_a_rest_each():
    story = story_of((6, 4, 1), rows=3, l1=0.1, l2=0.2)
    latex = worked(story, story["Omega1"], 4)
    sums = [float(rest) for rest in re.findall(r"\\underbrace\{([\d.]+)\}", latex)]
    assert len(sums) == 2
    assert [int(count) for count in re.findall(r"(\d+) more", latex)] == [21, 21]  # of 24


def test_lines_of_sums_fit():
    story = story_of((30, 8, 3), rows=12, l1=0.1, l2=0.2, optimizer="adam", loss="huber", output="sigmoid")
    for step in story:
        latex = worked(story, step, 4)
        for line in re.split(r"\\\\", latex or ""):
            _, _, right = line.partition("&")
            assert width(right) <= LINE + 10, step.name


def test_a_formula_folds_before_its_outer_signs():
    terms = [f"0.{k}234 \\cdot (0.5678 - {k})" for k in range(1, 6)]
    lines = fold(" + ".join(terms), 50)
    assert len(lines) > 1
    assert "".join(lines) == " + ".join(terms)
    assert all(line.startswith(" + ") for line in lines[1:])


def test_brackets_are_not_torn_where_they_grow():
    latex = to_latex("L = 0.5 * (exp(0.25) + exp(0.5) + exp(0.75) + sqrt(1.25))")
    assert r"\left(" in latex
    lines = fold(latex, 20)
    assert len(lines) > 1
    assert all(line.count(r"\left") == line.count(r"\right") for line in lines)
