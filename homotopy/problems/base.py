"""What a problem is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from homotopy.calls import DrawCall, called
from homotopy.objectives.base import Objective, Vector
from homotopy.objectives.facets import require
from homotopy.objectives.function import checked
from homotopy.streams import Draws

__all__ = ["Problem", "Starts"]


class Starts:
    """A function of a Generator that draws a start, written so that it draws many from a `Draws`, too.

    It uses `standard_normal`, `random` and `uniform` with a shape, and treats leading axes of what they return alike.
    """

    def __init__(self, function: Callable[[Any], Any]) -> None:
        self.function = function

    def __call__(self, rng: Any) -> Any:
        """Return one start of shape (n,), or of a `Draws` one a run, shape (m, n)."""
        return self.function(rng)


@dataclass(frozen=True)
class Problem:
    """An objective, a distribution of starts, and what counts as solved.

    Parameters
    ----------
    name : str
        The full name, parameters included, from which the same problem is built again.
    objective : Objective
        The true objective.
    start : callable
        ``start(rng)`` draws one start of shape (n,) from a Generator.
    test : Objective or None
        The objective on held-out data, if there is any.
    optimum : float or None
        The global minimum's value, exactly or as the best known; None where nothing is known.
    tolerance : float
        A run is solved when its value is at most ``optimum + tolerance``.
    source : str
        Where the problem comes from (paper, equation) and who says what its optimum is.
    score : callable or None
        ``score(x)`` is how well x does on held-out data, higher is better; None where no data are held out.
    score_name : str
        What that is: ``accuracy`` or ``R2``.
    data : object or None
        What a problem made from a table knows of its columns: predictions in the units of the table.

    Raises
    ------
    ArgumentError
        If the objective is none, or `start` cannot be called; and, when they are called, where one of them returns what
        cannot be meant: the sentence names the function.

    Notes
    -----
    An objective of the user's own is kept as a `homotopy.objectives.function.Checked`, and is its ``inner``: its
    answers are looked at and copied, and where it has no ``hessp``, that is a difference of its gradient.
    """

    name: str
    objective: Objective
    start: Callable[[np.random.Generator], Vector]
    test: Objective | None = None
    optimum: float | None = None
    tolerance: float = 1e-6
    source: str = ""
    score: Callable[[Vector], float] | None = None
    score_name: str = ""
    data: Any = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "objective", checked(self.objective))
        if hasattr(self.test, "value_and_grad"):
            object.__setattr__(self, "test", checked(self.test))
        if not isinstance(self.start, DrawCall):
            start = called(DrawCall, "start", self.start, "(rng)", n=self.objective.size)
            object.__setattr__(self, "start", start)

    @classmethod
    def of(cls, objective: Any) -> Problem:
        """Return an objective that has random points of its own, its facet ``draw``, as a problem of unknown optimum.

        Raises
        ------
        ArgumentError
            If it is no objective, or has no ``draw``.
        """
        one = checked(objective)
        require(one, ("draw",))
        return cls(type(objective).__name__, one, one.draw, source=repr(objective))

    def starts(self, draws: Draws) -> NDArray[np.float64]:
        """Return one start a run, shape (m, n): what `start` draws from each run's Generator."""
        within = self.start.function if isinstance(self.start, DrawCall) else self.start
        if isinstance(within, Starts):
            return np.ascontiguousarray(within(draws))
        return np.reshape([self.start(rng) for rng in draws.generators()], (len(draws), self.size))

    @property
    def size(self) -> int:
        """The number of variables n."""
        return self.objective.size

    @property
    def target(self) -> float | None:
        """The largest value that counts as solved; None where the optimum is unknown."""
        return None if self.optimum is None else self.optimum + self.tolerance

    def solved(self, value: float) -> bool:
        """Whether `value` is at most ``optimum + tolerance``; False where the optimum is unknown."""
        target = self.target
        return target is not None and bool(value <= target)
