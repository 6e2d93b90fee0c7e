"""The data: drawn with sliders, dropped as a file, chosen from; as a plane and as a curve."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from browser.person import arrays, press, quiet, shown, step_to, take

Open = Callable[..., Any]
KIND = "#data [data-part=kind] select"
TABLE = "größe,width,kind\n" + "".join(f"{k % 7},{k % 3},{'ab'[k % 2]}\n" for k in range(12))
DROP = """([name, numbers]) => {
    const files = new DataTransfer();
    files.items.add(new File([new Uint8Array(numbers)], name));
    const said = { dataTransfer: files, cancelable: true, bubbles: true };
    document.getElementById("data").dispatchEvent(new DragEvent("drop", said));
}"""


def _drop(page: Any, name: str, content: bytes) -> None:
    page.evaluate(DROP, [name, list(content)])


def _points(page: Any) -> list[str]:
    return [
        str(one)
        for one in page.eval_on_selector_all(
            "#data .frame .point", "all => all.map((one) => one.getAttribute('transform'))"
        )
    ]


def test_noise_rows_and_the_split_change_what_is_drawn(opened: Open) -> None:
    page = opened()
    take(page, "spiral")
    page.fill("#data [data-part=rows] input", "100")
    press(page, "Enter")
    calm = _points(page)
    assert len(calm) == 100
    assert page.locator("#data .frame .point.test").count() == 20
    assert "80" in page.inner_text("#data .used")
    page.focus("#data [data-part=noise] input")
    assert page.input_value("#data [data-part=noise] input") == "0.02"  # the spiral's own
    press(page, *["ArrowRight"] * 4)
    said = page.inner_text("#data [data-part=noise] output")
    assert said == "6 %"
    noisy = _points(page)
    assert len(noisy) == 100
    assert noisy != calm
    page.fill("#data [data-part=test] input", "0.5")
    page.dispatch_event("#data [data-part=test] input", "change")
    quiet(page)
    assert page.inner_text("#data [data-part=test] output") == "50 %"
    assert page.locator("#data .frame .point.test").count() == 50
    assert sorted(_points(page)) == sorted(noisy)  # the same points, split anew
    page.focus("#data [data-part=noise] input")
    press(page, *["ArrowLeft"] * 4)
    assert sorted(_points(page)) == sorted(calm)


def test_a_sample_or_several_are_chosen_and_let_go(opened: Open) -> None:
    page = opened()
    take(page, "xor")
    rows = page.evaluate("import('/page/session.js').then(({ page }) => page.view.data.train)")
    box = page.locator("#data .frame > svg").bounding_box()
    transform = page.get_attribute("#data .frame .point.train >> nth=2", "transform")
    x, y = map(float, re.findall(r"-?[\d.]+", transform)[:2])
    at = {"x": x / 200 * box["width"], "y": y / 200 * box["height"]}
    page.hover("#data .frame > svg", position=at)
    pointed = page.locator("#data tr.pointed [data-row]").get_attribute("data-row")
    page.click("#data .frame > svg", position=at)
    quiet(page)
    assert f"sample {pointed}" in page.inner_text("#data .said")
    assert arrays(page)["X"]["values"] == rows[int(pointed)][:2]
    assert page.locator("#data tr.explained").count() == 1
    assert page.locator("#data .frame .point.explained").count() == 1
    page.check("#data .choosing input")
    other = "1" if pointed != "1" else "2"
    page.focus("#data [data-row][tabindex='0']")
    while page.evaluate("document.activeElement.dataset.row") != other:
        page.keyboard.press("ArrowDown")
    press(page, "Enter")
    chosen = sorted([int(pointed), int(other)])
    assert arrays(page)["X"]["values"] == [number for row in chosen for number in rows[row][:2]]
    assert page.evaluate("document.activeElement.dataset.row") == other
    step_to(page, "Z1")
    assert page.locator("#panel article:not([hidden]) .result tbody tr").count() == 2
    page.click("#data .choosing button")
    quiet(page)
    assert arrays(page)["X"]["shape"] == [4, 2]
    assert page.locator("#data tr.explained").count() == 0


def test_the_next_mini_batch_is_marked_among_the_samples(opened: Open) -> None:
    page = opened()
    take(page, "xor")
    page.fill('#training [data-part="batch"] input', "2")
    press(page, "Enter")
    page.select_option("#unit", "batch")
    page.focus("#panel")
    data = page.evaluate("import('/page/session.js').then(({ page }) => page.view.data.train)")
    seen = []
    for _ in range(2):
        marked = page.eval_on_selector_all(
            "#data tr.explained [data-row]", "all => all.map((one) => Number(one.dataset.row))"
        )
        said = page.inner_text("#data .said")
        assert sorted(map(int, re.findall(r"\d+", said.partition(":")[2]))) == marked
        values = arrays(page)["X"]["values"]
        assert sorted([values[:2], values[2:]]) == sorted(data[row][:2] for row in marked)
        seen += marked
        press(page, "ArrowRight")
    assert sorted(seen) == [0, 1, 2, 3]


def test_one_input_is_drawn_as_a_curve_that_comes_near_the_points(opened: Open) -> None:
    page = opened()
    take(page, "xor")
    page.select_option(KIND, "sine")
    quiet(page)
    for panel in ("#data", "#output"):
        assert page.locator(f"{panel} .curve").count() >= 1
        assert not page.is_visible(f"{panel} .plane canvas")
    curve = "#output .plane polyline"
    before = page.get_attribute(curve, "points")
    figure = "#output .figures tbody tr:has(th:text-is('loss')) td >> nth=0"
    loss = float(page.inner_text(figure))
    page.select_option("#unit", "epoch")
    page.focus("#panel")
    page.keyboard.press("Space")
    page.wait_for_function(
        "(before) => document.querySelector('#output .plane polyline').getAttribute('points') !== before",
        arg=before,
    )
    page.wait_for_timeout(500)
    page.keyboard.press("Space")
    quiet(page)
    assert float(page.inner_text(figure)) < loss


def test_the_boundary_bends_while_it_trains(opened: Open) -> None:
    page = opened()
    take(page, "spiral")
    picture = "document.querySelector('#output .plane canvas').toDataURL()"
    seen = [page.evaluate(picture)]
    page.select_option("#unit", "epoch")
    page.focus("#panel")
    page.keyboard.press("Space")
    for _ in range(3):
        page.wait_for_function(f"(before) => {picture} !== before", arg=seen[-1])
        assert page.get_attribute("#play", "aria-label") == "Pause (Space)"
        seen.append(page.evaluate(picture))
    page.keyboard.press("Space")
    quiet(page)
    assert len(set(seen)) == 4


@pytest.mark.parametrize("encoding", ["utf-8", "windows-1252"])
def test_a_dropped_file_is_a_table(opened: Open, encoding: str) -> None:
    page = opened()
    _drop(page, "birds.csv", TABLE.encode(encoding))
    page.wait_for_selector("dialog#table button.main:enabled")
    page.uncheck("dialog#table input[value=width]")
    page.click("dialog#table button.main")
    quiet(page)
    assert not page.is_visible("dialog#table")
    assert page.inner_text(f"{KIND} option:checked") == "birds.csv"
    assert "größe" in page.inner_text("#drawing")
    assert "width" not in page.inner_text("#drawing")
    step_to(page, "Z1")
    assert shown(page) == "Z1"
    page.click("#data [data-part=table]")  # what was chosen is still chosen
    page.wait_for_selector("dialog#table button.main:enabled")
    assert not page.is_checked("dialog#table input[value=width]")
    assert page.input_value("dialog#table textarea") == TABLE


@pytest.mark.parametrize(
    "content", [b"\x89PNG\r\n\x1a\n\0\0", b"a,b\n" + b"1,2\n" * 300_000], ids=["a picture", "too large"]
)
def test_a_dropped_file_that_is_no_table_is_refused(opened: Open, content: bytes) -> None:
    page = opened()
    before = page.inner_text("#data .used")
    _drop(page, "bad.csv", content)
    page.wait_for_function(
        "() => document.querySelector('dialog#table .trouble').textContent.trim().length > 10"
    )
    assert page.is_disabled("dialog#table button.main")
    page.keyboard.press("Escape")
    assert page.inner_text("#data .used") == before
    assert page.inner_text("#status") == ""
    opened.trouble[:] = [one for one in opened.trouble if "400 (Bad Request)" not in one]  # type: ignore[attr-defined]
