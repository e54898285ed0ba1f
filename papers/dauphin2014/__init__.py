"""Dauphin and others, NIPS 2014: error and index of critical points, and the saddle-free Newton step."""

from .ends import METHODS, census, check_step, ended_at, ends, index_at
from .figures import picture
from .study import NETS, PAPER, censuses, classes, correlation, goal, landings

__all__ = [
    "METHODS",
    "NETS",
    "PAPER",
    "census",
    "censuses",
    "check_step",
    "classes",
    "correlation",
    "ended_at",
    "ends",
    "goal",
    "index_at",
    "landings",
    "picture",
]
