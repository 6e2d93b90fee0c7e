"""Writes one model file as this release writes it, and beside it what the network answers.

Run it once for every release whose files are new in some way: `python tests/data/models/write.py`.
Files that stand here already are never written again; a test reads all of them.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

import clearprop
from clearprop import MLP, Adam, EarlyStopping, Loss
from clearprop.schedules import Cosine

FOLDER = Path(__file__).parent
X = np.linspace(-2, 2, 24).reshape(8, 3)
CLASSES = np.arange(8) % 2 + (X[:, 0] > 0)


def trained() -> MLP:
    """Return a network that uses what a file can hold."""
    loss = Loss("cross_entropy", label_smoothing=0.1)
    net = MLP([3, 5, 4, 3], ["tanh", "gelu"], loss=loss, l1=1e-4, l2=0.01, dropout=[0.0, 0.2], seed=7)
    optimizer = Adam(Cosine(0.05, warmup=0.1))
    net.fit(X, CLASSES, optimizer=optimizer, epochs=6, validation=(X, CLASSES), callbacks=[EarlyStopping(5)])
    return net


def main() -> None:
    """Write the file of this release."""
    path = FOLDER / f"{clearprop.__version__}-network.safetensors"
    if path.exists():
        raise SystemExit(f"{path} stands here already")
    net = trained()
    net.save(path, training=True)
    record = {
        "config": net.config,
        "epochs": net.epochs,
        "train_loss": net.history.train_loss,
        "steps": net.memory.steps,
        "X": X.tolist(),
        "outputs": net.forward(X).tolist(),
    }
    path.with_suffix(".json").write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
