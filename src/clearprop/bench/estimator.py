"""What the estimator costs beside the network that it trains: `MLPClassifier.fit` and `MLP.fit`."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ..mlp import MLP
from ..optimizers import Adam
from ..rules.array import Array

__all__ = ["KINDS", "estimator_subject"]

KINDS = ("estimator", "engine")
EPOCHS, BATCH, RATE = 100, 32, 1e-3


class Fits:
    """Whole fits, each from the start: 100 epochs of 64-64-10 with Adam, batches of 32, float32."""

    def __init__(self, fit: Callable[[], int]) -> None:
        self.fit = fit

    def start(self) -> None:
        """Every fit starts by itself."""

    def run(self, count: int) -> None:
        """Fit so many times."""
        for _ in range(count):
            self.epochs = self.fit()

    def result(self) -> Array:
        """Return the number of epochs that the last fit made."""
        return np.array([self.epochs])


def estimator_subject(kind: str) -> Fits:
    """Return the fits of the estimator, or of the network alone on the estimator's scaled inputs."""
    from sklearn.datasets import load_digits

    from ..estimators.classifier import MLPClassifier
    from ..estimators.inputs import transform_inputs

    X, y = load_digits(return_X_y=True)
    model = MLPClassifier(
        (64,),
        alpha=0.0,
        dropout=0.0,
        learning_rate="constant",
        learning_rate_init=RATE,
        batch_size=BATCH,
        max_iter=EPOCHS,
        n_iter_no_change=EPOCHS,
        tol=0.0,
        dtype="float32",
        random_state=0,
    )
    if kind == "estimator":
        return Fits(lambda: model.fit(X, y).n_iter_)
    scaled = transform_inputs(model.set_params(max_iter=1).fit(X, y), X)

    def fit() -> int:
        net = MLP([64, 64, 10], loss="cross_entropy", seed=0, dtype="float32")
        net.fit(scaled, y, optimizer=Adam(RATE), epochs=EPOCHS, batch_size=BATCH, metric=None, progress=False)
        return net.epochs

    return Fits(fit)
