"""Stores merged, exported and cleaned."""

from __future__ import annotations

import numpy as np
import pytest

from homotopy.errors import ArgumentError, DataError
from homotopy.experiments import Comparison, Store, compare
from homotopy.experiments.run.machine import code_version
from homotopy.experiments.store.stores import clean, export, merge


@pytest.fixture
def stores(bowl, pair, tmp_path):
    for name, seeds in (("a", "0..9"), ("b", "5..19")):
        with Store(tmp_path / name) as store:
            compare(bowl, pair, seeds=seeds, budget=50, store=store)
    return tmp_path


def test_a_merge_has_every_run_once_and_equals_one_comparison(stores, bowl, pair):
    before = [(stores / name).read_bytes() for name in "ab"]
    assert merge([stores / "a", stores / "b"], stores / "c") == 40
    assert [(stores / name).read_bytes() for name in "ab"] == before
    whole = compare(bowl, pair, seeds=20, budget=50)
    with Store(stores / "c", create=False) as store:
        merged = Comparison.load(store)
        assert merged.seeds == tuple(range(20))
        for method in merged.methods:
            one, two = merged.records("bowl", method), whole.records("bowl", method)
            for name in ("seed", "success", "value", "cost", "status"):
                np.testing.assert_array_equal(one[name], two[name])
            for (_, x, c), (_, y, d) in zip(merged.payload("bowl", method), whole.payload("bowl", method), strict=True):
                np.testing.assert_array_equal(x, y)
                np.testing.assert_array_equal(c, d)
        assert store.optima() == {"bowl": (0.0, 1e-3)}
        assert len(store.sessions()) == 2


def test_a_merge_makes_a_new_store_of_real_ones(stores):
    with pytest.raises(ArgumentError, match="is there already"):
        merge([stores / "a"], stores / "b")
    with pytest.raises(ArgumentError, match="one store or more"):
        merge([], stores / "c")
    with pytest.raises(DataError, match="there is no store"):
        merge([stores / "nosuch"], stores / "c")
    assert not (stores / "c").exists()


def test_csv_and_parquet_hold_the_same(stores):
    pandas = pytest.importorskip("pandas")
    pytest.importorskip("pyarrow")
    with Store(stores / "a", create=False) as store:
        comparison = Comparison.load(store)
        one = pandas.read_csv(export(comparison, stores / "runs.csv"))
        two = pandas.read_parquet(export(comparison, stores / "runs.parquet"))
    pandas.testing.assert_frame_equal(one, two)
    assert len(one) == 20


def test_an_export_overwrites_nothing(stores):
    (stores / "runs.csv").write_text("precious")
    with Store(stores / "a", create=False) as store:
        comparison = Comparison.load(store)
        with pytest.raises(ArgumentError, match="is there already"):
            export(comparison, stores / "runs.csv")
        with pytest.raises(ArgumentError, match=r"must end in \.csv or \.parquet"):
            export(comparison, stores / "runs.xls")
    assert (stores / "runs.csv").read_text() == "precious"


def test_cleaning_shows_first_and_removes_only_when_told(stores):
    with Store(stores / "a", create=False) as store:
        would = clean(store, methods=["half"])
        assert [(r.method, r.runs) for r in would] == [("half", 10)]
        assert len(Comparison.load(store).table()) == 20
        assert clean(store, methods=["half"], apply=True) == would
        left = Comparison.load(store)
        assert left.methods == ("sure",)
        assert len(left.payload("bowl", "sure")) == 10
        assert store.query("SELECT count(*) FROM blocks WHERE cell NOT IN (SELECT id FROM cells)").fetchone()[0] == 0


def test_old_versions_go(stores):
    with Store(stores / "a", create=False) as store:
        assert clean(store, keep_version=code_version()) == []
        assert len(clean(store, keep_version="0.0.0+other")) == 2


def test_a_name_that_is_not_there_is_told(stores):
    with (
        Store(stores / "a", create=False) as store,
        pytest.raises(DataError, match="no method 'nosuch'; it has half, sure"),
    ):
        clean(store, methods=["nosuch"])


def test_an_empty_store_has_nothing_to_load(tmp_path):
    with Store(tmp_path / "empty") as store, pytest.raises(DataError, match="has no runs"):
        Comparison.load(store)
