"""The one type of the rules: an array of numbers, of any shape and precision."""

from typing import Any

from numpy.typing import NDArray

Array = NDArray[Any]
