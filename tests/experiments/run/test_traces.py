"""Paths are kept beside the first runs of methods that follow one, and change no record."""

from __future__ import annotations

import numpy as np
import pytest

from homotopy.experiments import Comparison, Group, Store, Workers, compare
from homotopy.experiments.plan.grid import Cell, Entry
from homotopy.experiments.run.blocks import Block, run_block
from homotopy.experiments.run.traces import MOST, Trace, traced
from homotopy.experiments.store.stores import clean, merge
from homotopy.methods import method
from homotopy.problems import problem
from homotopy.status import Budget

ONE = Workers("threads", 1)


def block(seeds, traced_seeds):
    cell = Cell(Entry("xor", "xor"), Entry("linearized", "linearized"))
    return Block(cell, seeds, Budget(gradients=300), (), traced_seeds)


@pytest.mark.parametrize("first", [(), (4, 0), (0, 1, 4), (9,)])
def test_records_are_those_without_paths(first):
    plain, with_paths = run_block(block((0, 4, 1), ())), run_block(block((0, 4, 1), first))
    keep = [name for name in plain.records.dtype.names if name != "seconds"]
    for name in keep:
        assert plain.records[name].tobytes() == with_paths.records[name].tobytes()
    assert plain.x.tobytes() == with_paths.x.tobytes()
    assert plain.curves == with_paths.curves
    assert set(with_paths.paths) == set(first) & {0, 1, 4}
    assert plain.paths == {}


def test_a_path_is_kept_as_it_was_followed():
    target, how = problem("xor"), method("linearized")
    path = how.solve(target, rng=2, budget=300).path
    one = traced(target, how, 2, path)
    back = Trace.unpack(2, one.pack())
    np.testing.assert_allclose(back.t, path.column("t"), rtol=1e-6)
    np.testing.assert_allclose(back.value, path.column("value"), rtol=1e-6)
    assert back.t[0] == 0.0
    assert np.isfinite(back.index).all()
    assert back.index[0] == 0  # the easy problem is convex
    assert traced(target, how, 2, None) is None
    assert traced(target, method("gd"), 2, path) is None


def test_the_index_of_a_large_problem_is_left_out():
    target, how = problem("teacher:k=20"), method("proximal:steps=20")
    one = traced(target, how, 0, how.solve(target, rng=0, budget=20_000).path)
    assert len(one.t) > 1
    assert target.size == 400
    assert np.isnan(one.index).all()


def test_the_store_keeps_the_first_paths_only(tmp_path):
    with Store(tmp_path / "a.sqlite") as store:
        got = compare("xor", ["gd", "linearized"], seeds=8, budget=100, store=store, workers=ONE)
        kept = got.paths("xor:hidden=2", "linearized")
        assert [trace.seed for trace in kept] == list(range(MOST))
        assert got.paths("xor:hidden=2", "gd") == []
    merge([tmp_path / "a.sqlite"], tmp_path / "b.sqlite")
    with Store(tmp_path / "b.sqlite", create=False) as store:
        again = Comparison.load(store).paths("xor:hidden=2", "linearized")
        assert [trace.pack() for trace in again] == [trace.pack() for trace in kept]
        clean(store, methods=["linearized"], apply=True)
        assert store.query("SELECT count(*) FROM paths").fetchone()[0] == 0


def test_groups_keep_no_paths():
    got = compare(Group("nets", "xor:hidden=2..3"), "linearized", seeds=2, budget=50, workers=ONE)
    assert all(got.paths(name, "linearized") == [] for name in got.problems)
