"""Objectives made of nets of torch and JAX that this package has no kernels for, and what runs on them."""

import equinox as eqx
import jax
import numpy as np
import torch

import homotopy as hp


def data(seed=0, n=12, d=1):
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n, d))
    return X, np.sin(2 * X[:, 0]) - X[:, -1] / 2


def seeded(make, seed=0):
    """Return what a function makes with torch's own draws, the generator left as it was."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return make()


def fourth(Z, y):
    """Return a loss of nobody's."""
    return ((Z.reshape(-1) - y) ** 4).mean()


def silu():
    return seeded(lambda: torch.nn.Sequential(torch.nn.Linear(1, 2), torch.nn.SiLU(), torch.nn.Linear(2, 1)))


def equinox():
    return eqx.nn.MLP(1, 1, 2, 1, activation=jax.nn.silu, key=jax.random.key(0))


MADE = {
    "torch": lambda: hp.objective_from_torch(silu(), torch.nn.MSELoss(), *data(), l2=0.01),
    "torch-own-loss": lambda: hp.objective_from_torch(silu(), fourth, *data(), l2=0.01),
    "jax": lambda: hp.objective_from_jax(equinox(), loss="squared", X=data()[0], y=data()[1], l2=0.01),
    "jax-function": lambda: hp.objective_from_jax(lambda x: ((x[1:] - x[:-1] ** 2) ** 2).sum() + (x[0] - 1) ** 2, n=4),
}
