from typing import Any

import numpy as np
from numpy.typing import NDArray

def widest_layer(capsule: Any) -> int: ...
def kernels(isa: str | None = None) -> Any: ...
def value_and_grad_many(
    capsule: Any, X: NDArray[np.float64], t: float = 1.0, *, largest: int = 512, isa: str | None = None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]: ...

class Lanes:
    def __init__(
        self,
        capsule: Any,
        settings: Any,
        starts: Any,
        ends: Any,
        traces: NDArray[np.float64] | None,
        stop: NDArray[np.int32],
        isa: str | None = None,
    ) -> None: ...
    def run(self, begin: int, end: int) -> None: ...
