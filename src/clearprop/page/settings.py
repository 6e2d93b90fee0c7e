"""Everything that a person chooses on the page, as a frozen description, checked field by field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from inspect import signature
from typing import Any

from ..checks import check_name, check_number, check_whole
from ..errors import InputError
from ..layers import build_layers
from ..loss import LOSSES, Loss
from ..optimizers import OPTIMIZERS
from ..rules import HIDDEN_ACTIVATIONS, OUTPUT_ACTIVATIONS
from ..rules.initializers import INITIALIZERS
from ..samples import SAMPLES
from . import limits
from .reading import parse

KINDS = (*SAMPLES, "table", "preset")
INITS = ("auto", "given", *INITIALIZERS)
STEPPING = tuple(name for name in OPTIMIZERS if name != "lbfgs")  # which has no single steps
UPDATES = ("simultaneous", "sequential")
TEST = 0.2  # of the rows are held out, but of the four of xor
MANY = 5  # rows of a table; of fewer, none is held out
LONGEST_SEED = 2**53 - 1  # what JavaScript can count to


@dataclass(frozen=True)
class Table:
    """A table as text, and which of its columns are used.

    `classes` says whether each different target is a class; None takes texts for classes and numbers
    for numbers.
    """

    name: str
    text: str
    inputs: tuple[str, ...]
    target: str
    classes: bool | None = None


@dataclass(frozen=True)
class DataChoice:
    """Which data; `rows` and `noise` are for drawn ones, `test` is the share held out."""

    kind: str = "xor"
    rows: int = 4
    noise: float = 0.0
    test: float = 0.0
    seed: int = 0
    table: Table | None = None


@dataclass(frozen=True)
class NetChoice:
    """Which network, between the inputs and outputs that the data ask for."""

    hidden: tuple[int, ...] = (3,)
    activations: tuple[str, ...] = ("tanh",)
    output: str = "auto"
    loss: str = "auto"
    option: float | None = None
    init: str = "auto"
    seed: int = 0
    l1: float = 0.0
    l2: float = 0.0


@dataclass(frozen=True)
class TrainingChoice:
    """How it is trained; a `batch` of None is all rows at once."""

    optimizer: str = "sgd"
    learning_rate: float = 0.1
    batch: int | None = 32
    update: str = "simultaneous"
    freeze: tuple[str, ...] = ()


@dataclass(frozen=True)
class Settings:
    """The whole choice.

    Attributes:
        data, net, training: its three parts.
        focus: the rows of the training part that a step explains and takes instead of the next batch.
        preset: what it began as.
    """

    data: DataChoice = field(default_factory=DataChoice)
    net: NetChoice = field(default_factory=NetChoice)
    training: TrainingChoice = field(default_factory=TrainingChoice)
    focus: tuple[int, ...] | None = None
    preset: str | None = None

    def as_json(self) -> dict[str, Any]:
        """Return it as plain JSON; `changed` reads it back."""
        return asdict(self)

    def changed(self, changes: object) -> Settings:
        """Return the settings with a part of them changed, and what goes with it.

        Another kind of data comes with its own number of rows and noise, another optimiser with its
        own rate, a further layer with the activation of the one before it; of a table of few rows none
        is held out.

        Raises:
            InputError: an unknown name, or a value that cannot be.
        """
        given = _section("settings", changes, Settings)
        parts = {name: _section(name, given.get(name, {}), kind) for name, kind in SECTIONS.items()}
        data = _data(self.data, parts["data"])
        focus = given.get("focus", self.focus if data == self.data else None)
        return Settings(
            data=data,
            net=_net(self.net, parts["net"]),
            training=_training(self.training, parts["training"]),
            focus=None if focus is None else _focus(focus),
            preset=_preset(given.get("preset", self.preset)),
        )


SECTIONS = {"data": DataChoice, "net": NetChoice, "training": TrainingChoice}


def _section(what: str, value: object, kind: type) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise InputError(f"{what} does not fit", expected="an object", got=f"{value!r:.80}")
    for name in value:
        check_name(f"field of {what}", name, kind.__dataclass_fields__)  # type: ignore[attr-defined]
    return dict(value)


def drawn(kind: str) -> DataChoice:
    """Return a kind of data as it comes: its own number of rows, and its own noise."""
    if kind not in SAMPLES:
        return DataChoice(kind, rows=0, test=TEST if kind == "table" else 0.0)
    usual = {name: one.default for name, one in signature(SAMPLES[kind]).parameters.items()}
    return DataChoice(kind, usual["n"], usual["noise"], 0.0 if kind == "xor" else TEST)


def _data(old: DataChoice, given: dict[str, Any]) -> DataChoice:
    kind = check_name("kind of data", given.get("kind", old.kind), KINDS)
    base = old if kind == old.kind else drawn(kind)
    new = {**vars(base), "seed": old.seed, **given}
    is_drawn = kind in SAMPLES
    rows, noise = (
        check_whole("rows", new["rows"], at_least=0),
        check_number("noise", new["noise"], at_least=0, at_most=1),
    )
    if is_drawn and not 2 <= rows <= limits.ROWS:
        raise InputError("rows do not fit", expected=f"2 to {limits.ROWS}", got=rows)
    table = _table(old.table, new["table"]) if kind == "table" else None
    if table is not None and "test" not in given and (old.table is None or table.text != old.table.text):
        new["test"] = _fitting_test(new["test"], parse(table.text).rows)
    return DataChoice(
        kind=kind,
        rows=rows if is_drawn else 0,
        noise=noise if is_drawn else 0.0,
        test=check_number("test", new["test"], at_least=0, at_most=0.9),
        seed=_seed("data: seed", new["seed"]),
        table=table,
    )


def _fitting_test(test: float, rows: int) -> float:
    """Return the share of a table that is held out: none where a part would be empty, or nearly so."""
    return test if rows >= MANY and round(test * rows) else 0.0


def _table(old: Table | None, value: object) -> Table:
    """Return a table; one without a text is another choice of columns in the old one."""
    if isinstance(value, Table):
        return value
    given = _section("a table", value, Table)
    if old is not None and given.get("text") is None:
        given["text"] = old.text
    inputs, classes = given.get("inputs"), given.get("classes")
    texts = [given.get(name) for name in ("name", "text", "target")]
    texts += inputs if isinstance(inputs, (list, tuple)) else [None]
    if not all(isinstance(one, str) for one in texts) or classes not in (True, False, None):
        expected = "name, text, inputs and target as texts; classes true, false or null"
        raise InputError("data: table does not fit", expected=expected, got=f"{value!r:.80}")
    name, text, target, *names = map(str, texts)
    return Table(name[:200], text, tuple(names), target, classes)


def _net(old: NetChoice, given: dict[str, Any]) -> NetChoice:
    hidden = _list("hidden", given.get("hidden", old.hidden))
    if len(hidden) > limits.HIDDEN_LAYERS:
        raise InputError(
            "hidden does not fit", expected=f"at most {limits.HIDDEN_LAYERS} layers", got=len(hidden)
        )
    for units in hidden:
        if check_whole("hidden", units, at_least=1) > limits.UNITS:
            raise InputError("hidden does not fit", expected=f"1 to {limits.UNITS} units a layer", got=units)
    loss = check_name("loss", given.get("loss", old.loss), ("auto", *LOSSES))
    option = given.get("option", old.option if loss == old.loss else None)
    choice = NetChoice(
        hidden=tuple(hidden),
        activations=tuple(
            _list("activations", given.get("activations", _fitting(old.activations, len(hidden))))
        ),
        output=check_name("output", given.get("output", old.output), ("auto", *OUTPUT_ACTIVATIONS)),
        loss=loss,
        option=None if option is None else _option(loss, option),
        init=check_name("init", given.get("init", old.init), INITS),
        seed=_seed("net: seed", given.get("seed", old.seed)),
        l1=check_number("l1", given.get("l1", old.l1), at_least=0),
        l2=check_number("l2", given.get("l2", old.l2), at_least=0),
    )
    for name in choice.activations:
        check_name("activation", name, HIDDEN_ACTIVATIONS)
    build_layers([1, *hidden, 1], choice.activations, "identity", 0.0)  # says how many there must be
    return choice


def _fitting(activations: tuple[str, ...], count: int) -> tuple[str, ...]:
    last = activations[-1:] or ("tanh",)
    return (activations + last * count)[:count]


def _option(loss: str, option: object) -> float:
    names = LOSSES[loss].options if loss != "auto" else {}
    if not names:
        raise InputError(f"{loss} has no option", got=f"{option!r:.80}", hint="no option")
    (name,) = names
    return Loss(loss, **{name: check_number(name, option)}).options[name]


def _training(old: TrainingChoice, given: dict[str, Any]) -> TrainingChoice:
    optimizer = check_name("optimizer", given.get("optimizer", old.optimizer), STEPPING)
    rate = old.learning_rate if optimizer == old.optimizer else OPTIMIZERS[optimizer]().learning_rate
    batch = given.get("batch", old.batch)
    freeze = _list("freeze", given.get("freeze", old.freeze))
    if not all(isinstance(name, str) for name in freeze):
        raise InputError("freeze does not fit", expected="names of parameters", got=f"{freeze!r:.80}")
    return TrainingChoice(
        optimizer=optimizer,
        learning_rate=check_number("learning_rate", given.get("learning_rate", rate), above=0),
        batch=None if batch is None else check_whole("batch", batch, at_least=1),
        update=check_name("update", given.get("update", old.update), UPDATES),
        freeze=tuple(freeze),
    )


def _focus(rows: object) -> tuple[int, ...]:
    found = tuple(check_whole("focus", row, at_least=0) for row in _list("focus", rows))
    if not found or len(set(found)) < len(found):
        raise InputError("focus does not fit", expected="one or more rows, each once", got=f"{rows!r:.80}")
    return found


def _preset(name: object) -> str | None:
    if name is None or isinstance(name, str):
        return name
    raise InputError("preset does not fit", expected="a name or null", got=f"{name!r:.80}")


def _list(what: str, value: object) -> list[Any]:
    if isinstance(value, (list, tuple)) and len(value) <= limits.ROWS:
        return list(value)
    raise InputError(f"{what} does not fit", expected="a list", got=f"{value!r:.80}")


def _seed(what: str, value: object) -> int:
    seed = check_whole(what, value, at_least=0)
    if seed > LONGEST_SEED:
        raise InputError(f"{what} does not fit", expected=f"0 to {LONGEST_SEED}", got=seed)
    return seed
