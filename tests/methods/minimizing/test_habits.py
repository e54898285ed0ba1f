"""`minimize` and its door for SciPy: the arguments that SciPy's users know, and what they get back."""

import warnings

import numpy as np
import pytest
from scipy.optimize import Bounds, OptimizeResult, OptimizeWarning, rosen, rosen_der, rosen_hess, rosen_hess_prod
from scipy.optimize import minimize as scipy_minimize

import homotopy as hp
from homotopy.errors import ArgumentError
from homotopy.homotopies import Newton
from homotopy.methods import minimize, scipy_method
from homotopy.objectives.functions import Rosenbrock
from homotopy.status import Status

START = [-1.2, 1.0]


def bowl(x, a=0.0, b=1.0):
    return float(b * (x - a) @ (x - a))


def bowl_grad(x, a=0.0, b=1.0):
    return 2 * b * (x - a)


@pytest.mark.parametrize("homotopy", [None, "proximal", "newton", "gaussian:width=0.3"])
def test_fields_are_scipys(homotopy):
    calls = {"fun": 0, "jac": 0}

    def fun(x):
        calls["fun"] += 1
        return rosen(x)

    def jac(x):
        calls["jac"] += 1
        return rosen_der(x)

    found = minimize(fun, START, jac=jac, homotopy=homotopy)
    assert found.success
    assert found.status == 0
    assert found.message == "the iteration converged; the end is a minimum"
    assert found.end == str(found.curvature) == "a minimum"
    assert (found.nfev, found.njev, found.nhev) == (calls["fun"], calls["jac"], 0)
    assert found.nit > 0
    assert found.cost > 0
    np.testing.assert_allclose(found.x, 1.0, atol=1e-6)
    np.testing.assert_allclose(found.jac, rosen_der(found.x), atol=1e-10)
    assert found.fun == rosen(found.x)
    found.x[0] = 3.0  # the result is the caller's own


def test_args_reach_every_function():
    a = np.array([1.0, -2.0, 3.0])
    for more in (
        {"jac": bowl_grad},
        {"jac": bowl_grad, "hessp": lambda x, v, a, b: 2 * b * v},
        {"jac": bowl_grad, "hess": lambda x, a, b: 2 * b * np.eye(3)},
        {},
        {"jac": lambda x, a, b: bowl_grad(x, a, b), "homotopy": "proximal"},
    ):
        found = minimize(bowl, np.zeros(3), (a, 2.5), **more)
        assert found.success
        np.testing.assert_allclose(found.x, a, atol=1e-6)
    shifted = minimize(lambda x, c: (x[0] - c) ** 2, 0.0, 4.0, tol=1e-8)  # a scalar start, one argument without a tuple
    np.testing.assert_allclose(shifted.x, 4.0, atol=1e-5)


def test_values_of_shape_one_and_functions_that_overwrite_x():
    assert minimize(lambda x: x**2, [1.0], jac=lambda x: 2 * x).x == 0
    assert minimize(lambda x: (x**2, 2 * x), [1.0], jac=True).success

    def clobber(x):
        value = float(x @ x)
        x *= 0
        return value

    np.testing.assert_allclose(minimize(clobber, [1.0, 2.0], jac=lambda x: 2 * x).x, 0, atol=1e-12)
    buffer = np.empty(2)

    def reused(x):
        buffer[:] = rosen_der(x)
        return buffer

    plain = minimize(rosen, START, jac=rosen_der)
    np.testing.assert_array_equal(minimize(rosen, START, jac=reused).x, plain.x)
    x0 = np.array(START)
    minimize(rosen, x0, jac=rosen_der)
    np.testing.assert_array_equal(x0, START)


@pytest.mark.parametrize("value", [np.nan, np.inf])
@pytest.mark.parametrize("homotopy", [None, "proximal"])
def test_a_start_that_is_not_finite_is_given_back(value, homotopy):
    found = minimize(lambda x: value, [1.0, 2.0], jac=lambda x: 2 * x, homotopy=homotopy)
    np.testing.assert_array_equal(found.x, [1.0, 2.0])
    np.testing.assert_equal(found.fun, value)
    assert not found.success
    assert found.message == f"{Status.NON_FINITE.value}; the function or its gradient is not finite at x0"
    assert not minimize(bowl, [1.0], jac=lambda x: x * np.nan).success


@pytest.mark.parametrize("jac", ["2-point", "3-point", "cs", None])
def test_gradients_by_differences(jac):
    def fun(x):
        return (1 - x[0]) ** 2 + 10 * (x[1] - x[0] ** 2) ** 2

    found = minimize(fun, START, jac=jac)
    assert found.success
    np.testing.assert_allclose(found.x, 1.0, atol=1e-5)
    assert found.nfev > 2 * found.njev
    for size in (1e-6, 1e6):  # the steps follow the size of x
        scaled = minimize(lambda x, size=size: fun(x / size), size * np.array(START), jac=jac)
        assert scaled.success
        np.testing.assert_allclose(scaled.x, size, rtol=1e-5)


def test_a_complex_step_needs_a_complex_function():
    with pytest.raises(ArgumentError, match="jac='cs' needs a fun that takes complex x"):
        minimize(lambda x: float(np.real(x @ x)), START, jac="cs")
    with pytest.raises(ArgumentError, match="jac must be '2-point', '3-point' or 'cs', not '4-point'"):
        minimize(rosen, START, jac="4-point")


def test_both_forms_of_callback():
    seen, points = [], []

    def modern(intermediate_result):
        assert isinstance(intermediate_result, OptimizeResult)
        seen.append(intermediate_result.fun)
        intermediate_result.x[:] = 0.0  # a copy

    found = minimize(rosen, START, jac=rosen_der, callback=modern)
    assert found.success
    assert len(seen) == found.nit
    assert (np.diff(seen) <= 0).all()
    assert seen[-1] == found.fun
    minimize(rosen, START, jac=rosen_der, callback=lambda xk: points.append(xk.copy()))
    np.testing.assert_array_equal(points[-1], found.x)
    assert len(points) == found.nit


@pytest.mark.parametrize("more", [{}, {"homotopy": "proximal"}, {"bounds": [(-2, 2), (-2, 2)]}])
def test_stop_iteration_ends_the_run(more):
    calls = []

    def stop(intermediate_result):
        calls.append(intermediate_result.x)
        if len(calls) == 3:
            raise StopIteration

    found = minimize(rosen, START, jac=rosen_der, callback=stop, **more)
    assert not found.success
    assert found.message == Status.STOPPED_BY_CALLBACK.value
    assert len(calls) == found.nit == 3
    assert found.fun <= rosen(np.array(START))
    with pytest.raises(ArgumentError, match="callback must be a function"):
        minimize(rosen, START, jac=rosen_der, callback=3, **more)


def test_tolerances_and_options():
    sharp = minimize(rosen, START, jac=rosen_der)
    loose = minimize(rosen, START, jac=rosen_der, tol=0.5)
    assert loose.success
    assert loose.nit < sharp.nit
    assert sharp.fun < 1e-20 < loose.fun
    assert np.linalg.norm(minimize(rosen, START, jac=rosen_der, options={"gtol": 1e-3}).jac) <= 1e-3
    short = minimize(rosen, START, jac=rosen_der, options={"maxiter": 3})
    assert (short.nit, short.success, short.message) == (3, False, Status.MAX_STEPS.value)
    few = minimize(rosen, START, jac=rosen_der, options={"maxfun": 5})
    assert not few.success
    assert few.njev <= 9
    with pytest.warns(OptimizeWarning, match="Unknown solver options: colour, maxls"):
        minimize(rosen, START, jac=rosen_der, options={"maxls": 3, "colour": "red"})
    for options in ({"maxiter": -1}, {"gtol": -1.0}, {"ftol": "small"}, [1]):
        with pytest.raises(ArgumentError, match="options"):
            minimize(rosen, START, jac=rosen_der, options=options)


def test_budget_and_objectives():
    found = minimize(Rosenbrock(), START, budget=20)
    assert not found.success
    assert found.cost <= 25
    assert minimize(Rosenbrock(), START).success
    with pytest.raises(ArgumentError, match=r"x0 has shape \(3,\)"):
        minimize(Rosenbrock(), np.zeros(3))


@pytest.mark.parametrize("form", ["pairs", "Bounds"])
def test_bounds_agree_with_scipy(form):
    for n in (1, 2, 5, 12):
        for seed in range(8):
            rng = np.random.default_rng(100 * n + seed)
            a = rng.standard_normal((n, n))
            a, b = a @ a.T + 0.1 * np.eye(n), 3.0 * rng.standard_normal(n)
            low = rng.uniform(-2, 0, n)
            high = low + rng.uniform(0, 2, n)
            low[rng.random(n) < 0.2], high[rng.random(n) < 0.2] = -np.inf, np.inf
            pairs = [
                (None if lo == -np.inf else lo, None if hi == np.inf else hi) for lo, hi in zip(low, high, strict=True)
            ]
            bounds = pairs if form == "pairs" else Bounds(low, high)

            def fun(x, a=a, b=b):
                return float(0.5 * x @ a @ x - b @ x)

            for jac in (lambda x, a=a, b=b: a @ x - b, None):
                found = minimize(fun, np.zeros(n), jac=jac, bounds=bounds)
                theirs = scipy_minimize(fun, np.zeros(n), jac=jac, bounds=bounds, tol=1e-13)
                assert found.success, (n, seed, found.message)
                assert found.fun == pytest.approx(theirs.fun, rel=1e-6, abs=1e-6)
                assert (found.x >= low).all()
                assert (found.x <= high).all()


def test_bounds_that_hold_a_saddle_and_bounds_that_do_not():
    inside = minimize(lambda x: float(-x @ x), [0.0], jac=lambda x: -2 * x, bounds=[(0, 1)])
    assert (inside.success, inside.x.tolist()) == (True, [1.0])
    held = minimize(lambda x: float(x[0] * x[1]), [0.0, 0.0], jac=lambda x: x[::-1].copy(), bounds=[(0, 1)] * 2)
    assert (held.success, held.x.tolist()) == (True, [0.0, 0.0])
    fixed = minimize(lambda x: float(x @ x), [5.0, 5.0], bounds=[(1, 1), (2, 2)])
    assert (fixed.success, fixed.x.tolist()) == (True, [1.0, 2.0])
    free = minimize(rosen, START, jac=rosen_der, bounds=[(None, None)] * 2, homotopy="proximal")  # no bounds at all
    assert free.success


@pytest.mark.parametrize(
    ("bounds", "sentence"),
    [
        ([(0, 1)], "bounds has 1 pairs; x0 has 2 entries"),
        ([(0, 1), (1, 0)], r"bounds of x\[1\] are \(1, 0\)"),
        ([(0, 1), (np.nan, 2)], r"bounds of x\[1\] are \(nan, 2\)"),
        (3, "bounds must be a scipy.optimize.Bounds or 2 pairs"),
        ([(0, 1), (0, "b")], "bounds must be a scipy.optimize.Bounds or 2 pairs"),
    ],
)
def test_what_are_no_bounds_is_named(bounds, sentence):
    with pytest.raises(ArgumentError, match=sentence):
        minimize(rosen, START, jac=rosen_der, bounds=bounds)


def test_homotopies_refuse_bounds():
    with pytest.raises(ArgumentError, match="homotopies do not keep bounds"):
        minimize(rosen, START, jac=rosen_der, bounds=[(0, 2)] * 2, homotopy="proximal")


def test_classes_and_objects_are_followed_too():
    for homotopy in (Newton, Newton(Rosenbrock(), np.array(START)), "newton"):
        assert minimize(Rosenbrock(), START, homotopy=homotopy).success


@pytest.mark.parametrize("name", ["lbfgs", "proximal", "newton", "proximal:mu=0.3"])
def test_scipys_door(name):
    seen = []
    found = scipy_minimize(
        rosen,
        START,
        method=scipy_method(name),
        jac=rosen_der,
        hessp=rosen_hess_prod,
        callback=lambda intermediate_result: seen.append(intermediate_result.fun),
        options={"maxiter": 1000, "rng": 3},
    )
    assert found.success
    assert found.nhev > 0
    assert len(seen) == found.nit
    np.testing.assert_allclose(found.x, 1.0, atol=1e-6)

    def pair(x):
        return rosen(x), rosen_der(x)

    both = scipy_minimize(pair, START, jac=True, hess=rosen_hess, method=scipy_method(name))
    np.testing.assert_allclose(both.x, 1.0, atol=1e-6)
    plain = scipy_minimize(bowl, [3.0, 4.0], args=(1.0, 2.0), method=hp.scipy_method(name), tol=1e-6)
    np.testing.assert_allclose(plain.x, 1.0, atol=1e-4)


def test_scipys_door_keeps_bounds_and_refuses_what_it_cannot():
    found = scipy_minimize(rosen, START, method=scipy_method(), jac=rosen_der, bounds=[(None, 0.5)] * 2)
    theirs = scipy_minimize(rosen, START, method="L-BFGS-B", jac=rosen_der, bounds=[(None, 0.5)] * 2, tol=1e-12)
    np.testing.assert_allclose(found.x, theirs.x, atol=1e-6)
    with pytest.raises(ArgumentError, match="homotopies do not keep bounds"):
        scipy_minimize(rosen, START, method=scipy_method("proximal"), jac=rosen_der, bounds=[(0, 2)] * 2)
    with pytest.raises(ArgumentError, match="constraints are not kept"):
        scipy_minimize(rosen, START, method=scipy_method(), constraints={"type": "eq", "fun": lambda x: x[0]})
    with pytest.raises(ArgumentError, match=r"homotopy must be .* not 'proximol'"):
        scipy_method("proximol")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(OptimizeWarning, match="Unknown solver options: colour"):
            scipy_minimize(rosen, START, method=scipy_method(), jac=rosen_der, options={"colour": 1})
