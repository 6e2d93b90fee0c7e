"""The same numbers as PyTorch, in float64: activations, losses, and whole runs of every optimiser.

PyTorch computes its gradients by automatic differentiation, so nothing here is shared with the rules.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
import pytest
from numpy.typing import NDArray

from clearprop import MLP, SGD, Adagrad, Adam, AdamW, Loss, Momentum, Nesterov, RMSProp
from clearprop.ops import reference
from clearprop.rules import OUTPUT_ACTIVATIONS

torch = pytest.importorskip("torch")
F: Any = torch.nn.functional
torch.set_num_threads(1)

Array: TypeAlias = NDArray[Any]
TorchLoss: TypeAlias = Callable[[Any, Any], Any]  # (Z or A, targets) → the loss of each sample

STEPS, SAMPLES, BATCH = 20, 24, 6  # 5 epochs of 4 batches
SIZES = (4, 7, 5, 3)

ACTIVATIONS: dict[str, Callable[[Any], Any]] = {
    "identity": lambda Z: Z,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "relu": F.relu,
    "leaky_relu": lambda Z: F.leaky_relu(Z, 0.01),
    "elu": F.elu,
    "selu": F.selu,
    "gelu": lambda Z: F.gelu(Z, approximate="none"),
    "silu": F.silu,
    "mish": F.mish,
    "softplus": lambda Z: F.softplus(Z, threshold=1e9),
    "softmax": lambda Z: torch.softmax(Z, dim=1),
    "exp": torch.exp,
}


def tensor(array: Array) -> Any:
    return torch.tensor(np.asarray(array, np.float64))


def distance(ours: Array, theirs: Any) -> float:
    """The length of the difference, relative to the length."""
    expected = theirs.detach().numpy()
    return float(np.linalg.norm(ours - expected) / np.linalg.norm(expected))


# ---- activations


def test_every_activation_is_compared() -> None:
    assert set(ACTIVATIONS) == set(OUTPUT_ACTIVATIONS)


@pytest.mark.parametrize("name", OUTPUT_ACTIVATIONS)
@pytest.mark.parametrize("spread", [0.01, 1.0, 10.0])
def test_activations_forwards_and_backwards(name: str, spread: float) -> None:
    rng = np.random.default_rng(1)
    Z, dA = spread * rng.standard_normal((40, 5)), rng.standard_normal((40, 5))
    theirs = tensor(Z).requires_grad_()
    A = ACTIVATIONS[name](theirs)
    (dZ,) = torch.autograd.grad(A, theirs, tensor(dA))
    rule, back = getattr(reference, name), getattr(reference, f"{name}_back")
    assert distance(rule(Z), A) < 1e-14
    assert distance(back(dA, Z, rule(Z)), dZ) < 1e-14


# ---- losses: what each sample costs


def summed(loss: Callable[..., Any], **options: Any) -> TorchLoss:
    return lambda outputs, targets: loss(outputs, targets, reduction="none", **options).sum(dim=1)


def pinball(outputs: Any, targets: Any) -> Any:
    return torch.maximum(0.9 * (targets - outputs), -0.1 * (targets - outputs)).sum(dim=1)


def smoothed(outputs: Any, targets: Any) -> Any:
    return F.cross_entropy(outputs, targets, reduction="none", label_smoothing=0.1)


LOSSES: dict[str, tuple[Loss, TorchLoss]] = {
    "squared_error": (Loss("squared_error"), lambda A, Y: 0.5 * ((A - Y) ** 2).sum(dim=1)),
    "mean_squared_error": (
        Loss("mean_squared_error"),
        lambda A, Y: F.mse_loss(A, Y, reduction="none").mean(dim=1),
    ),
    "absolute_error": (Loss("absolute_error"), summed(F.l1_loss)),
    "huber": (Loss("huber", delta=0.7), summed(F.huber_loss, delta=0.7)),
    "quantile": (Loss("quantile", q=0.9), pinball),
    "poisson": (Loss("poisson"), summed(F.poisson_nll_loss, log_input=True, full=False)),
    "binary_cross_entropy": (Loss("binary_cross_entropy"), summed(F.binary_cross_entropy_with_logits)),
    "cross_entropy": (
        Loss("cross_entropy"),
        lambda Z, Y: F.cross_entropy(Z, Y, reduction="none"),
    ),
    "label smoothing": (Loss("cross_entropy", label_smoothing=0.1), smoothed),
    "class probabilities": (Loss("cross_entropy"), lambda Z, Y: F.cross_entropy(Z, Y, reduction="none")),
    "smoothed probabilities": (Loss("cross_entropy", label_smoothing=0.1), smoothed),
}


def targets_of(name: str, rng: np.random.Generator) -> Array:
    if name in ("cross_entropy", "label smoothing"):
        return rng.integers(0, SIZES[-1], SAMPLES)
    if name.endswith("probabilities"):
        return rng.dirichlet(np.ones(SIZES[-1]), SAMPLES)
    if name == "binary_cross_entropy":
        return rng.uniform(size=(SAMPLES, SIZES[-1])).round(1)  # hard and soft ones
    if name == "poisson":
        return rng.poisson(2.0, (SAMPLES, SIZES[-1])).astype(float)
    return rng.standard_normal((SAMPLES, SIZES[-1]))


class Run:
    """The same data and the same first weights for both sides, and PyTorch's training loop."""

    def __init__(self, loss: str = "squared_error", activation: str = "tanh", **options: Any) -> None:
        rng = np.random.default_rng(3)
        self.X, self.Y = rng.standard_normal((SAMPLES, SIZES[0])), targets_of(loss, rng)
        ours, self.sample_loss = LOSSES[loss]
        self.net = MLP(SIZES, activation, loss=ours, seed=5, **options)
        for name in self.net.parameters:
            if name[0] == "b":
                self.net.parameters[name] = 0.1 * rng.standard_normal(self.net.parameters[name].shape)
        self.theirs = [tensor(array).requires_grad_() for array in self.net.parameters.values()]
        self.activation = ACTIVATIONS[activation]

    def outputs(self, X: Any) -> Any:
        """Z of the last layer; that is A for all losses without an output of their own."""
        for W, b in zip(self.theirs[:-2:2], self.theirs[1:-2:2], strict=True):
            X = self.activation(X @ W + b)
        return X @ self.theirs[-2] + self.theirs[-1]

    def loss(self, rows: slice, weights: Array | None = None, l1: float = 0.0, l2: float = 0.0) -> Any:
        Y = torch.tensor(self.Y[rows])
        each = self.sample_loss(self.outputs(tensor(self.X[rows])), Y)
        shares = np.full(len(Y), 1 / len(Y)) if weights is None else weights[rows] / weights[rows].sum()
        penalty = sum(l1 * W.abs().sum() + 0.5 * l2 * (W**2).sum() for W in self.theirs[::2])
        return (tensor(shares) * each).sum() + penalty

    def train(self, optimizer: Any, clip: float | None = None, **options: Any) -> None:
        for step in range(STEPS):
            start = step * BATCH % SAMPLES
            optimizer.zero_grad()
            self.loss(slice(start, start + BATCH), **options).backward()
            if clip is not None:  # by hand, as clip_grad_norm_ adds 1e-6 to the norm
                norm = torch.sqrt(sum((p.grad**2).sum() for p in self.theirs))
                for p in self.theirs:
                    p.grad *= min(1.0, clip / float(norm))
            optimizer.step()

    def fit(self, optimizer: Any, **options: Any) -> None:
        epochs = STEPS * BATCH // SAMPLES
        self.net.fit(
            self.X, self.Y, optimizer=optimizer, epochs=epochs, batch_size=BATCH, shuffle=False, **options
        )

    def distance(self) -> float:
        return distance(self.net.parameters.vector, torch.cat([p.detach().reshape(-1) for p in self.theirs]))


@pytest.mark.parametrize("activation", ["tanh", "relu", "gelu"])
@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("weighted", [False, True])
def test_losses_and_gradients(loss: str, activation: str, weighted: bool) -> None:
    run = Run(loss, activation, l1=0.01, l2=0.02)
    weights = np.random.default_rng(4).exponential(size=SAMPLES) if weighted else None
    expected = run.loss(slice(None), weights, 0.01, 0.02)
    expected.backward()
    value, gradients = run.net.loss_and_gradient(run.X, run.Y, weights)
    assert value == pytest.approx(expected.item(), rel=1e-13)
    assert distance(gradients.vector, torch.cat([p.grad.reshape(-1) for p in run.theirs])) < 1e-13


def test_the_gradient_with_respect_to_the_inputs() -> None:
    run = Run("cross_entropy", "silu")
    X = tensor(run.X).requires_grad_()
    run.sample_loss(run.outputs(X), torch.tensor(run.Y)).mean().backward()
    assert distance(run.net.input_gradient(run.X, run.Y), X.grad) < 1e-13


# ---- optimisers: 20 steps

OPTIMIZERS: dict[str, tuple[Any, Callable[[Any], Any]]] = {
    "SGD": (SGD(0.1), lambda p: torch.optim.SGD(p, 0.1)),
    "Momentum": (Momentum(0.05, 0.8), lambda p: torch.optim.SGD(p, 0.05, momentum=0.8)),
    "Nesterov": (Nesterov(0.05, 0.8), lambda p: torch.optim.SGD(p, 0.05, momentum=0.8, nesterov=True)),
    "Adagrad": (Adagrad(0.05), lambda p: torch.optim.Adagrad(p, 0.05)),
    "RMSProp": (RMSProp(0.01), lambda p: torch.optim.RMSprop(p, 0.01)),
    "Adam": (Adam(0.01), lambda p: torch.optim.Adam(p, 0.01)),
    "AdamW": (AdamW(0.01, decay=0.1), lambda p: torch.optim.AdamW(p, 0.01, weight_decay=0.1)),
}


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize(("loss", "activation"), [("squared_error", "tanh"), ("cross_entropy", "relu")])
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_twenty_steps_of_every_optimizer(optimizer: str, loss: str, activation: str) -> None:
    run, (ours, theirs) = Run(loss, activation), OPTIMIZERS[optimizer]
    run.fit(ours)
    run.train(theirs(run.theirs))
    assert run.distance() < 1e-12


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("optimizer", ["Momentum", "Adam"])
def test_twenty_steps_on_every_loss(optimizer: str, loss: str) -> None:
    run, (ours, theirs) = Run(loss), OPTIMIZERS[optimizer]
    run.fit(ours)
    run.train(theirs(run.theirs))
    assert run.distance() < 1e-12


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize("activation", [name for name in ACTIVATIONS if name not in ("softmax", "exp")])
def test_twenty_steps_with_every_activation(activation: str) -> None:
    run, (ours, theirs) = Run("squared_error", activation), OPTIMIZERS["Momentum"]
    run.fit(ours)
    run.train(theirs(run.theirs))
    assert run.distance() < 1e-12


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize(("l1", "l2"), [(0.003, 0.0), (0.0, 0.01), (0.003, 0.01)])
@pytest.mark.parametrize("optimizer", ["SGD", "AdamW"])
def test_twenty_steps_with_penalties_and_sample_weights(optimizer: str, l1: float, l2: float) -> None:
    run, (ours, theirs) = Run("huber", l1=l1, l2=l2), OPTIMIZERS[optimizer]
    weights = np.random.default_rng(6).exponential(size=SAMPLES)
    run.fit(ours, sample_weight=weights)
    run.train(theirs(run.theirs), weights=weights, l1=l1, l2=l2)
    assert run.distance() < 1e-12


@pytest.mark.usefixtures("engine")
def test_l2_is_adams_weight_decay_in_pytorch() -> None:
    run = Run(l2=0.05)
    run.fit(Adam(0.01))
    groups = [{"params": run.theirs[::2], "weight_decay": 0.05}, {"params": run.theirs[1::2]}]
    run.train(torch.optim.Adam(groups, 0.01))
    assert run.distance() < 1e-12


@pytest.mark.usefixtures("engine")
def test_twenty_steps_with_a_clipped_gradient() -> None:
    run, (ours, theirs) = Run(), OPTIMIZERS["Momentum"]
    run.fit(ours, clip_norm=0.3)
    assert min(run.net.history.gradient_norm) > 0.3  # it was clipped
    run.train(theirs(run.theirs), clip=0.3)
    assert run.distance() < 1e-12


def test_one_clipped_gradient_is_that_of_clip_grad_norm() -> None:
    run = Run()
    run.loss(slice(None)).backward()
    norm = float(torch.nn.utils.clip_grad_norm_(run.theirs, 0.3))
    _, gradients = run.net.loss_and_gradient(run.X, run.Y)
    clipped = reference.clip_by_norm(gradients.vector, 0.3)
    assert np.linalg.norm(clipped) == pytest.approx(0.3, rel=1e-14)
    theirs = torch.cat([p.grad.reshape(-1) for p in run.theirs])
    assert distance(clipped * norm / (norm + 1e-6), theirs) < 1e-14  # its 1e-6, put back


@pytest.mark.usefixtures("engine")
def test_a_frozen_layer_is_one_without_gradient() -> None:
    run = Run()
    run.fit(AdamW(0.01, decay=0.1), freeze=["W1", "b1"])
    run.train(torch.optim.AdamW(run.theirs[2:], 0.01, weight_decay=0.1))
    assert run.distance() < 1e-12


@pytest.mark.usefixtures("engine")
def test_rate_factors_are_parameter_groups() -> None:
    run = Run()
    run.fit(Adam(0.01), rate_factors={"W1": 0.1, "b3": 3.0})
    W1, b1, W2, b2, W3, b3 = run.theirs
    groups = [{"params": [b1, W2, b2, W3]}, {"params": [W1], "lr": 0.001}, {"params": [b3], "lr": 0.03}]
    run.train(torch.optim.Adam(groups, 0.01))
    assert run.distance() < 1e-12


@pytest.mark.usefixtures("engine")
def test_another_learning_rate_is_seen() -> None:
    run = Run()
    run.fit(Adam(0.01))
    run.train(torch.optim.Adam(run.theirs, 0.01000001))
    assert run.distance() > 1e-9
