"""The contract of units: events, targets on folds, singular starts, checkpoints and diagrams."""

from dataclasses import replace

import curves
import numpy as np
import pytest
from continuation.units.scaled import EXACT, FAMILIES, GENERAL, Family, Scaled, Units, same

from homotopy.continuation import (
    Direction,
    Event,
    Explorer,
    Fold,
    GradientSystem,
    Jump,
    Kink,
    RootSystem,
    Spectrum,
    diagram,
    switch,
)

EVENTS = {
    "level": lambda c: {"events": [Event("level", lambda p: p.x[0] / c - 0.3)]},
    "level in its own units": lambda c: {"events": [Event("level", lambda p: p.x[0] - 0.3 * c, terminal=True)]},
    "wall": lambda c: {"events": [Event("wall", lambda p: p.x[0] - 0.3 * c, reject=True)]},
    "kink": lambda c: {"events": [Kink(lambda x: x > 0.2 * c)]},
    "jump": lambda c: {"events": [Jump(terminal=False)], "mode": "natural"},
    "fold": lambda c: {"events": [Fold(terminal=True)]},
    "spectrum": lambda c: {"spectrum": Spectrum()},
    "scale": lambda c: {"scale": 0.7 * c},
}


def unchanged(follow, exact=EXACT, general=GENERAL):
    """Assert that ``follow(units)`` is the same path in all units, and return it."""
    path = follow(Units())
    for units in exact:
        same(path, follow(units), units, tolerance=1e-12, slack=0)
    for units in general:
        same(path, follow(units), units)
    return path


@pytest.mark.parametrize("name", ["s", "s4"])
@pytest.mark.parametrize("event", EVENTS)
def test_events_are_the_same_in_other_units(name, event):
    unchanged(lambda u: FAMILIES[name].follow(u, **EVENTS[event](u.c)), EXACT[-2:], GENERAL[-2:])


@pytest.mark.parametrize("beyond", [0.0, -1e-6, 1e-7])
def test_a_target_on_a_fold_is_reached_in_other_units(beyond):
    family = replace(FAMILIES["s"], t1=float(curves.S_FOLDS[0]) + beyond)
    assert unchanged(family.follow).success


def test_backward_and_without_a_target():
    unchanged(Family("back", curves.s_curve, np.array([curves.S_END]), 1.0, 0.0).follow)
    family = replace(FAMILIES["s"], t1=None, bounds=(-0.5, 1.5))
    path = unchanged(lambda u: family.follow(u, direction=Direction(np.array([1.0]), 0.1)))
    assert [e.name for e in path.events] == ["LP", "LP"]


def still(power):
    """x - t^power: nothing moves at the start."""
    return RootSystem(
        lambda x, t: x - t**power,
        1,
        jacobian=lambda x, t: np.eye(1),
        dt=lambda x, t: -power * t ** (power - 1) * np.ones(1),
    )


@pytest.mark.parametrize("mode", ["arclength", "natural", "auto"])
def test_a_start_at_zero_that_does_not_move(mode):
    general = [replace(units, a=0.0) for units in GENERAL]
    family = Family("still", lambda: still(2), np.zeros(1), gradient=False)
    assert unchanged(lambda u: family.follow(u, mode=mode), general=general).success


def flat():
    """A gradient system whose Hessian at t = 0 has a zero eigenvalue."""
    a, b = np.array([0.0, 1.0, 2.0]), np.array([1.0, 2.0, 0.5])

    def value(x, t):
        return float((1 - t) * 0.5 * x @ (a * x) + t * (0.5 * x @ x + 0.025 * np.sum(x**4) - x @ b))

    return GradientSystem(
        lambda x, t: (1 - t) * a * x + t * (x + 0.1 * x**3 - b),
        3,
        value=value,
        jacobian=lambda x, t: np.diag((1 - t) * a + t * (1 + 0.3 * x**2)),
        dt=lambda x, t: -a * x + x + 0.1 * x**3 - b,
    )


def power(k, at=0.0):
    """(x - at)^k - t: the Jacobian at the start is zero."""
    return RootSystem(
        lambda x, t: (x - at) ** k - t,
        1,
        jacobian=lambda x, t: np.diag(k * (x - at) ** (k - 1)),
        dt=lambda x, t: -np.ones(1),
    )


SINGULAR = {
    "flat": Family("flat", flat, np.array([0.7, 0.0, 0.0])),
    "flat at zero": Family("flat", flat, np.zeros(3)),
    "square": Family("square", lambda: power(2), np.zeros(1), gradient=False),
    "square off zero": Family("square", lambda: power(2, 1.3), np.array([1.3]), gradient=False),
    "cube": Family("cube", lambda: power(3), np.zeros(1), gradient=False),
}


@pytest.mark.parametrize("name", SINGULAR)
@pytest.mark.parametrize("mode", ["arclength", "natural"])
def test_a_singular_start_is_perturbed_alike_in_other_units(name, mode):
    exact = [Units(2.0**26, 2.0**-26), Units(2.0**-26, 2.0**26), Units(2.0**26), Units(s=2.0**-26)]
    general = [Units(1e8, 1e-8), Units(3e-8, 2e7), Units(c=1e8), Units(s=7e-8)]
    path = unchanged(lambda u: SINGULAR[name].follow(u, mode=mode), exact, general)
    assert "the start is singular" in path.notes[0]


@pytest.mark.parametrize("units", [EXACT[-1], GENERAL[-1]])
def test_a_checkpoint_goes_on_in_other_units(tmp_path, units):
    family, file = FAMILIES["s"], tmp_path / "path.npz"
    whole, seen = family.follow(units), []

    def killed(point):
        seen.append(point)
        if len(seen) == 12:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        family.follow(units, checkpoint=file, every=1, callback=killed)
    part = family.follow(units, checkpoint=file, every=1)
    assert part.x.tobytes() == whole.x.tobytes()
    assert len(part.points) == len(whole.points)


@pytest.mark.parametrize("name", ["pitchfork", "transcritical"])
@pytest.mark.parametrize("units", [EXACT[-2], EXACT[-1], *GENERAL], ids=str)
def test_a_diagram_is_the_same_in_other_units(name, units):
    def explored(u):
        explorer = Explorer(bounds=tuple(map(u.t, (-1.0, 1.0))))
        system = Scaled(FAMILIES[name].make(), u)
        found = diagram(system, np.zeros(1), u.t(-0.8), explorer=explorer)
        return found, [switch(system, bp, explorer=explorer) for bp in found.branch_points]

    (one, ways), (other, others) = explored(Units()), explored(units)
    assert one.complete == other.complete
    assert one.parents == other.parents
    assert [len(starts) for starts in ways] == [len(starts) for starts in others]
    for a, b in zip(one.branch_points, other.branch_points, strict=True):
        assert abs(units.back(b.point.t) - a.point.t) < 1e-7
        assert np.abs(b.point.x / units.c - a.point.x).max() < 1e-7
    for a, b in zip(one.branches, other.branches, strict=True):
        assert a.status == b.status
        # Which of two half-branches comes first hangs on a sign of the null vector.
        assert abs(np.abs(b.points[-1].x / units.c) - np.abs(a.points[-1].x)).max() < 1e-6
        assert abs(units.back(b.points[-1].t) - a.points[-1].t) < 1e-6
