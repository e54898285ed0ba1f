"""A user's sequences: arrays, files and tables give the same problem; padding, splits, windows, sentences."""

import json
import pickle

import numpy as np
import pytest
from click.testing import CliRunner

import homotopy as hp
from homotopy.cli import cli
from homotopy.errors import ArgumentError, DataError
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


@pytest.mark.parametrize("labels", [("up", "down"), ("a", "b", "c")])
@pytest.mark.parametrize("each", [True, False])
def test_classes(labels, each):
    n = 12
    X = [RNG.standard_normal((3, 1)) for _ in range(n)]  # three steps, as many as there are classes
    y = (
        [[labels[(i + t) % len(labels)] for t in range(3)] for i in range(n)]
        if each
        else [labels[i % len(labels)] for i in range(n)]
    )
    made = from_sequences(X, y, hidden=2, test=0.5)
    assert made.objective.every_step is each
    assert made.score_name == "accuracy"
    assert made.data.target.classes[0] == tuple(sorted(labels))
    x = RNG.standard_normal(made.size)
    found = made.data.predict(x, X)
    pairs = [(found[i], y[i]) for i in made.data.test]
    assert made.score(x) == pytest.approx(np.mean([np.mean(np.asarray(a) == np.asarray(b)) for a, b in pairs]))
    logits = made.objective.model.forward(x, made.objective.X[:, :3])
    codes = np.array([[labels.index(c) for c in np.ravel(y[i])] for i in made.data.train])
    order = np.argsort(np.argsort(labels))
    codes = order[codes]
    z = logits if each else logits[:, -1:]
    z = np.concatenate([np.zeros_like(z), z], axis=-1) if len(labels) == 2 else z
    loss = np.log(np.exp(z).sum(axis=-1)) - np.take_along_axis(z, codes[..., None], axis=-1)[..., 0]
    assert made.objective.value(x) == pytest.approx(loss.mean())
    if not each:
        shares = [
            np.bincount([labels.index(y[i]) for i in part], minlength=len(labels))
            for part in (made.data.train, made.data.test)
        ]
        assert max(abs(shares[0] - shares[1])) <= 1


def test_one_series_is_cut_and_its_end_is_held_out():
    u = RNG.standard_normal((108, 1))
    y = np.sin(np.cumsum(u[:, 0]))
    made = from_sequences([u], [y], windows=10, washout=3, test=0.2, hidden=3)
    assert made.objective.model.state == "learned"
    assert made.data.test.tolist() == [9, 10]
    assert len(made.data.train) == 9
    assert made.test.lengths.tolist() == [10, 8]
    lost = from_sequences([u[:104]], [y[:104]], windows=10)
    assert len(lost.objective.X) == 10
    assert "4 steps behind the last whole piece left out" in lost.data.describe()
    plain = from_sequences([u], [y], windows=10, washout=3, hidden=3, standardize=False, state="zero")
    x = RNG.standard_normal(plain.size)
    pieces = [(u[a : a + 10], y[a : a + 10]) for a in range(0, 108, 10)]
    model = plain.objective.model
    errors = [model.forward(x, p[None])[0, 3:, 0] - q[3:] for p, q in pieces]
    assert plain.objective.value(x) == pytest.approx(0.5 * np.mean(np.concatenate(errors) ** 2))


def test_pieces_of_one_sequence_are_held_out_together():
    X = [RNG.standard_normal((30, 1)) for _ in range(5)]
    made = from_sequences(X, [x[:, 0] for x in X], windows=10, test=0.4)
    assert len({i // 3 for i in made.data.test}) == 2
    assert len(made.data.test) == 6
    parts = [from_sequences(X, [x[:, 0] for x in X], folds=5, fold=i).data.test.tolist() for i in range(5)]
    assert sorted(i for part in parts for i in part) == list(range(5))


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


def bad(**changes):
    X, y = drawn(5)
    return {"X": X, "y": y} | changes


WRONG = {
    "there is one sequence only, of 40 steps; windows=4 cuts": lambda: bad(X=[np.ones((40, 1))], y=[np.arange(40.0)]),
    r"X has shape \(4, 3\); it must be": lambda: bad(X=np.ones((4, 3))),
    "sequence 1 of X has shape": lambda: bad(X=[np.ones((3, 1)), np.ones((3, 1, 1))]),
    "sequence 1 of X must be an array of real numbers": lambda: bad(X=[[1.0, 2.0], ["a", "b"]]),
    "sequence 0 has 1 inputs a step and sequence 1 has 2": lambda: bad(X=[np.ones((3, 1)), np.ones((3, 2))], y=[1, 2]),
    "X has a missing value in sequence 1, step 2, input 0": lambda: bad(X=[[1.0, 2.0], [1.0, 2.0, np.nan]], y=[1, 2]),
    "lengths= says how many steps": lambda: bad(X=np.full((2, 3, 1), np.nan), y=[1.0, 2.0]),
    "X has an infinite value in sequence 0, step 1": lambda: bad(X=[[1.0, np.inf], [1.0]], y=[1, 2]),
    "X has 5 sequences and y has 4": lambda: bad(y=[1, 2, 3, 4]),
    "y has shape .* for sequence": lambda: bad(y=[[1.0] * 20, *([[1.0] * 21] * 4)]),
    "y is None": lambda: bad(y=None),
    "the target 'y' is constant": lambda: bad(y=[1.0] * 5),
    "lengths go with sequences that are padded": lambda: bad(lengths=[1] * 5),
    "lengths has 9 for sequence 0": lambda: bad(X=np.ones((2, 3, 1)), y=[1.0, 2.0], lengths=[9, 1]),
    "washout=20 leaves no target in sequence 0": lambda: bad(washout=20),
    "windows= cuts sequences into pieces, which needs a target at each step": lambda: bad(y=[1, 2, 3, 4, 5], windows=3),
    "predict=steps needs a target at each step": lambda: bad(y=[1.5, 2, 3, 4, 5], predict="steps"),
    "predict must be 'last' or 'steps'": lambda: bad(predict="first"),
    "id is the name of a column, and X is no table": lambda: bad(id="who"),
    "cell must be": lambda: bad(cell="rnn"),
    "start must be": lambda: bad(start="far"),
    "state must be": lambda: bad(state="given"),
    "hidden must be": lambda: bad(hidden=0),
    "loss must be": lambda: bad(loss="hinge"),
    "test must be a number": lambda: bad(test=1.0),
    "of 5 rows 4 would be held out": lambda: bad(test=0.8),
    "there is no such file": lambda: {"X": "nowhere.npz"},
    "no.csv: there is no such file": lambda: {"X": "no.csv"},
}  # fmt: skip


@pytest.mark.parametrize("sentence", WRONG)
def test_what_is_wrong_is_said_in_one_sentence(sentence):
    with pytest.raises((ArgumentError, DataError), match=sentence) as told:
        from_sequences(**WRONG[sentence]())
    assert len(str(told.value).splitlines()) == 1


TABLES = {
    "there is no column 'who'": ("id,time,u,y\n1,1,2,3\n", {"id": "who"}),
    "no input column beside the target": ("id,time,y\n1,1,2\n1,2,3\n", {}),
    "the time 1 stands twice in sequence '7'": ("id,time,u,y\n7,1,2,3\n7,1,4,5\n8,1,2,3\n", {}),
    "every row needs its time": ("id,time,u,y\n7,,2,3\n7,1,4,5\n", {}),
    "every row needs the id": ("id,time,u,y\n,1,2,3\n7,1,4,5\n", {}),
    "every step needs its inputs": ("id,time,u,y\n7,1,,3\n7,2,4,5\n", {}),
    "there is one sequence only, of 3 steps": ("time,u,y\n1,2,3\n2,4,5\n3,1,1\n", {}),
    "there is no column 'nothing'": ("id,u,y\n7,2,3\n7,4,5\n8,1,2\n", {"ignore": "nothing"}),
    "sequence '8' has no target at any step": ("id,u,y\n7,2,3\n7,4,\n8,1,\n8,2,\n", {"missing": "skip"}),
    "'big' is not a number": ("id,u,y\n7,2,3\n7,big,2\n8,1,4\n8,2,1\n8,3,9\n", {}),
}


@pytest.mark.parametrize("sentence", TABLES)
def test_what_is_wrong_with_a_table_is_said_in_one_sentence(tmp_path, sentence):
    text, given = TABLES[sentence]
    (tmp_path / "t.csv").write_text(text)
    with pytest.raises((ArgumentError, DataError), match=sentence) as told:
        from_sequences(tmp_path / "t.csv", **given)
    assert len(str(told.value).splitlines()) == 1


@pytest.mark.parametrize(
    "arrays", [{"y": np.ones(3)}, {"X": np.ones((3, 2, 1))}, {"X": np.array([{}], dtype=object), "y": np.ones(1)}]
)
def test_wrong_npz_files(tmp_path, arrays):
    np.savez(tmp_path / "a.npz", **arrays)
    with pytest.raises(DataError) as told:
        from_sequences(tmp_path / "a.npz")
    assert "a.npz" in str(told.value)
    assert len(str(told.value).splitlines()) == 1
    (tmp_path / "b.npz").write_text("no archive")
    with pytest.raises(DataError, match=r"no \.npz of plain arrays"):
        from_sequences(tmp_path / "b.npz")


def test_the_command_solves_a_file_of_sequences(tmp_path):
    X, y = drawn(10)
    path = written(tmp_path / "d.csv", X, y, extra=True)
    name = f"sequences:path={path},hidden=3,test=0.3,ignore=remark"
    shown = CliRunner().invoke(cli, ["solve", name, "-m", "lbfgs", "--budget", "60"])
    assert shown.exit_code == 0, shown.output
    text = " ".join(shown.stdout.split())
    assert "10 sequences of" in text
    assert "3 of them held out (R2)" in text
    assert "held-out data" in text
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
