"""The table of the study, in words and numbers."""

from __future__ import annotations

from math import isfinite
from typing import Any

from homotopy.papers.diffusion.forms import WORDS
from homotopy.papers.diffusion.study import ROWS, expected, share

__all__ = ["page", "verdict"]

HEAD = """# Training by diffusion: does it help?

Four forms of normal noise on the weights that falls to zero (`homotopy.homotopies.diffusion`; derivations in
mathematics.md, section 11) against L-BFGS and gradient descent from the same starts. Mobahi's paper (arXiv 1601.04114)
was read in its abstract and introduction only: these are tests of the forms built here, not of his experiment.

{verdicts}

It helps on two small sets of one input and one or two relu units, whose local minima are known: out of these minima,
and to the better minimum from random starts. The exact form does it best, smoothed activations less often. A likely
reason is that these traps are made by kinks at data points, which the smoothed loss does not have. On the classical
benchmarks, on recurrent teachers and on the adding problem no form was seen to beat L-BFGS. The schedule that is chosen
there is mostly one short stage, often of the weakest noise that was searched, which is nearly none; strong noise moves
all starts to the same point, or kills relu units. Lifting did not help where it was made for, on long sequences.

## How it was done

Each form has the best of {searched} schedules on other starts, teachers and data than those shown (of few starts, of
the third that leads on the first; gradient descent the best of five step sizes). A run ends at the problem's training
target, on a plateau or at the budget. **Every smoothed evaluation counts as one gradient** ((d): one for each of its
eight samples), which is generous: the last column says what it costs in flops of the plain gradient, and it is not
compiled. Success with 95 % intervals; E is the evaluations of all runs over their successes, with a 95 % bootstrap over
teachers, data sets or starts. `rts` has {teachers} shown teachers, adding 128 sequences each. The exact form needs a
single hidden layer, so that recurrent nets have the other three. *helps* and *hurts*: the interval of E lies below,
above that of the plain descent by the same rule. Of {compared} comparisons one or two may do so by chance.

| problem | method | success | E | it | schedule | flops of one |
|---|---|---|---|---|---|---|
"""
TAIL = """
Problems by name: xor, jellyfish:loss=squared, swirszcz-d1 and -d2 (starts near the published local minima, or random),
sine, rts A and B (tanh, gain 3, two and four units, T = 20), adding with 128 sequences. Noise: sigma, stages x steps;
three stages have sigma, 0.32 sigma and 0.1 sigma.

## What follows from the idea

![Four pictures](diffusion.png)

*Initialization*: under strong noise all starts end at the best constant, the only minimum there; for xor, whose targets
have no linear part, it stays one at every positive sigma, beside the others that appear, so that no path leads from it
to them. (Where targets have a linear part it becomes a saddle.) *Step size*: the largest stable step of gradient
descent is larger under strong noise. *Layers*: in the lifted form two layers of weights have no mixed curvature at
t = 0, each learns from states of its own; smoothed activations do not separate them. *Noise*: a mean over noisy copies
of the weights estimates the smoothed gradient.
"""


def page(found: dict[str, Any]) -> str:
    """Return the page of the results of `study`."""
    smoothed = [result for row in found.values() for form, result in row.items() if form not in ("gd", "lbfgs")]
    counts = {result["searched"] for result in smoothed}
    teachers = len({member for member, _ in ROWS["rts A"].shown})
    lines = [
        HEAD.format(
            verdicts=_verdicts(found),
            searched=f"{min(counts)} to {max(counts)}",
            teachers=teachers,
            compared=len(smoothed),
        ).rstrip("\n")
    ]
    for name, row in found.items():
        for form, result in row.items():
            lines.append(_line(name, form, result, row))
    return "\n".join(lines) + "\n" + TAIL


def _verdicts(found: dict[str, Any]) -> str:
    """Return where smoothed forms help and hurt, in two sentences."""
    where: dict[str, list[str]] = {"helps": [], "hurts": []}
    for name, row in found.items():
        for form, result in row.items():
            word = _word(form, result, row)
            if word in where:
                where[word].append(f"{WORDS[form]} on {name}")
    return "\n\n".join(f"**It {word}**: {'; '.join(cases) or 'nowhere'}." for word, cases in where.items())


def verdict(runs: list[list[Any]], plain: list[list[Any]]) -> str:
    """Return in a word whether the expected cost is below or above that of plain descents, beyond both intervals."""
    _, low, high = expected(runs)
    _, plain_low, plain_high = expected(plain)
    return "helps" if high < plain_low else "hurts" if low > plain_high else "no difference seen"


def _word(form: str, result: dict[str, Any], row: dict[str, Any]) -> str:
    """Return the verdict of a smoothed form against the plain descent by its rule; nothing of a plain one."""
    if form in ("gd", "lbfgs"):
        return ""
    return verdict(result["runs"], row["gd" if form.endswith("gd") else "lbfgs"]["runs"])


def _line(name: str, form: str, result: dict[str, Any], row: dict[str, Any]) -> str:
    rate, low, high = share(result["runs"])
    cells = [name, WORDS[form], f"{rate:.2f} [{low:.2f}, {high:.2f}]", _cost(expected(result["runs"]))]
    cells.append(_word(form, result, row))
    return "| " + " | ".join([*cells, _schedule(form, result["schedule"]), f"{result['flops']:.3g}"]) + " |"


def _cost(found: tuple[float, float, float]) -> str:
    mean, low, high = (f"{cost:,.0f}" if isfinite(cost) else "∞" for cost in found)
    return f"{mean} [{low}, {high}]"


def _schedule(form: str, own: dict[str, Any]) -> str:
    """Return what was chosen, in short."""
    if form == "lbfgs":
        return ""
    words = [] if form == "gd" else [f"sigma {own['sigma']:g}, {own['stages']} x {own['steps']}"]
    words += [f"step {own['step_size']:g}"] if form.endswith("gd") else []
    words += [f"penalty {own['penalty']:g}"] if form == "b" else []
    words += [own["points"]] if form == "d" else []
    return ", ".join(words)
