"""What a person does on the page, and what a person sees there."""

from __future__ import annotations

from typing import Any


def quiet(page: Any) -> None:
    """Wait until no answer is awaited."""
    page.wait_for_selector("body:not([data-busy]):not([data-stale])")


def press(page: Any, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)
        quiet(page)


def take(page: Any, preset: str) -> None:
    """Begin with an example."""
    page.select_option("#presets select", preset)
    quiet(page)


def train_with_adam(page: Any, epochs: int) -> None:
    """Take XOR some epochs on by Adam, in steps of an epoch."""
    take(page, "xor")
    page.select_option('#training [data-part="optimizer"] select', "adam")
    quiet(page)
    page.select_option("#unit", "epoch")
    page.focus("#panel")
    press(page, *["ArrowRight"] * epochs)


def tab_to(page: Any, selector: str) -> None:
    """Go on by the key Tab until the focus is on an element."""
    for _ in range(150):
        if page.evaluate("(wanted) => document.activeElement.matches(wanted)", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab never came to {selector}")


def step_to(page: Any, name: str) -> None:
    """Go on by the key → until the panel shows a quantity."""
    for _ in range(80):
        if shown(page) == name:
            return
        press(page, "ArrowRight")
    raise AssertionError(f"{name} never came")


def step_back_to(page: Any, name: str) -> None:
    """Go back by the key ← until the panel shows a quantity."""
    for _ in range(80):
        if shown(page) == name:
            return
        press(page, "ArrowLeft")
    raise AssertionError(f"{name} never came back")


def shown(page: Any) -> str:
    """The step that the panel shows; "" for what is given."""
    return str(page.get_attribute("#panel article:not([hidden])", "data-step"))


def number_at(page: Any, reference: str) -> str:
    """The text of a number in the panel's tables."""
    return str(page.inner_text(f'#panel article:not([hidden]) .cell[data-ref="{reference}"]'))


def derive(page: Any, reference: str) -> str:
    """Open an entry in the panel and return the result with all the digits that the panel has."""
    page.click(f'#panel article:not([hidden]) .cell[data-ref="{reference}"]')
    page.wait_for_selector(f'.derivation[data-entry="{reference}"] output')
    return str(page.inner_text(".derivation output"))


def arrays(page: Any) -> dict[str, Any]:
    """The story's arrays by name, as the page holds them."""
    return dict(page.evaluate("import('/viewer/story.js').then(({ story }) => story.arrays)"))


def fragment(page: Any) -> str:
    """What the address says, once it has come to rest."""
    page.wait_for_timeout(500)
    return str(page.evaluate("location.hash"))
