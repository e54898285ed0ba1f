"""Safran and Shamir, ICML 2018: spurious local minima are common in two-layer ReLU networks."""

from .beside import ends_table, published, shares_table, signs_table
from .descents import ends, kinds, wrong_signs
from .figures import METHODS, costs, spurious
from .study import PAPER, at_a_point, compared

__all__ = [
    "METHODS",
    "PAPER",
    "at_a_point",
    "compared",
    "costs",
    "ends",
    "ends_table",
    "kinds",
    "published",
    "shares_table",
    "signs_table",
    "spurious",
    "wrong_signs",
]
