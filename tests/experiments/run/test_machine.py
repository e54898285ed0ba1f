"""What a result depends on besides its settings."""

from __future__ import annotations

import json
import re

from homotopy.experiments import Store, Workers, compare
from homotopy.experiments.run.machine import code_version, describe
from homotopy.threads import blas_threads, set_blas_threads


def test_the_description_is_plain_and_complete():
    data = describe()
    assert json.loads(json.dumps(data)) == data
    for name in ("homotopy", "commit", "python", "numpy", "scipy", "cpu", "cores", "instruction_set", "blas"):
        assert name in data
    assert data["cores"] >= 1


def test_the_version_names_the_code():
    assert re.fullmatch(r"\d+\.\d+\.\d+\w*\+[0-9a-f]{8}", code_version())
    assert code_version() == code_version()


def test_a_comparison_runs_on_one_thread_of_blas_says_so_and_gives_the_others_back(bowl, walk):
    set_blas_threads(2)
    store = Store()
    compare(bowl, walk("a"), seeds=2, budget=10, store=store, workers=Workers(n_jobs=1))
    assert set(store.sessions()[-1]["machine"]["blas_threads"].values()) == {1}
    assert set(blas_threads().values()) == {2}
    set_blas_threads(1)
