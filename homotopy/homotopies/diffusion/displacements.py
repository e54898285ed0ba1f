"""Normal displacements that stand for the normal distribution, drawn once."""

from __future__ import annotations

import numpy as np
import scipy
from scipy.special import ndtri

from homotopy.arguments import generator
from homotopy.errors import ArgumentError
from homotopy.objectives.base import Seed, Vector

__all__ = ["POINTS", "displacements"]

POINTS = ("antithetic", "random", "quasi")
"""How displacements may be drawn."""


def displacements(m: int, n: int, points: str, rng: Seed) -> Vector:
    """Return m standard normal displacements of n variables, shape (m, n), drawn in one of the ways `POINTS`.

    Raises
    ------
    ArgumentError
        If quasi-random ones are wanted and m is no power of 2, or n is above what Sobol's sequence has.
    """
    rng = generator("rng", rng)
    if points == "random":
        return rng.standard_normal((m, n))
    if points == "antithetic":
        half = rng.standard_normal((m // 2, n))
        return np.concatenate([half, -half])
    power, sobol = m.bit_length() - 1, scipy.stats.qmc.Sobol
    if m != 2**power or n > sobol.MAXDIM:
        raise ArgumentError(
            f"samples must be a power of 2 and the variables at most {sobol.MAXDIM} for quasi-random points, "
            f"not {m} and {n}"
        )
    uniform = sobol(n, seed=int(rng.integers(2**31))).random_base2(power)
    return np.asarray(ndtri(np.clip(uniform, 2.0**-53, 1.0 - 2.0**-53)))
