"""A curve that closes: back at its start, in the same direction."""

from __future__ import annotations

from typing import Any

import numpy as np

from homotopy.continuation.parts.events import Event, Setting
from homotopy.continuation.point import Point

__all__ = ["Closed"]


class Closed(Event):
    """The path is back at its start, in the same direction."""

    needs_tangent = True
    continuous = False

    def __init__(self, start: Any) -> None:
        super().__init__("closed", lambda point: 0.0, terminal=True)
        self.start = start

    def value(self, point: Point, setting: Setting) -> tuple[float, float]:
        """Return how far beyond the start the point lies, and how far away."""
        origin, direction = self.start.point, self.start.direction
        dx, dt = point.x - origin.x, point.t - origin.t
        same = point.tangent is None or setting.metric.inner(*point.tangent, *direction) > 0.5
        ahead = setting.metric.inner(dx, dt, *direction)
        return ahead, setting.metric.norm(dx, dt) if same else np.inf

    def happened(self, before: tuple[float, float], after: tuple[float, float]) -> bool:
        """Whether the start's normal plane was crossed close to it."""
        return before[0] < 0.0 <= after[0] and before[1] + after[1] < 4.0 * (after[0] - before[0])
