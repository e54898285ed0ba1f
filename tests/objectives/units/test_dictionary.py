"""Units are picked as a look at every one of them would pick them."""

import numpy as np
import pytest

from homotopy.descent import descend
from homotopy.errors import ArgumentError
from homotopy.homotopies import Greedy, RidgeOMP
from homotopy.objectives import TeacherStudent
from homotopy.objectives.units.base import units_of
from homotopy.objectives.units.dictionary import best_unit, best_units, draw_units, pursue
from homotopy.objectives.units.growth import Pool, constant
from homotopy.problems import problem


def dictionary(seed=0, count=60):
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((30, 2))
    W, b = draw_units(X, count, rng)
    return np.maximum(X @ W.T + b, 0.0), rng.standard_normal((30, 1))


def test_the_best_unit_lowers_a_least_squares_fit_most():
    H, residual = dictionary()
    residual = residual - residual.mean()
    index, outgoing = best_unit(H, residual, np.zeros(60, dtype=bool))
    left = []
    for h in H.T:
        A = np.column_stack([h, np.ones(30)])
        left.append(np.linalg.norm(residual - A @ np.linalg.lstsq(A, residual, rcond=None)[0]))
    assert index == np.argmin(left)
    centered = H[:, [index]] - H[:, index].mean()
    assert np.linalg.norm(residual - centered @ outgoing[None]) == pytest.approx(min(left), rel=1e-6)


def test_several_units_begin_with_the_best_and_are_not_alike():
    H, residual = dictionary(1)
    used = np.zeros(60, dtype=bool)
    used[:10] = True
    several = best_units(H, residual, used, 4, apart=0.8)
    assert several[0] == best_unit(H, residual, used)[0]
    assert len(set(several)) == 4
    assert not used[several].any()
    alike = np.abs(np.corrcoef(H[:, several].T)) - np.eye(4)
    assert alike.max() < 0.8


def test_where_all_are_alike_the_best_follow():
    h = np.linspace(0, 1, 20)[:, None]
    H = h * np.arange(1.0, 6.0) + 1e-3 * np.random.default_rng(2).standard_normal((20, 5))
    assert len(best_units(H, h - h.mean(), np.zeros(5, dtype=bool), 5)) == 5


def test_pursuit_finds_the_units_that_made_the_targets():
    H, _ = dictionary(3)
    target = H[:, [7, 21, 40]] @ np.array([[2.0], [-3.0], [1.5]]) + 0.3
    assert set(pursue(H, target, 6)) >= {7, 21, 40}


def test_a_pool_grows_a_net_that_fits_better_unit_by_unit():
    target = problem("spirals:hidden=12")
    units = units_of(target.objective)
    pool = Pool(units, 80, np.random.default_rng(0), 3.0)
    x, values = constant(target.objective), []
    for width in range(0, 12, 3):
        x = pool.add(x, width, 3)
        values.append(units.wider(width + 3 - 12).value(x))
    assert x.size == target.size
    assert (np.diff(values) < 0).all()
    assert pool.used.sum() == 12


def test_growing_names_what_it_cannot_do():
    with pytest.raises(ArgumentError, match="dictionary must be"):
        Greedy(problem("xor").objective, dictionary=0)
    with pytest.raises(ArgumentError, match="TeacherStudent has no samples"):
        RidgeOMP(TeacherStudent(3, 3))
    with pytest.raises(ArgumentError, match="ridge must be positive"):
        RidgeOMP(problem("xor").objective, ridge=0.0)


def test_a_net_is_grown_along_the_path_by_the_compiled_loop():
    target = problem("xor:hidden=3")
    path = Greedy(target.objective, dictionary=40)
    ends = [descend(path, path.start(seed), rule="lbfgs", n_steps=200).value for seed in range(10)]
    assert np.median(ends) < 1e-6
    assert path.at(1.0).value(path.start(0)) == pytest.approx(target.objective.value(path.start(0)))
