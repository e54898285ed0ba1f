"""Proofs of critical points against closed forms: what is there, what is not, and what cannot be told."""

import itertools
import sys
from concurrent.futures import ThreadPoolExecutor

import flint
import numpy as np
import pytest
from landscape.certify.forms import Wells

import homotopy as hp
from homotopy.errors import ArgumentError, MissingExtraError
from homotopy.landscape import Enclosure, enclose
from homotopy.objectives.functions import Himmelblau, Polynomial, Quadratic, Rosenbrock
from homotopy.objectives.teacher import TeacherStudent

SADDLE = [[0, 0, 1], [0, 0, 0], [-1, 0, 0]]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(("unit", "height"), [(1.0, 1.0), (1e-7, 1e9), (1e6, 1e-12)])
def test_every_critical_point_of_rotated_wells_in_any_unit(seed, unit, height):
    rng = np.random.default_rng(seed)
    wells = Wells(rng, 2, unit, height)
    proofs = []
    for digits in itertools.product((-1, 0, 1), repeat=2):
        x, index = wells.point(digits)
        proof = enclose(wells, x + 1e-9 * unit * rng.standard_normal(2))
        assert proof.verified, proof.why
        assert proof.index == index
        rounding = 1e-14 * unit  # of the formula for x
        assert np.abs(proof.x - x).max() <= proof.radius + rounding
        assert np.linalg.norm(proof.x - x) <= proof.euclidean + rounding
        assert proof.radius <= proof.euclidean <= 1e-8 * unit
        assert np.abs(proof.nearest - x).max() <= 1e-13 * unit
        assert 1e-2 * unit < proof.unique_within
        low, high = proof.value
        exact = -height * np.sum((np.array(digits) != 0) * wells.b**2 / wells.a) / 4
        assert low <= high
        assert abs(low - exact) + abs(high - exact) <= 1e-13 * height
        proofs.append(proof)
    for one, other in itertools.combinations(proofs, 2):
        assert np.abs(one.x - other.x).max() > one.unique_within - other.radius


def test_eigenvalues_lie_in_their_bounds():
    wells = Wells(np.random.default_rng(5), 4)
    proof = enclose(wells, wells.point((1, 0, -1, 0))[0])
    exact = np.sort(np.where(np.array([1, 0, -1, 0]) == 0, -wells.b, 2 * wells.b))
    assert proof.eigenvalues.shape == (4, 2)
    assert np.all(proof.eigenvalues[:, 0] <= exact + 1e-14)
    assert np.all(exact - 1e-14 <= proof.eigenvalues[:, 1])
    assert np.ptp(proof.eigenvalues, axis=1).max() < 1e-12


def test_himmelblau_has_nine_critical_points():
    known = [(3, 2), (-2.805118, 3.131312), (-3.779310, -3.283186), (3.584428, -1.848126)]
    saddles = [(-0.127961, -1.953715), (0.086678, 2.884255), (-3.073026, -0.081353), (3.385154, 0.073852)]
    for index, points in ((0, known), (1, saddles), (2, [(-0.270845, -0.923039)])):
        for x in points:
            proof = enclose(Himmelblau(), np.array(x, dtype=float))
            assert proof.verified
            assert proof.index == index
            assert proof.radius < 1e-6 < 0.05 < proof.unique_within
    assert proof.why == ""


@pytest.mark.parametrize("seed", range(4))
def test_points_that_are_not_critical(seed):
    rng = np.random.default_rng(seed)
    wells = Wells(rng, 3)
    minimum = wells.point((1, -1, 1))[0]
    far = rng.standard_normal(3)
    for x in (minimum + 0.01 * far, minimum + 0.3 * far, 3 * far, minimum + 0.001 * far):
        proof = enclose(wells, x)
        assert not proof.verified
        assert "no critical point" in proof.why
        assert proof.radius == np.inf
        assert proof.value == (-np.inf, np.inf)
        assert proof.index is None
        assert proof.unique_within == 0
    assert enclose(wells, minimum + 0.003 * far / np.abs(far).max(), within=0.1).verified
    assert not enclose(Himmelblau(), [0.0, 0.0]).verified
    assert not enclose(Quadratic([[1.0]], [0.0]), [1.0]).verified


@pytest.mark.parametrize("gap", [1e-1, 1e-3, 1e-6, 1e-10])
def test_two_critical_points_near_each_other_are_told_apart(gap):
    pair = Polynomial([[0, 0, 1], [-gap * gap, 0, 0], [0, 0, 0], [1 / 3, 0, 0]])  # critical at (+-gap', 0)
    root = gap / np.sqrt(3 * pair.coefficients[3, 0])
    for sign, index in ((1, 0), (-1, 1)):
        proof = enclose(pair, [sign * root * (1 + 1e-9), 0.0])
        assert proof.verified
        assert proof.index == index
        assert proof.radius < proof.unique_within < 2 * root
    for x in (0.0, 0.5 * root, 0.9 * root, 1e3 * root):
        assert not enclose(pair, [x, 0.0]).verified


@pytest.mark.parametrize(
    "coefficients",
    [
        [[0, 0, 1], [0, 0, 0], [0, 0, 0], [0, 0, 0], [1, 0, 0]],  # x^4 + y^2
        [[0, 0, 1], [0, 0, 0], [0, 0, 0], [1, 0, 0]],  # x^3 + y^2
        [[0, 0, 1]],  # y^2: a line
        [[0, 0, 0], [0, 0, 0], [0, 0, 1]],  # x^2 y^2: a cross
        [[1, 0, 0]],  # constant
    ],
)
def test_degenerate_points_are_not_verified(coefficients):
    proof = enclose(Polynomial(coefficients), [0.0, 0.0])
    assert not proof.verified
    assert "cannot be told from 0" in proof.why
    assert not enclose(Polynomial(coefficients), [1e-5, 0.0]).verified


def test_a_tiny_eigenvalue_keeps_its_sign():
    rng = np.random.default_rng(0)
    for tiny, index in ((1e-14, 0), (-1e-14, 1), (1e-40, 0), (-1e-40, 1)):
        proof = enclose(Quadratic(np.diag([1.0, tiny, 1e6]), [1.0, tiny, 3.0]), [1.0, 1.0, 3e-6])
        assert proof.verified
        assert proof.index == index
        a, b = rng.uniform(1, 2, 2)
        hidden = Quadratic([[a * a, a * b], [a * b, b * b + tiny]], [0.0, 0.0])
        exact = flint.arb(hidden.matrix[0, 0]) * hidden.matrix[1, 1] - flint.arb(hidden.matrix[0, 1]) ** 2
        if abs(tiny) > 1e-20:  # rounded entries have a determinant of their own
            assert enclose(hidden, [0.0, 0.0]).index == int(exact < 0)


def test_a_point_at_the_origin():
    wells = Wells(np.random.default_rng(1), 3)
    for x in (np.zeros(3), np.full(3, 1e-17)):
        proof = enclose(wells, x)
        assert proof.verified
        assert proof.index == 3
    saddle = enclose(Polynomial(SADDLE), [0.0, 0.0])
    assert saddle.verified
    assert saddle.index == 1
    assert saddle.unique_within > 1


class Slip(Wells):
    """Balls of another function, one derivative of which has a slip."""

    which = 0

    def enclosed(self, x):
        value, g, H = super().enclosed(x)
        entries = [value, *g, *H.entries()]
        entries[self.which] = entries[self.which] * 1.01
        return entries[0], entries[1:3], [entries[3:5], entries[5:]]


@pytest.mark.parametrize(("which", "name"), [(0, "value"), (1, "gradient"), (6, "Hessian")])
def test_slips_in_own_balls_are_found(which, name):
    slip = Slip(np.random.default_rng(3), 2)
    slip.which = which
    proof = enclose(slip, slip.point((1, 1))[0])
    assert not proof.verified
    assert proof.why == f"the objective's own {name} differs from that of its enclosed formula"


class Bent:
    """Looks like a teacher's risk and is none."""

    size, n, teacher = 4, 2, np.eye(2)

    def value_and_grad(self, x):
        return x @ x / 2, x

    def hessp(self, x, v):
        return v


def test_an_objective_that_only_looks_known():
    proof = enclose(Bent(), np.eye(2).ravel())
    assert not proof.verified
    assert "differs" in proof.why


def test_own_balls_of_a_wrong_form():
    class Short(Wells):
        def enclosed(self, x):
            return super().enclosed(x)[:2]

    with pytest.raises(ArgumentError, match=r"Short\.enclosed\(x\) must return a ball, a list of 2"):
        enclose(Short(np.random.default_rng(0), 2), [0.0, 0.0])


def test_what_has_no_balls_says_so():
    problem = hp.problem("rts:h=3,act=tanh,gain=3,teacher_seed=5000,T=4,n=9")
    proof = enclose(problem, np.zeros(problem.size))
    assert not proof.verified
    assert "no enclosed derivatives" in proof.why
    large = TeacherStudent(20, 20)
    assert enclose(large, np.eye(20).ravel()).why == "the objective has 400 variables; at most 200 are enclosed"


@pytest.mark.parametrize(
    ("x", "more", "name"),
    [
        ([1.0, 1.0, 1.0], {}, "x"),
        ([np.nan, 1.0], {}, "x"),
        ([1.0, 1.0], {"within": 1.0}, "within"),
        ([1.0, 1.0], {"within": 0.0}, "within"),
        ([1.0, 1.0], {"precision": 53}, "precision"),
        ([1.0, 1.0], {"precision": 256.5}, "precision"),
    ],
)
def test_arguments_that_are_not_allowed(x, more, name):
    with pytest.raises(ArgumentError, match=name):
        enclose(Rosenbrock(), x, **more)


def test_precision_is_a_choice_and_is_given_back():
    before = flint.ctx.prec
    radii = [enclose(Rosenbrock(), [1.0, 1.0], precision=bits).radius for bits in (64, 256, 1024)]
    assert flint.ctx.prec == before
    assert radii[0] > 1e-25 > radii[1] > 1e-90 > radii[2] > 0


def test_without_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "flint", None)
    with pytest.raises(MissingExtraError, match=r"homotopy-opt\[certify\]"):
        enclose(Rosenbrock(), [1.0, 1.0])


def test_results_are_read_only():
    proof = enclose(Rosenbrock(), [1.0, 1.0])
    assert isinstance(proof, Enclosure)
    for table in (proof.x, proof.nearest, proof.eigenvalues):
        with pytest.raises(ValueError, match="read-only"):
            table[0] = 0


def test_threads_do_not_disturb_each_other():
    def work(bits):
        return [enclose(Himmelblau(), [-0.270845, -0.923039], precision=bits).error for _ in range(3)]

    choices, interval = [64, 512, 128, 1024], sys.getswitchinterval()
    alone = [work(bits) for bits in choices]
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(4) as pool:
            assert list(pool.map(work, choices)) == alone
    finally:
        sys.setswitchinterval(interval)
