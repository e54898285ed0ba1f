"""Losses of outputs in ball arithmetic: value, gradient and Hessian in the outputs of one sample."""

from __future__ import annotations

from typing import Any

from homotopy.landscape.certify.activationballs import expit, softplus
from homotopy.landscape.certify.balls import Balls, dot, flint

__all__ = ["LOSSES", "Targets"]

Targets = list[float]


def squared(z: Balls, y: Targets) -> tuple[Any, Balls, list[Balls]]:
    """Return those of 1/2 |z - y|^2."""
    rest = [a - b for a, b in zip(z, y, strict=True)]
    return dot(rest, rest) / 2, rest, _diagonal([flint().arb(1)] * len(z))


def logistic(z: Balls, y: Targets) -> tuple[Any, Balls, list[Balls]]:
    """Return those of log(1 + e^z) - y z, summed over outputs."""
    pairs = list(zip(z, y, strict=True))
    value = sum(((1 - flint().arb(b)) * softplus(a) + b * softplus(-a) for a, b in pairs), flint().arb(0))
    return value, [expit(a) - b for a, b in pairs], _diagonal([expit(a) * expit(-a) for a in z])


def softmax(z: Balls, y: Targets) -> tuple[Any, Balls, list[Balls]]:
    """Return those of log sum e^z - y.z, for targets whose sum may differ from one by rounding."""
    top = max((a.mid() for a in z), key=float)
    powers = [(a - top).exp() for a in z]
    total = sum(powers, flint().arb(0))
    p = [a / total for a in powers]
    value = total.log() + top - dot(z, y)
    H = [[a * (1 - b) if i == j else -a * b for j, b in enumerate(p)] for i, a in enumerate(p)]
    return value, [a - b for a, b in zip(p, y, strict=True)], H


LOSSES = {"logistic": logistic, "softmax": softmax, "squared": squared}
"""By the names of `homotopy.models.losses`."""


def _diagonal(entries: Balls) -> list[Balls]:
    """Return the diagonal matrix."""
    zero = flint().arb(0)
    return [[a if i == j else zero for j in range(len(entries))] for i, a in enumerate(entries)]
