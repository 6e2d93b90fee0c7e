"""An estimator out of a model file: everything is compared with the network before it is believed."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..checks import check_number
from ..errors import InputError
from ..formats import model
from ..mlp import MLP
from .classifier import MLPClassifier
from .columns import TableEncoder
from .common import record
from .files import CLASS_KINDS
from .regressor import MLPRegressor
from .scaling import Scaling


def unwrap(net: MLP, wrapping: model.Wrapping) -> Any:
    """Return the fitted estimator that `save` wrote.

    Raises:
        InputError, or what malformed values raise: what is around the network does not fit it.
    """
    extra, arrays = wrapping.extra, wrapping.arrays
    hidden = tuple(net.sizes[1:-1])
    activations = tuple(layer.activation for layer in net.layers[:-1])
    if wrapping.kind == "classifier":
        estimator: Any = MLPClassifier(hidden, activations, loss=net.loss_function, dtype=str(net.dtype))
        _restore_classes(estimator, net, extra)
    elif wrapping.kind == "regressor":
        estimator = MLPRegressor(hidden, activations, loss=net.loss_function, dtype=str(net.dtype))
        _restore_target(estimator, net, extra, arrays)
    else:
        raise InputError("unknown kind of model", got=repr(wrapping.kind)[:40])
    if extra["target"] is not None:
        if not isinstance(extra["target"], str):
            raise InputError("the target's name is malformed")
        estimator.target_name_ = extra["target"]
    if "penalty_alpha" in extra:
        estimator.penalty_alpha_ = check_number("penalty_alpha", extra["penalty_alpha"], at_least=0)
    estimator.network_, estimator.history_ = net, net.history
    _restore_inputs(estimator, net, extra, arrays)
    if net.history is not None:
        record(estimator, net.history)
    return estimator


def _restore_inputs(estimator: Any, net: MLP, extra: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> None:
    parts = {
        name.removeprefix("inputs."): array for name, array in arrays.items() if name.startswith("inputs.")
    }
    features, names = extra["features"], extra["names"]
    if type(features) is not int or features < 1:
        raise InputError("the number of features is malformed")
    if extra["inputs"] is None:
        estimator.scale_inputs, estimator.inputs_, inputs = False, None, features
    elif extra["inputs"] == "scaling":
        estimator.inputs_ = Scaling(parts["center"], parts["scale"])
        inputs = len(parts["center"])
        if not parts["center"].shape == parts["scale"].shape == (features,):
            raise InputError("the scaling does not fit the features")
    else:
        estimator.inputs_ = TableEncoder.from_parts(
            extra["inputs"], {name: parts.get(name, np.empty(0)) for name in ("center", "scale")}
        )
        inputs = len(estimator.inputs_.feature_names_out)
        if list(estimator.inputs_.feature_names_in) != names:
            raise InputError("the columns contradict each other")
    if inputs != net.sizes[0]:
        raise InputError("the columns do not fit the network", expected=net.sizes[0], got=inputs)
    if names is not None:
        if (
            not isinstance(names, list)
            or len(names) != features
            or not all(isinstance(n, str) for n in names)
        ):
            raise InputError("the names of the features are malformed")
        estimator.feature_names_in_ = np.array(names, dtype=object)
    estimator.n_features_in_ = features


def _restore_classes(estimator: Any, net: MLP, extra: dict[str, Any]) -> None:
    values, kind, multilabel = extra["classes"], extra["class_kind"], extra["multilabel"]
    wanted = CLASS_KINDS[kind]
    if not isinstance(values, list) or not all(type(value) is wanted for value in values):
        raise InputError("the classes are malformed")
    classes = np.array(values)
    if (
        type(multilabel) is not bool
        or len(np.unique(classes)) != len(classes)
        or (np.sort(classes) != classes).any()
    ):
        raise InputError("the classes are malformed")
    expected = (1, 2) if len(classes) == 2 else (len(classes),)
    if net.sizes[-1] not in expected or (net.sizes[-1] == 1 and net.loss_function.targets != "probability"):
        raise InputError("the classes do not fit the network")
    estimator.classes_, estimator._is_multilabel = classes, multilabel


def _restore_target(estimator: Any, net: MLP, extra: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> None:
    mean, scale, one_column = arrays["target.mean"], arrays["target.scale"], extra["one_column"]
    outputs = net.sizes[-1]
    if (
        type(one_column) is not bool
        or (one_column and outputs != 1)
        or not mean.shape == scale.shape == (outputs,)
    ):
        raise InputError("the target does not fit the network")
    if (scale <= 0).any():
        raise InputError("the target's scale is not positive")
    estimator.target_mean_, estimator.target_scale_, estimator._one_column = mean, scale, one_column
