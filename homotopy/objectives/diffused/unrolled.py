"""An Elman net on sequences as a chain: one link a step, all with the same weights."""

from __future__ import annotations

from typing import Any

import numpy as np

from homotopy.doors import door
from homotopy.models.weights import weighted
from homotopy.objectives.diffused.chain import Chain, Link

__all__ = ["no_steps", "unrolled"]


def no_steps(risk: Any) -> str | None:
    """Return why the steps of a recurrent net are no chain of affine maps and activations in float64, or None."""
    model = risk.model
    if model.cell != "elman":
        return f"the cell is {model.cell}, which has gates; elman is needed"
    return None if model.dtype == np.float64 else f"the net's numbers are {model.dtype}; float64 is needed"


@door
def unrolled(risk: Any) -> Chain:
    """Return the chain of a `RecurrentRisk`, with the outputs that count step by step."""
    X, Y, counts = risk.sequences.compiled
    own = counts > 0
    shares = counts / counts[own].mean()
    number = np.maximum(own.sum(axis=1), 1)
    each = shares.sum(axis=1) / number  # what an output of this sequence counts on the mean
    behind = np.cumsum(own[:, ::-1], axis=1)[:, ::-1] > 0
    links, targets, weights = [], [], []
    for step in range(X.shape[1]):
        rows = np.flatnonzero(own[:, step])
        alive = np.ascontiguousarray((each * behind[:, step])[:, None])
        links.append(Link("W", "U", "b", np.ascontiguousarray(X[:, step]), rows, alive))
        targets.append(Y[rows, step])
        weights.append(shares[rows, step])
    model = risk.model
    given = {"zero": None, "learned": "h0", "given": risk.sequences.compiled_state}[model.state]
    loss = risk.outputs.loss
    flat = np.concatenate(weights)
    if loss.weights is not None:
        loss = weighted(loss, flat)
    layout = tuple(model.shapes.items())
    return Chain(layout, tuple(links), ("C", "c"), model.activation, loss, np.concatenate(targets), given, risk.l2)
