"""Tables of text: what is understood of a file, and what is said where one is damaged."""

from __future__ import annotations

import csv
import gzip
import io
import os
import threading
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clearprop.cli.delimiters import sniff
from clearprop.cli.faults import find_fault
from clearprop.cli.messages import close_match, listing, shown
from clearprop.cli.reading import TableFile, read_table, split_target
from clearprop.errors import InputError


@pytest.fixture
def read(tmp_path: Path) -> Any:
    def _read(content: str | bytes, name: str = "table.csv") -> TableFile:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return read_table(path)

    return _read


@pytest.fixture
def refusal(read: Any) -> Any:
    def _refusal(content: str | bytes, name: str = "table.csv") -> str:
        with pytest.raises(InputError) as caught:
            read(content, name)
        return str(caught.value)

    return _refusal


# ---------------------------------------------------------------- what is understood


@pytest.mark.parametrize(
    ("content", "delimiter", "decimal", "columns"),
    [
        ("a,b\n1,x\n2,y\n", ",", ".", {"a": [1, 2], "b": ["x", "y"]}),
        ("a;b\n1;x\n2;y\n", ";", ".", {"a": [1, 2], "b": ["x", "y"]}),
        ("a\tb\n1\tx\n2\ty\n", "\t", ".", {"a": [1, 2], "b": ["x", "y"]}),
        ("a|b\n1|x\n2|y\n", "|", ".", {"a": [1, 2], "b": ["x", "y"]}),
        ("a;b\n1,5;2,5\n-2,25;3\n", ";", ",", {"a": [1.5, -2.25], "b": [2.5, 3.0]}),
        ("a\tb\n1,234\t1\n2,500\t2\n", "\t", ",", {"a": [1.234, 2.5], "b": [1, 2]}),
        ('a,b\n"1,5",2\n"2,25",3\n', ",", ",", {"a": [1.5, 2.25], "b": [2, 3]}),
        ("a;b\n1,5;2.5\n2,5;3\n3,5;4\n", ";", ",", {"a": [1.5, 2.5, 3.5], "b": ["2.5", "3", "4"]}),
        ('id,tags\n1,"a;b|c"\n2,"d;e|f"\n', ",", ".", {"id": [1, 2], "tags": ["a;b|c", "d;e|f"]}),
        ("id,tags\n1,a;b\n2,c;d\n", ",", ".", {"id": [1, 2], "tags": ["a;b", "c;d"]}),
        ("name;city\nSmith, J;Rome\nDoe, J;Paris\n", ";", ".", {"name": ["Smith, J", "Doe, J"]}),
        ('a,b\n1,"say ""no"""\n2,"p\nq"\n', ",", ".", {"b": ['say "no"', "p\nq"]}),
        ("a,b\r\n1,2\r\n3,4\r\n", ",", ".", {"a": [1, 3], "b": [2, 4]}),
        ("a,b\r1,2\r3,4\r", ",", ".", {"a": [1, 3], "b": [2, 4]}),
        ("\n\na,b\n\n1,2\n\n3,4", ",", ".", {"a": [1, 3], "b": [2, 4]}),
        ("size\n6\n7\n", ",", ".", {"size": [6, 7]}),
        ("name\nJo Smith\nJane Doe\n", ",", ".", {"name": ["Jo Smith", "Jane Doe"]}),
        ('a,b\n5" pipe,1\nx,2\n', ",", ".", {"a": ['5" pipe', "x"], "b": [1, 2]}),
        ("PAR1,PAR2\n1,2\n", ",", ".", {"PAR1": [1], "PAR2": [2]}),
    ],
)
def test_the_layout_is_found(
    read: Any, content: str, delimiter: str, decimal: str, columns: dict[str, list[object]]
) -> None:
    file = read(content)
    found = file.table.to_pydict()
    assert (file.delimiter, file.decimal, file.format) == (delimiter, decimal, "csv")
    assert {name: found[name] for name in columns} == columns


def test_thousands_between_commas_are_no_decimals(read: Any) -> None:
    file = read('price,n\n"1,234",1\n"12,345",2\n')
    assert file.decimal == "."
    assert file.notes == ("column 'price' is read as text: row 1 has '1,234'",)


def test_types_are_inferred_column_by_column(read: Any) -> None:
    table = read("i,f,b,d,s,n\n1,1.5,true,2024-01-02,x,\n2,2,False,2024-02-03,y,NA\n").table
    kinds = [pa.int64(), pa.float64(), pa.bool_(), pa.date32(), pa.string(), pa.null()]
    assert table.schema.types == kinds


@pytest.mark.parametrize("missing", ["", "NA", "NaN", "nan", "null", "NULL", "None", "?", "N/A", " ?", '""'])
def test_missing_values_are_null_in_numbers_and_in_texts(read: Any, missing: str) -> None:
    table = read(f"a,b\n1.5,x\n{missing},{missing}\n2,y\n").table
    assert table.to_pydict() == {"a": [1.5, None, 2.0], "b": ["x", None, "y"]}


def test_white_space_around_names_and_cells_is_dropped(read: Any) -> None:
    table = read('" a ", b,c\n1 , x ,  NA  \n 2,y y,z\n').table
    assert table.to_pydict() == {"a": [1, 2], "b": ["x", "y y"], "c": [None, "z"]}


def test_missing_values_in_a_wide_margin_leave_numbers_numbers(read: Any) -> None:
    table = read("i;f;t\n 1 ;  1,5;x\n   NA ;   NA  ;y\n 3;-2;   NA  \n").table
    assert table.to_pydict() == {"i": [1, None, 3], "f": [1.5, None, -2.0], "t": ["x", "y", None]}
    assert table.schema.types == [pa.int64(), pa.float64(), pa.string()]


def test_a_text_far_below_the_first_block_makes_the_column_text(read: Any) -> None:
    file = read("a,b\n" + "1,2\n" * 400_000 + "abc,2.5\n")
    assert file.table.schema.types == [pa.string(), pa.float64()]
    assert file.notes == ("column 'a' is read as text: row 400001 has 'abc'",)


def test_a_column_of_mostly_texts_gets_no_note(read: Any) -> None:
    assert read("a,b\n" + "1,x\n" * 3 + "abc,y\n" * 2).notes == ()


# ---------------------------------------------------------------- the header


@pytest.mark.parametrize(
    ("content", "names", "rows"),
    [
        ("1,2\n3,4\n", ["c1", "c2"], 2),
        ("1,2\n", ["c1", "c2"], 1),
        ("5\n6\n", ["c1"], 2),
        ("1,5;2,5\n2,1;3,2\n", ["c1", "c2"], 2),
        ("5,,3\n1,2,3\n", ["c1", "c2", "c3"], 2),
        ("5.1,3.5,setosa\n4.9,3.0,setosa\n", ["c1", "c2", "c3"], 2),
        ("2024-01-01,5.1\n2024-01-02,5.2\n", ["c1", "c2"], 2),
    ],
)
def test_rows_without_a_header_get_names_and_a_note(
    read: Any, content: str, names: list[str], rows: int
) -> None:
    file = read(content)
    assert (file.table.column_names, file.table.num_rows) == (names, rows)
    assert "there is no header" in file.notes[0]
    assert names[-1] in file.notes[0]


def test_numbers_among_the_names_are_pointed_out(read: Any) -> None:
    file = read("country,1990,2000\nFR,1,2\nDE,3,4\n")
    assert file.table.column_names == ["country", "1990", "2000"]
    assert file.notes == ("the first row is taken as the header, though '1990' could be data",)


def test_a_column_without_a_name_is_called_by_its_place(read: Any) -> None:
    file = read("a,b,\n1,2,3\n")
    assert file.table.column_names == ["a", "b", "column 3"]
    assert file.notes == ("a column has no name; it is called 'column 3'",)


def test_a_repeated_name_is_refused(refusal: Any) -> None:
    assert "got 'a' in columns 1, 3" in refusal("a,b, a\n1,2,3\n")


def test_a_header_of_several_lines_is_one_name(read: Any) -> None:
    assert read('"a\nb",c\n1,2\n').table.to_pydict() == {"a\nb": [1], "c": [2]}


def test_a_table_wider_than_the_sample_has_its_header_read_whole(read: Any) -> None:
    names = [f"a_rather_long_name_{i}" for i in range(5000)]
    file = read(",".join(names) + "\n" + ",".join("1" for _ in names) + "\n2" + ",2" * 4999 + "\n")
    assert file.table.column_names == names
    assert file.table.num_rows == 2


# ---------------------------------------------------------------- encodings and wrappings


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_unicode_is_read(read: Any, encoding: str) -> None:
    file = read("größe,b\n1,é\n2,漢\n".encode(encoding))
    assert file.table.to_pydict() == {"größe": [1, 2], "b": ["é", "漢"]}
    assert (file.encoding, file.notes) == (encoding, ())


def test_latin_1_is_read_with_a_note_of_the_line(read: Any) -> None:
    file = read("a,b\n1,x\n2,é\n".encode("latin-1"))
    assert file.table["b"].to_pylist() == ["x", "é"]
    assert file.encoding == "cp1252"
    assert file.notes == ("line 3 is not UTF-8; the file is read as Windows-1252 (Latin-1)",)


def test_latin_1_far_below_the_sample_is_seen(read: Any) -> None:
    file = read(b"a,b\n" + b"1,x\n" * 50_000 + b"2,\xe9\n")
    assert file.table["b"][-1].as_py() == "é"
    assert file.notes[0].startswith("line 50002 is not UTF-8")


def test_what_no_encoding_fits_is_refused(refusal: Any) -> None:
    assert "line 3 of table.csv is not UTF-8" in refusal(b"a,b\n1,x\n2,\x81\xe9\n")
    assert "line 2 of table.csv is not UTF-8" in refusal(b"\xef\xbb\xbfa,b\n1,\xe9\n")
    assert "line 1 of table.csv is not UTF-16" in refusal(b"\xff\xfea\x00,\x00b")


def test_gzip_is_unpacked(read: Any) -> None:
    file = read(gzip.compress(b"a,b\n1,2\n"), "table.csv.gz")
    assert (file.format, file.table.to_pydict()) == ("csv.gz", {"a": [1], "b": [2]})


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_is_read(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(b"a,b\n1,2\n",))
    writer.start()
    assert read_table(pipe).table.to_pydict() == {"a": [1], "b": [2]}
    writer.join()


# ---------------------------------------------------------------- damage, and its line


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", ["is empty"]),
        ("\n \n\r\n", ["only blank lines"]),
        ("a,b\n", ["a header but no rows"]),
        ("a,b\n1,2\n3\n", ["line 3", "expected 2 fields", "got 1 field in '3'"]),
        ("a,b\r\n1,2\r\n1,2,3\r\n", ["line 3", "expected 2 fields", "got 3 fields in '1,2,3'"]),
        ("a,b\r1,2\r1,2,3\r", ["line 3", "got 3 fields"]),
        ('a,b\n1,2\n"x\ny",3\n\n3\n', ["line 6", "got 1 field"]),
        ('\ufeffa,b\n"x\ny",3\n3\n', ["line 4", "got 1 field"]),
        ("1,2\n3,4,5\n", ["line 2", "does not fit the first line"]),
        ('a,b\n1,"x\n2,y\n3,z\n', ["line 2", "opens a quote that is never closed", "'\"x'"]),
        ('a,b\n"x\ny","z\n3,4\n', ["line 3", "opens a quote that is never closed"]),
        ('"a,b\n1,2\n', ["line 1", "opens a quote that is never closed"]),
        ('a,b\n0,p\n1,"x\n2,y\n3,"z\n4,q\n', ["line 3", "closes in the middle of a field in line 5"]),
        pytest.param(
            "a,b\n1,x\n2," + "y" * (2**20 + 1) + "\n",
            ["line 3", "too long", "1 MiB", "shorter field"],
            id="long field",
        ),
        pytest.param(
            'a,b\n1,"x\n' + "2,y\n" * 300_000,
            ["line 2", "too long", "closing the quote"],
            id="long open quote",
        ),
        pytest.param("a" * (2**20 + 1) + "\n1\n", ["line 1", "too long"], id="long header"),
        ("a,b\n1,x\n2,\0y\n" + "3,zzzz\n" * 9, ["line 3", "NUL"]),
        ("a,b\n1,2\n".encode("utf-16-le"), ["not a text", "saving the table as CSV in UTF-8"]),
        pytest.param(bytes(range(256)) * 9, ["not a text", "binary data"], id="every byte"),
        ("1 2 3\n4 5  6\n", ["separates its fields by blanks", "replacing the blanks by commas"]),
    ],
)
def test_damage_is_said_with_its_line(refusal: Any, content: str | bytes, words: list[str]) -> None:
    message = refusal(content)
    assert "table.csv" in message
    assert [word for word in words if word not in message] == []


@pytest.mark.parametrize("number", ["1e400", "-1e400", "inf", "-Infinity", "+INF"])
def test_an_infinite_number_is_refused_with_line_and_column(refusal: Any, number: str) -> None:
    message = refusal(f'a,size\n"x\ny",2.5\n\nz,{number}\n')
    assert "line 5 of table.csv has an infinite number in column 'size'" in message


def test_an_infinite_number_beside_a_wide_margin_is_refused_too(refusal: Any) -> None:
    assert "line 3 of table.csv has an infinite number" in refusal("a,b\n   NA  ,1\n1e400,2\n")


def test_a_damaged_row_far_below_is_found(refusal: Any) -> None:
    assert "line 50002" in refusal("a,b\n" + "1,2\n" * 50_000 + "3\n")


def test_a_cell_of_a_megabyte_is_still_read(read: Any) -> None:
    cell = "y" * 2**20
    assert read(f"a,b\n1,{cell}\n2,z\n").table["b"][0].as_py() == cell


def test_the_rows_of_a_very_wide_table_are_read_in_larger_blocks(
    read: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("clearprop.cli.delimited._BLOCK_BYTES", (100, 2**20))
    table = read("a,b\n" + "x" * 400 + ",1\ny,2\n").table
    assert table["b"].to_pylist() == [1, 2]


def test_the_csv_limit_of_the_process_is_left_alone(refusal: Any) -> None:
    before = csv.field_size_limit()
    refusal("a,b\n1,2\n3\n")
    assert csv.field_size_limit() == before


def test_the_search_for_faults_finds_none_in_a_good_file() -> None:
    data = b'a,b\n1,"x\n""y"""\n\n2,5" pipe\n3,"p"q\n'
    assert find_fault(data, sniff(data, "t.csv"), "t.csv") is None


# ---------------------------------------------------------------- the file itself


def test_a_missing_file_names_its_neighbour(tmp_path: Path) -> None:
    (tmp_path / "wine.csv").write_text("a\n1\n")
    with pytest.raises(InputError, match=r"there is no file .*wnie\.csv.*; try .*wine\.csv"):
        read_table(tmp_path / "wnie.csv")
    with pytest.raises(InputError, match="there is no file") as caught:
        read_table(tmp_path / "quite-different")
    assert "try" not in str(caught.value)
    with pytest.raises(InputError, match=r"there is no folder .*none"):
        read_table(tmp_path / "none" / "wine.csv")


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"is no file.*got a folder"):
        read_table(tmp_path)
    with pytest.raises(InputError, match="cannot be opened"):
        read_table(tmp_path / "a\0b")
    if Path("/dev/zero").exists():
        with pytest.raises(InputError, match="got a device"):
            read_table("/dev/zero")


def test_a_file_without_permission_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    (tmp_path / "t.csv").write_text("a\n1\n")
    monkeypatch.setattr(Path, "read_bytes", refuse)  # root may read everything, so a mode would not do
    with pytest.raises(InputError, match="may not be read"):
        read_table(tmp_path / "t.csv")


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        pytest.param(
            gzip.compress(b"a\n1\n"),
            "t.csv",
            ["renaming it to t.csv.gz", "after the ending .csv,"],
            id="gzip called .csv",
        ),
        (b"a\n1\n", "t.csv.gz", ["renaming it to t.csv", "after the ending .csv.gz,"]),
        (b"a\n1\n", "t.parquet", ["expected a Parquet file", "renaming it to t.csv"]),
        (b"PAR1\x15\0PAR1", "t.csv", ["got a Parquet file", "renaming it to t.parquet"]),
        (b"ARROW1\0\0", "t.parquet", ["got a Feather or Arrow file", "renaming it to t.arrow"]),
        (b"\x93NUMPY\1\0", "t.npz", ["got a NumPy .npy file", "renaming it to t.npy"]),
        (b"PK\3\4" + b"\0" * 60, "t.csv", ["t.csv is a zip archive"]),
        (b"PK\3\4" + b"\0" * 60, "t.xlsx", ["an Excel workbook", "saving the sheet as CSV"]),
        (b"FEA1\0\0\0\0", "t.feather", ["Feather file of version 1"]),
        (b"\x89HDF\r\n\x1a\n", "t.dat", ["an HDF5 file"]),
        (b"<!DOCTYPE html>\n<p>", "t.csv", ["a web page"]),
        (b"\x80\4\x95", "t.pkl", ["a pickle"]),
        (b"[]", "t.json", ["JSON"]),
        (b"\x40\0\0\0\0\0\0\0{}", "m", ["m is a model, expected a table"]),
        (b"anything", "m.safetensors", ["m.safetensors is a model, expected a table"]),
        pytest.param(gzip.compress(b"x"), "t.npz.gz", ["unpacking it"], id="gzip of .npz"),
        pytest.param(
            gzip.compress(b"a,b\n1,2\n" * 99)[:-12], "t.csv.gz", ["damaged or cut short"], id="gzip cut short"
        ),
        pytest.param(
            gzip.compress(b"a,b\n1,2\n" * 99)[:-8] + b"\0" * 8,
            "t.csv.gz",
            ["damaged or cut short"],
            id="gzip with a wrong checksum",
        ),
        pytest.param(gzip.compress(b""), "t.csv.gz", ["is empty"], id="gzip of nothing"),
    ],
)
def test_a_name_that_promises_something_else(
    refusal: Any, content: bytes, name: str, words: list[str]
) -> None:
    message = refusal(content, name)
    assert [word for word in words if word not in message] == []


def test_a_gzip_bomb_is_not_unpacked(read: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("clearprop.cli.reading._MOST_UNPACKED", 100_000)
    bomb = gzip.compress(b"1,2\n" * 5_000_000)
    tracemalloc.start()
    with pytest.raises(InputError, match="too large unpacked"):
        read(bomb, "t.csv.gz")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2_000_000


# ---------------------------------------------------------------- the target


def test_the_target_leaves_the_features() -> None:
    split = split_target(pa.table({"a": [1, 2], "b": ["x", "y"], "c": [0.5, 1.5]}), "b")
    assert split.features.to_pydict() == {"a": [1, 2], "c": [0.5, 1.5]}
    assert split.target.tolist() == ["x", "y"]
    assert split.notes == ()


@pytest.mark.parametrize(
    ("column", "kind"),
    [
        (pa.array([1, 2, None]), "i"),
        (pa.array([1.5, None, 2]), "f"),
        (pa.array([True, None, False]), "b"),
        (pa.array(["x", None, "y"]), "O"),
        (pa.array(["x", None, "y"]).dictionary_encode(), "O"),
        (pa.array(["x", None, "y"], pa.large_string()), "O"),
    ],
)
def test_rows_without_a_target_are_left_out(column: pa.Array, kind: str) -> None:
    features, target, notes = split_target(pa.table({"a": [10, 20, 30], "y": column}), "y")
    present = [i for i, value in enumerate(column.to_pylist()) if value is not None]
    assert features["a"].to_pylist() == [10 * (i + 1) for i in present]
    assert (target.dtype.kind, target.shape) == (kind, (2,))
    assert isinstance(target, np.ndarray)
    assert target.tolist() == [column[i].as_py() for i in present]
    assert notes == ("1 row without a value in column 'y' left out",)


@pytest.mark.parametrize(
    ("table", "name", "words"),
    [
        ({"age": [1], "species": [2]}, "Specis", ["no column 'Specis'", "'age', 'species'", "try 'species'"]),
        ({f"x{i}": [1] for i in range(50)}, "target", ["'x11' and 38 more"]),
        ({"a": [1, 2], "y": pa.array([None, None], pa.int64())}, "y", ["in all 2 rows"]),
        ({"a": [1], "y": pa.nulls(1)}, "y", ["in its only row"]),
        ({"y": [1, 2]}, "y", ["is the only one"]),
        ({"a": [1], "y": [[1, 2]]}, "y", ["cannot be a target", "list"]),
    ],
)
def test_a_target_that_cannot_be_learnt(table: dict[str, Any], name: str, words: list[str]) -> None:
    with pytest.raises(InputError) as caught:
        split_target(pa.table(table), name)
    assert [word for word in words if word not in str(caught.value)] == []


# ---------------------------------------------------------------- wordings


@pytest.mark.parametrize(
    ("name", "near"),
    [("Species", "species"), ("specis", "species"), ("petal length", "petal_length"), ("zzz", None)],
)
def test_the_nearest_name_is_found(name: str, near: str | None) -> None:
    assert close_match(name, ["species", "petal_length"]) == near


def test_values_from_outside_are_shown_short_and_harmless() -> None:
    assert shown("a\x1b[31m") == r"'a\x1b[31m'"
    assert len(shown("x" * 10_000)) < 70
    assert listing(["a", "b"]) == "'a', 'b'"


# ---------------------------------------------------------------- there and back

_TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc"), include_characters="\n"), max_size=8)
_COLUMNS = {
    "int": st.integers(-(2**63), 2**63 - 1),
    "float": st.floats(allow_nan=False, allow_infinity=False),
    "bool": st.booleans(),
    # Letters at both ends: a text that is no number, no missing value, and keeps its white space.
    "text": _TEXT.map(lambda text: f"t{text}z"),
}


@st.composite
def _tables(draw: st.DrawFn) -> dict[str, list[Any]]:
    rows = draw(st.integers(1, 6))
    kinds = draw(st.lists(st.sampled_from(sorted(_COLUMNS)), min_size=2, max_size=5))
    return {
        f"{kind} {i}": draw(st.lists(st.none() | _COLUMNS[kind], min_size=rows, max_size=rows))
        for i, kind in enumerate(kinds)
    }


def _written(table: dict[str, list[Any]], delimiter: str, quoting: int, newline: str, decimal: str) -> str:
    def cell(value: object) -> str:
        return (
            ""
            if value is None
            else str(value).replace(".", decimal)
            if isinstance(value, float)
            else str(value)
        )

    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=delimiter, quoting=quoting, lineterminator=newline)  # type: ignore[arg-type]
    writer.writerow(table)
    writer.writerows([cell(value) for value in row] for row in zip(*table.values(), strict=True))
    return out.getvalue()


@settings(max_examples=200, deadline=None)
@given(
    table=_tables(),
    delimiter=st.sampled_from(",;\t|"),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC]),
    newline=st.sampled_from(["\n", "\r\n"]),
    comma=st.booleans(),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_a_table_written_is_the_table_read(
    tmp_path_factory: pytest.TempPathFactory,
    table: dict[str, list[Any]],
    delimiter: str,
    quoting: int,
    newline: str,
    comma: bool,
    encoding: str,
) -> None:
    path = tmp_path_factory.mktemp("round") / "table.csv"
    decimal = "," if comma and delimiter != "," else "."
    path.write_bytes(_written(table, delimiter, quoting, newline, decimal).encode(encoding))
    file = read_table(path)
    assert file.delimiter == delimiter
    assert file.table.to_pydict() == table


def test_the_round_trip_sees_a_planted_fault(read: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    table: dict[str, list[Any]] = {"a": [1.5, 2.5], "b": [2, 3]}
    content = _written(table, ";", csv.QUOTE_MINIMAL, "\n", ",")
    assert read(content).table.to_pydict() == table
    monkeypatch.setattr("clearprop.cli.delimiters._decimal", lambda rows, delimiter: ".")
    assert read(content).table.to_pydict() != table
