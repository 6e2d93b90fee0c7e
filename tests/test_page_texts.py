"""The page's words: one table, each key in both languages, each key in use and each used key in the table."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

import clearprop

pytest.importorskip("starlette", reason="the extra [page] is not installed")

from clearprop.page.gallery import PRESETS
from clearprop.page.requests import choices
from clearprop.story.equations import equations
from clearprop.story.meanings import TOTALS, WITHIN
from clearprop.story.page.page import PHASES, read

HOME = Path(clearprop.__file__).parent
STATIC, VIEWER = HOME / "page" / "static", HOME / "story" / "page" / "viewer"
TEXTS = json.loads((STATIC / "texts.json").read_text("utf-8"))
WORDS = json.loads("{" + re.findall(r"WORDS = \{(.*?)\n\}", read("words.js"), re.S)[0] + "}")
ENGLISH = {**WORDS, **TEXTS["en"]}
GERMAN = TEXTS["de"]
LITERAL = re.compile(
    r"""(?<!=== )["`]((?:\$\{[^}]*\}|[\w.-])+)["`]"""
)  # what may be a key, not what a name is compared with
HOLE = re.compile(r"\{\w+\}|\[\[.+?\]\]")


def sentences() -> set[str]:
    """What Python says of the steps of a story."""
    rules = equations()
    classes = {name for name in rules if not name.islower()}  # the article's networks describe themselves
    said = {one.meaning for name, one in rules.items() if name not in classes}
    return said | {*WITHIN.values(), *TOTALS.values()}


def scripts(*folders: Path) -> str:
    return "\n".join(path.read_text("utf-8") for folder in folders for path in sorted(folder.glob("*.js")))


def patterns(code: str) -> set[str]:
    """The literals of a script, each as a pattern: "unit.${one}" stands for many keys."""
    return {re.sub(r"\\\$\\\{.*?\\\}", r"[\\w.-]+", re.escape(one)) for one in LITERAL.findall(code)}


def asked(code: str, *functions: str) -> set[str]:
    """What stands in the first argument of calls of these functions, as patterns."""
    calls = re.findall(rf"(?<![\w.])(?:{'|'.join(functions)})\(([^,()]*)[,)]", code)
    return set().union(*map(patterns, calls))


def without(wanted: set[str], table: dict[str, str]) -> set[str]:
    """Which patterns no key of a table fits."""
    return {one for one in wanted if not any(re.fullmatch(one, key) for key in table)}


def test_both_languages_have_the_same_keys() -> None:
    assert not set(WORDS) & set(TEXTS["en"])  # the viewer's words stand once
    assert set(ENGLISH) | sentences() == set(GERMAN)
    assert not [key for key, text in {**ENGLISH, **GERMAN}.items() if not text.strip()]


def test_no_key_stands_twice() -> None:
    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        names = [name for name, _ in pairs]
        assert len(names) == len(set(names)), sorted(name for name in names if names.count(name) > 1)
        return dict(pairs)

    json.loads((STATIC / "texts.json").read_text("utf-8"), object_pairs_hook=once)


@pytest.mark.parametrize("key", [key for key in ENGLISH if HOLE.search(ENGLISH[key])])
def test_what_is_filled_in_is_the_same(key: str) -> None:
    assert sorted(HOLE.findall(ENGLISH[key])) == sorted(HOLE.findall(GERMAN[key]))


def test_every_word_that_is_asked_for_is_there() -> None:
    wanted = asked(scripts(STATIC), "t", "field")
    html = set(re.findall(r'data-(?:text|label|title)="([^"]+)"', (STATIC / "play.html").read_text("utf-8")))
    assert len(wanted) > 100
    assert without(wanted, ENGLISH) == set()
    assert html <= set(ENGLISH)


def test_the_viewer_has_all_its_words_itself() -> None:
    wanted = asked(scripts(VIEWER), "word")
    assert len(wanted) > 30
    assert without(wanted, WORDS) == set()


def test_a_word_that_is_missing_is_seen() -> None:
    code = 't("run.play"); word(`phase.${one}`, { at: 1 }); t(is ? "run.on" : "run.nowhere"); t(of === "no")'
    assert without(asked(code, "t", "word"), ENGLISH) == {re.escape("run.nowhere")}


def test_every_word_is_asked_for() -> None:
    html = (STATIC / "play.html").read_text("utf-8")
    known = patterns(scripts(STATIC, VIEWER).replace(read("words.js"), "") + html)
    assert {key for key in ENGLISH if not any(re.fullmatch(one, key) for one in known)} == set()


def test_python_and_the_viewer_call_the_passes_the_same() -> None:
    assert {name: WORDS[f"pass.{name}"] for name in PHASES} == PHASES


def test_every_example_has_a_title_and_says_what_to_look_for() -> None:
    assert choices()["presets"] == list(PRESETS)
    for table in (ENGLISH, GERMAN):
        named = {key.split(".")[1] for key in table if key.startswith("preset.")}
        assert named == set(PRESETS)
        for name in PRESETS:
            assert table[f"preset.{name}.title"]
            assert table[f"preset.{name}.text"].endswith(".")


def test_the_published_example_leaves_its_numbers_to_be_found() -> None:
    for table in (ENGLISH, GERMAN):
        assert not re.search(r"\d", table["preset.mazur.text"])
