"""Four consequences of diffusion in a picture each: where it begins, step sizes, layers by themselves, and noise."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

import homotopy as hp
from homotopy.homotopies import Diffusion, Gaussian, LayerwiseDiffusion, LiftedDiffusion
from homotopy.models import MLP
from homotopy.objectives import EmpiricalRisk
from homotopy.report import INK, colors, styled

__all__ = ["picture", "plot_initialization", "plot_layers", "plot_noise", "plot_step_size"]

SIGMAS = np.geomspace(0.05, 3.0, 25)


@styled
def picture() -> Figure:
    """Return the four pictures in one, about ten seconds' work."""
    figure = Figure(figsize=(11.0, 8.0), layout="constrained")
    axes = figure.subplots(2, 2)
    plot_initialization(axes[0, 0])
    plot_step_size(axes[0, 1])
    plot_layers(axes[1, 0])
    plot_noise(axes[1, 1])
    return figure


def _xor() -> Any:
    return hp.problem("xor").objective


def _minima(sigma: float, n: int = 12) -> Any:
    """Return where L-BFGS from n random starts ends on the exactly smoothed loss of xor, shape (n, 9)."""
    starts = np.random.default_rng(0).uniform(-1.0, 1.0, size=(n, 9))
    at = Diffusion(_xor(), sigma).at(0.0)
    return hp.descend(at, starts, rule="lbfgs", n_steps=300, gradient_tolerance=1e-7).x


def _spectrum(family: Any, x: Any) -> Any:
    """Return the eigenvalues of the Hessian at t = 0."""
    return np.linalg.eigvalsh(np.array([family.hessp(x, 0.0, unit) for unit in np.eye(x.size)]))


def plot_initialization(ax: Axes) -> Axes:
    """Draw how far the minima are from the best constant, at which all starts end under strong noise."""
    paint = colors(("minima", "curvature"))
    least = []
    for sigma in SIGMAS:
        family = Diffusion(_xor(), sigma)
        blurred = family.blurred()
        far = np.linalg.norm(_minima(sigma) - blurred, axis=1)
        ax.plot(np.full(far.size, sigma), far, ".", color=paint["minima"], alpha=0.6)
        least.append(_spectrum(family, blurred)[0])
    ax.set(xscale="log", xlabel="sigma", ylim=(-5, 40), title="Initialization: xor, 12 starts")
    ax.set_ylabel("distance of minima from the best constant", color=paint["minima"])
    other = ax.twinx()
    other.plot(SIGMAS, least, color=paint["curvature"])
    other.axhline(0.0, color=INK, lw=0.5)
    other.set(ylim=(-0.05, 0.4))
    other.set_ylabel("smallest curvature at the best constant", color=paint["curvature"])
    return ax


def plot_step_size(ax: Axes) -> Axes:
    """Draw the largest stable step of gradient descent, 2 over the largest curvature, at the minima."""
    steps = []
    for sigma in SIGMAS:
        family = Diffusion(_xor(), sigma)
        steps.append([2.0 / _spectrum(family, x)[-1] for x in _minima(sigma, 6)])
    ax.plot(SIGMAS, np.array(steps), ".-", color=colors(("steps",))["steps"], lw=0.7)
    ax.set(xscale="log", xlabel="sigma", ylabel="2 / largest curvature", title="Step size: xor, 6 starts")
    return ax


def plot_layers(ax: Axes, *, points: int = 5, moments: int = 21) -> Axes:
    """Draw how two hidden layers are coupled from t = 0 to 1: the mixed block of the Hessian over their own ones."""
    rng = np.random.default_rng(0)
    model, X = MLP((2, 4, 4, 1), "tanh"), rng.standard_normal((20, 2))
    risk = EmpiricalRisk(model, "squared", X, np.sin(2.0 * X[:, 0] * X[:, 1]))
    sizes = [W.size + np.size(b) for W, b in model.unpack(np.zeros(model.size))]
    first, second = np.arange(sizes[0]), sizes[0] + np.arange(sizes[1])
    t = np.linspace(0.0, 1.0, moments)
    forms = {"lifted": LiftedDiffusion(risk, 0.5), "layer by layer": LayerwiseDiffusion(risk, 0.5)}
    paint = colors(tuple(forms))
    for name, family in forms.items():
        found = np.array(
            [[_coupling(family, model.init(seed), at, first, second) for seed in range(points)] for at in t]
        )
        ax.plot(t, found, ".-", color=paint[name], lw=0.7, label=[name] + ["_"] * (points - 1))
    ax.legend(frameon=False)
    ax.set(xlabel="t", ylabel="mixed block over own blocks", title="Layers: 2-4-4-1, random points, sigma .5")
    return ax


def _coupling(family: Any, theta: Any, t: float, first: Any, second: Any) -> float:
    """Return the norm of the mixed block of the Hessian over the geometric mean of those of the two own ones."""
    x = family.enter(theta)
    units = np.eye(x.size)
    H = np.array([family.hessp(x, float(t), units[i]) for i in (*first, *second)])
    n = len(first)
    own = np.linalg.norm(H[:n, first]) * np.linalg.norm(H[n:, second])
    return float(np.linalg.norm(H[:n, second]) / np.sqrt(own))


def plot_noise(ax: Axes, *, draws: int = 20) -> Axes:
    """Draw how near the mean gradient over m noisy copies of the weights is to the exactly smoothed one."""
    risk, m = _xor(), 2 ** np.arange(1, 11)
    x = np.random.default_rng(1).uniform(-1.0, 1.0, size=9)
    exact = Diffusion(risk, 0.3).grad(x, 0.0)
    kinds = ("random", "antithetic", "quasi")
    paint = colors(kinds)
    for points in kinds:
        errors = []
        for samples in m:
            made = [Gaussian(risk, 0.3, samples=int(samples), points=points, rng=seed) for seed in range(draws)]
            errors.append(np.sqrt(np.mean([np.sum((one.grad(x, 0.0) - exact) ** 2) for one in made])))
        ax.plot(m, np.array(errors) / np.linalg.norm(exact), ".-", color=paint[points], label=points)
    ax.legend(frameon=False)
    ax.set(xscale="log", yscale="log", xlabel="noisy copies", title="Noise: xor, sigma .3")
    ax.set_ylabel("relative error of the mean gradient")
    return ax
