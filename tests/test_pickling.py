"""Pickles and copies: every problem, method, objective, homotopy and comparison, in this process and in another one."""

from __future__ import annotations

import copy
import dataclasses
import pickle
import subprocess
import sys

import numpy as np
import pytest

import homotopy as hp
from homotopy import homotopies, methods, problems
from homotopy.errors import ArgumentError, DataError
from homotopy.experiments import Comparison, Group, Store, Workers, compare
from homotopy.experiments.plan.plugins import load
from homotopy.models.activations import activation
from homotopy.models.losses import loss

SMALL = {
    "adding": "T=6,h=3",
    "csv": "path={csv},target=y,folds=3,fold=1",
    "generate": "h=3",
    "identify": "h=3",
    "latch": "T=6,h=3",
    "multiplication": "T=6,h=3",
    "order": "T=10,h=3",
    "sequences": "path={runs},id=run,target=y,test=0.3",
    "teacher": "k=3,n=2,d=4,teacher_seed=3",
    "temporal-xor": "T=6,h=3",
}
METHODS = (
    *sorted(methods.BY_NAME),
    "multistart:of=width,cutoff=100",
    "track:along=targets",
    "graduated:along=gaussian",
    "escape:move=widen",
)
MORE = ("blend", "compose", "convex-loss", "data", "length", "scaled")  # that need more than an objective and a point
PLUGIN = """
import numpy as np

import homotopy as hp
from homotopy.methods import BatchMethod


class Far(BatchMethod):
    def __init__(self, radius: float = 1.0):
        self.radius, self.name = radius, f"far:radius={radius:g}"

    def run(self, batch):
        batch.descend(batch.problem.objective, batch.x[batch.rows], batch.rows, name="descent", rule="lbfgs")


class Bowl:
    size = 2

    def value_and_grad(self, x):
        return float(x @ x), 2 * x


def bowl(height: float = 0.0) -> hp.Problem:
    return hp.Problem(f"bowl:height={height:g}", Bowl(), lambda rng: rng.standard_normal(2), optimum=0.0)


PROBLEMS = {"bowl": bowl}
METHODS = {"far": Far}
"""


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder, rng = tmp_path_factory.mktemp("tables"), np.random.default_rng(0)
    rows = [f"{a:.3f},{'xyz'[i % 3]},{a * a + b:.3f}" for i, (a, b) in enumerate(rng.standard_normal((40, 2)))]
    (folder / "table.csv").write_text("a,kind,y\n" + "\n".join(rows) + "\n")
    steps = [f"{run},{rng.standard_normal():.3f},{rng.standard_normal():.3f}" for run in range(8) for _ in range(5)]
    (folder / "runs.csv").write_text("run,u,y\n" + "\n".join(steps) + "\n")
    return {"csv": folder / "table.csv", "runs": folder / "runs.csv"}


def made(name, files):
    more = SMALL.get(name, "").format(**files)
    return hp.problem(f"{name}:{more}" if more else name)


def again(thing):
    """Yield what pickle and copy make of a thing."""
    yield pickle.loads(pickle.dumps(thing))
    yield copy.deepcopy(thing)


def answers(objective, x, *t):
    """Return all that an objective or a homotopy says at a point, as one array of bytes."""
    v = np.cos(np.arange(x.size)).astype(x.dtype)
    parts = [*objective.value_and_grad(x, *t), objective.hessp(x, *t, v)]
    if t:
        parts += [objective.dt(x, *t), objective.dt_grad(x, *t)]
    return [np.asarray(part).tobytes() for part in parts]


@pytest.mark.parametrize("name", sorted(problems.BY_NAME))
def test_problems(name, files):
    one = made(name, files)
    x, value = one.start(np.random.default_rng(3)), None if one.lower is None else one.lower.value
    for other in again(one):
        assert other.name == one.name
        np.testing.assert_array_equal(other.start(np.random.default_rng(3)), x)
        assert answers(other.objective, x) == answers(one.objective, x)
        assert (other.optimum, other.tolerance, other.source) == (one.optimum, one.tolerance, one.source)
        assert (None if other.lower is None else other.lower.value) == value
        if one.test is not None:
            assert other.test.value(x) == one.test.value(x)
        if one.score is not None:
            assert other.score(x) == one.score(x)


@pytest.mark.parametrize("name", ["xor", "teacher:k=3", "yun", "swirszcz-d1", "csv", "sequences"])
def test_problems_that_were_changed_keep_the_change(name, files):
    one = made(name, files) if name in SMALL else hp.problem(name)
    for changed in (dataclasses.replace(one, tolerance=0.125), one.bounded(-1.0, "a guess")):
        for other in again(changed):
            assert (other.tolerance, other.lower.value) == (changed.tolerance, changed.lower.value)


def test_a_file_may_change_after_it_was_read(files, tmp_path):
    path = tmp_path / "table.csv"
    path.write_bytes(files["csv"].read_bytes())
    one = hp.problem(f"csv:path={path},target=y")
    text = pickle.dumps(one)
    path.unlink()
    x = one.start(np.random.default_rng(0))
    assert answers(pickle.loads(text).objective, x) == answers(one.objective, x)


@pytest.mark.parametrize("name", METHODS)
def test_methods(name, files):
    one = methods.method(name)
    tried = (
        "xor:activation=relu,hidden=3",
        "teacher:k=3",
        "adding:T=6,h=3",
        "xor",
        "ts:act=tanh,d=2,h=3,N=20,layers=2",
    )
    chosen = next(p for p in tried if one.accepts(hp.problem(p)) is None)
    first = hp.solve(hp.problem(chosen), one, rng=2, budget=60)
    for other in again(one):
        assert other.name == one.name
        found = hp.solve(hp.problem(chosen), other, rng=2, budget=60)
        assert (found.x.tobytes(), found.value, found.cost) == (first.x.tobytes(), first.value, first.cost)


def objectives():
    rng = np.random.default_rng(1)
    X, y = rng.standard_normal((12, 3)), rng.standard_normal((12, 2))
    risk = hp.EmpiricalRisk(
        hp.MLP((3, 4, 2), "leaky-relu:slope=0.2"), "squared", X, y, l2=0.1, weights=1.0 + X[:, 0] ** 2
    )
    single = hp.MLP((3, 2), "tanh", dtype=np.float32)
    yield "weighted", risk
    yield "float32", hp.EmpiricalRisk(single, "softmax", X, np.arange(12) % 2)
    yield "two layers", hp.EmpiricalRisk(hp.MLP((3, 3, 3, 1), "gelu"), "logistic", X, np.arange(12) % 2)
    yield "matched", hp.EmpiricalRisk(hp.MLP((3, 3, 1), "tanh", output="logistic"), "squared", X, X[:, 0] > 0).matched()
    yield "gaussian teacher", hp.TeacherStudent(2, 3, 4, teacher=rng.standard_normal((2, 4)))
    yield "wider", hp.TeacherStudent(2, 3).wider(2)
    yield "recurrent", hp.problem("adding:T=6,h=3,cell=gru").objective


OBJECTIVES = dict(objectives())


@pytest.mark.parametrize("name", OBJECTIVES)
def test_objectives(name):
    one = OBJECTIVES[name]
    x = one.draw(np.random.default_rng(0))
    for other in again(one):
        assert type(other) is type(one)
        assert repr(other) == repr(one) or name.endswith(("teacher", "wider"))
        assert answers(other, x) == answers(one, x)
        for attribute, array in vars(one).items():
            if isinstance(array, np.ndarray):
                assert getattr(other, attribute).flags.writeable == array.flags.writeable


@pytest.mark.parametrize("name", sorted(homotopies.BY_NAME))
def test_homotopies(name):
    ran = 0
    for problem in ("xor:activation=relu,hidden=3", "teacher:k=3", "adding:T=6,h=3", "xor:activation=tanh,l2=0.01"):
        objective = hp.problem(problem).objective
        x0 = hp.problem(problem).start(np.random.default_rng(4))
        try:
            one = homotopies.homotopy(name, objective, x0)
        except ArgumentError:
            continue
        ran += 1
        x = np.sin(1.0 + np.arange(one.size))
        for other in again(one):
            for t in (0.0, 0.3, 1.0):
                assert answers(other, x, t) == answers(one, x, t)
    assert ran or name in MORE


@pytest.mark.parametrize(
    "make", [lambda one: one.deformed(l2=0.5, mix=True), lambda one: one.deformed(basis=np.eye(4)[:, :2])]
)
def test_deformed_risks(make):
    one = make(hp.problem("xor").objective)
    for other in again(one):
        assert answers(other, np.ones(one.size), 0.4) == answers(one, np.ones(one.size), 0.4)
        assert other.flops == one.flops


@pytest.mark.parametrize("kind", ["deformed", "smoothed"])
def test_deformed_teachers(kind):
    one = getattr(hp.TeacherStudent(3, 2, 4), kind)()
    x = np.sin(np.arange(8.0))
    for other in again(one):
        assert answers(other, x, 0.4) == answers(one, x, 0.4)


def test_models_activations_and_losses():
    for one in (hp.MLP((2, 3, 1), "softplus"), activation("leaky-relu:slope=0.3"), activation("erf"), loss("softmax")):
        for other in again(one):
            assert type(other) is type(one)
            assert other.name == one.name if hasattr(one, "name") else other == one
    assert pickle.loads(pickle.dumps(activation("relu"))) is activation("relu")


def test_results_paths_and_settings():
    result = hp.solve("teacher:k=3", "proximal", rng=1, budget=300)
    for thing in (
        result,
        result.path,
        hp.Budget(3, 4),
        Workers("processes", 2),
        Group("g", ["xor"]),
        hp.Status.CONVERGED,
    ):
        for other in again(thing):
            assert type(other) is type(thing)
    assert pickle.loads(pickle.dumps(result)).x.tobytes() == result.x.tobytes()


def test_a_comparison_is_reduced_to_its_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    one = compare("xor", ["gd", "lbfgs"], seeds=3, budget=50, store="runs.sqlite", workers=Workers(n_jobs=1))
    monkeypatch.chdir("/")
    for other in again(one):
        assert (other.problems, other.methods, other.seeds) == (one.problems, one.methods, one.seeds)
        assert other.table().tobytes() == one.table().tobytes()
        assert other.store.path == tmp_path / "runs.sqlite"
    text = pickle.dumps(one)
    one.store.close()
    for name in tmp_path.iterdir():
        name.unlink()
    with pytest.raises(DataError, match="there is no store"):
        pickle.loads(text)


def test_a_comparison_in_memory_says_why_it_cannot_be_copied():
    one = compare("xor", "gd", seeds=2, budget=20, workers=Workers(n_jobs=1))
    for attempt in (pickle.dumps, copy.deepcopy):
        with pytest.raises(
            ArgumentError, match="a store in memory cannot be pickled or copied; keep its runs in a file"
        ):
            attempt(one)
        with pytest.raises(ArgumentError, match="in memory"):
            attempt(one.store)
    assert isinstance(one, Comparison)
    assert isinstance(one.store, Store)


def test_what_a_plugin_makes_is_made_again_in_another_process(tmp_path):
    (tmp_path / "mine.py").write_text(PLUGIN)
    load(tmp_path / "mine.py")
    things = [hp.problem("bowl:height=2"), hp.method("far:radius=3"), hp.method("multistart:of=far+radius=2")]
    for other in again(things):
        assert [one.name for one in other] == [one.name for one in things]
    (tmp_path / "things").write_bytes(pickle.dumps(things))
    code = "import pickle; print([one.name for one in pickle.load(open('things', 'rb'))])"
    found = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert found.stdout.strip() == str([one.name for one in things])


@pytest.mark.slow
def test_objects_run_in_processes(tmp_path, files):
    (tmp_path / "sent.py").write_text(
        PLUGIN.replace('"far', '"near').replace('"bowl', '"dish').replace("bowl:", "dish:")
    )
    load(tmp_path / "sent.py")
    subjects = [hp.problem("dish"), made("csv", files), hp.problem("teacher:k=3"), hp.problem("yun")]
    solvers = [hp.method("lbfgs"), hp.method("near"), hp.method("proximal")]
    one, two = (
        compare(subjects, solvers, seeds=4, budget=60, workers=Workers(kind, 2)) for kind in ("processes", "threads")
    )
    assert not one.failures
    fields = ["problem", "method", "seed", "value", "cost", "status"]
    assert one.table()[fields].tolist() == two.table()[fields].tolist()
