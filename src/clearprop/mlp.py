"""`MLP`: the network that people use. `Network` computes, and the floors below do the rest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from os import PathLike
from typing import TYPE_CHECKING, Any

from numpy.typing import ArrayLike

from . import training
from .callbacks import Callback
from .formats import model
from .history import History
from .network import Network
from .optimizers import LBFGS, Optimizer

if TYPE_CHECKING:
    from .story import Story


class MLP(Network):
    """A multi-layer perceptron of any depth.

    Args:
        sizes: the number of inputs, of the units of each hidden layer, and of outputs: [4, 16, 3].
        activation: one for all hidden layers, or a list with one for each: identity, sigmoid, tanh,
            relu, leaky_relu, elu, selu, gelu, silu, mish or softplus.
        output: the activation of the last layer: one of the above, softmax or exp; "auto" takes the
            natural one of the loss.
        loss: a name or `Loss(name, option=value)`: squared_error (½·Σ over the outputs, mean over
            the samples), mean_squared_error (mean over the outputs too), absolute_error, huber
            (delta), quantile (q), poisson, binary_cross_entropy, cross_entropy (label_smoothing).
        l1: the penalty l1·Σ|W| on all weights; biases are not penalised.
        l2: the penalty l2/2·ΣW² on all weights.
        dropout: the probability for a hidden unit to be silenced in training: one, or a list.
        seed: fixes the first weights, and shuffling and dropout of `fit`; the generator is PCG64.
        dtype: "float64" or "float32".
        init: auto (by activation), standard_normal, glorot_normal, glorot_uniform, he_normal,
            he_uniform, lecun_normal, lecun_uniform, orthogonal, or arrays by name.

    Raises:
        InputError: an argument that cannot be.

    >>> net = MLP([2, 3, 1], activation="tanh", loss="binary_cross_entropy", seed=0)
    >>> net
    <MLP 2-3-1, tanh → sigmoid, binary_cross_entropy, 13 parameters, float64>
    >>> history = net.fit([[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0], optimizer="lbfgs", epochs=100)
    >>> net.predict([[0, 0], [0, 1], [1, 0], [1, 1]]).tolist()
    [0, 1, 1, 0]
    """

    def fit(
        self,
        X: ArrayLike,
        Y: ArrayLike,
        *,
        optimizer: str | Optimizer | LBFGS | None = None,
        epochs: int = 100,
        batch_size: int | None = 32,
        shuffle: bool = True,
        validation: Any = None,
        sample_weight: ArrayLike | None = None,
        callbacks: Sequence[Callback] = (),
        seed: int | None = None,
        update: str = "simultaneous",
        freeze: Sequence[str] = (),
        rate_factors: Mapping[str, float] | None = None,
        clip_norm: float | None = None,
        metric: str | None = "auto",
        progress: bool | str = "auto",
        engine: str = "auto",
        n_threads: int | None = None,
    ) -> History:
        """Train the network, and return the record of it.

        A further fit goes on where the last one ended: the epochs are counted on, and the same
        optimiser keeps its memory, so ten fits of one epoch are the same bits as one of ten (but with
        the schedules Cosine, OneCycle and ReduceOnPlateau, whose course is that of one fit).
        `initialize()` starts anew. Ctrl-C ends training after the step under way.

        Args:
            X: inputs (n, in).
            Y: targets (n, out); (n,) for one output, or for the class numbers of cross_entropy.
            optimizer: an object such as Adam(0.001), a name, or None for Adam().
            epochs: how often training goes through the data.
            batch_size: samples a step; None takes all at once.
            shuffle: whether each epoch has an order of its own, from the seed.
            validation: (Xv, Yv), (Xv, Yv, weights), a fraction of the data to hold out, or None.
            sample_weight: (n,); each batch's loss is the weighted mean over its samples.
            callbacks: called with (network, history) after each epoch, such as EarlyStopping();
                training ends where one returns True.
            seed: of shuffling, dropout and the validation fraction; None takes the network's seed,
                and a fresh one, recorded in `history.seed`, where that is None too.
            update: "simultaneous", or "sequential": the output layer first, the hidden error then
                passes back through the new weights.
            freeze: names of parameters that keep their values, such as ["b1", "b2"].
            rate_factors: factors on the learning rate by name of parameter, such as {"W1": 0.1}.
            clip_norm: the length beyond which the gradient is shortened.
            metric: "auto" records accuracy or R² each epoch, None spares the time.
            progress: whether to show a bar; "auto" shows it to a person at a terminal.
            engine: "native" (compiled), "numpy" (the rules as they stand), or "auto": native where it is.
            n_threads: of the native engine; None chooses by the sizes. It never changes a bit of the result.

        Raises:
            InputError: an argument or array that does not fit.
            DivergedError: a number that is not finite; names step and layer, and the weights are
                back at the last good ones.
        """
        options = {
            name: value for name, value in locals().items() if name not in ("self", "X", "Y", "__class__")
        }
        return training.fit(self, X, Y, **options)

    def explain(
        self,
        X: ArrayLike,
        Y: ArrayLike,
        *,
        optimizer: str | Optimizer | None = None,
        learning_rate: float | None = None,
        sample_weight: ArrayLike | None = None,
        update: str = "simultaneous",
        freeze: Sequence[str] = (),
        input_names: Sequence[object] | None = None,
        output_names: Sequence[object] | None = None,
    ) -> Story:
        """Return the story of one training step on all of X at once, and leave the network as it is.

        The step is one that `fit` makes when its batch holds all samples: with the same bits by
        engine="numpy", up to rounding by the compiled engine. Dropout is left out. The story holds
        every quantity with its formula, its operands, its shape and its value.

        Args:
            X: inputs (n, in).
            Y: targets, as for `fit`.
            optimizer: an object, or a name; None is plain gradient descent. One that the last `fit`
                used remembers what it remembered there.
            learning_rate: that of the optimiser; None takes the optimiser's own, 0.1 for gradient descent.
            sample_weight: (n,); the loss is the weighted mean over the samples. Those of weight 0 are
                shown too, where `fit` leaves them out; the sums may differ in the last bit.
            update: "simultaneous" or "sequential", as for `fit`.
            freeze: names of parameters that keep their values.
            input_names: what the columns of X are called.
            output_names: what the outputs are called.

        Raises:
            InputError: an argument or array that does not fit.
            DivergedError: the step meets a number that is not finite.

        >>> story = MLP([2, 2, 1], "sigmoid", seed=0).explain([[0.0, 1.0]], [1.0])
        >>> [step.name for step in story.phase("backward")]
        ['dA2', 'dZ2', 'dW2', 'db2', 'dA1', 'dZ1', 'dW1', 'db1']
        >>> story["dW1"].code
        'dW1 = X.T @ dZ1'
        """
        options = {name: value for name, value in locals().items() if name not in ("self", "X", "Y")}
        from .story import explain

        return explain(self, X, Y, **options)

    def play(
        self,
        X: ArrayLike | None = None,
        Y: ArrayLike | None = None,
        *,
        port: int | None = None,
        browser: bool = True,
    ) -> Any:
        """Open a page in the browser, on which a copy of the network can be stepped through and trained.

        Needs the extra `clearprop[page]`; see `clearprop.play`.

        Raises:
            InputError: a network or data that the page has no room for, or a port that is taken.
            MissingExtraError: Starlette or uvicorn is not installed.
        """
        import clearprop

        return clearprop.play(self, X, Y, port=port, browser=browser)

    def __getattr__(self, name: str) -> Any:
        hint = f'; try net.parameters["{name}"]' if name in self.__dict__.get("_parameters", ()) else ""
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}{hint}")

    def __setattr__(self, name: str, value: Any) -> None:
        if name in self.__dict__.get("_parameters", ()):
            getattr(self, name)  # raises the error that says where the parameters are
        super().__setattr__(name, value)

    def save(self, path: str | PathLike[str], *, training: bool = False) -> None:
        """Write the network to one safetensors file, whole or not at all; `clearprop.load` reads it.

        Args:
            path: the file; an existing one is replaced.
            training: whether to keep the optimiser's memory too, so that training can go on to the bit.

        Raises:
            OSError: the file cannot be written; what was there is still there.
        """
        model.save(self, path, training=training)
