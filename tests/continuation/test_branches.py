"""Branch points located, branches switched, diagrams explored."""

import csv

import curves
import matplotlib.pyplot as plt
import numpy as np
import pytest

from homotopy.continuation import (
    Adaptive,
    ArclengthNewton,
    BranchPoint,
    Dense,
    Event,
    Explorer,
    GradientSystem,
    IndexChange,
    Kink,
    Krylov,
    RootSystem,
    Sparse,
    Spectrum,
    diagram,
    switch,
    track,
)
from homotopy.errors import ArgumentError
from homotopy.status import Status


def transcritical():
    """x (x - t): the branches 0 and t cross."""
    return GradientSystem(
        lambda x, t: x * (x - t), 1, jacobian=lambda x, t: np.array([[2 * x[0] - t]]), dt=lambda x, t: -x.copy()
    )


def rod(n=15):
    """-u'' = t (u - u^3) on (0, pi): branches leave u = 0 at the eigenvalues of -u''."""
    q = ((n + 1) / np.pi) ** 2
    laplace = 2 * q * np.eye(n) - q * np.eye(n, k=1) - q * np.eye(n, k=-1)
    family = GradientSystem(
        lambda u, t: laplace @ u - t * (u - u**3),
        n,
        jacobian=lambda u, t: laplace - t * np.diag(1 - 3 * u**2),
        dt=lambda u, t: -(u - u**3),
    )
    return family, np.linalg.eigvalsh(laplace)


def ring():
    """x^2 + (t - 1/2)^2 = 0.04: a closed curve."""
    return GradientSystem(
        lambda x, t: np.array([x[0] ** 2 + (t - 0.5) ** 2 - 0.04]),
        1,
        jacobian=lambda x, t: np.array([[2 * x[0]]]),
        dt=lambda x, t: np.array([2 * (t - 0.5)]),
    )


@pytest.mark.parametrize("event", [BranchPoint(), IndexChange()], ids=["BP", "index"])
@pytest.mark.parametrize("linear", [Dense(), Sparse()], ids=["dense", "sparse"])
def test_the_branch_point_of_the_pitchfork_is_located(event, linear):
    path = track(
        curves.pitchfork(),
        np.zeros(1),
        corrector=ArclengthNewton(linear=linear),
        t0=1.0,
        target=-3.0,
        events=[event],
    )
    assert path.success
    (found,) = (e for e in path.events if e.name == event.name)
    assert found.point.t == pytest.approx(0.0, abs=1e-8)
    assert abs(found.point.x[0]) < 1e-8
    assert (found.index_before, found.index_after) == (0, 1)
    assert found.tangent is not None


def test_both_branches_of_the_pitchfork_are_followed_from_one_call():
    found = diagram(curves.pitchfork(), np.zeros(1), 1.0, explorer=Explorer(bounds=(-3.0, 1.0)))
    assert found.complete
    assert len(found.branch_points) == 1
    assert found.branch_points[0].point.t == pytest.approx(0.0, abs=1e-8)
    assert found.parents == (-1, 0, 0)
    ends = sorted(float(path.x[0]) for path in found.branches[1:])
    np.testing.assert_allclose(ends, [-np.sqrt(3), np.sqrt(3)], atol=1e-9)
    for path in found.branches[1:]:
        for point in path.points:
            assert abs(point.x[0] ** 2 + point.t) < 1e-7
        assert all(point.index == 0 for point in path.points[1:])
    assert len(found.at(-1.0)) == 3


def test_the_branches_of_a_transcritical_point_cross():
    found = diagram(transcritical(), np.zeros(1), -1.0, explorer=Explorer(bounds=(-1.0, 1.0)))
    assert found.branch_points[0].point.t == pytest.approx(0.0, abs=1e-8)
    assert sorted((path.t, float(path.x[0])) for path in found.branches[1:]) == [
        (-1.0, pytest.approx(-1.0)),
        (1.0, pytest.approx(1.0)),
    ]


def test_switching_needs_no_symmetry_of_the_jacobian():
    mix = np.array([[2.0, 1.0], [-1.0, 3.0]])
    family = RootSystem(
        lambda x, t: mix @ np.array([x[0] ** 3 + t * x[0], x[1] - t]),
        2,
        jacobian=lambda x, t: mix @ np.diag([3 * x[0] ** 2 + t, 1.0]),
        dt=lambda x, t: mix @ np.array([x[0], -1.0]),
    )
    explorer = Explorer(bounds=(-1.0, 1.0), spectrum=None)
    found = diagram(family, np.array([0.0, 1.0]), 1.0, explorer=explorer)
    ends = sorted(float(path.x[0]) for path in found.branches[1:])
    np.testing.assert_allclose(ends, [-1.0, 1.0], atol=1e-8)


def test_every_branch_of_the_rod_leaves_at_an_eigenvalue():
    family, eigenvalues = rod()
    explorer = Explorer(bounds=(0.0, 10.0), step_control=Adaptive(initial=0.05, maximum=0.3))
    found = diagram(family, np.zeros(15), 0.2, explorer=explorer)
    np.testing.assert_allclose([e.point.t for e in found.branch_points], eigenvalues[:3], atol=1e-8)
    assert len(found.branches) == 7
    assert found.complete
    indices = [path.points[-1].index for path in found.branches]
    assert indices == [3, 0, 0, 1, 1, 2, 2]
    cut = diagram(family, np.zeros(15), 0.2, explorer=explorer, max_branches=2)
    assert not cut.complete
    assert len(cut.branches) <= 3


def test_a_closed_branch_ends_where_it_began():
    found = diagram(ring(), np.array([0.2]), 0.5, explorer=Explorer(bounds=(0.0, 1.0)))
    (path,) = found.branches
    assert path.status is Status.TERMINAL_EVENT
    assert path.events[-1].name == "closed"
    assert path.n_folds == 2
    assert path.t == pytest.approx(0.5, abs=1e-8)
    # The polygon of the steps is a little shorter than the curve, measured in the metric with theta = 1/2.
    scaled = diagram(ring(), np.array([0.2]), 0.5, explorer=Explorer(bounds=(0.0, 1.0), scale=1.0)).branches[0]
    assert scaled.points[-1].s == pytest.approx(2 * np.pi * 0.2 * np.sqrt(0.5), rel=0.02)


def test_switching_far_from_a_branch_point_finds_nothing():
    family = curves.s_curve()
    fold = track(family, curves.S_START).events[0]
    starts = switch(family, fold, explorer=Explorer(bounds=(0.0, 1.0)))
    assert all(abs(s.point.x[0] - fold.point.x[0]) < 0.05 for s in starts)
    bare = type(fold)("BP", fold.point.__class__(fold.point.x, fold.point.t, 0.0, 0.0), 0)
    assert switch(family, bare, explorer=Explorer(bounds=(0.0, 1.0))) == []


def test_a_wrong_start_of_a_diagram_is_refused():
    with pytest.raises(ArgumentError, match="does not solve"):
        diagram(curves.pitchfork(), np.ones(1), 1.0, explorer=Explorer(bounds=(-1.0, 1.0)))
    with pytest.raises(ArgumentError, match="shape"):
        diagram(curves.pitchfork(), np.ones(2), 1.0, explorer=Explorer(bounds=(-1.0, 1.0)))


def test_matrix_free_branch_points_are_refused_with_advice():
    with pytest.raises(ArgumentError, match="IndexChange"):
        track(
            curves.pitchfork(),
            np.zeros(1),
            corrector=ArclengthNewton(linear=Krylov()),
            t0=1.0,
            target=-1.0,
            events=[BranchPoint()],
        )


# ---------------------------------------------------------------- events and tables


def test_user_events_are_located_in_both_directions():
    path = track(
        curves.s_curve(),
        curves.S_START,
        events=[Event("zero", lambda p: p.x[0]), Event("half", lambda p: p.t - 0.5, direction=-1)],
    )
    found = {(e.name, round(float(e.point.x[0]), 6)): e.point for e in path.events if e.name != "LP"}
    assert list(found) == [("zero", 0.0), ("half", 0.0)] or list(found) == [("half", 0.0), ("zero", 0.0)]
    assert found["zero", 0.0].t == pytest.approx(0.5, abs=1e-10)


def test_rejected_events_are_never_crossed():
    path = track(
        curves.s_curve(), curves.S_START, events=[Event("wall", lambda p: p.t - 0.3, reject=True)], max_steps=200
    )
    assert path.status is Status.STEP_TOO_SMALL
    assert path.column("t").max() <= 0.3
    assert path.t == pytest.approx(0.3, abs=1e-6)


def test_kinks_are_located():
    family, center = curves.moving_quadratic()
    path = track(family, events=[Kink(lambda x: x > 0.3)])
    kinks = [e.point for e in path.events]
    assert kinks
    for point in kinks:
        assert np.abs(point.x - 0.3).min() < 1e-8
    signs = np.array([center(t) > 0.3 for t in np.linspace(0, 1, 2001)])
    assert len(kinks) == int((signs[1:] != signs[:-1]).any(axis=1).sum())


def test_bad_events_are_refused():
    with pytest.raises(ArgumentError, match="direction"):
        Event("x", lambda p: 0.0, direction=2)
    with pytest.raises(ArgumentError, match="exclude"):
        Event("x", lambda p: 0.0, terminal=True, reject=True)
    with pytest.raises(ArgumentError, match="every"):
        Spectrum(every=0)


def test_the_spectrum_is_computed_at_every_kth_point():
    family, _ = curves.moving_quadratic()
    path = track(family, spectrum=Spectrum(n_lowest=2, every=3))
    for k, point in enumerate(path.points[:-1]):
        assert (point.index == 0) == (k % 3 == 0)
        assert len(point.eigenvalues) == (2 if k % 3 == 0 else 0)


def test_the_spectrum_at_a_located_event_is_computed_where_an_event_needs_the_index():
    plain = track(curves.s_curve(), curves.S_START, spectrum=Spectrum())
    asked = track(curves.s_curve(), curves.S_START, spectrum=Spectrum(), events=[IndexChange()])
    assert {(e.point.index, len(e.point.eigenvalues)) for e in plain.events} == {(-1, 0)}
    assert all(e.point.index >= 0 and len(e.point.eigenvalues) == 1 for e in asked.events)
    assert [(e.index_before, e.index_after) for e in plain.events] == [(0, 1), (1, 0)]


def test_lanczos_agrees_with_the_dense_spectrum():
    d = np.sort(np.random.default_rng(0).standard_normal(60)) + 1.2
    family = GradientSystem(lambda x, t: d * x, 60, jvp=lambda x, t, v: d * v, dt=lambda x, t: 0 * x)
    dense = Spectrum(n_lowest=3).index(family, np.zeros(60), 0.0)
    lanczos = Spectrum(n_lowest=3, dense_limit=10).index(family, np.zeros(60), 0.0)
    assert lanczos[0] == dense[0] == int((d < 0).sum())
    np.testing.assert_allclose(lanczos[1], dense[1], rtol=1e-5)


def test_tables_have_one_row_a_step(tmp_path):
    path = track(curves.s_curve(), curves.S_START, spectrum=Spectrum())
    rows = path.table({"first": lambda p: p.x[0]})
    assert len(rows) == len(path.points)
    np.testing.assert_array_equal(rows.t, path.column("t"))
    assert set(rows.event) == {"", "LP"}
    assert rows.first[-1] == path.x[0]
    path.to_csv(tmp_path / "path.csv")
    with (tmp_path / "path.csv").open() as stream:
        read = list(csv.DictReader(stream))
    assert float(read[5]["t"]) == path.points[5].t
    assert [int(row["index"]) for row in read] == rows["index"].tolist()


def test_diagrams_are_written_and_drawn(tmp_path):
    found = diagram(curves.pitchfork(), np.zeros(1), 1.0, explorer=Explorer(bounds=(-1.0, 1.0)))
    found.to_csv(tmp_path / "diagram.csv", {"w": lambda p: p.x[0]})
    rows = found.table()
    assert set(rows.branch) == {0, 1, 2}
    assert (tmp_path / "diagram.csv").read_text().count("\n") == len(rows) + 1
    ax = found.plot(measure=lambda p: p.x[0])
    styles = {line.get_linestyle() for line in ax.get_lines()}
    assert {"-", "--"} <= styles
    plt.close("all")


def test_a_branch_that_fails_on_its_way_back_keeps_the_diagram_from_being_complete():
    # x^2 (1 - t) = t runs to infinity at t = 1 to one side of the start; the other side begins on the bound.
    family = RootSystem(lambda x, t: x**2 * (t - 1) + t + 1, 1)
    found = diagram(family, np.ones(1), 0.0, explorer=Explorer(bounds=(0.0, 2.0), max_steps=20))
    assert found.branches[0].status is not Status.TERMINAL_EVENT
    assert not found.complete
    turned = diagram(family, -np.ones(1), 0.0, explorer=Explorer(bounds=(-2.0, 0.0), max_steps=3))
    assert turned.branches[0].status is Status.MAX_STEPS
    assert not turned.complete
    assert "branch 0" in turned.notes[0]


def test_a_diagram_that_a_limit_cuts_says_so():
    """x^3 + (t - 1/4) x: three branches, of which a limit leaves one."""
    family = GradientSystem(
        lambda x, t: x**3 + (t - 0.25) * x,
        1,
        jacobian=lambda x, t: np.array([[3 * x[0] ** 2 + t - 0.25]]),
        dt=lambda x, t: x.copy(),
    )
    explorer = Explorer(bounds=(-1.0, 1.0))
    whole = diagram(family, np.zeros(1), 1.0, explorer=explorer)
    points = len(whole.branches[0].points)
    assert whole.complete
    for limits, cut in (
        ({"max_branches": 1}, True),
        ({"max_branches": 2}, False),
        ({"max_points": points}, True),
        ({"max_points": points + 1}, False),
    ):
        found = diagram(family, np.zeros(1), 1.0, explorer=explorer, **limits)
        assert len(found.branches) == (1 if cut else 3)
        assert found.notes == (("the branch point at t = 0.25: a limit was reached",) if cut else ())
        assert (found.complete, len(found.branch_points)) == (not cut, 1)


def test_a_diagram_begins_at_a_solution():
    explorer = Explorer(bounds=(0.0, 1.0))
    for off, good in ((0.0, True), (1e-9, True), (1e-3, False), (-0.3, False)):
        x = curves.S_START + off
        if good:
            assert len(diagram(curves.s_curve(), x, 0.0, explorer=explorer).branches) == 1
            continue
        norm = abs(curves.s_curve().grad(x, 0.0)[0])
        with pytest.raises(
            ArgumentError, match=f"does not solve the problem at t0 = 0: the gradient norm is {norm:.3g}"
        ):
            diagram(curves.s_curve(), x, 0.0, explorer=explorer)
