"""A killed run that is resumed gives the points of a run without a break, bit for bit."""

from contextlib import suppress

import curves
import numpy as np
import pytest

from homotopy.continuation import LBFGS, Adaptive, GradientSystem, Metric, Path, Polynomial, Secant, Spectrum, track
from homotopy.continuation.counting import Tally
from homotopy.continuation.engine.checkpoint import Checkpoint
from homotopy.continuation.engine.state import State
from homotopy.continuation.results.files import write
from homotopy.errors import ArgumentError, DataError
from homotopy.homotopies import Proximal
from homotopy.problems import problem
from homotopy.status import Status


class KilledError(Exception):
    """Stands for a signal in the middle of a run."""


def kill_after(count):
    seen = 0

    def callback(point):
        nonlocal seen
        seen += 1
        if seen == count:
            raise KilledError

    return callback


def same(a, b):
    assert len(a.points) == len(b.points)
    for p, q in zip(a.points, b.points, strict=True):
        assert p.x.tobytes() == q.x.tobytes()
        assert (p.t, p.s, p.value, p.grad_norm, p.step, p.n_iter, p.index) == (
            q.t, q.s, q.value, q.grad_norm, q.step, q.n_iter, q.index,
        )  # fmt: skip
    assert a.status is b.status
    assert a.message == b.message
    assert a.counts == b.counts
    assert [(e.name, e.point.t, e.step, e.index_after) for e in a.events] == [
        (e.name, e.point.t, e.step, e.index_after) for e in b.events
    ]


def coupled(n=7):
    """An S-curve in each of n coupled variables."""
    push = np.linspace(0.9, 1.1, n)
    ring = 2 * np.eye(n) - np.roll(np.eye(n), 1, axis=0) - np.roll(np.eye(n), -1, axis=0)
    family = GradientSystem(
        lambda x, t: x**3 - x - push * (4 * t - 2) + 0.4 * ring @ x,
        n,
        value=lambda x, t: float((x**4 / 4 - x**2 / 2 - push * (4 * t - 2) * x).sum() + 0.2 * x @ ring @ x),
        jacobian=lambda x, t: np.diag(3 * x**2 - 1) + 0.4 * ring,
        dt=lambda x, t: -4 * push,
    )
    start = np.full(n, curves.S_START[0])
    for _ in range(30):
        start = start - np.linalg.solve(family.hessian(start, 0.0), family.grad(start, 0.0))
    return family, start


@pytest.mark.parametrize(
    "parts",
    [{}, {"predictor": Polynomial(3)}, {"predictor": Secant(), "spectrum": Spectrum(every=2)}, {"corrector": LBFGS()}],
    ids=["tangent", "polynomial", "secant", "lbfgs"],
)
@pytest.mark.parametrize("kill", [3, 5, 9])
def test_a_killed_run_goes_on_bit_for_bit(tmp_path, parts, kill):
    family, start = coupled()
    parts = {"max_steps": 20, **parts}
    whole = track(family, start, **parts)
    file = tmp_path / "path.npz"
    with pytest.raises(KilledError):
        track(family, start, checkpoint=file, every=3, callback=kill_after(kill), **parts)
    assert file.exists() == (kill > 3)
    resumed = track(family, start, checkpoint=file, every=3, **parts)
    same(resumed, whole)
    again = track(family, start, checkpoint=file, every=3, **parts)  # finished: nothing is computed
    same(again, whole)
    assert again.seconds == resumed.seconds
    assert Path.load(file).message == whole.message


@pytest.mark.parametrize("kill", [2, 5, 8, 12, 30])
@pytest.mark.parametrize("every", [1, 3])
@pytest.mark.parametrize("family", ["s-curve", "pitchfork", "quadratic"])
def test_a_path_in_two_parts_goes_on_bit_for_bit(tmp_path, family, every, kill):
    parts = {"mode": "auto"}
    if family == "pitchfork":  # the sweep ends where the index changes
        homotopy, start = curves.pitchfork(), np.zeros(1)
        parts |= {"t0": 1.0, "target": -1.0}
    elif family == "s-curve":  # it ends at a fold
        homotopy, start = curves.s_curve(), curves.S_START
    else:  # it reaches the target
        homotopy, start = curves.moving_quadratic()[0], None
    whole = track(homotopy, start, **parts)
    file = tmp_path / "path.npz"
    parts |= {"checkpoint": file, "every": every}
    callback = kill_after(kill)
    killed = False
    try:
        track(homotopy, start, callback=callback, **parts)
    except KilledError:
        killed = True
        assert not file.exists()
        again = kill_after(2)
        with suppress(KilledError):  # a second time, soon after
            track(homotopy, start, callback=again, **parts)
    assert killed or kill > 5
    resumed = track(homotopy, start, **parts)
    same(resumed, whole)
    assert resumed.notes == whole.notes
    assert [path.name for path in tmp_path.iterdir()] == ["path.npz"]
    same(track(homotopy, start, **parts), whole)  # finished: nothing is computed
    with pytest.raises(DataError, match="written by another run"):
        track(homotopy, start, step_control=Adaptive(maximum=0.05), **parts)


def test_a_singular_start_in_two_parts_is_resumed_too(tmp_path):
    family, x0 = singular_start()
    file = tmp_path / "path.npz"
    whole = track(family, x0, mode="auto")
    with pytest.raises(KilledError):
        track(family, x0, mode="auto", checkpoint=file, every=1, callback=kill_after(3))
    resumed = track(family, x0, mode="auto", checkpoint=file, every=1)
    same(resumed, whole)
    assert resumed.notes == whole.notes
    again = track(family, x0, mode="auto", checkpoint=file, every=1)
    assert (again.notes, again.message) == (whole.notes, whole.message)


def singular_start():
    """At t = 0 every point of both axes is a solution."""
    family = GradientSystem(
        lambda x, t: (x[0] * x[1] - t) * np.array([x[1], x[0]]),
        2,
        value=lambda x, t: float(0.5 * (x[0] * x[1] - t) ** 2),
        jacobian=lambda x, t: np.array([[x[1] ** 2, 2 * x[0] * x[1] - t], [2 * x[0] * x[1] - t, x[0] ** 2]]),
        dt=lambda x, t: -np.array([x[1], x[0]]),
    )
    return family, np.array([1.0, 0.0])


def test_a_perturbed_run_is_resumed_too(tmp_path):
    family, x0 = singular_start()
    file = tmp_path / "path.npz"
    whole = track(family, x0)
    with pytest.raises(KilledError):
        track(family, x0, checkpoint=file, every=1, callback=kill_after(2))
    resumed = track(family, x0, checkpoint=file, every=1)
    same(resumed, whole)
    assert resumed.notes == whole.notes


def test_checkpoints_of_other_runs_are_refused(tmp_path):
    file = tmp_path / "path.npz"
    path = track(curves.s_curve(), curves.S_START, checkpoint=file, max_steps=5)
    assert path.status is Status.MAX_STEPS
    with pytest.raises(DataError, match="written by another run"):
        track(curves.s_curve(), curves.S_START, checkpoint=file, step_control=Adaptive(maximum=0.05))
    risk = problem("xor").objective
    starts = np.random.default_rng(0).standard_normal((2, risk.size))
    mine = tmp_path / "mine.npz"
    track(Proximal(risk, starts[0]), starts[0], checkpoint=mine, max_steps=5)
    for family, x0 in (
        (Proximal(risk, starts[1]), starts[1]),
        (Proximal(risk, starts[0], mu=2.0), starts[0]),
        (Proximal(problem("xor:activation=erf").objective, starts[0]), starts[0]),
    ):
        with pytest.raises(DataError, match="written by another run"):
            track(family, x0, checkpoint=mine, max_steps=5)
    with pytest.raises(ArgumentError, match="every"):
        track(curves.s_curve(), curves.S_START, checkpoint=tmp_path / "other.npz", every=0)
    with pytest.raises(DataError, match="written by another run"):
        track(curves.s_curve(), curves.S_START, checkpoint=file, mode="auto")


def test_a_path_without_a_state_and_a_checkpoint_of_an_earlier_version_are_refused(tmp_path):
    file = tmp_path / "path.npz"
    path = track(curves.s_curve(), curves.S_START, max_steps=5)
    path.save(file)
    with pytest.raises(DataError, match="holds a path, and no state"):
        track(curves.s_curve(), curves.S_START, checkpoint=file)
    old = {"signature": "", "family": "GradientSystem", "finished": False, "step": 0.1, "attempts": 5}
    write(file, path.points, path.events, path.header() | {"state": old})
    with pytest.raises(DataError, match="earlier version"):
        track(curves.s_curve(), curves.S_START, checkpoint=file)
    same(Path.load(file), path)


def test_a_checkpoint_is_the_state_in_a_file(tmp_path):
    saved = Checkpoint(tmp_path / "path.npz", every=3)
    path = track(curves.s_curve(), curves.S_START, max_steps=7)
    state = State(
        0.0123,
        list(path.points),
        suspicion=(0.1, 0.2),
        events=list(path.events),
        notes=["a note"],
        attempts=9,
        rejected=2,
        jumped=True,
        tally=Tally(40, 50),
        metric=Metric(np.array([0.5]), 2.0, 3.0),
    )
    state.kept[id(state.last)] = state.last, np.array([-0.25, 3.0])  # where systems are singular, for the next step
    assert [saved.due(State(0.1, list(path.points[:n]))) for n in (3, 4, 5, 7)] == [False, True, False, True]
    saved.save(state, state.path(1.0), "mine")
    again = saved.restored("mine")
    for name in ("step", "suspicion", "notes", "attempts", "rejected", "jumped", "tally", "status"):
        assert getattr(again, name) == getattr(state, name), name
    same(again.path(1.0), state.path(1.0))
    assert again.metric.plain() == state.metric.plain()
    assert again.ahead() == state.ahead() == [-0.25, 3.0]
    assert State(0.1, list(path.points[:2]), kept=state.kept).ahead() is None  # they are of another point
    with pytest.raises(DataError, match="written by another run"):
        saved.restored("another's")
    assert not saved.of_perturbed()
    saved.save(state.ended(Status.MAX_STEPS), state.path(1.0), "mine")
    same(saved.restored("mine"), state.path(1.0))
