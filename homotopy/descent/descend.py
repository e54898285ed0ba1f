"""Descents from one start or from many, shared among threads."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from homotopy.arguments import integer
from homotopy.continuation.point import Point
from homotopy.descent.asked import check_callback, check_parts, each_start, is_number, points, stream_keys
from homotopy.descent.ladders import Plateau
from homotopy.descent.rules import Rule
from homotopy.descent.rules import rule as rule_by_name
from homotopy.descent.schedules import Noise, Ramp, Schedule
from homotopy.descent.settings import STATUSES, Aim, Ends, Settings
from homotopy.descent.stages import in_stages
from homotopy.descent.threads import run_lanes, run_loops, takes_lanes
from homotopy.doors import doors
from homotopy.errors import ArgumentError
from homotopy.objectives.base import Seed, Vector
from homotopy.status import Budget
from homotopy.threads import one_blas_thread

__all__ = ["Descent", "descend"]

FIELDS = ("x", "value", "grad_norm", "n_steps", "n_evaluations", "status", "cost_to_target", "trace")
ENDINGS = np.array(STATUSES, dtype=object)


@doors
@dataclass(frozen=True, repr=False)
class Descent:
    """Where descents ended and what they cost; for starts of shape (r, p) every field but `seconds` has r entries.

    Attributes
    ----------
    x : ndarray of shape (p,) or (r, p)
        The last point of a rule of fixed steps, the last accepted one of L-BFGS; where the target was reached, the
        point that reached it. Where a value was not finite, the point where that happened (L-BFGS steps back).
    value, grad_norm : float or ndarray of shape (r,)
        The objective at x, or H(x, t) at the t where the descent ended, and the Euclidean norm of its gradient.
    n_steps, n_evaluations : int or ndarray of shape (r,)
        Steps made, and evaluations of value and gradient.
    status : Status or ndarray of shape (r,), object
        How each descent ended.
    cost_to_target : float or ndarray of shape (r,)
        Evaluations until the value was first at most the target; NaN where it never was.
    trace : ndarray of shape (m, 2) or sequence of r of them
        Evaluations and value, every ``record_every`` steps.
    seconds : float
        Wall-clock time of all of them.
    """

    x: Vector
    value: Any
    grad_norm: Any
    n_steps: Any
    n_evaluations: Any
    status: Any
    cost_to_target: Any
    trace: Any
    seconds: float

    def __repr__(self) -> str:
        """Return the outcome in a line; of many descents the lowest value and how many ended how."""
        values = np.atleast_1d(self.value)
        ends = Counter(status.name for status in np.atleast_1d(self.status))
        return (
            f"Descent({values.size} starts, lowest value {np.nanmin(values, initial=np.inf):.6g}, "
            f"{int(np.sum(self.n_evaluations))} evaluations, {dict(ends)}, {self.seconds:.3g} s)"
        )


@one_blas_thread
def descend(
    objective: Any,
    starts: Vector,
    *,
    rule: str | Rule = "gd",
    step_size: float | Schedule | NDArray[np.float64] | None = None,
    step_schedule: Schedule | None = None,
    n_steps: int = 1000,
    schedule: Schedule | Plateau | None = None,
    noise: Noise | None = None,
    clip: float | None = None,
    momentum: float | None = None,
    memory: int | None = None,
    target: float | NDArray[np.float64] | None = None,
    gradient_tolerance: float = 0.0,
    plateau: tuple[float, int] | None = None,
    record_every: int = 0,
    budget: Budget | float | NDArray[np.float64] | None = None,
    rng: Seed | Sequence[Seed] | NDArray[np.uint64] = None,
    n_jobs: int = 1,
    callback: Callable[[Point], None] | None = None,
    callback_every: int = 1,
) -> Descent:
    """Return where descents from these starts end.

    The whole loop is compiled; an objective or homotopy that has no capsule is called through the interpreter from
    the same loop. A start's result depends on that start alone: not on how many there are, nor on ``n_jobs``.

    Parameters
    ----------
    objective : Objective, Homotopy or At
        What descends: a function, a homotopy whose t moves with `schedule`, or ``homotopy.at(t)``.
    starts : ndarray of shape (p,) or (r, p), float64
        Where the descents begin; not changed.
    rule : str or Rule
        A rule of `homotopy.descent.rules`, or its name: gd, momentum, nesterov, adam, rprop, lbfgs, lm, newton.
    step_size : float, Schedule, ndarray of shape (r,) or None
        The step size h, constant, changing, or one a start; None takes the rule's own.
    step_schedule : Schedule or None
        Factors of the step size along the steps.
    n_steps : int
        The largest number of steps (L-BFGS: iterations).
    schedule : Schedule, Plateau or None
        How t moves along the steps of a homotopy; None is ``Ramp()``. A `homotopies.Plateau` moves it when the loss
        has stopped falling, for each start at its own time.
    noise : Noise or None
        Disturbances of the variables.
    clip : float or None
        The longest gradient that gradient descent, momentum and Adam see, in units of f over those of x: one of a
        larger Euclidean norm is shortened to it. None shortens none.
    momentum, memory : float, int or None
        Shorthands that change the rule's momentum or memory (`LBFGS` says what memory is chosen where None is given).
    target : float, ndarray of shape (r,) or None
        Stop as soon as an evaluated value <= target.
    gradient_tolerance : float
        Stop when the Euclidean norm of the gradient < gradient_tolerance; 0 never stops.
    plateau : (drop, window) or None
        Stop when the lowest value fell by less than drop |lowest value| over the last `window` steps.
    record_every : int
        Steps from one entry of the trace to the next; 0 records nothing.
    budget : Budget, float, ndarray of shape (r,) or None
        Gradient-equivalents that each start may cost (at least one evaluation is made), and with a Budget also
        seconds for all of them together.
    rng : Generator, int, None, or a sequence of r of these
        Seeds the noise; one for all (start i then takes its i-th draw) or one for each start. An array of r uint64
        holds the keys of the starts' streams themselves.
    n_jobs : int
        Threads that share the starts.
    callback : callable or None
        ``callback(point)`` with a Point every `callback_every` steps; StopIteration ends the descent. For one start.
    callback_every : int
        Steps from one call to the next.

    Returns
    -------
    Descent
        The end of each descent; a numerical failure is a Status.

    Raises
    ------
    ArgumentError
        If an argument has a wrong shape or a value that is not allowed.
    KeyboardInterrupt
        If Ctrl-C was pressed; every thread has stopped by then.
    Interrupted
        If `homotopy.interrupts.request` was called; every thread has stopped by then, too.

    Notes
    -----
    The target, the gradient and the plateau are tested once t has reached the end of its schedule, where the
    function is the true one. Before each step, in this order: value or gradient not finite (NON_FINITE), value <=
    target (REACHED_TARGET), small gradient or plateau (CONVERGED), `n_steps` made (MAX_STEPS), budget spent
    (BUDGET_SPENT). L-BFGS ends with STEP_TOO_SMALL where no step along the bare gradient lowers the value.

    Which loop runs a rule is chosen by measurement. Starts of shape (r, p) of a float64 net whose largest layer has at
    most 2,048 weights run together by a rule of fixed steps, lanes across starts: 3 to 8 times as fast as one after the
    other on 2-2-1 with 4 samples, 1.5 times on 8-8-1 with 50. Where lanes over its samples are as fast (layers of up to
    1,024 weights, weights times samples above 16,384) every start runs by itself. One start of a net with one hidden
    layer and one output on at most 8 samples (4 with AVX2) is kept in vectors as a whole. So run starts of shape (r, p)
    by L-BFGS in nets of at most 40 weights whose t does not move, each lane with its own line search and pairs, an
    ended one refilled: 3 to 5 times as fast on 2-2-1 and 2-4-1 with 4 samples, twice with 20 to 1,000; a single start
    of shape (1, p) takes 1.3 to 2.5 times as long as one of shape (p,) on 4 samples, 3.5 times on 100 (AVX-512; AVX2
    takes 1.4 times as long, the baseline three times). L-BFGS and rules of fixed steps from starts of shape (r, p) of a
    teacher of up to 4,096 variables, also beside its linear path, run 8 starts side by side (4 with AVX2, 2 without)
    and evaluate them together: 3 times as fast on k = 8 and k = 20, twice with momentum; a start that ends makes room
    for the next, and each start's result is bit for bit that of the start alone. Levenberg-Marquardt on a float64 net
    with at most one hidden layer and 48 weights, at one t and without a callback, runs in lanes whatever the number of
    starts, a lane whose run has ended taking the next start: 10 times as fast as one after the other on 2-2-1 with 4
    samples, 5 times on 1-4-1 with 100. Everything else, and other L-BFGS, calls the compiled objective. A function in
    Python costs the same plus its own time and about 4 microseconds a step, against 0.05 for the loop of XOR. Sums are
    taken in another order, so that starts of shape (p,) and (r, p) of a rule of fixed steps, or by L-BFGS in a small
    net, agree to rounding, which L-BFGS lets grow; Rprop, which sees signs only, may then part where a slope is
    rounding error.

    Examples
    --------
    >>> from homotopy._core.descent import CompiledRosenbrock
    >>> end = descend(CompiledRosenbrock(2), np.array([-1.2, 1.0]), rule="lbfgs", target=1e-12)
    >>> end.status, bool(end.value <= 1e-12)
    (<Status.REACHED_TARGET: 'the target was reached'>, True)
    """
    if isinstance(schedule, Plateau):
        if noise is not None or step_schedule is not None or not is_number(step_size):
            raise ArgumentError(
                "a schedule that waits for a plateau has no fixed steps for noise or step sizes to follow"
            )
        settings_of_all = {
            "rule": rule, "step_size": step_size, "clip": clip, "momentum": momentum, "memory": memory,
            "record_every": record_every,
            "gradient_tolerance": gradient_tolerance, "n_jobs": n_jobs, "callback": callback,
            "callback_every": callback_every,
        }  # fmt: skip
        last = {"target": target, "plateau": plateau}
        fields, seconds = in_stages(
            descend, objective, starts, schedule, n_steps=n_steps, budget=budget, last=last, **settings_of_all
        )
        return Descent(**fields, seconds=seconds)
    begin = time.perf_counter()
    chosen = rule_by_name(rule, momentum=momentum, memory=memory)
    aim = Aim(objective)
    x = points(starts, aim.size)
    check_parts(schedule, step_schedule, step_size, noise)
    check_callback(callback, callback_every, single=np.ndim(starts) == 1)
    keys = stream_keys(rng, len(x), noise is not None)
    own = each_start(chosen, aim, x, keys, step_size=step_size, target=target, budget=budget)
    settings = Settings(
        chosen,
        aim,
        n_steps=n_steps,
        factor=step_schedule if is_number(step_size) else step_size,  # type: ignore[arg-type]
        schedule=(schedule or Ramp()) if aim.moves else schedule,
        noise=noise,
        gradient_tolerance=gradient_tolerance,
        plateau=plateau,
        record_every=record_every,
        pause_every=0 if callback is None else callback_every,
        budget=budget if isinstance(budget, Budget) else Budget(),
        clip=clip,
    )
    watch = None if callback is None else _watch(callback, x[0])
    n_jobs = integer("n_jobs", n_jobs)
    timed = isinstance(budget, Budget) and np.isfinite(budget.seconds)  # one start in lanes takes longer than by itself
    if takes_lanes(aim, settings, own, alone=np.ndim(starts) == 1 or (timed and len(x) == 1)):
        ends = run_lanes(aim, settings, own, n_jobs)
    else:
        ends = run_loops(aim, settings, own, n_jobs, watch)
    return _gather(x, ends, np.ndim(starts) == 1, time.perf_counter() - begin)


def _watch(callback: Callable[[Point], None], x: Vector) -> Callable[[int, float, float, float], bool]:
    """Return the loop's form of a callback: it says whether to stop."""

    def watch(step: int, t: float, value: float, grad_norm: float) -> bool:
        try:
            callback(Point(x.copy(), t, value, grad_norm, n_iter=step))
        except StopIteration:
            return True
        return False

    return watch


def _gather(x: Vector, ends: Ends, single: bool, seconds: float) -> Descent:
    """Return the outcomes as a Descent."""
    status = ENDINGS[ends.codes]
    cost = np.where(ends.hits > 0, ends.hits, np.nan)
    arrays = (x, ends.values, ends.grad_norms, ends.n_steps, ends.n_evaluations, status, cost)
    for array in arrays:  # the traces are read-only already
        array.setflags(write=False)
    fields: dict[str, Any] = dict(zip(FIELDS, (*arrays, ends.traces), strict=True))
    if single:
        fields = {name: column[0] for name, column in fields.items()}
    return Descent(**fields, seconds=seconds)
