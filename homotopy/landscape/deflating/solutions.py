"""All the solutions that deflation finds: at one t, and along a grid of t."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from math import sqrt

import numpy as np

from homotopy.arguments import integer, one_of, shown, vector
from homotopy.doors import door
from homotopy.errors import ArgumentError
from homotopy.homotopies.systems.roots import Still
from homotopy.landscape.deflating.deflation import Deflation
from homotopy.landscape.deflating.differenced import in_any_units
from homotopy.landscape.deflating.newton import SAME, DeflatedNewton, norm
from homotopy.landscape.symmetry.units import symmetries_of
from homotopy.objectives.base import Objective, Vector
from homotopy.objectives.family import Homotopy
from homotopy.status import Status
from homotopy.threads import one_blas_thread

__all__ = ["Solutions", "deflated_continuation", "find_solutions"]

UNKNOWN = (1.0, 1e-3, 1e3, 1e-6, 1e6)
"""Lengths that are tried where neither start nor known solutions tell one."""
MOVED = 1e-3
"""A start at a known solution is moved by this part of the length."""
AT_ZERO = 1e-13
"""Solutions whose distance is this part of the largest |x| known are one: near zero their own size says nothing."""


class Solutions(list[Vector]):
    """Solutions in the order in which they were found, and what is known about others.

    Attributes
    ----------
    complete : bool
        Whether these are all: never by deflation alone, which proves nothing, but where `count` says how many there
        are.
    note : str
        How the search ended, in a sentence.
    """

    def __init__(self, found: Iterable[Vector] = (), *, complete: bool = False, note: str = "") -> None:
        super().__init__(found)
        self.complete, self.note = complete, note


@door
@one_blas_thread
def find_solutions(
    problem: Objective | Homotopy,
    starts: Iterable[Vector],
    *,
    t: float = 1.0,
    newton: DeflatedNewton | None = None,
    deflation: Deflation | None = None,
    max_solutions: int = 1000,
    count: int | None = None,
    restart: bool = True,
) -> Solutions:
    """Return the stationary points, or roots, that deflated Newton finds from the starts, each again until it fails.

    Parameters
    ----------
    problem : Objective or Homotopy
        A homotopy is solved at `t`.
    starts : iterable of ndarray of shape (n,)
        Where Newton's method begins.
    t : float
        Where a homotopy is solved.
    newton : DeflatedNewton or None
        Its settings.
    deflation : Deflation or None
        What is known already, and the operator; None takes the symmetries that the objective states.
    max_solutions : int
        When to stop.
    count : int or None
        How many there are with the known ones, where that is known, as by a degree; the search ends there.

    restart : bool
        Whether every solution that is found is a further start, which finds many more and costs as much for each.

    Returns
    -------
    Solutions
        A list of ndarray of shape (n,) that also says in `note` how the search ended, and in `complete` whether the
        solutions are known to be all.

    Raises
    ------
    ArgumentError
        If the problem is none, a start is no vector of its size, or `count` is no whole number.

    Notes
    -----
    A start in a subspace that a symmetry keeps is left by rounding errors only: give starts of several shapes.

    An operator without a `length` is tried with the largest and the smallest distance between the start and the known
    solutions and their geometric mean, and then without shift and with power 1, which in one variable divides the known
    solutions out. So x -> c x + b and F -> s F find the same solutions, of whatever sizes. Solutions are one if their
    distance is at most 1e-6 of their size.

    Examples
    --------
    >>> from homotopy.objectives.functions import Himmelblau
    >>> found = find_solutions(Himmelblau(), [np.zeros(2)])
    >>> len(found), found.complete
    (9, False)
    """
    if isinstance(problem, type) or not (hasattr(problem, "value_and_grad") and hasattr(problem, "size")):
        raise ArgumentError(f"problem must be an Objective or a Homotopy, not {shown(problem)}")
    one_of("starts", starts, Iterable, f"a list of vectors of shape ({problem.size},)")
    homotopy = problem if isinstance(problem, Homotopy) else Still(problem)
    starts = [vector("starts: one of them", start, homotopy.size, "the problem") for start in starts]
    if count is not None:
        integer("count", count, least=0)
    if deflation is None:
        deflation = Deflation(symmetries=symmetries_of(getattr(homotopy, "objective", None)))
    unit = max((norm(start) for start in starts), default=0.0) or 1.0
    search = _Search(
        in_any_units(homotopy, unit), t, newton or DeflatedNewton(), deflation, most=max_solutions, count=count
    )
    for start in starts:
        search.run(start)
    for start in search.found if restart else ():  # which grows on the way
        search.run(start)
    return search.solutions()


class _Search:
    """A search for solutions at one t."""

    def __init__(
        self,
        homotopy: Homotopy,
        t: float,
        newton: DeflatedNewton,
        deflation: Deflation,
        *,
        most: int,
        count: int | None,
    ) -> None:
        self.homotopy, self.t, self.newton, self.deflation = homotopy, t, newton, deflation
        self.most, self.count = most, count
        self.found: list[Vector] = []
        self.ends: Counter[str] = Counter()

    @property
    def is_over(self) -> bool:
        """Whether nothing more is looked for."""
        counted = self.count is not None and len(self.deflation.known) >= self.count
        return len(self.found) >= self.most or counted

    def run(self, start: Vector) -> None:
        """Search from a start until no operator leads to another solution."""
        while not self.is_over and any(self._try(start, *attempt) for attempt in self._attempts(start)):
            pass

    def _attempts(self, start: Vector) -> Iterator[tuple[Deflation, float]]:
        """Yield operators on the known solutions, and the distance by which a start at one of them is moved."""
        given, distances = self.deflation, [d for d in self.deflation.distances(start) if d > 0.0]
        if not given.known or given.length is not None:
            yield given, given.length or norm(start) or 1.0
            return
        lengths = [norm(start)] if norm(start) else list(UNKNOWN)
        if distances:
            far, near = max(distances), min(distances)
            lengths = [far, sqrt(far * near), near]
            lengths = [length for k, length in enumerate(lengths) if all(length < 0.5 * other for other in lengths[:k])]
        for length in lengths:
            yield replace(given, length=length), length
        yield replace(given, length=lengths[0], power=1.0, shift=0.0), lengths[0]

    def _try(self, start: Vector, deflation: Deflation, length: float) -> bool:
        """Return whether Newton's method finds another solution, which is then known."""
        if deflation.known and deflation.distance(start) <= 1e-6 * length:  # the operator is infinite, or all but that
            start = start + MOVED * length * np.cos(np.arange(1.0, start.size + 1))
        x, status = self.newton.solve(self.homotopy, start, self.t, deflation)
        if status is Status.CONVERGED and self._is_new(x):
            self.found.append(x)
            self.deflation.add(x)
            return True
        self.ends["a known solution" if status is Status.CONVERGED else status.name] += 1
        return False

    def _is_new(self, x: Vector) -> bool:
        size, largest = norm(x), max((norm(r) for r in self.deflation.known), default=0.0)
        return self.deflation.distance(x) > max(SAME * size, AT_ZERO * largest)

    def solutions(self) -> Solutions:
        """Return what was found, and a sentence about it."""
        many = f"{len(self.found)} solution{'' if len(self.found) == 1 else 's'} found"
        if self.count is not None and len(self.deflation.known) == self.count:
            return Solutions(self.found, complete=True, note=f"{many}, which are all")
        if len(self.found) >= self.most:
            return Solutions(self.found, note=f"{many}, the most that were asked for; there may be others")
        ends = ", ".join(f"{end}: {n}" for end, n in self.ends.most_common())
        short = "" if self.count is None else f" of {self.count}"
        return Solutions(self.found, note=f"{many}{short}; further searches led nowhere ({ends}), which is no proof")


@door
@one_blas_thread
def deflated_continuation(
    homotopy: Homotopy,
    starts: Sequence[Vector],
    times: Sequence[float],
    *,
    newton: DeflatedNewton | None = None,
    power: float = 2.0,
    shift: float = 1.0,
) -> list[Solutions]:
    """Return the solutions at every t of a grid: those continued from the t before, and those that deflation adds.

    Parameters
    ----------
    homotopy : Homotopy
        The family.
    starts : sequence of ndarray of shape (n,)
        Guesses at the first t.
    times : sequence of float
        The grid, in either direction.
    newton : DeflatedNewton or None
        Its settings.
    power, shift : float
        As in `Deflation`; lengths are taken from the distances between solutions.

    Returns
    -------
    list of Solutions
        One list a time, with a note on how the search ended and how many solutions there were at the time before, where
        these were more. It finds branches that do not hang together with the starts.

    Raises
    ------
    ArgumentError
        If the starts or the times are no lists, or a start is no vector of the family's size.

    References
    ----------
    Farrell, Beentjes and Birkisson 2016, arXiv 1603.00809.
    """
    newton = DeflatedNewton() if newton is None else newton
    one_of("starts", starts, Iterable, f"a list of vectors of shape ({homotopy.size},)")
    one_of("times", times, Iterable, "a list of numbers")
    known: list[Vector] = list(starts)
    table: list[Solutions] = []
    for t in times:
        symmetries = symmetries_of(getattr(homotopy, "objective", None))
        deflation = Deflation(power=power, shift=shift, symmetries=symmetries)
        continued = find_solutions(homotopy, known, t=t, newton=newton, deflation=deflation)
        if table and len(continued) < len(table[-1]):
            continued.note += f"; at the time before there were {len(table[-1])}"
        table.append(continued)
        known = list(continued) or known
    return table
