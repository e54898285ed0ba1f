"""Objectives are asked what they offer; the reasons are sentences, and costs are flops."""

import numpy as np
import pytest
from foreign import waves

import homotopy as hp
from homotopy import homotopies
from homotopy.errors import ArgumentError
from homotopy.homotopies import Homotopy
from homotopy.objectives.facets import FACETS, lacking, offered, require
from homotopy.objectives.flops import counted_flops, flops_of, relative_cost
from homotopy.objectives.functions import Ackley, Rosenbrock


def net(sizes=(3, 5, 1), activation="relu", **settings):
    X = np.random.default_rng(0).standard_normal((20, sizes[0]))
    return hp.EmpiricalRisk(hp.MLP(sizes, activation), "squared", X, np.ones((20, sizes[-1])), **settings)


OFFERS = {
    "relu": (net(), {"outputs", "deformed", "chain", "resampled", "hidden", "units", "growth", "linear_path", "draw"}),
    "deep": (net((3, 4, 4, 1), "tanh"), {"outputs", "deformed", "chain", "resampled", "hidden", "layers", "draw"}),
    "linear": (net((3, 1)), {"outputs", "deformed", "resampled", "draw"}),
    "teacher": (hp.TeacherStudent(3, 3), {"units", "linear_path", "smoothed", "draw"}),
    "foreign": (waves(), {"outputs"}),
    "function": (Rosenbrock(), set()),
}


@pytest.mark.parametrize("name", sorted(OFFERS))
def test_every_objective_offers_what_it_should_and_says_what_it_lacks(name):
    objective, offers = OFFERS[name]
    assert {facet for facet in FACETS if offered(objective, facet)} == offers
    for facet in FACETS:
        reason = lacking(objective, (facet,))
        assert (reason is None) == (facet in offers)
        assert reason is None or (len(reason.split()) > 3 and "\n" not in reason)


def test_unknown_facets_and_missing_ones_are_refused():
    with pytest.raises(ArgumentError, match=r"needs must name facets, .*, not 'wings'"):
        lacking(Rosenbrock(), ("wings",))
    with pytest.raises(ArgumentError, match="an Ackley has no outputs on samples"):
        require(Ackley(2), ("outputs",))


# Everything that works on any net with outputs, from a name.
ON_OUTPUTS = ["data", "linear-model", "linearized", "one-neuron", "targets", "targets:easy=mean", "weight-decay"]


@pytest.mark.parametrize("kind", ["squared", "logistic"])
@pytest.mark.parametrize("name", ON_OUTPUTS)
def test_a_foreign_net_runs_through_everything_that_needs_outputs(name, kind):
    objective = waves(kind, l2=0.05)
    made = made_of(name, objective)
    start = made.start(1)
    assert np.linalg.norm(made.grad(start, 0.0)) < 1e-6
    end = hp.descend(made.at(1.0), start, rule="lbfgs", n_steps=500)
    assert np.isfinite(end.value)
    path = hp.track(made, start, max_steps=400)
    x = made.finish(np.asarray(path.x))
    assert x.shape == (objective.size,)
    if path.status.ok:
        assert np.linalg.norm(objective.grad(x)) < 1e-5
    assert len(path.points) > 3


def made_of(name, objective):
    if name == "data":
        return homotopies.Data.easiest(objective)
    return homotopies.homotopy(name, objective, np.random.default_rng(0).standard_normal(objective.size))


class Mean(Homotopy):
    """The mean of five evaluations; nothing is said of its cost."""

    def __init__(self, objective):
        self.objective, self.size = objective, objective.size

    def value_and_grad(self, x, t):
        pairs = [self.objective.value_and_grad(x + (1 - t) * k) for k in range(5)]
        return np.mean([f for f, _ in pairs]), np.mean([g for _, g in pairs], axis=0)

    def hessp(self, x, t, v):
        return self.objective.hessp(x, v)

    def dt(self, x, t):
        return 0.0

    def dt_grad(self, x, t):
        return np.zeros(self.size)

    def start(self, rng=None):
        return np.zeros(self.size)


@pytest.mark.parametrize("objective", [net(), hp.TeacherStudent(3, 4), Rosenbrock(), waves()])
def test_the_cost_of_a_homotopy_is_counted(objective):
    made = Mean(objective)
    assert relative_cost(made, objective) == pytest.approx(5.0)
    assert made.objective is objective
    assert "_counting" not in vars(made)
    assert counted_flops(made) == pytest.approx(5 * flops_of(objective))


def test_costs_of_wider_nets_are_those_of_flops():
    risk, teacher = net((3, 5, 2)), hp.TeacherStudent(20, 20)
    assert relative_cost(risk.units().wider(3), risk) == 8 / 5
    assert relative_cost(teacher.wider(5), teacher) == (25**2 + 25 * 20) / 800
    assert relative_cost(homotopies.Width(risk, 3), risk) == 8 / 5
    assert relative_cost(homotopies.Gaussian(risk, samples=16), risk) == 16.0
    assert relative_cost(homotopies.Gaussian(teacher), teacher) == 1.0
    half = net((3, 5, 2)).resampled(risk.X[:10], risk.y[:10])
    assert relative_cost(homotopies.Blend(half, risk), risk) == 1.5
    skip = homotopies.Skip(net())
    assert relative_cost(skip, skip.objective) == pytest.approx(1 + 4 * 4 / (5 * (4 * 3 + 6 + 4)))


def test_flops_of_a_net_by_hand():
    risk = net((3, 5, 2))
    forward = 2 * (3 * 5 + 5 * 2)
    weights = 2 * (3 * 5 + 5 * 2)
    inputs = 2 * 5 * 2
    assert risk.flops == 20 * (forward + weights + inputs + 4 * 5)
