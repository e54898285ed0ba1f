import numpy as np
from numpy.typing import NDArray

__all__ = ["merge_cheapest", "merge_parallel"]

def merge_cheapest(
    units: NDArray[np.float64], n_merges: int, limit: float = ..., isa: str | None = None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]: ...
def merge_parallel(
    units: NDArray[np.float64], n_merges: int, limit: float = ..., isa: str | None = None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]: ...
