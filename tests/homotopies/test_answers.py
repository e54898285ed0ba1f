"""Easy problems, prices and refusals of homotopies against answers that are computed in another way."""

import numpy as np
import pytest
import scipy.sparse as sp
from scipy.optimize import minimize

from homotopy.errors import ArgumentError
from homotopy.homotopies import (
    Compose,
    GatedConvex,
    Greedy,
    Linearized,
    LinearModel,
    OneNeuron,
    Proximal,
    RidgeOMP,
    Rising,
    Skip,
    Targets,
    WeightDecay,
    Width,
)
from homotopy.homotopies.easy import solve_easy
from homotopy.homotopies.general import linearized
from homotopy.homotopies.general.weightdecay import first_decay, largest_decay
from homotopy.homotopies.systems.bratu import Bratu, MovingQuadratic
from homotopy.homotopies.systems.calls import ArrayCall, FactorsCall, SquareCall
from homotopy.homotopies.systems.roots import Still
from homotopy.homotopies.units.signs import search_flops, search_signs
from homotopy.models import MLP
from homotopy.objectives import EmpiricalRisk, TeacherStudent
from homotopy.objectives.base import check_derivatives
from homotopy.objectives.flops import flops_of
from homotopy.objectives.functions import Quadratic, Rosenbrock

SEEDS = pytest.mark.parametrize("seed", range(4))


def risk(sizes=(2, 3, 1), activation="relu", loss="squared", seed=0, l2=0.0, n=14, **more):
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n, sizes[0]))
    y = rng.integers(sizes[-1], size=n) if loss == "softmax" else rng.standard_normal((n, sizes[-1]))
    return EmpiricalRisk(MLP(sizes, activation), loss, X, (y > 0) * 1.0 if loss == "logistic" else y, l2=l2, **more)


# ---------------------------------------------------------------- penalties


@SEEDS
@pytest.mark.parametrize("n", [2, 9])
def test_the_largest_decay_is_that_of_the_best_unit(seed, n):
    """With one input the units that turn at a sample are 2 n in number; one that turns elsewhere may be better."""
    objective = risk((1, 3, 1), seed=seed, n=n)
    X1 = np.column_stack([objective.X[:, 0], np.ones(n)])
    g = (objective.y[:, 0].mean() - objective.y[:, 0]) / n
    units = np.array([[sign, -sign * x] for sign in (1, -1) for x in objective.X[:, 0]])
    units /= np.linalg.norm(units, axis=1)[:, None]
    assert largest_decay(objective) == pytest.approx(np.abs(g @ np.maximum(X1 @ units.T, 0.0)).max(), rel=1e-9)
    angles = np.linspace(0, 2 * np.pi, 5001)
    slopes = np.abs(g @ np.maximum(X1 @ [np.cos(angles), np.sin(angles)], 0.0))
    assert 0.7 * slopes.max() < largest_decay(objective) <= slopes.max() * 1.001


def test_the_first_decay_has_three_rules():
    most = largest_decay(risk())
    for own, wanted in ((0.0, 0.01), (0.0005, 0.01), (0.004, 0.04), (0.02, 0.1), (0.5, 0.5)):
        assert first_decay(risk(l2=own * most)) == pytest.approx(wanted * most)
    assert first_decay(risk(l2=0.004 * most), times=2.0) == pytest.approx(0.01 * most)
    assert first_decay(risk(l2=0.1), 0.3) == 0.3
    with pytest.raises(ArgumentError, match=r"at least the objective's 0\.1"):
        first_decay(risk(l2=0.1), 0.09)
    path = WeightDecay(risk((2, 3, 1), "tanh", l2=0.1), 0.7)
    x = np.arange(13.0) / 7
    for t in (0.0, 0.25, 1.0):
        wanted = path.objective.value(x) + 0.5 * (1 - t) * 0.6 * x @ x
        assert path.value(x, t) == pytest.approx(wanted, rel=1e-12)


# ---------------------------------------------------------------- convex easy problems


def group_lasso(path, l2):
    """The least value of the problem at t = 0 over products v_j, by L-BFGS on v = p - m with no regard to kinks."""
    X1, gates, y = path.X1, path.gates, path.objective.outputs.targets[:, 0]
    n, h = gates.shape
    features = (gates[:, :, None] * X1[:, None, :]).reshape(n, -1)

    def value(z, smooth):
        V, c = z[:-1].reshape(h, -1), z[-1]
        r = features @ z[:-1] + c - y
        norms = np.sqrt((V**2).sum(axis=1) + smooth**2 + 1e-300)
        grad = features.T @ r / n + (l2 * V / norms[:, None]).ravel()
        return 0.5 * r @ r / n + l2 * norms.sum() + 0.5 * l2 * c * c, np.append(grad, r.sum() / n + l2 * c)

    z = np.zeros(features.shape[1] + 1)
    for smooth in 10.0 ** -np.arange(1.0, 9.0):
        z = minimize(value, z, args=(smooth,), jac=True, method="L-BFGS-B", options={"maxiter": 3000, "gtol": 1e-9}).x
    return value(z, 0.0)[0], z


@SEEDS
@pytest.mark.parametrize("l2", [0.003, 0.03, 0.2])
def test_frozen_gates_with_a_penalty_are_a_group_lasso(seed, l2):
    path = GatedConvex(risk((2, 5, 1), seed=seed, l2=l2, n=20), rng=seed)
    x = path.start()
    wanted, z = group_lasso(path, l2)
    assert path.value(x, 0.0) == pytest.approx(wanted, rel=2e-4)
    V, a, _ = path._parts(x)
    assert (a[:, None] * V).ravel() == pytest.approx(z[:-1], abs=0.02)
    assert np.abs(a) == pytest.approx(np.linalg.norm(V, axis=1), abs=1e-4)  # the two layers are balanced
    saddle = path._pack(np.zeros_like(V), np.zeros_like(a), np.mean(path._y) / (1 + l2))
    beyond = path._beyond(saddle)
    slopes = np.linalg.norm((path.gates * (path._forward(saddle, 0.0)[3])[:, None]).T @ path.X1, axis=1)
    assert (beyond is None) == (slopes.max() <= l2 * (1 + 1e-6))
    if beyond is not None:
        W, b, _ = path._parts(beyond)
        assert (b > 0).tolist() == (slopes > l2 * (1 + 1e-6)).tolist()
        assert path.value(beyond, 0.0) < path.value(saddle, 0.0)
        assert np.linalg.norm(W, axis=1)[b > 0] == pytest.approx(b[b > 0])
    assert path._beyond(x) is None


def test_gates_are_given_drawn_and_refused():
    objective = risk((2, 3, 1))
    gates = np.random.default_rng(1).random((14, 3)) < 0.5
    np.testing.assert_array_equal(GatedConvex(objective, gates).gates, gates)
    assert (GatedConvex(objective, rng=1).gates != GatedConvex(objective, rng=2).gates).any()
    np.testing.assert_array_equal(GatedConvex(objective).gates, GatedConvex(objective, rng=0).gates)
    with pytest.raises(ArgumentError, match=r"gates has shape \(14, 2\)"):
        GatedConvex(objective, gates[:, :2])
    weights = np.ones(14)
    weights[3] = 0.0
    np.testing.assert_array_equal(
        GatedConvex(objective.changed(weights=weights), gates).gates, np.delete(gates, 3, axis=0)
    )


@pytest.mark.parametrize(
    ("sizes", "activation", "loss"),
    [((2, 3, 1), "tanh", "squared"), ((2, 3, 2), "relu", "squared"), ((2, 3, 1), "relu", "logistic")],
)
def test_gates_freeze_only_where_outputs_are_linear_in_products(sizes, activation, loss):
    with pytest.raises(ArgumentError, match="relu units, one output and the squared loss"):
        GatedConvex(risk(sizes, activation, loss))


@SEEDS
@pytest.mark.parametrize("ridge", [None, 0.05, 0.0])
@pytest.mark.parametrize("sizes", [(2, 3, 2), (2, 6, 1)], ids=["tall", "wide"])
def test_the_linearized_problem_is_ridge_regression(seed, ridge, sizes):
    objective = risk(sizes, "tanh", seed=seed, l2=0.02, n=12)
    x0 = np.random.default_rng(seed).standard_normal(objective.size)
    path = Linearized(objective, x0, ridge=ridge)
    units = np.eye(objective.size)
    J = np.array([objective.outputs.jvp(x0, unit).ravel() for unit in units]).T
    np.testing.assert_allclose(path.easy.jacobian, J, atol=1e-12)
    if ridge is None:
        ridge = max(1e-3 * np.mean(J**2) * sizes[-1], 1e-12)
        assert path.ridge == pytest.approx(ridge)
    r = (objective.outputs.forward(x0) - objective.y).ravel()
    n = len(objective.y)
    d = np.linalg.solve(J.T @ J / n + (0.02 + ridge) * np.eye(len(x0)), -J.T @ r / n - 0.02 * x0)
    np.testing.assert_allclose(path.start(), x0 + d, rtol=1e-6, atol=1e-8)
    assert path.easy.flops == 4.0 * J.size
    outputs, p = objective.y.size, len(x0)
    newton = (linearized.NEWTON_STEPS * (2 * outputs * p**2 + p**3 / 3), min(p, outputs) * flops_of(objective))
    assert Linearized.setup_flops(objective) == pytest.approx(sum(newton))


def test_a_jacobian_that_is_too_large_is_refused_with_its_size(monkeypatch):
    objective = risk((2, 3, 2), "tanh")
    monkeypatch.setattr(linearized, "MAX_ENTRIES", 14 * 2 * 17 - 1)
    with pytest.raises(ArgumentError, match="14 samples x 2 outputs by 17 parameters has 476 entries"):
        Linearized(objective, np.zeros(17))
    monkeypatch.setattr(linearized, "MAX_ENTRIES", 14 * 2 * 17)
    assert Linearized(objective, np.ones(17)).size == 17
    with pytest.raises(ArgumentError, match="full column rank"):
        Linearized(risk((2, 3, 1), "tanh", n=3), np.ones(13), ridge=0.0)


@SEEDS
def test_the_skip_path_is_solved_by_least_squares(seed):
    """An l2 that the objective has is paid for by its own solution; a teacher has none, and is solved as it stands."""
    path = Skip(TeacherStudent(3, 2))
    x = path.start(seed)
    assert np.linalg.norm(path.grad(x, 0.0)) < 1e-7
    penalized = Skip(risk((2, 4, 1), "softplus", seed=seed, l2=0.1))
    assert np.linalg.norm(penalized.grad(penalized.start(seed), 0.0)) < 1e-7


@SEEDS
def test_an_easy_problem_is_solved_to_a_tenth_of_the_tolerance(seed):
    path = Proximal(risk((2, 3, 1), "tanh", seed=seed), np.zeros(13), mu=0.5)
    begin = np.random.default_rng(seed).standard_normal(13)
    for tolerance in (1e-3, 1e-8):
        x = solve_easy(path, begin, tolerance=tolerance)
        assert np.linalg.norm(path.grad(x, 0.0)) <= tolerance
    spent = path.spent
    solve_easy(path, begin)
    assert path.spent > spent


def test_a_model_beside_a_net_without_inputs_is_a_constant():
    assert LinearModel(risk((2, 3, 2), "tanh")).n_side == 2 * 2
    assert OneNeuron(risk((2, 3, 1), "tanh")).n_side == 4
    assert (LinearModel(risk()).penalty, LinearModel(risk(l2=0.5)).penalty) == (1e-3, 0.5)
    assert [path.penalty for path in (OneNeuron(risk()), OneNeuron(risk(l2=0.5)), OneNeuron(risk(), 0.0))] == [
        0.01,
        0.5,
        0,
    ]
    path = LinearModel(risk((2, 3, 1), "tanh"))
    entered = path.enter(np.ones(13), 1)
    assert entered[:13].tolist() == [1.0] * 13
    assert entered[13:] == pytest.approx(0.1 * np.random.default_rng(1).standard_normal(path.n_side))
    assert path.finish(entered).tolist() == [1.0] * 13


# ---------------------------------------------------------------- units


@pytest.mark.parametrize("n", [1, 4, 10, 11, 16])
def test_a_search_for_signs_costs_its_products_and_its_looks(n):
    m, restarts, scans = 7, 3, 9
    products = 2 * m * (n * n + n)  # of all columns with one another and with b
    if n <= 10:
        assert search_flops(m, n, restarts, scans) == products + 2**n * 2 * n
    else:
        slopes, looks = 2 * n * n * (restarts + 1), scans * 6 * n * n
        assert search_flops(m, n, restarts, scans) == products + n**3 + 4 * n * n + slopes + looks
    rng = np.random.default_rng(n)
    A, c = rng.standard_normal((m, n)), rng.choice((-1.0, 1.0), n)
    found = search_signs(A, A @ c, rng=0)
    assert found.flops >= search_flops(m, n, found.n_restarts, 1 if n > 10 else 0)


@SEEDS
@pytest.mark.parametrize("n", [3, 6])
def test_few_signs_are_all_tried(seed, n):
    rng = np.random.default_rng(seed)
    A, b = rng.standard_normal((n + 1, n)), rng.standard_normal(n + 1)
    every = np.array(np.meshgrid(*[[-1.0, 1.0]] * n)).reshape(n, -1).T
    squares = np.sum((every @ A.T - b) ** 2, axis=1)
    order = np.argsort(squares)
    found = search_signs(A, b, n_best=2)
    np.testing.assert_array_equal(found.signs, every[order[:2]])
    assert found.residual == pytest.approx(squares[order[:2]] / (b @ b))
    assert found.runner_up == pytest.approx(squares[order[1]] / (b @ b))
    assert found.clear == (found.residual[0] <= max(1e-3, 0.25 * found.runner_up))


def test_windows_of_rising_variables_are_checked():
    bowl = Rosenbrock()
    for begin, end in (([0.0, 0.5], [0.5, 0.5]), ([0.0, 0.0], [0.5, 1.1]), ([0.6, 0.0], [0.5, 1.0])):
        with pytest.raises(ArgumentError, match="begin must be below end, and end at most 1"):
            Rising(bowl, begin, end)
    path = Rising(bowl, [0.0, 0.5], [0.5, 1.0])
    assert path.value(np.array([2.0, 3.0]), 0.25) == pytest.approx(bowl.value(np.array([1.0, 0.0])))
    assert path.value(np.array([2.0, 3.0]), 0.75) == pytest.approx(bowl.value(np.array([2.0, 1.5])))


def test_the_units_of_a_greedy_net_come_in_one_after_the_other():
    objective = risk((2, 4, 1), "tanh")
    path = Greedy(objective, dictionary=20, scale=0.5)
    W, b, outgoing, bias = objective.growth().layers(path.begin)
    ends = objective.growth().layers(path.end)
    assert outgoing.ravel().tolist() == [0.0, 0.25, 0.5, 0.75]
    assert ends[2].ravel().tolist() == [0.25, 0.5, 0.75, 1.0]
    assert W.max() < 0
    assert bias.max() < 0
    penalized = Greedy(risk((2, 4, 1), "tanh", l2=0.1))
    W, b, *_ = penalized.objective.growth().layers(penalized.begin)
    assert b.tolist() == [0.0, 0.25, 0.5, 0.75]
    assert W.T.tolist() == [[0.0, 0.25, 0.5, 0.75]] * 2
    x = path.start(3)
    assert objective.growth().layers(x)[3] == pytest.approx([objective.y.mean()], abs=1e-6)
    assert (path.start(3) == path.start(3)).all()
    assert (path.start(3) != path.start(4)).any()
    for bad in ({"scale": 0.0}, {"dictionary": 0}):
        with pytest.raises(ArgumentError):
            Greedy(objective, **bad)


def test_a_pursued_net_begins_at_ridge_regression():
    objective = risk((2, 4, 1), "tanh", l2=0.01)
    path = RidgeOMP(objective, dictionary=30, ridge=0.2)
    x = path.start()
    units = objective.growth()
    W, b, outgoing, bias = units.layers(x)
    features = np.column_stack([np.tanh(objective.X @ W.T + b), np.ones(14)])
    pay = 0.21 * np.eye(5)
    a = np.linalg.solve(features.T @ features / 14 + pay, features.T @ objective.y[:, 0] / 14)
    assert [*outgoing.ravel(), *np.ravel(bias)] == pytest.approx(a, rel=1e-5, abs=1e-7)
    assert (path.rest == units.pack(W, b, 0 * outgoing, 0 * bias)).all()


# ---------------------------------------------------------------- paths of parts


def test_two_paths_that_do_not_meet_are_not_composed():
    width = Width(risk((2, 2, 1), "tanh"), 1)
    with pytest.raises(ArgumentError, match="first ends at another problem"):
        Compose(Targets(risk((2, 3, 1), "tanh", seed=5)), width)
    with pytest.raises(ArgumentError, match="must be as many"):
        Compose(Targets(risk((2, 2, 1), "tanh")), width)
    with pytest.raises(ArgumentError, match="squared loss"):
        Compose.width_inside_skip(risk((2, 2, 1), "softplus", loss="logistic"))
    path = Compose(Targets(width.easy, "mean"), width)
    assert path.flops == max(path.first.flops, path.second.flops)
    assert path.flops_at(0.2) == path.first.flops_at(0.4)
    assert path.flops_at(0.7) == path.second.flops_at(0.4)


def test_a_wide_net_has_four_units_more_unless_it_is_told():
    objective = risk((2, 3, 1), "tanh")
    assert Width(objective).size == MLP((2, 7, 1)).size
    assert Width(objective, 2).size == MLP((2, 5, 1)).size


# ---------------------------------------------------------------- systems


@SEEDS
def test_compiled_systems_are_their_formulas(seed):
    rng = np.random.default_rng(seed)
    n, scale, t, h = int(rng.integers(1, 9)), rng.uniform(0.5, 2), 0.3, 1e-6
    bratu, x = Bratu(n, scale=scale), rng.standard_normal(n)
    laplacian = (n + 1) ** 2 * (2 * np.eye(n) - np.eye(n, k=1) - np.eye(n, k=-1))
    assert bratu.grad(x, t) == pytest.approx(laplacian @ x - scale * t * np.exp(x))
    assert bratu.hessian(x, t).toarray() == pytest.approx(laplacian - scale * t * np.diag(np.exp(x)))
    assert bratu.dt_grad(x, t) == pytest.approx(-scale * np.exp(x))
    a, b, d = rng.standard_normal((3, n))
    moving = MovingQuadratic(a, b, d)
    off = x - a * t * t - b * np.sin(t)
    assert moving.value(x, t) == pytest.approx(0.5 * np.sum(d * off**2))
    assert moving.grad(x, t) == pytest.approx(d * off)
    assert moving.hessp(x, t, a) == pytest.approx(d * a)
    assert moving.dt_grad(x, t) == pytest.approx(-d * (2 * a * t + b * np.cos(t)))
    for path in (bratu, moving):
        assert path.dt(x, t) == pytest.approx(
            (path.value(x, t + h) - path.value(x, t - h)) / (2 * h), rel=1e-5, abs=1e-6
        )
        assert max(check_derivatives(path.at(t), x, rng=1)[k] for k in ("gradient_error", "hessp_error")) < 1e-5
        assert not path.start().any()


def test_a_function_that_stands_still_is_itself_at_every_t():
    matrix, b = np.diag([1.0, 3.0]), np.array([2.0, 1.0])
    still = Still(Quadratic(matrix, b))
    x = np.array([0.5, -2.0])
    for t in (0.0, 0.7):
        assert still.value_and_grad(x, t)[0] == Quadratic(matrix, b).value(x)
        assert still.hessp(x, t, x) == pytest.approx(matrix @ x)
        assert (still.dt(x, t), still.dt_grad(x, t).tolist()) == (0.0, [0.0, 0.0])
    assert still.start().tolist() == [0.0, 0.0]


class Factors:
    """Factors of a diagonal matrix."""

    size = 4

    def __init__(self, d):
        self.d = d

    def solve(self, b):
        return b / self.d


def singular(*args):
    raise np.linalg.LinAlgError("singular")


def broken(*args):
    raise KeyError("x")


@pytest.mark.parametrize("kind", [ArrayCall, SquareCall, FactorsCall])
def test_what_a_users_function_raises_comes_out_named(kind):
    call = kind("fun", broken, 2)
    with pytest.raises(Exception, match="fun") as caught:
        call(np.ones(2), 0.0)
    assert isinstance(caught.value, Exception)
    if kind is FactorsCall:
        with pytest.raises(np.linalg.LinAlgError):
            kind("fun", singular, 2)(np.ones(2), 0.0)


def test_factors_of_a_user_are_given_copies_and_looked_at():
    b = np.array([2.0, 3.0])
    found = FactorsCall("factors", lambda x, t: Factors(x + t), 2)(np.array([1.0, 2.0]), 1.0)
    assert found.solve(b).tolist() == [1.0, 1.0]
    assert found.size == 4
    with pytest.raises(ArgumentError, match="has solve"):
        FactorsCall("factors", lambda x, t: 3, 2)(b, 0.0)
    with pytest.raises(ArgumentError, match="solve"):
        FactorsCall("factors", lambda x, t: Factors(np.ones((2, 2))), 2)(b, 0.0).solve(b)
    wrong = Factors(b)
    wrong.solve = broken
    with pytest.raises(Exception, match="solve"):
        FactorsCall("factors", lambda x, t: wrong, 2)(b, 0.0).solve(b)
    wrong.solve = singular
    with pytest.raises(np.linalg.LinAlgError):
        FactorsCall("factors", lambda x, t: wrong, 2)(b, 0.0).solve(b)
    kept = np.eye(2)
    again = SquareCall("matrix", lambda x, t: kept, 2)(b, 0.0)
    assert again is not kept
    assert sp.issparse(SquareCall("matrix", lambda x, t: sp.eye_array(2, format="csc"), 2)(b, 0.0))
