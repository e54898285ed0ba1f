"""What many descents recorded, in few arrays: those of single starts are made when they are asked for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

__all__ = ["Traces"]

FLOATS = NDArray[np.float64]
PLACES = NDArray[np.int64]
NOTHING = np.empty((0, 2))
NOTHING.setflags(write=False)
"""The trace of a descent that recorded nothing."""


class Traces(Sequence[FLOATS]):
    """What r descents recorded: for each an array of shape (m, 2), evaluations and value, read-only.

    Parameters
    ----------
    r : int
        How many descents.

    Examples
    --------
    >>> traces = Traces(3)
    >>> traces.keep(1, np.arange(6.0).reshape(3, 2), np.array([0, 1]), np.array([1, 3]))
    >>> [len(trace) for trace in traces]
    [0, 1, 2]
    """

    def __init__(self, r: int) -> None:
        self._r = r
        self._kept: list[tuple[int, FLOATS, PLACES, PLACES]] = []
        self._alone: dict[int, FLOATS] = {}

    @classmethod
    def of(cls, traces: Sequence[FLOATS]) -> Traces:
        """Return the Traces that are these arrays."""
        if isinstance(traces, Traces):
            return traces
        made = cls(len(traces))
        for i, trace in enumerate(traces):
            made[i] = trace
        return made

    def keep(self, first: int, points: FLOATS, begins: PLACES, ends: PLACES) -> None:
        """Keep what descents `first` and on recorded: the rows ``begins[i]`` to ``ends[i] - 1`` of `points`."""
        points.setflags(write=False)
        self._kept.append((first, points, begins, ends))

    def __setitem__(self, i: int, trace: FLOATS) -> None:
        self._alone[i] = trace

    def __len__(self) -> int:
        return self._r

    @overload
    def __getitem__(self, i: int) -> FLOATS: ...
    @overload
    def __getitem__(self, i: slice) -> tuple[FLOATS, ...]: ...
    def __getitem__(self, i: Any) -> Any:
        """Return the trace of one descent, or of several in a tuple."""
        if isinstance(i, slice):
            return tuple(self[k] for k in range(*i.indices(self._r)))
        place = range(self._r)[i]
        if place in self._alone:
            return self._alone[place]
        for first, points, begins, ends in self._kept:
            if first <= place < first + len(begins):
                return points[begins[place - first] : ends[place - first]]
        return NOTHING

    def __eq__(self, other: object) -> bool:
        """Return whether the others are as many, and all the same."""
        if not isinstance(other, (Traces, tuple, list)):
            return NotImplemented
        return len(self) == len(other) and all(map(np.array_equal, self, other))

    __hash__ = None  # type: ignore[assignment]

    def columns(self) -> tuple[FLOATS, PLACES, PLACES]:
        """Return all points, shape (n, 2), and where each descent's begin and end there, both of shape (r,)."""
        if len(self._kept) == 1 and len(self._kept[0][2]) == self._r and not self._alone:
            return self._kept[0][1:]
        begins, ends = np.zeros((2, self._r), dtype=np.int64)
        parts, at = [NOTHING], 0
        for first, points, starts, stops in self._kept:
            here = slice(first, first + len(starts))
            begins[here], ends[here] = starts + at, stops + at
            parts.append(points)
            at += len(points)
        for i, trace in self._alone.items():
            begins[i], ends[i] = at, at + len(trace)
            parts.append(trace)
            at += len(trace)
        return np.concatenate(parts), begins, ends
