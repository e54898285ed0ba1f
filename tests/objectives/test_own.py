"""Objectives of a user's own, as plain functions or as a class: looked at, completed, named where they are wrong."""

import copy
import pickle

import numpy as np
import pytest
from foreign import waves
from scipy.optimize import rosen, rosen_der, rosen_hess, rosen_hess_prod

import homotopy as hp
from homotopy.errors import ArgumentError, EvaluationError
from homotopy.homotopies import FixedPoint, Newton, Proximal
from homotopy.objectives import Function, Objective
from homotopy.objectives.facets import offered
from homotopy.objectives.flops import flops_of
from homotopy.objectives.function import Checked, checked
from homotopy.objectives.functions import Rosenbrock
from homotopy.problems import Problem

X, V = np.array([-1.2, 1.0, 0.5]), np.array([1.0, -2.0, 0.5])


def both(x):
    return rosen(x), rosen_der(x)


class Own:
    """An objective from functions: whatever is None is not there."""

    size = 3

    def __init__(self, **functions):
        for name, function in functions.items():
            if function is not None:
                setattr(self, name, function)


FULL = {"value_and_grad": both, "value": rosen, "grad": rosen_der, "hessp": rosen_hess_prod, "hessian": rosen_hess}
# The name by which errors call a function, what it returns rightly, how it comes in, a call that needs it.
PLACES = {
    "fun": (rosen, lambda f: Function(f, rosen_der, 3), lambda o: o.value(X)),
    "fun, in a pair": (rosen, lambda f: Function(f, rosen_der, 3), lambda o: o.value_and_grad(X)[0]),
    "jac": (rosen_der, lambda f: Function(rosen, f, 3), lambda o: o.grad(X)),
    "jac, in a pair": (rosen_der, lambda f: Function(rosen, f, 3), lambda o: o.value_and_grad(X)[1]),
    "hessp": (rosen_hess_prod, lambda f: Function(rosen, rosen_der, 3, hessp=f), lambda o: o.hessp(X, V)),
    "Own.value": (rosen, lambda f: Checked(Own(**FULL | {"value": f})), lambda o: o.value(X)),
    "Own.grad": (rosen_der, lambda f: Checked(Own(**FULL | {"grad": f})), lambda o: o.grad(X)),
    "Own.hessp": (rosen_hess_prod, lambda f: Checked(Own(**FULL | {"hessp": f})), lambda o: o.hessp(X, V)),
    "Own.hessian": (rosen_hess, lambda f: Checked(Own(**FULL | {"hessian": f})), lambda o: o.hessian(X)),
}
PAIRS = {
    "fun": (lambda f: Function(f, True, 3), lambda o: o.value_and_grad(X)),
    "Own.value_and_grad": (lambda f: Checked(Own(value_and_grad=f)), lambda o: o.value_and_grad(X)),
}
NUMBERS = {name for name, place in PLACES.items() if place[0] is rosen}

WRONG = {
    "None": lambda a: None,
    "complex": lambda a: np.asarray(a) * 1j,
    "a complex number": lambda a: 1j,
    "too long": lambda a: np.ones(10),
    "too short": lambda a: np.ones(2),
    "empty": lambda a: [],
    "text": lambda a: "many",
    "objects": lambda a: np.array([None] * 3),
    "ragged": lambda a: [[1.0], [2.0, 3.0]],
    "truth": lambda a: np.bool_(True),
}
RIGHT = {
    "a list": lambda a: np.asarray(a).tolist(),
    "float32": lambda a: np.asarray(a, dtype=np.float32),
    "an array": np.array,
    "with an axis more": lambda a: np.asarray(a)[..., None] if np.ndim(a) < 2 else np.asfortranarray(a),
}


@pytest.mark.parametrize("wrong", WRONG)
@pytest.mark.parametrize("place", PLACES)
def test_what_cannot_be_meant_is_refused_in_one_sentence(place, wrong):
    function, make, call = PLACES[place]
    with pytest.raises(ArgumentError) as caught:
        call(make(lambda *given: WRONG[wrong](function(*given))))
    message = str(caught.value)
    assert message.startswith(f"{place.split(',')[0]} must return a")
    assert ", not " in message
    assert "\n" not in message


@pytest.mark.parametrize("right", RIGHT)
@pytest.mark.parametrize("place", PLACES)
def test_what_has_one_meaning_is_converted(place, right):
    function, make, call = PLACES[place]
    expected = call(make(function))
    found = call(make(lambda *given: RIGHT[right](function(*given))))
    if place in NUMBERS:
        assert type(found) is float
    else:
        assert found.dtype == np.float64
        assert found.shape == expected.shape
    np.testing.assert_allclose(found, expected, rtol=1e-6 if right == "float32" else 1e-15)


@pytest.mark.parametrize("place", PAIRS)
def test_a_pair_is_a_value_and_a_gradient(place):
    make, call = PAIRS[place]
    for right in (lambda x: [rosen(x), list(rosen_der(x))], lambda x: (np.array([rosen(x)]), rosen_der(x)[:, None])):
        value, grad = call(make(right))
        assert type(value) is float
        assert value == rosen(X)
        assert np.array_equal(grad, rosen_der(X))
    for wrong in (None, 1.0, (1.0,), (1.0, V, V), "ab", (None, V), (1.0, None), (1j, V), (1.0, V[:2]), (V, 1.0), V[:2]):
        with pytest.raises(ArgumentError, match=f"^{place}.* must return .*, not ") as caught:
            call(make(lambda x, wrong=wrong: wrong))
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize("place", [*PLACES, *PAIRS])
def test_errors_pass_with_a_note_and_arithmetic_ones_say_that_it_cannot_be_evaluated(place):
    *_, make, call = (PLACES | PAIRS)[place]
    name = place.split(",")[0]

    def raising(error):
        def function(*given):
            raise error

        return function

    original = IndexError("mine")
    with pytest.raises(IndexError) as caught:
        call(make(raising(original)))
    assert caught.value is original
    assert caught.value.__notes__ == [f"raised by {name}, a function that was given to this package"]
    for error in (ZeroDivisionError("by zero"), OverflowError("large"), np.linalg.LinAlgError("singular")):
        with pytest.raises(EvaluationError, match=f"^{name} raised {type(error).__name__}: {error}"):
            call(make(raising(error)))


def buffered(function):
    """The function, which fills one array again and again and overwrites what it is given."""
    out = {}

    def filled(*given):
        found = function(*[np.array(each) for each in given])
        for each in given:
            each[...] = np.nan
        if isinstance(found, tuple):
            return found[0], keep(found[1])
        return found if np.ndim(found) == 0 else keep(found)

    def keep(found):
        kept = out.setdefault(found.shape, np.empty(found.shape))
        kept[...] = found
        return kept

    return filled


OBJECTIVES = {
    "functions": lambda w: Function(w(rosen), w(rosen_der), 3, hessp=w(rosen_hess_prod)),
    "no product": lambda w: Function(w(rosen), w(rosen_der), 3),
    "a pair": lambda w: Function(w(both), True, 3),
    "a class": lambda w: Checked(Own(**{name: w(function) for name, function in FULL.items()})),
    "only both": lambda w: Checked(Own(value_and_grad=w(both))),
    "only each": lambda w: Checked(Own(value=w(rosen), grad=w(rosen_der))),
}


@pytest.mark.parametrize("name", OBJECTIVES)
def test_buffers_and_overwritten_points_do_no_harm(name):
    fresh, reused = OBJECTIVES[name](lambda function: function), OBJECTIVES[name](buffered)
    assert isinstance(fresh, Objective)
    point, along = X.copy(), V.copy()
    first = reused.grad(point)
    kept = first.copy()
    reused.grad(2 * X)
    assert np.array_equal(first, kept)
    for call, more in (("value", ()), ("grad", ()), ("hessp", (along,))):
        assert np.array_equal(getattr(fresh, call)(X, *more), getattr(reused, call)(point, *more))
    assert np.array_equal(point, X)
    assert np.array_equal(along, V)
    np.testing.assert_allclose(reused.hessp(X, V), rosen_hess_prod(X, V), rtol=1e-8)
    for method in ("lbfgs", "lbfgsb", "gd:steps=200", "adam:steps=100", "proximal"):
        results = [
            hp.solve(Problem("mine", o, lambda rng: X.copy()), method, rng=1, budget=4000) for o in (fresh, reused)
        ]
        assert results[0].value == results[1].value
        assert np.array_equal(results[0].x, results[1].x)


@pytest.mark.parametrize("method", ["gd", "gd-noise", "momentum", "adam", "lbfgs", "lbfgsb", "proximal", "multistart"])
@pytest.mark.parametrize("name", ["only both", "only each"])
def test_an_objective_without_products_is_solved_like_one_with_them(name, method):
    target = Problem("mine", OBJECTIVES[name](lambda function: function).inner, lambda rng: rng.normal(size=3))
    result = hp.solve(target, method, rng=1, budget=2000)
    assert np.isfinite(result.value)
    assert result.value < rosen(target.start(np.random.default_rng(1)))
    if method in ("lbfgs", "lbfgsb", "proximal"):
        np.testing.assert_allclose(result.x, 1.0, atol=1e-4)


@pytest.mark.parametrize("method", ["gd", "adam", "lbfgs", "lbfgsb", "basin-hopping", "dual-annealing", "proximal"])
def test_every_method_refuses_a_gradient_that_is_none(method):
    for wrong in (lambda x: rosen_der(x)[:2], lambda x: None, lambda x: rosen_der(x) * 1j, lambda x: np.ones((3, 3))):
        short = Own(value_and_grad=lambda x, wrong=wrong: (rosen(x), wrong(x)), hessp=rosen_hess_prod)
        with pytest.raises(ArgumentError, match=r"^Own.value_and_grad, as the gradient, must return .* \(3,\), not "):
            hp.solve(Problem("mine", short, lambda rng: rng.normal(size=3)), method, rng=1, budget=300)


def test_homotopies_and_descents_take_an_objective_without_products():
    own = Own(value_and_grad=both)
    for made in (Proximal(own, X), Newton(own, X), FixedPoint(own, X)):
        np.testing.assert_allclose(made.hessp(X, 1.0, V), rosen_hess_prod(X, V), rtol=1e-8)
        assert hp.track(made, max_steps=400).points[-1].t > 0.0
    assert hp.track(Proximal(own, X)).success
    assert hp.descend(own, X, rule="lbfgs", n_steps=500).value < 1e-12
    with pytest.raises(ArgumentError, match=r"^Own.value_and_grad, as the gradient, must return"):
        hp.descend(Own(value_and_grad=lambda x: (1.0, None)), X)


def test_what_is_looked_at_keeps_what_it_offers():
    net = waves()
    made = checked(net)
    assert isinstance(made, Checked)
    assert made.inner is net
    assert checked(made) is made
    assert offered(made, "outputs")
    assert not offered(made, "units")
    assert not hasattr(made, "capsule")
    assert flops_of(made) == flops_of(net)
    assert made.targets is net.targets
    x = np.linspace(-1, 1, net.size)
    assert made.value(x) == net.value(x)
    assert np.array_equal(made.grad(x), net.grad(x))
    assert not hasattr(checked(Own(value_and_grad=both)), "hessian")
    for ours in (Rosenbrock(), Function(rosen, rosen_der, 3), hp.problem("xor").objective):
        assert checked(ours) is ours


class Plain:
    """A class that can be pickled."""

    size = 3

    def value_and_grad(self, x):
        return both(x)


def test_copies_and_pickles():
    made = Problem("mine", Plain(), np.random.Generator.random)
    for other in (copy.deepcopy(made.objective), pickle.loads(pickle.dumps(made.objective)), copy.copy(made.objective)):
        assert other.value(X) == rosen(X)
        np.testing.assert_allclose(other.hessp(X, V), rosen_hess_prod(X, V), rtol=1e-8)


def test_differences_depend_on_the_point_and_not_on_what_was_asked_before():
    points = np.random.default_rng(0).standard_normal((6, 3))
    alone = [Function(rosen, rosen_der, 3).hessp(x, V) for x in points]
    shared = Function(rosen, rosen_der, 3)
    for x, product in zip(points[::-1], alone[::-1], strict=True):
        assert np.array_equal(shared.hessp(x, V), product)
    target = Problem("mine", Plain(), lambda rng: rng.normal(size=3))
    many = hp.method("gd:steps=50").solve_many(target, [3, 1, 2])
    for record in many:
        fresh = Problem("mine", Plain(), lambda rng: rng.normal(size=3))
        assert np.array_equal(hp.solve(fresh, "gd:steps=50", rng=int(record.seed)).x, record.x)
