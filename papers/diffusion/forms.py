"""The four forms of diffusion and plain descents, with the schedules that are searched for each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import homotopy as hp
from homotopy.homotopies import Diffusion, Gaussian, Geometric, LayerwiseDiffusion, LiftedDiffusion

__all__ = ["FORMS", "WORDS", "Schedule", "schedules"]

WORDS = {
    "gd": "gradient descent",
    "lbfgs": "L-BFGS",
    "a": "(a) exact",
    "b": "(b) lifted",
    "c": "(c) layer by layer",
    "d": "(d) samples",
    "a-gd": "(a) exact, by gradient descent",
}
FORMS = tuple(WORDS)
STEP_SIZES = (0.01, 0.03, 0.1, 0.3, 1.0)
SIGMAS = (0.03, 0.1, 0.3, 0.6, 1.0, 2.0)
LADDERS = ((1, 20), (1, 60), (3, 20), (3, 60))
"""Stages, and steps at each; three stages have noise of sigma, 0.32 sigma and 0.1 sigma."""
SAMPLES = 8


@dataclass(frozen=True)
class Schedule:
    """One method with its numbers.

    Attributes
    ----------
    form : str
        A key of `WORDS`.
    sigma : float
        Deviation of the noise to begin with.
    stages, steps : int
        Values of t below 1, and steps at each.
    penalty : float
        Of (b).
    points : str
        Of (d).
    step_size : float
        Of gradient descent.
    """

    form: str
    sigma: float = 0.0
    stages: int = 0
    steps: int = 0
    penalty: float = 1.0
    points: str = "antithetic"
    step_size: float = 0.1

    @property
    def plain(self) -> bool:
        """Whether nothing is smoothed."""
        return self.form in ("gd", "lbfgs")

    @property
    def price(self) -> int:
        """Gradients that one evaluation counts: the samples of (d), one for every other form."""
        return SAMPLES if self.form == "d" else 1

    @property
    def rule(self) -> str:
        """The rule of all descents."""
        return "gd" if self.form.endswith("gd") else "lbfgs"

    def family(self, objective: Any, seed: int = 0) -> Any:
        """Return the homotopy on an objective; the seed draws the displacements of (d)."""
        if self.form == "b":
            return LiftedDiffusion(objective, self.sigma, penalty=self.penalty)
        if self.form == "c":
            return LayerwiseDiffusion(objective, self.sigma)
        if self.form == "d":
            return Gaussian(objective, self.sigma, samples=SAMPLES, points=self.points, rng=seed)
        return Diffusion(objective, self.sigma)

    def reason(self, objective: Any) -> str | None:
        """Return why there is no such form on an objective, or None."""
        if self.plain:
            return None
        kinds: dict[str, Any] = {"b": LiftedDiffusion, "c": LayerwiseDiffusion, "d": Gaussian}
        reason: str | None = kinds.get(self.form, Diffusion).reason(objective)
        return reason

    def descend(
        self, objective: Any, x: Any, steps: int, target: float | None, *, seed: int = 0
    ) -> tuple[Any, float, int]:
        """Return where it ends from x after at most so many evaluations, its value there, and what it spent."""
        size = {"step_size": self.step_size} if self.rule == "gd" else {}
        spent = 0
        if not self.plain:
            family = self.family(objective, seed)
            y = family.enter(x)
            for t in Geometric(self.stages, last=0.1).ladder():
                plateau = None if self.rule == "gd" else (1e-2, 20)
                found = hp.descend(family.at(t), y, rule=self.rule, n_steps=self.steps, plateau=plateau, **size)
                y, spent = found.x, spent + self.price * int(found.n_evaluations)
            x = family.finish(y)
        left = max(steps - spent, 1)
        plateau = None if self.rule == "gd" else (1e-4, 100)
        ends: dict[str, Any] = {"n_steps": left, "plateau": plateau, "target": target, "budget": left}
        last = hp.descend(objective, x, rule=self.rule, **ends, **size)
        return last.x, float(last.value), spent + int(last.n_evaluations)


def schedules(form: str) -> list[Schedule]:
    """Return what is searched for a form: at least twenty schedules, five step sizes, or L-BFGS as it is."""
    if form == "lbfgs":
        return [Schedule("lbfgs")]
    if form == "gd":
        return [Schedule("gd", step_size=h) for h in STEP_SIZES]
    if form == "b":
        ladders, penalties = ((1, 30), (3, 30)), (0.1, 1.0, 10.0)
        return [Schedule("b", s, *k, penalty=p) for s in (0.03, 0.1, 0.3, 1.0) for p in penalties for k in ladders]
    if form == "d":
        ladders = ((1, 20), (3, 20))
        kinds = ("antithetic", "quasi")
        return [Schedule("d", s, *k, points=p) for s in SIGMAS[:5] for p in kinds for k in ladders]
    if form == "a-gd":
        return [Schedule("a-gd", s, k, n, step_size=h) for s in (0.1, 0.3, 1.0) for k, n in ((1, 100), (3, 100))
                for h in (0.03, 0.1, 0.3, 1.0)]  # fmt: skip
    return [Schedule(form, s, *k) for s in SIGMAS for k in LADDERS]
