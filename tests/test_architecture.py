"""Imports point down, importing is light, files stay small, and no code is run from data."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TypeAlias

import pytest

import clearprop

PACKAGE = Path(clearprop.__file__).parent
MODULE_LINES = 300

# An import may point to a lower floor, or sideways on the same one.
FLOORS: dict[str, int] = {
    name: floor
    for floor, names in enumerate(
        (
            "rules classic",
            "errors checks ops parameters plots samples compiled ahead",
            "layers loss passes arrays network schedules optimizers",
            "history metrics data interrupt callbacks progress stepping watch lbfgs trainers native training",
            "formats verify story displays",
            "mlp",
            "estimators conversion models bench",
            "cli page __main__",
        )
    )
    for name in names.split()
}
ONLY = {"rules": {"rules"}, "classic": set[str](), "plots": {"errors"}}  # narrower than their floor
DOOR = "clearprop"  # the package itself: it names everything, lazily
BUILT = "_native"  # made by a C++ compiler, and perhaps not there: only `compiled` looks for it

Graph: TypeAlias = dict[str, list[tuple[str, int]]]  # module → what it imports, and in which line


# ---- the imports, read from the source


def modules_of(package: Path) -> dict[str, Path]:
    """Every module by its dotted name below the package; "" is the package itself."""
    found = {}
    for path in sorted(package.rglob("*.py")):
        parts = path.relative_to(package).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imports_of(name: str, path: Path, known: dict[str, Path]) -> Iterator[tuple[str, int]]:
    """The modules of ours that a module imports anywhere in its text, and the line of each import."""
    package = name.split(".") if path.name == "__init__.py" else name.split(".")[:-1]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.split(".")[0] == DOOR:
                    yield alias.name.partition(".")[2], node.lineno
        elif isinstance(node, ast.ImportFrom):
            if node.level:
                above = [part for part in package if part][: len(package) - node.level + 1]
                base = ".".join([*above, *(node.module.split(".") if node.module else [])])
            elif (node.module or "").split(".")[0] == DOOR:
                base = (node.module or "").partition(".")[2]
            else:
                continue
            for alias in node.names:  # a name may be a module of the package that it comes from
                inner = f"{base}.{alias.name}" if base else alias.name
                yield (inner if inner in known or inner == BUILT else base), node.lineno


def graph_of(package: Path) -> Graph:
    known = modules_of(package)
    return {name: list(imports_of(name, path, known)) for name, path in known.items() if name}


def units_of(graph: Graph) -> Graph:
    """The same between whole floors' members: files at the top and folders."""
    units: Graph = {}
    for name, imports in graph.items():
        unit = name.split(".")[0]
        targets = [(target.split(".")[0], line) for target, line in imports]
        units.setdefault(unit, []).extend((target, line) for target, line in targets if target != unit)
    return units


def faults_of(package: Path) -> list[str]:
    """Every import that does not point down, in words."""
    faults = []
    for name, imports in graph_of(package).items():
        unit = name.split(".")[0]
        if unit not in FLOORS:
            faults.append(f"{name} stands on no floor")
            continue
        for target, line in imports:
            to = target.split(".")[0]
            if not target:
                continue  # `from .. import __version__`
            allowed = to in ONLY[unit] if unit in ONLY else to in FLOORS and FLOORS[to] <= FLOORS[unit]
            if to == BUILT:
                allowed = unit == "compiled"
            if not allowed:
                faults.append(f"{name}, line {line}: {unit} may not import {target}")
    return faults


def cycle_in(graph: Graph) -> list[str]:
    """One way through the imports that comes back to where it began; empty where there is none."""
    done: set[str] = set()

    def walk(name: str, way: list[str]) -> list[str]:
        if name in way:
            return [*way[way.index(name) :], name]
        if name not in done:
            for target, _ in graph.get(name, []):
                if target and (cycle := walk(target, [*way, name])):
                    return cycle
            done.add(name)
        return []

    return next((cycle for name in graph if (cycle := walk(name, []))), [])


def test_imports_point_down() -> None:
    assert faults_of(PACKAGE) == []


def test_no_import_comes_back_to_where_it_began() -> None:
    assert cycle_in(units_of(graph_of(PACKAGE))) == []


def test_the_imports_are_really_read() -> None:
    graph = {name: {target for target, _ in imports} for name, imports in graph_of(PACKAGE).items()}
    assert {"passes", "errors", "loss", "rules.array", "rules.initializers"} <= graph["network"]
    assert "plots" in graph["history"]  # an import within a function
    assert "lbfgs" in graph["training"]
    assert {"rules.dense", "rules.updates"} <= graph["rules"]  # from . import dense, …
    assert "_native" in graph["compiled"]
    assert graph["classic"] <= {""}  # the package itself, at whose door explain asks


@pytest.fixture
def sketch(tmp_path: Path) -> Path:
    """A package in which all is well."""
    package = tmp_path / DOOR
    for name, text in {
        "__init__": "from .mlp import MLP\n",
        "errors": "import math\n",
        "rules/__init__": "from . import dense\n",
        "rules/dense": "import numpy\n",
        "network": "from .rules import dense\nfrom . import errors\n",
        "training": "from .network import Network\nfrom . import __version__\n",
        "compiled": "def f():\n    from . import _native as module\n",
        "formats/__init__": "",
        "formats/model": "from .. import network\nfrom . import atomic\n",
        "formats/atomic": "from ..errors import InputError\n",
        "mlp": "def fit():\n    from .training import fit\n",
    }.items():
        (package / name).parent.mkdir(parents=True, exist_ok=True)
        (package / f"{name}.py").write_text(text)
    return package


def test_a_sound_package_has_no_faults(sketch: Path) -> None:
    assert faults_of(sketch) == []
    assert cycle_in(units_of(graph_of(sketch))) == []


@pytest.mark.parametrize(
    ("module", "text", "fault"),
    [
        ("network", "from .training import fit", "network, line 1: network may not import training"),
        ("network", "import clearprop.mlp", "network may not import mlp"),
        ("network", "from clearprop import mlp", "network may not import mlp"),
        (
            "network",
            "def f():\n    from . import training",
            "network, line 2: network may not import training",
        ),
        ("network", "if TYPE_CHECKING:\n    from .mlp import MLP", "network may not import mlp"),
        ("rules/dense", "from ..errors import InputError", "rules may not import errors"),
        ("rules/__init__", "from .. import network", "rules may not import network"),
        ("formats/model", "from ..mlp import MLP", "formats may not import mlp"),
        ("formats/__init__", "from ..mlp import MLP", "formats may not import mlp"),
        ("classic", "from .errors import InputError", "classic may not import errors"),
        ("plots", "from .network import Network", "plots may not import network"),
        ("novelty", "import math", "novelty stands on no floor"),
        ("network", "from . import _native", "network may not import _native"),
        ("network", "from ._native import levels", "network may not import _native"),
        ("rules/dense", "from .. import _native", "rules may not import _native"),
    ],
)
def test_a_planted_upward_import_is_caught(sketch: Path, module: str, text: str, fault: str) -> None:
    (sketch / f"{module}.py").write_text(text + "\n")
    (found,) = faults_of(sketch)
    assert fault in found


def test_a_planted_cycle_is_caught(sketch: Path) -> None:
    (sketch / "passes.py").write_text("def f():\n    from . import network\n")
    (sketch / "network.py").write_text("from .passes import forward\n")
    assert faults_of(sketch) == []
    assert cycle_in(units_of(graph_of(sketch))) == ["network", "passes", "network"]


# ---- what importing loads

LOADED = """
import sys
before = set(sys.modules)
{statement}
import json
print(json.dumps(sorted({{name.split(".")[0] for name in set(sys.modules) - before}})))
"""


def loaded_by(statement: str) -> set[str]:
    run = subprocess.run(
        [sys.executable, "-c", LOADED.format(statement=statement)], capture_output=True, text=True, check=True
    )
    names = set(json.loads(run.stdout)) - set(sys.stdlib_module_names)
    return {name for name in names if "cython" not in name}  # NumPy's own


def test_importing_the_package_loads_the_standard_library_only() -> None:
    assert loaded_by("import clearprop") == {"clearprop"}


def test_importing_the_network_loads_numpy_and_nothing_else() -> None:
    statement = "import clearprop; clearprop.MLP; clearprop.EarlyStopping; clearprop.LBFGS; clearprop.load"
    assert loaded_by(statement) == {"clearprop", "numpy"}


def test_what_explains_is_loaded_where_something_is_explained() -> None:
    statement = "import clearprop; clearprop.MLP; ours = [n for n in sys.modules if 'clearprop.story' in n]; "
    assert loaded_by(statement + "assert ours == [], ours") == {"clearprop", "numpy"}


def test_training_loads_numpy_and_nothing_else() -> None:
    statement = "import clearprop; clearprop.MLP([2, 2, 1]).fit([[0, 1.0]], [1.0], epochs=1)"
    assert loaded_by(statement) == {"clearprop", "numpy"}


def test_the_articles_networks_need_no_other_module_of_ours() -> None:
    statement = (
        "import clearprop; clearprop.TwoLayerMLP; ours = [n for n in sys.modules if 'clearprop.' in n]; "
    )
    assert loaded_by(statement + "assert ours == ['clearprop.classic'], ours") == {"clearprop", "numpy"}


# ---- the public names


def test_the_public_names_are_few_and_sorted() -> None:
    assert clearprop.__all__ == sorted(set(clearprop.__all__))
    articles = {name for name, home in clearprop._HOME.items() if home == "classic"}
    assert len(set(clearprop.__all__) - articles) <= 25
    assert set(clearprop.__all__) <= set(dir(clearprop))


@pytest.mark.parametrize("name", clearprop.__all__)
def test_every_public_name_can_be_imported_and_is_documented(name: str) -> None:
    if name.startswith("MLP") and name != "MLP":
        pytest.importorskip("sklearn")
    assert getattr(clearprop, name).__doc__


def test_every_public_name_is_known_to_type_checkers() -> None:
    tree = ast.parse((PACKAGE / "__init__.py").read_text(encoding="utf-8"))
    (block,) = (node for node in tree.body if isinstance(node, ast.If))
    named = {
        alias.asname for node in ast.walk(block) if isinstance(node, ast.ImportFrom) for alias in node.names
    }
    assert named == set(clearprop.__all__)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="'clearprop' has no attribute 'MPL'"):
        clearprop.MPL  # noqa: B018


# ---- size and safety


def test_files_stay_small() -> None:
    lengths = {
        str(path.relative_to(PACKAGE)): len(path.read_text(encoding="utf-8").splitlines())
        for path in PACKAGE.rglob("*.py")
    }
    assert {name: length for name, length in lengths.items() if length > MODULE_LINES} == {}


RUNS_CODE = {"pickle", "cPickle", "joblib", "marshal", "shelve", "dill", "cloudpickle"}


def dangers_in(text: str) -> list[str]:
    """What in a source could run code that comes from data."""
    found = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names if alias.name.split(".")[0] in RUNS_CODE]
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in RUNS_CODE:
            found.append(node.module or "")
        elif isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("eval", "exec", "compile"):
            found.append(getattr(node.func, "id", ""))
        elif isinstance(node, ast.keyword) and node.arg == "allow_pickle":
            found += [] if getattr(node.value, "value", None) is False else ["allow_pickle"]
    return found


def test_nothing_in_the_package_runs_code_from_data() -> None:
    sources = {
        str(path.relative_to(PACKAGE)): path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py")
    }
    assert {name: found for name, text in sources.items() if (found := dangers_in(text))} == {}


@pytest.mark.parametrize(
    "text", ["import pickle", "from joblib import load", "eval('1')", "np.load(path, allow_pickle=True)"]
)
def test_a_planted_danger_is_caught(text: str) -> None:
    assert dangers_in(text)
