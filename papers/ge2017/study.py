"""Three risks from the same starts: relu's, that of |z|/2, and that of its Hermite parts of degree two and four."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from homotopy.experiments import Comparison, Grid, success_rate

from ..frame import Outcome, Paper, Picture, Row, Spent, Study, claim, curve, drawn, expected, finish, panels, prices
from .recover import NEAR, OBJECTIVES, TARGET, descents

__all__ = ["PAPER", "picture", "rates", "spent"]

RULES = {"gd": "gradient descent", "lbfgs": "L-BFGS"}
Runs = dict[tuple[str, str, int], list[dict[str, Any]]]
"""From risk, rule and dimension to the runs."""
METHODS = ("gd", "momentum", "lbfgs", "skip", "auto")
LOOKS = {"relu": "lbfgs", "|z|/2": "width", "h2 + h4": "omp"}
"""Whose color and marker a risk has: it is no method of the package."""


def rates(found: Runs) -> dict[tuple[str, str, int], Any]:
    """Return the share of runs that recover all rows up to order and signs, each with its interval."""
    return {key: success_rate([run["distance"] < NEAR for run in runs]) for key, runs in found.items()}


def spent(found: Runs) -> list[Spent]:
    """Return what the runs cost: a success has all rows after the regression, and the relu risk below 1e-3."""
    out = []
    for (name, rule, d), runs in found.items():
        good = np.array([run["distance"] < NEAR and run["risk"] < 1e-3 for run in runs])
        cost, seconds = (np.array([run[unit] for run in runs]) for unit in ("cost", "seconds"))
        then = "" if name == "relu" else ", regression"
        label = f"{name}, {RULES[rule]}{then}"
        out.append(
            Spent(f"d = {d}", label, cost, np.where(good, cost, np.nan), seconds, np.where(good, seconds, np.nan))
        )
    return out


def statements(found: Runs, d: int) -> tuple[Row, ...]:
    """Return the paper's statements beside what was found at one dimension, the largest."""
    share = rates(found)
    text = {
        key: f"{100 * one.rate:.0f} % of {one.runs} [{100 * one.low:.0f}, {100 * one.high:.0f}]"
        for key, one in share.items()
    }
    both = {name: "; ".join(f"{RULES[rule]} {text[name, rule, d]}" for rule in RULES) for name in OBJECTIVES}
    low = {name: min(share[name, rule, d].rate for rule in RULES) for name in OBJECTIVES}
    high = max(share["relu", rule, d].rate for rule in RULES)
    even = [run for (name, _, size), runs in found.items() for run in runs if name != "relu" and size == d]
    good = [run for run in even if run["distance"] < NEAR]
    flips = float(np.mean([run["flips"] for run in good]))
    worst, risk = (max(run[unit] for run in good) for unit in ("norms", "risk"))
    most = "at least 95 % recover B*"
    return (
        claim("descent on the relu risk sticks", "yes (a curve)", both["relu"], high <= 0.05, "at most 5 % recover B*"),
        claim("h2 + h4 alone recovers B*", "yes (a curve)", both["h2 + h4"], low["h2 + h4"] >= 0.95, most),
        claim('|z|/2 "also works" (footnote 12)', "yes", both["|z|/2"], low["|z|/2"] >= 0.95, most),
        claim(
            "the minima are B* up to order and signs",
            "yes",
            f"{len(good)} of {len(even)} ends; {100 * flips:.0f} % of the rows with the opposite sign",
            len(good) >= 0.95 * len(even) and 0.3 < flips < 0.7,
            "at least 95 % of the ends of even risks; signs by chance",
        ),
        claim(
            "linear regression afterwards gives a*",
            "yes",
            f"a* within {worst:.1g} of 1, and the signs; relu risk at most {risk:.1g}",
            worst < NEAR and risk < 1e-4,
            "norms within 1e-2, risk below 1e-4, in all runs that recover B*",
        ),
    )


@drawn
def picture(found: Runs, compared: Comparison) -> Picture:
    """Draw the share of runs that recover B* against the dimension, and the fall of the risks at the largest."""
    figure, axes = panels(2, height=2.5)
    sizes = sorted({d for _, _, d in found})
    share = rates(found)
    for name in OBJECTIVES:
        for rule, line in (("lbfgs", "-"), ("gd", "--")):
            if rule == "lbfgs" or name == "relu":
                some = [share[name, rule, d] for d in sizes]
                ends = [(100 * one.low, 100 * one.high) for one in some]
                label = name if rule == "lbfgs" else "relu, gradient descent"
                y = [100 * one.rate for one in some]
                curve(axes[0], sizes, y, LOOKS[name], label=label, ends=ends, linestyle=line)
            x, y = _median(found[name, rule, sizes[-1]])
            same = axes[0].get_lines()[-1]
            mark = {"marker": same.get_marker(), "markersize": 4, "fillstyle": "none", "markevery": 0.2}
            axes[1].plot(x, y, color=same.get_color(), linestyle=line, **mark)
    rate = [next(s.rate for s in compared.summaries(f"teacher:k={d}") if s.method == "skip") for d in sizes]
    curve(axes[0], sizes, [100 * one.rate for one in rate], "skip")
    axes[0].set(xlabel="dimension and units d", ylim=(-4, 104), xticks=sizes)
    axes[0].set_ylabel("runs that recover (%)")
    axes[1].set(xlabel=f"gradients evaluated (d = {sizes[-1]})", xscale="log", yscale="log", ylim=(TARGET / 2, None))
    axes[1].set_ylabel("risk, median run")
    caption = (
        "Left: runs whose rows are all within 1e-2 of the teacher's, up to order and, for even units, signs; L-BFGS "
        "but where named; 95 % intervals. Right: the median of each risk; solid L-BFGS, dashed gradient descent."
    )
    return Picture("recovery", finish(figure, axes, columns=5), caption)


def _median(runs: Sequence[dict[str, Any]]) -> tuple[np.ndarray, np.ndarray]:
    """Return numbers of gradients up to the median run's end, and the median value that runs had there."""
    traces = [np.array(run["trace"]) for run in runs]
    grid = np.unique(np.geomspace(5, np.median([trace[-1, 0] for trace in traces]), 150).round())
    held = [trace[np.clip(np.searchsorted(trace[:, 0], grid, side="right") - 1, 0, None), 1] for trace in traces]
    return grid, np.asarray(np.median(held, axis=0))


def _findings(found: Runs, compared: Comparison, d: int) -> tuple[str, ...]:
    share = {key: f"{100 * one.rate:.0f} %" for key, one in rates(found).items()}
    told = {s.method: s for s in compared.summaries(f"teacher:k={d}")}
    mean = {key: float(np.mean([run["cost"] for run in runs])) for key, runs in found.items()}
    stuck = float(np.median([run["value"] for run in found["relu", "lbfgs", d]]))
    small = min(size for _, _, size in found)
    return (
        f"At d = {d} L-BFGS on the relu risk recovers B* in {share['relu', 'lbfgs', d]} of the runs and ends at a "
        f"median risk of {stuck:.2g}. From the same starts |z|/2 recovers it in {share['|z|/2', 'lbfgs', d]} and "
        f"h2 + h4 in {share['h2 + h4', 'lbfgs', d]}, for {mean['|z|/2', 'lbfgs', d]:.0f} and "
        f"{mean['h2 + h4', 'lbfgs', d]:.0f} gradients of the relu risk on average, with the regression.",
        f"At d = {small} the relu risk recovers B* in {share['relu', 'lbfgs', small]} of the runs with L-BFGS, in "
        f"{share['relu', 'gd', small]} with gradient descent: restarts are enough there.",
        f"`skip` reaches the relu risk 1e-3 in {100 * told['skip'].rate.rate:.0f} % of the runs at d = {d}, for "
        f"{told['skip'].expected.value:.0f} gradients. Its first stage is |z|/2 without the mean, and that |z|/2 "
        "works was seen in the paper. What is added is a way back to the true net by choosing signs, which needs no "
        "regression; on this problem the paper's own pipeline does as well.",
        f"With gradient descent h2 + h4 takes {mean['h2 + h4', 'gd', d]:.0f} gradients and |z|/2 "
        f"{mean['|z|/2', 'gd', d]:.0f}: the curvature of h2 + h4 hardly grows with d, so its step can be longer.",
    )


def _run(study: Study) -> Outcome:
    sizes, runs = study.pick((10, 20), (10, 20, 30, 50)), study.pick(20, 50)
    parts = [[name, rule, d, runs] for d in reversed(sizes) for name in OBJECTIVES for rule in RULES]
    made = study.each("descents", descents, parts)
    found = {(name, rule, d): one for (name, rule, d, _), one in sorted(zip(parts, made, strict=True), key=_order)}
    names = [f"teacher:k={d}" for d in sizes]
    compared = study.compare(Grid.of(names, METHODS, seeds=runs, budget=20_000))[0]
    d = sizes[-1]
    numbers = {f"{' '.join(map(str, key))}": one.rate for key, one in rates(found).items()}
    for key, ends in found.items():
        if key[0] != "relu":
            label = " ".join(map(str, key))
            numbers[f"gradients {label}"] = float(np.mean([run["cost"] for run in ends]))
            numbers[f"norms {label}"] = max(run["norms"] for run in ends)
    numbers |= {f"{s.method} {p}": s.rate.rate for p in compared.problems for s in compared.summaries(p)}
    return Outcome(
        statements(found, d),
        numbers,
        costs=(
            prices(spent(found), "Until all rows are the teacher's, signs and norms by regression"),
            expected(compared, "Methods of the package on the relu risk, until it is 1e-3"),
        ),
        pictures=(picture(found, compared),),
        findings=_findings(found, compared, d),
    )


def _order(pair: tuple[list[Any], Any]) -> tuple[int, int, str]:
    (name, rule, d, _), _ = pair
    return d, OBJECTIVES.index(name), rule


PAPER = Paper(
    key="ge2017",
    title="Learning one-hidden-layer neural networks with landscape design",
    citation="R. Ge, J. D. Lee and T. Ma, ICLR 2018 (arXiv 1711.00501).",
    link="https://doi.org/10.48550/arXiv.1711.00501",
    claim="Labels come from a net of m = 50 relu units on d = 50 Gaussian inputs, rows B* = I and outgoing weights "
    "a*. Training a relu net on them sticks. Training instead units that are the relu's Hermite parts of degree "
    "two and four finds B*, up to the order and the signs of rows, and linear regression then finds a*. Footnote 12: "
    "units "
    '|z|/2 "also work".',
    choices=(
        "The paper shows curves without numbers, so only its statements are judged.",
        "The paper trains on fresh samples, in batches of 256 to 262,144. Ours are population risks in closed form, "
        "without the noise of samples.",
        "The text was read without its formulas; a* = 1 is our choice. Our units are homogeneous: a unit of h2 + h4 is "
        "|w| g(w.x/|w|), so that, as with relu and |z|/2, a row's norm is its outgoing weight. Rows start from "
        "N(0, I/d).",
        f"A run recovers B* if every row is within {NEAR:g} of its unit vector after matching; for even units the "
        f"opposite vector is as good. A descent stops at a risk of {TARGET:g}, a gradient of 1e-6 or 20,000 steps.",
        "Steps of gradient descent: 5/d for relu, published for this risk (Safran, Yehudai and Shamir 2021); 10/d for "
        "|z|/2 and 2 for h2 + h4, within a factor of four of overflow on seeds that are not shown. L-BFGS has none.",
        "A gradient counts its flops over those of the relu risk; the regression's are added. In seconds h2 + h4 pays "
        "for being written in NumPy, |z|/2 mostly and relu wholly are compiled.",
    ),
    run=_run,
)
