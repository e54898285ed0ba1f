"""Safran and Shamir, ICML 2018: how often gradient descent ends in a spurious minimum, beside the skip homotopy.

I. Safran and O. Shamir, Spurious local minima are common in two-layer ReLU neural networks, ICML 2018 (PMLR 80,
4433-4441, arXiv 1712.08968). ``python -m homotopy.papers.safran2018 -o DIR`` writes one table and one figure.
"""

from homotopy.papers.safran2018.study import Row, figure, published, run, table

__all__ = ["Row", "figure", "published", "run", "table"]
