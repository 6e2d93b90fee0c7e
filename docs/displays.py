"""Make a picture of each display, from networks that are trained here.

python docs/displays.py [FOLDER]
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits, make_moons

from clearprop import MLP, MLPClassifier
from clearprop.displays import (
    DecisionBoundaryDisplay,
    GradientNormsDisplay,
    LossCurveDisplay,
    NetworkDisplay,
    WeightsDisplay,
)

MAZUR = {  # the best-known worked example, by M. Mazur
    "W1": [[0.15, 0.25], [0.2, 0.3]],
    "b1": [0.35, 0.35],
    "W2": [[0.4, 0.5], [0.45, 0.55]],
    "b2": [0.6, 0.6],
}


def draw_networks(folder: Path) -> None:
    """A small network with its numbers, and a deep one whose gradient vanishes."""
    net = MLP([2, 2, 2], "sigmoid", "sigmoid", init=MAZUR)
    NetworkDisplay.from_network(net, [[0.05, 0.1]], [[0.01, 0.99]]).save(folder / "network.svg")
    deep = MLP([2, *[8] * 7, 1], "sigmoid", seed=0)
    X = np.random.default_rng(0).normal(size=(32, 2))
    GradientNormsDisplay.from_network(deep, X, X[:, 0]).save(folder / "gradients.svg")


def draw_boundary(folder: Path) -> None:
    """Two moons."""
    X, y = make_moons(150, noise=0.2, random_state=0)
    model = MLPClassifier((16, 16), "tanh", solver="lbfgs", alpha=0.05, random_state=0).fit(X, y)
    DecisionBoundaryDisplay.from_network(model, X, y).save(folder / "boundary.svg")


def draw_digits(folder: Path) -> None:
    """What the units of the first layer look for in 8 × 8 pixels, and how they learnt it."""
    digits = load_digits()
    net = MLP([64, 24, 10], loss="cross_entropy", l2=0.01, seed=0)
    history = net.fit(digits.data / 16, digits.target, epochs=30, validation=0.2, progress=False)
    WeightsDisplay.from_network(net, shape=(8, 8)).save(folder / "weights.svg")
    LossCurveDisplay.from_history(history).save(folder / "losses.svg")


def main() -> None:
    """Write all pictures into the folder, that of this file by default."""
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else __file__)
    folder = folder if folder.is_dir() else folder.parent
    draw_networks(folder)
    draw_boundary(folder)
    draw_digits(folder)


if __name__ == "__main__":
    main()
