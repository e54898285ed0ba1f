"""Ten recurring troubles of practitioners: their own settings, restarts and continuation from the same starts."""

from __future__ import annotations

from math import log
from typing import cast

import numpy as np

from homotopy import EmpiricalRisk, Problem
from homotopy.experiments import Comparison, Grid, success_rate

from ..frame import Outcome, Paper, Row, Study, claim, expected, number, prices, share
from .problems import xor_thousand
from .runs import accuracies, looked_at, online, printed, ranked, widths
from .tables import Found, kind, kinds, picture, shares, spent, summaries
from .troubles import TROUBLES, Trouble

__all__ = ["PAPER", "troubles", "wide"]

SMALL = ("xor_backprop", "xor_relu", "xor_sgd", "xor_slow", "xnor_deep", "line_relu", "xor_thousand")
DEEP = ("xnor_deep", "line_relu")
METHODS = ("gd", "lbfgs", "multistart", "skip", "width", "tv-width", "omp", "greedy", "auto")
ON_DEEP = ("gd", "lbfgs", "multistart", "decay", "width-deep", "auto")
PLAIN = ("gd", "lbfgs", "multistart")
HIDDEN = (1, 2, 3, 4, 5)


def chosen(study: Study) -> tuple[Trouble, ...]:
    """Return the troubles of this version."""
    return tuple(one for one in TROUBLES if study.full or one.name in SMALL)


def troubles(study: Study) -> dict[str, Found]:
    """Return what the users' own settings come to, by the names of the troubles."""
    names = [one.name for one in chosen(study)]
    count = study.pick(20, 100)
    found = study.each("troubles", looked_at, [(name, count) for name in names])
    return dict(zip(names, found, strict=True))


def wide(study: Study) -> list[Comparison]:
    """Return the runs of all methods on all problems; nets with several hidden layers have their own methods."""
    parts: tuple[list[Problem], list[Problem]] = ([], [])
    for one in chosen(study):
        parts[one.name in DEEP].append(one.problem())
    seeds, budget = study.pick((20, 2000), (100, 5000))
    grids = [
        Grid.of(some, how, seeds=seeds, budget=budget) for some, how in zip(parts, (METHODS, ON_DEEP), strict=True)
    ]
    return study.compare(*grids)


def _interval(count: int, n: int) -> tuple[float, float, str]:
    rate = success_rate(np.arange(n) < count)
    return rate.low, rate.high, f"{100 * rate.rate:.0f} % of {n} [{100 * rate.low:.0f}, {100 * rate.high:.0f}]"


def _near(found: Found, outputs: tuple[float, ...], off: float) -> int:
    """Return how many failed runs end with these outputs at (0, 0), (0, 1), (1, 0), (1, 1), inputs swapped or not."""
    a, b, c, d = outputs
    ends = np.reshape(found["outputs"], (-1, 4))
    return int(sum(min(np.abs(z - (a, b, c, d)).max(), np.abs(z - (a, c, b, d)).max()) <= off for z in ends))


def _xor_rows(found: dict[str, Found], stuck: list[list[float]]) -> list[Row]:
    """Return the rows of the exclusive or on small nets, but for those that only the full version has."""
    own, sgd, slow = found["xor_backprop"], found["xor_sgd"], found["xor_slow"]
    low, high, text = _interval(own["fails"], len(own["cost"]))
    middle = sum(0.6 <= z[3] <= 0.72 for z in own["outputs"])
    rates = [100 * float(np.mean(np.array(values) <= log(2) / 4)) for values in stuck]
    levels = sum(abs(value - 0.3397) <= 0.01 for values in stuck[:4] for value in values)
    like = _near(sgd, (0.041, 0.960, 0.500, 0.506), 0.03)
    start = printed()
    return [
        claim(
            "logistic units from U(0, 1): how many runs fail", "1 in 5 to 10", text, low <= 0.2 and high >= 0.1,
            "the interval meets 10 to 20 %",
        ),
        claim(
            "the output of (1, 1) there", ".67 instead of 0", f"{middle} of {own['fails']} failures end at .60 to .72",
            middle > 0, "some failure ends so",
        ),
        claim(
            "relu units, cross entropy: 1 to 4 do not learn, 5 do", "yes",
            "solved with 1 to 5 units: " + ", ".join(f"{rate:.0f}" for rate in rates) + " %",
            max(rates[:4]) < 50 < rates[4], "fewer than half with each of 1 to 4, more than half with 5",
        ),
        claim(
            "the loss at which they stay", ".3397", f"{levels} of {4 * len(stuck[0])} runs within .01", levels > 0,
            "some run ends there (balanced data: ln 2 / 2 = .3466)",
        ),
        claim(
            "logistic units, Glorot, 2,000 epochs: a wrong result", "(.041, .960, .500, .506)",
            f"{like} of {sgd['fails']} failures", like > 0, "within .03, inputs swapped or not",
        ),
        claim(
            "rate .01: XOR is not solved", "in many instances", _interval(slow["fails"], len(slow["cost"]))[2],
            slow["fails"] > 0.5 * len(slow["cost"]), "in more than half of the runs",
        ),
        claim(
            "nor from the start that was printed", "not solved",
            f"loss {start['start']:.3f}, after 20,000 epochs {start['slow']:.3f}, at rate 1 {start['fast']:.4f}, "
            f"L-BFGS {start['lbfgs']:.4f}", start["slow"] > 1 / 32, "a loss above 1/32",
        ),
    ]  # fmt: skip


def _other_rows(found: dict[str, Found]) -> list[Row]:
    """Return the rows of the deeper nets and of the scaled exclusive or."""
    deep, line, scaled = found["xnor_deep"], found["line_relu"], found["xor_thousand"]
    n = len(deep["cost"])
    flat = sum(abs(2 * value - 0.25) < 1e-3 for value in deep["value"])
    least = 2 * 0.5 * float(np.mean(np.minimum(2 * np.arange(-1.0, 6.0) - 1, 0.0) ** 2))
    frozen = [2 * value for value in line["value"] if value > 10]
    return [
        claim(
            "XNOR, 2-5-10-5-1 relu, Adam 1 and .1: the mean square", ".25 for ever", f".25 in {flat} of {n} runs",
            flat > 0.5 * n, "in more than half of the runs",
        ),
        share("y = 2x - 1, relu output: runs with a frozen loss (6 or 7 of 10)", (7, 10), (line["fails"], n)),
        claim(
            "the frozen runs", "not explained", f"mean square {np.mean(frozen):.2f}; the least possible {least:.4f}",
            abs(np.mean(frozen) - 25) < 0.01 and abs(least - 10 / 7) < 1e-12 and line["cured"] == 0,
            "25, the mean of y²; 10/7 at best; none frozen with an identity output",
        ),
        claim(
            "XOR with 1,000", "never converges", _interval(scaled["fails"], n)[2] + " fail", scaled["fails"] > 0.9 * n,
            "in more than 90 % of the runs",
        ),
        claim(
            "scaling the data is the remedy", "yes", f"{scaled['cured']} of {n} fail once they are standardized",
            scaled["cured"] < 0.1 * n, "fewer than 10 % fail by the same optimizer",
        ),
    ]  # fmt: skip


def _full_rows(study: Study, found: dict[str, Found]) -> list[Row]:
    """Return the rows of what takes longer."""
    tanh, series, sine = found["xor_tanh"], found["trend"], found["sine_thousand"]
    failed = [value for value, to in zip(tanh["value"], tanh["to"], strict=True) if to != to]
    relu, logistic = study.each("digits", ranked, [("relu", 1000), ("logistic", 1000)])
    right = study.each("pattern", accuracies, [100])[0]
    n = len(series["cost"])
    return [
        number("tanh, cross entropy, Adam: loss of the failures, in the median", log(2) / 2, np.median(failed), 0.001),
        claim(
            "where they end", "(.004, .996, .500, .500)",
            f"{_near(tanh, (0.004, 0.996, 0.5, 0.5), 0.01)} of {len(failed)} failures",
            _near(tanh, (0.004, 0.996, 0.5, 0.5), 0.01) > 0.5 * len(failed), "most, within .01",
        ),
        claim(
            "x + sin x², 100,000 steps of Rprop", "1 of 1 does not converge", _interval(series["fails"], n)[2],
            series["fails"] > 0.05 * n, "in more than 5 % of the runs, so that 1 of 1 is no surprise",
        ),
        claim(
            "sine of inputs to 1,000", "does not fit", _interval(sine["fails"], n)[2], sine["fails"] > 0.5 * n,
            "in more than half of the runs",
        ),
        claim(
            "scaling its inputs is the remedy", "yes", f"{sine['cured']} of {n} fail once they are standardized",
            sine["cured"] < 0.1 * n, "fewer than 10 % fail by the same optimizer",
        ),
        claim(
            "digits: relu fails on other seeds", "yes", f"{relu} of 1,000", relu > 0, "at least once",
        ),
        share("digits: logistic units pass", (100, 100), (1000 - logistic, 1000)),
        claim(
            "7 classes: one run has 91 % right, the next 28 %", "yes",
            f"held-out samples right: {100 * min(right):.0f} to {100 * max(right):.0f} % in 100 runs",
            max(right) - min(right) >= 0.63, "two runs differ by 63 points",
        ),
    ]  # fmt: skip


def _findings(some: tuple[Trouble, ...], found: dict[str, Found], ran: list[Comparison]) -> list[str]:
    """Return the sentences."""
    by: dict[str, list[str]] = {}
    for one in some:
        by.setdefault(kind(one, found[one.name]), []).append(f"`{one.name}`")
    best, worse = [], []
    for one in some:
        cost = {name: s.expected.value for name, s in summaries(one.name, ran).items()}
        best.append(f"`{one.name}` by `{min(cost, key=lambda name: cost[name])}`")
        mine = min(value for name, value in cost.items() if name not in (*PLAIN, "auto"))
        if mine >= min(cost[name] for name in PLAIN):
            worse.append(f"`{one.name}`")
    scaled, risk = found["xor_thousand"], cast("EmpiricalRisk", xor_thousand(scaled=True).objective)
    X = np.asarray(risk.X)
    n = len(scaled["cost"])
    again = sum(summaries(one.name, ran)["multistart"].rate.rate >= 0.95 for one in some)
    return [
        "Kinds, by measurement: " + "; ".join(f"{what}: {', '.join(names)}" for what, names in by.items()) + ".",
        f"In gradients to a success, the cheapest of the homotopies and of the methods that grow a net (`omp`, "
        f"`greedy`) costs less than gradient descent, L-BFGS and its restarts on {len(some) - len(worse)} of "
        f"{len(some)} problems. It costs as much or more on {', '.join(worse) or 'none'}.",
        f"The cheapest of all: {', '.join(best)}.",
        f"Restarts of L-BFGS solve {again} of {len(some)} problems in at least 95 % of the runs within the budget: "
        "there a second try helps as surely as continuation does.",
        f"Standardized, XOR with 1,000 is solved by gradient descent at the same rate in {n - scaled['cured']} of {n} "
        f"runs, by L-BFGS in {scaled['cured_lbfgs']}: the inputs (0, 1) and (1, 1), whose targets are 1,000 apart, are "
        f"then {np.linalg.norm(X[1] - X[3]):.4f} apart, all others at least "
        f"{min(np.linalg.norm(X[i] - X[j]) for i in range(4) for j in range(i) if (i, j) != (3, 1)):.1f}.",
    ]


def _run(study: Study) -> Outcome:
    some, found, ran = chosen(study), troubles(study), wide(study)
    count = study.pick(20, 100)
    stuck = [one["value"] for one in study.each("widths", widths, [(h, count) for h in HIDDEN])]
    rows = _xor_rows(found, stuck) + _other_rows(found) + (_full_rows(study, found) if study.full else [])
    findings = _findings(some, found, ran)
    numbers = {f"printed start, {name}": value for name, value in printed().items()}
    for one in some:
        numbers[f"{one.name} fails"] = float(found[one.name]["fails"])
        by = summaries(one.name, ran)
        numbers |= {f"{one.name} {name}": by[name].rate.rate for name in ("lbfgs", "multistart", "auto")}
    if study.full:
        solved = study.each("online", online, [(0.5, 2000, 100)])[0]
        findings.append(
            f"Updates after each sample instead of an epoch's sum: {solved} of 100 nets solve `xor_sgd`, against "
            f"{100 - found['xor_sgd']['fails']}."
        )
        numbers["online"] = float(solved)
        series = found["trend"]
        findings.append(
            f"`trend`: {sum(to == to for to in series['to'])} of {len(series['to'])} runs fit the series. What fails "
            f"in {series['fails']} is the library's rule, a slope below .04 in the units of the data."
        )
    costs = (
        prices([spent(one, found[one.name]) for one in some], "The users' own settings, started again"),
        expected(ran[0], "One hidden layer"),
        expected(ran[1], "Several hidden layers"),
    )
    tables = (kinds(some, found), shares(some, found, ran))
    return Outcome(tuple(rows), numbers, costs, tables, (picture(some, found, ran),), tuple(findings))


PAPER = Paper(
    key="users",
    title="Recurring troubles of practitioners",
    citation="Twelve questions on public sites, whose addresses stand under the choices.",
    link=TROUBLES[0].address,
    claim="People ask again and again why a small net does not learn: the exclusive or ends at (0, 1, .5, .5), a relu "
    "net is frozen, a series does not converge, a run fails where the next succeeds. Each of ten such troubles (two in "
    "a second form) is a problem by name here. For each: how often the user's own settings fail, what restarts and "
    "continuation give from the same starts, and whether it is a local minimum, a plateau, dead units or an error of "
    "the user.",
    choices=(
        "Read were: " + "; ".join(one.address for one in TROUBLES) + ".",
        "Steps are full batches. Where a user updates after each sample, one of our steps goes along the sum of an "
        "epoch's gradients (gradient descent), or each sample's update is one of the full batch (Adam, RMSprop); for "
        "`xor_sgd` the difference is measured.",
        "A problem is solved where the loss is so low that every sample must be on its right side; fits of numbers "
        "where 1 % of the targets' variance is left (`trend`: 10 % of what is left by linear regression).",
        "Not told, so chosen by us: the rates and epochs of `xor_backprop` (rate 1, of .001 to 1 that were tried), "
        "`xor_slow` (20,000 epochs), `xor_thousand` (rate .1, net 2-2-1) and `sine_thousand` (1-10-1, two periods, "
        "Adam .001), and the data of `pattern`, of which L-BFGS takes the place of scaled conjugate gradients.",
        "`trend` runs IRprop-, with the steps of at most .1 of the library that was asked about, which runs Rprop+.",
        "`digits` leaves out scikit-learn's penalty, 1e-6 per squared weight.",
        "Nothing is tuned: users' settings are theirs, gradient descent takes the package's safe step, all other "
        "methods their defaults.",
    ),
    run=_run,
    extras=("sklearn",),
)
