"""Pictures: figures of their own, saved whole, whatever the names in them are."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure

import clearprop
from clearprop.errors import InputError, MissingExtraError
from clearprop.plots import check_picture, plot_confusion, plot_history, plot_predictions

STRANGE = ["$x_{", "\\frac", "a\x1b[31mb", "日本", "long " * 30]


def history(epochs: int = 4, validation: float | None = 0.25) -> clearprop.History:
    X = np.random.default_rng(0).normal(size=(40, 2))
    net = clearprop.MLP([2, 3, 1], seed=0)
    return net.fit(X, X.sum(axis=1), epochs=epochs, validation=validation)


def test_a_history_draws_its_losses_and_its_metric(tmp_path: Path) -> None:
    record = history()
    record.best_epoch = 3
    figure = plot_history(record, tmp_path / "h.png")
    assert isinstance(figure, Figure)
    assert (tmp_path / "h.png").read_bytes().startswith(b"\x89PNG")
    loss, metric = figure.axes
    assert [line.get_label() for line in loss.lines] == ["training", "validation", "best epoch, 3"]
    assert np.array_equal(loss.lines[0].get_ydata(), record.train_loss)
    assert np.asarray(loss.lines[1].get_ydata()).tolist() == record.validation_loss
    assert np.asarray(metric.lines[0].get_ydata()).tolist() == record.metric


def test_the_history_draws_itself() -> None:
    assert len(history(1, None).plot().axes) == 2


def test_without_a_metric_there_is_one_picture() -> None:
    record = history(2, None)
    record.metric = [None, None]
    figure = plot_history(record)
    assert len(figure.axes) == 1
    assert len(figure.axes[0].lines) == 1


def test_a_steep_loss_is_drawn_on_a_logarithmic_scale() -> None:
    record = history(2, None)
    record.train_loss = [100.0, 0.1]
    assert plot_history(record).axes[0].get_yscale() == "log"
    record.train_loss = [1.0, 0.5]
    assert plot_history(record).axes[0].get_yscale() == "linear"


def test_nothing_to_draw() -> None:
    with pytest.raises(InputError, match="nothing to draw"):
        plot_history(clearprop.History())


def test_a_confusion_matrix_shows_every_count(tmp_path: Path) -> None:
    matrix = np.array([[5, 1, 0], [2, 7, 3], [0, 0, 9]])
    figure = plot_confusion(matrix, ["a", "b", "c"], tmp_path / "c.svg")
    texts = [text.get_text() for text in figure.axes[0].texts]
    assert texts == ["5", "1", "·", "2", "7", "3", "·", "·", "9"]
    assert [label.get_text() for label in figure.axes[0].get_yticklabels()] == ["a", "b", "c"]
    assert "<svg" in (tmp_path / "c.svg").read_text()


def test_names_are_not_taken_for_formulas(tmp_path: Path) -> None:
    plot_confusion(np.eye(5, dtype=int), STRANGE, tmp_path / "c.png")
    plot_predictions([1.0, 2.0], [1.5, 2.5], tmp_path / "p.png", target="$x_{")
    assert (tmp_path / "c.png").exists()
    assert (tmp_path / "p.png").exists()


def test_many_classes_leave_numbers_and_names_out() -> None:
    figure = plot_confusion(np.eye(50, dtype=int), range(50))
    assert len(figure.axes[0].texts) == 0


def test_a_matrix_that_does_not_fit() -> None:
    with pytest.raises(InputError, match="the matrix does not fit"):
        plot_confusion([[1, 2]], ["a", "b"])
    with pytest.raises(InputError, match="the matrix does not fit"):
        plot_confusion([], [])


def test_predictions_and_residuals() -> None:
    truth, predicted = np.arange(50.0), np.arange(50.0) + 1
    left, right = plot_predictions(truth, predicted, target="price").axes
    assert np.array_equal(left.collections[0].get_offsets(), np.column_stack([truth, predicted]))
    assert left.get_xlabel() == "true price"
    assert sum(bar.get_height() for bar in right.patches) == 50
    with pytest.raises(InputError, match="predictions do not fit"):
        plot_predictions([1.0], [1.0, 2.0])


def test_an_unknown_ending_writes_nothing(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"does not end like a picture, expected one of .*\.png"):
        plot_confusion([[1]], ["a"], tmp_path / "c.docx")
    assert list(tmp_path.iterdir()) == []
    assert check_picture("a.PNG") == "png"


def test_without_matplotlib_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(MissingExtraError, match=r"clearprop\[plots\]"):
        plot_confusion([[1]], ["a"])


def test_pyplot_is_left_alone() -> None:
    before = "matplotlib.pyplot" in sys.modules
    plot_confusion([[1]], ["a"])
    assert ("matplotlib.pyplot" in sys.modules) == before
