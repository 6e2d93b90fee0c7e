"""Broken twins of the native engine: each has one fault planted in its C++ source, and parity must catch it.

The sources are copied, changed in one place, compiled at the baseline level without optimisation, and
compared with the rules in a process of their own. The unchanged copy passes the same comparison.
"""

from __future__ import annotations

import platform
import shutil
import subprocess
import sys
import sysconfig
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

SOURCES = Path(__file__).parent.parent / "native"
FILES = ("module", "arena", "doors", "levels", "pool", "predictor", "stepper", "trainer", "kernels")

nanobind = pytest.importorskip("nanobind")
compiler = shutil.which("g++") or shutil.which("clang++")
pytestmark = [
    pytest.mark.skipif(compiler is None, reason="no C++ compiler"),
    pytest.mark.skipif(not SOURCES.is_dir(), reason="the C++ sources are not here"),
    pytest.mark.skipif(
        sys.platform != "linux" or platform.machine() != "x86_64", reason="made for Linux on x86-64"
    ),
]

TWINS = {
    "the slope of relu at zero is one": (
        "activations.hpp",
        "return dA * keep<V>(A > V{}, all<V>(1));",
        "return dA * keep<V>(A >= V{}, all<V>(1));",
    ),
    "no bias": ("product.hpp", "b ? load<T>(b + v * lanes<T>) : Vec<T>{}", "Vec<T>{}"),
    "betas swapped": (
        "updates.hpp",
        "v = beta2 * v + one_minus_beta2 * g * g;",
        "v = beta1 * v + one_minus_beta1 * g * g;",
    ),
    "the last inputs left out": (
        "product.hpp",
        "for (std::size_t i = 0; i < in; i += tile_rows)",
        "for (std::size_t i = 0; i + tile_rows <= in; i += tile_rows)",
    ),
    "1/n lost": ("trainer.cpp", "static_cast<T>(1.0 / static_cast<double>(n))", "T(1)"),
    "biases penalised": ("stepper.cpp", "static_cast<T>(biases ? 0 : s.l2)", "static_cast<T>(s.l2)"),
    "the error passes back through the new weights": (
        "stepper.cpp",
        """if (l > 0 && !settings.sequential) back_input(l, n, masked);
        back_weights(l, input, ld, n);
        if (l > 0 && settings.sequential) back_input(l, n, masked);""",
        """back_weights(l, input, ld, n);
        if (l > 0) back_input(l, n, masked);""",
    ),
    "the mask is not applied on the way back": (
        "stepper.cpp",
        "below.dZ[c] *= below.M[c];",
        "below.dZ[c] *= 1;",
    ),
    "the rate factor is forgotten": (
        "stepper.cpp",
        "updates[window].eta = static_cast<T>(rate * factor_of(window));",
        "updates[window].eta = static_cast<T>(rate);",
    ),
}

COMPARE = """
import importlib.util, sys
import numpy as np
spec = importlib.util.spec_from_file_location("clearprop._native", sys.argv[1])
module = importlib.util.module_from_spec(spec)
sys.modules["clearprop._native"] = module
spec.loader.exec_module(module)
from clearprop import MLP, SGD, Adam, compiled
assert compiled.module is module and compiled.levels() == ["baseline"]
rng = np.random.default_rng(0)
X, Y = rng.standard_normal((19, 7)), rng.integers(0, 3, 19)
for optimizer, options in (
    (Adam(0.01), {}),
    (SGD(0.1), {"rate_factors": {"W1": 0.5, "b2": 2.0}}),
):
    nets = [
        MLP([7, 6, 5, 3], "relu", loss="cross_entropy", seed=1, l2=0.1, dropout=[0.3, 0.0]) for _ in range(2)
    ]
    for net, engine in zip(nets, ("numpy", "native")):
        for name in ("b1", "b2", "b3"):
            net.parameters[name] = np.linspace(-0.5, 0.5, len(net.parameters[name]))
        net.fit(X, Y, optimizer=optimizer, epochs=2, batch_size=8, engine=engine, metric=None, **options)
    expected, found = (net.parameters.vector for net in nets)
    if np.linalg.norm(found - expected) > 1e-11 * np.linalg.norm(expected):
        sys.exit(3)
"""


class Workshop:
    """Compiles copies of the sources; what a fault does not touch is compiled once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.plain = self.copy("plain")
        with ThreadPoolExecutor(2) as two:
            built = [*two.map(lambda name: self.compile(self.plain, name), FILES), self.binding()]
        self.objects = dict(zip((*FILES, "binding"), built, strict=True))

    def copy(self, name: str) -> Path:
        folder = shutil.copytree(SOURCES, self.folder / name)
        levels = folder / "levels.cpp"  # knows of the baseline only
        lines = levels.read_text().splitlines(keepends=True)
        levels.write_text("".join(line for line in lines if "avx" not in line))
        return folder

    def compile(self, folder: Path, name: str) -> Path:
        target = folder / f"{name}.o"
        includes = [f"-I{nanobind.include_dir()}", f"-I{sysconfig.get_path('include')}"]
        level = ["-DCLEARPROP_LEVEL=baseline"] if name == "kernels" else []
        run(*level, *includes, "-fno-math-errno", "-c", str(folder / f"{name}.cpp"), "-o", str(target))
        return target

    def binding(self) -> Path:
        target, source = self.folder / "binding.o", Path(nanobind.source_dir())
        includes = [f"-I{nanobind.include_dir()}", f"-I{sysconfig.get_path('include')}"]
        robin_map = f"-I{source.parent / 'ext' / 'robin_map' / 'include'}"
        run(*includes, robin_map, "-c", str(source / "nb_combined.cpp"), "-o", str(target))
        return target

    def module(self, name: str, changed: dict[str, Path]) -> Path:
        target = self.folder / f"{name}.so"
        run("-shared", "-pthread", *map(str, {**self.objects, **changed}.values()), "-o", str(target))
        return target

    def twin(self, number: int, file: str, old: str, new: str) -> Path:
        folder = self.copy(f"twin{number}")
        source = (folder / file).read_text()
        assert source.count(old) == 1, f"{file} does not hold {old!r} once"
        (folder / file).write_text(source.replace(old, new))
        name = "kernels" if file.endswith(".hpp") else file.removesuffix(".cpp")
        return self.module(f"twin{number}", {name: self.compile(folder, name)})


def run(*arguments: str) -> None:
    assert compiler is not None
    flags = ["-std=c++17", "-O0", "-fPIC", "-w", "-fvisibility=hidden", "-fno-strict-aliasing"]
    done = subprocess.run([compiler, *flags, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]


def agrees(module: Path) -> bool:
    """Whether the engine trains as the rules do."""
    done = subprocess.run(
        [sys.executable, "-c", COMPARE, str(module)], capture_output=True, text=True, check=False
    )
    assert done.returncode in (0, 3), done.stderr[-3000:]
    return done.returncode == 0


def test_parity_catches_every_broken_twin(tmp_path: Path) -> None:
    workshop = Workshop(tmp_path)
    assert agrees(workshop.module("plain", {}))
    with ThreadPoolExecutor(2) as two:
        modules = list(two.map(lambda item: workshop.twin(item[0], *item[1]), enumerate(TWINS.values())))
        caught = [not agree for agree in two.map(agrees, modules)]
    assert [fault for fault, found in zip(TWINS, caught, strict=True) if not found] == []
