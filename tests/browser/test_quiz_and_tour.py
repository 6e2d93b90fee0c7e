"""The quiz marks what is near enough and shows how it comes about; the tour lights what it talks about."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from browser.person import arrays, press, quiet, shown, take

Open = Callable[..., Any]
TALKED_ABOUT = [["Z1"], ["L"], ["dZ2"], ["dZ1"], ["W1_new"], ["L"]]


def _asked(page: Any) -> tuple[str, float]:
    """The entry that the quiz asks for, and its number."""
    asked = re.search(r"(\w+)(?:\[(.+)\])?\?", page.inner_text("#quiz label"))
    assert asked is not None
    array = arrays(page)[asked[1]]
    places = asked[2].split(", ") if asked[2] else []
    flat = 0
    for place, size, names in zip(places, array["shape"], array["names"], strict=True):
        flat = flat * size + (names.index(place) if names and place in names else int(place))
    return asked[1], float(array["values"][flat])


def _answer(page: Any, text: str) -> str:
    page.fill("#quiz input", text)
    page.keyboard.press("Enter")
    page.wait_for_selector("#quiz .mark-said")
    return str(page.get_attribute("#quiz .mark-said", "data-right"))


def test_the_quiz_marks_right_near_and_wrong_answers_through_a_whole_step(opened: Open) -> None:
    page = opened()
    take(page, "mazur")
    page.click("#quiz-button")
    answers: list[tuple[Callable[[float], str], str]] = [
        (lambda value: repr(value), "true"),
        (lambda value: f"{value * 1.009:.9g}".replace(".", ",").replace("-", "−"), "true"),
        (lambda value: f"{value * 0.991:.9g}", "true"),
        (lambda value: f"{value * 1.02:.9g}", "false"),
        (lambda value: repr(-value), "false"),
    ]
    right = count = 0
    while page.locator("#quiz form").count():
        name, value = _asked(page)
        write, expected = answers[count % len(answers)]
        if value == 0:
            write, expected = repr, "true"
        assert page.locator(f'#panel article[data-step="{name}"]').is_hidden()
        assert _answer(page, write(value)) == expected, (name, value)
        right, count = right + (expected == "true"), count + 1
        assert f"{right} of {count}" in page.inner_text("#quiz h2")
        assert shown(page) == name
        assert page.get_attribute(".derivation", "data-entry").startswith(name)
        assert page.evaluate("document.activeElement.closest('#quiz') !== null")
        page.keyboard.press("Enter")
    assert count == len(page.evaluate("import('/viewer/story.js').then(({ story }) => story.steps)"))
    page.click("#quiz button")
    quiet(page)
    assert "1 steps made" in page.inner_text("#place")
    assert page.locator("#quiz form").count() == 1
    page.click('#quiz button:text-is("Show me")')  # to be told is no answer
    assert page.get_attribute("#quiz .mark-said", "data-right") == "false"
    page.click("#quiz-button")
    assert page.is_hidden("#quiz")
    assert page.is_visible("#output .figures")


@pytest.mark.parametrize("text", ["", "a half", "1e", "--1"])
def test_the_quiz_takes_numbers_only(opened: Open, text: str) -> None:
    page = opened()
    take(page, "mazur")
    page.click("#quiz-button")
    page.fill("#quiz input", text)
    page.keyboard.press("Enter")
    assert page.locator("#quiz .mark-said").count() == 0
    assert "0 of 0" in page.inner_text("#quiz h2")
    _, value = _asked(page)
    assert _answer(page, repr(value)) == "true"


@pytest.mark.parametrize("width", [390, 1280])
def test_each_page_of_the_tour_lights_what_it_talks_about(opened: Open, width: int) -> None:
    page = opened(width=width)
    page.focus("#tour-button")
    page.keyboard.press("Enter")
    page.wait_for_selector("#tour")
    quiet(page)
    for k, names in enumerate(TALKED_ABOUT):
        assert f"{k + 1} of 6" in page.inner_text("#tour .place")
        for name in names:
            assert _lit(page, name), (k, name)
        for button in page.locator("#tour .quantity-button").all():
            wanted = button.get_attribute("data-name")
            button.click()
            assert _lit(page, wanted), (k, wanted)
        if k < 5:
            page.focus("#tour-next")
            page.keyboard.press("Enter")
            assert page.evaluate("document.activeElement.id") == "tour-title"
    page.click("#tour-before")
    assert "5 of 6" in page.inner_text("#tour .place")
    page.click("#tour-close")
    quiet(page)
    assert page.locator("#tour").count() == 0
    assert page.evaluate("document.activeElement.id") == "tour-button"


def _lit(page: Any, name: str) -> bool:
    """Whether something of a quantity is lit that can be seen."""
    return bool(
        page.eval_on_selector_all(
            "#drawing .lit, #panel article:not([hidden]) .lit",
            """(all, name) => all.some((one) => one.checkVisibility()
                && one.dataset.ref.split(" ").some((own) => own.split("[")[0] === name))""",
            name,
        )
    )


def test_keys_step_during_the_tour_and_the_number_of_the_new_step_is_told(opened: Open) -> None:
    page = opened()
    take(page, "xor")
    page.click("#tour-button")
    page.wait_for_selector("#tour")
    quiet(page)
    press(page, "ArrowRight")
    assert shown(page) == "A1"
    for _ in range(5):
        page.click("#tour-next")
    assert "0.298371109" in page.inner_text("#tour")
    page.click("#tour-step")
    page.wait_for_function("() => document.querySelector('#tour').innerText.includes('Steps made so far: 1')")
    assert shown(page) == "L"
