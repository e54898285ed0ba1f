"""Gorse, Shepherd and Taylor, Neural Networks 1997: expanding the range of the targets against local minima."""

from .study import PAPER, picture, rungs, second_order, wide

__all__ = ["PAPER", "picture", "rungs", "second_order", "wide"]
