"""Dauphin and others, NIPS 2014: error and index of critical points, and the saddle-free Newton step."""

from .ends import METHODS, census, check_step, ends, index_at
from .figures import picture
from .study import NETS, PAPER, censuses, classes, correlation, landings

__all__ = [
    "METHODS",
    "NETS",
    "PAPER",
    "census",
    "censuses",
    "check_step",
    "classes",
    "correlation",
    "ends",
    "index_at",
    "landings",
    "picture",
]
