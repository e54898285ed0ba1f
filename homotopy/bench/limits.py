"""What the core itself allows: the rate of a matrix product and of tanh, as contestants of the same race."""

from __future__ import annotations

from typing import Any

import numpy as np

from homotopy._core import vmath
from homotopy.bench.contest import Contestant

__all__ = ["limits"]

_SIDE = 512
_VECTOR = 2048


def limits(workload: str) -> list[Contestant]:
    """Return the limits of a workload: the time that its products, or its tanh alone, take at this core's best rate."""
    if workload in ("W1 loop", "W2"):
        return [_tanh(12)]
    if workload in ("W3", "W5"):
        products = 1000 * (10 * 50 * 2 + 50 * 50 * 3 + 50 * 3)
        return [_gemm(2 * products * (1 if workload == "W3" else 2), np.float64)]
    if workload.startswith("W4"):
        products = 256 * (784 * 128 * 2 + 128 * 10 * 3)
        return [_gemm(2 * products, np.float32 if "float32" in workload else np.float64)]
    return []


def _gemm(operations: int, dtype: Any) -> Contestant:
    """Return a product of square matrices, in units of this many floating-point operations."""
    A, B = np.random.default_rng(0).standard_normal((2, _SIDE, _SIDE)).astype(dtype)
    C = np.empty_like(A)
    return Contestant("gemm limit", lambda: np.matmul(A, B, out=C), 2 * _SIDE**3 / operations)


def _tanh(number: int) -> Contestant:
    """Return tanh over a vector in the first cache, in units of this many values."""
    x = np.linspace(-3, 3, _VECTOR)
    return Contestant("tanh limit", lambda: vmath.apply("tanh", x), _VECTOR / number)
