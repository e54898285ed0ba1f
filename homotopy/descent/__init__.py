"""Descents: the whole loop of a first-order rule or of L-BFGS in C, from one start or from many."""

from homotopy.descent.descend import Descent, descend
from homotopy.descent.rules import BY_NAME, GD, LBFGS, LM, Adam, Momentum, Nesterov, Newton, Rprop
from homotopy.descent.schedules import Constant, Cosine, Exponential, InverseTime, Noise, Ramp
from homotopy.descent.settings import Flat, is_plain

__all__ = [
    "BY_NAME",
    "GD",
    "LBFGS",
    "LM",
    "Adam",
    "Constant",
    "Cosine",
    "Descent",
    "Exponential",
    "Flat",
    "InverseTime",
    "Momentum",
    "Nesterov",
    "Newton",
    "Noise",
    "Ramp",
    "Rprop",
    "descend",
    "is_plain",
]
