"""Activations by name; the arithmetic is compiled (ext/mlp_passes.h)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import erf, expit

from homotopy.errors import ArgumentError

__all__ = ["BY_NAME", "Activation", "activation"]

Array = NDArray[Any]


@dataclass(frozen=True)
class Activation:
    """An element-wise function of a layer's pre-activations.

    Parameters
    ----------
    name : str
        The name under which `BY_NAME` has it.
    code : int
        Its code in ext/mlp.h.
    function, derivative : callable
        The function and its derivative on arrays of any shape, in NumPy: for surrogates and plots, not for training.

    Examples
    --------
    >>> activation("relu")(np.array([-1.0, 2.0]))
    array([0., 2.])
    """

    name: str
    code: int
    function: Callable[[Array], Array]
    derivative: Callable[[Array], Array]

    def __call__(self, z: Array) -> Array:
        """Return the activations of z, in z's shape."""
        return self.function(z)


BY_NAME: dict[str, Activation] = {
    "identity": Activation("identity", 0, lambda z: z.copy(), np.ones_like),
    "tanh": Activation("tanh", 1, np.tanh, lambda z: 1 - np.tanh(z) ** 2),
    "logistic": Activation("logistic", 2, expit, lambda z: expit(z) * expit(-z)),
    "relu": Activation("relu", 3, lambda z: np.maximum(z, 0), lambda z: (z > 0).astype(z.dtype)),
    "softplus": Activation("softplus", 4, lambda z: np.logaddexp(z, 0), expit),
    "erf": Activation("erf", 5, erf, lambda z: 2 / np.sqrt(np.pi) * np.exp(-(z**2))),
    "sin": Activation("sin", 6, np.sin, np.cos),
}
"""Every activation; the derivative of relu at 0 is 0."""


def activation(which: str | Activation) -> Activation:
    """Return an activation given by name or as an object.

    Parameters
    ----------
    which : str or Activation
        A key of `BY_NAME`, or one of its values.

    Returns
    -------
    Activation
        The object.

    Raises
    ------
    ArgumentError
        If there is no such activation.
    """
    if isinstance(which, Activation):
        which = which.name
    if which not in BY_NAME:
        raise ArgumentError(f"activation {which!r} is unknown; there are {', '.join(BY_NAME)}")
    return BY_NAME[which]
