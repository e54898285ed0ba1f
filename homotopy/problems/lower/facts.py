"""What proofs take from an objective with outputs: its type of numbers and their rounding, its units."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from homotopy.models.weights import weights_of
from homotopy.objectives.facets import offered

__all__ = ["activations", "float_type", "last_place", "one_unit"]


def float_type(values: ArrayLike) -> np.dtype[Any]:
    """Return the type of numbers that are floats, float64 of others."""
    dtype = np.asarray(values).dtype
    return dtype if dtype.kind == "f" else np.dtype(np.float64)


def last_place(value: float, outputs: Any) -> float:
    """Return the unit of the last place of a mean loss over samples, in the type in which it is computed.

    It is that of the targets' squares where they are larger than the value, or of one where the loss is of classes.
    """
    y = np.asarray(outputs.targets, dtype=np.float64)
    size = 1.0
    if outputs.loss.quadratic:
        size = float(np.average(np.square(y).sum(axis=1), weights=weights_of(outputs.loss, len(y))))
    return float(np.finfo(float_type(outputs.targets)).eps) * max(size, value)


def one_unit(objective: Any) -> Any:
    """Return the outputs of a net with one hidden unit; None of any other."""
    if not offered(objective, "outputs") or not hasattr(objective, "hidden") or tuple(objective.hidden()) != (1,):
        return None
    return objective.outputs


def activations(outputs: Any) -> list[Any]:
    """Return the activations of the hidden units and of the outputs, None for one that a net does not tell."""
    return [getattr(outputs, part, None) for part in ("hidden", "last")]
