"""Yun, Sra and Jadbabaie, ICLR 2019: small nonlinearities in activation functions create bad local minima."""

from .study import PAPER, at_the_point, construction, escapes, picture

__all__ = ["PAPER", "at_the_point", "construction", "escapes", "picture"]
