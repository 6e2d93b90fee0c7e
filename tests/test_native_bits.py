"""The native engine gives the same bits whatever the threads, the calls, and what looks on."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pytest
from numpy.typing import NDArray

import clearprop
from clearprop import MLP, Adam, Momentum
from clearprop.compiled import available, levels

Array: TypeAlias = NDArray[Any]

pytestmark = pytest.mark.skipif(not available(), reason="the compiled engine is not here")


def bits(net: MLP) -> str:
    return hashlib.sha256(net.parameters.vector.tobytes()).hexdigest()


def small(**options: Any) -> tuple[MLP, Array, Array]:
    rng = np.random.Generator(np.random.PCG64(5))
    X, Y = rng.standard_normal((61, 4)), rng.integers(0, 3, 61)
    settings = {"loss": "cross_entropy", "seed": 3, "dropout": 0.2, "l2": 1e-3, **options}
    return MLP([4, 8, 5, 3], "tanh", **settings), X, Y


def large(dtype: str) -> tuple[MLP, Array, Array]:
    """Layers over the size from which their products are cut into tasks, with rows and columns to spare."""
    rng = np.random.Generator(np.random.PCG64(6))
    X, Y = rng.standard_normal((300, 201)), rng.integers(0, 11, 300)
    options: dict[str, Any] = {"loss": "cross_entropy", "seed": 0, "dropout": 0.1, "l1": 1e-5, "dtype": dtype}
    return MLP([201, 307, 129, 11], ["gelu", "relu"], **options), X, Y


@pytest.mark.parametrize("level", levels())
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("options", [{}, {"clip_norm": 0.01}, {"update": "sequential"}], ids=str)
def test_the_number_of_threads_changes_no_bit(
    level: str, dtype: str, options: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLEARPROP_CPU", level)
    found, records = set(), []
    for n_threads in (1, 2, 3, 4, None):
        net, X, Y = large(dtype)
        settings = {"optimizer": Adam(0.01), "epochs": 2, "batch_size": 128, "engine": "native", **options}
        history = net.fit(X, Y, n_threads=n_threads, **settings)
        found.add(bits(net))
        records.append((history.train_loss, history.penalty, history.gradient_norm, history.metric))
    assert len(found) == 1
    assert all(record == records[0] for record in records)


def test_l_bfgs_has_the_same_bits_with_any_number_of_threads() -> None:
    pytest.importorskip("scipy")
    found = set()
    for n_threads in (1, 2, 3):
        net, X, Y = large("float64")
        net = MLP(net.sizes, "tanh", loss="cross_entropy", seed=0)
        net.fit(X, Y, optimizer="lbfgs", epochs=3, engine="native", n_threads=n_threads)
        found.add(bits(net))
    assert len(found) == 1


@pytest.mark.parametrize("batch_size", [7, 61, 100, 1])
@pytest.mark.parametrize("optimizer", [Adam(0.01), Momentum(0.05)], ids=["adam", "momentum"])
def test_one_call_or_ten(optimizer: Any, batch_size: int) -> None:
    """Ten epochs in one call of the module, in ten calls of one fit, in ten fits, and looked at or not."""

    def watched(net: Any, history: Any) -> None: ...

    ways: list[dict[str, Any]] = [
        {"metric": None},
        {"metric": "auto"},
        {"callbacks": [watched]},
        {"validation": (np.ones((5, 4)), np.zeros(5))},
    ]
    found = set()
    for options in ways:
        net, X, Y = small()
        net.fit(X, Y, optimizer=optimizer, epochs=10, batch_size=batch_size, engine="native", **options)
        found.add(bits(net))
    net, X, Y = small()
    for _ in range(10):
        net.fit(X, Y, optimizer=optimizer, epochs=1, batch_size=batch_size, engine="native")
    assert found == {bits(net)}


@pytest.mark.parametrize("n_threads", [1, 2])
def test_saved_loaded_and_continued_is_uninterrupted(tmp_path: Path, n_threads: int) -> None:
    def fit(net: MLP, epochs: int) -> None:
        settings: dict[str, Any] = {"batch_size": 8, "engine": "native", "n_threads": n_threads}
        net.fit(X, Y, optimizer=Adam(0.01), epochs=epochs, **settings)

    whole, X, Y = small()
    fit(whole, 6)
    first, _, _ = small()
    fit(first, 2)
    first.save(tmp_path / "net.safetensors", training=True)
    second = clearprop.load(tmp_path / "net.safetensors")
    fit(second, 4)
    assert bits(second) == bits(whole) != bits(first)
    assert second.memory.vectors.tobytes() == whole.memory.vectors.tobytes()


def test_another_seed_gives_other_bits() -> None:
    """The hashes above do tell networks apart."""
    found = set()
    for seed in (1, 2):
        net, X, Y = small()
        net.fit(X, Y, epochs=1, engine="native", seed=seed)
        found.add(bits(net))
    assert len(found) == 2


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_prediction_does_not_depend_on_the_rows_beside_it(dtype: str) -> None:
    """One row goes another way through the module than many, and large batches go to several threads."""
    net, X, _ = large(dtype)
    rows = X.astype(dtype)
    together = net.forward(rows)
    apart = np.concatenate([net.forward(rows[i : i + 1]) for i in range(0, 300, 37)])
    np.testing.assert_array_max_ulp(together[::37], apart, maxulp=64)
    many = np.tile(rows, (8, 1))
    assert net.forward(many)[:300].tobytes() == together.tobytes()
