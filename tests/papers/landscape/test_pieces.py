"""What the study counts by, on members with known answers."""

from __future__ import annotations

import numpy as np
import pytest

import homotopy as hp
from homotopy.errors import DataError
from homotopy.landscape import CriticalPoint, CriticalPoints
from homotopy.papers.landscape.blocks import blocks, students
from homotopy.papers.landscape.convex import compared, polished, risk
from homotopy.papers.landscape.facts import Fact, Facts, facts, read, write
from homotopy.papers.landscape.figure import _groups, _leaves
from homotopy.papers.landscape.teachers import anti_aligned, distinct, families, teacher
from homotopy.papers.landscape.trap import runs
from homotopy.papers.landscape.xor import classes


def point(x, value=0.0, index=0, hits=1, multiplicity=1):
    x = np.array(x, dtype=float)
    kind = "saddle" if index else "minimum"
    return CriticalPoint(
        x, value, 0.0, index, np.ones(x.size), kind=kind, hits=hits, multiplicity=multiplicity, found_by="given"
    )


@pytest.mark.parametrize("seed", range(5))
def test_units_that_point_away_are_counted_in_any_order(seed):
    rng = np.random.default_rng(seed)
    k = int(rng.integers(2, 9))
    signs = rng.choice([-1.0, 1.0], size=k)
    teacher = np.linalg.qr(rng.standard_normal((k, k)))[0]
    W = np.diag(signs) @ teacher + 0.05 * rng.standard_normal((k, k)) / k
    assert anti_aligned(W[rng.permutation(k)], teacher) == (signs < 0).sum()


def test_different_numbers_are_counted_to_a_millionth():
    assert distinct(np.array([[3.0, 1.0], [1.0, 3.0 + 1e-9]])) == 2
    assert distinct(1e-9 * np.array([1.0, 2.0, 3.0])) == 3
    assert distinct(np.zeros(4)) == 1


def test_families_join_orders_of_units_and_coordinates():
    problem = hp.problem("teacher:k=3")
    rng = np.random.default_rng(0)
    W, other = rng.standard_normal((2, 3, 3))
    copies = [W[rng.permutation(3)][:, rng.permutation(3)] for _ in range(4)]
    value = problem.objective.value
    points = [point(x.ravel(), value(x.ravel()), hits=2) for x in (*copies, other)]
    points.append(point(np.eye(3).ravel(), 0.0, hits=50))  # the optimum is no family
    found = families(CriticalPoints(problem.objective, points))
    assert [(one.point.hits, one.copies) for one in found] == [(8, 4), (2, 1)]


def test_classes_have_one_value_and_index():
    some = [point([0], 1.0, 1), point([1], 1.0 + 1e-13, 1), point([2], 1.0, 0), point([3], 0.5, 1)]
    assert [(len(one), one[0].value, one[0].index) for one in classes(some)] == [(1, 0.5, 1), (1, 1.0, 0), (2, 1.0, 1)]


def test_the_commonest_family_of_seven_units_is_the_authors():
    found = Facts(teacher(7, 150))
    assert f"{found.number('teacher', '7 family 1', 'F'):.5f}" == "0.02320"
    assert f"{found.number('teacher', '7 family 1', 'eigenvalue'):.4f}" == "0.0141"
    assert found.number("teacher", "7 family 1", "anti-aligned") == 1
    assert found.number("teacher", "7 family 1", "proven") == 1
    low, high = (found.number("teacher", "7 family 1", key) for key in ("eigenvalue low", "eigenvalue high"))
    assert low <= found.number("teacher", "7 family 1", "eigenvalue") <= high < low + 1e-9


def test_skip_leaves_the_trap_and_descents_do_not():
    found = Facts(runs(3, "L-BFGS", 3) + runs(3, "skip", 3))
    assert found.number("trap", "n=3 L-BFGS", "success") == 0
    assert found.number("trap", "n=3 L-BFGS", "in the trap") == 3
    assert found.number("trap", "n=3 skip", "success") == 3


@pytest.mark.parametrize("seed", range(3))
def test_polishing_ends_at_the_minimum_of_a_net_beside_it(seed):
    inner = risk(f"random {seed}", 1e-1)
    x = np.random.default_rng(seed).standard_normal(inner.size)
    x = hp.descend(inner, x, rule="lbfgs", n_steps=300).x
    y = polished(inner, x)
    assert inner.value(y) <= inner.value(x)
    z = y + 1e-5 * np.random.default_rng(1).standard_normal((200, y.size))
    assert min(inner.value(one) for one in z) > inner.value(y) - 1e-9  # no kink is left to fall from


def test_descents_of_a_wide_net_reach_the_proven_minimum():
    found = Facts(compared("swirszcz-d2", 1e-1, 40))
    get = {
        key: found.number("convex", "swirszcz-d2 l2=0.1", key) for key in ("lower", "upper", "best polished", "below")
    }
    assert get["lower"] <= get["upper"] < get["lower"] + 1e-9
    assert abs(get["best polished"] - get["upper"]) < 1e-6
    assert get["below"] == 0


def test_merges_at_one_level_are_one_node():
    groups = _groups(4, [(0, 1), (4, 2), (5, 3)], [1.0, 1.0, 2.0])
    assert groups == {5: ([0, 1, 2], 1.0), 6: ([5, 3], 2.0)}
    assert _leaves(6, 4, groups) == [0, 1, 2, 3]


def test_files_give_back_what_was_written(tmp_path):
    some = [*facts("a", "b, c", {"x": 0.1 + 0.2, "n": 3, "sure": True}), Fact("a", "d", "word", "none")]
    write(tmp_path / "facts.csv", some)
    assert read(tmp_path / "facts.csv") == some
    assert read(tmp_path / "none.csv") == []
    told = Facts(some)
    assert told.cases("a", "b") == ["b, c"]
    assert (told.number("a", "b, c", "sure"), told.word("a", "d", "word")) == (1.0, "none")
    assert np.isnan(told.number("a", "d", "word"))
    (tmp_path / "other.csv").write_text("a,b\n1,2\n")
    with pytest.raises(DataError, match="columns must be section, case, name, value"):
        read(tmp_path / "other.csv")


@pytest.mark.parametrize(("k", "m"), [(5, 1), (5, 3), (5, 5)])
def test_students_of_two_blocks_are_kept_by_the_gradient(k, m):
    masks = students(k, m)
    assert (masks.sum(axis=0) == 1).all()
    x = np.array([-0.7, 0.25, 0.1, 0.02, 1.05, 0.03]) @ masks
    slope = hp.problem(f"teacher:k={k}").objective.grad(x)
    kept = np.array([(mask @ slope) / mask.sum() if mask.any() else 0.0 for mask in masks]) @ masks
    np.testing.assert_allclose(slope, kept, atol=1e-12)


def test_two_blocks_have_the_published_minimum_and_one_that_runs_do_not_meet():
    found = Facts(blocks(6))
    assert found.cases("blocks") == ["6 m=1 1", "6 m=6 1"]
    get = {key: found.number("blocks", "6 m=1 1", key) for key in ("F", "eigenvalue", *"abcdef")}
    assert (f"{get['F']:.5f}", f"{get['eigenvalue']:.4f}") == ("0.02508", "0.0047")
    fixture = [-0.6015, 0.0, 0.2245, 0.3080, 0.9867, -0.0504]  # Safran and Shamir's files, rows and columns changed
    np.testing.assert_allclose([get[key] for key in "abcdef"], fixture, atol=1e-4)
