"""How good a fit is: beside the best constant and a linear model, on rows learned from and rows held out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import nan, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from homotopy.doors import doors
from homotopy.fits.scores import log_loss
from homotopy.fits.table.model import decodable
from homotopy.fits.table.parts import Rows
from homotopy.tables import TargetCoding

__all__ = ["FEW", "Row", "verdict"]

Array = NDArray[np.float64]
FEW = 10
"""Held-out rows below which nothing is concluded from them."""


@doors
@dataclass(frozen=True)
class Row:
    """One line of the table of a fit.

    Attributes
    ----------
    name : str
        What predicts.
    train, test : float
        The share of right classes, or R2, on the rows learned from and on those held out; NaN where there are none.
    train_error, test_error : float
        The cross-entropy in nats, or the root mean square error in the units of the target; NaN with several targets.
    alpha : float
        The weight of the penalty; NaN where there is none.
    """

    name: str
    train: float
    test: float = nan
    train_error: float = nan
    test_error: float = nan
    alpha: float = nan

    @classmethod
    def of(
        cls, name: str, target: TargetCoding, said: Mapping[str, Array], rows: Mapping[str, Rows], alpha: float
    ) -> Row:
        """Return the line of what a model says of rows, ``train`` and perhaps ``test``."""
        found: dict[str, float] = {}
        for part, here in rows.items():
            y = np.argmax(here.y, axis=1) if target.loss == "softmax" else here.y
            found[part] = target.score(decodable(said[part], target.loss), y, here.weights)
            found[f"{part}_error"] = _error(target, said[part], here)
        return cls(name, alpha=alpha, **found)


def _error(target: TargetCoding, said: Array, rows: Rows) -> float:
    """Return the cross-entropy, or the root mean square error in the units of one target."""
    if target.loss != "squared":
        return log_loss(rows.y, said, rows.weights) / (1 if target.loss == "softmax" else len(target.names))
    if len(target.names) > 1:
        return nan
    apart = np.abs(said - rows.y)[:, 0]
    most = float(apart.max()) or 1.0  # so that no square overflows
    return sqrt(float(np.average((apart / most) ** 2, weights=rows.weights))) * most * target.scales[0]


def verdict(target: TargetCoding, said: Mapping[str, Array], rows: Rows | None) -> str:
    """Return one sentence about held-out rows: whether the last of these models is better than the best other one.

    Parameters
    ----------
    target : TargetCoding
        What the targets are.
    said : dict
        From the models' names to what they say of the rows, probabilities or numbers; the last is judged.
    rows : Rows or None
        The rows held out.

    Notes
    -----
    Errors are compared row by row: wrong classes, or squared errors; what is within two standard errors of their mean
    difference is called chance.
    """
    if rows is None:
        return "No rows were held out: nothing here says how well new ones are predicted (test=0.25 does)."
    if len(rows) < FEW:
        return f"{len(rows)} rows held out are too few to tell how well new ones are predicted."
    errors = {model: _errors(target, one, rows) for model, one in said.items()}
    *others, mine = errors
    name = _the(mine)
    rival = min(others, key=lambda model: float(np.average(errors[model], weights=rows.weights)))
    weights = np.ones(len(rows)) if rows.weights is None else rows.weights
    apart = errors[mine] - errors[rival]
    mean = float(np.average(apart, weights=weights))
    chance = 2.0 * sqrt(float(np.sum((weights * (apart - mean)) ** 2))) / float(weights.sum())
    if mean < -chance:
        return f"On held-out rows {name} beats {_the(rival)} by more than chance (two standard errors)."
    help_ = "; hidden=0 fits it" if rival != others[0] else ": the inputs tell little"
    if mean > chance:
        return f"On held-out rows {_the(rival)} beats {name} by more than chance (two standard errors){help_}."
    return f"On held-out rows {name} does not beat {_the(rival)} by more than chance{help_}."


def _the(name: str) -> str:
    return name if name.endswith("regression") else f"the {name}"


def _errors(target: TargetCoding, said: Array, rows: Rows) -> Array:
    """Return the error of each row, shape (n,): the share of wrong classes, or squared errors."""
    if target.loss == "softmax":
        return np.asarray(said.argmax(axis=1) != rows.y.argmax(axis=1), dtype=np.float64)
    if target.loss == "logistic":
        return np.asarray(((said > 0.5) != (rows.y > 0.5)).mean(axis=1))
    spread: Any = np.ptp(rows.y, axis=0)
    apart = np.abs(said - rows.y) / np.where(spread > 0, spread, 1.0)
    return np.asarray((np.minimum(apart, 1e70) ** 2).mean(axis=1))  # what is farther off overflows when squared twice
