"""Formulas in three notations, from one place: the code line that computes the quantity.

`code` is "name = expression", an expression, or a syntax tree, in the NumPy of the rules or as their scalar
form for one entry. `scalars` names the operands that are one number, which tells a·B from A ⊙ B.

    >>> to_text("dZ1 = dA1 * A1 * (1 - A1)")
    'dZ1 = dA1 ⊙ A1 ⊙ (1 − A1)'
    >>> to_text("W1_new = W1 - eta * dW1"), to_latex("W1_new = W1 - eta * dW1")
    ('W1_new = W1 − η · dW1', 'W_{1}^{\\\\text{new}} = W_{1} - \\\\eta\\\\,\\\\mathrm{d}W_{1}')
    >>> to_text("dW1[0, 2] = sum(X[n, 0] * dZ1[n, 2] for n in range(4))")
    'dW1[0, 2] = Σ_{n=0…3} X[n, 0] · dZ1[n, 2]'
"""

from __future__ import annotations

import ast
from collections.abc import Collection

from .latex import Latex
from .mathml import MathML
from .numbers import PANEL
from .reading import read
from .text import Text
from .writing import write


def to_text(code: str | ast.expr, scalars: Collection[str] = frozenset(), *, digits: int = PANEL) -> str:
    """A formula as plain text: X · W1 of matrices, ⊙ entry by entry, Σ_n over samples, Σ_i over units.

    Raises:
        InputError: the code holds something that the rules do not use.
    """
    return write(read(code, scalars), Text(digits))


def to_latex(code: str | ast.expr, scalars: Collection[str] = frozenset(), *, digits: int = PANEL) -> str:
    """A formula as LaTeX for mathematics mode; needs the package amsmath.

    Raises:
        InputError: the code holds something that the rules do not use.
    """
    return write(read(code, scalars), Latex(digits))


def to_mathml(code: str | ast.expr, scalars: Collection[str] = frozenset(), *, digits: int = PANEL) -> str:
    """A formula as a `<math>` element, in which each quantity carries `data-ref`, such as "W1" or "W1[0,2]".

    Raises:
        InputError: the code holds something that the rules do not use.
    """
    inner = write(read(code, scalars), MathML(digits))
    return f'<math xmlns="http://www.w3.org/1998/Math/MathML" display="block">{inner}</math>'
