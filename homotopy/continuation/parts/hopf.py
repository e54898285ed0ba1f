"""Hopf points of root systems: a pair of complex eigenvalues crosses the imaginary axis."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from homotopy.continuation.parts.events import Event, Setting
from homotopy.continuation.parts.linear import is_symmetric
from homotopy.continuation.parts.stability import n_unstable, rightmost
from homotopy.continuation.point import Point
from homotopy.doors import door
from homotopy.errors import ArgumentError

__all__ = ["Hopf"]

PAIR = 1e-6  # of the largest eigenvalue: an imaginary part below is that of a real eigenvalue
ON_AXIS = 1e-6  # of the imaginary part: a real part below is zero


@door
class Hopf(Event):
    """A pair of complex eigenvalues of the Jacobian of a root system crosses the imaginary axis.

    Steady states of ``x' = F(x, t)`` there lose or gain stability to a periodic orbit whose frequency, the imaginary
    part, stands in the event's `detail`.

    Parameters
    ----------
    terminal : bool
        Whether the path ends there.

    Raises
    ------
    ArgumentError
        On the path of a gradient system, whose eigenvalues are real.

    Notes
    -----
    It is noticed where the number of eigenvalues of positive real part changes by two or more, or by one while that of
    complex ones changes too, and located by the real part of the pair: eigenvalues sorted by their real parts change
    continuously. Real eigenvalues that cross are no Hopf points.
    Above 400 variables it is noticed as far as `Spectrum` can count, that is, where ``Point.index`` is not -1.
    A crossing and its return within one step are not noticed.
    """

    needs_index = True

    def __init__(self, *, terminal: bool = False) -> None:
        super().__init__("Hopf", lambda point: 0.0, terminal=terminal)

    def value(self, point: Point, setting: Setting) -> Any:
        """Return how many eigenvalues have a positive real part, and how many of them are complex; None if unknown."""
        values = _eigenvalues(point, setting)
        if values is None:
            return None
        unstable = values[: n_unstable(values)]
        size = float(np.abs(values).max()) if values.size else 1.0
        return unstable.size, int(np.count_nonzero(np.abs(unstable.imag) > PAIR * size))

    def happened(self, before: Any, after: Any) -> bool:
        """Whether a pair may have crossed: two that meet and become real have not."""
        if before is None or after is None:
            return False
        total, pairs = after[0] - before[0], after[1] - before[1]
        return bool(abs(total) >= 2 or (abs(total) == 1 and pairs != 0))

    def pinned(self, before: Any, after: Any) -> Sequence[Event]:
        """Return the pairs that are located."""
        least, most = sorted((before[0], after[0]))
        if most - least == 1:  # a pair crosses one way and a real eigenvalue the other: the middle one is of the pair
            return [_Pair(least)]
        # Of three that cross one way, too, whether the single one comes first or last.
        return [_Pair(number) for number in range(least + 1, most, 2)]


class _Pair(Event):
    """The eigenvalue with a given number, by real parts from the right, crosses the imaginary axis as one of a pair."""

    def __init__(self, number: int) -> None:
        super().__init__("Hopf", lambda point: 0.0)
        self.number = number

    def _at(self, point: Point, setting: Setting) -> tuple[complex, float]:
        """Return the eigenvalue and the size of the largest."""
        values = _eigenvalues(point, setting)
        if values is None or values.size <= self.number:
            return complex(-np.inf), 1.0  # farther to the left than those that are known
        return complex(values[self.number]), float(np.abs(values).max())

    def value(self, point: Point, setting: Setting) -> Any:
        """Return the real part."""
        return self._at(point, setting)[0].real

    def confirmed(self, where: Point, setting: Setting) -> bool:
        """Whether it is one of a pair, on the axis."""
        value, size = self._at(where, setting)
        return abs(value.imag) > PAIR * size and abs(value.real) <= ON_AXIS * abs(value.imag)

    def detail(self, where: Point, setting: Setting) -> str:
        """Return the frequency in words."""
        return f"frequency {abs(self._at(where, setting)[0].imag):.8g}"


def _eigenvalues(point: Point, setting: Setting) -> NDArray[np.complex128] | None:
    if is_symmetric(setting.homotopy):
        raise ArgumentError("events: Hopf needs a root system; the eigenvalues of a gradient system are real")
    return rightmost(setting.homotopy, point.x, point.t)
