"""Descents from many starts whose evaluations are made together, against the same starts one by one."""

import numpy as np
import pytest
from loops import run, run_block

from homotopy._core import teacher as core
from homotopy._core import vmath
from homotopy._core.descent import CompiledRosenbrock, advised_pairs, block_width
from homotopy.descent import LBFGS, Cosine, Noise, Ramp, descend
from homotopy.descent.records import Traces
from homotopy.descent.settings import Aim
from homotopy.errors import ArgumentError
from homotopy.homotopies import Skip
from homotopy.objectives import TeacherStudent
from homotopy.status import Budget, Status

NUMBERS = ("value", "grad_norm", "n_steps", "n_evaluations", "cost_to_target")


def teacher(k=4, n=5, d=6, seed=0):
    return TeacherStudent(k, n, d, teacher=np.random.default_rng(seed).standard_normal((k, d)))


def draw(objective, r, seed=1):
    X = np.random.default_rng(seed).standard_normal((r, objective.size)) / 2
    X[r // 2] *= 1e-3
    X[r // 3] *= 1e3
    return X


def same(many, alone):
    """Bit for bit the same, of descents together and of those of one start each."""
    np.testing.assert_array_equal(many.x, [one.x for one in alone])
    for name in NUMBERS:
        np.testing.assert_array_equal(getattr(many, name), [getattr(one, name) for one in alone], err_msg=name)
    assert list(many.status) == [one.status for one in alone]
    for trace, one in zip(many.trace, alone, strict=True):
        np.testing.assert_array_equal(trace, one.trace)


@pytest.mark.parametrize(
    "settings",
    [
        {"target": 1e-2},
        {"plateau": (1e-2, 10), "gradient_tolerance": 1e-9, "record_every": 3},
        {"budget": 37.0},
        {"target": np.geomspace(1e-8, 1e2, 21), "budget": np.linspace(1.0, 90.0, 21)},
        {"memory": 1, "record_every": 1, "n_steps": 30},
        {"step_size": 0.1, "memory": 7},
        {"rule": "gd", "record_every": 10},
        {"rule": "momentum", "target": 1e-2, "step_size": np.geomspace(1e-3, 0.1, 21)},
        {"rule": "adam", "plateau": (1e-2, 10), "step_schedule": Cosine(1.0)},
        {"rule": "nesterov", "budget": np.linspace(1.0, 90.0, 21)},
        {"rule": "rprop", "n_steps": 50, "gradient_tolerance": 1e-2},
        {"rule": "gd", "noise": Noise(0.01, period=3), "rng": np.arange(21)},
    ],
)
@pytest.mark.parametrize("shape", [(4, 5, 6), (1, 1, 1), (6, 6, 6), (3, 7, 2)])
def test_no_start_depends_on_its_neighbors(shape, settings):
    objective = teacher(*shape)
    X = draw(objective, 21)

    def part(i):
        return {key: value[i] if isinstance(value, np.ndarray) else value for key, value in settings.items()}

    common = {"rule": "lbfgs", "n_steps": 400}
    alone = [descend(objective, x, **common | part(i)) for i, x in enumerate(X)]
    same(descend(objective, X, **common | settings), alone)
    same(descend(objective, X, n_jobs=2, **common | settings), alone)
    order = np.random.default_rng(2).permutation(21)[:13]
    same(descend(objective, X[order], **common | part(order)), [alone[i] for i in order])


@pytest.mark.parametrize("make", [lambda f: f.deformed(), Skip, lambda f: Skip(f).at(0.0), lambda f: Skip(f).at(0.7)])
@pytest.mark.parametrize("rule", ["lbfgs", "momentum"])
def test_the_paths_of_a_teacher(make, rule):
    homotopy = make(teacher())
    X = draw(homotopy, 11)
    settings = {"rule": rule, "n_steps": 60, "target": 1e-3, "record_every": 7}
    if Aim(homotopy).moves:
        settings["schedule"] = Ramp(power=1.5)
    assert block_width(Aim(homotopy).capsule) == block_width(teacher().capsule())
    same(descend(homotopy, X, **settings), [descend(homotopy, x, **settings) for x in X])


@pytest.mark.parametrize("isa", [name for name in vmath.available() if name != "plain"])
@pytest.mark.parametrize("sweeps", vmath.available())
def test_every_instruction_set(isa, sweeps):
    core.use_isa(isa)
    try:
        objective = teacher(5, 9, 3, seed=3)
    finally:
        core.use_isa(vmath.isa())
    X = draw(objective, 10)
    settings = {"n_steps": 80, "target": 1e-3, "plateau": (1e-3, 30), "limit": np.arange(20, 120, 10)}
    got, ends = run_block(objective, X, sweeps, **settings)
    for i, x in enumerate(X):
        one, end, _ = run(objective, x, sweeps, rule="lbfgs", **settings | {"limit": 20 + 10 * i})
        np.testing.assert_array_equal(got[i], one)
        for name in ("codes", "values", "grad_norms", "n_steps", "n_evaluations", "hits"):
            assert getattr(ends, name)[i] == getattr(end, name)[0], name


def test_a_start_that_is_not_finite_ends_alone():
    objective = teacher()
    X = draw(objective, 9)
    X[4, 3] = np.nan
    end = descend(objective, X, rule="lbfgs", n_steps=50)
    assert end.status[4] is Status.NON_FINITE
    assert end.n_evaluations[4] == 1
    rest = np.arange(9) != 4
    assert np.isfinite(end.value[rest]).all()
    np.testing.assert_array_equal(end.x[rest], descend(objective, X[rest], rule="lbfgs", n_steps=50).x)


def test_seconds_end_every_start():
    objective = TeacherStudent(30, 30)
    end = descend(objective, draw(objective, 20), rule="lbfgs", n_steps=10**9, budget=Budget(seconds=1e-9))
    assert (end.n_evaluations >= 1).all()
    assert (end.n_evaluations < 100).all()
    assert set(end.status) == {Status.BUDGET_SPENT}


def test_blocks_are_for_what_evaluates_many_points():
    assert block_width(CompiledRosenbrock(3).capsule()) == 0
    assert block_width(teacher().smoothed().capsule()) == 0
    with pytest.raises(ArgumentError, match="where many points are evaluated together"):
        run_block(CompiledRosenbrock(3), np.zeros((2, 3)), None)
    for rule in ("lm", "newton"):
        with pytest.raises(ArgumentError, match="a block descends without a matrix"):
            run_block(teacher(), np.zeros((2, 30)), None, rule=rule)


def test_memory_is_the_callers_or_what_the_objective_advises_or_twenty():
    advice = advised_pairs(teacher().capsule())
    assert 1 <= advice < 20
    assert advised_pairs(CompiledRosenbrock(3).capsule()) == 0
    assert (LBFGS().pairs(30), LBFGS().pairs(30, 0, advice), LBFGS(memory=7).pairs(30, 0, advice)) == (20, advice, 7)
    objective, settings = teacher(), {"rule": "lbfgs", "n_steps": 60}
    X = draw(objective, 5)
    np.testing.assert_array_equal(
        descend(objective, X, **settings).x, descend(objective, X, memory=advice, **settings).x
    )
    assert (descend(objective, X, **settings).x != descend(objective, X, memory=20, **settings).x).any()
    f, x = CompiledRosenbrock(4), np.array([-1.2, 1.0, 0.3, 2.0])
    np.testing.assert_array_equal(descend(f, x, **settings).x, descend(f, x, memory=20, **settings).x)


@pytest.mark.parametrize("seed", range(8))
def test_traces_are_those_that_were_kept(seed):
    rng = np.random.default_rng(seed)
    r = int(rng.integers(1, 30))
    expected = [rng.random((int(m), 2)) for m in rng.integers(0, 5, r)]
    traces, first = Traces(r), 0
    while first < r:  # some in a table, some alone, some not at all
        last = min(r, first + int(rng.integers(1, 6)))
        ends = np.cumsum([len(trace) for trace in expected[first:last]])
        kind = rng.integers(3)
        if kind == 0:
            traces.keep(first, np.concatenate(expected[first:last]), np.append(0, ends[:-1]), ends)
        for i in range(first, last):
            if kind == 1:
                traces[i] = expected[i]
            elif kind == 2:
                expected[i] = np.empty((0, 2))
        first = last
    assert traces == expected
    assert traces[-1].tolist() == expected[-1].tolist()
    assert all(map(np.array_equal, traces[1:3], expected[1:3]))
    assert len(traces[1:3]) == len(expected[1:3])
    points, begins, ends = traces.columns()
    assert all(np.array_equal(points[b:e], trace) for b, e, trace in zip(begins, ends, expected, strict=True))
    assert Traces.of(expected) == traces
    assert traces != expected[1:]
    with pytest.raises(IndexError):
        traces[r]
