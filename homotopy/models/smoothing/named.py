"""Smoothings by name: of every activation, of sign, relu^2 and cos, and the cheap approximations."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import pi, sqrt

import numpy as np
from numpy.typing import ArrayLike

from homotopy.arguments import integer, numbers, shown
from homotopy.doors import door, doors
from homotopy.errors import ArgumentError
from homotopy.models.activations import activation
from homotopy.models.smoothing import sigmoids, steps
from homotopy.models.smoothing.steps import Array, Rule, product

__all__ = ["BY_NAME", "Smoothing", "is_smoothed", "smoothing"]


TINIEST = 1e-300
"""A width below which there is none: its inverse would be no number."""


@dataclass(frozen=True)
class Riccati:
    """Says that a function's square follows from its slope: it solves a Riccati equation."""

    square: Callable[[list[Array]], list[Array]]
    """The derivatives of the square from those of the function, of which there is one more."""


@doors
@dataclass(frozen=True)
class Smoothing:
    r"""A function f averaged over normal noise of standard deviation s on its argument.

    Attributes
    ----------
    name : str
        A key of `BY_NAME`, or ``leaky-relu:slope=0.2``.
    exact : bool
        Whether `mean` is E f(x + s Z) to rounding, and no approximation.
    effort : int
        About how many evaluations of f one of the mean and its slopes costs, for charges.

    Notes
    -----
    Both orders of derivatives: those in s follow from those in x, since u(x, s) = E f(x + s Z) solves the heat equation
    :math:`u_s = s \\, u_{xx}`.

    References
    ----------
    H. Mobahi, "Training recurrent neural networks by diffusion", arXiv 1601.04114: smoothed activations.

    Examples
    --------
    >>> round(float(smoothing("relu").mean(0.0, 1.0)), 12), round(float(1 / np.sqrt(2 * np.pi)), 12)
    (0.398942280401, 0.398942280401)
    """

    name: str
    first: Rule
    second: Rule | Riccati
    exact: bool = True
    effort: int = 4

    def mean(self, x: ArrayLike, s: ArrayLike) -> Array:
        """Return E f(x + s Z), in the shape of x and s together."""
        return self.orders(x, s, 0)[0]

    def square(self, x: ArrayLike, s: ArrayLike) -> Array:
        """Return E f(x + s Z)^2, in the shape of x and s together."""
        return self.square_orders(x, s, 0)[0]

    def in_s(self, x: ArrayLike, s: ArrayLike) -> Array:
        """Return the derivative of `mean` in s."""
        x, s = _arguments(x, s)
        return np.asarray(s * self.orders(x, s, 2)[2])

    def orders(self, x: ArrayLike, s: ArrayLike, order: int) -> list[Array]:
        """Return `mean` and its derivatives in x, to `order`.

        Raises
        ------
        ArgumentError
            If x or s are no finite numbers, s is negative, or the order is no whole number from 0 to 5.
        """
        order = integer("order", order, least=0, most=5)
        with np.errstate(over="ignore", under="ignore"):
            return self.first(*_arguments(x, s), order)

    def square_orders(self, x: ArrayLike, s: ArrayLike, order: int) -> list[Array]:
        """Return `square` and its derivatives in x, to `order`; raises as `orders` does."""
        return self.moments(*_arguments(x, s), integer("order", order, least=0, most=4))[1]

    def moments(self, x: Array, s: Array, order: int) -> tuple[list[Array], list[Array]]:
        """Return `orders` and `square_orders` at arrays of one shape, which are not checked."""
        with np.errstate(over="ignore", under="ignore"):
            if isinstance(self.second, Riccati):
                found = self.first(x, s, order + 1)
                return found[: order + 1], self.second.square(found)
            return self.first(x, s, order), self.second(x, s, order)


def _arguments(x: ArrayLike, s: ArrayLike) -> tuple[Array, Array]:
    """Return x and s as arrays of one shape."""
    points, widths = (np.asarray(numbers(n, v), dtype=np.float64) for n, v in (("x", x), ("s", s)))
    if not (np.isfinite(points).all() and np.isfinite(widths).all()):
        raise ArgumentError("x and s must be finite numbers")
    widths = np.where(np.abs(widths) < TINIEST, 0.0, widths)
    if (widths < 0).any():
        raise ArgumentError(f"s must be 0 or positive, not {widths.min():g}")
    try:
        points, widths = np.broadcast_arrays(points, widths)
    except ValueError:
        raise ArgumentError(f"s must have a shape that fits x's {points.shape}, not {widths.shape}") from None
    return points, widths


def _shrunk(plain: Rule, c: float) -> Rule:
    """Return the rule of f(x / sqrt(1 + c s^2)), the cheap stand-in for a smoothed sigmoid."""

    def rule(x: Array, s: Array, order: int) -> list[Array]:
        scale = 1.0 / np.hypot(1.0, sqrt(c) * s)
        found = plain(x * scale, np.zeros_like(s), order)
        return [scale**n * g for n, g in enumerate(found)]

    return rule


def _squared(rule: Rule) -> Rule:
    """Return the rule of the square of a mean, whose variance is neglected."""

    def square(x: Array, s: Array, order: int) -> list[Array]:
        found = rule(x, s, order)
        return product(found, found)

    return square


def _about(name: str, plain: Rule, c: float) -> Smoothing:
    rule = _shrunk(plain, c)
    return Smoothing(f"{name}-approximate", rule, _squared(rule), exact=False)


BY_NAME: dict[str, Smoothing] = {
    found.name: found
    for found in (
        Smoothing("identity", steps.identity, steps.identity_square),
        Smoothing("sign", steps.sign, steps.one),
        Smoothing("erf", steps.erf_rule, steps.erf_square),
        Smoothing("relu", steps.relu, steps.relu_square),
        Smoothing("leaky-relu", steps.leaky(0.01), steps.leaky_square(0.01)),
        Smoothing("sin", steps.wave(0.0), steps.wave_square(0.0)),
        Smoothing("cos", steps.wave(0.5 * pi), steps.wave_square(0.5 * pi)),
        Smoothing("gelu", steps.gelu, steps.gelu_square),
        Smoothing("tanh", sigmoids.tanh, Riccati(sigmoids.tanh_square), effort=40),
        Smoothing("logistic", sigmoids.logistic, Riccati(sigmoids.logistic_square), effort=40),
        Smoothing("softplus", sigmoids.softplus, sigmoids.softplus_square, effort=40),
        _about("tanh", sigmoids.tanh, pi / 2),
        _about("logistic", sigmoids.logistic, pi / 8),
    )
}
"""Every smoothing but those of leaky relus of other slopes. The approximate ones are

tanh(x / sqrt(1 + pi s^2 / 2)) and logistic(x / sqrt(1 + pi s^2 / 8)): off by up to 0.025 and 0.007 at s = 3; their
`square` is the square of that, without any variance."""


@door
def is_smoothed(name: str) -> bool:
    """Return whether an activation has a smoothing: all of this package have."""
    return name in BY_NAME or name.startswith("leaky-relu:")


@door
def smoothing(name: str) -> Smoothing:
    """Return a smoothing by its name: a key of `BY_NAME`, or ``leaky-relu:slope=s``.

    Raises
    ------
    ArgumentError
        If there is none of that name.
    """
    if isinstance(name, str) and name in BY_NAME:
        return BY_NAME[name]
    if not isinstance(name, str) or not name.startswith("leaky-relu:"):
        raise ArgumentError(f"name must be one of {', '.join(BY_NAME)}, leaky-relu:slope=0.2, not {shown(name)}")
    leak = activation(name).leak
    return Smoothing(name, steps.leaky(leak), steps.leaky_square(leak))
