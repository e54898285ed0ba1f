"""Adding by an Elman net: epochs until solved with and without noise on the weights, and held-out errors."""

from __future__ import annotations

import time
from typing import Any

import numpy as np

import homotopy as hp
from homotopy.homotopies import Geometric, LayerwiseDiffusion, LiftedDiffusion

from ..frame import Spent, Study, Table, claim, prices

__all__ = ["LENGTHS", "METHODS", "adding", "costs", "epochs", "judged"]

LENGTHS = (10, 30)
METHODS = ("adam", "lbfgs", "layerwise-diffusion", "lifted-diffusion")
SETTINGS = {
    ("layerwise-diffusion", 10): (0.03, 1, 60),
    ("lifted-diffusion", 10): (0.03, 1, 30),
    ("layerwise-diffusion", 30): (0.03, 3, 20),
    ("lifted-diffusion", 30): (0.3, 1, 30),
}
"""Sigma to begin with, stages, and evaluations at each."""
PENALTY, MOST = 10.0, 4000
"""Of the lifted form; the most evaluations of a run."""
RATES = {10: 0.01, 30: 0.003}
"""Step sizes of Adam by length."""
Runs = dict[str, list[dict[str, Any]]]


def epochs(part: list[Any]) -> dict[str, Any]:
    """Return what a run came to.

    Parameters
    ----------
    part : list
        The method, T, and the seed of data and start.

    Returns
    -------
    dict
        ``epochs``, evaluations of cost and gradient, smoothed or not; ``gradients``, the same by their flops;
        ``solved``, whether the training target was reached; ``held``, the mean square error on held-out sequences;
        ``seconds``.
    """
    method, T, seed = part
    problem: Any = hp.problem(f"adding:T={T},n=128,data_seed={seed}")
    risk, x = problem.objective, problem.start(np.random.default_rng(seed))
    begun, evaluations, gradients, family = time.thread_time(), 0, 0.0, None
    if method in ("layerwise-diffusion", "lifted-diffusion"):
        sigma, stages, steps = SETTINGS[method, T]
        lifted = method == "lifted-diffusion"
        family = LiftedDiffusion(risk, sigma, penalty=PENALTY) if lifted else LayerwiseDiffusion(risk, sigma)
        x = family.enter(x)
        for t in Geometric(stages, last=0.1).ladder():
            found = hp.descend(family.at(t), x, rule="lbfgs", n_steps=steps, budget=float("inf"), plateau=(1e-2, 20))
            x, evaluations = found.x, evaluations + int(found.n_evaluations)
        gradients = evaluations * family.flops / risk.flops
        x = family.finish(x)
    rule = {"rule": "adam", "step_size": RATES[T]} if method == "adam" else {"rule": "lbfgs"}
    left = MOST - evaluations
    found = hp.descend(risk, x, n_steps=left, budget=left, target=problem.target, **rule)
    held = float(problem.test.value(found.x))
    return {
        "epochs": evaluations + int(found.n_evaluations),
        "gradients": gradients + int(found.n_evaluations),
        "solved": bool(found.value <= problem.target),
        "held": 2.0 * held,
        "seconds": time.thread_time() - begun,
    }


def adding(study: Study) -> dict[int, Runs]:
    """Return the runs of each method by the length of the sequences, seeds 0, 1, ...; none in the small version."""
    if not study.full:
        return {}
    found = {}
    for T, runs in zip(LENGTHS, (20, 20), strict=True):
        parts = [[method, T, seed] for seed in range(runs) for method in METHODS]
        ended = study.each(f"adding-{T}", epochs, parts)
        found[T] = {m: [run for run, part in zip(ended, parts, strict=True) if part[0] == m] for m in METHODS}
    return found


def _mean(runs: list[dict[str, Any]]) -> float:
    """Return the epochs of all runs over their successes."""
    solved = sum(run["solved"] for run in runs)
    return sum(run["epochs"] for run in runs) / solved if solved else float("inf")


def costs(found: dict[int, Runs]) -> tuple[Table, ...]:
    """Return a table of E* for each length."""
    tables = []
    for T, by_method in found.items():
        spent = []
        for method, runs in by_method.items():
            pairs = [[run[what] for run in runs] for what in ("gradients", "seconds")]
            hits = [
                [value if run["solved"] else np.nan for value, run in zip(each, runs, strict=True)] for each in pairs
            ]
            spent.append(Spent(f"adding T={T}", method, pairs[0], hits[0], pairs[1], hits[1]))
        tables.append(prices(spent, f"Adding, T = {T}, eight tanh units, 128 sequences, by flops"))
    return tuple(tables)


def judged(found: dict[int, Runs]) -> tuple[list[Any], dict[str, float], list[str]]:
    """Return rows, numbers and findings."""
    rows, numbers, told = [], {}, []
    for T, runs in found.items():
        spent = {m: _mean(each) for m, each in runs.items()}
        held = {m: float(np.median([run["held"] for run in each])) for m, each in runs.items()}
        for m in METHODS[2:]:
            rows.append(
                claim(
                    f"adding, T = {T}, {m} against Adam",
                    "similar generalization in much fewer epochs",
                    f"{spent[m]:,.0f} against {spent['adam']:,.0f} epochs, held-out error {held[m]:.2g} to "
                    f"{held['adam']:.2g}",
                    spent[m] <= 0.5 * spent["adam"] and held[m] <= 1.25 * held["adam"],
                    "at most half the epochs a success, median held-out error at most 1.25 times; task and settings "
                    "are ours",
                )
            )
        for m in METHODS:
            numbers[f"solved {T} {m}"] = float(np.mean([run["solved"] for run in runs[m]]))
            numbers[f"log10 epochs {T} {m}"] = float(np.log10(spent[m]))
        told.append(
            f"Adding at T = {T}, epochs a success: "
            + ", ".join(f"{m} {spent[m]:,.0f} (held-out error {held[m]:.2g})" for m in METHODS)
            + f". The better of the diffused descents takes {min(spent[m] for m in METHODS[2:]) / spent['lbfgs']:.2g} "
            "times the epochs of plain L-BFGS, which makes its steps."
        )
    return rows, numbers, told
