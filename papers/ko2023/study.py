"""Whether a coupling to the data that fades trains a neural ODE better than descents of the free one do."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.stats import t as student

from ..frame import Outcome, Paper, Spent, Study, Table, claim, prices, unread
from .figures import LABELS, picture
from .problem import Synchronized, data, start, truth
from .runs import BUDGET, METHODS, SPANS, ladder, level, one

__all__ = ["PAPER", "ratio", "runs"]

Runs = dict[str, list[dict[str, Any]]]
SMALL = ("adamw", "adamw-homotopy", "lbfgs", "lbfgs-homotopy")


def runs(study: Study, n: int) -> Runs:
    """Return the runs of each method on n samples from the same starts, seeds 0, 1, ...: what `one` returns."""
    methods, seeds, budget = study.pick((SMALL, 3, 300), (METHODS, 20, BUDGET))
    parts = [[method, seed, n, budget, None] for seed in range(seeds) for method in methods]
    found = study.each(f"runs-{n}", one, parts)
    return {m: [run for run, part in zip(found, parts, strict=True) if part[0] == m] for m in methods}


def ratio(found: Runs, method: str, other: str, what: str) -> tuple[float, float, float]:
    """Return how many times another's error a method's is, from the same starts: geometric mean and 95 % interval."""
    logs = np.log([a[what] / b[what] for a, b in zip(found[method], found[other], strict=True)])
    half = student.ppf(0.975, len(logs) - 1) * logs.std(ddof=1) / np.sqrt(len(logs))
    mean = float(logs.mean())
    return float(np.exp(mean)), float(np.exp(mean - half)), float(np.exp(mean + half))


def _text(value: tuple[float, float, float]) -> str:
    return f"{_short(value[0])} [{_short(value[1])}, {_short(value[2])}]"


def _short(value: float) -> str:
    """Return a number with two digits, or whole above 100."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.2g}"


def _errors(found: Runs, n: int) -> Table:
    """Return the table of errors: medians, and ratios to the same rule without a homotopy."""
    rows = []
    for method, each in found.items():
        plain = method.split("-")[0]
        cells = [_short(float(np.median([run[what] for run in each]))) for what in ("train", "inside", "beyond")]
        beside = ["1"] * 2 if method == plain else [_text(ratio(found, method, plain, w)) for w in ("inside", "beyond")]
        rows.append((LABELS[method], f"{sum(r['hit'] is not None for r in each)} of {len(each)}", *cells, *beside))
    headings = ("method", "solved", "on the data", "interpolation", "extrapolation", "ratio, inside", "ratio, beyond")
    note = (
        "Mean square errors, medians over starts: on the noisy data, on the true populations at the same times, and on "
        "those at later times. Ratios to the same rule without a homotopy, from the same starts: geometric means with "
        "95 % intervals. The weights are the run's best by the error on the data."
    )
    return Table(
        f"Errors after equal budgets, data to t = {(n - 1) / 10:g}", headings, tuple(tuple(row) for row in rows), note
    )


def _prices(found: Runs, n: int) -> Table:
    """Return the table of E*."""
    nan = float("nan")
    spent = [
        Spent(
            "Lotka-Volterra",
            LABELS[method],
            [run["cost"] for run in each],
            [nan if run["hit"] is None else run["hit"] for run in each],
            [run["seconds"] for run in each],
            [nan if run["seconds_hit"] is None else run["seconds_hit"] for run in each],
        )
        for method, each in found.items()
    ]
    return prices(spent, f"A fit at 1.25 times the noise, data to t = {(n - 1) / 10:g}")


def _fewer(found: Runs, method: str, plain: str) -> tuple[float, str]:
    """Return the share of the budget after which a median run is as good as the other's at its end, and a text."""
    goal = float(np.median([run["train"] for run in found[plain]]))
    reached = [next((s for s, value in run["curve"] if value <= goal), np.inf) for run in found[method]]
    share = float(np.median(reached)) / max(run["cost"] for run in found[plain])
    text = f"{100 * share:.0f} % of the budget" if np.isfinite(share) else "never"
    return share, f"the error {goal:.2g} of {LABELS[plain]} after {text} (median)"


def _rows(found: Runs) -> tuple[Any, ...]:
    """Return what was published of AdamW beside ours, and the same of L-BFGS, of which nothing was."""
    inside, beyond = (ratio(found, "adamw-homotopy", "adamw", what) for what in ("inside", "beyond"))
    less, text = _fewer(found, "adamw-homotopy", "adamw")
    quasi = [ratio(found, "lbfgs-homotopy", "lbfgs", what) for what in ("inside", "beyond")]
    return (
        claim(
            "AdamW: the homotopy lowers the interpolation error",
            "about halved (bars)",
            f"{_text(inside)} times",
            inside[0] <= 0.5 and inside[2] < 1.0,
            "at most half, interval below 1, paired by starts",
        ),
        claim(
            "AdamW: it needs fewer gradients",
            "40-90 % fewer epochs (bars)",
            text,
            less <= 0.6,
            "as good as plain AdamW at its end (medians) after at most 60 % of the gradients",
        ),
        claim(
            "AdamW: it extrapolates better",
            "yes (abstract)",
            f"{_text(beyond)} times the error",
            beyond[2] < 1.0,
            "interval below 1, paired by starts",
        ),
        unread("L-BFGS: interpolation error with the homotopy", f"{_text(quasi[0])} times", "paired by starts"),
        unread("L-BFGS: extrapolation error with the homotopy", f"{_text(quasi[1])} times", "paired by starts"),
        unread("L-BFGS: gradients", _fewer(found, "lbfgs-homotopy", "lbfgs")[1]),
    )


def _findings(found: Runs, half: Runs) -> tuple[str, ...]:
    hits = {m: sum(run["hit"] is not None for run in each) for m, each in found.items()}
    n = len(found["lbfgs"])
    goal = level(SPANS[1])
    told = [
        f"The free net reaches {goal:.2g}, 1.25 times the noise of the data ({goal / 1.25:.2g}), in "
        + ", ".join(f"{hits[m]} of {n} runs with {LABELS[m]}" for m in found)
        + "."
    ]
    if half:
        one_stage = ratio(found, "lbfgs-homotopy", "lbfgs-one-stage", "inside")
        beyond = ratio(found, "lbfgs-homotopy", "lbfgs-one-stage", "beyond")
        inner = "lowers" if one_stage[2] < 1 else "is not seen to lower"
        outer = "raises" if beyond[1] > 1 else "is not seen to raise"
        told.append(
            "What the ladder of lambda is worth beyond its first rung: against one stage of full coupling and then "
            f"the free net, the six stages have {_text(one_stage)} times the interpolation error and {_text(beyond)} "
            f"times the extrapolation error. The gradual part {inner} the one and {outer} the other. L-BFGS alone has "
            f"{_text(ratio(found, 'lbfgs', 'lbfgs-one-stage', 'inside'))} times the error of that one stage, so that "
            "most of the gain comes from solving the coupled problem first."
        )
        swap = ratio(found, "lbfgs-homotopy", "adamw-homotopy", "inside")
        told.append(
            f"Along the same coupling L-BFGS has {_text(swap)} times the interpolation error of AdamW, at equal cost; "
            f"without it, {_text(ratio(found, 'lbfgs', 'adamw', 'inside'))} times."
        )
        told.append(
            "On half of the time nothing of this is needed: there L-BFGS alone solves "
            f"{sum(r['hit'] is not None for r in half['lbfgs'])} of {n} runs and AdamW alone "
            f"{sum(r['hit'] is not None for r in half['adamw'])}, and the homotopy has "
            f"{_text(ratio(half, 'lbfgs-homotopy', 'lbfgs', 'inside'))} times the interpolation error of L-BFGS."
        )
    wild = sum(run["beyond"] > 1.0 for run in found["lbfgs-homotopy"])
    told.append(
        f"A small error inside says little beyond: {wild} of {n} runs of L-BFGS with the homotopy have a mean square "
        "error above 1 on later times."
    )
    return tuple(told)


def _run(study: Study) -> Outcome:
    n = SPANS[1]
    found, half = runs(study, n), runs(study, SPANS[0]) if study.full else {}
    numbers = {"noise": level(n) / 1.25, "last state": float(truth()[-1].sum()), "lambda 2": ladder()[1]}
    H, x = Synchronized(data()[:n]), start(0)
    for pull in (0.0, 1.0):
        value, grad = H.value_and_grad(x, 1.0 - pull)
        numbers |= {f"value at {pull:g}": value, f"gradient at {pull:g}": float(np.linalg.norm(grad))}
    for method, each in found.items():
        numbers[f"solved {method}"] = sum(run["hit"] is not None for run in each) / len(each)
        numbers[f"log10 inside {method}"] = float(np.median(np.log10([run["inside"] for run in each])))
    return Outcome(
        _rows(found),
        numbers,
        costs=(_prices(found, n), *((_prices(half, SPANS[0]),) if half else ())),
        tables=(_errors(found, n), *((_errors(half, SPANS[0]),) if half else ())),
        pictures=(picture(found, n),),
        findings=_findings(found, half),
    )


PAPER = Paper(
    key="ko2023",
    title="Homotopy-based training of NeuralODEs for accurate dynamics discovery",
    citation="J.-H. Ko, H. Koh, N. Park and W. Jhe, NeurIPS 2023 (arXiv 2210.01407).",
    link="https://doi.org/10.48550/arXiv.2210.01407",
    claim="A net for the law of motion of noisy data is hard to train: small changes of weights move the end of a long "
    "solution much. The solution is pulled toward a smoothing spline of the data by lambda k (spline - u), and lambda "
    "goes from 1 to 0 in steps that shrink. On Lotka-Volterra data that about halves the interpolation error, in 40 to "
    "90 % fewer epochs, and the net extrapolates better.",
    choices=(
        "Published are bars, read to these words; no number is taken from them.",
        "Data, net (2-32-2, gelu), k = 6, the spline's smoothing 1e-3, the ratio .6 of decrements and AdamW with "
        "step sizes .05 with and .02 without the homotopy are those of the paper and the authors' script; six values "
        "of lambda, 200 gradients each. From .005, .01, .02 and .05 the least error over three other starts picks the "
        "same step sizes. The noise is drawn once, by ours.",
        f"Every method has {BUDGET:,} gradients: theirs without a homotopy ran up to 4,000 epochs. L-BFGS has the "
        "package's settings. A gradient of the coupled solution counts as one of the free one.",
        "The solution is that of the classical Runge-Kutta method with step .1, where theirs is adaptive.",
        "A success, fixed after a trial of three of the starts shown: an error of the free net on the data of at most "
        "1.25 times that of the true populations. At every twentieth step along the coupling the free net's error is "
        "looked at, for the price of a gradient; weights are kept where it was least, as theirs.",
        "Extrapolation is to twice the time. Seconds are those of all of JAX's threads together.",
        "The homotopy is a class of ours on `homotopy.objective_from_jax`, with lambda as one more variable, so that "
        "derivatives in it come with those in the weights.",
    ),
    run=_run,
    extras=("jax",),
)
