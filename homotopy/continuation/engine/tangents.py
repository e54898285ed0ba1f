"""What an accepted point carries besides x and t: its tangent and the spectrum of its Hessian."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import acos, log, nan
from typing import Any

from homotopy.continuation.parts.events import Setting
from homotopy.continuation.parts.linear import bordered
from homotopy.continuation.parts.spectrum import Spectrum
from homotopy.continuation.point import Correction, Direction, Point
from homotopy.objectives.base import Vector

__all__ = ["Tangents"]


@dataclass(frozen=True, slots=True)
class Tangents:
    """Gives points their tangents and spectra, as far as they are wanted."""

    setting: Setting
    natural: bool  # whether tangents point toward growing sense * t; else they go on from the last one
    sense: float  # the sign of t's motion at the start
    wanted: bool  # whether tangents are
    spectrum: Spectrum | None

    def point(self, last: Point, step: float, found: Correction, number: int, *, fresh: bool = False) -> Point:
        """Return a corrected point as the successor of another, with what is wanted.

        The spectrum is computed at every `Spectrum.every`-th number, a negative one never being among them. A fresh
        tangent does not go on from the last one, as after a jump. LinAlgError says that its system is singular.
        """
        s = last.s + self.setting.metric.norm(found.x - last.x, found.t - last.t)
        tangent, orientation, log_det = self.tangent(found.x, found.t, None if fresh else last.tangent)
        index, eigenvalues = self._spectrum(found.x, found.t, number)
        solved = (found.x, found.t, found.value, found.grad_norm, step, found.n_iter, s)
        rest = (index, eigenvalues, found.n_linear, orientation, log_det, found.accuracy)
        return Point(*solved, tangent, *rest)

    def first(self, point: Point, along: Direction | None) -> Point:
        """Return the first point with what is wanted; `along` is a direction for its tangent."""
        tangent, orientation, log_det = self.tangent(point.x, point.t, along)
        index, eigenvalues = self._spectrum(point.x, point.t, 0)
        point = replace(point, tangent=tangent, orientation=orientation, log_det=log_det)
        return replace(point, index=index, eigenvalues=eigenvalues)

    def refreshed(self, point: Point) -> Point:
        """Return a point with its own spectrum, if spectra are wanted, in place of its neighbor's."""
        if self.spectrum is None:
            return point
        index, eigenvalues = self._spectrum(point.x, point.t, 0)
        return replace(point, index=index, eigenvalues=eigenvalues)

    def _spectrum(self, x: Vector, t: float, number: int) -> tuple[int, tuple[float, ...]]:
        spectrum = self.spectrum
        if spectrum is None or number < 0 or number % spectrum.every:
            return -1, ()
        return spectrum.index(self.setting.homotopy, x, t)

    def tangent(self, x: Vector, t: float, along: Direction | None) -> tuple[Direction | None, int, float]:
        """Return the unit tangent, on the side of `along` or of growing `sense` * t, and the determinant.

        It is that of the Jacobian bordered with the tangent, as its sign (0 where it is not known, as without a
        matrix) and the logarithm of its size: along a smooth branch the sign changes at branch points only.

        Notes
        -----
        Natural steps solve ``A dx = -dt_grad``, singular at a fold; else it is ``[[A, dt_grad], [x_weight along.x',
        t_weight along.t]] tau = [0; 1]``, regular at a simple fold and singular at a branch point.
        """
        if not self.wanted:
            return None, 0, nan
        homotopy, linear, metric = self.setting.homotopy, self.setting.linear, self.setting.metric
        if along is None or self.natural:
            factors = linear.factor(homotopy, x, t)
            dx = factors.solve(homotopy.dt_grad(x, t))
            tangent = metric.unit(dx * -self.sense, self.sense)
            if not hasattr(factors, "det_sign"):
                return tangent, 0, nan
            size = factors.log_det() - log(abs(tangent.t)) if hasattr(factors, "log_det") else nan
            return tangent, int(self.sense) * factors.det_sign(), size
        border: Any = bordered(linear, homotopy, (x, t), along, metric)
        dx, dt = border.kernel()
        length = metric.norm(dx, dt)
        tangent = Direction(dx / length, dt / length)
        if not hasattr(border, "det_sign"):
            return tangent, 0, nan
        # The kernel is the last column of the inverse, so that the border `along` gives the tangent's sign, and the
        # kernel's length is the ratio of the two determinants.
        size = border.log_det() + log(length) if hasattr(border, "log_det") else nan
        return tangent, border.det_sign(), size

    def angle(self, a: Point, b: Point) -> float:
        """Return the angle between two points' tangents in radians; NaN where one is missing."""
        if a.tangent is None or b.tangent is None:
            return nan
        return acos(max(-1.0, min(1.0, self.setting.metric.inner(*a.tangent, *b.tangent))))
