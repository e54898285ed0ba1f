"""All critical points of small nets on exclusive or, with weight decay: counts, checks of completeness, proofs."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from scipy.stats import spearmanr

import homotopy as hp
from homotopy.landscape import (
    CriticalPoint,
    CriticalPoints,
    critical_points,
    disconnectivity,
    distance,
    enclose,
    silent_unit,
)
from homotopy.papers.landscape.facts import Fact, facts

__all__ = ["census", "classes", "embedded", "name", "repeats", "sweep"]

TREE = (2, 1e-2)
"""Hidden units and penalty of the net whose tree is kept."""


def name(hidden: int, l2: float) -> str:
    """Return how a case is called, which is what the problem is."""
    return f"xor:hidden={hidden},l2={l2:g}"


def classes(points: Sequence[CriticalPoint]) -> list[list[CriticalPoint]]:
    """Return the points of one value and index together: those that symmetries of the data carry into each other."""
    found: list[list[CriticalPoint]] = []
    for point in sorted(points, key=lambda one: (one.index, one.value)):
        last = found[-1][-1] if found else None
        if last and last.index == point.index and point.value - last.value < 1e-9 * abs(point.value):
            found[-1].append(point)
        else:
            found.append([point])
    return sorted(found, key=lambda some: some[0].value)


def census(hidden: int, l2: float, starts: int, seed: int = 0) -> list[Fact]:
    """Return the census of one net: its points by value and index, with proofs, and what is said of all."""
    points = critical_points(hp.problem(name(hidden, l2)), starts, rng=seed)
    proofs = [enclose(points.objective, point.x) for point in points]
    right = [proof.verified and proof.index == point.index for proof, point in zip(proofs, points, strict=True)]
    rho = spearmanr([point.index for point in points], [point.value for point in points]).statistic
    above = [point for point in points if point.value > points[0].value * (1 + 1e-9)]
    values = {
        "starts": starts,
        **_counted(points),
        "good-turing": points.coverage.good_turing,
        "chao1": points.coverage.chao1,
        "spearman": float(rho),
        "above": len(above),
        "above, saddles": sum(point.index > 0 for point in above),
        "proven": sum(right),
        "largest radius": max((proof.radius for proof in proofs if proof.verified), default=float("nan")),
        "lonely": float(min(_gaps(points), default=float("nan"))),
    }
    out = facts("xor", name(hidden, l2), values)
    for number, some in enumerate(classes(list(points)), 1):
        out += _class(f"{name(hidden, l2)} class {number}", some)
    return out + (_tree(points, name(hidden, l2)) if (hidden, l2) == TREE else [])


def _counted(points: CriticalPoints) -> dict[str, float]:
    """Return how many points there are of each index, up to symmetry and with all copies."""
    counts = {"found": float(len(points)), "morse": float("nan" if points.morse_sum is None else points.morse_sum)}
    for index, some in points.by_index().items():
        counts[f"index {index}"] = len(some)
        counts[f"copies {index}"] = sum(point.multiplicity for point in some)
    return counts


def _gaps(points: CriticalPoints) -> list[float]:
    """Return the differences of values that neighbors of one index have, those of one class left out."""
    out = []
    for some in points.by_index().values():
        out += [b.value - a.value for a, b in pairwise(some) if b.value - a.value > 1e-9 * abs(b.value)]
    return out


def _class(case: str, some: Sequence[CriticalPoint]) -> list[Fact]:
    first = some[0]
    known = {"value": first.value, "index": first.index, "points": len(some)}
    known["copies"] = sum(point.multiplicity for point in some)
    known["hits"] = sum(point.hits for point in some)
    return facts("xor", case, known | {"softest": float(np.abs(first.eigenvalues).min())})


def _tree(points: CriticalPoints, case: str) -> list[Fact]:
    """Return the merge tree of the minima."""
    tree = disconnectivity(points)
    out = facts("xor", case, {"tree parts": tree.n_parts, "tree minima": len(tree.minima)})
    for number, point in enumerate(tree.minima):
        escape = tree.escape(number)
        out += facts("tree", f"{case} leaf {number}", {"value": point.value, "escape": escape})
    for number, merge in enumerate(tree.merges):
        known = {"level": merge.level, "left": merge.left, "right": merge.right}
        out += facts("tree", f"{case} merge {number}", known)
    return out


def repeats(hidden: int, l2: float, starts: int, seeds: Sequence[int]) -> list[Fact]:
    """Return whether the counts of seed 0 come again with other seeds, and with twice the starts."""
    case = name(hidden, l2)
    first = _counted(critical_points(hp.problem(case), starts, rng=0))
    out, same, runs = [], 0, 0
    for seed in seeds:
        for n in (starts, 2 * starts):
            counts = _counted(critical_points(hp.problem(case), n, rng=seed))
            out += facts("repeats", f"{case} starts={n} seed={seed}", counts)
            same += counts == first
            runs += 1
    return facts("repeats", case, {"runs": runs, "same": same, "starts": starts}) + out


def embedded(l2: float, starts: int, seed: int = 0) -> list[Fact]:
    """Return whether the points of two hidden units, with a silent third one, are points of three, and are found."""
    small = critical_points(hp.problem(name(2, l2)), starts, rng=seed)
    large = critical_points(hp.problem(name(3, l2)), starts, rng=seed)
    narrow: Any = small.objective
    gradients, found, higher = [], 0, 0
    for point in small:
        model, x = silent_unit(narrow.model, point.x)
        gradients.append(float(np.linalg.norm(large.objective.grad(x))))
        near = [other for other in large if distance(model, x, other.x) < 1e-6]
        found += bool(near)
        higher += sum(other.index > point.index for other in near)
    known = {"points": len(small), "gradient": max(gradients), "found": found, "index rises": higher}
    return facts("embedded", f"l2={l2:g}", known)


def sweep(hidden: int, l2: float, starts: int, seed: int = 0) -> list[Fact]:
    """Return how many minima there are with one penalty."""
    points = critical_points(hp.problem(name(hidden, l2)), starts, rng=seed)
    minima = points.minima
    known = {"hidden": hidden, "l2": l2, **_counted(points), "different": len(classes(minima))}
    return facts("sweep", name(hidden, l2), known | {"least": minima[0].value, "highest": minima[-1].value})
