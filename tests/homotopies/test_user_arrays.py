"""Users' functions may use their arrays again, overwrite what they are given, raise, and run into walls."""

import warnings

import numpy as np
import pytest
import scipy.sparse as sp

import homotopy as hp
from homotopy.continuation import GradientSystem, ProbabilityOne, RootSystem, homotopy_from, probability_one
from homotopy.errors import ArgumentError
from homotopy.linalg import DenseLU

N = 2
X, V, T = np.array([0.5, -0.25]), np.array([1.0, 2.0]), 0.3


def cubic(x, t):
    """A gradient: x^3 + 2 x - t."""
    return x**3 + 2 * x - t


def matrix(x, t):
    return np.diag(3 * x**2 + 2)


def jvp(x, t, v):
    return (3 * x**2 + 2) * v


def dt(x, t):
    return -np.ones_like(x)


def value(x, t):
    return float(np.sum(x**4 / 4 + x**2 - t * x))


def factorize(x, t):
    return DenseLU(matrix(x, t))


class Buffers:
    """Each function fills and returns one array of its own, and overwrites what it was given."""

    def __init__(self, made=np.zeros):
        self.made, self.arrays = made, {}

    def __call__(self, name, function):
        def filled(x, *rest):
            found = np.asarray(function(np.array(x), *[np.array(r) if np.ndim(r) else r for r in rest]))
            out = self.arrays.setdefault(name, self.made(found.shape))
            out[...] = found
            x[...] = np.nan
            for each in rest:
                if isinstance(each, np.ndarray):
                    each[...] = np.nan
            return out

        return filled


def systems(wrap):
    """Every way to give the functions of one system."""
    f, j, p, d, v = (wrap(g.__name__, g) for g in (cubic, matrix, jvp, dt, value))
    return {
        "function": RootSystem(f, N),
        "jacobian": RootSystem(f, N, jacobian=j),
        "jvp": RootSystem(f, N, jvp=p, dt=d),
        "all": RootSystem(f, N, jacobian=j, jvp=p, dt=d),
        "factorize": RootSystem(f, N, dt=d, factorize=lambda x, t: Solver(j(x, t))),
        "gradient": GradientSystem(f, N, value=v, jacobian=j, jvp=p, dt=d),
        "gradient, factorized": GradientSystem(f, N, dt=d, factorize=lambda x, t: Solver(j(x, t))),
        "value": GradientSystem(None, N, value=v),
        "value and jvp": GradientSystem(None, N, value=v, jvp=p),
        "from root": homotopy_from(f, np.zeros(N), jac=j, dt_grad=d, root=True),
        "from gradient": homotopy_from(f, np.zeros(N), hessp=p),
        "from value": homotopy_from(lambda x, t: float(v(x, t)), np.zeros(N), jac=f),
    }


class Solver:
    """Factors that solve into one array and overwrite the right side."""

    def __init__(self, a):
        self.inverse, self.out = np.linalg.inv(a), {}

    def solve(self, b):
        out = self.out.setdefault(b.shape, np.zeros(b.shape))
        out[...] = self.inverse @ b
        b[...] = np.nan
        return out

    def det_sign(self):
        return 1


@pytest.mark.parametrize("name", systems(lambda name, g: g))
def test_buffers_that_are_used_again_and_points_that_are_overwritten_do_no_harm(name):
    fresh, reused = systems(lambda name, g: g)[name], systems(Buffers())[name]
    first = reused.grad(X, T)
    kept = first.copy()
    reused.grad(2 * X, T)
    assert np.array_equal(first, kept)
    point, along = X.copy(), V.copy()
    for call in ("hessp", "dt_grad", "value_and_grad", "dt"):
        more = (along,) if call == "hessp" else ()
        a, b = getattr(fresh, call)(X, T, *more), getattr(reused, call)(point, T, *more)
        a, b = (a[1], b[1]) if call == "value_and_grad" else (a, b)
        assert np.array_equal(a, b)
        assert np.array_equal(point, X)
        assert np.array_equal(along, V)
    if hasattr(fresh, "hessian"):
        early = reused.hessian(X, T)
        assert np.array_equal(early, matrix(X, T))
        reused.hessian(3 * X, T)
        assert np.array_equal(early, matrix(X, T))
    start = np.zeros(N)
    one, other = hp.track(fresh, start), hp.track(reused, start)
    assert one.success
    assert other.success
    assert np.array_equal(one.x, other.x)
    assert [p.t for p in one.points] == [p.t for p in other.points]
    np.testing.assert_allclose(one.x, 0.4533976515164037, rtol=1e-9)


class Ring:
    """Functions that return what they may fill again: views of a buffer, arrays from a list, parts of one array."""

    def __init__(self):
        self.whole = np.zeros((3, N))
        self.rows = [np.zeros(N), np.zeros(N)]
        self.n_calls = 0

    def view(self, x, t):
        self.whole[1] = cubic(x, t)
        return self.whole[1]

    def one_of_two(self, x, t):
        self.n_calls += 1
        row = self.rows[self.n_calls % 2]
        row[:] = cubic(x, t)
        return row

    def memory(self, x, t):
        self.bytes = bytearray(cubic(x, t).tobytes())
        return np.frombuffer(self.bytes)


@pytest.mark.parametrize("name", ["view", "one_of_two", "memory"])
@pytest.mark.parametrize("kind", [RootSystem, GradientSystem])
def test_what_is_returned_is_the_callers_alone(name, kind):
    ring = Ring()
    system = kind(getattr(ring, name), N, dt=getattr(ring, name))
    for call in (system.grad, system.dt_grad, lambda x, t: system.value_and_grad(x, t)[1]):
        found = call(X, T)
        for memory in (ring.whole, *ring.rows, np.frombuffer(getattr(ring, "bytes", bytearray(8)))):
            assert not np.shares_memory(found, memory)
        for _ in range(3):
            call(-X, 0.0)
        ring.bytes = bytearray(8)
        assert np.array_equal(found, cubic(X, T))
        found[:] = np.nan  # and the caller may write into it
        assert np.array_equal(call(X, T), cubic(X, T))


def test_the_point_itself_may_be_returned():
    system = RootSystem(lambda x, t: x, N)
    found = system.grad(X, T)
    found[:] = 7.0
    assert np.array_equal(system.grad(X, T), X)


def test_what_a_function_keeps_for_a_point_it_may_keep():
    made = []

    def kept(x):
        if not made or made[-1][0] is not x:
            made.append((x, np.exp(x)))
        return made[-1][1]

    system = RootSystem(
        lambda x, t: x + kept(x) - 1 - t, N, jacobian=lambda x, t: np.diag(1 + kept(x)), dt=lambda x, t: 0 * kept(x) - 1
    )
    point = np.array([0.1, 0.2])
    for _ in range(3):
        system.grad(point, 0.0), system.hessian(point, 0.0), system.dt_grad(point, 0.0)
    assert len(made) == 1
    point += 1.0  # in place: the point is another one
    np.testing.assert_allclose(system.grad(point, 0.0), point + np.exp(point) - 1)


def raising(error):
    def function(*given):
        raise error

    return function


@pytest.mark.parametrize("error", [ZeroDivisionError, OverflowError, FloatingPointError, np.linalg.LinAlgError])
@pytest.mark.parametrize("kind", [RootSystem, GradientSystem])
def test_where_a_function_cannot_be_evaluated_the_step_is_refused(kind, error):
    def walled(x, t):
        if t > 0.6:
            raise error("beyond the wall")
        return x - t

    path = hp.track(kind(walled, 1), np.zeros(1))
    assert not path.success
    assert path.points[-1].t == pytest.approx(0.6, abs=1e-4)
    assert "a value or a gradient was not finite" in path.message


@pytest.mark.parametrize("kind", [RootSystem, GradientSystem])
@pytest.mark.parametrize("wall", [lambda x, t: t > 0.6, lambda x, t: x > 0.6])
@pytest.mark.parametrize("n", [1, 3])
def test_a_wall_of_nan_is_called_by_its_name(kind, wall, n):
    eye = np.eye(n)
    for system in (
        kind(lambda x, t: np.where(wall(x, t), np.nan, x - t), n),
        kind(
            lambda x, t: np.where(wall(x, t), np.inf, x - t),
            n,
            jacobian=lambda x, t: eye,
            dt=lambda x, t: -eye[0] * 0 - 1,
        ),
        kind(lambda x, t: np.where(wall(x, t), np.nan, x - t), n, jacobian=lambda x, t: sp.csc_array(eye)),
    ):
        path = hp.track(system, np.zeros(n))
        assert not path.success
        assert path.points[-1].t == pytest.approx(0.6, abs=1e-4)
        assert "a value or a gradient was not finite" in path.message
        assert "singular" not in path.message


def test_factors_are_looked_at():
    def system(made):
        return RootSystem(cubic, N, factorize=lambda x, t: made)

    for wrong in (None, 3.0, np.eye(2), Solver):
        with pytest.raises(ArgumentError, match=r"^factorize must return an object that has solve\(b\), not "):
            system(wrong).factorize(X, T)

    class Wrong:
        def __init__(self, answer):
            self.solve = lambda b: answer(b)

    for answer in (lambda b: None, lambda b: b[:1], lambda b: b * 1j, lambda b: "x", list, lambda b: b[:, None]):
        with pytest.raises(ArgumentError, match=r"^factorize\(...\).solve must return an array of shape \(2,\), not "):
            system(Wrong(answer)).factorize(X, T).solve(V)
    assert np.array_equal(system(Wrong(lambda b: b.astype(np.float32))).factorize(X, T).solve(V), V)
    with pytest.raises(np.linalg.LinAlgError):  # this says that the matrix is singular
        RootSystem(cubic, N, factorize=raising(np.linalg.LinAlgError("singular"))).factorize(X, T)
    with pytest.raises(np.linalg.LinAlgError):
        system(Wrong(raising(np.linalg.LinAlgError("singular")))).factorize(X, T).solve(V)


def test_a_system_that_is_followed_again_gives_the_same_path():
    for made in (RootSystem(cubic, N), GradientSystem(None, N, value=value)):
        first, second = hp.track(made, np.zeros(N)), hp.track(made, np.zeros(N))
        assert [(p.t, *p.x) for p in first.points] == [(p.t, *p.x) for p in second.points]


def test_an_objective_without_products_has_a_probability_one_path():
    class Bowl:
        size = 2

        def value_and_grad(self, x):
            return float(np.sum((x - 1) ** 4 + x**2)), (4 * (x - 1) ** 3 + 2 * x).tolist()

    made = probability_one(Bowl(), a=np.array([0.5, -0.5]))
    assert isinstance(made, ProbabilityOne)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        path = hp.track(made)
    assert path.success
    np.testing.assert_allclose(4 * (path.x - 1) ** 3 + 2 * path.x, 0, atol=1e-8)
