"""What the possibility to explain costs training that is not explained: nothing beyond noise.

python benchmarks/recording.py [--runs 15]

Two processes train the same networks: one that has never loaded what records, and one that has explained
a step before. They are run in turn, so that a slow moment of the machine falls on both.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys

SIZES = {"2-3-1, batch 4": ([2, 3, 1], 4), "64-64-10, batch 32": ([64, 64, 10], 32)}
TRAIN = """
import time
import numpy as np
from clearprop import MLP
rng = np.random.default_rng(0)
X, Y = rng.normal(size=({n}, {sizes}[0])), rng.normal(size=({n}, {sizes}[-1]))
net = MLP({sizes}, "tanh", seed=0)
if {explained}:
    net.explain(X, Y)
net.fit(X, Y, epochs=50, progress=False, metric=None)
began = time.perf_counter()
net.fit(X, Y, epochs={epochs}, batch_size=None, progress=False, metric=None)
print((time.perf_counter() - began) / {epochs} * 1e6)
"""


def microseconds(sizes: list[int], n: int, *, explained: bool) -> float:
    epochs = 8000 if n < 10 else 3000
    script = TRAIN.format(sizes=sizes, n=n, explained=explained, epochs=epochs)
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return float(run.stdout)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=15)
    runs = parser.parse_args().runs
    print("| network | never explained, µs a step | explained before, µs a step | ratio of medians |")
    print("|---|---|---|---|")
    for name, (sizes, n) in SIZES.items():
        pairs = [
            (microseconds(sizes, n, explained=False), microseconds(sizes, n, explained=True))
            for _ in range(runs)
        ]
        columns = [sorted(column) for column in zip(*pairs, strict=True)]
        medians = [statistics.median(column) for column in columns]
        cells = [
            f"{median:.1f} ({column[runs // 4]:.1f} to {column[-1 - runs // 4]:.1f})"
            for median, column in zip(medians, columns, strict=True)
        ]
        print(f"| {name} | {cells[0]} | {cells[1]} | {medians[1] / medians[0]:.3f} |")


if __name__ == "__main__":
    main()
