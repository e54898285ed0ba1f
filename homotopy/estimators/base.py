"""What both estimators share: from checked data to trained nets."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from math import inf
from numbers import Integral, Number
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.model_selection import check_cv
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from homotopy.arguments import integer, one_of, positive, positive_or_none, shown
from homotopy.errors import ArgumentError
from homotopy.estimators.compat import CallbackSupportMixin, validate_data
from homotopy.estimators.layers import layers_of
from homotopy.estimators.progress import Progress
from homotopy.fits import Ensemble, Fit, Sample, Scaling, Training, ensemble, penalty_path, train, train_watched
from homotopy.fits.sample import with_constant
from homotopy.fits.splits import held_back
from homotopy.models import MLP
from homotopy.status import Budget

__all__ = ["HomotopyNet"]

Array = NDArray[np.float64]
PATH_SHARE = 0.5
"""The share of the seconds that the choice of a penalty may take."""


class HomotopyNet(CallbackSupportMixin, BaseEstimator):
    """A net trained by a method of this package; the parameters are those of `HomotopyRegressor`."""

    # Parameters are set by the subclasses, whose signatures scikit-learn reads.
    hidden_layer_sizes: Any
    activation: Any
    method: Any
    alpha: Any
    n_starts: Any
    ensemble: Any
    budget: Any
    max_seconds: Any
    tol: Any
    random_state: Any
    warm_start: Any
    verbose: Any
    early_stopping: Any
    validation_fraction: Any
    n_iter_no_change: Any
    standardize: Any
    intercept_scaling: Any
    cv: Any

    def __sklearn_is_fitted__(self) -> bool:
        """Return whether a fit has ended."""
        return hasattr(self, "fits_")

    def _how(self) -> Training:
        """Return how a net is trained."""
        for name in ("warm_start", "early_stopping", "standardize"):  # "no" would be true
            one_of(name, getattr(self, name), (bool, np.bool_), "True or False")
        budget = Budget.of(self.budget)
        seconds = positive_or_none("max_seconds", self.max_seconds)
        budget = replace(budget, seconds=min(budget.seconds, inf if seconds is None else seconds))
        return Training(_units(self.hidden_layer_sizes), self.activation, self.method, budget, self.n_starts, self.tol)

    def _train(self, sample: Sample, data: dict[str, Any]) -> Any:
        """Fit nets to a sample in the units of the data, and set every attribute that a fit has."""
        how, begun = self._how(), time.perf_counter()
        rng = np.random.default_rng(check_random_state(self.random_state).randint(2**31))
        split, dealt, drawn = rng.spawn(3)
        searching = _searching(self.alpha)
        progress = Progress(self, data, integer("ensemble", self.ensemble) + searching, how.budget.gradients)
        scaled, held = self._scaled(sample.merged()), None
        alpha, spent = self.alpha, 0.0
        self.__dict__.pop("cv_results_", None)  # of a fit before this one
        if searching:
            alpha, spent = self._search(scaled, sample, how, dealt, progress)
        if self.early_stopping:
            scaled, held = held_back(scaled, self.validation_fraction, split)
        left = how.within(how.budget.seconds - (time.perf_counter() - begun))
        starts = self._starts(scaled.net(how.hidden, how.activation))
        self.validation_losses_: list[list[float]] = []
        one = partial(self._one, progress=progress, held=held, starts=starts)
        made = ensemble(scaled, left, self.ensemble, alpha=alpha, rng=drawn, one=one)
        self._keep(made, alpha, spent)
        progress.end()
        return self

    def _scaled(self, sample: Sample) -> Sample:
        """Return the sample in the units in which it is fitted, and keep what leads there."""
        numbers = sample.loss.quadratic
        if self.standardize:
            self._inputs = Scaling.of(sample.X, sample.weights)
            self._outputs = Scaling.of(sample.y, sample.weights) if numbers else Scaling.none(sample.y.shape[1])
        else:
            self._inputs, self._outputs = Scaling.none(sample.X.shape[1]), Scaling.none(sample.y.shape[1])
        self._loss = sample.loss
        self._constant = positive("intercept_scaling", self.intercept_scaling, or_zero=True)
        return self._rescaled(sample)

    def _rescaled(self, sample: Sample) -> Sample:
        """Return a sample in the units of the fit."""
        y = self._outputs.apply(sample.y) if sample.loss.quadratic else None
        return sample.scaled(self._inputs.apply(sample.X), y).biased(self._constant)

    def _search(
        self, sample: Sample, given: Sample, how: Training, rng: np.random.Generator, progress: Progress
    ) -> tuple[float, float]:
        """Return the penalty that cross-validation chooses, and what that cost; a user's splits number `given` rows."""
        cv = self.cv
        if not isinstance(cv, (Number, str)):
            data = progress.data
            sample, cv = self._rescaled(given), list(check_cv(cv).split(data["X"], data["y"]))
        with progress.stage("penalty path"):
            path = penalty_path(sample, how.within(PATH_SHARE * how.budget.seconds), cv=cv, rng=rng)
        losses = {f"split{k}_test_loss": column for k, column in enumerate(path.losses.T)}
        self.cv_results_ = {
            "alpha": path.alphas, "mean_test_loss": path.losses.mean(axis=1), "standard_error": path.errors, **losses
        }  # fmt: skip
        progress.say(f"alpha {path.best:g} by {path.losses.shape[1]}-fold cross-validation, {path.cost:.0f} gradients")
        return path.best, path.cost

    def _starts(self, net: MLP) -> list[Array]:
        """Return the weights to go on from, where ``warm_start`` asks for it and the net is the same."""
        if not (self.warm_start and hasattr(self, "fits_")):
            return []
        return [fit.theta for fit in self.fits_ if fit.net == net]

    def _one(
        self, sample: Sample, how: Training, *, alpha: float, rng: Any, progress: Progress, held: Any, starts: Any
    ) -> Fit:
        """Return one net of the ensemble; `held` is what is held back of the data, or None."""
        number = len(self.validation_losses_)
        if number and progress.stopped:
            raise StopIteration
        net = sample.net(how.hidden, how.activation)
        unfinished = partial(_unfinished, sample, net, alpha)
        with progress.stage(f"net {number + 1}", unfinished, net.size) as callback:
            given: dict[str, Any] = {"alpha": alpha, "rng": rng, "callback": callback}
            given["start"] = starts[number] if number < len(starts) else None
            losses: list[float] = []
            if held is None:
                fit = train(sample, how, **given)
            else:
                fit, losses = train_watched(sample, held, how, patience=self.n_iter_no_change, **given)
        self.validation_losses_.append(losses)
        cost = f"{fit.cost:.0f} gradients, {fit.seconds:.2f} s"
        progress.say(f"net {number + 1}: objective {fit.value:.6g}, {cost}, {fit.status.value}")
        return fit

    def _keep(self, made: Ensemble, alpha: float, spent: float) -> None:
        """Set the attributes of a fit that has ended."""
        best = made.best
        self.fits_, self.alpha_ = list(made.fits), float(alpha)
        self.loss_, self.gap_ = best.value, best.gap
        self.path_, self.loss_curve_ = best.curve, best.curve[:, 1].tolist()
        self.n_iter_ = max(1, int(best.cost))
        self.status_ = best.status.name
        self.cost_ = spent + sum(fit.cost for fit in made.fits)
        self.coefs_, self.intercepts_ = layers_of(best, self._inputs, self._outputs, self._constant)
        self.n_layers_, self.n_outputs_ = len(best.net.sizes), best.net.sizes[-1]
        self.out_activation_ = {"squared": "identity"}.get(self._loss.name, self._loss.name)

    def _predicted(self, X: Any) -> Array:
        """Return the mean of what the nets say of new data, shape (n, k), in the units of the targets."""
        check_is_fitted(self)
        table = validate_data(self, X, reset=False, dtype=np.float64)
        said = Ensemble(tuple(self.fits_), self._loss).predict(with_constant(self._inputs.apply(table), self._constant))
        return self._outputs.undo(said)


def _unfinished(sample: Sample, net: MLP, alpha: float, theta: Array) -> dict[str, Any]:
    """Return the attributes with which an estimator predicts as if the fit had ended at these weights."""
    risk = sample.risk(net, alpha)
    fit = Fit(net, theta, float(risk.value(theta)), alpha, 0.0, 0.0, None, np.empty((0, 2)), np.nan)  # type: ignore[arg-type]
    return {"fits_": [fit]}


def _units(sizes: Any) -> tuple[int, ...]:
    """Return hidden layers as a tuple: one number is one layer."""
    if isinstance(sizes, Integral) and not isinstance(sizes, bool):
        return (int(sizes),)
    if isinstance(sizes, str) or not isinstance(sizes, Iterable):
        raise ArgumentError(
            f"hidden_layer_sizes must be a tuple of numbers of units, or one number, not {shown(sizes)}"
        )
    return tuple(sizes)


def _searching(alpha: Any) -> bool:
    """Return whether the penalty is to be chosen."""
    if isinstance(alpha, str) and alpha != "cv":
        raise ArgumentError(f"alpha must be 0, a positive number or 'cv', not {shown(alpha)}")
    return isinstance(alpha, str)
