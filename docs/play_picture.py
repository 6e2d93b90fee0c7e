"""Make docs/play.png: the page in a real browser, trained a little and opened at a gradient.

python docs/play_picture.py [OUT.png] [WIDTH] [dark]    needs Chromium, and the extras [page] and [dev]
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from clearprop import MLP

HERE = Path(__file__).parent
WIDTH, HEIGHT = 1360, 850
EPOCHS = 40


def stage(page: Page, epochs: int = EPOCHS) -> None:
    """Train on moons for some epochs, then open a gradient of the next step."""
    page.wait_for_selector("body[data-ready]")
    page.select_option("#data [data-part=kind] select", "moons")
    settle(page)
    page.select_option("#training [data-part=optimizer] select", "adam")
    settle(page)
    page.select_option("#unit", "epoch")
    for _ in range(epochs):
        page.keyboard.press("ArrowRight")
        settle(page)
    page.select_option("#unit", "operation")
    page.click("#steps .mark:has-text('dW') >> nth=1")
    page.click('#panel article:not([hidden]) .result .cell[data-ref="dW1[0,1]"]')
    page.wait_for_selector(".derivation output")
    page.mouse.move(0, 0)
    page.wait_for_timeout(2500)  # the lines come to rest


def settle(page: Page) -> None:
    """Wait until no answer is awaited."""
    page.wait_for_selector("body:not([data-busy]):not([data-stale])")


def main(out: str = str(HERE / "play.png"), width: str = str(WIDTH), scheme: str = "light") -> None:
    """Serve a network, and take the picture."""
    net = MLP([2, 4, 1], "tanh", loss="binary_cross_entropy", seed=3)
    with net.play(browser=False) as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium") or shutil.which("google-chrome"), args=["--no-sandbox"]
        )
        size = {"width": int(width), "height": HEIGHT}
        page = browser.new_page(viewport=size, color_scheme="dark" if scheme == "dark" else "light")
        page.goto(server.url)
        stage(page)
        page.screenshot(path=out)
        browser.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
