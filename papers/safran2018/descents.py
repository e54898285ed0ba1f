"""Gradient descent by the authors' rule: which starts end in a spurious minimum, and what these minima are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

import homotopy as hp
from homotopy.methods import streams

__all__ = ["BAD", "STOP", "ends", "kinds", "pair_name", "wrong_signs"]

BAD = 1e-3
"""From this risk on a run has failed, as the authors count."""
STOP = 1e-9 / (2 * np.pi)
"""The gradient norm at which a run ends; the authors ask the same of every unit's part of the gradient."""
EARLY, EARLY_STEPS = 1e-6, 20_000
"""Where `gd` of the package gives up: its gradient norm, and its steps."""
STEPS = 1_000_000
SAME = 1e-7
"""Risks of one kind of minimum differ by less."""

Array = NDArray[np.float64]


def pair_name(k: int, n: int) -> str:
    """Return the problem's name for a teacher of k and a student of n units."""
    return f"teacher:k={k}" if n == k else f"teacher:k={k},n={n}"


def wrong_signs(W: Array) -> int:
    """Return how many units point away from the teacher's unit that they stand for.

    Parameters
    ----------
    W : ndarray of shape (n, k)
        The student's rows; the teacher's are the unit vectors, so that an entry is an overlap.

    Notes
    -----
    Units stand for the teacher's one to one, so that the sum of the sizes of their overlaps is largest; of n > k units
    n - k stand for none and are not counted.

    Examples
    --------
    >>> wrong_signs(np.array([[0.1, 0.9], [-0.6, 0.2], [0.1, 0.1]]))
    1
    """
    rows, columns = linear_sum_assignment(np.abs(W), maximize=True)
    return int((W[rows, columns] < 0).sum())


def ends(part: Sequence[Any]) -> dict[str, Any]:
    """Return where gradient descent with a constant step ends, by the authors' rule.

    Parameters
    ----------
    part : (int, int, float, int, int)
        Teacher units k, student units n, step, first seed, and runs, one a seed.

    Returns
    -------
    dict
        ``runs``; ``bad``, the seeds whose run ended at F >= 1e-3; ``changed``, how many runs were there when `gd` of
        the package gives them up and went below later; ``halved``, how many diverged and were run again with half the
        step; ``undecided``, how many had not reached the gradient norm after a million steps; ``values`` and ``wrong``,
        F and the number of wrong signs at the bad ends; ``kinds``, as `kinds` says.
    """
    k, n, step, seed, runs = part
    problem = hp.problem(pair_name(k, n))
    risk = problem.objective
    starts = np.array([problem.start(streams(seed + i)[0]) for i in range(runs)])
    x, value, steps = _given_up(risk, starts, step)
    bad = np.flatnonzero(value >= BAD)
    out = {"runs": runs, "halved": int((steps < step).sum())}
    if not len(bad):
        return out | {"bad": [], "changed": 0, "undecided": 0, "values": [], "wrong": [], "kinds": []}
    last = _descended(risk, x[bad], steps[bad], early=False)
    kept = last.value >= BAD
    points, values = last.x[kept], last.value[kept]
    wrong = [wrong_signs(risk.rows(x)) for x in points]
    return out | {
        "bad": (seed + bad[kept]).tolist(),
        "changed": int((~kept).sum()),
        "undecided": int((last.grad_norm[kept] >= STOP).sum()),
        "values": values.tolist(),
        "wrong": wrong,
        "kinds": kinds(risk, points, values, wrong),
    }


def _given_up(risk: Any, starts: Array, step: float) -> tuple[Array, Array, Array]:
    """Return where `gd` gives up, F there and the steps, halved until no run diverges."""
    first = _descended(risk, starts, step, early=True)
    x, value, steps = np.array(first.x), np.array(first.value), np.full(len(starts), float(step))
    again = _diverged(risk, starts, first)
    while len(again):
        steps[again] /= 2
        found = _descended(risk, starts[again], steps[again], early=True)
        x[again], value[again] = found.x, found.value
        again = again[_diverged(risk, starts[again], found)]
    return x, value, steps


def _descended(risk: Any, points: Array, step: float | Array, *, early: bool) -> Any:
    """Return descents that end where `gd` gives up, or where the authors do."""
    steps, norm = (EARLY_STEPS, EARLY) if early else (STEPS, STOP)
    return hp.descend(risk, points, step_size=step, n_steps=steps, gradient_tolerance=norm, target=BAD)


def _diverged(risk: Any, starts: Array, found: Any) -> NDArray[np.intp]:
    """Return which descents ended above where they began, which only too long a step does."""
    before = risk.value_and_grad_many(starts)[0]
    return np.flatnonzero(~(found.value <= before))


def kinds(risk: Any, points: Array, values: Array, wrong: Sequence[int]) -> list[dict[str, float]]:
    """Return the different minima among ends, the commonest first.

    Parameters
    ----------
    risk : TeacherStudent
        The risk.
    points : ndarray of shape (r, p)
        Ends of descents.
    values, wrong : sequences of length r
        F and the number of wrong signs there.

    Returns
    -------
    list of dict
        ``F``, ``count``, ``wrong`` and ``eigenvalue``, the smallest one of the Hessian at one end of the kind. Ends are
        of one kind if their F differ by less than 1e-7 and they have as many wrong signs.
    """
    order = np.lexsort((values, wrong))
    breaks = (np.diff(np.asarray(wrong)[order]) != 0) | (np.diff(values[order]) > SAME)
    found = []
    for same in np.split(order, np.flatnonzero(breaks) + 1) if len(order) else []:
        H = risk.hessp_many(np.repeat(points[same[:1]], risk.size, axis=0), np.eye(risk.size))
        eigenvalue = float(np.linalg.eigvalsh((H + H.T) / 2)[0])
        found.append(
            {
                "F": float(np.median(values[same])),
                "count": len(same),
                "wrong": int(wrong[same[0]]),
                "eigenvalue": eigenvalue,
            }
        )
    return sorted(found, key=lambda kind: -kind["count"])
