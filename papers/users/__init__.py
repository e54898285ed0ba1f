"""Ten recurring troubles of practitioners as named problems: their own settings, restarts, and continuation."""

from .problems import PROBLEMS, problem
from .study import PAPER, troubles, wide
from .tables import kinds, picture, shares
from .troubles import TROUBLES

__all__ = ["PAPER", "PROBLEMS", "TROUBLES", "kinds", "picture", "problem", "shares", "troubles", "wide"]
