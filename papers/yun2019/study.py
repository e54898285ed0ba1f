"""Theorem 1's construction, Theorem 2's point, and how far from that point which method finds its way out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

import homotopy as hp
from homotopy.experiments import Comparison, Grid
from homotopy.linalg import dense_hessian

from ..frame import Outcome, Paper, Picture, Study, claim, curve, drawn, expected, finish, number, panels

__all__ = ["PAPER", "at_the_point", "construction", "escapes", "picture"]

SMALL = (0.01, 1.0, 10.0)
RADII = (0.01, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0)
METHODS = ("gd", "gd-noise", "perturbed-gd", "lbfgs", "lm", "basin-hopping", "width", "auto")


def at_the_point() -> dict[str, float]:
    """Return what is found at Theorem 2's point: risk, gradient, curvatures, and the least change nearby.

    Returns
    -------
    dict
        ``risk``, in the paper's unit (half the sum over the three points); ``gradient``, the norm; ``negative``, the
        least curvature; ``zero``, the number of curvatures below 1e-6; ``fall``, the largest fall of the risk in
        20,000 random directions of length 1e-2.
    """
    problem = hp.problem("yun:distance=0")
    f = problem.objective
    x = problem.start(np.random.default_rng(0))
    curvatures = np.linalg.eigvalsh(3 * dense_hessian(lambda v: f.hessp(x, v), f.size, symmetric=True))
    v = np.random.default_rng(0).standard_normal((20_000, f.size))
    v *= 1e-2 / np.linalg.norm(v, axis=1, keepdims=True)
    around = np.array([f.value(x + one) for one in v])
    return {
        "risk": 3 * float(f.value(x)),
        "gradient": 3 * float(np.linalg.norm(f.value_and_grad(x)[1])),
        "negative": float(curvatures[0]),
        "zero": float(np.sum(np.abs(curvatures) < 1e-6)),
        "fall": 3 * float(max(0.0, f.value(x) - around.min())),
    }


def construction(n: int = 100, seed: int = 0) -> dict[str, float]:
    """Return what is found at Theorem 1's point on random data: risk over that of least squares, gradient, fall, best.

    Parameters
    ----------
    n : int
        Samples of two inputs and one output, all N(0, 1).
    seed : int
        Draws them.

    Returns
    -------
    dict
        ``ratio``, the risk at the point over the least-squares risk; ``gradient``, its norm; ``fall``, the largest fall
        in 20,000 random directions of length 1e-3; ``better``, the lowest of 20 descents over the least-squares risk.
    """
    rng = np.random.default_rng(seed)
    X, y = rng.standard_normal((n, 2)), rng.standard_normal(n)
    design = np.column_stack([X, np.ones(n)])
    w = np.linalg.lstsq(design, y, rcond=None)[0]
    eta = min(-1.0, 2 * float((design @ w).min()))
    # the first unit carries the linear fit, shifted until it is on everywhere; the second is on everywhere and unread
    x = np.concatenate([w[:2], [0.0, 0.0], [w[2] - eta, -eta], [1.0, 0.0], [eta]])
    f = hp.EmpiricalRisk(hp.MLP((2, 2, 1), "relu"), "squared", X, y)
    value, gradient = f.value_and_grad(x)
    least = 0.5 * float(np.mean((design @ w - y) ** 2))
    v = rng.standard_normal((20_000, f.size))
    v *= 1e-3 / np.linalg.norm(v, axis=1, keepdims=True)
    around = min(f.value(x + one) for one in v)
    ends = hp.descend(f, np.array([f.model.init(rng=one) for one in range(20)]), rule="lbfgs", n_steps=2000)
    return {
        "ratio": float(value) / least,
        "gradient": float(np.linalg.norm(gradient)),
        "fall": max(0.0, float(value - around)),
        "better": float(np.min(ends.value)) / least,
    }


def escapes(study: Study) -> Comparison:
    """Return the runs of all methods from balls of growing radius around Theorem 2's point."""
    radii = study.pick(SMALL, RADII)
    methods = study.pick(("gd", "lbfgs", "width", "auto"), METHODS)
    names = [f"yun:distance={radius:g}" for radius in radii]
    seeds, budget = study.pick((20, 2000), (200, 5000))
    return study.compare(Grid.of(names, methods, seeds=seeds, budget=budget))[0]


@drawn
def picture(found: Comparison, radii: Sequence[float]) -> Picture:
    """Draw the share of runs that reach zero against the radius."""
    figure, axes = panels(height=3.0)
    for method in found.methods:
        rates = [next(s.rate for s in found.summaries(name) if s.method == method) for name in found.problems]
        ends = [(100 * rate.low, 100 * rate.high) for rate in rates]
        curve(axes[0], radii, [100 * rate.rate for rate in rates], method, ends=ends)
    axes[0].set(xscale="log", xlabel="distance of the start, in weights")
    axes[0].set_ylabel("runs that reach risk 0 (%)")
    caption = "Runs that leave Theorem 2's spurious minimum, against the distance at which they start; 95 % intervals."
    return Picture("escapes", finish(figure, axes, columns=3), caption)


def _run(study: Study) -> Outcome:
    point, built, found = at_the_point(), construction(), escapes(study)
    radii = study.pick(SMALL, RADII)
    rate = {(p, s.method): s.rate.rate for p in found.problems for s in found.summaries(p)}
    near, far = found.problems[0], found.problems[-1]
    lowest = min(s.value[0] for p in found.problems for s in found.summaries(p))
    numbers = {f"point {name}": value for name, value in point.items()}
    numbers |= {f"construction {name}": value for name, value in built.items()}
    numbers |= {f"{method} {p}": rate[p, method] for p in (near, far) for method in found.methods}
    rows = (
        number("risk at Theorem 2's point (sigmoid)", 1 / 3, point["risk"], 1e-6, form=".6f"),
        claim(
            "it is a local minimum",
            "yes (C2.3, C2.6, C2.7)",
            f"gradient {point['gradient']:.0e}, least curvature {point['negative']:.0e}, no fall in 20,000 directions",
            point["gradient"] < 1e-6 and point["negative"] > -1e-6 and point["fall"] == 0,
            "gradient and curvature 0 to rounding, no fall at distance 1e-2",
        ),
        claim("the global risk", "0", f"{3 * lowest:.0e}", 3 * lowest < 1e-5, "the lowest risk of all runs"),
        claim(
            "Theorem 1: a relu net has a minimum as high as least squares",
            "risk of least squares",
            f"{built['ratio']:.6f} of it, gradient {built['gradient']:.0e}; the best descent {built['better']:.3f}",
            abs(built["ratio"] - 1) < 1e-9 and built["gradient"] < 1e-9 and built["fall"] == 0 and built["better"] < 1,
            "equal to rounding, no fall nearby, a lower point exists",
        ),
    )
    findings = (
        f"From distance {radii[0]:g} gradient descent leaves in {100 * rate[near, 'gd']:.0f} % of the runs, L-BFGS in "
        f"{100 * rate[near, 'lbfgs']:.0f} %, `width` in {100 * rate[near, 'width']:.0f} %, `auto` in "
        f"{100 * rate[near, 'auto']:.0f} %; from distance {radii[-1]:g} in {100 * rate[far, 'gd']:.0f}, "
        f"{100 * rate[far, 'lbfgs']:.0f}, {100 * rate[far, 'width']:.0f} and {100 * rate[far, 'auto']:.0f} %.",
    )
    costs = (expected(found, "From balls of growing radius"),)
    return Outcome(rows, numbers, costs=costs, pictures=(picture(found, radii),), findings=findings)


PAPER = Paper(
    key="yun2019",
    title="Small nonlinearities in activation functions create bad local minima in neural networks",
    citation="C. Yun, S. Sra and A. Jadbabaie, ICLR 2019 (arXiv 1802.03487).",
    link="https://doi.org/10.48550/arXiv.1802.03487",
    claim="In nets with one hidden layer the slightest nonlinearity gives spurious local minima in most cases "
    "(abstract). Theorem 1: a relu net has one with the risk of linear least squares on any data that no linear map "
    "fits. Theorem 2: on three points, (1, 0) and (0, 1) with target 0 and (1/2, 1/2) with target 1, a 2-2-1 net with "
    "sigmoid units has one of risk 1/3, half the sum of squares, while its global minimum is 0.",
    choices=(
        "The paper gives conditions for the point; ours has hidden weights (1.4, 1.4) and (-3, -3), hidden biases 0 "
        "and outgoing weights -3 and 57.77.",
        "The starts in balls around it, the radii and the methods are ours: the paper has no descents.",
        "`auto` takes `omp` here, which picks units anew from a dictionary and makes no use of the start: it does not "
        "leave the minimum, it begins elsewhere. `width` begins at the start.",
        "Theorem 1 is shown on 100 samples of two normal inputs with normal targets.",
    ),
    run=_run,
)
