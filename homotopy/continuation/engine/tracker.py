"""One path, step by step: predict, correct, judge, notice, land."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from math import inf
from typing import Any

import numpy as np

from homotopy.arguments import integer, vector
from homotopy.continuation.counting import CountedHomotopy
from homotopy.continuation.engine.checkpoint import Checkpoint, fingerprint
from homotopy.continuation.engine.ends import land_on, reached, report_jump
from homotopy.continuation.engine.landing import behind, beyond, check_target, crossing
from homotopy.continuation.engine.starting import begin
from homotopy.continuation.engine.tangents import Dresser
from homotopy.continuation.engine.watch import Watch
from homotopy.continuation.parts.events import BranchPoint, Event, Fold, Jump, Occurrence, Setting
from homotopy.continuation.parts.jumps import Guard
from homotopy.continuation.parts.linear import AUTO, Krylov, Linear
from homotopy.continuation.parts.newton import Corrector, Newton
from homotopy.continuation.parts.predictors import Predictor
from homotopy.continuation.parts.spectrum import Spectrum
from homotopy.continuation.parts.stepcontrol import Fixed, StepControl
from homotopy.continuation.point import Correction, Direction, Guess, Metric, Point, Trail
from homotopy.continuation.results.path import Path
from homotopy.errors import EvaluationError
from homotopy.objectives.base import Vector
from homotopy.objectives.family import Homotopy
from homotopy.status import Budget, Counts, Status

__all__ = ["Tracker"]


class Tracker:
    """The state of one path; `attempt` tries one step, `run` goes on to the end.

    Parameters
    ----------
    homotopy : Homotopy
        The family; a root system is one with ``symmetric = False``.
    x0 : ndarray of shape (n,)
        Solves the problem at `t0`.
    predictor, corrector, step_control : Predictor, Corrector, StepControl
        The parts of a step.
    events : sequence of Event or Jump
        What to watch; folds (by arclength) and jumps always are.
    max_steps : int
        The largest number of attempts, accepted or not.
    t0, target : float
        Where the path starts and which t it must reach; target None goes on until an event or a limit ends it.
    bounds : tuple of float
        The path ends where t leaves this interval; by default, for a target, behind t0.
    start_tolerance : float
        BAD_START unless ``|grad H(x0, t0)| <= start_tolerance``.
    direction : Direction or None
        The first tangent's approximate direction; by default t moves toward the target.
    spectrum : Spectrum or None
        What to compute of the Hessian's spectrum at the points.
    budget : Budget or None
        What the path may cost.
    callback : callable or None
        Called with each accepted Point; StopIteration ends the path.
    checkpoint : Checkpoint or None
        Where the state is saved; a file that is there is gone on from.
    """

    def __init__(
        self,
        homotopy: Homotopy,
        x0: Vector,
        *,
        predictor: Predictor,
        corrector: Corrector,
        step_control: StepControl,
        events: Sequence[Event | Jump] = (),
        max_steps: int = 1000,
        t0: float = 0.0,
        target: float | None = 1.0,
        bounds: tuple[float, float] | None = None,
        start_tolerance: float = 1e-6,
        direction: Direction | None = None,
        spectrum: Spectrum | None = None,
        budget: Budget | None = None,
        callback: Callable[[Point], Any] | None = None,
        checkpoint: Checkpoint | None = None,
    ) -> None:
        check_target(target, t0)
        x0 = vector("x0", x0, homotopy.size, "the homotopy")
        max_steps = integer("max_steps", max_steps)
        self.homotopy = CountedHomotopy(homotopy)
        self.predictor, self.corrector, self.step_control = predictor, corrector, step_control
        self.linear: Linear = getattr(corrector, "linear", AUTO)
        self.natural = corrector.natural
        self._tight = corrector.tight()
        metric = getattr(corrector, "metric", None)
        self.metric = Metric.weighted(0.5, homotopy.size) if metric is None else metric(homotopy.size)
        self.jump = next((event for event in events if isinstance(event, Jump)), Jump())
        self.target, self.max_steps, self.callback = target, max_steps, callback
        self.checkpoint = checkpoint
        self.fingerprint = "" if checkpoint is None else fingerprint(homotopy, x0)
        self.sense = 1.0 if target is None or target > t0 else -1.0
        self.bounds = bounds or behind(t0, target)
        self.start_tolerance, self.budget = start_tolerance, budget or Budget()
        self.x0, self.t0, self.direction = x0, float(t0), direction
        self.own: BranchPoint | None = None  # watched on the tracker's own account
        watched = [event for event in events if isinstance(event, Event)]
        if not self.natural and not any(isinstance(event, Fold) for event in watched):
            watched.insert(0, Fold())
        if not any(isinstance(event, BranchPoint) for event in watched):
            self.own = BranchPoint()
            watched.append(self.own)
        self.watch = Watch(watched, Setting(self.homotopy, self.linear, self.metric))
        self.dresser = self._dresser(spectrum)
        self.indexed = any(event.needs_index for event in watched)  # then located points need their index, too
        self.guard = Guard(self.jump.limit(fixed=isinstance(step_control, Fixed)), self.metric, predictor.order)
        self.points: list[Point] = []
        self.occurrences: list[Occurrence] = []
        self.notes: list[str] = []
        self.step = step_control.initial
        self.attempts = self.rejected = 0
        self.status: Status | None = None
        self.message = ""
        self.jumped = False
        self.diagnose = True  # whether a natural path that stops looks for what lies beyond
        self.began = time.perf_counter()

    def _dresser(self, spectrum: Spectrum | None) -> Dresser:
        """Return what dresses the points: it knows whether anything needs tangents or the index."""
        events = self.watch.events
        if spectrum is None and any(event.needs_index for event in events):
            spectrum = Spectrum()
        # Tangents also serve the guard against jumps, but without a matrix or for descents they may cost too much.
        matrix = any(hasattr(self.homotopy, name) for name in ("hessian", "factorize")) or self.homotopy.size <= 400
        cheap = isinstance(self.corrector, Newton) and not isinstance(self.linear, Krylov) and matrix
        needed = self.predictor.needs_tangent or not self.natural
        needed |= any(event.needs_tangent and event is not self.own for event in events)
        return Dresser(self.homotopy, self.linear, self.metric, self.natural, self.sense, needed or cheap, spectrum)

    # ------------------------------------------------------------------ the loop

    def run(self) -> Path:
        """Begin, attempt steps until the path ends, and return it."""
        with np.errstate(all="ignore"):
            if self.checkpoint is not None and self.checkpoint.exists:
                finished = self.checkpoint.restore(self)
                if finished is not None:
                    return finished
            if not self.points:
                begin(self)
            while self.status is None:
                self.attempt()
        path = self.path()
        if self.checkpoint is not None and len(self.points) > 1:
            self.checkpoint.save(self, path)
        return path

    def path(self) -> Path:
        """Return the path as it stands."""
        points = tuple(self.points)
        for point in points:
            point.x.setflags(write=False)
        status = self.status or Status.MAX_STEPS
        counts = self.homotopy.counts + Counts(accepted=max(0, len(self.points) - 1), rejected=self.rejected)
        return Path(
            points,
            status,
            tuple(self.occurrences),
            counts,
            time.perf_counter() - self.began,
            self.message or status.value,
            self.target,
            tuple(self.notes),
            self.jumped,
        )

    def attempt(self) -> None:
        """Try one step: accept it, or reject it and change the step."""
        if self.attempts >= self.max_steps:
            return self.end(Status.MAX_STEPS)
        if self.spent():
            return self.end(Status.BUDGET_SPENT)
        self.attempts += 1
        last, step = self.points[-1], self._clipped(self.step)
        trail = self._trail()
        guess = self.predictor.predict(self.homotopy, trail, step)
        correction = self._corrector(guess).correct(self.homotopy, guess)
        if correction.status is not Status.CONVERGED:
            return self._reject(step, correction)
        try:
            point, correction = self._judge(trail, step, correction)
        except np.linalg.LinAlgError:
            return self._reject(step, replace(correction, status=Status.SINGULAR))
        except EvaluationError:
            return self._reject(step, replace(correction, status=Status.NON_FINITE))
        if correction.status is not Status.CONVERGED:
            return self._reject(step, correction)
        return self._accept(last, point, step, correction)

    def end(self, status: Status, message: str = "") -> None:
        """End the path."""
        self.status, self.message = status, message or status.value

    # ------------------------------------------------------------------ parts of a step

    def _trail(self) -> Trail:
        return Trail(self.points, self.natural, self.sense, self.metric)

    def fixed(self) -> Any:
        """Return the corrector at fixed t."""
        return self.corrector.at_fixed_t() if hasattr(self.corrector, "at_fixed_t") else self.corrector

    def _corrector(self, guess: Guess) -> Corrector:
        """Return the corrector for a guess: the tight one where the guess is the target."""
        return self._tight if self.natural and guess.t == self.target else self.corrector

    def _clipped(self, step: float) -> float:
        """Return the step, cut so that a natural one ends on the target and not just before it."""
        if not self.natural:
            return step
        goal = self.target if self.target is not None else self.bounds[1]
        left = abs(goal - self.points[-1].t)
        return step if step < left * (1 - 1e-9) else left

    def _judge(self, trail: Trail, step: float, correction: Correction) -> tuple[Point, Correction]:
        """Return the candidate point, and the correction with its angle, or with the status of a refusal."""
        c, last = correction, trail.last
        point = self.dresser.point(last, step, c, len(self.points))
        angle = self.dresser.angle(last, point)
        correction = Correction(
            c.x, c.t, c.value, c.grad_norm, c.status, c.n_iter, c.distance, angle, c.n_linear, c.descent
        )
        if not self.step_control.accepts(correction):
            return point, replace(correction, status=Status.NOT_CONVERGED)
        if self.guard.suspects(trail, point, step, correction):
            correction = replace(correction, status=Status.NOT_CONVERGED)
        return point, correction

    def _reject(self, step: float, correction: Correction) -> None:
        self.rejected += 1
        following = self.step_control.next(step, correction)
        suspected = self.guard.suspicion is not None and correction.status is Status.NOT_CONVERGED
        if not isinstance(following, Status):
            self.step = following
            if not suspected:
                self.guard.suspicion = None
            return None
        last = self.points[-1]
        jump = correction if suspected else None
        if self.natural and self.diagnose and not suspected and not self.spent():
            t = last.t + self.sense * self._clipped(self.step_control.initial)
            jump = beyond(self.homotopy, last, t, self.metric)
        if jump is not None:
            return report_jump(self, step if suspected else abs(jump.t - last.t), jump, following)
        cause = "" if following is correction.status else f" ({correction.status.value})"
        return self.end(following, f"{following.value} at t = {last.t:.6g}{cause}")

    def _accept(self, last: Point, point: Point, step: float, correction: Correction) -> None:
        try:
            values = self.watch.at(point)
        except EvaluationError:
            return self._reject(step, replace(correction, status=Status.NON_FINITE))
        happened = self.watch.since(values)
        if any(event.reject for event, _, _ in happened):
            return self._reject(step, replace(correction, status=Status.NOT_CONVERGED))
        crossed = None if self.natural else crossing(last, point, self.target, self.bounds)
        found = self.watch.located(happened, self._probe, (last, point), step=step, number=len(self.points) - 1)
        for o in found:
            if o.name == "BP" and BranchPoint().is_jump(o.point, (last, point), self.watch.setting):
                self.guard.suspicion = (step, self.guard.metric.norm(point.x - last.x, point.t - last.t))
                return self._reject(step, replace(correction, status=Status.NOT_CONVERGED))
        self.guard.suspicion = None
        if crossed is not None:
            found = [o for o in found if (o.point.t - crossed) * (point.t - last.t) <= 0]
        terminal = self.watch.terminal(found)
        if terminal is not None:
            found = found[: found.index(terminal) + 1]
        self.occurrences.extend(found)
        if terminal is not None:
            self.points.append(terminal.point)
            self.called()
            return self.end(Status.TERMINAL_EVENT, f"{Status.TERMINAL_EVENT.value}: {terminal.name}")
        if crossed is not None:
            return land_on(self, last, point, crossed)
        self.points.append(point)
        self.watch.values = values
        if not self.called():
            return None
        if point.t == self.target:
            return reached(self)
        if self.natural and self.target is None and point.t >= self.bounds[1]:
            return self.end(Status.TERMINAL_EVENT, f"the path left the range of t at {point.t:g}")
        following = self.step_control.next(step, correction)
        if isinstance(following, Status):
            return self.end(following)
        self.step = following
        if self.checkpoint is not None and (len(self.points) - 1) % self.checkpoint.every == 0:
            self.checkpoint.save(self, self.path())
        return None

    def called(self) -> bool:
        """Call the callback; return False, the path ended, if it asks to stop."""
        if self.callback is not None:
            try:
                self.callback(self.points[-1])
            except StopIteration:
                self.end(Status.STOPPED_BY_CALLBACK)
                return False
        return True

    # ------------------------------------------------------------------ events and landing

    def _probe(self, step: float) -> Point | None:
        """Return the curve's point at a step from the last one, None where the corrector or the tangent fails."""
        if self.spent():
            return None
        last = self.points[-1]
        guess = self.predictor.predict(self.homotopy, self._trail(), step)
        found = self._tight.correct(self.homotopy, guess)
        if found.status is not Status.CONVERGED:
            return None
        try:
            return self.dresser.point(last, step, found, 0 if self.indexed else -1)
        except (np.linalg.LinAlgError, EvaluationError):
            return None

    def spent(self) -> bool:
        """Whether the budget leaves nothing."""
        budget = self.budget
        if budget.gradients < inf and self.homotopy.counts.gradient_equivalents >= budget.gradients:
            return True
        return budget.seconds < inf and time.perf_counter() - self.began >= budget.seconds
