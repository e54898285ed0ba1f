"""What samples count: weights of samples, losses with weights, weights of classes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from homotopy.arguments import numbers, shown
from homotopy.doors import door
from homotopy.errors import ArgumentError
from homotopy.models.losses import Loss
from homotopy.models.prepared import frozen

__all__ = ["class_weights", "of_mean_one", "sample_weights", "weighted", "weights_of"]

Array = NDArray[Any]
Weights = NDArray[np.float64]


def sample_weights(weights: ArrayLike, n_samples: int, *, name: str = "weights") -> Weights:
    """Return weights as float64 of shape (n,), read-only, divided by their mean.

    Parameters
    ----------
    weights : array_like of shape (n,)
        Finite numbers, 0 or more, not all 0; their unit does not matter.
    n_samples : int
        The number n of samples.
    name : str
        What messages call them.

    Raises
    ------
    ArgumentError
        If they are others.

    Examples
    --------
    >>> sample_weights([1, 0, 3, 4], 4)
    array([0.5, 0. , 1.5, 2. ])
    """
    given = numbers(name, weights).astype(np.float64)
    if given.shape != (n_samples,):
        raise ArgumentError(f"{name} has shape {given.shape}; one number for each of {n_samples} samples is needed")
    bad = ~(np.isfinite(given) & (given >= 0))
    if bad.any():
        raise ArgumentError(
            f"{name} has {given[bad][0]:g} for sample {np.argmax(bad)}; 0 or a positive number is needed"
        )
    if not given.any():
        raise ArgumentError(f"{name} are all 0; one sample at least must count")
    return frozen(of_mean_one(given))


def of_mean_one(weights: Weights) -> Weights:
    """Return weights over their mean."""
    share = weights / weights.max()  # so that no sum overflows
    return np.asarray(share / share.mean())


def weighted(loss: Loss, weights: ArrayLike | None) -> Loss:
    r"""Return a loss whose mean over samples counts each one by its weight; the loss itself without weights.

    Weights that a loss has already give way to the new ones.

    Parameters
    ----------
    loss : Loss
        From `homotopy.models.losses.loss`.
    weights : array_like of shape (n,) or None
        As `sample_weights` takes them.

    Raises
    ------
    ArgumentError
        If the weights are not allowed.

    Notes
    -----
    The mean is :math:`\sum_i w_i \ell_i / \sum_i w_i`, of n samples.

    Examples
    --------
    >>> from homotopy.models.losses import loss
    >>> Z, y = np.array([[1.0], [2.0]]), np.zeros((2, 1))
    >>> weighted(loss("squared"), [3, 1]).value(Z, y), loss("squared").value(Z[[0, 0, 0, 1]], y[[0, 0, 0, 1]])
    (0.875, 0.875)
    """
    if weights is None:
        return loss
    plain = loss.plain if isinstance(loss, _Weighted) else loss
    return _Weighted(plain, sample_weights(weights, len(np.atleast_1d(np.asarray(weights)))))


def weights_of(loss: Any, n_samples: int) -> Weights:
    """Return what each sample counts in the mean of a loss, shape (n,): 1 where it has no weights.

    Examples
    --------
    >>> from homotopy.models.losses import loss
    >>> weights_of(loss("squared"), 2), weights_of(weighted(loss("squared"), [3, 1]), 2)
    (array([1., 1.]), array([1.5, 0.5]))
    """
    weights = getattr(loss, "weights", None)
    return np.ones(n_samples) if weights is None else np.asarray(weights, dtype=np.float64)


class _Weighted(Loss):
    """A loss of n samples with weights of mean one."""

    def __init__(self, loss: Loss, weights: Weights) -> None:
        self.plain, self.weights = loss, weights
        self.name, self.code, self.quadratic, self.curvature = loss.name, loss.code, loss.quadratic, loss.curvature
        self.classes = loss.classes

    def targets(self, y: ArrayLike, n_outputs: int, dtype: Any = np.float64, *, name: str = "y") -> Array:
        """Return y as the plain loss prepares it."""
        return self.plain.targets(y, n_outputs, dtype, name=name)

    def counted(self, table: Array) -> Array:
        """Return the rows of a table times the weights of their samples."""
        weights: Any = self.weights
        if len(table) != len(weights):
            raise ArgumentError(f"the loss has weights of {len(weights)} samples, not of {len(table)}")
        return np.asarray(weights[:, None] * table)

    def value(self, Z: Array, y: Array) -> float:
        """Return the mean loss."""
        return float(np.sum(self.counted(self.each(Z, y)[:, None])) / len(Z))

    def each(self, Z: Array, y: Array) -> Array:
        """Return the loss of each sample, whatever it counts."""
        return self.plain.each(Z, y)

    def grad(self, Z: Array, y: Array) -> Array:
        """Return the gradient of the mean loss."""
        return self.counted(self.plain.grad(Z, y))

    def hessp(self, Z: Array, y: Array, U: Array) -> Array:
        """Return the Hessian of the mean loss times U."""
        return self.counted(self.plain.hessp(Z, y, U))

    def link(self, mean: Array) -> Array:
        """Return the outputs at which the loss of this mean target is least."""
        return self.plain.link(mean)

    def constant(self, y: Array) -> Array:
        """Return the outputs of the best constant."""
        return self.link(np.asarray(np.average(y, axis=0, weights=self.weights)))

    def regression_targets(self, y: Array) -> Array:
        """Return what outputs are fitted to by least squares."""
        return self.plain.regression_targets(y)

    def feasible(self, y: Array) -> Array:
        """Return the targets that numbers are brought back to."""
        return self.plain.feasible(y)

    def gauge(self, Z: Array) -> Array:
        """Return outputs without what the loss does not see of them."""
        return self.plain.gauge(Z)


@door
def class_weights(y: ArrayLike, weights: str | Mapping[Any, float] = "balanced") -> Weights:
    """Return a weight for each sample from the weights of classes, shape (n,), float64.

    Parameters
    ----------
    y : array_like of shape (n,)
        The class of each sample: numbers, texts or truth values.
    weights : str or dict
        ``"balanced"``: n / (k count) for each of k classes, so that all classes count equally; or a weight for each
        class, 0 or more, 1 for classes that are not in it.

    Raises
    ------
    ArgumentError
        If y is no list of classes, a weight is negative or no number, or `weights` names a class that is not there
        while others are not named.

    Notes
    -----
    These are the weights that scikit-learn gives to ``class_weight``.

    Examples
    --------
    >>> class_weights(["no", "no", "no", "yes"])
    array([0.66666667, 0.66666667, 0.66666667, 2.        ])
    >>> class_weights([0, 1, 2], {1: 5})
    array([1., 5., 1.])
    """
    labels = np.asarray(y)
    if labels.ndim != 1 or not len(labels):
        raise ArgumentError(f"y has shape {labels.shape}; class weights need one class for each sample")
    if labels.dtype.kind == "f" and not np.isfinite(labels).all():
        raise ArgumentError("y has classes that are not finite; every sample needs a class")
    try:
        classes, place, counts = np.unique(labels, return_inverse=True, return_counts=True)
    except TypeError:
        raise ArgumentError(
            "y has classes of kinds that cannot be sorted; they must be all numbers or all texts"
        ) from None
    if isinstance(weights, Mapping):
        return np.asarray(_chosen(classes, weights)[place.ravel()])
    if not isinstance(weights, str) or weights != "balanced":
        raise ArgumentError(
            f"weights is {shown(weights)}; it must be 'balanced' or a dict of classes and their weights"
        )
    return np.asarray((len(labels) / (len(classes) * counts))[place.ravel()])


def _chosen(classes: Array, weights: Mapping[Any, float]) -> Weights:
    """Return the weight of each class."""
    names = classes.tolist()
    strange = [name for name in weights if name not in names]
    if strange and any(name not in weights for name in names):
        known = ", ".join(repr(name) for name in names[:10]) + (", ..." if len(names) > 10 else "")
        raise ArgumentError(f"weights names the class {shown(strange[0])}, which y does not have; it has {known}")
    for name, weight in weights.items():
        real = isinstance(weight, (int, float, np.integer, np.floating)) and not isinstance(weight, bool)
        if not real or not 0 <= weight < np.inf:
            raise ArgumentError(
                f"weights has {shown(weight)} for the class {shown(name)}; 0 or a positive number is needed"
            )
    return np.array([float(weights.get(name, 1.0)) for name in names])
