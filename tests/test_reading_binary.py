"""Tables from Parquet, Feather, Arrow and NumPy's files: what is read, and what is refused unopened."""

from __future__ import annotations

import contextlib
import io
import struct
import tracemalloc
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.parquet as pq
import pytest

from clearprop.cli.reading import TableFile, read_table
from clearprop.errors import InputError

TABLE = pa.table({"a": [1, 2, None], "b": [0.5, None, 2.5], "c": ["x", None, "z"], "d": [True, False, None]})


def _refused(path: Path) -> str:
    with pytest.raises(InputError) as caught:
        read_table(path)
    return str(caught.value)


def _zip(path: Path, members: dict[str, bytes], **options: Any) -> Path:
    with zipfile.ZipFile(path, "w", **options) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def _npy(array: Any) -> bytes:
    out = io.BytesIO()
    np.save(out, array)
    return out.getvalue()


def _write(table: pa.Table, path: Path) -> Path:
    if path.suffix in (".parquet", ".pq"):
        pq.write_table(table, path)
    elif path.suffix == ".feather":
        feather.write_feather(table, str(path))
    else:
        opening = pa.ipc.new_stream if path.suffix == ".arrows" else pa.ipc.new_file
        with opening(path, table.schema) as writer:
            writer.write_table(table)
    return path


# ---------------------------------------------------------------- Arrow's formats


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("t.parquet", "parquet"),
        ("t.pq", "parquet"),
        ("t.feather", "arrow"),
        ("t.arrow", "arrow"),
        ("t.arrows", "arrow"),
        ("t.ARROW", "arrow"),
        ("no_ending", "arrow"),
    ],
)
def test_a_table_is_read_from_every_format(tmp_path: Path, name: str, kind: str) -> None:
    path = _write(TABLE, tmp_path / name)
    assert read_table(path) == TableFile(TABLE, path, kind)  # type: ignore[arg-type]
    assert read_table(str(path)).table.schema.types == TABLE.schema.types


def test_a_folder_called_like_a_partition_adds_no_column(tmp_path: Path) -> None:
    (tmp_path / "year=2020").mkdir()
    path = _write(TABLE, tmp_path / "year=2020" / "t.parquet")
    assert read_table(path).table.column_names == ["a", "b", "c", "d"]


def test_the_index_of_pandas_is_left_out_with_a_note(tmp_path: Path) -> None:
    pd = pytest.importorskip("pandas")
    pd.DataFrame({"a": [1, 2]}, index=[7, 9]).to_parquet(tmp_path / "t.parquet")
    file = read_table(tmp_path / "t.parquet")
    assert file.table.to_pydict() == {"a": [1, 2]}
    assert file.notes == ("column '__index_level_0__' is the index of a pandas table and left out",)


def test_nan_is_null_and_decimals_are_floats(tmp_path: Path) -> None:
    table = pa.table(
        {"a": [1.5, float("nan")], "b": pa.array([1, 2]).cast(pa.decimal128(30, 2)), "c": [" x ", " "]}
    )
    found = read_table(_write(table, tmp_path / "t.parquet")).table
    assert found.to_pydict() == {"a": [1.5, None], "b": [1.0, 2.0], "c": ["x", None]}


def test_categories_and_views_of_texts_are_texts(tmp_path: Path) -> None:
    texts = pa.array([" x", "y"])
    table = pa.table({"a": texts.dictionary_encode(), "b": texts.cast(pa.large_string())})
    if hasattr(pa, "string_view"):  # from pyarrow 16 on; Polars writes it
        table = table.append_column("c", texts.cast(pa.string_view()))
    found = read_table(_write(table, tmp_path / "t.arrow")).table
    assert all(column == ["x", "y"] for column in found.to_pydict().values())
    assert not any(pa.types.is_dictionary(kind) for kind in found.schema.types)


@pytest.mark.parametrize("ending", ["parquet", "feather", "arrow"])
@pytest.mark.parametrize("share", [0.3, 0.6, 0.97])
def test_a_file_cut_short_is_refused(tmp_path: Path, ending: str, share: float) -> None:
    path = _write(TABLE, tmp_path / f"t.{ending}")
    whole = path.read_bytes()
    path.write_bytes(whole[: int(share * len(whole))])
    assert f"t.{ending} is damaged or cut short" in _refused(path)


def test_offsets_out_of_range_are_refused(tmp_path: Path) -> None:
    offsets = pa.array([0, 10**6, 2], pa.int32()).buffers()[1]
    texts = pa.Array.from_buffers(pa.string(), 2, [None, offsets, pa.py_buffer(b"xy")])
    path = _write(pa.table({"a": texts}), tmp_path / "t.arrow")
    assert "damaged" in _refused(path)


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (pa.table({"a": [1.0, float("inf")]}), "row 2 of t.parquet has an infinite number in column 'a'"),
        (pa.Table.from_arrays([pa.array([1])] * 2, names=["a", "a"]), "got 'a' in columns 1, 2"),
        (pa.table({"a": pa.array([], pa.int64())}), "holds no rows"),
        (pa.table({}), "holds no rows"),
    ],
)
def test_a_table_of_no_use_is_refused(tmp_path: Path, table: pa.Table, words: str) -> None:
    assert words in _refused(_write(table, tmp_path / "t.parquet"))


# ---------------------------------------------------------------- NumPy's formats


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
@pytest.mark.parametrize(
    ("arrays", "columns"),
    [
        ({"X": [[1, 2], [3, 4]], "y": [5, 6]}, {"x1": [1, 3], "x2": [2, 4], "y": [5, 6]}),
        ({"X": [[1, 2], [3, 4]], "y": [[5], [6]]}, {"x1": [1, 3], "x2": [2, 4], "y": [5, 6]}),
        ({"X": [[1], [3]], "y": [[5, 7], [6, 8]]}, {"x1": [1, 3], "y1": [5, 6], "y2": [7, 8]}),
        ({"X": [[1, 2]]}, {"x1": [1], "x2": [2]}),
        ({"age": [1, 2], "kind": ["x", "y"]}, {"age": [1, 2], "kind": ["x", "y"]}),
        ({"X": [1, 2], "y": [3, 4]}, {"X": [1, 2], "y": [3, 4]}),
        ({"X": [[1, 2], [3, 4]], "group": [7, 8]}, {"x1": [1, 3], "x2": [2, 4], "group": [7, 8]}),
        ({"a": [b"x", b"y"], "b": [True, False]}, {"a": ["x", "y"], "b": [True, False]}),
        ({"a": np.array([1, np.nan])}, {"a": [1.0, None]}),
        ({"a": np.array([1, 2], ">i4")}, {"a": [1, 2]}),
        ({"a": np.array([0.5, 2], np.float16)}, {"a": [0.5, 2.0]}),
        ({"a": np.array([0.5, 2], np.longdouble)}, {"a": [0.5, 2.0]}),
        ({"X": np.asfortranarray([[1, 2], [3, 4]])}, {"x1": [1, 3], "x2": [2, 4]}),
    ],
)
def test_arrays_become_columns(
    tmp_path: Path, save: Any, arrays: dict[str, Any], columns: dict[str, list[object]]
) -> None:
    save(tmp_path / "t.npz", **arrays)
    file = read_table(tmp_path / "t.npz")
    assert (file.format, file.table.to_pydict(), file.notes) == ("npz", columns, ())


def test_arrays_that_are_no_columns_are_left_out_with_a_note(tmp_path: Path) -> None:
    np.savez(tmp_path / "t.npz", X=np.ones((2, 2)), y=[0, 1], names=["a", "b", "c"])
    file = read_table(tmp_path / "t.npz")
    assert file.table.column_names == ["x1", "x2", "y"]
    assert file.notes == ("array 'names' of shape (3,) is not a column of the table and is left out",)


@pytest.mark.parametrize(
    ("array", "columns"), [([[1, 2], [3, 4]], {"c1": [1, 3], "c2": [2, 4]}), ([1, 2], {"c1": [1, 2]})]
)
def test_one_array_becomes_a_table(tmp_path: Path, array: Any, columns: dict[str, list[int]]) -> None:
    np.save(tmp_path / "t.npy", np.array(array))
    file = read_table(tmp_path / "t.npy")
    assert (file.format, file.table.to_pydict()) == ("npy", columns)


@pytest.mark.parametrize(
    ("arrays", "words"),
    [
        ({}, "holds no arrays"),
        ({"a": [1, 2], "b": [1, 2, 3]}, "got 'a (2,)', 'b (3,)'"),
        ({"x_train": np.ones((2, 2)), "y_train": [1, 2]}, "holds no table"),
        ({"a": np.array(3)}, "holds no table"),
        ({"X": np.ones((2, 2, 2))}, "got shape (2, 2, 2); try reshape"),
        ({"X": np.ones((2, 2)), "y": [1, 2, 3]}, "expected y with 2 rows, as X has, got shape (3,)"),
        ({"X": np.ones((2, 2)), "x1": [1, 2]}, "got 'x1' in columns 1, 3"),
        ({"a": np.array([1 + 2j])}, "got the type complex128"),
        ({"a": np.array([(1, 2)], "i4,i4")}, "cannot be read"),
        ({"a": np.array([object()])}, "got Python objects, which could run code when opened"),
        ({"a": np.array([b"\xff"])}, "array 'a' in t.npz is not UTF-8"),
        ({"a": np.array([1.0, np.inf])}, "row 2 of t.npz has an infinite number in column 'a'"),
        ({"X": np.ones((0, 3))}, "array 'X' in t.npz is empty"),
        ({"X": np.ones((0, 10**9))}, "too wide"),
    ],
)
def test_arrays_that_make_no_table_are_refused(tmp_path: Path, arrays: dict[str, Any], words: str) -> None:
    np.savez(tmp_path / "t.npz", **arrays)
    assert words in _refused(tmp_path / "t.npz")


def test_a_cut_or_changed_npz_is_refused(tmp_path: Path) -> None:
    np.savez_compressed(tmp_path / "t.npz", a=np.arange(100), b=np.arange(100))
    whole = (tmp_path / "t.npz").read_bytes()
    for damaged in (whole[:60], whole[:-30], whole[:90] + b"\xff" * 20 + whole[110:]):
        (tmp_path / "t.npz").write_bytes(damaged)
        assert "damaged or cut short" in _refused(tmp_path / "t.npz")


def test_every_cut_and_many_changed_bytes_raise_nothing_but_input_errors(tmp_path: Path) -> None:
    np.savez_compressed(tmp_path / "t.npz", a=np.arange(20.0), b=np.arange(20))
    np.save(tmp_path / "t.npy", np.arange(6.0).reshape(2, 3))
    for path in (tmp_path / "t.npz", tmp_path / "t.npy"):
        whole = path.read_bytes()
        for i in range(0, len(whole), 3):
            for damaged in (whole[:i], whole[:i] + bytes([whole[i] ^ 0xFF]) + whole[i + 1 :]):
                path.write_bytes(damaged)
                with contextlib.suppress(InputError):  # a byte that no one reads may change
                    read_table(path)


def _header(shape: str, descr: str = "<f8") -> bytes:
    text = f"{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}".encode()
    return b"\x93NUMPY\1\0" + struct.pack("<H", len(text)) + text


@pytest.mark.parametrize(
    "content",
    [
        _header("(10**12,)".replace("10**12", "1" + "0" * 12)) + b"\0" * 8,
        _header("(2,)") + b"\0" * 8,
        _header("(2,)") + b"\0" * 24,
        _header("(-1,)"),
        _header("(-1, -2)") + b"\0" * 16,
        _header("('a',)"),
        _header("__import__('os')"),
        b"\x93NUMPY\2\0" + struct.pack("<I", 2**32 - 1) + b"{",
        b"\x93NUMPY\7\0" + b"\0" * 100,
        b"\x93NUMPY\1",
    ],
)
def test_a_header_that_lies_is_refused_before_anything_is_allocated(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "t.npy").write_bytes(content)
    _zip(tmp_path / "t.npz", {"a.npy": content})
    tracemalloc.start()
    messages = [_refused(tmp_path / name) for name in ("t.npy", "t.npz")]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert all("damaged or cut short" in message for message in messages)
    assert peak < 2_000_000


def _patched(path: Path, offset: int, value: int) -> Path:
    """A zip file with one number of its only directory entry replaced."""
    data = bytearray(path.read_bytes())
    at = data.rindex(b"PK\1\2") + offset
    data[at : at + 4] = struct.pack("<I", value)
    path.write_bytes(data)
    return path


def test_claimed_sizes_are_checked_against_the_limits(tmp_path: Path) -> None:
    deflated = {"compression": zipfile.ZIP_DEFLATED}
    path = _zip(tmp_path / "t.npz", {"a.npy": _npy(np.zeros(1000))}, **deflated)
    assert "too large unpacked: expected at most 2 GiB" in _refused(_patched(path, 24, 2**32 - 2))
    path = _zip(tmp_path / "t.npz", {"a.npy": _npy(np.zeros(1000))}, **deflated)
    assert "claims 2000000000 bytes in" in _refused(_patched(path, 24, 2_000_000_000))


def test_the_total_of_many_members_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "t.npz"
    np.savez(path, a=np.zeros(1000), b=np.zeros(1000))
    assert read_table(path).table.num_rows == 1000
    monkeypatch.setattr("clearprop.cli.arrays._MOST_BYTES", 10_000)
    assert "too large unpacked" in _refused(path)


def test_members_of_an_unusual_kind_are_refused(tmp_path: Path) -> None:
    array = _npy(np.arange(3))
    assert "unusual method" in _refused(
        _zip(tmp_path / "t.npz", {"a.npy": array}, compression=zipfile.ZIP_BZIP2)
    )
    assert "members that end in .npy" in _refused(_zip(tmp_path / "t.npz", {"a.npy": array, "b.txt": b"x"}))


def test_numpys_own_reader_would_have_unpickled() -> None:
    with pytest.raises(ValueError, match="allow_pickle=False"):
        np.load(io.BytesIO(_npy(np.array([object()]))))
