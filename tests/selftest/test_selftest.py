"""The selftest passes where all is well, and each of its checks fails where something is planted."""

from __future__ import annotations

import dataclasses
import getpass
import json
import os
import platform
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from homotopy import homotopies
from homotopy._core import vmath
from homotopy.cli import main
from homotopy.selftest import CheckError, command, keeping, kernels, paths, process, running, training, truth

CALL = [sys.executable, "-c", "from homotopy.cli import main; main()", "selftest"]


def selftest(*words, **environment):
    done = subprocess.run([*CALL, *words], capture_output=True, text=True, check=False, env=os.environ | environment)
    assert "Traceback" not in done.stderr
    return done


def hidden():
    """What no report may hold: folders, the user's name where it is none of ours, the machine's."""
    folders = {str(Path.home()), os.getcwd(), tempfile.gettempdir(), sys.prefix, str(Path(running.__file__).parents[2])}
    return {word for word in (*folders, platform.node(), getpass.getuser()) if len(word) > 3}


@pytest.mark.slow
def test_all_checks_pass_and_the_report_names_no_user_machine_or_folder():
    done = selftest()
    assert done.returncode == 0, done.stdout + done.stderr
    lines = done.stdout.splitlines()
    names = [re.match(r"ok +(.+?) +[\d.]+ s", line)[1] for line in lines[: lines.index("")]]
    assert names == [
        "import",
        *(f"kernels {isa}" for isa in vmath.available()),
        *(name for name in process.CHECKS if name != "kernels"),
    ]
    assert f"{len(names)} of {len(names)} checks passed" in done.stdout
    for fact in ("homotopy", "code", "python", "numpy", "scipy", "platform", "cpu", "instruction set", "blas"):
        assert re.search(rf"^{fact} +\S", done.stdout, re.M), fact
    assert not [word for word in hidden() if word in done.stdout + done.stderr]
    assert "/" not in done.stdout


def planted(tmp_path, code):
    """The variables with which code runs at the start of every process."""
    (tmp_path / "sitecustomize.py").write_text(code)
    return {"PYTHONPATH": os.pathsep.join([str(tmp_path), str(Path(running.__file__).parents[2])])}


def test_a_wrong_number_a_crash_and_a_library_that_is_gone_are_lines_and_an_exit_code(tmp_path, monkeypatch, capsys):
    code = """
import os, signal, sys
isa = os.environ.get("HOMOTOPY_ISA")
if isa == "base":
    os.kill(os.getpid(), signal.SIGSEGV)
if isa == "plain":
    import numpy
    numpy.tanh = lambda x: numpy.sin(x)
if "fold" in sys.orig_argv:
    sys.modules["scipy.linalg"] = None
if "crossing" in sys.orig_argv:
    os._exit(7)
"""
    for name, value in planted(tmp_path, code).items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("HOMOTOPY_ISA", raising=False)
    monkeypatch.setattr(running, "CHECKS", {name: process.CHECKS[name] for name in ("kernels", "fold", "crossing")})
    monkeypatch.setattr(command, "describe", lambda: (running.Outcome("import", True, 0.0, ""), {}, ["base", "plain"]))
    with pytest.raises(SystemExit) as ending:
        main(["selftest", "--json"])
    out, err = capsys.readouterr()
    data = json.loads(out)
    notes = {row["name"]: row["note"] for row in data["checks"]}
    assert ending.value.code == 1
    assert not data["passed"]
    assert notes.pop("import") == ""
    assert set(notes) == {"kernels base", "kernels plain", "fold", "crossing"}
    assert notes["kernels base"] == "the process died by SIGSEGV"
    assert "tanh" in notes["kernels plain"]
    assert "scipy.linalg" in notes["fold"]
    assert notes["crossing"] == "the process ended with code 7: no word"
    assert "failed  crossing" in err
    assert not [word for word in hidden() if word in out + err]


def test_without_numpy_the_import_is_what_fails(tmp_path):
    done = selftest(**planted(tmp_path, "import sys\nsys.modules['numpy'] = None\n"))
    assert done.returncode == 1
    assert re.match(r"failed +import .*ModuleNotFoundError", done.stdout)
    assert "0 of 1 checks passed" in done.stdout
    assert re.search(r"^python +\d", done.stdout, re.M)


def test_a_check_that_hangs_is_stopped(tmp_path, monkeypatch):
    for name, value in planted(tmp_path, "import time\ntime.sleep(60)\n").items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(running, "LIMIT", 0.5)
    outcome = next(running.run(["plain"]))
    assert (outcome.name, outcome.passed) == ("kernels plain", False)
    assert "hung" in outcome.note
    assert outcome.seconds < 30


def test_an_interpreter_that_cannot_be_started_is_a_line(monkeypatch):
    monkeypatch.setattr(sys, "executable", "/nonexistent/python")
    outcome, facts, available = running.describe()
    assert not outcome.passed
    assert outcome.note == "no process could be started: No such file or directory"
    assert facts["python"]
    assert available == []


# ------------------------------------------------------------ a fault planted into each check


class Wrong:
    """Something whose numbers are off by a billionth, or by more."""

    def __init__(self, inner, factor=1 + 1e-9, *, names=("value_and_grad",)):
        self._inner, self._factor, self._names = inner, factor, names

    def __getattr__(self, name):
        found = getattr(self._inner, name)
        if name not in self._names:
            return found

        def wrong(*args):
            got = found(*args)
            return (got[0], got[1] * self._factor) if isinstance(got, tuple) else got * self._factor

        return wrong


def wrong_function(name):
    return lambda patch: patch.setitem(truth.FUNCTIONS, name, lambda z: truth.np.tan(z))


def wrong_risk(patch):
    risk = kernels.EmpiricalRisk
    patch.setattr(kernels, "EmpiricalRisk", lambda *args, **more: Wrong(risk(*args, **more)))


def wrong_hessp(patch):
    risk = kernels.EmpiricalRisk
    patch.setattr(kernels, "EmpiricalRisk", lambda *args, **more: Wrong(risk(*args, **more), 1.001, names=("hessp",)))


def wrong_cell(patch):
    made = kernels.EmpiricalRisk

    def risk(model, *args, **more):
        return Wrong(made(model, *args, **more), 1.001 if getattr(model, "cell", "") == "gru" else 1.0)

    patch.setattr(kernels, "EmpiricalRisk", risk)


def wrong_teacher(patch):
    risk = kernels.TeacherStudent
    patch.setattr(kernels, "TeacherStudent", lambda *args, **more: Wrong(risk(*args, **more), 1.001))


def moved_last(module):
    """The last of many descents ends elsewhere: by a billionth, or where threads share them, by a bit."""
    descend = module.descend

    def moved(objective, starts, **more):
        found = descend(objective, starts, **more)
        if starts.ndim == 1 or more.get("n_jobs", 2) == 1:
            return found
        x = found.x.copy()
        x[-1, -1] = x[-1, -1] * (1 + 1e-9) if module is kernels else np.nextafter(x[-1, -1], 9)
        return dataclasses.replace(found, x=x)

    return lambda patch: patch.setattr(module, "descend", moved)


def wrong_derivative(name):
    def plant(patch):
        right = getattr(homotopies.Proximal, name)

        def wrong(self, *args):
            return right(self, *args) * 1.001

        patch.setattr(homotopies.Proximal, name, wrong)

    return plant


def few_homotopies(patch):
    patch.setattr(homotopies, "BY_NAME", {"proximal": homotopies.Proximal})


def other_bratu(patch):
    bratu = homotopies.Bratu
    patch.setattr(homotopies, "Bratu", lambda n, scale: bratu(n, scale=1.01 * scale))


def no_events(patch):
    track = paths.track
    patch.setattr(paths, "track", lambda *args, **more: dataclasses.replace(track(*args, **more), events=()))


def no_branches(patch):
    diagram = paths.diagram

    def one_branch(*args, **more):
        found = diagram(*args, **more)
        return dataclasses.replace(found, branches=found.branches[:1])

    patch.setattr(paths, "diagram", one_branch)


def all_gd(patch):
    solve = training.solve
    patch.setattr(training, "solve", lambda problem, method, rng: solve(problem, "gd", rng=rng))


def all_skip(patch):
    solve = training.solve
    patch.setattr(training, "solve", lambda problem, method, rng: solve(problem, "skip", rng=rng))


def no_budget(patch):
    solve = training.solve
    patch.setattr(training, "solve", lambda problem, method, rng: solve(problem, method, rng=rng, budget=2))


def nothing_kept(patch):
    patch.setattr(keeping, "_killed", lambda path: keeping.Store(path).close())


def child_dies(patch):
    patch.setattr(keeping, "command", lambda *words: [sys.executable, "-c", "raise SystemExit"])


def killed(path, *, progress=None):
    """Leave a part of the comparison in a store, as a process does that is killed."""

    def stop(state):
        raise RuntimeError("killed")

    with pytest.raises(RuntimeError, match="killed"):
        keeping._compared(path, progress=stop)


def other_runs(patch):
    compared = keeping._compared
    patch.setattr(keeping, "_killed", killed)

    def other(path, **more):
        found = compared(path, **more)
        return found if path is None or "progress" in more else dataclasses.replace(found, seeds=found.seeds[1:])

    patch.setattr(keeping, "_compared", other)


def blind_to_damage(patch):
    patch.setattr(keeping, "_killed", killed)

    patch.setattr(keeping, "_flipped", lambda path, piece: None)


def unknown_blas(patch):
    patch.setattr(keeping, "blas_threads", dict)


def many_blas_threads(patch):
    patch.setattr(keeping, "blas_threads", lambda: {"blas": 4})


PLANTED = {
    "a function": (kernels.kernels, wrong_function("erf"), "erf in float64"),
    "a gradient": (kernels.kernels, wrong_risk, "the squared loss of a net .*: gradient"),
    "a curvature": (kernels.kernels, wrong_hessp, "product with the Hessian"),
    "a cell": (kernels.kernels, wrong_cell, "the cell gru: gradient"),
    "a teacher": (kernels.kernels, wrong_teacher, "the gradient of the teacher's risk"),
    "a lane": (kernels.kernels, moved_last(kernels), "descents of many small nets"),
    "a Hessian product": (paths.derivatives, wrong_derivative("hessp"), "(proximal|fixed-point): hessp"),
    "a derivative in t": (paths.derivatives, wrong_derivative("dt"), "(proximal|fixed-point): derivative in t"),
    "a mixed derivative": (
        paths.derivatives,
        wrong_derivative("dt_grad"),
        "(proximal|fixed-point): derivative of the gradient",
    ),
    "homotopies that cannot be built": (paths.derivatives, few_homotopies, "only 1 homotopies"),
    "a fold elsewhere": (paths.fold, other_bratu, "the fold of Bratu's problem"),
    "a fold that is not seen": (paths.fold, no_events, "the folds of the reaction"),
    "a crossing that is not seen": (paths.crossing, no_events, "the crossing"),
    "a line that is not found": (paths.crossing, no_branches, "end at"),
    "a homotopy that is caught": (training.escape, all_gd, "the skip homotopy ended at"),
    "a descent that is not caught": (training.escape, all_skip, "escaped from 4 of 4 starts"),
    "nets that learn nothing": (training.memory, no_budget, "no recurrent net"),
    "runs that are lost": (keeping.store, nothing_kept, "left 0 runs"),
    "a process that dies": (keeping.store, child_dies, "ended by itself"),
    "runs that differ": (keeping.store, other_runs, "the runs differ"),
    "damage that is not seen": (keeping.store, blind_to_damage, "one bit was flipped"),
    "a BLAS that is not known": (keeping.threads, unknown_blas, "does not know the OpenBLAS"),
    "a BLAS that is not held": (keeping.threads, many_blas_threads, "cannot be held at one thread"),
    "a bit of a thread": (keeping.threads, moved_last(keeping), "differ between one thread and two"),
}


@pytest.mark.parametrize("name", PLANTED)
def test_what_is_planted_is_found(name, monkeypatch):
    check, plant, sentence = PLANTED[name]
    plant(monkeypatch)
    words = [vmath.isa()] if check is kernels.kernels else []
    with pytest.raises(CheckError, match=sentence):
        check(*words)


def test_another_instruction_set_than_was_asked_for_is_found():
    with pytest.raises(CheckError, match="where v9 was asked for"):
        kernels.kernels("v9")


def test_the_truth_knows_every_function_of_the_kernels():
    assert set(truth.FUNCTIONS) == set(vmath.functions())


# ------------------------------------------------------------ no folders in a report

NAME = st.text("abcXYZ019._-", min_size=1, max_size=8).filter(lambda name: name.strip("."))


@settings(max_examples=40)
@given(st.lists(NAME, min_size=1, max_size=5), NAME, st.sampled_from(["/", "\\"]), st.sampled_from(["", "C:", "d:"]))
def test_of_a_path_its_last_part_is_left(folders, name, slash, drive):
    path = drive + slash + slash.join([*folders, name])
    for text in (f"cannot read {path}", f"[Errno 2] no such file: '{path}'", f"{path}: gone, and {path}"):
        shown = running.told(text)
        assert slash.join(folders) + slash not in shown
        assert drive + slash + folders[0] + slash not in shown
        assert shown.count(name) >= text.count(path)


def test_folders_with_spaces_that_are_known_are_left_out(monkeypatch, tmp_path):
    home = tmp_path / "John Q. Doe"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("USERPROFILE", str(home))
    shown = running.told(f"no file {home / 'my nets' / 'a.npz'}")
    assert "Doe" not in shown
    assert shown.endswith("a.npz")
