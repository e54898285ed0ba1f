"""Swirszcz, Czarnecki and Pascanu 2016: nets with one hidden layer that stick on four points."""

from .nets import PUBLISHED, cell, errors
from .points import at_the_points, escapes
from .study import PAPER, shares, shares_picture, table_one
from .variants import varied

__all__ = [
    "PAPER",
    "PUBLISHED",
    "at_the_points",
    "cell",
    "errors",
    "escapes",
    "shares",
    "shares_picture",
    "table_one",
    "varied",
]
