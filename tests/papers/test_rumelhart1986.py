"""The tasks, back-propagation as of 1986 and the rows of rumelhart1986, against independent truths."""

import itertools
import pickle

import numpy as np
import pytest

import homotopy as hp
from homotopy.papers.rumelhart1986 import PAPER, adder, figures, parity, sweeps_picture, xor
from homotopy.papers.rumelhart1986.sweeps import Net, X, Y, learn
from homotopy.papers.rumelhart1986.tables import RERUN_PARITY
from homotopy.papers.rumelhart1986.tasks import spread, stuck


def test_adder_adds():
    task = adder(3)
    for (a1, a0, b1, b0), bits in zip(task.X, task.y, strict=True):
        assert 4 * bits[0] + 2 * bits[1] + bits[2] == 2 * a1 + a0 + 2 * b1 + b0
    assert len({tuple(row) for row in task.X}) == 16


def test_parity_is_the_product_of_signs():
    task = parity(5)
    assert np.array_equal(2 * task.y[:, 0] - 1, -np.prod(-task.X, axis=1))
    assert np.array_equal(xor().y[:, 0], [0, 1, 1, 0])


@pytest.mark.parametrize("net", [Net(2), Net(5), Net(1, direct=True), Net(2, direct=True)])
def test_gradient_is_that_of_differences(net):
    theta = np.random.default_rng(0).uniform(-1, 1, (3, net.size))
    _, grad = net.gradient(theta, X, Y)
    for i in range(net.size):
        shift = np.zeros(net.size)
        shift[i] = 1e-6
        loss = [0.5 * np.sum((net.gradient(theta + s * shift, X, Y)[0] - Y) ** 2, axis=1) for s in (1, -1)]
        assert np.allclose((loss[0] - loss[1]) / 2e-6, grad[:, i], atol=1e-8)


def momentum(starts, n_steps):
    return hp.descend(xor().risk(), starts, rule="momentum", momentum=0.9, step_size=2.0, n_steps=n_steps).x


def test_sweeps_on_the_sum_are_the_packages_momentum():
    """A step of 4 eta on the mean of four patterns is eta on their sum."""
    starts = xor().starts(4)
    found = learn(Net(2), starts, 0.5, 24)
    assert np.allclose(found.ends, momentum(starts, 24), atol=1e-12)


def test_sweeps_are_the_first_at_which_outputs_are_right():
    starts = np.random.default_rng(1).uniform(-0.5, 0.5, (6, 9))
    found = learn(Net(2), starts, 0.5, 400)
    solved = np.flatnonzero(np.isfinite(found.sweeps))
    assert len(solved)
    for i in solved[:2]:
        n = int(found.sweeps[i])
        ends = [momentum(starts[i : i + 1], m) for m in (n - 1, n)]
        right = [bool(xor().right(end)[0] == 4) for end in ends]
        assert right == [False, True]


def test_patterns_that_come_singly_move_the_weights_one_after_the_other():
    net, start = Net(2), np.random.default_rng(0).uniform(-0.3, 0.3, (1, 9))
    theta, moved = start.copy(), np.zeros((1, 9))
    for i in range(4):
        moved = 0.9 * moved - 0.5 * net.gradient(theta, X[i : i + 1], Y[i : i + 1])[1]
        theta = theta + moved
    assert np.allclose(learn(net, start, 0.5, 1, online=True).ends, theta, atol=1e-14)


def test_the_loss_that_is_asked_for_implies_right_outputs():
    """One output off by 0.5 and all others exact gives just that loss."""
    for task in (xor(), parity(4), adder(3)):
        off = np.zeros(task.y.size)
        off[0] = 0.5
        assert 0.5 * np.sum(off**2) / len(task.X) == pytest.approx(task.implied)
        assert task.problem().target == pytest.approx(task.implied)


def test_stuck_ends_are_starts():
    task = xor()
    ends, right, sweeps = stuck(task, task.starts(40), 2.0, 3000)
    assert np.all(task.right(ends[right]) == 4)
    assert np.all(np.isfinite(sweeps) <= right)
    problem = pickle.loads(pickle.dumps(task.from_ends(ends[:3])))
    drawn = problem.start(np.random.default_rng(0))
    assert any(np.array_equal(drawn, end) for end in ends[:3])


def test_starts_of_the_rerun_spread_the_hidden_biases():
    task = parity(4)
    layers = [hp.MLP(task.sizes, "logistic").unpack(one) for one in spread(task, 5)]
    for (W, b), (v, c) in layers:
        assert np.allclose(b, [4, 4 / 3, -4 / 3, -4], atol=0.05)
        assert max(np.abs(W).max(), np.abs(v).max(), np.abs(c).max()) <= 0.5


def test_what_is_published_is_marked_with_its_source():
    assert RERUN_PARITY == {4: (5, 5), 5: (2, 5), 6: (0, 5), 7: (0, 5)}
    text = " ".join(PAPER.choices)
    assert all(part in text for part in ("secondary", "hinton-problems", "one hidden unit and direct connections"))
    assert "10.7551/mitpress/5236.003.0012" in PAPER.link


def test_sweeps_picture_names_its_axes():
    picture = sweeps_picture([("a", np.array([10.0, 500.0, np.nan])), ("b", np.array([30.0, 40.0]))])
    ax = picture.figure.axes[0]
    assert ax.get_xlabel() == "sweeps through the four patterns"
    assert ax.get_ylabel() == "runs right (%)"
    assert all(len(line.get_xdata()) <= 2 for line in ax.lines)
    assert set(figures.__all__) == {"freed_picture", "parity_picture", "sweeps_picture"}


def test_two_hidden_units_cannot_tell_all_seven_sums_by_the_total_alone():
    """Along the total a line through two logistic units is crossed at most three times; the last bit needs six."""
    bits = np.array(list(itertools.product((0, 1), repeat=4)))
    total = bits @ [2, 1, 2, 1]
    last = [int(adder(2).y[total == t, 2][0]) for t in range(7)]
    assert int(np.sum(np.abs(np.diff(last)))) == 6
    s = np.linspace(-3, 9, 4001)
    rng = np.random.default_rng(0)
    for _ in range(200):
        a, b, c, d, u, v, w = rng.normal(0, 3, 7)
        f = u / (1 + np.exp(-a * s - b)) + v / (1 + np.exp(-c * s - d)) + w
        assert np.sum(np.diff(np.sign(f)) != 0) <= 3
