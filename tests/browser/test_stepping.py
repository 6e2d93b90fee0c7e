"""Stepping, opening derivations, editing, training: as a person does it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from browser.person import (
    arrays,
    derive,
    fragment,
    number_at,
    press,
    quiet,
    shown,
    step_back_to,
    step_to,
    tab_to,
    take,
    train_with_adam,
)
from clearprop import MLP, SGD

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


UNITS = ["operation", "layer", "pass", "batch", "epoch"]


def test_each_unit_goes_as_far_back_as_it_went_forward(opened: Open) -> None:
    page = opened()
    take(page, "xor")
    page.fill('#training [data-part="batch"] input', "2")
    press(page, "Enter")
    page.focus("#panel")
    steps = page.evaluate("import('/viewer/story.js').then(({ story }) => story.steps)")
    ends = {
        "operation": [one["name"] for one in steps],
        "layer": _last_of_each([(one["phase"], one["layer"]) for one in steps], steps),
        "pass": _last_of_each([one["phase"] for one in steps], steps),
    }
    assert len(ends["pass"]) == 4
    for key, unit in enumerate(UNITS[:3], 1):
        press(page, str(key))
        assert page.eval_on_selector("#unit", "one => one.value") == unit
        for way in (ends[unit], [*reversed(ends[unit][:-1]), ""]):
            for wanted in way:
                press(page, "ArrowRight" if way is ends[unit] else "ArrowLeft")
                assert shown(page) == wanted, unit
    for key, unit, places in [
        (4, "batch", [(0, 2, 1), (1, 1, 2), (1, 2, 3)]),
        (5, "epoch", [(1, 1, 2), (2, 1, 4)]),
    ]:
        press(page, str(key))
        seen = [_place(page)]
        for epoch, batch, made in places:
            press(page, "ArrowRight")
            assert _place(page)[0] == f"epoch {epoch} · batch {batch} of 2 · {made} steps made", unit
            seen.append(_place(page))
        for before in reversed(seen[:-1]):
            press(page, "ArrowLeft")
            assert _place(page) == before, unit


def _last_of_each(groups: list[Any], steps: list[Any]) -> list[str]:
    """The last step of every run of steps in the same group."""
    return [one["name"] for k, one in enumerate(steps) if k + 1 == len(steps) or groups[k] != groups[k + 1]]


def _place(page: Any) -> tuple[str, dict[str, Any]]:
    """Where the training stands, and its numbers."""
    return page.inner_text("#place"), arrays(page)


@pytest.mark.parametrize("unit", UNITS)
def test_space_plays_every_unit_and_pauses(opened: Open, unit: str) -> None:
    page = opened()
    take(page, "xor")
    page.select_option("#unit", unit)
    page.select_option('#bar select[aria-label="Speed"]', "8")
    page.focus("#panel")
    page.keyboard.press("Space")
    assert page.get_attribute("#play", "aria-label") == "Pause (Space)"
    page.wait_for_function(
        "() => / [2-9] steps| \\d\\d+ steps/.test(document.querySelector('#place').innerText)"
    )
    page.keyboard.press("Space")
    quiet(page)
    assert page.get_attribute("#play", "aria-label") == "Play (Space)"
    stopped = shown(page), page.inner_text("#place")
    page.wait_for_timeout(300)
    assert (shown(page), page.inner_text("#place")) == stopped


def test_the_speed_says_how_long_a_step_is_shown(opened: Open) -> None:
    page = opened()
    take(page, "xor")
    times = {}
    for speed in ("0.5", "4"):
        page.select_option('#bar select[aria-label="Speed"]', speed)
        page.focus("#panel")
        times[speed] = page.evaluate(SECOND_STEP)
        press(page, "Space", "Home")
    assert times["0.5"] == pytest.approx(1200, abs=300)
    assert times["4"] == pytest.approx(150, abs=150)


SECOND_STEP = """async () => {
    const { onChange } = await import("/viewer/state.js");
    const seen = [];
    const both = new Promise((done) => onChange(() => { if (seen.push(performance.now()) === 2) done(); }));
    document.getElementById("play").click();
    await both;
    return seen[1] - seen[0];
}"""


def test_mazurs_example_by_the_keyboard_alone(opened: Open) -> None:
    """The losses that were published: 0.298371109 before the step, 0.291027774 behind it."""
    page = opened()
    tab_to(page, "#presets select")
    page.keyboard.type("Maz")
    quiet(page)
    assert page.eval_on_selector("#presets select", "one => one.value") == "mazur"
    press(page, "Tab")
    step_to(page, "L")
    assert _loss(page) == "0.298371109"
    press(page, "End")
    assert shown(page) == "b2_new"
    press(page, "ArrowRight")
    assert shown(page) == ""
    step_to(page, "L")
    assert _loss(page) == "0.291027774"
    press(page, "Home", "ArrowLeft", "ArrowLeft")
    step_back_to(page, "L")
    assert _loss(page) == "0.298371109"


def _loss(page: Any) -> str:
    """The loss in the panel, opened by the keyboard; closed again, the focus is where it was."""
    cell = '#panel article:not([hidden]) .result .cell[data-ref="L"]'
    tab_to(page, cell)
    page.keyboard.press("Enter")
    page.wait_for_selector('.derivation[data-entry="L"] output')
    text = str(page.inner_text(".derivation output"))
    page.keyboard.press("Escape")
    assert page.evaluate("(wanted) => document.activeElement.matches(wanted)", cell)
    return text


@pytest.mark.parametrize("hidden", [[], [1], [3], [4, 2], [2, 3, 2, 2]])
def test_every_step_of_five_networks_opens_to_what_python_derives(opened: Open, hidden: list[int]) -> None:
    """The first, the middle and the last entry of each step: the numbers filled in, and the result."""
    page = opened()
    take(page, "xor")
    _build(page, hidden)
    page.focus("#panel")
    press(page, "5", "ArrowRight", "1")  # no bias is 0 any more, which Python would leave out
    story = _own_story(page, hidden)
    for step in story:
        press(page, "ArrowRight")
        assert shown(page) == step.name
        cells = page.locator("#panel article:not([hidden]) .result .cell")
        count = cells.count()
        assert count == step.value.size
        for k in sorted({0, count // 2, count - 1}):
            cells.nth(k).click()
            assert _derived(page) == _derivation(story, step.name, np.unravel_index(k, step.value.shape))
        press(page, "Escape")


def _own_story(page: Any, hidden: list[int]) -> Any:
    """Python's story of XOR with the weights that the page shows."""
    net = MLP([2, *hidden, 1], "tanh", loss="binary_cross_entropy")
    values = arrays(page)
    for name, array in net.parameters.items():
        array.flat[:] = values[name]["values"]
    return net.explain(*XOR, optimizer=SGD(0.5))


def _derived(page: Any) -> tuple[str, list[str]]:
    """The opened entry, and what follows its formula: the numbers filled in, and the result."""
    lines = page.locator(".derivation .equations .right")
    texts = ["".join(one.split()) for one in lines.all_text_contents()]
    return page.get_attribute(".derivation", "data-entry"), [texts[-2], texts[-1].removesuffix("copy")]


def _derivation(story: Any, name: str, index: Any) -> tuple[str, list[str]]:
    """The same from the text that Python writes."""
    found = story.zoom(name, *map(int, index))
    equations = str(found).rpartition(story[name].meaning[:20])[0]
    lines = ["".join(one.split()) for one in re.split(r"\n +(?== )", equations)]
    place = ",".join(map(str, index))
    return f"{name}[{place}]" if place else name, [one.removeprefix("=") for one in lines[-2:]]


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


def test_an_edited_weight_comes_back_where_it_was_seen(opened: Open) -> None:
    page = opened()
    take(page, "xor")
    derive(page, "W1[0,0]")
    before = page.input_value(".edit input")
    page.fill(".edit input", "2.5")
    page.keyboard.press("Enter")
    quiet(page)
    press(page, "Escape")
    assert shown(page) == ""
    page.click("#back")
    quiet(page)
    assert shown(page) == ""
    derive(page, "W1[0,0]")
    assert page.input_value(".edit input") == before


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
    train_with_adam(page, 5)
    page.select_option("#unit", "operation")
    step_to(page, "dW2")
    link = fragment(page)
    other = opened(link)
    assert shown(other) == "dW2"
    assert other.inner_text("#place") == page.inner_text("#place")
    assert other.evaluate(ARRAYS) == page.evaluate(ARRAYS)
    assert fragment(other) == link
