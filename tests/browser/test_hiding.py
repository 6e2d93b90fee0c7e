"""?hide=: each part that can be hidden is gone for eye and keyboard, and the page works without it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from browser.person import press, quiet, shown

Open = Callable[..., Any]
PARTS = {
    "presets": "#presets select",
    "tour": "#tour-button",
    "share": "#share button, #share summary",
    "quiz": "#quiz-button",
    "reset": "#reset",
    "layers": "#layers button",
    "activations": "#layers select",
    "edit": ".edit",
    "build": "#build",
    "data": "#data",
    "output": "#output",
    "samples": "#data .samples",
    "plane": "#data .plane",
    "table": "dialog#table, #data button[data-part=table]",
    "figures": "#output .figures",
    "picture": "#output .plane",
    "curves": "#output .chart",
    "notes": "#output .notes",
    **{name: f'#data [data-part="{name}"]' for name in ("kind", "rows", "noise", "test")},
    **{
        name: f'#training [data-part="{name}"]'
        for name in ("loss", "option", "optimizer", "learning_rate", "batch", "init", "l1", "l2", "update")
    },
    "seed": '[data-part="seed"]',
    "freeze": "#training .freeze",
}
REACHED = """(wanted) => [...document.querySelectorAll(wanted)].filter((one) => one.checkVisibility())
    .map((one) => one.outerHTML.slice(0, 100))"""


@pytest.mark.parametrize("part", PARTS)
def test_a_hidden_part_is_gone_and_the_rest_works(opened: Open, part: str) -> None:
    page = opened(f"?hide={part}", width=1700)
    _assert_gone(page, PARTS[part])
    press(page, "r", "ArrowRight")
    assert shown(page) == "Z1"
    page.click('#panel article:not([hidden]) .cell[data-ref="W1[0,0]"]')
    page.wait_for_selector(".derivation output")
    assert page.locator(".edit").count() == (part != "edit")
    press(page, "5", "ArrowRight")
    assert "1 steps made" in page.inner_text("#place")
    _assert_gone(page, PARTS[part])
    press(page, "r")
    assert ("0 steps made" in page.inner_text("#place")) == (part != "reset")
    if part not in ("data", "kind"):
        page.select_option("#data [data-part=kind] select", "spiral")  # all is drawn anew
        quiet(page)
        _assert_gone(page, PARTS[part])


def test_all_parts_can_be_hidden_at_once_and_the_keyboard_reaches_none(opened: Open) -> None:
    page = opened(f"?hide={','.join(PARTS)}", width=1700)
    gone = ", ".join(PARTS.values())
    _assert_gone(page, gone)
    reached = set()
    for _ in range(60):
        page.keyboard.press("Tab")
        assert not page.evaluate("(gone) => document.activeElement.matches(gone)", gone)
        reached.add(page.evaluate("document.activeElement.id"))
    assert {"back", "play", "on", "unit", "theme"} <= reached
    press(page, "ArrowRight")
    assert shown(page) == "Z1"


def _assert_gone(page: Any, selector: str) -> None:
    page.eval_on_selector_all("details", "all => all.forEach((one) => { one.open = true; })")
    assert page.evaluate(REACHED, selector) == []
    page.eval_on_selector_all("details", "all => all.forEach((one) => { one.open = false; })")
