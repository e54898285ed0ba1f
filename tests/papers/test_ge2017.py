"""The even risks against quadrature, series and differences; matching; the regression; one descent."""

from __future__ import annotations

from math import factorial

import numpy as np
import pytest

import homotopy as hp
from homotopy.methods import streams
from homotopy.papers.even import AbsoluteRisk, HermiteRisk
from homotopy.papers.ge2017 import PAPER, descents, matched, regression
from homotopy.papers.ge2017.recover import kernel, objective, step_of

RNG = np.random.default_rng(0)


def plane(n=400):
    """Return nodes (m, 2) and weights of the standard normal in the plane, exact but for kinks."""
    r, w = np.polynomial.legendre.leggauss(60)
    r, w = 6 * (r + 1), 6 * w
    a = 2 * np.pi * (np.arange(n) + 0.5) / n
    nodes = (r[:, None, None] * np.column_stack([np.cos(a), np.sin(a)])).reshape(-1, 2)
    return nodes, np.repeat(w * r * np.exp(-r * r / 2) / n, n)


def hermite(n, z):
    return np.polynomial.hermite_e.hermeval(z, np.eye(n + 1)[n]) / np.sqrt(factorial(n))


def test_the_absolute_risk_is_its_expectation():
    risk = hp.TeacherStudent(2, 3, 2, teacher=RNG.standard_normal((2, 2)))
    W, (x, weight) = RNG.standard_normal((3, 2)), plane()
    residual = (np.abs(x @ W.T).sum(axis=1) - np.abs(x @ risk.teacher.T).sum(axis=1)) / 2
    assert AbsoluteRisk(risk).value(W.ravel()) == pytest.approx(weight @ residual**2 / 2, rel=1e-3)


def test_the_hermite_risk_is_its_expectation():
    z, w = np.polynomial.hermite_e.hermegauss(60)
    w = w / w.sum()
    x, weight = np.array([[a, b] for a in z for b in z]), np.outer(w, w).ravel()
    two, four = np.sqrt(1 / (4 * np.pi)), -np.sqrt(1 / (48 * np.pi))
    relu = np.sqrt(1 / (2 * np.pi))
    assert (relu / np.sqrt(2), -relu / np.sqrt(24)) == (pytest.approx(two), pytest.approx(four))
    W = RNG.standard_normal((2, 2))

    def units(rows):
        r = np.linalg.norm(rows, axis=1)
        u = x @ (rows / r[:, None]).T
        return (two * hermite(2, u) + four * hermite(4, u)) @ r

    residual = units(W) - units(np.eye(2))
    assert HermiteRisk(2).value(W.ravel()) == pytest.approx(weight @ residual**2 / 2, rel=1e-10)


@pytest.mark.parametrize("name", ["|z|/2", "h2 + h4"])
def test_gradients_are_those_of_differences(name):
    f = objective(name, 5)
    x, v = RNG.standard_normal(25), RNG.standard_normal(25)
    slope = (f.value(x + 1e-5 * v) - f.value(x - 1e-5 * v)) / 2e-5
    assert f.value_and_grad(x)[1] @ v == pytest.approx(slope, rel=1e-7, abs=1e-9)  # a slope may be near 0
    signed = np.diag([1.0, -1, 1, -1, -1])[[2, 0, 1, 4, 3]]
    value, grad = f.value_and_grad(signed.ravel())
    assert abs(value) < 1e-14
    assert np.abs(grad).max() < 1e-14


def test_matching_finds_order_and_signs():
    W = np.eye(4)[[2, 0, 3, 1]] * np.array([[1.0], [-1], [1], [1]])
    assert matched(W) == 0
    assert matched(W, signs=False) == pytest.approx(np.sqrt(2))
    W[0, 0] += 0.1
    assert matched(W) == pytest.approx(0.1)


def test_the_regression_finds_signs_and_norms():
    risk = hp.TeacherStudent(4, 4)
    x = RNG.standard_normal(16)
    U = x.reshape(4, 4) / np.linalg.norm(x.reshape(4, 4), axis=1, keepdims=True)
    own, cross = kernel(U, U).sum(), kernel(U, np.eye(4)).sum()
    assert risk.value(U.ravel()) == pytest.approx(own / 2 - cross + kernel(np.eye(4), np.eye(4)).sum() / 2)
    rows, flops = regression(np.diag([0.5, -2.0, 1.0, -1.0]))
    assert rows == pytest.approx(np.eye(4), abs=1e-10)
    assert flops > 0


def test_a_descent_starts_where_the_package_does_and_recovers():
    start = hp.problem("teacher:k=6").start(streams(0)[0])
    assert np.array_equal(start, hp.TeacherStudent(6, 6).draw(streams(0)[0]))
    (run,) = descents(["|z|/2", "lbfgs", 6, 1])
    assert run["distance"] < 1e-2
    assert run["risk"] < 1e-4
    assert 0 <= run["flips"] <= 1
    assert run["trace"][-1][1] == run["value"] <= 1e-6
    assert step_of("relu", 50) == hp.TeacherStudent(50, 50).safe_step
    assert "1711.00501" in PAPER.link
