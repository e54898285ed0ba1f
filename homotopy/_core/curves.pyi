from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["curves", "parts", "thinned"]

def curves(pieces: list[tuple[Any, ...]], n_runs: int, most: int) -> tuple[NDArray[np.float64], NDArray[np.int64]]: ...
def parts(points: NDArray[np.float64], begins: NDArray[np.int64]) -> NDArray[np.object_]: ...
def thinned(
    points: NDArray[np.float64], begins: NDArray[np.int64], per_e: float
) -> tuple[NDArray[np.int32], NDArray[np.float64], NDArray[np.float64]]: ...
