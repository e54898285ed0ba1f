"""The convex problem over sampled gates by the package pyscnn, beside the proven minimum."""

from __future__ import annotations

import importlib
import time
from importlib.util import find_spec

import numpy as np

import homotopy as hp
from homotopy.landscape import convex_minimum
from homotopy.papers.landscape.facts import Fact, facts

__all__ = ["installed", "sampled"]


def installed() -> bool:
    """Return whether pyscnn is there."""
    return find_spec("scnn") is not None


def sampled(seed: int, l2: float, gates: int) -> list[Fact]:
    """Return the penalized loss of the net that pyscnn finds with so many gates, as it comes, and the proven minimum.

    Parameters
    ----------
    seed : int
        Draws ten samples of two inputs, a column of ones beside them, and the gates.
    l2 : float
        The penalty.
    gates : int
        How many are drawn.

    Notes
    -----
    Nets without biases, since pyscnn penalizes otherwise; the net's layers are balanced, which does not change its
    function and lowers its penalty.
    """
    rng = np.random.default_rng(seed)
    X, y = rng.standard_normal((10, 2)), rng.standard_normal(10)
    Z = np.column_stack([X, np.ones(10)])
    risk = hp.EmpiricalRisk(hp.MLP((3, 3, 1), "relu", bias=False), "squared", Z, y, l2=l2)
    begin = time.process_time()
    known = convex_minimum(risk)
    ours = time.process_time() - begin
    optimize = importlib.import_module("scnn.optimize").optimize
    penalty = importlib.import_module("scnn.regularizers").NeuronGL1(l2)
    options = {"regularizer": penalty, "unitize_data": False, "dtype": "float64", "device": "cpu", "seed": seed}
    begin = time.process_time()
    found, _ = optimize("relu", gates, Z, y, **options)
    theirs = time.process_time() - begin
    W, a = (np.asarray(part, dtype=np.float64) for part in found.parameters)
    sizes = np.linalg.norm(W, axis=1)
    on = (sizes > 0) & (a[0] != 0)
    share = np.sqrt(sizes[on] / np.abs(a[0, on]))
    model = hp.MLP((3, int(on.sum()), 1), "relu", bias=False)
    x = model.pack([(W[on] / share[:, None], None), (a[:, on] * share, None)])
    values = {
        "seed": seed,
        "l2": l2,
        "gates": gates,
        "upper": known.upper,
        "lower": known.lower,
        "seconds": ours,
        "sampled": risk.changed(model=model).value(x),
        "units": int(on.sum()),
        "sampled seconds": theirs,
    }
    return facts("sampled", f"random {seed} l2={l2:g} gates={gates}", values)
