"""The way of a table encoder through a model file: whole to the bit, or refused with one typed error."""

import datetime as dt
import json
import pickle
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clearprop.errors import ModelFileError
from clearprop.estimators.columns import MAX_CATEGORIES, TableEncoder

pa = pytest.importorskip("pyarrow")

NUMBER: dict[str, object] = {"name": "x", "kind": "number", "missing": 0}
CATEGORY: dict[str, object] = {
    "name": "c",
    "kind": "category",
    "missing": 0,
    "categories": ["a", "b"],
    "distinct": 2,
}
ONE = {"center": np.zeros(1), "scale": np.ones(1)}
NONE = {"center": np.zeros(0), "scale": np.zeros(0)}
MANY = sorted(str(i) for i in range(MAX_CATEGORIES + 1))
WRONG_KINDS: list[object] = [None, "text", "empty", "__class__", [], {"a": 1}]
WRONG_COUNTS: list[object] = [None, -1, True, 2.0, "2", []]
DAYS = [dt.date(2020, 1, 1), dt.date(1066, 10, 14)]
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)


@given(st.lists(NUMBERS, min_size=1, max_size=9), st.lists(st.text(max_size=3), max_size=9))
def test_parts_survive_json_and_pickle_to_the_bit(numbers: list[float], texts: list[str]) -> None:
    columns: dict[str, list[Any]] = {"x": [*numbers, 0.0, 1.0], "c": [*texts, "a", "b", None], "day": DAYS}
    rows = max(len(values) for values in columns.values())
    table = pa.table({name: [*values, *[None] * (rows - len(values))] for name, values in columns.items()})
    encoder = TableEncoder.fit(table)
    config, arrays = encoder.to_parts()
    assert set(config) == {"columns"}
    for again in (
        TableEncoder.from_parts(json.loads(json.dumps(config)), arrays),
        pickle.loads(pickle.dumps(encoder)),
    ):
        assert again.columns == encoder.columns
        assert again.scaling.center.tobytes() == encoder.scaling.center.tobytes()
        assert again.scaling.scale.tobytes() == encoder.scaling.scale.tobytes()
        assert again.transform(table).tobytes() == encoder.transform(table).tobytes()
        assert again.describe() == encoder.describe()


def test_parts_are_copies() -> None:
    table = pa.table({"x": [1.0, 2.0], "c": ["a", "b"]})
    encoder = TableEncoder.fit(table)
    config: Any
    config, arrays = encoder.to_parts()
    again = TableEncoder.from_parts(config, arrays)
    before = encoder.transform(table)
    arrays["center"][:] = 7
    arrays["scale"][:] = 0
    config["columns"][1]["categories"].clear()
    for one in (encoder, again):
        np.testing.assert_array_equal(one.transform(table), before)


def test_the_smallest_sound_parts_are_taken() -> None:
    assert TableEncoder.from_parts({"columns": [NUMBER]}, ONE).feature_names_out == ("x",)
    assert TableEncoder.from_parts({"columns": [CATEGORY]}, NONE).feature_names_out == ("c=a", "c=b")


@pytest.mark.parametrize(
    "config",
    [
        None,
        [],
        "columns",
        {},
        {"columns": None},
        {"columns": []},
        {"columns": "x"},
        {"columns": [NUMBER], "more": 1},
        {"columns": [None]},
        {"columns": [["x", "number", 0]]},
        {"columns": [{}]},
        {"columns": [NUMBER, NUMBER]},
        {"columns": [NUMBER | {"kind": "constant"}]},
        *({"columns": [NUMBER | {"name": name}]} for name in (None, 3, ["x"])),
        *({"columns": [NUMBER | {"kind": kind}]} for kind in WRONG_KINDS),
        *({"columns": [NUMBER | {"missing": count}]} for count in WRONG_COUNTS),
        {"columns": [NUMBER | {"categories": ["a"], "distinct": 1}]},
        {"columns": [{"name": "x", "kind": "number"}]},
    ],
)
def test_a_damaged_configuration_is_refused(config: object) -> None:
    with pytest.raises(ModelFileError):
        TableEncoder.from_parts(config, ONE)


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "number"},
        {"more": 1},
        {"missing": False},
        *(
            {"categories": labels}
            for labels in (None, "ab", [], [1, 2], ["a", None], ["b", "a"], ["a", "a"], [["a"]])
        ),
        *({"distinct": count} for count in (*WRONG_COUNTS, 1)),
        {"categories": MANY, "distinct": len(MANY)},
    ],
)
def test_damaged_categories_are_refused(change: dict[str, object]) -> None:
    with pytest.raises(ModelFileError):
        TableEncoder.from_parts({"columns": [CATEGORY | change]}, NONE)


@pytest.mark.parametrize(
    "change",
    [
        {"more": np.zeros(1)},
        {"center": np.array([np.nan])},
        {"center": [0.0]},
        {"center": None},
        *({"scale": np.array([scale])} for scale in (0.0, -1.0, np.inf, np.nan)),
        {"scale": np.ones(1, dtype=np.float32)},
        {"scale": np.ones(1, dtype=">f8")},
        {"scale": np.array([None])},
        {"scale": np.ones(2)},
        {"scale": np.ones((1, 1))},
        {"scale": np.ones(())},
    ],
)
def test_damaged_arrays_are_refused(change: dict[str, object]) -> None:
    with pytest.raises(ModelFileError):
        TableEncoder.from_parts({"columns": [NUMBER]}, ONE | change)


@pytest.mark.parametrize("arrays", [None, [], {}, {"center": np.zeros(1)}, {1: 2, "scale": np.ones(1)}])
def test_lost_arrays_are_refused(arrays: object) -> None:
    with pytest.raises(ModelFileError):
        TableEncoder.from_parts({"columns": [NUMBER]}, arrays)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
)


@settings(max_examples=200)
@given(st.sampled_from([*CATEGORY]), JSON)
def test_any_json_in_place_of_a_value_is_taken_whole_or_refused(key: str, value: object) -> None:
    config = {"columns": [CATEGORY | {key: value}]}
    try:
        encoder = TableEncoder.from_parts(config, NONE)
    except ModelFileError:
        return
    assert encoder.to_parts()[0] == config
    assert len(encoder.describe()) == 1
