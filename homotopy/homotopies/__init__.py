"""Homotopies: an easy problem at t = 0 deformed into the true one at t = 1."""

from collections.abc import Callable

from homotopy.homotopies.activation import Activation
from homotopy.homotopies.base import At, Homotopy
from homotopy.homotopies.beside import Beside, LinearModel, OneNeuron
from homotopy.homotopies.blend import Blend, ConvexLoss, Data
from homotopy.homotopies.bratu import Bratu, MovingQuadratic
from homotopy.homotopies.compose import Compose
from homotopy.homotopies.gated import GatedConvex
from homotopy.homotopies.gaussian import Gaussian
from homotopy.homotopies.linearized import Linearized
from homotopy.homotopies.newton import FixedPoint, Newton
from homotopy.homotopies.proximal import Proximal
from homotopy.homotopies.schedules import Geometric, Linear, Power
from homotopy.homotopies.skip import Skip
from homotopy.homotopies.targets import Targets
from homotopy.homotopies.weightdecay import WeightDecay
from homotopy.homotopies.width import Scaled, TVWidth, Width

__all__ = [
    "BY_NAME",
    "Activation",
    "At",
    "Beside",
    "Blend",
    "Bratu",
    "Compose",
    "ConvexLoss",
    "Data",
    "FixedPoint",
    "GatedConvex",
    "Gaussian",
    "Geometric",
    "Homotopy",
    "Linear",
    "LinearModel",
    "Linearized",
    "MovingQuadratic",
    "Newton",
    "OneNeuron",
    "Power",
    "Proximal",
    "Scaled",
    "Skip",
    "TVWidth",
    "Targets",
    "WeightDecay",
    "Width",
]

BY_NAME: dict[str, Callable[..., Homotopy]] = {
    "activation": Activation,
    "blend": Blend,
    "compose": Compose,
    "convex-loss": ConvexLoss,
    "data": Data,
    "fixed-point": FixedPoint,
    "gated-convex": GatedConvex,
    "gaussian": Gaussian,
    "linear-model": LinearModel,
    "linearized": Linearized,
    "newton": Newton,
    "one-neuron": OneNeuron,
    "proximal": Proximal,
    "scaled": Scaled,
    "skip": Skip,
    "targets": Targets,
    "tv-width": TVWidth,
    "weight-decay": WeightDecay,
    "width": Width,
}
"""Every homotopy that is built on an objective."""
