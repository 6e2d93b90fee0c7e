"""Make docs/play.png: the page in a real browser, trained a little and opened at a gradient.

python docs/play_picture.py            docs/play.png; needs Chromium, and the extras [page] and [dev]
python docs/play_picture.py FOLDER     light, dark, tablet, phone and wide, as .png, to be looked at
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import NamedTuple

from playwright.sync_api import Browser, Page, sync_playwright

from clearprop import MLP

EPOCHS = 60
FASTER = """async () => (await import('/page/session.js')).ask(
    'set', { changes: { training: { learning_rate: 0.1 } } })"""


class Screen(NamedTuple):
    """What the page is looked at on."""

    width: int
    height: int
    scheme: str = "light"


README = Screen(1680, 940)
SCREENS = {
    "light": Screen(1360, 850),
    "dark": Screen(1360, 850, "dark"),
    "tablet": Screen(768, 1024),
    "phone": Screen(360, 740),
    "wide": Screen(2560, 1440),
}


def take(browser: Browser, screen: Screen, out: Path) -> None:
    """Serve a network, and take the picture."""
    net = MLP([2, 4, 1], "tanh", loss="binary_cross_entropy", seed=3)
    size = {"width": screen.width, "height": screen.height}
    with net.play(browser=False, port=0) as server:
        page = browser.new_page(viewport=size, color_scheme=screen.scheme)
        page.goto(server.url)
        stage(page)
        page.screenshot(path=out)
        page.close()


def stage(page: Page) -> None:
    """Train on moons for some epochs, then open a gradient of the next step."""
    page.wait_for_selector("body[data-ready]")
    page.select_option("#data [data-part=kind] select", "moons", force=True)
    settle(page)
    page.select_option("#training [data-part=optimizer] select", "adam", force=True)
    settle(page)
    page.evaluate(FASTER)
    settle(page)
    page.select_option("#unit", "epoch")
    for _ in range(EPOCHS):
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


def main(folder: str | None = None) -> None:
    """Take the README's picture, or those of all screens."""
    here = Path(__file__).parent
    pictures = {here / "play.png": README}
    if folder is not None:
        Path(folder).mkdir(parents=True, exist_ok=True)
        pictures = {Path(folder) / f"{name}.png": screen for name, screen in SCREENS.items()}
    with sync_playwright() as playwright:
        chromium = shutil.which("chromium") or shutil.which("google-chrome")
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for out, screen in pictures.items():
            take(browser, screen, out)
        browser.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
