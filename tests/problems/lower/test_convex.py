"""Bounds of convex problems: never above the true minimum, and close to it, whatever the units of the data."""

import mpmath
import numpy as np
import pytest
from scipy.special import expit, logsumexp

from homotopy.models import MLP
from homotopy.objectives import EmpiricalRisk, Function
from homotopy.objectives.functions import Quadratic
from homotopy.problems.bounds import lower_bound
from homotopy.problems.lower.affine import dual_bound
from homotopy.problems.lower.strong import strongly_convex


def least_squares(X, y, l2, weights):
    """Return the minimum of (1/2n) sum w |A W - y|^2 + l2/2 |W|^2, A = (X, 1), in 60 digits."""
    with mpmath.workdps(60):
        n = len(y)
        A = mpmath.matrix(np.column_stack([X, np.ones(n)]).tolist())
        w = [mpmath.mpf(float(one)) for one in weights]
        total, D = sum(w), mpmath.diag(w)
        G = A.T * D * A / total + l2 * mpmath.eye(A.cols)
        out = mpmath.mpf(0)
        for column in y.T:
            t = mpmath.matrix(column.tolist())
            c = A.T * D * t / total
            out += ((t.T * D * t)[0] / total - (c.T * mpmath.lu_solve(G, c))[0]) / 2
        return float(out)


@pytest.mark.parametrize("seed", range(24))
def test_least_squares_in_any_unit(seed):
    rng = np.random.default_rng(seed)
    d, k = int(rng.integers(1, 5)), int(rng.integers(1, 3))
    n = int(rng.integers(d + 3, 40))
    X = rng.standard_normal((n, d)) * 10.0 ** rng.uniform(-3, 3, d) + (seed % 3 == 0) * 5.0
    y = rng.standard_normal((n, k)) * 10.0 ** rng.uniform(-6, 6)
    weights = rng.uniform(0.1, 2.0, n) if seed % 2 else np.ones(n)
    l2 = float(10.0 ** rng.uniform(-6, 0)) if seed % 4 == 3 else 0.0
    risk = EmpiricalRisk(MLP((d, k)), "squared", X, y, l2=l2, weights=weights)
    bound, true = lower_bound(risk), least_squares(X, y, l2, weights)
    assert bound.value <= true
    assert bound.gap(true) <= 1e-8 * true


def newton(risk):
    """Return the minimum of a smooth convex risk by damped Newton steps, to rounding."""
    x = np.zeros(risk.size)
    for _ in range(200):
        value, grad = risk.value_and_grad(x)
        H = np.array([risk.hessp(x, e) for e in np.eye(risk.size)])
        by = 1 / np.sqrt(np.diag(H))  # else inputs of 1e6 hide those of 1e-3
        step = by * np.linalg.lstsq(by[:, None] * H * by, by * grad, rcond=1e-13)[0]
        while risk.value(x - step) > value and np.linalg.norm(step) > 1e-14:
            step /= 2
        x = x - step
    return risk.value(x)


@pytest.mark.parametrize("loss", ["logistic", "softmax"])
@pytest.mark.parametrize("seed", range(8))
def test_classes_that_overlap(loss, seed):
    rng = np.random.default_rng([seed, len(loss)])
    d, k = int(rng.integers(1, 4)), int(rng.integers(2, 4))
    n = 30 * d * k
    X = rng.standard_normal((n, d))
    scores = X @ rng.standard_normal((d, k)) + rng.gumbel(size=(n, k))
    y = (scores > 0).astype(float) if loss == "logistic" else scores.argmax(axis=1)
    risk = EmpiricalRisk(MLP((d, k)), loss, X * 10.0 ** rng.uniform(-2, 2, d), y, weights=rng.integers(1, 4, n))
    bound, true = dual_bound(risk), newton(risk)
    assert not bound.contradicted(true)
    assert bound.value <= true + bound.rounding
    assert bound.gap(true) < 1e-9


def test_soft_targets_and_a_column_twice():
    rng = np.random.default_rng(5)
    X = rng.standard_normal((60, 2))
    y = expit(rng.standard_normal(60))
    once, twice = (
        EmpiricalRisk(MLP((X.shape[1] + more, 1)), "logistic", np.column_stack([X] + [X[:, 0]] * more), y)
        for more in (0, 1)
    )
    true = newton(once)
    for risk in (once, twice):
        assert dual_bound(risk).gap(true) < 1e-9


def test_a_hyperplane_separates_some_samples_or_all():
    x = np.array([-3.0, -2.0, -1.0, 1.0, 2.0, 3.0])
    whole = EmpiricalRisk(MLP((1, 1)), "logistic", x[:, None], x > 0)
    assert lower_bound(whole).value == 0.0
    # the second input separates the first two samples from each other and from all others, whose classes overlap
    table = np.column_stack([np.concatenate([[0.0, 0.0], x]), np.concatenate([[1.0, -1.0], np.zeros(6)])])
    y = np.array([1.0, 0.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0])
    rest = EmpiricalRisk(MLP((1, 1)), "logistic", x[:, None], y[2:])
    some = EmpiricalRisk(MLP((2, 1)), "logistic", table, y)
    infimum = 6 / 8 * newton(rest)
    assert infimum - 1e-6 <= lower_bound(some).value <= infimum + 1e-14


def test_strong_convexity_of_ones_own():
    rng = np.random.default_rng(2)
    A = rng.standard_normal((40, 6))

    class Smooth:
        size, strong_convexity = 6, 0.1

        def value_and_grad(self, x):
            z = A @ x
            return logsumexp(z) + 0.05 * x @ x, A.T @ np.exp(z - logsumexp(z)) + 0.1 * x

    bound = lower_bound(Smooth())
    x = np.zeros(6)
    for _ in range(30):
        p = np.exp(A @ x - logsumexp(A @ x))
        bend = A.T @ (p[:, None] * A) - np.outer(A.T @ p, A.T @ p) + 0.1 * np.eye(6)
        x = x - np.linalg.solve(bend, Smooth().value_and_grad(x)[1])
    true = Smooth().value_and_grad(x)[0]
    assert "strong convexity" in bound.certificate
    assert 0.0 <= true - bound.value < 1e-10


@pytest.mark.parametrize("seed", range(6))
def test_quadratics(seed):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 9))
    Q = np.linalg.qr(rng.standard_normal((n, n)))[0]
    A = (Q * 10.0 ** rng.uniform(-2, 2, n)) @ Q.T * 10.0 ** rng.uniform(-8, 8)
    A, b = (A + A.T) / 2, rng.standard_normal(n)
    with mpmath.workdps(50):
        c = mpmath.matrix(b.tolist())
        true = float(-(c.T * mpmath.lu_solve(mpmath.matrix(A.tolist()), c))[0] / 2)
    bound = lower_bound(Quadratic(A, b))
    assert bound.value <= true
    assert bound.gap(true) <= 1e-9 * abs(true)
    assert lower_bound(Quadratic(-A, b)) is None


def test_what_is_not_known_to_be_convex_has_no_such_bound():
    assert strongly_convex(Function(lambda x: x @ x, lambda x: 2 * x, 3)) is None
    X, y = np.random.default_rng(0).standard_normal((2, 9, 1))
    assert dual_bound(EmpiricalRisk(MLP((1, 2, 1)), "squared", X, y)) is None
    assert dual_bound(EmpiricalRisk(MLP((1, 1), output="logistic"), "squared", X, y)) is None
    assert strongly_convex(EmpiricalRisk(MLP((1, 2, 1)), "squared", X, y, l2=1.0)) is None


@pytest.mark.parametrize("seed", range(4))
def test_one_class_of_three_is_separated(seed):
    """As in iris: what is left is the problem of the other two, each sample of the third has a loss of nothing."""
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((45, 2))
    y = np.repeat([0, 1, 2], 15)
    X[y == 2, 0] += 30.0
    X[y == 1, 1] += 0.7
    whole = dual_bound(EmpiricalRisk(MLP((2, 3)), "softmax", X, y))
    rest = EmpiricalRisk(MLP((2, 1)), "logistic", X[y < 2], y[y < 2])
    assert whole.value == pytest.approx(30 / 45 * newton(rest), rel=1e-7)
    assert whole.value <= 30 / 45 * newton(rest) + 1e-12


@pytest.mark.parametrize("seed", range(4))
def test_a_penalty_on_inputs_of_very_different_sizes(seed):
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((40, 4)) * [1e-3, 1.0, 1e3, 1e6] + [0.0, 5.0, 0.0, 1e6]
    y = (X[:, 1] - 5.0 + rng.logistic(size=40) > 0).astype(float)
    risk = EmpiricalRisk(MLP((4, 1)), "logistic", X, y, l2=1e-2)
    true, bound = newton(risk), strongly_convex(risk)
    assert bound.value <= true * (1 + 1e-12)
    assert bound.gap(true) <= 1e-4 * true
