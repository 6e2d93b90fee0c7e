"""The presets: the article's networks, known examples, and networks that are broken on purpose."""

from __future__ import annotations

import numpy as np

from ..classic import OneLayerMLP, TwoLayerMLP
from ..rules.array import Array
from .datasets import Own
from .presets import Origin, Preset

SWITCHES = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])


def _switches(name: str, codes: list[int]) -> Own:
    return Own(SWITCHES, np.array(codes), ("x1", "x2"), (name,), ("0", "1"))


def _first(*layers: tuple[Array, Array]) -> dict[str, Array]:
    """Return first weights by name, from (weights, biases) of each layer."""
    return {
        name: np.asarray(array)
        for k, (W, b) in enumerate(layers, 1)
        for name, array in ((f"W{k}", W), (f"b{k}", np.ravel(b)))
    }


def _article_one() -> Preset:
    net = OneLayerMLP(2, 1, seed=0)
    return Preset(
        {
            "data": {"kind": "preset"},
            "net": {"hidden": [], "output": "sigmoid", "loss": "squared_error", "init": "given"},
            "training": {"learning_rate": 0.5, "batch": None},
        },
        Origin(_switches("or", [0, 1, 1, 1]), _first((net.weights, net.bias))),
    )


def _article_two() -> Preset:
    net = TwoLayerMLP(2, 4, 1, seed=0)
    return Preset(
        {
            "data": {"kind": "preset"},
            "net": {
                "hidden": [4],
                "activations": ["sigmoid"],
                "output": "sigmoid",
                "loss": "squared_error",
                "init": "given",
            },
            "training": {"learning_rate": 5.0, "batch": None},
        },
        Origin(
            _switches("xor", [0, 1, 1, 0]),
            _first((net.W1, net.b1), (net.W2, net.b2)),
        ),
    )


MAZUR = Preset(
    {
        "data": {"kind": "preset"},
        "net": {
            "hidden": [2],
            "activations": ["sigmoid"],
            "output": "sigmoid",
            "loss": "squared_error",
            "init": "given",
        },
        "training": {"learning_rate": 0.5, "freeze": ["b1", "b2"]},
    },
    Origin(
        Own(
            X=np.array([[0.05, 0.10]]),
            Y=np.array([[0.01, 0.99]]),
            inputs=("i1", "i2"),
            targets=("o1", "o2"),
        ),
        _first(
            (np.array([[0.15, 0.25], [0.20, 0.30]]), np.array([0.35, 0.35])),
            (np.array([[0.40, 0.50], [0.45, 0.55]]), np.array([0.60, 0.60])),
        ),
    ),
)

XOR = Preset(
    {
        "data": {"kind": "xor"},
        "net": {"hidden": [3], "activations": ["tanh"], "seed": 1},
        "training": {"learning_rate": 0.5},
    },
)

SPIRAL = Preset(
    {
        "data": {"kind": "spiral", "rows": 200},
        "net": {"hidden": [8, 8], "activations": ["tanh", "tanh"], "seed": 1},
        "training": {"optimizer": "adam", "learning_rate": 0.01},
    },
)

VANISHING = Preset(
    {
        "data": {"kind": "circle"},
        "net": {"hidden": [4] * 6, "activations": ["sigmoid"] * 6, "init": "glorot_uniform"},
        "training": {"learning_rate": 0.5},
    },
)

DEAD = Preset(
    {
        "data": {"kind": "circle"},
        "net": {"hidden": [4], "activations": ["relu"], "init": "given"},
        "training": {"learning_rate": 0.1},
    },
    Origin(
        first=_first(
            (np.array([[0.8, -0.6, 0.5, 0.7], [0.3, 0.9, -0.7, 0.4]]), np.array([-3.0, -3.0, -3.0, 0.1])),
            (np.array([[0.5], [-0.8], [0.6], [0.9]]), np.array([0.0])),
        )
    ),
)

SYMMETRIC = Preset(
    {
        "data": {"kind": "xor"},
        "net": {"hidden": [3], "activations": ["tanh"], "init": "given"},
        "training": {"learning_rate": 0.5},
    },
    Origin(first=_first((np.full((2, 3), 0.5), np.zeros(3)), (np.full((3, 1), 0.5), np.zeros(1)))),
)

TOO_FAST = Preset(
    {
        "data": {"kind": "sine"},
        "net": {"hidden": [8], "activations": ["tanh"], "loss": "squared_error"},
        "training": {"learning_rate": 2.0, "batch": None},
    },
)

PRESETS = {
    "article-one-layer": _article_one(),
    "article-two-layers": _article_two(),
    "mazur": MAZUR,
    "xor": XOR,
    "spiral": SPIRAL,
    "vanishing": VANISHING,
    "dead": DEAD,
    "symmetric": SYMMETRIC,
    "too-fast": TOO_FAST,
}
