"""What comes at an odd moment: many clicks at once, a reload on the tour, a file that is dropped anywhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from browser.person import fragment, press, quiet, shown, step_to, take
from clearprop.rules import HIDDEN_ACTIVATIONS

Open = Callable[..., Any]
COUNTS = "() => [...document.querySelectorAll('#layers .count')].map((one) => one.innerText)"
DROP = """(selector) => {
    const dropped = new DataTransfer();
    dropped.items.add(new File(["a,b,y\\n1,2,x\\n2,1,z\\n3,3,x\\n"], "dropped.csv", { type: "text/csv" }));
    const event = new DragEvent("drop", { dataTransfer: dropped, cancelable: true, bubbles: true });
    document.querySelector(selector).dispatchEvent(event);
    return event.defaultPrevented;
}"""


def test_every_activation_is_shown_within_the_page_s_own_rules(opened: Open) -> None:
    page = opened()  # its console stays empty, which `opened` looks at
    take(page, "xor")
    for name in HIDDEN_ACTIVATIONS:
        page.select_option("#layers select >> nth=0", name)
        quiet(page)
        page.focus("#panel")
        press(page, "Home")
        step_to(page, "A1")
        assert page.locator("#panel article:not([hidden]) .formula math").count() == 1


def test_clicks_that_come_before_the_answer_all_count(opened: Open) -> None:
    page = opened()
    take(page, "xor")
    page.evaluate("""() => {
        const click = (key) => document.querySelector(`#layers [data-key=${key}]`).click();
        for (const key of ["more0", "add", "add", "add", "remove", "more0"]) click(key);
    }""")
    quiet(page)
    units = int(page.evaluate(COUNTS)[1])
    assert page.evaluate(COUNTS)[1:5] == [str(units), str(units - 1), str(units - 1), "3"]


@pytest.mark.parametrize("hidden", ["data,optimiser", "data,optimizer", " Data , OPTIMISER"])
def test_the_optimiser_is_hidden_by_either_spelling(opened: Open, hidden: str) -> None:
    page = opened(f"?hide={hidden}")
    assert page.locator("#training [data-part=optimizer]:visible, #data:visible").count() == 0
    assert page.locator("#training [data-part=learning_rate]:visible").count() == 1


@pytest.mark.parametrize("language", ["de", "DE", "de-AT"])
def test_german_is_german_however_it_is_written(opened: Open, language: str) -> None:
    assert opened(f"?lang={language}").evaluate("document.documentElement.lang") == "de"


def test_a_reload_on_the_tour_brings_back_what_was_there(opened: Open) -> None:
    page = opened()
    take(page, "spiral")
    page.select_option("#unit", "epoch")
    page.focus("#panel")
    press(page, "ArrowRight")
    link, place = fragment(page), page.inner_text("#place")
    page.click("#tour-button")
    page.wait_for_selector("#tour")
    page.click("#tour-next")
    assert fragment(page) == link
    page.reload()
    page.wait_for_selector("body[data-ready]")
    quiet(page)
    assert page.locator("#tour").count() == 0
    assert page.inner_text("#place") == place


def test_the_tour_ends_the_quiz(opened: Open) -> None:
    page = opened()
    page.click("#quiz-button")
    assert page.is_visible("#quiz")
    page.click("#tour-button")
    page.wait_for_selector("#tour")
    assert page.is_hidden("#quiz")
    assert page.is_hidden("#quiz-button")
    page.click("#tour-close")
    quiet(page)
    assert page.is_hidden("#quiz")
    assert page.is_visible("#quiz-button")


@pytest.mark.parametrize("answer", ["1e999", "Infinity", "0x10", "1 2"])
def test_what_is_no_number_is_no_answer(opened: Open, answer: str) -> None:
    page = opened()
    page.click("#quiz-button")
    page.fill("#quiz input", answer)
    page.keyboard.press("Enter")
    assert page.locator("#quiz .mark-said").count() == 0
    assert "0" in page.inner_text("#quiz h2 [role=status]")


@pytest.mark.parametrize("selector", ["#data", "#panel", "#drawing", "body"])
def test_a_file_may_be_dropped_anywhere(opened: Open, selector: str) -> None:
    page = opened()
    assert page.evaluate(DROP, selector)
    page.wait_for_selector("dialog#table button.main:enabled")
    assert page.input_value("dialog#table textarea").startswith("a,b,y")


def test_a_server_that_ended_says_how_to_go_on(opened: Open) -> None:
    page = opened()
    page.route("**/api/**", lambda route: route.fulfill(status=403, body="Open the page by the address …"))
    page.focus("#panel")
    page.select_option("#unit", "batch")
    page.focus("#panel")
    page.keyboard.press("ArrowRight")
    page.wait_for_function(
        "() => document.querySelector('#status').innerText.includes('clearprop play --link')"
    )
    page.unroute("**/api/**")
    opened.trouble.clear()  # type: ignore[attr-defined]  # the console names the answer 403


def test_a_damaged_link_does_not_stay_in_the_address(opened: Open) -> None:
    page = opened()
    good = fragment(page)
    page.evaluate("location.hash = '#link=garbage'")
    page.wait_for_selector("#status[data-kind=error]")
    assert fragment(page) == good
    opened.trouble.clear()  # type: ignore[attr-defined]  # the console names the answer 400


def test_an_example_with_other_data_is_no_longer_called_so(opened: Open) -> None:
    page = opened()
    take(page, "mazur")
    assert "published" in page.inner_text("#preset-text")
    page.select_option("#data [data-part=kind] select", "moons")
    quiet(page)
    assert page.inner_text("#preset-text") == ""
    assert page.input_value("#presets select") == ""
    take(page, "mazur")
    assert "published" in page.inner_text("#preset-text")
    assert shown(page) == ""
