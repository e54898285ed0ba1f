"""The largest slope of a new unit against exact enumeration in one dimension and against the convex problem itself."""

import numpy as np
import pytest
from scipy.optimize import nnls

from homotopy import homotopies
from homotopy.errors import ArgumentError
from homotopy.homotopies import TVWidth
from homotopy.landscape import largest_slope
from homotopy.methods import method
from homotopy.models import MLP
from homotopy.objectives import EmpiricalRisk
from homotopy.problems import problem


def line(n=6, hidden=3, seed=0):
    rng = np.random.default_rng(seed)
    X = np.sort(rng.uniform(-2, 2, n))[:, None]
    return EmpiricalRisk(MLP((1, hidden, 1), "relu"), "squared", X, rng.standard_normal(n))


def exact_slope(risk, x):
    """The exact maximum over the circle: on an arc between two kinks the slope is a linear function of (w, b)."""
    X1 = np.column_stack([risk.X, np.ones(len(risk.X))])
    g = (risk.model.forward(x, risk.X)[:, 0] - np.ravel(risk.y)) / len(X1)
    normals = np.arctan2(X1[:, 1], X1[:, 0])
    kinks = np.sort(np.concatenate([normals + np.pi / 2, normals - np.pi / 2]) % (2 * np.pi))
    best = 0.0
    for low, high in zip(kinks, [*kinks[1:], kinks[0] + 2 * np.pi], strict=True):
        middle = 0.5 * (low + high)
        on = X1 @ [np.cos(middle), np.sin(middle)] > 0
        linear = X1[on].T @ g[on]
        for top in (np.arctan2(linear[1], linear[0]), np.arctan2(-linear[1], -linear[0])):
            if (top - low) % (2 * np.pi) < high - low:
                best = max(best, float(np.linalg.norm(linear)))
        for end in (low, high):
            best = max(best, abs(float(linear @ [np.cos(end), np.sin(end)])))
    return best


@pytest.mark.parametrize("seed", range(6))
def test_it_finds_the_largest_slope_in_one_dimension(seed):
    risk = line(seed=seed)
    x = risk.model.init(np.random.default_rng(seed))
    found = largest_slope(risk, x, 0.1)
    exact = exact_slope(risk, x) / 0.1
    assert found.rho <= exact * (1 + 1e-12)
    assert found.rho == pytest.approx(exact, rel=1e-6)
    assert np.linalg.norm(found.unit) == pytest.approx(1.0)


def convex_optimum(risk, l2, angles=300):
    """The least penalized loss of any width, and a net that has it: a lasso over units on the circle."""
    X1 = np.column_stack([risk.X, np.ones(len(risk.X))])
    kinks = np.arctan2(X1[:, 1], X1[:, 0])
    turn = np.concatenate([2 * np.pi * np.arange(angles) / angles, kinks + np.pi / 2, kinks - np.pi / 2])
    angles = len(turn)
    H = np.maximum(X1 @ np.array([np.cos(turn), np.sin(turn)]), 0.0)
    A, y, n = np.column_stack([H, -H, np.ones(len(H))]), np.ravel(risk.y), len(X1)

    # Nonnegative least squares: a row of small numbers makes the sum of the weights cost l2; the constant is split.
    small, ones = 1e-4, np.append(np.ones(2 * angles), np.zeros(2))
    B = np.column_stack([A, -A[:, -1]]) / np.sqrt(n)
    constant = np.sqrt(l2) * np.append(np.zeros(2 * angles), [1.0, -1.0])
    v, _ = nnls(np.vstack([B, small * ones, constant]), np.concatenate([y / np.sqrt(n), [-l2 / small, 0.0]]))
    c = v[-2] - v[-1]
    value = 0.5 * np.sum((B @ v - y / np.sqrt(n)) ** 2) + l2 * v[:-2].sum() + 0.5 * l2 * c**2
    a = v[:angles] - v[angles:-2]
    on = np.flatnonzero(a)
    net = MLP((1, len(on), 1), "relu")
    size = np.sqrt(np.abs(a[on]))
    layers = (size * np.cos(turn[on]))[:, None], size * np.sin(turn[on])
    wide = EmpiricalRisk(net, "squared", risk.X, risk.y)
    return value, wide, net.pack([layers, ((np.sign(a[on]) * size)[None], np.array([c]))])


def test_it_is_one_at_the_global_optimum_and_above_one_elsewhere():
    risk, l2 = line(5, 2, seed=3), 0.02
    best, wide, x = convex_optimum(risk, l2)
    assert wide.value(x) + 0.5 * l2 * x @ x == pytest.approx(best, rel=1e-9)
    assert largest_slope(wide, x, l2).rho == pytest.approx(1.0, abs=0.02)  # the circle is cut into 310 directions
    path = TVWidth(risk, 10, l2=l2)
    ends = [path.start(seed) for seed in range(4)]
    values = np.array([path.value(end, 0.0) for end in ends])
    rhos = np.array([largest_slope(path.easy, end, path.l2).rho for end in ends])
    assert values.min() >= best * (1 - 1e-5)
    # what rho bounds, but for what is left of the gradient where L-BFGS stopped at the kinks
    assert (values - best <= 0.5 * l2 * (x @ x) * (rhos - 0.99)).all()
    start = path.enter(risk.model.init(np.random.default_rng(0)), 0)
    assert largest_slope(path.easy, start, path.l2).rho > 1.1


def test_the_method_writes_it_down():
    result = method("tv-width:extra=8").solve(problem("ts:act=relu,h=4,d=3,N=100"), rng=0)
    (stage,) = [stage for stage in result.stages if stage["stage"] == "certificate"]
    assert 0.9 < stage["rho"] < 5
    assert "bound from below" in stage["meaning"]
    tanh = method("tv-width").solve(problem("xor"), rng=0)
    assert "certificate" not in [stage["stage"] for stage in tanh.stages]


def test_what_is_not_allowed_is_named():
    risk = line()
    with pytest.raises(ArgumentError, match="relu or leaky relu"):
        largest_slope(problem("xor").objective, np.zeros(9), 0.1)
    with pytest.raises(ArgumentError, match=r"x has shape .*; the risk needs \(10,\)"):
        largest_slope(risk, np.zeros(3), 0.1)
    with pytest.raises(ArgumentError, match="l2 must be positive"):
        largest_slope(risk, np.zeros(10), 0.0)


def test_the_old_names_are_kept_for_a_release():
    risk = line()
    path = TVWidth(risk, 2, l2=0.1)
    x = path.start(0)
    with pytest.warns(DeprecationWarning, match="largest_slope"):
        old = homotopies.certificate
    with pytest.warns(DeprecationWarning, match="largest_slope"):
        rho = path.certificate(x).rho
    assert rho == old(path.easy, x, path.l2).rho == largest_slope(path.easy, x, path.l2).rho
