"""The network: what an MLP computes. How it is trained, saved and shown stands on the floors above."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike

from . import passes
from .arrays import as_inputs, as_targets, as_weights, shares
from .checks import check_name, check_number, check_whole
from .compiled import Outputs
from .errors import InputError
from .layers import Layer, build_layers, shapes_of
from .loss import Loss
from .ops import Ops, reference
from .parameters import Windows
from .rules.array import Array
from .rules.initializers import INITIALIZERS, natural_initializer

Init = str | Mapping[str, ArrayLike]


class Network:
    """A multi-layer perceptron as mathematics: parameters, outputs, loss and gradients.

    The parameters of all layers are windows into one vector θ, named W1, b1, W2, b2, …;
    W has shape (inputs, outputs), X has shape (samples, inputs).
    """

    epochs: int  # how many the network has been trained for, over all fits
    memory: Any  # what the last fit's optimiser remembers, so that training can go on
    history: Any  # the record of the last fit
    init: str  # the name of the initialiser, or "given"

    def __init__(
        self,
        sizes: Sequence[int],
        activation: str | Sequence[str] = "relu",
        output: str = "auto",
        loss: str | Loss = "squared_error",
        *,
        l1: float = 0.0,
        l2: float = 0.0,
        dropout: float | Sequence[float] = 0.0,
        seed: int | None = None,
        dtype: str = "float64",
        init: Init = "auto",
    ) -> None:
        self._configure(sizes, activation, output, loss, l1, l2, dropout, seed, dtype)
        self.initialize(init)

    def _configure(
        self,
        sizes: Sequence[int],
        activation: str | Sequence[str],
        output: str,
        loss: str | Loss,
        l1: float,
        l2: float,
        dropout: float | Sequence[float],
        seed: int | None,
        dtype: str,
    ) -> None:
        """Check everything and lay out the parameters, all zero."""
        self.loss_function = loss if isinstance(loss, Loss) else Loss(loss)
        output = self.loss_function.natural_output if output == "auto" else output
        self.layers = build_layers(sizes, activation, output, dropout)
        self.loss_function.check_output(output, self.layers[-1].outputs)
        self.l1, self.l2 = check_number("l1", l1, at_least=0), check_number("l2", l2, at_least=0)
        self.seed = None if seed is None else check_whole("seed", seed, at_least=0)
        name = dtype if isinstance(dtype, str) else getattr(dtype, "__name__", str(dtype))  # np.float32 too
        self.dtype = np.dtype(check_name("dtype", name, ("float64", "float32")))
        shapes = shapes_of(self.layers)
        self._parameters = Windows(shapes, np.zeros(sum(map(math.prod, shapes.values())), self.dtype))
        self._gradient_shapes = {f"d{name}": shape for name, shape in shapes.items()}
        self.epochs, self.memory, self.history = 0, None, None
        self._outputs = Outputs(self.sizes, [layer.activation for layer in self.layers])

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Self:
        """Return a network as `config` describes it, all of its parameters zero.

        Raises:
            InputError: a description that cannot be.
        """
        settings = dict(config)
        init = settings.pop("init")
        if init not in ("auto", "given", *INITIALIZERS):
            raise InputError("unknown init", got=repr(init))
        net = cls.__new__(cls)
        net._configure(**{**settings, "loss": Loss(**settings["loss"])})
        net.init = init
        return net

    def initialize(self, init: Init | None = None) -> None:
        """Set all parameters to their first values, drawn anew from the seed (PCG64); forget all training.

        Args:
            init: the name of an initialiser; "auto" chooses by activation; a mapping gives arrays
                by name, and what it does not name is drawn as under "auto". Biases start at zero.
                None takes the name that the network was made with; given arrays are not kept.
        """
        init = self.init if init is None else init
        if not isinstance(init, Mapping) and init not in ("auto", *INITIALIZERS):
            check_name("init", init, ("auto", *INITIALIZERS), also=", or arrays by name")
        self.init, given = (init, {}) if isinstance(init, str) else ("given", init)
        rng = np.random.Generator(np.random.PCG64(self.seed))
        for layer in self.layers:
            named = natural_initializer(layer.activation) if self.init in ("auto", "given") else self.init
            self._parameters[layer.W] = INITIALIZERS[named](rng, layer.inputs, layer.outputs)
            self._parameters[layer.b] = np.zeros(layer.outputs)
        for name, array in given.items():
            self._parameters[name] = array
        self.epochs, self.memory, self.history = 0, None, None

    @property
    def parameters(self) -> Windows:
        """All parameters by name, as windows into the vector `parameters.vector`; assignable."""
        return self._parameters

    @parameters.setter
    def parameters(self, values: Mapping[str, ArrayLike]) -> None:
        if set(values) != set(self._parameters):
            raise InputError(
                "parameters do not fit", expected=", ".join(self._parameters), got=", ".join(values) or "none"
            )
        self._parameters.assign(values)

    @property
    def sizes(self) -> tuple[int, ...]:
        """The number of inputs, then the number of outputs of each layer."""
        return (self.layers[0].inputs, *(layer.outputs for layer in self.layers))

    @property
    def config(self) -> dict[str, Any]:
        """Everything but the numbers, as the arguments of the constructor, ready for JSON."""
        return {
            "sizes": list(self.sizes),
            "activation": [layer.activation for layer in self.layers[:-1]],
            "output": self.layers[-1].activation,
            "loss": {"name": self.loss_function.name, **self.loss_function.options},
            "l1": self.l1,
            "l2": self.l2,
            "dropout": [layer.dropout for layer in self.layers[:-1]],
            "seed": self.seed,
            "dtype": str(self.dtype),
            "init": self.init,
        }

    def forward(self, X: ArrayLike) -> Array:
        """Return the outputs (n, out) for inputs X (n, in).

        Raises:
            InputError: X of another shape, or with numbers that are not finite.
        """
        outputs = self._outputs.at(self._parameters.vector)
        A = None if outputs is None else outputs(X)
        return self.last_layer(as_inputs(X, self.layers[0].inputs, self.dtype))[1] if A is None else A

    def scores(self, X: ArrayLike) -> Array:
        """Return Z (n, out) of the last layer for inputs X (n, in): the outputs before their activation.

        Raises:
            InputError: X of another shape, or with numbers that are not finite.
        """
        return self.last_layer(as_inputs(X, self.sizes[0], self.dtype))[0]

    def predict(self, X: ArrayLike) -> Array:
        """Return the answers for inputs X (n, in), in the form of targets.

        That is the most probable class (n,) under cross_entropy, 0 or 1 under binary_cross_entropy
        and the outputs themselves under all other losses; (n,) where the network has one output.

        Raises:
            InputError: X of another shape, or with numbers that are not finite.
        """
        return self.answers(self.forward(X))

    def answers(self, outputs: Array) -> Array:
        """Return the answers that outputs (n, out) stand for; see `predict`."""
        if self.loss_function.targets == "class":
            return np.asarray(outputs.argmax(axis=1))
        answers = (outputs > 0.5).astype(np.int64) if self.loss_function.targets == "probability" else outputs
        return answers[:, 0] if answers.shape[1] == 1 else answers

    def loss(self, X: ArrayLike, Y: ArrayLike, sample_weight: ArrayLike | None = None) -> float:
        """Return the number that training descends on: data loss plus penalty, without dropout.

        Raises:
            InputError: arrays that do not fit.
        """
        return sum(self.loss_parts(X, Y, sample_weight))

    def loss_parts(
        self, X: ArrayLike, Y: ArrayLike, sample_weight: ArrayLike | None = None
    ) -> tuple[float, float]:
        """Return (data loss, penalty), whose sum is `loss`.

        Raises:
            InputError: arrays that do not fit.
        """
        inputs, T, w = self._batch(X, Y, sample_weight)
        return float(passes.loss_of(reference, self.loss_function, self._seen(inputs), T, w)), self.penalty()

    def penalty(self) -> float:
        """Return l1·Σ|W| + l2/2·ΣW², over all weights and no bias."""
        return float(passes.penalty_of(reference, self.layers, self._parameters, self.l1, self.l2))

    def loss_and_gradient(
        self, X: ArrayLike, Y: ArrayLike, sample_weight: ArrayLike | None = None
    ) -> tuple[float, Windows]:
        """Return the loss (data loss plus penalty) and its gradients by name: dW1, db1, …

        Dropout is not applied: these are the gradients of what `loss` returns. The gradients are
        windows into one vector, `gradients.vector`, in the order of the parameters.

        Args:
            X: inputs (n, in).
            Y: targets (n, out); (n,) for one output, or for the class numbers of cross_entropy.
            sample_weight: (n,); the loss is the weighted mean over the samples.

        Raises:
            InputError: arrays that do not fit.
        """
        inputs, T, w = self._batch(X, Y, sample_weight)
        gradients = self.new_gradients()
        data_loss, penalty = self.differentiate(inputs, T, w, gradients)
        return data_loss + penalty, gradients

    def input_gradient(self, X: ArrayLike, Y: ArrayLike, sample_weight: ArrayLike | None = None) -> Array:
        """Return dX (n, in): how the loss changes with each input.

        Raises:
            InputError: arrays that do not fit.
        """
        inputs, T, w = self._batch(X, Y, sample_weight)
        *_, (first, dZ) = self.backward(self._seen(inputs), T, w, self.new_gradients())
        return reference.dense_back_input(dZ, self._parameters[first.W])  # type: ignore[no-any-return]

    def differentiate(
        self,
        X: Array,
        T: Array,
        w: Array | float,
        gradients: Windows,
        masks: passes.Masks | None = None,
        ops: Ops = reference,
    ) -> tuple[float, float]:
        """Write the gradients for checked arrays; return (data loss, penalty)."""
        seen = passes.forward(ops, self.layers, self._parameters, X, masks or {})
        L = passes.loss_of(ops, self.loss_function, seen, T, w)
        P = passes.penalty_of(ops, self.layers, self._parameters, self.l1, self.l2)
        for _ in self.backward(seen, T, w, gradients, masks, ops):
            pass
        return float(L), float(P)

    def backward(
        self,
        seen: Sequence[passes.Seen],
        T: Array,
        w: Array | float,
        gradients: Windows,
        masks: passes.Masks | None = None,
        ops: Ops = reference,
    ) -> Iterator[tuple[Layer, Array]]:
        """Go back through the layers that a forward pass has `seen`, one layer an iteration."""
        dZ = self.loss_function.back(ops, self.layers[-1].activation, *seen[-1][1:], T, w)
        return passes.backward(
            ops, self.layers, self._parameters, seen, dZ, masks or {}, gradients, self.l1, self.l2
        )

    def new_gradients(self) -> Windows:
        """Return zeros for all gradients, as windows into one vector: dW1, db1, …"""
        return Windows(self._gradient_shapes, np.zeros_like(self._parameters.vector))

    def last_layer(self, X: Array, engine: str = "native") -> tuple[Array, Array]:
        """Return Z and A (n, out) of the last layer for checked inputs X (n, in)."""
        outputs = self._outputs.at(self._parameters.vector) if engine == "native" else None
        return self._seen(X)[-1][1:] if outputs is None else outputs.both(X)

    def _seen(self, X: Array) -> list[passes.Seen]:
        return passes.forward(reference, self.layers, self._parameters, X, {})

    def _batch(
        self, X: ArrayLike, Y: ArrayLike, sample_weight: ArrayLike | None
    ) -> tuple[Array, Array, Array | float]:
        inputs = as_inputs(X, self.sizes[0], self.dtype)
        n = len(inputs)
        weights = None if sample_weight is None else as_weights(sample_weight, n, self.dtype)
        return inputs, as_targets(self.loss_function, Y, n, self.sizes[-1], self.dtype), shares(weights, n)

    def __repr__(self) -> str:
        hidden = ", ".join(dict.fromkeys(layer.activation for layer in self.layers[:-1])) or "no hidden layer"
        name = f"{type(self).__name__} {'-'.join(map(str, self.sizes))}"
        output, size = self.layers[-1].activation, self._parameters.vector.size
        return f"<{name}, {hidden} → {output}, {self.loss_function.name}, {size} parameters, {self.dtype}>"
