"""Models of any kind: `load` them from a file, `explain` a training step of theirs."""

from __future__ import annotations

from os import PathLike
from typing import TYPE_CHECKING, Any

from . import classic
from .errors import InputError
from .formats import model
from .formats.safetensors import refusal
from .mlp import MLP

if TYPE_CHECKING:
    from .story import Story


def load(path: str | PathLike[str]) -> Any:
    """Return what was saved to the file: an `MLP`, an `MLPClassifier` or an `MLPRegressor`.

    Opening a file never runs code from it and takes little more memory than its size.

    Raises:
        ModelFileError: the file is damaged, foreign or not to be trusted.
        MissingExtraError: it holds an estimator, and scikit-learn is not installed.
        OSError: it cannot be opened or read.
    """
    net, wrapping = model.load(path, MLP)
    if wrapping.kind == "network":
        if wrapping.extra or wrapping.arrays:
            raise refusal(path, "a bare network has nothing around it")
        return net
    if wrapping.kind not in ("classifier", "regressor"):
        raise refusal(path, "it holds an unknown kind of model", got=repr(wrapping.kind))
    from .estimators.loading import unwrap

    with model.distrust(path):
        return unwrap(net, wrapping)


def explain(model: Any, X: Any, Y: Any, **options: Any) -> Story:
    """Return the story of one training step of any model; see `MLP.explain` for the options.

    Args:
        model: an `MLP`, a network of the article, an estimator of ours, a fitted `MLPClassifier` or
            `MLPRegressor` of scikit-learn, or a `torch.nn.Sequential` of linear layers and activations.
        X: inputs, as the model's `fit` takes them.
        Y: targets, likewise.
        options: those of `MLP.explain`, as far as the model has them; for a PyTorch model also `loss`,
            as for `from_torch`.

    Raises:
        InputError: another kind of model, or arguments that do not fit.
    """
    if isinstance(model, classic.OneLayerMLP | classic.TwoLayerMLP):
        from .story.classic import explain_classic

        return explain_classic(model, X, Y, **options)
    homes = {kind.__module__.split(".")[0] for kind in type(model).__mro__}
    if hasattr(model, "explain") and not isinstance(model, type):
        return model.explain(X, Y, **options)  # type: ignore[no-any-return]
    if "torch" in homes:
        from .conversion import from_torch

        loss = {"loss": options.pop("loss")} if "loss" in options else {}
        arrays = [array.detach() if hasattr(array, "detach") else array for array in (X, Y)]
        return from_torch(model, **loss).explain(*arrays, **options)
    if "sklearn" in homes:
        from .conversion import from_sklearn

        return from_sklearn(model).explain(X, Y, **options)  # type: ignore[no-any-return]
    raise InputError(
        "this is no model that can be explained",
        expected="a network or an estimator",
        got=f"the class {model.__name__}" if isinstance(model, type) else type(model).__name__,
    )
