"""Narrow and wide, dark and light, without motion, without a mouse, by a screen reader."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from browser.person import press, shown, step_to, take

Open = Callable[..., Any]
AXE = Path(__file__).parent / "node_modules" / "axe-core" / "axe.min.js"
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
    take(page, "mazur")
    for name in ("", "Z1", "dW1", "W2_new"):
        step_to(page, name)
        assert page.evaluate(SPILLED) == []
        assert page.evaluate("document.scrollingElement.scrollWidth") <= width


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_axe_finds_nothing_serious(opened: Open, scheme: str, width: int) -> None:
    if not AXE.exists():
        pytest.skip("axe-core is not here: npm install --prefix tests/browser --no-save axe-core")
    page = opened(width=width, color_scheme=scheme)
    take(page, "mazur")
    step_to(page, "dZ1")
    page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate("axe.run().then(({ violations }) => violations)")
    serious = [
        (one["id"], [node["html"][:150] for node in one["nodes"]][:4])
        for one in found
        if one["impact"] in ("serious", "critical")
    ]
    assert serious == []


def test_without_motion_nothing_moves(opened: Open) -> None:
    page = opened(reduced_motion="reduce")
    take(page, "xor")
    press(page, "ArrowRight")
    assert page.evaluate("document.getAnimations().filter((one) => one.playState === 'running').length") == 0


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
