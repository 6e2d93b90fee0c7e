"""A page in a real browser: Chromium, driven by Playwright, on a server of this test run.

Where something of that is missing the tests are skipped; with CLEARPROP_BROWSER=required, as in CI, they
fail.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

IS_REQUIRED = os.environ.get("CLEARPROP_BROWSER") == "required"
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
AXE = Path(__file__).parent / "node_modules" / "axe-core" / "axe.min.js"
PATIENCE = 15_000  # milliseconds for anything to appear, on a machine that is busy with other tests

Open = Callable[..., Any]


def need(is_here: bool, reason: str) -> None:
    if not is_here:
        pytest.fail(reason, pytrace=False) if IS_REQUIRED else pytest.skip(reason)


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    for module, extra in {"playwright": "dev", "starlette": "page", "uvicorn": "page"}.items():
        need(importlib.util.find_spec(module) is not None, f'no {module} here: pip install ".[{extra}]"')
    need(CHROMIUM is not None, "no Chromium here: apt-get install chromium")
    if IS_REQUIRED:  # elsewhere the tests that need it are skipped alone
        need(AXE.exists(), "no axe-core here: npm install --prefix tests/browser --no-save axe-core")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        one = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield one
        one.close()


@pytest.fixture(scope="session")
def server(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address that the command prints; without a browser nobody needs one."""
    command = [sys.executable, "-m", "clearprop", "play", "--no-browser", "--port", "0"]
    said = tmp_path_factory.mktemp("server") / "stderr"
    with (
        said.open("w") as errors,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True) as process,
    ):
        assert process.stdout is not None
        line = process.stdout.readline()
        address = re.search(r"http\S+", line)
        if address is None:
            process.kill()
            pytest.fail(f"`clearprop play` names no address: {line}{said.read_text()}", pytrace=False)
        yield address[0]
        process.terminate()
        process.wait(10)


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
    """Open the page: `opened("?lang=de", width=390)`; at the end its console is empty, no request left."""
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
