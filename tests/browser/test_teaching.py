"""The quiz, the tour, languages, hidden controls."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import clearprop
from browser.person import press, quiet, shown, take

Open = Callable[..., Any]
TEXTS = json.loads((Path(clearprop.__file__).parent / "page" / "static" / "texts.json").read_text("utf-8"))
SAID = """[...document.querySelectorAll('[aria-label],[title]')]
    .map((one) => `${one.ariaLabel} ${one.title}`).join(' ')"""
VALUES = "import('/viewer/story.js').then(({ story }) => story.arrays)"


def test_the_quiz_gives_nothing_away_and_marks(opened: Open) -> None:
    page = opened()
    take(page, "mazur")
    page.click("#quiz-button")
    arrays = page.evaluate(VALUES)
    hidden = {f"{value:.3f}"[:5] for value in arrays["Z1"]["values"] + arrays["A2"]["values"]}
    seen = page.evaluate("document.body.innerText") + page.evaluate(SAID)
    assert not [one for one in hidden if one in seen]
    right = 0
    for k in range(3):
        asked = page.inner_text("#quiz label")
        name, row, column = re.search(r"(\w+)\[(?:(\d+), )?(\w+)\]", asked).groups()  # type: ignore[union-attr]
        array = page.evaluate(VALUES)[name]
        where = [int(row or 0), array["names"][-1].index(column) if array["names"][-1] else int(column)]
        value = (
            array["values"][where[0] * array["shape"][-1] + where[1]]
            if len(array["shape"]) > 1
            else array["values"][where[1]]
        )
        page.fill("#quiz input", f"{value:.4g}" if k != 1 else "99")
        page.keyboard.press("Enter")
        right += k != 1
        page.wait_for_selector(f'#quiz .mark-said[data-right="{str(k != 1).lower()}"]')
        assert page.locator(".derivation output").count() == 1
        page.click("#quiz button")
    assert f"{right} of 3" in page.inner_text("#quiz h2")


def test_the_tour_has_six_pages_and_goes_to_its_steps(opened: Open) -> None:
    page = opened()
    take(page, "xor")
    place = page.inner_text("#place")
    page.click("#tour-button")
    page.wait_for_selector("#tour")
    quiet(page)
    seen = []
    for k in range(6):
        assert f"{k + 1} of 6" in page.inner_text("#tour .place")
        seen.append(shown(page))
        assert page.locator(".lit").count() > 0
        if k < 5:
            page.click("#tour-next")
    assert seen == ["Z1", "L", "dZ2", "dZ1", "W1_new", "L"]
    assert "0.298371109" in page.inner_text("#tour")
    page.click("#tour-step")
    page.wait_for_function("() => document.querySelector('#tour').innerText.includes('0.291027774')")
    page.keyboard.press("Escape")
    quiet(page)
    assert page.locator("#tour").count() == 0
    assert page.inner_text("#place") == place


def test_both_languages_say_everything(opened: Open) -> None:
    english, german = TEXTS["en"], TEXTS["de"]
    assert set(english) == set(german)
    for key, text in english.items():
        assert sorted(re.findall(r"\{\w+\}|\[\[.+?\]\]", text)) == sorted(
            re.findall(r"\{\w+\}|\[\[.+?\]\]", german[key])
        ), key
    page = opened("?lang=de")
    assert page.get_attribute("html", "lang") == "de"
    assert "Schritt" in page.inner_text("body")
    assert page.inner_text("#tour-button") == german["tour.open"]
    assert not re.search(
        r"\b[a-z]+\.[a-z]+(\.[a-z]+)?\b(?<!\.js)", page.inner_text("#bar")
    )  # a key without a text


def test_what_is_hidden_is_out_of_reach(opened: Open) -> None:
    page = opened("?hide=data,optimizer,quiz,share,tour,layers")
    assert page.locator("#quiz-button, #tour-button, #share button, #layers button").count() == 0
    assert not page.is_visible("#data")
    reached = set()
    page.focus("body")
    for _ in range(60):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.closest('[data-part], #data')?.dataset.part ?? ''"))
    assert not reached & {"data", "optimizer", "noise", "rows", "kind"}
    press(page, "ArrowRight")
    assert shown(page) == "Z1"
