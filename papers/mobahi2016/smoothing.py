"""Activations under normal noise: formulas, the package's smoothed units, and quadrature that neither uses."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.special import erf, expit, ndtr

import homotopy as hp
from homotopy.homotopies import LayerwiseDiffusion

__all__ = ["DEVIATIONS", "EXACT", "FORMULAS", "POINTS", "formula_error", "mean", "unit_error"]

Array = NDArray[np.float64]
DEVIATIONS = (0.3, 1.0, 3.0)
POINTS = np.linspace(-4.0, 4.0, 33)
"""Pre-activations at which errors are looked for."""
NODES, WEIGHTS = np.polynomial.legendre.leggauss(40)
REACH, PANELS = 10.0, 40


def _density(x: Array) -> Array:
    return np.exp(-0.5 * x * x) / np.sqrt(2.0 * np.pi)


FORMULAS: dict[str, tuple[Callable[[Array], Array], Callable[[Array, float], Array]]] = {
    "sign": (np.sign, lambda x, s: erf(x / (np.sqrt(2.0) * s))),
    "erf": (erf, lambda x, s: erf(x / np.sqrt(1.0 + 2.0 * s * s))),
    "relu": (lambda x: np.maximum(x, 0.0), lambda x, s: x * ndtr(x / s) + s * _density(x / s)),
    "relu squared": (
        lambda x: np.maximum(x, 0.0) ** 2,
        lambda x, s: (x * x + s * s) * ndtr(x / s) + x * s * _density(x / s),
    ),
    "sin": (np.sin, lambda x, s: np.exp(-0.5 * s * s) * np.sin(x)),
    "tanh": (np.tanh, lambda x, s: np.tanh(x / np.sqrt(1.0 + 0.5 * np.pi * s * s))),
    "logistic": (expit, lambda x, s: expit(x / np.sqrt(1.0 + np.pi * s * s / 8.0))),
}
"""Each activation f(x) with the formula for E f(x + s Z), Z ~ N(0, 1)."""
EXACT = ("sign", "erf", "relu", "relu squared", "sin")
"""The rows that are equations; the others are approximations."""


def mean(f: Callable[[Array], Array], x: Array, s: float) -> Array:
    """Return E f(x + s Z) by Gauss-Legendre panels over |z| < 10 that end where f has its kink, x + s z = 0.

    Parameters
    ----------
    f : callable
        Of arrays.
    x : ndarray of shape (m,)
        The means.
    s : float
        The deviation, positive.

    Returns
    -------
    ndarray of shape (m,)
        Right to about 1e-14 for functions that are smooth on both sides of 0.
    """
    kink = np.clip(-x / s, -REACH, REACH)
    total = np.zeros_like(x)
    for low, high in ((np.full_like(x, -REACH), kink), (kink, np.full_like(x, REACH))):
        edges = np.linspace(low, high, PANELS + 1)
        half = 0.5 * (edges[1:] - edges[:-1])
        z = (0.5 * (edges[1:] + edges[:-1]))[..., None] + half[..., None] * NODES
        total += np.sum(half[..., None] * WEIGHTS * f(x[:, None] + s * z) * _density(z), axis=(0, 2))
    return total


def formula_error(name: str, s: float) -> float:
    """Return the largest difference of a formula from quadrature on `POINTS`."""
    f, smooth = FORMULAS[name]
    return float(np.max(np.abs(smooth(POINTS, s) - mean(f, POINTS, s))))


def unit_error(activation: str, s: float) -> float:
    """Return the largest difference of the package's smoothed unit from quadrature on `POINTS`.

    A net of one unit with the bias x, input 0 and target 0 under noise of the deviation s on its weights has the mean
    output E f(x + s Z); that is the derivative of its loss in the output's bias.
    """
    risk = hp.EmpiricalRisk(hp.MLP((1, 1, 1), activation), "squared", [[0.0]], [0.0])
    noisy = LayerwiseDiffusion(risk, s)
    found = [noisy.value_and_grad(np.array([0.0, x, 1.0, 0.0]), 0.0)[1][3] for x in POINTS]
    return float(np.max(np.abs(found - mean(FORMULAS[activation][0], POINTS, s))))
