"""A schedule that waits for a plateau: t moves on when the loss has stopped falling, start by start."""

import numpy as np
import pytest

from homotopy.descent import Noise, Ramp, descend
from homotopy.errors import ArgumentError
from homotopy.homotopies import Gaussian, Plateau, Proximal, Targets, Width
from homotopy.objectives.family import Homotopy
from homotopy.objectives.flops import relative_cost
from homotopy.objectives.functions import Quadratic, Rosenbrock
from homotopy.problems import problem
from homotopy.status import Budget, Status


def bowl():
    return Proximal(Quadratic(np.diag([1.0, 4.0]), np.array([1.0, 2.0])), np.zeros(2))


class Slow(Homotopy):
    """The same homotopy without its capsule, which the interpreter runs."""

    def __init__(self, inner):
        self.inner, self.objective, self.size = inner, inner.objective, inner.size
        for name in ("value_and_grad", "hessp", "dt", "dt_grad", "start"):
            setattr(self, name, getattr(inner, name))

    value_and_grad = hessp = dt = dt_grad = start = None


def test_t_moves_when_the_loss_has_stopped_falling_and_not_before():
    seen = []
    end = descend(
        bowl(), np.array([3.0, 3.0]), step_size=0.1, n_steps=4000, schedule=Plateau(4, drop=1e-3, window=10),
        callback=lambda point: seen.append((point.t, point.value)), gradient_tolerance=1e-9,
    )  # fmt: skip
    ts = np.array([t for t, _ in seen])
    assert sorted(set(ts)) == [0.0, 0.25, 0.5, 0.75, 1.0]
    assert (np.diff(ts) >= 0).all()
    for t in (0.25, 0.5, 0.75):
        values = np.array([value for s, value in seen if s == t])
        assert 10 < len(values) < 800  # a plateau ended it, not its share of the steps
        assert values[-11] - values[-1] < 2e-3 * abs(values[-1])
    np.testing.assert_allclose(end.x, [1.0, 0.5], atol=1e-6)
    assert end.status is Status.CONVERGED


@pytest.mark.parametrize("rule", ["gd", "momentum", "adam", "lbfgs", "lm"])
def test_one_start_and_many_agree(rule):
    target = problem("xor:hidden=3")
    starts = np.array([target.start(np.random.default_rng(seed)) for seed in range(6)])
    n_steps = 60 if rule == "lbfgs" else 600  # many take lanes, whose rounding L-BFGS lets grow
    settings = {"rule": rule, "n_steps": n_steps, "schedule": Plateau(3), "target": target.target, "record_every": 50}
    family = Targets(target.objective, "mean")
    many = descend(family, starts, **settings)
    for i, start in enumerate(starts):
        one = descend(family, start, **settings)
        assert one.value == pytest.approx(many.value[i], rel=1e-6, abs=1e-9)
        assert one.status == many.status[i]
        alike = one if rule != "lbfgs" else descend(family, start[None], **settings)  # a loop of its own: other sums
        assert np.ravel(alike.n_evaluations)[0] == many.n_evaluations[i]
    assert (many.n_steps <= 600).all()
    assert all((np.diff(trace[:, 0]) >= 0).all() for trace in many.trace)
    reached = np.isfinite(many.cost_to_target)
    assert (many.value[reached] <= target.target).all()


def test_a_python_homotopy_goes_the_same_way():
    fast, slow = (
        descend(path, np.array([3.0, 3.0]), rule="lbfgs", n_steps=300, schedule=Plateau(3))
        for path in (bowl(), Slow(bowl()))
    )
    np.testing.assert_allclose(fast.x, slow.x, atol=1e-9)
    assert fast.n_evaluations == slow.n_evaluations


@pytest.mark.parametrize("budget", [1, 7, 40])
def test_budgets_are_those_of_all_stages(budget):
    target = problem("xor:hidden=3")
    starts = np.array([target.start(np.random.default_rng(seed)) for seed in range(4)])
    family = Width(target.objective, 1)
    wide = np.array([family.enter(x, 0) for x in starts])
    end = descend(family, wide, step_size=0.01, n_steps=1000, schedule=Plateau(3), budget=budget)
    cost = relative_cost(family, target.objective)
    assert (end.n_evaluations * cost <= max(budget, cost)).all()
    assert all(status is Status.BUDGET_SPENT for status in end.status)


def test_a_descent_that_blows_up_or_is_stopped_ends_where_it_is():
    wild = descend(Proximal(Rosenbrock(), np.ones(2)), np.full(2, 3.0), step_size=1e3, schedule=Plateau(2))
    assert wild.status is Status.NON_FINITE

    def stop(point):
        if point.t > 0:
            raise StopIteration

    settings = {"step_size": 0.1, "n_steps": 4000, "schedule": Plateau(4)}
    end = descend(bowl(), np.array([3.0, 3.0]), callback=stop, **settings)
    assert end.status is Status.STOPPED_BY_CALLBACK
    late = descend(bowl(), np.array([3.0, 3.0]), budget=Budget(seconds=1e-9), **settings)
    assert late.status is Status.BUDGET_SPENT


def test_what_is_not_allowed_is_named():
    with pytest.raises(ArgumentError, match="the objective is not one"):
        descend(Rosenbrock(), np.zeros(2), schedule=Plateau(3))
    with pytest.raises(ArgumentError, match="no fixed steps"):
        descend(bowl(), np.zeros(2), schedule=Plateau(3), noise=Noise(0.1))
    with pytest.raises(ArgumentError, match="no fixed steps"):
        descend(bowl(), np.zeros(2), schedule=Plateau(3), step_schedule=Ramp())
    with pytest.raises(ArgumentError, match="window must be an integer, at least 1"):
        Plateau(3, window=0)
    with pytest.raises(ArgumentError, match="drop must be 0 or a positive number"):
        Plateau(3, drop=-1.0)


def test_a_dear_homotopy_is_charged_at_every_t():
    risk = problem("xor:hidden=2").objective
    made = Gaussian(risk, 0.3, samples=8)
    found = descend(made, np.ones(risk.size), rule="lbfgs", schedule=Plateau(3), n_steps=500, budget=160.0)
    assert found.n_evaluations <= 160 / 8
    assert found.status is Status.BUDGET_SPENT
