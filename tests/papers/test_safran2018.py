"""The study of spurious minima in its small version, held against expected.json and the authors' counts."""

import json
import subprocess
import sys
from pathlib import Path

import matplotlib.pyplot as plt
import pytest

from homotopy.papers import safran2018


@pytest.fixture(scope="module")
def expected():
    return json.loads((Path(safran2018.__file__).parent / "expected.json").read_text())


@pytest.fixture(scope="module")
def rows(expected):
    return safran2018.run([row["k"] for row in expected["rows"]], expected["runs"])


def test_small_version_gives_what_is_expected(rows, expected):
    for row, wanted in zip(rows, expected["rows"], strict=True):
        assert row.k == wanted["k"]
        assert row.runs == expected["runs"]
        assert abs(row.gd_spurious - wanted["gd_spurious"]) <= expected["slack"]
        assert row.skip_spurious == wanted["skip_spurious"]
        if "gd_value" in wanted:
            assert row.gd_value == pytest.approx(wanted["gd_value"], abs=2e-3)
        assert row.skip_cost < row.gd_cost / 3


def test_published_counts_are_those_of_the_files():
    first, second = safran2018.published().values()
    assert first["spurious"]["20"] == 949
    assert first["spurious"]["10"] == 346
    assert second["spurious"]["10"] / second["runs"] == pytest.approx(0.32)
    assert all("recomputed" in study["source"] for study in (first, second))
    assert list(first["spurious"]) == list(second["spurious"]) == [str(k) for k in range(6, 21)]


def test_our_rate_is_the_authors(rows):
    """At k = 10 the two counts have one rate by a two-sided exact test."""
    from scipy.stats import fisher_exact

    row = rows[-1]
    assert row.k == 10
    assert fisher_exact([[346, 654], [row.gd_spurious, row.runs - row.gd_spurious]]).pvalue > 0.05


def test_table_and_figure(rows):
    text = safran2018.table(rows)
    assert len(text.splitlines()) >= 2 + len(rows) + 3
    assert "| 8 | 12.6 | 11.4 |" in text
    assert "recomputed" in text
    fig, ax = plt.subplots()
    assert safran2018.figure(rows, ax) is ax
    assert {"gradient descent", "skip homotopy"} <= set(ax.get_legend_handles_labels()[1])
    plt.close(fig)


def test_one_command_writes_table_and_figure(tmp_path):
    command = [
        sys.executable,
        "-m",
        "homotopy.papers.safran2018",
        "-o",
        str(tmp_path / "out"),
        "--runs",
        "4",
        "-k",
        "6",
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"table.md", "rows.json", "spurious.png"}
    assert json.loads((tmp_path / "out" / "rows.json").read_text())[0]["runs"] == 4
    assert "| 6 | 0.3 | 0.0 |" in done.stdout
