"""Bratu's and Chan's problems by second differences over h^2: folds to six digits of the grid's own, targets reached.

The residual's rounding grows as 1/h^2, from 1e-11 at n = 101 to 1e-7 at n = 9999, above any absolute tolerance.
"""

import numpy as np
import pytest
from continuation.known.grids import Grid, bratu_2d

import homotopy as hp
from homotopy.continuation import Event

BRATU, CHAN = 0.0, 0.2
GUESSES = {BRATU: [(1.187, 3.5138)], CHAN: [(2.35, 4.65), (15.4, 3.51)]}
TARGETS = {BRATU: (1.0, 3.0, 3.5, 3.513), CHAN: (3.0, 4.6, 5.0)}
SIZES = [101, 299, *(pytest.param(n, marks=pytest.mark.slow) for n in (999, 3999, 9999))]


def marked(path, event):
    """Whether the path or the event says that something could not be located as it should be."""
    return bool(event.detail or path.notes or "accuracy" in path.message)


@pytest.mark.parametrize("n", [101, 999])
def test_the_truth_of_the_grids_converges_as_it_must(n):
    """The fold of the differential equation is known to all digits; the grid's is 1.828 h^2 below it."""
    _, fold = Grid(n).fold(*GUESSES[BRATU][0])
    assert (3.513830719125161 - fold) * (n + 1) ** 2 == pytest.approx(1.8281, abs=1e-3)


@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("eps", [BRATU, CHAN], ids=["bratu", "chan"])
def test_the_folds_are_those_of_the_grid(eps, n):
    grid = Grid(n, eps)
    truth = [grid.fold(*guess)[1] for guess in GUESSES[eps]]
    stop = [Event("far", lambda p: p.x[n // 2] - (3.0 if eps == BRATU else 20.0), terminal=True)]
    path = hp.track(grid.system, np.zeros(n), target=None, bounds=(-0.01, 2.0), events=stop)
    assert path.message.count("far") or path.status.name == "TERMINAL_EVENT", path.message
    folds = [event for event in path.events if event.name == "LP"]
    assert len(folds) == len(truth), [8 * event.point.t for event in folds]
    for event, fold in zip(folds, truth, strict=True):
        assert abs(8.0 * event.point.t - fold) < 1e-6 * fold or marked(path, event), 8.0 * event.point.t - fold


@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize(("eps", "target"), [(eps, target) for eps, all_ in TARGETS.items() for target in all_])
def test_every_target_is_reached(eps, target, n):
    grid = Grid(n, eps)
    path = hp.track(grid.system, np.zeros(n), target=target / 8.0)
    assert path.success, path.message
    a = path.x[n // 2]
    end, slope = grid.march(a, target)
    assert abs(end) < 1e-6 * (1 + a) * (1 + abs(slope))
    assert np.abs(path.x - path.x[::-1]).max() < 1e-6 * (1 + a)
    first, last = GUESSES[eps][0], GUESSES[eps][-1]
    assert a < first[0] if target < first[1] else a > last[0]
    assert path.n_folds == (0 if target < first[1] else len(GUESSES[eps]))


@pytest.mark.parametrize("n", [20, pytest.param(60, marks=pytest.mark.slow)])
def test_bratu_in_two_dimensions(n):
    """The fold of the differential equation is at 6.808124423; the grid's is 1.50 h^2 below it."""
    system, fold = bratu_2d(n)
    assert (6.808124423 - fold) * (n + 1) ** 2 == pytest.approx(1.505, abs=0.02)
    path = hp.track(system, np.zeros(n * n), target=None, bounds=(-0.01, 2.0), max_steps=20)
    (event,) = (event for event in path.events if event.name == "LP")
    assert abs(8.0 * event.point.t - fold) < 1e-8 * fold
    assert hp.track(system, np.zeros(n * n), target=6.8 / 8).success
