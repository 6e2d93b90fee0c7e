"""Documentation runs: the README's Python, and every example in a docstring."""

from __future__ import annotations

import doctest
import importlib
import importlib.util
import pkgutil
import re
from pathlib import Path

import pytest

import clearprop

ROOT = Path(__file__).parent.parent
MODULES = sorted(
    module.name
    for module in pkgutil.walk_packages(clearprop.__path__, "clearprop.", onerror=lambda name: None)
    if not module.name.endswith("__main__")
)


def python_blocks(path: Path) -> list[str]:
    return re.findall(r"```python\n(.*?)```", path.read_text(encoding="utf-8"), flags=re.DOTALL)


@pytest.mark.parametrize("name", MODULES)
def test_examples_in_docstrings(name):
    try:
        module = importlib.import_module(name)
    except ImportError as error:
        pytest.skip(str(error))
    assert doctest.testmod(module, optionflags=doctest.ELLIPSIS).failed == 0


def test_the_readme_python_runs_from_top_to_bottom(tmp_path, monkeypatch):
    pytest.importorskip("sklearn")
    pytest.importorskip("pandas")
    monkeypatch.chdir(tmp_path)
    blocks = python_blocks(ROOT / "README.md")
    assert len(blocks) >= 3
    names: dict[str, object] = {}
    for block in blocks:
        exec(compile(block, "README.md", "exec"), names)


@pytest.mark.parametrize("page", sorted((ROOT / "docs").glob("*.md")), ids=lambda page: page.stem)
def test_the_python_of_a_page_runs_from_top_to_bottom(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    for block in python_blocks(page):
        exec(compile(block, page.name, "exec"), names)


def test_what_the_readme_says_that_its_examples_print_is_current():
    spec = importlib.util.spec_from_file_location("readme_parts", ROOT / "docs" / "readme_parts.py")
    readme_parts = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(readme_parts)
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    made = readme_parts.with_parts(text)
    assert rounded(made) == rounded(text), "run python docs/readme_parts.py"
    assert rounded(made.replace("0.0031938579", "0.0031948579")) != rounded(made)


def rounded(text: str) -> str:
    """Numbers to five digits, and 0 for those that are rounding alone: another machine may add otherwise."""

    def plainly(number: re.Match[str]) -> str:
        value = float(number[0].replace("−", "-"))
        return f"{0.0 if abs(value) < 1e-12 else value:.5g}"

    return re.sub(r"[-−]?\d+\.\d+(?:e[-−]?\d+)?|[-−]?\d+e[-−]\d+", plainly, text)


def test_the_readme_names_every_extra():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    extras = re.findall(
        r"^(\w+) = \[", project.split("[project.optional-dependencies]")[1].split("\n[")[0], re.MULTILINE
    )
    assert len(extras) >= 5
    for extra in extras:
        assert f"`[{extra}]`" in text
