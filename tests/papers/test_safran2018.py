"""Safran and Shamir's study: where descents end, what the authors' files say, and the tables and pictures of both."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

import homotopy as hp
from homotopy.experiments import compare
from homotopy.methods import streams
from homotopy.papers import safran2018

PAIR = (8, 8)
RUNS = 12


@pytest.fixture(scope="module")
def found():
    return safran2018.ends((*PAIR, 5 / 8, 0, RUNS))


def plain(k, step, seed, steps=3000):
    """Return the student where gradient descent ends, by the formulas of the paper in NumPy."""
    W = hp.problem(f"teacher:k={k}").start(streams(seed)[0]).reshape(k, k)
    for _ in range(steps):
        gradient = W / 2
        for V, sign in ((W, 1.0), (np.eye(k), -1.0)):
            w, v = np.linalg.norm(W, axis=1), np.linalg.norm(V, axis=1)
            cosine = np.clip(W @ V.T / np.outer(w, v), -1.0, 1.0)
            angle = np.arccos(cosine)
            if V is W:
                np.fill_diagonal(angle, np.pi)  # a unit's own share is w / 2
            along = (np.sin(angle) * v).sum(axis=1) / w
            gradient = gradient + sign * (along[:, None] * W + (np.pi - angle) @ V) / (2 * np.pi)
        W = W - step * gradient
    return W


def test_descents_end_where_the_formulas_of_the_paper_say(found):
    """Two bad starts and a good one, run again in NumPy without the compiled risk."""
    good = next(seed for seed in range(RUNS) if seed not in found["bad"])
    assert np.allclose(np.sort(np.abs(plain(8, 5 / 8, good)).max(axis=1)), 1.0, atol=1e-3)
    for seed in found["bad"][:2]:
        W = plain(8, 5 / 8, seed)
        value = hp.TeacherStudent(8, 8).value(W.ravel())
        assert value == pytest.approx(found["values"][found["bad"].index(seed)], abs=1e-9)
        assert safran2018.wrong_signs(W) == 1


def test_a_kind_of_minimum_has_the_curvature_of_differences(found):
    """The smallest eigenvalue of the Hessian, from differences of the gradient at a minimum."""
    risk = hp.TeacherStudent(8, 8)
    W = plain(8, 5 / 8, found["bad"][0])
    H = np.array([risk.grad(W.ravel() + e) - risk.grad(W.ravel() - e) for e in 1e-5 * np.eye(64)]) / 2e-5
    (kind,) = found["kinds"]
    assert kind["count"] == len(found["bad"])
    assert kind["eigenvalue"] == pytest.approx(np.linalg.eigvalsh((H + H.T) / 2)[0], abs=1e-6)


def test_a_run_that_diverges_is_run_again_with_half_the_step():
    k, n, seed = 6, 7, 470
    risk = hp.TeacherStudent(k, n)
    start = hp.problem(f"teacher:k={k},n={n}").start(streams(seed)[0])
    long, short = (hp.descend(risk, start, step_size=step, n_steps=20_000, target=1e-3) for step in (5 / k, 2.5 / k))
    assert not long.value < risk.value(start)
    assert short.value <= 1e-3
    told = safran2018.ends((k, n, 5 / k, seed, 1))
    assert (told["halved"], told["bad"]) == (1, [])


def test_kinds_are_told_by_value_and_by_wrong_signs():
    risk = hp.TeacherStudent(3, 3)
    points = np.tile(np.eye(3).ravel() + 0.1, (4, 1))
    told = safran2018.kinds(risk, points, np.array([0.1, 0.2, 0.1 + 1e-9, 0.2]), [1, 1, 1, 2])
    assert [(kind["count"], kind["wrong"]) for kind in told] == [(2, 1), (1, 1), (1, 2)]
    assert safran2018.kinds(risk, points[:0], np.empty(0), []) == []


def test_wrong_signs_do_not_depend_on_the_order_of_units():
    rng = np.random.default_rng(0)
    signs = np.array([-1, 1, 1, -1, 1])
    W = (signs[:, None] * np.eye(5) + 0.1 * rng.standard_normal((5, 5)))[rng.permutation(5)]
    assert safran2018.wrong_signs(W) == 2
    assert safran2018.wrong_signs(np.vstack([W, 0.05 * np.ones(5)])) == 2


def test_published_counts_are_those_of_the_files():
    data = safran2018.published()
    first, second = data["first"], data["second"]
    equal = [(k, k) for k in range(6, 21)]
    assert list(first["bad"])[:15] == equal == list(second["bad"])
    assert len(first["bad"]) == 26
    assert (first["bad"][20, 20], first["bad"][10, 10], first["bad"][19, 20]) == (949, 346, 491)
    assert second["bad"][10, 10] / second["runs"] == pytest.approx(0.32)
    assert set(first["inferred"]) == {(6, 7), (7, 8), (9, 10)}
    assert not set(first["inferred"]) & set(first["bad"])
    assert data["families"]["pairs"][17, 17]["F"] == "0.02477"
    assert all("recomputed" in part["source"].lower() for part in data.values())


def test_tables_mark_what_is_inferred_and_tell_both_data_sets(found):
    ends = {PAIR: found, (7, 8): {"bad": [], "values": [], "kinds": []}}
    shares = safran2018.shares_table(ends, {}, RUNS)
    assert shares.rows[0][:2] == ("n = k = 8", "12.6")
    assert shares.rows[0][4] == "11.4"
    assert shares.rows[1][1] == "0.0 (inferred)"
    assert shares.rows[1][5:] == ("–",) * 4
    minima = safran2018.ends_table({PAIR: found})
    assert minima.rows[0][5].startswith("0.02151 (126) / 0.0215080")
    (signs,) = safran2018.signs_table(ends, RUNS).rows
    assert signs[3] == "100.0 % (0.0215)"


def test_pictures_show_all_and_name_their_axes(found):
    equal, wider = (compare([name], safran2018.METHODS, seeds=3) for name in ("teacher:k=8", "teacher:k=7,n=8"))
    ends = {PAIR: found, (7, 8): {"bad": []}}
    figure = safran2018.spurious(ends, (equal, wider), RUNS).figure
    left, right = figure.axes
    names = {"authors 2018, step 0.1", "authors 2021, step 5/k", "gradient descent", "width", "skip", "auto"}
    assert names <= set(left.get_legend_handles_labels()[1])
    assert left.get_ylabel() == "runs in spurious minima (%)"
    assert left.get_xlabel() == right.get_xlabel() == "units k of the teacher"
    lines = {line.get_label(): line for line in left.get_lines()}
    assert lines["authors 2018, step 0.1"].get_ydata()[-1] == pytest.approx(94.9)
    assert lines["gradient descent"].get_ydata()[0] == pytest.approx(100 * len(found["bad"]) / RUNS)
    axes = safran2018.costs(equal).figure.axes
    assert [ax.get_ylabel() for ax in axes] == ["E* (gradient-equivalents)", "E* (seconds of one thread)"]
    plt.close("all")
