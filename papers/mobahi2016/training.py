"""Adding by an Elman net: epochs until solved with and without noise on the weights, and held-out errors."""

from __future__ import annotations

import time
from typing import Any

import numpy as np

import homotopy as hp
from homotopy.experiments import ExpectedCost, expected_cost
from homotopy.homotopies import Geometric, LayerwiseDiffusion, LiftedDiffusion

from ..frame import Spent, Study, Table, claim, prices, unread

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


def _hits(runs: list[dict[str, Any]], what: str) -> tuple[list[float], list[float]]:
    """Return what runs spent, and the same where they succeeded, else NaN."""
    spent = [float(run[what]) for run in runs]
    return spent, [value if run["solved"] else float("nan") for value, run in zip(spent, runs, strict=True)]


def _text(cost: ExpectedCost) -> str:
    return f"{cost.value:,.0f} [{cost.low:,.0f}, {cost.high:,.0f}]"


def costs(found: dict[int, Runs]) -> tuple[Table, ...]:
    """Return a table of E* for each length."""
    tables = []
    for T, by_method in found.items():
        spent = []
        for method, runs in by_method.items():
            gradients, seconds = _hits(runs, "gradients"), _hits(runs, "seconds")
            spent.append(Spent(f"adding T={T}", method, *gradients, *seconds))
        tables.append(prices(spent, f"Adding, T = {T}, eight tanh units, 128 sequences, by flops"))
    return tuple(tables)


def judged(found: dict[int, Runs]) -> tuple[list[Any], dict[str, float], list[str]]:
    """Return rows, numbers and findings."""
    rows, numbers, told = [], {}, []
    for T, runs in found.items():
        spent = {m: expected_cost(*_hits(each, "epochs")) for m, each in runs.items()}
        flops = {m: expected_cost(*_hits(each, "gradients")).value for m, each in runs.items()}
        held = {m: float(np.median([run["held"] for run in each])) for m, each in runs.items()}
        for m in METHODS[2:]:
            text = f"{_text(spent[m])} against {_text(spent['lbfgs'])} epochs, held-out error {held[m]:.2g} to "
            rows += [
                claim(
                    f"adding, T = {T}, {m}: as good in much fewer epochs than L-BFGS, which makes its steps",
                    "similar generalization in much fewer epochs (than stochastic gradient descent)",
                    text + f"{held['lbfgs']:.2g}",
                    spent[m].value <= 0.5 * spent["lbfgs"].value and held[m] <= 1.25 * held["lbfgs"],
                    "E* at most half, median held-out error at most 1.25 times; task and settings are ours",
                ),
                unread(
                    f"adding, T = {T}, {m}: beside Adam",
                    f"{spent[m].value / spent['adam'].value:.2g} times the epochs, held-out error "
                    f"{held[m] / held['adam']:.2g} times",
                    f"L-BFGS without noise: {spent['lbfgs'].value / spent['adam'].value:.2g} times the epochs",
                ),
            ]
        for m in METHODS:
            numbers[f"solved {T} {m}"] = float(np.mean([run["solved"] for run in runs[m]]))
            numbers[f"log10 epochs {T} {m}"] = float(np.log10(spent[m].value))
        told.append(
            f"Adding at T = {T}, epochs until solved: "
            + ", ".join(f"{m} {_text(spent[m])}" for m in METHODS)
            + ". By flops the diffused descents take "
            + " and ".join(f"{flops[m] / flops['lbfgs']:.2g}" for m in METHODS[2:])
            + " times what L-BFGS takes from the same starts."
        )
    return rows, numbers, told
