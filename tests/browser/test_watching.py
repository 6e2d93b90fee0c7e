"""What is seen while it learns: curves, the size of gradients, and notes at the place that they are about."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from browser.person import derive, number_at, press, shown, step_to, take, train_with_adam

Open = Callable[..., Any]
NOTE = "#output .note"
POINTS = "import('/page/session.js').then(({ page }) => page.view.curve.points)"


def test_curves_of_loss_accuracy_and_gradients_grow_with_the_epochs(opened: Open) -> None:
    page = opened()
    take(page, "spiral")
    page.select_option("#unit", "epoch")
    page.focus("#panel")
    press(page, *["ArrowRight"] * 3)
    points = page.evaluate(POINTS)
    assert [one[0] for one in points] == [0, 1, 2, 3]
    charts = page.locator("#output .charts > .chart, #output .small .chart")
    titles = [one.split("\n")[0] for one in charts.locator("figcaption").all_inner_texts()]
    assert [one.removesuffix("log").strip() for one in titles] == [
        "loss",
        "accuracy",
        "layer 1",
        "layer 2",
        "layer 3",
    ]
    for line in page.locator("#output .chart path").all():
        assert line.get_attribute("d").count("L") == 3
    assert page.locator("#output .chart path.test").count() == 2
    assert page.inner_text("#output .chart .end.last >> nth=0") == "epoch 3"
    norms = page.evaluate("import('/page/session.js').then(({ page }) => page.view.figures.norms)")
    for norm, said in zip(norms, page.locator("#output .small b").all_inner_texts(), strict=True):
        assert float(said.replace("−", "-")) == pytest.approx(norm, rel=5e-3)
    straight = page.get_attribute("#output .chart path >> nth=0", "d")
    page.click("#output .log")
    assert page.get_attribute("#output .log", "aria-pressed") == "true"
    assert page.get_attribute("#output .chart path >> nth=0", "d") != straight
    press(page, "r")
    assert page.evaluate(POINTS) == points[:1]


@pytest.mark.parametrize(
    ("preset", "kind", "step"),
    [
        ("vanishing", "vanishing gradient", "dZ2"),
        ("dead", "dead relu", "Z1"),
        ("symmetric", "symmetric units", "Z1"),
        ("too-fast", "raised loss", "L"),
    ],
)
def test_a_note_is_seen_at_its_place(opened: Open, preset: str, kind: str, step: str) -> None:
    """In the output with the way to its place, on the time line, and at its step; each with a remedy."""
    page = opened()
    take(page, preset)
    _assert_noted(page, kind, step)
    if preset == "vanishing":
        page.click("#panel article:not([hidden]) .result .cell >> nth=0")
        press(page, "Escape")
        step_to(page, "dW1")
        page.click("#panel article:not([hidden]) .result .cell >> nth=0")
        page.wait_for_selector("#panel .paths")
        page.click("#panel .paths summary")
        assert page.inner_text("#panel .paths .factor em >> nth=0") == "the smallest"


def test_a_saturated_unit_is_noted_and_the_note_goes_with_its_cause(opened: Open) -> None:
    page = opened()
    take(page, "xor")
    assert page.locator(NOTE).count() == 0
    for entry in ("b1[0]", "b1[1]", "b1[2]"):
        page.click(f'#panel article:not([hidden]) .cell[data-ref="{entry}"]')
        page.fill(".edit input", "40")
        press(page, "Enter")
    _assert_noted(page, "saturated", "Z1")
    press(page, "r")
    assert page.locator(NOTE).count() == 0
    assert page.locator("#steps .noted").count() == 0


def _assert_noted(page: Any, kind: str, step: str) -> None:
    note = page.locator(NOTE, has_text=kind).first
    assert "Try " in note.inner_text()
    note.locator("button").click()
    assert shown(page) == step
    assert page.locator("#panel article .lit, #drawing .lit").count() > 0
    assert kind in page.inner_text("#panel article:not([hidden]) .note >> nth=0")
    assert page.is_visible("#steps [aria-current] .noted")


def test_what_the_optimiser_remembers_is_shown_and_derived(opened: Open) -> None:
    page = opened()
    train_with_adam(page, 1)
    press(page, "1")
    kept = number_at(page, "m_W1[0,0]")
    step_to(page, "m_W1_new")
    assert number_at(page, "m_W1[0,0]") == kept
    assert "0.9" in _filled(page, "m_W1_new[0,0]")  # beta1
    step_to(page, "v_hat_W1")
    assert "0.999" in _filled(page, "v_hat_W1[0,0]")


def _filled(page: Any, reference: str) -> str:
    """The lines of a derivation."""
    derive(page, reference)
    lines = str(page.inner_text(".derivation .equations"))
    press(page, "Escape")
    return lines
