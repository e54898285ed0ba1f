"""The table of activations, and pictures: success against sigma, and three consequences."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import homotopy as hp
from homotopy.experiments import Comparison

from ..frame import Picture, Table, curve, drawn, finish, panels
from .smoothing import DEVIATIONS, EXACT, FORMULAS, formula_error

__all__ = ["PLAIN", "SHARES", "SWEPT", "activations", "consequences", "picture", "share", "sigma_of"]

SWEPT = (0.03, 0.1, 0.3, 0.6, 1.0, 2.0)
PLAIN = {"gd": "gradient descent", "lbfgs": "L-BFGS"}
SHARES = {
    "xor": "XOR",
    "jellyfish:loss=squared": "Jellyfish",
    "swirszcz-d1:start=random": "D1 of Swirszcz et al.",
    "swirszcz-d2:start=random": "D2 of Swirszcz et al.",
}
WRITTEN = {
    "sign": "erf(x / (sqrt 2 s))",
    "erf": "erf(x / sqrt(1 + 2 s^2))",
    "relu": "x Phi(x/s) + s phi(x/s)",
    "relu squared": "(x^2 + s^2) Phi(x/s) + x s phi(x/s)",
    "sin": "exp(-s^2 / 2) sin x",
    "tanh": "tanh(x / sqrt(1 + pi s^2 / 2))",
    "logistic": "logistic(x / sqrt(1 + pi s^2 / 8))",
}


def share(found: Comparison, method: str) -> tuple[float, float, float]:
    """Return the share of runs that solve a comparison's one problem or group, with its 95 % interval."""
    rate = next(s.rate for s in found.summaries(next(iter(found.groups))) if s.method == method)
    return rate.rate, rate.low, rate.high


def sigma_of(method: str) -> float:
    """Return the deviation of the noise with which a method begins."""
    one: Any = hp.method(method)
    return float(one.sigma)


def activations() -> Table:
    """Return the table of activations under noise, with errors against quadrature."""
    rows = []
    for name in FORMULAS:
        errors = [formula_error(name, s) for s in DEVIATIONS]
        rows.append((name, WRITTEN[name], "exact" if name in EXACT else "approximate", *(f"{e:.1e}" for e in errors)))
    headings = ("f(x)", "E f(x + s Z)", "", *(f"error, s = {s:g}" for s in DEVIATIONS))
    return Table("Activations under noise", headings, tuple(rows), "Largest differences from quadrature for |x| <= 4.")


@drawn
def picture(swept: dict[str, Comparison]) -> Picture:
    """Draw the share of runs that succeed against the first deviation of the noise."""
    figure, axes = panels(2, (len(swept) + 1) // 2, height=2.2)
    for ax, (name, one) in zip(axes, swept.items(), strict=False):
        noisy = [m for m in one.methods if m.startswith("diffusion")]
        sigmas = [sigma_of(m) for m in noisy]
        found = [share(one, m) for m in noisy]
        ends = [(100 * low, 100 * high) for _, low, high in found]
        curve(ax, sigmas, [100 * rate for rate, *_ in found], "diffusion", label="exact diffusion", ends=ends)
        for m in one.methods:
            if m not in noisy:
                level, kind = 100 * share(one, m)[0], m.split(":")[0]
                curve(ax, (sigmas[0], sigmas[-1]), (level, level), kind, label=PLAIN[kind], linestyle="--")
        ax.set(xscale="log", title=SHARES[name], xlabel="sigma to begin with", ylabel="runs solved (%)", ylim=(-4, 104))
    caption = (
        "Runs that reach the global minimum from random starts against the deviation of the noise to begin with, three "
        "stages, 95 % intervals; dashed: plain descents from the same starts."
    )
    return Picture("sigma", finish(figure, axes), caption)


@drawn
def consequences(sigmas: Sequence[float], found: Sequence[dict[str, float]]) -> Picture:
    """Draw how far minima are apart, and the largest stable step, against sigma."""
    figure, axes = panels(2, height=2.4)
    curve(axes[0], sigmas, [one["spread"] for one in found], "diffusion", label="exact diffusion of XOR")
    axes[0].set(xscale="log", yscale="log", xlabel="sigma", ylabel="largest distance of two minima")
    curve(axes[1], sigmas, [one["step"] for one in found], "diffusion", label="exact diffusion of XOR")
    axes[1].set(xscale="log", xlabel="sigma", ylabel="largest stable step")
    caption = (
        "Under strong noise all descents of XOR's diffused loss end at one point (left: distance of the two farthest "
        "ends), and gradient descent is stable with longer steps there (right: 2 over the largest curvature, median)."
    )
    return Picture("consequences", finish(figure, axes), caption)
