"""Activations in ball arithmetic: value, first and second derivative."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from homotopy.errors import EvaluationError
from homotopy.landscape.certify.balls import flint
from homotopy.models.activations import activation

__all__ = ["Ball", "activation_balls"]

Ball = Callable[[Any], tuple[Any, Any, Any]]
"""Maps a ball to balls of the value, the first and the second derivative."""


def _identity(z: Any) -> tuple[Any, Any, Any]:
    arb = flint().arb
    return z, arb(1), arb(0)


def _tanh(z: Any) -> tuple[Any, Any, Any]:
    a, slope = z.tanh(), z.sech() ** 2
    return a, slope, -2 * a * slope


def _logistic(z: Any) -> tuple[Any, Any, Any]:
    p, q = expit(z), expit(-z)
    return p, p * q, p * q * (q - p)


def _softplus(z: Any) -> tuple[Any, Any, Any]:
    return softplus(z), expit(z), expit(z) * expit(-z)


def _erf(z: Any) -> tuple[Any, Any, Any]:
    slope = 2 * (-z * z).exp() / flint().arb.const_sqrt_pi()
    return z.erf(), slope, -2 * z * slope


def _sin(z: Any) -> tuple[Any, Any, Any]:
    s, c = z.sin_cos()
    return s, c, -s


def _gelu(z: Any) -> tuple[Any, Any, Any]:
    arb = flint().arb
    root = arb(2).sqrt()
    below, density = (-z / root).erfc() / 2, (-z * z / 2).exp() / (root * arb.const_sqrt_pi())
    return z * below, below + z * density, density * (2 - z * z)


def _leaky(name: str) -> Ball:
    leak = float(activation(name).leak)

    def off_the_kink(z: Any) -> tuple[Any, Any, Any]:
        arb = flint().arb
        if z > 0:
            return z, arb(1), arb(0)
        if z < 0:
            return z * leak, arb(leak), arb(0)
        raise EvaluationError(f"a pre-activation of {name} may be 0, where it has a kink")

    return off_the_kink


_SMOOTH: dict[str, Ball] = {
    "erf": _erf,
    "gelu": _gelu,
    "identity": _identity,
    "logistic": _logistic,
    "sin": _sin,
    "softplus": _softplus,
    "tanh": _tanh,
}


def activation_balls(name: str) -> Ball | None:
    """Return an activation of balls by its name, None where it is not known here; relu is smooth off its kink."""
    kinked = name == "relu" or name.partition(":")[0] == "leaky-relu"
    return _leaky(name) if kinked else _SMOOTH.get(name)


def expit(z: Any) -> Any:
    """Return 1 / (1 + exp(-z))."""
    return 1 / (1 + (-z).exp())


def softplus(z: Any) -> Any:
    """Return log(1 + exp(z)), without overflow of the ball where z is large."""
    return z + (-z).exp().log1p() if z > 0 else z.exp().log1p()
