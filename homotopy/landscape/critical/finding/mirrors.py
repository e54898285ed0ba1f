"""What data have for symmetries: inputs and outputs in another order, or with other signs, at equal risk."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import permutations, product
from math import factorial
from typing import Any

import numpy as np

from homotopy.landscape.critical.moving.surface import Array
from homotopy.objectives.base import Vector

__all__ = ["Mirror", "mirrors"]

Mirror = Callable[[Vector], Vector]
MOST = 4096
"""The most candidates; nets of more inputs and outputs are taken as they are."""
EQUAL = 1e-12
"""By how much of its size the risk may differ at random points."""


def mirrors(objective: Any) -> list[Mirror]:
    """Return maps of the weights of a net of dense layers under which its risk is unchanged, because the data are.

    Parameters
    ----------
    objective : Objective
        Any; of others than the risks of nets with ``unpack``, ``pack`` and ``sizes`` nothing is known.

    Notes
    -----
    With Q a signed permutation of the inputs and R one of the outputs, W_1 becomes W_1 Q, and W_L and b_L become R W_L
    and R b_L. Those of all Q and R are returned, but for the identity, that leave the risk unchanged at two random
    points, so that the samples with targets are carried into themselves. They are a group: a census that holds the
    images of its points is closed under it. XOR on signs has eight: inputs change places, or an input and the output
    their signs.
    """
    model = getattr(objective, "model", None)
    if not all(hasattr(model, name) for name in ("unpack", "pack", "sizes")) or hasattr(model, "cell"):
        return []
    d, k = int(model.sizes[0]), int(model.sizes[-1])  # type: ignore[union-attr]
    if max(d, k) > 6 or 2 ** (d + k) * factorial(d) * factorial(k) > MOST or int(objective.size) != model.size:  # type: ignore[union-attr]
        return []
    probes = np.random.default_rng(2).standard_normal((2, int(objective.size)))
    values = [float(objective.value(x)) for x in probes]
    if not np.isfinite(values).all():
        return []
    found = []
    for Q, R in product(_signed(d), _signed(k)):
        if (np.eye(d) == Q).all() and (np.eye(k) == R).all():
            continue
        mirror = _mirror(model, Q, R)
        images = (float(objective.value(mirror(x))) for x in probes)
        if all(abs(a - b) <= EQUAL * abs(b) for a, b in zip(images, values, strict=True)):
            found.append(mirror)
    return found


def _mirror(model: Any, Q: Array, R: Array) -> Mirror:
    def mirror(x: Vector) -> Vector:
        layers = [(np.array(w), None if b is None else np.array(b)) for w, b in model.unpack(np.ascontiguousarray(x))]
        layers[0] = (layers[0][0] @ Q, layers[0][1])
        w, b = layers[-1]
        layers[-1] = (R @ w, None if b is None else R @ b)
        return np.asarray(model.pack(layers), dtype=np.float64)

    return mirror


def _signed(n: int) -> Iterator[Array]:
    """Yield all signed permutation matrices."""
    for order, signs in product(permutations(range(n)), product((1.0, -1.0), repeat=n)):
        yield np.eye(n)[list(order)] * np.array(signs)[:, None]
