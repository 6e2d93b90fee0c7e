"""States with little to show, or not what was there: the page lives on and says what happened."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from browser.person import fragment, quiet, shown, step_to, take

Open = Callable[..., Any]
ENDLESS = "a,b,c\n" + "".join(f"{k},{k % 3},1e200\n" for k in range(8))  # its loss overflows at once


def _open_table(page: Any, text: str) -> None:
    page.select_option("#data .controls select", "table")
    page.fill("dialog#table textarea", text)
    page.click("dialog#table button.main:not([disabled])")
    quiet(page)


def _forgive(opened: Open, status: int) -> None:
    """Browsers write a refusal to the console; that one, and nothing else, was to be expected."""
    (said,) = opened.trouble  # type: ignore[attr-defined]
    assert f"status of {status}" in said
    opened.trouble.clear()  # type: ignore[attr-defined]


def test_a_network_whose_first_step_diverges_is_shown_and_can_be_changed(opened: Open) -> None:
    page = opened()
    _open_table(page, ENDLESS)
    assert "the next step diverges" in page.inner_text("#untold")
    assert "raining" not in page.inner_text("#untold")  # nobody has trained
    assert page.locator("#output .figures td:nth-child(2)").all_inner_texts() == ["–", "–"]
    assert page.locator("#layers .count").all_inner_texts()[0] == "2"
    page.click('[data-key="add"]')
    quiet(page)
    page.click('[data-key="more0"]')
    quiet(page)
    assert page.is_visible("#untold")
    link = fragment(page)
    page.reload()
    page.wait_for_selector("body[data-ready]")
    assert fragment(page) == link
    assert "diverges" in page.inner_text("#untold")
    take(page, "xor")
    assert not page.is_visible("#untold")
    step_to(page, "Z1")


def test_a_rate_that_is_too_high_can_be_reloaded_where_training_stopped(opened: Open) -> None:
    page = opened()
    take(page, "too-fast")
    page.select_option("#unit", "epoch")
    page.click("#play")
    page.wait_for_function("() => /diverges/.test(document.querySelector('#untold').innerText)")
    quiet(page)
    link = fragment(page)
    page.reload()
    page.wait_for_selector("body[data-ready]")
    assert fragment(page) == link
    page.click("#reset")
    quiet(page)
    assert not page.is_visible("#untold")


@pytest.mark.parametrize("damaged", ["#link=abc", "#link=null", "#link=eJw&step=Z1"])
def test_a_damaged_link_opens_the_beginning_and_says_so(opened: Open, damaged: str) -> None:
    page = opened(damaged)
    assert "this link cannot be opened" in page.inner_text("#status")
    step_to(page, "Z1")
    assert re.fullmatch(r"#link=[\w-]{100,}&step=Z1", fragment(page))
    _forgive(opened, 400)


def test_clicks_that_come_before_the_answer_all_count(opened: Open) -> None:
    page = opened()
    take(page, "xor")
    before = int(page.inner_text("#layers .layer:nth-child(2) .count"))
    more = "document.querySelector('[data-key=more0]').click()"
    page.evaluate(f"() => {{ {more}; {more}; {more}; }}")
    quiet(page)
    assert int(page.inner_text("#layers .layer:nth-child(2) .count")) == before + 3


def test_on_a_phone_a_change_leaves_the_tab_where_it_is(opened: Open) -> None:
    page = opened(width=390, height=800)
    take(page, "xor")
    step_to(page, "dW1")
    page.click("#panel article:not([hidden]) .result .cell >> nth=0")
    page.click('#tabs [aria-controls="build"]')
    page.click('[data-key="more0"]')
    quiet(page)
    assert page.get_attribute("body", "data-tab") == "build"


def test_the_tour_gives_back_what_was_there_with_its_curve(opened: Open) -> None:
    page = opened()
    take(page, "xor")
    page.select_option("#unit", "epoch")
    for _ in range(3):
        page.click("#on")
        quiet(page)
    link = fragment(page)
    page.click("#tour-button")
    page.wait_for_selector("#tour")
    quiet(page)
    page.click("#tour-close")
    quiet(page)
    assert fragment(page) == link
    points = "import('/page/session.js').then(({ page }) => page.view.curve.points.length)"
    assert page.evaluate(points) >= 4


def test_a_table_that_is_too_large_for_a_link_leaves_none_in_the_address(opened: Open) -> None:
    page = opened()
    take(page, "xor")
    assert fragment(page).startswith("#link=")
    _open_table(page, "a,b\n" + "".join(f"{k}.{'123456789' * 5},{k % 7}\n" for k in range(1500)))
    assert "link=" not in fragment(page)
    page.click("#share summary")
    page.click('#share button:text-is("Copy link")')
    assert "too large for a link" in page.inner_text("#status")


def test_a_session_that_is_gone_comes_back_from_its_link(opened: Open) -> None:
    page = opened()
    take(page, "xor")
    page.evaluate("import('/page/session.js').then(({ page }) => { page.view.session = 'gone'; })")
    page.select_option("#unit", "batch")
    page.click("#on")
    quiet(page)
    assert "back as it was" in page.inner_text("#status")
    assert "1 steps" in page.inner_text("#place")
    _forgive(opened, 410)


def test_the_command_opens_a_link(browser: Any, opened: Open) -> None:
    page = opened()
    take(page, "mazur")
    step_to(page, "dZ2")
    address = "http://127.0.0.1:1/" + fragment(page)
    command = [sys.executable, "-m", "clearprop", "play", "--no-browser", "--port", "0", "--link", address]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        other = browser.new_context().new_page()
        other.goto(re.findall(r"http\S+", process.stdout.readline())[0])
        other.wait_for_selector("body[data-ready]")
        assert shown(other) == "dZ2"
        assert fragment(other) == fragment(page)
        other.context.close()
    finally:
        process.terminate()
        process.wait(10)
        process.stdout.close()
