"""Users' functions return what they return: converted where it has one meaning, else one sentence that names them."""

import numpy as np
import pytest
import scipy.sparse as sp

import homotopy as hp
from homotopy.continuation import GradientSystem, RootSystem, homotopy_from, probability_one
from homotopy.errors import ArgumentError, EvaluationError
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


# A system with one function of the user's, the name by which errors call it, and a call that needs it.
PLACES = {
    "function": (cubic, lambda f: RootSystem(f, N), "function", lambda s: s.grad(X, T)),
    "function, with value": (cubic, lambda f: RootSystem(f, N), "function", lambda s: s.value_and_grad(X, T)[1]),
    "jacobian": (matrix, lambda f: RootSystem(cubic, N, jacobian=f), "jacobian", lambda s: s.hessian(X, T)),
    "jvp": (jvp, lambda f: RootSystem(cubic, N, jvp=f), "jvp", lambda s: s.hessp(X, T, V)),
    "dt": (dt, lambda f: RootSystem(cubic, N, dt=f), "dt", lambda s: s.dt_grad(X, T)),
    "grad": (cubic, lambda f: GradientSystem(f, N), "grad", lambda s: s.value_and_grad(X, T)[1]),
    "gradient's jacobian": (
        matrix,
        lambda f: GradientSystem(cubic, N, jacobian=f),
        "jacobian",
        lambda s: s.hessian(X, T),
    ),
    "gradient's jvp": (jvp, lambda f: GradientSystem(cubic, N, jvp=f), "jvp", lambda s: s.hessp(X, T, V)),
    "gradient's dt": (dt, lambda f: GradientSystem(cubic, N, dt=f), "dt", lambda s: s.dt_grad(X, T)),
    "jac of an array": (matrix, lambda f: homotopy_from(cubic, X, jac=f), "jac", lambda s: s.hessian(X, T)),
    "jac of a value": (cubic, lambda f: homotopy_from(value, X, jac=f), "jac", lambda s: s.grad(X, T)),
    "hessp": (jvp, lambda f: homotopy_from(cubic, X, hessp=f), "hessp", lambda s: s.hessp(X, T, V)),
    "dt_grad": (dt, lambda f: homotopy_from(cubic, X, dt_grad=f), "dt_grad", lambda s: s.dt_grad(X, T)),
    "fun": (cubic, lambda f: homotopy_from(f, X), "fun", lambda s: s.grad(X, T)),
    "fun of a root system": (cubic, lambda f: homotopy_from(f, X, root=True), "fun", lambda s: s.grad(X, T)),
    "problem": (
        lambda x: cubic(x, T),
        lambda f: probability_one(f, N, a=X),
        "problem",
        lambda s: s.system.grad(X, 1.0),
    ),
    "problem's jacobian": (
        lambda x: matrix(x, T),
        lambda f: probability_one(lambda x: cubic(x, T), N, a=X, jacobian=f),
        "jacobian",
        lambda s: s.system.hessian(X, 1.0),
    ),
}
NUMBERS = {
    "value": (value, lambda f: GradientSystem(cubic, N, value=f), "value", lambda s: s.value(X, T)),
    "value, differenced": (value, lambda f: GradientSystem(None, N, value=f), "value", lambda s: s.value(X, T)),
    "fun": (value, lambda f: homotopy_from(f, X, jac=cubic), "fun", lambda s: s.value(X, T)),
}
MATRICES = {name for name, place in PLACES.items() if "jacobian" in name or place[0] is matrix}


class Own(np.ndarray):
    """A user's arrays."""


FORMS = {
    "a list": lambda a: a.tolist(),
    "float32": lambda a: a.astype(np.float32),
    "big-endian": lambda a: a.astype(">f8"),
    "long doubles": lambda a: a.astype(np.longdouble),
    "strided": lambda a: np.repeat(a, 2, axis=-1)[..., ::2],
    "read-only": lambda a: np.frombuffer(a.tobytes()).reshape(a.shape),
    "a class of its own": lambda a: a.view(Own),
}
VECTOR_FORMS = {"a column": lambda a: a[:, None], "a row": lambda a: a[None], "a tuple": tuple}
MATRIX_FORMS = {"csr": sp.csr_array, "csc": sp.csc_matrix, "coo": sp.coo_array, "dia": sp.dia_array}

WRONG = {
    "None": lambda a: None,
    "complex": lambda a: a * (1 + 1j),
    "a complex list": lambda a: (a * 1j).tolist(),
    "too long": lambda a: np.append(np.ravel(a), 0.0),
    "too short": lambda a: np.ravel(a)[:1],
    "empty": lambda a: [],
    "text": lambda a: "many",
    "objects": lambda a: np.array([None] * a.size, dtype=object),
    "truth values": lambda a: np.ones(np.shape(a), dtype=bool),
    "ragged": lambda a: [[1.0], [2.0, 3.0]],
    "a number": lambda a: 1.0,
    "a function": lambda a: np.sin,
    "a pair": lambda a: (1.0, a),
    "a cube": lambda a: np.ones((2, 2, 2)),
}


def changed(function, form):
    return lambda *given: form(np.asarray(function(*given)))


@pytest.mark.parametrize("form", [*FORMS, *VECTOR_FORMS, *MATRIX_FORMS])
@pytest.mark.parametrize("place", PLACES)
def test_what_has_one_meaning_is_converted(place, form):
    function, make, _, call = PLACES[place]
    if form in (MATRIX_FORMS if place not in MATRICES else VECTOR_FORMS):
        form = "a list"
    forms = FORMS | VECTOR_FORMS | MATRIX_FORMS
    expected, found = call(make(function)), call(make(changed(function, forms[form])))
    assert found.dtype == np.float64
    if form in MATRIX_FORMS:
        assert sp.issparse(found)
        found = found.toarray()
    assert type(found) is np.ndarray
    assert found.shape == expected.shape
    np.testing.assert_allclose(found, expected, rtol=1e-6 if form == "float32" else 1e-15)


@pytest.mark.parametrize("wrong", WRONG)
@pytest.mark.parametrize("place", PLACES)
def test_what_has_none_is_refused_in_one_sentence(place, wrong):
    function, make, name, call = PLACES[place]
    if wrong == "a number" and place == "fun":
        return_value = homotopy_from(changed(function, WRONG[wrong]), X)  # which is H, and no gradient
        assert return_value.value(X, T) == 1.0
        return
    with pytest.raises(ArgumentError) as caught:
        call(make(changed(function, WRONG[wrong])))
    message = str(caught.value)
    assert message.startswith(f"{name} must return a")
    assert "\n" not in message
    assert len(message) < 200
    shape = "(2, 2)" if place in MATRICES else "(2,)"
    assert shape in message


@pytest.mark.parametrize("wrong", sorted(WRONG.keys() - {"a number", "too short"}))
@pytest.mark.parametrize("place", NUMBERS)
def test_a_value_is_a_number(place, wrong):
    function, make, name, call = NUMBERS[place]
    with pytest.raises(ArgumentError, match=rf"^{name} must return a.* number.*, not ") as caught:
        call(make(lambda x, t: WRONG[wrong](x)))
    assert "\n" not in str(caught.value)
    for form in (float, np.float32, np.array, lambda v: [v], lambda v: np.array([[v]])):
        if place == "fun" and np.ndim(form(1.0)):  # an array is a gradient there
            continue
        found = call(make(lambda x, t, form=form: form(function(x, t))))
        assert type(found) is float
        assert found == pytest.approx(value(X, T), rel=1e-6)
    assert call(make(lambda x, t: 10**400)) == np.inf


def test_where_there_is_one_variable_a_number_is_a_vector_and_a_matrix():
    for one in (lambda x, t: x[0] ** 3 + x[0] - t, lambda x, t: [x[0] ** 3 + x[0] - t]):
        slope = 1.0 + 3 * 0.6823278038280193**2
        for jacobian in (None, lambda x, t: 3 * x[0] ** 2 + 1, lambda x, t: 3 * x**2 + 1):
            for rate in (None, lambda x, t: -1, lambda x, t: [[-1]]):
                path = hp.track(RootSystem(one, 1, jacobian=jacobian, dt=rate), np.zeros(1))
                assert path.success
                assert path.x[0] == pytest.approx(0.6823278038280193, abs=1e-9)
                assert path.points[-1].tangent is None or np.isfinite(path.points[-1].tangent.x).all()
        assert RootSystem(one, 1).hessp(path.x, 1.0, np.ones(1))[0] == pytest.approx(slope, rel=1e-8)


def raising(error):
    def function(*given):
        raise error

    return function


@pytest.mark.parametrize("place", [*PLACES, *NUMBERS])
def test_errors_of_a_function_pass_with_a_note_that_names_it(place):
    _, make, name, call = (PLACES | NUMBERS)[place]
    original = KeyError("mine")
    with pytest.raises(KeyError) as caught:
        call(make(raising(original)))
    assert caught.value is original
    assert caught.value.__notes__ == [f"raised by {name}, a function that was given to this package"]
    for error in (
        ZeroDivisionError("by zero"),
        OverflowError("large"),
        FloatingPointError("f"),
        np.linalg.LinAlgError(),
    ):
        with pytest.raises(EvaluationError, match=f"^{name} raised {type(error).__name__}") as found:
            call(make(raising(error)))
        assert found.value.__cause__ is error
    with pytest.raises(EvaluationError) as own:
        call(make(raising(EvaluationError("out of range"))))
    assert str(own.value) == "out of range"


def test_starts_and_functions_that_are_none():
    for call in (
        lambda: RootSystem(cubic, N, x0="start"),
        lambda: RootSystem(cubic, N, x0=[1.0, 2.0, 3.0]),
        lambda: RootSystem(cubic, N, x0=[1.0, None]),
        lambda: RootSystem(cubic, N, jacobian=3),
        lambda: RootSystem(cubic, N, dt="dt"),
        lambda: GradientSystem("grad", N),
        lambda: GradientSystem(None, N),
        lambda: GradientSystem(cubic, N, value=1.0),
        lambda: probability_one(cubic),
        lambda: probability_one(3, 2),
        lambda: probability_one(cubic, 2, jacobian=3),
    ):
        with pytest.raises(ArgumentError) as caught:
            call()
        assert "\n" not in str(caught.value)
