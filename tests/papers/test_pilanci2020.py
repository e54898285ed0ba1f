"""The convex program: counts of patterns, both optima, samples of patterns, and the picture."""

from itertools import product

import numpy as np
import pytest
from scipy.optimize import linprog

pytest.importorskip("cvxpy")
pytest.importorskip("clarabel")

from homotopy.experiments import Grid
from homotopy.papers.frame import Study
from homotopy.papers.pilanci2020 import picture, recovered, sampled, solved, toy
from homotopy.papers.pilanci2020.program import BETA, all_patterns, known, problem, risk, some_patterns
from homotopy.papers.pilanci2020.study import compared, count


@pytest.mark.parametrize(("n", "d"), [(5, 2), (5, 3), (6, 3)])
def test_patterns_are_counted_by_linear_programs(n, d):
    """A pattern is one if some u has x_i . u of each of its signs."""
    X = np.random.default_rng(n).standard_normal((n, d))
    found = sum(
        linprog(np.zeros(d), A_ub=-np.array(s)[:, None] * X, b_ub=-np.ones(n), bounds=(None, None)).status == 0
        for s in product((-1, 1), repeat=n)
    )
    assert found == count(n, d) == len(all_patterns(X))


def test_ten_samples_have_92_patterns_and_a_sample_of_directions_fewer():
    X, y = toy()
    assert len(all_patterns(X)) == count(10, 3) == 92
    some = some_patterns(X, 100, 0)
    assert len(some) < 92
    assert {tuple(one) for one in some} <= {tuple(one) for one in all_patterns(X)}
    assert (X[:, 2] == 1).all()
    assert ((X[:, 0] ** 2 + X[:, 1] ** 2 > 1) == (y == 1)).all()


@pytest.mark.parametrize("loss", ["squared", "logistic"])
def test_the_program_the_net_and_the_certificate_agree(loss):
    X, y = toy()
    whole = solved(X, y, all_patterns(X), loss)
    assert whole.value == pytest.approx(known(f"toy {loss}").upper, rel=1e-5)
    assert recovered(whole, X, y, loss)[0] == pytest.approx(whole.value, rel=1e-4)


def test_a_net_read_off_has_the_value_that_the_package_gives_it():
    X, y = toy()
    found = solved(X, y, some_patterns(X, 10, 0), "squared")
    W = np.hstack([found.U, found.V])
    size = np.sqrt(np.linalg.norm(W, axis=0))
    kept = size**2 > 1e-8 * size.max() ** 2
    a = np.repeat([1.0, -1.0], found.U.shape[1])[kept] * size[kept]
    inner = risk("toy squared")
    wide = inner.changed(model=inner.model.wider(int(kept.sum()) - 1))
    theta = wide.model.pack([((W[:, kept] / size[kept]).T, None), (a[None], None)])
    assert wide.value(theta) == pytest.approx(recovered(found, X, y, "squared")[0], rel=1e-9)
    assert wide.l2 == BETA
    assert wide.value(theta) >= known("toy squared").lower


def test_samples_of_patterns_are_above_the_optimum():
    found = sampled(("hinge", 20, 2))
    assert min(found["value"]) >= found["full"][0] * (1 - 1e-5)
    assert found["net"][0] == pytest.approx(found["full"][0], rel=1e-4)


def test_descents_are_not_below_the_bound():
    found = compared(("d1", 20))
    assert found["exact"] == 1
    assert found["below"] == 0
    assert found["best"] >= found["lower"]


def test_the_picture_names_its_axes():
    with Study("pilanci2020") as study:
        ran = study.compare(Grid.of(problem("d1"), ("gd", "lbfgs"), seeds=4, budget=200))[0]
        figure = picture({("hinge", 20): sampled(("hinge", 20, 2))}, ran).figure
    left, right = figure.axes[:2]
    assert left.get_xlabel() == "random directions"
    assert right.get_xlabel() == "run above the optimum (%)"
    assert right.get_title() == "d1, 4 units"
