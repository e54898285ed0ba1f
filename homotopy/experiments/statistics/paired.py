"""Paired tests between methods on the same starts, with a correction for their number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import combinations
from math import nan
from typing import Any

import numpy as np
import scipy
from numpy.typing import ArrayLike, NDArray

from homotopy.errors import ArgumentError

__all__ = ["Paired", "holm", "mcnemar", "paired_tests", "wilcoxon_cost"]


@dataclass(frozen=True)
class Paired:
    """Two methods compared on the same starts.

    Attributes
    ----------
    problem, first, second : str
        The names.
    n : int
        Starts that both ran.
    only_first, only_second : int
        Starts that only one of them solved.
    p_success : float
        McNemar's exact two-sided test of equal success rates.
    n_both : int
        Starts that both solved.
    ratio : float
        Median over those of the first one's cost to success over the second one's.
    p_cost : float
        Wilcoxon's signed-rank test on the logarithms of those ratios; NaN with fewer than six.
    p_success_holm, p_cost_holm : float
        The same after Holm's correction for all tests on the problem.
    """

    problem: str
    first: str
    second: str
    n: int
    only_first: int
    only_second: int
    p_success: float
    n_both: int
    ratio: float
    p_cost: float
    p_success_holm: float = nan
    p_cost_holm: float = nan

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as a dictionary."""
        return asdict(self)


def mcnemar(first: ArrayLike, second: ArrayLike) -> float:
    """Return the two-sided p-value of McNemar's exact test for the success of two methods from the same starts.

    Under the hypothesis, of the starts that exactly one method solved, each is as likely to have solved.

    References
    ----------
    McNemar, "Note on the sampling error of the difference between correlated proportions or percentages",
    Psychometrika 12 (1947), 153-157, in its exact binomial form.

    Examples
    --------
    >>> mcnemar([True] * 8 + [False] * 2, [False] * 8 + [False] * 2)
    0.0078125
    """
    a, b = _equally_many(first, second, bool)
    only_a, only_b = int((a & ~b).sum()), int((b & ~a).sum())
    return float(scipy.stats.binomtest(only_a, only_a + only_b).pvalue) if only_a + only_b else 1.0


def wilcoxon_cost(first: ArrayLike, second: ArrayLike) -> tuple[float, float, int]:
    """Return the median cost ratio, Wilcoxon's p-value and the number of starts that both methods solved.

    The costs to success are from the same starts, NaN where a method failed. The ratio is the median of first / second
    over the starts that both solved, NaN without any; the p-value is that of the two-sided signed-rank test that
    log(first / second) is symmetric about zero, NaN with fewer than six such starts and 1 where all are equal.
    """
    a, b = _equally_many(first, second, np.float64)
    both = np.isfinite(a) & np.isfinite(b)
    n = int(both.sum())
    if n == 0:
        return nan, nan, 0
    logs = np.log(np.maximum(a[both], 1e-12)) - np.log(np.maximum(b[both], 1e-12))
    ratio = float(np.exp(np.median(logs)))
    if n < 6:
        return ratio, nan, n
    return ratio, float(scipy.stats.wilcoxon(logs).pvalue) if logs.any() else 1.0, n


def _equally_many(first: ArrayLike, second: ArrayLike, dtype: Any) -> tuple[NDArray[Any], NDArray[Any]]:
    a, b = np.asarray(first, dtype=dtype), np.asarray(second, dtype=dtype)
    if a.shape != b.shape:
        raise ArgumentError(f"first has shape {a.shape} and second {b.shape}; paired runs must be equally many")
    return a, b


def holm(p: Sequence[float]) -> NDArray[np.float64]:
    """Return p-values after Holm's step-down correction; NaN stays and does not count.

    References
    ----------
    Holm, "A simple sequentially rejective multiple test procedure", Scand. J. Statist. 6 (1979), 65-70.

    Examples
    --------
    >>> [float(p) for p in holm([0.01, 0.04, 0.03])]
    [0.03, 0.06, 0.06]
    """
    values = np.asarray(p, dtype=np.float64)
    out = np.full(values.shape, nan)
    known = np.flatnonzero(np.isfinite(values))
    order = known[np.argsort(values[known], kind="stable")]
    factors = len(order) - np.arange(len(order))
    out[order] = np.minimum(np.maximum.accumulate(values[order] * factors), 1.0)
    return out


def paired_tests(problem: str, records: Mapping[str, NDArray[Any] | Mapping[str, NDArray[Any]]]) -> list[Paired]:
    """Return the tests of every pair of methods on one problem or a group of problems, corrected together.

    The records are each method's rows with seed, success and cost_to_success; of a group, by problem. Runs are paired
    by their problems and seeds. All success tests and all cost tests make one family for Holm.
    """
    runs = {method: {problem: rows} if isinstance(rows, np.ndarray) else rows for method, rows in records.items()}
    tests = [_pair(problem, a, b, runs[a], runs[b]) for a, b in combinations(runs, 2)]
    p = holm([p for test in tests for p in (test.p_success, test.p_cost)]).tolist()
    return [replace(t, p_success_holm=a, p_cost_holm=b) for t, a, b in zip(tests, p[::2], p[1::2], strict=True)]


def _pair(
    problem: str, first: str, second: str, runs: Mapping[str, NDArray[Any]], others: Mapping[str, NDArray[Any]]
) -> Paired:
    a, b = _matched(runs, others)
    ratio, p_cost, n_both = wilcoxon_cost(a["cost_to_success"], b["cost_to_success"])
    return Paired(
        problem=problem,
        first=first,
        second=second,
        n=len(a),
        only_first=int((a["success"] & ~b["success"]).sum()),
        only_second=int((b["success"] & ~a["success"]).sum()),
        p_success=mcnemar(a["success"], b["success"]),
        n_both=n_both,
        ratio=ratio,
        p_cost=p_cost,
    )


def _matched(runs: Mapping[str, NDArray[Any]], others: Mapping[str, NDArray[Any]]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return the runs of both that began at the same starts."""
    first, second = [], []
    for name in runs:
        if name in others:
            _, i, j = np.intersect1d(runs[name]["seed"], others[name]["seed"], return_indices=True)
            first.append(runs[name][i])
            second.append(others[name][j])
    some = next(iter(runs.values()))[:0]
    return np.concatenate([*first, some]), np.concatenate([*second, some])
