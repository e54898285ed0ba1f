"""A user's sequences: arrays, files and tables give the same problem; padding, splits, windows, sentences."""

import json
import pickle

import numpy as np
import pytest
from click.testing import CliRunner

import homotopy as hp
from homotopy.cli import cli
from homotopy.errors import DataError
from homotopy.problems import problem
from homotopy.problems.sequences import from_sequences

RNG = np.random.default_rng(22)


def drawn(n=12, d=2, *, equal=False):
    """Return n sequences (T_i, d) and their running sums."""
    lengths = np.full(n, 6) if equal else RNG.integers(3, 9, n)
    X = [RNG.standard_normal((T, d)) * [1.0, 30.0][:d] + 5.0 for T in lengths]
    return X, [np.cumsum(x[:, 0]) for x in X]


def written(path, X, y, *, last=False, order=None, extra=False):
    """Write the long form: id, time, inputs, target; the target in last rows alone, or everywhere."""
    rows = []
    for i, (x, target) in enumerate(zip(X, y, strict=True)):
        for t, step in enumerate(x):
            value = target if last and t == len(x) - 1 else "" if last else target[t]
            cells = [f"s{i}", t * 0.5, *map(repr, map(float, step)), value]
            rows.append(",".join(map(str, [*cells[:-1], *(["note"] if extra else []), cells[-1]])))
    if order is not None:
        rows = [rows[i] for i in order(len(rows))]
    heads = ["id", "time", *(f"u{j}" for j in range(X[0].shape[1])), *(["remark"] if extra else []), "y"]
    path.write_text("\n".join([",".join(heads), *rows]) + "\n")
    return path


def same(one, other):
    """Whether two problems have the same values at random points, held-out ones included."""
    assert one.size == other.size
    for _ in range(3):
        x = RNG.standard_normal(one.size)
        assert one.objective.value(x) == pytest.approx(other.objective.value(x), rel=1e-12)
        if one.test is not None:
            assert one.test.value(x) == pytest.approx(other.test.value(x), rel=1e-12)
            assert one.score(x) == pytest.approx(other.score(x), rel=1e-12)


@pytest.mark.parametrize("each", [True, False])
def test_arrays_files_and_tables_give_the_same_problem(tmp_path, each):
    X, y = drawn(equal=True)
    y = y if each else [float(target[-1]) for target in y]
    given = {"hidden": 3, "test": 0.25, "seed": 4}
    lists = from_sequences(X, y, **given)
    arrays = from_sequences(np.array(X), np.array(y), **given)
    np.savez(tmp_path / "d.npz", X=np.array(X), y=np.array(y))
    file = from_sequences(tmp_path / "d.npz", **given)
    long = written(tmp_path / "d.csv", X, y, last=not each)
    table = from_sequences(long, **given)
    named = problem(f"sequences:path={long},hidden=3,test=0.25,seed=4")
    zipped = problem(f"sequences:path={tmp_path / 'd.npz'},h=3,test=0.25,seed=4")
    for other in (arrays, file, table, named, zipped, problem(named.name), pickle.loads(pickle.dumps(lists))):
        same(lists, other)
    assert named.name == f"sequences:path={long},hidden=3,test=0.25,seed=4"


def test_padding_counts_for_nothing():
    X, y = drawn()
    whole = from_sequences(X, y, hidden=4, standardize=False)
    longest = max(map(len, X))
    filled = [np.vstack([x, RNG.standard_normal((longest - len(x), 2))]) for x in X]
    targets = [np.append(v, RNG.standard_normal(longest - len(v))) for v in y]
    array = from_sequences(np.array(filled), np.array(targets), hidden=4, standardize=False, lengths=list(map(len, X)))
    same(whole, array)
    x = RNG.standard_normal(whole.size)
    total = sum(
        len(v) * hp.EmpiricalRisk(whole.objective.model, "squared", [u], [v]).value(x)
        for u, v in zip(X, y, strict=True)
    )
    assert whole.objective.value(x) == pytest.approx(total / sum(map(len, X)), rel=1e-12)


def test_last_targets_are_those_of_the_last_steps_of_unequal_sequences():
    X, y = drawn()
    ends = [float(v[-1]) for v in y]
    one, other = from_sequences(X, ends, hidden=3), from_sequences(X, y, hidden=3, predict="last")
    same(one, other)
    found = from_sequences(X, ends, hidden=3, standardize=False)
    x = RNG.standard_normal(found.size)
    model = found.objective.model
    each = [0.5 * (model.forward(x, u[None])[0, -1, 0] - v) ** 2 for u, v in zip(X, ends, strict=True)]
    assert found.objective.value(x) == pytest.approx(np.mean(each), rel=1e-12)


def test_inputs_and_targets_are_standardized_by_the_sequences_that_are_learned_from():
    X, y = drawn(20)
    made = from_sequences(X, y, test=0.3, seed=int(RNG.integers(100)))
    train = made.data.train
    assert len(train) == 14
    assert sorted([*train, *made.data.test]) == list(range(20))
    rows = np.concatenate([X[i] for i in train])
    aims = np.concatenate([y[i] for i in train])
    np.testing.assert_allclose([one.mean for one in made.data.encoding.inputs], rows.mean(axis=0))
    np.testing.assert_allclose([one.scale for one in made.data.encoding.inputs], rows.std(axis=0))
    np.testing.assert_allclose([*made.data.target.means, *made.data.target.scales], [aims.mean(), aims.std()])
    within = made.objective.sequences.valid
    assert abs(made.objective.X[within].mean(axis=0)).max() < 1e-12


def test_predictions_are_in_the_units_of_the_targets():
    X, y = drawn()
    made = from_sequences(X, y, hidden=3, test=0.25)
    x = RNG.standard_normal(made.size)
    mean, scale = made.data.target.means[0], made.data.target.scales[0]
    centers = np.array([one.mean for one in made.data.encoding.inputs])
    scales = np.array([one.scale for one in made.data.encoding.inputs])
    for found, steps in zip(made.data.predict(x, X), X, strict=True):
        out = made.objective.model.forward(x, ((steps - centers) / scales)[None])[0, :, 0]
        np.testing.assert_allclose(found, out * scale + mean)
    held = [np.concatenate([z[i] for i in made.data.test]) for z in (made.data.predict(x, X), y)]
    r2 = 1 - ((held[0] - held[1]) ** 2).sum() / ((held[1] - held[1].mean()) ** 2).sum()
    assert made.score(x) == pytest.approx(r2)
    some = made.data.test
    assert made.data.score(x, [X[i] for i in some], [y[i] for i in some]) == pytest.approx(r2)


def test_rows_may_be_mixed_but_not_out_of_time(tmp_path):
    X, y = drawn(6)
    plain = from_sequences(written(tmp_path / "a.csv", X, y), hidden=3)
    lengths = list(map(len, X))

    def mixed(n):
        """Return an order that keeps each sequence's own."""
        owner = np.repeat(np.arange(6), lengths)
        shuffled = np.concatenate([[0], RNG.permutation(owner[1:])])
        at = [iter(np.flatnonzero(owner == i)) for i in range(6)]
        return [next(at[i]) for i in shuffled]

    other = from_sequences(written(tmp_path / "b.csv", X, y, order=mixed), hidden=3)
    x = RNG.standard_normal(plain.size)
    assert plain.objective.value(x) == pytest.approx(other.objective.value(x), rel=1e-12)

    def swapped(n):
        return [1, 0, *range(2, n)]

    with pytest.raises(
        DataError, match=r"line 3, column 2 \(time\): the time 0.0 comes after 0.5 in sequence 's0'; sort"
    ):
        from_sequences(written(tmp_path / "c.csv", X, y, order=swapped))


def test_tables_in_memory_and_dates(tmp_path):
    X, y = drawn(5)
    days = [f"2024-0{1 + t // 9}-0{1 + t % 9}" for x in X for t in range(len(x))]
    table = {
        "who": [f"p{i}" for i, x in enumerate(X) for _ in x],
        "day": days,
        "a": np.concatenate(X)[:, 0],
        "b": np.concatenate(X)[:, 1],
        "y": np.concatenate(y),
    }
    made = from_sequences(table, target="y", id="who", time="day", hidden=3)
    same(made, from_sequences(X, y, hidden=3))
    x = RNG.standard_normal(made.size)
    bare = {name: cells for name, cells in table.items() if name != "y"}
    for one, other in zip(made.data.predict(x, bare), made.data.predict(x, table), strict=True):
        np.testing.assert_array_equal(one, other)
    table["day"][1] = "tomorrow"
    for wrong in ("tomorrow", "5/1/2024"):
        table["day"][1] = wrong
        with pytest.raises(
            DataError, match=f"row 1, column 'day': '{wrong}' is neither a number nor a date|'2024-01-01' is"
        ):
            from_sequences(table, target="y", id="who", time="day")


def test_steps_without_a_target(tmp_path):
    X, y = drawn(6)
    path = written(tmp_path / "a.csv", X, y)
    rows = path.read_text().splitlines()
    rows[2] = rows[2].rpartition(",")[0] + ","
    path.write_text("\n".join(rows) + "\n")
    with pytest.raises(
        DataError, match=r"1 cell is missing \(y: 1; in line 3\); .*missing=skip leaves steps without one"
    ):
        from_sequences(path)
    made = from_sequences(path, missing="skip", hidden=3, standardize=False)
    x = RNG.standard_normal(made.size)
    model = made.objective.model
    errors = [model.forward(x, u[None])[0, :, 0] - v for u, v in zip(X, y, strict=True)]
    assert made.objective.value(x) == pytest.approx(0.5 * np.mean(np.delete(np.concatenate(errors), 1) ** 2))
    assert "1 step without a target do not count" in made.data.describe()


def test_the_command_solves_a_file_of_sequences(tmp_path):
    X, y = drawn(10)
    path = written(tmp_path / "d.csv", X, y, extra=True)
    name = f"sequences:path={path},hidden=3,test=0.3,ignore=remark"
    shown = CliRunner().invoke(cli, ["solve", name, "-m", "lbfgs", "--budget", "60"])
    assert shown.exit_code == 0, shown.output
    text = " ".join(shown.stdout.split())
    assert "10 sequences of" in text
    assert "3 of them held out (R2)" in text
    assert "on 3 held-out sequences" in text
    told = CliRunner().invoke(cli, ["solve", name, "-m", "lbfgs", "--budget", "60", "--json"])
    found = json.loads(told.stdout)
    made = problem(name)
    assert found["score"] == pytest.approx(made.score(np.array(found["x"])))
    assert found["problem"] == made.name


def test_categories_and_columns_that_training_had_not(tmp_path):
    rows = [f"{i},{'red' if (i + t) % 2 else 'blue'},{t},{i + t}" for i in range(6) for t in range(4)]
    (tmp_path / "d.csv").write_text("\n".join(["id,color,u,y", *rows]) + "\n")
    made = from_sequences(tmp_path / "d.csv", hidden=2)
    assert made.data.encoding.names == ("color=blue", "color=red", "u")
    x = made.start(np.random.default_rng(0))
    table = {"id": [1, 1], "color": ["green", "red"], "u": [0, 1]}
    with pytest.warns(UserWarning, match="green"):
        (found,) = made.data.predict(x, table)
    assert found.shape == (2,)
    with pytest.warns(UserWarning, match="more"):
        made.data.predict(x, {"id": [1], "color": ["red"], "u": [0], "more": [3]})
    with pytest.raises(DataError, match="the column 'u' is not there"):
        made.data.predict(x, {"id": [1], "color": ["red"]})


def test_tensors_and_frames_of_other_packages():
    import pandas

    class Tensor:
        """What other packages call an array."""

        def __init__(self, values):
            self.values = np.array(values)

        def __len__(self):
            return len(self.values)

        def __getitem__(self, i):
            return self.values[i]

        def __array__(self, dtype=None, copy=None):
            return self.values.astype(dtype or float)

    X, y = drawn(equal=True)
    plain = from_sequences(X, y, hidden=3)
    same(plain, from_sequences(Tensor(X), Tensor(y), hidden=3))
    n = len(X)
    frame = pandas.DataFrame(np.concatenate(X), columns=["a", "b"]).assign(
        id=np.repeat(range(n), 6), y=np.concatenate(y)
    )
    same(plain, from_sequences(frame, hidden=3))
    assert plain.data.describe().startswith("12 sequences of 6 steps")
