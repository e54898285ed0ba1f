"""Farrell, Birkisson and Funke, SIAM J. Sci. Comput. 2015: deflation finds several solutions from one guess."""

from .counting import Chebyshev, Net, search
from .equations import EQUATIONS, Equation, check_step, deflated, shooting
from .figures import picture
from .study import PAPER, PUBLISHED, found_all, searches, settings

__all__ = [
    "EQUATIONS",
    "PAPER",
    "PUBLISHED",
    "Chebyshev",
    "Equation",
    "Net",
    "check_step",
    "deflated",
    "found_all",
    "picture",
    "search",
    "searches",
    "settings",
    "shooting",
]
