"""The store keeps what was written, refuses what is not its own, and lets two processes write."""

from __future__ import annotations

import sqlite3
import threading

import numpy as np
import pytest

from homotopy.errors import DataError
from homotopy.experiments.plan.grid import Cell, Entry
from homotopy.experiments.run.blocks import RESULT, Block, Outcome, pack_curves, unpack_curves
from homotopy.experiments.store.store import PAGE, SCHEMA_VERSION, Store
from homotopy.experiments.store.stores import clean
from homotopy.status import Budget

BUDGET = Budget(gradients=100)


def outcome(seeds, value=1.0, p=3):
    records = np.zeros(len(seeds), dtype=RESULT)
    records["seed"], records["value"], records["status"] = seeds, value, "CONVERGED"
    records["cost_to_success"] = np.nan
    cell = Cell(Entry("p", "p"), Entry("m", "m"))
    x = np.arange(len(seeds) * p, dtype=float).reshape(len(seeds), p)
    curves = [np.array([[1.0, 4.0], [2.0 + s, value]]) for s in seeds]
    return Outcome(Block(cell, tuple(seeds), BUDGET), records, x, pack_curves(curves), 0.1, "here")


def test_what_is_written_is_read_back(tmp_path):
    with Store(tmp_path / "a.sqlite") as store:
        cell = store.cell("p", "m", BUDGET, "1")
        store.write(cell, outcome([4, 5]))
        store.write(cell, outcome([1], value=np.nan))
    with Store(tmp_path / "a.sqlite", create=False) as store:
        assert store.cells() == [(cell, "p", "m", BUDGET, "1", 3)]
        rows = store.records(cell)
        assert rows["seed"].tolist() == [1, 4, 5]
        assert np.isnan(rows["value"][0])
        assert np.isnan(rows["cost_to_success"]).all()
        assert store.done(cell) == {1, 4, 5}
        payload = {seed: (x, curve) for seed, x, curve in store.payload(cell)}
        np.testing.assert_array_equal(payload[5][0], [3.0, 4.0, 5.0])
        np.testing.assert_array_equal(payload[4][1], [[1.0, 4.0], [6.0, 1.0]])


def test_the_first_run_of_a_seed_stays():
    with Store() as store:
        cell = store.cell("p", "m", BUDGET, "1")
        store.write(cell, outcome([1, 2], value=1.0))
        store.write(cell, outcome([2, 3], value=9.0))
        assert store.records(cell)["value"].tolist() == [1.0, 1.0, 9.0]
        curves = {seed: curve[-1, 1] for seed, _, curve in store.payload(cell)}
        assert curves == {1: 1.0, 2: 1.0, 3: 9.0}


def test_problem_method_budget_and_version_are_the_key():
    with Store() as store:
        keys = [("p", "m", BUDGET, "1"), ("q", "m", BUDGET, "1"), ("p", "n", BUDGET, "1"), ("p", "m", Budget(), "1")]
        keys.append(("p", "m", BUDGET, "2"))
        numbers = [store.cell(*key) for key in keys]
        assert len(set(numbers)) == 5
        assert [store.cell(*key) for key in keys] == numbers


@pytest.mark.parametrize("taken", [False, True], ids=["gone", "its number is another's"])
def test_a_cell_that_another_process_removes_is_made_anew(taken, tmp_path):
    path = tmp_path / "a.sqlite"
    with Store(path) as store:
        cell = store.cell("p", "m", BUDGET, "1")
        store.write(cell, outcome([1, 2]))
        with Store(path) as other:
            assert [gone.runs for gone in clean(other, methods=["m"], apply=True)] == [2]
            assert not taken or other.cell("q", "n", BUDGET, "2") == cell
        store.write(cell, outcome([3, 4]))
        store.write(cell, outcome([5]))
    with Store(path) as store:  # which would refuse blocks that are of no cell
        assert [(cell[1], cell[-1]) for cell in store.cells()] == [("p", 3)]
        assert store.done(store.cell("p", "m", BUDGET, "1")) == {3, 4, 5}


def test_a_failed_transaction_leaves_nothing(tmp_path):
    with Store(tmp_path / "a.sqlite") as store:
        cell = store.cell("p", "m", BUDGET, "1")
        bad = [("p", "m", "skip", "why", "1"), ("too", "short")]
        with pytest.raises(DataError, match="cannot be written"), store.transaction() as db:
            db.executemany("INSERT INTO notes VALUES (?, ?, ?, ?, ?)", bad)
        assert store.notes() == []
        assert store.done(cell) == set()


def test_notes_and_sessions_are_kept():
    with Store() as store:
        store.note("p", "m", "skip", "no", "1")
        store.note("p", "m", "skip", "no", "1")
        store.note("p", "m", "failure", "oh", "2")
        store.session({"problems": ["p"]}, {"cpu": "x"})
        assert sorted(store.notes()) == [("p", "m", "failure", "oh"), ("p", "m", "skip", "no")]
        assert store.notes("2") == [("p", "m", "failure", "oh")]
        assert store.sessions()[0]["command"] == {"problems": ["p"]}


def test_a_foreign_file_is_refused_and_left_untouched(tmp_path):
    path = tmp_path / "notes.txt"
    path.write_bytes(b"my diary" * 50)
    with pytest.raises(DataError, match="left untouched"):
        Store(path)
    assert path.read_bytes() == b"my diary" * 50
    other = tmp_path / "other.sqlite"
    with sqlite3.connect(other) as db:
        db.execute("CREATE TABLE t (a)")
    db.close()
    before = other.read_bytes()
    with pytest.raises(DataError, match="not a store"):
        Store(other)
    assert other.read_bytes() == before


def test_a_damaged_store_is_refused_and_left_untouched(tmp_path):
    path = tmp_path / "a.sqlite"
    with Store(path) as store:
        store.write(store.cell("p", "m", BUDGET, "1"), outcome(list(range(200))))
    data = bytearray(path.read_bytes())
    data[4096:] = b"\xff" * (len(data) - 4096)
    path.write_bytes(data)
    with pytest.raises(DataError, match="damaged"):
        Store(path)
    assert path.read_bytes() == bytes(data)


def test_a_newer_schema_is_refused_and_left_untouched(tmp_path):
    path = tmp_path / "a.sqlite"
    Store(path).close()
    with sqlite3.connect(path) as db:
        db.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()
    before = path.read_bytes()
    with pytest.raises(DataError, match="newer version"):
        Store(path)
    assert path.read_bytes() == before


def test_a_store_that_must_be_there_is_not_made(tmp_path):
    with pytest.raises(DataError, match="there is no store"):
        Store(tmp_path / "none.sqlite", create=False)
    assert not (tmp_path / "none.sqlite").exists()


def test_two_writers_share_one_file(tmp_path):
    path = tmp_path / "a.sqlite"
    Store(path).close()

    def write(offset):
        with Store(path) as store:
            cell = store.cell("p", "m", BUDGET, "1")
            for i in range(40):
                store.write(cell, outcome([offset + i, 1000 + i]))

    threads = [threading.Thread(target=write, args=(100 * k,)) for k in range(2)]
    [t.start() for t in threads]
    [t.join() for t in threads]
    with Store(path) as store:
        assert len(store.done(store.cell("p", "m", BUDGET, "1"))) == 120


def test_thinned_curves_keep_their_first_and_last_points():
    cost = np.arange(1.0, 5001.0)
    long = np.column_stack([cost, 1 / cost])
    kept, none, one = unpack_curves(pack_curves([long, np.empty((0, 2)), long[:1]]), 3)
    assert (len(none), len(one)) == (0, 1)
    assert len(kept) < 80
    np.testing.assert_allclose(kept[[0, -1]], long[[0, -1]], rtol=1e-7)
    assert np.isin(kept[:, 0], cost).all()


def test_packed_curves_come_back_in_single_precision():
    rng = np.random.default_rng(0)
    steps = np.expm1((np.arange(9) + 0.5) / 8)  # a point in each of the first bins: all are kept
    curves = [np.column_stack([steps, 100 * rng.random(9)])[: int(n)] for n in rng.integers(0, 9, 20)]
    for back, curve in zip(unpack_curves(pack_curves(curves), 20), curves, strict=True):
        np.testing.assert_array_equal(back, curve.astype(np.float32))


def test_no_curves_at_all():
    assert unpack_curves(pack_curves([]), 0) == []


def test_files_of_small_pages_are_gone_on_with(tmp_path):
    path = tmp_path / "runs.sqlite"
    with Store(path) as store:
        assert store.query("PRAGMA page_size").fetchone()[0] == PAGE
        store.write(store.cell("p", "m", BUDGET, "1"), outcome(range(5)))
        db = store._db
        db.execute("PRAGMA journal_mode = DELETE")
        db.execute("PRAGMA page_size = 4096")
        db.execute("VACUUM")
    with Store(path) as store:
        assert store.query("PRAGMA page_size").fetchone()[0] == 4096
        cell = store.cell("p", "m", BUDGET, "1")
        store.write(cell, outcome(range(5, 9)))
        assert store.holds(cell, np.array([8, 20]))
        assert not store.holds(cell, np.array([9, 20]))
    with Store(path) as store:
        assert store.records(cell)["seed"].tolist() == list(range(9))
