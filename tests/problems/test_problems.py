"""Every named problem: built again from its name, starts, documented values; the convex side; the permuted minima."""

from math import log

import numpy as np
import pytest

from homotopy.errors import ArgumentError, DataError
from homotopy.objectives.base import check_derivatives
from homotopy.problems import BY_NAME, Problem, problem
from homotopy.problems.published import PERMUTED_WEIGHTS, SWIRSZCZ_D1, SWIRSZCZ_D2, YUN_POINT

NAMES = [
    "adding:T=4,h=3,n=9",
    "adding:T=4,h=2,n=9,cell=gru",
    "auer:d=6",
    "auer:d=3,hard=yes",
    "dying-relu:hidden=16",
    "generate:wave=two,T=5,n=3",
    "identify:system=double-well,T=5,h=3,n=9",
    "jellyfish:hidden=4",
    "jellyfish:hidden=4,activation=logistic,loss=squared",
    "latch:T=3,h=2,n=9",
    "linear",
    "logistic",
    "multiplication:T=3,h=2,n=9,start=normal",
    "order:T=5,h=3,n=9",
    "permuted",
    "rts:h=3,act=tanh,gain=3,teacher_seed=5000,T=4,n=9",
    "sine:hidden=6",
    "spirals:hidden=5,layers=2",
    "swirszcz-d1",
    "swirszcz-d2:start=random",
    "teacher:k=3",
    "teacher:k=4,n=6,d=3,teacher_seed=2",
    "temporal-xor:T=4,h=2,n=9",
    "trap:n=3",
    "trap:n=5,start=random",
    "trap:n=4,split=1,distance=0.1",
    "ts:act=relu,d=8,h=8,teacher_seed=0",
    "ts:act=tanh,d=3,h=4,N=50,teacher_seed=7,threshold=0.01",
    "ts:act=tanh,d=3,h=4,N=60,teacher_seed=1,layers=2,inputs=mixture,noise=0.1",
    "ts:act=relu,d=3,h=4,teacher_seed=1,inputs=uniform",
    "ts:act=softplus,d=3,h=4,N=50,teacher_seed=0,loss=logistic",
    "ts:act=tanh,d=3,h=4,N=50,teacher_seed=0,loss=logistic,labels=soft",
    "xor:hidden=2",
    "xor:hidden=0",
    "xor:hidden=3,activation=logistic,encoding=binary,output=logistic",
    "xor:hidden=2,loss=logistic",
    "xor:hidden=2,l2=0.01",
    "jellyfish:hidden=4,l2=0.001",
    "yun:distance=0.1",
]


def minimize(objective, x):
    from scipy.optimize import minimize

    return minimize(objective.value_and_grad, x, jac=True, method="BFGS", options={"gtol": 1e-9, "maxiter": 2000})


@pytest.mark.parametrize("name", NAMES)
def test_a_name_builds_the_same_problem_again(name):
    first = problem(name)
    assert isinstance(first, Problem)
    again = problem(first.name)
    assert again.name == first.name == name
    x = first.start(np.random.default_rng(5))
    assert x.shape == (first.size,)
    assert x.dtype == np.float64
    np.testing.assert_array_equal(x, again.start(np.random.default_rng(5)))
    assert not np.array_equal(x, first.start(np.random.default_rng(6)))
    assert first.objective.value(x) == again.objective.value(x)
    assert first.source
    assert first.optimum is None or first.tolerance > 0


SMOOTH = [
    name
    for name in NAMES
    if not name.startswith("swirszcz") and "relu" not in name and "uniform" not in name and name != "jellyfish:hidden=4"
]


@pytest.mark.parametrize("name", SMOOTH)
def test_objectives_have_right_derivatives(name):
    chosen = problem(name)
    found = check_derivatives(chosen.objective, chosen.start(np.random.default_rng(0)), rng=0)
    assert found["gradient_error"] < 1e-5
    assert found["symmetry"] < 1e-10


def test_every_family_is_tested():
    assert {name.partition(":")[0] for name in NAMES} == set(BY_NAME) - {"csv", "sequences"}


def test_xor_codes_and_thresholds():
    signed, binary = problem("xor").objective, problem("xor:encoding=binary").objective
    np.testing.assert_array_equal(signed.X, 2 * binary.X - 1)
    np.testing.assert_array_equal(np.ravel(signed.y), 2 * np.ravel(binary.y) - 1)
    assert problem("xor").target == 5e-7
    assert problem("xor:loss=logistic").target == 1e-2
    assert problem("xor:hidden=1").target is None
    zero = np.zeros(problem("xor:hidden=0").size)
    assert problem("xor:hidden=0").optimum == problem("xor:hidden=0").objective.value(zero) == 0.5
    flat = problem("xor:hidden=0,loss=logistic")
    assert flat.optimum == pytest.approx(flat.objective.value(np.zeros(3)))
    grad = problem("xor:hidden=0,encoding=binary").objective.grad(np.array([0.0, 0.0, 0.5]))
    assert np.abs(grad).max() < 1e-15


@pytest.mark.parametrize("name", ["xor", "jellyfish"])
def test_a_penalty_is_added_and_its_optimum_is_unknown(name):
    bare, rng = problem(name), np.random.default_rng(5)
    for l2 in (0.3, 1e-4):
        x, chosen = bare.start(rng), problem(f"{name}:l2={l2:g}")
        assert chosen.optimum is None
        assert chosen.objective.value(x) == pytest.approx(bare.objective.value(x) + l2 / 2 * (x @ x), rel=1e-12)
    assert problem(f"{name}:l2=0").name == bare.name
    with pytest.raises(ArgumentError, match=r"l2 must be 0 or a positive number, not -1"):
        problem(f"{name}:l2=-1")


def test_xor_is_solvable():
    chosen = problem("xor")
    values = [minimize(chosen.objective, chosen.start(np.random.default_rng(seed))).fun for seed in range(8)]
    assert chosen.solved(min(values))


def test_yun_point_is_a_spurious_minimum():
    chosen = problem("yun")
    value, grad = chosen.objective.value_and_grad(YUN_POINT)
    assert 3 * value == pytest.approx(1 / 3, abs=1e-12)
    assert 3 * np.linalg.norm(grad) < 1e-6
    spectrum = 3 * np.linalg.eigvalsh([chosen.objective.hessp(YUN_POINT, e) for e in np.eye(9)])
    assert np.abs(spectrum[:6]).max() < 1e-5
    np.testing.assert_allclose(spectrum[6:], [0.116, 7.81, 36.6], rtol=5e-3)
    rng = np.random.default_rng(0)
    steps = rng.standard_normal((2000, 9))
    steps *= 1e-2 / np.linalg.norm(steps, axis=1)[:, None]
    assert min(chosen.objective.value(YUN_POINT + step) for step in steps) > value
    start = chosen.start(rng)
    assert np.linalg.norm(start - YUN_POINT) == pytest.approx(0.01)
    rest = [minimize(chosen.objective, 2 * rng.standard_normal(9)).fun for _ in range(20)]
    assert chosen.solved(min(rest))
    np.testing.assert_array_equal(problem("yun:distance=0").start(rng), YUN_POINT)


@pytest.mark.parametrize(
    ("name", "point", "value"), [("swirszcz-d1", SWIRSZCZ_D1, 18 / 10), ("swirszcz-d2", SWIRSZCZ_D2, 8 / 3 / 12)]
)
def test_swirszcz_points_are_local_minima(name, point, value):
    chosen = problem(name)
    assert chosen.objective.value(point) == pytest.approx(value, rel=1e-14)
    rng = np.random.default_rng(1)
    steps = rng.standard_normal((4000, point.size))
    steps *= 1e-3 / np.linalg.norm(steps, axis=1)[:, None]
    assert min(chosen.objective.value(point + step) for step in steps) >= value - 1e-15
    assert chosen.optimum < value - chosen.tolerance


def test_swirszcz_optima():
    best = problem("swirszcz-d2").objective.value(np.array([-5.0, 1.0, 1.0, -8.0, 1.0, -1.0, -1.0]))
    assert best == pytest.approx(0.0, abs=1e-28)
    risk = problem("swirszcz-d1").objective
    x, y = risk.X[:, 0], np.ravel(risk.y)
    values = []
    for kink in np.linspace(-1.5, 5.5, 1401):
        for sign in (1.0, -1.0):
            design = np.column_stack([np.maximum(sign * (x - kink), 0), np.ones(5)])
            rest = y - design @ np.linalg.lstsq(design, y, rcond=None)[0]
            values.append(rest @ rest / 10)
    assert min(values) == pytest.approx(problem("swirszcz-d1").optimum, abs=1e-12)
    assert risk.value(np.array([-1.0, 0.0, 3.0, 0.0])) == pytest.approx(1.4, rel=1e-14)


def swap(theta):
    """The 2-2-1 net without biases with its hidden units exchanged."""
    W, v = theta[:4].reshape(2, 2), theta[4:]
    return np.concatenate([W[::-1].ravel(), v[::-1]])


def test_permuted_nets_are_the_same_function():
    chosen = problem("permuted")
    W, v = PERMUTED_WEIGHTS[:4].reshape(2, 2), PERMUTED_WEIGHTS[4:]
    np.testing.assert_array_equal(W, [[-1.5, 2.0], [1.7, 0.4]])
    np.testing.assert_array_equal(v, [2.3, 0.8])
    model = chosen.objective.model
    inputs = np.random.default_rng(0).standard_normal((1000, 2))
    outputs = model.forward(PERMUTED_WEIGHTS, inputs)
    np.testing.assert_allclose(model.forward(swap(PERMUTED_WEIGHTS), inputs), outputs, rtol=0, atol=1e-15)
    for theta in (PERMUTED_WEIGHTS, swap(PERMUTED_WEIGHTS)):
        assert chosen.objective.value(theta) < 1e-30
        assert np.abs(chosen.objective.grad(theta)).max() < 1e-15
    middle = (PERMUTED_WEIGHTS + swap(PERMUTED_WEIGHTS)) / 2
    assert chosen.objective.value(middle) > 0.01


def test_n_hidden_units_have_n_factorial_equal_minima():
    from itertools import permutations

    chosen = problem("ts:d=2,h=4,N=40,act=tanh")
    x = chosen.start(np.random.default_rng(0))
    W, b, a = x[:8].reshape(4, 2), x[8:12], x[12:16]
    copies = []
    for order in permutations(range(4)):
        order = list(order)
        copies.append(np.concatenate([W[order].ravel(), b[order], a[order], x[16:]]))
    assert len({tuple(copy) for copy in copies}) == 24
    values = [chosen.objective.value(copy) for copy in copies]
    np.testing.assert_allclose(values, values[0], rtol=1e-13)
    slopes = [np.linalg.norm(chosen.objective.grad(copy)) for copy in copies]
    np.testing.assert_allclose(slopes, slopes[0], rtol=1e-12)


@pytest.mark.parametrize("name", ["linear", "linear:d=1,n=4", "logistic", "logistic:d=2,n=30,data_seed=3"])
def test_nets_without_hidden_layer_are_convex(name):
    chosen = problem(name)
    rng = np.random.default_rng(0)
    ends = []
    for _ in range(10):
        x = 3 * rng.standard_normal(chosen.size)
        hessian = np.array([chosen.objective.hessp(x, e) for e in np.eye(chosen.size)])
        assert np.linalg.eigvalsh((hessian + hessian.T) / 2)[0] > -1e-12
        found = minimize(chosen.objective, x)
        assert chosen.solved(found.fun)
        ends.append(found.x)
    np.testing.assert_allclose(ends, np.broadcast_to(ends[0], np.shape(ends)), atol=1e-4)


def test_sample_of_a_teacher_is_that_of_the_published_study():
    """Drawn in the order in which the study's own script drew it."""
    rng = np.random.default_rng(3)
    X, W = rng.standard_normal((500, 8)), rng.standard_normal((8, 8)) * np.sqrt(2 / 8)
    b = rng.standard_normal(8) * 0.5
    a = rng.choice([-1, 1], 8) * rng.uniform(0.5, 1.5, 8)
    y = np.maximum(X @ W + b, 0) @ a
    chosen = problem("ts:teacher_seed=3")
    np.testing.assert_array_equal(chosen.objective.X, X)
    np.testing.assert_allclose(np.ravel(chosen.objective.y), (y - y.mean()) / y.std(), rtol=1e-12, atol=1e-12)
    exact = np.concatenate([W.T.ravel(), b, a / y.std(), [-y.mean() / y.std()]])
    assert chosen.objective.value(exact) < 1e-28
    assert chosen.test.value(exact) < 1e-28
    assert chosen.test.n_samples == 2000
    assert chosen.target == 5e-4
    assert problem("ts:h=5,N=200").target == 5e-6


def test_teacher_problem():
    chosen = problem("teacher:k=20")
    assert chosen.size == 400
    assert chosen.target == 1e-3
    starts = np.array([chosen.start(np.random.default_rng(seed)) for seed in range(50)])
    assert starts.var() == pytest.approx(1 / 20, rel=0.05)
    assert chosen.objective.value(np.eye(20).ravel()) == pytest.approx(0, abs=1e-12)
    assert problem("teacher:k=5,n=3").optimum is None
    drawn = problem("teacher:k=6,d=3,teacher_seed=1").objective
    assert drawn.teacher.shape == (6, 3)
    assert drawn.value(drawn.teacher.ravel()) == pytest.approx(0, abs=1e-13)


def test_other_spellings_of_parameters():
    assert problem("xor:h=3,act=relu").name == "xor:hidden=3,activation=relu"
    assert problem("ts:activation=tanh,hidden=4,d=3").name == problem("ts:act=tanh,h=4,d=3").name
    assert problem("teacher:k=4,rows=gaussian").name == "teacher:k=4,teacher_seed=0"
    with pytest.raises(ArgumentError, match="twice"):
        problem("xor:h=3,hidden=3")


def test_variants_of_samples():
    plain, noisy = problem("ts:d=3,h=4,N=60"), problem("ts:d=3,h=4,N=60,noise=0.3")
    np.testing.assert_array_equal(plain.objective.X, noisy.objective.X)
    gap = np.ravel(noisy.objective.y) - np.ravel(plain.objective.y)
    assert gap.std() == pytest.approx(0.3, rel=0.3)
    assert noisy.optimum is None
    assert noisy.test.value(plain.start(np.random.default_rng(0))) > 0
    deep = problem("ts:d=3,h=4,N=60,layers=2").objective
    assert deep.model.sizes == (3, 4, 4, 1)
    uniform = problem("ts:d=3,h=4,N=4000,inputs=uniform").objective.X
    assert np.abs(np.corrcoef(uniform.T) - np.eye(3)).max() > 0.1
    mixture = problem("ts:d=8,h=4,N=400,inputs=mixture").objective.X
    near = ((mixture[:, None] - mixture[None]) ** 2).sum(-1) < 8
    assert 0.15 < near.mean() < 0.6


@pytest.mark.parametrize(("name", "wrong"), [("auer:d=3", 1), ("auer:d=3,hard=yes", -1)])
def test_auer_has_two_minima_an_axis(name, wrong):
    from itertools import product

    chosen = problem(name)
    values = {}
    for signs in product((-1, 1), repeat=3):
        start = np.append([-0.2 if sign < 0 else 7.0 for sign in signs], 0.0)
        found = minimize(chosen.objective, start)
        assert np.linalg.norm(found.jac) < 1e-6
        assert tuple(np.sign(found.x[:3])) == signs
        values[signs] = found.fun
    assert len({round(value, 8) for value in values.values()}) == 4
    assert chosen.solved(values[(-wrong,) * 3])
    assert sum(chosen.solved(value) for value in values.values()) == 1
    from_zero = minimize(chosen.objective, np.zeros(4))
    assert chosen.solved(from_zero.fun) == ("hard" not in name)


def test_dying_relu_starts_switched_off():
    chosen = problem("dying-relu")
    x = chosen.start(np.random.default_rng(0))
    W, b = x[:80].reshape(16, 5), x[80:96]
    active = chosen.objective.X @ W.T + b > 0
    assert active.mean() < 0.05
    assert chosen.target == 5e-3


def test_spirals_and_jellyfish_are_solved_when_all_points_are_right():
    chosen = problem("spirals")
    assert chosen.objective.X.shape == (194, 2)
    assert np.abs(chosen.objective.X).max() <= 2
    np.testing.assert_allclose(chosen.objective.X[0], -chosen.objective.X[1])
    assert chosen.target == pytest.approx(log(2) / 194)
    assert problem("jellyfish").target == pytest.approx(log(2) / 4)


@pytest.mark.parametrize(
    "name",
    [
        "nothing",
        "xor:hiden=3",
        "xor:hidden=three",
        "xor:hidden=-1",
        "xor:encoding=0",
        "xor:loss=softmax",
        "xor:activation=tan",
        "jellyfish:loss=none",
        "spirals:layers=0",
        "spirals:hidden=-2",
        "sine:hidden=0",
        "ts:d=0",
        "teacher:k=0",
        "teacher:k=0,teacher_seed=1",
        "linear:n=3",
        "logistic:d=0",
        "permuted:points=1",
        "yun:distance=-1",
        "swirszcz-d1:start=far",
        "swirszcz-d2:distance=nan",
        "csv",
        "csv:path=x.csv,loss=hinge",
        "auer:d=0",
        "dying-relu:hidden=4",
        "trap:n=2",
        "trap:start=local",
        "trap:split=4",
        "trap:distance=-1",
        "ts:inputs=cauchy",
        "ts:noise=-1",
        "ts:layers=0",
        "teacher:rows=parallel",
        "teacher:teacher_seed=-1",
        "teacher:k=99999999999",
        "teacher:k=99999999999999999999999",
        "ts:teacher_seed=-1",
        "ts:threshold=-1",
        "linear:data_seed=-1",
        "linear:noise=-1",
        "linear:noise=nan",
        "logistic:data_seed=-1",
        "dying-relu:teacher_seed=-1",
        3,
    ],
)
def test_bad_names(name):
    with pytest.raises(ArgumentError):
        problem(name)


def test_separable_classes_have_no_minimum():
    with pytest.raises(DataError, match="separable"):
        problem("logistic:d=8,n=10")


def test_a_problem_is_returned_as_it_is():
    chosen = problem("xor")
    assert problem(chosen) is chosen
    with pytest.raises(ArgumentError, match="target"):
        problem("xor", target="y")


@pytest.mark.parametrize("activation", ["gelu", "leaky-relu", "leaky-relu:slope=0.2"])
def test_every_activation_can_be_asked_for_in_a_name(activation):
    for text in (f"xor:activation={activation}", f"ts:act={activation},d=2,h=2,N=10", f"sine:act={activation}"):
        found = problem(text)
        assert found.objective.model.activation == activation
        assert problem(found.name).objective.model == found.objective.model
    with pytest.raises(ArgumentError, match="slope is '2'; it must be a number from 0 to 1"):
        problem("xor:activation=leaky-relu:slope=2")
