"""The tracker as one compiled loop (ext/arclength.h), for families that are compiled themselves."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from math import inf, nan
from typing import Any

import numpy as np
from numpy.typing import NDArray

from homotopy.continuation import Adaptive, ArclengthNewton, Fixed, Jump, Path
from homotopy.homotopies import Bratu, MovingQuadratic

__all__ = ["ENDINGS", "Curve", "compiled"]

ENDINGS = ("max steps", "crossed", "limit", "too small", "not converged", "not finite", "singular")
"""Why a compiled trace ended, by its code."""


@dataclass(frozen=True)
class Curve:
    """What the compiled tracker found.

    Points are t, value, grad_norm, step, n_iter, s, tangent_t, index of shape (m,) and x, tangent_x of shape (m, n);
    folds are the same, with the number of the point before as n_iter. Of `ENDINGS`, after "crossed" the last point
    lies beyond the target or the bound.
    """

    ended: str
    points: dict[str, NDArray[Any]]
    folds: dict[str, NDArray[Any]]
    rejected: int

    def agrees(self, path: Path, tolerance: float = 1e-8) -> bool:
        """Return whether a path has the same points and folds, to a tolerance."""
        if len(path.points) != len(self.points["t"]) or path.n_folds != len(self.folds["t"]):
            return False
        folds = [event.point.t for event in path.events if event.name == "LP"]
        x = np.array([point.x for point in path.points])
        pairs = ((x, self.points["x"]), (path.column("t"), self.points["t"]), (np.array(folds), self.folds["t"]))
        return all(np.allclose(a, b, rtol=tolerance, atol=tolerance) for a, b in pairs)


def compiled(
    family: Bratu | MovingQuadratic,
    corrector: ArclengthNewton,
    control: Adaptive | Fixed,
    *,
    max_steps: int,
    target: float | None = None,
    bounds: tuple[float, float] = (-inf, inf),
) -> Curve:
    """Return the curve from the family's start at t = 0, without landing on the target or a bound that it crosses.

    The family solves its linear systems itself, and an aim of the steps at a distance is not looked at.
    """
    fixed = isinstance(control, Fixed)
    course = {"low": bounds[0], "high": bounds[1], "target": nan if target is None else target, "sense": 1.0}
    settings = course | {
        "limit": inf,
        "max_steps": max_steps,
        "jump_ratio": Jump().limit(fixed=fixed),
        "fixed": int(fixed),
    }
    settings |= asdict(corrector.metric(family.size)) | _numbers(control)
    settings |= {name: getattr(corrector, name) for name in ("tolerance", "final_tolerance", "max_iter")}
    code, points, folds, totals = family.core.trace(family.start(), 0.0, settings)
    return Curve(ENDINGS[code], points, folds, int(totals["rejected"]))


def _numbers(control: Adaptive | Fixed) -> dict[str, float]:
    """Return the fields of hp_settings that the control of the steps fills."""
    if isinstance(control, Fixed):
        loose = {"minimum": 0.0, "maximum": inf, "iterations": 0.0, "angle": 0.0, "grow": 1.0, "shrink": 1.0}
        return loose | {"initial": control.initial}
    aims = {"iterations": float(control.iterations or 0), "angle": control.angle or 0.0}
    return aims | {name: getattr(control, name) for name in ("initial", "minimum", "maximum", "grow", "shrink")}
