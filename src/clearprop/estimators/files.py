"""An estimator into a model file: the network, and around it what prediction needs."""

from __future__ import annotations

import os
from typing import Any

from numpy.typing import NDArray

from ..errors import InputError
from ..formats import model
from .columns import TableEncoder

CLASS_KINDS = {"str": str, "int": int, "float": float, "bool": bool}


def save(estimator: Any, path: str | os.PathLike[str]) -> None:
    """Write an estimator to one file; its parameters are not kept, what it learnt is.

    Raises:
        InputError: classes that a file cannot hold.
        OSError: the file cannot be written.
    """
    names = getattr(estimator, "feature_names_in_", None)
    extra: dict[str, Any] = {
        "features": estimator.n_features_in_,
        "names": None if names is None else [str(name) for name in names],
        "target": getattr(estimator, "target_name_", None),
        "inputs": None,
    }
    if hasattr(estimator, "penalty_alpha_"):  # of one that comes from scikit-learn
        extra["penalty_alpha"] = estimator.penalty_alpha_
    arrays: dict[str, NDArray[Any]] = {}
    if isinstance(estimator.inputs_, TableEncoder):
        extra["inputs"], parts = estimator.inputs_.to_parts()
        arrays.update({f"inputs.{name}": array for name, array in parts.items() if array.size})
    elif estimator.inputs_ is not None:
        extra["inputs"] = "scaling"
        arrays["inputs.center"], arrays["inputs.scale"] = estimator.inputs_.center, estimator.inputs_.scale
    if hasattr(estimator, "classes_"):
        kind = "classifier"
        extra["classes"], extra["class_kind"] = _classes_to_json(estimator.classes_)
        extra["multilabel"] = estimator._is_multilabel
    else:
        kind = "regressor"
        extra["one_column"] = estimator._one_column
        arrays["target.mean"], arrays["target.scale"] = estimator.target_mean_, estimator.target_scale_
    model.save(estimator.network_, path, wrapping=model.Wrapping(kind, extra, arrays))


def _classes_to_json(classes: NDArray[Any]) -> tuple[list[Any], str]:
    values = classes.tolist()
    for name, kind in CLASS_KINDS.items():
        if all(type(value) is kind for value in values):
            return values, name
    raise InputError(
        "classes do not fit a model file", expected="texts, numbers or booleans", got=repr(values)[:80]
    )
