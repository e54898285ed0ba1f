"""Milestones: the path has a point at exactly these t whenever it passes."""

import curves
import numpy as np
import pytest

from homotopy.continuation import (
    ArclengthNewton,
    Constant,
    Event,
    Fixed,
    MoorePenrose,
    Path,
    Polynomial,
    RootSystem,
    Secant,
    Tangent,
    track,
)
from homotopy.errors import ArgumentError

LOW, HIGH = curves.S_FOLDS[1], curves.S_FOLDS[0]


def stones(path):
    return [event.point for event in path.events if event.name == "milestone"]


def roots(t):
    """The solutions of x^3 - x = 4 t - 2, as the path passes them."""
    found = np.roots([1.0, 0.0, -1.0, 2.0 - 4.0 * t])
    return np.sort(found.real[np.abs(found.imag) < 1e-9])


@pytest.mark.parametrize("mode", ["arclength", "auto"])
@pytest.mark.parametrize("given", [(0.45, 0.5, 0.9), (0.9, 0.5, 0.45, 0.5, 7.0, -3.0)], ids=["sorted", "unsorted"])
def test_every_pass_of_a_milestone_is_a_point_of_the_path(mode, given):
    path = track(curves.s_curve(), curves.S_START, mode=mode, milestones=given)
    assert path.success
    found = stones(path)
    assert [p.t for p in found] == [0.45, 0.5, 0.5, 0.45, 0.45, 0.5, 0.9]
    for t in (0.45, 0.5, 0.9):
        assert [p.x[0] for p in found if p.t == t] == pytest.approx(roots(t).tolist(), abs=1e-10)
    assert all(any(p.t == q.t and p.x is q.x for q in path.points) for p in found)
    assert all(p.grad_norm < 1e-10 for p in found)
    assert path.n_folds == 2


@pytest.mark.parametrize("predictor", [Tangent(), Secant(), Polynomial(3), Constant()], ids=lambda p: type(p).__name__)
def test_natural_steps_are_cut_there(predictor):
    given = [0.5, 0.5 + 1e-8, 1 - 1e-8, 1e-7, 0.3, 0.0, 1.0]
    path = track(curves.moving_quadratic()[0], np.zeros(6), mode="natural", predictor=predictor, milestones=given)
    assert path.success
    assert [p.t for p in stones(path)] == sorted(given)
    plain = track(curves.moving_quadratic()[0], np.zeros(6), mode="natural", predictor=predictor)
    assert path.x == pytest.approx(plain.x, abs=1e-9)


def test_a_fixed_step_that_meets_a_milestone_is_not_cut():
    path = track(
        curves.moving_quadratic()[0], np.zeros(6), mode="natural", step_control=Fixed(0.25), milestones=[0.25, 0.75]
    )
    assert [p.t for p in path.points] == [0.0, 0.25, 0.5, 0.75, 1.0]
    assert [p.t for p in stones(path)] == [0.25, 0.75]


@pytest.mark.parametrize("below", [1e-3, 1e-6, 1e-8])
def test_a_milestone_just_below_a_fold_is_passed_on_both_sides(below):
    t = HIGH - below
    path = track(curves.s_curve(), curves.S_START, milestones=[t])
    assert path.success
    assert [event.name for event in path.events] == ["milestone", "LP", "milestone", "LP", "milestone"]
    assert [p.x[0] for p in stones(path)] == pytest.approx(roots(t).tolist(), abs=1e-6)


def test_a_milestone_on_a_fold_is_passed_once_and_one_above_it_later():
    on = track(curves.s_curve(), curves.S_START, milestones=[HIGH])
    assert sorted(event.name for event in on.events) == ["LP", "LP", "milestone", "milestone"]
    assert stones(on)[0].x[0] == pytest.approx(-1 / np.sqrt(3), abs=1e-5)
    above = track(curves.s_curve(), curves.S_START, milestones=[HIGH + 1e-8])
    assert [event.name for event in above.events] == ["LP", "LP", "milestone"]
    assert on.success
    assert above.success


@pytest.mark.parametrize("corrector", [ArclengthNewton(), MoorePenrose()], ids=["keller", "moore-penrose"])
@pytest.mark.parametrize("predictor", [Tangent(), Secant(), Polynomial(2), Polynomial(4)], ids=str)
def test_milestones_close_to_each_other_do_not_disturb_the_path(corrector, predictor):
    given = [0.42, 0.42 + 1e-8, 0.42 + 3e-7, 0.95]
    path = track(curves.s_curve(), curves.S_START, corrector=corrector, predictor=predictor, milestones=given)
    assert path.success
    assert [p.t for p in stones(path)] == [*given[:3], *given[2::-1], *given[:3], given[3]]
    assert path.x == pytest.approx(curves.S_END, abs=1e-9)
    plain = track(curves.s_curve(), curves.S_START, corrector=corrector, predictor=predictor)
    assert len(path.points) <= len(plain.points) + 2 * len(stones(path))


@pytest.mark.parametrize("seed", range(8))
def test_random_curves_have_a_point_at_every_milestone(seed):
    """t = p(x_1) with a random cubic, x_2 = sin x_1, mixed, of any size."""
    rng = np.random.default_rng(seed)
    size, mix = 10.0 ** rng.uniform(-6, 6), rng.standard_normal((2, 2)) + 2 * np.eye(2)
    bend = rng.uniform(-1.5, 1.5)

    def place(u):
        return u**3 + bend * u

    def function(x, t):
        u = x[0] / size
        return mix @ np.array([place(u) - t, x[1] / size - np.sin(u)])

    given = np.sort(rng.uniform(place(-1.4), place(1.4), 4))
    ends = [next(r.real for r in np.roots([1, 0, bend, -t]) if abs(r.imag) < 1e-9) for t in (place(-2), place(2))]
    start = size * np.array([ends[0], np.sin(ends[0])])
    path = track(RootSystem(function, 2), start, t0=place(-2), target=place(2), milestones=given)
    assert path.success, path
    found = stones(path)
    for t in given:
        wanted = np.roots([1, 0, bend, -t])
        wanted = np.sort(wanted.real[np.abs(wanted.imag) < 1e-9])
        assert [p.x[0] / size for p in found if p.t == t] == pytest.approx(wanted.tolist(), abs=1e-6)
        assert [p.t for p in path.at(t)] == [t] * wanted.size


def test_events_before_and_behind_a_milestone_are_found_once():
    middle = Event("middle", lambda p: p.x[0])
    path = track(curves.s_curve(), curves.S_START, events=[middle], milestones=np.linspace(0.01, 0.99, 60))
    assert [e.name for e in path.events if e.name != "milestone"] == ["LP", "middle", "LP"]
    assert path.success


def test_bounds_and_terminal_events_end_the_path_before_a_milestone():
    stop = Event("stop", lambda p: p.t - 0.3, terminal=True)
    path = track(curves.s_curve(), curves.S_START, events=[stop], milestones=[0.29999, 0.30001])
    assert [e.name for e in path.events] == ["milestone", "stop"]
    bound = track(curves.s_curve(), curves.S_START, target=None, bounds=(-1.0, 0.3), milestones=[0.3])
    assert [(e.name, e.point.t) for e in bound.events] == [("milestone", 0.3)]


def test_a_killed_run_goes_on_with_the_same_points(tmp_path):
    whole = track(curves.s_curve(), curves.S_START, milestones=[0.5, 0.45])
    for mode in ("arclength", "auto"):
        file = tmp_path / f"{mode}.npz"
        whole = track(curves.s_curve(), curves.S_START, mode=mode, milestones=[0.5, 0.45])

        def killed(point, t=0.5):
            if point.t == t:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            track(
                curves.s_curve(),
                curves.S_START,
                mode=mode,
                milestones=[0.5, 0.45],
                checkpoint=file,
                every=1,
                callback=killed,
            )
        again = track(curves.s_curve(), curves.S_START, mode=mode, milestones=[0.5, 0.45], checkpoint=file, every=1)
        assert [p.x.tobytes() for p in again.points] == [p.x.tobytes() for p in whole.points]
        assert [(e.name, e.step) for e in again.events] == [(e.name, e.step) for e in whole.events]
        assert [p.t for p in stones(Path.load(file))] == [p.t for p in stones(whole)]


@pytest.mark.parametrize("given", [[np.nan], [0.5, np.inf], "half", None, [[0.1, 0.2]], [1j]], ids=str)
def test_what_is_no_finite_number_is_refused(given):
    with pytest.raises(ArgumentError, match="milestones must be"):
        track(curves.s_curve(), curves.S_START, milestones=given)


def test_one_number_is_one_milestone():
    assert [p.t for p in stones(track(curves.s_curve(), curves.S_START, milestones=0.9))] == [0.9]
