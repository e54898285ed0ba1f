"""Long-lag tasks: sequences as described, the criterion of a right answer, and what was published."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

from homotopy.papers.hochreiter1997 import PAPER, counts, picture, problem, sequences
from homotopy.papers.hochreiter1997.figures import PUBLISHED
from homotopy.papers.hochreiter1997.problems import shorter


def test_adding_has_the_sequences_that_are_described():
    T, n = 100, 400
    X, y, lengths = sequences("adding", T, n, np.random.default_rng(0))
    rows = np.arange(n)
    assert X.shape == (n, 110, 2)
    assert lengths.min() >= 100
    assert lengths.max() <= 110
    assert np.all(X[:, 0, 1] == -1)
    assert np.all(X[rows, lengths - 1, 1] == -1)
    assert np.all(X[np.arange(110) >= lengths[:, None]] == 0)
    marked = X[:, :, 1] == 1
    assert set(marked.sum(axis=1)) <= {1, 2}  # one where the first step was drawn
    assert np.all(np.argmax(marked, axis=1) < 49)
    assert not marked[:, 49:].any()
    sums = np.sum(X[:, :, 0] * marked, axis=1)
    assert y[:, 0] == pytest.approx(0.5 + sums / 4)
    assert np.abs(X[:, :, 0]).max() <= 1
    assert X[:, :, 0].min() < -0.99


def test_the_later_form_of_adding_doubles_the_error_that_is_right():
    x = np.random.default_rng(0).uniform(size=(50, 2))
    theirs = 0.5 + np.sum(2 * x - 1, axis=1) / 4
    assert theirs == pytest.approx(x.sum(axis=1) / 2)


def test_multiplication_has_the_product():
    X, y, _ = sequences("multiplication", 50, 200, np.random.default_rng(1))
    marked = X[:, :, 1] == 1
    both = marked.sum(axis=1) == 2
    product = np.array([np.prod(x[m, 0]) for x, m in zip(X, marked, strict=True)])
    assert y[both, 0] == pytest.approx(product[both])
    assert np.all(y[~both] == 0)
    assert X[:, :, 0].min() >= 0


def test_the_order_of_two_symbols_is_the_class():
    X, y, lengths = sequences("order", 100, 200, np.random.default_rng(2))
    rows = np.arange(200)
    assert np.all(X[:, 0, 0] == 1)
    assert np.all(X[rows, lengths - 1, 1] == 1)
    symbols = X[:, :, 6:].sum(axis=2)
    assert np.all(symbols.sum(axis=1) == 2)
    places = np.argsort(-symbols, axis=1, kind="stable")[:, :2]
    which = X[rows[:, None], places, 7].astype(int)
    assert np.all(np.argmax(y, axis=1) == 2 * which[:, 0] + which[:, 1])
    assert np.all((places[:, 0] >= 10) & (places[:, 0] <= 20) & (places[:, 1] >= 50) & (places[:, 1] <= 60))


@pytest.mark.parametrize("task", ["adding", "multiplication", "order"])
@pytest.mark.parametrize("t", [3, 6, 12, 24, 48])
def test_shorter_sequences_have_the_length_asked_for(task, t):
    X, y, more = shorter(task, 20, 0, t)
    assert X.shape[:2] == (20, t)
    assert len(y) == 20
    assert more["lengths"].max() <= t
    assert more["lengths"].min() >= 3
    again = shorter(task, 20, 0, t)
    assert np.array_equal(X, again[0])
    assert np.array_equal(y, again[1])


def test_wrong_counts_sequences_that_err_by_the_limit():
    found = problem("adding", 10, n=8)
    x = np.zeros(found.size)
    x[-1] = 0.5
    y = sequences("adding", 10, 2000, _after_training(8))[1]
    assert found.test.value(x) == pytest.approx(np.mean(np.abs(y - 0.5) >= 0.04))
    assert pickle.loads(pickle.dumps(found)).test.value(x) == found.test.value(x)


def _after_training(n):
    rng = np.random.default_rng([0, 0])
    sequences("adding", 10, n, rng)
    return rng


def test_published_counts_are_told_with_their_regime():
    assert PUBLISHED["adding", 100] == 74_000
    assert PUBLISHED["order", 100] == 31_390
    assert "74,000" in PAPER.claim
    assert any("online" in text for text in PAPER.choices)


def test_the_picture_and_the_table_name_what_they_show():
    import homotopy as hp
    from homotopy.experiments import Group

    one = hp.compare(Group("adding", [problem("adding", 6, n=16)]), "length", seeds=1, budget=30)
    drawn = picture({("adding", "elman"): one}, {}, 16, 6)
    assert [ax.get_xlabel() for ax in drawn.figure.axes] == ["steps of a sequence", "task and cell"]
    table = counts({("adding", "elman"): one}, {}, 16, 100)
    assert table.rows[0][-1] == "74,000"
