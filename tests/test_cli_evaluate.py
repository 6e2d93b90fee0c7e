"""`clearprop evaluate` and `clearprop show`: a model and what is known about it."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from sklearn.metrics import accuracy_score, log_loss, mean_absolute_error

import clearprop
from clearprop.cli.show import BARS, sparkline
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


def test_the_target_is_remembered(run: Run) -> None:
    content = run("evaluate", "flowers", "flowers.csv", "--json").json
    model, X, y = (
        clearprop.load("flowers"),
        flowers().drop_columns(["flower"]),
        flowers()["flower"].to_numpy(),
    )
    assert content["target"] == "flower"
    assert content["metrics"]["accuracy"] == accuracy_score(y, model.predict(X))
    assert content["metrics"]["log_loss"] == pytest.approx(log_loss(y, model.predict_proba(X)))
    matrix = np.array(content["confusion_matrix"])
    assert matrix.sum() == 90
    assert np.trace(matrix) == round(90 * content["metrics"]["accuracy"])
    assert [of["class"] for of in content["classes"]] == ["daisy", "rose"]
    assert content["classes"][1]["recall"] == matrix[1, 1] / matrix[1].sum()


def test_numbers_have_residuals(run: Run) -> None:
    content = run("evaluate", "houses", "houses.csv", "--json").json
    predicted = clearprop.load("houses").predict(houses().drop_columns(["price"]))
    truth = houses()["price"].to_numpy()
    assert content["metrics"]["mae"] == pytest.approx(mean_absolute_error(truth, predicted))
    assert content["residuals"]["max"] == pytest.approx((truth - predicted).max())


def test_for_a_person(run: Run) -> None:
    out = run("evaluate", "flowers", "flowers.csv").out
    assert "flower: 90 rows" in out
    assert "precision  recall     F1  rows" in out
    assert "confusion matrix" in out
    assert "residuals, true − predicted" in run("evaluate", "houses", "houses.csv").out


def test_another_column_can_be_the_target(run: Run) -> None:
    write(flowers().rename_columns(["petals", "height", "colour", "wild", "kind"]), Path("other.csv"))
    assert "there is no column 'flower'" in run("evaluate", "flowers", "other.csv").err
    assert run("evaluate", "flowers", "other.csv", "--target", "kind").code == 0
    assert (
        "the model learnt from column 'wild'" in run("evaluate", "flowers", "flowers.csv", "-t", "wild").err
    )


def test_a_class_that_the_model_never_saw_counts_as_wrong(run: Run) -> None:
    names = ["tulip" if k < 9 else name for k, name in enumerate(flowers()["flower"].to_pylist())]
    write(flowers().set_column(4, "flower", pa.array(names)), Path("new.csv"))
    content = run("evaluate", "flowers", "new.csv", "--json").json
    assert content["metrics"]["accuracy"] <= 0.9
    assert content["metrics"]["balanced_accuracy"] <= 2 / 3
    assert "9 rows of a class" in content["notes"][0]
    assert sum(content["confusion_matrix"][2]) == 9
    write(flowers().set_column(4, "flower", pa.array(["tulip"] * 90)), Path("tulips.csv"))
    assert "holds no class that the model knows" in run("evaluate", "flowers", "tulips.csv").err


def test_texts_for_a_model_of_numbers(run: Run) -> None:
    write(houses().set_column(2, "price", pa.array(["much"] * 90)), Path("text.csv"))
    assert "does not fit a model that predicts numbers" in run("evaluate", "houses", "text.csv").err


@pytest.mark.parametrize(("model", "ending"), [("flowers", "png"), ("houses", "svg")])
def test_the_picture(run: Run, model: str, ending: str) -> None:
    assert run("evaluate", model, f"{model}.csv", "--plot", f"p.{ending}").code == 0
    assert Path(f"p.{ending}").stat().st_size > 1000
    assert run("evaluate", model, f"{model}.csv", "--plot", f"p.{ending}").code == 2


def test_an_unknown_picture_is_refused_before_anything_is_shown(run: Run) -> None:
    ended = run("evaluate", "flowers", "flowers.csv", "--plot", "p.docx")
    assert ended.code == 2
    assert ended.out == ""
    assert "does not end like a picture" in ended.err


def test_many_classes_show_what_is_confused(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    write(
        pa.table({"x": rng.normal(size=300), "t": [f"class number {k % 30}" for k in range(300)]}),
        Path("m.csv"),
    )
    assert run("train", "m.csv", "-t", "t", "-o", "m", "--epochs", 2).code == 0
    out = run("evaluate", "m", "m.csv").out
    assert "the most frequent confusions" in out
    assert "the 20 of 30 with the lowest F1" in out


def test_show_says_what_is_in_a_model(run: Run) -> None:
    out = run("show", "flowers").out
    for text in ("tells 2 classes apart of flower: 'daisy', 'rose'", "W1, b1  relu", "takes 4 columns",
                 "height  number    9", "training: 30 epochs", "Adam, batches of 32"):  # fmt: skip
        assert text in out
    assert "predicts numbers of price" in run("show", "houses").out


def test_show_as_json(run: Run) -> None:
    content = run("show", "houses", "--json").json
    assert [layer["parameters"] for layer in content["layers"]] == [24, 9]
    assert content["parameters"] == 33
    assert content["columns"][0]["name"] == "size"
    assert len(content["history"]["train_loss"]) == 30


def test_show_takes_a_bare_network_too(run: Run) -> None:
    clearprop.MLP([2, 3, 1], seed=0, dropout=0.5).save("bare")
    out = run("show", "bare").out
    assert "a bare network" in out
    assert "relu, dropout 0.5" in out
    assert "columns" not in out
    assert run("show", "bare", "--json").json["kind"] == "network"


def test_the_sparkline_falls_from_top_to_bottom() -> None:
    line = sparkline([1000.0, 100.0, 10.0, 1.0])
    assert (line[0], line[-1], len(line)) == (BARS[-1], BARS[0], 4)
    assert len(sparkline([1.0] * 500)) == 32
    assert sparkline([-1.0, 0.0]) == BARS[0] + BARS[-1]


def test_a_table_without_answers_is_for_predict(run: Run) -> None:
    write(flowers().drop_columns(["flower"]), Path("new.csv"))
    err = run("evaluate", "flowers", "new.csv").err
    assert "there is no column 'flower', so the answers are missing" in err
    assert "try clearprop predict, which needs no answers" in err
    write(houses().rename_columns(["size", "rooms", "Prices"]), Path("near.csv"))
    assert "try --target Prices" in run("evaluate", "houses", "near.csv").err


def test_show_calls_a_constant_column_so_too(run: Run) -> None:
    write(houses().append_column("k", pa.array([1] * 90)), Path("k.csv"))
    assert run("train", "k.csv", "-t", "price", "-o", "k", "--epochs", 2).code == 0
    kinds = {column["name"]: column["kind"] for column in run("show", "k", "--json").json["columns"]}
    assert kinds == {"size": "number", "rooms": "number", "k": "constant"}
