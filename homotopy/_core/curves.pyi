import numpy as np
from numpy.typing import NDArray

__all__ = ["curves", "parts", "thinned"]

def curves(
    rows: NDArray[np.int64], costs: NDArray[np.float64], values: NDArray[np.float64], n_runs: int, most: int
) -> tuple[NDArray[np.float64], NDArray[np.int64]]: ...
def thinned(
    points: NDArray[np.float64], lengths: NDArray[np.int64], bins: float
) -> tuple[NDArray[np.int64], NDArray[np.float64]]: ...
def parts(points: NDArray[np.float64], begins: NDArray[np.int64]) -> NDArray[np.object_]: ...
