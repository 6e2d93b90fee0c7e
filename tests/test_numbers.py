"""Numbers as they are shown."""

from __future__ import annotations

import math
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearprop.story.numbers import (
    CANVAS,
    PANEL,
    number,
    number_latex,
    number_mathml,
    shape_in_words,
    summary,
)


@pytest.mark.parametrize(
    ("value", "digits", "shown"),
    [
        (0.0, 9, "0"),
        (-0.0, 9, "0"),
        (3, 4, "3"),
        (3.0, 4, "3"),
        (-784, 4, "−784"),
        (123456, 4, "123456"),
        (1234567, 4, "1.235e6"),
        (1234567, 9, "1234567"),
        (0.35, 9, "0.35"),
        (-0.35, 9, "−0.35"),
        (1 / 3, 4, "0.3333"),
        (1 / 3, 9, "0.333333333"),
        (2 / 3, 4, "0.6667"),
        (0.1 + 0.2, 9, "0.3"),
        (1e-4, 4, "1e−4"),
        (0.00043859649, 4, "4.386e−4"),
        (-0.00043859649, 9, "−4.3859649e−4"),
        (0.001, 4, "0.001"),
        (0.0009999, 4, "9.999e−4"),
        (0.00099999, 4, "0.001"),
        (999.96, 4, "1000"),
        (123456.7, 4, "123457"),
        (999999.7, 4, "1e6"),
        (1234567.8, 4, "1.235e6"),
        (2e10, 9, "2e10"),
        (5e-324, 4, "4.941e−324"),
        (1.7976931348623157e308, 4, "1.798e308"),
        (math.inf, 4, "∞"),
        (-math.inf, 4, "−∞"),
        (math.nan, 4, "NaN"),
        (np.float32(0.5), 4, "0.5"),
        (np.int64(7), 4, "7"),
    ],
)
def test_a_number_as_text(value: float, digits: int, shown: str) -> None:
    assert number(value, digits) == shown


def read_back(shown: str) -> float:
    return float(shown.replace("−", "-").replace("∞", "inf"))


@given(st.floats(allow_nan=False), st.integers(2, 9))
def test_what_is_shown_is_the_number_to_its_digits(value: float, digits: int) -> None:
    shown = number(value, digits)
    if abs(value) > 1.79e308:
        return  # rounded up, it would be no number any more
    assert read_back(shown) == pytest.approx(value, rel=0.51 * 10 ** (1 - digits), abs=0)
    assert "-" not in shown
    assert (shown.strip("−0.") == "") == (value == 0)  # only zero is shown as zero


@given(st.floats(allow_nan=False, allow_infinity=False), st.integers(2, 17))
def test_the_notations_show_the_same_digits(value: float, digits: int) -> None:
    text = number(value, digits).replace("−", "-")
    assert number_latex(value, digits).replace(r"\times 10^{", "e").replace("}", "") == text
    element = ElementTree.fromstring(number_mathml(value, digits))
    assert "".join(element.itertext()).replace("×10", "e").replace("−", "-") == text


def test_special_numbers_in_latex_and_mathml() -> None:
    assert [number_latex(x) for x in (-math.inf, math.nan)] == [r"-\infty", r"\mathrm{NaN}"]
    assert number_latex(4.386e-4) == r"4.386\times 10^{-4}"
    assert number_mathml(math.inf) == "<mi>∞</mi>"
    assert number_mathml(0.35) == "<mn>0.35</mn>"


def test_the_summary_of_an_array() -> None:
    rng = np.random.Generator(np.random.PCG64(0))
    W = rng.uniform(-0.2, 0.31, (784, 100))
    W[0, 0], W[0, 1] = -0.2, 0.31
    assert summary(W, 3) == f"784 × 100, from −0.2 to 0.31, norm {number(np.linalg.norm(W), 3)}"
    assert summary([3, 4]) == "2 numbers, from 3 to 4, norm 5"
    assert summary([[0.0]]) == "1 × 1, from 0 to 0, norm 0"
    assert summary(0.25) == "0.25"


def test_the_summary_of_an_array_that_is_not_healthy() -> None:
    assert summary([[1, np.nan], [np.inf, 2]]) == "2 × 2, from 1 to 2, norm 2.236, 2 not finite"
    assert summary([np.nan]) == "1 number, 1 not finite"
    assert summary(np.zeros((0, 3))) == "0 × 3"
    assert summary([3e200, 4e200]) == "2 numbers, from 3e200 to 4e200, norm 5e200"
    assert summary(np.array([300, 400], np.float16)) == "2 numbers, from 300 to 400, norm 500"


def test_shapes_in_words() -> None:
    shapes = [(784, 100), (3,), (1,), (0, 3), ()]
    assert list(map(shape_in_words, shapes)) == ["784 × 100", "3 numbers", "1 number", "0 × 3", "a number"]


def test_the_two_precisions() -> None:
    assert number(1 / 3) == number(1 / 3, PANEL) == "0.333333333"
    assert summary(1 / 3) == number(1 / 3, CANVAS) == "0.3333"
