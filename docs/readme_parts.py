"""Write into the README what its examples print, and the table of the gallery.

python docs/readme_parts.py
"""

from __future__ import annotations

import contextlib
import io
import re
from collections.abc import Callable
from pathlib import Path

from clearprop.verify.gallery import example_names, load_example, reproduce

README = Path(__file__).parent.parent / "README.md"


def example(text: str, place: str) -> str:
    """Return what the Python above a marker prints, as a block of text."""
    block = re.findall(r"```python\n(.*?)```", text.partition(f"<!-- {place}: begin -->")[0], re.DOTALL)
    names: dict[str, object] = {}
    printed = io.StringIO()
    for code in block[:-1]:
        with contextlib.redirect_stdout(io.StringIO()):
            exec(compile(code, "README.md", "exec"), names)
    with contextlib.redirect_stdout(printed):
        exec(compile(block[-1], "README.md", "exec"), names)
    return f"```text\n{printed.getvalue().rstrip()}\n```\n"


def gallery(text: str, place: str) -> str:
    """Return the table of worked examples: what is compared, and how it came out now."""
    lines = ["| example | source | numbers compared | status |\n", "|---|---|---:|---|\n"]
    for name in example_names():
        report = reproduce(load_example(name))
        source = report.example.source
        lines.append(f"| `{name}` | {source} | {len(report.comparisons)} | {report.status} |\n")
    return "".join(lines)


PARTS: dict[str, Callable[[str, str], str]] = {"zoom": example, "check": example, "gallery": gallery}


def with_parts(text: str) -> str:
    """Return the README with every part made anew."""
    for place, make in PARTS.items():
        begin, end = f"<!-- {place}: begin -->\n", f"<!-- {place}: end -->"
        before, _, rest = text.partition(begin)
        text = f"{before}{begin}{make(text, place)}{end}{rest.partition(end)[2]}"
    return text


if __name__ == "__main__":
    README.write_text(with_parts(README.read_text(encoding="utf-8")), encoding="utf-8")
