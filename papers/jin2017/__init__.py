"""Jin, Ge, Netrapalli, Kakade and Jordan, ICML 2017: perturbed gradient descent leaves saddles in any dimension."""

from .figures import picture
from .nets import beside, census, grids, places
from .strict import Constants, StrictSaddle, constants, escapes, perturbed_descent
from .study import PAPER, cases, growth, saddle_costs, shares

__all__ = [
    "PAPER",
    "Constants",
    "StrictSaddle",
    "beside",
    "cases",
    "census",
    "constants",
    "escapes",
    "grids",
    "growth",
    "perturbed_descent",
    "picture",
    "places",
    "saddle_costs",
    "shares",
]
