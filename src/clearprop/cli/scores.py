"""How good predictions are, by scikit-learn's metrics, and what simpler models reach on the same rows."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn import metrics
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

__all__ = [
    "LABELS",
    "UNITLESS",
    "Part",
    "balanced_accuracy",
    "class_table",
    "linear_model",
    "residual_summary",
    "score",
    "trivial_model",
    "unbent",
]

Array = NDArray[Any]
Scores = dict[str, float]

LABELS = {
    "accuracy": "accuracy",
    "balanced_accuracy": "balanced accuracy",
    "log_loss": "log loss",
    "r2": "R²",
    "rmse": "RMSE",
    "mae": "MAE",
}
UNITLESS = (
    "accuracy",
    "balanced_accuracy",
    "log_loss",
    "r2",
)  # the others are in the target's units, of whatever size


class Part(NamedTuple):
    """Some rows: the matrix that models learn from, and class numbers (n,) or numbers (n,)."""

    X: Array
    y: Array


def score(truth: Array, outputs: Array) -> Scores:
    """Return the metrics of probabilities (n, classes) for class numbers, or of numbers (n,)."""
    if outputs.ndim == 2:
        return {
            "accuracy": float(metrics.accuracy_score(truth, outputs.argmax(axis=1))),
            "balanced_accuracy": balanced_accuracy(truth, outputs.argmax(axis=1)),
            "log_loss": float(metrics.log_loss(truth, outputs, labels=np.arange(outputs.shape[1]))),
        }
    return {
        "r2": float(metrics.r2_score(truth, outputs)) if len(truth) > 1 else float("nan"),
        "rmse": float(metrics.root_mean_squared_error(truth, outputs)),
        "mae": float(metrics.mean_absolute_error(truth, outputs)),
    }


def balanced_accuracy(truth: Array, predicted: Array) -> float:
    """Return the mean recall over the classes that occur: each counts alike, however rare it is."""
    return float(metrics.recall_score(truth, predicted, labels=np.unique(truth), average="macro"))


def unbent(X: Array) -> Array:
    """Return the inputs z (n, k) as they were before `Scaling` bent them: u = z / √(1 − (z/3)²).

    A linear model of bent inputs cannot follow a straight line. Columns of zeros and ones, or of ±1, only get
    another unit.
    """
    return np.asarray(X / np.sqrt(np.maximum(1 - np.square(X / 3), 1e-9)))


def linear_model(train: Part, *, classes: bool) -> Any:
    """Return scikit-learn's linear model of the standardised columns, with its default penalty."""
    model = LogisticRegression(max_iter=1000) if classes else Ridge()
    return make_pipeline(StandardScaler(), model).fit(train.X, train.y)


def trivial_model(train: Part, *, classes: bool) -> Any:
    """Return the model that looks at no input: always the most frequent class, or the mean."""
    return (DummyClassifier(strategy="prior") if classes else DummyRegressor()).fit(train.X, train.y)


def outputs_of(model: Any, X: Array) -> Array:
    """Return a model's probabilities (n, classes) where it has them, else its numbers (n,)."""
    return np.asarray(model.predict_proba(X) if hasattr(model, "predict_proba") else model.predict(X))


def class_table(truth: Array, predicted: Array, count: int) -> list[dict[str, float]]:
    """Return precision, recall, F1 and the number of rows of each class; what is 0/0 counts 0."""
    columns = metrics.precision_recall_fscore_support(
        truth, predicted, labels=np.arange(count), zero_division=0.0
    )
    names = ("precision", "recall", "f1", "rows")
    return [
        dict(zip(names, (*map(float, row[:3]), int(row[3])), strict=True))
        for row in zip(*columns, strict=True)
    ]


def residual_summary(truth: Array, predicted: Array) -> Scores:
    """Return how the residuals, true − predicted, are spread: extremes, quartiles, mean."""
    residuals = truth - predicted
    quartiles = np.quantile(residuals, [0, 0.25, 0.5, 0.75, 1]).tolist()
    return dict(zip(("min", "q25", "median", "q75", "max"), quartiles, strict=True)) | {
        "mean": float(residuals.mean())
    }
