"""Every homotopy of a weighted risk is the one of as many rows, at every t: numbers, derivatives, starts."""

import numpy as np
import pytest
from foreign import Waves
from weights.members import check_close, risks

from homotopy import homotopies as hh
from homotopy.landscape import largest_slope
from homotopy.models.weights import weighted
from homotopy.objectives import EmpiricalRisk


def at(x, make):
    return lambda risk: make(risk, np.random.default_rng(3).standard_normal(risk.size) * x)


# A homotopy, and what to make the two risks of.
CASES = {
    "targets": (hh.Targets, {"sizes": (3, 4, 2)}),
    "targets-logistic": (hh.Targets, {"sizes": (3, 4, 1), "loss": "logistic"}),
    "targets-mean": (lambda f: hh.Targets(f, "mean"), {"sizes": (3, 4, 3), "loss": "softmax"}),
    "decay": (hh.WeightDecay, {"sizes": (3, 4, 2)}),
    "decay-softmax": (hh.WeightDecay, {"sizes": (3, 4, 3), "loss": "softmax"}),
    "activation": (hh.Activation, {"sizes": (3, 3, 3, 1), "loss": "logistic"}),
    "matched": (hh.MatchedActivation, {"sizes": (3, 4, 2)}),
    "data": (hh.Data.easiest, {"sizes": (3, 4, 2)}),
    "data-third": (lambda f: hh.Data.easiest(f, 0.3), {"sizes": (3, 4, 1), "loss": "logistic"}),
    "linear-model": (lambda f: hh.LinearModel(f, 0.1), {"sizes": (3, 4, 3), "loss": "softmax"}),
    "one-neuron": (lambda f: hh.OneNeuron(f, 0.5), {"sizes": (3, 2, 1), "loss": "logistic"}),
    "linearized": (at(1.0, hh.Linearized), {"sizes": (2, 3, 2), "loss": "softmax"}),
    "newton": (at(1.0, hh.Newton), {"sizes": (2, 3, 2), "loss": "logistic"}),
    "proximal": (at(1.0, hh.Proximal), {"sizes": (2, 3, 2), "loss": "logistic"}),
    "gaussian": (lambda f: hh.Gaussian(f, 0.3, samples=4), {"sizes": (2, 3, 2)}),
    "gaussian-quasi": (lambda f: hh.Gaussian(f, 0.3, samples=4, points="quasi"), {"sizes": (2, 3, 2)}),
    "diffusion": (lambda f: hh.Diffusion(f, 0.4), {"sizes": (2, 3, 2)}),
    "layerwise-diffusion": (lambda f: hh.LayerwiseDiffusion(f, 0.4), {"sizes": (2, 3, 3), "loss": "softmax"}),
    "width": (lambda f: hh.Width(f, 2), {"sizes": (2, 3, 1)}),
    "tv-width": (lambda f: hh.TVWidth(f, 2), {"sizes": (2, 3, 1), "activation": "relu", "l2": 0.0}),
    "skip": (hh.Skip, {"sizes": (3, 4, 2), "activation": "softplus"}),
    "skip-relu": (hh.Skip, {"sizes": (3, 4, 1), "activation": "relu", "l2": 0.0}),
    "skip-logistic": (hh.Skip, {"sizes": (3, 4, 1), "activation": "softplus", "loss": "logistic"}),
    "skip-softmax": (hh.Skip, {"sizes": (3, 4, 3), "activation": "gelu", "loss": "softmax"}),
    "width-inside-skip": (lambda f: hh.Compose.width_inside_skip(f, 1), {"sizes": (2, 3, 1), "activation": "gelu"}),
}


def pair(name, seed=0):
    make, kind = CASES[name]
    ours, rows = risks(**kind, seed=seed, unit=0.02, n=24)
    if "data" in name and round(0.3 * len(rows.X)) != 0.3 * len(rows.X):  # any share of the rows is a whole number
        extra = -len(rows.X) % 20
        counts = np.round(ours.weights / ours.weights[ours.weights > 0].min())
        counts[np.argmax(counts == 1)] += extra
        index = np.repeat(np.arange(len(ours.X)), counts.astype(int))
        ours, rows = ours.changed(weights=counts), rows.resampled(ours.X[index], ours.y[index])
    return make(ours), make(rows)


@pytest.mark.parametrize("name", sorted(CASES))
def test_a_homotopy_is_the_one_of_repeated_rows(name):
    for seed in range(2):
        ours, rows = pair(name, seed)
        assert ours.size == rows.size
        rng = np.random.default_rng(seed)
        x, v = 0.7 * rng.standard_normal((2, ours.size))
        for t in (0.0, 0.37, 1.0):
            assert ours.value(x, t) == pytest.approx(rows.value(x, t), rel=1e-12)
            assert ours.dt(x, t) == pytest.approx(rows.dt(x, t), rel=1e-9, abs=1e-12)
            check_close(ours.grad(x, t), rows.grad(x, t), 1e-11)
            check_close(ours.dt_grad(x, t), rows.dt_grad(x, t), 1e-10)
            check_close(ours.hessp(x, t, v), rows.hessp(x, t, v), 1e-10)


@pytest.mark.parametrize("name", ["skip", "skip-relu", "skip-logistic", "skip-softmax"])
def test_the_linear_path_is_solved_for_and_flipped_by_weights(name):
    ours, rows = pair(name)
    x = np.random.default_rng(4).standard_normal(ours.size)
    signs = np.where(np.arange(ours.objective.model.sizes[1]) % 2, 1.0, -1.0)
    moved = ours.flip(x, signs)
    check_close(moved, rows.flip(x, signs), 1e-11)
    assert ours.value(moved, 0.0) == pytest.approx(rows.value(moved, 0.0), rel=1e-9)
    bare = hh.Skip(risks(**(CASES[name][1] | {"l2": 0.0}), n=24)[0])  # without a penalty a flip leaves H(., 0) as it is
    assert bare.value(bare.flip(x, signs), 0.0) == pytest.approx(bare.value(x, 0.0), rel=1e-9)
    (A, b), (A2, b2) = ours._path.system(x), rows._path.system(x)
    check_close(A.T @ A, A2.T @ A2, 1e-10)
    check_close(A.T @ b, A2.T @ b2, 1e-10)


def test_frozen_gates_are_fitted_by_weights():
    ours, rows = risks((2, 2, 1), "relu", l2=0.0, n=12)
    counts = np.round(ours.weights / ours.weights[ours.weights > 0].min()).astype(int)
    a = hh.GatedConvex(ours, rng=3)
    b = hh.GatedConvex(rows, np.repeat(a.gates > 0, counts[counts > 0], axis=0))
    every = np.zeros((len(counts), 2), dtype=bool)
    every[counts > 0] = a.gates > 0
    np.testing.assert_array_equal(hh.GatedConvex(ours, every).gates, a.gates)
    x = np.random.default_rng(1).standard_normal(a.size)
    for t in (0.0, 0.6, 1.0):
        assert a.value(x, t) == pytest.approx(b.value(x, t), rel=1e-12)
        check_close(a.dt_grad(x, t), b.dt_grad(x, t), 1e-11)
    assert a.value(a.start(), 0.0) == pytest.approx(b.value(b.start(), 0.0), rel=1e-9)


def test_a_certificate_and_the_largest_decay_are_those_of_repeated_rows():
    ours, rows = risks((3, 5, 1), "relu", l2=0.0, n=40)
    x = np.random.default_rng(1).standard_normal(ours.size)
    found, expected = (largest_slope(f, x, 0.1, starts=400) for f in (ours, rows))
    assert found.rho == pytest.approx(expected.rho, rel=1e-3)  # each the best of ascents from many starts
    assert found.rho > 0.9


def test_growing_starts_solve_their_easy_problem():
    ours, _ = risks((2, 3, 1), "tanh", "logistic", l2=0.0, n=30)
    for homotopy in (hh.Greedy(ours, dictionary=30), hh.RidgeOMP(ours, dictionary=20)):
        x = homotopy.start(1)
        assert np.linalg.norm(homotopy.grad(x, 0.0)) < 1e-6
        assert homotopy.value(x, 1.0) == pytest.approx(ours.value(x), rel=1e-12)


def test_a_net_of_ones_own_takes_a_weighted_loss():
    rng = np.random.default_rng(2)
    s, counts = rng.uniform(-2, 2, 12), rng.integers(0, 3, 12)
    rows = np.repeat(np.arange(12), counts)
    y = np.sin(1.3 * s)
    ours, repeated = Waves(s, y), Waves(s[rows], y[rows])
    ours.loss = weighted(ours.loss, counts)
    x, v = rng.standard_normal((2, ours.size))
    assert ours.value(x) == pytest.approx(repeated.value(x), rel=1e-12)
    check_close(ours.hessp(x, v), repeated.hessp(x, v), 1e-7)
    check_close(ours.ggn(x), repeated.ggn(x), 1e-12)
    for make in (lambda f: hh.Targets(f, "mean"), lambda f: hh.Linearized(f, x), lambda f: hh.LinearModel(f, 0.1)):
        a, b = make(ours), make(repeated)
        z = rng.standard_normal(a.size)
        for t in (0.0, 0.5, 1.0):
            assert a.value(z, t) == pytest.approx(b.value(z, t), rel=1e-12)
            assert a.dt(z, t) == pytest.approx(b.dt(z, t), rel=1e-10, abs=1e-13)
            check_close(a.dt_grad(z, t), b.dt_grad(z, t), 1e-11)
    part = hh.Data.easiest(ours, 0.5)
    x = np.random.default_rng(5).standard_normal(ours.size)
    assert part.value(x, 1.0) == pytest.approx(ours.value(x), rel=1e-12)
    assert part.value(x, 0.0) != pytest.approx(ours.value(x), rel=1e-3)


def test_data_with_weights_of_their_own():
    ours, _ = risks((3, 4, 2))
    other = hh.Data(ours, ours.X[:6], ours.y[:6], weights=np.arange(6))
    x = np.ones(ours.size)
    easy = EmpiricalRisk(ours.model, "squared", ours.X[:6], ours.y[:6], l2=ours.l2, weights=np.arange(6))
    assert other.value(x, 0.0) == easy.value(x)
