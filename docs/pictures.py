"""Make the pictures of the README from real runs.

python docs/pictures.py
"""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.text import Text
from sklearn.datasets import load_digits

HERE = Path(__file__).parent
WIDTH = 92


def train_on_digits(folder: Path) -> str:
    """Return what `clearprop train` prints on a real table, with its colours."""
    load_digits(as_frame=True).frame.rename(columns={"target": "digit"}).to_csv(
        folder / "digits.csv", index=False
    )
    environment = {**os.environ, "COLUMNS": str(WIDTH), "FORCE_COLOR": "1", "PYTHONIOENCODING": "utf-8"}
    command = [sys.executable, "-m", "clearprop", "train", "digits.csv", "--target", "digit"]
    return subprocess.run(
        command, cwd=folder, env=environment, check=True, capture_output=True, encoding="utf-8"
    ).stdout


def main() -> None:
    """Write docs/train.svg."""
    with tempfile.TemporaryDirectory() as folder:
        printed = train_on_digits(Path(folder))
    console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True)
    console.print(Text.from_ansi("$ clearprop train digits.csv --target digit\n\n" + printed.strip()))
    svg = console.export_svg(title="clearprop")
    svg = re.sub(r"@font-face \{.*?\}", "", svg, flags=re.DOTALL)  # no font is fetched from anywhere
    (HERE / "train.svg").write_text(svg, encoding="utf-8")


if __name__ == "__main__":
    main()
