"""What an installation holds: every file of the package, and an engine that is small or visibly absent."""

import importlib.util
import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LARGEST_ENGINE = 2_000_000  # bytes
WITHOUT_ENGINE = "clearprop: installed WITHOUT the compiled engine"

needs_the_build = pytest.mark.skipif(
    importlib.util.find_spec("scikit_build_core") is None or not (ROOT / "native").is_dir(),
    reason="needs scikit-build-core and the sources of the engine",
)


def files_below(folder: Path) -> set[str]:
    """The files of a folder by their paths, without what Python, compilers and npm leave there."""
    made = {".pyc", ".so", ".pyd"}
    files = (path for path in folder.rglob("*") if path.is_file() and path.suffix not in made)
    files = (path for path in files if "node_modules" not in path.parts)
    return {path.relative_to(folder).as_posix() for path in files}


def build(hook: str, where: Path, **environment: str) -> tuple[Path, str]:
    """Call a hook of the build backend as pip does; the file that it made and what it said."""
    command = f"import scikit_build_core.build as backend; backend.{hook}({str(where)!r})"
    run = subprocess.run(
        [sys.executable, "-c", command],
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    (made,) = where.glob("clearprop-*")
    return made, run.stdout


def test_the_compiled_engine_is_small() -> None:
    spec = importlib.util.find_spec("clearprop._native")
    if spec is None or spec.origin is None:
        pytest.skip("installed without the compiled engine")
    engine = Path(spec.origin).read_bytes()
    if b"__asan_init" in engine:
        pytest.skip("the engine is built with sanitizers")
    assert len(engine) < LARGEST_ENGINE


@needs_the_build
@pytest.mark.skipif(sys.platform == "win32", reason="the cmake that fails is a shell script")
def test_where_the_engine_cannot_be_built_the_wheel_is_whole_and_says_so(tmp_path: Path) -> None:
    cmake = tmp_path / "cmake"
    cmake.write_text('#!/bin/sh\n[ "$1" = --version ] && echo cmake version 4.0.0\n')  # all else fails
    cmake.chmod(0o755)
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    wheel, said = build("build_wheel", wheels, CMAKE_EXECUTABLE=str(cmake))
    assert wheel.name.endswith("-py3-none-any.whl")
    assert said.count(WITHOUT_ENGINE) == 1
    names = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    assert names == {f"clearprop/{name}" for name in files_below(ROOT / "src" / "clearprop")}


@needs_the_build
def test_the_source_distribution_can_be_built_and_tested(tmp_path: Path) -> None:
    archive, _ = build("build_sdist", tmp_path)
    with tarfile.open(archive) as contents:
        names = {name.split("/", 1)[1] for name in contents.getnames()}
    for folder in ("src", "native", "tests"):
        assert {f"{folder}/{name}" for name in files_below(ROOT / folder)} <= names
    assert {"pyproject.toml", "LICENSE", "README.md"} <= names
