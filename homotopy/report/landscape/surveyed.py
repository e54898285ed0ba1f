"""What a report of critical points is about: the problem, its points, the tree of its minima, how they were sought."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from math import nan, sqrt, tanh
from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import spearmanr

from homotopy.doors import doors

if TYPE_CHECKING:
    from homotopy.landscape.barriers.tree import Tree
    from homotopy.landscape.critical.points import CriticalPoints
    from homotopy.problems import Problem
    from homotopy.problems.bounds import Bound

__all__ = ["Correlation", "Survey", "rank_correlation"]

ROUNDING = 1e-14  # of the largest value
LEAST = 5  # points from which a correlation is told
Z = 1.959963984540054  # the normal quantile of 95 %


@doors
@dataclass(frozen=True, eq=False)
class Survey:
    """Critical points of a problem.

    Attributes
    ----------
    problem : Problem
        The problem.
    points : CriticalPoints
        Its points.
    tree : Tree or None
        The tree of its minima; None where it was not asked for.
    settings : dict
        What was asked for, in words.
    """

    problem: Problem
    points: CriticalPoints
    tree: Tree | None = None
    settings: dict[str, str] = field(default_factory=dict)

    @property
    def bound(self) -> Bound | None:
        """The best known bound of the problem's values from below; None where none is known."""
        return self.problem.lower

    @cached_property
    def kinked(self) -> bool:
        """Whether hidden units have kinks, so that there may be minima at which there is no gradient."""
        hidden = getattr(getattr(self.points.objective, "outputs", None), "hidden", None)
        return bool(getattr(hidden, "homogeneous", False))

    @cached_property
    def slack(self) -> float:
        """The size of a value that is rounding beside the largest one of all points."""
        return ROUNDING * max((abs(point.value) for point in self.points), default=0.0)

    def exact(self, value: float) -> float:
        """Return a value without its rounding: the bound itself where no more is between them, and 0 beside 0."""
        if self.bound is not None and abs(value - self.bound.value) <= max(self.slack, self.bound.rounding):
            return self.bound.value
        return 0.0 if abs(value) <= self.slack else value

    def gap(self, value: float) -> float:
        """Return how far a value lies above the best known bound, negative below it; NaN where none is known."""
        return nan if self.bound is None else self.bound.gap(self.exact(value))


@dataclass(frozen=True)
class Correlation:
    """A rank correlation with its interval at 95 %, and the number of points that it is of."""

    rho: float
    low: float
    high: float
    n: int


def rank_correlation(points: CriticalPoints) -> Correlation | None:
    r"""Return Spearman's correlation of index and value over critical points, each with its copies once.

    Returns
    -------
    Correlation or None
        None with fewer than five points, or where all have one index or one value.

    Notes
    -----
    The interval is that of Bonett and Wright on Fisher's scale, :math:`\mathrm{artanh} \rho \pm 1.96 \sqrt{(1 +
    \rho^2/2)/(n-3)}`. It takes the points for a random sample of such points, which those of one function are not:
    where all are known there is nothing to infer, and where they are not, those that searches find easily are there
    more often.

    References
    ----------
    D. G. Bonett and T. A. Wright, Psychometrika 65 (2000) 23-28.

    Examples
    --------
    >>> rank_correlation([]) is None
    True
    """
    index = np.array([point.index for point in points])
    value = np.array([point.value for point in points])
    if len(index) < LEAST or np.ptp(index) == 0 or np.ptp(value) == 0:
        return None
    rho = float(spearmanr(index, value).statistic)
    wide = Z * sqrt((1 + rho**2 / 2) / (len(index) - 3))
    middle = float(np.arctanh(np.clip(rho, -1 + 1e-15, 1 - 1e-15)))
    return Correlation(rho, tanh(middle - wide), tanh(middle + wide), len(index))
