from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Moves", "Pool"]

Array = NDArray[np.float64]
States = NDArray[np.uint64]

class Moves:
    def __init__(
        self,
        X: Array,
        y: Array,
        targets: Array,
        *,
        activation: Any,
        loss: Any,
        bias: bool,
        weights: Array | None = ...,
        shares: NDArray[np.int64] | None = ...,
        isa: str | None = ...,
    ) -> None: ...
    def draw(self, states: States, count: int, scale: float = ...) -> tuple[Array, Array]: ...
    def pursued(self, states: States, width: int, *, dictionary: int, ridge: float) -> Array: ...
    def take_away(self, x: Array, width: int, count: int, *, beside_path: bool = ...) -> Array: ...
    def refit(self, x: Array, width: int, *, beside_path: bool = ...) -> Array: ...

class Pool:
    def __init__(self, moves: Moves, states: States, count: int, scale: float) -> None: ...
    def add(self, x: Array, width: int, count: int) -> Array: ...
