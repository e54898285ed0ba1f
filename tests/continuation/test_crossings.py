"""Random crossings, pitchforks, near misses and kernels with known answers: no wrong curve is ever called a success.

The members are those of `families`: 1 to 20 unknowns of size 1e-6 to 1e6, F and t in random units.
"""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from continuation.families import KINDS, NS, SIZES, count, judge_diagram, judge_track, make

from homotopy.continuation import Diagram, Path, Point
from homotopy.status import Status

# The least share of members whose path must be right, not only honest: what touches, or nearly does, may be given up.
RIGHT = {"transcritical": 0.99, "pitchfork": 0.99, "fold_end": 0.99, "double": 0.95, "near": 0.9, "cusp": 0.8}
RIGHT |= {"tangential": 0.2, "parallel": 0.2}  # the rest is given up, and says so
# The kinds all of whose diagrams can be complete.
COMPLETE = ("transcritical", "pitchfork", "near", "fold_end")


def totals(kind, number, what, **options):
    """Return how often each verdict was given."""
    verdicts = Counter()
    for (verdict, _, _), times in count(kind, number, what, **options).items():
        verdicts[verdict] += times
    return verdicts


def check_paths(kind, number, **options):
    verdicts = totals(kind, number, "track", **options)
    assert verdicts["wrong curve with success"] == 0, verdicts
    assert not [verdict for verdict in verdicts if verdict.startswith("raised")], verdicts
    right = verdicts["right"] + verdicts["right, events untold"]
    assert right >= RIGHT[kind] * number, verdicts
    if kind in ("transcritical", "pitchfork"):
        assert verdicts["right, events untold"] <= 0.01 * number, verdicts


def check_diagrams(kind, number, **options):
    verdicts = totals(kind, number, "diagram", **options)
    assert verdicts["complete claimed but wrong"] == 0, verdicts
    assert not [verdict for verdict in verdicts if verdict.startswith("raised")], verdicts
    if kind in COMPLETE:
        assert verdicts["complete and right"] >= (0.99 if kind != "near" else 0.75) * number, verdicts


@pytest.mark.parametrize("kind", KINDS)
def test_the_answers_are_answers(kind):
    """Every branch solves its equations, derivatives are those of the function, gradients have symmetric Hessians."""
    for k in range(20):
        rng = np.random.default_rng(k)
        member = make(kind, rng, NS[k % 4], SIZES[k % 5])
        system, factor, span = member.system, member.embedding.factor, member.t1 - member.t0
        for s in rng.uniform(0.0, 1.0, 3):
            t = member.t0 + s * span
            for x in member.solutions(t, connected=False):
                assert np.abs(system.grad(x, t)).max() < 1e-12 * factor
        for t, x in [*member.crossings, *member.folds]:
            values = np.linalg.svd(system.hessian(x, t), compute_uv=False) * member.size / factor
            assert values[-len(member.germ.base)] < 1e-5
        t, x = member.t0 + 0.4 * span, member.x0 + 0.1 * member.size * rng.standard_normal(member.n)
        v, h = rng.standard_normal(member.n), 1e-5
        move = h * member.size * v
        slope = (system.grad(x + move, t) - system.grad(x - move, t)) / (2 * h)
        matrix = system.hessian(x, t) * member.size
        assert np.abs(slope - matrix @ v).max() < 1e-5 * (factor + np.abs(matrix).max())
        slope = (system.grad(x, t + h * span) - system.grad(x, t - h * span)) / (2 * h)
        assert np.abs(slope - system.dt_grad(x, t) * span).max() < 1e-5 * (factor + np.abs(matrix).max())
        assert not system.symmetric or np.abs(matrix - matrix.T).max() < 1e-12 * np.abs(matrix).max()


def ideal(member, branch, low=0.0, high=1.0):
    """Return the path along a branch as a perfect tracker would give it."""
    units = np.linspace(max(branch.low, low), min(branch.high, high), 24)
    times = np.union1d(member.t0 + units * (member.t1 - member.t0), member.times)
    alive = [t for t in times if units[0] <= member.unit(t) <= units[-1]]
    points = tuple(Point(member.on(branch, t), t, 0.0, 0.0) for t in sorted(alive, key=member.unit))
    return Path(points, Status.REACHED_TARGET if units[-1] == 1.0 else Status.STEP_TOO_SMALL)


@pytest.mark.parametrize("kind", KINDS)
def test_the_judges_know_right_from_wrong(kind):
    for k in range(12):
        member = make(kind, np.random.default_rng(100 + k), NS[k % 4], SIZES[k % 5])
        first, *others = member.germ.branches
        path = ideal(member, first)
        assert judge_track(member, path) == "right"
        assert judge_track(member, replace(path, status=Status.MAX_STEPS)) != "wrong curve with success"
        beyond = [branch for branch in others if branch.high >= 1.0]
        for branch in beyond:
            swapped = ideal(member, branch, low=max(branch.low, 0.5))
            points = (*(p for p in path.points if member.unit(p.t) < 0.5), *swapped.points)
            assert judge_track(member, replace(swapped, points=points)) == "wrong curve with success"
        connected = [branch for branch in member.germ.branches if branch.connected]
        whole = Diagram(tuple(ideal(member, branch) for branch in connected), (), ())
        assert judge_diagram(member, whole) == "complete and right"
        assert judge_diagram(member, replace(whole, notes=("a limit",))) == "incomplete and says so"
        if len(connected) > 1:
            less = replace(whole, branches=whole.branches[1:])
            assert judge_diagram(member, less) == "complete claimed but wrong"
        if len(connected) < len(member.germ.branches):
            more = Diagram(tuple(ideal(member, branch) for branch in member.germ.branches), (), ())
            assert judge_diagram(member, more) == "complete claimed but wrong"


def some(kind, number):
    """Return fewer of the kinds that take thousands of steps."""
    return max(2, number // 5) if kind in ("tangential", "parallel", "double", "cusp") else number


SECONDS = ("tangential", "near", "transcritical", "double")
EACH = [pytest.param(kind, marks=pytest.mark.slow) if kind in SECONDS else kind for kind in KINDS]
"""The kinds; those that take seconds are slow."""


@pytest.mark.parametrize("kind", EACH)
def test_no_path_ends_on_another_curve(kind):
    check_paths(kind, some(kind, 20))


@pytest.mark.parametrize("kind", EACH)
def test_no_diagram_claims_to_be_complete_and_is_not(kind):
    check_diagrams(kind, some(kind, 5))


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_no_path_of_many_ends_on_another_curve(kind):
    check_paths(kind, some(kind, 60), seed=1)


@pytest.mark.slow
@pytest.mark.long
@pytest.mark.parametrize("kind", KINDS)
def test_no_path_of_two_thousand_ends_on_another_curve(kind):
    check_paths(kind, 2000, seed=1)


@pytest.mark.slow
@pytest.mark.long
@pytest.mark.parametrize("kind", KINDS)
def test_no_path_without_derivatives_ends_on_another_curve(kind):
    check_paths(kind, 100, seed=2, differences=True)


@pytest.mark.slow
@pytest.mark.long
@pytest.mark.parametrize("kind", KINDS)
def test_no_diagram_of_many_claims_to_be_complete_and_is_not(kind):
    check_diagrams(kind, 300, seed=3)
