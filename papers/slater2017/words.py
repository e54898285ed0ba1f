"""What the thread says, what we chose, and the answers in words, with the figures of the run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .ends import KINDS
from .runs import STRONGER, Difference

__all__ = ["CHOICES", "CLAIM", "found_out"]

CLAIM = """\
The question: the cost of linear regression is convex, a bowl with one lowest point; that of logistic regression was
chosen so that it is one, too. A multilayer perceptron, a net with hidden units, uses the same cost, so why does it get
stuck in local minima, low points that are not the lowest?

The answers and comments, in our words:

- (1) The costs are convex in the weights of a single layer only.
- (2) Two hidden units can be swapped, with the weights into and out of them, and the net computes the same. So n
  hidden units give at least n! equal minima, and the cost is not convex.
- (3) This does not prove that *worse* minima exist.
- (4) With such models reduce the learning rate, and add uniformly distributed noise now and then.
- (5) In big nets one rather wanders around a saddle, where the cost falls in some directions and rises in others, than
  sits at an extremum, since the models have more weights than they need.
- (6) Read about homotopy methods, which follow the solution of an easy problem to that of the true one, for example
  *Training Recurrent Neural Networks by Diffusion*."""
CHOICES = (
    "The thread has no experiment: all problems, starts and settings are ours. XOR (exclusive or) has two inputs, two "
    "hidden units and four samples; jellyfish four samples that trap small relu nets, four hidden units and the cost "
    "of logistic regression; sine a curve of three periods and four hidden units; the teachers are nets of k relu "
    "units whose function another net of k units has to find. Success is the goal of each problem in the package.",
    "The advice names no numbers. A reduced step is a tenth of the default, one over the largest curvature at the "
    "start (the median of 50 starts that are not shown; of teachers a tenth of their default); a falling step is 1 / "
    "(1 + steps / 1000) of it; noise is uniform in [-0.1, 0.1] on every weight each tenth step and fades out in "
    "2,000 steps, and `gd-noise x 3` has it in [-0.3, 0.3]. Nothing was tuned, neither these nor the continuation "
    "methods; every method has its defaults and the same budget, 20,000 gradients a run, sine 4,000.",
    "The continuation methods, each a path from an easier problem to the true one: `width` trains a net with more "
    "hidden units and takes them away one by one; `skip` adds a straight path from the inputs to the output, which "
    "is solved exactly, and takes it away; `omp` picks hidden units one after another, so that only their outgoing "
    "weights are fitted at first, and then trains all; `diffusion` blurs the cost and sharpens it; `auto` chooses "
    "among them.",
    "Diffusion is ours, not that of the paper named in the thread, whose algorithm could not be read: the cost "
    "is averaged over normal noise on all weights, exactly where the package has a formula, else over eight samples, "
    "with the noise going to zero.",
    "`auto` tries one method after another, each from a new start, until one succeeds or the budget is spent, while "
    "the other methods have one start; `omp` picks its units from random ones and does not use the start. So shares "
    "of success alone flatter `auto`: compare it by E*, where every method may start again. L-BFGS, a descent with a "
    "memory of past gradients, is shown as the plain method that one would use instead of gradient descent.",
    "Gradient descent here sees all samples at each step. Stochastic descent has noise of its own, which is not "
    "measured.",
    "Methods are compared from the same starts. McNemar's test asks whether, among the starts that only one of two "
    "methods solved, one has more than chance would give it; Holm's correction allows for the number of problems; p "
    "below 0.05 counts as a difference.",
    "No address of the thread is given, since none was kept.",
)
Wide = Mapping[str, tuple[Sequence[int], Sequence[Mapping[str, float]]]]
DESCENTS = ("gd", "gd, step / 10", "gd-decay", "gd-noise", STRONGER)


def _percent(ends: Sequence[str], kind: str) -> float:
    return 100 * ends.count(kind) / len(ends)


def found_out(
    convex: Mapping[str, Mapping[str, float]],
    kinds: Mapping[str, Mapping[str, Sequence[str]]],
    differences: Mapping[str, Mapping[str, Difference]],
    wide: Wide,
    price: Mapping[str, Mapping[str, float]],
) -> tuple[str, ...]:
    """Return the answers, a sentence or two for each point.

    Parameters
    ----------
    convex : dict
        Of `one_minimum`, by problem.
    kinds : dict
        The kinds of ends, by problem and method.
    differences : dict
        By method and problem, how much more often it succeeds than ``gd``.
    wide : dict
        Widths and what `flattest` found, by series.
    price : dict
        E* in gradient-equivalents, by problem and method.
    """
    logistic, net = convex["logistic"], convex["xor:loss=logistic"]
    return (
        "**In short.** " + _short(kinds, differences),
        f"**Why logistic regression does not get stuck.** All starts end within {logistic['apart']:.0e} of one point, "
        "because the cost bends upward everywhere. A hidden layer keeps the cost and loses the bowl: it multiplies "
        "weights by each other. With only the last layer free, the cost of XOR is still a bowl at "
        f"{100 - 100 * net['last']:.0f} % of the starts; with both layers free it bends downward in some direction at "
        f"{100 * net['bent']:.0f} % of them.",
        "**Where plain gradient descent ends.** " + _where(kinds, "gd"),
        "**The advice.** "
        + " ".join(_advice(one, differences[one]) for one in DESCENTS[1:] if one in differences)
        + _cheaper(price),
        "**Big nets.** " + _widths(wide),
        "**Continuation.** " + _continued(kinds, differences),
        "**What a success costs, in gradients, with restarts.** " + _costs(price),
    )


def _short(
    kinds: Mapping[str, Mapping[str, Sequence[str]]], differences: Mapping[str, Mapping[str, Difference]]
) -> str:
    """Return the answer in a few sentences."""
    helped = {one: sum(d.p < 0.05 and d.share > 0 for d in differences[one].values()) for one in DESCENTS[1:4]}
    return (
        "The layers of a perceptron multiply each other's weights, so its cost is no bowl. The copies that swaps make "
        "do no harm, since all are equally good; worse minima, flat stretches and ways to infinity do: on these "
        f"{len(kinds)} small nets gradient descent solves {_range(kinds, 'gd')} of the runs. Of the advice a tenth of "
        f"the step helps on {helped['gd, step / 10']}, a falling step on {helped['gd-decay']} and noise on "
        f"{helped['gd-noise']} of them. From the same starts `width` solves {_range(kinds, 'width')}: it begins with a "
        "wider net, which is rarely stuck, and takes units away."
    )


def _range(kinds: Mapping[str, Mapping[str, Sequence[str]]], method: str) -> str:
    """Return the least and the largest share of solved runs over the problems."""
    shares = [f"{_percent(by[method], 'solved'):.0f}" for by in kinds.values() if method in by]
    low, high = min(shares, key=int), max(shares, key=int)
    return f"{high} %" if low == high else f"{low} to {high} %"


def _where(kinds: Mapping[str, Mapping[str, Sequence[str]]], method: str) -> str:
    told = []
    for title, by in kinds.items():
        common = max(KINDS[1:], key=by[method].count)
        told.append(
            f"{title}: {_percent(by[method], 'solved'):.0f} % solved, {_percent(by[method], common):.0f} % {common}"
        )
    return "The commonest end besides success: " + "; ".join(told) + "."


def _advice(called: str, found: Mapping[str, Difference]) -> str:
    """Return where one piece of advice helps and harms beyond chance."""
    helps = [t for t, d in found.items() if d.p < 0.05 and d.share > 0]
    harms = [t for t, d in found.items() if d.p < 0.05 and d.share < 0]
    text = f"`{called}` helps on {len(helps)} of {len(found)}" + (f" ({'; '.join(helps)})" if helps else "")
    return text + (f" and harms on {len(harms)} ({'; '.join(harms)})." if harms else ".")


def _cheaper(price: Mapping[str, Mapping[str, float]]) -> str:
    """Return where the advice costs less than plain descent, both with restarts."""
    told = []
    for called in (one for one in DESCENTS[1:] if all(one in by for by in price.values())):
        less = [title for title, by in price.items() if by[called] < by["gd"]]
        told.append(f"`{called}` on {len(less)}" + (f" ({'; '.join(less)})" if less else ""))
    return (
        " More successes are one thing, their price is another, for plain descent may spend the same gradients on new "
        f"starts. With restarts a success is cheaper than with `gd`: {', '.join(told)}."
    )


def _widths(wide: Wide) -> str:
    told = [
        f"{series} {_rare(hidden, found, 'stuck')} and {_rare(hidden, found, 'passed')}"
        for series, (hidden, found) in wide.items()
    ]
    text = (
        "Fewer than one in twenty descents are stuck where no direction leads down, and fewer than one in twenty pass "
        f"by a saddle, from so many hidden units on: {'; '.join(told)}."
    )
    gone = all(found[-1]["stuck"] == 0 and found[-1]["passed"] < found[0]["passed"] for _, found in wide.values())
    return text + (
        " So nets that are wide enough have their own cure: stuck ends vanish first, and saddles grow rare."
        if gone
        else ""
    )


def _rare(hidden: Sequence[int], found: Sequence[Mapping[str, float]], key: str) -> str:
    """Return from how many units on fewer than one in twenty descents do so."""
    often = [i for i, one in enumerate(found) if one[key] >= 0.05 * one["runs"]]
    after = often[-1] + 1 if often else 0
    return f"{hidden[after]}" if after < len(hidden) else f"more than {hidden[-1]}"


def _continued(
    kinds: Mapping[str, Mapping[str, Sequence[str]]], differences: Mapping[str, Mapping[str, Difference]]
) -> str:
    names = [m for m in dict.fromkeys(m for by in kinds.values() for m in by) if m not in DESCENTS[1:]]
    told = []
    for m in names:
        on = sum(m in by for by in kinds.values())
        told.append(f"`{m}` {_range(kinds, m)}" + (f" ({on} problems)" if on < len(kinds) else ""))
    smooth = [_advice(one, differences[one]) for one in ("diffusion", "sampled-diffusion") if one in differences]
    text = "Runs that reach their goal, on the hardest and on the easiest problem for each method: "
    return f"{text}{', '.join(told)}. " + " ".join(smooth)


def _costs(price: Mapping[str, Mapping[str, float]]) -> str:
    told = []
    for other, name in (("gd", "gradient descent"), ("lbfgs", "L-BFGS")):
        ratios = [by[other] / by["auto"] for by in price.values() if by[other] < float("inf")]
        never = [title for title, by in price.items() if by[other] == float("inf")]
        told.append(
            f"{min(ratios):.2g} to {max(ratios):.2g} times as much with {name}"
            + (f" (without any success on {', '.join(never)})" if never else "")
        )
    least = [min((by[m], m) for m in by if m not in (*DESCENTS, "lbfgs", "auto"))[1] for by in price.values()]
    best = " or ".join(f"`{m}`" for m in dict.fromkeys(least))
    return (
        f"A success costs {told[0]} and {told[1]} as with `auto`. The cheapest single continuation method is {best}; "
        "all prices are in the tables of E*."
    )
