"""The settings of `clearprop train`: from the command line, a file, or by default, in this order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from ..checks import check_number, check_whole
from ..errors import InputError
from ..estimators.common import ALIASES
from ..loss import LOSSES, Loss
from ..rules import HIDDEN_ACTIVATIONS
from .messages import close_match, listing

__all__ = ["TASKS", "TrainSettings", "check_loss", "gather", "loss_of"]

TASKS = ("auto", "classification", "regression")
_LARGEST_SEED = 2**32 - 1


@dataclass(frozen=True)
class TrainSettings:
    """What `clearprop train` is told; every field is an option of the same name."""

    data: Path
    target: str | None = None
    ignore: tuple[str, ...] = ()
    output: Path | None = None
    task: str = "auto"
    test_fraction: float = 0.2
    hidden: tuple[int, ...] = (64, 64)
    epochs: int = 200
    activation: tuple[str, ...] = ("relu",)
    loss: str = "auto"
    learning_rate: float = 0.002
    batch_size: int | None = None
    dropout: float | str = "auto"
    alpha: float = 0.03
    seed: int = 0
    report: Path | None = None


def gather(options: Mapping[str, Any], config: Mapping[str, Any], file: str = "") -> TrainSettings:
    """Return the settings: an option that is given wins over the file's, and the file's over the default.

    Raises:
        InputError: a value that cannot be, or no DATA.
    """
    given = {name: (f"{name.replace('_', '-')} in {file}", value) for name, value in config.items()}
    given |= {name: (_option(name), value) for name, value in options.items() if value not in (None, [])}
    if "data" not in given:
        raise InputError(
            "no table is named",
            expected="DATA",
            hint="clearprop train table.csv --target COLUMN",
        )
    settings = TrainSettings(**{name: _READERS[name](label, value) for name, (label, value) in given.items()})
    _check_activations(settings)
    return settings


def check_loss(settings: TrainSettings, *, is_classification: bool) -> None:
    """Refuse a loss of classes where numbers are to be learnt.

    Raises:
        InputError: as said.
    """
    if settings.loss == "auto" or is_classification:
        return
    fitting = [name for name, kind in LOSSES.items() if kind.targets in ("real", "count")]
    if loss_of(settings.loss).name not in fitting:
        raise InputError(
            "--loss does not fit a regression",
            expected=f"one of {', '.join(fitting)}",
            got=repr(settings.loss),
            hint="--task classification, if classes are meant",
        )


def _check_activations(settings: TrainSettings) -> None:
    names, layers = settings.activation, len(settings.hidden)
    if len(names) not in (1, layers):
        raise InputError(
            "--activation does not fit", expected=f"one name, or {layers} as --hidden has", got=len(names)
        )


def _option(name: str) -> str:
    return "DATA" if name == "data" else f"--{name.replace('_', '-')}"


def _path(option: str, value: Any) -> Path:
    if isinstance(value, (str, Path)) and str(value):
        return Path(value)
    raise InputError(f"{option} does not fit", expected="the path of a file", got=repr(value))


def _text(option: str, value: Any) -> str:
    if isinstance(value, str) and value:
        return value
    raise InputError(f"{option} does not fit", expected="a text", got=repr(value))


def _page(option: str, value: Any) -> Path:
    path = _path(option, value)
    if path.suffix.lower() not in (".html", ".htm"):
        raise InputError(
            f"{option} does not fit",
            expected="a name ending in .html",
            got=repr(str(value)),
            hint=path.with_suffix(".html").name,
        )
    return path


def _one_of(option: str, value: str, names: Iterable[str]) -> str:
    known = tuple(names)
    if value in known:
        return value
    raise InputError(
        f"{option} does not fit",
        expected=f"one of {', '.join(known)}",
        got=repr(value),
        hint=close_match(value, known),
    )


def _texts(option: str, value: Any) -> tuple[str, ...]:
    return tuple(_text(option, each) for each in (value if isinstance(value, (list, tuple)) else [value]))


def _task(option: str, value: Any) -> str:
    return _one_of(option, _text(option, value), TASKS)


def _hidden(option: str, value: Any) -> tuple[int, ...]:
    """Read "64,64", [64, 64], 64, or "none" for no hidden layer, which makes a linear model."""
    parts = value.split(",") if isinstance(value, str) else value if isinstance(value, list) else [value]
    if value in ("none", []):
        return ()
    try:
        units = [int(part) if isinstance(part, str) else part for part in parts]
        return tuple(check_whole(option, each, at_least=1) for each in units)
    except ValueError:  # InputError is one
        raise InputError(
            f"{option} does not fit",
            expected="the units of each hidden layer, such as 64,64 or 100, or none",
            got=repr(value),
        ) from None


def _activation(option: str, value: Any) -> tuple[str, ...]:
    names = [name.strip() for each in _texts(option, value) for name in each.split(",")]
    return tuple(_one_of(option, name, (*HIDDEN_ACTIVATIONS, *ALIASES)) for name in names)


def _loss(option: str, value: Any) -> str:
    text = _text(option, value)
    if text != "auto":
        _one_of(option, text.partition(":")[0].strip(), ("auto", *LOSSES))
        loss_of(text)
    return text


def loss_of(text: str) -> Loss:
    """Return the loss that a text names, such as huber, or with its option quantile:q=0.9 or quantile:0.9.

    Raises:
        InputError: an unknown loss or option, or a value that cannot be.
    """
    name, _, options = text.partition(":")
    name, known = name.strip(), LOSSES[name.strip()].options if name.strip() in LOSSES else {}
    if options and "=" not in options and len(known) == 1:  # which option is meant goes without saying
        options = f"{next(iter(known))}={options}"
    pairs = [each.partition("=") for each in options.split(",") if each]
    try:
        return Loss(name, **{key.strip(): float(number) for key, _, number in pairs})
    except InputError:
        raise
    except ValueError:
        raise InputError(
            "--loss does not fit",
            expected="a name, or one with options",
            got=repr(text),
            hint="quantile:q=0.9",
        ) from None


def _dropout(option: str, value: Any) -> float | str:
    if value == "auto":
        return "auto"
    try:
        return check_number(option, float(value) if isinstance(value, str) else value, at_least=0, below=1)
    except ValueError:  # InputError is one
        raise InputError(
            f"{option} does not fit", expected="a number ≥ 0 and < 1, or auto", got=repr(value)
        ) from None


def _whole(at_least: int, at_most: int | None = None) -> Callable[[str, Any], int]:
    def read(option: str, value: Any) -> int:
        number = check_whole(option, value, at_least=at_least)
        if at_most is not None and number > at_most:
            raise InputError(f"{option} does not fit", expected=f"at most {at_most}", got=number)
        return number

    return read


def _number(**bounds: float) -> Callable[[str, Any], float]:
    return lambda option, value: check_number(option, value, **bounds)


_READERS: dict[str, Callable[[str, Any], Any]] = {
    "data": _path,
    "target": _text,
    "ignore": _texts,
    "output": _path,
    "task": _task,
    "test_fraction": _number(at_least=0, at_most=0.9),
    "hidden": _hidden,
    "epochs": _whole(1),
    "activation": _activation,
    "loss": _loss,
    "learning_rate": _number(above=0),
    "batch_size": _whole(1),
    "dropout": _dropout,
    "alpha": _number(at_least=0),
    "seed": _whole(0, _LARGEST_SEED),
    "report": _page,
}
NAMES = tuple(field.name for field in fields(TrainSettings))


def unknown_setting(name: str, where: str) -> InputError:
    """Return the error for a key that is no setting, with the one that was probably meant."""
    near = close_match(name, NAMES)
    return InputError(
        f"{where} has a key that is no option of clearprop train",
        expected=f"one of {listing([each.replace('_', '-') for each in NAMES], 20)}",
        got=repr(name),
        hint=near and near.replace("_", "-"),
    )
