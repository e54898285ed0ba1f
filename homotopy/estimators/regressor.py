"""Regression."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import RegressorMixin
from sklearn.utils.validation import _check_sample_weight, column_or_1d

from homotopy.doors import doors
from homotopy.estimators.base import HomotopyNet
from homotopy.estimators.compat import validate_data, with_callbacks
from homotopy.estimators.keeping import kept_on_error
from homotopy.fits import Sample

__all__ = ["HomotopyRegressor"]


@doors
class HomotopyRegressor(RegressorMixin, HomotopyNet):
    r"""A net for one or several numbers, trained by the methods of this package on the squared loss.

    Parameters
    ----------
    hidden_layer_sizes : tuple of int, or int
        Units of each hidden layer; () is a linear model.
    activation : str
        Of the hidden units: "relu", "tanh", "logistic", "softplus", "gelu", "erf", "sin", "leaky-relu:slope=0.2",
        "identity".
    method : str or Method
        How each net is trained, by name with parameters: "auto", "lbfgs", "multistart", "width", "skip"
        (``homotopy list methods``).
    alpha : float or "cv"
        Weight of the penalty alpha/2 |theta|^2 beside the *mean* loss, biases included. scikit-learn's MLPs divide by
        the number of rows n: their alpha is n times this one. "cv" chooses it by cross-validation on a warm-started
        path from 0.3 to 0.0001: the lowest mean held-out loss. What is best differs from data to data by a factor of
        ten and more, and matters more than how low the objective is.
    n_starts : int
        Random starts of each net that share its budget; the lowest objective is kept.
    ensemble : int
        Nets whose predictions are averaged, each with its own starts.
    budget : float or Budget
        What one net may cost in gradients of all rows, and "auto" spends; a Budget has seconds too.
    max_seconds : float or None
        What the whole fit may take, half of it for ``alpha="cv"``.
    tol : float
        A descent has converged where the gradient's norm is below it.
    random_state : int, RandomState or None
        Draws the starts and the splits.
    warm_start : bool
        Whether a fit goes on from the weights of the last one, by L-BFGS, where the net is the same.
    verbose : bool or int
        Whether a line a stage is printed.
    early_stopping : bool
        Whether a part of the rows is held back and the best point on it is kept.
    validation_fraction : float
        That part.
    n_iter_no_change : int
        Steps in a row that are no better on it, after which a net is ended.
    standardize : bool
        Whether inputs and targets are brought to mean 0 and standard deviation 1; predictions are in the units given.
    intercept_scaling : float
        A constant input of this size is put beside the others, 0 for none. Its weights are biases that cost less by its
        square: with penalized biases the kinks of relu units do not reach the data where they are needed.
    cv : int, splitter or iterable of (rows, rows)
        Folds of ``alpha="cv"``, as scikit-learn takes them.

    Attributes
    ----------
    coefs_, intercepts_ : list of ndarray
        Weights (n_in, n_out) and biases (n_out,) of the best net's layers, for inputs and targets in their own units.
    loss_ : float
        The best net's objective, penalty included, in standardized units.
    gap_ : float
        So much at most lies the global minimum of the objective below `loss_`: for a linear model by strong convexity,
        for a net by what no function of the inputs can do better, rows with equal inputs.
    path_ : ndarray of shape (m, 2)
        Gradients spent and the lowest objective until then, of the best net.
    loss_curve_ : list of float
        The second column of it.
    n_iter_ : int
        Gradients that the best net cost.
    cost_ : float
        Gradients of the whole fit, the choice of alpha included.
    alpha_ : float
        The penalty's weight.
    cv_results_ : dict of ndarray
        For ``alpha="cv"``: alpha, mean_test_loss, standard_error, split0_test_loss, ...
    fits_ : list of homotopy.fits.Fit
        The nets.
    status_ : str
        How the best net's training ended.
    validation_losses_ : list of list of float
        The loss on the rows held back at each step, net by net.
    n_features_in_, feature_names_in_, n_layers_, n_outputs_, out_activation_
        As scikit-learn has them.

    Raises
    ------
    ArgumentError
        From `fit`: if a parameter is not allowed, or the method cannot train this net.

    Notes
    -----
    The objective is :math:`\frac{1}{n} \sum_i \frac12 |z_i - y_i|^2 + \frac{\alpha}{2} |\theta|^2` with the rows
    weighted by ``sample_weight``, in standardized units, so that the same alpha suits data in any units.

    Examples
    --------
    >>> X = np.linspace(-2, 2, 40)[:, None]
    >>> net = HomotopyRegressor((4,), "tanh", alpha=1e-5, budget=300, random_state=0).fit(X, np.sin(2 * X[:, 0]))
    >>> net.score(X, np.sin(2 * X[:, 0])) > 0.99
    True
    """

    def __init__(
        self,
        hidden_layer_sizes: Any = (32,),
        activation: str = "relu",
        *,
        method: Any = "auto",
        alpha: Any = 0.02,
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

    @kept_on_error
    @with_callbacks
    def fit(self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None) -> Self:
        """Train the nets.

        Parameters
        ----------
        X : array_like of shape (n, d)
            Inputs; sparse ones are refused.
        y : array_like of shape (n,) or (n, k)
            Targets.
        sample_weight : array_like of shape (n,) or None
            How much each row counts; a row of weight 2 counts as two rows.

        Returns
        -------
        HomotopyRegressor
            The estimator itself.

        Raises
        ------
        ArgumentError
            If a parameter is not allowed, or the method cannot train this net.
        DataError
            If the rows are too few for the folds or for a part held back.
        ValueError
            From scikit-learn, if the data are no table of finite numbers with a target a row.
        """
        given = {"X": X, "y": y, "metadata": None if sample_weight is None else {"sample_weight": sample_weight}}
        table, targets = validate_data(self, X, y, dtype=np.float64, multi_output=True, y_numeric=True)
        if targets.ndim == 2 and targets.shape[1] == 1:
            targets = column_or_1d(targets, warn=True)
        if sample_weight is not None:
            sample_weight = _check_sample_weight(sample_weight, table, dtype=np.float64)
        self._flat = targets.ndim == 1
        sample = Sample.of(table, targets, "squared", weights=sample_weight)
        return self._train(sample, given)  # type: ignore[no-any-return]

    def predict(self, X: ArrayLike) -> NDArray[np.float64]:
        """Return the predictions, shape (n,) or (n, k) as the targets were."""
        said = self._predicted(X)
        return said.ravel() if self._flat else said

    def __sklearn_tags__(self) -> Any:
        """Return what scikit-learn asks of an estimator."""
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags

    def _more_tags(self) -> dict[str, Any]:
        return {"multioutput": True}
