"""What the papers claim, what we chose, and what was found, in words with the figures of the run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from homotopy.experiments import Comparison

__all__ = ["CHOICES", "CLAIM", "found_out"]

CLAIM = (
    "From the abstracts: a globally convergent homotopy produces stationary points of a perceptron's mean squared "
    "error one after another; large subsets of the stationary points of two test problems are found; the ratio of "
    "saddle points to local minima is extreme (1996). A net of one layer can be found by turning a linear one "
    "smoothly into a nonlinear one, from the least-squares solution, the *natural homotopy*; there are conditions "
    "for local minima and infinite weights. With a hidden layer the linear system is a bifurcation point, and "
    "solution paths are generically discontinuous (1995)."
)
CHOICES = (
    "The texts could not be read, only the abstracts: the net, its units, a penalty, the coding of the data, the map "
    "and the counts are unknown to us. 488 is named only because it is in the title; our counts are of our problem.",
    "Ours: XOR with inputs and targets -1 and 1, a 2-2-1 net with tanh units, biases and a linear output. The "
    "package's loss is the mean of half the squared errors plus (l2/2)|w|^2. With the sum in place of the mean, four "
    "times as large, the same points have a penalty of four times l2: l2 = 0.0025 and 0.00025 here are 0.01 and "
    "0.001 there, and both are in the table. A penalty is needed to make stationary points isolated and finite in "
    "number.",
    '"Extreme" has no number in the abstract; we ask for ten saddles to a minimum.',
    "Newton's homotopy and the fixed-point homotopy stand for theirs, which is unknown. Nothing was tuned; methods "
    "have their defaults and 20,000 gradients a run from the same starts. `omp` does not use the start and `auto` may "
    "start again, so that their shares of success are not like those of the others: compare these by E*.",
    "Data of one layer: 40 samples of 3 normal inputs, targets of a tanh unit plus normal noise of 0, 0.3 and 1; 50 "
    "data sets each.",
)
Found = Mapping[str, Any]


def found_out(
    census: Mapping[tuple[int, float], Found],
    searches: Mapping[str, Found],
    ours: Found,
    natural: Found,
    comparison: Comparison,
) -> tuple[str, ...]:
    """Return sentences on the census, the searches, the natural homotopy and the methods."""
    one = census[2, 0.01]
    least, high = min(one["values"]), max(v for v, i in zip(one["values"], one["index"], strict=True) if i == 0)
    out = [
        f"Of the {sum(one['copies'].values())} stationary points of the 2-2-1 net (l2 = 0.01) {one['copies']['0']} are "
        f"minima, from loss {least:.4f} to {high:.4f}; the sum of (-1)^index is {one['morse']}. With all copies and "
        "this penalty " + _ratio_text(census),
        _searched(searches, ours, len(one["values"])),
        _natural_text(natural, high),
        _methods(comparison),
    ]
    return tuple(out)


def _ratio_text(census: Mapping[tuple[int, float], Found]) -> str:
    told = []
    for (hidden, l2), one in sorted(census.items()):
        if l2 == 0.01:
            saddles = sum(n for i, n in one["copies"].items() if i != "0")
            told.append(f"2-{hidden}-1 has {saddles / one['copies']['0']:.1f} saddles to a minimum")
    return ", ".join(told) + "."


def _searched(searches: Mapping[str, Found], ours: Found, most: int) -> str:
    told = [
        f"`{name}` found {one['found']} of {most} for {one['cost']:,.0f} gradients ({one['seconds']:.1f} s)"
        for name, one in searches.items()
    ]
    text = "; ".join(told)
    outside = sum(one["outside"] for one in searches.values())
    text += f"; {outside} stationary points outside the census were met. "
    if ours:
        text += (
            f"The package's own search finds {ours['points']} from a single start for {ours['cost']:,.0f} gradients "
            f"({ours['seconds']:.1f} s). "
        )
    root = searches["root"]
    same = []
    for name, one in searches.items():
        if name != "root" and one["found"] <= max(root["y"]) + 1e-9:
            price = float(np.interp(one["found"] - 1e-6, root["y"], root["x"]))
            same.append(f"as `{name}` did in all, {one['cost']:,.0f} gradients, `root` needs {price:,.0f}")
    return text + (f"To find as many points {'; '.join(same)}." if same else "")


def _natural_text(found: Found, high: float) -> str:
    """Return what the natural homotopy does on exclusive or; `high` is the loss of the highest minimum."""
    worst = abs(found["stays"]["value"] - high) < 1e-6
    runs, stays = found["runs"], found["stays"]
    solved = sum(run["finished"] < 1e-6 for run in runs)
    reached = sum(run["t"] > 0.99 for run in runs)
    return (
        "The natural homotopy on XOR without a penalty begins at a singular point; from a start that the tracker "
        f"perturbs {reached} of {len(runs)} paths come to t > 0.99 in 300 steps, with {min(r['folds'] for r in runs)} "
        f"to {max(r['folds'] for r in runs)} folds, and {solved} of {len(runs)} are solved by L-BFGS from where the "
        "path ended. With l2 = 0.01 the linear solution is the origin alone, and the path never leaves it (moved "
        f"{stays['moved']:.0e}): it ends at {stays['end']} of loss {stays['value']:.2f}"
        + (", the highest of all minima: there the natural homotopy is a trap." if worst else ".")
    )


def _methods(comparison: Comparison) -> str:
    told = []
    for problem in comparison.problems:
        some = [
            f"`{s.method}` {100 * s.rate.rate:.0f} %, E* "
            + (f"{s.expected.value:,.0f}" if s.expected.value < float("inf") else f"> {s.expected.bound:,.0f}")
            for s in comparison.summaries(problem)
        ]
        told.append(f"{problem}: {'; '.join(some)}")
    return (
        "From the same starts, how often a method finds the global minimum, and what it costs. " + ". ".join(told) + "."
    )
