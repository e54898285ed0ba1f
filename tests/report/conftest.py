"""A small comparison that every test of the report reads."""

from __future__ import annotations

import pytest

from homotopy.experiments import Comparison, Store, compare


@pytest.fixture(scope="session")
def comparison(tmp_path_factory):
    store = Store(tmp_path_factory.mktemp("report") / "runs.sqlite")
    compare(["xor", "teacher:k=6"], ["gd", "lbfgs", "linearized"], seeds=6, budget=600, store=store)
    yield Comparison.load(store)
    store.close()
