"""`clearprop train`: from tables of every kind to a model, and what is said about it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet
import pytest

import clearprop
from cli_command import Run, flowers, houses, runner, write

QUICK = ("--epochs", 3, "--hidden", 4)


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.chdir(tmp_path)
    return runner(capsys)


def test_a_table_becomes_a_model_under_its_own_name(run: Run) -> None:
    write(flowers(), Path("flowers.csv"))
    ended = run("train", "flowers.csv", "--target", "flower", "--epochs", 60)
    assert ended.code == 0
    assert ended.err == ""
    model = clearprop.load("flowers.clearprop.safetensors")
    assert isinstance(model, clearprop.MLPClassifier)
    assert model.target_name_ == "flower"
    assert model.score(flowers().drop_columns(["flower"]), flowers()["flower"].to_numpy()) > 0.9
    for text in (
        "CSV, 90 rows, 5 columns, separated by commas",
        "2 classes: daisy (60), rose (30)",
        "colour  category",
        "wild    boolean",
        "column 'flower' holds texts",
        "network  linear  baseline",
        "clearprop predict flowers.clearprop.safetensors NEW.csv",
    ):
        assert text in ended.out


@pytest.mark.parametrize("ending", ["csv", "parquet", "feather", "npz"])
def test_every_format_is_read(run: Run, ending: str) -> None:
    table, path = houses(), Path(f"table.{ending}")
    match ending:
        case "csv":
            write(table, path)
        case "parquet":
            pa.parquet.write_table(table, path)
        case "feather":
            pa.feather.write_feather(table, path)
        case _:
            np.savez(path, **{name: table[name].to_numpy() for name in table.column_names})
    result = run("train", path, "--target", "price", "--json", *QUICK).json
    assert result["understood"]["task"] == "regression"
    assert [column["name"] for column in result["understood"]["columns"]] == ["size", "rooms"]
    assert Path("table.clearprop.safetensors").exists()


def test_y_is_the_target_of_an_npz(run: Run) -> None:
    np.savez("points.npz", X=np.random.default_rng(0).normal(size=(40, 3)), y=np.arange(40) % 2)
    understood = run("train", "points.npz", "--json", *QUICK).json["understood"]
    assert (understood["target"], understood["classes"]) == ("y", {"0": 20, "1": 20})


def test_json_says_it_all_and_nothing_else(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("clearprop.cli.fitting.FEWEST_ROWS_TO_VALIDATE", 200)
    write(houses(300), Path("houses.csv"))
    result = run("train", "houses.csv", "-t", "price", "-o", "m", "--json", "--epochs", 80).json
    assert result["rows"] == {"train": 204, "validation": 36, "held_out": 60}
    assert set(result["metrics"]) == {"network", "linear", "baseline"}
    assert set(result["metrics"]["network"]["held_out"]) == {"r2", "rmse", "mae"}
    assert result["metrics"]["linear"]["held_out"]["r2"] > 0.99
    assert abs(result["metrics"]["baseline"]["train"]["r2"]) < 1e-9
    assert result["verdict"]["against_baseline"] == "better"
    assert result["training"]["best_epoch"] is not None
    assert result["settings"]["hidden"] == [64, 64]


def test_the_metrics_are_those_of_the_saved_model_on_the_held_out_rows(run: Run) -> None:
    table = houses(100)
    write(table, Path("houses.csv"))
    result = run("train", "houses.csv", "-t", "price", "-o", "m", "--json", *QUICK).json
    truth, X = table["price"].to_numpy(), table.drop_columns(["price"])
    errors = np.abs(truth - clearprop.load("m").predict(X))
    metrics = result["metrics"]["network"]
    mean = (20 * metrics["held_out"]["mae"] + 80 * metrics["train"]["mae"]) / 100
    assert mean == pytest.approx(errors.mean(), rel=1e-12)


def test_one_seed_gives_the_same_file_and_another_one_another(run: Run) -> None:
    write(flowers(), Path("f.csv"))
    files = []
    for name, seed in (("a", 5), ("b", 5), ("c", 6)):
        assert run("train", "f.csv", "-t", "flower", "-o", name, "--seed", seed, *QUICK).code == 0
        files.append(Path(name).read_bytes())
    assert files[0] == files[1] != files[2]


@pytest.mark.parametrize(
    ("values", "task", "says"),
    [
        (np.arange(60) % 3, "classification", "3 different whole numbers; --task regression"),
        (np.arange(60), "regression", "60 different whole numbers; --task classification"),
        (np.arange(60) / 7, "regression", "60 different numbers with fractions"),
        ((np.arange(60) % 2).astype(float), "classification", "2 different whole numbers"),
        (np.arange(60) % 2 == 0, "classification", "true and false"),
        (np.array(["a", "b"] * 30), "classification", "texts"),
    ],
)
def test_the_task_follows_from_the_target_and_says_why(
    run: Run, values: np.ndarray, task: str, says: str
) -> None:
    pa.parquet.write_table(pa.table({"x": np.sin(np.arange(60.0)), "t": values}), "t.parquet")
    understood = run("train", "t.parquet", "-t", "t", "--json", *QUICK).json["understood"]
    assert understood["task"] == task
    assert says in understood["reason"]


def test_the_task_can_be_chosen(run: Run) -> None:
    write(pa.table({"x": np.sin(np.arange(60.0)), "t": np.arange(60) % 3}), Path("t.csv"))
    result = run("train", "t.csv", "-t", "t", "--task", "regression", "--json", *QUICK).json
    assert result["understood"]["reason"] == "as you asked"
    assert "r2" in result["metrics"]["network"]["train"]


def test_whole_numbers_as_floats_become_classes_without_a_point(run: Run) -> None:
    pa.parquet.write_table(pa.table({"x": np.arange(40.0), "t": np.arange(40) % 2.0}), "t.parquet")
    assert run("train", "t.parquet", "-t", "t", "-o", "m", *QUICK).code == 0
    assert clearprop.load("m").classes_.tolist() == [0, 1]


def test_ignored_columns_are_not_learnt_from(run: Run) -> None:
    write(flowers(), Path("f.csv"))
    assert (
        run(
            "train", "f.csv", "-t", "flower", "-o", "m", "--ignore", "wild", "--ignore", "colour", *QUICK
        ).code
        == 0
    )
    assert clearprop.load("m").feature_names_in_.tolist() == ["petals", "height"]


def test_columns_that_name_the_rows_or_teach_nothing_are_noted(run: Run) -> None:
    table = flowers().append_column("id", pa.array(range(90))).append_column("k", pa.array([1] * 90))
    write(table, Path("f.csv"))
    out = " ".join(run("train", "f.csv", "-t", "flower", *QUICK).out.split())
    assert "column 'id' has a value for nearly each row alone: a name or number? try --ignore id" in out
    assert "column 'k' has no values or the same one throughout" in out


def test_rows_without_a_target_are_left_out_and_said_so(run: Run) -> None:
    table = houses()
    price = pa.array([None if k < 9 else v for k, v in enumerate(table["price"].to_pylist())])
    write(table.set_column(2, "price", price), Path("h.csv"))
    understood = run("train", "h.csv", "-t", "price", "--json", *QUICK).json["understood"]
    assert understood["used_rows"] == 81
    assert understood["notes"] == ["9 rows without a value in column 'price' left out"]


def test_many_columns_are_not_all_listed(run: Run) -> None:
    columns = {f"c{k}": np.random.default_rng(k).normal(size=30) for k in range(40)}
    write(pa.table(columns), Path("wide.csv"))
    out = run("train", "wide.csv", "-t", "c0", *QUICK).out
    assert "… and 27 more columns (27 number)" in out
    assert "c13" not in out


def test_without_held_out_rows_nothing_is_promised(run: Run) -> None:
    write(houses(), Path("h.csv"))
    result = run("train", "h.csv", "-t", "price", "--test-fraction", 0, "--json", *QUICK).json
    assert "held_out" not in result["metrics"]["network"]
    assert result["verdict"]["against_linear"] is None
    assert "No rows were held out" in result["verdict"]["sentences"][0]


def test_no_hidden_layer_makes_a_linear_network(run: Run) -> None:
    write(houses(), Path("h.csv"))
    result = run("train", "h.csv", "-t", "price", "--hidden", "none", "--epochs", 2, "--json").json
    assert result["network"]["sizes"] == [2, 1]


def test_the_options_reach_the_network(run: Run) -> None:
    write(houses(), Path("h.csv"))
    options = [
        "--hidden",
        "5,3",
        "--activation",
        "tanh,relu",
        "--loss",
        "huber",
        "--dropout",
        "0.2",
        "--batch-size",
        7,
    ]
    options += ["--learning-rate", "0.03", "--alpha", "0.7", "--epochs", 2]
    assert run("train", "h.csv", "-t", "price", "-o", "m", *options).code == 0
    net = clearprop.load("m").network_
    assert net.sizes == (2, 5, 3, 1)
    assert [layer.activation for layer in net.layers] == [
        "tanh",
        "relu",
        "identity",
    ]
    assert net.loss_function.name == "huber"
    assert [layer.dropout for layer in net.layers] == [0.2, 0.2, 0]
    assert net.l2 == pytest.approx(0.7 / 7)
    assert net.history.settings["batch_size"] == 7
    assert net.history.settings["optimizer"]["learning_rate"]["learning_rate"] == 0.03


def test_a_table_that_was_not_all_learnt_says_how_to_go_on(run: Run) -> None:
    write(houses(), Path("h.csv"))
    out = " ".join(run("train", "h.csv", "-t", "price", *QUICK).out.split())
    assert "The loss was still falling: --epochs 6 may give more" in out


def test_a_loss_with_its_option(run: Run) -> None:
    write(houses(60), Path("houses.csv"))
    loss = "quantile:q=0.9"
    assert run("train", "houses.csv", "-t", "price", "-o", "m", "--loss", loss, *QUICK).code == 0
    assert clearprop.load("m").network_.loss_function == clearprop.Loss("quantile", q=0.9)
    for wrong, message in (("quantile:p=1", "quantile has no such option"), ("quantile:q", "quantile:q=0.9")):
        ended = run("train", "houses.csv", "-t", "price", "--force", "--loss", wrong, *QUICK)
        assert (ended.code, message in ended.err) == (2, True)


def test_an_exactly_linear_target_is_learnt_by_the_linear_model(run: Run) -> None:
    rng = np.random.default_rng(0)
    X = rng.standard_t(3, size=(400, 2))  # with far values, which the network's inputs bend most
    write(pa.table({"a": X[:, 0], "b": 50 * X[:, 1], "t": 3 * X[:, 0] - X[:, 1]}), Path("t.csv"))
    metrics = run("train", "t.csv", "-t", "t", "--json", *QUICK).json["metrics"]
    assert metrics["linear"]["held_out"]["r2"] > 0.9999


def test_a_rare_class_shows_in_the_balanced_accuracy(run: Run) -> None:
    labels = ["rare" if k % 20 == 0 else "frequent" for k in range(200)]
    write(pa.table({"x": np.random.default_rng(0).normal(size=200), "t": labels}), Path("t.csv"))
    ended = run("train", "t.csv", "-t", "t", "-o", "m", *QUICK)
    assert "balanced accuracy" in ended.out
    metrics = run("train", "t.csv", "-t", "t", "-o", "m", "--force", "--json", *QUICK).json["metrics"]
    assert metrics["baseline"]["held_out"]["accuracy"] == 0.95
    assert metrics["baseline"]["held_out"]["balanced_accuracy"] == 0.5


def test_a_loss_that_rose_suggests_a_smaller_learning_rate(run: Run) -> None:
    write(houses(), Path("h.csv"))
    common = ("train", "h.csv", "-t", "price", "--epochs", 3, "--batch-size", 72)
    rising, falling = run(*common, "-o", "a", "--learning-rate", 3).out, run(*common, "-o", "b").out
    advice = "a smaller --learning-rate may help"
    assert advice in " ".join(rising.split())
    assert advice not in " ".join(falling.split())
