"""Random data sets for fits."""

import numpy as np

from homotopy.fits import Sample, Scaling


def numbers(seed, n=80, d=4, k=1, noise=0.1):
    """Standardized inputs and targets, a smooth function with noise."""
    rng = np.random.default_rng([seed, 1])
    X = rng.standard_normal((n, d))
    y = np.tanh(X @ rng.standard_normal((d, k))) + 0.3 * (X[:, :1] * X[:, 1:2]) + noise * rng.standard_normal((n, k))
    return Sample.of(Scaling.of(X).apply(X), Scaling.of(y).apply(y), "squared")


def classes(seed, n=90, d=3, k=3):
    """Classes that overlap."""
    rng = np.random.default_rng([seed, 2])
    y = rng.integers(0, k, n)
    X = rng.standard_normal((n, d)) + 1.5 * rng.standard_normal((k, d))[y]
    return Sample.of(Scaling.of(X).apply(X), y, "softmax", n_outputs=k)
