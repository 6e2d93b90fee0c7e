"""A table of one's own, pasted or uploaded: good ones, bad ones, and one that means harm."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from browser.person import quiet, shown, step_to

Open = Callable[..., Any]
FLOWERS = "length,width,kind\n" + "".join(
    f"{4 + k % 7 / 10},{1 + k % 3 / 5},{('small', 'tall')[k % 2]}\n" for k in range(30)
)
OPEN = """(table) => import("/page/session.js").then(({ ask }) =>
    ask("open", { settings: { data: { kind: "table", table } } }))"""
HOSTILE = "<img src=x onerror=alert(1)>"


def _open_dialog(page: Any) -> None:
    page.select_option("#data [data-part=kind] select", "table")
    page.wait_for_selector("dialog#table[open]")


def _paste(page: Any, text: str) -> None:
    _open_dialog(page)
    page.fill("dialog#table textarea", text)


def _use(page: Any) -> None:
    page.wait_for_selector("dialog#table button.main:enabled")
    page.click("dialog#table button.main")
    quiet(page)


def test_a_pasted_table_is_trained_on(opened: Open) -> None:
    page = opened()
    _paste(page, FLOWERS)
    _use(page)
    assert page.inner_text("#layers .layer >> nth=0").split() == ["inputs", "2"]
    step_to(page, "Z1")
    assert shown(page) == "Z1"
    assert "length" in page.inner_text("#drawing")


def test_an_uploaded_file_is_trained_on(opened: Open) -> None:
    page = opened()
    _open_dialog(page)
    page.set_input_files(
        "dialog#table input[type=file]",
        {"name": "flowers.csv", "mimeType": "text/csv", "buffer": FLOWERS.encode()},
    )
    _use(page)
    assert "tall" in page.inner_text("#data .legend")


def test_the_cell_that_keeps_a_column_from_being_numbers_is_shown(opened: Open) -> None:
    page = opened()
    _paste(page, 'a,b,c,y\n1,1,"1,5",1\n2,,2,2\n3,3,3,n/a\n4,4,4,4\n')
    page.wait_for_selector("dialog#table button.main:enabled")
    kinds = page.eval_on_selector_all("dialog#table th small", "all => all.map((one) => one.textContent)")
    gap, slip = "not only numbers: an empty cell in line 3", "not only numbers: “n/a” in line 4"
    assert kinds == ["numbers", gap, "numbers", slip]
    assert page.inner_text("dialog#table .comma").startswith("“1,5” is read as 1.5")
    page.click("dialog#table button.main")
    page.wait_for_function("() => document.querySelector('dialog#table .trouble').textContent")
    assert "column 'y' does not fit; got 'n/a' in line 4" in page.inner_text("dialog#table .trouble")
    page.select_option("dialog#table select >> nth=1", "classes")
    _use(page)
    assert "n/a" in page.inner_text("#data .legend")
    opened.trouble[:] = [one for one in opened.trouble if "400 (Bad Request)" not in one]  # type: ignore[attr-defined]


def test_a_table_of_two_rows_is_trained_on(opened: Open) -> None:
    page = opened()
    _paste(page, "a,b,y\n1,2,3\n2,3,4\n")
    _use(page)
    assert not page.is_visible("dialog#table")
    assert page.inner_text("#data .used") == "rows: 2"


def test_the_dialog_shows_the_table_in_use(opened: Open) -> None:
    page = opened()
    _paste(page, FLOWERS)
    _use(page)
    page.click("#data [data-part=table]")
    page.fill("dialog#table textarea", "another,one\n1,2\n")
    page.keyboard.press("Escape")
    other = {"name": "other", "text": "a,b\n1,2\n2,3\n", "inputs": ["a"], "target": "b"}
    page.evaluate(OPEN, other)
    quiet(page)
    page.click("#data [data-part=table]")
    assert page.input_value("dialog#table textarea") == other["text"]
    page.wait_for_selector("dialog#table button.main:enabled")
    assert page.is_checked("dialog#table input[value=a]")


@pytest.mark.parametrize(
    "text", ["", "a,b\n", "a,b,c\n1,2\n3,4,5\n", "a;b\nx;y\nz;w\n", "a,b\n1,2\n1e400,3\n", '"a,b\n1,2\n']
)
def test_a_table_that_cannot_be_used_is_refused_and_nothing_is_lost(opened: Open, text: str) -> None:
    page = opened()
    before = page.inner_text("#data .used")
    _paste(page, FLOWERS)
    page.wait_for_selector("dialog#table button.main:enabled")
    page.fill("dialog#table textarea", text)
    page.wait_for_function("() => document.querySelector('dialog#table button.main').disabled")
    if text:
        page.wait_for_function(
            "() => document.querySelector('dialog#table .trouble').textContent.trim().length > 10"
        )
    page.keyboard.press("Escape")
    quiet(page)
    assert page.inner_text("#data .used") == before
    assert page.eval_on_selector("#data [data-part=kind] select", "one => one.value") != "table"
    opened.trouble[:] = [one for one in opened.trouble if "400 (Bad Request)" not in one]  # type: ignore[attr-defined]


def test_hostile_names_and_classes_are_shown_as_text(opened: Open) -> None:
    page = opened()
    quoted = f'"{HOSTILE}"'
    _paste(
        page,
        f"{quoted},width,{quoted}2\n".replace('"2', '2"') + f"1,2,{quoted}\n2,1,b\n3,1,b\n1,1,{quoted}\n",
    )
    _use(page)
    assert HOSTILE in page.text_content("#data")
    step_to(page, "Z1")
    page.hover("#panel article:not([hidden]) .result .cell >> nth=0")
    assert page.locator("img").count() == 0
