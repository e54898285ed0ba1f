import numpy as np
from numpy.typing import NDArray

__all__ = ["flip_descent", "search"]

def search(
    units: NDArray[np.float64],
    b: NDArray[np.float64],
    *,
    n: int,
    best: int,
    restarts: int,
    tolerance: float,
    state: NDArray[np.uint64] | None = None,
    isa: str | None = None,
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]: ...
def flip_descent(
    gram: NDArray[np.float64], target: NDArray[np.float64], signs: NDArray[np.float64], isa: str | None = None
) -> int: ...
