"""Homotopies with closed-form paths."""

import numpy as np

from homotopy.continuation import GradientSystem, RootSystem

S_START = np.array([-1.5213797068045676])
S_END = 1.5213797068045676
S_FOLDS = (0.5 + np.sqrt(1 / 27) / 2, 0.5 - np.sqrt(1 / 27) / 2)


def s_curve():
    """x^3 - x = 4 t - 2: an S with folds at x = -+1/sqrt(3), t = 1/2 +- 1/(2 sqrt 27)."""
    return GradientSystem(
        lambda x, t: x**3 - x - (4 * t - 2),
        1,
        value=lambda x, t: float(x[0] ** 4 / 4 - x[0] ** 2 / 2 - (4 * t - 2) * x[0]),
        jacobian=lambda x, t: np.array([[3 * x[0] ** 2 - 1]]),
        dt=lambda x, t: np.array([-4.0]),
    )


def pitchfork():
    """w^4/4 + t w^2/2: branches 0 and +-sqrt(-t)."""
    return GradientSystem(
        lambda x, t: x**3 + t * x,
        1,
        value=lambda x, t: float(x[0] ** 4 / 4 + t * x[0] ** 2 / 2),
        jacobian=lambda x, t: np.array([[3 * x[0] ** 2 + t]]),
        dt=lambda x, t: x.copy(),
    )


def circle():
    """A root system: (x - cos 3t, y - sin 3t) mixed by an unsymmetric matrix."""
    mix = np.array([[2.0, 1.0], [-1.0, 1.0]])
    return RootSystem(
        lambda x, t: mix @ (x - np.array([np.cos(3 * t), np.sin(3 * t)])),
        2,
        jacobian=lambda x, t: mix,
        dt=lambda x, t: mix @ np.array([3 * np.sin(3 * t), -3 * np.cos(3 * t)]),
    )


def moving_quadratic(n=6, seed=0):
    """1/2 (x - c(t))' A (x - c(t)), c(t) = t^2 c1 + sin(t) c2; its path is c(t)."""
    rng = np.random.default_rng(seed)
    root = rng.standard_normal((n, n))
    a = root @ root.T + n * np.eye(n)
    c1, c2 = rng.standard_normal((2, n))

    def center(t):
        return t * t * c1 + np.sin(t) * c2

    family = GradientSystem(
        lambda x, t: a @ (x - center(t)),
        n,
        value=lambda x, t: float(0.5 * (x - center(t)) @ a @ (x - center(t))),
        jvp=lambda x, t, v: a @ v,
        dt=lambda x, t: -a @ (2 * t * c1 + np.cos(t) * c2),
        x0=np.zeros(n),
    )
    return family, center
