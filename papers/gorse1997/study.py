"""Expanded range approximation from the mean of the targets against plain descents, and how many steps it needs."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.optimize import minimize

import homotopy as hp
from homotopy.experiments import Comparison, Grid, Rate, Summary, success_rate
from homotopy.methods import streams

from ..frame import Outcome, Paper, Picture, Row, Spent, Study, claim, curve, drawn, expected, finish, panels, prices

__all__ = ["PAPER", "picture", "pooled", "rungs", "second_order", "wide"]

SIGMOID = {
    "XOR, tanh": "xor",
    "XOR, logistic": "xor:activation=logistic,encoding=binary,output=logistic",
    "Jellyfish, tanh": "jellyfish:hidden=2,activation=tanh,loss=squared",
    "Jellyfish, logistic": "jellyfish:hidden=2,activation=logistic",
}
OTHERS = {
    "Jellyfish, 4 relu": "jellyfish:hidden=4,loss=squared",
    "sine, 4 tanh": "sine",
    "two spirals, 40 tanh": "spirals:hidden=40",
}
STAGES = (1, 3, 10, 30, 100, 300)
LONG = 100
"""Steps of the range in the form that the claim is judged by."""
PLAIN = ("gd", "lbfgs", "lm")
BUDGET = 20_000
CONJUGATE = {"CG": "conjugate gradients", "BFGS": "quasi-Newton, BFGS"}


def era(stages: int) -> str:
    """Return the name of expanded range approximation from the mean of the targets in so many steps."""
    return f"graduated:along=targets+easy=mean,schedule=linear,stages={stages},evaluations=30"


def _name(stages: int) -> str:
    return hp.method(era(stages)).name


def wide(study: Study) -> list[Comparison]:
    """Return the runs of descents and of expanded range approximation: on sigmoid nets, and on the others."""
    methods = [*PLAIN, "era", era(10), era(LONG)]
    relu, sine, spirals = OTHERS.values()
    asked = [(list(SIGMOID.values()), study.pick(100, 500)), (study.pick([relu], [relu, sine]), study.pick(40, 200))]
    asked += study.pick([], [([spirals], 30)])
    return study.compare(*(Grid.of(some, methods, seeds=seeds, budget=BUDGET) for some, seeds in asked))


def rungs(study: Study) -> Comparison:
    """Return the runs of expanded range approximation in few and in many steps, and of descents, on sigmoid nets."""
    stages = study.pick((1, 10, 100), STAGES)
    methods = [*PLAIN[:2], *map(era, stages)]
    return study.compare(Grid.of(list(SIGMOID.values()), methods, seeds=study.pick(100, 500), budget=BUDGET))[0]


def second_order(part: tuple[str, str, int]) -> dict[str, list[float]]:
    """Return what SciPy's conjugate gradients or BFGS come to from the starts of a comparison.

    Parameters
    ----------
    part : (str, str, int)
        The problem's name, ``CG`` or ``BFGS``, and the number of starts.

    Returns
    -------
    dict
        ``cost``, gradients in all; ``to``, gradients until the target was reached, NaN where it was not; ``seconds``
        of one thread in all. Runs end there, at a gradient whose largest entry is below 1e-8, or after 1,000
        iterations.
    """
    name, how, count = part
    problem = hp.problem(name)
    target = float("nan") if problem.target is None else problem.target
    out: dict[str, list[float]] = {"cost": [], "to": [], "seconds": []}
    for seed in range(count):
        values: list[float] = []

        def counted(x: Any, values: list[float] = values) -> Any:
            value, grad = problem.objective.value_and_grad(x)
            values.append(value)
            return value, grad

        def look(_: Any, values: list[float] = values) -> None:
            if min(values) <= target:
                raise StopIteration

        begin = time.thread_time()
        x = problem.start(streams(seed)[0])
        with np.errstate(all="ignore"):  # a trial step may overflow; the line search takes it back
            minimize(counted, x, jac=True, method=how, callback=look, options={"maxiter": 1000, "gtol": 1e-8})
        out["seconds"].append(time.thread_time() - begin)
        reached = np.flatnonzero(np.array(values) <= target)
        out["cost"].append(float(len(values)))
        out["to"].append(float(reached[0] + 1) if len(reached) else np.nan)
    return out


@drawn
def picture(found: Comparison) -> Picture:
    """Draw the share of solved runs against the number of steps, and those of the descents as lines."""
    figure, axes = panels(2, 2, height=2.1)
    stages = [k for k in STAGES if _name(k) in found.methods]
    for ax, (label, name) in zip(axes, SIGMOID.items(), strict=True):
        by = {s.method: s.rate for s in found.summaries(found.problems[list(SIGMOID.values()).index(name)])}
        rates = [by[_name(k)] for k in stages]
        ends = [(100 * rate.low, 100 * rate.high) for rate in rates]
        curve(ax, stages, [100 * rate.rate for rate in rates], "era", label="ERA from the mean", ends=ends)
        for method, told, line in (("gd", "gradient descent", "--"), ("lbfgs", "L-BFGS", ":")):
            height = 100 * by[method].rate
            curve(ax, stages, [height] * len(stages), method, label=told, linestyle=line, marker="")
        ax.set(xscale="log", ylim=(0, 104), title=label)
    for ax in axes[2:]:
        ax.set_xlabel("steps of the range")
    for ax in axes[::2]:
        ax.set_ylabel("runs solved (%)")
    caption = (
        "The share of runs that reach the global minimum against the number of steps in which the targets' range "
        "expands; 95 % intervals. Lines: plain descents from the same starts."
    )
    return Picture("steps", finish(figure, axes), caption)


def _summaries(ran: Sequence[Comparison]) -> dict[tuple[str, str], Summary]:
    return {(p, s.method): s for one in ran for p in one.problems for s in one.summaries(p)}


def _text(rate: Rate) -> str:
    return f"{100 * rate.rate:.1f} % of {rate.runs} [{100 * rate.low:.1f}, {100 * rate.high:.1f}]"


def pooled(rates: Sequence[Rate]) -> Rate:
    """Return the rate of all runs of several problems together."""
    count, runs = sum(round(rate.rate * rate.runs) for rate in rates), sum(rate.runs for rate in rates)
    return success_rate(np.arange(runs) < count)


def _rows(by: dict[tuple[str, str], Summary], second: dict[tuple[str, str], dict[str, list[float]]]) -> tuple[Row, ...]:
    """Return the rows: almost every case, and second-order methods against gradient descent."""
    full = {hp.problem(name).name: label for label, name in (SIGMOID | OTHERS).items()}
    rows = []
    for name in dict.fromkeys(p for p, _ in by):
        rate = by[name, _name(LONG)].rate
        rows.append(
            claim(
                f"the global minimum, {full[name]}", "in almost every case", _text(rate), rate.low > 0.95,
                "the interval's lower end is above 95 %",
            )
        )  # fmt: skip
    plain = pooled([by[hp.problem(name).name, "gd"].rate for name in SIGMOID.values()])
    rates = {
        told: pooled([success_rate(~np.isnan(second[name, how]["to"])) for name in SIGMOID.values()])
        for how, told in CONJUGATE.items()
    }
    rates |= {
        told: pooled([by[hp.problem(name).name, how].rate for name in SIGMOID.values()])
        for how, told in (("lbfgs", "L-BFGS"), ("lm", "Levenberg-Marquardt"))
    }
    for told, rate in rates.items():
        rows.append(
            claim(
                f"more susceptible to local minima than gradient descent: {told}", "second-order methods are",
                f"{_text(rate)} solved against {_text(plain)}", rate.high < plain.low,
                "on " + ", ".join(SIGMOID) + " together: a lower share, intervals apart",
            )
        )  # fmt: skip
    return tuple(rows)


def _findings(by: dict[tuple[str, str], Summary]) -> tuple[str, ...]:
    """Return the sentences."""
    told = []
    for label, name in SIGMOID.items():
        full = hp.problem(name).name
        one, few = by[full, _name(LONG)], by[full, _name(10)]
        best = min(PLAIN, key=lambda how: by[full, how].expected.value)
        told.append(
            f"{label}: {100 * one.rate.rate:.1f} % in {LONG} steps, {100 * few.rate.rate:.1f} % in 10, "
            f"{100 * by[full, 'era'].rate.rate:.1f} % from the linear regression in 10; E* {one.expected.value:,.0f}, "
            f"{few.expected.value:,.0f} and {by[full, 'era'].expected.value:,.0f} gradients, against "
            f"{by[full, best].expected.value:,.0f} of `{best}` with restarts."
        )
    names = list(dict.fromkeys(p for p, _ in by))
    cost = {
        p: [min(by[p, how].expected.value for how in some) for some in (("era", _name(10), _name(LONG)), PLAIN)]
        for p in names
    }
    cheaper = ", ".join(f"`{p}`" for p in names if cost[p][0] < cost[p][1]) or "none"
    surer = sum(by[p, _name(LONG)].rate.rate > max(by[p, how].rate.rate for how in PLAIN) for p in names)
    told.append(
        f"A single run in {LONG} steps is surer than one of gradient descent, L-BFGS or Levenberg-Marquardt on {surer} "
        f"of {len(names)} problems. With restarts of all, some form of ERA costs fewer gradients to a success than "
        f"these three on: {cheaper}."
    )
    return tuple(told)


def _run(study: Study) -> Outcome:
    ran, steps = wide(study), rungs(study)
    by = _summaries(ran)
    count = study.pick(10, 100)
    parts = [(name, how, count) for name in SIGMOID.values() for how in CONJUGATE]
    made = study.each("second", second_order, parts)
    second = {(name, how): found for (name, how, _), found in zip(parts, made, strict=True)}
    numbers = {f"{p} {m.partition(':')[0] if m in (*PLAIN, 'era') else m}": s.rate.rate for (p, m), s in by.items()}
    numbers |= {f"{p} {how}": float(np.mean(~np.isnan(found["to"]))) for (p, how), found in second.items()}
    spent = [
        Spent(p, CONJUGATE[how], f["cost"], f["to"], f["seconds"], np.multiply(f["seconds"], f["to"]) / f["cost"])
        for (p, how), f in second.items()
    ]
    titles = ("Sigmoid units", "Relu units and the sine", "Two spirals")
    costs = [expected(one, title) for one, title in zip(ran, titles, strict=False)]
    costs.append(prices(spent, "Second-order methods of SciPy"))
    return Outcome(_rows(by, second), numbers, costs=tuple(costs), pictures=(picture(steps),), findings=_findings(by))


PAPER = Paper(
    key="gorse1997",
    title="The new ERA in supervised learning",
    citation="D. Gorse, A. J. Shepherd and J. G. Taylor, Neural Networks 10 (1997) 343-352.",
    link="https://www.paperexplained.cn/articles/paper/detail/2b6051922553342be37d5455d30f1f719a463ecf/",
    claim="Second-order methods (conjugate gradients, quasi-Newton) are particularly susceptible to local minima. "
    "Expanded range approximation (ERA), a homotopy on the range of the target outputs, finds a global minimum in "
    "almost every case.",
    choices=(
        "Only the abstract could be read: problems, nets, rates and costs are not known to us, and none is printed as "
        "published. The link leads to the page where the abstract was read.",
        "The form of ERA is the usual one: targets m + t (y - m) with their mean m, t from 0 to 1. Steps of equal "
        "length, at each at most 30 evaluations of L-BFGS, then L-BFGS on the true targets. The claim is judged in "
        f"{LONG} steps.",
        "`era` is the package's variant: from the linear regression of the targets, t = s², 10 steps.",
        "Problems and starts are those of the package, by their names. Gradient descent has the package's safe step, "
        "at most 20,000 steps; nothing is tuned.",
        "SciPy's methods begin at the first 100 of the same starts. They are Python that calls the loss step by step, "
        "so their seconds are not comparable with those of the compiled descents; their gradients are.",
    ),
    run=_run,
)
