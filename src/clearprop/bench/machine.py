"""The machine, the libraries and the engine's build: what a figure means nothing without."""

from __future__ import annotations

import os
import platform
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from .. import compiled

__all__ = ["fingerprint", "peaks"]

LIBRARIES = ("numpy", "scikit-learn", "torch", "jax", "jaxlib", "onnxruntime")


def fingerprint() -> dict[str, Any]:
    """Return what identifies the machine and the software, and nobody."""
    return {
        "cpu": _cpu(),
        "architecture": platform.machine(),
        "cores": os.cpu_count(),
        "usable_cores": compiled.cores(),
        "levels": compiled.levels(),
        "level": compiled.level() if compiled.available() else None,
        "system": f"{platform.system()} {platform.release()}",
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "python_compiler": platform.python_compiler(),
        "versions": {"clearprop": _version("clearprop")} | {name: _version(name) for name in LIBRARIES},
        "platform": sys.platform,
    }


def peaks() -> dict[str, dict[str, float]] | None:
    """Return GFLOP/s of multiply-adds in registers, by precision and threads; None without the engine."""
    if not compiled.available():
        return None
    counts = sorted({1, compiled.cores()})
    return {
        dtype: {
            str(threads): max(compiled.module.peak_gflops(dtype, threads, compiled.level()) for _ in range(3))
            for threads in counts
        }
        for dtype in ("float32", "float64")
    }


def _cpu() -> str:
    """Return the processor's name as Linux and macOS know it."""
    information = Path("/proc/cpuinfo")
    lines = (
        information.read_text(encoding="utf-8", errors="replace").splitlines() if information.exists() else []
    )
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
