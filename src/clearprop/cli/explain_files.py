"""The files that `clearprop explain` writes: a page, LaTeX, Markdown, JSON, a worksheet with its answers."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..checks import check_name
from ..errors import InputError
from ..formats.atomic import write_atomically
from ..story import Story
from ..story.worksheet import GROUPS
from .messages import shown
from .paths import check_new

__all__ = ["ENDINGS", "check_files", "write_files"]

ENDINGS = {
    "html": (".html", ".htm"),
    "latex": (".tex",),
    "markdown": (".md", ".markdown"),
    "json": (".json",),
    "worksheet": (".md", ".markdown", ".tex"),
}
CALLED = {"html": "page", "latex": "LaTeX", "markdown": "Markdown", "json": "JSON", "worksheet": "worksheet"}


def check_files(files: Mapping[str, Path], inputs: tuple[Path, ...], *, force: bool) -> None:
    """Refuse a file that cannot be written, before any work is done.

    Args:
        files: what is to be written, by the names of the options.
        inputs: what is read, and must stay.
        force: whether files that are there already are overwritten.

    Raises:
        InputError: as said; an ending that does not fit, or the same file twice.
    """
    seen: dict[Path, str] = {}
    for name, path in files.items():
        if path.suffix.lower() not in ENDINGS[name]:
            raise InputError(
                f"--{name} does not fit",
                expected=f"a name ending in {' or '.join(ENDINGS[name])}",
                got=shown(str(path)),
                hint=path.with_suffix(ENDINGS[name][0]).name,
            )
        for each in (path, _answers(path)) if name == "worksheet" else (path,):
            check_new(each, force=force, inputs=inputs, option=f"--{name}")
            if each in seen:
                raise InputError(
                    f"--{seen[each]} and --{name} are to write the same file", got=shown(str(each))
                )
            seen[each] = name


def write_files(story: Story, files: Mapping[str, Path], blanks: str | None) -> list[str]:
    """Write the files, once all of them are made, and return a line about each.

    Raises:
        InputError: blanks that the story does not have, or more than somebody would fill in.
    """
    texts = {name: _texts(story, name, path, blanks) for name, path in files.items()}
    lines = []
    for name, path in files.items():
        for each, text in texts[name].items():
            write_atomically(each, [text.encode("utf-8")])
        answers = f", answers in {_answers(path)}" if name == "worksheet" else ""
        lines.append(f"{CALLED[name]} in {path}{answers}")
    return lines


def _texts(story: Story, name: str, path: Path, blanks: str | None) -> dict[Path, str]:
    """Return what the files of an option are to hold."""
    if name == "worksheet":
        sheet, key = _worksheet(story, path, blanks or "backward")
        return {path: sheet, _answers(path): key}
    if name == "latex":
        return {path: story.to_latex(standalone=True)}
    return {path: {"html": story.to_html, "markdown": story.to_markdown, "json": story.to_json}[name]()}


def _worksheet(story: Story, path: Path, blanks: str) -> tuple[str, str]:
    form: Any = "latex" if path.suffix.lower() == ".tex" else "markdown"
    try:
        return story.worksheet(_blanks(story, blanks), form)
    except InputError as error:  # too large: here, something else is to be tried
        what = str(error).partition("; try ")[0]
        raise InputError(
            what, hint="--rows with fewer, a smaller network, or only some: --blanks dW1,db1"
        ) from None


def _blanks(story: Story, text: str) -> list[str]:
    """Return the quantities that "backward" or "dW1,db1" names."""
    names = [name.strip() for name in text.split(",") if name.strip()]
    for name in names:
        check_name("blanks", name, [*GROUPS, *(step.name for step in story)])
    phases = {phase for name in names for phase in GROUPS.get(name, ())}
    return [step.name for step in story if step.name in names or step.phase in phases]


def _answers(path: Path) -> Path:
    return path.with_name(f"{path.stem}-answers{path.suffix}")
