"""Whether a point is on its way to infinity, as those of nets that saturate are, and not to a stationary point."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import eigh

from homotopy.arguments import integer, vector
from homotopy.doors import door
from homotopy.landscape.classify.around import EPS
from homotopy.landscape.given import objective_of
from homotopy.objectives.base import Vector
from homotopy.objectives.curvature.probe import Probe
from homotopy.objectives.function import checked
from homotopy.threads import one_blas_thread

__all__ = ["escapes"]

Matrix = NDArray[np.float64]
MOST = 500
"""Variables up to which the Hessian is decomposed."""
STEADY = 0.93
"""A step this part of the last is no shorter: at a minimum of order p they shorten by (p - 2) / (p - 1)."""
RUN, FEW = 4, 3
"""So many steady steps in a row are asked for from x itself, and where they have to lead back to it."""
SETTLED = 1e-3
"""Steps that end below this part of the longest have come to a point."""
CLOSE = 1e-4
"""Steps from behind lead back to the value at x, up to this part of what they came down."""
JUMP = 3.0
"""Steps before the steady ones are at most so many times as long."""
SOFT = 1e-8
FALLS = 1e-6
"""Values that are rounding, and those that are none, beside what weights of a unit that are smaller change."""
LARGER, SMALLER = (1.5, 2.0, 4.0, 8.0), (0.5, 0.2, 0.1, 0.05, 0.02)
"""Times as large are weights into a unit made."""
SHARES = (0.05, 0.1, 0.2, 0.3, *(1.0 - 0.5 ** np.arange(1, 15, 0.5)))
"""How far x is moved back, one after the other."""


@dataclass(frozen=True)
class March:
    """Newton steps from a point.

    Attributes
    ----------
    x : ndarray of shape (n,)
        Their end.
    value : float
        f there.
    lengths, cosines, norms : lists of float
        Of each step its length and the cosine with the one before (0 of the first); the gradients' norms behind each.
    held : bool
        Whether the end has a curvature beyond rounding along the longest row of steady steps.
    run, jump : int, float
        How many steps that row has, and the longest step before it over its own.
    """

    x: Vector
    value: float
    lengths: list[float]
    cosines: list[float]
    norms: list[float]
    held: bool = True
    run: int = 0
    jump: float = 0.0

    def steady(self, jump: float = np.inf) -> int:
        """Return the most steps in a row that did not shorten, pointed one way and lowered the gradient.

        None count if the steps settled in the end where something holds them, or if the row comes behind a step `jump`
        times as long as its own: it does not begin near the first point.
        """
        settled = self.held and self.run > 0 and self.lengths[-1] < SETTLED * max(self.lengths)
        return 0 if settled or self.jump > jump else self.run


def _longest(lengths: list[float], cosines: list[float], norms: list[float], growth: float) -> tuple[int, int]:
    """Return where the longest row of steady steps ends, and how many they are; norms have one more, at the start."""
    best, run = (0, 1), 1
    for k in range(1, len(lengths)):
        same = STEADY <= lengths[k] / lengths[k - 1] <= growth and cosines[k] > 0.95
        run = run + 1 if same and norms[k + 1] < 0.9 * norms[k] else 1
        best = max(best, (k, run), key=lambda pair: pair[1])
    return best


@door
@one_blas_thread
def escapes(objective: Any, x: Vector, *, steps: int = 60) -> str:
    r"""Return a sentence where a point is on its way to infinity, else an empty text.

    Parameters
    ----------
    objective : Objective or Problem
        With ``value_and_grad`` and, where it has them, ``hessp`` and ``hessian``.
    x : ndarray of shape (n,)
        Where a descent, or another search for stationary points, has got to.
    steps : int
        The most Newton steps.

    Returns
    -------
    str
        Empty also where n > 500, where nothing is looked at, and where the steps do not say.

    Raises
    ------
    ArgumentError
        If the objective is none, or x is not a finite vector of the objective's size.

    Notes
    -----
    Newton's steps toward a point where the gradient vanishes become small: quadratically at a regular point, by factors
    (p - 2) / (p - 1) at one of order p. Where the gradient vanishes only at infinity they do not: of exp(-c s) each has
    length 1 / c, of s^{-q} it is s / (q + 1). So a point escapes if four steps in a row each have at least 0.93 of the
    length of the one before, point the same way and lower the gradient's norm, and steps never become small where a
    curvature beyond rounding holds them. Where the gradient is too small at x for that, steps start nearer to the
    origin, from x moved back by a part of what it has in directions of no curvature; three of equal length will do
    then, but they have to lead back to the value at x. All this is free of units.

    Units that are saturated to rounding have no steps at all. A net of bounded units is analytic, and such a function
    that is constant on a ray is so on the whole line. So where larger weights into a unit leave the value as it is, to
    rounding, and smaller ones do not, it is by rounding that x is level.
    """
    objective = objective_of(objective)
    checked(objective)  # or it is said what it lacks
    x = vector("x", x, objective.size, "the objective", finite=True)
    steps = integer("steps", steps)
    if x.size > MOST:
        return ""
    with np.errstate(all="ignore"):
        march = _march(objective, x, steps)
        if march is None:
            return ""
        if march.steady(JUMP) < RUN:
            march = _from_behind(objective, x, steps)
            if march is None and _saturated(objective, x):
                return (
                    "on its way to infinity: a unit is saturated to rounding, so that larger weights into it change no "
                    "value, and smaller ones do"
                )
    if march is None:
        return ""
    return (
        f"on its way to infinity: {march.steady()} Newton steps in one direction did not shorten, while the gradient "
        f"fell to {march.norms[-1] / march.norms[0]:.1g} of what it was"
    )


def _saturated(objective: Any, x: Vector) -> bool:
    """Return whether a hidden unit is saturated: larger weights into it change no value, and smaller ones do.

    Nothing is said where the value itself is rounding: where all samples are fitted, units may be saturated.
    """
    model: Any = getattr(objective, "model", None)
    hidden = getattr(getattr(objective, "outputs", None), "hidden", None)
    if not getattr(hidden, "saturates", False) or not hasattr(model, "unpack"):
        return False
    layers, value = [(np.array(W), b) for W, b in model.unpack(x)], float(objective.value(x))

    def moved(layer: int, unit: int, sizes: tuple[float, ...]) -> float:
        """Return the largest change of the value where the weights into a unit are these times as large."""
        changes = []
        for size in sizes:
            parts = [(W.copy(), None if b is None else np.array(b)) for W, b in layers]
            for part in parts[layer]:
                if part is not None:
                    part[unit] *= size
            changes.append(abs(float(objective.value(np.ascontiguousarray(model.pack(parts)))) - value))
        return max(changes)

    for layer, (W, _) in enumerate(layers[:-1]):
        for unit in range(len(W)):
            nearer = moved(layer, unit, SMALLER)
            level = moved(layer, unit, LARGER) <= 16.0 * EPS * abs(value)
            if level and FALLS * nearer > 16.0 * EPS * abs(value) and abs(value) > FALLS * nearer:
                return True
    return False


def _march(objective: Any, x: Vector, steps: int, growth: float = np.inf) -> March | None:
    """Return Newton steps until the gradient is rounding or no longer falls; None where something is not finite."""
    value, grad = objective.value_and_grad(x)
    lengths: list[float] = []
    cosines: list[float] = []
    norms, moves = [float(np.linalg.norm(grad))], [np.zeros(x.size)]
    for _ in range(steps):
        step = _newton(objective, x, np.asarray(grad))
        if step is None:
            return None
        length = float(np.linalg.norm(step))
        if length == 0.0:
            break
        try:
            there, slope = objective.value_and_grad(x + step)
        except ArithmeticError:
            break
        norm = float(np.linalg.norm(slope))
        if not (np.isfinite(there) and norm < norms[-1]):
            break
        x, value, grad = x + step, there, slope
        lengths.append(length)
        cosines.append(float(moves[-1] @ step) / length)
        norms.append(norm)
        moves.append(step / length)
    if not lengths:
        return March(x, float(value), lengths, cosines, norms)
    end, run = _longest(lengths, cosines, norms, growth)
    first = end + 1 - run
    jump = max(lengths[:first], default=0.0) / max(lengths[first : end + 1])
    held = run >= FEW and _holds(objective, x, moves[end + 1])
    return March(x, float(value), lengths, cosines, norms[1:], held, run, jump)


def _holds(objective: Any, x: Vector, direction: Vector) -> bool:
    """Return whether the curvature along a direction is more than rounding."""
    probe = Probe(objective, x, None)
    matrix = probe.matrix()
    return bool(abs(direction @ matrix @ direction) > 1e3 * EPS * float(np.linalg.norm(matrix)))


def _from_behind(objective: Any, x: Vector, steps: int) -> March | None:
    """Return steady steps from a point nearer to the origin that lead back to the value at x; None where none do."""
    back, value = _softest(objective, x), float(objective.value_and_grad(x)[0])
    if back is None:
        return None
    for share in SHARES:
        start = np.ascontiguousarray(x - share * back)
        high = float(objective.value_and_grad(start)[0])
        march = _march(objective, start, steps, 1.0 / STEADY)
        if march is None or march.steady() < FEW:
            continue
        close = abs(march.value - value) <= CLOSE * abs(high - value) + 8.0 * EPS * abs(value)
        if close and float((march.x - start) @ back) > 0.0:
            return march
    return None


def _newton(objective: Any, x: Vector, grad: Vector) -> Vector | None:
    """Return Newton's step in the directions whose curvature is more than rounding; None where it is not finite."""
    found = _eigen(objective, x) if np.isfinite(grad).all() else None
    if found is None:
        return None
    values, vectors = found
    seen = np.abs(values) > 8.0 * EPS * x.size**0.5 * float(np.abs(values).max())
    return np.asarray(-vectors[:, seen] @ ((vectors[:, seen].T @ grad) / values[seen]))


def _softest(objective: Any, x: Vector) -> Vector | None:
    """Return the part of x in directions of hardly any curvature; None where that is little of it."""
    found = _eigen(objective, x)
    if found is None:
        return None
    values, vectors = found
    soft = vectors[:, np.abs(values) <= SOFT * float(np.abs(values).max())]
    back = soft @ (soft.T @ x)
    return back if float(np.linalg.norm(back)) > 0.1 * float(np.linalg.norm(x)) else None


def _eigen(objective: Any, x: Vector) -> tuple[Vector, Matrix] | None:
    """Return the Hessian's eigenvalues and eigenvectors; None where it is not finite."""
    matrix = Probe(objective, x, None).matrix()
    return eigh(0.5 * (matrix + matrix.T)) if np.isfinite(matrix).all() else None
