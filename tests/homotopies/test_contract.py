"""Every homotopy keeps the contract: exact derivatives in x and t, true end points, a solved start."""

import numpy as np
import pytest
from methods.recurrent.members import risk as series
from objectives.recurrent import cases
from penalties.members import IN_PYTHON, PENALIZED

from homotopy import homotopies
from homotopy.descent import descend
from homotopy.homotopies import (
    Activation,
    Blend,
    Compose,
    ConvexLoss,
    Data,
    Diffusion,
    FixedPoint,
    GatedConvex,
    Gaussian,
    Greedy,
    LayerwiseDiffusion,
    Length,
    LiftedDiffusion,
    Linearized,
    LinearModel,
    MatchedActivation,
    Newton,
    OneNeuron,
    Proximal,
    RidgeOMP,
    Rising,
    Scaled,
    Skip,
    Targets,
    TVWidth,
    WeightDecay,
    Width,
)
from homotopy.models import MLP
from homotopy.models.recurrent import RNN
from homotopy.objectives import EmpiricalRisk, TeacherStudent
from homotopy.objectives.base import check_derivatives, compiled
from homotopy.objectives.functions import Quadratic, Rosenbrock
from homotopy.objectives.recurrent import RecurrentRisk


def risk(sizes=(3, 4, 2), activation="tanh", loss="squared", seed=0, l2=0.01, weights=None):
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((15, sizes[0]))
    y = rng.integers(sizes[-1], size=15) if loss == "softmax" else rng.standard_normal((15, sizes[-1]))
    if loss == "logistic":
        y = (y > 0).astype(float)
    return EmpiricalRisk(MLP(sizes, activation), loss, X, y, l2=l2, weights=weights)


def weighted(*args, **more):
    """The same with weights, one of them zero."""
    return risk(*args, **more, weights=np.r_[0.0, np.random.default_rng(6).exponential(size=14)])


def around(objective, seed=1):
    return np.random.default_rng(seed).standard_normal(objective.size)


def sigmoid():
    rng = np.random.default_rng(2)
    return EmpiricalRisk(
        MLP((3, 1), output="logistic"), "squared", rng.standard_normal((12, 3)), rng.random((12, 1)), l2=0.05
    )


def realizable(activation="tanh"):
    rng = np.random.default_rng(4)
    model, X = MLP((2, 2, 1), activation), rng.standard_normal((12, 2))
    return EmpiricalRisk(model, "squared", X, model.forward(model.init(rng), X))


def heavier(objective):
    return objective.changed(weights=np.random.default_rng(6).exponential(size=len(objective.X)))


def sequences(state="zero", activation="tanh", every=True, l2=0.02):
    """A risk of four sequences of up to three steps, weighted, with targets of all steps or of the last ones."""
    rng = np.random.default_rng(7)
    X, y = rng.standard_normal((4, 3, 2)), rng.standard_normal((4, 3, 2) if every else (4, 2))
    parts = {"lengths": [3, 1, 2, 3], "weights": rng.exponential(size=4)}
    parts |= {"steps": [[1, 0, 2], [1, 0, 0], [0, 2, 1], [2, 1, 1]]} if every else {}
    parts |= {"state": rng.standard_normal((4, 2))} if state == "given" else {}
    return RecurrentRisk(RNN(2, 2, 2, activation, state=state), "squared", X, y, l2=l2, **parts)


def composed():
    width = Width(realizable(), 1)
    return Compose(Targets(width.easy, "mean"), width)


def grown_and_narrowed():
    width = Width(series(5, sizes=(1, 2, 1)), 1)
    return Compose(Length(width.easy, 2), width)


class TrueAtOne(Scaled):
    """A Scaled with a true problem: a bowl whose second variable fades."""

    def __init__(self, easy):
        super().__init__(Quadratic(np.diag([1.0, 3.0]), np.ones(2)), [False, True])
        self.objective = Quadratic(np.diag([1.0, 0.0]), np.array([1.0, 0.0]))


# Each entry makes a homotopy; a new homotopy entered here is tested in full.
CASES = {
    "proximal": lambda: Proximal(Rosenbrock(), np.array([-1.0, 2.0]), mu=0.7),
    "proximal-net": lambda: Proximal(risk(), around(risk())),
    "linearized": lambda: Linearized(risk(), around(risk())),
    "linearized-logistic": lambda: Linearized(risk(loss="logistic"), around(risk())),
    "linearized-softmax": lambda: Linearized(risk(loss="softmax"), around(risk())),
    "skip-teacher": lambda: Skip(TeacherStudent(3, 4)),
    "skip-relu": lambda: Skip(risk((3, 5, 1), "relu", l2=0.0)),
    "skip-softplus": lambda: Skip(risk((2, 4, 2), "softplus")),
    "skip-leaky": lambda: Skip(risk((2, 4, 1), "leaky-relu:slope=0.2", l2=0.0)),
    "skip-logistic": lambda: Skip(risk((3, 4, 1), "softplus", loss="logistic", l2=0.05)),
    "skip-softmax": lambda: Skip(risk((3, 3, 3), "gelu", loss="softmax", l2=0.1)),
    "newton": lambda: Newton(risk(), around(risk())),
    "fixed-point": lambda: FixedPoint(Rosenbrock(), np.array([0.5, 0.5])),
    "gaussian-teacher": lambda: Gaussian(TeacherStudent(3, 3), 0.7),
    "gaussian-net": lambda: Gaussian(risk(), 0.3, samples=4),
    "gaussian-quasi": lambda: Gaussian(risk(), 0.3, samples=4, points="quasi"),
    "gaussian-random": lambda: Gaussian(risk(), 0.3, samples=6, points="random"),
    "diffusion": lambda: Diffusion(risk(), 0.7),
    "diffusion-relu": lambda: Diffusion(risk((2, 3, 1), "relu"), 0.5),
    "diffusion-gelu": lambda: Diffusion(weighted((2, 3, 2), "gelu"), 0.6),
    "diffusion-wide-noise": lambda: Diffusion(risk((2, 3, 1)), 3.0),
    "lifted-diffusion": lambda: LiftedDiffusion(risk(), 0.6),
    "lifted-diffusion-deep": lambda: LiftedDiffusion(weighted((2, 3, 2, 1), "erf"), 0.5, penalty=2.5),
    "lifted-diffusion-sequences": lambda: LiftedDiffusion(sequences(), 0.3, penalty=0.7),
    "lifted-diffusion-last-steps": lambda: LiftedDiffusion(sequences("learned", "logistic", every=False), 0.3),
    "layerwise-diffusion": lambda: LayerwiseDiffusion(risk((2, 3, 2, 1), "softplus"), 0.8),
    "layerwise-diffusion-softmax": lambda: LayerwiseDiffusion(weighted((3, 4, 3), "logistic", loss="softmax"), 0.8),
    "layerwise-diffusion-sequences": lambda: LayerwiseDiffusion(sequences("given"), 0.4),
    "targets-linear": lambda: Targets(risk()),
    "targets-mean-softmax": lambda: Targets(risk(loss="softmax"), "mean"),
    "weight-decay": lambda: WeightDecay(risk()),
    "weight-decay-logistic": lambda: WeightDecay(risk(loss="logistic"), 0.3),
    "activation": lambda: Activation(risk((2, 3, 3, 1))),
    "matched-activation": lambda: MatchedActivation(risk((2, 3, 3, 1))),
    "matched-relu": lambda: MatchedActivation(risk((2, 3, 2), "relu", loss="softmax", l2=0.0)),
    "blend": lambda: Blend(risk(seed=1), risk()),
    "convex-loss": lambda: ConvexLoss(sigmoid()),
    "data": lambda: Data.easiest(risk()),
    "width-teacher": lambda: Width(TeacherStudent(3, 3), 2),
    "width-net": lambda: Width(realizable(), 1),
    "tv-width": lambda: TVWidth(risk((2, 2, 1), l2=0.0), 1, l2=0.1),
    "scaled": lambda: TrueAtOne(Rosenbrock()),
    "linear-model-softmax": lambda: LinearModel(risk(loss="softmax"), 0.1),
    "linear-model": lambda: LinearModel(risk(), 0.1),
    "one-neuron": lambda: OneNeuron(risk((3, 2, 1), loss="logistic", l2=0.1), 0.5),
    "gated-convex": lambda: GatedConvex(risk((2, 2, 1), "relu", l2=0.0)),
    "compose": lambda: composed(),
    "width-inside-skip": lambda: Compose.width_inside_skip(realizable("softplus"), 2),
    "width-inside-skip-teacher": lambda: Compose.width_inside_skip(TeacherStudent(3, 3), 1),
    "rising": lambda: Rising(Rosenbrock(), [-0.5, 0.2], [0.6, 1.0], rest=[0.0, 0.0], ridge=2.0),
    "greedy": lambda: Greedy(risk((2, 2, 2), l2=0.0), dictionary=30),
    "greedy-relu": lambda: Greedy(risk((2, 2, 1), "relu", l2=0.0), dictionary=30),
    "greedy-softmax": lambda: Greedy(risk((2, 2, 3), loss="softmax", l2=0.0), dictionary=30),
    "ridge-omp": lambda: RidgeOMP(risk((2, 4, 2)), dictionary=20),
    "ridge-omp-logistic": lambda: RidgeOMP(risk((2, 3, 1), "relu", loss="logistic"), ridge=0.01),
    "weighted-skip-relu": lambda: Skip(weighted((3, 5, 1), "relu", l2=0.0)),
    "weighted-skip-softplus": lambda: Skip(weighted((2, 4, 2), "softplus")),
    "weighted-skip-logistic": lambda: Skip(weighted((3, 4, 1), "softplus", loss="logistic", l2=0.05)),
    "weighted-skip-softmax": lambda: Skip(weighted((3, 3, 3), "gelu", loss="softmax", l2=0.1)),
    "weighted-targets": lambda: Targets(weighted()),
    "weighted-targets-mean": lambda: Targets(weighted(loss="softmax"), "mean"),
    "weighted-decay": lambda: WeightDecay(weighted()),
    "weighted-activation": lambda: Activation(weighted((2, 3, 3, 1))),
    "weighted-matched-relu": lambda: MatchedActivation(weighted((2, 3, 2), "relu", loss="softmax", l2=0.0)),
    "weighted-data": lambda: Data.easiest(weighted()),
    "weighted-width": lambda: Width(heavier(realizable()), 1),
    "weighted-tv-width": lambda: TVWidth(weighted((2, 2, 1), l2=0.0), 1, l2=0.1),
    "weighted-linear-model": lambda: LinearModel(weighted(loss="softmax"), 0.1),
    "weighted-one-neuron": lambda: OneNeuron(weighted((3, 2, 1), loss="logistic", l2=0.1), 0.5),
    "weighted-gated-convex": lambda: GatedConvex(weighted((2, 2, 1), "relu", l2=0.0)),
    "weighted-linearized": lambda: Linearized(weighted(loss="softmax"), around(risk())),
    "weighted-inside-skip": lambda: Compose.width_inside_skip(heavier(realizable("softplus")), 2),
    "weighted-greedy": lambda: Greedy(weighted((2, 2, 2), l2=0.0), dictionary=30),
    "weighted-ridge-omp": lambda: RidgeOMP(weighted((2, 3, 1), "relu", loss="logistic"), ridge=0.01),
    "length": lambda: Length(series(7), 2.5),
    "length-softplus": lambda: Length(series(6, sizes=(1, 3, 1), act="softplus", l2=0.1), 3),
    "length-softmax": lambda: Length(series(5, loss="softmax", sizes=(2, 2, 3)), 3),
    "length-behind-decay": lambda: Compose(WeightDecay(series(5).shorter(4), 0.1), Length(series(5), 4)),
    "length-and-width": grown_and_narrowed,
    **PENALIZED,
    **cases.SEQUENCES,
}
TAKES_T_BACK = 1e-3


@pytest.fixture(params=sorted(CASES))
def homotopy(request):
    return CASES[request.param]()


def points(homotopy):
    rng = np.random.default_rng(5)
    return [(rng.standard_normal(homotopy.size), t) for t in (0.0, 0.45, 1.0)]


def test_derivatives_in_x(homotopy):
    for x, t in points(homotopy):
        found = check_derivatives(homotopy.at(t), x, rng=2)
        assert found["gradient_error"] < 1e-5
        assert found["hessp_error"] < 1e-5
        assert found["symmetry"] < 1e-9


def test_dense_hessians_agree_with_the_products(homotopy):
    x, t = points(homotopy)[1]
    columns = np.array([homotopy.hessp(x, t, unit) for unit in np.eye(homotopy.size)])
    dense = homotopy.hessian(x, t) if hasattr(homotopy, "hessian") else columns.T
    np.testing.assert_allclose(dense, columns, atol=1e-10 * max(1.0, np.abs(columns).max()))


def test_derivatives_in_t(homotopy):
    h = TAKES_T_BACK
    for x, t in points(homotopy):
        t = min(max(t, 2 * h), 1 - 2 * h)
        ahead = [homotopy.value_and_grad(x, t + s * h) for s in (-2, -1, 1, 2)]
        weights = np.array([1, -8, 8, -1]) / (12 * h)
        value = sum(w * f for w, (f, _) in zip(weights, ahead, strict=True))
        grad = sum(w * g for w, (_, g) in zip(weights, ahead, strict=True))
        assert homotopy.dt(x, t) == pytest.approx(value, rel=1e-7, abs=1e-8)
        np.testing.assert_allclose(homotopy.dt_grad(x, t), grad, rtol=1e-6, atol=1e-8)


def test_the_true_problem_is_at_one(homotopy):
    x, _ = points(homotopy)[1]
    end = homotopy.finish(x)
    value, grad = homotopy.objective.value_and_grad(end)
    assert homotopy.value(x, 1.0) == pytest.approx(value, rel=1e-11)
    if len(end) == len(x):
        np.testing.assert_array_equal(end, x)
        np.testing.assert_allclose(homotopy.grad(x, 1.0), grad, rtol=1e-10, atol=1e-13)
    else:  # a larger space: the variables that are left have the true gradient, the others none
        assert np.linalg.norm(homotopy.grad(x, 1.0)) == pytest.approx(np.linalg.norm(grad), rel=1e-10)


def test_the_start_solves_the_easy_problem(homotopy):
    x = homotopy.start(3)
    assert x.shape == (homotopy.size,)
    assert np.linalg.norm(homotopy.grad(x, 0.0)) < 1e-6


def test_the_path_can_begin_at_a_point_of_the_true_problem(homotopy):
    x = around(homotopy.objective)
    entered = homotopy.enter(x, 3)
    assert entered.shape == (homotopy.size,)
    assert np.isfinite(entered).all()
    np.testing.assert_array_equal(entered, homotopy.enter(x, 3))
    assert homotopy.finish(entered).shape == x.shape


class Interpreted:
    """A homotopy without its capsule."""

    def __init__(self, inner):
        self.size = inner.size
        self.value_and_grad, self.dt_grad = inner.value_and_grad, inner.dt_grad


PYTHON = {
    "compose", "length-behind-decay", "length-and-width", "width-inside-skip", "width-inside-skip-teacher",
    "gated-convex", "gaussian-net", "gaussian-quasi", "gaussian-random",
    "linear-model", "linear-model-softmax", "linearized",
    "linearized-logistic", "linearized-softmax", "matched-activation", "matched-relu",
    "newton", "one-neuron",
    "weighted-gated-convex", "weighted-linear-model", "weighted-linearized", "weighted-matched-relu",
    "weighted-one-neuron", "weighted-inside-skip",
    "diffusion", "diffusion-relu", "diffusion-gelu", "diffusion-wide-noise",
    "lifted-diffusion", "lifted-diffusion-deep", "lifted-diffusion-sequences", "lifted-diffusion-last-steps",
    "layerwise-diffusion", "layerwise-diffusion-softmax", "layerwise-diffusion-sequences",
    # over functions that are not compiled
    "fixed-point", "proximal", "rising", "scaled",
    *IN_PYTHON,
    *cases.IN_PYTHON,
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(CASES))
def test_compiled_loops_descend_the_same_path(name):
    homotopy = CASES[name]()
    assert (compiled(homotopy) is None) == (name in PYTHON)
    x = 0.3 * around(homotopy)
    fast, slow = (descend(path, x, step_size=0.01, n_steps=30) for path in (homotopy, Interpreted(homotopy)))
    np.testing.assert_allclose(fast.x, slow.x, rtol=1e-9, atol=1e-12)
    assert fast.value == pytest.approx(slow.value, rel=1e-9)


def test_every_class_is_in_the_list_of_cases():
    made = {kind for make in CASES.values() for kind in type(make()).__mro__}
    assert set(homotopies.BY_NAME.values()) <= made
