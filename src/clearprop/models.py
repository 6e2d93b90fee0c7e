"""`load`: from a model file back to what was saved, a network or an estimator around one."""

from __future__ import annotations

from os import PathLike
from typing import Any

from .formats import model
from .formats.safetensors import refusal
from .mlp import MLP


def load(path: str | PathLike[str]) -> Any:
    """Return what was saved to the file: an `MLP`, an `MLPClassifier` or an `MLPRegressor`.

    Opening a file never runs code from it and takes little more memory than its size.

    Raises:
        ModelFileError: the file is damaged, foreign or not to be trusted.
        MissingExtraError: it holds an estimator, and scikit-learn is not installed.
        OSError: it cannot be opened or read.
    """
    net, wrapping = model.load(path, MLP)
    if wrapping.kind == "network":
        if wrapping.extra or wrapping.arrays:
            raise refusal(path, "a bare network has nothing around it")
        return net
    if wrapping.kind not in ("classifier", "regressor"):
        raise refusal(path, "it holds an unknown kind of model", got=repr(wrapping.kind))
    from .estimators.loading import unwrap

    with model.distrust(path):
        return unwrap(net, wrapping)
