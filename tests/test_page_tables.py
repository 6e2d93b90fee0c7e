"""Tables on the page: what is read, and what is refused with its place."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from clearprop.errors import InputError
from clearprop.page import limits
from clearprop.page.reading import parse
from clearprop.page.settings import Table
from clearprop.page.tables import look, read_columns

FLOWERS = "width,height,kind\n1.5,2,rose\n2.5,-3e1,lily\n,4,rose\n"


def test_what_is_in_a_table() -> None:
    assert look(FLOWERS) == {
        "columns": [
            {"name": "width", "numeric": False, "different": 3, "odd": ("", 4)},
            {"name": "height", "numeric": True, "different": 3, "odd": None},
            {"name": "kind", "numeric": False, "different": 2, "odd": None},
        ],
        "rows": 3,
        "comma": None,
        "first": [["1.5", "2", "rose"], ["2.5", "-3e1", "lily"], ["", "4", "rose"]],
    }


@pytest.mark.parametrize(
    "text",
    [
        "a;b\n1,5;2\n",
        "a\tb\n1.5\t2\n",
        "\ufeffa,b\r\n1.5,2\r\n",
        '"a",b\n"1.5",2\n',
        "a | b\n\n 1.5 | 2 \n\n",
        "a,b\r1.5,2",
    ],
)
def test_delimiters_line_ends_and_quotes(text: str) -> None:
    found = parse(text)
    assert (found.names, found.numbers) == (("a", "b"), {"a": [1.5], "b": [2.0]})


def test_a_quoted_cell_may_hold_everything() -> None:
    assert parse('a,b\n"x, ""y""\nz",1\n').texts["a"] == ['x, "y"\nz']


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "a table is a text"),
        (["a,b"], "a table is a text"),
        ("", "the table has no rows"),
        ("a,b\n", "the table has no rows"),
        ("a\n1\n", "expected 2 to 50 columns, got 1"),
        (",".join(f"c{k}" for k in range(51)) + "\n" + ",".join("1" * 51), "got 51"),
        ("a,b\n1,2\n1\n", "line 3 does not fit the header: expected 2 cells, got 1"),
        ("a,b\n1,2,3\n", "line 2 does not fit the header"),
        ("a,a\n1,2\n", "two columns are called 'a'"),
        ("1,2\n3,4\n", "the first line holds numbers"),
        ('a,b\n1,"2\n', "line 2 cannot be read"),
        ('a,b\n1,"2"3\n', "line 2 cannot be read"),
        ("a,b\n1,\0\n", "NUL"),
        (
            "a,b\n" + "1,2\n" * 250_001,
            "the table is too large: expected at most 1,000 kB|too large, expected",
        ),
        ("a,b\n1," + "9" * 200_000 + "\n", "field larger than field limit"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_what_is_no_table_is_refused_with_its_place(text: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        parse(text)


def chosen(text: str, inputs: tuple[str, ...], target: str, classes: bool | None = None) -> Any:
    return read_columns(Table("t", text, inputs, target, classes))


def test_texts_are_classes_and_numbers_are_numbers() -> None:
    X, Y, inputs, targets, classes, left = chosen(FLOWERS, ("height",), "kind")
    assert (X.tolist(), Y.tolist(), classes) == ([[2], [-30], [4]], [1, 0, 1], ("lily", "rose"))
    assert (inputs, targets, left) == (("height",), ("kind",), 0)
    _, Y, _, _, classes, _ = chosen("a,b\n1,10\n2,9\n3,10\n", ("a",), "b")
    assert (Y.tolist(), classes) == ([[10], [9], [10]], ())


def test_numbers_may_be_classes_in_their_order() -> None:
    _, Y, _, _, classes, _ = chosen("a,b\n1,10\n2,9\n3,10\n", ("a",), "b", classes=True)
    assert (Y.tolist(), classes) == ([1, 0, 1], ("9", "10"))


def test_every_number_is_read_to_the_bit() -> None:
    values = np.random.default_rng(0).normal(size=200) * 10.0 ** np.random.default_rng(1).integers(
        -300, 300, 200
    )
    text = "a,b\n" + "".join(f"{value!r},0\n" for value in values.tolist())
    X, *_ = chosen(text, ("a",), "b")
    assert X[:, 0].tobytes() == values.tobytes()


def test_of_a_long_table_the_first_rows_are_used_and_it_is_said() -> None:
    X, Y, *_, left = chosen("a,b\n" + "1,2\n" * 2500, ("a",), "b")
    assert len(X) == len(Y) == limits.ROWS
    assert left == 500


@pytest.mark.parametrize(
    ("inputs", "target", "classes", "message"),
    [
        (("heigt",), "kind", None, "unknown column.*try 'height'"),
        (("height",), "kin", None, "unknown column.*try 'kind'"),
        ((), "kind", None, "inputs do not fit"),
        (("height", "height"), "kind", None, "inputs do not fit"),
        (("height",), "height", None, "the target 'height' is an input too"),
        (
            ("width",),
            "kind",
            None,
            "column 'width' does not fit: expected a number in each row, got '' in line 4",
        ),
        (("height",), "width", None, "column 'width' does not fit: .* '' in line 4"),
        (("height",), "width", True, "column 'width' lacks a value: .* line 4"),
        (("height",), "kind", False, "column 'kind' does not fit"),
    ],
)
def test_a_choice_that_cannot_be_is_refused(
    inputs: tuple[str, ...], target: str, classes: bool | None, message: str
) -> None:
    with pytest.raises(InputError, match=message):
        chosen(FLOWERS, inputs, target, classes)


def test_the_first_cell_that_is_no_number_is_named_by_its_line() -> None:
    text = 'a,b\n\n1,"x\ny"\n2,x\n' + "n/a,1\n" + "?,x\n" + "3,x\n" * 3
    assert [one["odd"] for one in look(text)["columns"]] == [("n/a", 6), None]
    assert look("a,b\n1,x\n" + "y" * 99 + ",x\n3,x\n")["columns"][0]["odd"] == ("y" * 40, 3)


@pytest.mark.parametrize("cell", ["nan", "n/a", "1.2.3", ""])
def test_a_target_of_numbers_with_another_cell_is_refused_and_the_cell_named(cell: str) -> None:
    for rows in (4, 20):
        text = f"a,b\n1,1\n2,{cell}\n" + "".join(f"{k},{k}\n" for k in range(rows))
        with pytest.raises(InputError, match=f"'b' does not fit: .* got '{cell}' in line 3; try mending it"):
            chosen(text, ("a",), "b")


def test_numbers_with_another_cell_are_classes_where_that_is_asked_for() -> None:
    text = "a,doors\n1,2\n2,3\n3,5more\n"
    assert chosen(text, ("a",), "doors", classes=True)[4] == ("2", "3", "5more")


def test_a_comma_taken_for_the_decimal_point_is_said() -> None:
    assert look('a,b\n"x,y",1\nz,"1,234"\nz,"2,345"\n')["comma"] == ("1,234", "1.234")
    assert look('a,b\n"x,y",1\nz,1.234\n')["comma"] is None


def test_classes_of_numbers_are_named_as_short_as_reads_back() -> None:
    numbers = ["0.1", "0.30000000000000004", "0.3", "2.0", "-7", "1e300"]
    text = "a,b\n" + "".join(f"1,{one}\n" for one in numbers)
    classes = chosen(text, ("a",), "b", classes=True)[4]
    assert classes == ("-7", "0.1", "0.3", "0.30000000000000004", "2", "1e+300")


def test_a_target_of_one_class_or_of_many_is_refused() -> None:
    with pytest.raises(InputError, match="got 1 different texts"):
        chosen("a,b\n1,x\n2,x\n", ("a",), "b")
    with pytest.raises(InputError, match="got 13 different texts"):
        chosen("a,b\n" + "".join(f"1,x{k}\n" for k in range(13)), ("a",), "b")


@pytest.mark.parametrize("number", ["1e400", "nan", "inf", "0x10", "1_000", "١", "1,2,3", "", "--1"])
def test_what_is_no_finite_number_is_text(number: str) -> None:
    assert "a" not in parse(f'a,b\n"{number}",1\n').numbers
