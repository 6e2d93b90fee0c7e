"""Write docs/performance.md and docs/performance.svg from a record of `clearprop bench --peers --json`.

python docs/performance_table.py [RECORD.json]    by default, the last one in benchmarks/results
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from clearprop.bench.drawing import plot_record
from clearprop.bench.tables import (
    Table,
    around,
    detail,
    estimator_line,
    labels,
    left_out,
    overview,
    spread_line,
)

DOCS = Path(__file__).parent
RESULTS = DOCS.parent / "benchmarks" / "results"

METHOD = """\
- **The same work.** Every contender starts at the same weights and takes the same rows in the same order,
  with the same loss. A gate compares its weights after 20 steps with those of the rules in float64: the
  distance, as a share of the way from the first weights, must stay below 1e-9 in float64 and 1e-2 in
  float32 (1e-5 is usual; units of relu that fall on the other side of 0 give 1e-3 in the widest network).
  It is passed with plain gradient descent, which sees a wrong scale of the loss, and with Adam where the
  workload has it. Who fails is not timed.
- **The same clock.** A time is that of one call which trains for whole epochs, at least three, divided by
  its steps: drawing the order, gathering the rows, forward, backward, update. Data are synthetic, all
  batches are full.
- **Taking turns.** Each contender runs in a process of its own, one at a time, in the order A B C, C B A,
  …; the medians of the rounds are shown with their quartiles. "First epoch" is the first call, with what
  JAX compiles.
- **At its best.** Each peer gets the number of threads that a trial finds fastest (1, 2, 4, …, all
  cores); the native engine chooses by itself. PyTorch runs with its fused optimisers, JAX gives its
  buffers away, scikit-learn has no penalty.
- **Ratios.** "Best peer / ours" is the time of the fastest peer over ours: above 1 we are faster, below 1
  slower; "best library / ours" leaves out the script in NumPy, which has nothing but NumPy to load.
  GFLOP/s count the matrix products alone; the peak is what multiply-adds in registers reach on all cores.
- **Around the digits.** Cold is a whole process, from its start to the saved model: 100 epochs of
  64-64-10 on the digits, by the scripts in `src/clearprop/bench/cold`. Memory is the most that such a
  process had. One row is a prediction of one sample on one thread, its input at hand in the library's own
  form. Size on disk counts scikit-learn's and JAX's dependencies, but not NumPy.
"""


def page(record: Mapping[str, Any]) -> str:
    """Return the page in Markdown."""
    machine, names = record["machine"], labels(record)
    versions = ", ".join(f"{name} {version}" for name, version in machine["versions"].items() if version)
    level = machine["level"] or "without the native engine"
    parts = [
        "# Performance\n\nMade by `docs/performance_table.py` from a run of `clearprop bench --peers`.\n",
        f"{machine['cpu']}, {machine['usable_cores']} cores, {level}; {machine['system']}, "
        f"{machine['python']}; {versions}; {record['date'][:10]}.\n"
        "Such figures move between machines; only ratios within one run count.\n",
        "![Time of a training step beside clearprop's](performance.svg)\n",
        markdown(overview(record)),
    ]
    parts += [f"{line}\n" for line in (spread_line(record), estimator_line(record)) if line]
    if (table := around(record)) is not None:
        parts.append(markdown(table))
    parts += ["## How it is measured\n", METHOD, "## Workload by workload\n"]
    for each in record["workloads"]:
        parts += [f"### {each['name']}\n", f"{each['about']}; {each['steps']} steps an epoch.\n"]
        parts.append(markdown(detail(each, names)))
    if lines := left_out(record):
        parts += ["## Who is missing where, and why\n", "".join(f"- {line}\n" for line in lines)]
    return "\n".join(parts)


def markdown(table: Table) -> str:
    """Return a table in Markdown."""
    rule = ["---", *["---:"] * (len(table.heads) - 1)]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in (table.heads, rule, *table.rows))


def main(words: list[str]) -> None:
    """Write the page and its picture."""
    path = Path(words[0]) if words else max(RESULTS.glob("*.json"))
    record = json.loads(path.read_text(encoding="utf-8"))
    (DOCS / "performance.md").write_text(page(record), encoding="utf-8")
    plot_record(record, DOCS / "performance.svg")


if __name__ == "__main__":
    main(sys.argv[1:])
