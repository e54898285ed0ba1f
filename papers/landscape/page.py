"""The page: what the minima and saddles are, and what is proven of them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import jinja2
import numpy as np

from homotopy.papers.landscape import tables
from homotopy.papers.landscape.blocks import among
from homotopy.papers.landscape.convex import BEST, EXTRA, KICKED, KICKS, ROUNDS, STEPS
from homotopy.papers.landscape.facts import Fact, Facts
from homotopy.papers.landscape.figure import picture
from homotopy.papers.landscape.study import FULL, Size
from homotopy.papers.landscape.trap import BUDGET
from homotopy.papers.landscape.xor import TREE, name

__all__ = ["page", "write"]


def page(all_of_them: Iterable[Fact], size: Size = FULL) -> str:
    """Return the page in Markdown.

    Parameters
    ----------
    all_of_them : iterable of Fact
        All facts of a study.
    size : Size
        What the study is.
    """
    found = Facts(all_of_them)
    loader = jinja2.FileSystemLoader(Path(__file__).parent)
    environment = jinja2.Environment(loader=loader, undefined=jinja2.StrictUndefined, keep_trailing_newline=True)
    spent = [found.number("done", case, "seconds") for case in found.cases("done")]
    return environment.get_template("landscape.md.jinja").render(
        size=size,
        minutes=f"{np.nansum(spent) / 60:,.0f}",
        published=tables.published(),
        short=[*_teachers(found, size), *_xor(found, size), *_trap(found, size), *_convex(found, size)],
        spurious=tables.spurious(found, size),
        families=tables.families(found, size),
        digits=_digits(found, size),
        blocks=tables.blocks(found, size),
        told=_told(found, size),
        censuses=tables.censuses(found, size),
        others=_others(found, size),
        classes=tables.classes(found, *TREE),
        embedded=_embedded(found),
        penalties=tables.penalties(found, size),
        barriers=_barriers(found),
        incomplete=_incomplete(found, size),
        trap=tables.trap(found, size),
        point=lambda key: found.number("trap", "point", key),
        other=lambda key: found.number("trap", "other", key),
        other_proven=found.strict("trap", "other"),
        sampled=tables.sampled(found),
        budget=f"{BUDGET:,.0f}",
        convex=tables.convex(found, size),
        extra=EXTRA,
        steps=STEPS,
        best=BEST,
        kicks=(KICKED, ROUNDS, KICKS),
    )


def write(folder: Path, all_of_them: Iterable[Fact], size: Size = FULL) -> None:
    """Write the page and its picture to a folder."""
    some = list(all_of_them)
    (folder / "landscape.md").write_text(page(some, size), encoding="utf-8")
    picture(Facts(some), size).savefig(folder / "landscape.png", dpi=140)


def _teachers(found: Facts, size: Size) -> list[str]:
    cases = [case for k, _ in size.teachers for case in found.cases("teacher", f"{k} family")]
    sure = sum(found.strict("teacher", case) for case in cases)
    away = [found.number("teacher", case, "anti-aligned") for case in cases]
    common = [found.number("teacher", f"{k} family 1", "anti-aligned") for k, _ in size.teachers]
    ones = sum(count == 1 for count in common)
    return [
        f"**Safran and Shamir's risk, k = n = {size.teachers[0][0]} to {size.teachers[-1][0]}**: {len(cases)} families "
        f"of spurious minima, {sure} of them proven to be strict minima. In the commonest family of {ones} of "
        f"{len(common)} sizes one unit points away from the teacher's unit that it stands for; over all families it "
        f"is {min(away, default=0):.0f} to {max(away, default=0):.0f}. With two blocks of "
        f"units six numbers tell a minimum: {_told(found, size)}."
    ]


def _xor(found: Facts, size: Size) -> list[str]:
    cases = [name(hidden, l2) for hidden, l2 in size.nets]
    keys = ("found", "proven", "above", "above, saddles")
    points, proven, above, saddles = (sum(found.number("xor", case, key) for case in cases) for key in keys)
    runs, same = (sum(found.number("repeats", case, key) for case in cases) for key in ("runs", "same"))
    one = sum(found.number("xor", case, "morse") == 1 for case in cases)
    return [
        f"**Exclusive or, {len(cases)} small nets with weight decay**: {points:.0f} critical points up to symmetry, "
        f"{proven:.0f} of them proven with their index; in {same:.0f} of {runs:.0f} repetitions with other "
        f"seeds and up to twice the starts the counts are the same, and the sum of (-1)^index is 1 in {one} of "
        f"{len(cases)}. Of the points above the global minimum {saddles:.0f} of {above:.0f} are saddles."
    ]


def _trap(found: Facts, size: Size) -> list[str]:
    def told(side: str) -> str:
        return ", ".join(f"{found.number('trap', f'n={n} {side}', 'success'):.0f}" for n in size.widths)

    widths = ", ".join(f"{n}" for n in size.widths)
    return [
        f"**The planar trap**: of {size.trap_seeds} runs from it with n = {widths} student units L-BFGS solves "
        f"{told('L-BFGS')}, `width` {told('width')}, `skip` {told('skip')}."
    ]


def _convex(found: Facts, size: Size) -> list[str]:
    cases = found.cases("convex")
    gaps = [found.number("convex", case, "best polished") - found.number("convex", case, "upper") for case in cases]
    near = sum(gap < 1e-6 for gap in gaps)
    below = sum(found.number("convex", case, "below") for case in cases)
    return [
        f"**Relu nets with weight decay**: the proven global minimum is reached to 1e-6 by the best of {size.runs:,} "
        f"descents, polished, on {near} of {len(cases)} problems (largest difference {max(gaps, default=0.0):.0e}); "
        f"{below:.0f} runs end below the lower bound."
    ]


def _digits(found: Facts, size: Size) -> str:
    """Return where the commonest families have the authors' digits, and where not."""
    theirs = tables.published()["rows"]
    sizes = [k for k, _ in size.teachers if f"{k}" in theirs]
    wrong = []
    for key, digits in (("F", 5), ("eigenvalue", 4)):
        for k in sizes:
            ours = found.number("teacher", f"{k} family 1", key)
            if f"{ours:.{digits}f}" != theirs[f"{k}"][key]:
                low = found.number("teacher", f"{k} family 1", f"{key} low")
                wrong.append(f"{key} at k = {k}, {theirs[f'{k}'][key]} there and {low:.8f} here")
    if not wrong:
        return "F and the smallest eigenvalue of the commonest families have the authors' digits at all k."
    return (
        "F and the smallest eigenvalue of the commonest families have the digits of the authors' files, but for "
        f"{'; '.join(wrong)}: ours are lower bounds by interval arithmetic, a half unit of the last digit away."
    )


def _told(found: Facts, size: Size) -> str:
    """Return how many of the families that runs met have two blocks, and how many of two blocks runs did not meet."""
    met: dict[int, list[float]] = {}
    for k, _ in size.teachers:
        met[k] = [found.number("teacher", case, "F") for case in found.cases("teacher", f"{k} family")]
    known = {k: [found.number("blocks", case, "F") for case in found.cases("blocks", f"{k} m=")] for k in met}
    every = [(k, F) for k, some in met.items() for F in some]
    form = sum(among(F, known[k]) for k, F in every)
    unmet = sum(not among(F, met[k]) for k, some in known.items() for F in some)
    return (
        f"{form} of the {len(every)} families that runs met have this form, and {unmet} minima of it were met by none"
    )


def _others(found: Facts, size: Size) -> str:
    """Return the counts of the repetitions that differ, in a sentence; empty where none does."""
    told = []
    for case in (name(hidden, l2) for hidden, l2 in size.nets):
        for other in found.cases("repeats", f"{case} starts="):
            if found.number("repeats", other, "found") != found.number("xor", case, "found"):
                points, morse = (found.number("repeats", other, key) for key in ("found", "morse"))
                told.append(f"`{other}` found {points:.0f} points, with a sum of {morse:.0f}")
    return f"The repetitions that differ: {'; '.join(told)}." if told else ""


def _embedded(found: Facts) -> str:
    """Return what became of the points of the smaller net in the larger one."""
    told = []
    for case in found.cases("embedded"):
        points, there, rises = (found.number("embedded", case, key) for key in ("points", "found", "index rises"))
        gradient = found.number("embedded", case, "gradient")
        told.append(
            f"with {case} all {points:.0f} have a gradient of at most {gradient:.0e}, {there:.0f} are among those "
            f"found with three units, {rises:.0f} with a higher index"
        )
    return "; ".join(told)


def _incomplete(found: Facts, size: Size) -> str:
    """Return which censuses of the penalties lack points by their sum, in a sentence; empty where none does."""
    told = []
    for hidden in sorted({hidden for hidden, _ in size.nets}):
        for l2 in size.penalties:
            morse = found.number("sweep", name(hidden, l2), "morse")
            if morse != 1:
                told.append(f"2-{hidden}-1 with l2 = {l2:g}")
    return f"Points are missing where the sum is not 1: {', '.join(told)}." if told else "The sum is 1 everywhere."


def _barriers(found: Facts) -> str:
    """Return how far the minima of the tree are from lower ones, least and largest."""
    case = name(*TREE)
    some = [found.number("tree", leaf, "escape") for leaf in found.cases("tree", f"{case} leaf")]
    known = [one for one in some if np.isfinite(one)]
    return f"{min(known):.2g} to {max(known):.2g}" if known else "-"
