"""Sequences as the kernels read them: inputs, targets, and what every step of every sequence counts."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from homotopy.arguments import numbers
from homotopy.errors import ArgumentError, DataError
from homotopy.models.losses import Loss
from homotopy.models.prepared import frozen, overflow
from homotopy.models.recurrent import RNN
from homotopy.models.weights import sample_weights

__all__ = ["Sequences", "lengths_of", "prepared"]

Array = NDArray[Any]
Counts = NDArray[np.float64]


@dataclass(frozen=True)
class Sequences:
    """Prepared sequences of a risk, n of them with T steps each.

    Attributes
    ----------
    X : ndarray of shape (n, T, d)
        Inputs, zero behind a sequence's length.
    y : ndarray of shape (n, k) or (n, T, k)
        Targets of the last steps, or of all; of the latter zero where a step does not count.
    every_step : bool
        Which of the two they are.
    steps : ndarray of shape (n, T) or None
        What each step counts as it was given, the largest being one; None where all count alike.
    lengths : ndarray of shape (n,) or None
        How many steps each sequence has; None where all have T.
    weights : ndarray of shape (n,) or None
        What each sequence counts, one on the mean.
    state : ndarray of shape (n, s) or None
        The states before the first step, where they are given.
    counts : ndarray of shape (n, T)
        What each step of each sequence counts in the mean of the losses.
    """

    X: Array
    y: Array
    every_step: bool
    steps: Counts | None
    lengths: NDArray[np.int64] | None
    weights: Counts | None
    state: Array | None
    counts: Counts

    @property
    def valid(self) -> NDArray[np.bool_]:
        """Which steps are within the sequences, shape (n, T)."""
        n, T = self.counts.shape
        if self.lengths is None:
            return np.ones((n, T), dtype=bool)
        return np.asarray(np.arange(T) < self.lengths[:, None])

    @property
    def last(self) -> NDArray[np.int64]:
        """How many steps of each sequence are to be run: up to its last one that counts, shape (n,)."""
        number = np.arange(1, self.counts.shape[1] + 1)
        return np.asarray(np.max(np.where(self.counts > 0, number, 0), axis=1))

    @property
    def used(self) -> int:
        """How many steps are to be run of the longest sequence."""
        return int(self.last.max())

    @property
    def targeted(self) -> NDArray[np.bool_]:
        """Which steps have a target of their own, shape (n, T)."""
        return self.valid if self.steps is None else self.valid & (self.steps > 0)

    @cached_property
    def keep(self) -> NDArray[np.bool_]:
        """Which sequences count, shape (n,)."""
        return np.asarray(self.counts.any(axis=1))

    @cached_property
    def compiled(self) -> tuple[Array, Array, Counts]:
        """X (m, T', d), targets (m, T', k) and counts (m, T') of the m sequences and T' steps that are run."""
        T, keep = self.used, self.keep
        every = bool(keep.all())
        X, y, counts, last = (a if every else a[keep] for a in (self.X, self.y, self.counts, self.last))
        X, counts = X[:, :T], counts[:, :T]
        if self.every_step:
            return frozen(X), frozen(y[:, :T]), frozen(counts)
        Y = np.zeros((*counts.shape, y.shape[1]), dtype=y.dtype)
        Y[np.arange(len(Y)), last - 1] = y
        return frozen(X), frozen(Y), frozen(counts)

    @cached_property
    def compiled_state(self) -> Array | None:
        """The states before the first step of the sequences that count."""
        return None if self.state is None else frozen(self.state[self.keep])

    def marks(self, name: str, marks: ArrayLike | None) -> NDArray[np.bool_] | None:
        """Return marks of steps, given as (T,) or (n, T), as truth values of shape (n, T).

        Raises
        ------
        ArgumentError
            If they have another shape, or are no truth values.
        """
        if marks is None:
            return None
        n, T = self.counts.shape
        given = np.asarray(marks)
        if given.dtype != bool or given.shape not in ((T,), (n, T)):
            raise ArgumentError(
                f"{name} has shape {given.shape} and dtype {given.dtype}; truth values of shape ({T},) or ({n}, {T}) "
                "are needed"
            )
        return np.asarray(frozen(np.broadcast_to(given, (n, T)).copy()))


def prepared(
    model: RNN,
    loss: Loss,
    X: ArrayLike,
    y: ArrayLike,
    *,
    weights: ArrayLike | None = None,
    steps: ArrayLike | None = None,
    lengths: ArrayLike | None = None,
    state: ArrayLike | None = None,
) -> Sequences:
    """Return checked sequences; see `RecurrentRisk` for what is allowed.

    Raises
    ------
    ArgumentError
        If shapes do not fit each other or the model, or numbers are outside their ranges.
    DataError
        If there is no sequence or no step, or data that count are not finite or no targets of the loss.
    """
    given = _inputs_of(X, model)
    n, T = given.shape[:2]
    ends = lengths_of(lengths, n, T)
    within = np.ones((n, T), dtype=bool) if ends is None else np.arange(T) < ends[:, None]
    counts_of, shares = None if weights is None else sample_weights(weights, n), _steps_of(steps, n, T)
    targets, every = _table_of(y, n, T, model.n_out, loss)
    marked = within if every else within & (np.arange(T) == (T if ends is None else ends[:, None]) - 1)
    counts = marked * (np.ones((n, T)) if shares is None else shares)
    if every:
        own = counts > 0
        stored = np.zeros((n, T, model.n_out), dtype=model.dtype)
        if own.any():
            stored[own] = loss.targets(targets[own], model.n_out, model.dtype)
    else:
        stored = np.array(loss.targets(targets, model.n_out, model.dtype))
    counts = counts if counts_of is None else counts * counts_of[:, None]
    if not counts.any():
        raise ArgumentError("steps leave no step that counts; one at least must count in a sequence of positive weight")
    own_state = _state_of(state, n, model)
    inputs = _finite(given, within, model)
    stays = (inputs, frozen(stored), every, shares, ends, counts_of, own_state, frozen(counts))
    return Sequences(*stays)


def _inputs_of(X: ArrayLike, model: RNN) -> Array:
    sizes = (
        {len(one) for one in X if isinstance(one, (list, tuple, np.ndarray))} if isinstance(X, (list, tuple)) else set()
    )
    if len(sizes) > 1:
        raise ArgumentError(
            f"X has sequences of {min(sizes)} to {max(sizes)} steps; fill them up to one length, and give lengths="
        )
    given = numbers("X", X)
    if given.ndim != 3:
        raise ArgumentError(f"X has shape {given.shape}; a recurrent net needs (sequences, steps, {model.n_in} inputs)")
    if given.shape[2] != model.n_in:
        raise ArgumentError(f"X has {given.shape[2]} inputs a step; the model has {model.n_in}")
    if not len(given) or not given.shape[1]:
        raise DataError(f"X has shape {given.shape}; a mean needs one sequence of one step at least")
    return given


def _finite(given: Array, within: NDArray[np.bool_], model: RNN) -> Array:
    """Return inputs in the model's dtype, zero behind the ends of sequences."""
    given[~within] = 0.0
    with np.errstate(over="ignore"):
        inputs = given.astype(model.dtype)
    if not np.isfinite(inputs).all():
        raise DataError(f"X has values that are not finite{overflow(given, inputs)}")
    return frozen(inputs)


def lengths_of(lengths: ArrayLike | None, n: int, T: int) -> NDArray[np.int64] | None:
    """Return the lengths of sequences, shape (n,), or None where all have T steps.

    Raises
    ------
    ArgumentError
        If they are not whole numbers from 1 to T, one for each sequence.
    """
    if lengths is None:
        return None
    given = numbers("lengths", lengths)
    if given.shape != (n,):
        raise ArgumentError(f"lengths has shape {given.shape}; one number for each of {n} sequences is needed")
    bad = ~((given >= 1) & (given <= T) & (given == np.floor(given)))
    if bad.any():
        i = int(np.argmax(bad))
        raise ArgumentError(f"lengths has {given[i]:g} for sequence {i}; a whole number from 1 to {T} is needed")
    whole = given.astype(np.int64)
    return None if (whole == T).all() else frozen(whole)


def _steps_of(steps: ArrayLike | None, n: int, T: int) -> Counts | None:
    """Return what steps count over the most that one does, shape (n, T), or None where all count alike."""
    if steps is None:
        return None
    given = numbers("steps", steps)
    if given.shape not in ((T,), (n, T)):
        raise ArgumentError(f"steps has shape {given.shape}; it must be ({T},), or ({n}, {T}) with a row a sequence")
    if not (np.isfinite(given) & (given >= 0)).all():
        bad = given[~(np.isfinite(given) & (given >= 0))][0]
        raise ArgumentError(f"steps has {bad:g}; 0 or a positive number is needed for what a step counts")
    if not given.any():
        raise ArgumentError("steps are all 0; one step at least must count")
    return frozen(np.broadcast_to(given / given.max(), (n, T)).copy())


def _table_of(y: ArrayLike, n: int, T: int, k: int, loss: Loss) -> tuple[Array, bool]:
    """Return targets as (n, T, k), (n, T) of classes, (n, k) or (n,), and whether every step has one."""
    given = numbers("y", y)
    wanted = f"({n}, {k}) for the last steps or ({n}, {T}, {k}) for all"
    if given.shape == (n, T, k):
        return given, True
    if given.shape == (n, k) or (given.shape == (n,) and (k == 1 or loss.classes)):
        return given, False
    if given.shape == (n, T) and (k == 1 or loss.classes):
        return (given[:, :, None] if k == 1 else given), True
    if given.ndim and len(given) != n:
        raise ArgumentError(f"X has {n} sequences and y has {len(given)}; they must be equally many")
    raise ArgumentError(f"y has shape {given.shape}; the model has {k} outputs and needs {wanted}")


def _state_of(state: ArrayLike | None, n: int, model: RNN) -> Array | None:
    if (state is not None) != (model.state == "given"):
        if state is None:
            raise ArgumentError(f"state is missing; the model's is given, of shape ({n}, {model.state_size})")
        raise ArgumentError(f"state was given and the model's is {model.state!r}; RNN(..., state='given') takes one")
    if state is None:
        return None
    given = numbers("state", state)
    if given.shape != (n, model.state_size):
        raise ArgumentError(f"state has shape {given.shape}; ({n}, {model.state_size}) is needed")
    with np.errstate(over="ignore"):
        stored = given.astype(model.dtype)
    if not np.isfinite(stored).all():
        raise DataError(f"state has values that are not finite{overflow(given, stored)}")
    return frozen(stored)
