"""Weights as scikit-learn's multilayer perceptrons hold them, for inputs and outputs in their own units."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from homotopy.fits import Fit, Scaling

__all__ = ["layers_of"]

Array = NDArray[np.float64]


def layers_of(fit: Fit, inputs: Scaling, outputs: Scaling, constant: float) -> tuple[list[Array], list[Array]]:
    """Return weights of shape (n_in, n_out) and biases of shape (n_out,) of each layer, all scaling folded in.

    The weights of the last input are a bias where it is a constant, not 0. The net with these weights maps inputs in
    their own units to outputs in theirs.
    """
    layers = [(W.T.copy(), np.array(b)) for W, b in fit.net.unpack(fit.theta) if b is not None]
    W, b = layers[0]
    if constant:
        W, b = W[:-1], b + constant * W[-1]
    layers[0] = W / inputs.scale[:, None], b - (inputs.mean / inputs.scale) @ W
    W, b = layers[-1]
    layers[-1] = W * outputs.scale, b * outputs.scale + outputs.mean
    return [W for W, _ in layers], [b for _, b in layers]
