"""From a table to a model of it: the penalty by cross-validation, one net or several, baselines beside them."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from math import inf, nan
from typing import Any

import numpy as np

from homotopy.arguments import integer, positive, positive_or_none, shown
from homotopy.doors import door, doors
from homotopy.errors import ArgumentError, DataError
from homotopy.fits.ensembles import Ensemble, ensemble
from homotopy.fits.penalties import PenaltyPath, penalty_path
from homotopy.fits.sample import Sample
from homotopy.fits.table.judging import Row, verdict
from homotopy.fits.table.model import Model
from homotopy.fits.table.noting import about, described, others
from homotopy.fits.table.parts import CONSTANT, Rows, counted, factors_of, rows_of, sample_of
from homotopy.fits.table.rivals import Said, best_of, constant_name, constant_said, linear_name, linear_said, n_folds
from homotopy.fits.training import Fit, Training, train
from homotopy.methods import method as method_of
from homotopy.methods.base import Method
from homotopy.problems import Problem
from homotopy.problems.table import TableData, from_table, widths
from homotopy.status import Budget

__all__ = ["Fitted", "fit_table"]

Told = Callable[[str], object] | None
LINEAR_SHARE, PATH_SHARE = 0.1, 0.5
"""The shares of the seconds, and of those left then, that the linear model and the choice of a penalty may take."""


@doors
@dataclass(frozen=True, eq=False)
class Fitted:
    """A fitted model and how it came about.

    Attributes
    ----------
    model : Model
        What predicts.
    rows : tuple of Row
        The best constant, a linear model with its penalty by cross-validation (unless the model is linear itself), and
        the model: their scores on the rows learned from and on those held out.
    path : PenaltyPath or None
        The held-out losses by which the penalty was chosen.
    nets : Ensemble
        The nets, trained on standardized data with a constant column.
    cost, seconds : float
        Gradients of all rows and wall-clock time of the whole fit, baselines included, reading the table not.
    verdict : str
        A sentence about what the held-out rows say.
    """

    model: Model
    rows: tuple[Row, ...]
    path: PenaltyPath | None
    nets: Ensemble
    cost: float
    seconds: float
    verdict: str

    def to_dict(self) -> dict[str, Any]:
        """Return what is known of the fit as numbers, texts, lists and dictionaries; NaN where there is none."""
        return {"data": self.model.data.describe(), **self.model.about, "verdict": self.verdict}


@door
def fit_table(
    X: Any,
    y: Any = None,
    *,
    hidden: Any = 32,
    activation: str = "relu",
    method: str | Method = "auto",
    alpha: float | str = "cv",
    ensemble: int = 1,
    budget: float = 1000.0,
    seconds: float | None = None,
    class_weight: str | Mapping[Any, float] | None = None,
    test: float = 0.25,
    seed: int = 0,
    told: Told = None,
    **table: Any,
) -> Fitted:
    """Fit nets to a table and judge them on rows held out.

    Parameters
    ----------
    X, y
        The table and its target, as for `homotopy.from_table`: ``fit_table("houses.csv", "price")``.
    hidden : int, str or sequence of int
        Units of each hidden layer: 8, (8, 8) or ``"8+8"``; 0 for a linear model.
    activation : str
        Of the hidden units.
    method : str or Method
        How each net is trained (``homotopy list methods``).
    alpha : float or "cv"
        Weight of the penalty alpha/2 |theta|^2 beside the mean loss, in standardized units; "cv" chooses it by
        five-fold cross-validation among the rows learned from.
    ensemble : int
        Nets whose predictions are averaged.
    budget : float
        Gradients of all rows that one net may cost.
    seconds : float or None
        Wall-clock time that the fit may take, once the table is read.
    class_weight : str, mapping or None
        ``balanced``, or numbers by classes.
    test : float
        The share of rows held out, which the model never sees; 0 learns from all.
    seed : int
        Draws the rows held out, the folds and the starts.
    told : callable or None
        Called with a few words when a stage begins.
    **table
        ``loss``, ``standardize``, ``missing``, ``categories``, ``ignore``, ``weights``, ``delimiter``, ``decimal`` of
        `homotopy.from_table`.

    Returns
    -------
    Fitted
        ``fitted.model`` predicts (`Model.predict`) and is saved (`Model.save`).

    Raises
    ------
    ArgumentError
        If an argument is not allowed, or the method cannot train this net.
    DataError
        If the table cannot be used: the sentence names column, row and what would help.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> size, city = rng.uniform(30, 300, 80), rng.choice(["Rome", "Oslo"], 80)
    >>> price = 2000 * size + 1e5 * (city == "Oslo")
    >>> houses = fit_table({"size": size, "city": city}, price, hidden=4, budget=200)
    >>> bool(houses.rows[-1].test > 0.99), houses.model.predict({"size": [100.0], "city": ["Oslo"]}).round(-4)
    (True, array([300000.]))
    """
    say = told or (lambda words: None)
    limit = positive_or_none("seconds", seconds)
    how = Training(widths(hidden), activation, method, Budget(budget, inf if limit is None else limit))
    members, chosen = integer("ensemble", ensemble), _alpha(alpha)
    trainer = method_of(method) if isinstance(method, str) else method
    problem = from_table(X, y, hidden=hidden, activation=activation, l2=0.0, test=test, seed=seed, **table)
    begun = time.perf_counter()
    data, rows = problem.data, rows_of(problem)
    factors = factors_of(class_weight, data, rows["train"])
    sample = sample_of(counted(rows["train"], factors), data).merged().biased(CONSTANT)
    _accepted(trainer, how, sample)
    clock, rngs = _Clock(begun, how), np.random.default_rng(seed).spawn(3)
    said, alphas, cost = _rivals(sample, clock.share(LINEAR_SHARE), rows, data, rng=rngs[0], say=say)
    path = None
    if chosen is None:
        say(f"penalty by {n_folds(sample)}-fold cross-validation")
        path = penalty_path(sample, clock.share(PATH_SHARE), cv=n_folds(sample), rng=rngs[1])
        chosen, cost = best_of(path, data), cost + path.cost
    nets = _trained(sample, clock.share(1.0), members, alpha=chosen, rng=rngs[2], say=say)
    cost += sum(fit.cost for fit in nets.fits)
    model = Model.of(described(data, class_weight), nets, CONSTANT, others=others(table))
    said[_name(how, nets, data)] = {part: model.outputs(here.X) for part, here in rows.items()}
    lines = tuple(
        Row.of(name, data.target, one, rows, penalty)
        for (name, one), penalty in zip(said.items(), [*alphas, chosen], strict=True)
    )
    held = counted(rows["test"], factors) if "test" in rows else None
    words = verdict(data.target, {name: one.get("test", one["train"]) for name, one in said.items()}, held)
    took = time.perf_counter() - begun
    noted = about(how, nets, path, lines, rows) | {"seed": seed, "cost": cost, "seconds": took}
    return Fitted(replace(model, about=noted), lines, path, nets, cost, took, words)


class _Clock:
    """The seconds that are left of a fit."""

    def __init__(self, begun: float, how: Training) -> None:
        self.begun, self.how = begun, how

    def share(self, part: float) -> Training:
        """Return how to train in a part of the seconds left."""
        left = self.how.budget.seconds - (time.perf_counter() - self.begun)
        return self.how.within(part * left)


def _alpha(alpha: Any) -> float | None:
    """Return the penalty that is given; None where it is to be chosen."""
    if isinstance(alpha, str):
        if alpha != "cv":
            raise ArgumentError(f"alpha must be 0, a positive number or 'cv', not {shown(alpha)}")
        return None
    return positive("alpha", alpha, or_zero=True)


def _rivals(
    sample: Sample,
    how: Training,
    rows: Mapping[str, Rows],
    data: TableData,
    *,
    rng: np.random.Generator,
    say: Callable[[str], object],
) -> tuple[dict[str, Said], list[float], float]:
    """Return what the baselines say of all rows, their penalties, and what they cost in gradients of the net."""
    said = {constant_name(data): constant_said(sample_of(rows["train"], data), rows)}
    if not how.hidden:
        return said, [nan], 0.0
    name = linear_name(data)
    say(name)
    said[name], alpha, spent = linear_said(sample, how, rows, data, rng)
    flops, own = (sample.risk(sample.net(hidden, how.activation)).flops for hidden in (how.hidden, ()))
    return said, [nan, alpha], spent * own / flops


def _name(how: Training, nets: Ensemble, data: TableData) -> str:
    """Return what the model is called."""
    if not how.hidden:
        return linear_name(data)
    return f"mean of {len(nets.fits)} nets" if len(nets.fits) > 1 else "net"


def _accepted(chosen: Method, how: Training, sample: Sample) -> None:
    """Refuse what cannot be trained, before anything is done."""
    if len(sample) < 2:
        raise DataError("all rows that are learned from are equal; at least two different ones are needed")
    net = sample.net(how.hidden, how.activation)
    reason = chosen.accepts(Problem("fit", sample.risk(net, 0.01), sample.starts(net)))
    if reason is not None:
        raise ArgumentError(f"the method {chosen.name!r} cannot train this net: {reason}")


def _trained(
    sample: Sample, how: Training, members: int, *, alpha: float, rng: np.random.Generator, say: Callable[[str], object]
) -> Ensemble:
    """Return the nets, each told of as it begins."""
    done: list[int] = []

    def one(*given: Any, **more: Any) -> Fit:
        done.append(len(done) + 1)
        say(f"net {done[-1]} of {members}" if members > 1 else "net")
        return train(*given, **more)

    return ensemble(sample, how, members, alpha=alpha, rng=rng, one=one)
