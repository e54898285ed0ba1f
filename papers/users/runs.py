"""The users' own settings from many starts, what is seen where they fail, and the same with what was advised."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

import homotopy as hp
from homotopy.methods import streams

from .problems import PRINTED, problem
from .troubles import RMSPROP, TROUBLES, Settings, Trouble

__all__ = ["Ends", "accuracies", "asleep", "attempt", "failing", "looked_at", "online", "printed", "ranked", "widths"]

Array = NDArray[np.float64]
SLOPE = 0.04
"""The slope of half the sum of squares below which the library of `trend` calls a net converged."""
MORE = 20_000
"""The most iterations of L-BFGS that go on from where a user's optimizer ended."""


@dataclass(frozen=True)
class Ends:
    """Where runs ended, r of them: points (r, n), losses, evaluations in all and to the target, and seconds."""

    x: Array
    value: Array
    cost: Array
    to_target: Array
    seconds: Array


def starts(one: hp.Problem, seeds: int) -> Array:
    """Return the starts of seeds 0, 1, ..., those of every method in a comparison."""
    return np.array([one.start(streams(seed)[0]) for seed in range(seeds)])


def attempt(one: hp.Problem, settings: Settings, x: Array, *, stop: bool = True) -> Ends:
    """Return where the settings lead from starts x; with `stop` a run ends where it reaches the target."""
    x = np.array(x)
    cost, seconds, to = np.zeros(len(x)), np.zeros(len(x)), np.full(len(x), np.nan)
    value = np.full(len(x), np.inf)
    for step, updates in settings.stages:
        rows = np.flatnonzero(np.isnan(to) & np.isfinite(x).all(axis=1))
        if not len(rows):
            break
        begin = time.thread_time()
        found = hp.descend(
            one.objective, x[rows], rule=settings.rule, step_size=step, n_steps=updates,
            target=one.target if stop else None,
        )  # fmt: skip
        spent, evaluations = time.thread_time() - begin, np.asarray(found.n_evaluations, dtype=float)
        seconds[rows] += spent * evaluations / evaluations.sum()
        to[rows] = cost[rows] + found.cost_to_target
        cost[rows] += evaluations
        x[rows], value[rows] = found.x, np.where(np.isfinite(found.value), found.value, np.inf)
    return Ends(x, value, cost, to if stop else np.where(value <= one.target, cost, np.nan), seconds)


def asleep(one: hp.Problem, x: Array) -> bool:
    """Return whether all units of some relu layer are off on all samples at x; False of other activations."""
    f: Any = one.objective
    model = f.model
    a, layers = np.asarray(f.X), model.unpack(np.ascontiguousarray(x))
    kinds = [model.activation] * (len(layers) - 1) + [model.output]
    for (W, b), kind in zip(layers, kinds, strict=True):
        z = a @ W.T + b
        if kind == "relu":
            if (z <= 0).all():
                return True
            z = np.maximum(z, 0.0)
        elif kind != "identity":
            return False
        a = z
    return False


def failing(one: hp.Problem, ends: Ends, how: str) -> NDArray[np.bool_]:
    """Return which runs the user would call failed; `Trouble.fails` says how."""
    if how == "unsolved":
        return np.isnan(ends.to_target)
    f: Any = one.objective
    if how == "mixed":
        truth = np.asarray(f.y).ravel() > 0
        z = [np.asarray(f.model.forward(x, f.X)).ravel() for x in ends.x]
        return np.array([each[truth].min() <= each[~truth].max() for each in z])
    slopes = np.array([len(f.X) * np.abs(f.grad(x)).max() for x in ends.x])
    return slopes == 0 if how == "frozen" else slopes >= SLOPE


def looked_at(part: tuple[str, int]) -> dict[str, Any]:
    """Return what a trouble's own settings come to from so many starts.

    Parameters
    ----------
    part : (str, int)
        The trouble's name and the number of starts.

    Returns
    -------
    dict
        ``cost``, ``to``, ``seconds``, ``value``: one a run, in evaluations of the full batch, seconds, losses;
        ``fails``, ``cured``: runs that the user would call failed, with the settings and with the remedy;
        ``cured_lbfgs``, runs of L-BFGS that solve the remedy's problem, where it is another; ``frozen``,
        ``asleep``, ``goes_on``: of the runs that did not reach the target, those whose gradient is 0, those with a
        relu layer that is off on all samples, and those from whose end L-BFGS reaches the target; ``outputs``: what
        their nets return, where there are at most four samples.
    """
    name, count = part
    trouble: Trouble = next(one for one in TROUBLES if one.name == name)
    one, cured = trouble.problem(), trouble.cure() if trouble.cure else trouble.problem()
    x = starts(one, count)
    ends = attempt(one, trouble.settings, x)
    own = trouble.fails == "unsolved"
    seen = ends if own else attempt(one, trouble.settings, x, stop=False)
    after = attempt(cured, trouble.cured, starts(cured, count), stop=own)
    left = np.flatnonzero(np.isnan(ends.to_target))
    return {
        "cost": ends.cost.tolist(),
        "to": ends.to_target.tolist(),
        "seconds": ends.seconds.tolist(),
        "value": ends.value.tolist(),
        "fails": int(failing(one, seen, trouble.fails).sum()),
        "cured": int(failing(cured, after, trouble.fails).sum()),
        "cured_lbfgs": _going_on(cured, starts(cured, count)) if trouble.cure else 0,
        "frozen": int(sum(not np.any(one.objective.grad(ends.x[i])) for i in left)),
        "asleep": int(sum(asleep(one, ends.x[i]) for i in left)),
        "goes_on": _going_on(one, ends.x[left]),
        "outputs": _outputs(one, ends.x[left]),
    }


def _going_on(one: hp.Problem, x: Array) -> int:
    """Return from how many points, of shape (r, n), L-BFGS reaches the target."""
    if not len(x):
        return 0
    found = hp.descend(one.objective, x, rule="lbfgs", n_steps=MORE, target=one.target)
    return int(np.sum(np.asarray(found.value) <= one.target))


def _outputs(one: hp.Problem, x: Array) -> list[list[float]]:
    """Return the outputs of nets on at most four samples; as probabilities where the loss takes them for logits."""
    f: Any = one.objective
    if len(f.X) > 4:
        return []
    z = [np.asarray(f.model.forward(each, f.X)).ravel() for each in x]
    return [(expit(each) if f.loss.name == "logistic" else each).tolist() for each in z]


def widths(part: tuple[int, int]) -> dict[str, list[float]]:
    """Return what RMSprop leaves of XOR with so many relu units: ``value``, the loss of each of so many runs."""
    hidden, count = part
    one = problem("xor_relu", hidden=hidden)
    return {"value": attempt(one, Settings(RMSPROP, ((0.001, 25_000),), ""), starts(one, count)).value.tolist()}


def ranked(part: tuple[str, int]) -> int:
    """Return how many of so many nets of an activation rank some digit wrongly after 200 updates of Adam."""
    activation, count = part
    one = problem("digits", activation=activation)
    ends = attempt(one, Settings("adam", ((0.001, 200),), ""), starts(one, count), stop=False)
    return int(failing(one, ends, "mixed").sum())


def accuracies(count: int) -> list[float]:
    """Return the share of held-out samples of `pattern` that each of so many nets has right once it is trained."""
    one = problem("pattern")
    rest: Any = problem("pattern", held_out=True).objective
    ends = attempt(one, Settings("lbfgs", ((None, 1000),), ""), starts(one, count))
    labels = np.argmax(rest.y, axis=1)
    return [float(np.mean(np.argmax(rest.model.forward(x, rest.X), axis=1) == labels)) for x in ends.x]


def printed() -> dict[str, float]:
    """Return the losses that optimizers reach from the start that was printed with the question of `xor_slow`.

    Returns
    -------
    dict
        ``start``, the loss there; ``slow``, after 20,000 epochs at rate .01; ``fast``, at rate 1; ``lbfgs``, by L-BFGS;
        runs end where every output is surely on its right side, at 1/32.
    """
    one = problem("xor_slow")
    x = np.array([PRINTED])
    tries = {
        "slow": Settings("gd", ((0.04, 20_000),), ""),
        "fast": Settings("gd", ((4.0, 20_000),), ""),
        "lbfgs": Settings("lbfgs", ((None, 2000),), ""),
    }
    found = {name: float(attempt(one, settings, x).value[0]) for name, settings in tries.items()}
    return {"start": float(one.objective.value(x[0]))} | found


def online(part: tuple[float, int, int]) -> int:
    """Return how many nets of `xor_sgd` solve it if each sample is followed by an update of its own.

    Parameters
    ----------
    part : (float, int, int)
        The rate of the squared error (y - z)^2, the epochs, the starts. The order is drawn anew for each epoch.
    """
    rate, epochs, count = part
    one = problem("xor_sgd")
    f: Any = one.objective
    x, rng = starts(one, count), np.random.default_rng(0)
    W, b, a, c = x[:, :4].reshape(-1, 2, 2).copy(), x[:, 4:6].copy(), x[:, 6:8].copy(), x[:, 8].copy()
    y = np.asarray(f.y).ravel()
    for _ in range(epochs):
        for i in rng.permutation(4):
            u = expit(W @ f.X[i] + b)
            z = expit((a * u).sum(axis=1) + c)
            d = 2 * rate * (z - y[i]) * z * (1 - z)
            e = d[:, None] * a * u * (1 - u)
            a -= d[:, None] * u
            c -= d
            W -= e[:, :, None] * f.X[i]
            b -= e
    ends = np.column_stack([W.reshape(-1, 4), b, a, c])
    return int(sum(one.solved(f.value(each)) for each in ends))
