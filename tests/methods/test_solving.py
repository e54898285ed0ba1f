"""`solve` and `minimize`: names and objects, functions and homotopies."""

import numpy as np
import pytest
from scipy.optimize import rosen, rosen_der, rosen_hess_prod

from homotopy.errors import ArgumentError
from homotopy.homotopies import Proximal
from homotopy.methods import method, minimize, solve
from homotopy.objectives.functions import Rosenbrock
from homotopy.problems import Problem, problem
from homotopy.status import Status


def test_names_and_objects_give_the_same():
    one = solve("teacher:k=6", "skip", rng=4)
    two = solve(problem("teacher:k=6"), method("skip"), rng=4)
    np.testing.assert_array_equal(one.x, two.x)
    assert not one.x.flags.writeable


def test_default_solves_where_descent_fails():
    for seed in range(5):
        assert solve("teacher:k=12", rng=seed).success


def test_minimize_agrees_with_the_known_minimum():
    start = np.array([-1.2, 1.0])
    for arguments in (
        {"fun": rosen, "jac": rosen_der},
        {"fun": lambda x: (rosen(x), rosen_der(x)), "jac": True},
        {"fun": Rosenbrock()},
        {"fun": rosen, "jac": rosen_der, "homotopy": "proximal"},
        {"fun": rosen, "jac": rosen_der, "hessp": rosen_hess_prod, "homotopy": "proximal"},
        {"fun": Rosenbrock(), "homotopy": Proximal(Rosenbrock(), start, mu=3.0)},
    ):
        found = minimize(**arguments, x0=start)
        assert found.success, arguments
        np.testing.assert_allclose(found.x, 1.0, atol=1e-4)
        assert found.status == 0
        assert found.njev > 0


def test_minimize_counts_what_it_called():
    calls = []

    def fun(x):
        calls.append(1)
        return rosen(x), rosen_der(x)

    found = minimize(fun, np.array([-1.2, 1.0]), jac=True)
    assert found.nfev == len(calls)


def test_a_name_of_a_homotopy_carries_parameters():
    settings = {"jac": rosen_der, "hessp": rosen_hess_prod}
    costs = [
        minimize(rosen, np.array([-1.2, 1.0]), homotopy=name, **settings).cost
        for name in ("proximal:mu=1.0", "proximal")
    ]
    other = minimize(rosen, np.array([-1.2, 1.0]), homotopy="proximal:mu=0.05", **settings)
    assert costs[0] == costs[1] != other.cost
    assert other.success


def test_what_is_not_allowed_is_named():
    with pytest.raises(ArgumentError, match="jac must be '2-point', '3-point' or 'cs', not 'none'"):
        minimize(rosen, np.zeros(2), jac="none")
    with pytest.raises(ArgumentError, match="x0 has entries that are not finite"):
        minimize(rosen, np.array([np.nan, 1.0]), jac=rosen_der)
    with pytest.raises(ArgumentError, match="x0 must"):
        minimize(rosen, "start", jac=rosen_der)
    with pytest.raises(ArgumentError, match="homotopy 'proximal' has no parameter 'nu'"):
        minimize(rosen, np.zeros(2), jac=rosen_der, homotopy="proximal:nu=2")
    with pytest.raises(ArgumentError, match="unknown homotopy 'proxy'"):
        minimize(rosen, np.zeros(2), jac=rosen_der, homotopy="proxy")
    with pytest.raises(ArgumentError, match=r"jac must return .*, not an array of shape \(3,\)"):
        minimize(rosen, np.zeros(2), jac=lambda x: np.zeros(3))
    with pytest.raises(ArgumentError, match="unknown problem"):
        solve("teachr")


def test_an_objective_that_draws_its_starts_is_a_problem_of_unknown_optimum():
    objective = problem("xor").objective
    result, again = solve(objective, "lbfgs", rng=3), solve(Problem.of(objective), "lbfgs", rng=3)
    np.testing.assert_array_equal(result.x, again.x)
    assert Problem.of(objective).optimum is None
    assert result.status is not Status.REACHED_TARGET
    with pytest.raises(ArgumentError, match="a Rosenbrock has no random points of its own"):
        Problem.of(Rosenbrock())


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (
            {"problem": Rosenbrock()},
            "problem must be a Problem, its name or an objective with draw",
        ),
        ({"problem": "xor", "method": 3}, "a name must be a text"),
        ({"problem": "xor", "rng": "a"}, "rng must be a Generator, an integer >= 0 or None, not 'a'"),
        ({"problem": "xor", "rng": -1}, "rng must be .*, not -1"),
    ],
)
def test_what_cannot_be_solved_is_named(arguments, sentence):
    with pytest.raises(ArgumentError, match=sentence):
        solve(**{"method": "gd", **arguments})
