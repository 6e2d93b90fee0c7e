"""A training step of a fitted estimator as a story, with its columns and classes by name."""

from __future__ import annotations

import copy
import dataclasses
from typing import Any

import numpy as np

from ..story import Story, explain
from ..story.numbers import number
from .inputs import input_names, transform_inputs


def explain_fitted(estimator: Any, X: Any, y: Any, sample_weight: Any, **options: Any) -> Story:
    """Return the story of one step of `network_` on rows as `fit` takes them."""
    matrix = transform_inputs(estimator, X)
    weights = estimator._weights(matrix, y, sample_weight)
    net = copy.copy(estimator.network_)
    alpha = getattr(estimator, "penalty_alpha_", None)
    if alpha is not None:  # scikit-learn's penalty: a share of it for each row of the batch
        net.l2 = alpha / (len(matrix) if weights is None else float(weights.sum()))
    targets = estimator._network_targets(y, len(matrix))
    names = {"input_names": input_names(estimator), "output_names": output_names(estimator, y)}
    story = explain(net, matrix, targets, sample_weight=weights, **{**names, **options})
    return dataclasses.replace(story, header=(*story.header, *_scalings(estimator)))


def _scalings(estimator: Any) -> list[tuple[str, str]]:
    """Return what the header must say of inputs and targets that the network sees otherwise than the user."""
    lines = []
    if estimator.inputs_ is not None:
        lines.append(("inputs", "X is what the network sees: scaled and encoded by the estimator"))
    if hasattr(estimator, "target_scale_") and (
        estimator.target_mean_.any() or (estimator.target_scale_ != 1).any()
    ):
        mean, scale = (np.ravel(array) for array in (estimator.target_mean_, estimator.target_scale_))
        of = (
            f"y less {number(mean[0])}, over {number(scale[0])}"
            if len(mean) == 1
            else "y, scaled column by column"
        )
        lines.append(("targets", f"Y is {of}; the outputs and L are in these units"))
    return lines


def output_names(estimator: Any, y: Any = None) -> list[str]:
    """Return a name for each output of the network, such as "class=malignant" or the target's name."""
    count = estimator.network_.sizes[-1]
    named = getattr(estimator, "target_name_", None) or getattr(y, "name", None)
    if not hasattr(estimator, "classes_"):
        target = named if isinstance(named, str) else "y"
        return [str(target)] if count == 1 else [f"{target}{k + 1}" for k in range(count)]
    if estimator._is_multilabel:
        return [f"label={name}" for name in estimator.classes_]
    classes = estimator.classes_[1:] if count == 1 else estimator.classes_
    return [f"{named if isinstance(named, str) else 'class'}={name}" for name in classes]
