"""The spurious minimum, its copies, the even kernel, saddles of units in one direction, and the rows."""

from __future__ import annotations

import numpy as np
import pytest

import homotopy as hp
from homotopy.papers.even import AbsoluteRisk
from homotopy.papers.zimmermann2026 import PAPER, beside_a_path, kept, planar_teacher, polished
from homotopy.papers.zimmermann2026.planar import ANGLES, LEVEL, MASSES
from homotopy.papers.zimmermann2026.saddles import bends, even_kernel, is_saddle
from homotopy.papers.zimmermann2026.study import point_rows


def test_the_published_point_is_stationary_and_ours_is_it():
    rows = np.array(MASSES)[:, None] * np.column_stack(
        [np.cos(np.pi * np.array(ANGLES)), np.sin(np.pi * np.array(ANGLES))]
    )
    f = hp.problem("trap").objective
    assert np.linalg.norm(f.value_and_grad(rows.ravel())[1]) < 1e-11
    found = polished()
    assert found["masses"] == pytest.approx(MASSES, abs=1e-12)
    assert found["angles"] == pytest.approx(ANGLES, abs=1e-12)
    assert found["risk"] == pytest.approx(LEVEL, abs=1e-10)
    assert found["proven"]
    told = point_rows(found)
    assert all(row.holds for row in told[:6])
    assert [row.holds for row in told[6:]] == [None, None]


def test_copies_of_the_third_unit_keep_the_minimum():
    found = kept([5, 5])
    assert found["kind"] == "minimum"
    assert found["back"] == {"lbfgs": 5, "gd": 5}


def test_beside_a_path_the_teacher_has_no_trap():
    found = beside_a_path([3, 20])
    assert found["path"] == 20
    assert found["plain"] + found["plain trap"] == 20


def test_the_even_kernel_is_that_of_the_risk():
    a = np.array([0.3, 1.2, 2.9])
    rng = np.random.default_rng(0)
    x = rng.standard_normal((200_000, 2))
    u = np.abs(x @ np.array([np.cos(a), np.sin(a)]))
    assert even_kernel(a, 0) == pytest.approx((u.T @ np.abs(x[:, 0])) / 4 / len(x), rel=0.02)
    for order in (0, 1):
        slope = (even_kernel(a + 1e-6, order) - even_kernel(a - 1e-6, order)) / 2e-6
        assert even_kernel(a, order + 1) == pytest.approx(slope, abs=1e-8)


def test_slopes_in_masses_are_those_of_the_risk():
    teacher = planar_teacher(1)
    rng = np.random.default_rng(0)
    m, a = rng.uniform(0.5, 2, 4), rng.uniform(0, np.pi, 4)
    f = AbsoluteRisk(hp.TeacherStudent(len(teacher), 4, 2, teacher=teacher))
    U = np.column_stack([np.cos(a), np.sin(a)])
    grad = f.value_and_grad((m[:, None] * U).ravel())[1].reshape(4, 2)
    assert bends(m, a, teacher, 0) == pytest.approx(np.sum(grad * U, axis=1), abs=1e-12)


def test_two_units_in_one_direction_are_a_saddle_where_one_is_missing():
    teacher = np.array([[1.0, 0.0], [np.cos(0.4), np.sin(0.4)], [0.0, 1.0]])
    f = AbsoluteRisk(hp.TeacherStudent(3, 2, 2, teacher=teacher))
    end = hp.descend(f, np.array([1.5, 0.3, 0.1, 1.0]), rule="lbfgs", n_steps=2000).x.reshape(2, 2)
    split = np.array([0.5 * end[0], 0.5 * end[0], end[1]])
    assert is_saddle(split, teacher)
    assert not is_saddle(end, teacher)  # no two units in one direction
    assert not is_saddle(np.array([teacher[0] / 2, teacher[0] / 2, teacher[1], teacher[2]]), teacher)  # the optimum


def test_random_teachers_have_positive_masses():
    for seed in range(20):
        masses = np.linalg.norm(planar_teacher(seed), axis=1)
        assert 3 <= len(masses) <= 6
        assert masses.min() >= 0.5
        assert masses.max() <= 2
    assert "2610.01728" in PAPER.link
