"""What the Hessian leaves open of flat points: verdicts, and points that are on their way to infinity taken out."""

from __future__ import annotations

from dataclasses import replace

from homotopy.doors import door
from homotopy.landscape.classify.classified import classified
from homotopy.landscape.classify.escapes import escapes
from homotopy.landscape.critical.point import CriticalPoint
from homotopy.landscape.critical.points import CriticalPoints
from homotopy.threads import one_blas_thread

__all__ = ["beyond_the_hessian"]


@door
@one_blas_thread
def beyond_the_hessian(points: CriticalPoints) -> CriticalPoints:
    """Return critical points with a verdict on each that has zero eigenvalues which no symmetry explains.

    Parameters
    ----------
    points : CriticalPoints
        Any.

    Returns
    -------
    CriticalPoints
        Of those points, the ones that are on their way to infinity are left out and told in a note; one without a
        negative eigenvalue that `classified` finds to be a saddle has that kind. All others are unchanged.
    """
    kept: list[CriticalPoint] = []
    gone: list[float] = []
    for point in points:
        if point.n_zero <= point.n_symmetric or point.verdict:
            kept.append(point)
            continue
        found = classified(points.objective, point.x)
        if found.kind in ("not stationary", "escape") or escapes(points.objective, point.x):
            gone.append(point.value)
            continue
        kind = "saddle" if found.kind == "saddle" else point.kind
        kept.append(replace(point, kind=kind, verdict=found.verdict))
    if not gone:
        return points.replaced(kept)
    least = f"{min(gone):.7g}" if len(set(gone)) == 1 else f"from {min(gone):.7g} to {max(gone):.7g}"
    note = f"searches that come to rest on their way to infinity have the values {least} and are not counted"
    return points.replaced(kept, (*points.notes, note))
