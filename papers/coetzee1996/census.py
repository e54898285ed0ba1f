"""All stationary points of small nets on exclusive or with weight decay, with their index."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import homotopy as hp
from homotopy.landscape import CriticalPoints, critical_points, enclose

__all__ = ["SAMPLES", "census", "named", "package_l2", "points_of"]

SAMPLES = 4


def package_l2(penalty: float) -> float:
    """Return the package's ``l2`` for the penalty of a *sum* of half squared errors.

    The package has the *mean* of half the squared errors plus (l2/2)|w|^2. The sum is four times the mean, so that
    E = sum + (penalty/2)|w|^2 is four times the package's loss with l2 = penalty / 4; both have the same stationary
    points, with the same index.
    """
    return penalty / SAMPLES


def named(hidden: int, l2: float) -> str:
    """Return the name of the problem of so many hidden units and this ``l2``, in the package's convention."""
    return f"xor:hidden={hidden},l2={l2:g}"


@lru_cache(maxsize=8)
def points_of(name: str, starts: int) -> CriticalPoints:
    """Return the stationary points of a problem, searched from so many random starts."""
    return critical_points(hp.problem(name), starts, rng=0)


def census(case: tuple[int, float, int, bool]) -> dict[str, Any]:
    """Return what stationary points a net has.

    Parameters
    ----------
    case : (int, float, int, bool)
        Hidden units, the package's ``l2``, random starts, and whether each point is to be proven.

    Returns
    -------
    dict
        ``points`` and ``copies``, from the index to the number of points up to symmetry, and with all copies that
        orders and signs of hidden units make; ``morse``, the sum of (-1)^index over all copies; ``values``, ``index``
        and ``multiplicity`` of the points by loss; ``proven``, how many are proven with their index; ``least``, the
        global minimum's loss.
    """
    hidden, l2, starts, prove = case
    found = points_of(named(hidden, l2), starts)
    by_index = found.by_index()
    proofs = [enclose(found.objective, point.x) for point in found] if prove else []
    return {
        "points": {str(index): len(some) for index, some in by_index.items()},
        "copies": {str(index): sum(point.multiplicity for point in some) for index, some in by_index.items()},
        "morse": found.morse_sum,
        "values": [point.value for point in found],
        "index": [point.index for point in found],
        "multiplicity": [point.multiplicity for point in found],
        "proven": sum(one.verified and one.index == p.index for one, p in zip(proofs, found, strict=False)),
        "least": found[0].value,
    }
