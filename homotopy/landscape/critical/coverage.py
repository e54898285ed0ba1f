"""How much of a landscape random searches have seen, estimated from how often each point was met."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from homotopy.doors import doors

__all__ = ["Coverage", "coverage_of"]


@doors
@dataclass(frozen=True)
class Coverage:
    """What the numbers of searches that ended at each point say of the points that none ended at.

    Attributes
    ----------
    found : int
        Different critical points known, those of exploration and products included.
    singletons, doubletons : int
        Points at which exactly one search from a random start ended, and exactly two.
    good_turing : float
        The estimated share of searches from new random starts that would end at points met before: 1 minus singletons
        over searches; NaN without searches.
    chao1 : float
        The estimated number of points that random searches can meet in all, a bound from below.
    missing : float
        How many of these are probably not known: chao1 minus `found`, at least 0.

    Notes
    -----
    With s points met, f1 of them once and f2 twice, chao1 is s + f1 (f1 - 1) / (2 (f2 + 1)), the bias-corrected form.
    Points that no random search ends at are seen by neither number; for functions that grow at infinity
    `CriticalPoints.morse_sum` is a check of another kind.

    References
    ----------
    I. J. Good, Biometrika 40 (1953) 237-264; A. Chao, Scand. J. Statist. 11 (1984) 265-270.
    """

    found: int
    singletons: int
    doubletons: int
    good_turing: float
    chao1: float
    missing: float

    def __str__(self) -> str:
        points = "1 point" if self.found == 1 else f"{self.found} points"
        if self.good_turing != self.good_turing:
            return f"{points}; no searches were made"
        return (
            f"{points}; about {self.good_turing:.2%} of new searches would end at points met before, "
            f"and about {self.missing:.3g} that searches can meet are missing"
        )


def coverage_of(hits: Iterable[int]) -> Coverage:
    """Return the coverage from the numbers of random searches that ended at each point.

    Examples
    --------
    >>> coverage_of([5, 1, 1, 2]).chao1
    4.5
    """
    counts = [int(h) for h in hits]
    found, searches, met = len(counts), sum(counts), sum(h > 0 for h in counts)
    once, twice = counts.count(1), counts.count(2)
    share = 1.0 - once / searches if searches else float("nan")
    chao1 = met + once * (once - 1) / (2.0 * (twice + 1))
    return Coverage(found, once, twice, share, chao1, max(0.0, chao1 - found))
