"""Classification."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import ClassifierMixin
from sklearn.utils.class_weight import compute_sample_weight
from sklearn.utils.multiclass import check_classification_targets, type_of_target
from sklearn.utils.validation import _check_sample_weight, column_or_1d

from homotopy.doors import doors
from homotopy.errors import DataError
from homotopy.estimators.base import HomotopyNet
from homotopy.estimators.compat import validate_data, with_callbacks
from homotopy.estimators.keeping import kept_on_error
from homotopy.fits import Sample

__all__ = ["HomotopyClassifier"]


@doors
class HomotopyClassifier(ClassifierMixin, HomotopyNet):
    """A net for classes, trained by the methods of this package on the cross-entropy.

    Two classes have one logistic output, more a softmax, several labels a row (an indicator matrix) a logistic output
    each.

    Parameters
    ----------
    hidden_layer_sizes, activation, method, alpha, n_starts, ensemble, budget, max_seconds, tol, random_state
        As in `HomotopyRegressor`.
    warm_start, verbose, early_stopping, validation_fraction, n_iter_no_change, standardize, intercept_scaling, cv
        As there; only inputs are standardized.
    class_weight : dict, "balanced" or None
        How much a class counts; "balanced" lets all classes count alike.

    Attributes
    ----------
    classes_ : ndarray of shape (k,)
        The classes.

    Raises
    ------
    ArgumentError
        From `fit`: if a parameter is not allowed, or the method cannot train this net.

    Notes
    -----
    The other attributes are those of `HomotopyRegressor`. An ensemble averages probabilities.

    Examples
    --------
    >>> X = np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]])
    >>> net = HomotopyClassifier((4,), "tanh", alpha=1e-4, budget=300, random_state=0)
    >>> net.fit(X, ["no", "yes", "yes", "no"]).predict([[0, 1], [1, 1]])
    array(['yes', 'no'], dtype='<U3')
    """

    def __init__(
        self,
        hidden_layer_sizes: Any = (32,),
        activation: str = "relu",
        *,
        method: Any = "auto",
        alpha: Any = 0.003,
        n_starts: int = 1,
        ensemble: int = 1,
        budget: Any = 1000.0,
        max_seconds: float | None = None,
        tol: float = 1e-5,
        random_state: Any = None,
        warm_start: bool = False,
        verbose: Any = False,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        n_iter_no_change: int = 100,
        standardize: bool = True,
        intercept_scaling: float = 3.0,
        cv: int = 5,
        class_weight: Any = None,
    ) -> None:
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
        self.method = method
        self.alpha = alpha
        self.n_starts = n_starts
        self.ensemble = ensemble
        self.budget = budget
        self.max_seconds = max_seconds
        self.tol = tol
        self.random_state = random_state
        self.warm_start = warm_start
        self.verbose = verbose
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.n_iter_no_change = n_iter_no_change
        self.standardize = standardize
        self.intercept_scaling = intercept_scaling
        self.cv = cv
        self.class_weight = class_weight

    @kept_on_error
    @with_callbacks
    def fit(self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None) -> Self:
        """Train the nets.

        Parameters
        ----------
        X : array_like of shape (n, d)
            Inputs; sparse ones are refused.
        y : array_like of shape (n,) or (n, k)
            Classes, or a 0-1 matrix of k labels.
        sample_weight : array_like of shape (n,) or None
            How much each row counts; a row of weight 2 counts as two rows.

        Returns
        -------
        HomotopyClassifier
            The estimator itself.

        Raises
        ------
        ArgumentError
            If a parameter is not allowed, or the method cannot train this net.
        DataError
            If there is only one class, or there are several columns of classes.
        ValueError
            From scikit-learn, if the data are no table of finite numbers with a class a row.
        """
        given = {"X": X, "y": y, "metadata": None if sample_weight is None else {"sample_weight": sample_weight}}
        table, labels = validate_data(self, X, y, dtype=np.float64, multi_output=True)
        if labels.ndim == 2 and labels.shape[1] == 1:
            labels = column_or_1d(labels, warn=True)
        weights = None if sample_weight is None else _check_sample_weight(sample_weight, table, dtype=np.float64)
        targets, loss = self._coded(labels)
        if self.class_weight is not None:
            share = compute_sample_weight(self.class_weight, labels)
            weights = share if weights is None else weights * share
        sample = Sample.of(table, targets, loss, n_outputs=self._n_outputs(loss), weights=weights)
        if not self._multilabel and len(np.unique(sample.y, axis=0)) < 2:
            raise DataError("y has one class only among the rows that count; a classifier needs two classes at least")
        return self._train(sample, given)  # type: ignore[no-any-return]

    def _coded(self, labels: NDArray[Any]) -> tuple[NDArray[Any], str]:
        """Return targets as the loss takes them, and its name; the classes are kept."""
        check_classification_targets(labels)
        kind = type_of_target(labels)
        self._multilabel = kind == "multilabel-indicator"
        if self._multilabel:
            self.classes_ = np.arange(labels.shape[1])
            return labels.astype(np.float64), "logistic"
        if labels.ndim == 2:
            raise DataError(
                "y has several columns of classes; fit one classifier a column, or give a 0-1 matrix of labels"
            )
        self.classes_, which = np.unique(labels, return_inverse=True)
        return which.reshape(-1), "softmax" if len(self.classes_) > 2 else "logistic"

    def _n_outputs(self, loss: str) -> int:
        """Return how many outputs the net has."""
        return len(self.classes_) if self._multilabel or loss == "softmax" else 1

    def predict_proba(self, X: ArrayLike) -> NDArray[np.float64]:
        """Return the probabilities of the classes, or of the labels, shape (n, k)."""
        said = self._predicted(X)
        return np.hstack([1.0 - said, said]) if said.shape[1] == 1 and not self._multilabel else said

    def predict_log_proba(self, X: ArrayLike) -> NDArray[np.float64]:
        """Return the logarithms of `predict_proba`, shape (n, k)."""
        with np.errstate(divide="ignore"):
            return np.asarray(np.log(self.predict_proba(X)))

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """Return the likeliest classes, shape (n,), or a 0-1 matrix of labels."""
        shares = self.predict_proba(X)
        if self._multilabel:
            return np.asarray((shares > 0.5).astype(int))
        return np.asarray(self.classes_[shares.argmax(axis=1)])

    def __sklearn_tags__(self) -> Any:
        """Return what scikit-learn asks of an estimator."""
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags

    def _more_tags(self) -> dict[str, Any]:
        return {"multilabel": True}
