"""The settings of `clearprop train`: command line over file over default, and what they may be."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import clearprop
from clearprop.cli.config import read_config
from clearprop.cli.settings import TrainSettings, gather, loss_of
from clearprop.errors import InputError
from cli_command import Run, houses, runner, write


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.chdir(tmp_path)
    write(houses(), Path("houses.csv"))
    return runner(capsys)


def config(text: str, path: Path) -> dict[str, Any]:
    path.write_text(text)
    return read_config(path)


def test_a_run_from_a_file_alone_and_the_command_line_wins(run: Run) -> None:
    Path("runs").mkdir()
    Path("runs/run.toml").write_text(
        'data = "../houses.csv"\ntarget = "price"\noutput = "m"\n'
        "hidden = [5, 3]\nepochs = 9\ntest-fraction = 0.1\n"
    )
    result = run("train", "--config", "runs/run.toml", "--epochs", 2, "--json").json
    assert result["network"]["sizes"] == [2, 5, 3, 1]
    assert result["training"]["epochs"] == 2
    assert result["rows"]["held_out"] == 9
    assert Path("runs/m").exists()


def test_the_command_line_wins_over_the_file_even_with_zero() -> None:
    settings = gather({"data": Path("a"), "seed": 0, "epochs": None}, {"seed": 7, "epochs": 5})
    assert (settings.seed, settings.epochs, settings.data) == (0, 5, Path("a"))


def test_defaults_are_those_of_the_settings() -> None:
    assert gather({"data": Path("a")}, {}) == TrainSettings(Path("a"))


def test_the_defaults_are_those_of_the_estimators_and_help_tells_them(run: Run) -> None:
    settings, text = TrainSettings(Path("a")), " ".join(run("train", "--help").out.split())
    for estimator in (clearprop.MLPClassifier(), clearprop.MLPRegressor()):
        assert (settings.alpha, settings.learning_rate) == (estimator.alpha, estimator.learning_rate_init)
        assert (settings.epochs, settings.dropout) == (estimator.max_iter, estimator.dropout)
        assert settings.activation == (estimator.activation,)
    hidden = ",".join(map(str, settings.hidden))
    values = (hidden, settings.epochs, settings.alpha, settings.learning_rate, settings.test_fraction)
    assert all(f"[default: {value}]" in text for value in values)


@pytest.mark.parametrize(
    ("value", "units"),
    [("64,32", (64, 32)), ("7", (7,)), (7, (7,)), ([7, 8], (7, 8)), ("none", ()), ([], ())],
)
def test_hidden_layers(value: object, units: tuple[int, ...]) -> None:
    assert gather({"data": Path("a")}, {"hidden": value}).hidden == units


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('hiden = "64"', "got 'hiden'; try hidden"),
        ("force = true", "no option of clearprop train"),
        ("epochs = ", "no TOML file"),
        ("test-fraction = 0.1\ntest_fraction = 0.2", "twice"),
    ],
)
def test_files_that_are_refused(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(InputError, match=says):
        config(text, tmp_path / "run.toml")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('epochs = "3"', "epochs in run.toml does not fit"),
        ("epochs = true", "epochs in run.toml does not fit"),
        ("epochs = 1.5", "epochs in run.toml does not fit"),
        ("target = 3", "target in run.toml does not fit"),
        ("data = 3", "data in run.toml does not fit"),
        ('hidden = ["64", 2.5]', "hidden in run.toml does not fit"),
        ("hidden = [[1]]", "hidden in run.toml does not fit"),
        ("activation = 1", "activation in run.toml does not fit"),
        ("learning-rate = nan", "learning-rate in run.toml does not fit"),
        ('dropout = "a"', "dropout in run.toml does not fit"),
        ("ignore = [1]", "ignore in run.toml does not fit"),
        ("task = 1", "task in run.toml does not fit"),
    ],
)
def test_values_of_a_wrong_type_name_their_key(tmp_path: Path, text: str, says: str) -> None:
    values = config(text, tmp_path / "run.toml")
    with pytest.raises(InputError, match=says):
        gather({"data": Path("a")} if "data" not in values else {}, values, "run.toml")


@pytest.mark.parametrize(
    ("text", "loss"),
    [
        ("quantile:0.9", clearprop.Loss("quantile", q=0.9)),
        ("quantile:q=0.9", clearprop.Loss("quantile", q=0.9)),
        ("huber : 2", clearprop.Loss("huber", delta=2)),
        ("huber", clearprop.Loss("huber")),
    ],
)
def test_a_loss_with_one_option_takes_a_bare_number(text: str, loss: clearprop.Loss) -> None:
    assert loss_of(gather({"data": Path("a"), "loss": text}, {}).loss) == loss


@pytest.mark.parametrize(
    "text", ["auto:2", "squared_error:2", "quantile:1.5", "quantile:much", "quantile:0.1,0.2"]
)
def test_a_number_that_no_option_takes_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        gather({"data": Path("a"), "loss": text}, {})


def test_a_file_that_is_not_there_or_no_text(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no file"):
        read_config(tmp_path / "none.toml")
    (tmp_path / "bad.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="UTF-8"):
        read_config(tmp_path / "bad.toml")
