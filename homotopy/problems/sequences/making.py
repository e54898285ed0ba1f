"""A problem made of a researcher's own sequences: coded, split, padded, with a recurrent net."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from homotopy.arguments import choice, integer, positive, shown
from homotopy.doors import door
from homotopy.errors import ArgumentError, DataError
from homotopy.models.recurrent import RNN
from homotopy.naming import written
from homotopy.objectives.recurrent import RecurrentRisk
from homotopy.problems.base import Problem
from homotopy.problems.recurrent.making import starts_of
from homotopy.problems.sequences.known import HeldOutSequences, SequenceData
from homotopy.problems.sequences.long import Long, cut, padded, without_first
from homotopy.problems.sequences.reading import Reader
from homotopy.problems.sequences.saying import said_of
from homotopy.tables import Encoding, TargetCoding, held_out
from homotopy.tables.coding.labels import LOSSES
from homotopy.tables.taking import is_path

__all__ = ["from_sequences"]


@door
def from_sequences(
    X: Any,
    y: Any = None,
    *,
    hidden: int = 8,
    activation: str = "tanh",
    cell: str = "elman",
    loss: str | None = None,
    l2: float = 0.0,
    standardize: bool = True,
    target: str | Sequence[str] | None = None,
    id: str | None = None,
    time: str | None = None,
    ignore: str | Sequence[str] = (),
    categories: str | Sequence[str] = (),
    missing: str | None = None,
    lengths: Any = None,
    predict: str | None = None,
    windows: int | None = None,
    washout: int = 0,
    state: str | None = None,
    start: str = "orthogonal",
    test: float = 0.0,
    folds: int | None = None,
    fold: int | None = None,
    seed: int = 0,
    delimiter: str | None = None,
    decimal: str = ".",
    name: str | None = None,
) -> Problem:
    """Return the problem of fitting a recurrent net to sequences.

    Parameters
    ----------
    X : ndarray of shape (n, T, d), list of arrays of shape (T_i, d) or (T_i,), mapping, DataFrame or path
        The inputs. A table is in the long form: a row a step, with a column that names the sequence. A path is that of
        an ``.npz`` file with arrays ``X``, ``y`` and perhaps ``lengths``, or of a text file with such a table.
    y : array_like, list of arrays, or None
        Of arrays: one target a sequence, shape (n,) or (n, k), numbers or labels; or one a step: (n, T), (n, T, k), or
        a list of arrays (T_i,) or (T_i, k). Of a table: None.
    hidden : int
        Hidden units.
    activation : str
        Of an Elman net; gated cells have tanh.
    cell : str
        ``elman``, ``gru`` or ``lstm``.
    loss : str or None
        ``squared``, ``logistic`` or ``softmax``; None chooses by the targets as `homotopy.from_table` does.
    l2 : float
        Weight of the penalty (l2/2) |theta|^2.
    standardize : bool
        Whether inputs, and targets under the squared loss, are brought to mean 0 and standard deviation 1, by the steps
        of the sequences that are learned from.
    target : str, sequence of str or None
        Of a table: the target's column, ``a+b`` for two; by default the last. Where it stands in the last row of each
        sequence only, or is the same in all of them, there is one target a sequence; else one a step.
    id, time : str or None
        Of a table: the columns that name sequences and times; by default those called so, where they are there.
    ignore, categories : str or sequence of str
        Of a table: columns that are no inputs, and such as are categories.
    missing : str or None
        ``skip``: steps without a target do not count. None refuses them. Inputs may not be missing.
    lengths : array_like of shape (n,) or None
        How many steps of the padded sequences of one array there are.
    predict : str or None
        ``last``: the target of the last step alone; ``steps``: one at each; None takes what there is. An array y of
        shape (n, T) is one target a step, but with ``last``.
    windows : int or None
        Cuts sequences into pieces of so many steps: one long series must be. The state before a piece is then a part
        of the weights, the same for all, and `washout` leaves out the steps in which it matters.
    washout : int
        So many first steps of each sequence do not count.
    state : str or None
        The state before the first step: ``zero``, or ``learned``; by default learned with `windows`, else zero.
    start : str
        How starts are drawn: ``orthogonal``, ``normal``, ``identity``, ``zero`` (recurrent weights), ``small``.
    test : float
        The share of sequences that is held out, by classes where there are such; of one series its last pieces.
    folds, fold : int or None
        Instead of `test`: the sequences are dealt out to so many folds, and this one, from 0 on, is held out.
    seed : int
        Draws the sequences that are held out.
    delimiter, decimal : str
        How a text file is read (`homotopy.tables.read_table`).
    name : str or None
        What the problem is called.

    Returns
    -------
    Problem
        Its optimum is unknown. ``data`` predicts in the units of the targets and says in a line what was done. With
        held-out sequences ``test`` is their mean loss, without the penalty, and ``score(x)`` the share of right classes
        or R2 there.

    Raises
    ------
    ArgumentError
        If an argument is not allowed.
    DataError
        If the sequences cannot be used: the sentence names where and what would help.

    Notes
    -----
    Sequences of unequal lengths are padded, and what is behind their ends counts for nothing. With a target a step the
    loss is the mean over all steps that count, so that long sequences count more than short ones.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> X = [rng.standard_normal((n, 2)) for n in (5, 9, 7, 6)]
    >>> problem = from_sequences(X, [x[:, 0].sum() for x in X], hidden=3, test=0.5)
    >>> problem.size, problem.score_name, problem.data.predict(problem.start(rng), X).shape
    (22, 'R2', (4,))
    """
    net = _checked(RNN(1, integer("hidden", hidden), 1, activation, cell=cell), loss, l2, standardize, state)
    starts_of(net, start)
    reader = Reader(target, id, time, ignore, categories, missing, predict, delimiter, decimal)
    long = reader.read(X, y, lengths)
    whole = len(long.lengths)
    long, source = (long, np.arange(whole)) if windows is None else cut(long, windows)
    if whole == 1 and windows is None:
        n = int(long.lengths[0])
        raise DataError(
            f"{long.inputs.prefix}there is one sequence only, of {n} steps; windows={max(2, n // 10)} cuts it into "
            f"pieces of so many, and id= names the column that tells sequences apart"
        )
    long = without_first(long, washout)
    rest = _rest(long, source, loss, share=test, folds=folds, fold=fold, seed=seed)
    state = state or ("zero" if windows is None else "learned")
    parts = _Parts.of(long, rest, loss, standardize)
    model = net.changed(n_in=parts.X.shape[2], n_out=parts.target.n_outputs, state=state)
    judge = parts.judge(model, rest)
    options: dict[str, Any] = {"hidden": hidden, "activation": activation, "cell": cell, "l2": l2, "windows": windows}
    options |= {"washout": washout or None, "test": test or None, "folds": folds, "fold": fold}
    said = said_of(long, parts.code, parts.target, rest, l2=l2, learned=state == "learned", washout=washout)
    if long.inputs.named:
        reader = replace(reader, target=parts.target.names)  # the last column of another table may be an input
    train, held = np.flatnonzero(~rest), np.flatnonzero(rest)
    return Problem(
        name=name or _name(len(rest), options),
        objective=parts.risk(model, train, l2),
        start=starts_of(model, start),
        test=None if judge is None else parts.risk(model, held, 0.0),
        source=f"the file {X}" if is_path(X) else "sequences",
        score=judge,
        score_name="" if judge is None else parts.target.score_name,
        data=SequenceData(parts.code, parts.target, model, reader, long.every_step, train, held, (*said, *parts.notes)),
    )


@dataclass(frozen=True, eq=False)
class _Parts:
    """Coded sequences."""

    code: Encoding
    target: TargetCoding
    X: NDArray[np.float64]
    aims: NDArray[Any]
    long: Long
    notes: tuple[str, ...]

    @classmethod
    def of(cls, long: Long, rest: NDArray[np.bool_], loss: str | None, standardize: bool) -> _Parts:
        assert long.targets is not None
        rows = rest[long.owner]
        code = Encoding.fit(long.inputs.taken(~rows), standardize=standardize)
        target = TargetCoding.fit(long.targets, loss=loss, standardize=standardize, train=~rows[long.at])
        coded, notes = code.transform(long.inputs)
        return cls(code, target, padded(coded, long.lengths), target.encode(long.targets), long, tuple(notes))

    def risk(self, model: RNN, which: NDArray[np.intp], l2: float) -> RecurrentRisk:
        """Return the mean loss of some sequences."""
        lengths = self.long.lengths[which]
        more: dict[str, Any] = {}
        y = self.aims[which] if not self.long.every_step else padded(self.aims, self.long.lengths, self.long.at)[which]
        X = self.X[which]
        if self.long.every_step:
            more["steps"] = padded(np.ones(len(self.long.at)), self.long.lengths, self.long.at)[which]
            if y.ndim == 2 and y.shape[1] == model.n_out:  # as many steps as classes: one more that does not count
                X, y, more["steps"] = (np.concatenate([a, 0 * a[:, :1]], axis=1) for a in (X, y, more["steps"]))
        return RecurrentRisk(model, self.target.loss, X, y, l2=l2, lengths=lengths, **more)

    def judge(self, model: RNN, rest: NDArray[np.bool_]) -> HeldOutSequences | None:
        """Return the score on held-out sequences, which must be defined; None where none are held out."""
        if not rest.any():
            return None
        owner = self.long.owner
        rows = np.cumsum(rest[owner]) - 1  # of a step among those of held-out sequences
        mine = rest[owner[self.long.at]]
        y, at = self.aims[mine], rows[self.long.at[mine]]
        judge = HeldOutSequences(self.target, model, self.X[rest], y, self.long.lengths[rest], at)
        if self.target.loss == "squared" and np.isnan(self.target.score(np.zeros((len(y), y.shape[1])), y)):
            raise DataError(
                f"{self.long.inputs.prefix}R2 needs held-out targets that differ, and those of the "
                f"{int(rest.sum())} sequences held out do not; hold out more"
            )
        return judge


def _checked(net: RNN, loss: Any, l2: Any, standardize: Any, state: Any) -> RNN:
    """Return a net of the right kind; what is not allowed raises ArgumentError, before a file is read."""
    if loss is not None:
        choice("loss", loss, LOSSES)
    if state is not None:
        choice("state", state, ("zero", "learned"))
    positive("l2", l2, or_zero=True)
    if not isinstance(standardize, (bool, np.bool_)):
        raise ArgumentError(f"standardize must be True or False, not {shown(standardize)}")
    return net


def _rest(long: Long, source: NDArray[np.intp], loss: str | None, **how: Any) -> NDArray[np.bool_]:
    """Return which sequences or pieces are held out, shape (n,): whole sequences, or the last pieces of one series."""
    whole, n = int(source.max()) + 1, len(source)
    if whole > 1:
        return held_out(whole, strata=_strata(long, loss), **how)[source]
    marks = held_out(n, **how)  # which knows what is allowed
    if how["folds"] is not None:
        return np.asarray(np.arange(n) * int(how["folds"]) // n == how["fold"])
    return np.arange(n) >= n - int(marks.sum())


def _strata(long: Long, loss: str | None) -> list[str] | None:
    """Return the class of each sequence; None where there is more than one target of each, or it is a number."""
    if long.every_step or long.targets is None:
        return None
    whole = TargetCoding.fit(long.targets, loss=loss)
    if whole.loss == "squared":
        return None
    return [" ".join(map(str, row)) for row in whole.encode(long.targets).reshape(len(long.lengths), -1).tolist()]


def _name(n: int, options: dict[str, Any]) -> str:
    """Return a name that says what the problem is; arrays have none from which they could be read again."""
    told = {"n": n} | options
    return "sequences:" + ",".join(f"{key}={written(value)}" for key, value in told.items() if value is not None)
