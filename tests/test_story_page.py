"""The HTML page of a story: its data agree with the story, it is safe, and a browser can use all of it."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
import shutil
import subprocess
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from clearprop import MLP, OneLayerMLP, TwoLayerMLP
from clearprop.story import Story, explain
from clearprop.story.formulas import to_text
from clearprop.story.numbers import number
from clearprop.story.page import page, to_html, to_notebook
from clearprop.story.page.payload import EVERY, SOME, payload
from clearprop.story.page.templates import PLACES, template_of

HOSTILE = ("<img src=x onerror=alert(1)>", "</script><script>alert(2)</script>", "\"'&\u2028", "$data \\1")


def xor() -> Story:
    X = [[0, 0], [0, 1], [1, 0], [1, 1]]
    return MLP([2, 3, 1], "tanh", "sigmoid", seed=0).explain(X, [0, 1, 1, 0])


def hostile() -> Story:
    rng = np.random.default_rng(1)
    net = MLP([4, 3, 3], "relu", "softmax", loss="cross_entropy", l2=0.1, seed=1)
    return explain(
        net,
        rng.normal(size=(12, 4)),
        rng.integers(0, 3, 12),
        optimizer="momentum",
        input_names=HOSTILE,
        output_names=HOSTILE[:3],
    )


def narrow() -> Story:
    X = [[0, 0], [0, 1], [1, 0], [1, 1]]
    return MLP([2, 3, 1], "tanh", "sigmoid", loss="binary_cross_entropy", seed=0).explain(X, [0, 1, 1, 0])


@cache
def large() -> Story:
    rng = np.random.default_rng(2)
    net = MLP([784, 100, 10], "relu", "softmax", loss="cross_entropy", seed=2)
    return net.explain(rng.random((32, 784)), rng.integers(0, 10, 32))


@cache
def large_page() -> str:
    return to_html(large())


def others() -> list[Story]:
    rng = np.random.default_rng(3)
    X, Y = rng.normal(size=(3, 2)), rng.random((3, 2))
    return [
        MLP([2, 3, 2], "gelu", "sigmoid", l1=0.1, seed=3).explain(X, Y, optimizer="adam"),
        MLP([2, 3, 2], "silu", loss="huber", seed=3).explain(X, Y, update="sequential"),
        MLP([2, 1], seed=3).explain(X[:1], Y[:1, :1], sample_weight=[2.0]),
        OneLayerMLP(2, 2, seed=3).explain(X, Y),
        TwoLayerMLP(2, 3, 2, seed=3).explain(X, Y),
    ]


# ---- the data


def data_of(text: str) -> dict[str, Any]:
    (data,) = re.findall(r'<script id="story" type="application/json">(.*?)</script>', text, re.S)
    return dict(json.loads(data))


def placed(text: str, index: tuple[int, ...]) -> str:
    """A template for one entry, as the viewer fills it in."""
    for place, i in zip(PLACES[len(PLACES) - len(index) :], index, strict=True):
        text = re.sub(rf"\b{place}\b", str(i), text)
    return text


@pytest.mark.parametrize("story", [xor(), hostile(), *others()], ids=range(7))
def test_one_formula_an_array_says_what_zoom_says_of_each_entry(story: Story) -> None:
    zooms = payload(story)["zooms"]
    for step in story:
        template = template_of(story, step)
        for index in np.ndindex(step.shape):
            one = story.zoom(step.name, *index)
            assert one.code
            assert one.spread
            key = f"{step.name}[{','.join(map(str, index))}]" if index else step.name
            spread = zooms[key]["spread"] if template.spread is None else placed(template.spread, index)
            assert placed(template.formula, index) == to_text(one.code)
            assert spread == to_text(one.spread)
            if template.spread is not None:
                assert set(template.operands_at(index)) == {(o.name, o.index) for o in one.operands}


def test_a_formula_at_a_wrong_place_is_seen() -> None:
    story = xor()
    spread = template_of(story, story["dW1"]).spread
    assert spread
    assert placed(spread, (0, 1)) != to_text(story.zoom("dW1", 1, 0).spread or "")


def test_a_small_story_is_on_the_page_in_every_number() -> None:
    story = hostile()
    assert sum(np.size(step.value) for step in story) <= EVERY
    for name, array in payload(story)["arrays"].items():
        np.testing.assert_array_equal(np.ravel(story.values[name]), array["values"])


def test_a_large_story_fits() -> None:
    story, data = large(), data_of(large_page())
    assert len(large_page().encode()) < 2_000_000
    assert 0 < len(data["zooms"]) <= SOME
    numbers = data["arrays"]["dW1"]["values"]
    assert isinstance(numbers, dict)
    assert numbers[str(2 * 100 + 3)] == story.values["dW1"][2, 3]
    assert data["arrays"]["dW1"]["summary"].startswith("784 × 100, from ")


def test_a_deep_story_fits() -> None:
    rng = np.random.default_rng(4)
    net = MLP([10, *[32] * 12, 3], "relu", seed=4)
    assert len(to_html(net.explain(rng.random((64, 10)), rng.random((64, 3)))).encode()) < 2_000_000


def test_numbers_that_are_not_finite_are_json() -> None:
    story = xor()
    Z1 = story.values["Z1"].copy()
    Z1[0] = [np.nan, np.inf, -np.inf]
    data = json.loads(page.as_json(payload(replace(story, values={**story.values, "Z1": Z1}))))
    assert data["arrays"]["Z1"]["values"][:3] == ["NaN", "Infinity", "-Infinity"]


# ---- one safe file


def script_of(text: str) -> str:
    (script,) = re.findall(r'<script type="module">(.*?)</script>', text, re.S)
    return str(script)


def test_nothing_is_fetched_and_one_script_may_run() -> None:
    text = to_html(hostile())
    assert set(re.findall(r'(?:src|href)="([^"]*)"', text)) == {"data:,"}
    assert not re.search(r"@import|url\((?!#)|fetch\(|XMLHttpRequest|innerHTML|eval\(", text)
    assert set(re.findall(r"https?://[^\s\"'<]+", text)) <= {
        "http://www.w3.org/1998/Math/MathML",  # names of languages, never fetched
        "http://www.w3.org/2000/svg",
    }
    digest = base64.b64encode(hashlib.sha256(script_of(text).encode()).digest()).decode()
    assert f"default-src 'none'; script-src 'sha256-{digest}'" in text


def test_hostile_names_stay_text() -> None:
    text = to_html(hostile())
    assert text.lower().count("<script") == text.lower().count("</script") == 2
    assert "<img" not in text
    assert data_of(text)["arrays"]["X"]["names"] == [None, list(HOSTILE)]


def test_a_notebook_gets_the_page_in_a_frame_of_its_own() -> None:
    frame = to_notebook(hostile())
    (source,) = re.findall(r'^<iframe [^<>]*sandbox="allow-scripts" [^<>]*srcdoc="([^"]*)"></iframe>$', frame)
    assert html.unescape(source) == to_html(hostile())


def test_the_viewers_modules_are_all_there_each_after_what_it_imports() -> None:
    folder = Path(page.__file__).parent / "viewer"
    assert {path.stem for path in folder.glob("*.js")} == set(page.MODULES)
    for k, name in enumerate(page.MODULES):
        imported = re.findall(r'^import .* from "./(\w+).js";$', page.read(f"{name}.js"), re.M)
        assert len(imported) == page.read(f"{name}.js").count("import ")
        late = set(imported) - set(page.MODULES[:k])
        assert not late, f"{name}.js imports {late}"
    assert not re.search(r"^\s*(import|export) ", page.bundle(), re.M)


def test_a_page_without_scripts_still_holds_every_step_and_convention() -> None:
    story = xor()
    text = to_html(story)
    for step in story:
        assert f'data-step="{step.name}"' in text
        assert step.mathml in text
        assert html.escape(step.meaning) in text
    for term, words in story.header:
        shown = html.escape(words).replace("Σ_{n,i}", "Σ<sub>n,i</sub>")
        assert f"<dt>{html.escape(term)}</dt><dd>{shown}</dd>" in text
    assert "Σ_" not in text.partition("<article")[2].partition("</article>")[0]


def test_a_story_read_back_from_json_has_the_same_page() -> None:
    for story in (xor(), hostile()):
        assert list(story.values) != [*story.given, *(step.name for step in story)]
        assert to_html(Story.from_json(story.to_json())) == to_html(story)


# ---- in a browser

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
FLAGS = [
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *(
        "--disable-background-networking",
        "--disable-component-update",
        "--host-resolver-rules=MAP * ~NOTFOUND",
    ),
    *("--enable-logging=stderr", "--v=0", "--virtual-time-budget=5000", "--dump-dom"),
]
needs_browser = pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")

DRIVER = """
const MOST = 3; // entries to open on each step, of its result and its operands
const found = {}, out = document.getElementById("out");

/** Go through every step by keyboard, opening and closing entries of each. */
function walk({view, doc, key, visible, opened}, said) {
  const faults = [];
  const steps = [], cells = {};
  for (let k = 0; k < doc.querySelectorAll("article").length; k += 1) {
    steps.push(visible().dataset.step);
    for (const cell of visible().querySelectorAll(".cell")) cells[cell.dataset.ref] = cell.textContent;
    const open = [...visible().querySelectorAll(".cell.open")];
    for (const cell of open.filter((_, i) => i % Math.ceil(open.length / MOST) === 0)) {
      cell.focus();
      cell.click();
      const text = visible().querySelector(".derivation").textContent;
      if (opened() !== cell.dataset.ref || /undefined|NaN/.test(text)) faults.push(text);
      key("Escape");
      if (opened() || doc.activeElement !== cell) faults.push(`${cell.dataset.ref} does not close`);
    }
    key("ArrowRight");
  }
  key("Home");
  Object.assign(said, {steps, cells, faults, home: visible().dataset.step});
}

const USES = {
  xor(page, said) {
    const {doc, key, visible, opened, turnTo, cell} = page;
    walk(page, said);
    turnTo("dW1");
    cell("dW1[0,2]").focus();
    const lit = doc.querySelectorAll("#drawing .lit, article:not([hidden]) .lit");
    said.lit = [...lit].map((one) => one.dataset.ref);
    cell("dW1[0,2]").click();
    const operand = visible().querySelector(".right .open");
    operand.click();
    said.operand = [operand.dataset.ref, opened()];
    said.edges = doc.querySelectorAll(".edge").length;
    const heads = doc.querySelectorAll("#drawing .quantity");
    said.heads = [...heads].map((one) => one.firstElementChild.localName);
    key("?");
    said.help = doc.getElementById("help").open;
  },
  hostile(page, said) {
    walk(page, said);
    page.turnTo("dW1");
    page.cell("dW1[0,2]").click();
    said.paths = page.visible().querySelector("summary").textContent;
  },
  narrow({doc, turnTo, cell, visible}, said) {
    const find = (selector) => doc.querySelector(selector);
    const sample = () => [Number(find("#sample input").value), find("#sample").textContent];
    said.samples = [sample()];
    for (const entry of ["A2[3,0]", "dW2[2,0]", "dZ2[1,0]"]) {
      turnTo(entry.split("[")[0]);
      cell(entry).click();
      said.samples.push(sample());
    }
    turnTo("L");
    cell("L").click();
    const lines = [...visible().querySelectorAll(".right")].slice(1, 3);
    said.terms = lines.map((line) => [...line.children].map((term) => term.textContent));
    said.height = lines[1].lastElementChild.getBoundingClientRect().height;
  },
  large({turnTo, cell}, said) {
    turnTo("W2_new");
    const last = cell("W2_new[3,7]");
    const isSeen = () => {
      const [own, box] = [last, last.closest(".scroll")].map((one) => one.getBoundingClientRect());
      return box.left - 1 <= own.left && own.right <= box.right + 1; // to a part of a pixel
    };
    const before = isSeen();
    last.click();
    said.seen = [before, isSeen()];
  },
};

addEventListener("load", () => {
  for (const frame of document.querySelectorAll("iframe")) {
    const view = frame.contentWindow, doc = view.document, said = found[frame.id] = {};
    const visible = () => doc.querySelector("article:not([hidden])");
    const page = {
      view, doc, visible,
      key: (name) => (doc.activeElement ?? doc.body).dispatchEvent(
        new view.KeyboardEvent("keydown", {key: name, bubbles: true, cancelable: true})),
      opened: () => visible().querySelector(".derivation")?.dataset.entry ?? null,
      turnTo: (name) => doc.querySelector(`.mark[data-name="${name}"]`).click(),
      cell: (entry) => visible().querySelector(`.cell[data-ref="${entry}"]`),
    };
    said.errors = [];
    view.addEventListener("error", (event) => said.errors.push(event.message));
    try { USES[frame.id](page, said); } catch (error) { said.errors.push(String(error.stack)); }
  }
  out.textContent = JSON.stringify(found);
});
"""


def browse(folder: Path, text: str, query: str = "") -> tuple[str, list[str]]:
    """Open a page with the network off; return what it becomes, and the errors of its console."""
    file = folder / "page.html"
    file.write_text(text, encoding="utf-8")
    profile = f"--user-data-dir={folder / 'profile'}"
    assert CHROMIUM
    command = [CHROMIUM, *FLAGS, profile, f"{file.as_uri()}{query}"]
    run = subprocess.run(command, capture_output=True, text=True, timeout=60)
    return run.stdout, [line for line in run.stderr.splitlines() if "CONSOLE" in line]


def frame_of(name: str, text: str, width: int) -> str:
    return f'<iframe id="{name}" width="{width}" height="800" srcdoc="{html.escape(text)}"></iframe>'


@pytest.fixture(scope="module")
def used(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What came of using four pages by keyboard and pointer, from a page around them."""
    pages = {
        "xor": (to_html(xor()), 1200),
        "hostile": (to_html(hostile()), 1200),
        "narrow": (to_html(narrow()), 500),
        "large": (large_page(), 1200),
    }
    frames = "".join(frame_of(name, *one) for name, one in pages.items())
    text, errors = browse(
        tmp_path_factory.mktemp("pages"),
        f'<!doctype html><meta charset="utf-8">{frames}<pre id="out"></pre><script>{DRIVER}</script>',
    )
    (found,) = re.findall(r'<pre id="out">(.*?)</pre>', text, re.S)
    assert errors == []
    result: dict[str, Any] = json.loads(html.unescape(found))
    assert [name for name, said in result.items() if said["errors"]] == [], result
    return result


@needs_browser
def test_every_step_and_entry_of_a_small_story_opens_by_keyboard(used: dict[str, Any]) -> None:
    story, found = xor(), used["xor"]
    assert found["faults"] == []
    assert found["steps"] == ["", *(step.name for step in story)]
    assert found["home"] == ""
    assert found["help"] is True
    assert found["edges"] == 2 * 3 + 3 * 1
    assert found["heads"] == ["math"] * 5  # X, two layers, Y and L
    assert found["operand"][0] == found["operand"][1]
    assert {"dW1", "dW1[0,2]", "W1[0,2] dW1[0,2] W1_new[0,2]"} <= set(found["lit"])
    assert "dW1[0,1]" not in found["lit"]
    assert found["cells"] == {
        f"{name}[{','.join(map(str, index))}]" if index else name: number(float(np.asarray(value)[index]), 4)
        for name, value in story.values.items()
        for index in np.ndindex(np.shape(value))
    }


@needs_browser
def test_a_story_with_hostile_names_and_long_sums_works(used: dict[str, Any]) -> None:
    assert used["hostile"]["faults"] == []
    assert len(used["hostile"]["steps"]) == len(hostile()) + 1


@needs_browser
def test_the_pull_of_a_penalty_is_no_path(used: dict[str, Any]) -> None:
    assert hostile().paths("W1", 0, 2).others
    assert used["hostile"]["paths"] == "The gradient as a sum over 36 paths and the penalty"


@needs_browser
def test_the_drawing_shows_the_sample_of_the_opened_entry(used: dict[str, Any]) -> None:
    start, of_A2, of_dW2, of_dZ2 = used["narrow"]["samples"]
    assert start == [0, "sample  (0 to 3)"]
    assert of_A2[0] == of_dW2[0] == 3  # a weight belongs to all samples, so its entry changes nothing
    assert of_A2[1].endswith("[3, 0]")
    assert of_dW2[1] == start[1]
    assert of_dZ2[0] == 1


@needs_browser
def test_lines_break_between_the_outer_terms(used: dict[str, Any]) -> None:
    for terms in used["narrow"]["terms"]:
        assert len(terms) == 4  # one a sample
        assert all(term.count("(") == term.count(")") for term in terms)
    assert used["narrow"]["height"] > 40  # a term too long for one line has two


@needs_browser
def test_an_opened_entry_is_scrolled_into_view_in_its_table(used: dict[str, Any]) -> None:
    assert used["large"]["seen"] == [False, True]


@needs_browser
def test_the_address_says_what_is_open(tmp_path: Path) -> None:
    text, errors = browse(tmp_path, large_page(), "#step=dW1&entry=dW1[0,2]")
    assert errors == []
    assert 'data-ready="yes"' in text
    assert re.search(r'class="derivation"[^>]*data-entry="dW1\[0,2\]"', text)
    assert re.search(r"<summary>The gradient as a sum over 320 paths", text)


@needs_browser
def test_a_script_that_is_not_ours_does_not_run_and_is_seen(tmp_path: Path) -> None:
    text, errors = browse(tmp_path, to_html(xor()).replace("watchPointer();", "watchPointer(); "))
    assert 'data-ready="yes"' not in text
    assert any("Content Security Policy" in line for line in errors)


@needs_browser
def test_a_deeper_network_is_drawn_at_any_width_without_a_word_in_the_console(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    net = MLP([4, 6, 6, 3], "tanh", seed=0)
    page = to_html(net.explain(rng.normal(size=(8, 4)), rng.normal(size=(8, 3))))
    frames = "".join(frame_of(f"w{width}", page, width) for width in (1280, 1000, 800, 500))
    _, errors = browse(tmp_path, f"<!doctype html><body>{frames}")
    assert errors == []
    _, errors = browse(tmp_path, page, "#step=dW2")
    assert errors == []
