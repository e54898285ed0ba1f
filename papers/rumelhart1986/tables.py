"""Rows beside the published numbers, and tables."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from ..frame import Row, Table, claim, share, unread

if TYPE_CHECKING:
    from .study import Found

__all__ = ["adder_table", "parity_table", "rows", "short", "solved_table", "sweeps_table"]

RERUN_PARITY = {4: (5, 5), 5: (2, 5), 6: (0, 5), 7: (0, 5)}
"""Solved and runs within 60,000 epochs, of the rerun."""
SUM, QUARTER, DIRECT = "2-2-1, sum, η = 0.5", "2-2-1, sum, η = 0.25", "2-1-1 direct, sum, η = 0.5"
RERUN = "2-2-1, mean, η = 0.5, start 0.5"


def rows(found: Found) -> tuple[Row, ...]:
    """Return our numbers beside the published ones."""
    return (*_xor_rows(found), *_parity_rows(found), *_adder_rows(found))


def _xor_rows(found: Found) -> list[Row]:
    plain, direct = found.sweeps[SUM], found.sweeps[DIRECT]
    low, high = np.nanpercentile(direct, [5, 95])
    mean = float(np.nanmean(plain))
    told = [
        claim(
            "XOR 2-2-1: mean sweeps (secondary, one reading of 558)",
            "558",
            f"{mean:.0f}",
            279 <= mean <= 1116,
            "within a factor of 2",
        ),
        claim(
            "XOR, one hidden unit and direct connections: sweeps of a run (secondary, the other reading of 558)",
            "558",
            f"90 % of our runs take {low:.0f} to {high:.0f}, median {np.nanmedian(direct):.0f}",
            bool(low <= 558 <= high),
            "the published run lies within the central 90 % of ours",
        ),
        share("XOR 2-2-1 stuck from U(-0.5, 0.5) on the mean (rerun)", (5, 30), _missed(found.sweeps[RERUN])),
    ]
    rate = QUARTER if QUARTER in found.sweeps else SUM
    count, runs = _missed(found.sweeps[rate])
    told.append(
        claim(
            "XOR 2-2-1 is hardly ever stuck (secondary)",
            "two of hundreds of runs, both with two hidden units, one at η = 0.25",
            f"{count} of {runs:,} at {rate.rpartition(', ')[2]}",
            count <= 0.02 * runs,
            "at most 2 in 100",
        )
    )
    medians = list(found.widths.values())
    told.append(
        claim(
            "XOR is learned faster with more hidden units (secondary)",
            "280 - 33 log2 H presentations: at H = 32 0.47 of what H = 2 takes",
            ", ".join(f"{m:.0f}" for m in medians) + f" sweeps at H = {', '.join(str(h) for h in found.widths)}: "
            f"{medians[-1] / medians[0]:.2f}",
            all(a > b for a, b in pairwise(medians)),
            "the median falls from each width to the next",
        )
    )
    return told


def _parity_rows(found: Found) -> list[Row]:
    told = []
    for n, theirs in RERUN_PARITY.items():
        if n in found.spread:
            what = f"parity {n}-{n}-1 solved in 60,000 epochs with restarts (rerun)"
            told.append(share(what, theirs, found.spread[n][:2]))
    most = max(n for n, (count, *_) in (*found.spread.items(), *found.uniform.items()) if count)
    if 8 in found.spread:
        told.append(
            claim(
                "parity of n bits is learned by n hidden units (secondary)",
                "up to about n = 8",
                f"by momentum up to n = {most}",
                most >= 7,
                "momentum as published solves n = 7 or 8 at least once in 100 runs of 60,000 sweeps",
            )
        )
    return told


def _adder_rows(found: Found) -> list[Row]:
    three, two = found.adders[3], found.adders[2]
    stuck = [(runs - count) / runs for count, runs, _ in (three, two)]
    return [
        share("adder 4-3-3 solved in 5,000 sweeps (rerun, without its restarts)", (3, 50), three[:2]),
        share("adder 4-2-3 solved in 5,000 sweeps (rerun)", (0, 50), two[:2]),
        claim(
            "the adder 4-3-3 is sometimes stuck, 4-2-3 often (secondary)",
            "sometimes; often",
            f"stuck {100 * stuck[0]:.1f} % and {100 * stuck[1]:.1f} %",
            0 < stuck[0] < 0.5 < stuck[1] < 1,
            "three units in fewer than half of the runs, two in more than half but not in all",
        ),
        unread(
            "most of the 16 sums that a 4-2-3 net gets right",
            f"{found.best} in {found.searched:,} runs of a search",
            "the rerun's best is 13 too" if found.best == 13 else "",
        ),
    ]


def _missed(sweeps: np.ndarray) -> tuple[int, int]:
    """Return how many runs were never right, and of how many."""
    return int(np.sum(np.isnan(sweeps))), len(sweeps)


def sweeps_table(found: Found) -> Table:
    """Return the sweeps of each reading of the exclusive or."""
    cells = []
    for label, values in found.sweeps.items():
        low, middle, high = np.nanpercentile(values, [5, 50, 95])
        count, runs = _missed(values)
        mean = float(np.nanmean(values))
        cells.append((label, f"{runs:,}", f"{count}", f"{mean:.0f}", f"{middle:.0f}", f"{low:.0f} to {high:.0f}"))
    note = "Sweeps of the runs that came right. Starts are in [-0.3, 0.3], in the last line in [-0.5, 0.5]."
    return Table(
        "Exclusive or: sweeps until every output is within 0.5 of its target",
        ("net, update, rate", "runs", "stuck", "mean", "median", "90 % of runs"),
        tuple(cells),
        note,
    )


def parity_table(found: Found) -> Table:
    """Return how often momentum, as published, solves parity from the two kinds of starts."""
    cells = []
    for n in sorted(found.spread):
        both = [found.spread[n], found.uniform[n]]
        texts = [f"{count} of {runs}" + (f", {middle:,.0f}" if middle >= 0 else "") for count, runs, middle in both]
        cells.append((str(n), "{} of {}".format(*RERUN_PARITY[n]) if n in RERUN_PARITY else "", *texts))
    return Table(
        "Parity by momentum: η = 0.5 on the mean, momentum 0.9",
        ("bits", "rerun", "as the rerun, three starts of 20,000", "uniform starts, 60,000"),
        tuple(cells),
        "Runs solved, and the median of the sweeps of the starts that were.",
    )


def adder_table(found: Found) -> Table:
    """Return how often momentum, as published, learns to add."""
    theirs = {3: "3 of 50 (7 of 50 with restarts)", 2: "0 of 50"}
    cells = tuple(
        (f"4-{h}-3", theirs[h], f"{count} of {runs:,}", f"{middle:,.0f}" if middle >= 0 else "–")
        for h, (count, runs, middle) in found.adders.items()
    )
    headings = ("net", "rerun, solved", "ours, solved", "median sweeps")
    return Table(
        "The adder by momentum: η = 2 on the mean, momentum 0.9, start U(-1, 1), 5,000 sweeps", headings, cells
    )


def solved_table(found: Found) -> Table:
    """Return the share of the runs that each method solves, from random starts and from stuck ends."""
    methods = list(dict.fromkeys(short(m) for one in (*found.random, found.stuck) for m in one.methods))
    cells = []
    for one in (*found.random, found.stuck):
        for name in one.problems:
            rates = {short(s.method): s.rate for s in one.summaries(name)}
            runs = next(iter(rates.values())).runs
            texts = [f"{100 * rates[m].rate:.3g}" if m in rates else "" for m in methods]
            cells.append((name, str(runs), *texts))
    note = "Percent of the runs. published: momentum at the published rate; stuck: from the ends where it was stuck."
    return Table("Runs solved by each method", ("task", "runs", *methods), tuple(cells), note)


def short(method: str) -> str:
    """Return a method's name; that of momentum at the published rate is ``published``."""
    return "published" if ":" in method else method
