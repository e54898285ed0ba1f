"""Whether a user's loss puts each output beside its own target: a column beside a vector is a table of all pairs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from homotopy.errors import ArgumentError

__all__ = ["check_pairs"]

Array = NDArray[Any]


def check_pairs(label: str, call: Callable[[Array, Array], Any], shape: tuple[int, ...], y: Array) -> None:
    """Raise where a column of outputs meets a vector of targets, or the reverse, and each output all targets.

    Libraries broadcast these to a table without an error. Its loss does not say which target is whose: on other outputs
    too it is the same with the targets in another order.

    Parameters
    ----------
    label : str
        What the loss is called.
    call : callable
        ``call(outputs, targets)``, the loss of arrays in these shapes.
    shape : tuple of int
        That of the outputs.
    y : ndarray
        The targets as the loss is given them.

    Raises
    ------
    ArgumentError
        If it is the same.

    Examples
    --------
    >>> check_pairs("mine", lambda Z, y: np.mean((Z - y) ** 2), (3,), np.array([1.0, 2.0, 4.0]))
    >>> check_pairs("mine", lambda Z, y: np.mean((Z - y) ** 2), (3, 1), np.array([1.0, 2.0, 4.0]))
    Traceback (most recent call last):
    homotopy.errors.ArgumentError: loss mine compares every output with every target: ...
    """
    n = len(y)
    if y.size != n or np.prod(shape) != n or y.ndim == len(shape) or (y == y.flat[0]).all():
        return
    Z = np.linspace(0.1, 0.9, n).reshape(shape)
    try:
        here, *turned = (float(call(Z, other)) for other in (y, y[::-1].copy(), np.roll(y, 1, axis=0)))
        others = float(call(Z, np.full_like(y, y.flat[0]))), float(call(Z[::-1] ** 2, y))
    except Exception:  # a loss that does not take such outputs
        return
    same = [abs(one - here) <= 1e-12 * abs(here) for one in (*turned, *others)]
    if same == [True, True, False, False]:  # it depends on targets and outputs, not on their order
        raise ArgumentError(
            f"loss {label} compares every output with every target: the outputs have shape {shape} and y {y.shape}; "
            "give both one shape"
        )
