"""Write the table of worked examples into docs/gallery.md.

python docs/gallery_table.py
"""

from __future__ import annotations

from pathlib import Path

from clearprop.story.numbers import number
from clearprop.verify.gallery import Report, example_names, load_example, reproduce

PAGE = Path(__file__).parent / "gallery.md"
BEGIN, END = "<!-- table: begin -->\n", "<!-- table: end -->\n"


def table() -> str:
    """Return the table in Markdown, computed now."""
    reports = [reproduce(load_example(name)) for name in example_names()]
    heads = ["example", "source", "numbers", "largest error", "status"]
    lines = [heads, ["---", "---", "---:", "---:", "---"], *map(_row, reports)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def with_table(text: str) -> str:
    """Return the page with the table between its markers."""
    before, rest = text.split(BEGIN)
    return f"{before}{BEGIN}{table()}{END}{rest.split(END)[1]}"


def _row(report: Report) -> list[str]:
    example, worst = report.example, report.worst
    source = f"[{example.source}]({example.url})" if example.url else example.source
    error = f"{number(worst.error, 2)} of {number(worst.allowed, 2)}"
    return [f"`{example.id}`", source, str(len(report.comparisons)), error, report.status]


if __name__ == "__main__":
    PAGE.write_text(with_table(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
