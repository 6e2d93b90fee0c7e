"""What a fitted estimator of either kind can do, as a mixin, in scikit-learn's manner."""

from __future__ import annotations

from os import PathLike
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils.validation import check_is_fitted

from ..mlp import MLP
from . import files
from .inputs import input_names, transform_inputs

if TYPE_CHECKING:
    from ..story import Story


class FittedNetwork:
    """The network inside, its arrays, its inputs, and its file."""

    network_: MLP

    def transform_inputs(self, X: Any) -> NDArray[np.float64]:
        """Return X as the matrix (n, inputs) that `network_` takes."""
        check_is_fitted(self)
        return transform_inputs(self, X)

    @property
    def input_names_(self) -> list[str]:
        """A name for each input of `network_`, such as "age" or "city=Paris"."""
        check_is_fitted(self)
        return input_names(self)

    @property
    def coefs_(self) -> list[NDArray[Any]]:
        """The weights of each layer, (inputs, outputs): the network's own arrays."""
        return [self.network_.parameters[layer.W] for layer in self.network_.layers]

    @property
    def intercepts_(self) -> list[NDArray[Any]]:
        """The biases of each layer, (outputs,): the network's own arrays."""
        return [self.network_.parameters[layer.b] for layer in self.network_.layers]

    @property
    def n_layers_(self) -> int:
        """The number of layers, that of the inputs included."""
        return len(self.network_.sizes)

    @property
    def n_outputs_(self) -> int:
        """The number of outputs of the network."""
        return self.network_.sizes[-1]

    @property
    def out_activation_(self) -> str:
        """The activation of the last layer, by scikit-learn's name."""
        activation = self.network_.layers[-1].activation
        return {"sigmoid": "logistic"}.get(activation, activation)

    def explain(self, X: Any, y: Any, *, sample_weight: Any = None, **options: Any) -> Story:
        """Return the story of one training step of `network_` on these rows; see `MLP.explain`.

        X and y are what `fit` takes; the story shows the numbers that the network sees, under the names
        of columns and classes.
        """
        check_is_fitted(self)
        from .explaining import explain_fitted

        return explain_fitted(self, X, y, sample_weight, **options)

    def save(self, path: str | PathLike[str]) -> None:
        """Write everything that prediction needs to one safetensors file; `clearprop.load` reads it.

        Raises:
            OSError: the file cannot be written; what was there is still there.
        """
        check_is_fitted(self)
        files.save(self, path)
