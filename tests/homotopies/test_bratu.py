"""Bratu's problem, whose fold every corrector finds, and the minimum that moves."""

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.sparse.linalg import splu

from homotopy.continuation import (
    Adaptive,
    ArclengthNewton,
    Dense,
    Jump,
    Krylov,
    MoorePenrose,
    Secant,
    Sparse,
    track,
)
from homotopy.errors import ArgumentError
from homotopy.homotopies import Bratu, MovingQuadratic
from homotopy.homotopies.systems.bratu import Factors
from homotopy.status import Status

CONTINUOUS_FOLD = 3.513830719  # -u'' = lambda e^u on (0, 1)


def discrete_fold(n):
    """The largest lambda of the discrete problem: shoot from one end with u_1 given, maximize lambda over u_mid.

    Independent of the tracker: for each height the symmetric solution is found by shooting from the middle.
    """
    h = 1.0 / (n + 1)

    def end(lam, middle):  # u at the boundary, from the middle outward; n even: two middle points of equal height
        a = b = middle
        for _ in range(n // 2):
            a, b = b, 2 * b - a - h * h * lam * np.exp(b)
        return b

    def height(middle):
        return brentq(lambda lam: end(lam, middle), 0.1, 8.0, xtol=1e-14)

    low, high = 1.0, 1.4
    golden = (np.sqrt(5) - 1) / 2
    for _ in range(60):
        a, b = high - golden * (high - low), low + golden * (high - low)
        if height(a) < height(b):
            low = a
        else:
            high = b
    return height(0.5 * (low + high))


CORRECTORS = {
    "own": ArclengthNewton(),
    "dense": ArclengthNewton(linear=Dense()),
    "sparse": ArclengthNewton(linear=Sparse()),
    "moore-penrose": MoorePenrose(linear=Sparse()),
}


def laplacian_inverse(homotopy, x, t):
    lu = splu(homotopy.inner.hessian(np.zeros_like(x), 0.0))
    return lu.solve


@pytest.mark.parametrize("name", [*CORRECTORS, "matrix-free"])
def test_the_fold_of_bratu_is_found_by_every_corrector(name):
    family = Bratu(200)
    corrector = CORRECTORS.get(name) or ArclengthNewton(
        linear=Krylov(rtol=1e-9, kernel_rtol=1e-9, max_iter=2000, preconditioner=laplacian_inverse),
        tolerance=1e-7,
        final_tolerance=1e-8,
    )
    control = Adaptive(initial=0.2, maximum=0.5)
    # The residuals of 40,000 u lose five digits to rounding; smaller tolerances cannot be met.
    corrector = type(corrector)(tolerance=1e-6, final_tolerance=1e-7, linear=corrector.linear)
    path = track(family, corrector=corrector, step_control=control, target=None, bounds=(-1.0, 4.0), max_steps=22)
    folds = [event for event in path.events if event.name == "LP"]
    assert len(folds) == 1
    assert folds[0].point.t == pytest.approx(discrete_fold(200), abs=1e-6)
    assert folds[0].point.t == pytest.approx(CONTINUOUS_FOLD, abs=1e-4)
    assert folds[0].null_vector.shape == (200,)
    residual = family.hessp(folds[0].point.x, folds[0].point.t, folds[0].null_vector)
    assert np.linalg.norm(residual) < 1e-3


def test_the_discretization_error_of_the_fold_is_of_second_order():
    errors = []
    for n in (50, 100):
        path = track(Bratu(n), target=None, max_steps=90, step_control=Adaptive(maximum=0.1))
        errors.append(CONTINUOUS_FOLD - path.events[0].point.t)
    assert np.log2(errors[0] / errors[1]) == pytest.approx(2.0, abs=0.1)


def test_bratu_is_followed_to_its_target():
    path = track(Bratu(60, scale=3.0))
    assert path.success
    assert path.t == 1.0
    assert path.points[-1].grad_norm <= 1e-10
    beyond = track(Bratu(60, scale=4.0), bounds=(0.01, 2.0))  # there is no solution at lambda = 4
    assert beyond.status is Status.NOT_CONVERGED
    assert "left the range of t at 0.01" in beyond.message
    assert beyond.n_folds == 1
    assert 1 <= beyond.events[0].point.n_iter <= 8  # of the corrector at the fold
    few = track(Bratu(60, scale=4.0), max_steps=5)
    assert few.status is Status.MAX_STEPS
    assert len(few.points) == 6
    out = track(Bratu(60, scale=4.0), bounds=(-1.0, 0.8))
    assert out.status is Status.NOT_CONVERGED
    assert "left the range of t at 0.8" in out.message


def test_moving_quadratic_is_followed():
    rng = np.random.default_rng(0)
    a, b = rng.standard_normal((2, 5))
    family = MovingQuadratic(a, b, rng.uniform(1, 3, 5))
    path = track(family)
    assert path.success
    np.testing.assert_allclose(path.x, a + b * np.sin(1.0), atol=1e-9)
    assert family.capsule() is not None


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5, 30, 31])
def test_the_two_sided_elimination_solves(n):
    rng = np.random.default_rng(n)
    family = Bratu(n)
    x, r = rng.random(n), rng.standard_normal((n, 2))
    for t in (1.0, 6.0, 40.0):
        a = family.hessian(x, t).toarray()
        factors = Factors(family.core, x, t)
        np.testing.assert_allclose(a @ factors.solve(r), r, atol=1e-8)
        assert factors.n_negative == int((np.linalg.eigvalsh(a) < 0).sum())
        assert factors.det_sign() == (-1) ** factors.n_negative


def test_bad_arguments_of_the_compiled_families():
    with pytest.raises(ArgumentError, match="n must be"):
        Bratu(0)
    with pytest.raises(ArgumentError, match="one shape"):
        MovingQuadratic([1.0], [1.0, 2.0])
    with pytest.raises(ArgumentError, match="curvature"):
        MovingQuadratic([1.0], [1.0], [0.0])
    with pytest.raises(ArgumentError, match="float64"):
        Bratu(3).core.value_and_grad([0.0, 0.0, 0.0], 0.0)


def test_a_guard_that_is_switched_off_lets_long_steps_pass():
    control = Adaptive(initial=1.0, maximum=4.0, angle=None)
    free = track(Bratu(50), target=None, max_steps=8, step_control=control, events=[Jump(ratio=np.inf)])
    assert len(free.points) > 4


def test_secants_go_round_the_fold_too():
    path = track(Bratu(50), predictor=Secant(), target=None, max_steps=70)
    assert path.n_folds == 1
