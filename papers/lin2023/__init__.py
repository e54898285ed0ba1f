"""Lin, Yang, Zhang and Zhang, ICML 2023: continuation path learning for homotopy optimization."""

from .checks import closed_forms, ridge_path, rosenbrock_path
from .figures import radii_picture, trajectories
from .model import PathLearning, PathModel
from .study import PAPER, from_the_start, levels, neighborhoods

__all__ = [
    "PAPER",
    "PathLearning",
    "PathModel",
    "closed_forms",
    "from_the_start",
    "levels",
    "neighborhoods",
    "radii_picture",
    "ridge_path",
    "rosenbrock_path",
    "trajectories",
]
