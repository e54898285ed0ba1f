"""Predictors, correctors, step control, metric, path: each part alone."""

import curves
import matplotlib.pyplot as plt
import numpy as np
import pytest

from homotopy.continuation import (
    LBFGS,
    Adaptive,
    ArclengthNewton,
    Constant,
    Correction,
    DenseNewton,
    Direction,
    Fixed,
    GradientSystem,
    Guess,
    Krylov,
    Metric,
    Path,
    Point,
    Polynomial,
    RootSystem,
    Secant,
    Tangent,
    Trail,
    homotopy_from,
    track,
)
from homotopy.continuation.results.plot import plot_path
from homotopy.errors import ArgumentError, DataError
from homotopy.status import Status


def smooth(t):
    return np.array([np.exp(t), np.sin(2 * t)])


def trail_of(times, *, natural=True):
    metric = Metric()
    points = []
    for t in times:
        tangent = metric.unit(np.array([np.exp(t), 2 * np.cos(2 * t)]), 1.0)
        points.append(Point(smooth(t), t, 0.0, 0.0, s=t, tangent=tangent))
    return Trail(points, natural, 1.0, metric)


@pytest.mark.parametrize("predictor", [Constant(), Secant(), Tangent(), Polynomial(2), Polynomial(3), Polynomial(4)])
def test_the_error_of_a_predictor_falls_with_its_order(predictor):
    errors = []
    for h in (0.01, 0.005):
        trail = trail_of([-4 * h, -3 * h, -2 * h, -h, 0.0])
        guess = predictor.predict(None, trail, h)
        errors.append(np.linalg.norm(guess.x - smooth(h)))
        assert guess.t == h
    assert np.log2(errors[0] / errors[1]) == pytest.approx(predictor.order + 1, abs=0.2)


def test_newton_is_quadratic():
    family = curves.s_curve()
    norms = [
        DenseNewton(max_iter=k, tolerance=1e-15).correct(family, Guess(np.array([-1.3]), 0.0)).grad_norm
        for k in (1, 2, 3, 4)
    ]
    rates = np.diff(np.log(norms[1:])) / np.diff(np.log(norms[:-1]))
    assert np.all(rates[:2] > 1.7)


def test_the_arclength_corrector_keeps_to_the_plane_of_the_guess():
    family, metric = curves.s_curve(), Metric.weighted(0.3, 1)
    tangent = metric.unit(np.array([1.0]), 0.3)
    guess = Guess(np.array([-0.6]), 0.6, tangent, metric)
    found = ArclengthNewton(theta=0.3, tolerance=1e-12).correct(family, guess)
    assert found.status is Status.CONVERGED
    assert metric.inner(*tangent, found.x - guess.x, found.t - guess.t) == pytest.approx(0.0, abs=1e-12)
    with pytest.raises(ArgumentError, match="tangent"):
        ArclengthNewton().correct(family, Guess(np.array([-0.6]), 0.6))


def test_the_lbfgs_corrector_stays_in_the_basin_of_a_good_guess():
    family = curves.s_curve()
    truth = DenseNewton(tolerance=1e-12).correct(family, Guess(np.array([-0.7]), 0.58)).x
    found = LBFGS().correct(family, Guess(truth + 1e-3, 0.58))
    assert found.status is Status.CONVERGED
    np.testing.assert_allclose(found.x, truth, atol=1e-5)


def correction(status=Status.CONVERGED, n_iter=4, distance=0.0, angle=np.nan):
    return Correction(np.zeros(1), 0.0, 0.0, 0.0, status, n_iter, distance, angle)


def test_adaptive_steps():
    control = Adaptive(initial=0.1, minimum=1e-3, maximum=1.0, iterations=4, angle=None)
    assert control.next(0.1, correction(n_iter=4)) == pytest.approx(0.1)
    assert control.next(0.1, correction(n_iter=2)) == pytest.approx(0.2)
    assert control.next(0.1, correction(n_iter=9)) == pytest.approx(0.05)
    assert control.next(0.9, correction(n_iter=1)) == 1.0
    assert control.next(0.1, correction(Status.NOT_CONVERGED)) == pytest.approx(0.05)
    assert control.next(1e-3, correction(Status.NOT_CONVERGED)) is Status.STEP_TOO_SMALL
    far = Adaptive(initial=0.1, maximum=1.0, iterations=None, distance=0.01, angle=None)
    assert far.next(0.1, correction(distance=0.0144)) == pytest.approx(0.1 / 1.2)
    bend = Adaptive(initial=0.1, maximum=1.0, iterations=None, angle=0.2)
    assert bend.next(0.1, correction(angle=0.25)) == pytest.approx(0.08)
    assert not bend.accepts(correction(angle=0.61))
    assert bend.accepts(correction())


def test_halving_ends():
    step, n = 0.1, 0
    while not isinstance(step, Status):
        step = Adaptive(initial=0.1).next(step, correction(Status.NOT_CONVERGED))
        n += 1
    assert n < 30


def test_fixed_steps_pass_the_failure_on():
    assert Fixed(0.1).next(0.1, correction()) == 0.1
    assert Fixed(0.1).next(0.1, correction(Status.SINGULAR)) is Status.SINGULAR


def test_bad_step_control_is_refused():
    with pytest.raises(ArgumentError, match="minimum"):
        Adaptive(initial=0.5, maximum=0.1)
    with pytest.raises(ArgumentError, match="shrink"):
        Adaptive(shrink=1.5)
    with pytest.raises(ArgumentError, match="step"):
        Fixed(-1.0)
    with pytest.raises(ArgumentError, match="degree"):
        Polynomial(0)


def test_metric_measures_weighted_lengths():
    metric = Metric.weighted(0.2, 2)
    assert metric.norm(np.array([1.0, 1.0]), 1.0) == pytest.approx(1.0)
    direction = metric.unit(np.array([3.0, 4.0]), 2.0)
    assert isinstance(direction, Direction)
    assert metric.norm(*direction) == pytest.approx(1.0)


# ---------------------------------------------------------------- plain functions


def test_missing_derivatives_are_differenced_and_named():
    def energy(x, t, scale):
        return float(scale * np.sum((x - np.array([t, t * t])) ** 2) + 0.1 * np.sum(x**4))

    family = homotopy_from(energy, np.zeros(2), args=(2.0,))
    assert family.differenced == ("grad", "jvp", "dt")
    path = track(family, corrector=ArclengthNewton(tolerance=1e-6, final_tolerance=1e-7))
    assert path.success
    exact = homotopy_from(
        lambda x, t: 4.0 * (x - np.array([t, t * t])) + 0.4 * x**3,
        np.zeros(2),
        jac=lambda x, t: np.diag(4.0 + 1.2 * x**2),
        dt_grad=lambda x, t: -4.0 * np.array([1.0, 2 * t]),
    )
    assert exact.differenced == ()
    assert isinstance(exact, GradientSystem)
    np.testing.assert_allclose(path.x, track(exact).x, atol=1e-6)


def test_root_systems_come_from_plain_functions_too():
    family = homotopy_from(lambda x, t: np.array([x[0] + x[1] - t, x[1] - 2 * x[0]]), np.zeros(2), root=True)
    assert isinstance(family, RootSystem)
    assert not family.symmetric
    np.testing.assert_allclose(track(family).x, [1 / 3, 2 / 3], atol=1e-8)
    with pytest.raises(ArgumentError, match="neither"):
        GradientSystem(None, 2)


def test_matrix_free_arclength_goes_round_folds():
    n = 12
    weights = np.linspace(1, 2, n)

    def grad(x, t):  # an S-curve in the mean, stiff springs in the rest
        mean = x.mean()
        return weights * (x - mean) - (weights * (x - mean)).mean() + (mean**3 - mean - (4 * t - 2)) * np.ones(n)

    family = homotopy_from(grad, np.full(n, curves.S_START[0]), root=True)
    corrector = ArclengthNewton(linear=Krylov(rtol=1e-10))
    path = track(family, corrector=corrector, predictor=Secant())
    assert path.success
    assert path.n_folds == 2
    np.testing.assert_allclose(path.x, curves.S_END, atol=1e-8)


def test_matrix_free_symmetric_border_agrees_with_dense():
    family = curves.s_curve()
    dense = track(family, curves.S_START, corrector=ArclengthNewton())
    free = track(family, curves.S_START, corrector=ArclengthNewton(linear=Krylov(rtol=1e-12)))
    assert free.n_folds == dense.n_folds == 2
    assert free.x[0] == pytest.approx(dense.x[0], abs=1e-9)


def test_a_preconditioner_saves_products():
    n = 60
    d = np.geomspace(1, 1e4, n)
    family = GradientSystem(
        lambda x, t: d * x + 0.1 * np.sin(x) - t, n, jvp=lambda x, t, v: d * v + 0.1 * np.cos(x) * v,
        dt=lambda x, t: -np.ones(n),
    )  # fmt: skip
    plain = track(family, np.zeros(n), corrector=ArclengthNewton(linear=Krylov()))
    helped = track(
        family, np.zeros(n), corrector=ArclengthNewton(linear=Krylov(preconditioner=lambda h, x, t: lambda v: v / d))
    )
    assert plain.success
    assert helped.success
    assert helped.counts.hessp < 0.5 * plain.counts.hessp


# ---------------------------------------------------------------- Path


def test_at_returns_every_crossing():
    path = track(curves.s_curve(), curves.S_START)
    at = path.at(0.5)
    assert len(at) == 3
    np.testing.assert_allclose(sorted(p.x[0] for p in at), [-1.0, 0.0, 1.0], atol=2e-3)
    assert len(path.at(0.0)) == 1
    assert path.at(1.0)[0].x[0] == path.x[0]
    assert path.at(3.0) == []


def test_a_path_survives_its_file(tmp_path):
    path = track(curves.s_curve(), curves.S_START)
    path.save(tmp_path / "path.npz")
    again = Path.load(tmp_path / "path.npz")
    assert again.status is path.status
    assert again.message == path.message
    assert again.counts == path.counts
    assert [p.x.tobytes() for p in again.points] == [p.x.tobytes() for p in path.points]
    assert [p.tangent.x.tobytes() for p in again.points] == [p.tangent.x.tobytes() for p in path.points]
    assert [(e.name, e.point.t, e.step, e.index_after) for e in again.events] == [
        (e.name, e.point.t, e.step, e.index_after) for e in path.events
    ]
    np.testing.assert_array_equal(again.events[0].null_vector, path.events[0].null_vector)
    assert list(tmp_path.iterdir()) == [tmp_path / "path.npz"]


def test_wrong_files_are_refused(tmp_path):
    with pytest.raises(DataError, match="no such file"):
        Path.load(tmp_path / "none.npz")
    (tmp_path / "text.npz").write_text("no path")
    with pytest.raises(DataError, match="not a path"):
        Path.load(tmp_path / "text.npz")


def test_points_are_read_only():
    path = track(curves.s_curve(), curves.S_START)
    with pytest.raises(ValueError, match="read-only"):
        path.x[0] = 0.0


def test_a_path_is_drawn_with_its_folds():
    path = track(curves.s_curve(), curves.S_START)
    ax = path.plot()
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["LP (fold)"]
    _, own = plt.subplots()
    assert plot_path(path, own, measure=lambda p: p.x[0]) is own
    with pytest.raises(ArgumentError, match="measure"):
        plot_path(path, own, measure="height")
    plt.close("all")
