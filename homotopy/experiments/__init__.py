"""Comparisons of methods on problems: what runs, who runs it, where it is kept, and what the numbers mean."""

from homotopy.experiments.comparison import Comparison
from homotopy.experiments.run.executors import Workers
from homotopy.experiments.running import Progress, compare
from homotopy.experiments.store.store import Store

__all__ = ["Comparison", "Progress", "Store", "Workers", "compare"]
