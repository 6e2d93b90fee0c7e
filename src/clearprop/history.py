"""What a fit leaves behind: one number of each kind for every epoch."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from .errors import InputError


@dataclass
class History:
    """The record of one fit; all lists have one entry for each finished epoch.

    Attributes:
        epoch: the epoch's number, counted from 1 over all fits of the network.
        train_loss: the data loss, averaged over the epoch's steps as they were made.
        penalty: the penalty on the weights, averaged likewise; training descends on the sum of both.
        validation_loss: the data loss on the validation data; None where there is none.
        metric: accuracy or R² on the validation data, or on the training data where there is none.
        learning_rate: that of the epoch's last step.
        gradient_norm: the gradient's length, averaged over the epoch's steps.
        seconds: the time that the epoch took.
        metric_name: "accuracy" or "R²".
        seed: the seed of shuffling and dropout; given again, it gives the same bits.
        settings: the arguments of the fit, ready for JSON.
        best_epoch: the epoch whose weights were put back by early stopping; None where none were.
        stopped_by: why training ended: "epochs", "callback", "interrupt", "converged", "divergence"
            or "error".
    """

    epoch: list[int] = field(default_factory=list)
    train_loss: list[float] = field(default_factory=list)
    penalty: list[float] = field(default_factory=list)
    validation_loss: list[float | None] = field(default_factory=list)
    metric: list[float | None] = field(default_factory=list)
    learning_rate: list[float] = field(default_factory=list)
    gradient_norm: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    metric_name: str = ""
    seed: int = 0
    settings: dict[str, Any] = field(default_factory=dict)
    best_epoch: int | None = None
    stopped_by: str = "epochs"

    @property
    def monitored(self) -> list[float]:
        """The losses that early stopping and plateaus look at: validation, else training plus penalty."""
        if self.validation_loss and self.validation_loss[-1] is not None:
            return self.validation_loss  # type: ignore[return-value]
        return [loss + penalty for loss, penalty in zip(self.train_loss, self.penalty, strict=True)]

    def to_dict(self) -> dict[str, Any]:
        """Return everything as lists, numbers and texts, ready for JSON or a data frame."""
        return {name: list(value) if isinstance(value, list) else value for name, value in vars(self).items()}

    @classmethod
    def from_dict(cls, record: dict[str, Any]) -> History:
        """Return the history that `to_dict` gave; times may be missing.

        Raises:
            InputError: anything else.
        """
        known = set(record) | {"seconds"} == set(_KINDS)
        if not known or not all(_fits(value, _KINDS[name]) for name, value in record.items()):
            raise InputError("a history is malformed", expected="what `to_dict` gave")
        history = cls(**record)
        lists = [name for name, kind in _KINDS.items() if kind.startswith("list")]
        lengths = {len(getattr(history, name)) for name in lists if name != "seconds" or history.seconds}
        if len(lengths) > 1:
            raise InputError("a history is malformed", expected="an entry for each epoch in every list")
        return history

    def plot(self, path: str | None = None) -> Any:
        """Draw loss and metric over the epochs; needs the extra `clearprop[plots]`.

        Args:
            path: where to save the picture; None returns a matplotlib figure.
        """
        from .plots import plot_history

        return plot_history(self, path)

    def __len__(self) -> int:
        return len(self.epoch)

    def __repr__(self) -> str:
        if not self.epoch:
            return f"<History: no finished epoch, ended by {self.stopped_by}>"
        validation = self.validation_loss[-1]
        last = f"train loss {self.train_loss[-1]:.6g}"
        last += "" if validation is None else f", validation loss {validation:.6g}"
        last += "" if self.metric[-1] is None else f", {self.metric_name} {self.metric[-1]:.4g}"
        return f"<History: {len(self)} epochs, {last}, ended by {self.stopped_by}>"


_KINDS: dict[str, str] = History.__annotations__
_JSON_TYPES: dict[str, set[type]] = {
    "list[int]": {int},
    "list[float]": {int, float},
    "list[float | None]": {int, float, type(None)},
    "str": {str},
    "int": {int},
    "int | None": {int, type(None)},
    "dict[str, Any]": {dict},
}


def _fits(value: Any, kind: str) -> bool:
    """Whether a field that is declared so may hold a value that comes from JSON."""
    values, is_list = (value, True) if isinstance(value, list) else ([value], False)
    return is_list == kind.startswith("list") and all(type(k) in _JSON_TYPES[kind] for k in values)
