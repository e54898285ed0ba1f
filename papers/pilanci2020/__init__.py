"""Pilanci and Ergen, ICML 2020: the convex program of a two-layer relu net, and who reaches its certified optimum."""

from .program import Solution, recovered, solved, toy
from .study import PAPER, picture, sampled, wide

__all__ = ["PAPER", "Solution", "picture", "recovered", "sampled", "solved", "toy", "wide"]
