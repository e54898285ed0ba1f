"""The tracker as one compiled loop (ext/arclength.h), for families that are compiled themselves."""

from __future__ import annotations

from dataclasses import dataclass
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

    Attributes
    ----------
    ended : str
        One of `ENDINGS`; after "crossed" the last point lies beyond the target or the bound.
    points : dict of str to ndarray
        t, value, grad_norm, step, n_iter, s, tangent_t, index of shape (m,); x, tangent_x of shape (m, n).
    folds : dict of str to ndarray
        The same of the folds; their n_iter is the number of the point before each.
    rejected : int
        Steps that were rejected.
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
    """Return the curve from the family's start at t = 0, without landing on the target or a bound.

    Parameters
    ----------
    family : Bratu or MovingQuadratic
        What is followed.
    corrector : ArclengthNewton
        Its tolerances, iterations and metric; the linear systems are solved by the family.
    control : Adaptive or Fixed
        The steps; an aim at a distance is not looked at.
    max_steps : int
        The largest number of attempts.
    target : float or None
        The curve ends where t crosses it.
    bounds : tuple of float
        Or leaves this interval.
    """
    settings = _settings(family.size, corrector, control) | {
        "low": bounds[0],
        "high": bounds[1],
        "target": nan if target is None else target,
        "limit": inf,
        "sense": 1.0,
        "max_steps": max_steps,
    }
    code, points, folds, totals = family.core.trace(family.start(), 0.0, settings)
    return Curve(ENDINGS[code], points, folds, int(totals["rejected"]))


def _settings(n: int, corrector: ArclengthNewton, control: Adaptive | Fixed) -> dict[str, float]:
    """Return the fields of hp_settings that the parts of a step fill."""
    metric, fixed = corrector.metric(n), isinstance(control, Fixed)
    made = {
        "x_weight": metric.x_weight,
        "t_weight": metric.t_weight,
        "tolerance": corrector.tolerance,
        "final_tolerance": corrector.final_tolerance,
        "max_iter": corrector.max_iter,
        "jump_ratio": Jump().limit(fixed=fixed),
        "initial": control.initial,
        "fixed": int(fixed),
    }
    if isinstance(control, Fixed):
        return made | {"minimum": 0.0, "maximum": inf, "iterations": 0.0, "angle": 0.0, "grow": 1.0, "shrink": 1.0}
    return made | {
        "minimum": control.minimum,
        "maximum": control.maximum,
        "iterations": float(control.iterations or 0),
        "angle": control.angle or 0.0,
        "grow": control.grow,
        "shrink": control.shrink,
    }
