"""A recurrent problem out of its data: the net, its starts, and what is said of points on held-out sequences."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from homotopy.arguments import choice
from homotopy.models.recurrent import RNN
from homotopy.objectives.base import Vector
from homotopy.objectives.recurrent import RecurrentRisk
from homotopy.problems.base import Problem
from homotopy.problems.recurrent.telling import Known, explained

__all__ = ["STARTS", "Setting", "made", "starts_of"]

Array = NDArray[np.float64]

STARTS: dict[str, dict[str, Any]] = {
    "normal": {"kind": "normal"},
    "orthogonal": {"kind": "orthogonal"},
    "identity": {"kind": "identity"},
    "zero": {"kind": "zero"},
    "small": {"kind": "normal", "scale": 0.1},
}
"""How starts are drawn (`homotopy.models.recurrent.RNN.init`): by the kind of recurrent weights, or all of it small."""


@dataclass(frozen=True)
class Setting:
    """What there is to say of a problem beside its data.

    Attributes
    ----------
    name, source : str
        As for `Problem`.
    start : str
        A key of `STARTS`.
    mse : float
        The mean square error, summed over outputs, at which a run is done: twice the loss.
    test_mse : float or None
        The largest one on held-out sequences of a success.
    """

    name: str
    source: str
    start: str
    mse: float
    test_mse: float | None = None


def starts_of(model: RNN, start: str) -> Callable[[Any], Vector]:
    """Return what draws starts of a recurrent net.

    Raises
    ------
    ArgumentError
        If `start` is none of `STARTS`.
    """
    return partial(model.init, **STARTS[choice("start", start, STARTS)])


def made(model: RNN, train: tuple[Array, Array], test: tuple[Array, Array], setting: Setting, **more: Any) -> Problem:
    """Return the problem of fitting a recurrent net to sequences by the squared loss.

    Parameters
    ----------
    model : RNN
        The net.
    train, test : tuple of ndarray
        Inputs (n, T, d), and targets (n, k) of the last steps or (n, T, k) of all.
    setting : Setting
        What else there is to say.
    **more
        ``family`` and ``deletable``, as for `homotopy.objectives.recurrent.RecurrentRisk`.
    """
    start = starts_of(model, setting.start)
    risk, held = RecurrentRisk(model, "squared", *train, **more), RecurrentRisk(model, "squared", *test)
    return Problem(
        name=setting.name,
        objective=risk,
        start=start,
        test=held,
        optimum=0.0,
        tolerance=setting.mse / 2,
        source=setting.source,
        score=partial(explained, held),
        score_name="R2",
        data=Known(model, len(train[0]), len(test[0]), train[0].shape[1], train[1].ndim == 3),
        test_target=None if setting.test_mse is None else setting.test_mse / 2,
    )
