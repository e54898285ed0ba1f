"""A store that version 0.1.0 wrote is read, merged, gone on with and reported."""

from __future__ import annotations

import random
import sqlite3
import warnings
from contextlib import suppress
from pathlib import Path

import pytest

from homotopy.errors import DamageWarning, HomotopyError
from homotopy.experiments import Comparison, Store, Workers, compare
from homotopy.experiments.store.store import APPLICATION
from homotopy.experiments.store.stores import clean, merge
from homotopy.methods import method
from homotopy.report.html import page

VALUES = [5.85396822778157e-07, 1.1382714870725185e-03, 1.2443349157047199e-03]  # of gd on xor, as that version printed
REFINED = method("greedy:refine=yes").name


@pytest.fixture
def older(tmp_path):
    """The folder of a store with xor and sine, gd, linearized and greedy:refine=yes, three seeds each."""
    (tmp_path / "older").mkdir()
    path = tmp_path / "older" / "runs.sqlite"
    db = sqlite3.connect(path)
    db.executescript(Path(__file__).with_name("older.sql").read_text(encoding="utf-8"))
    db.execute(f"PRAGMA application_id = {APPLICATION}")
    db.execute("PRAGMA user_version = 1")
    db.execute("PRAGMA journal_mode = WAL")
    db.close()
    return path


def test_it_is_read(older):
    with Store(older, create=False) as store:
        got = Comparison.load(store)
        assert got.problems == tuple(got.groups) == ("xor:hidden=2", "sine:hidden=2")
        assert got.methods == ("gd", "linearized", REFINED)
        assert (got.seeds, got.tuning) == ((0, 1, 2), ())
        assert got.records("xor:hidden=2", "gd")["value"].tolist() == VALUES
        assert [s.rate.successes for s in got.summaries("xor:hidden=2")] == [0, 0, 3]
        assert got.summaries("xor:hidden=2")[2].expected.value == 33.5
        assert got.paths("xor:hidden=2", "linearized") == []
        assert not got.goal("sine:hidden=2").known


@pytest.mark.parametrize("seed", range(3))
def test_damage_ends_in_a_sentence_or_is_read(older, seed):
    """There are no checksums: what is changed within what this package writes is not noticed."""
    db = sqlite3.connect(older)
    for word in ("PRAGMA journal_mode = DELETE", "PRAGMA page_size = 512", "VACUUM"):
        db.execute(word)
    db.close()
    data, draw = older.read_bytes(), random.Random(seed)
    for _ in range(30):
        changed = bytearray(data)
        changed[draw.randrange(len(data))] ^= 1 << draw.randrange(8)
        older.write_bytes(changed)
        with warnings.catch_warnings(), suppress(HomotopyError):
            warnings.simplefilter("ignore", DamageWarning)
            with Store(older, readonly=True) as store:
                for number, *_ in store.cells():
                    assert len(list(store.payload(number))) == len(store.records(number))


def test_runs_of_no_block_are_left_out(older):
    db = sqlite3.connect(older)
    db.execute("UPDATE runs SET block = 99 WHERE (cell, seed) = (1, 0)")
    db.commit()
    db.close()
    with pytest.warns(DamageWarning, match="1 of runs"), Store(older, readonly=True) as store:
        assert sum(cell[-1] for cell in store.cells()) == 17


def test_it_is_reported_without_paths_and_says_so(older, monkeypatch):
    monkeypatch.setattr("homotopy.report.html.svg", lambda *_: "")
    with Store(older, create=False) as store:
        text = page(Comparison.load(store))
    assert "The store holds no paths of linearized" in text
    assert "p0-paths" not in text


def test_it_is_merged_and_left_as_it_was(older, tmp_path):
    before = older.read_bytes()
    assert merge([older], tmp_path / "new.sqlite") == 18
    assert older.read_bytes() == before
    with Store(tmp_path / "new.sqlite", create=False) as store:
        assert Comparison.load(store).records("xor:hidden=2", "gd")["value"].tolist() == VALUES


def test_it_is_gone_on_with(older):
    """Runs of another version of the code are made again beside the old ones, from other starts, and with paths."""
    with Store(older, create=False) as store:
        asked = store.sessions()[0]["command"]
        again = compare(
            asked["problems"], asked["methods"], seeds=4, budget=60, store=store, workers=Workers("threads", 1)
        )
        old = store.cells()[0]
        assert len(again.records("xor:hidden=2", "gd")) == 4
        assert store.records(old[0])["value"].tolist() == VALUES
        loaded = Comparison.load(store)
        assert loaded.methods == ("gd", "linearized", REFINED)
        assert loaded.seeds == (0, 1, 2, 3)
        assert [trace.seed for trace in loaded.paths("xor:hidden=2", "linearized")] == [0, 1, 2, 3]
        assert len(clean(store, keep_version=store.cells()[-1][4], apply=True)) == 6
        assert len(store.cells()) == 6
