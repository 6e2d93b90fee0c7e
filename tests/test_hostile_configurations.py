"""Whatever stands in a file's configuration, opening it gives a sound network or one typed error."""

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model_files import (
    DELETED,
    HUGE,
    SOUND,
    TRASH,
    Parts,
    apart,
    change,
    container,
    is_sound_or_refused,
    other_than,
    refused,
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("models")


CONFIGURATIONS: dict[tuple[str, ...], list[Any]] = {
    ("format",): [*TRASH, DELETED, 0, 2, "1"],
    ("kind",): [*TRASH, DELETED, "Network", "estimator", "os.system"],
    ("version",): [*other_than(str), DELETED],
    ("epochs",): [*TRASH, DELETED, 2**53],
    ("unknown",): [1],
    ("config",): [*TRASH, DELETED],
    ("config", "sizes"): [
        *(*TRASH, DELETED, "221", {"2": 2}, [2], [2, 1], [2, 2, 2], [2, 2, 1, 1], [2, 3, 1], [1] * 500),
        *([2, size, 1] for size in (-2, 0, 2.0, True, "2", None, [2], 2**62, HUGE)),
    ],
    ("config", "activation"): [*TRASH, DELETED, "softmax", ["tanh", "tanh"], [["tanh"]], [None], [HUGE]],
    ("config", "output"): [*TRASH, DELETED, "auto", ["identity"]],
    ("config", "loss"): [*TRASH, DELETED, "huber", {"name": "huber", "alpha": 1}, {"delta": 1}],
    ("config", "loss", "name"): [*TRASH, DELETED, "cross_entropy", "poisson", "squared_error", "__init__"],
    ("config", "loss", "delta"): [*other_than(float), 0],
    ("config", "l1"): [*other_than(float), DELETED, "0.1"],
    ("config", "l2"): [*other_than(float), DELETED, [0.1]],
    ("config", "dropout"): [*TRASH, DELETED, 1.0, [0.1, 0.1], ["0.1"], [[0.1]], [True], [1], [HUGE]],
    ("config", "seed"): [*other_than(int, type(None)), DELETED, -1],
    ("config", "dtype"): [*TRASH, DELETED, "float16", "float32", "O", ">f8", "f8,f8", "a3", ["float64"]],
    ("config", "init"): [*TRASH, DELETED, "given_", ["auto"], {"W1": 1}],
    ("config", "unknown"): TRASH,
    ("config", "self"): TRASH,
    ("memory",): [*other_than(type(None)), DELETED, {"optimizer": {"name": "SGD"}}],
    ("memory", "steps"): [*TRASH, DELETED, 2**53],
    ("memory", "unknown"): TRASH,
    ("memory", "optimizer"): [*TRASH, DELETED],
    ("memory", "optimizer", "name"): [*TRASH, DELETED, "LBFGS", "SGD", "Momentum", "Optimizer", "os.system"],
    ("memory", "optimizer", "beta1"): TRASH,
    ("memory", "optimizer", "epsilon"): other_than(float),
    ("memory", "optimizer", "memory"): TRASH,
    ("memory", "optimizer", "unknown"): TRASH,
    ("memory", "optimizer", "learning_rate"): other_than(float),
    ("memory", "optimizer", "learning_rate", "name"): [*TRASH, DELETED, "Schedule", "Adam"],
    ("memory", "optimizer", "learning_rate", "warmup"): TRASH,
    ("memory", "optimizer", "learning_rate", "final"): TRASH,
    ("memory", "optimizer", "learning_rate", "learning_rate"): other_than(float),
    ("memory", "optimizer", "learning_rate", "unknown"): TRASH,
}
# Likewise in the metadata "history".
RECORDS: dict[tuple[str, ...], list[Any]] = {
    (): [*other_than(str), '"x"', "", "NaN", "{", "[" * 100_000],
    ("unknown",): TRASH,
    ("metric_name",): [*other_than(str), DELETED],
    ("seed",): [*other_than(int), DELETED],
    ("settings",): [*other_than(dict), DELETED],
    ("best_epoch",): [*other_than(int, type(None)), DELETED],
    ("stopped_by",): [*other_than(str), DELETED],
    ("seconds",): [*(k for k in TRASH if k != []), [1.0], [1.0, "1"], [1.0, None]],
}


def cases(table: dict[tuple[str, ...], list[Any]]) -> list[Any]:
    def name(keys: tuple[str, ...], value: object) -> str:
        return f"{'.'.join(keys)}: {'left out' if value is DELETED else ascii(value)[:20]}"

    pairs = [(keys, value) for keys, values in table.items() for value in values]
    return [pytest.param(keys, value, id=name(keys, value)) for keys, value in pairs]


@pytest.mark.parametrize(("keys", "value"), cases(CONFIGURATIONS))
def test_configurations_that_cannot_be(folder: Path, keys: tuple[str, ...], value: object) -> None:
    parts = apart(SOUND)
    change(parts.header, ("__metadata__", "clearprop", *keys), value)
    refused(folder / "model", parts.joined())


@pytest.mark.parametrize(("keys", "value"), cases(RECORDS))
def test_records_that_cannot_be(folder: Path, keys: tuple[str, ...], value: object) -> None:
    parts = apart(SOUND)
    change(parts.header, ("__metadata__", "history", *keys), value)
    refused(folder / "model", parts.joined())


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", "x", "{" * 5000, "\ud800", "NaN", "1" * 5000, '{"format":1}']
)
def test_a_configuration_that_is_none(folder: Path, text: str) -> None:
    parts = apart(SOUND)
    parts.header["__metadata__"]["clearprop"] = text
    refused(folder / "model", parts.joined())


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", "-1e999", "1" * 5000])
def test_numbers_that_json_does_not_have(folder: Path, number: str) -> None:
    parts = apart(SOUND)
    parts.header["__metadata__"]["history"]["settings"] = {"rate": 0.5}
    assert is_sound_or_refused(folder / "model", parts.joined())
    text = json.dumps(parts.header["__metadata__"]["history"])
    parts.header["__metadata__"]["history"] = text.replace("0.5", number)
    assert "no JSON of ours" in refused(folder / "model", parts.joined())


def test_names_that_stand_twice(folder: Path) -> None:
    length = int.from_bytes(SOUND[:8], "little")
    header, body = SOUND[8 : 8 + length], SOUND[8 + length :]
    entry = json.dumps(json.loads(header)["W1"]).encode()
    twice = header.replace(b'"W1":', b'"W1":' + entry + b',"W1":')
    assert "no JSON of ours" in refused(folder / "model", container(twice, body))
    twice = header.replace(b'\\"epochs\\":2,', b'\\"epochs\\":2,\\"epochs\\":2,', 1)
    assert twice != header
    assert "no JSON of ours" in refused(folder / "model", container(twice, body))


def test_lists_of_any_depth(folder: Path) -> None:
    parts = apart(SOUND)
    for depth in [*range(1, 300, 30), *range(300, 1010), 3000]:  # near the limit, showing one is too deep too
        about = copy.deepcopy(parts.header["__metadata__"])
        about["clearprop"]["config"]["sizes"] = "?"
        about["clearprop"] = json.dumps(about["clearprop"]).replace('"?"', "[" * depth + "]" * depth)
        refused(folder / "model", Parts(parts.header | {"__metadata__": about}, parts.body).joined())


def test_a_configuration_that_cannot_be_is_named(folder: Path) -> None:
    parts = apart(SOUND)
    parts.header["__metadata__"]["clearprop"]["config"]["activation"] = ["swish"]
    assert "unknown activation: expected one of" in refused(folder / "model", parts.joined())


def test_a_newer_file_says_so(folder: Path) -> None:
    parts = apart(SOUND)
    parts.header["__metadata__"]["clearprop"]["format"] = 2
    assert "written by a newer clearprop" in refused(folder / "model", parts.joined())


# ---- any change at all

NUMBERS = st.integers() | st.sampled_from([2**31, 2**62, 2**63, 2**64, -(2**63)]) | st.floats()
JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.text(st.characters(codec=None), max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


def places(tree: Any, keys: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in a tree of JSON."""
    items = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for key, value in items:
        yield (*keys, key)
        yield from places(value, (*keys, key))


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_any_change_of_the_header(folder: Path, data: st.DataObject) -> None:
    parts = apart(SOUND)
    for _ in range(data.draw(st.integers(1, 3), "changes")):
        keys = data.draw(st.sampled_from(list(places(parts.header))), "place")
        renamed = st.tuples(st.just(keys[:-1]), st.text(max_size=8)).map(lambda pair: (*pair[0], pair[1]))
        value = data.draw(st.just(DELETED) | JSON, "value")
        is_key = isinstance(keys[-1], str)
        change(
            parts.header,
            data.draw(renamed) if is_key and value is not DELETED and data.draw(st.booleans()) else keys,
            value,
        )
    is_sound_or_refused(folder / "model", parts.joined())


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_any_change_of_the_bytes(folder: Path, data: st.DataObject) -> None:
    start, stop = sorted(data.draw(st.tuples(*[st.integers(0, len(SOUND))] * 2)))
    is_sound_or_refused(folder / "model", SOUND[:start] + data.draw(st.binary(max_size=40)) + SOUND[stop:])
