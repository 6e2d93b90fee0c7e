"""Writes model files as this release writes them, and beside each what the model answers.

Run it once for every release whose files are new in some way: `python tests/data/models/write.py`.
Files that stand here already are never written again; a test reads all of them.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow as pa

import clearprop
from clearprop import MLP, Adam, EarlyStopping, Loss, MLPClassifier
from clearprop.schedules import Cosine

FOLDER = Path(__file__).parent
X = np.linspace(-2, 2, 24).reshape(8, 3)
CLASSES = np.arange(8) % 2 + (X[:, 0] > 0)
TABLE = {
    "age": [31.0, 45.0, None, 22.0, 67.0, 54.0, 38.0, 29.0],
    "city": ["Oslo", "Rome", "Oslo", None, "Paris", "Rome", "Paris", "Oslo"],
    "member": [True, False, True, True, False, False, True, False],
}
NAMES = ["leaves", "stays", "stays", "leaves", "leaves", "stays", "stays", "leaves"]


def trained() -> MLP:
    """Return a network that uses what a file can hold."""
    loss = Loss("cross_entropy", label_smoothing=0.1)
    net = MLP([3, 5, 4, 3], ["tanh", "gelu"], loss=loss, l1=1e-4, l2=0.01, dropout=[0.0, 0.2], seed=7)
    optimizer = Adam(Cosine(0.05, warmup=0.1))
    net.fit(X, CLASSES, optimizer=optimizer, epochs=6, validation=(X, CLASSES), callbacks=[EarlyStopping(5)])
    return net


def fitted() -> MLPClassifier:
    """Return an estimator that was fitted on a table with all kinds of columns."""
    est = MLPClassifier((6,), max_iter=4, random_state=7).fit(pa.table(TABLE), NAMES)
    est.target_name_ = "outcome"
    return est


def write_new(name: str, saved: MLP | MLPClassifier, record: dict[str, object], **options: bool) -> None:
    """Write a file and its record, unless they stand here already."""
    path = FOLDER / f"{clearprop.__version__}-{name}.safetensors"
    if path.exists():
        print(f"{path.name} stands here already")
        return
    saved.save(path, **options)
    path.with_suffix(".json").write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


def main() -> None:
    """Write the files of this release."""
    net = trained()
    record = {
        "config": net.config,
        "epochs": net.epochs,
        "train_loss": net.history.train_loss,
        "steps": net.memory.steps,
        "X": X.tolist(),
        "outputs": net.forward(X).tolist(),
    }
    write_new("network", net, record, training=True)
    est = fitted()
    answers = {"table": TABLE, "classes": est.classes_.tolist()}
    write_new("classifier", est, {**answers, "probabilities": est.predict_proba(pa.table(TABLE)).tolist()})


if __name__ == "__main__":
    main()
