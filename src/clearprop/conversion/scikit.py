"""A fitted MLP of scikit-learn as an estimator of ours."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import InputError
from ..mlp import MLP

# What scikit-learn recorded of its own fit.
RECORD = (
    "best_loss_", "best_validation_score_", "feature_names_in_", "loss_", "loss_curve_", "n_features_in_",
    "n_iter_", "t_", "validation_scores_",
)  # fmt: skip


def from_sklearn(estimator: Any) -> Any:
    """Return a fitted scikit-learn `MLPClassifier` or `MLPRegressor` as our estimator of the same name.

    It predicts the same, has scikit-learn's gradients, and can be saved. Inputs and targets are not
    scaled. scikit-learn's penalty alpha/(2n)·ΣW² depends on n, the rows of a batch (or their total
    weight): alpha is kept as `penalty_alpha_`, and `network_.l2` is 0. With several outputs,
    scikit-learn prints the mean squared error over them but descends on the sum, as we do; without a
    penalty our loss is its loss times their number. Its poisson loss has constants of y that ours
    leaves out.

    Source: scikit-learn, sklearn/neural_network/_multilayer_perceptron.py.

    Raises:
        InputError: something else, or a classifier that has seen one class only.
        sklearn.exceptions.NotFittedError: it is not fitted.
        MissingExtraError: what our estimators need is not installed.
    """
    from ..estimators.classifier import MLPClassifier
    from ..estimators.regressor import MLPRegressor

    _check_theirs(estimator)
    classifies = hasattr(estimator, "classes_")
    net = _network_of(estimator)
    options = {
        "alpha": estimator.alpha,
        "dropout": 0.0,
        "dtype": str(net.dtype),
        "loss": net.loss_function.name,
        "scale_inputs": False,
        **({} if classifies else {"scale_target": False}),
    }
    kind = MLPClassifier if classifies else MLPRegressor
    ours: Any = kind(net.sizes[1:-1], estimator.activation, **options)
    ours.network_, ours.history_, ours.inputs_ = net, None, None
    ours.penalty_alpha_ = float(estimator.alpha)
    for name in RECORD:
        if hasattr(estimator, name):
            setattr(ours, name, getattr(estimator, name))
    if classifies:
        ours.classes_ = estimator.classes_.copy()
        ours._is_multilabel = estimator._label_binarizer.y_type_.startswith("multilabel")
    else:
        outputs = net.sizes[-1]
        ours._one_column = outputs == 1
        ours.target_mean_, ours.target_scale_ = np.zeros(outputs), np.ones(outputs)
    return ours


def _check_theirs(estimator: Any) -> None:
    from sklearn.neural_network import MLPClassifier, MLPRegressor
    from sklearn.utils.validation import check_is_fitted

    if not isinstance(estimator, (MLPClassifier, MLPRegressor)):
        raise InputError(
            "this cannot be converted",
            expected="scikit-learn's MLPClassifier or MLPRegressor",
            got=type(estimator).__name__,
            hint="its last step, pipeline[-1], which takes inputs that the others have transformed"
            if hasattr(estimator, "steps")
            else None,
        )
    check_is_fitted(estimator)
    if len(getattr(estimator, "classes_", "ab")) < 2:
        raise InputError("the classifier has seen one class", expected="two or more")


def _network_of(estimator: Any) -> MLP:
    names = {"logistic": "sigmoid"}
    output = names.get(estimator.out_activation_, estimator.out_activation_)
    losses = {"softmax": "cross_entropy", "sigmoid": "binary_cross_entropy", "exp": "poisson"}
    parameters = {}
    for k, (W, b) in enumerate(zip(estimator.coefs_, estimator.intercepts_, strict=True), start=1):
        parameters[f"W{k}"], parameters[f"b{k}"] = W, b
    return MLP(
        [len(estimator.coefs_[0]), *(len(b) for b in estimator.intercepts_)],
        names.get(estimator.activation, estimator.activation),
        output,
        losses.get(output, "squared_error"),
        dtype=str(estimator.coefs_[0].dtype),
        init=parameters,
    )
