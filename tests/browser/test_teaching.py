"""The quiz, the tour, languages, hidden controls."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import clearprop
from browser.person import derive, number_at, press, quiet, shown, step_to, take

Open = Callable[..., Any]
TEXTS = json.loads((Path(clearprop.__file__).parent / "page" / "static" / "texts.json").read_text("utf-8"))
SAID = """[...document.querySelectorAll('[aria-label],[title]')]
    .map((one) => `${one.ariaLabel} ${one.title}`).join(' ')"""
WORDS = "import('/viewer/words.js').then(({ WORDS }) => WORDS)"
GERMAN = TEXTS["de"]
# what is on screen or read out, but for what is marked as English
SPOKEN = """() => {
  const isShown = (one) => one.checkVisibility({visibilityProperty: true});
  const found = [];
  for (const one of document.querySelectorAll('body, body *')) {
    if (one.closest('[lang=en], math, script, style') || !isShown(one)) continue;
    for (const node of one.childNodes) if (node.nodeType === Node.TEXT_NODE) found.push(node.textContent);
    for (const name of ['aria-label', 'title', 'placeholder']) found.push(one.getAttribute(name) ?? '');
  }
  return found.map((one) => one.trim()).filter(Boolean);
}"""
PLAIN_ENGLISH = re.compile(r"\b(the|of|and|from|with|is|are|to|given|step|sample|layer|back)\b", re.I)
VALUES = "import('/viewer/story.js').then(({ story }) => story.arrays)"


def english_in(page: Any) -> list[str]:
    """What a German page says in English, by the table or by its looks, where it is not marked as such."""
    english = {**page.evaluate(WORDS), **TEXTS["en"]}
    german = set(GERMAN.values())
    forms = [
        re.sub(r"\\\{\w+\\\}", ".+", re.escape(text))
        for key, text in english.items()
        if text not in german and re.search(r"[a-z]{2}", re.sub(r"\{\w+\}", "", text)) and GERMAN[key] != text
    ]
    whole = re.compile("|".join(forms))
    said = page.evaluate(SPOKEN)
    assert len(said) > 50
    return [one for one in said if whole.fullmatch(one) or PLAIN_ENGLISH.search(one)]


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


def test_a_german_page_says_everything_in_german(opened: Open) -> None:
    page = opened("?lang=de")
    assert page.get_attribute("html", "lang") == "de"
    assert page.inner_text("#tour-button") == GERMAN["tour.open"]
    take(page, "mazur")
    assert page.inner_text("#presets option:checked") == "Das Beispiel von Mazur"
    assert page.inner_text("#preset-text") == GERMAN["preset.mazur.text"]
    groups = [one.lower() for one in page.locator("#steps .group > span").all_inner_texts()]
    assert groups == ["gegeben", "vorwärts", "fehler", "rückwärts", "aktualisierung"]
    drawn = page.locator("#drawing text.title").all_text_contents()
    assert [drawn[0], drawn[1], drawn[-1]] == ["Eingaben", "Schicht 1 · sigmoid", "Ziele"]
    assert not english_in(page)
    step_to(page, "A1")
    article = "#panel article:not([hidden])"
    assert page.inner_text(f"{article} .phase").lower() == "vorwärtsdurchgang, schicht 1"
    assert page.inner_text(f"{article} .meaning") == "Jede Zahl wird zu einer zwischen 0 und 1."
    assert page.inner_text(f"{article} h3") == "aus"
    assert page.inner_text(f"{article} figure .copy") == "kopieren"
    assert not english_in(page)
    step_to(page, "dW1")
    derive(page, "dW1[0,0]")
    page.wait_for_selector(".derivation .paths")
    page.click(".derivation summary")
    assert page.inner_text(".derivation summary") == "Der Gradient als Summe über 2 Pfade"
    assert "Zeile 0: " in page.inner_text(".derivation .paths li >> nth=0")
    assert page.get_attribute(".derivation", "aria-label") == "Herleitung von dW1[i1, 0]"
    assert page.get_attribute("#drawing svg", "aria-label") == GERMAN["drawing.label.step"].format(
        sizes="2-2-2", sample=0, step="dW1"
    )
    assert not english_in(page)


def test_no_english_is_left_on_a_german_page(opened: Open) -> None:
    page = opened("?lang=de")
    for preset in ("xor", "dead", "too-fast"):
        take(page, preset)
        for key in ("ArrowRight", "End", "Home"):
            press(page, key)
            assert not english_in(page), (preset, key)
    page.keyboard.press("?")
    assert not english_in(page)
    page.keyboard.press("Escape")
    for opener in ("#tour-button", "#share summary", "#build summary"):
        page.click(opener)
        quiet(page)
        assert not english_in(page), opener
        page.keyboard.press("Escape")
    page.select_option("#unit", "epoch")
    press(page, "ArrowRight")
    page.click("#quiz-button")
    assert not english_in(page)
    page.fill("#quiz input", "99")
    page.keyboard.press("Enter")
    page.wait_for_selector("#quiz .mark-said")
    assert not english_in(page)
    page.click("#quiz-button")
    page.select_option("#data .controls select", "table")
    page.fill("dialog#table textarea", "a,b\n1,2\n3,4\n")
    page.wait_for_selector("dialog#table button.main:not([disabled])")
    assert not english_in(page)


def test_english_on_a_german_page_is_seen(opened: Open) -> None:
    page = opened("?lang=de")
    for tag, text in (("p", "copy"), ("h3", "layer 1"), ("p", "One of the samples")):
        page.evaluate(
            "([tag, text]) => document.body.append(Object.assign(document.createElement(tag), "
            "{textContent: text, id: 'planted'}))",
            [tag, text],
        )
        assert english_in(page) == [text]
        page.evaluate("document.getElementById('planted').lang = 'en'")
        assert english_in(page) == []
        page.evaluate("document.getElementById('planted').remove()")


def test_a_step_is_read_out_with_its_numbers(opened: Open) -> None:
    page = opened()
    take(page, "mazur")
    step_to(page, "Z1")
    said = page.text_content("#announcement")
    assert said.startswith(
        "Z1: Each output is a weighted sum of the inputs, plus a bias. Shape 1 by 2; row 0: "
    )
    assert [number_at(page, f"Z1[0,{k}]") for k in range(2)] == re.findall(
        r"[\d.]+\d", said.partition("row 0")[2]
    )
    step_to(page, "L")
    assert page.text_content("#announcement").endswith("one number: 0.2984.")


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
