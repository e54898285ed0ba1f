"""Auer, Herbster and Warmuth, NIPS 8 (1995): one neuron can have exponentially many local minima."""

from .axes import KINDS, Axis, axis, counted, data, problem
from .figures import picture
from .study import METHODS, PAPER, cases, census, solved

__all__ = [
    "KINDS",
    "METHODS",
    "PAPER",
    "Axis",
    "axis",
    "cases",
    "census",
    "counted",
    "data",
    "picture",
    "problem",
    "solved",
]
