"""What the minima and saddles of an objective are, and whether the global minimum was reached.

The names are imported from their rooms when they are used.
"""

import importlib
from typing import Any

# Where each public name lives.
_HOME = {
    "Classification": "classify.kinds",
    "Connection": "barriers.connecting",
    "Connections": "barriers.connecting",
    "ConvexMinimum": "convex.minimum",
    "Coverage": "critical.coverage",
    "CriticalPoint": "critical.point",
    "CriticalPoints": "critical.points",
    "ElasticBand": "barriers.route",
    "Enclosure": "certify.enclosure",
    "HiddenUnits": "symmetry.units",
    "LargestSlope": "convex.slopes",
    "Merge": "barriers.tree",
    "PathDirections": "views.directions",
    "Slice1D": "views.slices",
    "Slice2D": "views.slices",
    "SpectralDensity": "views.spectrum",
    "Symmetries": "symmetry.units",
    "Tree": "barriers.tree",
    "activation_patterns": "convex.patterns",
    "beyond_the_hessian": "barriers.beyond",
    "canonical": "symmetry.canonical",
    "classified": "classify.classified",
    "connections": "barriers.connecting",
    "convex_bound": "convex.minimum",
    "convex_minimum": "convex.minimum",
    "critical_points": "critical.census",
    "disconnectivity": "barriers.tree",
    "distance": "symmetry.distances",
    "enclose": "certify.enclosure",
    "escapes": "classify.escapes",
    "family_key": "symmetry.families",
    "filter_normalized": "views.directions",
    "largest_slope": "convex.slopes",
    "lowest_path": "barriers.route",
    "off_plane": "views.directions",
    "orbit_size": "symmetry.canonical",
    "path_directions": "views.directions",
    "project": "views.directions",
    "same_function": "symmetry.distances",
    "silent_unit": "symmetry.embedding",
    "slice_1d": "views.slices",
    "slice_2d": "views.slices",
    "spectral_density": "views.spectrum",
    "split_unit": "symmetry.embedding",
    "symmetric_directions": "symmetry.directions",
    "symmetries_of": "symmetry.units",
}

__all__ = sorted(_HOME)


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'homotopy.landscape' has no attribute {name!r}")
    return getattr(importlib.import_module(f"homotopy.landscape.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return __all__
