"""The least penalized loss of a two-layer relu net against independent solutions of the same problem."""

import sys

import numpy as np
import pytest
from scipy.optimize import minimize

from homotopy.descent import descend
from homotopy.errors import ArgumentError, MissingExtraError
from homotopy.landscape import convex_bound, convex_minimum, largest_slope
from homotopy.models import MLP
from homotopy.objectives import EmpiricalRisk
from homotopy.objectives.functions import Rosenbrock
from homotopy.problems import problem

from .test_slopes import convex_optimum, line


def random_risk(seed, n=10, d=2, *, l2=1e-2, act="relu", loss="squared", **more):
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n, d))
    y = rng.standard_normal(n)
    y = y if loss == "squared" else (y > 0).astype(float)
    bias = more.pop("bias", True)
    return EmpiricalRisk(MLP((d, 3, 1), act, bias=bias), loss, X, y, l2=l2, **more)


def sound(found, rel=1e-10):
    """What holds of every exact minimum."""
    assert found.lower <= found.upper == found.risk.value(found.x)
    assert found.exact
    assert found.gap <= rel * found.upper
    assert found.risk.model.sizes[1] == max(found.width, 1)
    assert not found.x.flags.writeable


@pytest.mark.parametrize(("seed", "l2"), [(3, 0.1), (5, 0.005)])
def test_it_is_the_lasso_over_units_on_the_circle(seed, l2):
    risk = line(6, 2, seed=seed)
    found = convex_minimum(risk, l2=l2)
    sound(found)
    best = convex_optimum(risk, l2, angles=2000)[0]
    assert found.upper == pytest.approx(best, rel=1e-5)
    assert found.lower <= best * (1 + 1e-9)


@pytest.mark.parametrize(
    "more",
    [
        {"act": "leaky-relu:slope=0.3"},
        {"loss": "logistic"},
        {"bias": False},
        {"weights": np.arange(10.0)},
        {"loss": "logistic", "act": "leaky-relu", "weights": np.arange(1.0, 11.0)},
    ],
)
def test_it_is_the_minimum_of_every_kind_of_net(more):
    """First-order optimality over all directions, and no descent comes below."""
    risk = random_risk(4, **more)
    found = convex_minimum(risk)
    sound(found)
    if risk.model.bias:
        assert largest_slope(found.risk, found.x).rho == pytest.approx(1.0, abs=1e-7)
    wide = risk.changed(model=MLP((2, 8, 1), risk.model.activation, bias=risk.model.bias))
    starts = np.random.default_rng(0).standard_normal((60, wide.size))
    values = np.asarray(descend(wide, starts, rule="lbfgs", n_steps=1000).value)
    assert found.lower <= values.min() <= found.upper * 1.02


def polished(risk, x):
    """A net whose units keep the sides of all samples, by SciPy: smooth, with linear constraints."""
    (W, b), (a, c) = risk.model.unpack(x)
    X1, h = np.column_stack([risk.X, np.ones(len(risk.X))]), len(W)
    on, y, n = X1 @ np.column_stack([W, b]).T > 0, risk.y[:, 0], len(risk.X)

    def parts(p):
        return p[: 3 * h].reshape(h, 3), p[3 * h : -1], p[-1]

    def value_and_grad(p):
        V, a, c = parts(p)
        H = on * (X1 @ V.T)
        r = H @ a + c - y
        grads = ((on * np.outer(r / n, a)).T @ X1).ravel(), H.T @ r / n, [r.sum() / n]
        return 0.5 * r @ r / n + 0.5 * risk.l2 * p @ p, np.concatenate(grads) + risk.l2 * p

    J = np.zeros((n * h, len(x)))
    for k in range(h):
        J[k * n : (k + 1) * n, 3 * k : 3 * k + 3] = np.where(on[:, k], 1.0, -1.0)[:, None] * X1
    walls = {"type": "ineq", "fun": lambda p: J @ p, "jac": lambda p: J}
    start = np.concatenate([np.column_stack([W, b]).ravel(), a[0], c])
    end = minimize(
        value_and_grad, start, jac=True, method="SLSQP", constraints=[walls], options={"maxiter": 500, "ftol": 1e-14}
    )
    V, a, c = parts(end.x)
    new = risk.model.pack([(V[:, :-1], V[:, -1]), (a[None], [c])])
    return min(risk.value(new), risk.value(x))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(5))
def test_the_best_of_many_descents_is_it(seed):
    """Descents stop on the way along kinks; the best of them end at it when SciPy fixes these."""
    risk = random_risk(seed)
    found = convex_minimum(risk)
    sound(found)
    wide = risk.changed(model=MLP((2, found.width + 4, 1), "relu"))
    starts = np.random.default_rng(1).standard_normal((500, wide.size))
    ends = descend(wide, starts, rule="lbfgs", n_steps=1500, plateau=(1e-9, 50))
    values = np.array([wide.value(x) for x in ends.x])
    assert values.min() >= found.lower
    best = np.inf
    for i in np.argsort(values)[:100]:
        best = min(best, polished(wide, ends.x[i]))
        if best <= found.upper + 1e-9:
            break
    assert found.lower <= best <= found.upper + 1e-6


@pytest.mark.parametrize("name", ["swirszcz-d1", "swirszcz-d2"])
@pytest.mark.parametrize("l2", [1e-1, 1e-2, 1e-3])
def test_published_data_sets(name, l2):
    found = convex_minimum(problem(name), l2=l2)
    sound(found)
    assert found.enumerated
    assert found.least
    assert largest_slope(found.risk, found.x).rho == pytest.approx(1.0, abs=1e-6)
    narrow = problem(name).objective.changed(l2=l2)
    points = np.random.default_rng(0).standard_normal((50, narrow.size))
    ends = np.asarray(descend(narrow, points, rule="lbfgs", n_steps=500).value)
    assert ends.min() >= found.lower
    if narrow.hidden()[0] < found.width:
        assert ends.min() > found.upper * (1 + 1e-6)
        assert "narrower ones do not" in found.certificate


def test_units_of_data_and_targets_do_not_matter():
    risk = random_risk(1, bias=False)
    found = convex_minimum(risk)
    for inputs, targets in ((1e5, 1.0), (1e-3, 1e6)):
        other = risk.changed(X=risk.X * inputs, y=risk.y * targets, l2=risk.l2 * inputs * targets)
        same = convex_minimum(other)
        sound(same)
        assert same.upper == pytest.approx(found.upper * targets**2, rel=1e-10)
        assert same.width == found.width


def test_what_needs_no_units():
    assert convex_minimum(random_risk(0, l2=1e3)).width == 0
    for risk in (random_risk(0).changed(X=np.zeros((10, 2))), random_risk(0, bias=False).changed(X=np.zeros((10, 2)))):
        found = convex_minimum(risk)
        assert found.gap <= 1e-10 * found.upper
    nothing = convex_minimum(random_risk(0).changed(y=np.zeros(10)))
    assert nothing.width == 0
    assert nothing.lower == nothing.upper == 0.0
    assert "a constant reaches it" in nothing.certificate


def test_one_repeated_sample_has_a_closed_form():
    """With c: z = s + c of cost l2 (2 |s| / |x| + c^2) / 2, so that c = min(y / (1 + l2), 1 / |x|) for y > 0."""
    for y in (0.5, 3.0):
        l2, x = 0.1, np.array([[2.0, 1.0]])
        size = np.sqrt(6.0)
        c = min(y / (1 + l2), 1 / size)
        s = max(y - c - l2 / size, 0.0)
        exact = 0.5 * (s + c - y) ** 2 + l2 * (s / size + 0.5 * c**2)
        risk = EmpiricalRisk(MLP((2, 1, 1), "relu"), "squared", np.repeat(x, 4, axis=0), np.full(4, y), l2=l2)
        assert convex_minimum(risk).upper == pytest.approx(exact, rel=1e-12)


def test_sampled_patterns_and_a_bound_for_all():
    risk = random_risk(7, 14)
    exact = convex_minimum(risk, patterns="all")
    sampled = convex_minimum(risk, patterns=30, x=risk.model.init(0))
    assert not sampled.enumerated
    assert sampled.n_patterns < exact.n_patterns
    assert sampled.exact
    assert sampled.upper == pytest.approx(exact.upper, rel=1e-9)
    rough = convex_minimum(risk, patterns=30, cones=0)
    assert not rough.exact
    assert "closed form" in rough.certificate
    assert 0 < rough.lower < exact.lower
    assert rough.upper <= exact.upper * (1 + 1e-9)
    assert rough.lower == convex_minimum(risk, patterns=30, cones=0).lower


def test_more_dimensions_than_can_be_enumerated():
    risk = random_risk(0, 40, 5, l2=0.05)
    found = convex_minimum(risk, patterns=50, cones=1000)
    assert 0 < found.lower < found.upper == found.risk.value(found.x)
    wide = risk.changed(model=MLP((5, 12, 1), "relu"))
    ends = descend(wide, np.random.default_rng(0).standard_normal((20, wide.size)), rule="lbfgs", n_steps=300)
    assert found.lower <= found.upper <= np.min(ends.value) * (1 + 1e-9)


def test_a_bound_says_what_it_rests_on():
    risk = random_risk(2)
    bound = convex_bound(risk)
    assert bound.value == pytest.approx(convex_minimum(risk).upper, rel=1e-10)
    assert "all 92 activation patterns of 10 samples of rank 3" in bound.certificate


def test_without_the_extra_one_sentence_names_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "cvxpy", None)
    with pytest.raises(MissingExtraError, match=r"needs the extra convex: pip install 'homotopy-opt\[convex\]'"):
        convex_minimum(random_risk(0))


def test_what_is_not_allowed_is_named():
    risk = random_risk(0)
    with pytest.raises(ArgumentError, match="l2 must be positive"):
        convex_minimum(risk, l2=-1.0)
    with pytest.raises(ArgumentError, match="a positive l2 is needed"):
        convex_minimum(risk.changed(l2=0.0))
    with pytest.raises(ArgumentError, match="relu or leaky relu units and one output"):
        convex_minimum(problem("xor"), l2=0.1)
    with pytest.raises(ArgumentError, match="2 hidden layers; one is needed"):
        convex_minimum(risk.changed(model=MLP((2, 2, 2, 1), "relu")))
    with pytest.raises(ArgumentError, match="patterns must be 'auto', 'all' or a number"):
        convex_minimum(risk, patterns="some")
    with pytest.raises(ArgumentError, match="a Rosenbrock has no outputs"):
        convex_minimum(Rosenbrock(), l2=0.1)
    with pytest.raises(ArgumentError, match="x has shape"):
        convex_minimum(risk, patterns=10, x=np.zeros(3))
