"""Raw tables: the same data gives the same numbers in every library; what is no sound table is refused."""

import datetime as dt
import subprocess
import sys
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from clearprop.errors import InputError
from clearprop.estimators.columns import TableEncoder, is_table

pa = pytest.importorskip("pyarrow")
pd = pytest.importorskip("pandas")
pl = pytest.importorskip("polars")

DATA = {
    "int": [1, None, 2**53 + 1, -5],
    "small": [1, 2, None, 100],
    "float": [0.1, float("nan"), None, 1e300],
    "flag": [True, None, False, True],
    "text": ["b", "a", None, "é"],
    "decimal": [Decimal("1.10"), None, Decimal("0.30"), Decimal("7.77")],
    "day": [dt.date(2020, 1, 1), None, dt.date(1066, 10, 14), dt.date(2024, 2, 29)],
    "moment": [dt.datetime(2020, 1, 1, 1, 2, 3, 456), dt.datetime(1931, 1, 1), None, dt.datetime(2100, 1, 1)],
    "zoned": [dt.datetime(2020, 7, 1, 1, tzinfo=dt.UTC), None, *[dt.datetime(2024, 1, 1, tzinfo=dt.UTC)] * 2],
    "span": [dt.timedelta(1, 2, 3), None, dt.timedelta(-1), dt.timedelta(0)],
    "clock": [dt.time(1, 2, 3, 4), None, dt.time(0), dt.time(23, 59)],
    "constant": [7, 7, 7, 7],
    "empty": [None] * 4,
}
ARROW = pa.table(DATA).set_column(1, "small", pa.array(DATA["small"], pa.int8()))
NULLABLE = {
    pa.int64(): pd.Int64Dtype(),
    pa.int8(): pd.Int8Dtype(),
    pa.float64(): pd.Float64Dtype(),
    pa.bool_(): pd.BooleanDtype(),
    pa.string(): pd.StringDtype(),
}
TABLES = {
    "pyarrow": ARROW,
    "polars": pl.from_arrow(ARROW),
    "pandas": ARROW.to_pandas(),
    "pandas, nullable types": ARROW.to_pandas(types_mapper=NULLABLE.get),
    "pandas, pyarrow types": ARROW.to_pandas(types_mapper=pd.ArrowDtype),
    "pandas, objects": pd.DataFrame(DATA, dtype=object),
    "pandas, odd index": ARROW.to_pandas().set_index(pd.Index([3, 3, 0, 1])),
}


@pytest.mark.parametrize("name", TABLES)
def test_the_same_data_gives_the_same_bits_in_every_library(name: str) -> None:
    one, other = TableEncoder.fit(ARROW), TableEncoder.fit(TABLES[name])
    assert other.describe() == one.describe()
    assert other.scaling.center.tobytes() == one.scaling.center.tobytes()
    assert other.scaling.scale.tobytes() == one.scaling.scale.tobytes()
    assert one.transform(TABLES[name]).tobytes() == one.transform(ARROW).tobytes()


@pytest.mark.parametrize("name", TABLES)
def test_a_changed_value_changes_the_numbers(name: str) -> None:
    encoder = TableEncoder.fit(TABLES[name])
    other = pa.table(DATA | {"text": ["a", "a", None, "é"]})
    assert encoder.transform(other).tobytes() != encoder.transform(TABLES[name]).tobytes()


def categories(column: Any) -> dict[str, list[float]]:
    table = pd.DataFrame({"c": column})
    encoder = TableEncoder.fit(table)
    return dict(zip(encoder.feature_names_out, encoder.transform(table).T.tolist(), strict=True))


def test_categories_are_known_by_their_text_whatever_they_are() -> None:
    of_ints = {"c=1": [1, 0, 0], "c=20": [0, 0, 1], "c is missing": [0, 1, 0]}
    assert categories(pd.Categorical([1, None, 20])) == of_ints
    assert categories(pd.Categorical([1.0, None, 20.0])) == of_ints
    assert categories(pd.Categorical(["1", None, "20"], ordered=True)) == of_ints
    encoder = TableEncoder.fit(pd.DataFrame({"c": pd.Categorical([1, None, 20])}))
    for same in (pd.DataFrame({"c": [1, None, 20]}), pl.DataFrame({"c": ["1", None, "20"]})):
        assert dict(zip(of_ints, encoder.transform(same).T.tolist(), strict=True)) == of_ints


def test_polars_and_pyarrow_categories_are_categories() -> None:
    plain = pl.DataFrame({"c": ["b", None, "a"]})
    expected = TableEncoder.fit(plain).transform(plain)
    for dtype in (pl.Categorical, pl.Enum(["b", "a", "unused"])):
        table = plain.cast({"c": dtype})
        np.testing.assert_array_equal(TableEncoder.fit(table).transform(table), expected)
    table = pa.table({"c": pa.array(["b", None, "a"]).dictionary_encode()})
    np.testing.assert_array_equal(TableEncoder.fit(table).transform(table), expected)


def test_a_category_that_no_row_has_gets_no_output() -> None:
    assert list(categories(pd.Categorical(["a", "b"], categories=["a", "b", "c"]))) == ["c=a", "c=b"]


@pytest.mark.parametrize("missing", [None, np.nan, pd.NA, pd.NaT])
def test_every_sign_of_a_missing_value_in_an_object_column_is_missing(missing: object) -> None:
    texts = pd.Series(["a", missing, "b"], dtype=object)
    assert categories(texts) == {"c=a": [1, 0, 0], "c=b": [0, 0, 1], "c is missing": [0, 1, 0]}
    numbers = categories(pd.Series([1, missing, 2.0, 3], dtype=object))
    assert list(numbers) == ["c", "c is missing"]
    assert numbers["c"][2] == 0  # the median
    assert categories(pd.Series([True, missing, False], dtype=object)) == {"c": [1, 0, -1]}


def test_numbers_held_as_objects_are_numbers() -> None:
    plain = pd.DataFrame({"x": [1.0, 2.5, 0.0, 1.0]})
    objects = pd.DataFrame({"x": pd.Series([1, Decimal("2.5"), False, np.float32(1)], dtype=object)})
    sparse = pd.DataFrame({"x": pd.arrays.SparseArray([1.0, 2.5, 0.0, 1.0])})
    expected = TableEncoder.fit(plain).transform(plain)
    for table in (objects, sparse, pl.DataFrame({"x": [1, 2, 0, 1]}, schema={"x": pl.Int128})):
        if isinstance(table, pd.DataFrame):
            np.testing.assert_array_equal(TableEncoder.fit(table).transform(table), expected)
        assert TableEncoder.fit(table).describe()[0]["kind"] == "number"


def test_moments_held_as_objects_count_from_1970_in_utc() -> None:
    tokyo = dt.timezone(dt.timedelta(hours=9))
    moments = [dt.datetime(1970, 1, 1, 9, tzinfo=tokyo), dt.datetime(1970, 1, 1, 1), dt.date(1970, 1, 2)]
    objects = pd.DataFrame({"x": pd.Series(moments, dtype=object)})
    seconds = pd.DataFrame({"x": [0, 3600, 86400]})
    expected = TableEncoder.fit(seconds).transform(seconds)
    np.testing.assert_array_equal(TableEncoder.fit(objects).transform(objects), expected)


def test_an_integer_beyond_float64_is_refused_like_an_infinite_value() -> None:
    table = pd.DataFrame({"x": pd.Series([1, -(10**400)], dtype=object)})
    with pytest.raises(InputError, match=r"'x' .*not a finite number, got -inf in row 1"):
        TableEncoder.fit(table)


def test_dates_beyond_the_calendar_are_numbers_all_the_same_or_refused() -> None:
    far = pa.table({"t": pa.array([10**8, 0], pa.date32()), "ok": [1, 2]})
    assert TableEncoder.fit(far).scaling.center[0] == 10**8 * 86400 / 2
    with pytest.raises(InputError, match="'t' holds values that Python has no form for"):
        TableEncoder.fit(pa.table({"t": [1, 2]})).transform(far)
    with pytest.raises(InputError, match="'t' holds values that Python has no form for"):
        TableEncoder.fit(pa.table({"t": pa.array([10**18, 2], pa.date64())}))


def test_a_mixture_of_text_and_numbers_is_refused() -> None:
    with pytest.raises(
        InputError, match=r"'c' holds values of several kinds.*got 'a' and, in row 3, counted from 0, 7; try"
    ):
        categories(pd.Series(["a", None, "b", 7], dtype=object))
    encoder = TableEncoder.fit(pd.DataFrame({"c": [1, 2]}))
    with pytest.raises(InputError, match="got 'x' in row 1"):
        encoder.transform(pd.DataFrame({"c": pd.Series([1, "x"], dtype=object)}))


@pytest.mark.parametrize(
    "column",
    [
        pd.Series([[1], [2]]),
        pd.Series([b"a", b"b"]),
        pd.Series([{"a": 1}, None]),
        pd.Series([1j, 2j]),
        pd.Series([np.timedelta64(1, "s"), np.timedelta64(2, "s")], dtype=object),
        pd.period_range("2020", periods=2, freq="D"),
        pl.Series([{"a": 1}, {"a": 2}]),
        pl.Series([[1], None]),
        pl.Series([[1, 2], [3, 4]], dtype=pl.Array(pl.Int64, 2)),
        pl.Series([b"a", None]),
        pa.array([[("a", 1)], []], pa.map_(pa.string(), pa.int64())),
    ],
    ids=lambda column: f"{type(column).__module__.split('.')[0]}-{getattr(column, 'dtype', 'map')}",
)
def test_values_that_nothing_can_be_learnt_from_are_refused(column: Any) -> None:
    frames = {"pandas": pd.DataFrame, "polars": pl.DataFrame, "pyarrow": pa.table}
    table = frames[type(column).__module__.split(".")[0]]({"ok": [1, 2], "bad": column})
    with pytest.raises(InputError, match="column 'bad' holds values that nothing can be learnt from"):
        TableEncoder.fit(table)
    with pytest.raises(InputError, match="column 'bad'"):
        TableEncoder.fit(pa.table({"bad": [1, 2]})).transform(table)


def test_dataframes_are_tables_and_nothing_else_is() -> None:
    for table in TABLES.values():
        assert is_table(table)
    for other in (None, [[1, 2]], {"a": [1]}, np.ones((2, 2)), pd.Series([1]), pl.Series([1]), pa.array([1])):
        assert not is_table(other)
    assert not is_table(pl.LazyFrame({"a": [1]}))


def test_asking_whether_something_is_a_table_imports_no_dataframe_library() -> None:
    code = (
        "import sys; from clearprop.estimators.columns import is_table; assert not is_table([[1]]); "
        "assert not {'pandas', 'polars', 'pyarrow', 'sklearn'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (np.ones((2, 2)), "not a table.*got numpy.ndarray"),
        (pl.LazyFrame({"a": [1]}), r"not a table.*LazyFrame; try table.collect\(\)"),
        (pd.DataFrame([[1, 2]]), r"name is not text, got 0 \(int\); try table.columns = "),
        (pd.DataFrame([[1, 2]], columns=["a", np.nan]), r"name is not text, got nan \(float\)"),
        (pd.DataFrame([[1]], columns=pd.MultiIndex.from_tuples([("a", "b")])), "name is not text.*tuple"),
        (pd.DataFrame([[1, 2, 3]], columns=["a", "b", "a"]), "same name, got 'a'; try renaming"),
        (pa.table([[1], [2]], names=["b", "b"]), "same name, got 'b'; try renaming"),
        (pl.DataFrame(), "has no columns"),
        (pd.DataFrame(index=[1, 2]), "has no columns"),
        (pl.DataFrame({"a": []}), r"has no rows, got shape \(0, 1\)"),
        (ARROW.slice(0, 0), "has no rows"),
    ],
)
def test_what_is_no_sound_table_is_refused(table: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        TableEncoder.fit(table)
    with pytest.raises(InputError, match=message):
        TableEncoder.fit(ARROW).transform(table)


def test_long_lists_of_columns_are_cut_short() -> None:
    wide = pa.table({f"c{i}": [1, 2] for i in range(500)})
    with pytest.raises(InputError, match=r"'c9' and 490 more.*got 'x'$"):
        TableEncoder.fit(wide).transform(pa.table({"x": [1]}))
