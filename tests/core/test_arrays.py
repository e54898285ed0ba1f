"""Every compiled module reads arrays strictly: another type, order or shape is one sentence, never a silent copy."""

import numpy as np
import pytest

from homotopy._core import bratu, curvature, descent, signs, teacher
from homotopy._core.beside import Beside
from homotopy._core.family import Family
from homotopy._core.many import Lanes
from homotopy._core.moves import Moves
from homotopy.descent.rules import rule
from homotopy.descent.settings import Aim, Ends, Settings, Starts
from homotopy.errors import ArgumentError
from homotopy.models import MLP
from homotopy.objectives import EmpiricalRisk
from homotopy.status import Budget

RISK = EmpiricalRisk(MLP([2, 2, 1]), "squared", np.ones((4, 2)), np.ones(4))
N = RISK.size


def loop(kind, n=N, **wrong):
    """A loop over two starts, one of whose arrays is replaced."""
    aim = Aim(RISK)
    common = {"n_steps": 1, "gradient_tolerance": 0.0, "plateau": None, "record_every": 0, "pause_every": 0}
    settings = Settings(rule("gd"), aim, schedule=None, noise=None, factor=None, budget=Budget(), **common)
    arrays = {
        "x": np.zeros((2, n)),
        "keys": np.zeros(2, np.uint64),
        "step_sizes": np.ones(2),
        "targets": np.ones(2),
        "limits": np.ones(2, np.int64),
    }
    starts, stop = Starts(**arrays | wrong), np.zeros(1, np.int32)
    more = (None, stop) if kind is Lanes else (stop,)
    return kind(RISK.capsule(), settings, starts, Ends(2), *more)


BESIDE = {"activation": 3, "loss": 0, "leak": 0.0, "l2": 0.0}
CASES = {
    "beside": (
        lambda x: Beside(2, np.ones((4, 2)), np.ones((4, 1)), np.ones((4, 1)), **BESIDE).value_and_grad(x, 0.0),
        10,
    ),
    "bratu": (lambda x: bratu.Bratu(3, 1.0).value_and_grad(x, 0.0), 3),
    "curvature": (lambda x: curvature.largest_curvatures(RISK.capsule(), np.ones((1, N)), x, 1), N),
    "family": (lambda x: Family(RISK.capsule()).value_and_grad(x, 0.0), N),
    "rosenbrock": (lambda x: descent.CompiledRosenbrock(3).value_and_grad(x), 3),
    "risk": (lambda x: RISK.grad(x), N),
    "signs": (lambda x: signs.flip_descent(np.eye(3), np.ones(3), x), 3),
    "sums": (lambda x: signs.search(np.ones((2, 6)), x, n=2, best=2, restarts=0, tolerance=1e-3), 3),
    "teacher": (lambda x: teacher.Risk(np.eye(2), 2).value(x), 4),
    "starts": (lambda x: loop(descent.Loop, step_sizes=x), 2),
    "lanes": (lambda x: loop(Lanes, targets=x), 2),
}


def test_points_and_streams_of_moves_are_read_as_strictly():
    moves, x = RISK.units().moves, np.zeros((3, N))
    moves.take_away(x, 2, 1)
    for wrong in (x.astype(np.float32), np.asfortranarray(x), x[:, 1:].copy(), x[0]):
        with pytest.raises(
            ArgumentError, match=rf"x must be a C-contiguous float64 array of shape \(3, {N}\)|\({N}, {N}\)"
        ):
            moves.take_away(wrong, 2, 1)
    with pytest.raises(ArgumentError, match=r"states must be a C-contiguous uint64 array of shape \(any, 16\)"):
        moves.draw(np.zeros((2, 16)), 3)
    with pytest.raises(ArgumentError, match=r"y must be a C-contiguous float64 array of shape \(4, 1\)"):
        Moves(RISK.X, RISK.y[::2], RISK.y, activation=RISK.units().activation, loss=RISK.loss, bias=True)


@pytest.mark.parametrize("case", CASES)
def test_another_type_order_or_shape_is_refused(case):
    call, n = CASES[case]
    call(np.ones(n))
    for wrong in (np.ones(n, np.float32), np.ones(2 * n)[::2], np.ones((1, n)), [1.0] * n):
        with pytest.raises(ArgumentError, match="must be a C-contiguous float64 array of shape"):
            call(wrong)


@pytest.mark.parametrize("kind", [descent.Loop, Lanes])
def test_tables_and_integers_are_read_as_strictly(kind):
    loop(kind)
    with pytest.raises(ArgumentError, match=r"keys must be a C-contiguous uint64 array of shape \(2,\), not one of"):
        loop(kind, keys=np.zeros(2, np.int64))
    with pytest.raises(ArgumentError, match=rf"x must be a C-contiguous float64 array of shape \(2, {N}\)"):
        loop(kind, n=N + 1)
    given = {"n": 2, "best": 2, "restarts": 0, "tolerance": 1e-3, "state": np.zeros((1, 16), np.uint64)}
    with pytest.raises(ArgumentError, match=r"state must be a C-contiguous uint64 array of shape \(2, 16\)"):
        signs.search(np.ones((2, 6)), np.ones(3), **given)
    for rows in (2, 4):  # fewer than there must be, and more
        with pytest.raises(ArgumentError, match=r"gram must be a C-contiguous float64 array of shape \(3, 3\)"):
            signs.flip_descent(np.zeros((rows, 3)), np.ones(3), np.ones(3))
    with pytest.raises(ArgumentError, match=rf"points must be .* of shape \(any, {N}\)"):
        curvature.largest_curvatures(RISK.capsule(), np.ones((1, N + 1)), np.ones(N), 1)
