"""The table beside scikit-learn's nets."""

import subprocess
import sys

import numpy as np
import pytest

from homotopy.papers.real_data.sklearn_table import compared, table


def test_a_table_tells_scores_differences_and_seconds():
    found = {
        "MLP lbfgs": np.array([[0.90, 1.0], [0.92, 1.0]]),
        "MLP adam": np.array([[0.80, 3.0], [0.90, 3.0]]),
        "homotopy": np.array([[0.94, 0.5], [0.94, 0.7]]),
    }
    lines = table("wine", found).splitlines()
    assert lines[0] == "| wine | accuracy | over MLP lbfgs | CPU s |"
    assert lines[2] == "| MLP lbfgs | 0.9100 |  | 1.00 |"
    assert lines[4] == "| homotopy | 0.9400 | +0.0300 ± 0.0100 | 0.60 |"


@pytest.mark.slow
def test_our_nets_are_as_good_on_wine_in_less_time():
    found = compared("wine", (8,), folds=2)
    means = {which: rows.mean(axis=0) for which, rows in found.items()}
    assert means["homotopy"][0] > max(means["MLP lbfgs"][0], means["MLP adam"][0]) - 0.03
    assert means["homotopy"][1] < means["MLP lbfgs"][1]


def test_an_unknown_data_set_is_refused():
    command = [sys.executable, "-m", "homotopy.papers.real_data.sklearn_table", "whine"]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 2
    assert ended.stderr.splitlines()[-1].endswith(
        "there is no data set 'whine'; there are wine, cancer, digits, diabetes, friedman1"
    )
