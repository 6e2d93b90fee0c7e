"""Narrow and wide, dark and light, without motion, without a mouse, by a screen reader."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from browser.person import press, quiet, shown, step_to, take

Open = Callable[..., Any]
AXE = Path(__file__).parent / "node_modules" / "axe-core" / "axe.min.js"
OUTSIDE = """() => [...document.querySelectorAll('#bar > *, #masthead > *, #tabs > *')].filter((one) => {
    const box = one.getBoundingClientRect();
    return one.checkVisibility() && box.width && getComputedStyle(one).clipPath === 'none'
        && (box.left < 0 || box.right > innerWidth || box.top < 0 || box.bottom > innerHeight);
}).map((one) => one.outerHTML.slice(0, 120))"""
WIDTHS = (360, 768, 1280, 2560)
SPILLED = """() => [...document.querySelectorAll('body *')].filter((one) => {
    const box = one.getBoundingClientRect();
    if (!box.width || !box.height || one.closest('.unseen, dialog:not([open]), svg, math')) return false;
    for (let around = one.parentElement; around; around = around.parentElement)
        if (['auto', 'scroll', 'hidden', 'clip'].includes(getComputedStyle(around).overflowX)
            && around !== document.body) return false;
    return box.right > innerWidth + 1 || box.left < -1;
}).map((one) => one.outerHTML.slice(0, 120))"""


@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_spills_over_the_edge(opened: Open, width: int) -> None:
    page = opened(width=width, height=800)
    for preset, names in (("mazur", ("", "dW1")), ("vanishing", ("Z7", "b7_new"))):
        take(page, preset)
        for name in names:
            if name.endswith("_new"):
                press(page, "End")
            step_to(page, name)
            for tab in page.locator("#tabs button:visible").all() or [None]:
                if tab is not None:
                    tab.click()
                assert page.evaluate(SPILLED) == []
                assert page.evaluate("document.scrollingElement.scrollWidth") <= width
                assert page.evaluate(OUTSIDE) == []
            if tab is not None:
                page.click("#tabs button >> nth=0")


@pytest.mark.parametrize(
    ("scheme", "width", "language"),
    [("light", 390, "en"), ("dark", 1280, "en"), ("dark", 390, "de"), ("light", 1280, "de")],
)
def test_axe_finds_nothing_serious_in_any_state(opened: Open, scheme: str, width: int, language: str) -> None:
    if not AXE.exists():
        pytest.skip("axe-core is not here: npm install --prefix tests/browser --no-save axe-core")
    page = opened(
        f"?lang={language}", width=width, height=2000, color_scheme=scheme
    )  # nothing is cut, all is looked at
    page.evaluate(AXE.read_text("utf-8"))
    seen = {}
    for state, reach in STATES.items():
        reach(page)
        found = page.evaluate("axe.run({ resultTypes: ['violations'] }).then(({ violations }) => violations)")
        seen[state] = [
            (one["id"], [node["html"][:150] for node in one["nodes"]][:4])
            for one in found
            if one["impact"] in ("serious", "critical")
        ]
    assert {state: found for state, found in seen.items() if found} == {}


def _tab(page: Any, place: int) -> None:
    """A panel of a small screen; on a large one all of them are there."""
    if page.is_visible("#tabs"):
        page.click(f"#tabs button >> nth={place}")


def _at_a_step(page: Any) -> None:
    take(page, "xor")
    page.select_option("#data [data-part=kind] select", "spiral", force=True)
    quiet(page)
    page.select_option("#unit", "operation")
    page.focus("#bar #on")
    step_to(page, "dZ1")


def _with_a_derivation(page: Any) -> None:
    step_to(page, "dW1")
    page.click("#panel article:not([hidden]) .result .cell >> nth=0")
    page.wait_for_selector("#panel .derivation .paths")
    page.click("#panel .derivation .paths summary")


def _with_weights_to_edit(page: Any) -> None:
    page.keyboard.press("Escape")
    page.click("#panel article:not([hidden]) .cell >> nth=-1")
    press(page, "Escape", "Home")
    page.click('#panel article:not([hidden]) .cell[data-ref="W1[0,0]"]')
    page.wait_for_selector("#panel .edit")


def _with_the_share_menu(page: Any) -> None:
    page.keyboard.press("Escape")
    page.click("#share summary")


def _with_more_settings(page: Any) -> None:
    page.click("#share summary")
    _tab(page, 2)
    page.click("#training summary")


def _with_samples_chosen(page: Any) -> None:
    page.click("#training summary")
    _tab(page, 1)
    page.click("#data [data-row] >> nth=1")
    quiet(page)


def _with_the_table(page: Any) -> None:
    page.click("#data .choosing button")
    quiet(page)
    page.select_option("#data [data-part=kind] select", "table")
    page.fill("dialog#table textarea", "a,b,kind\n1,2,x\n2,1,y\n3,1,x\n")
    page.wait_for_selector("dialog#table button.main:enabled")


def _with_a_bad_table(page: Any) -> None:
    for name in "ab":
        page.uncheck(f"dialog#table input[value={name}]")
    page.wait_for_function("() => document.querySelector('dialog#table .trouble').textContent")


def _with_curves(page: Any) -> None:
    page.keyboard.press("Escape")
    _tab(page, 3)
    page.select_option("#unit", "epoch")
    for _ in range(3):
        page.click("#on")
        quiet(page)
    page.click("#output .log")


def _with_notes(page: Any) -> None:
    take(page, "dead")
    page.wait_for_selector("#output .note")


def _with_help(page: Any) -> None:
    page.click("#help-button")


def _with_a_question(page: Any) -> None:
    page.keyboard.press("Escape")
    _tab(page, 0)
    page.click("#quiz-button")


def _with_an_answer(page: Any) -> None:
    page.fill("#quiz input", "99")
    page.keyboard.press("Enter")
    page.wait_for_selector("#quiz .mark-said")


def _on_the_tour(page: Any) -> None:
    page.click("#quiz-button")
    page.click("#tour-button")
    page.wait_for_selector("#tour")
    quiet(page)


def _at_the_end_of_the_tour(page: Any) -> None:
    for _ in range(5):
        page.click("#tour-next")


STATES: dict[str, Callable[[Any], None]] = {
    one.__name__.strip("_").replace("_", " "): one
    for one in (
        _at_a_step,
        _with_a_derivation,
        _with_weights_to_edit,
        _with_the_share_menu,
        _with_more_settings,
        _with_samples_chosen,
        _with_the_table,
        _with_a_bad_table,
        _with_curves,
        _with_notes,
        _with_help,
        _with_a_question,
        _with_an_answer,
        _on_the_tour,
        _at_the_end_of_the_tour,
    )
}


def test_without_motion_nothing_moves_while_a_whole_step_is_played(opened: Open) -> None:
    moved = {}
    for motion in ("reduce", "no-preference"):
        page = opened(reduced_motion=motion)
        take(page, "xor")
        page.evaluate(WATCH_MOTION)
        page.select_option('#bar select[aria-label="Speed"]', "8")
        page.focus("#panel")
        page.keyboard.press("Space")
        page.wait_for_function("() => document.querySelector('#place').innerText.includes(' 1 steps')")
        page.keyboard.press("Space")
        quiet(page)
        moved[motion] = page.evaluate("window.moved")
    assert moved["reduce"] == 0
    assert moved["no-preference"] > 0


WATCH_MOTION = """() => {
    window.moved = document.getAnimations().length;
    for (const kind of ["animationstart", "transitionrun"])
        document.addEventListener(kind, () => { window.moved += 1; }, true);
}"""


def test_a_finger_opens_a_number_a_unit_and_a_line(opened: Open) -> None:
    page = opened(width=390, height=844, has_touch=True, is_mobile=True)
    take(page, "mazur")
    for name in ("Z1", "A1", "Z2", "A2"):
        page.tap("#on")
        assert shown(page) == name
    page.tap("#panel article:not([hidden]) .result .cell >> nth=0")
    assert page.get_attribute("#panel .derivation", "data-entry") == "A2[0,0]"
    page.tap("#panel .derivation .close")
    assert page.locator("#panel .derivation").count() == 0
    page.tap("#tabs button >> nth=1")
    assert page.is_hidden("#panel")
    page.tap("#drawing .unit >> nth=2")
    assert page.get_attribute("#panel .derivation", "data-entry") == "A1[0,0]"
    assert page.is_visible("#panel .derivation output")
    box = page.locator("#drawing .edge .touch").nth(0).bounding_box()
    page.touchscreen.tap(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    assert page.get_attribute("#panel .derivation", "data-entry") == "W1[0,0]"
    assert page.is_visible("#panel .edit input")


@pytest.mark.parametrize("preset", ["mazur", "spiral"])
def test_there_are_24_pixels_for_a_finger_everywhere(opened: Open, preset: str) -> None:
    page = opened(width=390, height=844, has_touch=True, is_mobile=True)
    take(page, preset)
    step_to(page, "dW1")
    page.tap("#panel article:not([hidden]) .result .cell >> nth=0")
    page.wait_for_selector("#panel .derivation .paths")
    page.eval_on_selector_all("details", "all => all.forEach((one) => { one.open = true; })")
    for tab in page.locator("#tabs button").all():
        tab.tap()
        assert page.evaluate(TOO_SMALL) == []


TOO_SMALL = """() => [
    ...document.querySelectorAll('button, select, input, summary, .unit, .edge .touch')
].filter((one) => {
    if (!one.checkVisibility() || one.closest('[hidden]')) return false;
    const box = (one.matches('[type=checkbox]') ? one.closest('label') : one).getBoundingClientRect();
    if (!one.matches('.touch')) return Math.min(box.width, box.height) < 23.5;
    const style = getComputedStyle(one);
    const scale = style.vectorEffect === 'non-scaling-stroke' ? 1 : one.getScreenCTM().a;
    return Number.parseFloat(style.strokeWidth) * scale < 23.5;
}).map((one) => `${one.outerHTML.slice(0, 140)} ${JSON.stringify(one.getBoundingClientRect())}`)"""


def test_play_goes_through_the_step_by_itself(opened: Open) -> None:
    page = opened()
    take(page, "xor")
    page.focus("#panel")
    page.keyboard.press("Space")
    page.wait_for_function(
        "() => document.querySelector('#panel article:not([hidden])').dataset.step === 'Z2'"
    )
    page.keyboard.press("Space")
    stopped = shown(page)
    page.wait_for_timeout(1500)
    assert shown(page) == stopped


def test_help_opens_and_closes_by_the_keyboard(opened: Open) -> None:
    page = opened()
    page.focus("#panel")
    page.keyboard.press("?")
    assert page.is_visible("#help")
    page.keyboard.press("Escape")
    assert not page.is_visible("#help")


@pytest.mark.parametrize(("width", "height"), [(640, 400), (1024, 700)])
def test_on_a_low_or_enlarged_screen_the_page_scrolls_and_the_network_keeps_its_room(
    opened: Open, width: int, height: int
) -> None:
    page = opened(width=width, height=height)
    take(page, "spiral")
    drawing = page.locator("#drawing").bounding_box()
    assert drawing["height"] > 250
    assert page.locator("#drawing .unit").count() > 16
    page.locator("#panel").scroll_into_view_if_needed()
    page.mouse.wheel(0, 2000)
    page.wait_for_function(
        "() => document.querySelector('#panel').getBoundingClientRect().top < innerHeight - 150"
    )
    assert page.locator("#timeline").bounding_box()["y"] < height - 30
