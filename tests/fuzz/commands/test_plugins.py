"""Plugins with every mistake: the command line says one sentence, and nothing of a refused file is entered."""

from __future__ import annotations

import shutil

import pytest
from fuzz.commands.running import refused_or_run, runner
from fuzz.lawful import lawful
from fuzz.mutations import spoiled
from hypothesis import strategies as st

from homotopy import methods, problems
from homotopy.experiments.plan.plugins import load

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore::hypothesis.errors.HypothesisWarning")]

PLUGIN = """import numpy as np

import homotopy as hp
from homotopy.methods import BatchMethod, Method

{top}


class Mine(BatchMethod):
    reference = "none"

    def __init__(self, radius: {annotation} = 1.0{parameters}):
        {constructor}
        self.name = {name}

    def accepts(self, problem):
        return {accepts}

    def run(self, batch):
        {run}
        batch.descend(batch.problem.objective, batch.x[batch.rows], batch.rows, name="descent", rule="lbfgs")


class Alone(Method):
    name = "alone"

    def solve(self, problem, *, rng=None, budget=None, callback=None):
        return {result}


class Bowl:
    size = {size}

    def value_and_grad(self, x):
        {objective}
        return {value}, {grad}


def bowl(height: float = 0.0):
    return {problem}


{tables}
"""
RAISES = (
    "pass",
    "raise ValueError('no')",
    "raise KeyError('no')",
    "raise RuntimeError",
    "1 / 0",
    "raise SystemExit(3)",
    "raise SystemExit",
    "import sys; sys.exit('text')",
    "import sys; sys.exit(0)",
    "raise StopIteration",
    "raise RecursionError('deep')",
    "raise MemoryError",
    "raise GeneratorExit",
    "raise OSError(28, 'No space left on device')",
    "raise UnicodeDecodeError('utf-8', b'x', 0, 1, 'no')",
    "assert False",
    "import nothing_of_that_name",
    "raise BaseException('all')",
    "raise hp.errors.ArgumentError('mine is wrong')",
    "raise NotImplementedError",
)
THINGS = (
    "None",
    "5",
    "'text'",
    "[]",
    "{}",
    "object()",
    "np.nan",
    "np.zeros(3)",
    "print",
    "(1, 2)",
    "b'x'",
    "1j",
    "True",
)
TABLES = (
    "METHODS = {'mine': Mine, 'alone': Alone}\nPROBLEMS = {'bowl': bowl}",
    "METHODS = {'mine': lambda: 5, 'alone': int}\nPROBLEMS = {'bowl': lambda: 'bowl'}",
    "METHODS = {'mine': Mine, 'alone': dict}\nPROBLEMS = {'bowl': print}",
    "METHODS = {'mine': Mine(), 'alone': Alone()}\nPROBLEMS = {'bowl': bowl()}",
    "METHODS = {'mine': lambda *a, **k: Mine(*a, **k), 'alone': lambda x: 1}\nPROBLEMS = {'bowl': lambda x, y: 3}",
    "METHODS = {5: Mine}",
    "METHODS = {'a b': Mine}",
    "METHODS = {'a:b': Mine, '': Mine}",
    "METHODS = {'gd': Mine}",
    "METHODS = {'mine': 5}",
    "PROBLEMS = {'xor': bowl}",
    "PROBLEMS = [('bowl', bowl)]",
    "HOMOTOPIES = {'bowl': 5}",
    "HOMOTOPIES = {'mine': Mine}",
    "METHODS = PROBLEMS = HOMOTOPIES = {}",
    "",
    *(f"METHODS = {thing}" for thing in THINGS),
    *(f"PROBLEMS = {thing}" for thing in THINGS),
)
USUAL = {
    "top": "pass",
    "annotation": "float",
    "parameters": "",
    "constructor": "self.radius = radius",
    "name": "f'mine:radius={radius}'",
    "accepts": "None",
    "run": "pass",
    "result": "hp.solve(problem, 'lbfgs', rng=rng, budget=budget)",
    "size": "2",
    "objective": "pass",
    "value": "float(x @ x)",
    "grad": "2 * x",
    "problem": "hp.Problem('bowl', Bowl(), lambda rng: rng.standard_normal(2), optimum=0.0)",
    "tables": TABLES[0],
}
ODD = {
    "top": (*RAISES, "METHODS = {", "x = '\\x00'", "def f(:", "\tpass", "'\\ud800'", "(" * 300, "async def f(): pass"),
    "annotation": ("'nothing'", "int", "list", "5", "'float'", "np.ndarray", "None"),
    "parameters": (", *more", ", **more", ", needed=None, *, other", ", /"),
    "constructor": (*RAISES, "self.radius = list"),
    "name": (*THINGS, "'x' * 10**5", "'\\n'", "'\\x00'", "'a,b'"),
    "accepts": (*THINGS, "1 / 0", "'never'"),
    "run": (*RAISES, "batch.x[:] = np.nan", "batch.rows = None", "batch.charge_flops(batch.rows, np.nan)", "return 5"),
    "result": (*THINGS, "1 / 0", "hp.solve(problem, 'gd', budget=1)"),
    "size": ("0", "-1", "2.5", "'2'", "None", "10**30", "True", "np.int8(2)"),
    "objective": RAISES,
    "value": (*THINGS, "np.inf", "-np.inf", "np.float32(1)", "'3'", "np.array([1.0])", "10**400", "1e308"),
    "grad": (*THINGS, "x[:1]", "np.full(2, np.inf)", "x[None]", "x.astype(int)", "[1, 2]", "x.astype('f4')"),
    "problem": (
        *THINGS,
        "hp.problem('xor')",
        "hp.Problem('b', Bowl(), lambda rng: None)",
        "hp.Problem('b', Bowl(), lambda rng: np.zeros(5))",
        "hp.Problem('b', Bowl(), lambda rng: np.full(2, np.nan))",
        "hp.Problem('b', Bowl(), lambda: 0)",
        "hp.Problem('b', Bowl(), 5)",
        "hp.Problem('b', None, lambda rng: 0)",
        "hp.Problem(5, Bowl(), lambda rng: np.zeros(2))",
        "hp.Problem('b', Bowl(), lambda rng: np.zeros(2), optimum='low', tolerance=None)",
        "hp.Problem('b', Bowl(), lambda rng: np.zeros(2), score=lambda x: 1 / 0, score_name='s')",
        "hp.Problem('b', Bowl(), lambda rng: np.zeros(2), score=lambda x: 'good')",
        "hp.Problem('b', Bowl(), lambda rng: np.zeros(2), bound=lambda: 1 / 0)",
    ),
    "tables": TABLES,
}
COMMANDS = (
    ("solve", "bowl", "-m", "mine", "--budget", "30"),
    ("solve", "bowl:height=2", "-m", "alone", "--budget", "30", "--json"),
    ("solve", "xor", "-m", "mine:radius=2", "--budget", "30"),
    ("compare", "bowl", "-m", "mine", "-m", "alone", "-m", "lbfgs", "--seeds", "2", "--budget", "20", "-j", "1"),
    ("compare", "xor", "-m", "mine", "--seeds", "2", "--budget", "20", "-j", "1", "--json"),
    ("list", "--json"),
    ("list", "methods"),
    ("track", "bowl", "--max-steps", "4"),
    ("tune", "bowl", "mine", "-p", "radius=1/2", "--tuning-budget", "300", "--budget", "9", "-j", "1"),
)


@st.composite
def plugins(draw):
    """Return the bytes of a plugin with one mistake or two, and a command for it."""
    parts = dict(USUAL)
    for name in draw(st.lists(st.sampled_from(sorted(ODD)), min_size=1, max_size=2)):
        parts[name] = draw(st.sampled_from(ODD[name]))
    data = PLUGIN.format(**parts).encode("utf-8", "surrogatepass")
    if draw(st.integers(0, 9)) == 0:
        data = draw(spoiled(data))
    return data, draw(st.sampled_from(COMMANDS))


@pytest.mark.fuzz(share=0.05)
def test_plugins(fuzz, tmp_path, own_names, monkeypatch, capsys):
    run = runner(tmp_path, monkeypatch, capsys)
    before = [dict(floor.BY_NAME) for floor in (problems, methods)]
    count = iter(range(10**9))

    def check_case(case):
        data, words = case
        folder = tmp_path / str(next(count))
        folder.mkdir()
        (folder / "plug.py").write_bytes(data)
        try:
            return refused_or_run(run, [*words, "--plugin", str(folder / "plug.py")])
        finally:
            for floor, names in zip((problems, methods), before, strict=True):
                floor.BY_NAME.clear()
                floor.BY_NAME.update(names)
            shutil.rmtree(folder)

    fuzz(check_case, plugins())


@pytest.mark.fuzz(share=0.003)
def test_a_refused_plugin_enters_nothing(fuzz, tmp_path, own_names):
    before = [dict(floor.BY_NAME) for floor in (problems, methods)]
    count = iter(range(10**9))

    def check_case(tables):
        path = tmp_path / f"plug{next(count)}.py"
        path.write_text(PLUGIN.format(**(USUAL | {"tables": f"METHODS = {{'first': Mine}}\n{tables}"})))
        what = lawful(load, path)
        if what == "refused":
            assert [dict(floor.BY_NAME) for floor in (problems, methods)] == before
        for floor, names in zip((problems, methods), before, strict=True):
            floor.BY_NAME.clear()
            floor.BY_NAME.update(names)
        return what

    fuzz(check_case, st.sampled_from(TABLES))
