"""PyTorch: the usual loop, with the fused optimisers; as it is, or with the loss through torch.compile."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from ...rules.array import Array
from ..workloads import Task, flat

torch: Any = import_module("torch")  # typed where it is installed, and only there

MODULES = {"sigmoid": "Sigmoid", "tanh": "Tanh", "relu": "ReLU"}


class PyTorch:
    """Linear and activation layers in a Sequential, autograd, a fused optimiser."""

    def __init__(self, task: Task, *, compiled: bool) -> None:
        torch.set_num_threads(task.threads)
        torch.set_flush_denormal(True)  # as the native engine does
        self.task = task
        self.X = torch.from_numpy(task.X)
        self.Y = torch.from_numpy(task.Y)
        self.model = torch.nn.Sequential(*modules(task))
        self.loss_function = torch.compile(self.loss) if compiled else self.loss
        self.start()

    def start(self) -> None:
        """Go back to the first weights; not timed."""
        with torch.no_grad():
            for linear, (W, b) in zip(self.linears, self.task.layers, strict=True):
                linear.weight.copy_(torch.from_numpy(W.T))
                linear.bias.copy_(torch.from_numpy(b))
        work, parameters = self.task.workload, self.model.parameters()
        if work.optimizer == "adam":
            self.optimizer = torch.optim.Adam(parameters, work.learning_rate, eps=work.epsilon, fused=True)
        else:
            self.optimizer = torch.optim.SGD(parameters, work.learning_rate, fused=True)

    def run(self, count: int) -> None:
        """Train for some epochs."""
        for order in self.task.orders(count):
            for rows in torch.from_numpy(order).split(self.task.workload.batch):
                loss = self.loss_function(self.X[rows], self.Y[rows])
                self.optimizer.zero_grad()
                loss.backward()
                self.optimizer.step()

    def loss(self, X: Any, Y: Any) -> Any:
        """Return the loss of a batch, as clearprop scales it."""
        if self.task.workload.loss == "cross_entropy":
            return torch.nn.functional.cross_entropy(self.model(X), Y)
        return torch.nn.functional.mse_loss(self.model(X), Y, reduction="sum") / (2 * len(X))

    def result(self) -> Array:
        """Return all weights as one vector."""
        return flat([(each.weight.detach().numpy().T, each.bias.detach().numpy()) for each in self.linears])

    @property
    def linears(self) -> list[Any]:
        """The layers with weights."""
        return [part for part in self.model if isinstance(part, torch.nn.Linear)]


def modules(task: Task) -> list[Any]:
    """Return the network's modules; cross_entropy brings its softmax with it."""
    work, parts = task.workload, []
    for k, (inputs, outputs) in enumerate(zip(work.sizes[:-1], work.sizes[1:], strict=True), 1):
        activation = work.activation if k < len(work.sizes) - 1 else work.output
        parts.append(torch.nn.Linear(inputs, outputs, dtype=getattr(torch, work.dtype)))
        parts += [getattr(torch.nn, MODULES[activation])()] if activation in MODULES else []
    return parts


def eager(task: Task) -> PyTorch:
    """PyTorch as most people run it."""
    return PyTorch(task, compiled=False)


def compiled(task: Task) -> PyTorch:
    """Forward, loss and backward through torch.compile."""
    torch.compiler.reset()
    return PyTorch(task, compiled=True)
