from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Beside"]

class Beside:
    def __init__(
        self,
        width: int,
        X: NDArray[np.float64],
        columns: NDArray[np.float64],
        y: NDArray[np.float64],
        *,
        activation: int,
        loss: int,
        leak: float,
        l2: float,
        weights: NDArray[np.float64] | None = None,
        isa: str | None = None,
    ) -> None: ...
    @property
    def size(self) -> int: ...
    def capsule(self) -> Any: ...
    def value_and_grad(self, x: NDArray[np.float64], t: float) -> tuple[float, NDArray[np.float64]]: ...
