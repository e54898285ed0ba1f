"""Hazan, Levy and Shalev-Shwartz, ICML 2016: on graduated optimization for stochastic non-convex problems."""

from .functions import DISCS, LINES
from .nice import net_conditions, niceness, other_minima
from .runs import run, stochastic_errors
from .study import PAPER, minimizers_picture, rate_picture

__all__ = [
    "DISCS",
    "LINES",
    "PAPER",
    "minimizers_picture",
    "net_conditions",
    "niceness",
    "other_minima",
    "rate_picture",
    "run",
    "stochastic_errors",
]
