"""Digits from start to saved model: clearprop, by the rules in NumPy."""

import sys

import numpy as np

import clearprop

data = np.load(sys.argv[1])
net = clearprop.MLP([64, 64, 10], "relu", loss="cross_entropy", seed=0, dtype="float32")
net.fit(
    data["X"],
    data["y"],
    optimizer=clearprop.Adam(0.001),
    epochs=100,
    batch_size=32,
    metric=None,
    progress=False,
    engine="numpy",
)
net.save(sys.argv[2])
