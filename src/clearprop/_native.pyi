"""The compiled engine; see native/module.cpp and native/doors.cpp. Arrays must have the stated precision."""

from collections.abc import Callable, Mapping
from typing import Any, Literal

from .rules.array import Array

def levels() -> list[str]: ...
def function(
    level: str, name: Literal["exp", "expm1", "log1p", "tanh", "erf"], x: Array, y: Array
) -> None: ...
def peak_gflops(dtype: Literal["float32", "float64"], threads: int, level: str) -> float: ...
def kernels() -> list[Kernel]: ...

class Kernel:
    @property
    def name(self) -> str: ...
    @property
    def replaces(self) -> list[str]: ...
    def __call__(
        self, level: str, given: Mapping[str, Array | float], apart: bool = False
    ) -> dict[str, Any]: ...

class Trainer64:
    def __init__(self, settings: dict[str, Any]) -> None: ...
    def run(
        self,
        X: Array,
        Y: Array,
        weights: Array | None,
        theta: Array,
        memory: Array,
        last_good: Array,
        steps: int,
        orders: Array | None,
        rates: Array,
        keys: Array | None,
        first_step: int,
        sums: Array,
        seconds: Array,
        interrupted: Callable[[], bool],
        look_X: Array | None = None,
        look_Y: Array | None = None,
        look_weights: Array | None = None,
        tally: int = 0,
        seen: Array | None = None,
    ) -> tuple[Literal["finished", "interrupted", "diverged"], int, int]: ...
    def loss(self, X: Array, Y: Array, weights: Array | None) -> float: ...
    def differentiate(
        self, X: Array, Y: Array, weights: Array | None, theta: Array, g: Array
    ) -> tuple[float, float]: ...

class Predictor64:
    def __init__(self, settings: dict[str, Any], theta: Array) -> None: ...
    def outputs(self, X: Array, Z: Array | None, A: Array | None) -> bool: ...

class Trainer32(Trainer64): ...
class Predictor32(Predictor64): ...
