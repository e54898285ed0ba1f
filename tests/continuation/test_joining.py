"""Parts of paths that are put together, what a path is told, and what each attempt does to its state."""

from dataclasses import replace
from math import inf
from types import SimpleNamespace

import curves
import numpy as np
import pytest

from homotopy.continuation import (
    LBFGS,
    Adaptive,
    ArclengthNewton,
    BranchPoint,
    Constant,
    Course,
    Direction,
    Event,
    Fixed,
    Fold,
    GradientSystem,
    Hopf,
    IndexChange,
    Jump,
    Krylov,
    Limits,
    MoorePenrose,
    Newton,
    Observed,
    Occurrence,
    Path,
    Point,
    RootSystem,
    Secant,
    Sparse,
    Spectrum,
    Steps,
    Tangent,
    Tracker,
    track,
)
from homotopy.continuation import sweep as sweeps
from homotopy.continuation.branches import explorer
from homotopy.continuation.engine.checkpoint import Checkpoint, fingerprint
from homotopy.continuation.parts.closed import Closed
from homotopy.continuation.track import _steps
from homotopy.errors import EvaluationError
from homotopy.status import Budget, Counts, Status

SEEDS = pytest.mark.parametrize("seed", range(4))


def at(s, **more):
    return Point(np.array([10.0 + s]), 0.1 * s, 1.0, 0.0, s=s, tangent=Direction(np.array([1.0]), 0.5), **more)


def event(name, s, step, before=0, after=0):
    return Occurrence(name, at(s), step, index_before=before, index_after=after)


def a_part(places, events, status=Status.TERMINAL_EVENT, **more):
    return Path(tuple(at(s) for s in places), status, tuple(events), Counts(1, 2, 3, 4, 5, 0.5), 1.5, "end", **more)


# ---------------------------------------------------------------- two parts


def test_a_sweep_and_its_rest_are_one_path():
    before = [event("BP", 0.5, 0), event("milestone", 2.0, 1), event("stop", 2.5, 2), event("jump", 1.0, 1)]
    sweep = a_part([0.0, 1.0, 2.0, 3.0], before, notes=("first",))
    after = [event("milestone", 0.0, 0), event("LP", 0.5, 0), event("milestone", 1.0, 1), event("LP", 1.5, 1)]
    rest = a_part([0.0, 1.0, 2.0], after, Status.REACHED_TARGET, notes=("second",))
    path = sweeps._joined(sweep, list(sweep.points[:3]), rest, "a note")
    assert [p.s for p in path.points] == [0.0, 1.0, 2.0, 3.0, 4.0]
    assert all(p is q for p, q in zip(path.points, sweep.points[:3], strict=False))
    assert [p.x[0] for p in path.points[3:]] == [11.0, 12.0]
    told = [(e.name, e.step, e.point.s) for e in path.events]
    assert told == [("BP", 0, 0.5), ("milestone", 1, 2.0), ("LP", 2, 2.5), ("milestone", 3, 3.0), ("LP", 3, 3.5)]
    assert path.counts == Counts(2, 4, 6, 8, 10, 1.0)
    assert (path.seconds, path.status, path.notes) == (3.0, Status.REACHED_TARGET, ("a note", "second"))
    whole = sweeps._joined(sweep, list(sweep.points[:1]), rest, "a note")
    assert [(e.name, e.step) for e in whole.events] == [("milestone", 0), ("LP", 0), ("milestone", 1), ("LP", 1)]


@pytest.mark.parametrize("predictor", [Tangent(), Secant(), Constant()], ids=lambda p: type(p).__name__)
def test_arclength_begins_five_percent_before_the_end_of_a_sweep(predictor):
    family = curves.s_curve()
    natural = Tracker(family, curves.S_START, Steps(predictor, Newton(), Adaptive(maximum=0.03, minimum=1e-4)))
    sweep = natural.run()
    assert sweep.t < 0.6
    tracker = Tracker(family, curves.S_START, Steps(predictor, ArclengthNewton(), Adaptive()), Course(milestones=[0.9]))
    path = sweeps._finished_by_arclength(tracker, sweep, "it failed", None)
    kept = [p for p in sweep.points if p.t <= 0.95 * sweep.t]
    assert path.points[: len(kept)] == tuple(kept)
    assert path.notes[0] == f"by arclength from t = {kept[-1].t:.6g}, because by natural steps: it failed"
    assert path.success
    assert [e.name for e in path.events] == ["LP", "LP", "milestone"]
    assert (np.diff(path.column("s")) > 0).all()
    course = Course(kept[-1].t, 1.0, (0.0, inf), milestones=[0.9])
    steps = replace(tracker.steps, predictor=Tangent() if isinstance(predictor, Constant) else predictor)
    rest = Tracker(family, kept[-1].x, steps, course).run()
    assert path.counts == sweep.counts + rest.counts
    assert [p.t for p in path.points[len(kept) :]] == [p.t for p in rest.points[1:]]
    # What the sweep has spent is no longer there.
    spent = sweep.counts.accepted + sweep.counts.rejected
    few = sweeps._finished_by_arclength(replace(tracker, limits=Limits(spent + 7)), sweep, "", None)
    assert few.counts.accepted + few.counts.rejected == spent + 7
    cost = sweep.counts.gradient_equivalents
    cheap = replace(tracker, limits=Limits(budget=Budget(cost + 40.0)))
    found = sweeps._finished_by_arclength(cheap, sweep, "", None)
    assert found.status is Status.BUDGET_SPENT
    assert cost + 40 <= found.counts.gradient_equivalents < cost + 80
    over = replace(tracker, limits=Limits(budget=Budget(1.0, 1e-3)))
    assert sweeps._finished_by_arclength(over, sweep, "", None).status is Status.BUDGET_SPENT
    early = replace(sweep, points=sweep.points[:1])
    assert sweeps._finished_by_arclength(tracker, early, "", None).points[0] is sweep.points[0]


def signs(*places, gradient=True):
    """diag(a - t) x = 0: along x = 0 an eigenvalue is negative from each place on."""
    a = np.array(places)
    return (GradientSystem if gradient else RootSystem)(
        lambda x, t: (a - t) * x, a.size, jacobian=lambda x, t: np.diag(a - t), dt=lambda x, t: -x
    )


@pytest.mark.parametrize("gradient", [True, False])
def test_a_sweep_stops_where_the_inertia_changes(gradient):
    """Of a root system only the sign of the determinant is looked at, which two eigenvalues together leave alone."""
    seen = []
    tracker = Tracker(
        signs(0.3, 0.3, 0.6, gradient=gradient),
        np.zeros(3),
        Steps(Tangent(), ArclengthNewton(), Adaptive()),
        observed=Observed(callback=seen.append),
    )
    inertia = sweeps._Inertia(tracker)
    assert inertia.first == (0 if gradient else 1)
    for t, changed in ((0.1, False), (0.29, False), (0.4, gradient), (0.7, True)):
        point = Point(np.zeros(3), t, 0.0, 0.0)
        if changed:
            with pytest.raises(StopIteration):
                inertia(point)
        else:
            inertia(point)
        assert inertia.changed == changed
        assert (bool(seen) and seen[-1] is point) != changed  # the user's callback is not called with what is left
    assert inertia.at(np.zeros(3), 0.6) is None  # singular
    inertia(Point(np.zeros(3), 0.6, 0.0, 0.0))
    assert not inertia.changed
    free = replace(tracker, steps=Steps(Secant(), ArclengthNewton(linear=Krylov()), Adaptive()))
    assert sweeps._Inertia(free).first is None
    sweeps._Inertia(free)(Point(np.zeros(3), 0.7, 0.0, 0.0))


def test_why_a_sweep_ended_is_told_where_arclength_goes_on():
    inertia, ended = SimpleNamespace(changed=False), a_part([0.0, 1.0], [])
    for status in Status:
        path = replace(ended, status=status, message="its words")
        goes_on = status in (Status.STEP_TOO_SMALL, Status.NOT_CONVERGED)
        assert sweeps._why_ended(path, inertia) == ("its words" if goes_on else None)
    inertia.changed = True
    stopped = replace(ended, status=Status.STOPPED_BY_CALLBACK)
    assert sweeps._why_ended(stopped, inertia) == "the index changed"
    assert sweeps._why_ended(replace(ended, status=Status.MAX_STEPS), inertia) is None


def test_two_ways_from_a_start_are_one_path():
    back = a_part([0.0, 1.0, 3.0], [event("LP", 0.5, 0, 1, 2), event("BP", 2.0, 1, 2, 5)])
    forward = a_part([0.0, 2.0], [event("LP", 1.0, 0, 1, 0)], Status.MAX_STEPS)
    path = explorer._joined(back, forward)
    assert [p.s for p in path.points] == [0.0, 2.0, 3.0, 5.0]
    assert [p.x[0] for p in path.points] == [13.0, 11.0, 10.0, 12.0]
    assert [p.tangent.t for p in path.points] == [-0.5, -0.5, 0.5, 0.5]
    told = [(e.name, e.step, e.point.s, e.index_before, e.index_after, e.tangent.t) for e in path.events]
    assert told == [("BP", 0, 1.0, 5, 2, -0.5), ("LP", 1, 2.5, 2, 1, -0.5), ("LP", 2, 4.0, 1, 0, 0.5)]
    assert path.counts == Counts(2, 4, 6, 8, 10, 1.0)
    assert (path.seconds, path.status, path.message) == (3.0, Status.MAX_STEPS, "end")
    failed = replace(back, status=Status.SINGULAR, message="lost")
    assert (explorer._joined(failed, forward).status, explorer._joined(failed, forward).message) == (
        Status.SINGULAR,
        "lost",
    )
    bare = replace(back, points=tuple(replace(p, tangent=None) for p in back.points))
    assert [p.tangent is None for p in explorer._joined(bare, forward).points] == [True, True, False, False]


# ---------------------------------------------------------------- what a path is told


def test_modes_choose_the_parts_that_fit():
    linear = Sparse()
    settings = {"tolerance": 1e-5, "final_tolerance": 1e-7, "max_iter": 11, "linear": linear}
    for mode, corrector, chosen in (
        (None, None, ("arclength", ArclengthNewton())),
        ("natural", None, ("natural", Newton())),
        ("auto", None, ("auto", ArclengthNewton())),
        (None, Newton(**settings), ("natural", Newton(**settings))),
        ("natural", Newton(**settings), ("natural", Newton(**settings))),
        ("arclength", Newton(**settings), ("arclength", ArclengthNewton(**settings))),
        ("auto", Newton(**settings), ("auto", ArclengthNewton(**settings))),
        ("natural", ArclengthNewton(**settings, theta=0.3), ("natural", Newton(**settings))),
        ("auto", MoorePenrose(**settings, theta=0.3), ("auto", MoorePenrose(**settings, theta=0.3))),
        (None, LBFGS(), ("natural", LBFGS())),
    ):
        found, steps = _steps(mode, None, corrector, None)
        assert (found, steps.corrector) == chosen
        assert type(steps.corrector) is type(chosen[1])
        assert steps.step_control == Adaptive()
    for corrector, predictor in (
        (None, Tangent()),
        (Newton(), Tangent()),
        (LBFGS(), Secant()),
        (Newton(linear=Krylov()), Secant()),
        (ArclengthNewton(linear=Krylov()), Secant()),
    ):
        assert _steps(None, None, corrector, None)[1].predictor == predictor
    assert _steps(None, Constant(), Newton(), Fixed(0.1))[1] == Steps(Constant(), Newton(), Fixed(0.1))


def test_what_is_watched_is_what_was_asked_for_and_what_always_is():
    stop, closed = Event("stop", lambda point: 0.0), Closed()

    def names(events, **how):
        return [one.name for one in Observed(events).watched(**how)]

    assert names([], natural=False) == ["LP", "BP"]
    assert names([], natural=True) == ["BP"]
    assert names([stop, Jump()], natural=False) == ["LP", "stop", "BP"]
    assert names([stop, Fold()], natural=False) == ["stop", "LP", "BP"]
    assert names([BranchPoint(), stop], natural=False) == ["LP", "BP", "stop"]
    assert names([BranchPoint()], natural=True) == ["BP"]
    assert names([stop], natural=False, closed=closed) == ["LP", "stop", "closed", "BP"]
    assert names([stop], natural=True, closed=closed) == ["stop", "BP"]
    assert Observed([BranchPoint()]).branch_points
    assert not Observed([stop, Jump()]).branch_points
    assert Observed([stop, Jump(0.3)]).jump == Jump(0.3)
    assert Observed([stop]).jump == Jump()
    assert (Jump().limit(fixed=True), Jump().limit(fixed=False), Jump(0.3).limit(fixed=True)) == (0.5, 0.15, 0.3)
    assert Observed([stop]).wanted_spectrum() is None
    assert Observed([stop, IndexChange()]).wanted_spectrum() == Observed([Hopf()]).wanted_spectrum() == Spectrum()
    assert Observed([IndexChange()], Spectrum(3)).wanted_spectrum() == Spectrum(3)


@SEEDS
def test_families_are_told_apart_by_their_gradients_at_both_ends(seed):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 5))
    a, b, x0 = rng.standard_normal((n, n)), rng.standard_normal(n), rng.standard_normal(n)
    weights = 1 + np.cos(np.arange(n))
    family = RootSystem(lambda x, t: a @ x + t * b, n)
    numbers = [weights @ x0, weights @ (a @ weights), weights @ (a @ weights + b)]
    assert np.array(fingerprint(family, x0).split(), dtype=float) == pytest.approx(numbers, rel=2e-6)
    assert fingerprint(family, x0).split()[1:] == fingerprint(family, None).split()

    def refused(x, t):
        if t > 0:
            raise EvaluationError("no")
        return a @ x

    assert fingerprint(RootSystem(refused, n), None).split()[1] == "nan"


def test_a_run_is_another_where_its_points_may_be_others(tmp_path):
    family, start = curves.s_curve(), curves.S_START
    plain = Tracker(family, start, Steps(Tangent(), ArclengthNewton(), Adaptive()))
    file = Checkpoint(tmp_path / "path.npz")
    other = GradientSystem(lambda x, t: x**3 - x - (4.001 * t - 2), 1)
    for changes, same in (
        ({}, True),
        ({"limits": Limits(5)}, True),
        ({"observed": Observed(callback=print)}, True),
        ({"homotopy": other}, False),
        ({"x0": start + 1e-3}, False),
        ({"steps": Steps(Secant(), ArclengthNewton(), Adaptive())}, False),
        ({"steps": Steps(Tangent(), ArclengthNewton(theta=0.4), Adaptive())}, False),
        ({"steps": Steps(Tangent(), ArclengthNewton(), Adaptive(0.01))}, False),
        ({"course": Course(target=0.9)}, False),
        ({"course": Course(bounds=(-1.0, 2.0))}, False),
        ({"course": Course(milestones=[0.5])}, False),
        ({"observed": Observed([Event("stop", lambda point: 0.0)])}, False),
        ({"observed": Observed([Jump(0.2)])}, False),
        ({"observed": Observed(spectrum=Spectrum())}, False),
    ):
        made = replace(plain, **changes)
        assert (made.signature(file) == plain.signature(file)) == same
    moved = replace(plain, x0=start + 1e-3)
    perturbed = replace(file, perturbed=True)  # whose start follows from the perturbation
    assert moved.signature(perturbed) == plain.signature(perturbed)


# ---------------------------------------------------------------- evaluations that fail


@pytest.mark.parametrize("where", ["gradient", "matrix", "derivative in t", "event"])
@pytest.mark.parametrize("beyond", [0.3, 0.62])
@pytest.mark.parametrize("control", [Adaptive(minimum=1e-4), Fixed(0.05)], ids=["adaptive", "fixed"])
def test_a_path_comes_as_far_as_its_family_can_be_evaluated(where, beyond, control):
    def guarded(function, kind):
        def inside(x, t):
            if kind == where and t > beyond:
                raise EvaluationError("not here")
            return function(x, t)

        return inside

    family = RootSystem(
        guarded(lambda x, t: np.sinh(x) - t, "gradient"),
        1,
        jacobian=guarded(lambda x, t: np.diag(np.cosh(x)), "matrix"),
        dt=guarded(lambda x, t: -np.ones(1), "derivative in t"),
    )

    def value(point):
        if where == "event" and point.t > beyond:
            raise EvaluationError("not here")
        return -1.0

    path = track(family, np.zeros(1), step_control=control, events=[Event("never", value)])
    assert not path.success
    assert path.status is (Status.STEP_TOO_SMALL if isinstance(control, Adaptive) else Status.NON_FINITE)
    assert path.t <= beyond
    assert path.t > beyond - (2e-3 if isinstance(control, Adaptive) else 0.1)
    assert path.x == pytest.approx(np.arcsinh([path.t]), abs=1e-7)
    assert path.counts.rejected >= 1
    assert Status.NON_FINITE.value in path.message
