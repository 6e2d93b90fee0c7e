"""Backpropagation as learners write it, right and with a planted mistake, on random networks.

Written by hand in NumPy, with none of the package's rules: what the checker is measured on.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Result = dict[str, Any]


def logistic(z: Array) -> Array:
    return 1.0 / (1.0 + np.exp(-z))


# an activation → its function, its slope written for Z, and its slope written for A
ACTIVATIONS: dict[str, tuple[Callable[[Array], Array], ...]] = {
    "sigmoid": (logistic, lambda z: logistic(z) * (1 - logistic(z)), lambda a: a * (1 - a)),
    "tanh": (np.tanh, lambda z: 1 / np.cosh(z) ** 2, lambda a: 1 - a**2),
    "relu": (lambda z: z * (z > 0), lambda z: (z > 0) * 1.0, lambda a: (a > 0) * 1.0),
    "softplus": (lambda z: np.log1p(np.exp(z)), logistic, lambda a: 1 - np.exp(-a)),
    "identity": (lambda z: z, np.ones_like, np.ones_like),
}


@dataclass(frozen=True)
class Case:
    """A network, its data, and where in it a mistake is planted."""

    sizes: tuple[int, ...]
    hidden: tuple[str, ...]
    output: str
    loss: str
    l1: float
    l2: float
    X: Array
    Y: Array
    W: tuple[Array, ...]
    b: tuple[Array, ...]
    layers: frozenset[int]  # where the mistake is, counted from 1
    article: bool  # deltas of each sample, and the 1/n in dW and db
    rate: float

    @property
    def n(self) -> int:
        return len(self.X)

    @property
    def depth(self) -> int:
        return len(self.W)


def softmax(z: Array) -> Array:
    powers = np.exp(z)
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def output_delta(case: Case, Z: Array, A: Array, mistake: str) -> tuple[Array | None, Array]:
    """dA (None where the loss goes from A to dZ at once) and dZ of one sample each, without the 1/n."""
    Y = 0.0 * case.Y if mistake == "target_missing" else case.Y
    error = A - Y
    factor = {
        "factor_two": 2.0,
        "factor_half": 0.5,
        "sign": -1.0,
        "sum_for_mean": case.n,
        "mean_twice": 1 / case.n,
    }.get(mistake, 1.0)
    if case.loss == "mean_squared_error":
        factor *= 2.0 if mistake == "factor_outputs" else 2.0 / case.sizes[-1]
    elif mistake == "factor_outputs":
        factor /= case.sizes[-1]
    if case.loss in ("binary_cross_entropy", "cross_entropy"):
        twice = mistake == "activation_derivative_twice" and case.depth in case.layers
        return None, factor * error * (A * (1 - A) if twice else 1.0)
    return factor * error, factor * error * slope(case, case.depth, factor * error, Z, A, mistake)


def slope(case: Case, layer: int, dA: Array, Z: Array, A: Array, mistake: str) -> Array:
    name = (*case.hidden, case.output)[layer - 1]
    _, of_z, of_a = ACTIVATIONS[name]
    if layer not in case.layers:
        return of_z(Z)
    match mistake:
        case "missing_activation_derivative":
            return np.ones_like(Z)
        case "activation_derivative_twice":
            return of_z(Z) ** 2
        case "derivative_of_z":
            return of_a(Z)
        case "derivative_of_a":
            return of_z(A)
        case "another_activation":
            return ACTIVATIONS["tanh" if name == "sigmoid" else "sigmoid"][1](Z)
        case "mask_of_gradient":
            return (dA > 0) * 1.0
        case _:
            return of_z(Z)


def backprop(case: Case, mistake: str = "") -> Result:
    """All quantities of one pass, by name."""
    q: Result = {}
    inputs, A = [], case.X
    for k in range(1, case.depth + 1):
        inputs.append(A)
        Z = A @ case.W[k - 1] + (0.0 if mistake == "bias_missing_forward" else case.b[k - 1])
        name = (*case.hidden, case.output)[k - 1]
        A = softmax(Z) if name == "softmax" else ACTIVATIONS[name][0](Z)
        q |= {f"Z{k}": Z, f"A{k}": A}
    dA, dZ = output_delta(case, q[f"Z{case.depth}"], A, mistake)
    share = 1.0 if case.article else 1.0 / case.n
    q |= {} if dA is None else {f"dA{case.depth}": dA * share}
    dZ = dZ * share
    for k in range(case.depth, 0, -1):
        dW, db = gradients(case, k, inputs[k - 1], dZ, q, mistake)
        q |= {f"dZ{k}": dZ, f"dW{k}": dW, f"db{k}": db}
        if k > 1:
            W = case.W[k - 1]
            if mistake == "updated_weights":
                W = W - case.rate * dW
            turned = mistake == "transposed_weights" and k in case.layers
            dA = dZ @ (W if turned else W.T)
            q[f"dA{k - 1}"] = dA
            dZ = dA * slope(case, k - 1, dA, q[f"Z{k - 1}"], q[f"A{k - 1}"], mistake)
    return swapped(case, q) if mistake == "layers_swapped" else q


def gradients(case: Case, k: int, X: Array, dZ: Array, q: Result, mistake: str) -> tuple[Array, Array]:
    here = mistake if k in case.layers else ""
    share = 1.0 / case.n if case.article else 1.0
    if here == "pre_activation_as_input" and k > 1:
        X = q[f"Z{k - 1}"]
    if here == "single_sample":  # a loop that forgets its +=
        X, dZ = X[-1:], dZ[-1:]
    dW = X.T @ dZ * share
    match here:
        case "bias_gradient_missing":
            db = np.zeros(dZ.shape[1])
        case "bias_not_summed":
            db = dZ * (1.0 if case.article else case.n)
        case _:
            db = dZ.sum(axis=0) * share
    W, b = case.W[k - 1], case.b[k - 1]
    strength = 0.0 if here == "penalty_missing" else 2.0 if here == "penalty_scaled" else 1.0
    dW = dW + strength * (case.l2 * W + case.l1 * np.sign(W))
    if here == "bias_penalised":
        db = db + case.l2 * b + case.l1 * np.sign(b)
    return dW, db


def swapped(case: Case, q: Result) -> Result:
    """The gradients filed under the numbers of the layers counted from the output."""
    names = [f"d{letter}{k}" for k in range(1, case.depth + 1) for letter in "Wb"]
    return q | {name: q[f"{name[:2]}{case.depth + 1 - int(name[2:])}"] for name in names}


def gradients_only(case: Case, q: Result) -> Result:
    return {name: q[name] for k in range(1, case.depth + 1) for name in (f"dW{k}", f"db{k}")}


def step_before(case: Case) -> tuple[Case, Result]:
    """The network after one plain step, and the gradients of that step."""
    first = gradients_only(case, backprop(case))
    W = tuple(W - case.rate * first[f"dW{k}"] for k, W in enumerate(case.W, 1))
    b = tuple(b - case.rate * first[f"db{k}"] for k, b in enumerate(case.b, 1))
    return Case(**(vars(case) | {"W": W, "b": b})), first


# ---- random networks

NEEDS_DEPTH = {
    "transposed_weights",
    "updated_weights",
    "layers_swapped",
    "pre_activation_as_input",
    "mask_of_gradient",
}
NEEDS_PENALTY = {"bias_penalised", "penalty_missing", "penalty_scaled"}
NEEDS_CURVE = {
    "missing_activation_derivative",
    "activation_derivative_twice",
    "derivative_of_z",
    "derivative_of_a",
    "another_activation",
}
MISTAKES = (
    *sorted(NEEDS_CURVE),
    *sorted(NEEDS_DEPTH),
    *sorted(NEEDS_PENALTY),
    "sum_for_mean",
    "mean_twice",
    "factor_two",
    "factor_half",
    "factor_outputs",
    "sign",
    "bias_gradient_missing",
    "bias_not_summed",
    "accumulated_gradients",
    "single_sample",
    "target_missing",
    "bias_missing_forward",
)
LOSSES = {
    "squared_error": ("identity", "sigmoid", "tanh"),
    "mean_squared_error": ("identity", "sigmoid"),
    "binary_cross_entropy": ("sigmoid",),
    "cross_entropy": ("softmax",),
}


def random_case(rng: np.random.Generator, mistake: str = "") -> Case:
    """A network and data in which the mistake makes a difference."""
    depth = int(rng.integers(2 if mistake in NEEDS_DEPTH else 1, 5))
    loss = str(rng.choice(list(LOSSES)))
    if mistake == "factor_outputs":
        loss = str(rng.choice(["squared_error", "mean_squared_error"]))
    output = str(rng.choice(LOSSES[loss]))
    hidden = tuple(str(name) for name in rng.choice(_activations_for(mistake), depth - 1))
    outputs = int(rng.integers(3 if mistake == "factor_outputs" else 2 if loss == "cross_entropy" else 1, 5))
    n = int(rng.choice([n for n in range(3, 13) if n != outputs]))
    sizes = (int(rng.integers(1, 5)), *(int(k) for k in rng.integers(2, 6, depth - 1)), outputs)
    if mistake == "transposed_weights":
        sizes = (sizes[0], *[sizes[1]] * (depth - 1), sizes[1])
    if mistake == "layers_swapped":
        sizes = (sizes[1],) * (depth + 1)
    layers = _layers_for(rng, mistake, depth, hidden, output, loss)
    if not layers:
        return random_case(rng, mistake)
    penalised = mistake in NEEDS_PENALTY or rng.random() < 0.3
    Y = rng.normal(size=(n, sizes[-1]))
    if loss == "binary_cross_entropy":
        Y = rng.integers(0, 2, Y.shape).astype(float)
    if loss == "cross_entropy":
        Y = np.eye(sizes[-1])[rng.integers(0, sizes[-1], n)]
    pairs = list(itertools.pairwise(sizes))
    return Case(
        sizes=sizes,
        hidden=hidden,
        output=output,
        loss=loss,
        l1=float(penalised and rng.random() < 0.3) * 0.07,
        l2=float(penalised) * float(rng.uniform(0.05, 0.5)),
        X=rng.normal(size=(n, sizes[0])),
        Y=Y,
        W=tuple(rng.normal(size=pair) / np.sqrt(pair[0]) for pair in pairs),
        b=tuple(rng.normal(size=size) * 0.5 for size in sizes[1:]),
        layers=layers,
        article=bool(rng.random() < 0.5),
        rate=float(rng.uniform(0.05, 0.5)),
    )


def planted(rng: np.random.Generator, mistake: str) -> tuple[Case, Result, dict[str, float]]:
    """A network with the mistake, what it computes, and what the check is told.

    Where all units concerned are silent, a mistake changes nothing, and another network is drawn.
    """
    while True:
        case, options = random_case(rng, mistake), {}
        if mistake == "accumulated_gradients":
            case, first = step_before(case)
            result, options = backprop(case), {"learning_rate": case.rate}
            result |= {name: result[name] + gradient for name, gradient in first.items()}
        else:
            result = backprop(case, mistake)
        right, wrong = gradients_only(case, backprop(case)), gradients_only(case, result)
        if not all(_alike(wrong[name], right[name]) for name in right):
            return case, result, options


def _alike(wrong: Array, right: Array) -> bool:
    return wrong.shape == right.shape and np.allclose(wrong, right, rtol=1e-3, atol=1e-9)


def _activations_for(mistake: str) -> list[str]:
    if mistake == "mask_of_gradient":
        return ["relu"]
    if mistake in ("derivative_of_z", "derivative_of_a"):  # the slope of a relu is the same for both
        return ["sigmoid", "tanh", "softplus"][: 2 if mistake == "derivative_of_z" else 3]
    return ["sigmoid", "tanh", "relu", "softplus"]


def _layers_for(
    rng: np.random.Generator, mistake: str, depth: int, hidden: tuple[str, ...], output: str, loss: str
) -> frozenset[int]:
    """All layers, the hidden ones, the output layer or any one: those in which the mistake can be."""
    able = set(range(1, depth + 1))
    fused = loss in ("binary_cross_entropy", "cross_entropy")
    if mistake in NEEDS_CURVE:
        if output == "identity" or (fused and mistake != "activation_derivative_twice"):
            able.discard(depth)
        able = {
            k
            for k in able
            if not (k < depth and hidden[k - 1] == "relu" and mistake == "activation_derivative_twice")
        }
    if mistake == "mask_of_gradient":
        able.discard(depth)
    if mistake in ("transposed_weights", "pre_activation_as_input"):
        able.discard(1)
    choices = [able, able - {depth}, able & {depth}, {int(rng.choice(sorted(able)))} if able else set()]
    choices = [each for each in choices if each]
    return frozenset(choices[int(rng.integers(len(choices)))]) if choices else frozenset()
