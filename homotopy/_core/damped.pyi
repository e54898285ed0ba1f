from typing import Any

import numpy as np
from numpy.typing import NDArray

def damped_weights(capsule: Any) -> int: ...

class DampedLanes:
    def __init__(
        self,
        capsule: Any,
        settings: Any,
        starts: Any,
        ends: Any,
        stop: NDArray[np.int32],
        isa: str | None = None,
    ) -> None: ...
    def run(self, begin: int, end: int) -> None: ...
