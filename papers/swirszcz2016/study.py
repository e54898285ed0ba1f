"""Table 1 run again, beside continuation from the same starts, and the two data sets with proven local minima."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from scipy.stats import spearmanr

from homotopy.experiments import Comparison, Grid

from ..frame import Outcome, Paper, Picture, Row, Study, Table, claim, curve, drawn, expected, finish, number, panels
from .nets import ACTIVATIONS, DATA, PUBLISHED, RULES, WIDTHS, cell, errors
from .points import at_the_points, escapes
from .variants import VARIANTS, likeness, varied

__all__ = ["PAPER", "shares", "shares_picture", "table_one"]

Shares = dict[tuple[str, str, str, int], float]
"""From data, unit, method and width to the share of runs with no error, in per cent."""
METHODS = ("gd:step_size=0.1", "gd", "adam", "lbfgs", "width", "omp", "skip", "auto")
FEW = ("gd:step_size=0.1", "adam", "lbfgs", "width", "omp", "auto")
WITHIN = 15.0
"""Points by which two shares may differ and still agree: their number of runs is unknown."""


def comparisons(study: Study) -> list[Comparison]:
    """Return the runs of all methods from the same starts: widths 2 to 4, and 5 to 7."""
    widths = study.pick(((2, 3),), ((2, 3, 4), (5, 6, 7)))
    seeds, methods = study.pick((40, FEW), (400, METHODS))
    grids = [
        Grid.of([cell(data, unit, h) for data in DATA for unit in ACTIVATIONS for h in some], methods, seeds=seeds)
        for some in widths
    ]
    return study.compare(*grids)


def shares(found: Sequence[Comparison]) -> Shares:
    """Return the shares of runs that end with no point on the wrong side, judged by the outputs of the last net."""
    ours: Shares = {}
    for one in found:
        for data in DATA:
            for unit in ACTIVATIONS:
                for h in WIDTHS:
                    problem = cell(data, unit, h)
                    for method in one.methods_on(problem.name):
                        ends = np.array([x for _, x, _ in one.payload(problem.name, method)])
                        ours[data, unit, method, h] = 100 * float(np.mean(errors(problem.objective, ends) == 0))
    return ours


def table_one(ours: Shares) -> tuple[Row, ...]:
    """Return the rows of Table 1: every cell that was run, and what the table says as a whole."""
    told: Shares = {}
    mine: Shares = {}
    for (data, unit, rule), shares_ in PUBLISHED.items():
        for h, share in zip(WIDTHS, shares_, strict=True):
            if (data, unit, RULES[rule], h) in ours:
                told[data, unit, rule, h] = share
                mine[data, unit, rule, h] = ours[data, unit, RULES[rule], h]
    rows = [
        number(f"{data}, {unit}, {rule}, h = {h}", share, mine[data, unit, rule, h], WITHIN, form=".0f", unit="%")
        for (data, unit, rule, h), share in told.items()
    ]
    rows = [replace(row, basis=f"within {WITHIN:.0f} points") for row in rows]
    return (*rows, *whole_table(told, mine))


def whole_table(told: Shares, mine: Shares) -> tuple[Row, ...]:
    """Return what Table 1 says as a whole beside what ours does; shares by data, unit, the paper's rule and width."""
    widths = sorted({h for *_, h in told})
    low, high = widths[0], widths[-1]
    ends = [(mine[*key, low], mine[*key, high]) for key in PUBLISHED]
    up = sum(last > first or min(first, last) >= 97 for first, last in ends)
    smooth = [mine[data, "sigmoid", "GD", h] - mine[data, "relu", "GD", h] for data in DATA for h in widths]
    slow = [mine["jellyfish", "sigmoid", "Adam", h] - mine["jellyfish", "sigmoid", "GD", h] for h in widths]
    rank = float(spearmanr(list(told.values()), list(mine.values())).statistic)
    return (
        claim("the table's order", "the table", f"rank correlation {rank:.2f}", rank >= 0.7, "at least 0.7"),
        claim(
            "more units, more runs that converge",
            "8 of 8 columns",
            f"{up} of 8 columns",
            up == 8,
            f"the share is higher at h = {high} than at {low}, or at least 97 % at both",
        ),
        claim(
            "with GD sigmoid units converge more often than relu",
            "at every width",
            f"in {sum(gap > 0 for gap in smooth)} of {len(smooth)} cells; the worst {min(smooth):+.0f} points",
            min(smooth) > -3,
            "nowhere worse by 3 points",
        ),
        claim(
            "on Jellyfish with sigmoid units Adam does worse than GD",
            "at every width, by 42 to 100 points",
            f"at {sum(gap < 0 for gap in slow)} of {len(slow)} widths; the differences {min(slow):+.0f} to "
            f"{max(slow):+.0f} points",
            max(slow) < 0,
            "worse at every width",
        ),
    )


def minima(found: dict[str, float]) -> tuple[Row, ...]:
    """Return the rows of D1 and D2."""
    low = "no slope falls, and no fall in 20,000 directions"
    return (
        claim(
            "D1: (w, b, v, c) = (1, -3, 1, 0) is a local minimum that is not global",
            "yes",
            f"{low}; sum of squares {found['D1 value']:.4g}, and the least of any unit is {found['D1 least']:.4g}",
            found["D1 minimum"] == 1 and found["D1 fall"] == 0 and found["D1 value"] > found["D1 least"] + 1,
            "a minimum by its slopes and by values; the least by going through all kinks",
        ),
        claim(
            "D2, with second hidden weight 1: a local minimum that is not global",
            "yes",
            f"{low}; sum of squares {found['D2 value']:.4g}",
            found["D2 minimum"] == 1 and found["D2 fall"] == 0 and found["D2 value"] > 1,
            "a minimum by its slopes and by values",
        ),
        claim(
            "D2, with second hidden weight 1: the other point fits all six points",
            "yes",
            f"sum of squares {found['D2 global']:.1g}",
            found["D2 global"] < 1e-24,
            "zero to rounding",
        ),
    )


@drawn
def shares_picture(ours: Shares) -> Picture:
    """Draw the shares against the width, four panels: published ones hollow and grey, ours in color."""
    figure, axes = panels(2, 2)
    figure.set_size_inches(5.4, 3.6)  # four panels of few points each need no more
    known = {method: None for _, _, method, _ in ours}
    shown = [m for m in ("gd:step_size=0.1", "adam", "width", "omp") if m in known]
    names = {"gd:step_size=0.1": "GD", "adam": "Adam"}
    for ax, (data, unit) in zip(axes, [(data, unit) for data in DATA for unit in ACTIVATIONS], strict=True):
        for rule, line, mark in (("GD", "--", "o"), ("Adam", ":", "s")):
            look = {"color": "0.55", "linestyle": line, "marker": mark, "markersize": 5, "fillstyle": "none"}
            ax.plot(WIDTHS, PUBLISHED[data, unit, rule], label=f"{rule}, published", **look)
        for method in shown:
            widths = [h for h in WIDTHS if (data, unit, method, h) in ours]
            y = [ours[data, unit, method, h] for h in widths]
            full = {"fillstyle": "full"} if method in names else {}
            curve(ax, widths, y, method, label=names.get(method, method), **full)
        ax.set(title=f"{'XOR' if data == 'xor' else 'Jellyfish'}, {unit}", ylim=(-4, 104), xticks=WIDTHS)
    for ax in axes[2:]:
        ax.set_xlabel("hidden units h")
    for ax in axes[::2]:
        ax.set_ylabel("runs with no error (%)")
    caption = (
        "Runs that end with none of the four points on the wrong side, against the width: published shares in grey, "
        "ours in color."
    )
    return Picture("shares", finish(figure, axes, columns=3), caption)


def variant_table(found: dict[str, list[float]]) -> Table:
    """Return how like the published table is to ours with other settings."""
    rows = []
    for name, one in found.items():
        cells, gap, rank = likeness(one)
        parts = [f"{likeness(one, rule)[0]} of 24" for rule in RULES]
        rows.append((name, f"{cells} of 48", *parts, f"{gap:.1f}", f"{rank:.2f}"))
    headings = ("setting", "within 15 points", *RULES, "mean distance, points", "rank correlation")
    note = (
        "Shares of 200 starts each. The verdict is about the first row, with 400 starts; the others, which differ from "
        "it in what they name, show what hangs on settings that could not be read."
    )
    return Table("Other settings, compared with Table 1", headings, tuple(rows), note)


def _mean(ours: Shares, method: str, width: int) -> float:
    """Return a method's share on the four nets of one width."""
    return float(np.mean([value for (_, _, name, h), value in ours.items() if (name, h) == (method, width)]))


def _findings(ours: Shares, rows: Sequence[Row], gone: Comparison, found: dict[str, list[float]]) -> tuple[str, ...]:
    """Return what was found in words."""
    near = sum(bool(row.holds) for row in rows if "h =" in row.what)
    cells = sum("h =" in row.what for row in rows)
    said = {m: f"{_mean(ours, m, 2):.0f}" for m in ("gd:step_size=0.1", "adam", "lbfgs", "width", "omp", "auto")}
    rate = {(p, s.method): 100 * s.rate.rate for p in gone.problems for s in gone.summaries(p)}
    out = [
        f"{near} of {cells} shares lie within {WITHIN:.0f} points of the published ones, with settings that the paper "
        "may not have had.",
        f"With two hidden units the mean share over the four panels is {said['gd:step_size=0.1']} % for gradient "
        f"descent, {said['adam']} % for Adam, {said['lbfgs']} % for L-BFGS, {said['width']} % for `width`, "
        f"{said['omp']} % for `omp` and {said['auto']} % for `auto`, which starts again until it succeeds or its "
        "budget is spent.",
        *(
            f"{name.upper()}: from beside the local minimum gradient descent leaves in "
            f"{rate[p, 'gd:step_size=0.1']:.3g} % of the runs and L-BFGS in {rate[p, 'lbfgs']:.3g} %; `width` in "
            f"{rate[p, 'width']:.3g}, `omp` (which does not use the start) in {rate[p, 'omp']:.3g}, `skip` in "
            f"{rate[p, 'skip']:.3g}, `auto` in {rate[p, 'auto']:.3g} %. From random starts gradient descent reaches "
            f"the global minimum in {rate[p + ':start=random', 'gd:step_size=0.1']:.3g} %, L-BFGS in "
            f"{rate[p + ':start=random', 'lbfgs']:.3g} %, `skip` in {rate[p + ':start=random', 'skip']:.3g} %, `auto` "
            f"in {rate[p + ':start=random', 'auto']:.3g} %."
            for name, p in (("d1", "swirszcz-d1"), ("d2", "swirszcz-d2"))
        ),
    ]
    if found:
        out[1:1] = _on_settings(ours, found)
    return tuple(out)


def _on_settings(ours: Shares, found: dict[str, list[float]]) -> list[str]:
    """Return in words what hangs on the settings that could not be read."""
    near = {name: likeness(one)[0] for name, one in found.items()}
    rules = {rule: {name: likeness(one, rule)[0] for name, one in found.items()} for rule in RULES}
    best = {rule: max(cells, key=lambda name: cells[name]) for rule, cells in rules.items()}
    slow, safe = (
        [ours["jellyfish", "sigmoid", method, h] for h in (WIDTHS[0], WIDTHS[-1])] for method in (RULES["GD"], "gd")
    )
    return [
        f"Of {len(found)} settings none gives the whole table; they give {min(near.values())} to {max(near.values())} "
        f'cells. GD comes nearest with "{best["GD"]}" ({rules["GD"][best["GD"]]} of 24), Adam with '
        f'"{best["Adam"]}" ({rules["Adam"][best["Adam"]]} of 24).',
        f"On Jellyfish with sigmoid units gradient descent with step 0.1 runs out of its 20,000 steps: {slow[0]:.0f} % "
        f"of the runs have no error at h = {WIDTHS[0]}, {slow[1]:.0f} % at h = {WIDTHS[-1]}. With a step of 1 over the "
        f"largest curvature at the start they are {safe[0]:.0f} % and {safe[1]:.0f} %.",
    ]


def _run(study: Study) -> Outcome:
    runs, gone, point = comparisons(study), escapes(study), at_the_points()
    names = study.pick((), tuple(VARIANTS))
    found = dict(zip(names, study.each("variants", varied, [[name, 200] for name in names]), strict=True))
    ours = shares(runs)
    rows = (*table_one(ours), *minima(point))
    numbers = {" ".join(map(str, key)): v for key, v in ours.items() if key[2] in RULES.values() or key[3] <= 3}
    numbers |= point
    numbers |= {f"{s.method} {p}": 100 * s.rate.rate for p in gone.problems for s in gone.summaries(p)}
    numbers |= {f"{name}: mean distance": likeness(one)[1] for name, one in found.items()}
    costs = (
        expected(runs[0], "Table 1's nets: until no point is on the wrong side"),
        expected(gone, "D1 and D2, from beside the local minimum and from random starts"),
    )
    return Outcome(
        rows,
        numbers,
        costs=costs,
        tables=(variant_table(found),) if found else (),
        pictures=(shares_picture(ours),),
        findings=_findings(ours, rows, gone, found),
    )


PAPER = Paper(
    key="swirszcz2016",
    title="Local minima in training of neural networks",
    citation="G. Swirszcz, W. M. Czarnecki and R. Pascanu, 2016 (arXiv 1611.06310).",
    link="https://doi.org/10.48550/arXiv.1611.06310",
    claim="Nets with one hidden layer have bad local minima that training finds. Table 1: the share of runs of a 2-h-1 "
    'net that converge, on XOR and on the four "Jellyfish" points, rises with the width h = 2..7; sigmoid units '
    "converge more often than relu under gradient descent, and on Jellyfish Adam does worse than gradient descent. Two "
    "regression sets, D1 with one relu unit and D2 with two, have local minima that are given in closed form.",
    choices=(
        "The paper's appendix could not be read. Not known are the number of runs, the initialization, the step sizes, "
        "the number of updates, the loss of Table 1 and the encoding of XOR.",
        "Ours: logistic loss; inputs 0 and 1; weights N(0, 1/inputs of the layer), biases N(0, 0.01); gradient descent "
        "with step 0.1 and Adam with step 0.01, the defaults of `homotopy.descend`, at most 20,000 steps; 400 starts. "
        "They were not fitted to Table 1. The other default of gradient descent, a step of 1 over the largest "
        "curvature at the start, was seen to do worse on relu nets before the choice was made; it is among the rivals.",
        '"Converges" is read as no training error, judged by the outputs of the last net. A run stops at a mean loss '
        "of log(2)/4, where no point can be on the wrong side; E* counts to there.",
        "Since their number of runs is unknown, two shares agree if they differ by 15 points or less; this was set "
        "before the runs.",
        "The rivals are gradient descent with both steps, Adam and L-BFGS; no method was tuned. `skip` needs "
        "units that a flip changes by a linear function, so not sigmoid.",
        "D2 is printed with the second hidden weight -1, with which the claims do not hold: the loss falls nearby. "
        "With +1 they do, and this is what is shown.",
    ),
    run=_run,
)
