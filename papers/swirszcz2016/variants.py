"""Table 1 again with other settings: what hangs on those that could not be read."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from scipy.stats import spearmanr

import homotopy as hp

from .nets import ACTIVATIONS, DATA, PUBLISHED, RIGHT, RULES, WIDTHS, errors, risk, start

__all__ = ["VARIANTS", "likeness", "varied"]

STEPS = 20_000
VARIANTS: dict[str, dict[str, Any]] = {
    "as chosen": {},
    "inputs of XOR -1 and 1": {"signed": True},
    "all weights and biases U(-1, 1)": {"uniform": True},
    "squared loss": {"loss": "squared"},
    "steps ten times as long": {"factor": 10.0},
    "a tenth of the step": {"factor": 0.1},
    "2,000 steps": {"n_steps": 2000},
    "a tenth of the step, 2,000 steps": {"factor": 0.1, "n_steps": 2000},
}
"""Each differs from what we chose in what it names alone."""
RATES = {"GD": ("gd", 0.1), "Adam": ("adam", 0.01)}


def varied(part: list[Any]) -> list[float]:
    """Return the shares of runs with no error with the settings of a variant.

    Parameters
    ----------
    part : list
        The variant's name, and the number of starts of each net.

    Returns
    -------
    list of float
        In per cent, by data, unit, rule and width in the order of `keys`.
    """
    name, runs = part
    given = VARIANTS[name]
    n_steps, factor, loss = given.get("n_steps", STEPS), given.get("factor", 1.0), given.get("loss", "logistic")
    found = []
    for data, unit, rule, h in keys():
        f = risk(data, unit, h, loss=loss, signed=given.get("signed", False))
        x = _starts(h, runs, given.get("uniform", False))
        kind, step = RATES[rule]
        target = RIGHT if loss == "logistic" else 1 / 32  # below it no output can be .5 away from its target
        ends = hp.descend(f, x, rule=kind, step_size=factor * step, n_steps=n_steps, target=target)
        wrong = errors(f, ends.x, 0.0 if loss == "logistic" else 0.5)
        found.append(100 * float(np.mean(wrong == 0)))
    return found


@cache
def _starts(h: int, runs: int, uniform: bool) -> Any:
    rngs = [np.random.default_rng(seed) for seed in range(runs)]
    return np.array([rng.uniform(-1, 1, 4 * h + 1) if uniform else start(h, rng) for rng in rngs])


def keys() -> list[tuple[str, str, str, int]]:
    """Return data, unit, rule and width of the cells of Table 1, in one order."""
    return [(data, unit, rule, h) for rule in RULES for data in DATA for unit in ACTIVATIONS for h in WIDTHS]


def likeness(ours: list[float], rule: str = "") -> tuple[int, float, float]:
    """Return how like Table 1 shares in per cent are: cells within 15 points, mean distance, rank correlation.

    Parameters
    ----------
    ours : list of float
        As `varied` returns them.
    rule : str
        ``GD`` or ``Adam`` for the 24 cells of one rule; all 48 unless given.
    """
    cells = [i for i, key in enumerate(keys()) if rule in ("", key[2])]
    every = [PUBLISHED[data, unit, name][WIDTHS.index(h)] for data, unit, name, h in keys()]
    theirs, mine = np.array(every, dtype=float)[cells], np.array(ours)[cells]
    gap = np.abs(mine - theirs)
    return int(np.sum(gap <= 15)), float(gap.mean()), float(spearmanr(mine, theirs).statistic)
