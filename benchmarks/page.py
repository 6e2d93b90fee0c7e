"""How quickly the page answers, and how much it trains in each picture that it shows.

python benchmarks/page.py [--net 2-6-6-1] [--data spiral] [--batch 32]    needs the extra [page]

The server runs in a process of its own. It is first asked over HTTP, as the page asks it; then, where there
are Chromium and Playwright, the page itself is timed, from the key to the picture.
"""

from __future__ import annotations

import argparse
import http.client
import importlib.util
import json
import re
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import clearprop

STEPS, SECONDS = 100, 4.0
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
TRAINING = Path(clearprop.__file__).parent / "page" / "static" / "training.js"
WATCH = """() => {
    const place = document.getElementById('place');
    window.drawn = [];
    addEventListener('keydown', () => { window.pressed = performance.now(); }, true);
    new MutationObserver(() => requestAnimationFrame(() => setTimeout(() => {
        window.drawn.push(performance.now() - window.pressed);
    }))).observe(place, { childList: true, characterData: true, subtree: true });
}"""
PLACE = "async () => (await import('/page/session.js')).page.view.place.steps"


class Client:
    """Asks as the page asks: one connection, the cookie, each time the generation that it knows."""

    def __init__(self, url: str) -> None:
        where = urlsplit(url)
        self.connection = http.client.HTTPConnection(where.netloc)
        self.connection.request("GET", f"/?{where.query}")
        welcome = self.connection.getresponse()
        welcome.read()
        self.cookie = str(welcome.getheader("set-cookie")).partition(";")[0]
        self.view: dict[str, Any] = {}

    def ask(self, name: str, **body: Any) -> float:
        """Ask for something; return how many milliseconds the answer took."""
        known = {part: self.view[part] for part in ("session", "generation") if part in self.view}
        headers = {"Content-Type": "application/json", "Cookie": self.cookie}
        began = time.perf_counter()
        self.connection.request("POST", f"/api/{name}", json.dumps({**known, **body}), headers)
        answer = self.connection.getresponse()
        content = answer.read()
        took = 1000 * (time.perf_counter() - began)
        self.view = json.loads(content)
        if answer.status != 200:
            raise SystemExit(f"{name}: {content.decode()}")
        return took

    @property
    def steps(self) -> int:
        return int(self.view["place"]["steps"])


def over_http(url: str, batch: int) -> None:
    budget = float(re.findall(r"const BUDGET = (\d+)", TRAINING.read_text("utf-8"))[0])
    client = Client(url)
    client.ask("open")
    client.ask("set", changes={"training": {"batch": batch}})
    show("step, over HTTP", *spread([client.ask("step", unit="batch") for _ in range(STEPS)]))
    began, before, frames = time.perf_counter(), client.steps, 0
    while time.perf_counter() - began < SECONDS:
        client.ask("train", budget=budget, curve_from=100)
        frames += 1
    seconds, made = time.perf_counter() - began, client.steps - before
    show("training, over HTTP", f"{frames / seconds:.0f} frames/s", f"{made / frames:.0f} steps/frame")


def in_the_page(url: str, batch: int) -> None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1360, "height": 850}, bypass_csp=True)
        page.goto(url)
        page.wait_for_selector("body[data-ready]")
        page.fill('#training [data-part="batch"] input', str(batch))
        page.keyboard.press("Tab")
        page.wait_for_selector("body:not([data-busy])")
        page.select_option("#unit", "batch")
        page.focus("#panel")
        page.evaluate(WATCH)
        for k in range(STEPS):
            page.keyboard.press("ArrowRight")
            page.wait_for_function(f"window.drawn.length > {k}")
        show("step, key to picture", *spread(page.evaluate("window.drawn")))
        page.select_option("#unit", "epoch")
        page.focus("#panel")
        before = page.evaluate(PLACE)
        page.evaluate("window.drawn = []")
        began = time.perf_counter()
        page.keyboard.press("Space")
        page.wait_for_timeout(1000 * SECONDS)
        frames, made = page.evaluate("window.drawn.length"), page.evaluate(PLACE) - before
        seconds = time.perf_counter() - began
        show("training, in the page", f"{frames / seconds:.0f} frames/s", f"{made / frames:.0f} steps/frame")
        page.keyboard.press("Space")
        browser.close()


def spread(times: list[float]) -> tuple[str, str]:
    return f"median {statistics.median(times):.1f} ms", f"worst of {len(times)} {max(times):.1f} ms"


def show(what: str, *figures: str) -> None:
    print(f"{what:24}" + "".join(f"{one:>22}" for one in figures), flush=True)


@contextmanager
def served(net: str, data: str) -> Iterator[str]:
    """Serve the page in another process; its address can be opened once."""
    command = [sys.executable, "-m", "clearprop", "play", "--no-browser", "--port", "0"]
    with subprocess.Popen(
        [*command, "--net", net, "--data", data], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        found = re.search(r"http\S+", process.stdout.readline())
        if found is None:
            raise SystemExit("`clearprop play` did not start")
        try:
            yield found[0]
        finally:
            process.terminate()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--net", default="2-6-6-1")
    parser.add_argument("--data", default="spiral")
    parser.add_argument("--batch", type=int, default=32)
    choice = parser.parse_args()
    with served(choice.net, choice.data) as url:
        over_http(url, choice.batch)
    if CHROMIUM is None or importlib.util.find_spec("playwright") is None:
        return print("the page itself is not timed: that needs Chromium and Playwright")
    with served(choice.net, choice.data) as url:
        in_the_page(url, choice.batch)


if __name__ == "__main__":
    main()
