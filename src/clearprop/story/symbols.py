"""Names of the code as mathematical symbols: `dW1` is d, W and a subscript 1, `m_hat_W1` a hat over m."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from typing import final

# Greek letters by their names in the code: the character, and LaTeX's command.
GREEK = {
    "alpha": ("α", r"\alpha"), "beta": ("β", r"\beta"), "gamma": ("γ", r"\gamma"),
    "delta": ("δ", r"\delta"), "epsilon": ("ε", r"\varepsilon"), "eta": ("η", r"\eta"),
    "theta": ("θ", r"\theta"), "lambda": ("λ", r"\lambda"), "mu": ("μ", r"\mu"), "rho": ("ρ", r"\rho"),
    "sigma": ("σ", r"\sigma"), "phi": ("φ", r"\varphi"), "Phi": ("Φ", r"\Phi"), "Omega": ("Ω", r"\Omega"),
}  # fmt: skip
ALIASES = {"learning_rate": "eta"}
NORMS = {"l1": "L1", "l2": "L2"}  # the strengths of the penalties are λ with a norm, which is no layer

NUMBERS = frozenset({  # names that never stand for an array
    "eta", "learning_rate", "mu", "rho", "beta1", "beta2", "epsilon", "decay", "t", "limit", "norm",
    "l1", "l2", "delta", "q", "smoothing", "n_outputs", "L", "L_data",
})  # fmt: skip
NUMBER_PREFIXES = ("Omega", "rest")

_MARKED = re.compile(r"(?P<body>.+)_(?P<mark>new|data|penalised|clipped)")
_SYMBOL = re.compile(
    r"(?P<prefix>d(?=[A-Zb]\d*$)|log(?=[A-Z]\d*$))?"
    rf"(?P<letter>{'|'.join(GREEK)}|[A-Za-z])(?P<layer>\d*)(?P<hat>_hat)?(?:_(?P<of>[A-Za-z]\w*))?"
)


@final
@dataclass(frozen=True)
class Symbol:
    """A letter and what stands around it.

    `letter` is one Latin letter, a key of GREEK, or with `upright` a word. `prefix` is "", "d" or "log";
    `mark` stands above at the right ("new"), `layer` and `of` below.
    """

    letter: str
    upright: bool = False
    prefix: str = ""
    hat: bool = False
    layer: str = ""
    of: Symbol | None = None
    mark: str = ""


@cache
def symbol(name: str) -> Symbol:
    """The symbol for a name of the code; a name of no known form becomes an upright word.

    >>> symbol("dW1_data")
    Symbol(letter='W', upright=False, prefix='d', hat=False, layer='1', of=None, mark='data')
    """
    if name in NORMS:
        return Symbol("lambda", of=Symbol(NORMS[name], upright=True))
    name = ALIASES.get(name, name)
    if name.startswith("rest"):
        return Symbol(name.replace("_", " "), upright=True)
    marked = _MARKED.fullmatch(name)
    body, mark = marked.group("body", "mark") if marked else (name, "")
    found = _SYMBOL.fullmatch(body)
    if not found:
        return Symbol(name, upright=True)
    return Symbol(
        letter=found["letter"],
        prefix=found["prefix"] or "",
        hat=bool(found["hat"]),
        layer=found["layer"],
        of=symbol(found["of"]) if found["of"] else None,
        mark=mark,
    )


def plain(name: str) -> str:
    """The name as plain text: as it is typed, but with Greek letters.

    >>> plain("beta1"), plain("W1_new"), plain("theta_new"), plain("l2")
    ('β1', 'W1_new', 'θ_new', 'λ_L2')
    """
    if name in NORMS:
        return f"λ_{NORMS[name]}"
    name = ALIASES.get(name, name)
    letter = symbol(name).letter
    return name.replace(letter, GREEK[letter][0], 1) if letter in GREEK else name


def stands_for_number(name: str, scalars: Collection[str] = ()) -> bool:
    """Whether a name stands for one number: it is among `scalars`, or never stands for an array."""
    return name in scalars or name in NUMBERS or name.startswith(NUMBER_PREFIXES)
