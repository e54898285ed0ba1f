"""The files that the contributor's guide shows are short and do what it says."""

import csv
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import instrumented
import pytest

from homotopy._core import vmath

ROOT = Path(__file__).parents[1]
GUIDE = (ROOT / "CONTRIBUTING.md").read_text()
FILES = dict(re.findall(r"```python\n# (\w+\.py)\n(.*?)```", GUIDE, re.S))

USE = """
import homotopy as hp
from path import Ridge

problem = hp.problem("logistic")
path = hp.track(Ridge(problem.objective))
end = hp.descend(Ridge(problem.objective), [0.0] * problem.size, rule="lbfgs")
print(path.success, path.value, end.value, hp.solve(problem, Ridge, rng=0).value)
"""


@pytest.fixture
def files(tmp_path):
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    return tmp_path


def compare(folder, *words):
    """Return the runs of a comparison: the words of the command, then rows by method."""
    command = ["-c", "from homotopy.cli import main; main()", "compare", *words, "-o", "out", "--json"]
    done = subprocess.run([sys.executable, *command], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "skipped" not in done.stderr
    runs = {}
    with (folder / "out" / "runs.csv").open() as stream:
        for row in csv.DictReader(stream):
            runs.setdefault(row["method"].split(":")[0], []).append(row)
    return runs


def test_the_files_are_short():
    assert set(FILES) == {"path.py", "plugin.py", "problem.py", "net.py"}
    for name, text in FILES.items():
        assert len(text.splitlines()) < 30, name


def test_the_homotopy_is_tracked_descended_and_solved(files):
    done = subprocess.run([sys.executable, "-c", USE], cwd=files, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    success, tracked, descended, solved = done.stdout.split()
    assert success == "True"
    assert float(tracked) == pytest.approx(float(descended), abs=1e-8)
    assert float(tracked) == pytest.approx(float(solved), abs=1e-8)


def test_the_homotopy_is_compared(files):
    ways = ["-m", "track:along=ridge", "-m", "graduated:along=ridge"]
    runs = compare(files, "logistic", *ways, "--plugin", "path.py", "--seeds", "5")
    values = {name: [float(row["value"]) for row in rows] for name, rows in runs.items()}
    assert {name: len(found) for name, found in values.items()} == {"track": 5, "graduated": 5}
    best = min(map(min, values.values()))
    assert max(map(max, values.values())) == pytest.approx(best, abs=1e-4)


def test_the_method_is_compared_and_reported(files):
    runs = compare(files, "xor", "-m", "lbfgs", "-m", "restart-lbfgs", "--plugin", "plugin.py", "--seeds", "20")
    assert len(runs["restart-lbfgs"]) == 20
    assert "restart-lbfgs" in (files / "out" / "report.html").read_text()


def test_the_problem_is_compared_with_its_parameters(files):
    runs = compare(files, "sines:waves=1/2", "-m", "lbfgs", "--plugin", "problem.py", "--seeds", "5")
    assert {row["problem"] for row in runs["lbfgs"]} == {"sines:waves=1,n=60", "sines:waves=2,n=60"}
    assert all(float(row["value"]) < 0.3 for row in runs["lbfgs"])


def test_the_foreign_net_runs_through_every_method_that_needs_outputs(files):
    names = ["lm", "era", "decay", "linearized", "lbfgs"]
    ways = [word for name in names for word in ("-m", name)]
    runs = compare(files, "waves", *ways, "--plugin", "net.py", "--seeds", "4", "--budget", "600")
    assert {name: len(rows) for name, rows in runs.items()} == dict.fromkeys(names, 4)
    assert min(float(row["value"]) for row in runs["lm"]) < 1e-6


@pytest.mark.slow
def test_the_activation_is_compiled_and_held_to_the_truth(tmp_path):
    """The three places of the guide, in a copy of the sources, built for one instruction set without optimization."""
    for part in ("ext", "homotopy", "tests"):
        shutil.copytree(ROOT / part, tmp_path / part, ignore=shutil.ignore_patterns("*.so", "__pycache__"))
    for part in ("setup.py", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / part, tmp_path)
    (tmp_path / "papers").mkdir()
    function = re.search(r"```c\n(.*?)```", GUIDE, re.S)[1]
    entry, truth = re.findall(r"```python\n(    \"silu\".*?)```", GUIDE, re.S)
    line = re.search(r"`(X\(SILU.*?\))`", GUIDE)[1]
    last, behind, leaky = " X(GELU, gelu, 161)\n/* Those", "/* Averages", '    "leaky-relu": leaky_relu(),\n'
    planted = {
        "ext/passes/act.h": [(last, last.replace("\n", f" {line}\n")), (behind, f"{function}\n{behind}")],
        "homotopy/models/activations.py": [(leaky, leaky + entry)],
        "tests/reference.py": [("ACTIVATIONS = {\n", "ACTIVATIONS = {\n" + truth)],
    }
    for name, changes in planted.items():
        text = (tmp_path / name).read_text()
        for old, new in changes:
            assert text.count(old) == 1, (name, old)
            text = text.replace(old, new)
        (tmp_path / name).write_text(text)
    instrumented.trim(tmp_path, vmath.available()[0])
    environment = os.environ | {"HOMOTOPY_DEBUG": "1", "PYTHONPATH": str(tmp_path)}
    rooms = [
        "tests/core/test_mlp_kernels.py",
        "tests/models",
        "tests/descent/test_lanes.py",
        "tests/descent/test_tiny.py",
    ]
    where = "from homotopy.models import activations as a; print(a.__file__, a.BY_NAME['silu'].code)"
    for command in (
        ["setup.py", "-q", "build_ext", "--inplace"],
        ["-m", "pytest", "-q", "-p", "no:cacheprovider", *rooms],
        ["-c", where],
    ):
        done = subprocess.run(
            [sys.executable, *command], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert done.stdout.split() == [str(tmp_path / "homotopy/models/activations.py"), "9"]
