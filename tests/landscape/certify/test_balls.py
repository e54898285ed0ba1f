"""Balls of nets and of the teacher's risk: their middles against mpmath, their boxes against points inside."""

import itertools

import flint
import mpmath
import numpy as np
import pytest

from homotopy.landscape.certify.balls import around, high, low, unit
from homotopy.landscape.certify.netballs import NetBalls
from homotopy.landscape.certify.teacherballs import TeacherBalls
from homotopy.models.mlp import MLP
from homotopy.objectives.risk import EmpiricalRisk
from homotopy.objectives.teacher import TeacherStudent

MP = {
    "tanh": mpmath.tanh,
    "logistic": lambda z: 1 / (1 + mpmath.exp(-z)),
    "softplus": lambda z: mpmath.log(1 + mpmath.exp(z)),
    "erf": mpmath.erf,
    "sin": mpmath.sin,
    "gelu": lambda z: z * mpmath.ncdf(z),
    "identity": lambda z: z,
    "leaky-relu:slope=0.2": lambda z: z if z > 0 else z * mpmath.mpf(0.2),
    "relu": lambda z: max(z, mpmath.mpf(0)),
}
LOSSES = {
    "squared": lambda z, y: sum((a - b) ** 2 for a, b in zip(z, y, strict=True)) / 2,
    "logistic": lambda z, y: sum(mpmath.log(1 + mpmath.exp(a)) - b * a for a, b in zip(z, y, strict=True)),
    "softmax": lambda z, y: mpmath.log(sum(mpmath.exp(a) for a in z)) - sum(a * b for a, b in zip(z, y, strict=True)),
}


def net(rng, act, loss, sizes, output="identity", bias=True):
    X = rng.standard_normal((4, sizes[0]))
    k = sizes[-1]
    y = {"squared": rng.standard_normal, "logistic": rng.random}.get(loss, lambda shape: rng.integers(0, k, 4))((4, k))
    weights = rng.uniform(0.1, 2, 4)
    return EmpiricalRisk(MLP(sizes, act, output=output, bias=bias), loss, X, y, l2=0.3, weights=weights)


def in_mpmath(risk, theta):
    """The risk by its definition."""
    model, at, layers = risk.model, 0, []
    for n_in, n_out in itertools.pairwise(model.sizes):
        W = [theta[at + u * n_in : at + (u + 1) * n_in] for u in range(n_out)]
        at += n_in * n_out
        b = theta[at : at + n_out] if model.bias else [0] * n_out
        at += n_out if model.bias else 0
        layers.append((W, b))
    acts = [MP[model.activation]] * (len(layers) - 1) + [MP[model.output]]
    w = [mpmath.mpf(float(a)) for a in (np.ones(4) if risk.samples.weights is None else risk.samples.weights)]
    total = mpmath.mpf(0)
    for row, y, share in zip(risk.X.tolist(), risk.y.tolist(), w, strict=True):
        a = [mpmath.mpf(c) for c in row]
        for (W, b), act in zip(layers, acts, strict=True):
            a = [act(sum(p * q for p, q in zip(line, a, strict=True)) + c) for line, c in zip(W, b, strict=True)]
        total += share * LOSSES[risk.loss.name](a, [mpmath.mpf(c) for c in y])
    return total / sum(w) + mpmath.mpf(risk.l2) / 2 * sum(t * t for t in theta)


CASES = [
    *[(act, "squared", (2, 2, 1), "identity", True) for act in MP],
    ("tanh", "logistic", (2, 2, 1), "identity", True),
    ("softplus", "softmax", (1, 2, 3), "identity", True),
    ("gelu", "squared", (1, 2, 2, 1), "logistic", False),
    ("erf", "logistic", (2, 1, 2, 2), "identity", True),
]


@pytest.mark.parametrize(("act", "loss", "sizes", "output", "bias"), CASES)
def test_nets_against_mpmath(act, loss, sizes, output, bias):
    rng = np.random.default_rng(len(act) + 10 * len(loss))
    risk = net(rng, act, loss, sizes, output, bias)
    x = rng.standard_normal(risk.size)
    with mpmath.workdps(60), flint.ctx.workprec(300):
        theta = [mpmath.mpf(a) for a in x.tolist()]
        value, g, H = NetBalls(risk.model, loss, risk.samples, risk.l2)([flint.arb(a) for a in x.tolist()])
        assert_in(in_mpmath(risk, theta), value)
        u, v = rng.standard_normal((2, risk.size)).tolist()
        first, second = along(lambda t: in_mpmath(risk, t), theta, u, v)
        assert_in(first, dot(g, u))
        assert_in(second, dot([dot(row, v) for row in H], u))


def along(function, x, u, v):
    """The first derivative along u and the second along u and v, by differences of many digits."""
    h = mpmath.mpf(10) ** -14

    def at(a, b):
        return function([c + a * h * p + b * h * q for c, p, q in zip(x, u, v, strict=True)])

    def richardson(step, order):
        # 1/3 (4 D(h) - D(2h)) has an error of order h^4, about 1e-56
        return (4 * step(1) - step(2)) / 3 / h**order

    first = richardson(lambda s: (at(s, 0) - at(-s, 0)) / (2 * s), 1)
    second = richardson(lambda s: (at(s, s) - at(s, -s) - at(-s, s) + at(-s, -s)) / (4 * s * s), 2)
    return first, second


def dot(balls, v):
    return sum((a * b for a, b in zip(balls, v, strict=True)), flint.arb(0))


def assert_in(number, ball):
    """An mpmath number with an error of 1e-28 lies in a ball that is small."""
    assert ball.rad() < 1e-60
    assert abs(flint.arb(mpmath.nstr(number, 45)) - ball).abs_upper() < 1e-24 * (1 + ball.abs_upper())


def teacher_in_mpmath(risk, x):
    d = risk.d
    w = [x[i * d : (i + 1) * d] for i in range(risk.n)]
    v = [[mpmath.mpf(a) for a in row] for row in risk.teacher.tolist()]

    def kernel(a, b):
        inner = sum(p * q for p, q in zip(a, b, strict=True))
        size = mpmath.sqrt(sum(p * p for p in a) * sum(q * q for q in b))
        cosine = inner / size
        angle = mpmath.acos(cosine) if abs(cosine) < 1 else (mpmath.mpf(0) if cosine > 0 else mpmath.pi)
        return size / (2 * mpmath.pi) * (mpmath.sin(angle) + (mpmath.pi - angle) * mpmath.cos(angle))

    return (
        sum(kernel(a, b) for a in w for b in w) / 2
        - sum(kernel(a, b) for a in w for b in v)
        + sum(kernel(a, b) for a in v for b in v) / 2
    )


@pytest.mark.parametrize(("k", "n", "d"), [(2, 2, 2), (3, 2, 3), (1, 3, 2)])
def test_the_teacher_against_mpmath(k, n, d):
    rng = np.random.default_rng(k + n + d)
    risk = TeacherStudent(k, n, d, teacher=rng.standard_normal((k, d)))
    x = rng.standard_normal(risk.size)
    with mpmath.workdps(60), flint.ctx.workprec(300):
        theta = [mpmath.mpf(a) for a in x.tolist()]
        value, g, H = TeacherBalls(risk.teacher, n)([flint.arb(a) for a in x.tolist()])
        assert_in(teacher_in_mpmath(risk, theta), value)
        u, v = rng.standard_normal((2, risk.size)).tolist()
        first, second = along(lambda t: teacher_in_mpmath(risk, t), theta, u, v)
        assert_in(first, dot(g, u))
        assert_in(second, dot([dot(row, v) for row in H], u))


def holds(derivatives, objective, x, radius, rng, n_points=20):
    """Whether all derivatives at random points and corners of a box, the objective's own too, lie in its balls."""
    value, g, H = derivatives(around([flint.arb(a) for a in x.tolist()], radius))
    box = [value, *g, *[a for row in H for a in row]]
    good = all(a.is_finite() for a in box)
    least, largest = np.array([low(a) for a in box]), np.array([high(a) for a in box])
    for i in range(n_points):
        steps = rng.uniform(-1, 1, x.size) if i % 2 else rng.choice([-1.0, 1.0], x.size)
        y = [flint.arb(a) + flint.arb(radius) * s for a, s in zip(x.tolist(), steps.tolist(), strict=True)]
        f, s, B = derivatives(y)
        inside = [f, *s, *[a for row in B for a in row]]
        good = good and all(a.overlaps(ball) for a, ball in zip(inside, box, strict=True))
        z = np.array([float(a) for a in y])
        H_own = np.array([objective.hessp(z, e) for e in np.eye(x.size)])
        own = np.concatenate([[objective.value(z)], objective.grad(z), H_own.ravel()])
        slack = 1e-11 * (1 + np.abs(own))
        good = good and np.all(own >= least - slack) and np.all(own <= largest + slack)
    return good


@pytest.mark.parametrize("act", ["tanh", "logistic", "softplus", "erf", "sin", "gelu"])
@pytest.mark.parametrize("radius", [1e-12, 1e-3, 0.1])
def test_boxes_of_nets_hold_their_points(act, radius):
    rng = np.random.default_rng(7)
    risk = net(rng, act, "logistic", (2, 3, 2))
    derivatives = NetBalls(risk.model, "logistic", risk.samples, risk.l2)
    assert holds(derivatives, risk, rng.standard_normal(risk.size), radius, rng)


@pytest.mark.parametrize("radius", [1e-10, 1e-3, 0.05])
def test_boxes_of_the_teacher_hold_their_points_also_at_parallel_rows(radius):
    rng = np.random.default_rng(8)
    risk = TeacherStudent(2, 4, 2)
    at_random = rng.standard_normal(risk.size)
    parallel = np.array([1.0, 0.0, 0.7, 0.0, -2.0, 0.0, 0.0, 1.3])  # equal, parallel and opposite to others
    for x in (at_random, parallel):
        assert holds(TeacherBalls(risk.teacher, 4), risk, x, radius, rng)


def test_one_input_has_parallel_and_opposite_rows_only():
    risk = TeacherStudent(2, 2, 1, teacher=[[1.0], [-2.0]])
    x = np.array([1.5, -0.5])
    value, g, H = TeacherBalls(risk.teacher, 2)([flint.arb(a) for a in x.tolist()])
    assert low(value) <= risk.value(x) <= high(value) or abs(risk.value(x) - high(value)) < 1e-14
    # F is 1/4 ((w1 - 1)^2 + (w2 + 2)^2) where w1 > 0 > w2
    assert value.contains(flint.arb(1) / 4 * (0.25 + 2.25))
    assert all(ball.contains(flint.arb(a)) for ball, a in zip(g, (0.25, 0.75), strict=True))
    assert all(ball.contains(flint.arb(0.5 * (i == j))) for i, row in enumerate(H) for j, ball in enumerate(row))


def test_ends_of_balls_are_rounded_outward():
    third = flint.arb(1) / 3
    assert low(third) < high(third)
    assert flint.arb(low(third)) <= third <= flint.arb(high(third))
    assert low(flint.arb("1e-400")) == 0
    assert high(flint.arb("1e-400")) > 0
    assert high(flint.arb("-1e-400")) == 0
    assert (low(flint.arb("nan")), high(flint.arb("nan"))) == (-np.inf, np.inf)
    assert high(flint.arb("1e400")) == np.inf
    assert low(flint.arb("1e400")) == np.finfo(float).max


def test_unit_vectors_of_balls_around_0_are_all_of_them():
    for v in (unit(around([flint.arb(0)] * 2, flint.arb(1))), unit(around([flint.arb(1), flint.arb(0)], flint.arb(3)))):
        assert all(ball.contains(flint.arb(a)) for ball in v for a in (-1, 0, 1))
    narrow = unit([flint.arb(3), flint.arb(4)])
    assert all(ball.overlaps(flint.arb(a) / 5) for ball, a in zip(narrow, (3, 4), strict=True))
