"""The seam: the network reaches every rule through one small object.

`reference` holds the rules themselves. `wrap` makes another such object, whose rules record, check
or time; it is handed in where `reference` would be, so no rule and no loop has an `if` for it.
"""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from .rules import RULES

Ops = SimpleNamespace
Rule = Callable[..., Any]

reference: Ops = SimpleNamespace(**RULES)


def wrap(ops: Ops, around: Callable[[str, Rule], Rule]) -> Ops:
    """Return an object like `ops` in which each rule is replaced by `around(name, rule)`.

    >>> calls = []
    >>> def counted(name, rule):
    ...     def counting(*operands):
    ...         calls.append(name)
    ...         return rule(*operands)
    ...     return counting
    >>> import numpy as np
    >>> A = wrap(reference, counted).relu(np.array([[-1.0, 2.0]]))
    >>> A.tolist(), calls
    ([[0.0, 2.0]], ['relu'])
    """
    return SimpleNamespace(**{name: around(name, rule) for name, rule in vars(ops).items()})
