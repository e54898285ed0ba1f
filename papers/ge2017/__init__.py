"""Ge, Lee and Ma 2018: a relu net is found again by fitting the even part of its units first."""

from .recover import OBJECTIVES, descents, matched, regression
from .study import PAPER, picture, rates

__all__ = ["OBJECTIVES", "PAPER", "descents", "matched", "picture", "rates", "regression"]
