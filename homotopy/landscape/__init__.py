"""What the minima and saddles of an objective are, and whether the global minimum was reached.

The names are imported from their rooms when they are used.
"""

import importlib
from typing import Any

# Where each public name lives.
_HOME = {
    "Connection": "barriers.connecting",
    "Connections": "barriers.connecting",
    "Coverage": "critical.coverage",
    "CriticalPoint": "critical.point",
    "CriticalPoints": "critical.points",
    "ElasticBand": "barriers.route",
    "LargestSlope": "convex.slopes",
    "Merge": "barriers.tree",
    "Tree": "barriers.tree",
    "connections": "barriers.connecting",
    "critical_points": "critical.census",
    "disconnectivity": "barriers.tree",
    "largest_slope": "convex.slopes",
    "lowest_path": "barriers.route",
}

__all__ = sorted(_HOME)


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'homotopy.landscape' has no attribute {name!r}")
    return getattr(importlib.import_module(f"homotopy.landscape.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return __all__
