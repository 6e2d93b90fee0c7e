"""Numbers as they are shown: significant digits, a true minus sign, 4.386e−4 and never 0.000."""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, SupportsFloat

import numpy as np
from numpy.typing import ArrayLike, NDArray

CANVAS = 4  # significant digits where many numbers stand together
PANEL = 9  # and where one is looked at closely
PLAIN_FROM, PLAIN_BELOW = -3, 6  # powers of ten: smaller and larger numbers are written as 4.386e−4


def parts(value: SupportsFloat, digits: int = PANEL) -> tuple[bool, str, int | None]:
    """Sign (True for minus), decimal digits, and the power of ten or None; the digits may be "∞" or "NaN".

    >>> parts(-0.0004386, 3)
    (True, '4.39', -4)
    """
    value = float(value)
    if math.isnan(value):
        return False, "NaN", None
    if math.isinf(value):
        return value < 0, "∞", None
    if value == int(value) and abs(value) < 10 ** max(digits, PLAIN_BELOW):
        return value < 0, str(abs(int(value))), None
    mantissa, exponent = f"{abs(value):.{digits - 1}e}".split("e")
    power = int(exponent)  # after rounding, so 0.00099999 is 0.001
    if PLAIN_FROM <= power < PLAIN_BELOW:
        places = max(0, digits - 1 - power)
        shown = Decimal(f"{mantissa}e{power}") if places else Decimal(abs(value))
        return value < 0, _without_zeros(f"{shown:.{places}f}"), None
    return value < 0, _without_zeros(mantissa), power


def number(value: SupportsFloat, digits: int = PANEL) -> str:
    """A number as text.

    >>> number(-0.00043859649, 4), number(0.35), number(3.0), number(2e10)
    ('−4.386e−4', '0.35', '3', '2e10')
    """
    minus, shown, power = parts(value, digits)
    tail = "" if power is None else f"e{power}".replace("-", "−")
    return f"{'−' if minus else ''}{shown}{tail}"


def number_latex(value: SupportsFloat, digits: int = PANEL) -> str:
    r"""A number for LaTeX's mathematics mode, such as `4.386\times 10^{-4}`."""
    minus, shown, power = parts(value, digits)
    shown = {"∞": r"\infty", "NaN": r"\mathrm{NaN}"}.get(shown, shown)
    tail = "" if power is None else rf"\times 10^{{{power}}}"
    return f"{'-' if minus else ''}{shown}{tail}"


def number_mathml(value: SupportsFloat, digits: int = PANEL) -> str:
    """A number as one MathML element."""
    minus, shown, power = parts(value, digits)
    pieces = [_minus(minus), f"<mi>{shown}</mi>" if shown in ("∞", "NaN") else f"<mn>{shown}</mn>"]
    if power is not None:
        exponent = f"<mrow>{_minus(power < 0)}<mn>{abs(power)}</mn></mrow>"
        pieces.append(f"<mo>×</mo><msup><mn>10</mn>{exponent}</msup>")
    return f"<mrow>{''.join(pieces)}</mrow>" if minus or power is not None else pieces[1]


def summary(array: ArrayLike, digits: int = CANVAS) -> str:
    """A big array in a few words: shape, range and Euclidean norm; a single number is shown itself.

    >>> summary([[3.0, 0.0], [0.0, -4.0]])
    '2 × 2, from −4 to 3, norm 5'
    """
    values = np.asarray(array, dtype=np.float64)
    if values.ndim == 0:
        return number(float(values), digits)
    finite = values[np.isfinite(values)]
    words = [shape_in_words(values.shape)]
    if finite.size:
        words.append(f"from {number(finite.min(), digits)} to {number(finite.max(), digits)}")
        words.append(f"norm {number(_norm(finite), digits)}")
    if finite.size < values.size:
        words.append(f"{values.size - finite.size} not finite")
    return ", ".join(words)


def shape_in_words(shape: Sequence[int]) -> str:
    """The shape of an array, or of a single number.

    >>> shape_in_words((2, 3)), shape_in_words((5,)), shape_in_words(())
    ('2 × 3', '5 numbers', 'a number')
    """
    match tuple(shape):
        case ():
            return "a number"
        case (size,):
            return f"{size} number{'s' * (size != 1)}"
    return " × ".join(map(str, shape))


def _norm(values: NDArray[np.float64]) -> Any:
    """The Euclidean norm, without overflow on the way."""
    largest = np.abs(values).max()
    return largest * np.sqrt(np.sum((values / largest) ** 2)) if largest else largest


def _minus(there: bool) -> str:
    return '<mo form="prefix">−</mo>' if there else ""


def _without_zeros(shown: str) -> str:
    return shown.rstrip("0").rstrip(".") if "." in shown else shown
