"""Hochreiter and Schmidhuber, Neural Computation 1997: long short-term memory."""

from .figures import counts, picture
from .problems import Wrong, problem, sequences
from .study import PAPER, against_length, tasks

__all__ = ["PAPER", "Wrong", "against_length", "counts", "picture", "problem", "sequences", "tasks"]
