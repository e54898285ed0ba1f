from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["largest_curvatures"]

def largest_curvatures(
    capsule: Any, points: NDArray[np.float64], first: NDArray[np.float64], steps: int
) -> NDArray[np.float64]: ...
