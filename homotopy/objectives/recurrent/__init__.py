"""Risks of recurrent nets on sequences."""

from homotopy.objectives.recurrent.risk import RecurrentRisk

__all__ = ["RecurrentRisk"]
