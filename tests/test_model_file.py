"""A model file gives back the network that was saved, to the bit, and training goes on where it ended."""

import copy
import errno
import json
import math
import os
import sys
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest

import clearprop
from clearprop import LBFGS, MLP, SGD, Adagrad, Adam, AdamW, Loss, Momentum, Nesterov, RMSProp, load
from clearprop.errors import InputError, ModelFileError
from clearprop.formats import model
from clearprop.rules import HIDDEN_ACTIVATIONS
from clearprop.schedules import Constant, Cosine, Exponential, OneCycle, ReduceOnPlateau, StepDecay

DATA = Path(__file__).parent / "data" / "models"
OLD_MODELS, OLD_CLASSIFIERS = (
    sorted(DATA.glob(f"*-{kind}.safetensors")) for kind in ("network", "classifier")
)
X = np.random.default_rng(0).normal(size=(12, 3))
Y = np.column_stack([X[:, 0] * X[:, 1], np.sin(X[:, 2])])
LOSSES = [
    Loss("squared_error"),
    Loss("mean_squared_error"),
    Loss("absolute_error"),
    Loss("huber", delta=0.3),
    Loss("quantile", q=0.9),
    Loss("poisson"),
    Loss("binary_cross_entropy"),
    Loss("cross_entropy", label_smoothing=0.1),
]
OPTIMIZERS = [
    SGD(0.05),
    Momentum(0.01, 0.8),
    Nesterov(0.01, 0.7),
    Adagrad(0.02, 1e-9),
    RMSProp(0.01, 0.9, 1e-7),
    Adam(0.01, 0.8, 0.95, 1e-7),
    AdamW(0.01, 0.8, 0.95, 1e-7, 0.02),
    Adam(Constant(0.01)),
    Adam(StepDecay(0.01, 2, 0.3)),
    Momentum(Exponential(0.01, 0.9)),
    Adam(Cosine(0.01, 0.2, 0.001)),
    AdamW(OneCycle(0.01, 0.4, 20.0, 100.0)),
    SGD(ReduceOnPlateau(0.5, 0.1, 1, 1e-3, 1e-5)),
]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "model.safetensors"


def record(net: MLP) -> dict[str, Any] | None:
    return None if net.history is None else {**net.history.to_dict(), "seconds": []}


def assert_same(one: MLP, other: MLP) -> None:
    assert type(one) is type(other)
    assert one.config == other.config
    assert one.parameters.shapes == other.parameters.shapes
    assert one.parameters.vector.dtype == other.parameters.vector.dtype
    assert one.parameters.vector.tobytes() == other.parameters.vector.tobytes()
    assert one.epochs == other.epochs
    assert record(one) == record(other)


def reloaded(net: MLP, path: Path, *, training: bool = False) -> MLP:
    net.save(path, training=training)
    other = load(path)
    assert_same(net, other)
    return other  # type: ignore[no-any-return]


# ---- what was saved comes back


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("loss", LOSSES, ids=repr)
def test_losses_and_dtypes(path: Path, loss: Loss, dtype: str) -> None:
    net = MLP([3, 4, 2], loss=loss, dtype=dtype, seed=1)
    other = reloaded(net, path)
    assert other.loss_function == loss
    assert other.forward(X).tobytes() == net.forward(X).tobytes()


def test_all_activations_in_one_network_with_dropout_and_penalties(path: Path) -> None:
    names = sorted(HIDDEN_ACTIVATIONS)
    dropout = [k / 100 for k in range(len(names))]
    net = MLP([3, *range(2, 2 + len(names)), 2], names, "tanh", l1=0.1, l2=1 / 3, dropout=dropout, seed=2)
    other = reloaded(net, path)
    assert [layer.activation for layer in other.layers] == [*names, "tanh"]
    assert [layer.dropout for layer in other.layers[:-1]] == dropout
    assert (other.l1, other.l2) == (0.1, 1 / 3)


@pytest.mark.parametrize("init", ["orthogonal", {"W1": np.full((3, 2), 1 / 7)}])
@pytest.mark.parametrize("seed", [None, 0, 2**128 - 1])
def test_no_hidden_layer_any_seed_and_any_start(path: Path, init: Any, seed: int | None) -> None:
    other = reloaded(MLP([3, 2], init=init, seed=seed), path)
    assert other.seed == seed


def test_extreme_numbers_are_kept_to_the_bit(path: Path) -> None:
    net = MLP([3, 2])
    tiny, huge = 5e-324, float(np.finfo(np.float64).max)
    net.parameters["W1"] = [[tiny, -tiny], [huge, -huge], [-0.0, math.pi]]
    other = reloaded(net, path)
    assert math.copysign(1, other.parameters["W1"][2, 0]) == -1


def test_the_record_of_training(path: Path) -> None:
    net = MLP([3, 4, 2], seed=1)
    net.fit(X, Y, epochs=3, validation=0.25, freeze=["b1"], rate_factors={"W1": 0.5}, clip_norm=2)
    other = reloaded(net, path)
    assert other.history.seconds == []  # no times in a file
    assert other.history.validation_loss == net.history.validation_loss
    assert all(type(epoch) is int for epoch in other.history.epoch)
    assert repr(other.history) == repr(net.history)


def test_a_record_without_numbers(path: Path) -> None:
    net = MLP([3, 4, 2], seed=1)
    net.fit(X, Y, epochs=1, metric=None)
    for column in ("epoch", "train_loss", "penalty", "validation_loss", "metric", "learning_rate"):
        getattr(net.history, column).clear()
    net.history.gradient_norm.clear()
    assert len(reloaded(net, path).history) == 0


def test_a_record_of_many_epochs_of_a_small_network(path: Path) -> None:
    net = MLP([2, 1], seed=1)
    net.fit([[0, 1]], [1], epochs=1, metric=None)
    for name, value in vars(net.history).items():
        if isinstance(value, list):
            setattr(net.history, name, value * 30_000)
    assert len(reloaded(net, path).history) == 30_000


def test_a_record_with_numbers_that_are_not_finite(path: Path) -> None:
    net = MLP([3, 4, 2], seed=1)
    net.fit(X, Y, epochs=3, validation=(X, Y))
    net.history.validation_loss[:] = [math.inf, -math.inf, math.nan]
    net.save(path)
    assert load(path).history.validation_loss == [math.inf, -math.inf, None]


# ---- training goes on


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=repr)
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_training_goes_on_to_the_bit(path: Path, optimizer: Any, dtype: str) -> None:
    net = MLP([3, 4, 2], dropout=0.2, l2=0.01, seed=3, dtype=dtype)
    net.fit(X, Y, optimizer=optimizer, epochs=3, batch_size=5)
    other = reloaded(net, path, training=True)
    assert other.memory.optimizer == optimizer
    assert other.memory.steps == net.memory.steps == 9
    assert other.memory.vectors.tobytes() == net.memory.vectors.tobytes()
    for one in (net, other):
        one.fit(X, Y, optimizer=optimizer, epochs=2, batch_size=5)
    assert_same(net, other)


@pytest.mark.usefixtures("engine")
def test_an_interrupted_fit_equals_an_uninterrupted_one(path: Path) -> None:
    def fit(net: MLP, epochs: int) -> MLP:
        net.fit(X, Y, optimizer=Adam(0.01), epochs=epochs, batch_size=4, update="sequential", freeze=["b2"])
        return net

    whole = fit(MLP([3, 4, 2], dropout=0.2, seed=4), 5)
    parts = fit(reloaded(fit(MLP([3, 4, 2], dropout=0.2, seed=4), 2), path, training=True), 3)
    assert whole.parameters.vector.tobytes() == parts.parameters.vector.tobytes()
    assert parts.history.epoch == [3, 4, 5]


@pytest.mark.usefixtures("engine")
def test_the_memory_does_matter(path: Path) -> None:
    net = MLP([3, 4, 2], seed=4)
    net.fit(X, Y, optimizer=Adam(0.01), epochs=2)
    other = reloaded(net, path)
    assert other.memory is None
    for one in (net, other):
        one.fit(X, Y, optimizer=Adam(0.01), epochs=1)
    assert not np.array_equal(net.parameters.vector, other.parameters.vector)


def test_training_with_lbfgs_goes_on(path: Path) -> None:
    pytest.importorskip("scipy")
    net = MLP([3, 4, 2], seed=4)
    net.fit(X, Y, optimizer=LBFGS(7, 1e-7), epochs=4)
    other = reloaded(net, path, training=True)
    assert other.history.settings["optimizer"] == {"name": "LBFGS", "corrections": 7, "tolerance": 1e-7}
    for one in (net, other):
        one.fit(X, Y, optimizer=LBFGS(7, 1e-7), epochs=3)
    assert_same(net, other)


# ---- bytes


def test_equal_networks_give_equal_bytes(path: Path) -> None:
    contents = set()
    for _ in range(2):
        net = MLP([3, 4, 2], seed=5)
        net.fit(X, Y, epochs=2, validation=0.25)
        net.save(path, training=True)
        contents.add(path.read_bytes())
        load(path).save(path, training=True)
        contents.add(path.read_bytes())
    assert len(contents) == 1


def test_other_networks_give_other_bytes(path: Path) -> None:
    contents = set()
    for net in (MLP([3, 2], seed=5), MLP([3, 2], seed=6), MLP([3, 2], "tanh", seed=5, l2=0.1)):
        net.save(path)
        contents.add(path.read_bytes())
    assert len(contents) == 3


def test_a_file_holds_no_path_and_no_time(path: Path) -> None:
    net = MLP([3, 4, 2], seed=5)
    net.fit(X, Y, epochs=1)
    net.save(path, training=True)
    text = path.read_bytes()
    assert path.parent.name.encode() not in text
    assert b"seconds" not in text


def test_numbers_begin_where_a_processor_likes_them(path: Path) -> None:
    MLP([3, 4, 2], seed=5).save(path)
    assert int.from_bytes(path.read_bytes()[:8], "little") % 8 == 0


# ---- the official library


def test_the_official_library_reads_our_file(path: Path) -> None:
    safetensors = pytest.importorskip("safetensors")
    net = MLP([3, 4, 2], seed=5, dtype="float32")
    net.fit(X, Y, epochs=2)
    net.save(path, training=True)
    with safetensors.safe_open(path, "np") as file:
        assert json.loads(file.metadata()["clearprop"])["config"] == net.config
        assert sorted(file.keys()) == ["W1", "W2", "b1", "b2", "history", "memory"]
        for name, window in net.parameters.items():
            array = file.get_tensor(name)
            assert (array.dtype, array.tobytes()) == (window.dtype, window.tobytes())
        assert file.get_tensor("history")[1].tolist() == net.history.train_loss


def test_we_read_what_the_official_library_writes(path: Path, tmp_path: Path) -> None:
    safetensors = pytest.importorskip("safetensors")
    numpy = pytest.importorskip("safetensors.numpy")
    net = MLP([3, 4, 2], seed=5)
    net.fit(X, Y, epochs=2)
    net.save(path, training=True)
    with safetensors.safe_open(path, "np") as file:
        metadata = file.metadata()
    arrays = numpy.load_file(path)
    numpy.save_file(arrays, tmp_path / "copy", metadata={**metadata, "author": "somebody"})
    other = load(tmp_path / "copy")
    assert_same(net, other)
    assert other.memory.vectors.tobytes() == net.memory.vectors.tobytes()

    numpy.save_file({**arrays, "W2": arrays["W2"].astype(np.float16)}, tmp_path / "half", metadata=metadata)
    without = {name: array for name, array in arrays.items() if name != "W2"}
    numpy.save_file(without, tmp_path / "without", metadata=metadata)
    numpy.save_file(arrays, tmp_path / "bare")
    for name, reason in [("half", "F64 or F32"), ("without", "W2"), ("bare", "not of clearprop")]:
        with pytest.raises(ModelFileError, match=reason):
            load(tmp_path / name)


# ---- what cannot be saved leaves what was there


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_weights_that_are_not_finite_are_not_saved(path: Path, number: float) -> None:
    net = MLP([3, 4, 2], seed=5)
    net.save(path)
    before = path.read_bytes()
    net.parameters["b1"][2] = number  # straight into the window, where nobody checks
    with pytest.raises(InputError, match="b1 cannot be saved"):
        net.save(path)
    assert path.read_bytes() == before


def test_an_optimizer_of_somebody_else_is_not_saved(path: Path) -> None:
    class Mine:
        memory: ClassVar[int] = 0
        learning_rate = 0.1

        def step(self, ops: Any, theta: Any, g: Any, memory: Any, t: int, eta: Any) -> tuple[Any, ...]:
            return (theta - eta * g,)

        def __repr__(self) -> str:
            return "Mine(η)"

    net = MLP([3, 2], seed=5)
    net.fit(X, Y, optimizer=Mine(), epochs=1)
    assert reloaded(net, path).history.settings["optimizer"] == "Mine(η)"
    before = path.read_bytes()
    with pytest.raises(InputError, match=r"Mine"):
        net.save(path, training=True)
    assert path.read_bytes() == before


def test_a_failing_save_leaves_the_old_model(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    net = MLP([3, 4, 2], seed=5)
    net.save(path)
    saved = copy.deepcopy(net)
    net.fit(X, Y, epochs=1)
    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(OSError, match=r"model\.safetensors"):
            net.save(path)
    assert_same(load(path), saved)
    assert os.listdir(path.parent) == [path.name]


def test_what_could_not_be_loaded_is_not_saved(path: Path) -> None:
    net = MLP([3, 2], seed=5)
    net.save(path)
    before = path.read_bytes()
    net.fit(X, Y, epochs=1)
    net.history.settings["notes"] = ["many"] * 10_000
    with pytest.raises(InputError, match="cannot hold so much text"):
        net.save(path)
    net.history.settings["notes"] = "x" * 1_000_000
    with pytest.raises(InputError, match="cannot hold so much text"):
        net.save(path)
    with pytest.raises(InputError, match="so many values around a network"):
        model.save(net, path, wrapping=model.Wrapping("classifier", {"deep": [[[]]] * 3_000}))
    with pytest.raises(InputError, match="does not fit into a model file"):
        model.save(net, path, wrapping=model.Wrapping("classifier", {}, {"a.b": np.zeros(3, np.int64)}))
    assert path.read_bytes() == before


def test_a_thousand_layers_with_long_settings(path: Path) -> None:
    net = MLP([2] * 1000, "leaky_relu", dropout=1 / 3, seed=5)
    names = list(net.parameters)
    net.fit(X[:1, :2], Y[:1], epochs=1, freeze=names[1:], rate_factors=dict.fromkeys(names, 1 / 3))
    reloaded(net, path, training=True)


# ---- what is wrapped around a network


def test_json_and_arrays_around_a_network(path: Path) -> None:
    arrays = {
        "columns.center": np.array([[1.5, -0.0], [math.pi, 1e-300]]),
        "columns.scale": np.array([0.1], np.float32),
        "columns.flags": np.arange(5, dtype=np.uint8),
        "none.": np.zeros((0, 3)),
        ".scalar": np.array(2.5),
    }
    extra = {"names": ["größe", "\U0001f600", "\ud800", '"quoted"\n', ""], "classes": list(range(20_000))}
    net = MLP([3, 2], seed=5)
    model.save(net, path, wrapping=model.Wrapping("anything", extra, arrays))
    other, wrapping = model.load(path, MLP)
    assert_same(net, other)
    assert (wrapping.kind, wrapping.extra) == ("anything", extra)
    assert list(wrapping.arrays) == list(arrays)
    for name, array in arrays.items():
        read = wrapping.arrays[name]
        assert (read.dtype, read.shape, read.tobytes()) == (array.dtype, array.shape, array.tobytes())


def test_an_unknown_kind_is_refused_before_anything_is_imported_for_it(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model.save(MLP([3, 2]), path, wrapping=model.Wrapping("anything"))
    monkeypatch.setitem(sys.modules, "clearprop.estimators.files", None)
    with pytest.raises(ModelFileError, match="unknown kind of model, got 'anything'"):
        load(path)


@pytest.mark.parametrize("failure", [RecursionError, ZeroDivisionError, KeyError, AttributeError, InputError])
def test_what_fails_around_a_network_is_the_fault_of_the_file(
    path: Path, monkeypatch: pytest.MonkeyPatch, failure: type[Exception]
) -> None:
    pytest.importorskip("sklearn")
    from clearprop.estimators import loading

    def fail(*arguments: object) -> None:
        raise failure("reason")

    model.save(MLP([3, 2]), path, wrapping=model.Wrapping("classifier", {"any": "thing"}))
    monkeypatch.setattr(loading, "unwrap", fail)
    with pytest.raises(ModelFileError, match="reason" if failure is InputError else failure.__name__):
        load(path)


@pytest.mark.parametrize("wrapping", [{"extra": {"a": 1}}, {"arrays": {"a.b": np.ones(1)}}])
def test_a_bare_network_has_nothing_around_it(path: Path, wrapping: dict[str, Any]) -> None:
    model.save(MLP([3, 2]), path, wrapping=model.Wrapping(**wrapping))
    with pytest.raises(ModelFileError, match="nothing around it"):
        load(path)


# ---- errors for people


def test_no_such_file(path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=path.name):
        load(path)


def test_a_folder_is_no_model(tmp_path: Path) -> None:
    with pytest.raises(OSError, match=tmp_path.name):
        load(tmp_path)
    with pytest.raises(OSError, match="got a folder"):
        MLP([3, 2]).save(tmp_path)


def test_the_file_is_closed_after_an_error(path: Path) -> None:
    path.write_text("name,age\nAda,36\n")
    with pytest.raises(ModelFileError, match="cut short, or no safetensors file at all"):
        load(path)  # a file left open is a ResourceWarning, and that an error


# ---- old files always load


@pytest.mark.parametrize("path", OLD_MODELS, ids=lambda path: path.stem)
def test_files_of_every_release_load(path: Path) -> None:
    expected = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    net = load(path)
    assert net.config == expected["config"]
    assert net.epochs == expected["epochs"]
    assert net.history.train_loss == expected["train_loss"]
    assert net.memory.steps == expected["steps"]
    np.testing.assert_allclose(net.forward(expected["X"]), expected["outputs"], rtol=1e-12)
    net.fit(expected["X"], net.predict(expected["X"]), optimizer=net.memory.optimizer, epochs=1)


def test_there_is_a_file_of_this_release() -> None:
    for files in (OLD_MODELS, OLD_CLASSIFIERS):
        assert any(path.name.startswith(f"{clearprop.__version__}-") for path in files)


@pytest.mark.parametrize("path", OLD_CLASSIFIERS, ids=lambda path: path.stem)
def test_old_classifiers_load_and_answer_as_then(path: Path) -> None:
    pytest.importorskip("sklearn")
    pa = pytest.importorskip("pyarrow")
    record = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    est = clearprop.load(path)
    assert est.classes_.tolist() == record["classes"]
    probabilities = est.predict_proba(pa.table(record["table"]))
    np.testing.assert_allclose(probabilities, record["probabilities"], rtol=1e-12)
