"""Exports: each file is what its name says, and the exported page works without a server."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import clearprop
from browser.person import quiet, step_to, take

Open = Callable[..., Any]


def _export(page: Any, label: str, path: Path) -> Path:
    page.click("#share summary")
    with page.expect_download() as waiting:
        page.click(f'#share button:text-is("{label}")')
    waiting.value.save_as(path)
    if page.get_attribute("#share details", "open") is not None:
        page.click("#share summary")
    return path


@pytest.fixture
def page(opened: Open) -> Any:
    page = opened()
    take(page, "xor")
    page.select_option("#unit", "epoch")
    page.click("#on")
    quiet(page)
    page.select_option("#unit", "operation")
    step_to(page, "dW1")
    return page


def test_the_exported_page_is_the_same_viewer_and_needs_no_server(
    page: Any, browser: Any, tmp_path: Path
) -> None:
    path = _export(page, "Page (HTML)", tmp_path / "story.html")
    context = browser.new_context(offline=True)
    alone = context.new_page()
    alone.goto(path.as_uri())
    alone.wait_for_selector("body[data-ready]")
    marks = "#steps .mark"
    assert alone.locator(marks).all_inner_texts()[1:] == page.locator(marks).all_inner_texts()[1:]
    step_to(alone, "dW1")
    cells = "#panel article:not([hidden]) .result .cell"
    assert alone.locator(cells).all_inner_texts() == page.locator(cells).all_inner_texts()
    context.close()


def test_files_hold_the_story_and_the_network(page: Any, tmp_path: Path) -> None:
    values = page.evaluate("import('/viewer/story.js').then(({ story }) => story.arrays.dW1.values)")
    data = json.loads(_export(page, "Story (JSON)", tmp_path / "s.json").read_text("utf-8"))
    assert str(values[0]) in json.dumps(data)
    assert "dW1" in _export(page, "Markdown", tmp_path / "s.md").read_text("utf-8")
    assert "\\begin{document}" in _export(page, "LaTeX", tmp_path / "s.tex").read_text("utf-8")
    net = clearprop.load(_export(page, "Model file", tmp_path / "m.safetensors"))
    assert list(net.sizes) == [2, 3, 1]


def test_the_python_code_runs(page: Any, tmp_path: Path) -> None:
    path = _export(page, "Python code", tmp_path / "code.py")
    ended = subprocess.run([sys.executable, path], capture_output=True, text=True, check=False, cwd=tmp_path)
    assert ended.returncode == 0, ended.stderr


def test_the_drawing_is_an_image(page: Any, tmp_path: Path) -> None:
    assert _export(page, "Drawing (SVG)", tmp_path / "n.svg").read_text("utf-8").startswith("<svg")
    assert _export(page, "Drawing (PNG)", tmp_path / "n.png").read_bytes()[:4] == b"\x89PNG"
