"""Systems' functions return arrays of exactly their shape; whatever else is refused in one sentence that names them."""

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
    "float32": lambda a: a.astype(np.float32),
    "big-endian": lambda a: a.astype(">f8"),
    "long doubles": lambda a: a.astype(np.longdouble),
    "strided": lambda a: np.repeat(a, 2, axis=-1)[..., ::2],
    "read-only": lambda a: np.frombuffer(a.tobytes()).reshape(a.shape),
    "a class of its own": lambda a: a.view(Own),
    "masked, nothing hidden": np.ma.masked_array,
}
MATRIX_FORMS = {"csr": sp.csr_array, "csc": sp.csc_matrix, "coo": sp.coo_array, "dia": sp.dia_array}

WRONG = {
    "None": lambda a: None,
    "a list": lambda a: a.tolist(),
    "a list of integers": lambda a: np.ones(a.shape, dtype=int).tolist(),
    "a tuple": tuple,
    "a column": lambda a: a[..., None],
    "a row": lambda a: a[None],
    "masked": lambda a: np.ma.masked_array(a, np.eye(2)[0] > 0 if a.ndim == 1 else np.eye(2) > 0),
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


CASES = [(place, form) for place in PLACES for form in [*FORMS, *(MATRIX_FORMS if place in MATRICES else ())]]


@pytest.mark.parametrize(("place", "form"), CASES)
def test_arrays_of_any_real_type_are_converted(place, form):
    function, make, _, call = PLACES[place]
    forms = FORMS | MATRIX_FORMS
    expected, found = call(make(function)), call(make(changed(function, forms[form])))
    assert found.dtype == np.float64
    if form in MATRIX_FORMS:
        assert sp.issparse(found)
        found = found.toarray()
    assert type(found) is np.ndarray
    assert found.shape == expected.shape
    np.testing.assert_allclose(found, expected, rtol=1e-6 if form == "float32" else 1e-15)


@pytest.mark.parametrize("place", PLACES)
def test_arrays_of_integers_are_converted(place):
    function, make, _, call = PLACES[place]
    found = call(make(lambda *given: np.arange(1, 1 + np.size(function(*given))).reshape(np.shape(function(*given)))))
    assert found.dtype == np.float64
    assert np.array_equal(found.ravel(), np.arange(1.0, 1.0 + found.size))


@pytest.mark.parametrize("wrong", WRONG)
@pytest.mark.parametrize("place", PLACES)
def test_anything_else_is_refused_in_one_sentence(place, wrong):
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


ONE = {
    "a list": (lambda f: [f], "a list"),
    "a number": (lambda f: f, "the number "),
    "a NumPy number": (np.float64, "the number "),
    "an integer": (lambda f: 1, "the number 1"),
    "without an axis": (np.array, "the number "),
    "a cube": (lambda f: np.full((1, 1, 1), f), "an array of shape (1, 1, 1)"),
    "complex": (lambda f: np.array([f + 0j]), "complex numbers, "),
    "a complex number": (complex, "the complex number "),
    "None": (lambda f: None, "None"),
}
ONE_PLACES = {  # with one variable, where a vector, a matrix and a number hold the same
    "function": (lambda f: RootSystem(lambda x, t: f(x[0] ** 3 + x[0] - t), 1), "(1,)"),
    "grad": (lambda f: GradientSystem(lambda x, t: f(x[0] ** 3 + x[0] - t), 1), "(1,)"),
    "jacobian": (
        lambda f: RootSystem(lambda x, t: x**3 + x - t, 1, jacobian=lambda x, t: f(3 * x[0] ** 2 + 1)),
        "(1, 1)",
    ),
    "dt": (lambda f: RootSystem(lambda x, t: x**3 + x - t, 1, dt=lambda x, t: f(-1.0)), "(1,)"),
    "jvp": (lambda f: RootSystem(lambda x, t: x**3 + x - t, 1, jvp=lambda x, t, v: f(3 * x[0] ** 2 + 1)), "(1,)"),
    "fun": (lambda f: homotopy_from(lambda x, t: f(x[0] ** 3 + x[0] - t), np.zeros(1), root=True), "(1,)"),
    "problem": (lambda f: probability_one(lambda x: f(x[0] ** 3 + x[0] - 1), 1, a=np.zeros(1)), "(1,)"),
}


@pytest.mark.parametrize("wrong", [*ONE, "the other shape"])
@pytest.mark.parametrize("place", ONE_PLACES)
def test_where_there_is_one_variable_a_number_is_no_vector_and_a_vector_no_matrix(place, wrong):
    make, shape = ONE_PLACES[place]
    other = (1,) if shape == "(1, 1)" else (1, 1)
    form, told = ONE.get(wrong, (lambda f: np.full(other, f), f"an array of shape {other}"))
    with pytest.raises(ArgumentError) as caught:
        hp.track(make(form), np.zeros(1))
    message = str(caught.value)
    assert message.startswith(f"{place} must return a")
    assert f"of shape {shape}" in message
    assert f", not {told}" in message
    assert "\n" not in message
    right = make(lambda f: np.full((1,) if shape == "(1,)" else (1, 1), f))
    path = hp.track(right, np.zeros(1))
    assert path.success
    assert path.x[0] == pytest.approx(0.6823278038280193, abs=1e-9)


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
