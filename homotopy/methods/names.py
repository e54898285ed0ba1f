"""The methods by name."""

from __future__ import annotations

from collections.abc import Callable

from homotopy.arguments import one_of
from homotopy.doors import door
from homotopy.errors import ArgumentError
from homotopy.extras import origins
from homotopy.methods.auto import Auto
from homotopy.methods.base import Method
from homotopy.methods.baselines.descents import (
    LBFGS,
    Adam,
    DecayingGradientDescent,
    GradientDescent,
    Momentum,
    NoisyGradientDescent,
)
from homotopy.methods.baselines.explore import Hope, PerturbedGradientDescent, SaddleFree
from homotopy.methods.baselines.fromscipy import LBFGSB, BasinHopping, DualAnnealing
from homotopy.methods.baselines.levenberg import LevenbergMarquardt
from homotopy.methods.batch import BatchMethod
from homotopy.methods.escape import Escape
from homotopy.methods.multistart import Multistart
from homotopy.methods.racehop import RaceHop
from homotopy.methods.recurrent.length import Length
from homotopy.methods.tracked.diffusion import DiffusionDescent, LayerwiseDescent, LiftedDescent, SampledDescent
from homotopy.methods.tracked.graduated import Decay, Era, Graduated
from homotopy.methods.tracked.tracked import Track, TrackedLinearized, TrackedProximal
from homotopy.methods.units.deep import DeepGreedy
from homotopy.methods.units.deepwidth import DeepWidth
from homotopy.methods.units.greedy import Greedy, RidgeOMP
from homotopy.methods.units.skipflip import SkipFlip
from homotopy.methods.units.width import TotalVariation, Width
from homotopy.naming import build, unnest

__all__ = ["BY_NAME", "method"]


BY_NAME: dict[str, Callable[..., Method]] = {
    "adam": Adam,
    "auto": Auto,
    "basin-hopping": BasinHopping,
    "decay": Decay,
    "diffusion": DiffusionDescent,
    "dual-annealing": DualAnnealing,
    "era": Era,
    "escape": Escape,
    "gd": GradientDescent,
    "gd-decay": DecayingGradientDescent,
    "gd-noise": NoisyGradientDescent,
    "graduated": Graduated,
    "greedy": Greedy,
    "greedy-deep": DeepGreedy,
    "hope": Hope,
    "layerwise-diffusion": LayerwiseDescent,
    "lbfgs": LBFGS,
    "lbfgsb": LBFGSB,
    "lifted-diffusion": LiftedDescent,
    "length": Length,
    "linearized": TrackedLinearized,
    "lm": LevenbergMarquardt,
    "momentum": Momentum,
    "multistart": Multistart,
    "omp": RidgeOMP,
    "perturbed-gd": PerturbedGradientDescent,
    "proximal": TrackedProximal,
    "race-hop": RaceHop,
    "saddle-free": SaddleFree,
    "sampled-diffusion": SampledDescent,
    "skip": SkipFlip,
    "track": Track,
    "tv-width": TotalVariation,
    "width": Width,
    "width-deep": DeepWidth,
}


@door
def method(text: str) -> Method:
    """Return the method that ``name:par=value,...`` names.

    Raises
    ------
    ArgumentError
        If `text` is no text, the name or a parameter is unknown, a value is not allowed, or a factory of a user's own
        makes no Method with a name.

    Examples
    --------
    >>> method("multistart:of=gd+steps=500,cutoff=300.0").name
    'multistart:of=gd+steps=500,cutoff=300'
    """
    made = build("method", text, BY_NAME, readers={BatchMethod: lambda inside: method(unnest(inside))})
    one_of(f"method {text!r}", made, Method, "made by its factory as a Method")
    if not isinstance(getattr(made, "name", None), str) or not made.name:
        raise ArgumentError(f"method {text!r} has no name; its class must set the attribute name, a text")
    if origins(text):
        made.maker = method, text
    return made
