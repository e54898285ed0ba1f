"""Problems of memory: the target at the end depends on a few steps long before; most steps say nothing."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from homotopy.arguments import integer
from homotopy.doors import door
from homotopy.models.recurrent import RNN
from homotopy.naming import spell
from homotopy.problems.base import Problem
from homotopy.problems.data import seeded
from homotopy.problems.recurrent.making import Setting, made
from homotopy.problems.recurrent.tasks import BY_TASK, Data

__all__ = ["adding", "latch", "multiplication", "order", "shorter_kind", "temporal_xor"]

LSTM97 = "S. Hochreiter and J. Schmidhuber, Long short-term memory, Neural Computation 9 (1997)"


@door
def adding(
    T: int = 100,
    h: int = 8,
    act: str = "tanh",
    n: int = 512,
    data_seed: int = 0,
    start: str = "zero",
    cell: str = "elman",
) -> Problem:
    """Add the two marked numbers of a long sequence.

    Parameters
    ----------
    T : int
        Steps, at least 2.
    h : int
        Hidden units.
    act : str
        Their activation; gated cells have tanh.
    n : int
        Training sequences.
    data_seed : int
        Draws the sequences.
    start : str
        How recurrent weights of starts are drawn: ``normal``, ``orthogonal``, ``identity``, ``zero``; or ``small``:
        normal weights, all of them a tenth.
    cell : str
        ``elman``, ``gru`` or ``lstm``.

    Raises
    ------
    ArgumentError
        If `T` is below 2, another number below 1 (the seed below 0), or a word is not one of those allowed.

    Notes
    -----
    A step has a number of U(0, 1) and a mark, which is 1 at one random step of each half and else 0; the target at the
    last step is the sum of the two marked numbers, without scaling. The constant 1 has a mean square error of 1/6. A
    run is done when its training mean square error is at most .004 (a loss of .002, which has the half), and succeeds
    where that of 1,024 held-out sequences is at most .01. Shorter problems are fresh sequences of the same kind
    (`shorter_kind`), or the given ones without steps that have no mark. Values, first marks
    and second marks are drawn in this order, training sequences first, as in the prototype study, so that its seeds
    give its sequences.
    """
    given = {"T": T, "h": h, "act": act, "n": n, "data_seed": data_seed, "start": start, "cell": cell}
    source = (
        f"{LSTM97}, experiment 4, where values are U(-1, 1), the target is .5 + (X1 + X2)/4 and an error below .04 is "
        "right; here in the later form, U(0, 1) and X1 + X2, and the thresholds are ours"
    )
    return _made("adding", adding, given, source, mse=0.004, test_mse=0.01)


@door
def multiplication(
    T: int = 30,
    h: int = 8,
    act: str = "tanh",
    n: int = 512,
    data_seed: int = 0,
    start: str = "zero",
    cell: str = "elman",
) -> Problem:
    """Multiply the two marked numbers of a sequence.

    Parameters
    ----------
    T, h, act, n, data_seed, start, cell
        As for `adding`, whose inputs these are.

    Raises
    ------
    ArgumentError
        As there.

    Notes
    -----
    The target at the last step is the product of the two marked numbers, whose variance is 7/144: that is the mean
    square error of the constant 1/4. A run is done at .001, and succeeds where held-out sequences have at most .003:
    about the shares of the variance that `adding` asks for.
    """
    given = {"T": T, "h": h, "act": act, "n": n, "data_seed": data_seed, "start": start, "cell": cell}
    source = f"after {LSTM97}, whose multiplication task it follows; inputs and thresholds are ours"
    return _made("multiplication", multiplication, given, source, mse=0.001, test_mse=0.003)


@door
def latch(
    T: int = 100,
    h: int = 4,
    act: str = "tanh",
    n: int = 512,
    data_seed: int = 0,
    start: str = "orthogonal",
    cell: str = "elman",
) -> Problem:
    """Remember the sign of the first step through noise.

    Parameters
    ----------
    T, h, act, n, data_seed, start, cell
        As for `adding`.

    Raises
    ------
    ArgumentError
        As for `adding`.

    Notes
    -----
    The first input is plus or minus 1, the following ones are N(0, 1/4); the target at the last step is the first
    input. The constant 0 has a mean square error of 1. A run is done at .01, and succeeds where 512 held-out sequences
    have at most .05. Signs are drawn before the noise, as in the
    prototype study.
    """
    given = {"T": T, "h": h, "act": act, "n": n, "data_seed": data_seed, "start": start, "cell": cell}
    source = "the latch task in a form made for this package: a sign, then noise"
    return _made("latch", latch, given, source, mse=0.01, test_mse=0.05)


@door
def temporal_xor(
    T: int = 20,
    h: int = 6,
    act: str = "tanh",
    n: int = 512,
    data_seed: int = 0,
    start: str = "orthogonal",
    cell: str = "elman",
) -> Problem:
    """Multiply the two marked signs of a sequence: exclusive or through time.

    Parameters
    ----------
    T, h, act, n, data_seed, start, cell
        As for `adding`.

    Raises
    ------
    ArgumentError
        As for `adding`.

    Notes
    -----
    A step has a sign, plus or minus 1, and a mark, which is 1 at one random step of each half; the target at the last
    step is the product of the two marked signs. The constant 0 has a mean square error of 1. A run is done at .01, and
    succeeds where 512 held-out sequences have at most .05. Signs, first marks and second marks are drawn in
    this order, as in the prototype study.
    """
    given = {"T": T, "h": h, "act": act, "n": n, "data_seed": data_seed, "start": start, "cell": cell}
    source = "exclusive or of two marked signs of a sequence, made for this package"
    return _made("temporal-xor", temporal_xor, given, source, mse=0.01, test_mse=0.05)


@door
def order(
    T: int = 60,
    h: int = 6,
    act: str = "tanh",
    n: int = 512,
    data_seed: int = 0,
    start: str = "orthogonal",
    cell: str = "elman",
) -> Problem:
    """Say which two symbols came, in their order, among noise.

    Parameters
    ----------
    T, h, act, n, data_seed, start, cell
        As for `adding`.

    Raises
    ------
    ArgumentError
        As for `adding`.

    Notes
    -----
    One input is 0 but for a symbol, plus or minus 1, at one random step of the first third and one between T/2 and
    .8 T; the other is N(0, 1/4). The two targets at the last step are the symbols in their order. The constant 0 has a
    mean square error, summed over the outputs, of 2. A run is done at .01, and succeeds where 512 held-out sequences
    have at most .05. Noise, places and symbols are drawn in this order, as in the prototype study.
    """
    given = {"T": T, "h": h, "act": act, "n": n, "data_seed": data_seed, "start": start, "cell": cell}
    source = f"after the temporal order task of {LSTM97}; symbols, noise and thresholds are ours"
    return _made("order", order, given, source, mse=0.01, test_mse=0.05)


def shorter_kind(task: str, n: int, data_seed: int, t: int) -> Data:
    """Return n fresh sequences of t steps of the same kind as a problem's, always the same for one seed and length.

    Parameters
    ----------
    task : str
        The problem's name, without parameters.
    n, data_seed : int
        Sequences, and the problem's seed.
    t : int
        Steps, at least 2.

    Returns
    -------
    X, y : ndarray of shape (n, t, d), (n, k)
        Drawn from the seed [data_seed, 1, t].
    """
    return BY_TASK[task].draw(seeded("data_seed", data_seed, 1, integer("t", t, least=2)), t, n)


def _made(task: str, factory: Any, given: dict[str, Any], source: str, **goal: Any) -> Problem:
    """Return a problem of memory with these parameters."""
    what = BY_TASK[task]
    T, n, seed = integer("T", given["T"], least=2), integer("n", given["n"]), given["data_seed"]
    model = RNN(what.n_in, integer("h", given["h"]), what.n_out, given["act"], cell=given["cell"])
    rng = seeded("data_seed", seed)
    train, test = what.draw(rng, T, n), what.draw(rng, T, what.held_out)
    name = spell(task, factory, "T", "h", **given)
    more = {"family": partial(shorter_kind, task, n, seed), "deletable": ~what.tells(np.asarray(train[0]))}
    return made(model, train, test, Setting(name, source, given["start"], **goal), **more)
