"""Linear and activation layers of PyTorch as a network of ours."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from ..errors import InputError
from ..loss import Loss
from ..mlp import MLP

MODULES = {
    "ELU": "elu", "GELU": "gelu", "LeakyReLU": "leaky_relu", "Mish": "mish", "ReLU": "relu", "SELU": "selu",
    "SiLU": "silu", "Sigmoid": "sigmoid", "Softmax": "softmax", "Softplus": "softplus", "Tanh": "tanh",
}  # fmt: skip
OPTIONS: dict[str, dict[str, tuple[Any, ...]]] = {  # the only values at which a module equals ours
    "ELU": {"alpha": (1.0,)},
    "Flatten": {"start_dim": (1,), "end_dim": (-1,)},
    "GELU": {"approximate": ("none",)},
    "LeakyReLU": {"negative_slope": (0.01,)},
    "Softmax": {"dim": (1, -1)},
    "Softplus": {"beta": (1.0,), "threshold": (20.0,)},
}


HOOKS = ("_forward_hooks", "_forward_pre_hooks", "_backward_hooks", "_backward_pre_hooks")


class _Criterion(NamedTuple):
    """Which loss of ours a loss module of PyTorch equals, and where it does."""

    loss: str
    options: tuple[str, ...] = ()
    needs: Mapping[str, tuple[Any, ...]] = {}
    ends: str | None = None  # the activation that its outputs must have come from
    is_wide: bool = False  # equal with several outputs too; else it averages over them where ours sums


CRITERIA = {
    "BCELoss": _Criterion("binary_cross_entropy", needs={"weight": (None,)}, ends="sigmoid"),
    "BCEWithLogitsLoss": _Criterion(
        "binary_cross_entropy", needs={"weight": (None,), "pos_weight": (None,)}, ends="identity"
    ),
    "CrossEntropyLoss": _Criterion(
        "cross_entropy",
        ("label_smoothing",),
        {"weight": (None,), "ignore_index": (-100,)},
        ends="identity",
        is_wide=True,
    ),
    "HuberLoss": _Criterion("huber", ("delta",)),
    "L1Loss": _Criterion("absolute_error"),
    "MSELoss": _Criterion("mean_squared_error", is_wide=True),
    "PoissonNLLLoss": _Criterion("poisson", needs={"log_input": (True,), "full": (False,)}, ends="identity"),
}


@dataclass
class _Block:
    """A Linear, and the modules that follow it."""

    linear: Any
    activation: str = "identity"
    dropout: float = 0.0
    last: str = "Linear"  # the kind of the block's last module


def from_torch(module: Any, loss: Any = "squared_error") -> MLP:
    """Return a `torch.nn.Sequential` of linear and activation layers as an `MLP`.

    Taken are Linear, Identity, Sigmoid, Tanh, ReLU, LeakyReLU (slope 0.01), ELU (alpha 1), SELU, GELU
    (exact), SiLU, Mish, Softplus (defaults), Softmax at the end, Dropout after a hidden layer, Flatten
    in front (X is then given flat) and Sequentials within. A Linear without bias gets biases of zero,
    which stay so in training with `freeze=["b1"]`. Beyond its threshold of 20, PyTorch's Softplus is
    straight where ours still bends by 2e-9.

    Args:
        module: the layers, in float64 or float32.
        loss: a loss of ours, by name or as a `Loss`, or a loss module of PyTorch that equals one:
            MSELoss, CrossEntropyLoss (label_smoothing too), and with one output L1Loss, HuberLoss,
            BCEWithLogitsLoss, BCELoss and PoissonNLLLoss, which average over outputs where ours sum.
            A loss computed together with its natural output takes a module that ends in that
            activation, or in a Linear: its outputs then become probabilities, or counts.

    Raises:
        InputError: a module that has no equal here, named with its position, or a loss that has none.
    """
    torch: Any = sys.modules.get("torch")
    if torch is None or not isinstance(module, torch.nn.Module):
        raise InputError(
            "this cannot be converted", expected="a torch.nn.Sequential", got=type(module).__name__
        )
    blocks = _read_blocks(module, torch.nn)
    for block in blocks:
        if block.linear.weight.is_meta:
            raise InputError("the module holds no numbers", got="weights on the meta device")
    dtypes = [str(block.linear.weight.dtype).removeprefix("torch.") for block in blocks]
    if len(set(dtypes)) > 1 or dtypes[0] not in ("float64", "float32"):
        raise InputError(
            "the modules do not fit", expected="float64 or float32 throughout", got=", ".join(dtypes)
        )
    widths = [block.linear.out_features for block in blocks]
    output = blocks[-1].activation
    found = loss if isinstance(loss, (str, Loss)) else _loss_like(loss, torch.nn, output, widths[-1])
    found = Loss(found) if isinstance(found, str) else found
    return MLP(
        [blocks[0].linear.in_features, *widths],
        [block.activation for block in blocks[:-1]],
        "auto" if found.is_fused and output == "identity" else output,
        found,
        dropout=[block.dropout for block in blocks[:-1]],
        dtype=dtypes[0],
        init=_parameters_of(blocks),
    )


def _parameters_of(blocks: Sequence[_Block]) -> dict[str, Any]:
    parameters = {}
    for k, block in enumerate(blocks, start=1):
        parameters[f"W{k}"] = block.linear.weight.detach().cpu().numpy().T
        if block.linear.bias is not None:
            parameters[f"b{k}"] = block.linear.bias.detach().cpu().numpy()
    return parameters


def _read_blocks(module: Any, nn: Any) -> list[_Block]:
    blocks: list[_Block] = []
    for place, leaf in _leaves(module, nn):
        kind = _kind_of(leaf, nn)
        if any(getattr(leaf, hooks, None) for hooks in HOOKS):
            _refuse(place, leaf, "no hooks, which may change what it computes")
        _check_options(f"module {place} ({kind})", leaf, OPTIONS.get(kind, {}))
        if kind == "Linear":
            if blocks and blocks[-1].activation == "softmax":
                _refuse(place, leaf, "nothing after a Softmax")
            if any(block.linear is leaf for block in blocks):
                _refuse(place, leaf, "no Linear to be used twice, as its gradients would be summed")
            blocks.append(_Block(leaf))
        elif kind == "Dropout" and blocks and blocks[-1].last != "Dropout":
            blocks[-1].dropout = float(leaf.p)
        elif kind in MODULES and blocks and blocks[-1].last == "Linear":
            blocks[-1].activation = MODULES[kind]
        elif not (kind == "Identity" or (kind == "Flatten" and not blocks)):
            _refuse(place, leaf, "Linear, one activation, Dropout, Linear, …")
        if blocks and kind != "Identity":
            blocks[-1].last = kind
    if not blocks or blocks[-1].last == "Dropout":
        raise InputError("the modules do not end in a layer", expected="a Linear, or an activation of one")
    return blocks


def _leaves(module: Any, nn: Any, place: str = "") -> Iterator[tuple[str, Any]]:
    """Yield what runs one after the other, each with its position: 0, 1, 2.0, 2.1, …"""
    if not isinstance(module, nn.Sequential) or type(module).forward is not nn.Sequential.forward:
        yield place or "0", module
        return
    for number, child in enumerate(module):
        yield from _leaves(child, nn, f"{place}.{number}" if place else str(number))


def _kind_of(part: Any, nn: Any) -> str:
    """Return the name of PyTorch's class; a class derived from it may compute something else."""
    name = type(part).__name__
    return name if type(part) is getattr(nn, name, None) else f"{name}, not of torch.nn"


def _check_options(what: str, part: Any, needs: Mapping[str, tuple[Any, ...]]) -> None:
    for name, allowed in needs.items():
        value = getattr(part, name)
        if not any(value is known or (known is not None and value == known) for known in allowed):
            wanted = " or ".join(f"{name}={known!r}" for known in allowed)
            raise InputError(f"{what} has no equal here", expected=wanted, got=f"{name}={value!r:.60}")


def _refuse(place: str, leaf: Any, expected: str) -> None:
    raise InputError(f"module {place} does not fit", expected=expected, got=f"{leaf!r:.80}")


def _loss_like(criterion: Any, nn: Any, output: str, outputs: int) -> Loss:
    """Return our loss that equals a loss module of PyTorch, on outputs of that activation and number."""
    name = _kind_of(criterion, nn)
    if name not in CRITERIA:
        raise InputError(
            "the loss has no equal here",
            expected=f"a loss of ours, or one of {', '.join(CRITERIA)}",
            got=f"{criterion!r:.80}",
        )
    equal = CRITERIA[name]
    _check_options(name, criterion, {"reduction": ("mean",), **equal.needs})
    if outputs > 1 and not equal.is_wide:
        raise InputError(
            f"{name} averages over the outputs where our {equal.loss} sums", expected="1 output", got=outputs
        )
    if equal.ends not in (None, output):
        natural = Loss(equal.loss).natural_output
        raise InputError(
            f"{name} does not fit the end of the module",
            expected={"identity": "a Linear", "sigmoid": "a Sigmoid"}[str(equal.ends)],
            got=f"{output}, which {name} would apply once more" if output == natural else output,
            hint=f'loss="{equal.loss}"' if output in (natural, "identity") else None,
        )
    return Loss(equal.loss, **{option: float(getattr(criterion, option)) for option in equal.options})
