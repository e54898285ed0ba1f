"""The table of smoothed activations, four consequences of diffusion, and whether it trains nets in less."""

from __future__ import annotations

from typing import Any

from homotopy.experiments import Comparison, Grid

from ..frame import Outcome, Paper, Study, claim, expected, unread
from .consequences import SIGMAS, heat, layers, minima, noise
from .figures import PLAIN, SHARES, SWEPT, activations, consequences, picture, share, sigma_of
from .smoothing import DEVIATIONS, FORMULAS, formula_error, unit_error
from .training import adding, judged
from .training import costs as adding_costs

__all__ = ["PAPER", "ends", "sweep"]

UNITS = ("erf", "relu", "sin", "tanh", "logistic")
RATES = {"xor": 1.0, "jellyfish:loss=squared": 0.3, "swirszcz-d1:start=random": 0.3, "swirszcz-d2:start=random": 0.03}
"""Step sizes of gradient descent."""


def ends(part: list[Any]) -> dict[str, float]:
    """Return `minima` of a part: sigma, and how many starts."""
    return minima(*part)


def sweep(study: Study) -> dict[str, Comparison]:
    """Return the runs on four small problems by their names: gradient descent, L-BFGS, and exact diffusion by sigma."""
    names = study.pick(list(RATES)[::2], list(RATES))
    seeds, budget, sigmas = study.pick((20, 10_000.0, SWEPT[3::2]), (100, 10_000.0, SWEPT))
    grids = []
    for name in names:
        plain = (f"gd:step_size={RATES[name]:g}", "lbfgs")
        ours = [f"diffusion:sigma={s:g},stages=3,evaluations=30" for s in sigmas]
        grids.append(Grid.of(name, (*plain, *ours), seeds=seeds, budget=budget))
    return dict(zip(names, study.compare(*grids), strict=True))


def _about_activations() -> tuple[list[Any], dict[str, float]]:
    """Return rows and numbers of the table of activations."""
    formula = {name: max(formula_error(name, s) for s in DEVIATIONS) for name in FORMULAS}
    units = {name: max(unit_error(name, s) for s in DEVIATIONS) for name in UNITS}
    relu, tanh = formula["relu"], formula["tanh"]
    rows = [
        claim("relu under noise", "x Phi(x/s) + s phi(x/s)", f"error {relu:.0e}", relu < 1e-12, "within 1e-12"),
        claim(
            "tanh under noise",
            "tanh(x / sqrt(1 + pi s^2 / 2))",
            f"error up to {tanh:.3f}: an approximation",
            1e-6 < tanh < 0.03,
            "within .03 for |x| <= 4 and s <= 3, and not exact",
        ),
        unread(
            "the package's smoothed units: erf, relu, sin, tanh, logistic",
            f"errors up to {max(units.values()):.0e}",
            "largest difference from quadrature",
        ),
    ]
    numbers = {f"formula {name}": value for name, value in formula.items()}
    return rows, numbers | {f"unit {name}": value for name, value in units.items()}


def _about_consequences(study: Study) -> tuple[list[Any], dict[str, float], list[dict[str, float]]]:
    """Return rows, numbers and what the picture needs of the four consequences."""
    sigmas = study.pick(SIGMAS[1::2] + SIGMAS[-1:], SIGMAS)
    found = study.each("minima", ends, [[s, study.pick(6, 20)] for s in sigmas])
    coupled = [layers(t, study.pick(1, 3)) for t in (0.0, 1.0)]
    error, standard = noise(study.pick(512, 4096))
    strong, weak = found[-1], found[0]
    rows = [
        claim(
            "a beginning: strong noise leaves one minimum, small weights",
            "smart initialization",
            f"sigma {sigmas[-1]:g}: all starts within {strong['far']:.0e} of zero weights; {sigmas[0]:g}: up to "
            f"{weak['spread']:.0f} apart",
            strong["far"] < 1e-3 < weak["spread"],
            "all ends within 1e-3 of zero weights under the strongest noise, not under the weakest (xor)",
        ),
        claim(
            "step sizes: stronger noise allows longer steps",
            "annealed learning rate",
            ", ".join(f"{one['step']:.2f}" for one in found) + f" at sigma {', '.join(f'{s:g}' for s in sigmas)}",
            strong["step"] > 1.2 * weak["step"],
            "2 over the largest curvature at the minima, a fifth longer under the strongest noise (xor)",
        ),
        claim(
            "layers: each learns by itself at first",
            "layerwise pretraining",
            f"mixed curvature of two layers {coupled[0]:.0e} at t = 0 and {coupled[1]:.2g} at t = 1",
            coupled[0] < 1e-12 < 1e-3 < coupled[1],
            "0 to rounding in the lifted form under noise, not at the true problem (2-4-4-1)",
        ),
        claim(
            "noise: the smoothed gradient is the mean over noisy weights",
            "noise injection",
            f"distance {error:.3f} where chance gives {standard:.3f}",
            error < 3 * standard,
            "within three standard errors (xor)",
        ),
    ]
    numbers = {f"step {s:g}": one["step"] for s, one in zip(sigmas, found, strict=True)}
    numbers |= {"far strong": strong["far"], "least strong": strong["least"], "heat": heat()}
    numbers |= {"coupled 0": coupled[0], "coupled 1": coupled[1], "noise": error}
    return rows, numbers, found


def _findings(swept: dict[str, Comparison], told: list[str], least: list[float]) -> tuple[str, ...]:
    """Return what the runs say."""
    found = [
        "Rows of the table that are equations hold to rounding; the tanh row that is repeated in the literature is an "
        "approximation, and so is the logistic one. The package takes exact values for both.",
        "The beginning that strong noise gives is no help on xor: the point of zero weights has a smallest curvature "
        f"of {least[-1]:.3g} > 0 under the strongest noise and is a minimum at {sum(c > 0 for c in least)} of the "
        f"{len(least)} sigmas, so that a path from it ends at the best constant.",
    ]
    for name, one in swept.items():
        ours = {m: share(one, m)[0] for m in one.methods if m.startswith("diffusion")}
        best = max(ours, key=lambda m: ours[m])
        strong = max(ours, key=sigma_of)
        plain = [(PLAIN[m.split(":")[0]], share(one, m)[0]) for m in one.methods if m not in ours]
        text = ", ".join(f"{label} {100 * rate:.0f} %" for label, rate in plain)
        found.append(
            f"{SHARES[name]}: {text}; exact diffusion at most {100 * ours[best]:.0f} % (sigma {sigma_of(best):g}, "
            f"picked after the fact), at sigma {sigma_of(strong):g} {100 * ours[strong]:.0f} %."
        )
    cheaper = [SHARES[name] for name, one in swept.items() if _cheaper(one)]
    found.append(
        "With restarts, a success of exact diffusion at its best sigma costs fewer gradients than the cheaper plain "
        f"descent on {len(cheaper)} of the {len(swept)} small problems"
        + (f" ({', '.join(cheaper)})." if cheaper else ".")
    )
    if told:
        found += told
        found.append(
            "Against Adam the diffused descents look quick, and so does L-BFGS without noise, which makes their steps: "
            "a comparison with first-order descents alone says little about diffusion. The larger study, schedules "
            "searched on other starts and recurrent teachers: "
            "[diffusion](../diffusion.md)."
        )
    return tuple(found)


def _cheaper(one: Comparison) -> bool:
    """Return whether diffusion at its best sigma has a lower E* than both plain descents."""
    price = {s.method: s.expected.value for s in one.summaries(next(iter(one.groups)))}
    ours = [value for m, value in price.items() if m.startswith("diffusion")]
    return min(ours) < min(value for m, value in price.items() if not m.startswith("diffusion"))


def _run(study: Study) -> Outcome:
    rows, numbers = _about_activations()
    more, figures, found = _about_consequences(study)
    swept, by_length = sweep(study), adding(study)
    last, last_numbers, told = judged(by_length)
    numbers |= figures | last_numbers
    for name, one in swept.items():
        for m in one.methods:
            numbers[f"{name} {m}"] = share(one, m)[0]
    costs = [expected(one, SHARES[name]) for name, one in swept.items()]
    costs += adding_costs(by_length)
    return Outcome(
        (*rows, *more, *last),
        numbers,
        costs=tuple(costs),
        tables=(activations(),),
        pictures=(picture(swept), consequences(study.pick(SIGMAS[1::2] + SIGMAS[-1:], SIGMAS), found)),
        findings=_findings(swept, told, [one["least"] for one in found]),
    )


PAPER = Paper(
    key="mobahi2016",
    title="Training recurrent neural networks by diffusion",
    citation="H. Mobahi, arXiv 1601.04114 (2016).",
    link="https://doi.org/10.48550/arXiv.1601.04114",
    claim="The cost is replaced by its mean under normal noise on the weights, whose deviation falls to zero, with "
    "activations in closed form. Smart initialization, an annealed learning rate, layerwise pretraining and noise "
    "injection arise from the diffusion equation without being put in by hand, and the algorithm reaches a similar "
    "level of generalization as stochastic gradient descent in much fewer epochs.",
    choices=(
        "Only the abstract, the introduction and two rows of the table of activations (as a later paper repeats them) "
        "could be read; no number of the experiment is known. Everything about training is ours: tasks, settings, "
        "schedules.",
        "Rows of the table other than relu and tanh, and all errors, are ours. s is the deviation of the noise on the "
        "pre-activation; errors are the largest for s = .3, 1, 3 and |x| at most 4, against Gauss-Legendre quadrature.",
        "Where the algorithm lifts the net, details are ours. The consequences are tested on xor with a 2-2-1 net of "
        "tanh units (exact diffusion of the squared loss) and, for layers, on a 2-4-4-1 net in the lifted form.",
        "Stochastic gradient descent is stood for by full-batch gradient descent and Adam, step sizes chosen on other "
        "starts and data (Adam on adding: .003 to .1). A run on adding is done at a training error of .004. "
        "Settings of the diffused descents on adding are those that other data sets picked in the larger "
        "study; on the small problems all of a grid of sigma are shown.",
        "What is judged on adding is the diffused descent against the same steps without noise, which L-BFGS makes: a "
        "comparison with first-order steps, as the paper has it, would mix the two; it is told beside.",
        "An epoch is an evaluation of cost and gradient on all data, smoothed or not, which is generous. E* in "
        "gradients charges smoothed evaluations by their flops, of exact activations: up to 60 times as many.",
    ),
    run=_run,
)
