"""Classes of sequences and of steps; one long series, and pieces of several."""

import numpy as np
import pytest

from homotopy.problems.sequences import from_sequences

RNG = np.random.default_rng(24)


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
    logits = made.objective.model.forward(x, np.ascontiguousarray(made.objective.X[:, :3]))
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


def test_sequences_too_short_for_a_piece_are_left_out_and_the_others_are_split():
    X = [RNG.standard_normal((T, 1)) for T in (3, 40, 4, 41, 45, 60)]
    made = from_sequences(X, [x[:, 0] + 1.0 for x in X], windows=20, test=0.5, hidden=2)
    assert len(made.data.train) + len(made.data.test) == 2 + 2 + 2 + 3
    pieces = [{0, 1}, {2, 3}, {4, 5}, {6, 7, 8}]
    held = set(made.data.test.tolist())
    assert sorted(piece <= held for piece in pieces) == [False, False, True, True]
    assert all(piece <= held or not piece & held for piece in pieces)


def test_steps_of_arrays_without_a_target_may_be_skipped():
    X = RNG.standard_normal((5, 7, 1))
    y = np.cumsum(X[:, :, 0], axis=1)
    y[2, 3] = y[4, 6] = np.nan
    made = from_sequences(X, y, missing="skip", hidden=2, standardize=False)
    x = RNG.standard_normal(made.size)
    error = made.objective.model.forward(x, X)[:, :, 0] - y
    assert made.objective.value(x) == pytest.approx(0.5 * np.nanmean(error**2))
    assert "2 steps without a target do not count" in made.data.describe()
    ends = from_sequences(list(X[:4]), [column[:, None] for column in y[:4]], predict="last", hidden=2)
    assert not ends.objective.every_step  # what is missing before the last step does not matter there
