"""The minima of tanh nets on data of a tanh teacher, by the number of teacher units that no student unit has found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

import homotopy as hp
from homotopy.methods import streams

__all__ = ["Minimum", "by_missing", "minima"]

ALIKE = 0.9
"""Units whose outputs on the data have at least this absolute correlation are the same unit up to sign."""
FLAT = 0.95
"""A unit is saturated that is beyond this, up to sign, on at least four fifths of the samples."""
WEAK = 0.05
"""A unit is weak whose contribution to the standardized output has a smaller deviation than this."""


@dataclass(frozen=True)
class Minimum:
    """An end of L-BFGS.

    Attributes
    ----------
    loss : float
        Its value.
    missing : int
        Teacher units without a student unit of their own that is like them, in the best matching of the two.
    doubled : int
        Student units that are like a teacher unit which has another one already.
    stray, saturated, weak : int
        Student units like no teacher unit; of these, saturated ones, and ones of weak contribution.

    Notes
    -----
    ``missing == doubled + stray``: each teacher unit without a student unit leaves one of those over.
    """

    loss: float
    missing: int
    doubled: int
    stray: int
    saturated: int
    weak: int


def _teacher_outputs(seed: int, X: NDArray[np.float64], h: int) -> NDArray[np.float64]:
    """Return the outputs of the units of the tanh teacher of ``ts:act=tanh`` with this seed, shape (N, h)."""
    rng = np.random.default_rng(seed)
    n, d = X.shape
    if not np.array_equal(rng.standard_normal((n, d)), X):
        raise AssertionError("the teacher is drawn in another order than here")
    W = 1.5 * np.sqrt(2 / d) * rng.standard_normal((d, h))
    return np.asarray(np.tanh(X @ W + 0.5 * rng.standard_normal(h)))


def minima(teachers: Sequence[int], starts: int) -> list[Minimum]:
    """Return the ends of L-BFGS on ``ts:act=tanh`` 8-8: 6,000 evaluations at most, or a loss of 1e-7.

    Parameters
    ----------
    teachers : sequence of int
        Seeds of the teachers.
    starts : int
        Starts on each, seeds from 0.
    """
    out = []
    for seed in teachers:
        target = hp.problem(f"ts:act=tanh,teacher_seed={seed}")
        risk = target.objective
        teacher = _teacher_outputs(seed, risk.X, 8)
        x = np.array([target.start(streams(start)[0]) for start in range(starts)])
        found = hp.descend(risk, x, rule="lbfgs", n_steps=6000, gradient_tolerance=1e-7, target=1e-7)
        out += [_compared(risk.model, risk.X, teacher, x, v) for x, v in zip(found.x, found.value, strict=True)]
    return out


def _compared(
    model: hp.MLP, X: NDArray[np.float64], teacher: NDArray[np.float64], x: NDArray[np.float64], loss: float
) -> Minimum:
    (W, b), (outgoing, _) = model.unpack(np.ascontiguousarray(x))
    units = np.tanh(X @ W.T + b)
    alike = np.abs(np.corrcoef(teacher.T, units.T)[: teacher.shape[1], teacher.shape[1] :])
    pairs = linear_sum_assignment(alike, maximize=True)
    found = alike[pairs] >= ALIKE
    matched = np.zeros(len(W), dtype=bool)
    matched[pairs[1][found]] = True
    known = alike.max(axis=0) >= ALIKE
    saturated = (np.abs(units) > FLAT).mean(axis=0) > 0.8
    weak = np.abs(outgoing[0]) * units.std(axis=0) < WEAK
    return Minimum(
        loss=float(loss),
        missing=int((~found).sum()),
        doubled=int((known & ~matched).sum()),
        stray=int((~known).sum()),
        saturated=int((~known & saturated).sum()),
        weak=int((~known & weak).sum()),
    )


def by_missing(found: Sequence[Minimum]) -> list[list[str]]:
    """Return one row of words for each number of missing teacher units.

    The columns: missing; minima; median loss; its 5th to 95th percentile; share at the target 5e-4; and, a minimum,
    doubled, stray, saturated and weak student units.
    """
    out = []
    for missing in sorted({one.missing for one in found}):
        some = [one for one in found if one.missing == missing]
        loss = np.array([one.loss for one in some])
        low, high = np.percentile(loss, [5, 95])
        counts = [np.mean([getattr(one, name) for one in some]) for name in ("doubled", "stray", "saturated", "weak")]
        cells = [f"{np.median(loss):.1e}", f"{low:.1e} to {high:.1e}", f"{np.mean(loss <= 5e-4):.2f}"]
        out.append([str(missing), str(len(some)), *cells, *(f"{count:.2f}" for count in counts)])
    return out
