from typing import Any

import numpy as np
from numpy.typing import NDArray

def widest_layer(capsule: Any) -> int: ...
def kernels(isa: str | None = None) -> Any: ...

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
