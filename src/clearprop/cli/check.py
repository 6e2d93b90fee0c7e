"""`clearprop check`: is the backpropagation in a file right, and if not, what is the mistake?

The file is the user's own code, and running it is the point: it is imported as Python would import it.
"""

from __future__ import annotations

import contextlib
import importlib.util
import inspect
import shlex
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import typer

from ..checks import check_name, check_number, check_whole
from ..errors import InputError
from ..network import Network
from ..rules import HIDDEN_ACTIVATIONS
from ..rules.array import Array
from ..verify.backprop.check import check_backprop
from ..verify.backprop.report import HEADS, BackpropReport
from .console import Screen
from .messages import close_match, listing, shown
from .settings import loss_of
from .streams import write_json

__all__ = ["check"]

_MODULE = "clearprop_checked_script"
_MARK = "clearprop:"
_EXAMPLE = "--net 2-3-1 --activation tanh --loss squared_error"


def check(target: str, options: Mapping[str, Any], *, as_json: bool) -> None:
    """Run the command; it ends with exit code 1 where a mistake is found.

    Args:
        target: FILE.py:FUNCTION.
        options: those of `OPTIONS` that are given, None for the others.
        as_json: print one JSON object, and nothing else.

    Raises:
        InputError: no such file or function, options that do not fit, or an error in the user's code.
    """
    path, name = _split(target)
    with contextlib.redirect_stdout(sys.stderr):  # what the script prints is no answer of ours
        function = _function(path, name)
        settings = _settings(function, options)
        net, report = _run(path, function, settings)
    if as_json:
        write_json(report.to_dict())
    else:
        _show(report, f"{path.name}:{name}", net)
    if not report.ok:
        raise typer.Exit(1)


def _split(target: str) -> tuple[Path, str]:
    file, _, name = target.rpartition(":")
    if not file or not name:
        raise InputError("no function is named", expected="FILE.py:FUNCTION", got=shown(target))
    path = Path(file)
    if not path.is_file():
        raise InputError(f"there is no file {shown(file)}", expected="a Python file")
    return path, name


def _function(path: Path, name: str) -> Callable[..., Any]:
    spec = importlib.util.spec_from_file_location(_MODULE, path)
    if spec is None or spec.loader is None:
        raise InputError(f"{shown(str(path))} is no Python file", expected="a name ending in .py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[_MODULE] = module  # where dataclasses look for the module that they are in
    sys.path.insert(0, str(path.resolve().parent))  # as for a script: what lies beside it can be imported
    try:
        with _errors_of(path):
            spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(path.resolve().parent))
    function = getattr(module, name, None)
    if not callable(function):
        known = [key for key, value in vars(module).items() if inspect.isfunction(value)]
        near = close_match(name, known)
        raise InputError(
            f"{path.name} has no function {shown(name)}", expected=f"one of {listing(known)}", hint=near
        )
    return function  # type: ignore[no-any-return]


def _run(
    path: Path, function: Callable[..., Any], settings: dict[str, Any]
) -> tuple[Network, BackpropReport]:
    rng = np.random.Generator(np.random.PCG64(settings.pop("seed", 0)))
    keywords = {key: settings.pop(key) for key in ("learning_rate", "update", "descent") if key in settings}
    samples = settings.pop("samples", None)
    net = Network(settings.pop("net"), seed=int(rng.integers(2**32)), **settings)
    for layer in net.layers:  # biases of zero would hide mistakes
        net.parameters[layer.b] = 0.5 * rng.standard_normal(layer.outputs)
    n = samples or next(n for n in (5, 7, 11, 13, 17, 19, 23, 29) if n not in net.sizes)
    X, Y = rng.standard_normal((n, net.sizes[0])), _targets(rng, net, n)
    with _errors_of(path):
        return net, check_backprop(function, net, X, Y, **keywords)


def _targets(rng: np.random.Generator, net: Network, n: int) -> Array:
    """Return targets (n, out) of the kind that the loss takes; classes as rows with a single 1."""
    shape = n, net.sizes[-1]
    match net.loss_function.targets:
        case "class":
            return np.eye(shape[1])[rng.integers(0, shape[1], n)]
        case "probability":
            return rng.integers(0, 2, shape).astype(np.float64)
        case "count":
            return rng.poisson(2.0, shape).astype(np.float64)
        case _:
            return rng.standard_normal(shape)


@contextlib.contextmanager
def _errors_of(path: Path) -> Iterator[None]:
    """Turn an error in the user's file into one message with its line."""
    try:
        yield
    except (Exception, SystemExit) as error:
        frames = traceback.extract_tb(error.__traceback__)
        lines = [frame.lineno for frame in frames if Path(frame.filename).resolve() == path.resolve()]
        if isinstance(error, SyntaxError) and Path(error.filename or "").resolve() == path.resolve():
            lines.append(error.lineno)
        place = f"{path.name}, line {lines[-1]}" if lines else path.name
        if isinstance(error, SystemExit):
            raise InputError(f"{place}: it ends the program (SystemExit)") from error
        if isinstance(error, InputError) or not lines:
            raise
        raise InputError(f"{place}: {type(error).__name__}: {error}") from error


def _settings(function: Callable[..., Any], options: Mapping[str, Any]) -> dict[str, Any]:
    """Return what describes the network and the check; an option wins over the function's docstring."""
    given = _described(inspect.getdoc(function) or "")
    given |= {name: value for name, value in options.items() if value not in (None, False)}
    settings = {name: _read(name, value) for name, value in given.items()}
    if "net" not in settings:
        raise InputError(
            "the network is not described",
            expected=f"--net, or in the function's docstring a line such as {_MARK} {_EXAMPLE}",
        )
    return settings


def _described(text: str) -> dict[str, Any]:
    """Return the options in the line of a docstring that begins with "clearprop:"."""
    lines = [line.strip() for line in text.splitlines() if line.strip().startswith(_MARK)]
    words = _words(lines[0].removeprefix(_MARK)) if lines else []
    found: dict[str, Any] = {}
    while words:
        option, _, value = words.pop(0).partition("=")
        name = option.removeprefix("--").replace("-", "_")
        if not option.startswith("--") or name not in OPTIONS:
            raise InputError(
                f"the docstring's line holds {shown(option)}",
                expected=f"one of {', '.join('--' + key.replace('_', '-') for key in OPTIONS)}",
            )
        found[name] = True if name == "descent" else value or (words.pop(0) if words else "")
    return found


def _words(line: str) -> list[str]:
    try:
        return shlex.split(line)
    except ValueError as error:  # a quote that is left open
        raise InputError(
            "the docstring's line does not fit", expected=f"{_MARK} {_EXAMPLE}", got=f"{line!r}: {error}"
        ) from None


def _read(name: str, value: Any) -> Any:
    try:
        return OPTIONS[name](value)
    except InputError:
        raise
    except ValueError:
        option = f"--{name.replace('_', '-')}"
        raise InputError(f"{option} does not fit", expected=_EXPECTED.get(name), got=repr(value)) from None


def _sizes(value: str) -> list[int]:
    return [check_whole("--net", int(size), at_least=1) for size in value.split("-")]


def _names(value: str) -> str | list[str]:
    names = [check_name("--activation", name.strip(), HIDDEN_ACTIVATIONS) for name in value.split(",")]
    return names[0] if len(names) == 1 else names


OPTIONS: dict[str, Callable[[Any], Any]] = {
    "net": _sizes,
    "activation": _names,
    "output": str,
    "loss": loss_of,
    "l1": lambda value: check_number("--l1", float(value), at_least=0),
    "l2": lambda value: check_number("--l2", float(value), at_least=0),
    "samples": lambda value: check_whole("--samples", int(value), at_least=1),
    "seed": lambda value: check_whole("--seed", int(value), at_least=0),
    "learning_rate": lambda value: check_number("--learning-rate", float(value), above=0),
    "update": str,
    "descent": bool,
}
_EXPECTED = {"net": "sizes such as 2-3-1", **dict.fromkeys(("samples", "seed"), "a whole number")}


def _show(report: BackpropReport, title: str, net: Network) -> None:
    screen = Screen()
    screen.title(f"{title}: {'all agrees' if report.ok else f'{report.first} is the first that differs'}")
    activations = " → ".join(dict.fromkeys(layer.activation for layer in net.layers))
    screen.line(f"as a network {'-'.join(map(str, net.sizes))}, {activations}, {net.loss_function.name}")
    screen.table(HEADS, report.rows, left=2)
    for line in report.explanation:
        screen.line(line)
