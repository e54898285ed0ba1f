"""What a practitioner gains: the penalty, a lower objective, or the mean of several nets' predictions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

import homotopy as hp
from homotopy.fits import ALPHAS, Sample, Training, accuracy, linear, mean, penalty_path, r2
from homotopy.papers.real_data.rows import Row
from homotopy.papers.real_data.sets import asked, problem
from homotopy.papers.real_data.study import Unit

__all__ = ["WAYS", "run"]

WAYS = ("one, alpha 1e-4", "one", "best of ten", "mean of ten", "race-hop", "linear")
"""The ways to fit; all but the first with the penalty that inner cross-validation picks."""
MEMBERS, EACH, SEARCH = 10, 1000.0, 10_000.0
SMALL = 1e-4

Scored = Callable[[Sequence[Any], NDArray[np.float64]], float]


def run(unit: Unit, splits: int) -> list[Row]:
    """Return the rows of the practice table of one data set and one activation, each way on each split."""
    (data,) = asked([unit.data])
    table, rows = data.table(), []
    for split in range(splits):

        def made(alpha: float, split: int = split) -> hp.Problem:
            return problem(data, unit.net, unit.activation, alpha, table=table, split=split)

        rows += _split(Row(*unit.key, alpha=SMALL, budget=EACH, method="", split=split), made, unit)
    return rows


def _split(start: Row, made: Callable[[float], hp.Problem], unit: Unit) -> list[Row]:
    """Return one row a way."""
    first = made(SMALL)
    risk, held = first.objective, first.score
    sample = Sample.of(risk.X, risk.y, risk.loss)
    how = Training(unit.net, unit.activation, "lbfgs", budget=hp.Budget(EACH))
    path = penalty_path(sample, how, alphas=ALPHAS, cv=3, rng=start.split)
    target = made(path.best)
    runs, small = (hp.method("lbfgs").solve_many(one, range(MEMBERS), budget=EACH) for one in (target, first))
    hopped = hp.method("race-hop").solve_many(target, range(2), budget=SEARCH)
    scores = [held(x) for x in runs.x]
    best = int(np.argmin(runs.value))
    row = replace(start, alpha=path.best, runs=MEMBERS, value=float(runs.value.mean()))
    least, spent = float(runs.value.min()), float(runs.cost.sum())
    test = target.test
    line = linear(sample, how, rng=start.split)
    return [
        replace(
            start,
            method=WAYS[0],
            runs=MEMBERS,
            value=float(small.value.mean()),
            score=float(np.mean([held(x) for x in small.x])),
            cost=float(small.cost.mean()),
        ),
        replace(row, method=WAYS[1], score=float(np.mean(scores)), cost=float(runs.cost.mean())),
        replace(row, method=WAYS[2], value=least, score=float(scores[best]), cost=spent),
        replace(row, method=WAYS[3], score=_mean(target, runs.x), cost=spent),
        replace(
            row,
            method=WAYS[4],
            runs=len(hopped),
            value=float(hopped.value.mean()),
            score=float(np.mean([held(x) for x in hopped.x])),
            cost=float(hopped.cost.mean()),
        ),
        replace(
            start, method=WAYS[5], alpha=line.alpha, score=_scored(line.outputs(test.X), test), cost=float(line.cost)
        ),
    ]


def _mean(target: hp.Problem, weights: NDArray[np.float64]) -> float:
    """Return the score of the mean of the nets' predictions on the held-out rows."""
    test = target.test
    outputs = [target.data.model.forward(np.ascontiguousarray(x), test.X) for x in weights]
    return _told(mean(outputs, test.loss), test)


def _scored(outputs: NDArray[np.float64], test: Any) -> float:
    return _told(mean([outputs], test.loss), test)


def _told(predicted: NDArray[np.float64], test: Any) -> float:
    """Return R2 or the share of right classes of predictions."""
    if test.loss.name == "squared":
        return r2(test.y, predicted)
    classes = test.y.argmax(axis=1) if test.y.shape[1] > 1 else test.y[:, 0].astype(int)
    return accuracy(classes, predicted)
