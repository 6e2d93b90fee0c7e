"""Make the pictures of the README from real runs. The page needs Chromium.

python docs/pictures.py
"""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.text import Text
from sklearn.datasets import load_digits

HERE = Path(__file__).parent
WIDTH = 92
EXPLAIN = ["explain", "--net", "2-3-1", "--activation", "sigmoid", "--data", "xor"]


def run(folder: Path, *words: str) -> str:
    """Return what a command prints, with its colours."""
    environment = {**os.environ, "COLUMNS": str(WIDTH), "FORCE_COLOR": "1", "PYTHONIOENCODING": "utf-8"}
    command = [sys.executable, "-m", "clearprop", *words]
    return subprocess.run(
        command, cwd=folder, env=environment, check=True, capture_output=True, encoding="utf-8"
    ).stdout


def draw(name: str, words: list[str], printed: str) -> None:
    """Write a terminal with a command and what it printed."""
    console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True)
    console.print(Text.from_ansi(f"$ clearprop {' '.join(words)}\n\n{printed.strip()}"))
    svg = console.export_svg(title="clearprop")
    svg = re.sub(r"@font-face \{.*?\}", "", svg, flags=re.DOTALL)  # no font is fetched from anywhere
    (HERE / name).write_text(svg, encoding="utf-8")


def train(folder: Path) -> None:
    """Draw `clearprop train` on a real table."""
    digits = load_digits(as_frame=True).frame.rename(columns={"target": "digit"})
    digits.to_csv(folder / "digits.csv", index=False)
    words = ["train", "digits.csv", "--target", "digit"]
    draw("train.svg", words, run(folder, *words))


def story(folder: Path) -> None:
    """Draw `clearprop explain`: the conventions, the loss and the way back."""
    sections = re.split(r"(?m)^(?=(?:\x1b\[[0-9;]*m)*── )", run(folder, *EXPLAIN))
    shown = [part for part in sections[1:] if re.search(r"── (loss|backward)", part)]
    draw("story.svg", EXPLAIN, f"{sections[0].rstrip()}\n\n…\n\n{''.join(shown).rstrip()}\n\n…")


def page(folder: Path) -> None:
    """Photograph the page of the same step, at one of its numbers."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        print("docs/page.png is left as it is: there is no Chromium here")
        return
    run(folder, *EXPLAIN, "--html", "step.html")
    options = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--hide-scrollbars",
        f"--user-data-dir={folder}/profile",
    ]
    address = f"{(folder / 'step.html').as_uri()}#step=dW1&entry=dW1[0,2]"
    picture = [f"--screenshot={HERE / 'page.png'}", "--window-size=1280,900", address]
    subprocess.run([chromium, *options, *picture], check=True, capture_output=True)


def main() -> None:
    """Write docs/train.svg, docs/story.svg and docs/page.png."""
    with tempfile.TemporaryDirectory() as name:
        for picture in (train, story, page):
            picture(Path(name))


if __name__ == "__main__":
    main()
