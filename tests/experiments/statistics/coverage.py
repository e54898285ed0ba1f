"""How often intervals over teachers cover a known truth: ``python tests/experiments/statistics/coverage.py [STUDIES]``.

Success is beta-binomial: teacher j has the rate p_j ~ Beta with mean mu and correlation rho, and its runs succeed
independently with that probability. Costs to success are lognormal with a scale of each teacher, and runs without
success spend the budget.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass

import numpy as np

from homotopy.experiments import expected_cost, tuned_cost
from homotopy.experiments.statistics.clustered import clustered_interval
from homotopy.methods.cutoffs import cost_at

BUDGET, MEDIAN = 5000.0, 200.0


@dataclass(frozen=True)
class Truth:
    """Where teachers and their runs come from: mean rate, correlation, spread of costs within and between teachers."""

    mean: float
    correlation: float
    within: float = 0.5
    between: float = 0.0

    def rates(self, rng, teachers):
        """Return the rates of some teachers."""
        if not self.correlation:
            return np.full(teachers, self.mean)
        size = 1 / self.correlation - 1
        return rng.beta(self.mean * size, (1 - self.mean) * size, teachers)

    def runs(self, rng, teachers, runs):
        """Return what runs spent in all and until their success (NaN), both of shape (teachers, runs)."""
        scale = MEDIAN * np.exp(self.between * rng.standard_normal((teachers, 1)))
        end = scale * np.exp(self.within * rng.standard_normal((teachers, runs)))
        won = (rng.random((teachers, runs)) < self.rates(rng, teachers)[:, np.newaxis]) & (end < BUDGET)
        return np.where(won, end, BUDGET), np.where(won, end, np.nan)

    def least(self):
        """Return the least expected cost over all cutoffs, by a large sample."""
        end, hit = (part.ravel() for part in self.runs(np.random.default_rng(7), 20_000, 20))
        won = np.isfinite(hit)
        return min(cost_at(end, won, c) for c in np.nanquantile(hit, np.linspace(0.01, 1, 80)))


def rate_coverage(truth, teachers, runs, studies, rng):
    """Return the share of studies whose interval of the success rate holds the mean."""
    held = 0
    for _ in range(studies):
        low, high = clustered_interval(rng.binomial(runs, truth.rates(rng, teachers)), np.full(teachers, runs))
        held += low <= truth.mean <= high
    return held / studies


def cost_coverage(truth, teachers, runs, studies, rng, *, tuned=True):
    """Return the share of studies with a success whose interval of the expected cost holds the least one."""
    least, early = truth.least(), max(teachers * runs // 4, min(teachers * runs, 40)) // teachers
    held, counted = 0, 0
    for _ in range(studies):
        cost, hit = truth.runs(rng, teachers, runs + early)
        shown, tuning = ([part[:, a:b].ravel() for part in (cost, hit)] for a, b in ((0, runs), (runs, runs + early)))
        number = np.repeat(np.arange(teachers), runs)
        if tuned:
            got = tuned_cost(*shown, (*tuning, np.repeat(np.arange(teachers), early)), problem=number)
        else:
            got = expected_cost(*shown, problem=number)
        counted += np.isfinite(got.value)
        held += np.isfinite(got.value) and got.low <= least <= got.high
    return held / counted


def tables(studies):
    """Print the table of rates and that of expected costs in Markdown."""
    rng = np.random.default_rng(0)
    shapes = [(5, 20), (5, 100), (10, 20), (10, 100), (50, 20), (50, 100)]
    heads = " | ".join(f"{m} x {n}" for m, n in shapes)
    print(f"| mean | correlation | {heads} |\n|---|---|" + "---|" * len(shapes))
    for mean in (0.05, 0.1, 0.3, 0.5):  # those beyond are mirror images
        for rho in (0.0, 0.02, 0.1, 0.3, 0.5):
            found = [rate_coverage(Truth(mean, rho), m, n, studies, rng) for m, n in shapes]
            print(f"| {mean} | {rho} | " + " | ".join(f"{100 * share:.1f}" for share in found) + " |", flush=True)
    shapes = [(5, 20), (5, 100), (10, 20), (50, 20)]
    heads = " | ".join(f"{m} x {n}" for m, n in shapes)
    print(f"\n| mean | correlation | costs | {heads} |\n|---|---|---|" + "---|" * len(shapes))
    for mean, rho in ((0.1, 0.1), (0.3, 0.0), (0.3, 0.2), (0.3, 0.5), (0.7, 0.5), (0.95, 0.1)):
        for words, spread in (("even", (0.5, 0.0)), ("heavy", (1.5, 0.5))):
            truth = Truth(mean, rho, *spread)
            pairs = [[cost_coverage(truth, m, n, studies // 5, rng, tuned=t) for t in (True, False)] for m, n in shapes]
            told = " | ".join(f"{100 * a:.0f} / {100 * b:.0f}" for a, b in pairs)
            print(f"| {mean} | {rho} | {words} | {told} |", flush=True)


if __name__ == "__main__":
    tables(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
