"""Mobahi, 2016: training recurrent neural networks by diffusion."""

from .consequences import heat, layers, minima, noise
from .figures import activations, consequences, picture
from .smoothing import formula_error, mean, unit_error
from .study import PAPER, recurrent, sweep

__all__ = [
    "PAPER",
    "activations",
    "consequences",
    "formula_error",
    "heat",
    "layers",
    "mean",
    "minima",
    "noise",
    "picture",
    "recurrent",
    "sweep",
    "unit_error",
]
