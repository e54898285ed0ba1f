"""A homotopy that a user writes in Python works wherever the package's own do."""

import numpy as np

import homotopy as hp
from homotopy.methods.tracked.graduated import Graduated
from homotopy.methods.tracked.tracked import Tracked
from homotopy.objectives.family import Homotopy
from homotopy.problems import problem


class Shrunk(Homotopy):
    """The true problem at t times the weights, beside a bowl: H = f(t x) + (1 - t) / 2 |x - x0|^2."""

    def __init__(self, objective, x0):
        self.objective, self.size, self.x0 = objective, objective.size, np.array(x0)

    def value_and_grad(self, x, t):
        f, g = self.objective.value_and_grad(t * x)
        d = x - self.x0
        return f + 0.5 * (1 - t) * d @ d, t * g + (1 - t) * d

    def hessp(self, x, t, v):
        return t * t * self.objective.hessp(t * x, v) + (1 - t) * v

    def dt(self, x, t):
        d = x - self.x0
        return self.objective.grad(t * x) @ x - 0.5 * d @ d

    def dt_grad(self, x, t):
        return self.objective.grad(t * x) + t * self.objective.hessp(t * x, x) - (x - self.x0)

    def start(self, rng=None):
        return self.x0.copy()


def test_it_is_tracked_descended_and_solved():
    target = problem("xor:hidden=3")
    x0 = target.start(np.random.default_rng(1))
    mine = Shrunk(target.objective, x0)
    path = hp.track(mine, mine.start())
    assert path.points[0].t == 0.0
    down = hp.descend(mine, x0, rule="lbfgs", n_steps=300)
    assert down.value < target.objective.value(x0)
    result = hp.solve(target, Shrunk, rng=1)
    assert [stage["stage"] for stage in result.stages] == ["path", "polish"]
    assert result.value == hp.solve(target, Tracked(Shrunk, name="shrunk"), rng=1).value
    steps = hp.solve(target, Graduated(Shrunk, stages=3), rng=1).stages
    assert [stage["stage"] for stage in steps] == [f"Shrunk at t = {t}" for t in ("0", "0.333", "0.667")] + ["finish"]


def test_it_is_compared():
    runs = Tracked(Shrunk, name="shrunk", steps=50).solve_many(problem("xor:hidden=3"), range(3), budget=3000)
    assert np.isfinite(runs.value).all()
