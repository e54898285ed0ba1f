from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

class Interpreted:
    @property
    def error(self) -> BaseException | None: ...
    def __init__(
        self,
        function: Callable[[NDArray[np.float64], float], tuple[float, NDArray[np.float64]]],
        size: int,
        cost: float = 1.0,
    ) -> None: ...
    def capsule(self) -> Any: ...

class Loop:
    def __init__(self, capsule: Any, settings: Any, stop: NDArray[np.int32]) -> None: ...
    def run(
        self,
        x: NDArray[np.float64],
        key: int,
        step_size: float,
        target: float,
        max_evaluations: int,
        callback: Callable[[int, float, float, float], bool] | None = None,
    ) -> Any: ...

class CompiledRosenbrock:
    @property
    def size(self) -> int: ...
    def __init__(self, size: int = 2) -> None: ...
    def value_and_grad(self, x: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]: ...
    def capsule(self) -> Any: ...
