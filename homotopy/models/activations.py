"""Activations by name; the arithmetic is compiled (ext/passes/act.h)."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import erf, expit, ndtr

from homotopy._core.mlp import activation_flops, activations
from homotopy.arguments import shown
from homotopy.errors import ArgumentError
from homotopy.models.codes import agree

__all__ = ["BY_NAME", "Activation", "activation", "leaky_relu"]

Array = NDArray[Any]
SQRT_2_PI = math.sqrt(2 * math.pi)


@dataclass(frozen=True)
class Activation:
    """An element-wise function of a layer's pre-activations.

    Parameters
    ----------
    name : str
        The name under which `BY_NAME` has it.
    code : int
        Its code in ext/passes/act.h.
    function, derivative : callable
        The function and its derivative on arrays of any shape, in NumPy: for surrogates and plots, not for training.
    odd_slope : float or None
        The c with act(z) - act(-z) = c z for all z, where there is one: a unit whose sign is turned then differs from
        the unit by a linear function.
    leak : float
        The slope below 0 of a leaky relu, in [0, 1]; 0 for the others.
    saturates : bool
        Whether it is bounded, so that a unit's scale is a choice of its own: random units of large and of small
        weights are different functions.
    homogeneous : bool
        Whether act(c z) = c act(z) for every c > 0 and act is not linear, so that a unit's two layers may be balanced.
    monotone : bool
        Whether it never falls.

    Examples
    --------
    >>> activation("relu")(np.array([-1.0, 2.0]))
    array([0., 2.])
    >>> activation("leaky-relu:slope=0.25").odd_slope
    1.25
    >>> activation("leaky-relu:slope=0.25").homogeneous, activation("tanh").homogeneous
    (True, False)
    """

    name: str
    code: int
    function: Callable[[Array], Array]
    derivative: Callable[[Array], Array]
    odd_slope: float | None = None
    leak: float = 0.0
    saturates: bool = False
    homogeneous: bool = False
    monotone: bool = True

    def __call__(self, z: Array) -> Array:
        """Return the activations of z, in z's shape."""
        return self.function(z)

    def __reduce__(self) -> tuple[Any, ...]:
        return activation, (self.name,)

    @property
    def flops(self) -> float:
        """Floating-point operations of a value with its slope, and of the product with it."""
        return float(activation_flops(self.code))


def leaky_relu(slope: float | str = 0.01) -> Activation:
    """Return the leaky relu: z for z > 0, else slope times z, with a slope from 0 (relu) to 1, or that number's text.

    Its name is ``leaky-relu``, or with another slope than 0.01 for instance ``leaky-relu:slope=0.2``.

    Raises
    ------
    ArgumentError
        If the slope is outside [0, 1].

    Examples
    --------
    >>> leaky_relu(0.5)(np.array([-2.0, 2.0]))
    array([-1.,  2.])
    """
    try:
        leak = float(slope)
    except (TypeError, ValueError):
        leak = math.nan
    if not 0 <= leak <= 1:
        raise ArgumentError(f"slope is {shown(slope)}; it must be a number from 0 to 1")
    return Activation(
        "leaky-relu" if leak == 0.01 else f"leaky-relu:slope={leak!r}",
        4,
        lambda z: np.where(z < 0, leak * z, z),
        lambda z: np.where(z > 0, 1.0, leak).astype(z.dtype),
        odd_slope=1 + leak,
        leak=leak,
        homogeneous=True,
    )


BY_NAME: dict[str, Activation] = {
    "identity": Activation("identity", 0, lambda z: z.copy(), np.ones_like, odd_slope=2.0),
    "tanh": Activation("tanh", 1, np.tanh, lambda z: 1 - np.tanh(z) ** 2, saturates=True),
    "logistic": Activation("logistic", 2, expit, lambda z: expit(z) * expit(-z), saturates=True),
    "relu": Activation(
        "relu", 3, lambda z: np.maximum(z, 0), lambda z: (z > 0).astype(z.dtype), odd_slope=1.0, homogeneous=True
    ),
    "softplus": Activation("softplus", 5, lambda z: np.logaddexp(z, 0), expit, odd_slope=1.0),
    "erf": Activation("erf", 6, erf, lambda z: 2 / np.sqrt(np.pi) * np.exp(-(z**2)), saturates=True),
    "sin": Activation("sin", 7, np.sin, np.cos, saturates=True, monotone=False),
    "gelu": Activation(
        "gelu",
        8,
        lambda z: z * ndtr(z),
        lambda z: ndtr(z) + z * (np.exp(-(z**2) / 2) / SQRT_2_PI),
        odd_slope=1.0,
        monotone=False,
    ),
    "leaky-relu": leaky_relu(),
}
"""Every activation; the derivative at 0 of relu is 0, of leaky relu its slope below 0."""

agree("activation", BY_NAME, activations())


def activation(which: str | Activation) -> Activation:
    """Return an activation given as an object or by name: a key of `BY_NAME`, or ``leaky-relu:slope=s``, s from 0 to 1.

    Raises
    ------
    ArgumentError
        If there is no such activation, or its slope is outside [0, 1].
    """
    if isinstance(which, Activation):
        which = which.name
    if not isinstance(which, str):
        raise ArgumentError(f"activation is {shown(which)}; it must be a name or an Activation")
    name, _, parameter = which.partition(":")
    key, _, value = parameter.partition("=")
    if name == "leaky-relu" and key == "slope":
        return leaky_relu(value)
    if which not in BY_NAME:
        raise ArgumentError(f"activation {which!r} is unknown; there are {', '.join(BY_NAME)}, leaky-relu:slope=0.2")
    return BY_NAME[which]
