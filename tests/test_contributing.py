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


def test_the_homotopy_of_the_guide_is_tracked_and_descended(files):
    done = subprocess.run([sys.executable, "path.py"], cwd=files, capture_output=True, text=True, check=True)
    success, tracked, descended = done.stdout.split()
    assert success == "True"
    assert float(tracked) == pytest.approx(float(descended), abs=1e-8)


def test_the_method_of_the_guide_is_compared_and_reported(files):
    command = "from homotopy.cli import main; main()"
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
    subprocess.run([sys.executable, "-c", command, *words], cwd=files, capture_output=True, text=True, check=True)
    with (files / "out" / "runs.csv").open() as stream:
        rows = [row for row in csv.DictReader(stream) if row["method"].startswith("restart-lbfgs")]
    assert len(rows) == 20
    assert "restart-lbfgs" in (files / "out" / "report.html").read_text()
