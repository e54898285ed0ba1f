"""Rows, what they come to, the page and its picture; the kept page is made of the kept rows."""

from __future__ import annotations

from math import inf, isfinite, isnan, nan
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from matplotlib.figure import Figure

from homotopy.errors import ArgumentError, DataError
from homotopy.experiments import expected_cost
from homotopy.papers.recurrent import numbers as sums
from homotopy.papers.recurrent.__main__ import main
from homotopy.papers.recurrent.figure import picture
from homotopy.papers.recurrent.numbers import Found, numbers, ratio
from homotopy.papers.recurrent.page import page
from homotopy.papers.recurrent.rows import Row, add, read, write
from homotopy.papers.recurrent.study import FIRST, Side, Size, Task, Unit, units
from homotopy.papers.recurrent.tables import controls, lengths, ratios, tasks, verdicts
from homotopy.papers.recurrent.tasks import FULL, tuned
from homotopy.papers.recurrent.wanted import WANTED, wanted
from homotopy.papers.recurrent.words import number_text, ratio_text, seconds_text

PAPERS = Path(__file__).parents[3] / "papers"
TASK = Task(
    "adding tanh 400",
    "adding:T=400,data_seed={}",
    (Side("length", "length", 10), Side("L-BFGS, zero", "lbfgs", 9)),
    0.004,
    6,
)
SIZE = Size((TASK,), ("adding tanh 400",), 6, 2, (2, 8))


def runs(side, hits, *, cost=100.0, task=TASK.key, **rest):
    """One run a group; each hits at its number, or not where that is NaN."""
    given = {"value": 0.003, "test": 0.005, "radius": 1.0, "seconds": 0.5, **rest}
    return [
        Row("tasks", task, side, FIRST + i, 0, cost=cost if isnan(hit) else hit, hit=hit, **given)
        for i, hit in enumerate(hits)
    ]


@pytest.fixture
def rows():
    made = runs("length", [40.0, 50.0, 60.0, 50.0, 45.0, 55.0]) + runs(
        "L-BFGS, zero", [nan, nan, 90.0, 80.0, nan, 70.0]
    )
    made += runs("L-BFGS, orthogonal", [nan] * 6)
    for i in range(4):
        made.append(Row("controls", TASK.key, "plain", FIRST + i, 0, cost=3000.0, hit=nan))
        for arm, hit in (("nothing more", nan), ("length only", nan), ("decay only", 700.0), ("both", 300.0)):
            made.append(Row("controls", TASK.key, f"stuck, {arm}", FIRST + i, 0, cost=900.0, hit=hit))
            made.append(Row("controls", TASK.key, f"fresh, {arm}", FIRST + i, 0, cost=900.0, hit=300.0))
        for t in (2, 8):
            made.append(Row("lengths", TASK.key, str(t), FIRST + i, 0, test=0.01 * t, cost=5.0, hit=5.0 if i else nan))
    return made


def test_files_keep_rows(rows, tmp_path):
    path = tmp_path / "rows.csv"
    assert read(path) == []
    write(path, rows[:5])
    add(path, rows[5:])
    assert [row.told() for row in read(path)] == [row.told() for row in rows]
    wild = Row("tasks", "a", "b", 1, 2, value=1e-300, test=inf)
    write(path, [wild])
    (again,) = read(path)
    assert (again.test, again.value) == (inf, 1e-300)
    assert isnan(again.hit)
    path.write_text("a,b\n1,2\n")
    with pytest.raises(DataError, match="its columns must be study, task"):
        read(path)


def test_numbers_are_those_of_the_package(rows):
    some = [row for row in rows if row.side == "L-BFGS, zero"]
    found = numbers(some, 0.004)
    expected = expected_cost([row.cost for row in some], [row.hit for row in some], problem=range(6))
    assert found.expected == expected
    assert (found.rate.successes, found.runs, found.groups) == (3, 6, 6)
    assert found.seconds == pytest.approx(expected.value * 6 * 0.5 / sum(row.cost for row in some))
    assert found.missed == 3  # at the training target and no success


def test_divergence_is_counted_apart():
    some = runs("length", [nan, 50.0], test=1e13, radius=1.7) + runs("length", [60.0], test=nan, radius=1.9)
    some += runs("length", [40.0])
    found = numbers(some)
    assert found.diverged == 3
    assert found.wild == pytest.approx(1.7)
    assert isnan(numbers(runs("length", [40.0])).wild)


def test_a_ratio_is_that_of_two_expected_costs(rows):
    ours, base = ([row for row in rows if row.side == side] for side in ("length", "L-BFGS, zero"))
    found = ratio(base, ours)
    costs = [expected_cost([r.cost for r in some], [r.hit for r in some], n_resamples=0).value for some in (base, ours)]
    assert found.value == pytest.approx(costs[0] / costs[1])
    assert found.low < found.value < found.high
    never = ratio(runs("L-BFGS, zero", [nan] * 6), ours)
    assert never.bounded
    assert never.value == pytest.approx(600 / 3 / costs[1])
    assert ratio(runs("L-BFGS, zero", [nan, 50.0, nan]), ours).high == inf
    assert isnan(ratio(base, runs("length", [nan] * 3)).value)


def test_the_interval_of_a_ratio_covers_it():
    """Costs of two sides that share what is hard about a group: the ratio of means is 3."""
    rng, held = np.random.default_rng(0), 0
    for _ in range(60):
        hard = np.repeat(rng.lognormal(0, 0.5, 20), 3)
        made = []
        for scale in (300, 100):
            costs = scale * hard * rng.lognormal(0, 0.2, 60)
            made.append([Row("tasks", "a", "b", i // 3, i, cost=c, hit=c) for i, c in enumerate(costs)])
        found = ratio(*made)
        held += found.low < 3 < found.high
    assert held >= 52


def test_tables_and_the_picture_are_made_of_the_rows(rows):
    found = Found(rows)
    assert found.best(TASK.key) == "L-BFGS, zero"
    text = tasks(found, SIZE, "adding")
    assert "| `adding tanh 400` | length | 6/6, 1.00" in text
    assert "L-BFGS, zero | 3/6, 0.50" in text
    assert "`adding tanh 400` | L-BFGS, zero |" in ratios(found, SIZE)
    assert found.best(TASK.key, "GD") == ""
    assert found.seconds(TASK.key) == pytest.approx(found.ratio(TASK.key).value * (3 / 540) / (3 / 300))
    assert "0/4, 0.00" in controls(found)
    assert "0.75 (0.02)" in lengths(found)
    assert "adding tanh 400 | E\\* at most 260 | E\\* 5" in wanted(found)
    whole = page(rows, SIZE)
    assert "of 4 on `adding tanh 400` nothing more 0, length only 0, decay only 4, both 4" in whole
    assert (
        "of 4 stuck points nothing more 0, length only 0, decay only 4, both 4 are freed: nothing escapes"
        in verdicts(found)
    )
    assert isinstance(picture(found), Figure)
    assert isinstance(picture(Found([])), Figure)
    assert "## In short" in page([], SIZE)


def test_parts_cover_every_data_set_once():
    found = [unit for unit in units(FULL) if unit.study == "tasks"]
    for task in FULL.tasks:
        for side in task.sides:
            groups = [g for unit in found if (unit.task, unit.side) == (task.key, side.name) for g in unit.groups]
            assert groups == list(range(FIRST, FIRST + (side.sets or task.sets)))
    assert {unit.study for unit in units(SIZE)} == {"tasks", "controls", "lengths"}
    assert units(SIZE, [TASK.key])[0] == Unit("tasks", TASK.key, "length", tuple(range(FIRST, FIRST + 6)))
    with pytest.raises(ArgumentError, match="there is no task 'hard'; there are adding tanh 400"):
        units(SIZE, ["hard"])
    assert {one.task for one in WANTED} <= {task.key for task in FULL.tasks}
    assert all(step > 0 for steps in tuned().values() for step in steps.values())


def test_no_shown_seed_is_one_of_tuning():
    assert FIRST >= 100_000


def test_words():
    assert number_text(9.94) == "9.9"
    assert number_text(1234.4) == "1,234"
    assert number_text(inf) == "inf"
    assert seconds_text(0.0123) == "12 ms"
    assert seconds_text(1.26) == "1.3 s"
    assert ratio_text(sums.Ratio(123.0, 9.0, inf)) == "123 [9.0, inf]"


def test_an_unknown_task_is_said(tmp_path):
    ended = CliRunner().invoke(main, ["-o", str(tmp_path), "-t", "hard"])
    assert ended.exit_code == 1
    assert "there is no task 'hard'" in ended.output


def test_the_kept_page_is_what_the_kept_rows_give():
    rows = read(PAPERS / "recurrent.csv")
    assert page(rows) == (PAPERS / "recurrent.md").read_text(encoding="utf-8")
    assert len({row.group for row in rows if row.task == "rts B 20"}) >= 20
    assert all(isfinite(row.cost) for row in rows)
