"""The article's two networks, to be read beside it: forward is the formulas, backward is the chain rule.

Two losses meet here. With n samples, Y and A both of shape (n, outputs):

    printed       L = mean((Y − A)²), over all n · outputs entries; `backward` returns it
    descended on  J = Σ_samples Σ_outputs ½ (A − Y)² / n; the gradients and the update are of this one

They are the same hill in other units, L = (2 / outputs) · J: with one output the printed number is twice J.
The ½ makes the derivative plain, dA = A − Y. The 1/n enters once, with dW and db, so dA and dZ belong to
single samples, and dW = ∂J/∂W has the shape of W. Everything is computed in float64.

The numbers are the article's to the last bit. One habit differs: the update makes new arrays in place of
−=, so an array that you assigned to a parameter, or read from it, keeps its numbers. As in the article,
backward uses what the last forward pass left, so call forward before each backward.

    >>> X, Y = [[0, 0], [0, 1], [1, 0], [1, 1]], [[0], [1], [1], [0]]
    >>> net = TwoLayerMLP(2, 4, 1, seed=0)
    >>> for step in range(1000):
    ...     A = net.forward(X)
    ...     loss = net.backward(Y, learning_rate=5.0)
    >>> net.forward(X).round().ravel().tolist()
    [0.0, 1.0, 1.0, 0.0]
"""

from __future__ import annotations

from typing import Any, TypeAlias, final

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["OneLayerMLP", "TwoLayerMLP", "mean_squared_error_derivative", "sigmoid", "sigmoid_derivative"]

Array: TypeAlias = NDArray[np.floating[Any]]


def sigmoid(x: ArrayLike) -> Array:
    """Squash any number into 0 to 1; the shape stays (a scalar gives a scalar), integers become float64."""
    with np.errstate(over="ignore", under="ignore"):  # exp(1000) is inf, and 1 / (1 + inf) = 0 is right
        return 1 / (1 + np.exp(-_floats("x", x)))


def sigmoid_derivative(a: Array) -> Array:
    """The slope of the sigmoid where its value, the activation, is a = sigmoid(z); the shape stays."""
    return a * (1 - a)


def mean_squared_error_derivative(y_true: Array, y_pred: Array) -> Array:
    """How ½ (y_pred − y_true)² changes with y_pred; both of one shape, which stays."""
    return y_pred - y_true


@final
class OneLayerMLP:
    """A = sigmoid(X · weights + bias): X (n, in), weights (in, out), bias (1, out), A (n, out).

    The weights start as standard normal draws (PCG64, from `seed`), the bias as zeros. Both can be assigned.
    """

    def __init__(self, input_size: int, output_size: int, *, seed: int | None = None) -> None:
        _check_sizes(input_size=input_size, output_size=output_size)
        generator = np.random.Generator(np.random.PCG64(seed))
        self.weights: Array = generator.standard_normal((input_size, output_size))  # (in, out)
        self.bias: Array = np.zeros((1, output_size))  # (1, out)
        self._shapes = {name: getattr(self, name).shape for name in ("weights", "bias")}
        self._seed = seed

    def forward(self, X: ArrayLike) -> Array:
        """Predict: X (n, in) → A (n, out). ValueError where X or an assigned parameter does not fit."""
        self.X = _begin_forward(self, X)  # (n, in)
        self.Z = np.dot(self.X, self.weights) + self.bias  # (n, out)
        self.A = sigmoid(self.Z)  # (n, out)
        return self.A

    def backward(self, Y: ArrayLike, learning_rate: float = 0.1) -> float:
        """Step downhill on J towards Y (n, out); return L from before the step.

        The gradients stay readable as dA, dZ, dW, db. ValueError where Y or the learning rate (≥ 0) does not
        fit, RuntimeError without a forward pass. A rate of 0 only looks.
        """
        Y = _begin_backward(self, Y, learning_rate)
        m = Y.shape[0]

        self.dA = mean_squared_error_derivative(Y, self.A)  # (n, out)
        self.dZ = self.dA * sigmoid_derivative(self.A)  # (n, out)
        self.dW = np.dot(self.X.T, self.dZ) / m  # (in, out)
        self.db = np.sum(self.dZ, axis=0, keepdims=True) / m  # (1, out)

        self.weights = self.weights - learning_rate * self.dW  # (in, out)
        self.bias = self.bias - learning_rate * self.db  # (1, out)
        return float(np.mean((Y - self.A) ** 2))

    def explain(
        self, X: ArrayLike, Y: ArrayLike, *, learning_rate: float | None = None, **options: Any
    ) -> Any:
        """Show one step, every quantity with formula and numbers; the network stays. See `MLP.explain`."""
        import clearprop

        return clearprop.explain(self, X, Y, learning_rate=learning_rate, **options)


@final
class TwoLayerMLP:
    """A1 = sigmoid(X · W1 + b1), A2 = sigmoid(A1 · W2 + b2): X (n, in), A1 (n, hidden), A2 (n, out).

    W1 (in, hidden) and then W2 (hidden, out) start as standard normal draws (PCG64, from `seed`), b1 and b2
    as zeros. All four can be assigned.
    """

    def __init__(
        self, input_size: int, hidden_size: int, output_size: int, *, seed: int | None = None
    ) -> None:
        _check_sizes(input_size=input_size, hidden_size=hidden_size, output_size=output_size)
        generator = np.random.Generator(np.random.PCG64(seed))
        self.W1: Array = generator.standard_normal((input_size, hidden_size))  # (in, hidden)
        self.b1: Array = np.zeros((1, hidden_size))  # (1, hidden)
        self.W2: Array = generator.standard_normal((hidden_size, output_size))  # (hidden, out)
        self.b2: Array = np.zeros((1, output_size))  # (1, out)
        self._shapes = {name: getattr(self, name).shape for name in ("W1", "b1", "W2", "b2")}
        self._seed = seed

    def forward(self, X: ArrayLike) -> Array:
        """Predict: X (n, in) → A2 (n, out). ValueError where X or an assigned parameter does not fit."""
        self.X = _begin_forward(self, X)  # (n, in)
        self.Z1 = np.dot(self.X, self.W1) + self.b1  # (n, hidden)
        self.A1 = sigmoid(self.Z1)  # (n, hidden)
        self.Z2 = np.dot(self.A1, self.W2) + self.b2  # (n, out)
        self.A2 = sigmoid(self.Z2)  # (n, out)
        return self.A2

    def backward(self, Y: ArrayLike, learning_rate: float = 0.1) -> float:
        """Step downhill on J towards Y (n, out); return L from before the step.

        The gradients stay readable as dA2, dZ2, dW2, db2, dA1, dZ1, dW1, db1. Errors as in OneLayerMLP.
        """
        Y = _begin_backward(self, Y, learning_rate)
        m = Y.shape[0]

        # Output layer
        self.dA2 = mean_squared_error_derivative(Y, self.A2)  # (n, out)
        self.dZ2 = self.dA2 * sigmoid_derivative(self.A2)  # (n, out)
        self.dW2 = np.dot(self.A1.T, self.dZ2) / m  # (hidden, out)
        self.db2 = np.sum(self.dZ2, axis=0, keepdims=True) / m  # (1, out)

        # Hidden layer: each hidden unit is to blame in proportion to its weights W2 into the outputs
        self.dA1 = np.dot(self.dZ2, self.W2.T)  # (n, hidden)
        self.dZ1 = self.dA1 * sigmoid_derivative(self.A1)  # (n, hidden)
        self.dW1 = np.dot(self.X.T, self.dZ1) / m  # (in, hidden)
        self.db1 = np.sum(self.dZ1, axis=0, keepdims=True) / m  # (1, hidden)

        # Update: every gradient above was taken before the first weight moves
        self.W2 = self.W2 - learning_rate * self.dW2  # (hidden, out)
        self.b2 = self.b2 - learning_rate * self.db2  # (1, out)
        self.W1 = self.W1 - learning_rate * self.dW1  # (in, hidden)
        self.b1 = self.b1 - learning_rate * self.db1  # (1, hidden)
        return float(np.mean((Y - self.A2) ** 2))

    def explain(
        self, X: ArrayLike, Y: ArrayLike, *, learning_rate: float | None = None, **options: Any
    ) -> Any:
        """Show one step, every quantity with formula and numbers; the network stays. See `MLP.explain`."""
        import clearprop

        return clearprop.explain(self, X, Y, learning_rate=learning_rate, **options)


# Below: no more formulas, only checks of what a caller gives.


def _begin_forward(net: OneLayerMLP | TwoLayerMLP, X: ArrayLike) -> Array:
    """Check the parameters, which may have been assigned, and X."""
    hint = "finite numbers in the shape that the network made"
    used = [_matrix(name, getattr(net, name), *shape, hint=hint) for name, shape in net._shapes.items()]
    X = _matrix("X", X, None, used[0].shape[0], hint="one row a sample and one column an input")
    vars(net).update(zip(net._shapes, used, strict=True))
    return X


def _begin_backward(net: OneLayerMLP | TwoLayerMLP, Y: ArrayLike, learning_rate: float) -> Array:
    """Check that there was a forward pass, and that the learning rate and Y fit."""
    if not hasattr(net, "X"):
        raise RuntimeError("backward needs a forward pass: expected one before, got none; try forward(X)")
    number = isinstance(learning_rate, int | float | np.integer | np.floating)
    if not (number and 0 <= learning_rate < np.inf):
        raise _fault("learning_rate does not fit", "a finite number ≥ 0", repr(learning_rate), "0.1")
    outputs = list(net._shapes.values())[-1][1]
    hint = f"one row a sample and one column an output (for class numbers k: np.eye({outputs})[k])"
    return _matrix("Y", Y, len(net.X), outputs, hint=hint)


def _matrix(name: str, values: ArrayLike, rows: int | None, columns: int, *, hint: str) -> Array:
    """`values` as finite float64 numbers of shape (rows, columns); rows None stands for any number from 1."""
    matrix = _floats(name, values).astype(np.float64, copy=False)
    expected = f"({rows or '1 or more samples'}, {columns})"
    rows = rows or max(1, matrix.size // columns)
    if matrix.shape != (rows, columns):
        if matrix.ndim == 1 and matrix.size == rows * columns:
            hint = f"{name}.reshape(-1, {columns})"
        raise _fault(f"{name} has the wrong shape", expected, str(matrix.shape), hint)
    for row, column in np.argwhere(~np.isfinite(matrix))[:1]:
        got = f"{matrix[row, column]} at [{row}, {column}]"
        raise _fault(f"{name} is not finite", "finite numbers", got, "to replace or drop it")
    return matrix


def _floats(name: str, values: ArrayLike) -> Array:
    """`values` as floats: those stay as they are, integers become float64 (−x would wrap if unsigned)."""
    try:
        array = np.asarray(values)
    except ValueError as error:
        raise _fault(
            f"{name} is not an array", "rows of equal length", str(error), "to fill short rows"
        ) from None
    if array.dtype.kind not in "fiub":
        raise _fault(f"{name} is not numeric", "real numbers", f"dtype {array.dtype}", "floats or integers")
    return array if array.dtype.kind == "f" else array.astype(np.float64)


def _check_sizes(**sizes: int) -> None:
    for name, size in sizes.items():
        if isinstance(size, bool) or not isinstance(size, int | np.integer) or size < 1:
            hint = "the number of columns of X for input_size, of Y for output_size"
            raise _fault(f"{name} does not fit", "an integer ≥ 1", repr(size), hint)


def _fault(what: str, expected: str, got: str, hint: str) -> ValueError:
    return ValueError(f"{what}: expected {expected}, got {got}; try {hint}")
