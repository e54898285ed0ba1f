"""What the minima and saddles of an objective are, and whether the global minimum was reached.

The names are imported from their rooms when they are used.
"""

import importlib
from typing import Any

# Where each public name lives.
_HOME = {
    "Classification": "classify.kinds",
    "LargestSlope": "convex.slopes",
    "classified": "classify.classified",
    "escapes": "classify.escapes",
    "largest_slope": "convex.slopes",
}

__all__ = sorted(_HOME)


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'homotopy.landscape' has no attribute {name!r}")
    return getattr(importlib.import_module(f"homotopy.landscape.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return __all__
