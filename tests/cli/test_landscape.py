"""``homotopy landscape``: what it says of functions whose points are known, that it goes on, and what it refuses."""

from __future__ import annotations

import csv
import json
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from numpy.polynomial import Polynomial

from homotopy.cli.landscape import gathering

WELL = """
from homotopy.objectives.functions import Polynomial
from homotopy.problems import Problem


def well(tilt: float = 0.1, off: float = 0.0) -> Problem:
    \"\"\"Two wells: (x^2 - 1)^2 + tilt x + y^2 + off.\"\"\"
    c = [[1 + off, 0, 1], [tilt, 0, 0], [-2, 0, 0], [0, 0, 0], [1, 0, 0]]
    return Problem(f"well:tilt={tilt:g}", Polynomial(c), lambda rng: rng.uniform(-2, 2, 2), source="two wells")


def wide(n: int = 201) -> Problem:
    \"\"\"A quadratic function of many variables.\"\"\"
    import numpy as np
    from homotopy.objectives.functions import Quadratic
    return Problem(f"wide:n={n}", Quadratic(np.eye(n), np.zeros(n)), lambda rng: rng.standard_normal(n))


PROBLEMS = {"landscape-well": well, "landscape-wide": wide}
"""
XOR = "xor:hidden=1,l2=0.01"
QUICK = ["--kinds", "minima", "--bands", "0"]


@pytest.fixture
def plugin(tmp_path):
    from homotopy.problems import BY_NAME

    path = tmp_path / "well.py"
    path.write_text(WELL)
    yield path
    for name in ("landscape-well", "landscape-wide"):
        BY_NAME.pop(name, None)


def test_the_points_of_two_wells(run, plugin):
    got = run("landscape", "landscape-well:tilt=0.2", "--starts", "6", "--plugin", plugin, "--json", "-o", "out")
    assert got.code == 0
    data = json.loads(got.out)
    roots = np.sort(Polynomial([0.2, -4.0, 0.0, 4.0]).roots().real)
    known = {float(Polynomial([1.0, 0.2, -2.0, 0.0, 1.0])(x)): int(i == 1) for i, x in enumerate(roots)}
    assert [point["index"] for point in data["points"]] == [known[value] for value in sorted(known)]
    assert [point["value"] for point in data["points"]] == pytest.approx(sorted(known), rel=1e-12)
    assert data["morse_sum"] == 1
    low, high, saddle = sorted(known)
    assert data["tree"]["merges"] == [[pytest.approx(saddle), 0, 1]]
    assert data["tree"]["minima"] == pytest.approx([low, high])
    text = run("landscape", "landscape-well:tilt=0.2", "--starts", "6", "--plugin", plugin, "-o", "out").out
    assert "3 critical points from 6 starts" in text
    assert f"{saddle - high:.3g}" in text.splitlines()[-1]  # the barrier from the higher one to the lower one


def test_files_and_what_they_hold(run, tmp_path, drawn):
    got = run("landscape", XOR, "--starts", "4", "-o", "out")
    assert got.code == 0
    for name in ("landscape.html", "points.csv", "points.npz", "settings.json", "loss-index.png", "tree.png"):
        assert (tmp_path / "out" / name).stat().st_size > 50
    with (tmp_path / "out" / "points.csv").open() as file:
        rows = list(csv.DictReader(file))
    from homotopy.problems import problem

    objective = problem(XOR).objective
    for row in rows:
        x = np.array([float(row[f"x_{i}"]) for i in range(1, 6)])
        assert objective.value(x) == pytest.approx(float(row["value"]), rel=1e-14)
        assert np.linalg.norm(objective.grad(x)) < 1e-9
        eigenvalues = [float(row[f"eigenvalue_{i}"]) for i in range(1, 6)]
        assert sum(w < -1e-9 for w in eigenvalues) == int(row["index"])
    assert "Morse sum" in got.out


def census(text):
    data = json.loads(text)
    return [(p["index"], p["multiplicity"], p["hits"], round(p["value"], 12)) for p in data["points"]]


def test_more_starts_go_on_and_parts_do_not_matter(run, monkeypatch):
    monkeypatch.setattr(gathering, "PART", 3)
    asked = ["landscape", XOR, *QUICK, "--seed"]
    whole = run(*asked, "5", "--starts", "6", "--json", "-o", "whole")
    run(*asked, "5", "--starts", "3", "-o", "parts")
    calls = []
    monkeypatch.setattr(gathering.Gathered, "save", lambda self, points: calls.append(points.n_starts))
    parts = run(*asked, "5", "--starts", "6", "--json", "-o", "parts")
    assert calls == [6]
    assert census(parts.out) == census(whole.out)
    assert json.loads(whole.out)["starts"] == 6
    other = run(*asked, "6", "--starts", "6", "--json", "-o", "other")
    assert [p[2] for p in census(other.out)] != [p[2] for p in census(whole.out)]  # other starts, other hits


@pytest.mark.parametrize(
    ("other", "word"),
    [
        (["xor:hidden=1,l2=0.02"], "another problem, 'xor:hidden=1,l2=0.01' and not 'xor:hidden=1,l2=0.02'"),
        ([XOR, "--seed", "1"], "another seed, 0 and not 1"),
        ([XOR, "--kinds", "all"], "another kinds, 'minima' and not 'all'"),
    ],
)
def test_other_settings_are_refused(other, word, run):
    asked = ["landscape", "--starts", "2", *QUICK, "-o", "out"]
    run(*asked, XOR)
    got = run(*asked, *other)
    assert got.code == 2
    assert word in got.err
    assert "choose another with -o" in got.err
    assert got.err.count("\n") == 1


def test_a_file_that_is_no_census_is_refused(run, tmp_path):
    run("landscape", XOR, "--starts", "2", *QUICK, "-o", "out")
    (tmp_path / "out" / "points.npz").write_bytes(b"PK\x03\x04 cut off")
    got = run("landscape", XOR, "--starts", "2", *QUICK, "-o", "out")
    assert got.code == 2
    assert "cannot be read" in got.err
    assert got.err.count("\n") == 1


def test_data_that_have_changed_are_refused(run, plugin):
    run("landscape", "landscape-well", "--starts", "2", "--plugin", plugin, "-q", "-o", "out")
    from homotopy.problems import BY_NAME

    first = BY_NAME["landscape-well"]
    BY_NAME["landscape-well"] = lambda: first(off=1.0)
    got = run("landscape", "landscape-well", "--starts", "2", "-o", "out")
    assert got.code == 2
    assert "value at the first start" in got.err


def test_too_large_a_problem_is_refused(run, plugin):
    got = run("landscape", "landscape-wide", "--plugin", plugin)
    assert got.code == 2
    assert "201 variables, and --kinds all takes at most 200" in got.err
    assert "--kinds minima takes 2,000" in got.err
    got = run("landscape", "landscape-wide:n=2001", "--kinds", "minima", "--plugin", plugin)
    assert got.code == 2
    assert "takes at most 2,000" in got.err


@pytest.mark.parametrize("words", [["--starts", "0"], ["--seconds", "-1"], ["--kinds", "saddles"], ["--bands", "-1"]])
def test_wrong_numbers_are_refused_in_a_sentence(words, run):
    got = run("landscape", XOR, *words)
    assert got.code == 2
    assert got.err.count("\n") == 1


def test_seconds_end_after_a_part_and_the_rest_is_told(run, monkeypatch):
    monkeypatch.setattr(gathering, "PART", 2)
    got = run("landscape", XOR, *QUICK, "--starts", "6", "--seconds", "1e-9", "-o", "out")
    assert "from 2 starts" in got.out
    assert "4 starts are left" in got.err


def test_notes_on_a_part_are_not_told_of_the_whole(run, monkeypatch):
    from homotopy.landscape.critical import census as searching

    critical_points = searching.critical_points

    def noted(problem, rows, **asked):
        part = critical_points(problem, rows, **asked)
        return part.replaced(part, [f"from {rows[0][0]:g}: points are missing"])

    monkeypatch.setattr(gathering, "PART", 2)
    monkeypatch.setattr(searching, "critical_points", noted)
    got = run("landscape", XOR, *QUICK, "--starts", "4", "-o", "out")
    assert "from 4 starts" in got.out
    assert "points are missing" not in got.out


@pytest.mark.slow
def test_a_killed_command_loses_a_part_and_ends_as_if_it_had_not_been(run, tmp_path):
    asked = ["landscape", XOR, "--starts", "120", "--json", "-q", "-o"]
    code = "from homotopy.cli import main; main()"
    process = subprocess.Popen(
        [sys.executable, "-c", code, *asked, "killed"], cwd=tmp_path, stdout=subprocess.DEVNULL, text=True
    )
    points = tmp_path / "killed" / "points.npz"
    while not points.exists():
        assert process.poll() is None
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    with np.load(points) as file:
        kept = int(file["counts"][0])
    assert 0 < kept < 120
    assert census(run(*asked, "killed").out) == census(run(*asked, "whole").out)
