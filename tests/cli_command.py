"""Small tables and one call for the tests of the command: `run("train", …)` is what a shell would run."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pytest

from clearprop.cli import main

FLOWERS = 90


@dataclass(frozen=True)
class Ended:
    """How a command ended: exit code, standard output, standard error."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Run = Callable[..., Ended]


def runner(capsys: pytest.CaptureFixture[str]) -> Run:
    def run(*words: object) -> Ended:
        with pytest.raises(SystemExit) as ending:
            main([str(word) for word in words])
        captured = capsys.readouterr()
        return Ended(int(ending.value.code or 0), captured.out, captured.err)

    return run


def flowers(rows: int = FLOWERS) -> pa.Table:
    """Two classes that petals tell apart, with a category, a boolean and missing values beside."""
    rng = np.random.default_rng(0)
    rose = np.arange(rows) % 3 == 0
    return pa.table(
        {
            "petals": np.where(rose, 30.0, 5.0) + rng.normal(size=rows),
            "height": pa.array(
                [None if k % 8 == 5 else float(h) for k, h in enumerate(rng.normal(size=rows))]
            ),
            "colour": rng.choice(["red", "white"], rows),
            "wild": rng.random(rows) < 0.5,
            "flower": np.where(rose, "rose", "daisy"),
        }
    )


def houses(rows: int = FLOWERS) -> pa.Table:
    """A price that follows from size and rooms, up to a little noise."""
    rng = np.random.default_rng(1)
    size, rooms = rng.uniform(20, 200, rows), rng.integers(1, 7, rows)
    price = 2.5 * size + 10 * rooms + rng.normal(size=rows)
    return pa.table({"size": size, "rooms": rooms, "price": price})


def write(table: pa.Table, path: Path) -> Path:
    pa.csv.write_csv(table, path)
    return path


def train_both(folder: Path) -> Path:
    """A folder with both tables, and a model of each: flowers.csv, flowers, houses.csv, houses."""
    for table, name, target in ((flowers(), "flowers", "flower"), (houses(), "houses", "price")):
        data = write(table, folder / f"{name}.csv")
        options = ["--epochs", "30", "--hidden", "8", "-o", str(folder / name)]
        with pytest.raises(SystemExit, match="0"):
            main(["train", str(data), "--target", target, *options])
    return folder
