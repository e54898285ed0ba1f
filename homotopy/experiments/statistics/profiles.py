"""Distributions over runs and problems: cost to targets, performance profiles, clusters of final losses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import ArrayLike, NDArray

from homotopy.errors import ArgumentError

__all__ = ["Cluster", "clusters", "cost_to", "ecdf", "performance_profile", "waterfall"]

FLOATS = NDArray[np.float64]


def cost_to(curves: Sequence[FLOATS], target: float) -> FLOATS:
    """Return the cost at which each run first saw a value at or below the target, NaN where none did.

    A curve has rows of a cost and the lowest value seen until then.

    Examples
    --------
    >>> cost_to([np.array([[1.0, 5.0], [4.0, 0.5]])], 1.0)
    array([4.])
    """
    out = np.full(len(curves), np.nan)
    full = [i for i, curve in enumerate(curves) if len(curve)]
    if full:
        points = np.concatenate([curves[i] for i in full])
        begin = np.concatenate([[0], np.cumsum([len(curves[i]) for i in full])[:-1]])
        first = np.minimum.reduceat(np.where(points[:, 1] <= target, np.arange(len(points)), len(points)), begin)
        hit = first < len(points)
        out[np.array(full)[hit]] = points[first[hit], 0]
    return out


def ecdf(costs: ArrayLike) -> tuple[FLOATS, FLOATS]:
    """Return the empirical distribution of costs to a target: where it steps, and the share of all runs there.

    NaN stands for a run that did not reach the target: it counts in the number of runs.

    Examples
    --------
    >>> ecdf([2.0, 1.0, np.nan, 2.0])
    (array([1., 2.]), array([0.25, 0.75]))
    """
    array = np.asarray(costs, dtype=np.float64)
    reached = array[np.isfinite(array)]
    if reached.size == 0:
        return np.empty(0), np.empty(0)
    found = scipy.stats.ecdf(reached).cdf
    return found.quantiles, found.probabilities * (reached.size / array.size)


def performance_profile(costs: Mapping[str, ArrayLike]) -> dict[str, tuple[FLOATS, FLOATS]]:
    """Return each method's performance profile: the share of instances solved within a factor of the best method.

    The costs are each method's to success on the same q instances (a problem with a seed), NaN where it failed. The
    profile is (factor, share): the factors at which the share rises, from 1 on.

    Raises
    ------
    ArgumentError
        If methods have different numbers of instances.

    Notes
    -----
    r_{p,s} = c_{p,s} / min_s c_{p,s} and rho_s(tau) = #{p : r_{p,s} <= tau} / q. An instance that no method solves
    counts for all of them as unsolved.

    References
    ----------
    Dolan and More, "Benchmarking optimization software with performance profiles", Math. Program. 91 (2002), 201-213,
    equations (1) and (2).

    Examples
    --------
    >>> performance_profile({"a": [1.0, 4.0], "b": [2.0, np.nan]})["b"]
    (array([2.]), array([0.5]))
    """
    arrays = {name: np.asarray(values, dtype=np.float64) for name, values in costs.items()}
    if len({values.shape for values in arrays.values()}) > 1:
        raise ArgumentError("every method needs a cost, or NaN, for each of the same instances")
    if not arrays:
        return {}
    table = np.array([np.where(np.isfinite(values), values, np.inf) for values in arrays.values()])
    best = table.min(axis=0)
    with np.errstate(invalid="ignore"):
        ratios = np.where(np.isfinite(table), table / np.maximum(best, 1e-300), np.nan)
    return {name: ecdf(row) for name, row in zip(arrays, ratios, strict=True)}


@dataclass(frozen=True)
class Cluster:
    """Starts that ended at one value: the lowest in the cluster, their number, and the highest less the lowest."""

    value: float
    count: int
    spread: float


def clusters(values: ArrayLike, *, relative: float = 0.01, absolute: float = 1e-8) -> list[Cluster]:
    """Return the finite values on which runs agree, the lowest first.

    A cluster begins at the lowest value that is in none, and has all values that exceed it by at most
    ``absolute + relative * |it|``: no two of one cluster are further apart, however many lie between.

    Examples
    --------
    >>> [(c.value, c.count) for c in clusters([0.5, 0.0, 0.501, 1e-9])]
    [(0.0, 2), (0.5, 2)]
    >>> [(c.value, c.count) for c in clusters([1.0, 1.009, 1.018])]
    [(1.0, 2), (1.018, 1)]
    """
    ordered = waterfall(values)
    out, begin = [], 0
    while begin < ordered.size:
        low = float(ordered[begin])
        end = int(np.searchsorted(ordered, low + (absolute + relative * abs(low)), side="right"))
        out.append(Cluster(low, end - begin, float(ordered[end - 1]) - low))
        begin = end
    return out


def waterfall(values: ArrayLike) -> FLOATS:
    """Return the finite final losses in rising order, as a waterfall plot shows them."""
    array = np.asarray(values, dtype=np.float64)
    return np.sort(array[np.isfinite(array)])
