"""The parts of the command that compute: the split, the verdict, the charts, the words."""

from __future__ import annotations

import io
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearprop.cli.paths import default_model
from clearprop.cli.scores import balanced_accuracy, class_table, residual_summary, score, unbent
from clearprop.cli.splits import hold_out
from clearprop.cli.streams import make_safe
from clearprop.cli.svg import Axis, line_chart, scatter_chart
from clearprop.cli.text import figure, several, short, visible
from clearprop.cli.verdict import compare, judge
from clearprop.estimators.scaling import Scaling


@given(
    st.lists(st.integers(0, 4), min_size=2, max_size=80),
    st.floats(0, 0.9),
    st.integers(0, 2**32 - 1),
)
def test_the_split_is_a_partition_and_leaves_every_class_to_train_on(
    groups: list[int], fraction: float, seed: int
) -> None:
    codes = np.array(groups)
    train, held_out = hold_out(codes, fraction, seed)
    assert sorted([*train, *held_out]) == list(range(len(groups)))
    assert set(codes[train]) == set(groups)
    assert all(
        np.array_equal(a, b) for a, b in zip(hold_out(codes, fraction, seed), (train, held_out), strict=True)
    )


def test_each_class_gives_its_share() -> None:
    codes = np.repeat([0, 1, 2], [600, 300, 100])
    for seed in range(20):
        _, held_out = hold_out(codes, 0.2, seed)
        assert len(held_out) == 200
        assert np.abs(np.bincount(codes[held_out]) - [120, 60, 20]).max() <= 1


def test_every_row_is_held_out_equally_often() -> None:
    counts = np.zeros(20)
    for seed in range(2000):
        counts[hold_out(np.repeat([0, 1], 10), 0.25, seed)[1]] += 1
    assert np.abs(counts / 2000 - 0.25).max() < 0.04


def test_the_streams_of_a_seed_differ() -> None:
    codes = np.zeros(100, dtype=np.intp)
    assert not np.array_equal(hold_out(codes, 0.2, 0, 0)[1], hold_out(codes, 0.2, 0, 1)[1])


def shares(right: list[bool], sure: float = 0.9) -> np.ndarray:
    """Probabilities of two classes where the truth is class 0."""
    first = np.where(right, sure, 1 - sure)
    return np.column_stack([first, 1 - first])


def test_a_clear_difference_of_classes_is_told_from_chance() -> None:
    truth = np.zeros(100, dtype=np.intp)
    good, bad = shares([True] * 95 + [False] * 5), shares([True] * 70 + [False] * 30)
    near = shares([True] * 94 + [False] * 6)
    assert compare(truth, good, bad) == ("better", "accuracy")
    assert compare(truth, bad, good) == ("worse", "accuracy")
    assert compare(truth, good, near)[0] == "as good"
    assert compare(truth, good, good)[0] == "as good"


def test_where_hits_do_not_tell_the_probabilities_do() -> None:
    truth = np.zeros(100, dtype=np.intp)
    right = [True] * 95 + [False] * 5
    assert compare(truth, shares(right, 0.9), shares(right, 0.6)) == ("better", "log loss")


def test_numbers_are_compared_by_squared_errors() -> None:
    rng = np.random.default_rng(0)
    truth, noise = rng.normal(size=200), rng.normal(size=200)
    assert compare(truth, truth + 0.1 * noise, truth + noise)[0] == "better"
    assert compare(truth, truth + noise, truth + 0.1 * noise)[0] == "worse"
    assert compare(truth, truth + noise, truth + rng.normal(size=200))[0] == "as good"


def test_the_verdict_in_words() -> None:
    truth = np.zeros(10, dtype=np.intp)
    verdict = judge(truth, shares([True] * 10), shares([True] * 10), shares([True] * 10))
    assert "A linear model, which is simpler, does as well" in verdict.sentences[0]
    assert "not clearly better than the baseline" in verdict.sentences[1]
    assert "10 rows held out, so chance" in verdict.sentences[2]
    truth = np.zeros(400, dtype=np.intp)
    poor = shares([True, False] * 200)
    assert len(judge(truth, shares([True] * 400), poor, poor).sentences) == 1


def test_metrics_of_nothing_do_not_fail() -> None:
    assert np.isnan(score(np.array([1.0]), np.array([2.0]))["r2"])
    table = class_table(np.array([0, 0]), np.array([0, 0]), 2)
    assert table[1] == {"precision": 0.0, "recall": 0.0, "f1": 0.0, "rows": 0}
    assert residual_summary(np.array([3.0]), np.array([1.0]))["median"] == 2.0


def test_words_for_people() -> None:
    assert visible("a\x1b[31m\n\tb") == "a\\x1b[31m\\n\\tb"
    assert visible("ä 日本") == "ä 日本"
    assert short("x" * 50, 10) == "xxxxxxxxx…"
    assert several(2, "class", "classes") == "2 classes"
    assert figure(0.123456) == "0.1235"
    assert figure(0.5, unitless=True) == "0.500"
    assert figure(-0.0001, unitless=True) == "0.000"
    assert figure(-0.0) == "0"
    assert [figure(x) for x in (77784.3, -12345, 9999.7, 9999.4)] == ["77,780", "-12,340", "10,000", "9999"]
    assert [figure(x) for x in (9.9994e8, 1e9, 1e-7)] == ["999,900,000", "1e+09", "1e-07"]
    assert figure(float("nan")) == figure(None) == "–"


def test_a_stream_that_lacks_a_character_shows_a_plainer_one() -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii")
    make_safe(stream)
    stream.write("R² … 3 × 4 → ▁█ ü日")
    stream.flush()
    assert raw.getvalue() == b"R^2 ... 3 x 4 -> _# ??"


@pytest.mark.parametrize(
    ("data", "model"),
    [("a/wine.csv", "wine"), ("wine.csv.gz", "wine"), ("my.data.parquet", "my.data"), ("x", "x")],
)
def test_the_name_of_the_model(data: str, model: str) -> None:
    assert default_model(Path(data)) == Path(f"{model}.clearprop.safetensors")


@pytest.mark.parametrize("curve", [[1.0], [2.0, 2.0, 2.0], [1e-9, 1.0, 1e9], [-3.0, 0.0, 5.0], [0.4, 0.3]])
def test_charts_are_well_formed_and_stay_inside(curve: list[float]) -> None:
    chart = ET.fromstring(line_chart({"a": curve, "b": curve[::-1]}, 1, 1, "<loss> & more"))
    places = [place.split(",") for line in chart.iter("polyline") for place in line.attrib["points"].split()]
    assert len(places) == 2 * len(curve)
    assert all(0 <= float(x) <= 460 and 0 <= float(y) <= 280 for x, y in places)
    chart = ET.fromstring(scatter_chart(curve, curve[::-1], "<img onerror>"))
    assert len(list(chart.iter("circle"))) == len(curve)


def test_a_scatter_of_many_rows_shows_a_part() -> None:
    values = np.arange(10_001.0).tolist()
    chart = ET.fromstring(scatter_chart(values, values, "t"))
    assert 1000 < len(list(chart.iter("circle"))) <= 2000


def test_the_ticks_are_short_and_have_room() -> None:
    assert Axis((0, 900_000), (0, 1)).labels == ["0", "200k", "400k", "600k", "800k"]
    assert Axis((0, 3e7), (0, 1)).labels[-1] == "30M"
    assert Axis((-0.2, 0.4), (0, 1)).labels == ["-0.2", "0", "0.2", "0.4"]
    assert Axis((2000, 2020), (0, 1)).labels[0] == "2000"
    labels = Axis((1e6, 1e6 + 10), (0, 1)).labels
    assert len(set(labels)) == len(labels) > 2
    for chart in (
        line_chart({"a": [1.0] * 100}, 1, None, "loss"),
        scatter_chart([0.0, -9e5], [1.0, 2.0], "price"),
    ):
        texts = [text for text in ET.fromstring(chart).iter("text") if "transform" not in text.attrib]
        for text in texts:
            place, width = float(text.attrib["x"]), 7.5 * len(text.text or "")
            share = 1.0 if text.attrib["text-anchor"] == "end" else 0.5
            assert place - share * width >= 16  # there the name of the axis ends
            assert place + (1 - share) * width <= 460


def test_inputs_are_unbent() -> None:
    X = np.random.default_rng(0).normal(size=(50, 3)) * [1, 100, 1e6]
    scaling = Scaling.fit(X)
    bent = scaling.transform(X)
    assert np.allclose(unbent(bent), (X - scaling.center) * scaling.scale, rtol=1e-9)
    assert np.isfinite(unbent(np.array([[3.0, -3.0, 0.0]]))).all()


def test_each_class_counts_alike_in_the_balanced_accuracy() -> None:
    truth = np.repeat([0, 1], [90, 10])
    assert balanced_accuracy(truth, np.zeros(100, dtype=np.intp)) == 0.5
    assert balanced_accuracy(truth, np.where(np.arange(100) < 95, truth, 0)) == 0.75


def test_one_huge_error_is_no_tie() -> None:
    truth, theirs = np.zeros(50), np.full(50, 0.1)
    ours = np.where(np.arange(50) == 7, 1e6, 0.1)
    assert compare(truth, ours, theirs) == ("worse", "RMSE")
    assert compare(truth, theirs, ours) == ("better", "RMSE")
    assert len(figure(-1e160, unitless=True)) < 12
