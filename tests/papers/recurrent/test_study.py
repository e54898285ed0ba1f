"""The study in its small version, held against expected.json; what is kept is not run again."""

from __future__ import annotations

import json
from math import isnan
from pathlib import Path

import pytest

import homotopy as hp
from homotopy.papers import recurrent
from homotopy.papers.recurrent import running
from homotopy.papers.recurrent.ends import named
from homotopy.papers.recurrent.evidence import ARMS, _longer
from homotopy.papers.recurrent.numbers import Found, numbers
from homotopy.papers.recurrent.page import write
from homotopy.papers.recurrent.study import FIRST, units
from homotopy.papers.recurrent.tasks import FULL, SMALL

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("recurrent")


@pytest.fixture(scope="module")
def found(folder):
    return running.finish(folder / "recurrent.csv", SMALL, say=lambda _: None)


def test_the_small_version_gives_what_is_expected(found):
    expected = json.loads((Path(recurrent.__file__).parent / "expected.json").read_text())
    told = Found(found)
    assert {(one["task"], one["side"]) for one in expected["tasks"]} == {
        (task.key, side.name) for task in SMALL.tasks for side in task.sides
    }
    for one in expected["tasks"]:
        some = told.of(one["task"], one["side"])
        mine = numbers(some)
        assert mine.runs == one["runs"]
        assert abs(mine.rate.successes - one["successes"]) <= expected["slack"]
        if one["successes"] > expected["slack"]:
            assert 1 / expected["within"] < mine.expected.value / one["cost"] < expected["within"]
            assert mine.test < 0.01


def test_length_is_cheaper_than_plain_descents(found):
    told = Found(found)
    for task in SMALL.tasks:
        assert told.ratio(task.key).value > 1


def test_the_same_stuck_points_are_taken_up(found):
    told = Found(found)
    (task,) = told.tasks("controls")
    stuck = {row.seed for row in told.of(task, "plain", "controls") if isnan(row.hit)}
    assert all({row.seed for row in told.of(task, f"stuck, {arm}", "controls")} == stuck for arm in ARMS)
    assert len(told.of(task, "fresh, both", "controls")) == SMALL.teachers * SMALL.starts
    long, short = (told.of(task, "stuck, decay only", "controls"), told.of(task, "stuck, length only", "controls"))
    assert all(row.cost > 0 for row in long + short)


def test_what_is_done_is_not_run_again(found, folder, monkeypatch):
    monkeypatch.setattr(running, "one", lambda *_: pytest.fail("ran again"))
    again = running.finish(folder / "recurrent.csv", SMALL, say=lambda _: None)
    assert [row.told() for row in again] == [row.told() for row in found]


def test_some_methods_alone(found, tmp_path):
    some = running.finish(tmp_path / "some.csv", SMALL, ["adding relu 30"], sides=["length"], say=lambda _: None)
    mine = [row for row in found if (row.task, row.side) == ("adding relu 30", "length")]
    assert [(row.seed, row.cost, row.hit) for row in some] == [(row.seed, row.cost, row.hit) for row in mine]


def test_the_page_is_written(found, folder):
    write(folder, found, SMALL)
    assert "## Escape or price?" in (folder / "recurrent.md").read_text()
    assert (folder / "recurrent.png").stat().st_size > 20_000


@pytest.mark.parametrize(
    "task",
    [task for task in FULL.tasks if " 400" not in task.key and " 1000" not in task.key],
    ids=lambda task: task.key,
)
def test_every_name_is_a_problem_and_a_method(task):
    problem = hp.problem(named(task, FIRST))
    assert 2 * problem.target == pytest.approx(task.target)
    for side in task.sides:
        if side.start:
            assert hp.problem(named(task, FIRST, side)).size == problem.size
        assert hp.method(side.method).accepts(problem) is None


def test_a_longer_problem_begins_alike():
    name = named(SMALL.tasks[0], FIRST)
    assert hp.problem(_longer(name, 40)).objective.n_steps == 40
    assert len(units(SMALL)) == 2 * 2 + 1 + 2
