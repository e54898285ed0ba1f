"""The expected loss at a budget: the lowest one of as many restarts as the budget pays for, and its score on test data.

What is told of a method where no optimum is known: not how often it solved the problem, but how low it comes for what
one run may cost.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, isfinite, nan
from typing import Any

import numpy as np
import scipy
from numpy.typing import ArrayLike, NDArray

from homotopy.arguments import generator
from homotopy.errors import ArgumentError

__all__ = ["AtBudget", "Estimate", "at_budget", "mean_estimate", "over_problems"]

FLOATS = NDArray[np.float64]
DRAWS = 4000  # rows of restarts for the value
BOOTSTRAPS, DRAWS_EACH = 200, 400  # and for each of the resampled pools that give the interval
LEAST = 1e-4  # share that a run spends at least: of so many restarts the pool's lowest run is one
WORK = 20_000_000  # entries that all rows may draw together
FULL = 0.995  # runs that spent so much of the budget leave nothing for another


@dataclass(frozen=True)
class Estimate:
    """A mean with its interval at 95 %; NaN where there are too few numbers."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class AtBudget:
    """What a method comes to for the budget of one run.

    Attributes
    ----------
    loss : Estimate
        The expected lowest value of the true objective, in its unit; where `relative`, in units of the constant's loss.
    restarts : float
        Runs that the budget pays for on average, the last one cut short among them.
    score : Estimate or None
        The expected score on held-out data of the run with the lowest objective among those; None without such data.
    run_score : Estimate or None
        The mean score of single runs.
    score_name : str
        What the score is: ``accuracy`` or ``R2``.
    relative : bool
        Whether losses are told as multiples of the loss of the best constant: those of several problems are.
    """

    loss: Estimate
    restarts: float
    score: Estimate | None = None
    run_score: Estimate | None = None
    score_name: str = ""
    relative: bool = False


@np.errstate(over="ignore", invalid="ignore")
def at_budget(
    values: ArrayLike,
    shares: ArrayLike,
    curves: Sequence[FLOATS] | None = None,
    *,
    scores: ArrayLike | None = None,
    score_name: str = "",
    rng: np.random.Generator | int | None = 0,
) -> AtBudget:
    """Return what runs on one problem come to when they are restarted until a budget is spent.

    Parameters
    ----------
    values : array_like of shape (r,)
        The final losses; NaN counts as infinite.
    shares : array_like of shape (r,)
        The share of the budget that each run spent, dimensionless; one that spent all of it has 1 or more.
    curves : sequence of ndarray of shape (m, 2) or None
        Of each run: shares of the budget, in rising order, and the lowest loss seen until then. Asked for only where
        some run spent less than the budget; None takes a cut run for one that saw nothing.
    scores : array_like of shape (r,) or None
        Scores of the final points on held-out data.
    score_name : str
        What they are.
    rng : Generator, int or None
        Draws; a fixed seed by default, so that a table is the same each time.

    Returns
    -------
    AtBudget
        Infinite losses where runs ended at none; NaN without runs.

    Raises
    ------
    ArgumentError
        If the arrays differ in length.

    Notes
    -----
    A row of restarts draws runs with replacement until 99.5 % of the budget is spent. The first counts whole; the last
    one, which the budget does not pay for, counts with the lowest value that its curve has at what is left. The value
    is the mean over 4,000 rows of the lowest loss in each, the score that of the whole run with the lowest loss in
    each. The interval resamples the pool of runs 200 times, with 400 rows for each: its percentiles, less the noise of
    400 rows and the bias of resampling.

    In simulations of lognormal losses the interval covered the expected loss in 86, 89 and 94 % of the studies with 20,
    100 and 400 runs that spend all of the budget, in 92, 95 and 93 % with five restarts, in 53, 88 and 95 % with 24: no
    row comes lower than the lowest run of the pool, so that twenty runs say little of two dozen restarts, and the value
    is then too high.

    Examples
    --------
    >>> found = at_budget([1.0, 3.0], [1.0, 1.0])
    >>> found.loss.value, found.restarts
    (2.0, 1.0)
    """
    loss = np.nan_to_num(np.asarray(values, dtype=np.float64), nan=np.inf, posinf=np.inf, neginf=-np.inf)
    share = np.asarray(shares, dtype=np.float64)
    score = None if scores is None else np.asarray(scores, dtype=np.float64)
    if loss.ndim != 1 or any(len(other) != len(loss) for other in (share, curves, score) if other is not None):
        raise ArgumentError("values, shares, curves and scores must be equally many, one of each a run")
    if not loss.size:
        none = Estimate(nan, nan, nan)
        return AtBudget(none, nan, *((none, none, score_name) if score is not None else ()))
    pool, draw = _Pool(loss, share, curves, score), generator("rng", rng)
    first = pool.rows(np.arange(loss.size)[None], DRAWS if pool.many else loss.size, draw)
    restarts = float(first["restarts"].mean())
    if not pool.many:
        found = [mean_estimate(loss, rng=draw), None if score is None else mean_estimate(score, rng=draw)]
    else:
        drawn = draw.integers(0, loss.size, (BOOTSTRAPS, loss.size))
        each = int(np.clip(WORK / (BOOTSTRAPS * restarts), 50, DRAWS_EACH))
        again = pool.rows(drawn, each, draw)
        ends = float(loss.min()), float(loss.max())
        found = [_between(first["loss"], again["loss"], ends)]
        found.append(None if score is None else _between(first["score"], again["score"], (-np.inf, np.inf)))
    single = None if score is None else mean_estimate(score, rng=draw)
    return AtBudget(found[0], restarts, found[1], single, score_name)  # type: ignore[arg-type]


class _Pool:
    """The runs that rows of restarts draw from."""

    def __init__(self, loss: FLOATS, share: FLOATS, curves: Sequence[FLOATS] | None, score: FLOATS | None) -> None:
        self.loss, self.share = loss, np.maximum(share, LEAST)
        self.score = np.zeros(loss.size) if score is None else score
        self.many = bool((self.share < FULL).any())
        points = [np.reshape(curve, (-1, 2)) for curve in curves or () if self.many]
        self.key = np.concatenate([np.empty(0), *(4.0 * i + np.minimum(c[:, 0], 3.0) for i, c in enumerate(points))])
        self.seen = np.concatenate([np.empty(0), *(c[:, 1] for c in points)])

    def rows(self, pools: NDArray[np.int64], draws: int, rng: np.random.Generator) -> dict[str, FLOATS]:
        """Return loss, score and number of restarts of so many rows from each pool, shape (pools, draws)."""
        which = np.repeat(np.arange(len(pools)), draws)
        if not self.many:
            best = np.resize(pools, (len(pools), draws)).ravel()
            return self._told(self.loss[best], best, np.ones(best.size), (len(pools), draws))
        at = pools[which, rng.integers(0, pools.shape[1], which.size)]
        low, best, left, number = self.loss[at], at.copy(), 1.0 - self.share[at], np.ones(at.size)
        while (going := np.flatnonzero(left > 1 - FULL)).size:
            at = pools[which[going], rng.integers(0, pools.shape[1], going.size)]
            whole = self.share[at] <= left[going] * (1 + 1e-9)
            here, found = going[whole], at[whole]
            better = self.loss[found] < self.loss[best[here]]
            best[here[better]] = found[better]
            low[here] = np.minimum(low[here], self.loss[found])
            cut = going[~whole]
            low[cut] = np.minimum(low[cut], self.cut(at[~whole], left[cut]))
            number[going] += 1
            left[going] -= self.share[at]
        return self._told(low, best, number, (len(pools), draws))

    def cut(self, runs: NDArray[np.int64], share: FLOATS) -> FLOATS:
        """Return the lowest loss that each run had seen by a share of the budget, infinite before its first."""
        if not self.key.size:
            return np.full(runs.size, np.inf)
        place = np.searchsorted(self.key, 4.0 * runs + share, side="right") - 1
        mine = (place >= 0) & (self.key[place] >= 4.0 * runs)
        return np.where(mine, self.seen[place], np.inf)

    def _told(self, low: FLOATS, best: NDArray[np.int64], number: FLOATS, shape: tuple[int, int]) -> dict[str, FLOATS]:
        return {"loss": low.reshape(shape), "score": self.score[best].reshape(shape), "restarts": number.reshape(shape)}


def _between(value: FLOATS, again: FLOATS, ends: tuple[float, float]) -> Estimate:
    """Return the mean of rows and its interval, by the means of rows from resampled pools, shape (pools, rows)."""
    mean = float(value.mean())
    means = again.mean(axis=1)
    middle, spread = means.mean(), means.var()
    if not np.isfinite([*means, mean, spread]).all():
        low, high = np.percentile(means, [2.5, 97.5], method="inverted_cdf")
        return Estimate(mean, float(low), float(high))
    noise = again.var(axis=1).mean() / again.shape[1]
    shrink = np.sqrt(max(spread - noise, 0.0) / spread) if spread > 0 else 0.0
    low, high = mean + shrink * (np.percentile(means, [2.5, 97.5]) - middle)
    return Estimate(mean, float(max(low, min(ends[0], mean))), float(min(high, max(ends[1], mean))))


@np.errstate(over="ignore", invalid="ignore")
def mean_estimate(values: ArrayLike, *, rng: Any = 0, n_resamples: int = 2000) -> Estimate:
    """Return the mean of runs with the bootstrap percentile interval at 95 %; NaN without any, or where one is NaN.

    Examples
    --------
    >>> mean_estimate([2.0, 2.0])
    Estimate(value=2.0, low=2.0, high=2.0)
    """
    array = np.asarray(values, dtype=np.float64)
    if not array.size or np.isnan(array).any():
        return Estimate(nan, nan, nan)
    drawn = generator("rng", rng)
    rows = max(1, 500_000 // array.size)
    parts = [
        array[drawn.integers(0, array.size, (min(rows, n_resamples - begin), array.size))].mean(axis=1)
        for begin in range(0, n_resamples, rows)
    ]
    low, high = np.percentile(np.concatenate(parts), [2.5, 97.5], method="inverted_cdf")
    return Estimate(float(array.mean()), float(low), float(high))


@np.errstate(over="ignore", invalid="ignore")
def over_problems(found: Sequence[AtBudget], scales: Sequence[float]) -> AtBudget:
    """Return what a method comes to on several problems, folds or data sets, with intervals over these.

    Parameters
    ----------
    found : sequence of AtBudget
        One a problem.
    scales : sequence of float
        The losses of their best constants, which the losses are divided by; where one is not known none are.

    Notes
    -----
    The means over problems with Student's interval of m - 1 degrees of freedom: what is drawn is the problem, and runs
    on one of them are alike. It is cut at 0 for losses in units of the constant's, and at 1 for scores. Training parts
    of folds overlap, which the interval does not see.
    """
    relative = all(isfinite(scale) and scale > 0 for scale in scales)
    divisors = list(scales) if relative else [1.0] * len(found)
    names = list(dict.fromkeys(one.score_name for one in found))
    scored = all(one.score is not None and one.run_score is not None for one in found)
    return AtBudget(
        loss=_student(
            [one.loss.value / by for one, by in zip(found, divisors, strict=True)], least=0.0 if relative else -inf
        ),
        restarts=float(np.mean([one.restarts for one in found])),
        score=_student([one.score.value for one in found if one.score], most=1.0) if scored else None,
        run_score=_student([one.run_score.value for one in found if one.run_score], most=1.0) if scored else None,
        score_name=(names[0] if len(names) == 1 else "score") if scored else "",
        relative=relative,
    )


def _student(values: Sequence[float], *, least: float = -inf, most: float = inf) -> Estimate:
    """Return the mean with its interval, cut where values cannot lie if none of these does."""
    array = np.asarray(values, dtype=np.float64)
    if len(array) < 2 or not np.isfinite(array).all():
        return Estimate(float(array.mean()) if array.size else nan, nan, nan)
    reach = scipy.stats.t.ppf(0.975, len(array) - 1) * array.std(ddof=1) / np.sqrt(len(array))
    low, high = float(array.mean() - reach), float(array.mean() + reach)
    least, most = min(least, float(array.min())), max(most, float(array.max()))
    return Estimate(float(array.mean()), max(low, least), min(high, most))
