"""What a problem is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from math import inf, nan
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from homotopy.arguments import number, one_of, positive
from homotopy.calls import DrawCall, called
from homotopy.doors import doors
from homotopy.errors import ArgumentError
from homotopy.extras import origins, remade
from homotopy.objectives.base import Objective, Vector
from homotopy.objectives.facets import require
from homotopy.objectives.function import checked
from homotopy.problems.bounds import Bound, Given, bound_of, lower_bound
from homotopy.problems.constant import constant_loss
from homotopy.status import Status
from homotopy.streams import Draws

__all__ = ["HUGE", "Problem", "Starts"]

FINITE = "a finite number or None"
HUGE = 100.0
"""A loss on held-out data above so many times that of the best constant there is no error but divergence."""


class Starts:
    """A function of a Generator that draws a start, written so that it draws many from a `Draws`, too.

    It uses `standard_normal`, `random` and `uniform` with a shape, and treats leading axes of what they return alike.
    """

    def __init__(self, function: Callable[[Any], Any]) -> None:
        self.function = function

    def __call__(self, rng: Any) -> Any:
        """Return one start of shape (n,), or of a `Draws` one a run, shape (m, n)."""
        return self.function(rng)


@doors
@dataclass(frozen=True, eq=False)
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
        The global minimum's value, exactly or as the best known; None where nothing is known. What counts as solved
        follows from it; that no value is lower is proved by `lower` alone.
    tolerance : float
        A run is solved when its value is at most ``optimum + tolerance``; see `test_target`, too.
    source : str
        Where the problem comes from (paper, equation) and who says what its optimum is.
    score : callable or None
        ``score(x)`` is how well x does on held-out data, higher is better; None where no data are held out.
    score_name : str
        What that is: ``accuracy`` or ``R2``.
    data : object or None
        What a problem made from a table knows of its columns: predictions in the units of the table.
    test_target : float or None
        The largest value of `test` at which a run that reached the training target is a success; None asks for none.
    bound : Bound, callable or None
        What is proved of the least value beyond what the objective tells by itself; or ``bound()``, which computes it
        when it is first asked for. `lower` is the best bound of all.

    Raises
    ------
    ArgumentError
        If the objective is none, the name is no text, `start` cannot be called, the optimum is not finite or the
        tolerance below 0, a test target is not positive or stands without held-out
        data or a known optimum, or the bound is none or lies above all values that count as solved; and, when they are
        called, where a function returns what cannot be meant: the sentence names it.

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
    test_target: float | None = None
    bound: Given = None

    _maker: ClassVar[tuple[Callable[[str], Any], str] | None] = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "objective", checked(self.objective))
        one_of("name", self.name, str, "a text")
        if self.optimum is not None:
            object.__setattr__(self, "optimum", number("optimum", self.optimum, FINITE, above=-inf, below=inf))
        object.__setattr__(self, "tolerance", positive("tolerance", self.tolerance, or_zero=True))
        one_of("source", self.source, str, "a text")
        if hasattr(self.test, "value_and_grad"):
            object.__setattr__(self, "test", checked(self.test))
        if not isinstance(self.start, DrawCall):
            start = called(DrawCall, "start", self.start, "(rng)", n=self.objective.size)
            object.__setattr__(self, "start", start)
        if self.test_target is not None:
            object.__setattr__(self, "test_target", positive("test_target", self.test_target))
            if self.test is None or self.optimum is None:
                raise ArgumentError("test_target needs test, the objective on held-out data, and a known optimum")
        given, target = bound_of(self.bound), self.target
        if isinstance(given, Bound) and target is not None and given.contradicted(target):
            raise ArgumentError(
                f"bound says that no value is below {given.value:.6g} ({given.certificate}), and optimum + tolerance "
                f"is {target:.6g}: one of them is wrong"
            )

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

    def named(self, make: Callable[[str], Problem], text: str) -> Problem:
        """Return the problem itself, which `make` makes of a text again: a pickle or a copy of it does that."""
        object.__setattr__(self, "_maker", (make, text))
        return self

    def __reduce_ex__(self, protocol: Any) -> Any:
        """Return what makes it again: its name where it was made by one, else its parts."""
        return (remade, (*self._maker, origins(self._maker[1]))) if self._maker else super().__reduce_ex__(protocol)

    @cached_property
    def lower(self) -> Bound | None:
        """The best lower bound that is known: of `bound` and of what the objective proves; None where there is none.

        It is computed when it is first asked for (`homotopy.problems.bounds.lower_bound`).
        """
        return lower_bound(self.objective, self.bound)

    def bounded(
        self, value: float, certificate: str, *, rounding: float = 0.0, optimum: float | None = None
    ) -> Problem:
        """Return the same problem with a lower bound, and with its optimum where that is known by the same token.

        Parameters
        ----------
        value, certificate, rounding
            As for `homotopy.problems.bounds.Bound`.
        optimum : float or None
            The value that is now known to be the global minimum's, as that of a point which attains the bound; None
            keeps what the problem has.

        Raises
        ------
        ArgumentError
            If a number is not finite, the certificate is no text, or the bound lies above what counts as solved.

        Examples
        --------
        >>> from homotopy.problems import problem
        >>> problem("sine:hidden=2").bounded(0.01, "an exhaustive search").lower
        Bound(value=0.01, certificate='an exhaustive search', rounding=0.0)
        """
        bound = Bound(value, certificate, rounding)
        return replace(self, bound=bound, optimum=self.optimum if optimum is None else number("optimum", optimum))

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
        return target is not None and float(value + 0.0) <= target  # of anything but a number there is no sum

    def solves(self, x: Vector) -> bool:
        """Whether a point is a success: its value is one that is solved, and its loss on held-out data if need be."""
        return self.solved(self.objective.value(x)) and self.judged(x)[1] is Status.REACHED_TARGET

    def judged(self, x: Vector) -> tuple[float, Status]:
        """Return the loss on held-out data of a point that reached the training target, and how its run ended.

        Returns
        -------
        loss : float
            The value of `test`; NaN where no test target is asked for.
        status : Status
            REACHED_TARGET where the loss is at most `test_target`; DIVERGES_ON_TEST where it is not finite or above 100
            times that of the best constant there (where there is none, above 1e6 test targets); else FAILS_TEST.
        """
        if self.test_target is None or self.test is None:
            return nan, Status.REACHED_TARGET
        with np.errstate(all="ignore"):  # a net that blows up is found by its loss
            loss = float(self.test.value(x))
        if loss <= self.test_target:
            return loss, Status.REACHED_TARGET
        huge = HUGE * constant_loss(self.test)
        huge = huge if huge > self.test_target else 1e6 * self.test_target
        return loss, Status.FAILS_TEST if loss <= huge else Status.DIVERGES_ON_TEST

    def told(self, x: Vector, loss: float, status: Status) -> str:
        """Return what is to be said of a point that `judged` refused; nothing of any other."""
        if status not in (Status.FAILS_TEST, Status.DIVERGES_ON_TEST):
            return ""
        text = f"the loss there is {loss:.3g}, and at most {self.test_target:.3g} is a success"
        more = self.data.diagnose(x) if hasattr(self.data, "diagnose") else ""
        return f"{text}; {more}" if more else text
