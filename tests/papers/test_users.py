"""The troubles of practitioners: their data, starts, targets, and how failures are told apart."""

import numpy as np
import pytest
from scipy.special import expit

import homotopy as hp
from homotopy.experiments import Grid
from homotopy.papers.frame import Study
from homotopy.papers.users import PROBLEMS, TROUBLES, kinds, picture, problem, shares
from homotopy.papers.users.problems import PRINTED, Start, line_relu, xor_thousand
from homotopy.papers.users.runs import Ends, asleep, attempt, failing, looked_at, online, printed, starts
from homotopy.papers.users.tables import kind
from homotopy.papers.users.troubles import SGD, Settings

NAMES = [name for name in PROBLEMS if name != "digits"]


@pytest.mark.parametrize("name", NAMES)
def test_a_problem_has_the_name_of_its_function_and_starts_of_its_size(name):
    one = problem(name)
    assert one.name == name
    assert starts(one, 2).shape == (2, one.size)
    assert (starts(one, 2)[0] != starts(one, 2)[1]).any()


def test_the_printed_start_is_read_as_the_issue_prints_it():
    W, b = (
        np.array([[-0.12692590266986858, -0.844955757436316], [-0.9357427469178123, 0.8173651578783794]]),
        PRINTED[4:6],
    )
    a, c = np.array([-0.5832662974097391, 0.5308947844782579]), 0.2908941132572971
    one = problem("xor_slow")
    z = expit(expit(one.objective.X @ W.T + b) @ a + c)
    truth = np.array([0.0, 1.0, 1.0, 0.0])
    assert one.objective.value(np.array(PRINTED)) == pytest.approx(0.5 * np.mean((z - truth) ** 2), abs=1e-15)
    assert printed()["start"] == pytest.approx(0.5 * np.mean((z - truth) ** 2), abs=1e-15)


@pytest.mark.parametrize("name", ["xor_backprop", "xor_tanh", "pattern"])
def test_below_the_target_every_sample_is_right(name):
    """One sample at the middle of the output and all others exact has the target's loss."""
    one = problem(name)
    n = len(one.objective.X)
    each = {"squared": 0.5 * 0.5**2, "logistic": np.log(2), "softmax": np.log(2)}[one.objective.loss.name]
    assert one.target == pytest.approx(each / n)


def test_a_relu_output_leaves_ten_sevenths_of_mean_square():
    one = line_relu()
    x = np.arange(-1.0, 6.0)
    assert 2 * one.optimum == pytest.approx(10 / 7)
    # relu(2x - 1) has it: the first layers carry x + 1, which is never negative here
    layers = [
        (np.array([[1.0], [0], [0], [0]]), np.array([1.0, 0, 0, 0])),
        (np.array([[1.0, 0, 0, 0], [0, 0, 0, 0]]), np.zeros(2)),
        (np.array([[2.0, 0.0]]), np.array([-3.0])),
    ]
    theta = one.objective.model.pack(layers)
    assert one.objective.model.forward(theta, x[:, None]).ravel() == pytest.approx(np.maximum(2 * x - 1, 0))
    assert one.objective.value(theta) == pytest.approx(one.optimum)
    assert not asleep(one, theta)
    dead = theta.copy()
    dead[-1] = -100.0
    assert asleep(one, dead)
    assert 2 * one.objective.value(dead) == pytest.approx(25)
    assert failing(one, Ends(np.array([dead, theta + 0.1]), *[np.zeros(2)] * 4), "frozen").tolist() == [True, False]


def test_starts_have_the_bounds_of_their_libraries():
    rng = np.random.default_rng(0)
    glorot = np.array([Start("glorot", (2, 3, 1))(rng) for _ in range(200)])
    assert np.abs(glorot[:, :6]).max() == pytest.approx(np.sqrt(6 / 5), abs=0.01)
    assert not glorot[:, 6:9].any()
    assert not glorot[:, -1].any()
    third = np.array([Start("glorot-logistic", (2, 3, 1))(rng) for _ in range(200)])
    assert np.abs(third[:, :9]).max() == pytest.approx(np.sqrt(2 / 5), abs=0.01)
    unit = np.array([Start("unit", (2, 2, 1))(rng) for _ in range(50)])
    assert unit.min() >= 0
    assert unit.max() <= 1


def test_an_epoch_of_updates_at_a_small_rate_is_a_step_along_the_sum():
    """Both solve as many nets where the rate is small; 4 d f / d x is the sum of half the squares' gradients."""
    one = problem("xor_sgd")
    assert online((0.0, 1, 3)) == 0
    full = attempt(one, Settings("gd", ((0.4, 3000),), ""), starts(one, 4), stop=False)
    assert online((0.05, 3000, 4)) == int(np.sum(full.value <= one.target))


def test_attempts_stop_at_the_target_and_count_what_they_evaluate():
    one = problem("xor_sgd")
    ends = attempt(one, SGD, starts(one, 8))
    solved = ~np.isnan(ends.to_target)
    assert solved.any()
    assert (ends.value[solved] <= one.target).all()
    assert ends.cost[solved] == pytest.approx(ends.to_target[solved])
    assert (ends.cost[~solved] == 2001).all()
    again = attempt(one, Settings("gd", ((4.0, 1000), (4.0, 1000)), ""), starts(one, 8))
    assert again.value[~solved] == pytest.approx(ends.value[~solved], rel=1e-9)


def test_kinds_follow_from_the_numbers():
    line = next(one for one in TROUBLES if one.name == "line_relu")
    found = {"cost": [1.0] * 10, "to": [np.nan] * 10, "fails": 10, "cured": 2, "asleep": 9, "goes_on": 8}
    assert kind(line, found) == "user error: output relu"
    assert kind(line, found | {"cured": 5}) == "dead units"
    assert kind(line, found | {"cured": 5, "asleep": 4}) == "plateau"
    assert kind(line, found | {"cured": 5, "asleep": 4, "goes_on": 4}) == "local minimum"
    assert kind(line, found | {"fails": 0}) == "rare"


def test_troubles_name_where_they_were_asked():
    assert all(one.address.startswith("https://") for one in TROUBLES)
    told = {one.name: one.symptom for one in TROUBLES}
    assert ".67" in told["xor_backprop"]
    assert ".3397" in told["xor_relu"]
    assert "(.04, .96, .50, .51)" in told["xor_sgd"]
    assert "6 or 7 runs of 10" in told["line_relu"]
    assert len({one.name for one in TROUBLES} & set(PROBLEMS)) == len(TROUBLES) == 12


def test_scaled_inputs_have_no_scale_left():
    X = np.asarray(xor_thousand(scaled=True).objective.X)
    assert X.mean(axis=0) == pytest.approx(0)
    assert X.std(axis=0) == pytest.approx(1)


def test_tables_and_picture_tell_what_was_run():
    some = [one for one in TROUBLES if one.name in ("xor_sgd", "xnor_deep")]
    found = {one.name: looked_at((one.name, 4)) for one in some}
    with Study("users") as study:
        ran = study.compare(
            Grid.of([hp_problem(some[0])], ("gd", "lbfgs", "multistart", "width", "auto"), seeds=4, budget=300),
            Grid.of([hp_problem(some[1])], ("gd", "lbfgs", "multistart", "decay", "auto"), seeds=4, budget=300),
        )
        drawn = picture(some, found, ran)
        assert [row[0] for row in kinds(some, found).rows] == [f"`{one.name}`: {one.label}" for one in some]
        assert "`decay`" in shares(some, found, ran).rows[1][5]
    left, right = drawn.figure.axes[:2]
    assert left.get_xlabel() == "runs that reach the target (%)"
    assert "gradients" in right.get_xlabel()
    assert [text.get_text() for text in left.get_yticklabels()] == [one.label for one in some]


def hp_problem(trouble):
    """Return a trouble's problem, which is one of the package."""
    one = trouble.problem()
    assert isinstance(one, hp.Problem)
    return one
