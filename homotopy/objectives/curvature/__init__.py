"""Which kind of stationary point: what the second derivatives of an objective say of where a descent ended."""

from homotopy.objectives.curvature.kinds import Curvature
from homotopy.objectives.curvature.spectra import curvature_at

__all__ = ["Curvature", "curvature_at"]
