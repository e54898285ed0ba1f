"""Points of a compiled trace, kept as arrays and made one by one where they are asked for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from homotopy.continuation.point import Direction, Point

__all__ = ["Rows"]


class Rows(Sequence[Point]):
    """A list of points on arrays, to which further points may be appended.

    Parameters
    ----------
    arrays : dict
        t, value, grad_norm, step, n_iter, s, tangent_t, index of shape (m,); x, tangent_x of shape (m, n).
    """

    def __init__(self, arrays: dict[str, NDArray[Any]]) -> None:
        self.arrays = arrays
        for array in arrays.values():
            array.setflags(write=False)
        self._count = int(arrays["t"].size)
        self._more: list[Point] = []

    def __len__(self) -> int:
        return self._count + len(self._more)

    @overload
    def __getitem__(self, k: int) -> Point: ...

    @overload
    def __getitem__(self, k: slice) -> tuple[Point, ...]: ...

    def __getitem__(self, k: int | slice) -> Point | tuple[Point, ...]:
        if isinstance(k, slice):
            return tuple(self[i] for i in range(*k.indices(len(self))))
        k = k + len(self) if k < 0 else k
        if not 0 <= k < len(self):
            raise IndexError(k)
        return self._point(k) if k < self._count else self._more[k - self._count]

    def __iter__(self) -> Iterator[Point]:
        return (self[k] for k in range(len(self)))

    def _point(self, k: int) -> Point:
        a = self.arrays
        t, dt, index, n_iter = float(a["t"][k]), float(a["tangent_t"][k]), int(a["index"][k]), int(a["n_iter"][k])
        return Point(
            a["x"][k],
            t,
            float(a["value"][k]),
            float(a["grad_norm"][k]),
            float(a["step"][k]),
            n_iter,
            float(a["s"][k]),
            Direction(a["tangent_x"][k], dt),
            index,
            (),
            n_iter,
            1 if (index % 2 == 0) == (dt > 0) else -1,
        )

    def append(self, point: Point) -> None:
        """Put a point at the end."""
        self._more.append(point)

    def pop(self) -> Point:
        """Take the last point away and return it."""
        if self._more:
            return self._more.pop()
        self._count -= 1
        return self._point(self._count)

    def column(self, name: str) -> NDArray[np.float64] | None:
        """Return a field of all points as an array, None where it is not kept as one."""
        if name not in self.arrays or self.arrays[name].ndim != 1:
            return None
        more = [getattr(point, name) for point in self._more]
        return np.concatenate([self.arrays[name][: self._count], more]).astype(np.float64)
