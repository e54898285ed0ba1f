"""The subcommands: what they print, what they write, and that seeds decide everything but times."""

from __future__ import annotations

import csv
import json

import numpy as np
import pytest

from homotopy import methods, problems
from homotopy.cli import COMMANDS


def rows_without_times(path):
    with path.open() as file:
        return [{k: v for k, v in row.items() if k != "seconds"} for row in csv.DictReader(file)]


FAST = ["-m", "gd", "-m", "lbfgs", "--seeds", "8", "--budget", "300"]


def test_compare_writes_table_and_files(run, tmp_path, drawn):
    got = run("compare", "xor", *FAST, "-o", "out")
    assert got.code == 0
    lines = got.out.splitlines()
    assert "8 starts" in lines[0]
    assert [line.split()[0] for line in lines[1:4]] == ["method", "gd", "lbfgs"]
    for name in ("report.html", "table.tex", "runs.csv", "curves.png", "success.png", "runs.sqlite"):
        assert (tmp_path / "out" / name).stat().st_size > 300
        assert name in got.err


def test_the_default_folder_is_named_after_the_problem(run, tmp_path):
    assert run("compare", "xor:hidden=3", *FAST, "-q").err == ""
    assert (tmp_path / "homotopy-xor-hidden=3" / "runs.csv").exists()


def test_same_seeds_same_csv_with_one_worker_and_two(run, tmp_path):
    for jobs in (1, 2):
        assert run("compare", "xor", "teacher:k=6", *FAST, "-j", jobs, "-o", f"out{jobs}").code == 0
    one, two = (rows_without_times(tmp_path / f"out{jobs}" / "runs.csv") for jobs in (1, 2))
    assert len(one) == 32
    assert one == two


def test_other_seeds_other_csv(run, tmp_path):
    run("compare", "xor", *FAST, "-o", "a")
    run("compare", "xor", "-m", "gd", "-m", "lbfgs", "--budget", "300", "--seeds", "8..15", "-o", "b")
    one, two = (rows_without_times(tmp_path / name / "runs.csv") for name in ("a", "b"))
    assert [row["seed"] for row in two[:8]] == [str(seed) for seed in range(8, 16)]
    assert [row["value"] for row in one] != [row["value"] for row in two]


def test_the_same_command_runs_nothing_again(run, tmp_path):
    run("compare", "xor", *FAST, "-o", "out")
    first = (tmp_path / "out" / "runs.csv").read_text()
    run("compare", "xor", *FAST, "-o", "out")
    assert (tmp_path / "out" / "runs.csv").read_text() == first  # times too: they come from the store


def test_json_is_the_only_thing_on_stdout(run):
    got = run(
        "compare",
        "xor",
        "teacher:k=6",
        "-m",
        "gd",
        "-m",
        "linearized",
        "--seeds",
        "4",
        "--budget",
        "50",
        "--json",
        "-o",
        "o",
    )
    data = json.loads(got.out)
    assert {row["method"] for row in data["summaries"]} == {"gd", "linearized"}
    assert data["skips"][0]["problem"] == "teacher:k=6"
    assert 0 <= data["summaries"][0]["rate"]["low"] <= 1


def test_a_csv_file_is_a_problem(run, table_file):
    got = run("compare", "data.csv", "--target", "y", "-m", "lbfgs", "--seeds", "3", "--budget", "200", "-o", "o")
    assert got.code == 0
    assert "data.csv" in got.out


def test_compare_in_python_gives_the_csv(run, tmp_path):
    from homotopy.experiments import compare

    run("compare", "xor", *FAST, "-o", "out")
    table = compare("xor", ["gd", "lbfgs"], seeds=8, budget=300).table()
    assert [float(row["value"]) for row in rows_without_times(tmp_path / "out" / "runs.csv")] == table.value.tolist()


def test_solve_prints_the_ending_and_writes_the_point(run, tmp_path):
    got = run("solve", "teacher:k=6", "-m", "lbfgs", "--seed", "3", "--json", "-o", "point")
    data = json.loads(got.out)
    assert got.code == 0
    assert data["status"] == "REACHED_TARGET"
    point = np.load(tmp_path / "point.npy")
    assert problems.problem("teacher:k=6").objective.value(point) == pytest.approx(data["value"], rel=1e-12)
    again = run("solve", "teacher:k=6", "-m", "lbfgs", "--seed", "3", "-o", "point")
    assert again.code == 2
    assert "point.npy" in again.err


def test_solve_agrees_with_compare(run):
    data = json.loads(run("solve", "xor", "-m", "gd", "--seed", "5", "--budget", "300", "--json").out)
    from homotopy.experiments import compare

    row = compare("xor", "gd", seeds=[5], budget=300).table()[0]
    assert (data["value"], data["cost"], data["status"]) == (row["value"], row["cost"], row["status"])


@pytest.mark.parametrize("kind", ["problems", "methods", "homotopies"])
def test_list_names_everything(kind, run):
    from homotopy import homotopies

    table = {"problems": problems, "methods": methods, "homotopies": homotopies}[kind].BY_NAME
    data = json.loads(run("list", kind, "--json").out)[kind]
    assert [row["name"] for row in data] == sorted(table)
    assert all(row["about"] for row in data)
    shown = run("list", kind).out
    assert all(name in shown for name in table)


def test_info_says_on_what_results_depend(run):
    data = json.loads(run("info", "--json").out)
    assert data["python"].startswith("3.")
    assert set(data["blas_threads"].values()) <= {1}
    assert data["code"].startswith(data["homotopy"] + "+")
    assert "instruction set" in run("info").out


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_help_has_examples_and_fits_a_terminal(command, run, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    got = run(*([command] if command else []), "--help")
    assert got.code == 0
    assert "Example" in got.out
    assert got.err == ""
    assert max(map(len, got.out.splitlines())) <= 80


def test_version(run):
    from homotopy._version import __version__

    assert run("--version").out.strip().endswith(__version__)


def test_nothing_is_colored_where_stdout_is_no_terminal(run):
    got = run("compare", "xor", *FAST, "-o", "out")
    assert "\x1b" not in got.out + got.err
