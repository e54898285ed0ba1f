"""What carries over from one hidden relu layer: other activations, other losses, a second layer, tanh."""

from homotopy.papers.beyond_relu.missing import Minimum, by_missing, minima
from homotopy.papers.beyond_relu.tables import TABLES, grids, near_best

__all__ = ["TABLES", "Minimum", "by_missing", "grids", "minima", "near_best"]
