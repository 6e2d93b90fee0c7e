"""The class of a single row by the digits network: what a service that answers one question waits for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from itertools import pairwise
from typing import Any

import numpy as np

from ..rules.array import Array
from .workloads import Task

__all__ = ["PREDICTORS", "Predictor", "predictor"]

CHECKED_ROWS = 200

Answer = Callable[[Any], Any]


@dataclass(frozen=True)
class Predictor:
    """A library that predicts: what it needs, and how it does it."""

    label: str
    packages: tuple[str, ...]
    make: Callable[
        [Task], tuple[Answer, Callable[[Array], Any]]
    ]  # the call, and what makes its input of a row


class Prediction:
    """One row at a time, by weights that all predictors share."""

    def __init__(self, task: Task, predictor: Predictor) -> None:
        self.answer, convert = predictor.make(task)
        self.rows = [convert(task.X[k : k + 1]) for k in range(CHECKED_ROWS)]

    def start(self) -> None:
        """Nothing has to be brought back."""

    def run(self, count: int) -> None:
        """Predict so many times."""
        answer, row = self.answer, self.rows[0]
        for _ in range(count):
            answer(row)

    def result(self) -> Array:
        """Return the classes (rows,) of some rows."""
        return np.array([int(self.answer(row)[0]) for row in self.rows])


def predictor(name: str, task: Task) -> Prediction:
    """Return a predictor by name, with the task's weights."""
    return Prediction(task, PREDICTORS[name])


def unchanged(row: Array) -> Array:
    """Return the row (1, in) as an array of its own."""
    return row.copy()


def _clearprop(task: Task) -> tuple[Answer, Callable[[Array], Any]]:
    return task.network().predict, unchanged


def _scikit_learn(task: Task) -> tuple[Answer, Callable[[Array], Any]]:
    from .peers.scikit import train

    return train(task).model.predict, unchanged


def _pytorch(task: Task) -> tuple[Answer, Callable[[Array], Any]]:
    from .peers.pytorch import eager, torch

    model = eager(task).model.eval()

    def answer(row: Any) -> Any:
        with torch.inference_mode():
            return model(row).argmax(1)

    return answer, lambda row: torch.from_numpy(row.copy())


def _onnx_runtime(task: Task) -> tuple[Answer, Callable[[Array], Any]]:
    runtime: Any = import_module("onnxruntime")
    options = runtime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = task.threads
    session = runtime.InferenceSession(_onnx_model(task), options, providers=["CPUExecutionProvider"])
    return lambda row: session.run(None, {"A0": row})[0], unchanged


def _onnx_model(task: Task) -> bytes:
    """Return the network, with relu and the most probable class, as an ONNX file."""
    onnx: Any = import_module("onnx")
    helper, node, types = onnx.helper, onnx.helper.make_node, onnx.TensorProto
    names = [f"A{k}" for k in range(len(task.layers) + 1)]
    nodes = []
    for k, (before, after) in enumerate(pairwise(names), 1):
        nodes.append(node("Gemm", [before, f"W{k}", f"b{k}"], [f"Z{k}"]))
        nodes.append(node("Relu", [f"Z{k}"], [after]))
    nodes[-1] = node("ArgMax", [f"Z{len(task.layers)}"], names[-1:], axis=1, keepdims=0)
    graph = helper.make_graph(
        nodes,
        "digits",
        [helper.make_tensor_value_info(names[0], types.FLOAT, [1, task.workload.sizes[0]])],
        [helper.make_tensor_value_info(names[-1], types.INT64, [1])],
        [onnx.numpy_helper.from_array(array, name) for name, array in task.weights.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)
    written: bytes = model.SerializeToString()
    return written


PREDICTORS = {
    "native": Predictor("clearprop", ("clearprop",), _clearprop),
    "sklearn": Predictor("scikit-learn", ("sklearn",), _scikit_learn),
    "torch": Predictor("PyTorch", ("torch",), _pytorch),
    "onnx": Predictor("ONNX Runtime", ("onnx", "onnxruntime"), _onnx_runtime),
}
