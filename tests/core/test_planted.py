"""The tests notice errors of the compiled kernels: one at a time is planted, built and tested."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from instrumented import CHOSEN, trim
from planted import ERRORS

from homotopy._core import vmath

ROOT = Path(__file__).parents[2]
FILES = {path.name: path for path in (ROOT / "ext").rglob("*") if path.is_file()}
ROOMS = sorted({path.parent.name for path in FILES.values()})


def sources_of(name, seen=None):
    """Return the names of the files of ext/ that one of them takes in, itself among them."""
    seen = set() if seen is None else seen
    if name in FILES and name not in seen:
        seen.add(name)
        text = FILES[name].read_text()
        for found in re.findall(r'"(?:[./\w]*/)?(\w+\.(?:h|pxi))"', text):
            sources_of(found, seen)
        for found in re.findall(r"^(?:from|cimport) (\w+)", text, re.M):
            sources_of(f"{found}.pxd", seen)
    return seen


def modules_with(name):
    """Return the modules that a file is compiled into."""
    return [path.stem for path in FILES.values() if path.suffix == ".pyx" and name in sources_of(path.name)]


def built_for(error):
    """Return the modules that are built again for an error."""
    file = ROOT / "ext" / error.file
    every = modules_with(file.name)
    chosen = error.modules.split() or [m for m in every if FILES[f"{m}.pyx"].parent == file.parent]
    assert chosen, error
    assert set(chosen) <= set(every), error
    return chosen


def copied(folder):
    """Copy the tree with all that is compiled; times of files stay, so that only what changes is compiled again.

    That then has the machine's best instruction set and plain C alone, which vmath says to the tests.
    """
    for name in ("ext", "homotopy", "papers", "tests", "build"):
        if (ROOT / name).exists():
            shutil.copytree(
                ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", "papers", "temp.*")
            )
    for name in ("setup.py", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy2(ROOT / name, folder / name)
    trim(folder, vmath.available()[0])
    rebuild(folder, ["vmath"])


def run(folder, *command):
    compiler = "ccache gcc" if shutil.which("ccache") else "gcc"
    env = os.environ | {"PYTHONPATH": str(folder), "CC": os.environ.get("CC", compiler)}
    return subprocess.run([sys.executable, *command], cwd=folder, env=env, capture_output=True, text=True, check=False)


def rebuild(folder, modules):
    """Build some modules of a tree in place."""
    done = run(folder, "-c", CHOSEN, *modules)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]


def plant(folder, error):
    """Build the tree with an error, and return what became of the tests that should notice."""
    file = folder / "ext" / error.file
    right = file.read_text()
    file.write_text(right.replace(error.before, error.after))
    modules = built_for(error)
    kept = {path: path.read_bytes() for m in modules for path in (folder / "homotopy" / "_core").glob(f"{m}.*.so")}
    try:
        rebuild(folder, modules)
        return run(folder, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *error.tests.split())
    finally:
        file.write_text(right)
        for path, compiled in kept.items():
            path.write_bytes(compiled)


def test_every_error_can_be_planted_and_every_room_has_one():
    for error in ERRORS:
        assert (ROOT / "ext" / error.file).read_text().count(error.before) == 1, error
        assert error.after != error.before
        assert built_for(error), error
        assert all((ROOT / name.partition("::")[0]).exists() for name in error.tests.split()), error
    assert len(set(ERRORS)) == len(ERRORS) >= 40
    assert {Path(error.file).parent.name for error in ERRORS} == set(ROOMS)


@pytest.mark.slow
@pytest.mark.long
def test_every_planted_error_is_noticed(tmp_path):
    copied(tmp_path)
    missed = []
    for error in ERRORS:
        ended = plant(tmp_path, error)
        if ended.returncode == 0:
            missed.append(error)
        print("missed" if ended.returncode == 0 else "noticed", error.file, error.before, flush=True)
    assert not missed
