"""The natural homotopy from linear to nonlinear units: on exclusive or, and on nets of one layer, where it works."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

import homotopy as hp
from homotopy.continuation import GradientSystem
from homotopy.homotopies import Activation

__all__ = ["OneLayer", "on_xor", "one_layer"]

Vector = NDArray[np.float64]


def on_xor(seed: int) -> dict[str, Any]:
    """Return what becomes of the natural homotopy on exclusive or from a solution of the linear problem.

    The linear net that is best on exclusive or says 0 everywhere. Many weights do so; here the hidden layer is uniform
    in [-1, 1] and the output layer 0.

    Returns
    -------
    dict
        ``zero``, how many of the nine curvatures vanish at the start; ``plain``, the status of the path that starts
        there; ``status``, ``folds``, ``value`` and ``jumped`` of the path from a start that the tracker perturbs;
        ``finished``, the loss behind it after L-BFGS.
    """
    f: Any = hp.problem("xor").objective
    family: Any = Activation(f)
    x = np.zeros(f.size)
    x[:6] = np.random.default_rng(seed).uniform(-1.0, 1.0, 6)
    easy = family.at(0.0)
    some = np.linalg.eigvalsh(np.array([easy.hessp(x, e) for e in np.eye(f.size)]))
    plain = hp.track(family, x, on_singular="stop")
    path = hp.track(family, x, rng=seed, max_steps=300)
    end = hp.descend(f, path.x, rule="lbfgs", n_steps=2000)
    return {
        "zero": int(np.sum(np.abs(some) < 1e-8 * np.abs(some).max())),
        "plain": plain.status.name,
        "status": path.status.name,
        "t": float(path.t),
        "folds": sum(one.name == "LP" for one in path.events),
        "told": "singular" in path.message,
        "jumped": bool(path.jumped),
        "value": float(path.value),
        "finished": float(end.value),
    }


def penalized(l2: float) -> dict[str, Any]:
    """Return where the natural path of exclusive or with weight decay leads from 0, the unique linear solution.

    Returns
    -------
    dict
        ``status``, ``moved``, the norm of the last point, ``value``, and ``end``, what the end is.
    """
    f: Any = hp.problem(f"xor:l2={l2:g}").objective
    path = hp.track(Activation(f), np.zeros(f.size))
    known = {"status": path.status.name, "moved": float(np.linalg.norm(path.x)), "value": float(path.value)}
    return known | {"end": path.end}


class OneLayer:
    """The half mean squared error of one tanh unit on some data, with nodes (1 - t) z + t tanh(z).

    Parameters
    ----------
    X : ndarray of shape (N, d)
        Inputs; a column of ones is added.
    y : ndarray of shape (N,)
        Targets.
    """

    def __init__(self, X: Vector, y: Vector) -> None:
        self.A, self.y = np.column_stack([X, np.ones(len(X))]), y

    def solution(self) -> Vector:
        """Return the weights of least squares, the one solution at t = 0."""
        return np.asarray(np.linalg.lstsq(self.A, self.y, rcond=None)[0])

    def value(self, x: Vector, t: float) -> float:
        """Return the loss."""
        z = self.A @ x
        return float(0.5 * np.mean(((1 - t) * z + t * np.tanh(z) - self.y) ** 2))

    def grad(self, x: Vector, t: float) -> Vector:
        """Return its gradient in x."""
        z = self.A @ x
        s = np.tanh(z)
        return np.asarray(self.A.T @ (((1 - t) * z + t * s - self.y) * (1 - t * s**2)) / len(z))

    def jacobian(self, x: Vector, t: float) -> Vector:
        """Return its Hessian in x."""
        z = self.A @ x
        s = np.tanh(z)
        slope, bend = 1 - t * s**2, -2 * t * s * (1 - s**2)
        return np.asarray((self.A.T * (slope**2 + ((1 - t) * z + t * s - self.y) * bend)) @ self.A / len(z))


def one_layer(case: tuple[int, float]) -> dict[str, Any]:
    """Return whether the natural path of a net of one layer leads to the best of 20 direct minimizations.

    Parameters
    ----------
    case : (int, float)
        The seed of the data, 40 samples of 3 normal inputs and a tanh unit's answers, and the standard deviation of
        the noise on these.

    Returns
    -------
    dict
        ``status``; ``value``, the loss at the end; ``best``, the lowest of the minimizations, and ``same``, the share
        of these that end within 1e-8 of it; ``distance``, the end's from the best one's; ``folds``; ``cost``, in
        gradient-equivalents.
    """
    seed, noise = case
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((40, 3))
    w, b = 1.5 * rng.standard_normal(3), rng.standard_normal()
    y = np.tanh(X @ w + b) + noise * rng.standard_normal(40)
    net = OneLayer(X, y)
    system = GradientSystem(net.grad, 4, value=net.value, jacobian=net.jacobian)
    path = hp.track(system, net.solution())
    f = hp.EmpiricalRisk(hp.MLP((3, 1), output="tanh"), "squared", X, y)
    ends = hp.descend(f, rng.standard_normal((20, 4)), rule="lbfgs", n_steps=5000, gradient_tolerance=1e-10)
    best = int(np.argmin(ends.value))
    return {
        "status": path.status.name,
        "value": float(path.value),
        "best": float(ends.value[best]),
        "same": float(np.mean(ends.value < ends.value[best] + 1e-8)),
        "distance": float(np.linalg.norm(path.x - ends.x[best])),
        "folds": sum(one.name == "LP" for one in path.events),
        "cost": float(path.counts.grad + 2 * path.counts.hessp),
    }
