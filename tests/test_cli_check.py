"""`clearprop check`: a user's file is run on a network that is described, and the verdict is printed."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
import typer

from clearprop.cli.check import OPTIONS, check
from clearprop.errors import InputError

SCRIPT = '''
import numpy as np
from beside import tanh

print("a script may print")

def good(X, Y, W1, b1, W2, b2):
    """My own.

    clearprop: --net 2-3-1 --activation tanh --loss squared_error
    """
    return backward(X, Y, W1, b1, W2, b2, True)

def bad(X, Y, W1, b1, W2, b2):
    """clearprop: --net=2-3-1 --activation=tanh"""
    return backward(X, Y, W1, b1, W2, b2, False)

def broken(X, Y, parameters):
    return X @ parameters["W3"]

def backward(X, Y, W1, b1, W2, b2, with_slope):
    A1 = tanh(X @ W1 + b1)
    delta2 = A1 @ W2 + b2 - Y
    delta1 = delta2 @ W2.T
    if with_slope:
        delta1 = delta1 * (1 - A1**2)
    return {"dW1": X.T @ delta1 / len(X), "db1": delta1.mean(axis=0),
            "dW2": A1.T @ delta2 / len(X), "db2": delta2.mean(axis=0)}
'''


@pytest.fixture
def script(tmp_path: Path) -> Path:
    (tmp_path / "beside.py").write_text("from numpy import tanh\n")
    path = tmp_path / "mine.py"
    path.write_text(SCRIPT)
    return path


@pytest.fixture(autouse=True)
def _modules_as_before(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("beside", "clearprop_checked_script"):
        monkeypatch.delitem(sys.modules, name, raising=False)


def run(target: str, *, as_json: bool = False, **options: Any) -> int:
    try:
        check(target, options, as_json=as_json)
    except typer.Exit as ending:
        return ending.exit_code
    return 0


def test_right_code_ends_with_0(script: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(f"{script}:good") == 0
    captured = capsys.readouterr()
    assert "mine.py:good: all agrees" in captured.out
    assert "a script may print" in captured.err


def test_a_mistake_ends_with_1_and_is_named(script: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(f"{script}:bad") == 1
    out = " ".join(capsys.readouterr().out.split())
    for words in ("dW1 is the first that differs", "missing_activation_derivative", "in layer 1", "Try:"):
        assert words in out


def test_json_is_all_there_is_on_standard_output(script: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(f"{script}:bad", as_json=True) == 1
    verdict = json.loads(capsys.readouterr().out)
    assert (verdict["first"], verdict["mistake"]) == ("dW1", "missing_activation_derivative")
    assert verdict["compared"][0]["name"] == "dW2"


def test_options_win_over_the_docstring(script: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(f"{script}:good", activation="sigmoid", as_json=True) == 1
    assert json.loads(capsys.readouterr().out)["ok"] is False
    assert run(f"{script}:good", net="4-6-2", samples=3, seed=5) == 0


@pytest.mark.parametrize(
    ("loss", "activation", "delta"),
    [
        ("binary_cross_entropy", "sigmoid", "1 / (1 + np.exp(-Z)) - Y"),
        ("cross_entropy", "softmax", "np.exp(Z) / np.exp(Z).sum(axis=1, keepdims=True) - Y"),
        ("poisson", "exp", "np.exp(Z) - Y"),
        ("huber:delta=0.5", "identity", "np.clip(Z - Y, -0.5, 0.5)"),
    ],
)
def test_targets_are_such_as_the_loss_takes(script: Path, loss: str, activation: str, delta: str) -> None:
    script.write_text(
        "import numpy as np\ndef mine(X, Y, W, b):\n    Z = X @ W + b\n"
        f"    delta = {delta}\n    return X.T @ delta / len(X) + 0.2 * W, delta.mean(axis=0)\n"
    )
    assert run(f"{script}:mine", net="3-2", loss=loss, output=activation, l2="0.2") == 0


def test_an_updated_network_needs_the_rate(script: Path) -> None:
    script.write_text(
        "def mine(X, Y, W, b):\n    e = X @ W + b - Y\n    return {'W1_new': W - 0.3 * X.T @ e / len(X)}"
    )
    assert run(f"{script}:mine", net="2-1", learning_rate=0.3) == 0
    with pytest.raises(InputError, match="learning_rate"):
        run(f"{script}:mine", net="2-1")


@pytest.mark.parametrize(
    ("target", "options", "words"),
    [
        ("mine.py", {}, "no function is named"),
        ("other.py:good", {}, "no file"),
        ("mine.py:god", {}, "try good"),
        ("mine.py:backward", {}, "the network is not described"),
        ("mine.py:good", {"net": "2-x"}, "--net does not fit"),
        ("mine.py:good", {"l2": "much"}, "--l2 does not fit"),
        ("mine.py:good", {"loss": "squared_eror"}, "squared_error"),
        ("mine.py:good", {"net": "2-1", "activation": "tahn"}, "unknown --activation.*try 'tanh'"),
        ("mine.py:broken", {"net": "2-1"}, r"mine.py, line 19: KeyError: 'W3'"),
    ],
)
def test_what_does_not_fit_is_said_in_one_line(
    script: Path, monkeypatch: pytest.MonkeyPatch, target: str, options: dict[str, Any], words: str
) -> None:
    monkeypatch.chdir(script.parent)
    with pytest.raises(InputError, match=words):
        run(target, **options)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("x = 1\ny = x / 0\n", "mine.py, line 2: ZeroDivisionError"),
        ("def f(:\n", "mine.py, line 1: SyntaxError"),
        ("import sys\nsys.exit(3)\n", "mine.py, line 2: it ends the program"),
        (
            "from sys import exit\ndef good(X, Y, W1, b1):\n    exit(0)\n",
            "mine.py, line 3: it ends",
        ),
        ("from beside import exits as good\n", "mine.py: it ends the program"),
        ("def good(X, Y):\n    '''clearprop: --net \"2-1'''\n", "No closing quotation"),
        ('def good(X, Y):\n    """clearprop: --nett 2-1"""\n', "holds '--nett'"),
        ("def good(X, Y, W1, b1):\n    return X @ X\n", "mine.py, line 2: ValueError"),
    ],
)
def test_errors_of_the_script_have_its_line(script: Path, text: str, words: str) -> None:
    script.write_text(text)
    (script.parent / "beside.py").write_text("import sys\ndef exits(X, Y, W1, b1):\n    sys.exit(0)\n")
    options: dict[str, Any] = {} if "clearprop:" in text else {"net": "2-1"}
    with pytest.raises(InputError, match=words):
        run(f"{script}:good", **options)


def test_every_option_can_stand_in_the_docstring(script: Path) -> None:
    values = {
        "net": "2-3-1",
        "activation": "tanh",
        "output": "identity",
        "loss": "squared_error",
        "l1": "0",
        "l2": "0",
        "samples": "4",
        "seed": "3",
        "learning_rate": "0.1",
        "update": "simultaneous",
    }
    assert set(values) | {"descent"} == set(OPTIONS)
    line = " ".join(f"--{name.replace('_', '-')} {value}" for name, value in values.items())
    script.write_text(SCRIPT.replace("--net 2-3-1 --activation tanh --loss squared_error", line))
    assert run(f"{script}:good") == 0
    script.write_text(SCRIPT.replace("--loss squared_error", "--descent").replace("/ len(X)", "/ -len(X)")
                      .replace(".mean(axis=0)", ".mean(axis=0) * -1"))  # fmt: skip
    assert run(f"{script}:good") == 0
