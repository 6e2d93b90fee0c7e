"""A training step of a fitted estimator as a story, with its columns and classes by name."""

from __future__ import annotations

import copy
import dataclasses
from typing import Any

from ..story import Story, explain
from .inputs import input_names, transform_inputs


def explain_fitted(estimator: Any, X: Any, y: Any, sample_weight: Any, **options: Any) -> Story:
    """Return the story of one step of `network_` on rows as `fit` takes them."""
    matrix = transform_inputs(estimator, X)
    targets = estimator._network_targets(y, len(matrix))
    weights = estimator._weights(matrix, y, sample_weight)
    net = copy.copy(estimator.network_)
    alpha = getattr(estimator, "penalty_alpha_", None)
    if alpha is not None:  # scikit-learn's penalty: a share of it for each row of the batch
        net.l2 = alpha / (len(matrix) if weights is None else float(weights.sum()))
    names = {"input_names": input_names(estimator), "output_names": output_names(estimator)}
    story = explain(net, matrix, targets, sample_weight=weights, **{**names, **options})
    if estimator.inputs_ is None:
        return story
    scaling = ("inputs", "X is what the network sees: scaled and encoded by the estimator")
    return dataclasses.replace(story, header=(*story.header, scaling))


def output_names(estimator: Any) -> list[str]:
    """Return a name for each output of the network, such as "class=malignant" or the target's name."""
    count = estimator.network_.sizes[-1]
    if not hasattr(estimator, "classes_"):
        target = getattr(estimator, "target_name_", None) or "y"
        return [str(target)] if count == 1 else [f"{target}{k + 1}" for k in range(count)]
    if estimator._is_multilabel:
        return [f"label={name}" for name in estimator.classes_]
    classes = estimator.classes_[1:] if count == 1 else estimator.classes_
    return [f"class={name}" for name in classes]
