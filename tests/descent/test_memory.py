"""How many pairs L-BFGS keeps, and what its recursion costs."""

import numpy as np
import pytest

import homotopy as hp
from homotopy.descent.memory import direction_flops, pairs_of
from homotopy.descent.rules import GD, LBFGS, LM
from homotopy.objectives.flops import knows_flops
from homotopy.objectives.function import Checked


@pytest.mark.parametrize(
    ("name", "pairs"), [("xor", 5), ("jellyfish:act=relu,hidden=4", 5), ("sine:hidden=4", 20), ("teacher:k=5", 4)]
)
def test_the_recursion_is_charged_by_its_pairs_whatever_the_problem(name, pairs):
    target = hp.problem(name)
    objective = target.objective
    assert pairs_of(LBFGS(), objective) == pairs
    assert direction_flops(LBFGS(), objective) == 8 * pairs * objective.size
    assert direction_flops(LBFGS(memory=3), objective) == 24 * objective.size
    assert direction_flops(GD(), objective) == direction_flops(LM(), objective) == 0
    result = hp.solve(target, "lbfgs", rng=1, budget=60)
    evaluation = 1 + 8 * pairs * objective.size / objective.flops
    assert result.cost == pytest.approx(evaluation * result.counts.grad)
    assert result.cost <= 60


class Valley:
    """A function of which nobody knows what it costs."""

    size = 3

    def value_and_grad(self, x):
        return float(np.sum(x**4)), 4 * x**3


def test_where_the_flops_of_a_gradient_are_unknown_an_evaluation_costs_one():
    assert not knows_flops(Valley())
    assert not knows_flops(Checked(Valley()))
    assert knows_flops(Checked(hp.problem("xor").objective))
    for name in ("lbfgs", "lbfgsb"):
        result = hp.solve(hp.Problem("valley", Valley(), lambda rng: rng.normal(size=3)), name, rng=0, budget=30)
        assert result.counts.charged == 0


def test_scipy_pays_for_its_pairs_too():
    target = hp.problem("xor")
    result = hp.solve(target, "lbfgsb", rng=3, budget=200)
    n, pair = result.counts.grad, 8 * target.size / target.objective.flops
    assert result.counts.charged == pytest.approx(pair * sum(min(i, 20) for i in range(n)))
    # a hop forgets the pairs
    hops = hp.solve(hp.Problem("xor", target.objective, target.start), "basin-hopping:hops=3", rng=3)
    assert hops.counts.grad > 25
    assert 0 < hops.counts.charged < pair * sum(min(i, 20) for i in range(hops.counts.grad))
