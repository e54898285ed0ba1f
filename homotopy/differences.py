"""Derivatives by central differences whose steps fit the function, whatever the units of x and t.

A step is a length L, over which the function varies, times the root of the rounding error that suits the order of the
difference. L is learnt where it is first needed, for each variable apart, and again where the variable has grown or
fallen tenfold; in between it is kept, so that a path that is followed again meets the same derivatives. Where L is the
variable's own size, as it mostly is, steps depend on the point alone and not on what was learnt before.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from math import frexp, inf, isfinite, ldexp, nan, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from homotopy.errors import EvaluationError, Interrupted

__all__ = ["Differences"]

Array = NDArray[np.float64]
Line = Callable[[float], Any]

_EPS = float(np.finfo(np.float64).eps)
_RATIO = float(np.exp(2.0))  # of the steps that are compared; no rational number, lest rounded differences agree
_REACH = 20  # so many steps on either side of a guess: seventeen powers of ten
_PROBES = ((-5, 1e-3), (-10, 0.05), (5, 0.1))  # other steps, and how well they can agree in spite of their errors
_SUDDEN = 1e-3  # no truncation error grows from agreement to this in one step
_FAR = 10.0  # a variable that has changed so much is looked at again
_ONE = np.ones(1)
_TRIES = 3  # where nothing could be learnt


@dataclass(frozen=True, slots=True)
class _Length:
    """The length L over which a function varies, learnt where the variable had the size `at`."""

    length: float
    at: float
    own: bool = False  # whether it is the variable's own size
    n_tries: int = 0  # above 0: nothing was learnt so often

    def holds(self, size: float) -> bool:
        """Whether the length is still good where the variable has this size."""
        if self.n_tries and self.n_tries < _TRIES and size != self.at:
            return False
        fallen = size < self.at / _FAR and self.at >= self.length / _FAR
        return size <= _FAR * max(self.at, self.length) and not fallen

    def moved(self, size: float) -> float:
        """Return the length where the variable has this size: it grows with it, and falls with it if it is its size."""
        if self.own:
            return size
        reach = max(self.at, self.length)
        return self.length * (size / reach) if size > reach else self.length


class Differences:
    """Steps of central differences, learnt once.

    Parameters
    ----------
    noise : float
        The relative rounding error of the function's values.

    Notes
    -----
    A length L, at first the variable's own size, is accepted where the differences with the steps h = noise^(1/3) L and
    h / e^2 agree to 1400 noise^(2/3), relative to the derivative, or where that vanishes, to what it changes within L.
    Else the steps h e^(2k) are compared: one too long shows by its truncation, one too short by its rounding. Where a
    variable is zero, other steps are looked at in any case. For order four the powers are 1/5 and 4/5.

    References
    ----------
    Gill, Murray, Saunders and Wright 1983, SIAM J. Sci. Stat. Comput. 4, 310-321.

    Examples
    --------
    >>> found = Differences().along(lambda x: np.sin(x / 1e-6), np.zeros(1), np.ones(1))
    >>> bool(abs(found[0] - 1e6) < 1e-2)
    True
    """

    def __init__(self, noise: float = _EPS) -> None:
        self._third: float = noise ** (1 / 3)  # the best step of order two, relative to L
        self._fifth: float = noise ** (1 / 5)  # and of order four
        self._known: dict[Any, list[_Length]] = {}
        self._accepts = {2: 1.4e3 * noise ** (2 / 3), 4: 1.4e3 * noise ** (4 / 5)}
        self._errors: deque[float] = deque(maxlen=3)
        self._typical = 0.0

    def along(self, function: Callable[[Array], Array], x: Array, v: Array) -> Array:
        """Return the derivative of a function of x along v: A v with its Jacobian A, by a difference of order two."""
        square = float(v.dot(v))
        if square == 0.0 or not isfinite(square):
            return v * square
        length = sqrt(square)
        first = int(np.abs(v).argmax())
        alone = float(v[first]) ** 2 == square
        size = abs(float(x[first])) if alone else sqrt(float(x.dot(x)))
        line = _line(function, x, v / length)
        h = self._step(first if alone else -1, size, line, x, order=2)
        found: Array = _central(line, h, at=size if alone else 0.0) * length
        return found

    def in_t(self, function: Callable[[float], Any], t: float) -> Any:
        """Return the derivative of a function of a number, by a difference of order two."""
        size = abs(t)

        def line(s: float) -> Any:
            return function(t + s)

        return _central(line, self._step("t", size, line, _ONE, order=2), at=t)

    def gradient(self, function: Callable[[Array], float], x: Array) -> Array:
        """Return the gradient of a function of x, by differences of order four."""
        out = np.empty_like(x)
        for i in range(x.size):
            unit = np.zeros_like(x)
            unit[i] = 1.0
            size, line = abs(float(x[i])), _line(function, x, unit)
            out[i] = _central4(line, self._step(i, size, line, x, order=4))
        return out

    def _step(self, slot: Any, size: float, line: Line, x: Array, *, order: int) -> float:
        """Return the step of a variable of this size, one of x, as a power of two."""
        lengths, root = self._known.setdefault(slot, []), self._root(order)
        if not isfinite(size):
            return root
        for known in lengths:  # in the order in which they were learnt: the same point always finds the same
            if known.holds(size):
                break
        else:
            accepts = self._accepts[order]
            if len(self._errors) == 3:  # a function of more noise than that is not asked in vain again and again
                accepts = max(accepts, 3.0 * min(1e-3, *self._errors))
            guess = size or (slot != "t" and self._typical) or float(np.abs(x).max()) or 1.0
            length, error = _learn(_Rungs(line, root * guess, root, order), guess, size > 0.0, accepts)
            self._errors.append(error)
            self._typical = self._typical or (0.0 if slot == "t" else length)  # later points may be far away
            own = length == size > 0.0
            known = _Length(length, size, own, 0 if error < 0.1 else 1 + sum(each.n_tries > 0 for each in lengths))
            lengths.append(known)
        return ldexp(1.0, frexp(root * known.moved(size))[1] - 1)

    def _root(self, order: int) -> float:
        return self._third if order == 2 else self._fifth


def _line(function: Callable[[Array], Any], x: Array, unit: Array) -> Line:
    return lambda s: function(x + s * unit)


def _central(line: Line, h: float, at: float = 0.0) -> Any:
    """Return the central difference of order two at s = 0, from one side where the other one is not finite."""
    try:
        found = (line(h) - line(-h)) / ((at + h) - (at - h))
        if isfinite(found.dot(found) if isinstance(found, np.ndarray) else found):
            return found
    except EvaluationError:
        pass
    return _one_sided(line, h)


def _one_sided(line: Line, h: float) -> Any:
    """Return the derivative at s = 0 from the side where the function is finite, else the central difference."""
    for side in (h, -h):
        near, far, here = _tried(line, side), _tried(line, 2 * side), _tried(line, 0.0)
        if near is not None and far is not None and here is not None:
            return (4.0 * near - far - 3.0 * here) / (2 * side)
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


def _learn(rungs: _Rungs, guess: float, sure: bool, accepts: float) -> tuple[float, float]:
    """Return the length over which a function varies about s = 0, and how well two differences agree there."""
    with np.errstate(all="ignore"):
        for bent in (False, True):  # a derivative that vanishes is measured by what it changes
            rungs.bent = bent
            if rungs.error(0) <= accepts and (sure or rungs.agree()):
                k = 0 if rungs.error(0) <= 0.02 * accepts else _lowest(rungs, range(0, -_REACH, -1), inf)
            elif sure:
                k = _lowest(rungs, range(0, -_REACH - 1, -1), accepts)
                if rungs.error(k) > accepts:
                    k = min(k, _lowest(rungs, range(_REACH + 1), accepts), key=rungs.error)
            else:
                k = _from_below(rungs, 20.0 * accepts)  # of the first run, which has better ones
            if rungs.error(k) < 0.1:
                break
    return guess * _RATIO**k, rungs.error(k)


def _lowest(rungs: _Rungs, ladder: Iterable[int], accepts: float) -> int:
    """Return where on a ladder differences agree best, no further than where agreement gets worse after a good one."""
    best_k, best = 0, rungs.error(0)
    for k in ladder:
        now = rungs.error(k)
        if now < 0.5 * best:
            best_k, best = k, now
        elif best <= accepts and k != best_k:
            break
        if best <= 0.02 * accepts < inf:  # a longer one would do no better, but further away
            break
    return best_k


def _from_below(rungs: _Rungs, accepts: float) -> int:
    """Return where differences agree well, in the first run of steps that agree, and there closest to the guess.

    Where the shortest steps of all agree and then, all at once, they do not, the function's curved part was lost in
    rounding with the shortest; a truncation error grows little by little. Then what comes after them counts.
    """

    def best(begin: int, end: int) -> int:
        enough = max(1e-3 * accepts, 10.0 * min(rungs.error(k) for k in range(begin, end)))
        return min((k for k in range(begin, end) if rungs.error(k) <= enough), key=abs)

    ladder = range(-_REACH, _REACH + 1)
    end = next((k for k in ladder if rungs.error(k) > accepts), _REACH + 1)
    if end > -_REACH and (end > _REACH or rungs.error(end) < _SUDDEN):
        return best(-_REACH, end)
    pairs = (k for k in range(end, _REACH) if max(rungs.error(k), rungs.error(k + 1)) <= accepts)  # one may be chance
    begin = next(pairs, None)
    if begin is None:
        return best(end, _REACH + 1)
    return best(begin, next((k for k in range(begin, _REACH + 1) if rungs.error(k) > accepts), _REACH + 1))


class _Rungs:
    """Differences at the steps h e^(2k), each taken once."""

    bent = False  # whether a difference is compared with what it changes, and not with itself

    def __init__(self, line: Line, h: float, root: float, order: int) -> None:
        self._line, self._h, self._root, self._order = line, h, root, order
        self._here = self._value(0.0)
        self._found: dict[int, tuple[Any, Any, float]] = {}

    def _value(self, s: float) -> Any:
        try:
            return np.atleast_1d(np.asarray(self._line(s), dtype=np.float64))
        except Exception as error:  # at a step of any length a function may meet what it never meets otherwise
            if s == 0.0 or isinstance(error, Interrupted):
                raise
            return np.array([nan])

    def _rung(self, k: int) -> tuple[Any, Any, float]:
        """Return the first and the second derivative by a step, and the size of the first one.

        That of a bent function is what the derivative changes within the length that belongs to the step.
        """
        if k not in self._found:
            h = self._h * _RATIO**k
            plus, minus = self._value(h), self._value(-h)
            first, second = (plus - minus) / (2 * h), ((plus - self._here) + (minus - self._here)) / h**2
            if self._order == 4:
                first = (4 * first - (self._value(2 * h) - self._value(-2 * h)) / (4 * h)) / 3
            self._found[k] = first, second, h / self._root
        first, second, length = self._found[k]
        return first, second, _norm(first) + (_norm(second) * length if self.bent else 0.0)

    def error(self, k: int) -> float:
        """Return how far the differences at a step and at the next shorter one differ; infinite where that is void.

        Those of a bent function are no better than its second derivatives are, which agree to 1e-3 at the best steps.
        """
        (first, bend, size), (shorter, other, less) = self._rung(k), self._rung(k - 1)
        error = _over(_norm(first - shorter), min(size, less))
        if self.bent:
            error = max(error, 1e-5 * _over(_norm(bend - other), min(_norm(bend), _norm(other))))
        return error if isfinite(error) else inf

    def agree(self) -> bool:
        """Whether much shorter steps and a longer one say the same: else the function varies on another length, too."""
        first, _, size = self._rung(0)  # second derivatives are lost in rounding too soon to tell
        return not self.bent and all(_norm(self._rung(k)[0] - first) <= most * size for k, most in _PROBES)


def _over(a: float, b: float) -> float:
    return a / b if b > 0.0 else inf


def _norm(a: Any) -> float:
    return sqrt(float(a @ a))
