import numpy as np
from numpy.typing import NDArray

__all__ = ["curves"]

def curves(
    rows: NDArray[np.int64], costs: NDArray[np.float64], values: NDArray[np.float64], n_runs: int, most: int
) -> tuple[NDArray[np.float64], NDArray[np.int64]]: ...
