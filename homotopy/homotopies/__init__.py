"""Homotopies: an easy problem at t = 0 deformed into the true one at t = 1."""

import importlib
import inspect
import warnings
from collections.abc import Callable
from functools import partial
from typing import Any, cast

from homotopy.descent.ladders import Geometric, Linear, Plateau, Power
from homotopy.doors import door
from homotopy.errors import ArgumentError
from homotopy.homotopies.diffusion import Diffusion, Gaussian, LayerwiseDiffusion, LiftedDiffusion
from homotopy.homotopies.general.beside import Beside, LinearModel, OneNeuron
from homotopy.homotopies.general.blend import Blend, ConvexLoss, Data
from homotopy.homotopies.general.compose import Compose
from homotopy.homotopies.general.linearized import Linearized
from homotopy.homotopies.general.matched import Activation, MatchedActivation
from homotopy.homotopies.general.newton import FixedPoint, Newton
from homotopy.homotopies.general.proximal import Proximal
from homotopy.homotopies.general.targets import Targets
from homotopy.homotopies.general.weightdecay import WeightDecay
from homotopy.homotopies.recurrent.length import Length
from homotopy.homotopies.systems.bratu import Bratu, MovingQuadratic
from homotopy.homotopies.units.gated import GatedConvex
from homotopy.homotopies.units.greedy import Greedy
from homotopy.homotopies.units.ridgeomp import RidgeOMP
from homotopy.homotopies.units.rising import Rising
from homotopy.homotopies.units.skip import Skip
from homotopy.homotopies.units.width import Scaled, TVWidth, Width
from homotopy.naming import build, parse
from homotopy.objectives.base import Objective, Seed, Vector
from homotopy.objectives.family import At, Homotopy

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
    "Diffusion",
    "FixedPoint",
    "GatedConvex",
    "Gaussian",
    "Geometric",
    "Greedy",
    "Homotopy",
    "LayerwiseDiffusion",
    "Length",
    "LiftedDiffusion",
    "Linear",
    "LinearModel",
    "Linearized",
    "MatchedActivation",
    "MovingQuadratic",
    "Newton",
    "OneNeuron",
    "Plateau",
    "Power",
    "Proximal",
    "RidgeOMP",
    "Rising",
    "Scaled",
    "Skip",
    "TVWidth",
    "Targets",
    "WeightDecay",
    "Width",
    "homotopy",
]

BY_NAME: dict[str, Callable[..., Homotopy]] = {
    "activation": Activation,
    "blend": Blend,
    "compose": Compose,
    "convex-loss": ConvexLoss,
    "data": Data,
    "diffusion": Diffusion,
    "fixed-point": FixedPoint,
    "gated-convex": GatedConvex,
    "gaussian": Gaussian,
    "greedy": Greedy,
    "layerwise-diffusion": LayerwiseDiffusion,
    "lifted-diffusion": LiftedDiffusion,
    "length": Length,
    "linear-model": LinearModel,
    "linearized": Linearized,
    "matched-activation": MatchedActivation,
    "newton": Newton,
    "one-neuron": OneNeuron,
    "proximal": Proximal,
    "ridge-omp": RidgeOMP,
    "scaled": Scaled,
    "skip": Skip,
    "targets": Targets,
    "tv-width": TVWidth,
    "weight-decay": WeightDecay,
    "width": Width,
}
"""Every homotopy that is built on an objective."""

AROUND = ("x0", "center")
"""What a class may need besides its objective."""


@door
def homotopy(text: str, objective: Objective, x0: Vector | None = None, *, rng: Seed = None) -> Homotopy:
    """Return the homotopy that ``name:par=value,...`` means, built on an objective.

    Parameters
    ----------
    text : str
        A name in `BY_NAME` with parameters of its class.
    objective : Objective
        The true problem's.
    x0 : ndarray of shape (n,) or None
        The point around which "proximal", "linearized", "newton" and "fixed-point" are built.
    rng : Generator, int or None
        What a class draws from once, where it does and the name does not say; None is its own seed.

    Raises
    ------
    ArgumentError
        If the name or a parameter is unknown, or a value is not allowed.

    Examples
    --------
    >>> from homotopy.problems import problem
    >>> risk = problem("xor").objective
    >>> homotopy("proximal:mu=0.5", risk, x0=[0.0] * risk.size).mu
    0.5
    """
    name, _ = parse(text)
    table = {**BY_NAME, name: _on(name, objective, x0, rng)} if name in BY_NAME else BY_NAME
    return build("homotopy", text, table)


def _on(name: str, objective: Objective, x0: Vector | None, rng: Seed) -> Callable[..., Homotopy]:
    """Return a class with its objective, and its point where it needs one, given; what is left has defaults."""
    kind = BY_NAME[name]
    given = list(inspect.signature(kind, eval_str=True).parameters.values())
    needed = [p.name for p in given if p.default is p.empty and p.kind is p.POSITIONAL_OR_KEYWORD]
    if len(needed) > 2 or (len(needed) == 2 and (needed[1] not in AROUND or x0 is None)):
        raise ArgumentError(f"homotopy {name!r} needs {', '.join(needed[1:])}; it can be made in Python only")
    draws = {"rng": rng} if rng is not None and any(p.name == "rng" for p in given) else {}
    made: Any = partial(kind, objective, *([x0] if len(needed) == 2 else []), **draws)
    free = [p.replace(kind=p.KEYWORD_ONLY) for p in given if p.default is not p.empty and _written(p.annotation)]
    made.__signature__ = inspect.Signature(free)
    return cast("Callable[..., Homotopy]", made)


def _written(annotation: Any) -> bool:
    """Return whether a value of this type can be written in a name."""
    options = getattr(annotation, "__args__", None) or (annotation,)
    return any(option in (int, float, str, bool) for option in options)


_MOVED = {"certificate": "largest_slope", "Certificate": "LargestSlope"}
"""Old names of what lives in `homotopy.landscape` now."""


def __getattr__(name: str) -> Any:
    if name not in _MOVED:
        raise AttributeError(f"module 'homotopy.homotopies' has no attribute {name!r}")
    text = f"homotopies.{name} is homotopy.landscape.{_MOVED[name]} now; the old name goes with the next release"
    warnings.warn(text, DeprecationWarning, stacklevel=2)
    return getattr(importlib.import_module("homotopy.landscape"), _MOVED[name])
