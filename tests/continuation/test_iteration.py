"""Newton's iteration by itself: when it ends, on residuals and moves that are given; its steps on linear systems."""

from types import SimpleNamespace

import numpy as np
import pytest

from homotopy.continuation import (
    ArclengthNewton,
    Dense,
    Direction,
    Guess,
    Krylov,
    Metric,
    MoorePenrose,
    Newton,
    RootSystem,
)
from homotopy.continuation.parts.iteration import iterate
from homotopy.errors import EvaluationError
from homotopy.status import Status

SEEDS = pytest.mark.parametrize("seed", range(4))


def told(norms, *, moves=None, ahead=None, n=3, max_iter=8, tolerance=1e-8, residual=1.0, rounding=0.0, solver=True):
    """Iterate where the residual has these norms, one after the other, and the moves are these.

    ``ahead`` are the next corrections, as far as the factors tell them; ``rounding`` is what the residual changes by
    when x does in its last digits.
    """
    moves = [1.0] * len(norms) if moves is None else moves
    ahead = [0.0] * len(norms) if ahead is None else ahead
    state, forcing = {"k": 0}, []

    def gradient(k, more=0.0):
        if norms[k] is None:
            raise EvaluationError("not here")
        g = np.zeros(n)
        g[0] = norms[k] + more
        return g

    def value_and_grad(x, t):
        g = gradient(state["k"])
        return 7.0, g

    def step(homotopy, z, linear):
        forcing.append(z.forcing)
        state["k"] += 1
        z.x, z.move, z.n_linear = z.x + 1.0 / np.sqrt(n), moves[state["k"]], z.n_linear + 2
        z.solver = (lambda g, k=state["k"]: (np.full(n, ahead[k] / np.sqrt(n)), 0.0)) if solver else None

    def moved(x, t):  # asked where the residual may be one of rounding
        return gradient(state["k"], rounding)

    homotopy = SimpleNamespace(value_and_grad=value_and_grad, grad=moved)
    settings = SimpleNamespace(tolerance=tolerance, max_iter=max_iter, linear=None)
    guess = Guess(np.zeros(n), 0.5, None, Metric(1.0, 1.0, residual))
    return iterate(homotopy, guess, settings, step), forcing


def ended(*args, **more):
    found, _ = told(*args, **more)
    return found.status, found.n_iter


GOOD, BAD, LOST = Status.CONVERGED, Status.NOT_CONVERGED, Status.NON_FINITE


def test_it_ends_where_the_residual_is_small_and_the_next_correction_is():
    assert ended([1.0, 1e-3, 1e-8, 0.0]) == (GOOD, 2)
    assert ended([1.0, 1e-3, 1.1e-8, 0.0]) == (GOOD, 3)
    assert ended([1.0, 1e-3, 5e-8, 0.0], residual=5.0) == (GOOD, 2)
    # A small residual may hide a distance: a move of more than ten tolerances, or of a tenth of the one before.
    assert ended([1.0, 1e-9, 1e-12], ahead=[0, 1.1e-7, 0]) == (GOOD, 2)
    assert ended([1.0, 1e-9, 1e-12], ahead=[0, 0.9e-7, 0]) == (GOOD, 1)
    assert ended([1.0, 1e-9, 1e-12], moves=[0, 1e-7, 1e-7], ahead=[0, 1.1e-8, 0]) == (GOOD, 2)
    assert ended([1.0, 1e-9, 1e-12], moves=[0, 1e-7, 1e-7], ahead=[0, 0.9e-8, 0]) == (GOOD, 1)
    assert ended([1.0, 1e-9, 1e-12], moves=[0, 1e-13, 1e-7], ahead=[0, 0.9e-13, 0]) == (GOOD, 1)  # rounding
    assert ended([1e-9, 1e-10]) == (GOOD, 1)  # nothing is known of the distance yet
    # Of many variables it is looked at after a long move only.
    assert ended([1e-9, 1e-10], n=64) == (GOOD, 1)
    assert ended([1e-9, 1e-10], n=65) == (GOOD, 0)
    for move, steps in ((1.1e-3, 2), (0.9e-3, 1)):
        found = ended([1.0, 1e-9, 1e-12], moves=[0, move, 0], ahead=[0, 1.0, 0], n=65)
        assert found == (GOOD, steps)


def test_it_is_given_up_where_it_gets_no_further():
    assert ended([1.0] + [0.4**k for k in range(1, 12)], max_iter=8) == (BAD, 8)
    assert ended([1.0] + [0.4**k for k in range(1, 12)], max_iter=11) == (BAD, 11)
    assert ended([1.0, 99.0, 1e-9]) == (GOOD, 2)
    assert ended([1.0, 101.0, 1e-9]) == (BAD, 1)
    for max_iter, steps in ((8, 3), (12, 4), (20, 6)):  # a fourth of the iterations may fail to halve it
        assert ended([0.6**k for k in range(21)], max_iter=max_iter) == (BAD, steps)
    assert ended([0.4**k for k in range(21)], max_iter=20) == (BAD, 20)
    assert ended([1.0, 0.9, 0.3, 0.25, 0.1, 0.09, 1e-9]) == (BAD, 5)  # whether or not in succession
    assert ended([np.nan]) == ended([np.inf]) == (LOST, 0)
    assert ended([1.0, np.nan]) == ended([1.0, None]) == (LOST, 1)
    assert ended([None]) == (LOST, 0)

    def singular(homotopy, z, linear):
        raise np.linalg.LinAlgError

    homotopy = SimpleNamespace(value_and_grad=lambda x, t: (3.0, np.ones(2)))
    settings = SimpleNamespace(tolerance=1e-8, max_iter=8, linear=None)
    found = iterate(homotopy, Guess(np.zeros(2), 0.5), settings, singular)
    assert (found.status, found.n_iter, found.value) == (Status.SINGULAR, 0, 3.0)
    assert found.grad_norm == pytest.approx(np.sqrt(2))


def test_rounding_is_told_by_the_function_or_by_moves_that_stay_tiny():
    # The residual does not halve, the move is short, and the residual is as large as what rounding does to it.
    for noise, status in ((1e-5, GOOD), (1.3e-6, GOOD), (1.2e-6, BAD), (0.0, BAD)):
        found, _ = told([1e-2, 1e-5, 1e-5, 1e-5, 1e-5], moves=[0, 0.1, 0.9e-5, 0.1, 0.1], rounding=noise)
        assert (found.status, found.n_iter) == ((GOOD, 2) if status is GOOD else (BAD, 4))
        assert found.accuracy == (0.9e-5 if status is GOOD else 0.0)
    assert ended([1e-2, 1e-5, 1e-5, 1e-5, 1e-5], moves=[0, 0.1, 1.1e-5, 0.1, 0.1], rounding=1.0) == (BAD, 4)
    # Moves below 1e-8 that become no smaller.
    found, _ = told([1.0, 0.4, 0.16], moves=[0, 1.8e-8, 0.95e-8])
    assert (found.status, found.n_iter, found.accuracy) == (GOOD, 2, 0.95e-8)
    assert ended([1.0, 0.4, 0.16, 1e-9], moves=[0, 2.0e-8, 0.95e-8, 1.0]) == (GOOD, 3)
    assert ended([1.0, 0.4, 0.16, 1e-9], moves=[0, 1.8e-8, 1.05e-8, 1.0]) == (GOOD, 3)
    assert told([1.0, 0.4, 1e-9], moves=[0, 0.9e-9, 1.0])[0].accuracy == 0.0  # the first move tells nothing


def test_what_it_says_of_its_way():
    found, forcing = told([2.0, 0.5, 1e-3, 1e-9], residual=4.0)
    assert (found.contraction, found.n_linear, found.value, found.grad_norm) == (0.25, 6, 7.0, 1e-9)
    assert found.x == pytest.approx(np.full(3, 3 / np.sqrt(3)))
    assert (found.t, found.distance) == (0.5, pytest.approx(3.0))
    # Linear solves are as exact as the residual asks for, and to a twentieth at least.
    assert forcing == pytest.approx([0.3 * 4e-8 / 2.0, 0.3 * 4e-8 / 0.5, 0.3 * 4e-8 / 1e-3], rel=1e-6, abs=0)
    assert told([1e-7, 5e-8, 1e-9])[1] == pytest.approx([0.03, 0.05])
    assert told([0.0, 0.0])[1] == [0.05]
    assert told([0.9e-7, 1e-9])[0].contraction == 0.0  # small from the beginning
    assert told([1.1e-7, 1e-9])[0].contraction == pytest.approx(1 / 110)


@SEEDS
@pytest.mark.parametrize("linear", [Dense(), Krylov(rtol=1e-12, kernel_rtol=1e-12)], ids=["factors", "free"])
def test_a_step_on_a_linear_system_is_exact(seed, linear):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(2, 6))
    a, b, c = rng.standard_normal((n, n)) + 2 * np.eye(n), rng.standard_normal(n), rng.standard_normal(n)
    jacobian = {} if isinstance(linear, Krylov) else {"jacobian": lambda x, t: a}
    system = RootSystem(lambda x, t: a @ x + t * b - c, n, jvp=lambda x, t, v: a @ v, dt=lambda x, t: b, **jacobian)
    metric = Metric(rng.uniform(0.5, 2), rng.uniform(0.5, 2))
    x, t = rng.standard_normal(n), rng.uniform(0, 1)
    tangent = metric.unit(rng.standard_normal(n), rng.standard_normal())
    guess = Guess(x, t, tangent, metric)
    natural = Newton(linear=linear).correct(system, guess)
    assert natural.x == pytest.approx(np.linalg.solve(a, c - t * b), abs=1e-6)
    assert (natural.t, natural.distance) == (t, pytest.approx(metric.norm(natural.x - x, 0.0)))
    border = np.append(metric.x_weight * tangent.x, metric.t_weight * tangent.t)
    matrix = np.vstack([np.column_stack([a, b]), border])
    move = np.linalg.solve(matrix, np.append(c - a @ x - t * b, 0.0))
    plane = ArclengthNewton(linear=linear, tolerance=1e-10).correct(system, guess)
    assert np.append(plane.x, plane.t) == pytest.approx(np.append(x, t) + move, abs=1e-6)
    assert plane.distance == pytest.approx(metric.norm(move[:-1], move[-1]), abs=1e-6)
    if isinstance(linear, Dense):
        assert natural.n_iter == plane.n_iter == plane.n_linear == 1
        assert (plane.det, plane.log_det) == pytest.approx(np.linalg.slogdet(matrix))
        # In planes that turn the path is met where its own normal plane holds the guess.
        kernel = metric.unit(np.linalg.solve(a, -b), 1.0)
        turned = MoorePenrose(tolerance=1e-10).correct(system, guess)
        near = MoorePenrose(tolerance=1e-10).correct(system, guess._replace(tangent=Direction(*kernel)))
        assert metric.inner(*kernel, near.x - x, near.t - t) == pytest.approx(0.0, abs=1e-9)
        assert system.grad(turned.x, turned.t) == pytest.approx(np.zeros(n), abs=1e-9)
    else:
        assert natural.det == plane.det == 0.0
        assert natural.n_linear >= natural.n_iter
