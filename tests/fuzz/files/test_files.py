"""Damaged, foreign and hostile files, through the door that reads each of them: a result, or one sentence."""

from __future__ import annotations

import json

import numpy as np
import pytest
from fuzz.lawful import contents, lawful
from fuzz.mutations import spoiled, spoiled_archive
from hypothesis import strategies as st

import homotopy as hp
from homotopy import continuation
from homotopy.cli.landscape.gathering import Gathered, gather
from homotopy.experiments import Comparison, Store, Workers, compare
from homotopy.experiments.plan.config import read_config
from homotopy.homotopies import Proximal
from homotopy.tables import read_table

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore::hypothesis.errors.HypothesisWarning")]

TABLE = b"""size,kind,note,y
1,red,"a ""b"" c",1.5
2,blue,"x
z",2.5
-3.5e2,red,z,0.5
4,green,z,1e-3
5,red,z,3
7,blue,"x
z",2
"""
SERIES = b"run,u,y\na,1,0.5\na,2,0.25\na,3,0.5\nb,1,1\nb,-2,0.75\nb,0,1\nc,4,2\nc,5,2\nc,6,2.5\n"
TOML = b"""problems = ["xor:hidden=2", "teacher:k=3"]
methods = ["gd", "lbfgs"]
seeds = "3..5"
tuning = 2
budget = 20.5
jobs = 1
executor = "threads"
[groups]
"two" = "xor:hidden=2..3"
"""
YAML = b"""problems: [xor, "teacher:k=3"]
methods: &m [gd, lbfgs]
seeds: 4
budget: 15.5
groups: {two: "xor:hidden=2..3", more: *m}
"""


@pytest.fixture
def file(tmp_path):
    """Write bytes to a file of an ending, and return its path; the rest of the folder must stay as it is."""

    def put(data, ending):
        path = tmp_path / f"case{ending}"
        path.write_bytes(data)
        return path

    return put


def decimals():
    return st.sampled_from((".", ",", "point"))


def test_what_is_spoiled_was_sound(file):
    for problem in (
        f"csv:path={file(TABLE, '.csv')},target=y,hidden=2",
        f"sequences:path={file(SERIES, '_s.csv')},id=run,target=y,h=2",
    ):
        assert hp.solve(hp.problem(problem), "lbfgs", rng=0, budget=3).cost > 0
    for seed, ending in ((TOML, ".toml"), (YAML, ".yaml")):
        assert read_config(file(seed, ending))["groups"]["two"] == ["xor:hidden=2..3"]


@pytest.mark.fuzz(share=0.03)
def test_tables(fuzz, file):
    def check_case(case):
        data, delimiter, decimal = case
        return lawful(lambda: read_table(file(data, ".csv"), delimiter=delimiter, decimal=decimal))

    fuzz(check_case, st.tuples(spoiled(TABLE), st.sampled_from((None, None, ",", ";", "tab", "space")), decimals()))


@pytest.mark.fuzz(share=0.015)
def test_problems_of_tables(fuzz, file):
    def check_case(case):
        data, more = case

        def run():
            made = hp.problem(f"csv:path={file(data, '.csv')},target={more},hidden=2")
            hp.solve(made, "lbfgs", rng=0, budget=3)

        return lawful(run)

    more = ("y", "kind", "y+size", "y,missing=drop", "y,missing=mean,test=0.3", "size,ignore=note", "y,folds=2,fold=0")
    fuzz(check_case, st.tuples(spoiled(TABLE, most=2), st.sampled_from(more)))


@pytest.mark.fuzz(share=0.01)
def test_problems_of_sequences(fuzz, file):
    def check_case(case):
        data, more = case

        def run():
            made = hp.problem(f"sequences:path={file(data, '.csv')},id=run,target=y,h=2{more}")
            hp.solve(made, "lbfgs", rng=0, budget=3)

        return lawful(run)

    fuzz(
        check_case,
        st.tuples(spoiled(SERIES, most=2), st.sampled_from(("", ",predict=last", ",missing=skip", ",test=0.3"))),
    )


ARRAYS = {"X": np.linspace(-1, 1, 24).reshape(3, 4, 2), "y": np.array([1.0, 2.0, 0.5]), "lengths": np.array([4, 2, 3])}


@pytest.mark.fuzz(share=0.01)
def test_sequences_in_arrays(fuzz, file):
    def check_case(data):
        return lawful(
            lambda: hp.solve(hp.problem(f"sequences:path={file(data, '.npz')},h=2"), "lbfgs", rng=0, budget=3)
        )

    fuzz(check_case, spoiled_archive(ARRAYS))


@pytest.mark.fuzz(share=0.01)
@pytest.mark.parametrize(("seed", "ending"), [(TOML, ".toml"), (YAML, ".yaml")])
def test_configurations(fuzz, file, seed, ending):
    def check_case(data):
        return lawful(read_config, file(data, ending))

    fuzz(check_case, spoiled(seed))


@pytest.fixture(scope="module")
def family():
    problem = hp.problem("xor")
    return Proximal(problem.objective, problem.start(np.random.default_rng(1)))


def parts(path):
    with np.load(path) as found:
        arrays = dict(found)
    return arrays, json.loads(str(arrays.pop("header")))


def tracked(family, path, **settings):
    steps = continuation.Adaptive(initial=0.01, maximum=0.02)
    spectrum = continuation.Spectrum()
    return continuation.track(family, checkpoint=path, spectrum=spectrum, step_control=steps, **settings)


@pytest.fixture(scope="module")
def halfway(family, tmp_path_factory):
    """A path that was cut in the middle: its file, and what is in it."""
    path = tmp_path_factory.mktemp("paths") / "path.npz"

    def stop(point):
        if point.t > 0.3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        tracked(family, path, callback=stop)
    return parts(path)


@pytest.mark.fuzz(share=0.025)
def test_paths(fuzz, file, halfway):
    def check_case(data):
        def run():
            found = continuation.Path.load(file(data, ".npz"))
            repr(found)
            found.table()
            found.at(0.2)

        return lawful(run)

    arrays, header = halfway
    fuzz(check_case, spoiled_archive(arrays, header))


@pytest.mark.fuzz(share=0.015)
def test_checkpoints(fuzz, file, family, halfway):
    def check_case(data):
        path = file(data, ".npz")
        what = lawful(lambda: tracked(family, path, max_steps=30))
        assert what == "result" or path.read_bytes() == data, "a checkpoint that was refused has been replaced"
        return what

    arrays, header = halfway
    fuzz(check_case, spoiled_archive(arrays, header))


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    rows = [f"{i},{'xyz'[i % 3]},{i * 0.5 + i % 3}" for i in range(24)]
    (folder / "table.csv").write_text("a,kind,y\n" + "\n".join(rows) + "\n")
    fitted = hp.fit_table(folder / "table.csv", "y", hidden=2, budget=20, alpha=0.1)
    fitted.model.save(folder / "model.npz")
    return folder / "table.csv", *parts(folder / "model.npz")


@pytest.mark.fuzz(share=0.025)
def test_models(fuzz, file, model):
    table, arrays, header = model

    def check_case(data):
        def run():
            found = hp.load_model(file(data, ".npz"))
            found.describe()
            found.predict(table)

        return lawful(run)

    fuzz(check_case, spoiled_archive(arrays, header))


@pytest.mark.filterwarnings("ignore::homotopy.errors.DamageWarning")
@pytest.mark.fuzz(share=0.01)
def test_stores(fuzz, file, tmp_path_factory):
    path = tmp_path_factory.mktemp("stores") / "runs.sqlite"
    with Store(path) as store:
        compare("xor", ["gd", "lbfgs"], seeds=3, budget=30, store=store, workers=Workers(n_jobs=1))

    def check_case(data):
        def run():
            with Store(file(data, ".sqlite"), readonly=True) as store:
                found = Comparison.load(store)
                for name in found.groups:
                    found.summaries(name)
                found.table()

        return lawful(run)

    fuzz(check_case, spoiled(path.read_bytes()))


@pytest.fixture(scope="module")
def census(tmp_path_factory):
    folder = tmp_path_factory.mktemp("census")
    problem = hp.problem("xor:l2=0.1,hidden=1")
    gather(Gathered(folder, problem, 0, "minima"), 3)
    with np.load(folder / "points.npz") as found:
        return problem, dict(found), json.loads((folder / "settings.json").read_text())


@pytest.mark.fuzz(share=0.01)
def test_critical_points(fuzz, census, tmp_path):
    problem, arrays, settings = census
    (tmp_path / "settings.json").write_text(json.dumps(settings))

    def check_case(data):
        (tmp_path / "points.npz").write_bytes(data)
        return lawful(gather, Gathered(tmp_path, problem, 0, "minima"), 3)

    fuzz(check_case, spoiled_archive(arrays))


@pytest.mark.fuzz(share=0.005)
def test_settings_of_critical_points(fuzz, census, tmp_path):
    problem, arrays, settings = census
    np.savez(tmp_path / "points.npz", **arrays)

    def check_case(data):
        (tmp_path / "settings.json").write_bytes(data)
        before = contents(tmp_path)
        what = lawful(gather, Gathered(tmp_path, problem, 0, "minima"), 3)
        assert contents(tmp_path) == before
        return what

    fuzz(check_case, spoiled(json.dumps(settings).encode()))
