"""Problems in short: what each way keeps, and what it leaves."""

import numpy as np
import pytest

import homotopy as hp
from homotopy.errors import ArgumentError
from homotopy.objectives.facets import lacking, offered


def series(n=5, T=12, seed=0, **more):
    rng = np.random.default_rng(seed)
    X, y = rng.standard_normal((n, T, 2)), rng.standard_normal((n, T, 1))
    model = more.pop("model", hp.RNN(2, 3, 1))
    return hp.EmpiricalRisk(model, "squared", X, y, **more)


def test_ways_that_are_offered():
    learned = hp.RNN(2, 3, 1, state="learned")
    assert series().shortenings == ("prefix", "coarse")
    assert series(model=learned).shortenings == ("prefix", "windows", "coarse")
    end = hp.EmpiricalRisk(learned, "squared", np.ones((3, 5, 2)), np.ones(3))
    assert end.shortenings == ()
    assert not offered(end, "shorter")
    assert "no family of shorter problems" in lacking(end, ("shorter",))
    assert end.changed(family=lambda t: (np.ones((3, t, 2)), np.ones(3))).shortenings == ("family",)
    assert end.changed(deletable=np.arange(5) > 0).shortenings == ("deleted",)
    assert offered(series(), "shorter")


@pytest.mark.parametrize("t", [1, 4, 11])
def test_a_prefix_is_the_first_steps(t):
    rng = np.random.default_rng(1)
    steps, lengths, weights = rng.exponential(size=(5, 12)), np.array([12, 3, 5, 1, 9]), rng.exponential(size=5)
    risk = series(steps=steps, lengths=lengths, weights=weights, l2=0.1)
    short = risk.shorter(t)
    by_hand = series(1).resampled(
        risk.X[:, :t], risk.y[:, :t], weights, steps=steps[:, :t], lengths=np.minimum(lengths, t)
    )
    x = risk.model.init(0)
    assert short.n_steps == t
    assert short.l2 == 0.1
    assert short.value(x) - 0.05 * x @ x == pytest.approx(by_hand.value(x), rel=1e-12)
    assert short.flops < risk.flops


def test_a_prefix_keeps_given_states():
    model = hp.RNN(2, 3, 1, state="given")
    risk = series(model=model, state=np.random.default_rng(3).standard_normal((5, 3)))
    np.testing.assert_array_equal(risk.shorter(4).state, risk.state)


def test_a_family_gives_its_own_problems():
    def family(t):
        rng = np.random.default_rng(t)
        return rng.standard_normal((2 * t, t, 2)), rng.standard_normal(2 * t), {"lengths": np.r_[1, [t] * (2 * t - 1)]}

    risk = hp.EmpiricalRisk(hp.RNN(2, 3, 1), "squared", np.ones((3, 8, 2)), np.ones(3), l2=0.2, family=family)
    short = risk.shorter(5)
    assert short.X.shape == (10, 5, 2)
    assert short.lengths[0] == 1
    assert short.l2 == 0.2
    assert short.value(np.ones(22)) == risk.shorter(5).value(np.ones(22))
    assert short.shorter(3).n_steps == 3
    assert risk.shorter(8) is risk


def test_marked_steps_are_left_out_and_no_others():
    rng = np.random.default_rng(4)
    n, T = 40, 15
    X = np.arange(n * T, dtype=float).reshape(n, T, 1)
    lengths = rng.integers(4, T + 1, n)
    relevant = rng.random((n, T)) < 0.2
    risk = hp.EmpiricalRisk(hp.RNN(1, 2, 1), "squared", X, np.ones((n, T)), lengths=lengths, deletable=~relevant)
    must = [np.flatnonzero(relevant[i, : lengths[i]]) for i in range(n)]
    t = max(map(len, must)) + 1
    short = risk.shorter(t, "deleted")
    sizes = np.full(n, t) if short.lengths is None else short.lengths
    np.testing.assert_array_equal(sizes, np.minimum(lengths, t))
    for i in range(n):
        left = short.X[i, : sizes[i], 0] - i * T
        assert set(must[i]) <= set(left.astype(int))
        assert (np.diff(left) > 0).all()
        assert left.max() < lengths[i]
    with pytest.raises(ArgumentError, match=rf"sequence \d+ has {t - 1} steps that may not be deleted"):
        risk.shorter(t - 2, "deleted")


def test_a_net_that_ignores_deleted_steps_has_the_same_loss():
    rng = np.random.default_rng(5)
    X, y = rng.standard_normal((6, 10, 1)), rng.standard_normal(6)
    idle = np.arange(10) % 3 > 0
    X[:, idle] = 0.0
    model = hp.RNN(1, 1, 1, "identity")
    x = model.pack({"W": [[1.0]], "U": [[0.7]], "b": [0.0], "C": [[1.3]], "c": [0.2]})
    risk = hp.EmpiricalRisk(model, "squared", X, y, deletable=idle)
    for t in range(4, 10):
        assert risk.shorter(t).value(x) == pytest.approx(risk.value(x), rel=1e-13)


@pytest.mark.parametrize("t", [1, 2, 3, 5, 8, 11])
def test_every_step_counts_once_in_windows(t):
    rng = np.random.default_rng(t)
    model = hp.RNN(2, 3, 1, state="learned")
    steps, lengths, weights = rng.exponential(size=(3, 12)), np.array([12, 5, 9]), rng.exponential(size=3)
    risk = series(3, model=model, steps=steps, lengths=lengths, weights=weights)
    short = risk.shorter(t, "windows")
    assert short.n_steps == t
    own = short.sequences
    for i in range(3):
        mine = np.array([(risk.X[i, s] == short.X).all(axis=-1) for s in range(lengths[i])])
        counted = (mine * own.counts).sum(axis=(1, 2))
        np.testing.assert_allclose(counted / counted.sum(), steps[i, : lengths[i]] / steps[i, : lengths[i]].sum())


def test_windows_of_a_net_that_forgets_have_nearly_its_loss():
    model = hp.RNN(2, 3, 1, state="learned")
    risk = series(1, T=200, model=model)
    parts = model.unpack(model.init(0))
    parts["W"] *= 0.05
    x = model.pack(parts)
    short = risk.shorter(40, "windows")
    assert len(short.X) == 7
    assert short.value(x) == pytest.approx(risk.value(x), rel=1e-6)


def test_coarse_steps_have_mean_inputs_and_the_last_targets():
    rng = np.random.default_rng(6)
    X, y, lengths = rng.standard_normal((4, 12, 2)), rng.standard_normal((4, 12, 1)), np.array([12, 7, 2, 12])
    steps = rng.exponential(size=12)
    risk = hp.EmpiricalRisk(hp.RNN(2, 3, 1), "squared", X, y, lengths=lengths, steps=steps)
    short = risk.shorter(4, "coarse")
    np.testing.assert_allclose(short.X[0], X[0].reshape(4, 3, 2).mean(axis=1), rtol=1e-12)
    np.testing.assert_array_equal(short.y[0], y[0, 2::3])
    counts = short.sequences.counts
    np.testing.assert_allclose(counts[0] / counts[0, 0], steps[2::3] / steps[2])
    assert counts[1].astype(bool).tolist() == [True, True, False, False]
    assert not counts[2].any()
    assert np.diff(risk.shorter(5, "coarse").sequences.compiled[0].shape).tolist() == [1, -3]


REFUSED = {
    "no length": (lambda: series().shorter(0), "t must be an integer, at least 1 and at most 12, not 0"),
    "a length too long": (lambda: series().shorter(13), "t must be an integer, at least 1 and at most 12, not 13"),
    "an unknown way": (lambda: series().shorter(3, "prefixes"), "how must be 'prefix', 'family', 'deleted', 'windows'"),
    "a way that is not there": (
        lambda: series().shorter(3, "windows"),
        "how is 'windows', which this problem does not offer; it offers prefix, coarse",
    ),
    "a prefix that does not count": (
        lambda: series(steps=np.arange(12) > 6).shorter(7),
        "none of the first 7 steps counts",
    ),
    "a family of other lengths": (
        lambda: series(family=lambda t: (np.ones((2, 9, 2)), np.ones(2))).shorter(5, "family"),
        r"family\(5\) returned sequences of 9 steps; they must have 5",
    ),
    "a family of other things": (
        lambda: series(family=lambda t: np.ones((2, t, 2))).shorter(5, "family"),
        r"family\(5\) must return \(X, y\)",
    ),
    "steps that end in no sequence": (
        lambda: series(lengths=[3] * 5, model=hp.RNN(2, 3, 1)).shorter(2, "coarse"),
        "no sequence is as long as a step",
    ),
}


@pytest.mark.parametrize("case", sorted(REFUSED))
def test_what_is_refused(case):
    do, sentence = REFUSED[case]
    with pytest.raises(ArgumentError, match=sentence):
        do()


def test_a_problem_that_cannot_be_shortened_says_why():
    end = hp.EmpiricalRisk(hp.RNN(2, 3, 1), "squared", np.ones((3, 5, 2)), np.ones(3))
    with pytest.raises(ArgumentError, match="there are targets of the last steps alone, no family"):
        end.shorter(3)


@pytest.mark.parametrize("seed", range(6))
def test_the_shortest_problem_can_be_made_and_no_shorter_one(seed):
    rng = np.random.default_rng(seed)
    steps = rng.random((5, 12)) * (np.arange(12) >= rng.integers(12))
    risk = series(model=hp.RNN(2, 3, 1, state="learned"), steps=steps, deletable=rng.random((5, 12)) < 0.7)
    for how in (None, *risk.shortenings):
        least = risk.shortest(how)
        assert all(risk.shorter(t, how).n_steps == t for t in range(least, 13))
        if least > 1:
            with pytest.raises(ArgumentError, match="t is "):
                risk.shorter(least - 1, how)
    assert risk.shortest() == risk.first_counted
    assert hp.EmpiricalRisk(hp.RNN(2, 3, 1), "squared", risk.X, np.ones(5)).shortest() == 1
