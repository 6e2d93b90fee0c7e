"""The table encoder: what each kind of column becomes, how columns are found, and what is refused."""

import datetime as dt
import pickle
from decimal import Decimal
from random import Random
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearprop.errors import InputError
from clearprop.estimators.cells import read_cells
from clearprop.estimators.columns import MAX_CATEGORIES, TableEncoder

pa = pytest.importorskip("pyarrow")

Rows = list[tuple[float | None, str | None, bool]]

PEOPLE: dict[str, list[Any]] = {
    "age": [20.0, 40.0, None, 60.0],
    "city": ["Rome", "Paris", "Rome", None],
    "member": [True, False, None, True],
    "planet": ["Earth"] * 4,
    "joined": [dt.date(2020, 1, 1), dt.date(2020, 1, 2), dt.date(2020, 1, 3), dt.date(2020, 1, 4)],
    "visit": [dt.timedelta(seconds=s) for s in (60, 90, 30, 0)],
    "nothing": [None] * 4,
}
TEXTS = st.one_of(st.none(), st.text(max_size=2))
NUMBERS = st.one_of(st.none(), st.floats(allow_infinity=False))
ROWS = st.lists(st.tuples(NUMBERS, TEXTS, st.booleans()), min_size=1, max_size=12)


def table_of(rows: Rows) -> Any:
    numbers, texts, flags = zip(*rows, strict=True)
    types = {"number": pa.float64(), "text": pa.string(), "flag": pa.bool_(), "row": pa.int64()}
    columns = {"number": numbers, "text": texts, "flag": flags, "row": [0, *range(1, len(rows))]}
    return pa.table({name: pa.array(values, types[name]) for name, values in columns.items()})


def encode(**columns: object) -> dict[str, list[float]]:
    table = pa.table(columns)
    encoder = TableEncoder.fit(table)
    return dict(zip(encoder.feature_names_out, encoder.transform(table).T.tolist(), strict=True))


def test_a_small_table_worked_by_hand() -> None:
    encoder = TableEncoder.fit(pa.table(PEOPLE))
    assert encoder.feature_names_in == tuple(PEOPLE)
    Z = encoder.transform(pa.table(PEOPLE))
    z = 1 / np.sqrt(1 + 1 / 9)  # one spread away from the median, clipped smoothly
    columns = dict(zip(encoder.feature_names_out, Z.T.tolist(), strict=True))
    assert list(columns) == [
        "age", "age is missing", "city=Paris", "city=Rome", "city is missing", "member", "joined", "visit"
    ]  # fmt: skip
    np.testing.assert_allclose(columns["age"], [-z, 0, 0, z])  # quartiles 30 and 50
    assert columns["age is missing"] == [0, 0, 1, 0]
    assert columns["city=Paris"] == [0, 1, 0, 0]
    assert columns["city=Rome"] == [1, 0, 1, 0]
    assert columns["city is missing"] == [0, 0, 0, 1]
    assert columns["member"] == [1, -1, 0, 1]
    days = np.array([-1, -1 / 3, 1 / 3, 1])
    np.testing.assert_allclose(columns["joined"], days / np.sqrt(1 + (days / 3) ** 2))
    assert columns["visit"][3] < columns["visit"][2] < columns["visit"][0] < columns["visit"][1]


def test_describe_says_what_was_understood() -> None:
    described = {entry.pop("name"): entry for entry in TableEncoder.fit(pa.table(PEOPLE)).describe()}
    assert described == {
        "age": {"kind": "number", "missing": 1, "detail": "median 40, spread 20"},
        "city": {"kind": "category", "missing": 1, "detail": "2 categories"},
        "member": {"kind": "boolean", "missing": 1, "detail": "false or true"},
        "planet": {"kind": "constant", "missing": 0, "detail": "the same value throughout"},
        "joined": {"kind": "datetime", "missing": 0, "detail": "median 2020-01-02T12:00:00, spread 1.5 days"},
        "visit": {"kind": "duration", "missing": 0, "detail": "median 45 s, spread 45 s"},
        "nothing": {"kind": "constant", "missing": 4, "detail": "no values"},
    }


def test_one_value_and_missing_ones_are_told_apart() -> None:
    assert encode(x=[5.0, None, 5.0]) == {"x is missing": [0, 1, 0]}
    assert encode(c=["a", None, "a"]) == {"c=a": [1, 0, 1], "c is missing": [0, 1, 0]}
    assert encode(b=[False, None, False]) == {"b": [-1, 0, -1]}
    (described,) = TableEncoder.fit(pa.table({"x": [5, None]})).describe()
    assert described["detail"] == "the same value wherever there is one"


def test_missing_values_that_were_not_seen_in_training_become_the_median_and_no_category() -> None:
    encoder = TableEncoder.fit(pa.table({"x": [1.0, 2.0], "c": ["a", "b"], "b": [True, False]}))
    new = pa.table({"x": [None], "c": [None], "b": [None]})
    np.testing.assert_array_equal(encoder.transform(new), [[0, 0, 0, 0]])


def test_an_unseen_category_becomes_zeros() -> None:
    encoder = TableEncoder.fit(pa.table({"c": ["a", "b", None]}))
    np.testing.assert_array_equal(encoder.transform(pa.table({"c": ["z"]})), [[0, 0, 0]])


def test_a_category_called_missing_is_not_a_missing_value() -> None:
    columns = encode(c=["missing", None, "x"])
    assert columns == {"c=missing": [1, 0, 0], "c=x": [0, 0, 1], "c is missing": [0, 1, 0]}


def test_only_the_most_frequent_categories_get_an_output_ties_by_name() -> None:
    names = [f"{i:03}" for i in range(100)]
    table = pa.table({"id": [*names[::-1], "099", None]})
    encoder = TableEncoder.fit(table)
    kept = [*names[: MAX_CATEGORIES - 1], "099"]
    assert encoder.feature_names_out == (*(f"id={name}" for name in kept), "id is missing")
    Z = encoder.transform(table)
    assert Z.shape == (102, MAX_CATEGORIES + 1)
    assert (Z.sum(axis=1) == [name in kept for name in names[::-1]] + [1, 1]).all()
    assert encoder.describe()[0]["detail"] == "the 64 most frequent of 100 categories"


def test_columns_are_found_by_name_and_constant_ones_are_not_needed() -> None:
    encoder = TableEncoder.fit(pa.table(PEOPLE))
    shuffled = pa.table({name: PEOPLE[name] for name in sorted(PEOPLE, reverse=True)} | {"extra": ["?"] * 4})
    telling = shuffled.drop(["planet", "nothing"])
    np.testing.assert_array_equal(encoder.transform(shuffled), encoder.transform(pa.table(PEOPLE)))
    np.testing.assert_array_equal(encoder.transform(telling), encoder.transform(pa.table(PEOPLE)))


def test_numbers_and_truth_values_pass_for_each_other_and_both_for_categories() -> None:
    encoder = TableEncoder.fit(pa.table({"n": [0, 1, 2], "b": [True, False, True], "c": ["1", "2", "x"]}))
    one = encoder.transform(pa.table({"n": [True, False], "b": [1, 0], "c": [1.0, 2.0]}))
    other = encoder.transform(pa.table({"n": [1, 0], "b": [True, False], "c": ["1", "2"]}))
    np.testing.assert_array_equal(one, other)


def test_decimals_and_times_of_day_are_numbers() -> None:
    columns = encode(d=[Decimal("1.10"), None, Decimal("3.10")], t=[dt.time(1), dt.time(2), dt.time(3)])
    np.testing.assert_array_equal(columns["t"], encode(t=[3600, 7200, 10800])["t"])
    np.testing.assert_array_equal(columns["d"], encode(d=[1.1, None, 3.1])["d"])


def test_one_instant_in_any_unit_or_time_zone_is_one_number() -> None:
    ticks = np.random.default_rng(0).integers(-(10**15), 2 * 10**15, 101)  # microseconds since 1970
    types = [pa.timestamp("us"), pa.timestamp("ns"), pa.timestamp("us", "Asia/Tokyo")]
    columns = [pa.array(ticks, types[0]), pa.array(ticks * 1000, types[1]), pa.array(ticks, types[2])]
    for column in columns:
        frame = nw.from_native(pa.table({"t": column}), eager_only=True)
        assert read_cells(frame["t"]).numbers.tolist() == (ticks / 10**6).tolist()
    assert (ticks * 1000 / 10**9 != ticks / 10**6).any()  # a plain quotient would differ


@pytest.mark.parametrize(
    ("column", "message"),
    [
        (
            ["1", "n/a", None],
            r"'x'.*expected numbers, got 'n/a' in row 1, counted from 0 \(column type String\)",
        ),
        ([None, "1", "2"], r"'x'.*expected numbers, got '1' in row 1"),
        ([dt.date(2020, 1, 1)] * 3, r"'x'.*expected numbers, got datetime.date\(2020, 1, 1\) in row 0"),
        ([1.0, float("inf"), 0.0], r"'x'.*not a finite number, got inf in row 1"),
        ([[1], [2], None], r"'x'.*nothing can be learnt.*got List\(Int64\) \(list\)"),
    ],
)
def test_what_is_not_a_number_is_named_by_row_and_value(column: list[object], message: str) -> None:
    encoder = TableEncoder.fit(pa.table({"x": [1, 2, 3], "ok": [1, 2, 3]}))
    with pytest.raises(InputError, match=message):
        encoder.transform(pa.table({"ok": [1, 2, 3], "x": column}))


@pytest.mark.parametrize(
    ("learnt", "given", "message"),
    [
        ([True, False], [0, 2], "expected true and false, got 2 in row 1"),
        ([True, False], ["yes", "no"], "expected true and false, got 'yes' in row 0"),
        (["a", "b"], [dt.date(2020, 1, 1)] * 2, "expected text"),
        (
            [dt.date(2020, 1, 1), dt.date(2020, 1, 2)],
            ["2020-01-01", None],
            "expected dates, got '2020-01-01'",
        ),
        ([dt.timedelta(1), dt.timedelta(2)], [None, 7], "expected durations, got 7 in row 1"),
        ([dt.time(1), dt.time(2)], [dt.timedelta(1)] * 2, "expected times of day"),
    ],
)
def test_another_kind_than_was_learnt_is_refused(
    learnt: list[object], given: list[object], message: str
) -> None:
    encoder = TableEncoder.fit(pa.table({"x": learnt}))
    with pytest.raises(InputError, match=f"'x' does not fit what was learnt: {message}"):
        encoder.transform(pa.table({"x": given}))


def test_missing_columns_are_listed_with_the_closest_match() -> None:
    encoder = TableEncoder.fit(pa.table({"AGE": [1, 2], "height": [1, 2], "zip": [1, 2]}))
    message = (
        r"expected 'AGE' \(did you mean 'age'\?\), 'height' \(did you mean 'heigth'\?\), got 'age', 'heigth'"
    )
    with pytest.raises(InputError, match=message):
        encoder.transform(pa.table({"age": [1], "heigth": [2], "zip": [3]}))
    with pytest.raises(InputError, match=r"expected 'zip' \(did you mean 'ZIP'\?\)"):
        encoder.transform(pa.table({"AGE": [1], "height": [2], "ZIP": [3]}))
    with pytest.raises(InputError, match=r"a column that was learnt: expected 'zip', got 'AGE', 'height'$"):
        encoder.transform(pa.table({"AGE": [1], "height": [2]}))


def test_a_table_of_constants_is_refused() -> None:
    with pytest.raises(InputError, match="every column of the table is constant or empty, got 'a', 'b'"):
        TableEncoder.fit(pa.table({"a": [1, 1], "b": [None, None]}))


@given(ROWS)
def test_every_output_is_finite_and_bounded_and_named(rows: Rows) -> None:
    table = table_of([*rows, (1.0, "a", True), (2.0, "b", False)])
    encoder = TableEncoder.fit(table)
    Z = encoder.transform(table)
    assert Z.shape == (len(rows) + 2, len(encoder.feature_names_out))
    assert Z.dtype == np.float64
    assert (np.abs(Z) <= 3).all()
    one_hot = [name.startswith("text") for name in encoder.feature_names_out]
    assert (Z[:, one_hot].sum(axis=1) == 1).all()


@given(ROWS, st.randoms(use_true_random=False))
def test_the_order_of_the_rows_does_not_matter(rows: Rows, random: Random) -> None:
    table = table_of([*rows, (1.0, "a", True), (2.0, "b", False)])
    order = list(range(table.num_rows))
    random.shuffle(order)
    one, other = TableEncoder.fit(table), TableEncoder.fit(table.take(order))
    assert pickle.dumps(one) == pickle.dumps(other)
    np.testing.assert_array_equal(one.transform(table)[order], other.transform(table.take(order)))
