"""Arrays with a derivative beside them, so that a gradient's own code gives the gradient's derivatives.

A gradient is written once, as a pass forward and a pass back over arrays. On arrays it is the gradient; on duals along
v it is the Hessian times v too, on duals along t the derivative of both in t: exact, at about three times the price.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

__all__ = ["Dual", "joined", "plain", "root", "scattered", "slope", "smoothed", "total", "turned"]


class Dual:
    """An array (or number) `v` and its derivative `d`, of the same shape."""

    __array_ufunc__ = None  # so that an array on the left leaves the operation to the dual
    __slots__ = ("d", "v")

    def __init__(self, v: Any, d: Any) -> None:
        self.v, self.d = v, d

    def __getitem__(self, where: Any) -> Dual:
        return Dual(self.v[where], self.d[where])

    def reshape(self, shape: Any) -> Dual:
        """Return both in another shape."""
        return Dual(self.v.reshape(shape), self.d.reshape(shape))

    def __neg__(self) -> Dual:
        return Dual(-self.v, -self.d)

    def __add__(self, other: Any) -> Dual:
        return Dual(self.v + plain(other), self.d + slope(other))

    __radd__ = __add__

    def __sub__(self, other: Any) -> Dual:
        return Dual(self.v - plain(other), self.d - slope(other))

    def __rsub__(self, other: Any) -> Dual:
        return Dual(plain(other) - self.v, slope(other) - self.d)

    def __mul__(self, other: Any) -> Dual:
        return Dual(self.v * plain(other), self.d * plain(other) + self.v * slope(other))

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> Dual:
        quotient = self.v / plain(other)
        return Dual(quotient, (self.d - quotient * slope(other)) / plain(other))

    def __rtruediv__(self, other: Any) -> Dual:
        return Dual(other, 0.0 * other) / self

    def __matmul__(self, other: Any) -> Dual:
        moved = self.d @ plain(other)
        return Dual(self.v @ plain(other), moved + self.v @ other.d if isinstance(other, Dual) else moved)

    def __rmatmul__(self, other: Any) -> Dual:
        return Dual(other @ self.v, other @ self.d)


def plain(thing: Any) -> Any:
    """Return the array without its derivative."""
    return thing.v if isinstance(thing, Dual) else thing


def slope(thing: Any) -> Any:
    """Return the derivative, zero where there is none."""
    return thing.d if isinstance(thing, Dual) else 0.0


def _each(function: Any, *things: Any) -> Any:
    """Return a linear function of arrays or duals."""
    if not any(isinstance(thing, Dual) for thing in things):
        return function(*things)
    slopes = [thing.d if isinstance(thing, Dual) else np.zeros_like(thing) for thing in things]
    return Dual(function(*map(plain, things)), function(*slopes))


def total(thing: Any, axis: int | None = None, *, keepdims: bool = False) -> Any:
    """Return the sum over an axis, or over all."""
    return _each(lambda a: np.sum(a, axis=axis, keepdims=keepdims), thing)


def turned(thing: Any) -> Any:
    """Return the transpose."""
    return _each(np.transpose, thing)


def joined(parts: list[Any]) -> Any:
    """Return the parts behind each other along the first axis."""
    return _each(lambda *arrays: np.concatenate(arrays), *parts)


def scattered(part: Any, rows: Any, n: int) -> Any:
    """Return a table of n rows with the rows of a smaller one in their places, zeros elsewhere."""
    if len(rows) == n:
        return part

    def spread(table: Any) -> Any:
        out = np.zeros((n, *table.shape[1:]))
        out[rows] = table
        return out

    return _each(spread, part)


def root(thing: Any) -> Any:
    """Return the square root; its derivative is taken as zero at zero."""
    if not isinstance(thing, Dual):
        return np.sqrt(thing)
    value = np.sqrt(thing.v)
    return Dual(value, np.where(value > 0, thing.d / (2.0 * np.where(value > 0, value, 1.0)), 0.0))


def smoothed(rule: Callable[[Any, Any, int], Any], a: Any, s: Any, order: int) -> Any:
    """Return a smoothing's derivatives in x at pre-activations a and widths s, of one shape, to `order`.

    The rule gives a list of them, or several lists; so does this.
    """
    if not (isinstance(a, Dual) or isinstance(s, Dual)):
        return rule(a, s, order)
    found = rule(plain(a), plain(s), order + 2)
    da, ds = slope(a), plain(s) * slope(s)  # the heat equation

    def along(f: Any) -> list[Dual]:
        return [Dual(f[n], f[n + 1] * da + f[n + 2] * ds) for n in range(order + 1)]

    return tuple(map(along, found)) if isinstance(found, tuple) else along(found)
