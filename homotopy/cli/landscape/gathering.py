"""Critical points gathered in parts, each written before the next begins, so that a killed command goes on."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from homotopy.archives import read_npz
from homotopy.arguments import shown
from homotopy.errors import ArgumentError, DataError

if TYPE_CHECKING:
    from homotopy.landscape.critical.points import CriticalPoints
    from homotopy.problems import Problem

__all__ = ["Gathered", "gather"]

POINTS, SETTINGS = "points.npz", "settings.json"
SCHEMA = 1
SMALL = 30  # variables up to which a part is of PART starts, else of FEW
PART, FEW = 50, 10
SEARCHES = 4000  # the most of a part: where minima are flat, no number of them would be enough


@dataclass(frozen=True)
class Gathered:
    """Where critical points are kept, and for what they were asked.

    Parameters
    ----------
    folder : Path
        The folder, which is there.
    problem : Problem
        The problem.
    seed : int
        Draws the starts: the i-th is that of ``default_rng([seed, i])``, however many there are.
    kinds : str
        ``all`` or ``minima``.
    """

    folder: Path
    problem: Problem
    seed: int
    kinds: str

    def settings(self) -> dict[str, Any]:
        """Return what must be equal for points to be of one census.

        The value at the first start tells whether the data behind a name are the same.
        """
        first = float(self.problem.objective.value(self.start(0)))
        asked = {"problem": self.problem.name, "seed": self.seed, "kinds": self.kinds}
        return {"schema": SCHEMA} | asked | {"value at the first start": first}

    def start(self, i: int) -> Any:
        """Return the i-th start."""
        return np.asarray(self.problem.start(np.random.default_rng([self.seed, i])), dtype=np.float64)

    def load(self) -> CriticalPoints | None:
        """Return the points that are kept, None where there are none yet.

        Raises
        ------
        ArgumentError
            If they were asked for otherwise.
        DataError
            If a file cannot be read.
        """
        from homotopy.landscape.critical.points import CriticalPoints

        path = self.folder / POINTS
        if not path.exists():
            self._free()
            return None
        lost = f"{self.folder} holds points that cannot be read"
        try:
            known = json.loads((self.folder / SETTINGS).read_text(encoding="utf-8"))
            if not isinstance(known, dict):
                raise DataError(f"{SETTINGS} holds no settings")
            arrays = read_npz(path)
        except (OSError, ValueError, RecursionError) as error:
            raise DataError(f"{lost}: {error}; choose another with -o") from None
        self._same(known)
        try:
            return CriticalPoints.from_arrays(self.problem.objective, arrays)
        except DataError as error:
            raise DataError(f"{lost}: {error}; choose another with -o") from None

    def _free(self) -> None:
        """Refuse a folder with files of such names that are not ours; settings of our own may be there alone."""
        from homotopy.report.folder import FORMATS, free
        from homotopy.report.landscape.folder import PICTURES, TEXTS

        free(self.folder, POINTS, (*TEXTS, *(f"{name}.{kind}" for name in PICTURES for kind in FORMATS)))
        try:
            known = (self.folder / SETTINGS).read_bytes()
        except FileNotFoundError:
            return
        if known != self._text().encode():
            free(self.folder, POINTS, [SETTINGS])

    def _text(self) -> str:
        return json.dumps(self.settings(), indent=2) + "\n"

    def _same(self, known: dict[str, Any]) -> None:
        """Refuse settings that differ from those that are kept."""
        asked = self.settings()
        for name, value in asked.items():
            old = known.get(name)
            near = isinstance(old, float) and isinstance(value, float) and abs(old - value) <= 1e-9 * abs(value)
            if old != value and not near:
                raise ArgumentError(
                    f"{self.folder} holds points with another {name}, {shown(old)} and not {shown(value)}; "
                    "choose another with -o"
                )

    def save(self, points: CriticalPoints) -> None:
        """Write points and settings, each in one step."""
        from homotopy.report.folder import replaced

        replaced(self.folder / SETTINGS, lambda path: path.write_text(self._text()))
        replaced(self.folder / POINTS, lambda path: _savez(path, points))


def gather(
    place: Gathered,
    starts: int,
    *,
    seconds: float = inf,
    told: Callable[[CriticalPoints], None] = lambda points: None,
) -> CriticalPoints:
    """Return the critical points that so many random starts lead to, going on from those that are kept.

    Parameters
    ----------
    place : Gathered
        Where they are kept.
    starts : int
        Starts in all, those of earlier commands included.
    seconds : float
        Wall-clock seconds after which no part is begun; the first one always is.
    told : callable
        ``told(points)`` is called after each part.
    """
    from homotopy.landscape.barriers.families import one_of_each_family
    from homotopy.landscape.critical.census import critical_points

    begin = time.perf_counter()
    points = place.load()
    part = PART if place.problem.size <= SMALL else FEW
    while (done := 0 if points is None else points.n_starts) < starts:
        if points is not None and time.perf_counter() - begin > seconds:
            break
        rows = np.array([place.start(i) for i in range(done, min(done + part, starts))])
        rng = np.random.default_rng([place.seed, done, 1])
        found = critical_points(place.problem, rows, rng=rng, kinds=place.kinds, max_searches=SEARCHES)
        found = found.replaced(found, ())  # what its notes say need not hold of all parts together
        points = one_of_each_family(found if points is None else points.merged(found))
        place.save(points)
        told(points)
    assert points is not None
    return points


def _savez(path: Path, points: CriticalPoints) -> None:
    with path.open("wb") as file:
        np.savez_compressed(file, **points.to_arrays())  # type: ignore[arg-type]
