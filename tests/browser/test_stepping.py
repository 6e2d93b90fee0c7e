"""Stepping, opening derivations, editing, training: as a person does it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from browser.person import derive, fragment, number_at, press, quiet, shown, step_to, take
from clearprop import MLP

Open = Callable[..., Any]
ARRAYS = "import('/viewer/story.js').then(({ story }) => story.arrays)"
XOR = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]), np.array([0, 1, 1, 0])


def test_a_step_goes_forward_and_back_and_the_next_one_begins_behind_it(opened: Open) -> None:
    page = opened()
    take(page, "xor")
    names = ["Z1", "A1", "Z2", "A2", "L", "dZ2"]
    for name in names:
        press(page, "ArrowRight")
        assert shown(page) == name
    for name in reversed(names[:-1]):
        press(page, "ArrowLeft")
        assert shown(page) == name
    press(page, "End")
    last = shown(page)
    assert last == "b2_new"
    before = page.inner_text("#place")
    press(page, "ArrowRight")
    assert shown(page) == ""
    assert "1 steps made" in page.inner_text("#place")
    press(page, "ArrowLeft")
    assert shown(page) == last
    assert page.inner_text("#place") == before


def test_mazurs_example_by_the_keyboard_alone(opened: Open) -> None:
    """The losses that were published: 0.298371109 before the step, 0.291027774 behind it."""
    page = opened()
    page.focus("#presets select")
    page.keyboard.type("Maz")
    quiet(page)
    assert page.eval_on_selector("#presets select", "one => one.value") == "mazur"
    page.focus("#panel")
    step_to(page, "L")
    assert _loss(page) == "0.298371109"
    press(page, "End", "ArrowRight")
    step_to(page, "L")
    assert _loss(page) == "0.291027774"


def _loss(page: Any) -> str:
    """The loss in the panel, opened by the keyboard."""
    page.focus('#panel article:not([hidden]) .cell[data-ref="L"]')
    page.keyboard.press("Enter")
    page.wait_for_selector('.derivation[data-entry="L"] output')
    text = str(page.inner_text(".derivation output"))
    page.keyboard.press("Escape")
    return text


@pytest.mark.parametrize("hidden", [[], [1], [3], [4, 2], [2, 3, 2, 2]])
def test_every_step_of_five_networks_opens(opened: Open, hidden: list[int]) -> None:
    """At each step its first entry opens to a derivation that ends in the number of its cell."""
    page = opened()
    take(page, "xor")
    _build(page, hidden)
    page.focus("#panel")
    steps = page.locator("#steps .mark").count() - 1
    for _ in range(steps):
        press(page, "ArrowRight")
        cell = page.locator("#panel article:not([hidden]) .result .cell").first
        reference, text = cell.get_attribute("data-ref"), cell.inner_text()
        assert derive(page, reference).startswith(text[:4])
        press(page, "Escape")


def _build(page: Any, hidden: list[int]) -> None:
    """Layers and units by clicks alone."""
    while page.locator('[data-key^="fewer"]').count() > len(hidden):
        page.click('[data-key="remove"]')
        quiet(page)
    while page.locator('[data-key^="fewer"]').count() < len(hidden):
        page.click('[data-key="add"]')
        quiet(page)
    for k, units in enumerate(hidden):
        count = page.locator(".layer .count").nth(1 + k)
        while (found := int(count.inner_text())) != units:
            page.click(f'[data-key="{"more" if found < units else "fewer"}{k}"]')
            quiet(page)


def test_an_edited_weight_greys_what_depends_on_it_until_the_answer(opened: Open) -> None:
    page = opened()
    take(page, "xor")
    step_to(page, "Z1")
    before = number_at(page, "Z1[3,0]")
    derive(page, "W1[0,0]")
    page.route("**/api/edit", lambda route: (page.wait_for_timeout(400), route.continue_()))
    page.fill(".edit input", "2.5")
    page.keyboard.press("Enter")
    page.wait_for_selector("body[data-stale]")
    opacity = page.eval_on_selector("#output > *", "one => getComputedStyle(one.closest('#output')).opacity")
    assert float(opacity) < 0.8
    quiet(page)
    assert number_at(page, "W1[0,0]") == "2.5"
    assert number_at(page, "Z1[3,0]") != before


def test_the_numbers_are_those_of_python(opened: Open) -> None:
    """The weights on the page make the same story in Python, to all the digits that the panel shows."""
    page = opened()
    take(page, "xor")
    page.select_option("#unit", "epoch")
    for _ in range(3):
        press(page, "ArrowRight")
    page.select_option("#unit", "operation")
    step_to(page, "dW1")
    shapes = {"W1": (2, 3), "b1": (3,), "W2": (3, 1), "b2": (1,)}
    weights = {name: np.empty(shape) for name, shape in shapes.items()}
    values = {name: array["values"] for name, array in page.evaluate(ARRAYS).items()}
    for name, array in weights.items():
        array.flat[:] = values[name]
    net = MLP([2, 3, 1], "tanh", loss="binary_cross_entropy", init=weights)
    story = net.explain(*XOR)
    assert story["dW1"].value.ravel().tolist() == values["dW1"]
    assert float(derive(page, "dW1[1,2]").replace("−", "-")) == pytest.approx(
        story["dW1"].value[1, 2], rel=1e-8
    )


@pytest.mark.parametrize(("data", "hidden", "wanted"), [("xor", [3], 100), ("spiral", [8, 8], 95)])
def test_training_solves(opened: Open, data: str, hidden: list[int], wanted: int) -> None:
    page = opened()
    take(page, "xor")
    page.select_option("#data [data-part=kind] select", data)
    quiet(page)
    _build(page, hidden)
    page.select_option('#training [data-part="optimizer"] select', "adam")
    quiet(page)
    page.fill('#training [data-part="learning_rate"] input', "0.03")
    press(page, "Enter")
    page.select_option("#unit", "epoch")
    page.focus("#panel")
    page.keyboard.press("Space")
    page.wait_for_function(
        """(wanted) => [...document.querySelectorAll("#output .figures tbody tr")].some((row) =>
            row.querySelector("th").textContent === "accuracy"
            && Number.parseFloat(row.querySelector("td").textContent) >= wanted)""",
        arg=wanted,
        timeout=60_000,
    )
    page.keyboard.press("Space")
    quiet(page)
    page.wait_for_selector("body:not([data-untold])")


def test_a_link_brings_back_the_same_state_to_the_bit(opened: Open) -> None:
    page = opened()
    take(page, "xor")
    page.select_option('#training [data-part="optimizer"] select', "adam")
    quiet(page)
    page.select_option("#unit", "epoch")
    page.focus("#panel")
    press(page, *["ArrowRight"] * 5)
    page.select_option("#unit", "operation")
    step_to(page, "dW2")
    link = fragment(page)
    other = opened(link)
    assert shown(other) == "dW2"
    assert other.inner_text("#place") == page.inner_text("#place")
    assert other.evaluate(ARRAYS) == page.evaluate(ARRAYS)
    assert fragment(other) == link
