"""Ko, Koh, Park and Jhe, NeurIPS 2023: homotopy-based training of neural ODEs."""

from .figures import picture
from .problem import Synchronized
from .runs import ladder, one
from .study import PAPER, ratio, runs

__all__ = ["PAPER", "Synchronized", "ladder", "one", "picture", "ratio", "runs"]
