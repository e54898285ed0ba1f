"""Minima counted against floor(n/d)^d, where descents end among them, and which method finds the best."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from homotopy.experiments import Comparison, Grid

from ..frame import Outcome, Paper, Row, Study, Table, claim, expected, unread
from .axes import KINDS, axis, counted, problem
from .figures import picture

__all__ = ["METHODS", "PAPER", "cases", "census", "solved"]

DECAY, LM = "decay:l2=0.03", "lm"
METHODS = ("gd", "gd-noise", "lbfgs", LM, "basin-hopping", "race-hop", "era", DECAY, "auto")
RULES = ("lbfgs", "gd")
Case = tuple[str, int, int]
Counts = dict[tuple[Case, str], dict[str, Any]]


def cases(full: bool) -> list[Case]:
    """Return the cases that are counted: which minimum of an axis is the lowest, d and n."""
    sizes = [(d, m * d) for d in range(1, 6 if full else 4) for m in ((2, 3, 4) if full else (2, 3))]
    sizes += [(3, 7), (4, 15)] if full else [(3, 7)]
    return [(kind, d, n) for kind in KINDS for d, n in sorted(sizes)]


def census(study: Study) -> Counts:
    """Return how many minima descents find in every case, from 100 starts a minimum, at most 20,000."""
    parts = []
    for kind, d, n in cases(study.full):
        most = study.pick(800, 20_000)
        starts = min(most, 100 * (n // d) ** d)
        parts += [(kind, d, n, rule, starts if rule == "lbfgs" else min(starts, most // 10)) for rule in RULES]
    found = study.each("census", counted, parts)
    return {
        ((kind, d, n), rule): {**one, "starts": starts}
        for (kind, d, n, rule, starts), one in zip(parts, found, strict=True)
    }


def solved(study: Study) -> Comparison:
    """Return the runs of all methods, from the same starts, on our axes and on the package's problem."""
    ours = [problem(kind, d, n) for kind in KINDS for d, n in study.pick(((3, 9),), ((3, 9), (5, 10)))]
    names = study.pick(("auer:d=2",), ("auer:d=2", "auer:d=4", "auer:d=4,hard=yes"))
    methods = study.pick(("gd", LM, DECAY, "auto"), METHODS)
    seeds, budget = study.pick((10, 2000), (40, 5000))
    return study.compare(Grid.of([*ours, *names], methods, seeds=seeds, budget=budget))[0]


def _exact(case: Case) -> int:
    kind, d, n = case
    return len(axis(kind, n // d).minima) ** d


def _formula(case: Case) -> int:
    return int((case[2] // case[1]) ** case[1])


def _table(counts: Counts) -> Table:
    """Return the table of minima: the formula, the exact number, what descents found and how they ended."""
    rows = []
    for case in dict.fromkeys(key[0] for key in counts):
        quick, plain = (counts[case, rule] for rule in RULES)
        rows.append(
            (
                case[0],
                str(case[1]),
                str(case[2]),
                f"{_formula(case):,}",
                f"{_exact(case):,}",
                f"{quick['found']:,} of {quick['starts']:,} starts",
                f"{100 * quick['best'] / quick['starts']:.1f} %",
                f"{quick['even']:.2f}" if _formula(case) > 1 else "",
                f"{100 * plain['ended'] / plain['starts']:.0f} %",
                f"{100 * plain['best'] / plain['starts']:.1f} %",
            )
        )
    headings = (
        "lowest",
        "d",
        "n",
        "floor(n/d)^d",
        "exact",
        "met by L-BFGS",
        "at the best",
        "evenness",
        "GD at any",
        "GD at the best",
    )
    note = (
        "Exact: minima of one axis, found exhaustively, to the power d. Evenness: entropy of the minima that L-BFGS "
        "met, over that of equal shares. GD: 3,000 steps of gradient descent; any means within 1 % of a minimum."
    )
    return Table("Minima of one logistic unit", headings, tuple(rows), note)


def _rows(counts: Counts) -> list[Row]:
    """Return the theorem beside what was counted."""
    all_cases = list(dict.fromkeys(key[0] for key in counts))
    exact = sum(_exact(case) == _formula(case) for case in all_cases)
    quick = {case: counts[case, "lbfgs"] for case in all_cases}
    met, there = sum(one["found"] for one in quick.values()), sum(one["ended"] for one in quick.values())
    minima, starts = sum(map(_formula, all_cases)), sum(one["starts"] for one in quick.values())
    most = max(all_cases, key=_formula)
    return [
        claim(
            "one logistic neuron with square loss can have floor(n/d)^d local minima",
            "floor(n/d)^d (abstract)",
            f"as many in {exact} of {len(all_cases)} cases, {_exact(most):,} at d = {most[1]}, n = {most[2]}",
            exact == len(all_cases),
            "equal in all cases, minima of each axis found exhaustively",
        ),
        unread(
            "minima at which descents end",
            f"{met:,} of {minima:,} in all cases, {quick[most]['found']:,} of {_formula(most):,} in the largest; "
            f"{100 * there / starts:.2f} % of the descents end at one",
            "the theorem counts minima and says nothing of descents",
        ),
    ]


def _findings(counts: Counts, found: Comparison) -> tuple[str, ...]:
    """Return what was found, in sentences."""
    rate = {(s.problem, s.method): s.rate.rate for name in found.groups for s in found.summaries(name)}

    def told(name: str) -> str:
        return ", ".join(f"{m} {100 * rate[name, m]:.0f} %" for m in found.methods if (name, m) in rate)

    case = max((key[0] for key in counts), key=_formula)
    quick, plain = (counts[case, rule] for rule in RULES)
    gd = sum(one["ended"] for (_, rule), one in counts.items() if rule == "gd")
    runs = sum(one["starts"] for (_, rule), one in counts.items() if rule == "gd")
    out = [
        f"Of the {_formula(case):,} minima at d = {case[1]}, n = {case[2]} one is best; L-BFGS ends there from "
        f"{100 * quick['best'] / quick['starts']:.2f} % of the starts, gradient descent from "
        f"{100 * plain['best'] / plain['starts']:.2f} %: which one is met is for the start to decide "
        f"(evenness {quick['even']:.2f}, 1 being equal shares).",
        f"Gradient descent is at a minimum after 3,000 steps in {100 * gd / runs:.1f} % of its runs only; the wells of "
        "large weights are too flat for its step.",
    ]
    out += [f"Success on {name}: {told(name)}." for name in found.problems]
    near = [name for name in found.problems if name.startswith("near")]
    far = [name for name in found.problems if name.startswith("far") or "hard" in name]
    low = 100 * min(rate[name, DECAY] for name in near)
    high, many = (100 * max(rate[name, key] for name in far) for key in (DECAY, "auto"))
    out.append(
        "Weight decay that is taken back, a homotopy that begins at w = 0, leads to the minima next to 0. Where these "
        f"are the best its rate of success is {low:.0f} % at least; where the best are far it is {high:.0f} % at most, "
        f"and continuation does not help: `auto`, with up to {many:.0f} % there, has it from Levenberg-Marquardt and "
        "many starts. Expanding the range of the targets (`era`) changes nothing where all are equal, as on our axes."
    )
    if ("auer:d=4,hard=yes", "era") in rate:
        out.append(
            f"On `auer:d=4`, whose best minimum is next to 0, `era` succeeds in {100 * rate['auer:d=4', 'era']:.0f} % "
            f"of the runs; on `auer:d=4,hard=yes` in {100 * rate['auer:d=4,hard=yes', 'era']:.0f} %."
        )
    return tuple(out)


def _numbers(counts: Counts, found: Comparison) -> dict[str, float]:
    """Return what is held against expected.json."""
    numbers: dict[str, float] = {}
    for (case, rule), one in counts.items():
        label = f"{case[0]} d={case[1]} n={case[2]} {rule}"
        numbers |= {f"{label} found": float(one["found"]), f"{label} best": one["best"] / one["starts"]}
    for kind in KINDS:
        one = axis(kind, 3)
        numbers |= {f"{kind} minimum {i}": float(w) for i, w in enumerate(one.minima)}
        numbers |= {f"{kind} value {i}": float(v) for i, v in enumerate(one.values)}
    for name in found.groups:
        numbers |= {f"rate {s.problem}: {s.method}": float(s.rate.rate) for s in found.summaries(name)}
    return numbers


def _run(study: Study) -> Outcome:
    counts, found = census(study), solved(study)
    exact: Mapping[Case, int] = {key[0]: _exact(key[0]) for key in counts}
    return Outcome(
        tuple(_rows(counts)),
        _numbers(counts, found),
        costs=(expected(found, "Finding the best minimum"),),
        tables=(_table(counts),),
        pictures=(picture(exact, {case: counts[case, "lbfgs"]["found"] for case in exact}),),
        findings=_findings(counts, found),
    )


PAPER = Paper(
    key="auer1995",
    title="Exponentially many local minima for single neurons",
    citation="P. Auer, M. Herbster and M. K. Warmuth, Advances in Neural Information Processing Systems 8 (1995).",
    link="https://papers.nips.cc/paper/1995/hash/3806734b256c27e41ec2c6bffa26d9e7-Abstract.html",
    claim="The square loss of one neuron with logistic output, d inputs and n examples can have floor(n/d)^d local "
    "minima (abstract and first page).",
    choices=(
        "The proof was not read; the data are ours. On each axis lie floor(n/d) points, all with one target y > 1/2, "
        "so far from each other that each is fitted in a well of its own: the weight that fits a point is 6 (8) times "
        "that of the point before. Examples that are left over lie at 0. There is no bias, so that the loss is a sum "
        "over axes, and the minima are all combinations of those of one axis.",
        "With y = 0.75 the minimum next to 0 is the lowest of an axis (near), with y = 0.8 the farthest one (far).",
        "Starts are uniform in the logarithm of each weight, so that every well is met; `auer:d=...` is the package's "
        "problem with two minima an axis and a bias, with its own starts.",
        "The paper has no experiments that we could read: descents, methods and budgets are ours, nothing was tuned. "
        "`decay:l2=0.03` is the setting in `auto`.",
    ),
    run=_run,
)
