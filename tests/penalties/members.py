"""Homotopies of objectives with a penalty of the weights, weak and strong: each class that a risk of a net can have."""

from functools import partial

import numpy as np

from homotopy.homotopies import (
    Activation,
    Compose,
    ConvexLoss,
    Data,
    Diffusion,
    FixedPoint,
    GatedConvex,
    Gaussian,
    Greedy,
    LayerwiseDiffusion,
    LiftedDiffusion,
    Linearized,
    LinearModel,
    MatchedActivation,
    Newton,
    OneNeuron,
    Proximal,
    RidgeOMP,
    Skip,
    Targets,
    TVWidth,
    WeightDecay,
    Width,
)
from homotopy.models import MLP
from homotopy.objectives import EmpiricalRisk

__all__ = ["IN_PYTHON", "PENALIZED"]

WEAK, STRONG = 0.01, 0.3


def net(l2, sizes=(2, 3, 1), activation="tanh", loss="squared", output="identity", weighted=False):
    """A risk of 14 random samples, with sample weights where that is asked."""
    rng = np.random.default_rng(8)
    X = rng.standard_normal((14, sizes[0]))
    y = rng.integers(sizes[-1], size=14) if loss == "softmax" else rng.standard_normal((14, sizes[-1]))
    if loss == "logistic" or output == "logistic":
        y = (y > 0).astype(float)
    weights = rng.exponential(size=14) if weighted else None
    return EmpiricalRisk(MLP(sizes, activation, output=output), loss, X, y, l2=l2, weights=weights)


def near(risk):
    return np.random.default_rng(9).standard_normal(risk.size)


def around(kind, l2):
    risk = net(l2)
    return kind(risk, near(risk))


def targets_then_width(l2):
    width = Width(net(l2), 2)
    return Compose(Targets(width.easy, "mean"), width)


OF_L2 = {
    "activation": lambda l2: Activation(net(l2, (2, 3, 3, 1))),
    "compose": targets_then_width,
    "convex-loss": lambda l2: ConvexLoss(net(l2, (3, 1), output="logistic")),
    "data": lambda l2: Data.easiest(net(l2)),
    "diffusion": lambda l2: Diffusion(net(l2), 0.4),
    "fixed-point": partial(around, FixedPoint),
    "gated-convex": lambda l2: GatedConvex(net(l2, activation="relu")),
    "gated-convex-weights": lambda l2: GatedConvex(net(l2, (3, 2, 1), "relu", weighted=True)),
    "gaussian": lambda l2: Gaussian(net(l2), 0.3, samples=4),
    "greedy": lambda l2: Greedy(net(l2, (2, 2, 2)), dictionary=20),
    "greedy-relu-weights": lambda l2: Greedy(net(l2, (2, 2, 1), "relu", weighted=True), dictionary=20),
    "greedy-softmax": lambda l2: Greedy(net(l2, (2, 2, 3), loss="softmax"), dictionary=20),
    "inside-skip": lambda l2: Compose.width_inside_skip(net(l2, activation="softplus"), 2),
    "layerwise-diffusion": lambda l2: LayerwiseDiffusion(net(l2, (2, 3, 3, 1)), 0.4),
    "lifted-diffusion": lambda l2: LiftedDiffusion(net(l2, (2, 3, 3, 1)), 0.4),
    "linear-model": lambda l2: LinearModel(net(l2, loss="logistic"), 0.1),
    "linearized": partial(around, Linearized),
    "matched-activation": lambda l2: MatchedActivation(net(l2, (2, 3, 2), "relu", loss="softmax")),
    "newton": partial(around, Newton),
    "one-neuron": lambda l2: OneNeuron(net(l2, loss="logistic"), 0.5),
    "proximal": partial(around, Proximal),
    "ridge-omp": lambda l2: RidgeOMP(net(l2, activation="relu")),
    "ridge-omp-softmax": lambda l2: RidgeOMP(net(l2, (2, 3, 3), loss="softmax"), ridge=0.02),
    "skip": lambda l2: Skip(net(l2, activation="softplus")),
    "skip-gelu": lambda l2: Skip(net(l2, (3, 5, 2), "gelu", weighted=True)),
    "skip-logistic": lambda l2: Skip(net(l2, activation="softplus", loss="logistic")),
    "skip-softmax": lambda l2: Skip(net(l2, (2, 3, 3), "gelu", loss="softmax")),
    "targets": lambda l2: Targets(net(l2)),
    "tv-width": lambda l2: TVWidth(net(l2), 2),
    "tv-width-softplus": lambda l2: TVWidth(net(l2, activation="softplus", weighted=True), 1, l2=2.0 * l2),
    "tv-width-softmax": lambda l2: TVWidth(net(l2, (2, 2, 3), loss="softmax"), 1, l2=1.5 * l2),
    "weight-decay": lambda l2: WeightDecay(net(l2)),
    "width": lambda l2: Width(net(l2), 2),
    "width-gelu": lambda l2: Width(net(l2, (2, 2, 2), "gelu"), 1),
    "width-logistic": lambda l2: Width(net(l2, loss="logistic", weighted=True), 2),
}
"""Each entry makes a homotopy of a penalty."""

PENALIZED = {f"{name}-l2={l2:g}": partial(make, l2) for name, make in OF_L2.items() for l2 in (WEAK, STRONG)}
"""Each entry makes a homotopy."""

WITHOUT_KERNELS = (
    *("compose", "diffusion", "gated", "gaussian", "inside", "layerwise"),
    *("lifted", "linear", "matched", "newton", "one-neuron"),
)
IN_PYTHON = {name for name in PENALIZED if name.startswith(WITHOUT_KERNELS)}
"""Those without a compiled path."""
