"""The planar trap: its numbers, its copies at every width, the theorem with a skip, and who gets out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from homotopy.experiments import Comparison, Grid, success_rate

from ..frame import (
    Outcome,
    Paper,
    Picture,
    Row,
    Study,
    claim,
    curve,
    drawn,
    expected,
    finish,
    number,
    panels,
    unread,
)
from .planar import ANGLES, LEVEL, MASSES, beside_a_path, kept, polished, teachers

__all__ = ["PAPER", "picture"]

WIDTHS = (3, 4, 5, 6, 8)
METHODS = ("gd:step_size=0.25", "gd-noise:step_size=0.25", "perturbed-gd", "lbfgs", "width", "skip", "auto")
FEW = ("gd:step_size=0.25", "lbfgs", "width", "skip", "auto")
Ends = Sequence[dict[str, Any]]
"""What became of descents, a part of the study each."""
NAMES = {"gd:step_size=0.25": "gd", "gd-noise:step_size=0.25": "gd-noise"}


def point_rows(found: dict[str, Any]) -> tuple[Row, ...]:
    """Return the rows of the spurious minimum of three units."""
    rows = [
        number(f"spurious minimum, mass of unit {i + 1}", told, ours, 1e-12, form=".12f")
        for i, (told, ours) in enumerate(zip(MASSES, found["masses"], strict=True))
    ]
    rows += [
        number(f"spurious minimum, angle of unit {i + 1} over pi", told, ours, 1e-12, form=".12f")
        for i, (told, ours) in enumerate(zip(ANGLES, found["angles"], strict=True))
    ]
    curvatures = ", ".join(f"{value:.4f}" for value in found["curvatures"])
    return (
        *rows,
        unread("its risk, half the mean square", f"{found['risk']:.8f}", "ours"),
        unread("its curvatures in masses and angles", curvatures, "ours"),
    )


def theorem_rows(found: dict[str, Any], copies: Ends, sides: Ends, planar: Ends) -> tuple[Row, ...]:
    """Return the rows of the counter-theorem and of the theorem."""
    widths = ", ".join(str(one["n"]) for one in copies)
    back, runs = (sum(sum(one["back"].values()) for one in copies), 2 * sum(one["runs"] for one in copies))
    kinds = all(one["kind"] == "minimum" and abs(one["risk"] - LEVEL) < 1e-9 for one in copies)
    ends, starts = sum(one["path"] for one in sides), sum(one["runs"] for one in sides)
    zero, all_, saddles = (sum(one[key] for one in planar) for key in ("path", "runs", "saddles"))
    return (
        claim(
            "without a skip there is a spurious minimum at every width n >= 3",
            "proven",
            f"n = {widths}: {back} of {runs} descents from 0.01 away return"
            + ("; n = 3 proven by intervals" if found["proven"] else ""),
            kinds and back == runs and found["proven"],
            "a minimum by value, slope and curvature at each n; all return to within 1e-8 of its risk",
        ),
        claim(
            "with a linear skip this teacher has no spurious minimum",
            "proven",
            f"n = {sides[0]['n']} to {sides[-1]['n']}: {ends} of {starts} descents from random starts end at 0",
            ends == starts,
            "all below 1e-9",
        ),
        claim(
            "with a linear skip no planar teacher of positive masses has one",
            "proven",
            f"{zero:,} of {all_:,} descents on {len({one['seed'] for one in planar})} random teachers end at 0, the "
            f"other {saddles} of {all_ - zero} at saddles",
            zero + saddles == all_,
            "below 1e-9, or at a stationary point whose units, turned apart, lower the risk at second order",
        ),
    )


def from_trap(study: Study) -> Comparison:
    """Return the runs of all methods from 0.01 beside the spurious minimum, its third unit split."""
    widths = study.pick((3, 5), WIDTHS)
    grid = Grid.of([f"trap:n={n}" for n in widths], study.pick(FEW, METHODS), seeds=study.pick(20, 200), budget=20_000)
    return study.compare(grid)[0]


def from_random(study: Study) -> Comparison:
    """Return the runs of some methods from random starts."""
    widths = study.pick((3, 4), WIDTHS)
    names = [f"trap:n={n},start=random" for n in widths]
    return study.compare(Grid.of(names, FEW, seeds=study.pick(40, 400), budget=20_000))[0]


@drawn
def picture(trapped: Comparison, random: Comparison) -> Picture:
    """Draw the share of runs that reach zero against the width, from the trap and from random starts."""
    figure, axes = panels(2, height=2.6)
    titles = ("from beside the spurious minimum", "from random starts")
    for ax, one, title in zip(axes, (trapped, random), titles, strict=True):
        widths = [int(name.split("n=")[1].split(",")[0]) if "n=" in name else 3 for name in one.problems]
        for method in one.methods:
            rates = [next(s.rate for s in one.summaries(name) if s.method == method) for name in one.problems]
            ends = [(100 * rate.low, 100 * rate.high) for rate in rates]
            label = NAMES.get(method, method)
            curve(ax, widths, [100 * rate.rate for rate in rates], method, label=label, ends=ends)
        ax.set(title=title, xlabel="units of the student n", ylim=(-4, 104), xticks=widths)
    axes[0].set_ylabel("runs that reach risk 0 (%)")
    caption = (
        "Runs that reach the optimum (risk below 1e-6) against the student's width; 95 % intervals. Left: from 0.01 "
        "beside the spurious minimum, whose third unit is split into n - 2 copies."
    )
    return Picture("freed", finish(figure, axes, columns=4), caption)


def _stuck(sides: Ends, key: str) -> str:
    """Return, for each width, the share of plain descents from random starts that end at a spurious value."""
    shares = [success_rate([True] * one[key] + [False] * (one["runs"] - one[key])) for one in sides]
    return ", ".join(f"n = {one['n']}: {100 * share.rate:.1f} %" for one, share in zip(sides, shares, strict=True))


def _findings(trapped: Comparison, random: Comparison, planar: Ends) -> tuple[str, ...]:
    rate = {
        (s.method, p): 100 * s.rate.rate for one in (trapped, random) for p in one.problems for s in one.summaries(p)
    }
    price = {(s.method, p): s.expected.value for p in random.problems for s in random.summaries(p)}
    first, last = trapped.problems[0], trapped.problems[-1]
    every = {m: [rate[m, p] for p in trapped.problems] for m in trapped.methods}
    never = [NAMES.get(m, m) for m, values in every.items() if max(values) == 0]
    always = [NAMES.get(m, m) for m, values in every.items() if min(values) == 100]
    plain, path, all_ = (sum(one[key] for one in planar) for key in ("plain", "path", "runs"))
    narrow = [one for one in planar if one["extra"] == 0]
    stalled = sum(one["saddles"] for one in narrow)
    there = random.problems[0]
    return (
        f"From beside the spurious minimum these methods never get out, at any width tried: {', '.join(never)}; these "
        f"always do: {', '.join(always)}. `width` is freed in {rate['width', first]:.0f} % of the runs on "
        f"{first} and in {rate['width', last]:.0f} % on {last}: copies of the third unit keep the minimum, the units "
        "that `width` adds are not copies.",
        f"From random starts, three units: gradient descent reaches zero in {rate['gd:step_size=0.25', there]:.0f} %, "
        f"L-BFGS in {rate['lbfgs', there]:.0f} % (E* {price['lbfgs', there]:.0f} gradients), `skip` in "
        f"{rate['skip', there]:.0f} % (E* {price['skip', there]:.0f}), `width` in {rate['width', there]:.0f} %. "
        f"Restarts of L-BFGS cost {price['lbfgs', there] / price['skip', there]:.2f} times what `skip` costs. The trap "
        "is at every width, but random starts seldom meet it at larger ones.",
        f"On random planar teachers {100 * path / all_:.0f} % of the descents beside a linear path end at zero, "
        f"{100 * plain / all_:.0f} % without it. Where the student has no more units than the teacher, {stalled:,} of "
        f"{sum(one['runs'] for one in narrow):,} descents beside the path stall where two units share a direction. "
        "That is a saddle, as the theorem demands, but so flat that double precision hardly leaves it: no spurious "
        "minimum does not mean that every descent succeeds.",
    )


def _numbers(
    point: dict[str, Any], copies: Ends, sides: Ends, planar: Ends, compared: Sequence[Comparison]
) -> dict[str, float]:
    numbers = {f"mass {i + 1}": value for i, value in enumerate(point["masses"])}
    numbers |= {f"angle {i + 1}": value for i, value in enumerate(point["angles"])}
    numbers |= {f"curvature {i + 1}": value for i, value in enumerate(point["curvatures"])}
    numbers |= {"risk": point["risk"]}
    numbers |= {f"copies n={one['n']}: back": float(sum(one["back"].values())) for one in copies}
    for key in ("path", "plain trap", "plain other"):
        numbers |= {f"random starts n={one['n']}: {key}": float(one[key]) for one in sides}
    numbers |= {
        f"planar teachers: {key}": float(sum(one[key] for one in planar)) for key in ("path", "saddles", "plain")
    }
    return numbers | {
        f"{s.method} {p}": s.rate.rate for one in compared for p in one.problems for s in one.summaries(p)
    }


def _run(study: Study) -> Outcome:
    point = polished()
    copies = study.each("copies", kept, [[n, study.pick(20, 100)] for n in WIDTHS])
    widths = study.pick((3, 4, 8), (3, 4, 5, 6, 7, 8))
    sides = study.each("sides", beside_a_path, [[n, study.pick(60, 1000)] for n in widths])
    parts = [[seed, extra, 50] for seed in range(study.pick(3, 20)) for extra in (0, 2)]
    planar = study.each("teachers", teachers, parts)
    trapped, random = from_trap(study), from_random(study)
    share = ", of L-BFGS descents without a path"
    rows = (
        *point_rows(point),
        *theorem_rows(point, copies, sides, planar),
        unread(f"stuck at {LEVEL:.5f} from random starts{share}", _stuck(sides, "plain trap"), "ours"),
        unread(f"stuck at another spurious minimum, 4.97e-5{share}", _stuck(sides, "plain other"), "ours"),
    )
    return Outcome(
        rows,
        _numbers(point, copies, sides, planar, (trapped, random)),
        costs=(
            expected(trapped, "From 0.01 beside the spurious minimum"),
            expected(random, "From random starts"),
        ),
        pictures=(picture(trapped, random),),
        findings=_findings(trapped, random, planar),
    )


PAPER = Paper(
    key="zimmermann2026",
    title="Removing spurious minima for planar features by skip connections",
    citation="Zimmermann, Grillo, Balakin et al., 2026 (arXiv 2610.01728), with a Lean repository.",
    link="https://doi.org/10.48550/arXiv.2610.01728",
    claim="A student of relu units learns a teacher of relu units on Gaussian inputs. Theorem: if the teacher's masses "
    "are positive, its directions lie in a plane, the student is at least as wide, and a learned linear skip is kept, "
    "then every local minimum with non-negative masses has loss zero. Counter-theorem: without the skip the teacher of "
    "unit masses at the angles 0, 5 pi/6 and 4 pi/3 has a spurious minimum at every width n >= 3.",
    choices=(
        "The abstract, the README and the statements in Lean were read, not the proofs. Published numbers are the "
        "masses and angles of the spurious minimum of three units; its risk and curvatures are ours.",
        "The minimum is found again by descents from random starts and polished by Newton's method on our own risk. "
        "At larger widths its third unit is split into equal copies, which is our reading of how it persists.",
        "The theorem is tested, not proven: L-BFGS from random starts N(0, 1/2) on the risk beside the best linear "
        "path, in closed form; random teachers have 3 to 6 rows, masses U(.5, 2), uniform angles, and students of as "
        "many units and of two more.",
        "An end above 1e-9 is not a minimum if units within 0.05 rad of each other, made one and brought to their "
        "stationary point, lower the risk at second order when they are turned apart, in closed form (second "
        "derivative below -1e-11).",
        "Solved is a risk below 1e-6: another spurious minimum, of 4.97e-5, is met at four or more units.",
        "`skip` is the package's: it fits beside a linear path with a constant, chooses signs, and goes on without "
        "the path; the paper keeps its skip. That a skip removes spurious minima is the paper's result. Gradient "
        "descent has the step 0.25, with noise and without; nothing was tuned.",
    ),
    run=_run,
)
