"""A page in a real browser: Debian's Chromium, driven by Playwright, on a server of this test run."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

sync_api = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
pytest.importorskip("starlette", reason="the extra [page] is not installed")
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
PATIENCE = 15_000  # milliseconds for anything to appear, on a machine that is busy with other tests

Open = Callable[..., Any]


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    if CHROMIUM is None:
        pytest.skip("no Chromium here: apt-get install chromium")
    with sync_api.sync_playwright() as playwright:
        one = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield one
        one.close()


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The address that the command prints."""
    command = [sys.executable, "-m", "clearprop", "play", "--no-browser", "--port", "0"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    yield re.findall(r"http\S+", process.stdout.readline())[0]
    process.terminate()
    process.wait(10)
    process.stdout.close()


@pytest.fixture(scope="session")
def cookies(browser: Any, server: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a browser keeps that has opened the address, which can be done once."""
    path = tmp_path_factory.mktemp("browser") / "cookies.json"
    context = browser.new_context()
    page = context.new_page()
    page.goto(server)
    page.wait_for_selector("body[data-ready]", timeout=PATIENCE)
    context.storage_state(path=path)
    context.close()
    return path


@pytest.fixture
def opened(browser: Any, server: str, cookies: Path) -> Iterator[Open]:
    """Open the page: `opened("?lang=de", width=390)`. At the end its console is empty, and no request has left."""
    home = server.partition("?")[0]
    contexts, trouble = [], []

    def heard(message: Any) -> None:
        if message.type in ("error", "warning"):
            trouble.append(message.text)

    def asked(request: Any) -> None:
        if not request.url.startswith((home, "data:", "blob:")):
            trouble.append(f"a request to {request.url}")

    def open_page(query: str = "", *, width: int = 1280, height: int = 800, **options: Any) -> Any:
        context = browser.new_context(
            storage_state=cookies, viewport={"width": width, "height": height}, **options
        )
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        page = context.new_page()
        page.on("console", heard)
        page.on("pageerror", lambda error: trouble.append(str(error)))
        page.on("request", asked)
        page.goto(home + query)
        page.wait_for_selector("body[data-ready]")
        return page

    open_page.trouble = trouble  # type: ignore[attr-defined]
    yield open_page
    for context in contexts:
        context.close()
    assert trouble == []
