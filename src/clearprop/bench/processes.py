"""Whole processes: from start to saved model, peak memory; importing a library, its size on disk."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from .contenders import Contender, absent
from .figures import add_ratios, interleaved, summary
from .pool import Failed, environment

__all__ = ["MODULES", "SCRIPTS", "cold", "imports", "write_digits"]

SCRIPTS = Path(__file__).parent / "cold"
FULL_BATCHES = 1792  # of the 1,797 digits: a jitted scan takes only full batches of 32, so nobody has more
PEAK = """
import runpy, sys
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0])
print([line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")][0])
"""
IMPORT = "import time; began = time.perf_counter(); import {}; print(time.perf_counter() - began)"
PACKAGES = {
    "native": ("clearprop",),
    "sklearn": ("sklearn", "scipy", "joblib", "narwhals"),
    "torch": ("torch",),
    "jax": ("jax", "jaxlib", "scipy"),
}
MODULES = {
    "native": "numpy, clearprop.mlp",
    "sklearn": "sklearn.neural_network",
    "torch": "torch",
    "jax": "jax.numpy",
}


def write_digits(path: Path) -> None:
    """Write scikit-learn's digits, from 0 to 1, as the scripts read them."""
    from sklearn.datasets import load_digits

    X, y = load_digits(return_X_y=True)
    np.savez(path, X=(X[:FULL_BATCHES] / 16).astype(np.float32), y=y[:FULL_BATCHES])


def cold(
    contenders: Sequence[Contender], threads: Mapping[str, int], runs: int, folder: Path
) -> list[dict[str, Any]]:
    """Return the seconds from the start of a process to the saved model, and its peak memory in megabytes.

    Args:
        threads: what was best for each in steady training on the digits; 1 for whom it does not name.
    """
    write_digits(folder / "digits.npz")
    results: dict[str, dict[str, Any]] = {}
    for contender in contenders:
        reason = contender.missing() or ("" if contender.cold.endswith(".py") else contender.cold)
        if reason:
            results[contender.key] = {"contender": contender.key, "reason": reason}
    samples: dict[str, list[float]] = {each.key: [] for each in contenders if each.key not in results}
    for key in interleaved(list(samples), runs):
        script = SCRIPTS / next(each.cold for each in contenders if each.key == key)
        try:
            samples[key].append(_run_cold([script], threads.get(key, 1), folder)[0])
            if len(samples[key]) == runs:
                memory = _peak_memory(script, threads.get(key, 1), folder)
                results[key] = {"contender": key, "memory": memory, **summary(samples[key])}
        except Failed as reason:
            results[key] = {"contender": key, "reason": str(reason)}
    add_ratios(results, [contender.key for contender in contenders if contender.is_ours])
    return [results[contender.key] for contender in contenders]


def imports(names: Sequence[str], runs: int) -> list[dict[str, Any]]:
    """Return the seconds that importing each library takes, in a fresh process, and its size on disk."""
    here = {key: MODULES[key] for key in names if not absent(PACKAGES[key])}
    samples: dict[str, list[float]] = {key: [] for key in here}
    for key in interleaved(list(here), runs):
        samples[key].append(float(_finished(["-P", "-c", IMPORT.format(here[key])], 1)))
    results = {
        key: {"contender": key, "size": sum(map(_size, PACKAGES[key])), **summary(values)}
        for key, values in samples.items()
    }
    add_ratios(results, ["native"])
    left_out = {key: {"contender": key, "reason": absent(PACKAGES[key])} for key in names if key not in here}
    return [(results | left_out)[key] for key in names]


def _run_cold(words: Sequence[str | Path], threads: int, folder: Path) -> tuple[float, str]:
    """Train the digits in a process of its own; return its seconds and what it printed.

    Raises:
        Failed: it failed, or left no model.
    """
    model = folder / "model.npz"
    model.unlink(missing_ok=True)
    began = time.perf_counter()
    printed = _finished([*words, folder / "digits.npz", model], threads)
    seconds = time.perf_counter() - began
    if not model.exists():
        raise Failed("it saved no model")
    return seconds, printed


def _peak_memory(script: Path, threads: int, folder: Path) -> float | None:
    """Return the most megabytes that a script had at once, as Linux counts them; None elsewhere."""
    if not Path("/proc/self/status").exists():
        return None
    return int(_run_cold(["-c", PEAK, script], threads, folder)[1]) / 1024


def _finished(words: Sequence[str | Path], threads: int) -> str:
    """Return what a Python process printed.

    Raises:
        Failed: it ended with an error.
    """
    run = subprocess.run(
        [sys.executable, *map(str, words)], env=environment(threads), capture_output=True, text=True
    )
    if run.returncode:
        raise Failed((run.stderr.strip().splitlines() or [f"it ended with {run.returncode}"])[-1][:200])
    return run.stdout


def _size(package: str) -> int:
    """Return the bytes of a package's files, without what Python compiles them to."""
    spec = find_spec(package)
    folders = (spec.submodule_search_locations if spec else None) or []
    files = (path for folder in folders for path in Path(folder).rglob("*") if path.suffix != ".pyc")
    return sum(path.stat().st_size for path in files if path.is_file())
