"""Modules of torch with their losses, and what torch itself makes of them."""

import itertools
import pickle

import numpy as np
import torch
from torch import nn

import homotopy as hp


def table(n_classes=0, d=3, k=1, n=20, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n, d))
    return X, rng.integers(n_classes, size=n) if n_classes else rng.standard_normal((n, k))


def by_torch(net, loss, X, y, x, l2=0.0):
    """Return value and gradient as torch itself has them, in double."""
    twin = pickle.loads(pickle.dumps(net)).double()
    twin.load_state_dict(hp.to_torch(x, twin))
    theta = [one for one in twin.parameters() if one.requires_grad]
    value = loss(twin(torch.tensor(X)), torch.tensor(y)) + 0.5 * l2 * sum(one.square().sum() for one in theta)
    grads = torch.autograd.grad(value, theta)
    return float(value.detach()), torch.cat([one.reshape(-1) for one in grads]).numpy()


def perceptron(make, sizes, *, bias=True, last=None, seed=0):
    layers = []
    for n_in, n_out in itertools.pairwise(sizes):
        layers += [nn.Linear(n_in, n_out, bias=bias), make()]
    layers[-1:] = [] if last is None else [last()]
    net = nn.Sequential(*layers)
    rng = np.random.default_rng(seed)
    with torch.no_grad():
        for one in net.parameters():
            one.copy_(torch.tensor(rng.standard_normal(tuple(one.shape)) * 0.7))
    return net


def same(ours, theirs, factor=1.0):
    np.testing.assert_allclose(factor * ours[0], theirs[0], rtol=1e-10)
    np.testing.assert_allclose(factor * ours[1], theirs[1], rtol=1e-10, atol=1e-10 * np.abs(theirs[1]).max())
