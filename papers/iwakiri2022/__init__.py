"""Iwakiri, Wang, Ito and Takeda, NeurIPS 2022: single loop Gaussian homotopy method for non-convex optimization."""

from .figures import steps_picture, trajectories
from .study import PAPER, derivative_in_s, methods, step_shares
from .tuning import tune

__all__ = ["PAPER", "derivative_in_s", "methods", "step_shares", "steps_picture", "trajectories", "tune"]
