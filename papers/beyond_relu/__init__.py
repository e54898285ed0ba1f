"""What carries over from one hidden relu layer: other activations, other losses, a second layer, tanh."""

from .missing import Minimum, by_missing, minima
from .study import PAPER, picture
from .tables import TABLES, grids, near_best

__all__ = ["PAPER", "TABLES", "Minimum", "by_missing", "grids", "minima", "near_best", "picture"]
