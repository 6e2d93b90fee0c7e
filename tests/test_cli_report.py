"""`--report` and `clearprop demo`: the page that asks nobody for anything, and the tour of all commands."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

import clearprop
from cli_command import Run, flowers, houses, runner, write

EVIL = '"><img src=x onerror=alert(1)>'


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.chdir(tmp_path)
    return runner(capsys)


class Page(HTMLParser):
    """The elements of a page, what they link to, and its text."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.text = ""
        self.source = Path(path).read_text(encoding="utf-8")
        self.feed(self.source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.text += data


def check_alone(page: Page) -> None:
    """The page loads nothing and runs nothing."""
    assert not page.tags & {"script", "link", "img", "iframe", "object", "embed", "form", "a"}
    assert not page.attributes & {"src", "href", "onload", "onerror", "xlink:href"}
    assert "url(" not in page.source
    assert "@import" not in page.source
    assert "://" not in page.source
    assert "default-src 'none'" in page.source
    assert "prefers-color-scheme: dark" in page.source


@pytest.mark.parametrize(
    "planted", ["<img src='x'>", "<script>1</script>", "<p style='background: url(x)'>", "<a>"]
)
def test_a_page_that_is_not_alone_is_caught(tmp_path: Path, planted: str) -> None:
    alone = "<meta content=\"default-src 'none'\"><style>@media (prefers-color-scheme: dark) {}</style>"
    (tmp_path / "page.html").write_text(alone)
    check_alone(Page(str(tmp_path / "page.html")))
    (tmp_path / "page.html").write_text(alone + planted)
    with pytest.raises(AssertionError):
        check_alone(Page(str(tmp_path / "page.html")))


def test_the_page_of_classes(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("clearprop.cli.fitting.FEWEST_ROWS_TO_VALIDATE", 200)
    write(flowers(250), Path("f.csv"))
    assert (
        run("train", "f.csv", "-t", "flower", "--report", "r.html", "--epochs", 20, "--hidden", 8).code == 0
    )
    page = Page("r.html")
    check_alone(page)
    for text in ("flower from f.csv", "log loss", "validation loss", "Held-out rows by class", "daisy",
                 "clearprop train f.csv", "--hidden 8", clearprop.__version__):  # fmt: skip
        assert text in page.text
    assert page.source.count("<polyline") == 2


def test_the_page_of_numbers(run: Run) -> None:
    write(houses(), Path("h.csv"))
    assert run("train", "h.csv", "-t", "price", "--report", "r.html", "--epochs", 3).code == 0
    page = Page("r.html")
    check_alone(page)
    assert "RMSE" in page.text
    assert "true price" in page.text
    assert page.source.count("<circle") == 18


def test_the_page_without_held_out_rows(run: Run) -> None:
    write(houses(), Path("h.csv"))
    options = ("--test-fraction", 0, "--hidden", "none", "--epochs", 1)
    assert run("train", "h.csv", "-t", "price", "--report", "r.html", *options).code == 0
    assert "No rows were held out" in Page("r.html").text
    assert "--hidden none" in Page("r.html").text


def test_nothing_from_the_user_becomes_markup(run: Run) -> None:
    rng = np.random.default_rng(0)
    names = np.where(np.arange(60) % 2 == 0, EVIL, "</script><script>alert(2)</script>")
    table = pa.table(
        {f"<b>{EVIL}": rng.normal(size=60), "$title ${x}": rng.normal(size=60), f"<i>{EVIL}": names}
    )
    write(table, Path("<u>&.csv"))
    assert run("train", "<u>&.csv", "-t", f"<i>{EVIL}", "--report", "r.html", "--epochs", 2).code == 0
    page = Page("r.html")
    check_alone(page)
    assert not page.tags & {"u", "b", "i"}
    assert EVIL in page.text
    assert "$title ${x}" in page.text
    assert re.search(r"<(?!/?(?:[a-z]|!doctype))", page.source[: page.source.index("</style>")]) is None


def test_many_classes_and_columns_fold_up(run: Run) -> None:
    rng = np.random.default_rng(0)
    columns = {f"c{k}": rng.normal(size=250) for k in range(20)} | {"t": [f"k{k % 25}" for k in range(250)]}
    write(pa.table(columns), Path("w.csv"))
    assert run("train", "w.csv", "-t", "t", "--report", "r.html", "--epochs", 2).code == 0
    page = Page("r.html")
    assert "details" in page.tags
    assert "taken for" in page.text


def test_the_demo_shows_the_commands_and_leaves_nothing_behind(run: Run, tmp_path: Path) -> None:
    ended = run("demo", "--dataset", "wine", "--report", "page.html")
    assert ended.code == 0
    assert ended.err == ""
    for command in (
        "train wine.csv --target grower",
        "evaluate wine.clearprop",
        "predict wine.clear",
        "show wine",
    ):
        assert f"$ clearprop {command}" in ended.out
    assert [path.name for path in tmp_path.iterdir()] == ["page.html"]
    check_alone(Page("page.html"))


def test_the_demo_keeps_its_files_beside_the_model(run: Run) -> None:
    Path("kept").mkdir()
    assert run("demo", "--dataset", "wine", "-o", "kept/wine.st").code == 0
    names = {"wine.st", "wine.csv", "wine-new.csv", "wine-predicted.csv"}
    assert {path.name for path in Path("kept").iterdir()} == names
    accuracy = run("evaluate", "kept/wine.st", "kept/wine-new.csv", "--json").json["metrics"]["accuracy"]
    assert accuracy > 0.8
    again = run("demo", "--dataset", "wine", "-o", "kept/wine.st")
    assert again.code == 2
    assert "is there already" in again.err


def test_a_command_that_fails_ends_the_demo(run: Run) -> None:
    ended = run("demo", "--dataset", "wine", "--report", "no/page.html")
    assert ended.code == 2
    assert "there is no folder" in ended.err
    assert "$ clearprop evaluate" not in ended.out


@pytest.mark.parametrize("dataset", ["breast_cancer", "diabetes"])
def test_the_other_data_sets(run: Run, dataset: str) -> None:
    assert "Your turn" in run("demo", "--dataset", dataset).out
