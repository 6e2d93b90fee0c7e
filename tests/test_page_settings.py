"""The settings of the page: what a change brings with it, and what is refused field by field."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from clearprop.errors import InputError
from clearprop.page.settings import KINDS, STEPPING, Settings, drawn

TABLE = {"name": "t.csv", "text": "a,b\n1,2\n", "inputs": ["a"], "target": "b"}


def test_settings_survive_json() -> None:
    settings = Settings().changed(
        {
            "data": {"kind": "table", "table": TABLE, "test": 0.25, "seed": 4},
            "net": {
                "hidden": [4, 2],
                "activations": ["relu", "gelu"],
                "loss": "huber",
                "option": 2,
                "l1": 0.1,
            },
            "training": {"optimizer": "adam", "batch": None, "freeze": ["b1"]},
            "focus": [3, 1],
        }
    )
    assert Settings().changed(json.loads(json.dumps(settings.as_json()))) == settings


@pytest.mark.parametrize("kind", KINDS[:-2])
def test_another_kind_of_data_comes_with_its_own_rows_and_noise(kind: str) -> None:
    old = Settings().changed({"data": {"kind": "moons", "rows": 77, "noise": 0.9, "seed": 5}})
    expected = drawn("moons" if kind == "moons" else kind)
    changed = old.changed({"data": {"kind": kind}}).data
    assert changed.seed == 5
    if kind == "moons":
        assert changed == old.data
    else:
        assert changed == replace(expected, seed=5)
    assert old.changed({"data": {"kind": kind, "rows": 31}}).data.rows == 31


def test_what_goes_with_a_change() -> None:
    settings = Settings().changed({"net": {"hidden": [3, 3], "activations": ["relu", "tanh"]}})
    assert settings.changed({"net": {"hidden": [3, 3, 4]}}).net.activations == ("relu", "tanh", "tanh")
    assert settings.changed({"net": {"hidden": [3]}}).net.activations == ("relu",)
    assert settings.changed({"net": {"hidden": []}}).changed({"net": {"hidden": [2]}}).net.activations == (
        "tanh",
    )
    assert settings.changed({"training": {"optimizer": "adam"}}).training.learning_rate == 0.001
    quantile = settings.changed({"net": {"loss": "quantile", "option": 0.9}})
    assert quantile.changed({"net": {"seed": 1}}).net.option == 0.9
    assert quantile.changed({"net": {"loss": "squared_error"}}).net.option is None
    focused = settings.changed({"focus": [0]})
    assert focused.changed({"training": {"optimizer": "adam"}}).focus == (0,)
    assert focused.changed({"data": {"noise": 0.1}}).focus is None


def test_a_table_without_text_is_another_choice_of_columns() -> None:
    settings = Settings().changed({"data": {"kind": "table", "table": TABLE}})
    again = {**TABLE, "text": None, "inputs": ["b"], "target": "a", "classes": True}
    changed = settings.changed({"data": {"table": again}}).data.table
    assert changed is not None
    assert (changed.text, changed.inputs, changed.classes) == (TABLE["text"], ("b",), True)


@pytest.mark.parametrize(("rows", "test"), [(1, 0), (2, 0), (4, 0), (5, 0.2), (30, 0.2)])
def test_of_a_table_of_few_rows_none_is_held_out(rows: int, test: float) -> None:
    table = {**TABLE, "text": "a,b\n" + "1,2\n" * rows}
    settings = Settings().changed({"data": {"kind": "table", "table": table}})
    assert settings.data.test == test
    asked = settings.changed({"data": {"test": 0.5}})
    assert asked.changed({"data": {"table": {**table, "text": None, "target": "a"}}}).data.test == 0.5
    longer = {**table, "text": "a,b\n" + "1,2\n" * 50}
    assert asked.changed({"data": {"kind": "table", "table": longer}}).data.test == 0.5
    assert asked.changed({"data": {"kind": "table", "table": {**TABLE, "text": "a,b\n2,1\n"}}}).data.test == 0


BAD: list[tuple[Any, str]] = [
    (None, "settings does not fit: expected an object, got None"),
    ({"dat": {}}, "unknown field of settings.*try 'data'"),
    ({"data": []}, "data does not fit"),
    ({"data": {"kind": "spirl"}}, "unknown kind of data.*try 'spiral'"),
    ({"data": {"rows": 1}}, "rows do not fit"),
    ({"data": {"rows": 2001}}, "rows do not fit: expected 2 to 2000, got 2001"),
    ({"data": {"rows": 1.5}}, "rows does not fit"),
    ({"data": {"rows": True}}, "rows does not fit"),
    ({"data": {"noise": -0.1}}, "noise does not fit"),
    ({"data": {"noise": 1.1}}, "noise does not fit"),
    ({"data": {"noise": "0.1"}}, "noise does not fit"),
    ({"data": {"noise": float("nan")}}, "noise does not fit"),
    ({"data": {"test": 0.95}}, "test does not fit"),
    ({"data": {"seed": -1}}, "seed does not fit"),
    ({"data": {"seed": 2**53}}, "seed does not fit"),
    ({"data": {"kind": "table"}}, "a table does not fit"),
    ({"data": {"kind": "table", "table": {}}}, "table does not fit"),
    ({"data": {"kind": "table", "table": {**TABLE, "path": "/etc/passwd"}}}, "unknown field of a table"),
    ({"data": {"kind": "table", "table": {**TABLE, "inputs": [1]}}}, "table does not fit"),
    ({"data": {"kind": "table", "table": {**TABLE, "inputs": "ab"}}}, "table does not fit"),
    ({"data": {"kind": "table", "table": {**TABLE, "classes": "yes"}}}, "table does not fit"),
    ({"net": {"hidden": 3}}, "hidden does not fit"),
    ({"net": {"hidden": [0]}}, "hidden does not fit"),
    ({"net": {"hidden": [13]}}, "hidden does not fit: expected 1 to 12 units a layer, got 13"),
    ({"net": {"hidden": [1] * 7}}, "hidden does not fit: expected at most 6 layers, got 7"),
    ({"net": {"hidden": ["3"]}}, "hidden does not fit"),
    ({"net": {"activations": ["tanh", "tanh"]}}, "activation is one value, or one for each"),
    ({"net": {"activations": ["tan"]}}, "unknown activation.*try 'tanh'"),
    ({"net": {"activations": [["tanh"]]}}, "unknown activation"),
    ({"net": {"output": "softmx"}}, "unknown output.*try 'softmax'"),
    ({"net": {"loss": "mse"}}, "unknown loss"),
    ({"net": {"option": 1}}, "auto has no option"),
    ({"net": {"loss": "squared_error", "option": 1}}, "squared_error has no option"),
    ({"net": {"loss": "quantile", "option": 1}}, "quantile: q does not fit"),
    ({"net": {"loss": "huber", "option": "x"}}, "delta does not fit"),
    ({"net": {"init": "he"}}, "unknown init"),
    ({"net": {"l1": -1}}, "l1 does not fit"),
    ({"net": {"l2": 10**400}}, "l2 does not fit"),
    ({"training": {"optimizer": "lbfgs"}}, "unknown optimizer"),
    ({"training": {"learning_rate": 0}}, "learning_rate does not fit"),
    ({"training": {"batch": 0}}, "batch does not fit"),
    ({"training": {"update": "both"}}, "unknown update"),
    ({"training": {"freeze": "W1"}}, "freeze does not fit"),
    ({"training": {"freeze": [1]}}, "freeze does not fit"),
    ({"focus": []}, "focus does not fit"),
    ({"focus": [1, 1]}, "focus does not fit"),
    ({"focus": [-1]}, "focus does not fit"),
    ({"focus": list(range(2001))}, "focus does not fit"),
    ({"preset": 3}, "preset does not fit"),
]


@pytest.mark.parametrize(("changes", "message"), BAD, ids=lambda value: str(value)[:60])
def test_what_cannot_be_is_refused(changes: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        Settings().changed(changes)


def test_no_optimiser_without_single_steps_is_offered() -> None:
    assert "lbfgs" not in STEPPING
