"""Floor 0: the mathematics. Every formula of clearprop stands here, once, as a line of NumPy.

A rule is a straight-line function that assigns each quantity once; each such line ends with the
shape of what it assigned. What trains, what is shown and what is checked are these lines.
"""

from . import activations, dense, losses, penalties, updates

__all__ = ["HIDDEN_ACTIVATIONS", "OUTPUT_ACTIVATIONS", "RULES"]

HIDDEN_ACTIVATIONS = (
    "identity", "sigmoid", "tanh", "relu", "leaky_relu", "elu", "selu", "gelu", "silu", "mish", "softplus",
)  # fmt: skip
OUTPUT_ACTIVATIONS = (*HIDDEN_ACTIVATIONS, "softmax", "exp")

RULES = {
    name: rule
    for module in (dense, activations, losses, penalties, updates)
    for name, rule in vars(module).items()
    if callable(rule) and getattr(rule, "__module__", "") == module.__name__
}
