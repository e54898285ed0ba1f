"""Controls of the skip homotopy: what is left of it without one of its parts, and why the traps are there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

import homotopy as hp
from homotopy.experiments import Rate, success_rate
from homotopy.methods import streams

__all__ = ["Control", "anti_aligned", "skip_controls", "starts"]

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Control:
    """A variant of the skip homotopy and how often it succeeded."""

    name: str
    rate: Rate


def starts(target: hp.Problem, runs: int) -> Floats:
    """Return the starts of the first seeds, those of every method."""
    return np.array([target.start(streams(seed)[0]) for seed in range(runs)])


def skip_controls(k: int = 20, runs: int = 200) -> list[Control]:
    """Return success rates of the skip homotopy on ``teacher:k=..`` and of variants that lack a part.

    Parameters
    ----------
    k : int
        The size of the teacher.
    runs : int
        Starts, seeds from 0.
    """
    target = hp.problem(f"teacher:k={k}")
    skip = hp.homotopies.Skip(target.objective)
    begin = starts(target, runs)
    plain = _down(target, target.objective, begin)
    beside = _down(target, skip.at(0.0), begin, share=0.3)
    rng = np.random.default_rng(0)
    chosen = np.array([skip.flip(x, skip.signs(x, rng=rng).signs[0]) for x in beside])
    at_random = np.array([skip.flip(x, rng.choice((-1.0, 1.0), k)) for x in beside])
    late = np.array([skip.flip(x, skip.signs(x, rng=rng).signs[0]) for x in plain])
    slow = beside
    for t in (0.1, 0.3, 0.6):
        slow = _down(target, skip.at(t), slow)
    origin = 1e-3 * begin
    variants = {
        "skip, then the chosen flips": chosen,
        "the same descent without the homotopy": begin,
        "the same descent from near 0": origin,
        "skip, then no flips": beside,
        "skip, then random flips": at_random,
        "skip, annealed, no flips": slow,
        "flips at the stuck minimum, without skip": late,
    }
    rates = [Control(name, _rate(target, _down(target, target.objective, x))) for name, x in variants.items()]
    return rates + _at_equal_cost(target, runs)


def _at_equal_cost(target: hp.Problem, runs: int) -> list[Control]:
    """Return multi-start of the same descent with what a run of the skip homotopy costs, and with ten times that."""
    seeds = range(runs)
    spent = float(np.median(hp.method("skip").solve_many(target, seeds).cost))
    out = []
    for times, words in ((1, "the median cost of skip"), (10, "ten times that")):
        records = hp.method("multistart").solve_many(target, seeds, budget=times * spent)
        name = f"multi-start of the descent, for {words} ({times * spent:,.0f})"
        out.append(Control(name, success_rate(records.success)))
    return out


def _down(target: hp.Problem, objective: Any, x: Floats, *, share: float = 1.0) -> Floats:
    """Return where L-BFGS ends."""
    plateau, goal = (1e-3, 100), share * target.tolerance
    found = hp.descend(objective, x, rule="lbfgs", n_steps=2000, target=goal, plateau=plateau, gradient_tolerance=1e-9)
    return np.array(found.x)


def _rate(target: hp.Problem, x: Floats) -> Rate:
    return success_rate([target.solved(target.objective.value(np.ascontiguousarray(row))) for row in x])


def anti_aligned(k: int = 20, runs: int = 300) -> tuple[NDArray[np.intp], Floats]:
    """Return, for the minima of plain L-BFGS, the number of anti-aligned units and the loss.

    Parameters
    ----------
    k : int
        The size of the teacher.
    runs : int
        Starts, seeds from 0.

    Returns
    -------
    count : ndarray of shape (runs,)
        Units whose cosine with some teacher row is below -0.8.
    loss : ndarray of shape (runs,)
        The value at the minimum.
    """
    target = hp.problem(f"teacher:k={k}")
    objective: Any = target.objective
    begin = starts(target, runs)
    found = hp.descend(objective, begin, rule="lbfgs", n_steps=3000, gradient_tolerance=1e-6)
    teacher = objective.teacher / np.linalg.norm(objective.teacher, axis=1, keepdims=True)
    rows = np.asarray(found.x).reshape(runs, -1, teacher.shape[1])
    cosines = (rows / np.maximum(np.linalg.norm(rows, axis=2, keepdims=True), 1e-300)) @ teacher.T
    return (cosines < -0.8).any(axis=2).sum(axis=1), np.asarray(found.value)
