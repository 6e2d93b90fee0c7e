"""An independent reader of a story's JSON: NumPy, the standard library, and nothing of clearprop.

It recomputes every step from the operands that the file gives, by the line of NumPy that the file gives.
"""

from __future__ import annotations

import ast
import json
import math
from typing import Any

import numpy as np

ERF = np.vectorize(math.erf, otypes=[float])


def faults_in(text: str, *, tolerance: float = 1e-12) -> list[str]:
    """Return what does not hold in a story, in words; nothing where all of it holds."""
    story = json.loads(text)
    dtype = np.dtype(story["dtype"])
    values = {name: as_value(value, dtype) for name, value in story["given"].items()}
    faults = []
    for step in story["steps"]:
        name, recorded = step["name"], as_value(step["value"], dtype)
        missing = [operand for operand in step["inputs"] if operand not in values]
        if missing:
            faults.append(f"{name}: no operand {missing[0]}")
            continue
        target, _, expression = step["code"].partition(" = ")
        computed = compute(expression, {operand: values[operand] for operand in step["inputs"]})
        if (
            target != name
            or list(np.shape(computed)) != step["shape"]
            or step["shape"] != list(np.shape(recorded))
        ):
            faults.append(f"{name}: another name or shape")
        elif not np.allclose(computed, recorded, rtol=tolerance, atol=tolerance * 1e-3):
            faults.append(f"{name}: {recorded} is not {computed}")
        values[name] = recorded
    if story["share"] != (1 / values["m"] if "m" in values else 1):
        faults.append(f"share: {story['share']}")
    return [*faults, *fault_after(story, values, tolerance)]


def fault_after(story: dict[str, Any], values: dict[str, Any], tolerance: float) -> list[str]:
    """Run the forward pass and the loss once more, with the new parameters."""
    after = {name: values.get(f"{name}_new", value) for name, value in values.items()}
    for step in story["steps"]:
        if step["phase"] in ("forward", "loss"):
            after[step["name"]] = compute(step["code"].partition(" = ")[2], after)
    if np.isclose(after["L"], float(story["loss_after"]), rtol=tolerance, atol=tolerance * 1e-3):
        return []
    return [f"loss_after: {story['loss_after']} is not {after['L']}"]


def compute(expression: str, operands: dict[str, Any]) -> Any:
    tree = ast.parse(expression, mode="eval")
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)} - {"np", "erf"}
    names = {name: operands[name] for name in used}
    with np.errstate(all="ignore"):
        return eval(compile(tree, "a step", "eval"), {"np": np, "erf": ERF, "__builtins__": {}}, names)


def as_value(value: Any, dtype: np.dtype[Any]) -> Any:
    return np.array(value, dtype) if isinstance(value, list) else value
