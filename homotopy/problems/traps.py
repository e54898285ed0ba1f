"""Problems that are known to trap descents: a logistic unit with 2^d minima, and relu units that start switched off."""

from __future__ import annotations

from functools import partial

import numpy as np
import scipy

from homotopy.arguments import integer, shown
from homotopy.errors import ArgumentError
from homotopy.models.mlp import MLP
from homotopy.naming import spell
from homotopy.objectives.risk import EmpiricalRisk
from homotopy.problems.base import Problem
from homotopy.problems.data import constant, layer_starts, normal
from homotopy.problems.lower.axes import auer_bound
from homotopy.problems.teachers import teacher_sample

__all__ = ["auer", "dying_relu"]


def auer(d: int = 6, hard: bool = False) -> Problem:
    """Fit one logistic unit with squared loss: each of d axes has two minima, which makes 2^d in all.

    Parameters
    ----------
    d : int
        Inputs.
    hard : bool
        Whether the global minimum lies away from w = 0.

    Raises
    ------
    ArgumentError
        If `d` is below 1.

    Notes
    -----
    On each axis lie a far point (10 e_i, 0) and a near one (0.3 e_i, 0.9); 10 d points (0, 0.5) hold the bias. A
    weight fits either the far point (a small negative weight, in the basin of 0) or the near one (a weight of about
    7). In the easy variant the far point is worth more; in the hard one the near points and those that hold the bias
    are there eight times, so that the global minimum is where w = 0 does not lead. The optimum is computed here: given
    the bias each axis has the same problem of its own weight, so that all weights are equal at it, and it is the best
    minimum of a function of one weight and the bias. That this has no lower one is proved by branch and bound
    (`homotopy.problems.lower.axes`). Starts are N(0, 4).

    References
    ----------
    P. Auer, M. Herbster, M. K. Warmuth, Exponentially many local minima for single neurons, NIPS 8, 1995, whose
    construction it follows; the numbers are this package's.
    """
    integer("d", d)
    copies = 8 if hard else 1
    X = np.concatenate([10 * np.eye(d), np.tile(0.3 * np.eye(d), (copies, 1)), np.zeros((10 * copies * d, d))])
    y = np.concatenate([np.zeros(d), np.full(copies * d, 0.9), np.full(10 * copies * d, 0.5)])
    risk = EmpiricalRisk(MLP((d, 1), output="logistic"), "squared", X, y)

    def equal(z: np.ndarray) -> tuple[float, np.ndarray]:
        value, slope = risk.value_and_grad(np.append(np.full(d, z[0]), z[1]))
        return value, np.array([slope[:d].sum(), slope[d]])

    ends = [
        scipy.optimize.minimize(equal, [w, 0.0], jac=True, method="BFGS", options={"gtol": 1e-12}).fun
        for w in (-0.2, 7.0)
    ]
    return Problem(
        name=spell("auer", auer, "d", d=d, hard=hard),
        objective=risk,
        start=layer_starts((d, 1), [normal(2.0)], [normal(2.0)]),
        optimum=float(min(ends)),
        tolerance=1e-4,
        source="after Auer, Herbster and Warmuth 1995; the optimum is computed, axis by axis, and proved",
        bound=partial(auer_bound, copies),
    )


def dying_relu(hidden: int = 16, teacher_seed: int = 0) -> Problem:
    """Start a relu net with most of its units switched off for most samples.

    Parameters
    ----------
    hidden : int
        Hidden units of the student.
    teacher_seed : int
        Draws the sample and the teacher, those of ``ts:d=5,h=5,N=200``.

    Raises
    ------
    ArgumentError
        If `hidden` is below 5, or the seed is negative.

    Notes
    -----
    Hidden biases start at -2 + N(0, 0.09), hidden weights at N(0, 0.09), output weights at N(0, 0.25). Solved when the
    loss is at most 5e-3 (1e-2 without the half).
    """
    if hidden < 5:
        raise ArgumentError(f"hidden must be at least 5, the teacher's units, not {shown(hidden)}")
    X, y = teacher_sample("relu", 5, 5, 200, teacher_seed)
    sizes = (5, hidden, 1)
    return Problem(
        name=spell("dying-relu", dying_relu, "hidden", hidden=hidden, teacher_seed=teacher_seed),
        objective=EmpiricalRisk(MLP(sizes, "relu"), "squared", X, y),
        start=layer_starts(sizes, [normal(0.3), normal(0.5)], [normal(0.3, -2.0), constant()]),
        optimum=0.0,
        tolerance=5e-3,
        source="made for this package; the optimum is 0 because the teacher is a student with fewer units",
    )
