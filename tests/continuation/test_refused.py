"""Where paths may begin, what a descent may call an end, and what the size of rounding is."""

from dataclasses import is_dataclass
from inspect import isfunction
from types import SimpleNamespace

import numpy as np
import pytest

from homotopy import continuation
from homotopy.continuation import (
    LBFGS,
    ArclengthNewton,
    Course,
    Diagram,
    Explorer,
    Fixed,
    GradientDescent,
    GradientSystem,
    Guess,
    Jump,
    Krylov,
    Limits,
    Metric,
    Newton,
    Observed,
    Path,
    Point,
    Polynomial,
    Progress,
    Regularized,
    RootSystem,
    Spectrum,
    Tracker,
    Trail,
    track,
)
from homotopy.continuation.crossing.identity import Identity
from homotopy.continuation.engine.checkpoint import Checkpoint
from homotopy.continuation.parts import descents
from homotopy.continuation.parts.events import Setting
from homotopy.continuation.parts.linear import Dense
from homotopy.errors import ArgumentError
from homotopy.homotopies import Proximal
from homotopy.objectives.functions import Quadratic, Rosenbrock
from homotopy.status import Status

EPS = np.finfo(float).eps


@pytest.mark.parametrize("name", ["t0", "target"])
@pytest.mark.parametrize("t", [-0.5, -1e-9, 1.0 + 1e-9, 1.5])
def test_a_homotopy_onto_an_objective_is_defined_between_zero_and_one(name, t):
    path = Proximal(Quadratic(np.eye(2), np.ones(2)), np.zeros(2))
    with pytest.raises(ArgumentError, match=f"{name} must lie in"):
        track(path, np.zeros(2), **{name: t})
    assert track(path, path.start(), t0=0.0, target=1.0).success
    of_a_user = SimpleNamespace(objective=path.objective, dt_grad=path.dt_grad)  # which says nothing of other t
    with pytest.raises(ArgumentError, match=f"{name} must lie in"):
        track(of_a_user, np.zeros(2), **{name: t})


@pytest.mark.parametrize("mode", ["arclength", "natural", "auto"])
@pytest.mark.parametrize("unit", [1e-9, 1.0, 1e7])
@pytest.mark.parametrize("seed", range(3))
def test_a_start_that_is_not_solved_is_bad_whatever_the_units(seed, unit, mode):
    """By the distance to the solution, 1e-4 of the size of x, where the gradient is above its tolerance."""
    rng = np.random.default_rng(seed)
    a, way = rng.standard_normal((3, 3)) + 4 * np.eye(3), rng.standard_normal(3)
    way /= np.sqrt(np.mean(way**2))
    begin = np.array([1.0, -1.0, 1.0])
    family = RootSystem(lambda x, t: unit * (a @ (x - begin - t * way)), 3, jacobian=lambda x, t: unit * a)
    side = rng.standard_normal(3)
    side *= np.sqrt(2 / np.mean(side**2))  # a move that is one in the metric, where x has half of the weight
    for off, good in ((0.0, True), (1e-7, True), (0.8e-4, True), (1.2e-4, False), (1e-2, False), (0.5, False)):
        path = track(family, begin + off * side, mode=mode)
        assert path.success == good
        if good:  # what is off is polished before the first step
            assert path.points[0].x == pytest.approx(begin, abs=1e-6)
        else:
            assert path.status is Status.BAD_START
            assert len(path.points) == 1
            norm = np.linalg.norm(unit * (a @ (off * side)))
            assert f"the gradient norm at t = 0 is {norm:.3g}" in path.message
    strict = track(family, begin + 1e-5 * side, mode=mode, start_tolerance=1e-8)
    assert strict.status is Status.BAD_START


@pytest.mark.parametrize("mode", ["arclength", "natural", "auto"])
def test_a_singular_start_ends_every_mode_where_it_is_asked_to(mode):
    flat = GradientSystem(lambda x, t: x**3 - t, 1, jacobian=lambda x, t: np.diag(3 * x**2))
    path = track(flat, np.zeros(1), mode=mode, on_singular="stop")
    assert (path.status, len(path.points), path.notes) == (Status.SINGULAR, 1, ())
    lost = GradientSystem(lambda x, t: x - t, 1, jacobian=lambda x, t: np.full((1, 1), np.nan))
    path = track(lost, np.zeros(1), mode=mode)
    assert (path.status, len(path.points)) == (Status.SINGULAR, 1)
    assert path.message.endswith("the Hessian there is not finite")
    nowhere = GradientSystem(lambda x, t: x * np.nan, 1, jacobian=lambda x, t: np.eye(1))
    path = track(nowhere, np.zeros(1), mode=mode)
    assert (path.status, len(path.points), path.notes) == (Status.NON_FINITE, 1, ())


OPEN = {  # made or called at every step, and so without a look at their arguments
    *(
        "LBFGS",
        "Auto",
        "Constant",
        "Correction",
        "Dense",
        "DenseNewton",
        "Direction",
        "Guess",
        "Metric",
        "MoorePenrose",
    ),
    *("Newton", "NewtonKrylov", "Point", "Secant", "Sparse", "SparseNewton", "Tangent", "Trail"),
    *("Corrector", "Predictor", "StepControl"),  # protocols
}
WHOLE = ("Diagram", "Explorer", "Observed", "Path", "Progress", "Steps")  # with the methods that users call


def test_what_users_make_and_call_is_behind_a_door_and_cannot_be_changed():
    for name in continuation.__all__:
        made = getattr(continuation, name)
        if not made.__module__.startswith("homotopy.continuation."):
            continue
        inside = made.__init__ if isinstance(made, type) else made
        assert hasattr(inside, "__wrapped__") == (name not in OPEN), name
        if is_dataclass(made):
            assert made.__dataclass_params__.frozen, name
        for key, method in vars(made).items() if name in WHOLE else ():
            if not key.startswith("_") and (isfunction(method) or isinstance(method, classmethod)):
                assert hasattr(getattr(method, "__func__", method), "__wrapped__"), (name, key)


FAMILY, EXPLORER = Proximal(Quadratic(np.eye(2), np.ones(2)), np.zeros(2)), Explorer(bounds=(0.0, 1.0))
STILL = Path((Point(np.zeros(2), 0.0, 0.0, 0.0),), Status.MAX_STEPS)
CALLS = {
    "records, a path": lambda odd: STILL.table(odd),
    "s": lambda odd: STILL.shifted(odd, 1),
    "file, a table": lambda odd: STILL.to_csv(odd),
    "file, a path": lambda odd: STILL.save(odd),
    "file, read": lambda odd: Path.load(odd),
    "t, a path": lambda odd: STILL.at(odd),
    "ax, a path": lambda odd: STILL.plot(odd),
    "records, a diagram": lambda odd: Diagram((STILL,), (-1,), ()).table(odd),
    "file, a diagram": lambda odd: Diagram((STILL,), (-1,), ()).to_csv(odd),
    "t, a diagram": lambda odd: Diagram((STILL,), (-1,), ()).at(odd),
    "ax, a diagram": lambda odd: Diagram((STILL,), (-1,), ()).plot(odd),
    "x": lambda odd: EXPLORER.metric(FAMILY, odd, 0.0),
    "start, one side": lambda odd: EXPLORER.follow(FAMILY, odd),
    "start, both": lambda odd: EXPLORER.both(FAMILY, odd),
    "n": lambda odd: EXPLORER.steps.metric(odd),
    "events": lambda odd: Observed(odd),
    "inner": lambda odd: Regularized(odd, 1.0, np.zeros(1)),
    "center": lambda odd: Regularized(FAMILY, 1.0, odd),
    "homotopy": lambda odd: Tracker(odd, np.zeros(1), EXPLORER.steps),
    "paths": lambda odd: continuation.table(odd),
    "rows": lambda odd: continuation.write_csv(odd, "rows.csv"),
    "branch_point": lambda odd: continuation.switch(FAMILY, odd, explorer=EXPLORER),
    "explorer": lambda odd: continuation.diagram(FAMILY, np.zeros(2), explorer=odd),
    "direction": lambda odd: track(FAMILY, direction=odd),
    "spectrum": lambda odd: track(FAMILY, spectrum=odd),
    "predictor": lambda odd: track(FAMILY, predictor=odd),
    "target": lambda odd: track(FAMILY, target=odd),
    "checkpoint": lambda odd: track(FAMILY, checkpoint=odd),
    "milestones": lambda odd: track(FAMILY, milestones=odd),
}


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("odd", [object(), {"a": 1}], ids=["an object", "a dictionary"])
def test_an_argument_of_another_kind_is_named(name, odd):
    if odd == {"a": 1} and name.startswith("records"):
        odd = ["a"]
    with pytest.raises(ArgumentError, match=f"^{name.split(',')[0]} must "):
        CALLS[name](odd)


@pytest.mark.parametrize("scale", [0.0, -0.5, [1.0, 0.0], [1.0, -0.5], [[1.0, 1.0]], np.nan, np.inf])
def test_sizes_of_x_are_positive(scale):
    path = Proximal(Quadratic(np.eye(2), np.ones(2)), np.zeros(2))
    with pytest.raises(ArgumentError, match="scale must be a positive number"):
        track(path, scale=scale)
    assert track(path, scale=[2.0, 0.5]).success


BOUNDS = {  # the least that is good, and what is below it
    "step": (lambda one: Fixed(one), 1e-300, (0.0, -1e-300, -0.5)),
    "step_size": (lambda one: GradientDescent(step_size=one), 1e-300, (0.0, -0.5)),
    "rtol": (lambda one: Krylov(rtol=one), 1e-300, (0.0, -0.5)),
    "kernel_rtol": (lambda one: Krylov(kernel_rtol=one), 1e-300, (0.0, -0.5)),
    "max_iter": (lambda one: Krylov(max_iter=one), 1, (0, -1)),
    "max_iter ": (lambda one: Newton(max_iter=one), 1, (0, -1)),
    "tolerance": (lambda one: LBFGS(tolerance=one), 1e-300, (0.0, -0.5)),
    "final_tolerance": (lambda one: Newton(final_tolerance=one), 1e-300, (0.0, -0.5)),
    "theta": (lambda one: ArclengthNewton(theta=one), 1e-300, (0.0, -0.5, 1.0, 1.5)),
    "theta ": (lambda one: Metric.weighted(one, 3), 1e-300, (0.0, -0.5, 1.0, 1.5)),
    "ratio": (lambda one: Jump(ratio=one), 1e-300, (0.0, -0.5)),
    "degree": (lambda one: Polynomial(degree=one), 1, (0, -1)),
    "n_lowest": (lambda one: Spectrum(n_lowest=one), 1, (0, -1)),
    "every": (lambda one: Spectrum(every=one), 1, (0, -1)),
    "max_negative": (lambda one: Spectrum(max_negative=one), 1, (0, -1)),
    "max_steps": (lambda one: Limits(max_steps=one), 1, (0, -1)),
    "start_tolerance": (lambda one: Limits(start_tolerance=one), 0.0, (-1e-300, -0.5)),
    "offset": (lambda one: Explorer((0.0, 1.0), offset=one), 1e-300, (0.0, -0.5)),
    "every ": (lambda one: Progress(every=one), 0.0, (-1e-300, -0.5)),
    "every  ": (lambda one: Checkpoint("path.npz", every=one), 1, (0, -1)),
    "rng": (lambda one: track(FAMILY, rng=one), 0, (-1,)),
}


@pytest.mark.parametrize("name", BOUNDS)
def test_settings_have_bounds(name):
    made, least, below = BOUNDS[name]
    assert made(least)
    for odd in (*below, "1", None if name != "ratio" and name != "rng" else "1"):
        with pytest.raises(ArgumentError, match=f"^{name.strip()} must be "):
            made(odd)


def test_bounds_of_a_course_are_an_interval():
    assert Course(0.0, None, (-1.0, 1.0)).length == 2.0
    for odd in ((1.0, 1.0), (1.0, 0.0), (np.nan, 1.0), (0.0,), (0.0, 1.0, 2.0), "ab", 5, ([0.0], 1.0)):
        with pytest.raises(ArgumentError, match="bounds must be two numbers, low < high"):
            Course(0.0, None, odd)
    for target in (0.5, 1e150, -1e150, np.nan, np.inf):
        with pytest.raises(ArgumentError, match="target must be a finite number"):
            Course(0.5, target)
    assert Course(0.5, 0.9e150).length == 0.9e150
    for t0, target, length, sense, span in (
        (0.0, 1.0, 1.0, 1.0, (0.0, np.inf)),
        (2.0, -1.0, 3.0, -1.0, (-np.inf, 2.0)),
        (2.0, None, 1.0, 1.0, (-np.inf, np.inf)),
    ):
        course = Course(t0, target)
        assert (course.length, course.sense, course.span) == (length, sense, span)
    assert Course(0.5, 3.0, (0.0, 1.0)).span == (0.0, 1.0)
    assert Course(0.0, None, (-np.inf, 1.0)).length == 1.0
    stones = Course(0.0, 2.0, (-1.0, 3.0), milestones=[2 + 1e-9, 0.5, 0.5 + 1e-9, 0.5 + 3e-9, 3 - 1e-9, 1e-9, 1.0])
    assert stones.milestones == (0.0, 0.5, 0.5 + 3e-9, 1.0, 2.0, 3.0)


def bowl(bend, value=0.0):
    """value + bend x^2 / 2 in one variable."""
    return GradientSystem(
        lambda x, t: bend * x, 1, value=lambda x, t: value + 0.5 * bend * float(x @ x),
        jacobian=lambda x, t: np.array([[bend]]), dt=lambda x, t: 0 * x,
    )  # fmt: skip


@pytest.mark.parametrize("seed", range(8))
def test_a_descent_has_ended_where_rounding_hides_how_the_value_falls(seed):
    rng = np.random.default_rng(seed)
    bend, value = 10.0 ** rng.uniform(-3, 3), -(10.0 ** rng.uniform(0, 9))
    family, metric = bowl(bend, value), Metric(rng.uniform(0.5, 2))
    limit = np.sqrt(16 * EPS * abs(value) / bend)  # of x, where (bend x)^2 = 16 eps |value| bend
    for share, status in ((0.99, Status.CONVERGED), (1.01, Status.NOT_CONVERGED)):
        x = np.array([share * limit])
        end = x, *family.value_and_grad(x, 0.0)
        found = descents._outcome(family, Guess(2 * x, 0.0, None, metric), end, 0.0, 7)
        assert (found.status, found.n_iter, found.descent) == (status, 7, True)
        assert found.grad_norm == pytest.approx(bend * x[0])
        assert found.distance == pytest.approx(metric.norm(x, 0.0))
        assert found.accuracy == (pytest.approx(metric.norm(x, 0.0)) if status is Status.CONVERGED else 0.0)
    goal = 1.01 * bend * x[0]
    assert descents._outcome(family, Guess(x, 0.0, None, metric), end, goal, 1).status is Status.CONVERGED
    lost = x, np.nan, end[2]
    assert descents._outcome(family, Guess(x, 0.0, None, metric), lost, goal, 1).status is Status.NON_FINITE


@pytest.mark.parametrize("corrector", [LBFGS(), GradientDescent(max_iter=150)], ids=lambda c: type(c).__name__)
@pytest.mark.parametrize("unit", [2.0**-30, 2.0**20])
@pytest.mark.parametrize("size", [2.0**-12, 2.0**15])
def test_a_descent_does_not_depend_on_units(corrector, unit, size):
    """Powers of two change no digit, so that the walk is the same."""
    objective, begin = Rosenbrock(), np.array([0.3, -0.2])
    plain = GradientSystem(lambda x, t: objective.grad(x), 2, value=lambda x, t: objective.value(x))
    other = GradientSystem(
        lambda x, t: unit / size * objective.grad(x / size), 2, value=lambda x, t: unit * objective.value(x / size)
    )
    one = corrector.correct(plain, Guess(begin, 0.0, None, Metric(1.0, 1.0, 1.0)))
    two = corrector.correct(other, Guess(size * begin, 0.0, None, Metric(1 / size**2, 1.0, unit / size)))
    assert one.status is two.status
    assert two.n_iter == pytest.approx(one.n_iter, abs=1)  # differenced curvature has its own rounding
    assert two.x / size == pytest.approx(one.x, abs=1e-5)
    assert two.value / unit == pytest.approx(one.value, abs=1e-9)


@pytest.mark.parametrize("seed", range(6))
def test_a_zero_comes_nearer_if_its_distance_falls_as_the_path_goes_on(seed):
    """Against the formula: the zero as extrapolated from each two of three points."""
    rng = np.random.default_rng(seed)
    watch, seen = Identity(Setting(bowl(1.0), Dense(), Metric())), set()
    for _ in range(300):
        s, d = np.cumsum(rng.uniform(0.1, 1.0, 4)), np.sort(rng.uniform(0.1, 3.0, 3))[::-1]
        points = [
            Point(np.zeros(70), u, 0.0, 0.0, s=u, log_det=np.log(v), orientation=1) for u, v in zip(s, d, strict=False)
        ]
        far = [d[k + 1] / (d[k] - d[k + 1]) * (s[k + 1] - s[k]) for k in (0, 1)]  # the zero of the straight line
        wanted = far[1] < 1.25 * (s[3] - s[2]) and far[1] < far[0] - 0.5 * (s[2] - s[1])
        assert watch._nears(Trail(points, natural=False), Point(np.zeros(70), s[3], 0.0, 0.0, s=s[3])) == wanted
        seen.add(wanted)
    assert seen == {True, False}
