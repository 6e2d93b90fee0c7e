"""Multi-layer perceptrons you can see through.

Importing clearprop loads NumPy and the standard library only; every name is loaded at first use.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

_HOME = {
    "Adagrad": "optimizers",
    "Adam": "optimizers",
    "AdamW": "optimizers",
    "EarlyStopping": "callbacks",
    "History": "history",
    "LBFGS": "optimizers",
    "Loss": "loss",
    "MLP": "mlp",
    "MLPClassifier": "estimators.classifier",
    "MLPRegressor": "estimators.regressor",
    "Momentum": "optimizers",
    "Nesterov": "optimizers",
    "OneLayerMLP": "classic",
    "RMSProp": "optimizers",
    "SGD": "optimizers",
    "TwoLayerMLP": "classic",
    "Story": "story",
    "check_backprop": "verify.backprop.check",
    "check_gradients": "verify.gradients",
    "displays": "displays",
    "errors": "errors",
    "explain": "models",
    "from_sklearn": "conversion",
    "from_torch": "conversion",
    "load": "models",
    "mean_squared_error_derivative": "classic",
    "play": "page.play",
    "schedules": "schedules",
    "sigmoid": "classic",
    "sigmoid_derivative": "classic",
}

__all__ = sorted(_HOME)


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'clearprop' has no attribute {name!r}")
    module = import_module(f".{_HOME[name]}", __name__)
    value = module if _HOME[name] == name else getattr(module, name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return [*__all__, "__version__"]


if TYPE_CHECKING:
    from . import displays as displays
    from . import errors as errors
    from . import schedules as schedules
    from .callbacks import EarlyStopping as EarlyStopping
    from .classic import OneLayerMLP as OneLayerMLP
    from .classic import TwoLayerMLP as TwoLayerMLP
    from .classic import mean_squared_error_derivative as mean_squared_error_derivative
    from .classic import sigmoid as sigmoid
    from .classic import sigmoid_derivative as sigmoid_derivative
    from .conversion import from_sklearn as from_sklearn
    from .conversion import from_torch as from_torch
    from .estimators.classifier import MLPClassifier as MLPClassifier
    from .estimators.regressor import MLPRegressor as MLPRegressor
    from .history import History as History
    from .loss import Loss as Loss
    from .mlp import MLP as MLP
    from .models import explain as explain
    from .models import load as load
    from .optimizers import LBFGS as LBFGS
    from .optimizers import SGD as SGD
    from .optimizers import Adagrad as Adagrad
    from .optimizers import Adam as Adam
    from .optimizers import AdamW as AdamW
    from .optimizers import Momentum as Momentum
    from .optimizers import Nesterov as Nesterov
    from .optimizers import RMSProp as RMSProp
    from .page.play import play as play
    from .story import Story as Story
    from .verify.backprop.check import check_backprop as check_backprop
    from .verify.gradients import check_gradients as check_gradients
