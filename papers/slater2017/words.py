"""What the thread says, what we chose, and the answers in words, with the figures of the run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .ends import KINDS
from .runs import STRONGER, Difference

__all__ = ["CHOICES", "CLAIM", "found_out"]

CLAIM = (
    "The question: the cost of linear regression is convex, a bowl with one lowest point; that of logistic regression "
    "was chosen so that it is one, too. A multilayer perceptron, a net with hidden units, uses the same cost, so why "
    "does it get stuck in local minima, low points that are not the lowest? The answers and comments, in our words: "
    "(1) the costs are convex in the weights of a single layer only; (2) two hidden units can be swapped, with the "
    "weights into and out of them, and the net computes the same, so n hidden units give at least n! equal minima and "
    "the cost is not convex; (3) this does not prove that *worse* minima exist; (4) with such models reduce the "
    "learning rate, and add uniformly distributed noise now and then; (5) in big nets one rather wanders around a "
    "saddle, where the cost falls in some directions and rises in others, than sits at an extremum, since the models "
    "have more weights than they need; (6) read about homotopy methods, which follow the solution of an easy problem "
    "to that of the true one, for example *Training Recurrent Neural Networks by Diffusion*."
)
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


def _where(kinds: Mapping[str, Mapping[str, Sequence[str]]], method: str) -> str:
    told = []
    for title, by in kinds.items():
        parts = [f"{_percent(by[method], kind):.0f} % {kind}" for kind in KINDS if kind in by[method]]
        told.append(f"{title}: {', '.join(parts)}")
    return "; ".join(told) + "."


def _advice(called: str, found: Mapping[str, Difference]) -> str:
    """Return where one piece of advice helps, harms and does nothing that can be told from chance."""
    helps = [f"{t} ({100 * d.share:+.0f} points)" for t, d in found.items() if d.p < 0.05 and d.share > 0]
    harms = [f"{t} ({100 * d.share:+.0f} points)" for t, d in found.items() if d.p < 0.05 and d.share < 0]
    rest = [t for t, d in found.items() if d.p >= 0.05]
    parts = [f"`{called}` helps on {'; '.join(helps)}" if helps else f"`{called}` helps nowhere"]
    parts += [f"harms on {'; '.join(harms)}"] if harms else []
    parts += [f"makes no difference that these runs can tell on {'; '.join(rest)}"] if rest else []
    return ", ".join(parts) + "."


def _cheaper(price: Mapping[str, Mapping[str, float]]) -> str:
    """Return where the advice costs less than plain descent, both with restarts."""
    told = []
    for called in DESCENTS[1:]:
        less = [title for title, by in price.items() if by.get(called, float("inf")) < by["gd"]]
        told.append(f"`{called}` " + (f"only on {', '.join(less)}" if less else "nowhere"))
    return (
        " More successes are one thing, their price is another: where plain descent may spend the same gradients on "
        f"new starts, a success costs less with {', '.join(told)}."
    )


def _widths(wide: Wide) -> str:
    told = []
    for series, (hidden, found) in wide.items():
        first, last = found[0], found[-1]
        told.append(
            f"{series}: with {hidden[0]} units {100 * first['passed'] / first['runs']:.0f} % of the descents pass by a "
            f"saddle and {100 * first['stuck'] / first['runs']:.0f} % are stuck without one, with {hidden[-1]} units "
            f"{100 * last['passed'] / last['runs']:.0f} and {100 * last['stuck'] / last['runs']:.0f} %; stuck is fewer "
            f"than one in twenty {_rare(hidden, found, 'stuck')}, a saddle {_rare(hidden, found, 'passed')}"
        )
    text = "; ".join(told) + "."
    gone = all(found[-1]["stuck"] == 0 and found[-1]["passed"] < found[0]["passed"] for _, found in wide.values())
    return text + (
        " So nets that are wide enough have their own cure: stuck ends vanish, then saddles." if gone else ""
    )


def _rare(hidden: Sequence[int], found: Sequence[Mapping[str, float]], key: str) -> str:
    """Return from which width on fewer than one in twenty descents do so."""
    often = [i for i, one in enumerate(found) if one[key] >= 0.05 * one["runs"]]
    after = often[-1] + 1 if often else 0
    return f"from {hidden[after]} units on" if after < len(hidden) else "at none of these widths"


def _continued(
    kinds: Mapping[str, Mapping[str, Sequence[str]]], differences: Mapping[str, Mapping[str, Difference]]
) -> str:
    told = []
    for title, by in kinds.items():
        some = [f"`{m}` {_percent(ends, 'solved'):.0f} %" for m, ends in by.items() if m not in DESCENTS[1:]]
        told.append(f"{title}: {', '.join(some)}")
    smooth = [_advice(one, differences[one]) for one in ("diffusion", "sampled-diffusion") if one in differences]
    return "Runs that reach their goal from the same starts. " + "; ".join(told) + ". " + " ".join(smooth)


def _costs(price: Mapping[str, Mapping[str, float]]) -> str:
    told = []
    for title, by in price.items():
        best = min((by[m], m) for m in by if m not in (*DESCENTS, "lbfgs", "auto"))
        gd, plain, auto = (
            f"{by[m]:,.0f}" if by[m] < float("inf") else "without success" for m in ("gd", "lbfgs", "auto")
        )
        told.append(
            f"{title}: `gd` {gd}, `lbfgs` {plain}, `auto` {auto}, the cheapest continuation `{best[1]}` {best[0]:,.0f}"
        )
    return "; ".join(told) + "."
