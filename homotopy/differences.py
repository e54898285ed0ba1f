"""Derivatives by central differences whose steps fit the function, whatever the units of x and t.

A step is a length L, over which the function varies, times the root of the rounding error that suits the order of the
difference. L is learnt where it is first needed, for each variable apart, and again where the variable has grown or
fallen tenfold; in between it is kept, so that the same calls give the same derivatives.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import frexp, inf, isfinite, ldexp, nan, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from homotopy.errors import EvaluationError

__all__ = ["Differences"]

Array = NDArray[np.float64]
Line = Callable[[float], Any]

_EPS = float(np.finfo(np.float64).eps)
_RATIO = float(np.exp(2.0))  # of the steps that are compared; no rational number, lest rounded differences agree
_DOWN, _UP = 14, 20  # so many steps on either side of a guess: twelve and seventeen powers of ten
_FAR = 10.0  # a variable that has changed so much is looked at again
_TRIES = 3  # where nothing could be learnt


@dataclass(frozen=True, slots=True)
class _Length:
    """The length L over which a function varies, learnt where the variable had the size `at`."""

    length: float
    at: float
    n_tries: int = 0  # above 0: nothing was learnt so often

    def holds(self, size: float) -> bool:
        """Whether the length is still good where the variable has this size."""
        if self.n_tries and self.n_tries < _TRIES and size != self.at:
            return False
        fallen = self.at >= self.length / _FAR and size < self.at / _FAR
        return size <= _FAR * max(self.at, self.length) and not fallen

    def moved(self, size: float) -> float:
        """Return the length where the variable has this size: it grows with it."""
        reach = max(self.at, self.length)
        return self.length * (size / reach) if size > reach else self.length

    def guess(self, size: float) -> float:
        """Return what to look at first where the length no longer holds."""
        return self.length * (size / self.at) if 0.0 < size < self.at else self.moved(size)


class Differences:
    """Steps of central differences, learnt once.

    Parameters
    ----------
    noise : float
        The relative rounding error of the function's values.

    Notes
    -----
    A length L is accepted where the differences with the steps h = noise^(1/3) L and h / e^2 agree to 230 noise^(2/3),
    relative to the derivative, or to what it changes within L. Else the steps h e^(2k) are compared, first the shorter
    ones, and the first pair that agrees best is taken: a step too long shows by its truncation, one too short by its
    rounding.

    References
    ----------
    Gill, Murray, Saunders and Wright 1983, SIAM J. Sci. Stat. Comput. 4, 310-321.

    Examples
    --------
    >>> f = lambda x: np.sin(x / 1e-6)
    >>> Differences().along(f, np.zeros(1), np.ones(1)).round(1)
    array([1000000.])
    """

    def __init__(self, noise: float = _EPS) -> None:
        self._third, self._fifth = noise ** (1 / 3), noise ** (1 / 5)
        self._known: dict[Any, _Length] = {}
        self._accepts = {2: 1.4e3 * noise ** (2 / 3), 4: 1.4e3 * noise ** (4 / 5)}
        self._typical = 0.0

    def along(self, function: Callable[[Array], Array], x: Array, v: Array) -> Array:
        """Return the derivative of a function of x along v: A v with its Jacobian A, by a difference of order two."""
        length = sqrt(float(v @ v))
        if length == 0.0:
            return np.zeros_like(v)
        unit = v / length
        entries = np.flatnonzero(v)
        alone = int(entries[0]) if entries.size == 1 else -1
        size = abs(float(x[alone])) if alone >= 0 else sqrt(float(x @ x))
        line = _line(function, x, unit)
        h = self._step(alone, size, line, self._guess(x, size), order=2)
        return np.asarray(_central(line, h, at=size if alone >= 0 else 0.0) * length)

    def in_t(self, function: Callable[[float], Any], t: float) -> Any:
        """Return the derivative of a function of a number, by a difference of order two."""
        size = abs(t)

        def line(s: float) -> Any:
            return function(t + s)

        return _central(line, self._step("t", size, line, size or 1.0, order=2), at=t)

    def gradient(self, function: Callable[[Array], float], x: Array) -> Array:
        """Return the gradient of a function of x, by differences of order four."""
        out = np.empty_like(x)
        for i in range(x.size):
            unit = np.zeros_like(x)
            unit[i] = 1.0
            size, line = abs(float(x[i])), _line(function, x, unit)
            out[i] = _central4(line, self._step(i, size, line, self._guess(x, size), order=4))
        return out

    def _guess(self, x: Array, size: float) -> float:
        """Return a length to look at first: the variable's own size, unless that is about zero."""
        largest = float(np.abs(x).max(initial=0.0))
        return size if size > 1e-8 * largest else self._typical or largest or 1.0

    def _step(self, slot: Any, size: float, line: Line, guess: float, *, order: int) -> float:
        """Return the step of a variable of this size, a power of two."""
        known = self._known.get(slot)
        if known is None or not known.holds(size):
            before = 0 if known is None else known.n_tries
            first = guess if known is None else known.guess(size) or guess
            root = self._root(order)
            length, error = _learn(line, root, first, order=order, accepts=self._accepts[order])
            if isfinite(error):  # a function of more noise than that is not asked again and again
                self._accepts[order] = max(self._accepts[order], min(3.0 * error, 1e-3))
            self._typical = self._typical if slot == "t" else length
            known = self._known[slot] = _Length(length, size, 0 if error < 0.1 else before + 1)
        return ldexp(1.0, frexp(self._root(order) * known.moved(size))[1] - 1)

    def _root(self, order: int) -> float:
        return self._third if order == 2 else self._fifth


def _line(function: Callable[[Array], Any], x: Array, unit: Array) -> Line:
    return lambda s: function(x + s * unit)


def _central(line: Line, h: float, at: float = 0.0) -> Any:
    """Return the central difference of order two at s = 0, from one side where the other one is not finite."""
    plus, minus = _tried(line, h), _tried(line, -h)
    if plus is not None and minus is not None:
        return (plus - minus) / ((at + h) - (at - h))
    for side in ([h] if plus is not None else []) + ([-h] if minus is not None else []):
        far, here = _tried(line, 2 * side), _tried(line, 0.0)
        if far is not None and here is not None:
            return (4.0 * line(side) - far - 3.0 * here) / (2 * side)
    return (line(h) - line(-h)) / (2 * h)


def _central4(line: Line, h: float) -> Any:
    """Return the central difference of order four at s = 0."""
    return (8 * (line(h) - line(-h)) - (line(2 * h) - line(-2 * h))) / (12 * h)


def _tried(line: Line, s: float) -> Any:
    """Return the function at s, None where it is not finite or cannot be evaluated."""
    try:
        found = line(s)
    except EvaluationError:
        return None
    return found if np.isfinite(found).all() else None


def _learn(line: Line, root: float, guess: float, *, order: int, accepts: float) -> tuple[float, float]:
    """Return the length over which a function varies about s = 0, and how well two differences agree there."""
    with np.errstate(all="ignore"):
        rungs = _Rungs(line, root * guess, root, order)
        best_k, best = 0, rungs.error(0)
        for sign, most in ((-1, _DOWN), (1, _UP)):
            if best <= accepts:
                break
            for k in range(1, most + 1):
                now = rungs.error(sign * k)
                if now < 0.5 * best:
                    best_k, best = sign * k, now
                elif best <= accepts:
                    break
    return guess * _RATIO**best_k, best


class _Rungs:
    """Differences at the steps h e^(2k), each taken once."""

    def __init__(self, line: Line, h: float, root: float, order: int) -> None:
        self._line, self._h, self._root, self._order = line, h, root, order
        self._here = self._value(0.0)
        self._found: dict[int, tuple[Any, float]] = {}

    def _value(self, s: float) -> Any:
        try:
            return np.atleast_1d(np.asarray(self._line(s), dtype=np.float64))
        except Exception:  # at a step of any length a function may meet what it never meets otherwise
            if s == 0.0:
                raise
            return np.array([nan])

    def _rung(self, k: int) -> tuple[Any, float]:
        """Return the difference at a step, and its size with what it changes within the length that belongs to it."""
        if k not in self._found:
            h = self._h * _RATIO**k
            plus, minus = self._value(h), self._value(-h)
            first = (plus - minus) / (2 * h)
            if self._order == 4:
                first = (4 * first - (self._value(2 * h) - self._value(-2 * h)) / (4 * h)) / 3
            bend = _norm(plus - 2 * self._here + minus) / (h * self._root)
            self._found[k] = first, _norm(first) + bend
        return self._found[k]

    def error(self, k: int) -> float:
        """Return how far the differences at a step and at the next shorter one differ; infinite where that is void."""
        (first, size), (second, other) = self._rung(k), self._rung(k - 1)
        smaller = min(size, other)
        error = _norm(first - second) / smaller if smaller > 0.0 else inf
        return error if isfinite(error) else inf


def _norm(a: Any) -> float:
    return sqrt(float(a @ a))
