"""Digits from start to saved model: scikit-learn."""

import sys
import warnings

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier

warnings.simplefilter("ignore", ConvergenceWarning)
data = np.load(sys.argv[1])
model = MLPClassifier(
    (64,), alpha=0, batch_size=32, max_iter=100, n_iter_no_change=100, tol=0, random_state=0
)
model.fit(data["X"], data["y"])
np.savez(sys.argv[2], *model.coefs_, *model.intercepts_)
