"""Ratios, shares and changes over data sets, on rows with known answers."""

from __future__ import annotations

import numpy as np
import pytest
import scipy

from homotopy.errors import DataError
from homotopy.papers.real_data import rows as files
from homotopy.papers.real_data.numbers import change, groups, mean, near, ratio, within_groups
from homotopy.papers.real_data.predicting import practice, ranks
from homotopy.papers.real_data.rows import Row
from homotopy.papers.real_data.tables import best, promised, small, verdicts


def row(method, value, *, data="wine", alpha=1e-4, budget=2000.0, study="grid", **others):
    given = {"net": "8", "activation": "relu", "runs": 4, "within": 1, "score": 0.5} | others
    return Row(study, data, given.pop("net"), given.pop("activation"), alpha, budget, method, value=value, **given)


def pair(value, *, method="auto", against="multistart", **others):
    return [row(method, value, **others), row(against, 1.0, **others)]


def test_cells_of_one_data_set_count_as_one():
    found = pair(0.5) + pair(0.5, alpha=1e-3) + pair(0.5, alpha=1e-2) + pair(2.0, data="iris")
    one = ratio(found, "auto")
    assert one.value == pytest.approx(1.0)
    assert (one.sets, one.lower) == (2, 1)
    assert one.largest == pytest.approx(2.0)
    assert ratio(found, "lbfgs").sets == 0


@pytest.mark.parametrize("seed", range(3))
def test_the_interval_is_students_of_the_logarithms(seed):
    logs = np.random.default_rng(seed).normal(-0.1, 0.2, 7)
    names = ("wine", "iris", "cancer", "boston", "quakes", "cpus", "glass")
    one = ratio([r for name, log in zip(names, logs, strict=True) for r in pair(np.exp(log), data=name)], "auto")
    reach = scipy.stats.t.ppf(0.975, 6) * logs.std(ddof=1) / np.sqrt(7)
    assert np.log([one.low, one.high]) == pytest.approx([logs.mean() - reach, logs.mean() + reach])
    assert np.log(one.value) == pytest.approx(logs.mean())


def test_units_of_a_data_set_do_not_count():
    found = pair(0.9) + pair(0.8, data="iris")
    scaled = [row(r.method, 1e6 * r.value, data=r.data) if r.data == "iris" else r for r in found]
    assert ratio(scaled, "auto").value == pytest.approx(ratio(found, "auto").value)


def test_a_method_that_ended_with_an_error_counts_nowhere():
    found = [*pair(0.9), row("auto", np.nan, data="iris", runs=0, within=0), row("multistart", 1.0, data="iris")]
    assert ratio(found, "auto").sets == 1
    assert near(found, "auto").runs == 4


def test_other_rows_are_not_compared():
    found = [row("auto", 0.5), row("multistart", 1.0, budget=10000.0), row("multistart", 1.0, net="16")]
    assert ratio(found, "auto").sets == 0
    practised = [row("race-hop", 0.9, study="practice", alpha=0.1), row("one", 1.0, study="practice")]
    assert ratio(practised, "race-hop", "one").value == pytest.approx(0.9)


def test_changes_shares_and_means():
    found = [row("auto", 1.0, score=0.7, within=3), row("multistart", 1.0, score=0.6, within=0)]
    assert change(found, "auto").value == pytest.approx(0.1)
    assert near(found, "auto").successes == 3
    assert near(found, "auto").runs == 4
    assert mean([0.25] * 3).low == mean([0.25] * 3).high == 0.25
    assert np.isnan(mean([]).value)


def test_groups_are_by_net_activation_penalty_task_and_budget():
    found = pair(1.2) + pair(0.9, data="iris") + pair(0.7, data="boston") + pair(0.6, net="8+8") + pair(0.6, net="16")
    assert [key[0] for key in groups(found)] == ["8", "8", "16", "8+8"]
    told = within_groups(found, "auto")
    assert told["8", "relu", 1e-4, "classes", 2000.0].value == pytest.approx(np.sqrt(1.2 * 0.9))
    assert told["8", "relu", 1e-4, "regression", 2000.0].value == pytest.approx(0.7)


def test_wanted_figures_are_told_as_they_are():
    good = [one for name in ("wine", "iris", "boston") for one in pair(0.9, data=name)]
    text = promised(good)
    assert "0.900 [0.900, 0.900] | 0.900 [0.900, 0.900] | reached |" in text
    bad = [*good, *pair(1.02, data="glass", activation="tanh"), *pair(1.06, against="lbfgs", study="small")]
    lines = promised(bad).splitlines()
    assert lines[-2].endswith("| **missed** |")
    assert "1.020 (8 tanh, penalty 0.0001, classes, 2,000 gradients); 1 of 3 groups above" in lines[-2]
    assert lines[-1].endswith("| **missed** |")
    assert "1 of 1 groups above" in lines[-1]


@pytest.mark.parametrize(
    ("hops", "width", "verdict"),
    [(0.9, 0.8, "**width**"), (0.8, 0.9, "hops"), (1.0, 0.995, "nothing to win")],
)
def test_what_pays_is_the_lower_one_unless_there_is_nothing_to_win(hops, width, verdict):
    names = ("wine", "iris", "boston", "quakes")
    found = []
    for place, name in enumerate(names):
        nudge = 1 + 1e-3 * place
        found += pair(width * nudge, method="multistart:of=width", data=name)
        found += [row("multistart:of=decay", 1.1, data=name), row("race-hop", hops, data=name)]
    assert best(found)[0] == "multistart:of=width"
    assert verdicts(found).splitlines()[2].endswith(f"| {verdict} |")


def test_a_homotopy_that_did_not_run_everywhere_is_not_the_best_one():
    found = pair(0.9, method="multistart:of=width") + pair(0.8, method="multistart:of=width", data="iris")
    lacking = [*found, row("multistart:of=omp", 0.1), row("multistart:of=skip", np.nan, data="iris", runs=0)]
    assert best(lacking)[0] == "multistart:of=width"
    assert best([row("multistart", 1.0), row("multistart:of=skip", np.nan, runs=0)]) is None


def test_small_budgets_ranks_and_ways():
    early = pair(1.01, against="lbfgs", study="small", budget=50.0)
    early += pair(1.03, against="lbfgs", study="small", budget=50.0, data="boston")
    assert "| 8 relu | 1.020 (1.030) |" in small(early)
    ranked = [row("lbfgs", 0.5, study="rank"), row("lbfgs", np.nan, study="rank", data="iris")]
    assert ranks(ranked).splitlines()[2] == "| relu | 0.0001 | - | 0 of 0 | +0.50 | 1 of 2 |"
    ways = [row("one", 1.0, study="practice"), row("one, alpha 1e-4", 0.1, study="practice", score=0.3)]
    assert "| relu | one, alpha 1e-4 | - | - | -0.200 | nan |" in practice(ways)


def test_rows_are_read_as_they_were_written(tmp_path):
    found = [row("auto", 0.123456), row("lbfgs", np.nan, runs=0)]
    files.write(tmp_path / "rows.csv", found)
    again = files.read(tmp_path / "rows.csv")
    assert [one.told() for one in again] == [one.told() for one in found]
    assert np.isnan(again[1].value)
    assert files.read(tmp_path / "none.csv") == []
    (tmp_path / "other.csv").write_text("a,b\n1,2\n")
    with pytest.raises(DataError, match="columns must be study, data, net"):
        files.read(tmp_path / "other.csv")
