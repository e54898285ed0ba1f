"""Proofs for members of known families: XOR nets, spurious minima of a teacher's risk, the planar trap."""

import flint
import numpy as np
import pytest
from landscape.certify.forms import newton
from scipy.optimize import minimize

import homotopy as hp
from homotopy.landscape import enclose
from homotopy.landscape.certify.balls import around
from homotopy.landscape.certify.inertia import negative
from homotopy.landscape.certify.teacherballs import TeacherBalls
from homotopy.models.mlp import MLP
from homotopy.objectives.risk import EmpiricalRisk
from homotopy.objectives.teacher import TeacherStudent
from homotopy.problems.planar import trap_point

XOR = np.array([[-1.0, -1.0], [-1.0, 1.0], [1.0, -1.0], [1.0, 1.0]]), np.array([-1.0, 1.0, 1.0, -1.0])


def bfgs(objective, x):
    return minimize(objective.value_and_grad, x, jac=True, method="BFGS", options={"gtol": 1e-9}).x


def spurious_of_six():
    """The published point, polished: rows of the student are the columns printed."""
    W = np.full((6, 6), -0.0504)
    W[0, 0], W[0, 1:], W[1:, 0] = -0.6015, 0.3080, 0.2245
    W[range(1, 6), range(1, 6)] = 0.9867
    risk = TeacherStudent(6, 6)
    return risk, newton(risk, W.T.ravel())


@pytest.mark.parametrize("hidden", [2, 3])
def test_critical_points_of_xor_nets(hidden):
    risk = EmpiricalRisk(MLP((2, hidden, 1)), "squared", *XOR, l2=1e-2)
    seen = {}
    for seed in range(14):
        rng = np.random.default_rng(seed)
        x = newton(risk, 2 * rng.standard_normal(risk.size), 40)
        H = np.array([risk.hessp(x, v) for v in np.eye(risk.size)])
        values = np.linalg.eigvalsh(H)
        if np.linalg.norm(risk.grad(x)) > 1e-12 or np.abs(values).min() < 1e-8:
            continue
        proof = enclose(risk, x)
        assert proof.verified, proof.why
        assert proof.index == np.sum(values < 0)
        assert proof.value[0] - 1e-15 <= risk.value(x) <= proof.value[1] + 1e-15
        assert proof.radius < 1e-9
        assert proof.unique_within > 1e-7
        assert np.all(np.abs(proof.eigenvalues - values[:, None]) < 1e-12)
        for other in seen.values():  # either the same point, or one outside of the box
            far = np.abs(other.x - proof.x).max()
            assert far <= other.radius + proof.radius or far + proof.radius > other.unique_within
        seen[round(proof.value[0], 10), proof.index] = proof
    assert {index for _, index in seen} >= {0, 1, 2}
    assert len(seen) >= 4


@pytest.mark.parametrize("hidden", [2, 3])
def test_the_origin_is_a_critical_point_of_xor_nets(hidden):
    risk = EmpiricalRisk(MLP((2, hidden, 1)), "squared", *XOR, l2=1e-2)
    proof = enclose(risk, np.full(risk.size, 1e-18))
    assert proof.verified
    assert proof.index == 0
    assert proof.value[0] <= 0.5 <= proof.value[1]


@pytest.mark.parametrize(
    ("act", "loss", "sizes", "l2"),
    [
        ("logistic", "logistic", (2, 3, 1), 1e-4),
        ("softplus", "logistic", (2, 2, 1), 1e-2),
        ("gelu", "softmax", (2, 2, 2), 1e-2),
        ("erf", "squared", (2, 2, 2, 1), 1e-2),
        ("sin", "squared", (2, 2, 1), 1e-2),
    ],
)
def test_minima_of_nets(act, loss, sizes, l2):
    rng = np.random.default_rng(0)
    X = rng.standard_normal((9, 2))
    y = rng.standard_normal(9) if loss == "squared" else rng.integers(0, 2, 9)
    risk = EmpiricalRisk(MLP(sizes, act), loss, X, y, l2=l2, weights=rng.uniform(0.5, 2, 9))
    x = newton(risk, bfgs(risk, rng.standard_normal(risk.size)))
    proof = enclose(risk, x)
    assert proof.verified, proof.why
    assert proof.index == 0
    assert proof.error < 1e-14
    assert not enclose(risk, x + 1e-2 * rng.standard_normal(x.size)).verified


@pytest.mark.parametrize("act", ["relu", "leaky-relu:slope=0.2"])
def test_a_minimum_of_a_kinked_net_between_its_kinks(act):
    risk = EmpiricalRisk(MLP((1, 1, 1), act), "squared", [[-2.0], [-1.0], [1.0], [2.0]], [0.1, 0, 1, 2.5], l2=1e-3)
    x = newton(risk, bfgs(risk, np.array([1.0, 0.1, 1.0, 0.0])))
    proof = enclose(risk, x)
    assert proof.verified
    assert proof.index == 0
    kink = abs(1.0 - abs(x[1] / x[0]))  # how far the kink may move, in inputs, before it meets a sample
    assert 0 < proof.unique_within < kink * abs(x[0])


def test_what_keeps_nets_from_being_proven():
    flat = EmpiricalRisk(MLP((2, 3, 1)), "squared", *XOR)
    relu = EmpiricalRisk(MLP((2, 3, 1), "relu"), "squared", *XOR)
    softmax = EmpiricalRisk(MLP((2, 2)), "softmax", XOR[0], [0, 1, 1, 0])
    for risk, why in ((flat, "told from 0"), (relu, "told from 0"), (softmax, "told from 0")):
        proof = enclose(risk, bfgs(risk, np.random.default_rng(1).standard_normal(risk.size)))
        assert not proof.verified
        assert why in proof.why
    kinked = enclose(relu, np.zeros(relu.size))
    assert kinked.why == "a pre-activation of relu may be 0, where it has a kink"
    single = EmpiricalRisk(MLP((2, 2, 1), dtype=np.float32), "squared", *XOR)
    assert enclose(single, np.ones(9)).why == "the net's weights are float32; float64 ones are needed"


def test_the_spurious_minimum_of_six_units():
    risk, x = spurious_of_six()
    proof = enclose(risk, x)
    assert proof.verified
    assert proof.index == 0
    assert proof.radius < 1e-12
    assert proof.unique_within > 1e-5
    assert proof.value[0] == pytest.approx(0.025080581, abs=1e-9)
    assert proof.value[1] - proof.value[0] < 1e-15
    assert proof.eigenvalues[0].round(4).tolist() == [0.0047, 0.0047]
    rough = enclose(risk, np.round(x, 2))
    assert not rough.verified


def test_the_global_minimum_where_rows_are_parallel():
    proof = enclose(TeacherStudent(4, 4), np.eye(4)[[2, 0, 3, 1]].ravel())
    assert proof.verified
    assert proof.index == 0
    assert proof.value[0] <= 0 <= proof.value[1]
    assert proof.value[1] - proof.value[0] < 1e-60
    zero = enclose(TeacherStudent(4, 4), np.r_[np.zeros(4), np.ones(12)])
    assert zero.why == "row 0 of the student may be 0, where the risk is not smooth"


def test_the_planar_trap():
    chosen = hp.problem("trap")
    proof = enclose(chosen, trap_point())
    assert proof.verified
    assert proof.index == 0
    assert proof.radius < 1e-15
    assert proof.value[0] == pytest.approx(0.0042328031545562, abs=1e-15)
    assert not chosen.solved(proof.value[0])
    assert np.abs(proof.nearest - trap_point()).max() < 1e-15


@pytest.mark.parametrize("n", [4, 5, 7])
def test_equal_copies_of_its_third_unit_are_a_flat_family_of_minima(n):
    risk, x = hp.problem(f"trap:n={n}").objective, trap_point(n)
    flat = enclose(risk, x)
    assert not flat.verified
    assert f"has {n - 3} eigenvalue" in flat.why or "has an eigenvalue" in flat.why
    # the risk sees but the sum of equal copies, so that it is constant, and critical, where they share one mass
    masses = np.r_[1.0, 1.0, np.random.default_rng(n).dirichlet(np.ones(n - 2)) * (n - 2)]
    other = (masses[:, None] * x.reshape(n, 2)).ravel()
    assert np.abs(risk.grad(other)).max() < 1e-12
    assert risk.value(other) == pytest.approx(risk.value(x), abs=1e-14)
    # N spans these directions: H + N N^T > 0 proves that H > 0 on the 2 n - (n - 3) others
    u = x[4:6] / np.linalg.norm(x[4:6])
    shares = np.linalg.svd(np.ones((1, n - 2)))[2][1:]
    N = np.zeros((n - 3, 2 * n))
    N[:, 4:] = (shares[:, :, None] * u).reshape(n - 3, -1)
    H = TeacherBalls(risk.teacher, n)(around([flint.arb(a) for a in x.tolist()], 1e-9))[2]
    assert (
        negative([[a + b for a, b in zip(*rows, strict=True)] for rows in zip(H, (N.T @ N).tolist(), strict=True)]) == 0
    )


@pytest.mark.parametrize(("split", "index"), [(1, 1), (2, 1)])
def test_copies_of_another_unit_are_a_saddle(split, index):
    risk, x = hp.problem("trap:n=4").objective, trap_point(4, split)
    values = np.linalg.eigvalsh(np.array([risk.hessp(x, v) for v in np.eye(8)]))
    assert np.sum(values < -1e-6) == index
    H = TeacherBalls(risk.teacher, 4)(around([flint.arb(a) for a in x.tolist()], 1e-9))[2]
    shifted = [[a + (1e-6 if i == j else 0) for j, a in enumerate(row)] for i, row in enumerate(H)]
    assert negative(shifted) == index


def test_the_second_trap_of_four_units():
    risk = hp.problem("trap:n=4,start=random").objective
    masses, angles = (0.526, 1.10258, 0.47965, 0.89173), (0.35004, 0.99064, 1.31634, 1.82501)
    rough = [m * np.array([np.cos(np.pi * a), np.sin(np.pi * a)]) for m, a in zip(masses, angles, strict=True)]
    proof = enclose(risk, newton(risk, np.ravel(rough)))
    assert proof.verified
    assert proof.index == 0
    assert proof.value[0] == pytest.approx(4.9749311421e-5, abs=1e-14)
