"""Mobahi, 2016: training recurrent neural networks by diffusion."""

from .consequences import heat, layers, minima, noise
from .figures import activations, consequences, picture
from .smoothing import formula_error, mean, unit_error
from .study import PAPER, sweep
from .training import adding, epochs

__all__ = [
    "PAPER",
    "activations",
    "adding",
    "consequences",
    "epochs",
    "formula_error",
    "heat",
    "layers",
    "mean",
    "minima",
    "noise",
    "picture",
    "sweep",
    "unit_error",
]
