"""What goes wrong at the command: the words on standard error, the exit code, and that nothing is lost."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import clearprop
from clearprop.cli import fitting, show, train
from cli_command import Run, flowers, houses, runner, write

TRAIN = ("train", "houses.csv", "-t", "price", "-o", "m", "--epochs", 2, "--hidden", 4)
COMMAND = (sys.executable, "-m", "clearprop")


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.chdir(tmp_path)
    write(houses(), Path("houses.csv"))
    return runner(capsys)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["train"], "no table is named"),
        (["train", "house.csv", "-t", "price"], "there is no file 'house.csv'; try 'houses.csv'"),
        (["train", "houses.csv"], "expected --target and one of 'size', 'rooms', 'price'"),
        (["train", "houses.csv", "-t", "prize"], "there is no column 'prize'"),
        ([*TRAIN, "--hidden", "6x"], "--hidden does not fit"),
        ([*TRAIN, "--hidden", "0"], "--hidden does not fit"),
        ([*TRAIN, "--epochs", "0"], "--epochs does not fit: expected a whole number ≥ 1, got 0"),
        ([*TRAIN, "--test-fraction", "1"], "--test-fraction does not fit"),
        ([*TRAIN, "--learning-rate", "0"], "--learning-rate does not fit"),
        ([*TRAIN, "--dropout", "1"], "--dropout does not fit"),
        ([*TRAIN, "--seed", "-1"], "--seed does not fit"),
        ([*TRAIN, "--seed", str(2**32)], "--seed does not fit"),
        ([*TRAIN, "--task", "regresion"], "try regression"),
        ([*TRAIN, "--activation", "rellu"], "--activation does not fit"),
        ([*TRAIN, "--activation", "rellu"], "got 'rellu'; try relu"),
        ([*TRAIN, "--activation", "relu,tanh"], "one name, or 1 as --hidden has"),
        ([*TRAIN, "--loss", "hubber"], "--loss does not fit"),
        ([*TRAIN, "--loss", "hubber"], "got 'hubber'; try huber"),
        ([*TRAIN, "--loss", "cross_entropy"], "--loss does not fit a regression"),
        ([*TRAIN, "--ignore", "room"], "--ignore names a column that is not there: 'room'"),
        ([*TRAIN, "--ignore", "rooms", "--ignore", "size"], "leaves no column"),
        ([*TRAIN, "--task", "classification"], "holds no classes"),
        ([*TRAIN, "-o", "."], "is a folder"),
        ([*TRAIN, "-o", "no/where"], "there is no folder 'no'"),
        ([*TRAIN, "-o", "houses.csv", "--force"], "would overwrite what it is made from"),
        ([*TRAIN, "-o", "m.html", "--report", "m.html"], "cannot both be 'm.html'"),
        (
            [*TRAIN, "--report", "x.pdf"],
            "--report does not fit: expected a name ending in .html, got 'x.pdf'",
        ),
        (["train", "model.safetensors", "-t", "price"], "model.safetensors is a model, expected a table"),
        (["predict", "modell", "houses.csv"], "there is no model file 'modell'; try 'model.safetensors'"),
        (["predict", "houses.csv", "model.safetensors"], "try the two the other way round"),
        (["predict", "model.safetensors", "houses.csv"], "model.safetensors is no intact model file"),
        (["show", "model.safetensors"], "model.safetensors is no intact model file"),
        (["show", "."], "is a folder"),
        (["demo", "--dataset", "iris"], "there is no such data set"),
        (["demo", "--dataset", "winw"], "got 'winw'; try wine"),
        (["demo", "digits"], "try --dataset digits"),
    ],
)
def test_a_users_mistake_ends_with_2_and_says_what_to_do(run: Run, words: list[Any], says: str) -> None:
    Path("model.safetensors").write_bytes(b"no model at all")
    before = set(Path().iterdir())
    ended = run(*words)
    assert ended.code == 2
    assert says in ended.err
    assert ended.err.startswith("error: ")
    assert "Traceback" not in ended.err
    assert ended.out == ""
    assert set(Path().iterdir()) == before


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["trian"], "Did you mean 'train'?"),
        (["train", "--hiden", "3"], "--hidden"),
        (["train", "--epochs", "ten"], "--epochs"),
        (["predict", "m"], "DATA"),
    ],
)
def test_typing_mistakes(run: Run, words: list[str], says: str) -> None:
    ended = run(*words)
    assert ended.code == 2
    assert says in ended.err
    assert ended.out == ""


def test_no_argument_shows_help(run: Run) -> None:
    ended = run()
    assert ended.code in (0, 2)
    assert "clearprop demo" in ended.out + ended.err


def test_the_version(run: Run) -> None:
    assert run("--version").out == f"clearprop {clearprop.__version__}\n"


def test_an_existing_model_stays_and_is_looked_for_before_training(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("m").write_text("precious")
    with monkeypatch.context() as patch:
        patch.setattr(train, "fit", lambda *args: pytest.fail("a network was trained"))
        ended = run(*TRAIN)
    assert ended.code == 2
    assert "'m' is there already; try --force" in ended.err
    assert ended.out == ""
    assert Path("m").read_text() == "precious"
    assert run(*TRAIN, "--force").code == 0
    assert clearprop.load("m").target_name_ == "price"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--epochs", "0"], "--epochs does not fit"),
        (["-t", "prize"], "there is no column 'prize'"),
        (["--loss", "hubber"], "--loss does not fit"),
        (["--loss", "cross_entropy"], "--loss does not fit a regression"),
        (["--activation", "rellu"], "--activation does not fit"),
    ],
)
def test_an_existing_model_hides_no_other_mistake(run: Run, words: list[str], says: str) -> None:
    Path("m").write_text("precious")
    ended = run(*TRAIN, *words)
    assert says in ended.err
    assert "is there already" not in ended.err


def test_an_existing_report_stays(run: Run) -> None:
    Path("r.html").write_text("precious")
    assert run(*TRAIN, "--report", "r.html").code == 2
    assert Path("r.html").read_text() == "precious"
    assert not Path("m").exists()


def test_targets_that_teach_nothing(run: Run) -> None:
    for values, says in (
        (["a"] * 9, "one value in every row"),
        (list("abcdefghi"), "nearly as many different"),
    ):
        rows = "\n".join(f"{k},{value}" for k, value in enumerate(values))
        Path("t.csv").write_text(f"x,t\n{rows}\n")
        assert says in run("train", "t.csv", "-t", "t").err
    Path("t.csv").write_text("x,t\n1,2\n2,3\n")
    assert "too few rows" in run("train", "t.csv", "-t", "t").err


def test_training_that_diverges_is_a_failure(run: Run) -> None:
    ended = run(*TRAIN, "--learning-rate", "1e300")
    assert ended.code == 1
    assert "diverged at step" in ended.err
    assert not Path("m").exists()


def test_a_fault_of_ours_is_one_line_and_asks_for_a_report(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(model: object) -> str:
        raise KeyError("planted\nsecond line")

    clearprop.MLP([1, 1], seed=0).save("bare")
    monkeypatch.setattr(show, "_what", fail)
    ended = run("show", "bare")
    assert ended.code == 1
    assert ended.err.count("\n") == 1
    assert "KeyError" in ended.err
    assert "please report it" in ended.err
    assert "CLEARPROP_DEBUG=1" in ended.err
    assert "Traceback" not in ended.err
    monkeypatch.setenv("CLEARPROP_DEBUG", "1")
    assert "Traceback" in run("show", "bare").err


def test_a_library_that_is_missing_is_named_with_its_extra(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(*TRAIN).code == 0
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    ended = run("evaluate", "m", "houses.csv", "--plot", "p.png")
    assert ended.code == 1
    assert 'pip install "clearprop[plots]"' in ended.err
    for name in ("clearprop.cli.show", "rich.table", "clearprop.cli.console"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.setitem(sys.modules, "rich.table", None)
    ended = run("show", "m")
    assert ended.code == 1
    assert 'the command needs rich.table; try pip install "clearprop[cli]"' in ended.err


def test_a_full_disk_is_a_failure(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(clearprop.MLPRegressor, "save", full)
    ended = run(*TRAIN)
    assert ended.code == 1
    assert ended.err == "error: No space left on device\n"


def test_ctrl_c_before_training(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(path: Path) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(fitting, "read_table", interrupt)
    ended = run(*TRAIN)
    assert ended.code == 130
    assert ended.err == "error: interrupted\n"


def test_ctrl_c_in_training_keeps_the_model(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def with_ctrl_c(*args: Any, **options: Any) -> Any:
        def press(net: Any, history: Any) -> None:
            if len(history) == 2:
                signal.raise_signal(signal.SIGINT)

        return estimator(*args, **options | {"callbacks": [press]})

    estimator = clearprop.MLPRegressor
    monkeypatch.setattr(fitting, "MLPRegressor", with_ctrl_c)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # a job in the background ignores it
    try:
        ended = run("train", "houses.csv", "-t", "price", "-o", "m", "--epochs", 50)
    finally:
        signal.signal(signal.SIGINT, before)
    assert ended.code == 130
    assert "the model as it was after 2 epochs is in m" in ended.err
    assert clearprop.load("m").network_.epochs == 2


# ---- as a process


def process(*words: object, **environment: str) -> subprocess.CompletedProcess[bytes]:
    inherited = {name: value for name, value in os.environ.items() if name not in ("FORCE_COLOR", "COLUMNS")}
    return subprocess.run(
        [*COMMAND, *map(str, words)],
        capture_output=True,
        env=inherited | environment,
        check=False,
        timeout=60,
    )


def test_help_imports_nothing_heavy() -> None:
    script = (
        "import sys, clearprop.cli\n"
        "try: clearprop.cli.main(['--help'])\n"
        "except SystemExit: pass\n"
        "heavy = {'numpy', 'pyarrow', 'sklearn', 'scipy', 'matplotlib', 'rich', 'narwhals'}\n"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)\n"
    )
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ended.stderr.strip() == "[]"
    assert "clearprop demo" in ended.stdout


def test_a_plain_terminal_and_a_narrow_one(run: Run) -> None:
    write(flowers(), Path("f.csv"))
    assert run("train", "f.csv", "-t", "flower", "-o", "flowers", "--epochs", 2, "--hidden", 8).code == 0
    plain = process("show", "flowers", PYTHONIOENCODING="ascii", COLUMNS="40")
    assert plain.returncode == 0
    assert b"\x1b" not in plain.stdout
    assert plain.stdout.isascii()
    assert max(map(len, plain.stdout.splitlines())) <= 40
    assert re.search(rb"W1, b1 +relu +\d+ x 8", plain.stdout)


def test_data_leave_as_utf8_whatever_the_terminal_is(run: Run) -> None:
    Path("t.csv").write_text("x,t\n" + "".join(f"{k},{'münchen' if k % 2 else 'köln'}\n" for k in range(20)))
    assert run("train", "t.csv", "-t", "t", "-o", "m", "--epochs", 2).code == 0
    predicted = process("predict", "m", "t.csv", PYTHONIOENCODING="ascii").stdout.decode("utf-8").split()
    assert set(predicted[1:]) <= {"münchen", "köln"}


def test_a_reader_that_has_seen_enough_hears_nothing(run: Run) -> None:
    assert run(*TRAIN).code == 0
    rows = "".join(f"{k},{k % 5}\n" for k in range(40_000))  # more than a pipe holds
    Path("many.csv").write_text(f"size,rooms\n{rows}")
    with subprocess.Popen(
        [*COMMAND, "predict", "m", "many.csv"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "CLEARPROP_ENGINE": "numpy"},  # which nobody needs to hear about
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline() == b"prediction\n"
        process.stdout.close()
        assert process.stderr.read() == b""


def test_a_missing_compiled_engine_is_one_line_on_standard_error(run: Run) -> None:
    hidden = "import sys; sys.modules['clearprop._native'] = None; from clearprop.cli import main; main()"
    environment = {name: value for name, value in os.environ.items() if name != "CLEARPROP_ENGINE"}
    train = subprocess.run(
        [sys.executable, "-c", hidden, *map(str, TRAIN)], capture_output=True, text=True, env=environment
    )
    assert train.returncode == 0, train.stderr
    assert re.fullmatch(r"no compiled engine here .* NumPy.*\n", train.stderr)
    assert "saved in m" in train.stdout
