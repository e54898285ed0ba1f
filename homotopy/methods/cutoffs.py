"""At what cost a run that has not succeeded is best given up for a new start."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["Price", "best_cutoff", "by_end", "cost_at", "least_cost", "paid", "part_of"]

FLOATS = NDArray[np.float64]
BOOLS = NDArray[np.bool_]


class Price(NamedTuple):
    """What runs take in another unit than the one in which they are given up.

    Attributes
    ----------
    own : ndarray of shape (r,)
        What each takes by itself.
    rate : ndarray of shape (r,)
        What each takes for a unit spent.
    """

    own: FLOATS
    rate: FLOATS

    def paid(self, spent: FLOATS) -> FLOATS:
        """Return what runs take that have spent so much, shape (r,)."""
        return self.own + self.rate * spent

    def part(self, which: NDArray[Any]) -> Price:
        """Return the price of some of the runs."""
        return Price(self.own[which], self.rate[which])

    def followed(self, other: Price) -> Price:
        """Return the price of these runs and then of others."""
        return Price(np.append(self.own, other.own), np.append(self.rate, other.rate))


def paid(end: FLOATS, limit: float | FLOATS, price: Price | None) -> FLOATS:
    """Return what each run takes that is given up at its limit."""
    spent = np.minimum(end, limit)
    return spent if price is None else price.paid(spent)


def part_of(price: Price | None, which: NDArray[Any]) -> Price | None:
    """Return the price of some of the runs, where there is one."""
    return None if price is None else price.part(which)


def by_end(end: FLOATS, won: BOOLS) -> NDArray[np.intp]:
    """Return the order in which `end` rises, a success behind the failures that are as dear."""
    return np.argsort(np.where(won, np.nextafter(end, np.inf), end))  # half the time of lexsort, which sorts twice


def best_cutoff(
    end: FLOATS, won: BOOLS, *, fewest: int = 1, ordered: bool = False, price: Price | None = None
) -> float:
    """Return the cutoff with the least expected cost to a first success; infinite without a success.

    `end` holds the cost to success of runs that succeeded, as `won` says, and what the others spent, shape (r,). The
    cutoff keeps at least `fewest` successes, where there are so many. Runs that are `ordered` come as `by_end` has
    them, so that a cutoff counts failures that are as dear. With a `price` that of the runs is what is to be least.

    Examples
    --------
    >>> best_cutoff(np.array([10.0, 12.0, 90.0, 100.0]), np.array([True, True, True, False]))
    12.0
    """
    if not ordered:
        order = by_end(end, won)
        end, won, price = end[order], won[order], part_of(price, order)
    at = np.flatnonzero(won)
    if not len(at):
        return np.inf
    first = max(0, min(fewest, len(at)) - 1)
    at, successes = at[first:], np.arange(first + 1, len(at) + 1)
    if price is None:
        spent = np.cumsum(end)[at] + end[at] * (end.size - 1 - at)
    else:
        rate = np.cumsum(price.rate)
        spent = price.own.sum() + np.cumsum(price.rate * end)[at] + end[at] * (rate[-1] - rate[at])
    return float(end[at[np.argmin(spent / successes)]])


def cost_at(end: FLOATS, won: BOOLS, cutoff: float | FLOATS, price: Price | None = None) -> float:
    """Return the expected cost to the first success with restarts at a cutoff; infinite without a success.

    `end` has the cost to success of each run that won, else what it spent; the cutoff is one for all runs or one for
    each, NaN is none. With a price of the runs, that is what is returned.

    Examples
    --------
    >>> cost_at(np.array([10.0, 50.0, 90.0]), np.array([True, True, False]), 20.0)
    50.0
    """
    limit = np.where(np.isnan(cutoff), np.inf, cutoff)
    n = int((won & (end <= limit)).sum())
    return float(paid(end, limit, price).sum() / n) if n else np.inf


def least_cost(end: FLOATS, won: BOOLS, price: Price | None = None, *, fewest: int = 1) -> float:
    """Return the expected cost at the cutoff that suits these very runs best."""
    return cost_at(end, won, best_cutoff(end, won, fewest=fewest, price=price), price)
