"""The six points of the thread, each with a measured figure."""

from __future__ import annotations

from collections.abc import Mapping

from homotopy.experiments import Comparison, success_rate

from ..frame import Outcome, Paper, Row, Study, Table, claim, expected
from .convexity import CONVEX, NETS, one_minimum
from .ends import KINDS, confirmed, kinds_of
from .figures import bars, widths
from .runs import CASES, STRONGER, Difference, against, beside_gd, compared
from .swapping import COUNTS, copies, exact_copies, proof, worked_example
from .width import SERIES, flattest, named
from .words import CHOICES, CLAIM, found_out

__all__ = ["PAPER"]

ADVICE = {
    "gd, step / 10": "4. a tenth of the step size",
    "gd-decay": "4. a step size that falls",
    "gd-noise": "4. uniform noise now and then",
}
STRONG = {STRONGER: "4. uniform noise three times as large"}
HOMOTOPY = {
    "width": "6. homotopy methods: `width`, more hidden units that are taken away",
    "auto": "6. homotopy methods: `auto`, the default here, which starts again",
}
BLURRED = {one: f"6. training by diffusion: `{one}`" for one in ("diffusion", "sampled-diffusion")}
Wide = dict[str, tuple[tuple[int, ...], list[dict[str, float]]]]
Kinds = dict[str, dict[str, list[str]]]


def _swaps() -> tuple[tuple[Row, ...], Table, dict[str, float]]:
    """Return the rows, the table and the numbers of point 2."""
    one, some = worked_example(), {n: copies(n) for n in COUNTS}
    exact = all((found["orders"], found["signs"]) == exact_copies(n) for n, found in some.items())
    alike = max(found["difference"] for found in some.values())
    above = min(found["lowest"] for found in some.values())
    rows = (
        claim(
            "2. swapping the two hidden units of the example changes the weights and not the function",
            "the same function",
            f"outputs differ by {one['difference']:.0e}, weights by {one['weights']:.2f}; half way the loss is "
            f"{one['midpoint']:.3f}, at both ends {one['loss']:.0e}",
            one["difference"] < 1e-12 and one["weights"] > 1 and one["midpoint"] > 1e-3,
            "outputs equal to 1e-12 on 1,000 inputs, weights more than 1 apart, a higher loss between them",
        ),
        claim(
            "2. n hidden units have at least n! equal minima, hence no convexity",
            "n!",
            f"n! for n = {COUNTS[0]} to {COUNTS[-1]}, up to {exact_copies(COUNTS[-1])[0]:,}; with tanh 2^n n!, up to "
            f"{exact_copies(COUNTS[-1])[1]:,}; the least loss half way to a copy is {above:.1e}",
            exact and alike < 1e-12 and above > 1e-9,
            "the counts exact, outputs of the copies equal to 1e-12, the loss higher half way",
        ),
    )
    numbers = {f"example {name}": value for name, value in one.items()}
    numbers |= {f"copies {n}": f["orders"] for n, f in some.items()}
    numbers |= {f"copies with signs {n}": f["signs"] for n, f in some.items()}
    return rows, _copies_table(some), numbers


def _copies_table(some: Mapping[int, Mapping[str, float]]) -> Table:
    """Return the table of the copies of random nets, by the number of hidden units."""
    cells = tuple(
        (
            f"{n}",
            f"{f['orders']:,.0f}",
            f"{f['signs']:,.0f}",
            f"{f['looked at']:,.0f}",
            f"{f['difference']:.0e}",
            f"{f['nearest']:.2f}",
            f"{f['lowest']:.1e}",
        )
        for n, f in some.items()
    )
    headings = (
        "hidden units",
        "copies by order, n!",
        "by order and sign, tanh",
        "orders computed",
        "outputs differ",
        "nearest copy",
        "least loss half way",
    )
    note = (
        "Random nets with 2 inputs and n hidden units. Half way between two copies the loss is above 0, which it is at "
        "both; in a bowl, a convex function, it could not be. The sign counts because tanh(-z) = -tanh(z): a unit may "
        "change the signs of all its weights."
    )
    return Table("The copies of a net", headings, cells, note)


def _convex(starts: int) -> tuple[dict[str, dict[str, float]], tuple[Row, ...], dict[str, float]]:
    """Return what point 1 measures, its rows and its numbers."""
    found = {name: one_minimum(name, starts) for name in (*CONVEX, *NETS)}
    apart = max(found[name]["apart"] for name in CONVEX)
    least = min(found[name]["least"] for name in CONVEX)
    bent = [found[name]["bent"] for name in NETS]
    rows = (
        claim(
            "1. linear and logistic regression have one minimum",
            "convex",
            f"{starts} starts each end at one point, within {apart:.0e}; the least curvature met is {least:.2g} of the "
            "largest, so positive",
            apart < 1e-6 and least > 0 and all(found[name]["values"] < 1e-6 for name in CONVEX),
            "all ends within 1e-6, every curvature at starts and ends positive",
        ),
        claim(
            "1. the same costs are convex for a single layer only",
            "only for a single layer",
            f"with two hidden units {100 * min(bent):.0f} % of the starts have a negative curvature, "
            f"{100 * max(found[name]['last'] for name in NETS):.0f} % if only the last layer moves; ends differ by up "
            f"to {max(found[name]['values'] for name in NETS):.2f} in loss",
            min(bent) > 0.5 and all(found[n]["last"] == 0 and found[n]["values"] > 0.01 for n in NETS),
            "negative curvature at most starts, none in the last layer alone, different losses at the ends",
        ),
    )
    numbers = {f"{name} {key}": value for name in CONVEX for key, value in found[name].items()}
    numbers |= {f"{name} {key}": found[name][key] for name in NETS for key in ("bent", "last")}
    return found, rows, numbers


def _ends(found: Mapping[str, Comparison]) -> Kinds:
    """Return the kinds of all ends, by problem and by method as it is called here."""
    out: Kinds = {}
    for title, comparison in found.items():
        case = CASES[title]
        out[title] = {
            called: kinds_of(comparison, case.name, name)
            for called, name in ((c, _full(comparison, n)) for c, n in case.methods.items())
            if name
        }
    return out


def _full(comparison: Comparison, name: str) -> str:
    """Return a method's name in a comparison; empty where it did not run."""
    return name if name in comparison.methods else ""


def _traps(found: Mapping[str, Comparison], kinds: Kinds, most: int) -> tuple[tuple[Row, ...], dict[str, float]]:
    """Return the row and the numbers of point 3."""
    sure = proof()
    worse = {title: by["gd"].count("worse minimum") for title, by in kinds.items()}
    looked = [confirmed(comparison, CASES[title].name, "gd", most) for title, comparison in found.items()]
    yes, of = sum(a for a, _ in looked), sum(b for _, b in looked)
    most_often = max(worse, key=lambda title: worse[title] / len(kinds[title]["gd"]))
    share = 100 * worse[most_often] / len(kinds[most_often]["gd"])
    row = claim(
        "3. the swaps prove no worse minima; there are some all the same",
        "not proven",
        f"a minimum of loss {sure['value']:.5f} above the global 0 is proven for the teacher, k = 8; gradient descent "
        f"ends in worse minima on {sum(n > 0 for n in worse.values())} of {len(worse)} problems, in up to "
        f"{share:.0f} % of the runs ({most_often}); {yes} of {of} that were looked at are minima also where kinks are "
        "taken into account",
        sure["proven"] == 1 and sure["value"] > 1e-3 and sum(worse.values()) > 0,
        "interval arithmetic: one point without slope in a box, all curvatures positive there",
    )
    numbers = {"proof value": sure["value"], "proof least": sure["least"], "proven": sure["proven"]}
    return (row,), numbers | {"confirmed": yes / max(1, of)}


def _helps(found: Mapping[str, Comparison], called: str, what: str) -> tuple[Row, dict[str, Difference]]:
    """Return the row that tells whether a method helps, and its differences from ``gd``."""
    differences = against(dict(found), called)
    better = sum(one.p < 0.05 and one.share > 0 for one in differences.values())
    worse = sum(one.p < 0.05 and one.share < 0 for one in differences.values())
    text = f"better than `gd` on {better} of {len(differences)} problems, worse on {worse}"
    basis = "it helps: significantly more successes than `gd` on more than half of the problems (table below)"
    said = "advised" if what.startswith("4") else "worth reading about"
    return claim(what, said, text, 2 * better > len(differences), basis), differences


def _wide(study: Study) -> tuple[Row, Wide, dict[str, float]]:
    """Return the row, the counts and the numbers of point 5."""
    starts = study.pick(30, 200)
    used = {s: w if study.full else (w[0], w[len(w) // 2], w[-1]) for s, (_, w) in SERIES.items()}
    parts = [(named(s, h), starts) for s, widths_ in used.items() for h in widths_]
    counts = iter(study.each("width", flattest, parts))
    found = {s: [next(counts) for _ in widths_] for s, widths_ in used.items()}
    wide = {s: (sum(c["passed"] for c in some[1:]), sum(c["stuck"] for c in some[1:])) for s, some in found.items()}
    runs = {s: sum(c["runs"] for c in some[1:]) for s, some in found.items()}
    told = ", ".join(f"{s} {100 * a / runs[s]:.0f} % and {100 * b / runs[s]:.0f} %" for s, (a, b) in wide.items())
    row = claim(
        "5. in big nets rather a saddle than an extremum",
        "more likely a saddle",
        f"runs that pass a saddle, and that are stuck without one, in nets wider than need be: {told}",
        all(a > b for a, b in wide.values()),
        "more of the first than of the second in each series, all but the least width",
    )
    numbers = {
        f"{s} {h} {k}": c[k]
        for s in found
        for h, c in zip(used[s], found[s], strict=True)
        for k in ("solved", "passed")
    }
    return row, {s: (used[s], found[s]) for s in found}, numbers


def _run(study: Study) -> Outcome:
    convex, first, numbers = _convex(study.pick(50, 200))
    second, table, more = _swaps()
    found = compared(study)
    kinds = _ends(found)
    third, proven = _traps(found, kinds, study.pick(3, 20))
    fifth, wide, narrow = _wide(study)
    asked = {**ADVICE, **(STRONG if study.full else {}), **HOMOTOPY, **(BLURRED if study.full else {})}
    helps = {called: _helps(found, called, what) for called, what in asked.items()}
    fourth, sixth = ([row for row, _ in helps.values() if row.what.startswith(n)] for n in "46")
    differences = {called: by for called, (_, by) in helps.items()}
    numbers |= more | proven | narrow
    for title, by in kinds.items():
        numbers |= {f"{title}: {called}": ends.count("solved") / len(ends) for called, ends in by.items()}
    rows = (*first, *second, *third, *fourth, fifth, *sixth)
    costs = tuple(expected(comparison, title) for title, comparison in found.items())
    pair = {
        k: {s: [(int(c[k]), int(c["runs"])) for c in some] for s, (_, some) in wide.items()}
        for k in ("solved", "passed", "stuck")
    }
    pictures = (bars(kinds), widths(pair, {s: w for s, (_, w) in SERIES.items()}))
    findings = found_out(convex, kinds, differences, wide, _prices(found))
    return Outcome(rows, numbers, costs, (_told(kinds), beside_gd(differences), table), pictures, findings)


def _prices(found: Mapping[str, Comparison]) -> dict[str, dict[str, float]]:
    """Return E* in gradient-equivalents by problem and method."""
    out = {}
    for title, comparison in found.items():
        names = {name: called for called, name in CASES[title].methods.items()}
        out[title] = {names[s.method]: s.expected.value for s in comparison.summaries(CASES[title].name)}
    return out


def _told(kinds: Kinds) -> Table:
    """Return the table of where all runs ended."""
    rows = []
    for title, by in kinds.items():
        for called, ends in by.items():
            rate = success_rate([one == "solved" for one in ends])
            cells = (f"{100 * ends.count(kind) / len(ends):.0f}" for kind in KINDS[1:])
            good = f"{100 * rate.rate:.0f} [{100 * rate.low:.0f}, {100 * rate.high:.0f}]"
            rows.append((title, called, f"{len(ends)}", good, *cells))
    note = (
        "Percent of the runs, [ ] with 95 % intervals. From the end of each run that missed its goal a fine descent "
        "(L-BFGS, 2,000 evaluations) goes on. If it lowers the loss by less than 1 %, the end is a worse minimum; a "
        "saddle, if some curvature is negative and larger in size than a thousandth of the largest; or the run goes to "
        "infinity, if Newton's steps lead there or a weight is above 100. If it does lower the loss, the end was a "
        "saddle where the gradient is below 0.01 and such a curvature is negative, else a plateau, or only slow."
    )
    return Table("Where runs end", ("problem", "method", "runs", *(f"{kind} (%)" for kind in KINDS)), tuple(rows), note)


PAPER = Paper(
    key="slater2017",
    title="Why do multilayer perceptrons get stuck in local minima when logistic regression does not?",
    citation="A question with its answers and comments, read in a question-and-answer thread of May 2017.",
    link="",
    claim=CLAIM,
    choices=CHOICES,
    run=_run,
)
