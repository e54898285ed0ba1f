"""The teacher-student risk: against a plain reference, differences, quadrature and published points."""

import ctypes
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from homotopy._core import teacher as core
from homotopy._core import vmath
from homotopy.errors import ArgumentError
from homotopy.objectives.base import check_derivatives, compiled
from homotopy.objectives.teacher import TeacherStudent, merge_costs

SHAPES = [(1, 1, 1), (1, 1, 3), (2, 3, 2), (3, 3, 3), (4, 6, 7), (5, 2, 3), (9, 8, 5), (20, 20, 20)]


def kernel(a, b, g):
    """K from squared norms and the inner product."""
    norms = np.sqrt(a * b)
    c = np.clip(g / norms, -1, 1)
    return norms * (np.sqrt(1 - c * c) + (np.pi - np.arccos(c)) * c) / (2 * np.pi)


def reference(rows, teacher, s=0.0):
    """F from the kernel's matrix form; s smooths the student's relu."""
    q, p = (rows**2).sum(1) + s * s, (teacher**2).sum(1)
    own = kernel(q[:, None], q[None], rows @ rows.T).sum()
    return (
        0.5 * own
        - kernel(q[:, None], p[None], rows @ teacher.T).sum()
        + 0.5 * kernel(p[:, None], p[None], teacher @ teacher.T).sum()
    )


def case(k, n, d, seed=0):
    rng = np.random.default_rng([seed, k, n, d])
    risk = TeacherStudent(k, n, d, teacher=rng.standard_normal((k, d)))
    return risk, rng.standard_normal(n * d), rng


class Frozen:
    """A deformation at one t, as an objective."""

    def __init__(self, path, t):
        self.path, self.t, self.size = path, t, path.size

    def value(self, x):
        return self.path.value(x, self.t)

    def grad(self, x):
        return self.path.grad(x, self.t)

    def value_and_grad(self, x):
        return self.path.value_and_grad(x, self.t)

    def hessp(self, x, v):
        return self.path.hessp(x, self.t, v)

    def hessian(self, x):
        return self.path.hessian(x, self.t)


def objectives(k, n, d):
    risk, x, rng = case(k, n, d)
    yield "plain", risk, x, rng
    for t in (0.0, 0.4, 1.0):
        yield f"deformed at {t}", Frozen(risk.deformed(), t), x, rng
        yield f"smoothed at {t}", Frozen(risk.smoothed(0.7), t), x, rng


@pytest.mark.parametrize("shape", SHAPES)
def test_value_agrees_with_the_plain_formula(shape):
    risk, x, _ = case(*shape)
    assert risk.value(x) == pytest.approx(reference(risk.rows(x), risk.teacher), rel=1e-12, abs=1e-12)
    smoothed = risk.smoothed(0.7)
    assert smoothed.value(x, 0.4) == pytest.approx(reference(risk.rows(x), risk.teacher, 0.42), rel=1e-12, abs=1e-12)
    low = (np.linalg.norm(risk.rows(x), axis=1).sum() - np.linalg.norm(risk.teacher, axis=1).sum()) ** 2 / (4 * np.pi)
    low += ((risk.rows(x).sum(0) - risk.teacher.sum(0)) ** 2).sum() / 8
    assert risk.deformed().value(x, 0.3) == pytest.approx(risk.value(x) + (0.09 - 1) * low, rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("shape", SHAPES)
def test_derivatives(shape):
    for name, objective, x, rng in objectives(*shape):
        found = check_derivatives(objective, x, rng=rng)
        assert found["grad"] > 1.9, name
        assert found["hessp"] > 2.6, name
        assert found["symmetry"] < 1e-12, name
        assert found["gradient_error"] < 1e-6, name
        assert found["hessp_error"] < 1e-6, name


@pytest.mark.parametrize("shape", SHAPES[:-1])
def test_hessian_agrees_with_products(shape):
    for name, objective, x, _ in objectives(*shape):
        matrix = objective.hessian(x)
        columns = np.array([objective.hessp(x, e) for e in np.eye(objective.size)])
        np.testing.assert_allclose(matrix, columns, rtol=1e-10, atol=1e-12, err_msg=name)
        np.testing.assert_array_equal(matrix, matrix.T)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("t", [0.0, 0.3, 0.9])
def test_derivatives_in_t(shape, t):
    risk, x, _ = case(*shape)
    for path in (risk.deformed(), risk.smoothed(0.7)):
        h = 1e-3
        weights = [(1, 8), (-1, -8), (2, -1), (-2, 1)]
        slope = sum(w * path.value(x, t + m * h) for m, w in weights) / (12 * h)
        bend = sum(w * path.grad(x, t + m * h) for m, w in weights) / (12 * h)
        assert path.dt(x, t) == pytest.approx(slope, rel=1e-8, abs=1e-9)
        np.testing.assert_allclose(path.dt_grad(x, t), bend, rtol=1e-7, atol=1e-9)


def test_ends_of_the_deformations_are_the_risk():
    risk, x, _ = case(4, 5, 6)
    for path in (risk.deformed(), risk.smoothed()):
        value, grad = path.value_and_grad(x, 1.0)
        assert value == pytest.approx(risk.value(x), rel=1e-14)
        np.testing.assert_allclose(grad, risk.grad(x), rtol=1e-13, atol=1e-14)


def test_risk_is_the_mean_over_gaussian_inputs():
    risk, x, rng = case(3, 2, 3)
    inputs = rng.standard_normal((400_000, 3))
    residual = np.maximum(inputs @ risk.rows(x).T, 0).sum(1) - np.maximum(inputs @ risk.teacher.T, 0).sum(1)
    losses = 0.5 * residual**2
    assert abs(losses.mean() - risk.value(x)) < 5 * losses.std() / np.sqrt(len(losses))


def test_smoothed_risk_is_that_of_the_smoothed_unit():
    """One unit in one dimension: an integral over z, by Gauss-Hermite quadrature where the integrand is smooth."""
    from scipy.stats import norm

    risk = TeacherStudent(1, 1, 1, teacher=[[2.0]])
    s, w = 1.5, 0.8
    z = np.linspace(-12, 12, 200_001)
    unit = w * z * norm.cdf(w * z / s) + s * norm.pdf(w * z / s)
    integrand = 0.5 * (unit - np.maximum(2 * z, 0)) ** 2 * norm.pdf(z)
    expected = np.trapezoid(integrand, z)
    assert risk.smoothed(s).value(np.array([w]), 0.0) == pytest.approx(expected, rel=1e-8)


def test_deformed_start_has_a_free_linear_skip():
    """At t = 0 the value is the least over a.x + b, here by regression on a sample."""
    risk, x, rng = case(3, 3, 4)
    inputs = rng.standard_normal((200_000, 4))
    residual = np.maximum(inputs @ risk.rows(x).T, 0).sum(1) - np.maximum(inputs @ risk.teacher.T, 0).sum(1)
    design = np.column_stack([inputs, np.ones(len(inputs))])
    rest = residual - design @ np.linalg.lstsq(design, residual, rcond=None)[0]
    assert risk.deformed().value(x, 0.0) == pytest.approx(0.5 * (rest**2).mean(), rel=0.02)


def published_point(k=6):
    """The spurious minimum of Safran and Shamir's result file for k = 6, four decimals."""
    rows = np.full((k, k), -0.0504)
    rows[np.diag_indices(k)] = 0.9867
    rows[0, :], rows[:, 0], rows[0, 0] = 0.3080, 0.2245, -0.6015
    return rows


@pytest.mark.parametrize("columns_are_neurons", [True])
def test_published_spurious_minimum(columns_are_neurons):
    risk = TeacherStudent(6, 6)
    rows = published_point()
    x = np.ascontiguousarray(rows.T if columns_are_neurons else rows).ravel()
    for _ in range(3000):
        x = x - 0.5 * risk.grad(x)
    value, grad = risk.value_and_grad(x)
    assert np.abs(x.reshape(6, 6).T - rows).max() < 1e-3
    assert np.linalg.norm(grad) < 1e-10
    assert value == pytest.approx(0.025081, abs=1e-6)
    assert np.linalg.eigvalsh(risk.hessian(x))[0] == pytest.approx(0.0047, abs=1e-4)


def test_global_minimum_is_accurate():
    rng = np.random.default_rng(3)
    risk = TeacherStudent(20, 20)
    x = np.eye(20)[rng.permutation(20)].ravel()
    assert abs(risk.value(x)) < 1e-12
    assert np.abs(risk.grad(x)).max() < 1e-14
    near = x + 1e-9 * rng.standard_normal(400)
    expected = risk.hessp(x, near - x)
    np.testing.assert_allclose(risk.grad(near), expected, atol=1e-15)
    assert np.linalg.eigvalsh(risk.hessian(x))[0] > 0


def test_gradient_of_nearly_parallel_rows_keeps_its_digits():
    """Against the formula in 60 digits."""
    import mpmath

    rng = np.random.default_rng(5)
    v = rng.standard_normal(3)
    direction = np.cross(v, rng.standard_normal(3))
    for gap in (1e-1, 1e-3, 1e-5, 1e-7, 1e-9, 1e-12):
        for sign in (1.0, -1.0):
            w = sign * 1.3 * v + gap * direction
            with mpmath.workdps(60):
                mw, mv = mpmath.matrix(w.tolist()), mpmath.matrix(v.tolist())
                nw, nv = mpmath.norm(mw), mpmath.norm(mv)
                angle = mpmath.acos((mw.T * mv)[0] / (nw * nv))
                exact = [
                    float(
                        mw[a] / 2
                        - (nv * mpmath.sin(angle) * mw[a] / nw + (mpmath.pi - angle) * mv[a]) / (2 * mpmath.pi)
                    )
                    for a in range(3)
                ]
            risk = TeacherStudent(1, 1, 3, teacher=v[None])
            np.testing.assert_allclose(risk.grad(w), exact, atol=3e-15, err_msg=f"{gap} {sign}")


@pytest.mark.parametrize("width", [1e-4, 1e-3, 1e-2])
def test_smoothed_value_of_nearly_parallel_rows_keeps_its_digits(width):
    import mpmath

    rng, t = np.random.default_rng(5), 0.25
    risk = TeacherStudent(3, 3, 5, rng.standard_normal((3, 5)))
    w, away = rng.standard_normal((2, 5))
    rows = np.array([w, (1.3 + 1e-7) * w + 1e-6 * away, -0.7 * w + 1e-5 * away])  # two alike, one against them
    with mpmath.workdps(60):

        def kernel(a, b, inner):  # of norms and inner product
            angle = mpmath.acos(inner / (a * b))
            return a * b * (mpmath.sin(angle) + (mpmath.pi - angle) * mpmath.cos(angle)) / (2 * mpmath.pi)

        given = [[mpmath.matrix(row.tolist()) for row in table] for table in (rows, risk.teacher)]
        s = mpmath.mpf(width) * (1 - mpmath.mpf(t))
        norms = [
            [mpmath.sqrt(mpmath.norm(x) ** 2 + more) for x in table]
            for table, more in zip(given, (s**2, 0), strict=True)
        ]

        def total(i, j):
            pairs = [
                (a, x, b, y)
                for a, x in zip(norms[i], given[i], strict=True)
                for b, y in zip(norms[j], given[j], strict=True)
            ]
            return sum(kernel(a, b, min((x.T * y)[0], a * b)) for a, x, b, y in pairs)

        expected = float(total(0, 0) / 2 - total(0, 1) + total(1, 1) / 2)
    assert risk.smoothed(width).value(rows.ravel(), t) == pytest.approx(expected, rel=1e-13)


def test_zero_and_parallel_rows_stay_finite():
    teacher = np.array([[1.0, 0, 0], [0, 0, 0], [2.0, 0, 0]])
    rows = np.array([[0.0, 0, 0], [1, 0, 0], [-1, 0, 0], [1, 0, 0], [0, 1, 0]])
    risk = TeacherStudent(3, 5, 3, teacher=teacher)
    x, v = rows.ravel(), np.arange(15.0)
    for t in (0.0, 0.5, 1.0):
        for path in (risk.deformed(), risk.smoothed(0.5)):
            assert np.isfinite(path.value(x, t))
            assert np.isfinite(path.grad(x, t)).all()
            assert np.isfinite(path.hessp(x, t, v)).all()
            assert np.isfinite(path.hessian(x, t)).all()
            assert np.isfinite(path.dt_grad(x, t)).all()
            assert np.isfinite(path.dt(x, t))
    assert risk.value(x) == pytest.approx(reference(rows + 1e-13, teacher + 1e-13), abs=1e-9)


def test_nan_is_not_hidden():
    risk, x, _ = case(3, 3, 3)
    x[4] = np.nan
    value, grad = risk.value_and_grad(x)
    assert np.isnan(value)
    assert np.isnan(grad).any()


def test_smoothing_keeps_a_zero_row_smooth():
    risk = TeacherStudent(2, 2)
    path = Frozen(risk.smoothed(0.5), 0.2)
    assert check_derivatives(path, np.zeros(4), rng=1)["hessp"] > 2.6


def test_threads_share_one_objective():
    risk, _, rng = case(9, 8, 5)
    points = rng.standard_normal((64, risk.size))
    alone = [risk.value_and_grad(x) for x in points]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(risk.value_and_grad, list(points) * 5))
    for i, (value, grad) in enumerate(together):
        assert value == alone[i % 64][0]
        np.testing.assert_array_equal(grad, alone[i % 64][1])


def test_capsule_is_the_same_function():
    class Struct(ctypes.Structure):
        pass

    call = ctypes.CFUNCTYPE(
        ctypes.c_double, ctypes.POINTER(Struct), ctypes.c_void_p, ctypes.c_double, ctypes.c_void_p, ctypes.c_void_p
    )
    Struct._fields_ = [
        ("size", ctypes.c_int64),
        ("work", ctypes.c_size_t),
        ("cost", ctypes.c_double),
        ("data", ctypes.c_void_p),
        ("call", call),
    ]
    pointer = ctypes.pythonapi.PyCapsule_GetPointer
    pointer.restype, pointer.argtypes = ctypes.c_void_p, [ctypes.py_object, ctypes.c_char_p]
    risk, x, _ = case(3, 4, 5)
    for thing, t in ((risk, 1.0), (risk.deformed(), 0.3), (risk.smoothed(0.4), 0.3)):
        expected = thing.value_and_grad(x) if thing is risk else thing.value_and_grad(x, t)
        capsule = compiled(thing)
        struct = ctypes.cast(pointer(capsule, b"homotopy.objective"), ctypes.POINTER(Struct))
        assert struct.contents.size == risk.size
        work = np.empty(struct.contents.work // 8 + 8)
        work.fill(np.nan)
        begin = (work.ctypes.data + 63) // 64 * 64
        grad = np.empty(risk.size)
        value = struct.contents.call(struct, x.ctypes.data, t, grad.ctypes.data, begin)
        assert value == expected[0]
        np.testing.assert_array_equal(grad, expected[1])


@pytest.fixture(params=vmath.available())
def instruction_set(request):
    core.use_isa(request.param)
    yield request.param
    core.use_isa(vmath.isa())


@pytest.mark.parametrize("shape", [*SHAPES, (3, 33, 17), (1, 9, 8), (17, 2, 16)])
def test_every_instruction_set_gives_the_same(shape, instruction_set):
    risk, x, rng = case(*shape)
    assert risk.value(x) == pytest.approx(reference(risk.rows(x), risk.teacher), rel=1e-12, abs=1e-12)
    v = rng.standard_normal(risk.size)
    core.use_isa("plain")
    plain, _, _ = case(*shape)
    for made, true in (
        (risk, plain),
        (Frozen(risk.deformed(), 0.3), Frozen(plain.deformed(), 0.3)),
        (Frozen(risk.smoothed(), 0.3), Frozen(plain.smoothed(), 0.3)),
    ):
        np.testing.assert_allclose(made.grad(x), true.grad(x), rtol=1e-12, atol=1e-13)
        np.testing.assert_allclose(made.hessp(x, v), true.hessp(x, v), rtol=1e-11, atol=1e-12)
        np.testing.assert_allclose(made.hessian(x), true.hessian(x), rtol=1e-11, atol=1e-12)


def test_nothing_depends_on_what_scratch_memory_holds(instruction_set):
    """A point of NaN leaves NaN in the workspace; the next evaluation is as if it were fresh."""
    for shape in [(3, 5, 4), (5, 3, 9), (8, 8, 8)]:
        for teacher in (None, np.random.default_rng(2).standard_normal((shape[0], shape[2]))):
            if teacher is None and shape[2] < shape[0]:
                continue
            risk = TeacherStudent(*shape, teacher=teacher)
            for made in (risk, Frozen(risk.deformed(), 0.3), Frozen(risk.smoothed(), 0.3)):
                x, v = np.random.default_rng(3).standard_normal((2, risk.size))
                before = made.value(x), made.grad(x), made.hessp(x, v), made.hessian(x)
                for spoil in (made.hessp, made.hessp):
                    spoil(np.full(risk.size, np.nan), v)
                    made.hessian(np.full(risk.size, np.nan))
                    after = made.value(x), made.grad(x), made.hessp(x, v), made.hessian(x)
                    for a, b in zip(before, after, strict=True):
                        np.testing.assert_array_equal(a, b)


def test_unit_teacher_is_no_special_case():
    rng = np.random.default_rng(4)
    x, v = rng.standard_normal((2, 5 * 9))
    unit = TeacherStudent(7, 5, 9)
    turned = TeacherStudent(7, 5, teacher=np.eye(7, 9)[::-1])
    for name, arguments in (("value", (x,)), ("grad", (x,)), ("hessp", (x, v)), ("hessian", (x,))):
        np.testing.assert_allclose(
            getattr(unit, name)(*arguments), getattr(turned, name)(*arguments), rtol=1e-12, atol=1e-13
        )


def test_merge_costs_are_mean_square_distances():
    rng = np.random.default_rng(0)
    rows = rng.standard_normal((4, 3))
    costs = merge_costs(rows)
    inputs = rng.standard_normal((400_000, 3))
    units = np.maximum(inputs @ rows.T, 0)
    for i in range(4):
        assert costs[i, i] == np.inf
        for j in range(i):
            gap = (units[:, i] + units[:, j] - np.maximum(inputs @ (rows[i] + rows[j]), 0)) ** 2
            assert costs[i, j] == costs[j, i]
            assert abs(gap.mean() - costs[i, j]) < 6 * gap.std() / np.sqrt(len(gap))
    assert merge_costs(np.array([[1.0, 2.0], [2.0, 4.0]]))[0, 1] == pytest.approx(0.0, abs=1e-14)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: TeacherStudent(0, 1), "k must be an integer, at least 1"),
        (lambda: TeacherStudent(3, 2.5), "n must be an integer, at least 1"),
        (lambda: TeacherStudent(3, 3, 2), "d must be at least k"),
        (lambda: TeacherStudent(3, 3, teacher=np.ones((2, 3))), "teacher must have shape"),
        (lambda: TeacherStudent(1, 1, teacher=[[np.nan]]), "finite"),
        (lambda: TeacherStudent(2, 2).smoothed(0.0), "width must be a positive"),
        (lambda: TeacherStudent(2, 2).value(np.zeros(3)), r"of shape \(4,\), not one of .* shape \(3,\)"),
        (lambda: TeacherStudent(2, 2).value(np.zeros(4, np.float32)), "not one of dtype float32"),
        (lambda: TeacherStudent(2, 2).value(np.zeros(8)[::2]), r"shape \(4,\), not C-contiguous"),
        (
            lambda: TeacherStudent(2, 2).value([0.0] * 4),
            "x must be a C-contiguous float64 array of shape .*, not a list",
        ),
        (
            lambda: TeacherStudent(2, 2).hessp(np.zeros(4), np.zeros(5)),
            "v must be a C-contiguous float64 array of shape",
        ),
    ],
)
def test_bad_input(call, words):
    with pytest.raises(ArgumentError, match=words):
        call()


def test_read_only_points_are_accepted():
    risk, x, _ = case(3, 3, 3)
    expected = risk.value(x)
    x.setflags(write=False)
    assert risk.value(x) == expected
