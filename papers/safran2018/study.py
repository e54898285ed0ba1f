"""How often gradient descent ends in a spurious minimum, beside the authors' counts and beside continuation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

import homotopy as hp
from homotopy.experiments import Comparison, Grid

from ..frame import Outcome, Paper, Row, Study, Table, claim, expected, share
from .beside import common, ends_table, pair_text, published, shares_table, signs_table
from .descents import BAD, ends, pair_name
from .figures import CONTINUATION, METHODS, costs, spurious
from .telling import Descents, findings

__all__ = ["PAPER", "at_a_point", "compared"]

Pair = tuple[int, int]
EQUAL = {False: [(k, k) for k in (6, 8, 10)], True: [(k, k) for k in range(6, 21)]}
WIDER = {False: [(12, 13)], True: [(k, k + 1) for k in range(6, 20)]}
"""The pairs of the small and of the full version."""
RUNS = {False: 40, True: 1000}
LAST_DIGIT = {"F": 5.1e-6, "eigenvalue": 1e-4}
"""Half a unit of the last digit of F as printed; a unit of that of the eigenvalue."""
MORE = 10_000
"""Fresh starts for each pair whose share differs from the authors'."""


def at_a_point() -> dict[str, float]:
    """Return F and the norm of its gradient, as the compiled kernel computes them, at one point for k = 8, n = 9."""
    risk = hp.TeacherStudent(8, 9)
    x = np.random.default_rng(0).standard_normal(risk.size) / np.sqrt(8)
    value, gradient = risk.value_and_grad(x)
    return {"F at a point": float(value), "gradient at a point": float(np.linalg.norm(gradient))}


def compared(study: Study) -> list[Comparison]:
    """Return the runs of all methods from the same starts, for n = k and for n = k + 1."""
    grids = []
    for pairs in (EQUAL[study.full], WIDER[study.full]):
        names = [pair_name(*pair) for pair in pairs]
        grids.append(Grid.of(names, METHODS, seeds=RUNS[study.full], budget=25_000))
    return study.compare(*grids)


def _run(study: Study) -> Outcome:
    pairs = [*EQUAL[study.full], *WIDER[study.full]]
    runs = RUNS[study.full]
    fast = _ends(study, "ends", [(k, n, 5 / k, 0, runs) for k, n in pairs])
    slow = _ends(study, "step", [(k, n, 0.1, 0, runs) for k, n in EQUAL[True]]) if study.full else {}
    found = compared(study)
    shares = _shares(fast, runs)
    differing = [pair for pair, row in shares.items() if not row.holds] if study.full else []
    more = _ends(study, "more", [(k, n, 5 / k, runs, MORE) for k, n in differing])
    rows = (*shares.values(), *_claims(fast))
    tables = [shares_table(fast, slow, runs), _failures(fast, found, runs), ends_table(fast), signs_table(fast, runs)]
    return Outcome(
        rows,
        _numbers(fast, slow, found),
        costs=tuple(expected(one, title) for one, title in zip(found, ("n = k", "n = k + 1"), strict=True)),
        tables=tuple(tables),
        pictures=(spurious(fast, found, runs), costs(found[0])),
        findings=tuple(findings(rows, Descents(fast, slow, more, runs), found)),
    )


def _ends(study: Study, name: str, parts: Sequence[tuple[int, int, float, int, int]]) -> dict[Pair, dict[str, Any]]:
    """Return where gradient descent ends, by pair; the dear pairs are begun first."""
    order = sorted(parts, key=lambda part: (-part[0], -part[1]))
    found = dict(zip(order, study.each(name, ends, [list(part) for part in order]), strict=True))
    return {part[:2]: found[part] for part in parts}


def _shares(fast: Mapping[Pair, Mapping[str, Any]], runs: int) -> dict[Pair, Row]:
    """Return the rows of the shares of the first data set, by pair."""
    first = published()["first"]
    told = [pair for pair in fast if pair in first["bad"]]
    return {
        pair: share(f"spurious, {pair_text(pair)}", (first["bad"][pair], first["runs"]), (len(fast[pair]["bad"]), runs))
        for pair in told
    }


def _claims(fast: Mapping[Pair, Mapping[str, Any]]) -> list[Row]:
    """Return the rows of what the authors' stored points say: F and curvature of the minima."""
    data = published()["families"]["pairs"]
    met = {pair: common(data.get(pair, {}), found) for pair, found in fast.items()}
    met = {pair: kind for pair, kind in met.items() if kind is not None}
    rows = []
    for name, what in (("F", "F"), ("eigenvalue", "smallest eigenvalue of the Hessian")):
        off = {pair: abs(kind[name] - float(data[pair][name])) for pair, kind in met.items()}
        good = sum(one <= LAST_DIGIT[name] for one in off.values())
        span = [data[pair][name] for pair in met]
        rows.append(
            claim(
                f"{what} at the commonest minimum, n = k",
                f"{span[0]} (k = {min(met)[0]}) to {span[-1]} (k = {max(met)[0]})",
                f"{good} of {len(met)} agree, the furthest is {max(off.values()):.1e} away",
                good == len(met),
                f"ours of the nearest F, within {LAST_DIGIT[name]:.1e} at every k",
            )
        )
    equal = [pair for pair in fast if pair[0] == pair[1]]
    every = [kind for pair in equal for kind in fast[pair]["kinds"]]
    least = min(kind["eigenvalue"] for kind in every)
    without = [str(pair[0]) for pair in equal if not fast[pair]["bad"]]
    rows.append(
        claim(
            "spurious minima exist at every k, n = k",
            "yes, proven by computer",
            f"{len(every)} kinds met, {'none at k = ' + ', '.join(without) if without else 'some at every k'}; least "
            f"eigenvalue of the Hessian at any of them {least:.5f}",
            least > 0 and not [k for k in without if k != "6"],
            "met at every k but perhaps 6 (0.3 % of runs), the Hessian of each kind positive definite",
        )
    )
    return rows


def _failures(fast: Mapping[Pair, Mapping[str, Any]], found: Sequence[Comparison], runs: int) -> Table:
    """Return the table of runs that did not reach F < 1e-3, method by method, from the same starts."""
    rows = []
    names = {pair_name(*pair): pair for pair in fast}
    for comparison in found:
        for name in comparison.problems:
            told = {one.method: one.rate for one in comparison.summaries(name)}
            cells = [f"{told[method].runs - told[method].successes}" for method in METHODS[1:]]
            rows.append((pair_text(names[name]), f"{len(fast[names[name]]['bad'])}", *cells))
    note = f"Runs of {runs:,} that do not reach F < {BAD:g}; gradient descent with step 5/k by the authors' rule."
    return Table("Failures from the same starts", ("", "gradient descent", "L-BFGS", *CONTINUATION), tuple(rows), note)


def _numbers(fast: Mapping[Pair, Any], slow: Mapping[Pair, Any], found: Sequence[Comparison]) -> dict[str, float]:
    """Return what is held against expected.json."""
    numbers = at_a_point()
    for pair, one in fast.items():
        numbers[f"bad {pair[0]},{pair[1]}"] = float(len(one["bad"]))
        theirs = published()["families"]["pairs"].get(pair, {})
        kind = common(theirs, one)
        if kind is not None:
            numbers[f"F {pair[0]}"], numbers[f"eigenvalue {pair[0]}"] = kind["F"], kind["eigenvalue"]
    for method in (*CONTINUATION, "lbfgs"):
        told = [s.rate for one in found for name in one.problems for s in one.summaries(name) if s.method == method]
        numbers[f"failures {method}"] = float(sum(rate.runs - rate.successes for rate in told))
    if slow:
        numbers["bad with step 0.1"] = float(sum(len(one["bad"]) for one in slow.values()))
    largest = found[0].problems[-1]
    numbers["E* skip"] = next(s.expected.value for s in found[0].summaries(largest) if s.method == "skip")
    return numbers


PAPER = Paper(
    key="safran2018",
    title="Spurious local minima are common in two-layer ReLU neural networks",
    citation="I. Safran and O. Shamir, ICML 2018 (PMLR 80, 4433-4441, arXiv 1712.08968).",
    link="https://doi.org/10.48550/arXiv.1712.08968",
    claim="A student of n relu units learns a teacher of k orthonormal ones from Gaussian inputs in k dimensions; the "
    "second layers are fixed to one, and F is half the expected square of the difference, in closed form. For n = k "
    "from 6 to 20 there are spurious local minima, as a proof by computer says, and gradient descent from usual random "
    "starts ends in one of them the more often the larger k: by the authors' files in 0.3 % of the runs at k = 6, in "
    "94.9 % at k = 20. With n = k + 1 units this is rarer.",
    choices=(
        "The abstract and the authors' code and result files were read, not the whole text: the counts of 1,000 runs "
        "are those of the files. The table of the paper counts certified minima only, so that its entries can be "
        "slightly smaller.",
        "The entries of a start are N(0, 1/k), as in the authors' code. Ours are seeds 0, 1, ...; theirs are not "
        "known.",
        "The verdict is that of step 5/k, the step of the authors' second study (Safran, Yehudai and Shamir, COLT "
        "2021); the first data set was made with step 0.1. Ours were run with both from the same starts, with step "
        "0.1 where n = k.",
        "A run of ours ends when it is below F = 1e-3, or at gradient norm 1e-9 / (2 pi). The authors stop where 2 pi "
        "times the largest gradient of a unit is 1e-9, which is the same or a little earlier, and count F >= 1e-3. As "
        "in their code, a run that diverges is run again with half the step.",
        "Costs are those of the methods by their names, all with default settings, none tuned: `gd` has step 5/n and "
        "gives a run up at gradient norm 1e-6 or after 20,000 steps. All methods have the same starts.",
        "There are no files for (6, 7), (7, 8) and (9, 10): that these had no bad run is inferred, and no verdict "
        "rests on it. There are none for n = k + 2 either, and no such run was made here.",
        "On wrong signs: of Huang, Loureiro and Sarao Mannelli (arXiv 2604.09412) the abstract and the beginning were "
        "read, of Arjevani and Field (arXiv 2107.10370) and of Arjevani (arXiv 2312.16819) the abstracts. Their "
        "formulas could not be held against ours.",
    ),
    run=_run,
)
