"""The two files that the contributor's guide shows do what it says."""

import csv
import re
import subprocess
import sys
from pathlib import Path

import pytest

GUIDE = (Path(__file__).parents[1] / "CONTRIBUTING.md").read_text()


@pytest.fixture
def files(tmp_path):
    for name, text in re.findall(r"```python\n# (\w+\.py)\n(.*?)```", GUIDE, re.S):
        (tmp_path / name).write_text(text)
    return tmp_path


def run_command(folder, words):
    command = "from homotopy.cli import main; main()"
    subprocess.run([sys.executable, "-c", command, *words], cwd=folder, capture_output=True, text=True, check=True)
    with (folder / "out" / "runs.csv").open() as stream:
        return list(csv.DictReader(stream))


def test_the_homotopy_of_the_guide_is_tracked_descended_and_solved(files):
    done = subprocess.run([sys.executable, "path.py"], cwd=files, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    success, tracked, descended, solved = done.stdout.split()
    assert success == "True"
    assert float(tracked) == pytest.approx(float(descended), abs=1e-8)
    assert float(tracked) == pytest.approx(float(solved), abs=1e-8)


def test_the_homotopy_of_the_guide_is_compared(files):
    ways = ["-m", "track:along=ridge", "-m", "graduated:along=ridge"]
    rows = run_command(files, ["compare", "logistic", *ways, "--plugin", "path.py", "--seeds", "5", "-o", "out"])
    values = {name: [float(row["value"]) for row in rows if row["method"] == name] for name in ways[1::2]}
    assert [len(found) for found in values.values()] == [5, 5]
    best = min(map(min, values.values()))
    assert max(map(max, values.values())) == pytest.approx(best, abs=1e-4)


def test_the_method_of_the_guide_is_compared_and_reported(files):
    words = [
        "compare",
        "xor",
        "-m",
        "lbfgs",
        "-m",
        "restart-lbfgs",
        "--plugin",
        "plugin.py",
        "--seeds",
        "20",
        "-o",
        "out",
    ]
    rows = [row for row in run_command(files, words) if row["method"].startswith("restart-lbfgs")]
    assert len(rows) == 20
    assert "restart-lbfgs" in (files / "out" / "report.html").read_text()
