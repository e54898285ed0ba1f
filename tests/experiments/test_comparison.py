"""The call `compare`: same starts, same records whoever runs, failures and skips told."""

from __future__ import annotations

import csv
from contextlib import nullcontext, suppress
from dataclasses import replace

import numpy as np
import pytest

from homotopy.errors import ArgumentError, DataError
from homotopy.experiments import Store, Workers, compare
from homotopy.experiments.comparison import COLUMNS

TIMES = ("seconds",)


def without_times(comparison):
    table = comparison.table()
    return [tuple(row[name] for name in COLUMNS if name not in TIMES) for row in table]


def equal(a, b):
    return len(a) == len(b) and all(
        x == y or (x != x and y != y) for one, two in zip(a, b, strict=True) for x, y in zip(one, two, strict=True)
    )


def test_records_come_in_order_with_all_seeds(bowl, pair):
    got = compare(bowl, pair, seeds=30, budget=50)
    table = got.table()
    assert table.dtype.names == COLUMNS
    assert list(table.method) == ["sure"] * 30 + ["half"] * 30
    assert list(table.seed[:30]) == list(range(30))
    assert got.records("bowl", "sure")["success"].all()
    assert 5 < got.records("bowl", "half")["success"].sum() < 25


@pytest.mark.parametrize("n_jobs", [1, 2, 5])
def test_workers_change_nothing(bowl, pair, n_jobs):
    one = compare(bowl, pair, seeds=25, budget=50, workers=Workers(n_jobs=1))
    other = compare(bowl, pair, seeds=25, budget=50, workers=Workers(n_jobs=n_jobs))
    assert equal(without_times(one), without_times(other))


def test_other_seeds_give_other_records(bowl, pair):
    one = compare(bowl, pair, seeds="0..9", budget=50)
    two = compare(bowl, pair, seeds="10..19", budget=50)
    assert not np.array_equal(one.records("bowl", "sure")["value"], two.records("bowl", "sure")["value"])


def test_every_method_starts_at_the_same_point(bowl, walk):
    got = compare(bowl, [walk("a"), walk("b", luck=0.0)], seeds=5, budget=50)
    first = [curve[0, 1] for _, _, curve in got.payload("bowl", "a")]
    second = [curve[0, 1] for _, _, curve in got.payload("bowl", "b")]
    np.testing.assert_array_equal(first, second)


def test_payload_holds_the_final_points(bowl, pair):
    got = compare(bowl, pair, seeds=9, budget=50)
    for (seed, x, curve), row in zip(got.payload("bowl", "sure"), got.records("bowl", "sure"), strict=True):
        assert seed == row["seed"]
        assert 0.5 * x @ x == pytest.approx(row["value"], rel=1e-15)
        assert curve[-1, 1] == pytest.approx(row["value"], rel=1e-6)


def test_what_is_in_the_store_is_not_run_again(bowl, walk, tmp_path):
    method = walk("a")
    with Store(tmp_path / "runs.sqlite") as store:
        compare(bowl, method, seeds=6, budget=50, store=store)
        method.calls.clear()
        again = compare(bowl, method, seeds=6, budget=50, store=store)
        assert method.calls == []
        more = compare(bowl, method, seeds=8, budget=50, store=store)
        assert {seed for seed, budget in method.calls if budget.gradients == 50} == {6, 7}
        assert (len(again.table()), len(more.table())) == (6, 8)


def test_another_budget_is_another_cell(bowl, walk, tmp_path):
    with Store(tmp_path / "runs.sqlite") as store:
        short = compare(bowl, walk("a"), seeds=3, budget=2, store=store)
        long = compare(bowl, walk("a"), seeds=3, budget=50, store=store)
        assert not short.table().success.any()
        assert long.table().success.all()


def test_a_method_that_raises_is_told_and_the_others_go_on(bowl, broken, walk):
    got = compare(bowl, [broken, walk("a")], seeds=3, budget=50)
    assert got.failures == (("bowl", "broken", "ArgumentError: no such thing"),)
    assert got.methods_on("bowl") == ("a",)
    with pytest.raises(ArgumentError, match="did not run"):
        got.records("bowl", "broken")


def test_progress_counts_every_run_and_names_the_leader(bowl, pair):
    seen = []
    compare(bowl, pair, seeds=20, budget=50, progress=seen.append)
    assert seen[-1].done == seen[-1].total == 40
    assert [p.done for p in seen] == sorted(p.done for p in seen)
    assert seen[-1].leader == "sure"


def test_where_no_optimum_is_known_the_lowest_leads(bowl, walk):
    unknown = replace(bowl, name="unknown", optimum=None)
    seen = []
    got = compare(unknown, [walk("far", luck=0.0), walk("near")], seeds=6, budget=9, progress=seen.append)
    assert seen[-1].leader == "near"
    far, near = got.summaries("unknown")
    assert not far.known
    assert far.at_budget.loss.value > near.at_budget.loss.value
    assert (far.at_budget.restarts, near.at_budget.restarts) == (9.0, 1.0)
    assert "expected loss at the budget" in str(got)


def test_the_csv_reads_back_exactly(bowl, pair, tmp_path):
    got = compare(bowl, pair, seeds=7, budget=50)
    got.to_csv(tmp_path / "runs.csv")
    with (tmp_path / "runs.csv").open() as file:
        rows = list(csv.DictReader(file))
    table = got.table()
    assert tuple(rows[0]) == COLUMNS
    assert [float(row["value"]) for row in rows] == table.value.tolist()
    assert [row["success"] == "True" for row in rows] == table.success.tolist()


def test_summaries_follow_the_methods(bowl, pair):
    got = compare(bowl, pair, seeds=40, budget=50).summaries("bowl")
    assert [s.method for s in got] == ["sure", "half"]
    assert got[0].rate.low > got[1].rate.high
    assert got[1].expected.value > got[0].expected.value


def test_a_dataframe_has_the_same_rows(bowl, pair):
    pandas = pytest.importorskip("pandas")
    got = compare(bowl, pair, seeds=3, budget=50)
    frame = got.to_dataframe()
    assert isinstance(frame, pandas.DataFrame)
    assert list(frame.columns) == list(COLUMNS)
    assert frame.value.tolist() == got.table().value.tolist()


ODD = ("a\0b", "a\ud800b", "\x1b[2J\n", "x" * 20_000, "=1+2", "\u202ea", " ")


@pytest.mark.parametrize("text", ODD, ids=ascii)
def test_what_is_written_is_sound_when_it_is_read(text, bowl, walk, tmp_path):
    """Texts of a user's own are kept as a reader takes them for sound, or refused before anything is written."""
    for place in ("problem", "method", "source", "error", "skip"):
        path = tmp_path / f"{place}.sqlite"
        problem = replace(bowl, **{"problem": {"name": text}, "source": {"source": text}}.get(place, {}))
        methods = {
            "method": [walk(text)],
            "error": [walk("sure"), walk("broken", error=RuntimeError(text))],
            "skip": [walk("sure"), walk("refuses", refuses=text)],
        }
        with suppress(DataError) if place in ("problem", "method") else nullcontext():
            compare(problem, methods.get(place, [walk("sure")]), seeds=2, budget=20, store=path).store.close()
        with Store(path) as store:
            assert sum(cell[-1] for cell in store.cells()) in (0, 2)
