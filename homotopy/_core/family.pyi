from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

class Family:
    @property
    def size(self) -> int: ...
    @property
    def cost(self) -> float: ...
    def __init__(
        self,
        capsule: Any,
        *,
        easy: Any | None = None,
        weights: tuple[float, float] = (1.0, 1.0),
        easy_weights: tuple[float, float] = (1.0, 0.0),
        pull: tuple[float, float] = (0.0, 0.0),
        center: ArrayLike | None = None,
        fade: ArrayLike | None = None,
        rise: tuple[ArrayLike, ArrayLike] | None = None,
        rest: ArrayLike | None = None,
        toll: ArrayLike | None = None,
    ) -> None: ...
    def value_and_grad(self, x: NDArray[np.float64], t: float) -> tuple[float, NDArray[np.float64]]: ...
    def capsule(self) -> Any: ...
