"""The paths that methods followed, as they are kept beside the runs: t, H and the index of its Hessian."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from homotopy.archives import inflated
from homotopy.continuation import Path, Spectrum
from homotopy.errors import DataError, EvaluationError
from homotopy.methods import Method, streams
from homotopy.methods.tracked.tracked import Tracked
from homotopy.problems.base import Problem

__all__ = ["MOST", "Trace", "follows_paths", "traced"]

MOST = 5  # paths that are kept of one method on one problem, those of the first seeds
LARGEST = 200  # variables up to which the index is computed
RATIO = 16  # so much smaller at most are packed columns
WORK = 2_000_000  # and points times squared variables


@dataclass(frozen=True)
class Trace:
    """A path as it is kept and drawn: t and the value at its points in their order."""

    seed: int
    t: NDArray[np.float64]
    value: NDArray[np.float64]
    index: NDArray[np.float64]  # negative eigenvalues of the Hessian, NaN where they were not computed

    def pack(self) -> bytes:
        """Return the three columns as compressed bytes in single precision, in which what is too large is infinite."""
        with np.errstate(over="ignore"):
            raw = np.array([self.t, self.value, self.index]).astype("<f4").tobytes()
        packed = zlib.compress(raw, 1)
        return packed if RATIO * len(packed) >= len(raw) else zlib.compress(raw, 0)

    @classmethod
    def unpack(cls, seed: int, data: bytes) -> Trace:
        """Return the Trace that `pack` packed.

        Raises
        ------
        DataError
            If it is damaged.

        Examples
        --------
        >>> one = Trace(3, np.array([0.0, 1.0]), np.array([2.0, 0.5]), np.array([0.0, np.nan]))
        >>> Trace.unpack(3, one.pack())
        Trace(seed=3, t=array([0., 1.]), value=array([2. , 0.5]), index=array([ 0., nan]))
        """
        raw = inflated(data, RATIO * len(data))
        if not raw or len(raw) % 12:
            raise DataError("packed data are not the three columns of a path")
        return cls(seed, *np.frombuffer(raw, "<f4").reshape(3, -1).astype(np.float64))


def follows_paths(method: Method) -> bool:
    """Return whether a method's runs have paths that can be kept."""
    return isinstance(method, Tracked)


def traced(problem: Problem, method: Method, seed: int, path: Path | None) -> Trace | None:
    """Return the path of a run as it is kept; None where there is none.

    The index is computed here, after the run and at no charge, with at most 200 variables and where points times
    squared variables are at most two million.
    """
    if path is None or not isinstance(method, Tracked):
        return None
    index = np.full(len(path.points), np.nan)
    if problem.size <= LARGEST and index.size * problem.size**2 <= WORK:
        index = _index(problem, method, seed, path)
    return Trace(seed, path.column("t"), path.column("value"), index)


def _index(problem: Problem, method: Tracked, seed: int, path: Path) -> NDArray[np.float64]:
    """Return the index at every point of a path, NaN where it cannot be computed."""
    family = method.factory(problem.objective, problem.start(streams(seed)[0]))
    spectrum = Spectrum()
    try:
        found = [spectrum.index(family, point.x, point.t)[0] for point in path.points]
    except EvaluationError:
        return np.full(len(path.points), np.nan)
    return np.array([n if n >= 0 else np.nan for n in found], dtype=np.float64)
