"""`clearprop explain`: a model and a table, or a network made on the spot; and its data sets."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

import clearprop
from clearprop.cli import main
from clearprop.cli.explain_header import rows_of, with_origin
from clearprop.cli.explain_subject import chosen_rows
from clearprop.errors import InputError
from clearprop.optimizers import LBFGS, SGD, Adam
from clearprop.samples import SAMPLES
from clearprop.story.numbers import number
from clearprop.story.terminal import render
from cli_command import Run, flowers, houses, runner, train_both, write


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = train_both(tmp_path_factory.mktemp("trained"))
    clearprop.MLP([2, 2, 1], "tanh", seed=0).save(folder / "bare")
    return folder


@pytest.fixture
def run(
    trained: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Run:
    shutil.copytree(trained, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    return runner(capsys)


# ---- a network made on the spot


def test_with_nothing_prepared(run: Run) -> None:
    ended = run("explain", "--net", "2-3-1", "--activation", "sigmoid", "--data", "xor")
    samples = SAMPLES["xor"]()
    net = clearprop.MLP([2, 3, 1], "sigmoid", loss="binary_cross_entropy", seed=0)
    story = net.explain(samples.X, samples.Y, input_names=["x1", "x2"], output_names=["xor=1"])
    assert (ended.code, ended.err) == (0, "")
    assert ended.out == f"{render(story)}\n"


def test_the_options_reach_the_step(run: Run) -> None:
    words = (
        "--net 2-4-1 --activation tanh --data moons --rows 3:9 --loss squared_error --output sigmoid "
        "--seed 5 --l1 0.25 --l2 0.5 --init glorot_uniform --optimizer momentum --learning-rate 0.3 "
        "--update sequential --freeze b1,b2"
    )
    run("explain", *words.split(), "--json", "told.json")
    told = clearprop.Story.from_json(Path("told.json").read_text(encoding="utf-8"))
    options = {"seed": 5, "l1": 0.25, "l2": 0.5, "init": "glorot_uniform"}
    net = clearprop.MLP([2, 4, 1], "tanh", "sigmoid", "squared_error", **options)
    samples = SAMPLES["moons"]()
    story = net.explain(
        samples.X[3:9],
        samples.Y[3:9],
        optimizer="momentum",
        learning_rate=0.3,
        update="sequential",
        freeze=["b1", "b2"],
    )
    assert [step.name for step in told] == [step.name for step in story]
    assert all(np.array_equal(step.value, story[step.name].value) for step in told)
    assert told.header == (*story.header, ("rows", "3 to 8 of moons, counted from 0"))
    assert "frozen: b1, b2" in dict(told.header)["bias"]


@pytest.mark.parametrize(("name", "outputs"), [("xor", 1), ("circle", 1), ("blobs", 3), ("sine", 1)])
def test_sizes_and_loss_follow_the_data(run: Run, name: str, outputs: int) -> None:
    ended = run("explain", "--data", name)
    inputs = SAMPLES[name]().X.shape[1]
    assert f"{inputs}-3-{outputs}, sigmoid" in ended.out
    loss = {"sine": "squared_error", "blobs": "\nloss       cross_entropy"}.get(name, "binary_cross_entropy")
    assert loss in ended.out


def test_two_outputs_for_two_classes(run: Run) -> None:
    for words in ("--net 2-2-2", "--loss cross_entropy"):
        ended = run("explain", "--data", "xor", *words.split(), "--entry", "Y[1, xor=1]")
        assert "Y[1, 1] = 1, given" in ended.out


def test_a_table_of_ones_own(run: Run) -> None:
    ended = run("explain", "--net", "2-3-1", "--data", "houses.csv", "--target", "price", "--rows", "2:4")
    price = houses()["price"].to_pylist()[2:4]
    assert "size" in ended.out
    assert all(number(value, 4) in ended.out for value in price)


def test_texts_of_a_table_become_classes(run: Run) -> None:
    write(pa.table({"a": [1.0, 2, 3], "kind": ["cat", "dog", "eel"]}), Path("pets.csv"))
    ended = run(
        "explain", "--data", "pets.csv", "--target", "kind", "--rows", "1", "--entry", "Y[0, kind=dog]"
    )
    assert ended.out.endswith("Y[0, 1] = 1, given\nIt is given.\n")
    write(pa.table({"a": [1.0, 2], "kind": ["cat", "cat"]}), Path("cats.csv"))
    assert "2 or more, got 'cat'" in run("explain", "--data", "cats.csv", "-t", "kind").err
    whole = run("explain", "--data", "pets.csv", "-t", "a", "--loss", "cross_entropy")
    assert "column 'kind' does not fit a bare network: expected numbers, got 'cat'" in whole.err


# ---- a model and a table


def test_a_trained_classifier_with_the_names_of_its_columns(run: Run) -> None:
    ended = run("explain", "flowers", "flowers.csv", "--rows", "10:13")
    table = flowers().slice(10, 3)
    model = clearprop.load("flowers")
    story = model.explain(table.drop_columns(["flower"]), table["flower"].to_pylist())
    assert (ended.code, ended.err) == (0, "")
    rows = ("rows", "10 to 12 of flowers.csv, counted from 0")
    trained = "Adam, batches of 32; this step is plain gradient descent: --optimizer adam takes Adam's"
    header = (*story.header, rows, ("trained with", trained))
    assert ended.out == f"{render(replace(story, header=header))}\n"
    assert "flower=rose" in ended.out
    assert "petals" in ended.out


def test_the_first_rows_are_taken_and_that_is_said(run: Run) -> None:
    ended = run("explain", "houses", "houses.csv")
    assert re.search(r"^samples +4, all at once\nloss", ended.out, re.MULTILINE)
    assert re.search(r"^rows +0 to 3 of houses\.csv, counted from 0$", ended.out, re.MULTILINE)
    assert ended.err == "note: rows 0 to 3 of 90; --rows 0:90 takes all\n"


def test_rows_are_those_with_a_target() -> None:
    assert rows_of(range(5, 6), "t.csv", 9, 9) == "5 of t.csv, counted from 0"
    told = "5 to 7 of the 9 rows of t.csv that have a target, counted from 0"
    assert rows_of(range(5, 8), "t.csv", 9, 12) == told


@pytest.mark.parametrize(
    ("trained", "shown", "told"),
    [
        (
            Adam(),
            None,
            "Adam, batches of 4; this step is plain gradient descent: --optimizer adam takes Adam's",
        ),
        (Adam(0.5), "adam", None),
        (SGD(0.5), None, None),
        (SGD(), "momentum", "SGD, batches of 4; this step is one of Momentum: --optimizer sgd takes SGD's"),
        (LBFGS(), None, "L-BFGS, which has no single step; this step is plain gradient descent"),
        (None, None, None),
    ],
)
def test_it_is_said_where_training_stepped_otherwise(
    trained: Any, shown: str | None, told: str | None
) -> None:
    net, xor = clearprop.MLP([2, 2, 1], seed=0), SAMPLES["xor"]()
    if trained is not None:
        net.fit(xor.X, xor.Y, optimizer=trained, epochs=1)
    story = with_origin(net.explain(xor.X, xor.Y), net, None, shown)
    assert dict(story.header).get("trained with") == told


def test_an_optimiser_that_is_not_ours_is_named_as_it_was_written_down() -> None:
    net = clearprop.MLP([2, 2, 1], seed=0)
    net.history = clearprop.History(settings={"optimizer": "Mine(0.1)"})
    story = with_origin(net.explain([[0.0, 1.0]], [1.0]), net, None, None)
    assert dict(story.header)["trained with"] == "Mine(0.1); this step is plain gradient descent"


def test_notes_stay_within_the_terminal(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    ended = run("explain", "houses", "houses.csv", "--entry", "L")
    assert ended.err == "note: rows 0 to 3 of 90; --rows 0:90\n      takes all\n"


def test_a_bare_network_takes_the_last_columns_as_targets(run: Run) -> None:
    ended = run("explain", "bare", "houses.csv")
    assert ended.code == 0
    assert "note: the targets are taken from the last column: 'price'" in ended.err
    assert "2-2-1, tanh" in ended.out
    named = run("explain", "bare", "houses.csv", "--target", "price")
    assert named.out == ended.out
    wide = run("explain", "bare", "flowers.csv")
    assert "expected 3 columns, the targets last, got 5: 'petals'" in wide.err


# ---- what is asked for


def test_one_entry_and_what_it_is_made_of(run: Run) -> None:
    ended = run("explain", "--data", "xor", "--entry", "dW1[x1, 2]")
    net = clearprop.MLP([2, 3, 1], "sigmoid", loss="binary_cross_entropy", seed=0)
    story = net.explain(*SAMPLES["xor"]()[:2], input_names=["x1", "x2"], output_names=["xor=1"])
    parts = ended.out.rstrip("\n").split("\n\n")
    assert parts[0] == str(story.zoom("dW1", 0, 2))
    inner = [str(story.zoom("dZ1", n, 2)) for n in range(4)]
    assert parts[1] == inner[0]  # the sentence below it holds for all four
    assert parts[2:] == [text.partition("\nThe gradient shrinks")[0] for text in inner[1:]]


def test_paths(run: Run) -> None:
    ended = run("explain", "--data", "xor", "--paths", "W1[0,2]")
    assert ended.out.startswith("dW1[0, 2] = ")
    assert "the sum over 4 paths" in ended.out
    assert run("explain", "--data", "xor", "--paths", "dW1[0,2]").out == ended.out
    filed = run("explain", "--data", "xor", "--json", "a.json", "--paths", "W1[0,2]")
    assert filed.out == f"JSON in a.json\n\n{ended.out}"
    both = run("explain", "--data", "xor", "--entry", "L", "--paths", "W1[0,2]")
    assert both.out.endswith(f"\n\n{ended.out}")


def test_several_files_at_once(run: Run) -> None:
    files = ["--html", "a.html", "--latex", "a.tex", "--markdown", "a.md", "--json", "a.json"]
    ended = run("explain", "--data", "xor", *files, "--worksheet", "w.md")
    assert ended.out.splitlines() == [
        "page in a.html",
        "LaTeX in a.tex",
        "Markdown in a.md",
        "JSON in a.json",
        "worksheet in w.md, answers in w-answers.md",
    ]
    assert "</html>" in Path("a.html").read_text(encoding="utf-8")
    assert r"\documentclass" in Path("a.tex").read_text(encoding="utf-8")
    assert "dW1" in Path("a.md").read_text(encoding="utf-8")
    assert json.loads(Path("a.json").read_text(encoding="utf-8"))
    assert Path("w.md").read_text(encoding="utf-8") != Path("w-answers.md").read_text(encoding="utf-8")


def test_a_worksheet_in_latex(run: Run) -> None:
    assert run("explain", "--data", "xor", "--worksheet", "w.tex").code == 0
    assert r"\documentclass" in Path("w-answers.tex").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("blanks", "names"),
    [("dW1, b2_new", {"dW1", "b2_new"}), ("loss", {"L"}), ("loss,dW1", {"L", "dW1"}), ("A1", {"A1"})],
)
def test_the_blanks_of_a_worksheet(run: Run, blanks: str, names: set[str]) -> None:
    assert run("explain", "--data", "xor", "--worksheet", "w.md", "--blanks", blanks).code == 0
    samples = SAMPLES["xor"]()
    net = clearprop.MLP([2, 3, 1], "sigmoid", loss="binary_cross_entropy", seed=0)
    story = net.explain(samples.X, samples.Y, input_names=["x1", "x2"], output_names=["xor=1"])
    sheet, key = story.worksheet(list(names))
    assert Path("w.md").read_text(encoding="utf-8") == sheet
    assert Path("w-answers.md").read_text(encoding="utf-8") == key


def test_nothing_is_written_where_one_file_cannot_be_made(run: Run) -> None:
    ended = run("explain", "--data", "blobs", "--rows", ":", "--json", "a.json", "--worksheet", "w.md")
    assert "expected 1 to 300 blanks" in ended.err
    assert "try --rows with fewer, a smaller network, or only some: --blanks dW1,db1" in ended.err
    assert not Path("a.json").exists()
    run("explain", "--data", "xor", "--json", "a.json", "--entry", "dW1[7,7]")
    assert not Path("a.json").exists()


def test_nothing_is_overwritten_without_force(run: Run) -> None:
    Path("w-answers.md").write_text("mine")
    ended = run("explain", "--data", "xor", "--worksheet", "w.md")
    assert ended.code == 2
    assert "'w-answers.md' is there already; try --force" in ended.err
    assert not Path("w.md").exists()
    assert run("explain", "--data", "xor", "--worksheet", "w.md", "--force").code == 0
    assert Path("w-answers.md").read_text(encoding="utf-8") != "mine"


def test_help_names_every_file(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        main(["explain", "--help"])
    out = capsys.readouterr().out
    assert all(option in out for option in ("--html", "--latex", "--markdown", "--json", "--worksheet"))
    assert all(option in out for option in ("--blanks", "--l1", "--net or without"))
    assert all(name in out for name in SAMPLES)


# ---- mistakes

MISTAKES = [
    ("", "there is nothing to explain"),
    (
        "--net 2-3-1",
        "no data are named, expected MODEL DATA, or --data with --net or without; try clearprop explain",
    ),
    ("flowers", "no table is named"),
    ("flowers flowers.csv --seed 3", "--seed is for a network made on the spot, got the model 'flowers' too"),
    (
        "houses.csv",
        "no model is named: expected MODEL DATA, got the table 'houses.csv' alone; try --data houses",
    ),
    ("flowers.csv -t flower", "for a network made on the spot, or clearprop train flowers.csv first"),
    ("flowers.csv --net 2-3-1", "try --data flowers.csv, if that is a table"),
    ("flowers flowers.csv --rows 80:100", "expected some of 0:90, as there are 90 rows, got '80:100'"),
    ("flowers flowers.csv --rows first", "expected such as 0:4, :10, 7 or :, got 'first'"),
    ("flowers flowers.csv --target flowr", "try 'flower'"),
    ("flowers flowers.csv --target wild", "that the model was trained on: expected 'wild'"),
    ("houses flowers.csv", "there is no column 'price', expected one of 'petals'"),
    ("--data xro", "expected xor, circle, spiral, moons, blobs, sine, or a table; try --data xor"),
    ("--data gone.csv --target y", "there is no file 'gone.csv'"),
    ("--data xor --target y", "--target is for a table"),
    ("--data houses.csv", "no target is named, expected one of 'size', 'rooms', 'price' as --target"),
    ("--data houses.csv --target pric", "try 'price'"),
    ("--data xor --net 2x3", "got '2x3'; try --net 2-3-1"),
    ("--data xor --net 3-3-1", "expected 2 inputs, as there are 'x1', 'x2', got 3; try --net 2-3-1"),
    ("--data blobs --net 2-3-2", "expected 3 outputs, for 3 classes, got 2; try --net 2-3-3"),
    ("--data sine --net 1-3-2", "expected 1 output, for a number, got 2"),
    ("--data xor --net 2-0-1", "got '2-0-1'; try --net 2-3-1"),
    (
        "--data xor --net 2-3-1 --loss cross_entropy",
        "expected 2 outputs, for 2 classes, got 1; try --net 2-3-2",
    ),
    (
        "--data sine --loss cross_entropy",
        "--loss cross_entropy is for classes, got numbers in 'y'; try --loss sq",
    ),
    ("--data xor --output tanh", "expected --output sigmoid, got --output tanh; try --loss squared_error"),
    ("--data xor --output sofmax", "try 'softmax'"),
    ("--data xor --init glorot", "orthogonal, got 'glorot'; try 'glorot_normal'"),
    ("--data xor --activation relu,tanh", "expected one name, or one for each of 1 hidden layer, got 2"),
    ("--data xor --l1 -1", "--l1 does not fit: expected a number ≥ 0, got -1.0"),
    ("--data xor --l2 -1", "--l2 does not fit: expected a number ≥ 0, got -1.0"),
    ("--data xor --seed -1", "--seed does not fit: expected a whole number ≥ 0, got -1"),
    ("--data xor --learning-rate 0", "--learning-rate does not fit: expected a number > 0, got 0.0"),
    ("--data xor --optimizer lbfgs", "no single step to explain, expected one of sgd, momentum"),
    ("--data xor --activation sigmod", "try 'sigmoid'"),
    ("--data xor --loss hubber", "try 'huber'"),
    ("--data xor --optimizer adm", "adamw, got 'adm'; try 'adam'"),
    ("--data xor --freeze b9", "no parameter is named 'b9'"),
    ("--data xor --update sequentia", "try 'sequential'"),
    ("--data xor --entry dW9[0,1]", "unknown quantity"),
    ("--data xor --entry dW1[0", "expected a quantity and a place, got 'dW1[0'"),
    (
        "--data xor --entry dW1",
        'shape (2, 3): expected 2 numbers in brackets, got none; try --entry "dW1[0,0]"',
    ),
    (
        "--data xor --entry b1[0,1]",
        'b1 has shape (3,): expected 1 number in brackets, got 0, 1; try --entry "b1[0]',
    ),
    ("--data xor --entry L[0]", 'L is one number: expected no place in it, got 0; try --entry "L"'),
    ("--data xor --paths W1[1]", 'expected 2 numbers in brackets, got 1; try --paths "W1[0,0]"'),
    ("--data xor --blanks dW1", "--blanks are those of a worksheet; try --worksheet sheet.md with it"),
    ("--data xor --worksheet w.md --blanks dW1,db9", "unknown blanks: expected one of forward"),
    ("--data xor --worksheet w.md --blanks X", "unknown blanks"),
    ("--data xor --entry dW1[0,x]", "dW1 has no such place"),
    ("--data xor --paths Z1[0,0]", "unknown weight"),
    ("--data xor --html page.txt", "expected a name ending in .html or .htm, got 'page.txt'; try page.html"),
    ("--data xor --html no/page.html", "there is no folder 'no'"),
    ("--data xor --markdown a.md --worksheet a.md", "--markdown and --worksheet are to write the same file"),
]


@pytest.mark.parametrize(("words", "expected"), MISTAKES)
def test_a_mistake_is_named_without_a_traceback(run: Run, words: str, expected: str) -> None:
    before = sorted(Path().iterdir())
    ended = run("explain", *words.split())
    assert (ended.code, ended.out) == (2, "")
    assert "error: " in ended.err
    assert expected in ended.err
    assert not any(
        word in ended.err for word in ("Traceback", "=None", '="', "Adam(", "arrays by name", "=[")
    )
    assert sorted(Path().iterdir()) == before


def test_a_class_that_the_model_does_not_know(run: Run) -> None:
    table = flowers(8)
    write(table.set_column(4, "flower", [["tulip"] * 8]), Path("new.csv"))
    ended = run("explain", "flowers", "new.csv")
    assert ended.code == 2
    assert (
        "holds a class that the model does not know: expected one of 'daisy', 'rose', got 'tulip'"
        in ended.err
    )


def test_a_missing_number_is_refused_only_in_the_rows_of_the_step(run: Run) -> None:
    write(pa.table({"a": [1.0, None, 3.0], "y": [1.0, 2.0, 3.0]}), Path("holes.csv"))
    ended = run("explain", "--data", "holes.csv", "--target", "y")
    assert "column 'a' lacks 1 value in these rows" in ended.err
    assert run("explain", "--data", "holes.csv", "--target", "y", "--rows", "2").code == 0


@pytest.mark.parametrize(
    ("text", "rows"),
    [("0:4", range(4)), (":", range(10)), ("7", range(7, 8)), ("8:", range(8, 10)), (":2", range(2))],
)
def test_rows(text: str, rows: range) -> None:
    assert chosen_rows(text, 10) == rows


@pytest.mark.parametrize("text", ["10", "0:11", "4:4", "5:2"])
def test_rows_that_are_not_there(text: str) -> None:
    with pytest.raises(InputError, match="as there are 10 rows"):
        chosen_rows(text, 10)


# ---- the data sets


@pytest.mark.parametrize("name", SAMPLES)
def test_a_data_set_is_small_seeded_and_complete(name: str) -> None:
    first, again = SAMPLES[name](), SAMPLES[name]()
    assert np.array_equal(first.X, again.X)
    assert np.array_equal(first.Y, again.Y)
    assert first.X.shape == (len(first.Y), len(first.inputs))
    assert len(first.Y) <= 100
    assert np.abs(first.X).max() < 4
    if first.classes:
        assert set(first.Y[:4]) == set(first.Y) == set(range(len(first.classes)))  # rows to begin with
    if name != "xor":
        assert not np.array_equal(first.X, SAMPLES[name](seed=1).X)
        assert len(SAMPLES[name](n=7).Y) == 7
        with pytest.raises(InputError, match="expected a whole number ≥ 1, got 0"):
            SAMPLES[name](n=0)


@pytest.mark.parametrize("name", ["circle", "moons", "blobs", "spiral"])
def test_the_classes_can_be_learnt(name: str) -> None:
    samples = SAMPLES[name]()
    net = clearprop.MLP([2, 12, 12, len(samples.classes)], "tanh", loss="cross_entropy", seed=0)
    net.fit(samples.X, samples.Y, optimizer="lbfgs", epochs=150, metric=None)
    assert np.mean(net.forward(samples.X).argmax(axis=1) == samples.Y) > 0.97
