"""The question that began this project: why multilayer perceptrons get stuck, and logistic regression does not."""

from .convexity import one_minimum
from .ends import kinds_of
from .figures import bars, widths
from .study import PAPER
from .swapping import copies, proof, worked_example
from .width import flattest

__all__ = ["PAPER", "bars", "copies", "flattest", "kinds_of", "one_minimum", "proof", "widths", "worked_example"]
