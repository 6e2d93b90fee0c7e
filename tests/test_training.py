"""Training: what fit records, holds out and stops at, and what it says and leaves behind when it fails."""

from __future__ import annotations

import importlib.util
import json
import re
import sys
from typing import Any, TypeAlias

import numpy as np
import pytest
from numpy.typing import NDArray

from clearprop import MLP, SGD, Adam, EarlyStopping, History, Loss
from clearprop.data import batches, check_data, generator, hold_out
from clearprop.errors import InputError, MissingExtraError
from clearprop.loss import LOSSES
from clearprop.metrics import metric, r2
from clearprop.schedules import Cosine

Array: TypeAlias = NDArray[Any]

pytestmark = pytest.mark.usefixtures("engine")

LISTS = ("train_loss", "penalty", "validation_loss", "metric", "learning_rate", "gradient_norm", "seconds")


def regression(samples: int = 12, columns: int = 3, seed: int = 0) -> tuple[Array, Array]:
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((samples, columns))
    return X, np.tanh(X @ np.arange(1.0, columns + 1)) + 0.1 * rng.standard_normal(samples)


def small(**options: Any) -> MLP:
    return MLP([3, 5, 1], "tanh", seed=0, **options)


# ---- it learns


def test_exclusive_or() -> None:
    X, Y = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]
    net = MLP([2, 8, 1], "tanh", loss="binary_cross_entropy", seed=1)
    history = net.fit(X, Y, optimizer=Adam(0.05), epochs=200)
    assert net.predict(X).tolist() == Y
    assert history.metric[-1] == 1.0
    assert history.metric_name == "accuracy"


def test_three_classes() -> None:
    rng = np.random.default_rng(0)
    classes = np.arange(90) % 3
    X = np.array([[0, 0], [3, 0], [0, 3]])[classes] + 0.5 * rng.standard_normal((90, 2))
    net = MLP([2, 8, 3], loss="cross_entropy", seed=0)
    history = net.fit(X, classes, optimizer=Adam(0.02), epochs=30, validation=0.2)
    assert history.metric[-1] == 1.0
    assert (net.predict(X) == classes).mean() > 0.95


def test_a_straight_line_is_found() -> None:
    X, _ = regression(50)
    net = MLP([3, 1], seed=0)
    history = net.fit(X, X @ [1.0, -2.0, 3.0] + 4, optimizer=SGD(0.1), epochs=100, batch_size=10)
    np.testing.assert_allclose(net.parameters["W1"][:, 0], [1, -2, 3], atol=1e-6)
    np.testing.assert_allclose(net.parameters["b1"], 4, atol=1e-6)
    assert history.metric_name == "R²"
    assert history.metric[-1] == pytest.approx(1.0)


# ---- batches and parts of the data


def test_every_sample_is_seen_once_an_epoch() -> None:
    for shuffle in (True, False):
        rows = list(batches(generator(0, 1), 10, 4, shuffle))
        assert [len(part) for part in rows] == [4, 4, 2]
        assert sorted(np.concatenate(rows)) == list(range(10))
        assert (np.concatenate(rows).tolist() == list(range(10))) == (not shuffle)


def test_every_epoch_has_an_order_of_its_own() -> None:
    orders = {tuple(np.concatenate(list(batches(generator(0, k), 10, 4, True)))) for k in range(1, 6)}
    assert len(orders) == 5


def test_a_fraction_is_held_out_by_the_seed() -> None:
    net, (X, Y) = small(), regression(20)
    weights = np.arange(1.0, 21.0)
    data = check_data(net, X, Y, weights)
    train, held_out = hold_out(net, data, 0.25, seed=3)
    assert held_out is not None
    assert (len(train), len(held_out)) == (15, 5)
    both = np.vstack([train.X, held_out.X])
    assert sorted(both[:, 0]) == sorted(X[:, 0])
    for part in (train, held_out):  # rows stay together
        assert part.weights is not None
        order = part.weights.astype(int) - 1
        assert part.X.tolist() == X[order].tolist()
        assert part.T[:, 0].tolist() == Y[order].tolist()
    again, other = hold_out(net, data, 0.25, seed=3)[1], hold_out(net, data, 0.25, seed=4)[1]
    assert again is not None
    assert other is not None
    assert again.X.tobytes() == held_out.X.tobytes() != other.X.tobytes()


def test_the_held_out_part_is_not_trained_on() -> None:
    X, Y = regression(20)
    net, spoiled = small(), small()
    held_out = hold_out(net, check_data(net, X, Y), 0.25, seed=0)[1]
    assert held_out is not None
    rows = [k for k in range(20) if X[k].tolist() in held_out.X.tolist()]
    worse = Y.copy()
    worse[rows] = 1e6
    net.fit(X, Y, epochs=3, validation=0.25)
    spoiled.fit(X, worse, epochs=3, validation=0.25)
    assert net.parameters.vector.tobytes() == spoiled.parameters.vector.tobytes()
    assert net.history.validation_loss[0] < 10 < spoiled.history.validation_loss[0]


def test_validation_data_are_looked_at_after_each_epoch() -> None:
    (X, Y), (Xv, Yv) = regression(), regression(8, seed=1)
    weights = np.arange(8.0)
    net, plain = small(l2=0.1), small(l2=0.1)
    found: list[tuple[float, float]] = []

    def look(net: Any, history: History) -> None:
        outputs = net.forward(Xv)
        found.append((net.loss_parts(Xv, Yv, weights)[0], r2(outputs, Yv[:, None], weights)))

    history = net.fit(X, Y, epochs=4, validation=(Xv, Yv, weights), callbacks=[look])
    record = np.array([history.validation_loss, history.metric], float)
    np.testing.assert_allclose(record, np.array(found).T, rtol=1e-13)
    plain.fit(X, Y, epochs=4)
    assert net.parameters.vector.tobytes() == plain.parameters.vector.tobytes()  # only looked at


@pytest.mark.parametrize(
    ("validation", "message"),
    [
        (0, "validation does not fit: expected a number > 0 and < 1, got 0"),
        (1.0, "validation does not fit"),
        (True, "validation does not fit"),
        ("some", "validation does not fit"),
        (0.01, "validation=0.01 of 12 samples leaves a part empty, expected some samples in both parts"),
        (0.99, "leaves a part empty"),
        ((np.ones((2, 3)),), r"expected \(Xv, Yv\), a fraction or None, got 1 things"),
        ((np.ones((2, 2)), np.ones(2)), "layer 1 expects X with 3 columns"),
        ((np.ones((2, 3)), np.ones(3)), "Y does not fit"),
        ((np.ones((2, 3)), np.ones(2), np.ones(3)), "sample_weight does not fit"),
        ((np.full((2, 3), np.nan), np.ones(2)), "X holds 6 numbers"),
    ],
)
def test_validation_that_does_not_fit(validation: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        small().fit(*regression(), validation=validation)


# ---- sample weights


def test_zero_weights_are_removed_samples_to_the_bit() -> None:
    X, Y = regression(20)
    weights = np.random.default_rng(2).integers(0, 3, 20).astype(float)
    kept = weights > 0
    net, removed = small(), small()
    for part in (slice(None), kept):
        which = net if isinstance(part, slice) else removed
        which.fit(X[part], Y[part], epochs=4, batch_size=3, sample_weight=weights[part], validation=0.3)
    assert 0 < kept.sum() < 20
    assert net.parameters.vector.tobytes() == removed.parameters.vector.tobytes()
    assert net.history.validation_loss == removed.history.validation_loss


def test_equal_weights_change_no_bit() -> None:
    X, Y = regression(20)
    net, weighted = small(), small()
    net.fit(X, Y, epochs=3, batch_size=6)
    weighted.fit(X, Y, epochs=3, batch_size=6, sample_weight=np.ones(20))
    assert net.parameters.vector.tobytes() == weighted.parameters.vector.tobytes()
    assert net.history.train_loss == weighted.history.train_loss


def test_whole_weights_are_repeated_samples_in_a_full_batch() -> None:
    X, Y = regression(6)
    times = np.array([2, 1, 3, 1, 0, 2])
    net, repeated = small(), small()
    net.fit(X, Y, epochs=10, batch_size=None, sample_weight=times)
    repeated.fit(np.repeat(X, times, axis=0), np.repeat(Y, times), epochs=10, batch_size=None)
    np.testing.assert_allclose(net.parameters.vector, repeated.parameters.vector, rtol=1e-10)
    np.testing.assert_allclose(net.history.train_loss, repeated.history.train_loss, rtol=1e-12)
    np.testing.assert_allclose(net.history.metric, repeated.history.metric, rtol=1e-9)


# ---- the history


def test_the_record_of_a_fit(engine: str) -> None:
    X, Y = regression()
    net = small(l1=0.01, l2=0.1)
    loss, penalty = net.loss_parts(X, Y)
    norm = np.linalg.norm(net.loss_and_gradient(X, Y)[1].vector)
    history = net.fit(
        X, Y, optimizer=SGD(0.1), epochs=3, batch_size=None, shuffle=False, seed=9,
        freeze=["b1"], rate_factors={"W1": np.float64(0.5)}, clip_norm=1,
    )  # fmt: skip
    assert net.history is history
    assert history.epoch == [1, 2, 3]
    assert all(len(getattr(history, name)) == 3 for name in LISTS)
    assert history.train_loss[0] == pytest.approx(loss, rel=1e-14)  # of the weights before the step
    assert history.penalty[0] == pytest.approx(penalty, rel=1e-14)
    assert all(seconds > 0 for seconds in history.seconds)
    assert 0 < history.gradient_norm[0] < norm  # b1 is frozen
    assert history.validation_loss == [None] * 3
    assert (history.seed, history.stopped_by, history.best_epoch) == (9, "epochs", None)
    assert history.settings == {
        "optimizer": {"name": "SGD", "learning_rate": 0.1}, "epochs": 3, "samples": 12, "batch_size": 12,
        "shuffle": False, "update": "simultaneous", "freeze": ["b1"], "rate_factors": {"W1": 0.5},
        "clip_norm": 1.0, "engine": engine,
    }  # fmt: skip


def test_epochs_count_on_over_fits() -> None:
    net, (X, Y) = small(), regression()
    assert net.fit(X, Y, epochs=2).epoch == [1, 2]
    assert net.fit(X, Y, epochs=3).epoch == [3, 4, 5]
    assert net.epochs == 5


def test_the_train_loss_is_weighted_by_what_each_batch_weighs() -> None:
    X, Y = regression(5)
    weights = np.array([1.0, 2.0, 3.0, 4.0, 10.0])
    net = small()
    history = net.fit(
        X, Y, optimizer=SGD(1e-12), epochs=1, batch_size=2, shuffle=False, sample_weight=weights
    )
    assert history.train_loss[0] == pytest.approx(net.loss(X, Y, weights), rel=1e-9)


@pytest.mark.parametrize("loss", LOSSES)
def test_a_history_is_ready_for_json(loss: str) -> None:
    X, Y = regression()
    net = MLP([3, 4, 2], loss=loss, seed=0)
    T = np.stack([Y > 0, Y <= 0], axis=1).astype(float)
    optimizer = Adam(Cosine(np.float32(0.01)))  # type: ignore[arg-type]
    history = net.fit(X, T, optimizer=optimizer, epochs=2, validation=0.5, clip_norm=np.float32(1))  # type: ignore[arg-type]
    text = json.dumps(history.to_dict(), allow_nan=False)
    assert History.from_dict(json.loads(text)) == history


def test_a_history_says_what_it_is() -> None:
    net, (X, Y) = small(), regression()
    assert re.fullmatch(
        r"<History: 2 epochs, train loss \S+, validation loss \S+, R² -?\d\.\d+, ended by epochs>",
        repr(net.fit(X, Y, epochs=2, validation=0.5)),
    )
    assert re.fullmatch(
        r"<History: 1 epochs, train loss [\d.]+, ended by epochs>",
        repr(net.fit(X, Y, epochs=1, metric=None)),
    )
    assert repr(History()) == "<History: no finished epoch, ended by epochs>"


def test_without_a_metric_none_is_recorded() -> None:
    net, (X, Y) = small(), regression()
    assert net.fit(X, Y, epochs=2, metric=None).metric == [None, None]


def test_metrics() -> None:
    T, A = np.array([[0.0], [1.0], [2.0], [3.0]]), np.array([[0.5], [1.0], [2.0], [2.5]])
    assert r2(A, T) == 1 - 0.5 / 5
    weights = np.array([1.0, 0.0, 0.0, 1.0])
    assert r2(A, T, weights) == 1 - 0.25 / 2.25
    assert r2(T, T) == 1.0
    constant = np.ones((4, 1))
    assert r2(constant, constant) == 1.0
    assert r2(T, constant) == 0.0
    assert r2(np.hstack([T, T]), np.hstack([T, constant])) == 0.5  # the mean over the outputs
    P = np.array([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4]])
    assert metric(Loss("cross_entropy"), P, np.eye(2)[[0, 1, 1]]) == pytest.approx(2 / 3)
    assert metric(Loss("cross_entropy"), P, np.eye(2)[[0, 1, 1]], np.array([1.0, 1.0, 2.0])) == 0.5
    assert metric(Loss("binary_cross_entropy"), P, np.array([[1, 1], [0, 1], [1, 0]])) == pytest.approx(5 / 6)


# ---- arguments that do not fit


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"optimizer": "adma"}, "unknown optimizer: expected one of sgd, .* got 'adma'"),
        ({"optimizer": SGD}, r"optimizer is a class, expected an object; try SGD\(\)"),
        ({"epochs": 0}, "epochs does not fit: expected a whole number ≥ 1, got 0"),
        ({"epochs": 2.0}, "epochs does not fit"),
        ({"epochs": True}, "epochs does not fit"),
        ({"batch_size": 0}, "batch_size does not fit: expected a whole number ≥ 1, got 0"),
        ({"batch_size": "all"}, "batch_size does not fit"),
        ({"seed": -1}, "seed does not fit"),
        ({"update": "layerwise"}, "unknown update: expected one of simultaneous, sequential, got"),
        ({"clip_norm": 0}, "clip_norm does not fit: expected a number > 0, got 0"),
        ({"clip_norm": "a"}, "clip_norm does not fit"),
        ({"clip_norm": 1, "update": "sequential"}, 'whole gradient before any .* try update="simult'),
        ({"freeze": ["W3"]}, "no parameter is named 'W3', expected one of W1, b1, W2, b2"),
        ({"freeze": "W1"}, r"freeze does not fit: expected a list of names, got 'W1'; try \['W1'\]"),
        ({"rate_factors": {"w1": 1}}, "no parameter is named 'w1'"),
        ({"rate_factors": {"W1": -1}}, r"rate_factors\['W1'\] does not fit: expected a number ≥ 0, got -1"),
        ({"metric": "f1"}, "unknown metric: expected 'auto' or None, got 'f1'"),
        ({"progress": "yes"}, "unknown progress: expected True, False or 'auto', got 'yes'"),
        ({"engine": "gpu"}, "unknown engine: expected one of auto, native, numpy, got 'gpu'"),
        ({"n_threads": 0}, "n_threads does not fit: expected a whole number ≥ 1, got 0"),
        ({"callbacks": EarlyStopping()}, r"callbacks do not fit: expected a list such as \[Early"),
        ({"callbacks": ["stop"]}, "callbacks do not fit"),
    ],
)  # fmt: skip
def test_fit_refuses_what_does_not_fit(options: dict[str, Any], message: str) -> None:
    net = small()
    before = net.parameters.vector.copy()
    with pytest.raises(InputError, match=message):
        net.fit(*regression(), **options)
    assert net.parameters.vector.tobytes() == before.tobytes()
    assert (net.epochs, net.history) == (0, None)


# ---- dropout


def test_dropout_silences_and_scales() -> None:
    from clearprop.stepping import Memory, Rates, Stepper

    net = MLP([2, 1000, 50, 1], dropout=[0.25, 0.0], seed=0)
    stepper = Stepper(net, Memory(SGD(), np.zeros((0, net.parameters.vector.size))), Rates(None))
    stepper.start_epoch(generator(0, 1))
    masks = stepper.draw_masks(20)
    assert list(masks) == [1]
    assert masks[1].shape == (20, 1000)
    assert set(masks[1].ravel()) == {0.0, 1 / 0.75}
    assert masks[1].mean() == pytest.approx(1.0, abs=0.02)


def test_dropout_acts_in_training_alone() -> None:
    X, Y = regression()
    net, without = small(dropout=0.5), small()
    assert net.forward(X).tobytes() == without.forward(X).tobytes()
    assert net.fit(X, Y, epochs=1).train_loss != without.fit(X, Y, epochs=1).train_loss


# ---- the progress bar


def test_the_bar_goes_to_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("rich")
    small().fit(*regression(), epochs=3, validation=0.5, progress=True)
    out, err = capsys.readouterr()
    assert out == ""
    for figure in ("epoch", "3/3", "loss", "validation", "R²"):
        assert figure in err


def test_auto_is_silent_where_nobody_looks(capsys: pytest.CaptureFixture[str]) -> None:
    small().fit(*regression(), epochs=3)
    small().fit(*regression(), epochs=3, progress=False)
    assert capsys.readouterr() == ("", "")


def test_auto_shows_the_bar_to_a_person(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("rich")
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    small().fit(*regression(), epochs=3)
    assert "3/3" in capsys.readouterr().err


def fail_at_two(net: Any, history: History) -> None:
    if history.epoch[-1] == 2:
        raise RuntimeError("in the middle")


def test_the_bar_is_taken_down_after_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("rich")
    for _ in range(2):  # rich refuses a second live display
        with pytest.raises(RuntimeError, match="in the middle"):
            small().fit(*regression(), callbacks=[fail_at_two], progress=True)
    assert "1/100" in capsys.readouterr().err


def test_without_rich_the_bar_is_an_error_only_if_asked_for(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    small().fit(*regression(), epochs=2)
    with pytest.raises(MissingExtraError, match=r'needs rich; try pip install "clearprop\[cli\]"'):
        small().fit(*regression(), epochs=2, progress=True)
    assert capsys.readouterr() == ("", "")
