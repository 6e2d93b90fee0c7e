"""`clearprop predict`: columns found by name, a row of CSV for each row of the table."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

import clearprop
from cli_command import Run, flowers, houses, runner, train_both, write


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return train_both(tmp_path_factory.mktemp("trained"))


@pytest.fixture
def run(
    trained: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Run:
    shutil.copytree(trained, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    return runner(capsys)


def read(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(text.splitlines()))


def test_classes_in_the_order_of_the_rows(run: Run) -> None:
    ended = run("predict", "flowers", "flowers.csv")
    expected = clearprop.load("flowers").predict(flowers().drop_columns(["flower"]))
    assert ended.code == 0
    assert [row["prediction"] for row in read(ended.out)] == expected.tolist()


def test_numbers_to_the_last_bit(run: Run) -> None:
    rows = read(run("predict", "houses", "houses.csv").out)
    expected = clearprop.load("houses").predict(houses().drop_columns(["price"]))
    assert [float(row["prediction"]) for row in rows] == expected.tolist()


def test_probabilities_by_class(run: Run) -> None:
    rows = read(run("predict", "flowers", "flowers.csv", "--proba").out)
    assert list(rows[0]) == ["prediction", "proba_daisy", "proba_rose"]
    assert all(float(row["proba_daisy"]) + float(row["proba_rose"]) == pytest.approx(1) for row in rows)


def test_columns_are_found_by_name_and_others_ignored(run: Run) -> None:
    names = ["wild", "extra", "colour", "height", "petals"]
    table = flowers().append_column("extra", pa.array(["?"] * 90)).select(names)
    write(table, Path("mixed.csv"))
    assert run("predict", "flowers", "mixed.csv").out == run("predict", "flowers", "flowers.csv").out


def test_a_file_of_predictions_is_written_whole_and_never_overwritten_by_itself(run: Run) -> None:
    first = run("predict", "houses", "houses.csv", "-o", "out.csv")
    assert first.code == 0
    assert "predictions for 90 rows in out.csv" in first.out
    text = Path("out.csv").read_text()
    assert text.startswith("prediction\n")
    assert text.count("\n") == 91
    again = run("predict", "houses", "houses.csv", "-o", "out.csv")
    assert again.code == 2
    assert "'out.csv' is there already; try --force" in again.err
    assert run("predict", "houses", "houses.csv", "-o", "out.csv", "--force").code == 0


def test_json(run: Run) -> None:
    content = run("predict", "flowers", "flowers.csv", "--proba", "--json").json
    assert list(content["columns"]) == ["prediction", "proba_daisy", "proba_rose"]
    assert len(content["columns"]["prediction"]) == 90


def test_a_missing_column_is_named_with_the_one_that_was_meant(run: Run) -> None:
    write(houses().rename_columns(["Size", "rooms", "price"]), Path("renamed.csv"))
    ended = run("predict", "houses", "renamed.csv")
    assert ended.code == 2
    assert "expected 'size'" in ended.err
    assert "try renaming 'Size' to 'size'" in ended.err


def test_a_column_that_taught_nothing_need_not_be_there(run: Run) -> None:
    for table, target in ((houses(), "price"), (flowers(), "flower")):
        write(table.append_column("k", pa.array([1] * 90)), Path("constant.csv"))
        assert run("train", "constant.csv", "-t", target, "-o", "m", "--force", "--epochs", 2).code == 0
        write(table, Path("without.csv"))
        assert run("predict", "m", "without.csv").out == run("predict", "m", "constant.csv").out != ""


def test_missing_values_where_none_were_learnt(run: Run) -> None:
    Path("gaps.csv").write_text("size,rooms\n,3\n100,\n100,3\n")
    rows = read(run("predict", "houses", "gaps.csv").out)
    assert len(rows) == 3
    assert all(np.isfinite(float(row["prediction"])) for row in rows)
    Path("empty.csv").write_text("size,rooms\n,3\n,2\n")
    assert run("predict", "houses", "empty.csv").code == 0


def test_a_text_where_numbers_were_learnt_is_shown(run: Run) -> None:
    Path("text.csv").write_text("size,rooms\n100,2\nhuge,3\n")
    ended = run("predict", "houses", "text.csv")
    assert ended.code == 2
    assert "column 'size' does not fit the model: expected numbers, got 'huge'" in ended.err


def test_no_probabilities_of_numbers(run: Run) -> None:
    assert "--proba does not fit" in run("predict", "houses", "houses.csv", "--proba").err


def test_predictions_are_csv_only(run: Run) -> None:
    ended = run("predict", "houses", "houses.csv", "-o", "out.parquet")
    assert ended.code == 2
    assert "not as .parquet" in ended.err
    assert not Path("out.parquet").exists()


def test_booleans_as_they_are_read(run: Run) -> None:
    assert run("train", "flowers.csv", "-t", "wild", "-o", "m", "--epochs", 2).code == 0
    assert {row["prediction"] for row in read(run("predict", "m", "flowers.csv").out)} <= {"true", "false"}


def test_a_model_trained_on_an_array_takes_columns_by_place(run: Run) -> None:
    X, y = houses().select(["size", "rooms"]), houses()["price"].to_numpy()
    matrix = np.column_stack([column.to_numpy() for column in X.columns])
    clearprop.MLPRegressor((4,), max_iter=3, random_state=0).fit(matrix, y).save("plain")
    write(X, Path("x.csv"))
    expected = clearprop.load("plain").predict(matrix)
    assert [
        float(row["prediction"]) for row in read(run("predict", "plain", "x.csv").out)
    ] == expected.tolist()
    assert "expected 2 columns of numbers, got 3" in run("predict", "plain", "houses.csv").err


def test_several_targets_get_a_column_each(run: Run) -> None:
    X = np.random.default_rng(0).normal(size=(30, 2))
    clearprop.MLPRegressor((4,), max_iter=3, random_state=0).fit(X, X @ np.ones((2, 3))).save("three")
    write(pa.table({"a": X[:, 0], "b": X[:, 1]}), Path("x.csv"))
    assert list(read(run("predict", "three", "x.csv").out)[0]) == [
        "prediction_1",
        "prediction_2",
        "prediction_3",
    ]
    write(pa.table({"a": X[:, 0], "b": X[:, 1], "t": X[:, 0]}), Path("xt.csv"))
    assert "a model of several" in run("evaluate", "three", "xt.csv", "-t", "t").err


def test_a_bare_network_knows_no_columns(run: Run) -> None:
    clearprop.MLP([2, 3, 1], seed=0).save("bare")
    ended = run("predict", "bare", "houses.csv")
    assert ended.code == 2
    assert "holds a bare network" in ended.err


def test_columns_can_be_kept_in_front(run: Run) -> None:
    table = houses().append_column("id", pa.array([f"h{k}" for k in range(90)]))
    dates = pa.array([None if k == 1 else k for k in range(90)], pa.int32()).cast(pa.date32())
    write(table.append_column("sold", dates), Path("named.csv"))
    plain = read(run("predict", "houses", "named.csv").out)
    rows = read(run("predict", "houses", "named.csv", "--keep", "id", "--keep", "sold").out)
    assert list(rows[0]) == ["id", "sold", "prediction"]
    assert [row["id"] for row in rows] == table["id"].to_pylist()
    assert [row["sold"] for row in rows][:3] == ["1970-01-01", "", "1970-01-03"]
    assert [row["prediction"] for row in rows] == [row["prediction"] for row in plain]
    content = run("predict", "houses", "named.csv", "--keep", "id", "--keep", "sold", "--json").json
    assert list(content["columns"]) == ["id", "sold", "prediction"]
    assert content["columns"]["sold"][1] is None


def test_columns_that_cannot_be_kept(run: Run) -> None:
    ended = run("predict", "houses", "houses.csv", "--keep", "sise")
    assert (ended.code, ended.out) == (2, "")
    assert "--keep names a column that is not there: 'sise'" in ended.err
    assert "try 'size'" in ended.err
    write(houses().append_column("prediction", pa.array([1] * 90)), Path("twice.csv"))
    ended = run("predict", "houses", "twice.csv", "--keep", "prediction")
    assert (ended.code, ended.out) == (2, "")
    assert "that the predictions have, too" in ended.err


@pytest.mark.parametrize("command", ["predict", "evaluate"])
def test_values_not_seen_in_training_are_noted(run: Run, command: str) -> None:
    assert "not seen" not in run(command, "flowers", "flowers.csv").err
    colours = ["blue" if k < 12 else None if k == 12 else "red" for k in range(90)]
    write(flowers().set_column(2, "colour", pa.array(colours)), Path("blue.csv"))
    ended = run(command, "flowers", "blue.csv")
    note = "note: column 'colour': 12 rows hold values not seen in training, such as 'blue'\n"
    assert (ended.code, ended.err) == (0, note)


def test_a_model_in_the_place_of_the_table(run: Run) -> None:
    ended = run("predict", "houses", "houses")
    assert ended.code == 2
    assert "houses is a model, expected a table" in ended.err
