"""The moves of one net's hidden units in NumPy: the readable truth that the compiled ones are tested against."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from homotopy.models.samples import mean_of, rooted
from homotopy.objectives.base import Vector
from homotopy.objectives.units.dictionary import NEARLY, balance

if TYPE_CHECKING:
    from homotopy.objectives.units.onrisk import RiskUnits

__all__ = ["refitted", "removed"]


def removed(units: RiskUnits, x: Vector, count: int, *, beside_path: bool = False) -> Vector:
    """Return what `RiskUnits.take_away` returns for one point, to rounding."""
    W, b, outgoing, bias = units.layers(x)
    h = len(W)
    A = np.hstack([units.hidden(W, b), _others(units, beside_path)])
    A = rooted(A, units.samples.weights)
    G = np.linalg.inv(A.T @ A / len(A) + 1e-8 * np.eye(A.shape[1]))
    weights = np.zeros((A.shape[1], len(outgoing)))
    weights[:h] = outgoing.T
    keep = np.arange(A.shape[1])
    for _ in range(count):
        candidates = np.flatnonzero(keep < h)
        j = candidates[_first_least((weights[candidates] ** 2).sum(axis=1) / np.diag(G)[candidates])]
        weights = weights - np.outer(G[:, j], weights[j] / G[j, j])
        G = G - np.outer(G[:, j], G[j]) / G[j, j]
        stay = np.arange(len(keep)) != j
        keep, weights, G = keep[stay], weights[stay], G[np.ix_(stay, stay)]
    left = keep[keep < h]
    if bias is not None and not beside_path:
        bias = bias + weights[-1]
    return units.pack(W[left], None if b is None else b[left], weights[: len(left)].T, bias)


def refitted(units: RiskUnits, x: Vector, *, beside_path: bool = False) -> Vector:
    """Return what `RiskUnits.refit` returns for one point, to rounding."""
    W, b, outgoing, bias = units.layers(x)
    weights = units.samples.weights
    Q = np.linalg.qr(rooted(_others(units, beside_path), weights))[0]
    targets = units.objective.loss.regression_targets(units.samples.y)
    full = units.hidden(W, b)
    H, Y = rooted(full, weights), rooted(targets, weights)
    H, Y = H - Q @ (Q.T @ H), Y - Q @ (Q.T @ Y)
    gram = H.T @ H / len(H)
    gram[np.diag_indices(len(W))] += max(1e-3 * float(np.trace(gram)) / len(W), 1e-12)
    outgoing = np.linalg.solve(gram, H.T @ Y / len(H)).T
    if bias is not None:
        bias = mean_of(targets - full @ outgoing.T, weights)
    if units.activation.homogeneous:
        W, b, outgoing = balance(W, b, outgoing)
    return units.pack(W, b, outgoing, bias)


def _others(units: RiskUnits, beside_path: bool) -> NDArray[np.float64]:
    """Return what may compensate beside the units: the constant, or every affine function of the inputs."""
    constant = np.ones((units.n_samples, 1))
    return np.hstack([units.samples.X, constant]) if beside_path else constant


def _first_least(cost: NDArray[np.float64]) -> int:
    """Return the first unit whose cost is the lowest but for rounding."""
    lowest = np.min(cost, where=~np.isnan(cost), initial=np.inf)
    return int(np.argmax(cost <= lowest + NEARLY * abs(lowest)))
