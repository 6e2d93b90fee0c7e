"""What the page exports: the story on screen and the network, each in its form, to the bit."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import clearprop
from clearprop import Story
from clearprop.errors import InputError
from clearprop.page.exports import ENDINGS, File
from clearprop.page.settings import Settings
from page_sessions import TABLE, Tab, random_settings, tab


def exported(page: Tab, kind: str) -> File:
    body = {"session": page.view["session"], "kind": kind}
    answer = page.requests.answer("export", body)
    assert isinstance(answer, File)
    return answer


def trained(**opened: Any) -> Tab:
    page = Tab(**opened)
    page.ask("step", unit="epoch")
    page.ask("step", unit="batch")
    return page


def test_the_story_is_exported_in_each_form() -> None:
    page = trained(preset="mazur")
    story = page.session.story
    assert exported(page, "html").content.decode() == story.to_html()
    assert exported(page, "markdown").content.decode() == story.to_markdown()
    assert exported(page, "latex").content.decode() == story.to_latex(standalone=True)
    again = Story.from_json(exported(page, "json").content)
    assert all(np.array_equal(again.values[name], value) for name, value in story.values.items())


def test_the_model_is_the_network_and_may_be_trained_on(tmp_path: Path) -> None:
    page = trained(settings={"data": {"kind": "moons"}, "training": {"optimizer": "adam"}})
    path = tmp_path / "m.safetensors"
    path.write_bytes(exported(page, "model").content)
    net = clearprop.load(path)
    assert net.parameters.vector.tobytes() == page.session.net.parameters.vector.tobytes()
    assert net.memory.vectors.tobytes() == page.session.net.memory.vectors.tobytes()


def program(page: Tab, folder: Path) -> Story:
    """Run the exported program, and return its story."""
    path = folder / "step.py"
    text = exported(page, "python").content.decode()
    path.write_text(text + f"\nopen({str(folder / 'story.json')!r}, 'w').write(story.to_json())\n", "utf-8")
    ended = subprocess.run(
        [sys.executable, "-W", "error", "-X", "utf8", str(path)],
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    assert ended.returncode == 0, ended.stderr
    assert "dW1" in ended.stdout
    return Story.from_json((folder / "story.json").read_text("utf-8"))


@pytest.mark.parametrize(
    "opened",
    [
        {"preset": "mazur"},
        {"preset": "spiral"},
        {
            "settings": {
                "data": {"kind": "blobs", "noise": 0.1},
                "training": {"optimizer": "adam", "batch": 7},
            }
        },
        {"settings": {"data": {"kind": "table", "table": TABLE}, "training": {"freeze": ["b1"]}}},
        {"settings": random_settings(5).as_json()},
        {"settings": random_settings(17).as_json()},
    ],
    ids=lambda value: str(value)[:40],
)
def test_the_exported_program_tells_the_same_story_to_the_bit(opened: dict[str, Any], tmp_path: Path) -> None:
    page = trained(**opened)
    story, again = Story.from_json(page.session.story.to_json()), program(page, tmp_path)
    assert list(again.values) == list(story.values)
    for name, value in story.values.items():
        assert np.asarray(again.values[name]).tobytes() == np.asarray(value).tobytes(), name
    assert (again.input_names, again.output_names) == (story.input_names, story.output_names)
    told = [dict(each.header) for each in (again, story)]
    for header in told:
        header.pop("numbers")  # where the first weights are from: given, there
    assert told[0] == told[1]


def test_every_file_has_a_name_that_needs_no_quoting() -> None:
    for name, kind in ENDINGS.values():
        assert re.fullmatch(r"[\w.]+", name)
        assert "/" in kind


def test_without_a_story_only_the_network_can_be_exported() -> None:
    page = Tab(preset="spiral")
    page.ask("train", budget=5)
    assert exported(page, "model").content
    with pytest.raises(InputError, match="no step to look into"):
        exported(page, "html")


def test_a_hostile_name_stays_text_in_the_program(tmp_path: Path) -> None:
    name = "a');print('no')#\n"
    table = {"name": "t", "text": f'"{name}",y\n1,2\n3,4\n', "inputs": [name.strip()], "target": "y"}
    page = tab(Settings().changed({"data": {"kind": "table", "table": table, "test": 0}}))
    assert program(page, tmp_path).input_names == (name.strip(),)
