"""Random symmetric copies of nets, made layer by layer and without the package's own moves."""

from itertools import permutations, product

import numpy as np

from homotopy.models import MLP

ODD = ("tanh", "erf", "sin")
HOMOGENEOUS = ("relu", "leaky-relu", "leaky-relu:slope=0.3")
PLAIN = ("softplus", "gelu")
ACTIVATIONS = (*ODD, *HOMOGENEOUS, *PLAIN, "logistic", "identity")


def random_net(rng, activation, *, ties=False, layers=None, widest=6):
    """Return a net of 1 to 3 hidden layers and weights, with many equal ones where there are ties."""
    depth = int(rng.integers(1, 4)) if layers is None else layers
    sizes = [int(n) for n in rng.integers(1, widest + 1, depth + 2)]
    model = MLP(sizes, activation, bias=bool(rng.integers(2)))
    x = rng.integers(-1, 2, model.size).astype(float) if ties else rng.standard_normal(model.size)
    return model, x


def orders_and_signs(rng, model):
    """Return a random order and random signs of the units of each hidden layer; signs are 1 where there are none."""
    moves = []
    for h in model.sizes[1:-1]:
        turned = model.activation in ODD or (model.activation == "logistic" and model.bias)
        signs = rng.choice([-1.0, 1.0], h) if turned else np.ones(h)
        moves.append((rng.permutation(h), signs))
    return moves


def copy_of(model, x, moves):
    """Return the copy whose unit j of each layer is the one at order[j], turned where sign[j] is -1."""
    layers = [[w.copy(), None if b is None else b.copy()] for w, b in model.unpack(x)]
    for k, (order, signs) in enumerate(moves):
        w, b = layers[k]
        layers[k] = [signs[:, None] * w[order], None if b is None else signs * b[order]]
        v, c = layers[k + 1]
        if model.activation == "logistic":
            c = None if c is None else c + v[:, order][:, signs < 0].sum(axis=1)
        layers[k + 1] = [v[:, order] * signs, c]
    return model.pack([tuple(layer) for layer in layers])


def mixed(model, x, matrices):
    """Return the copy whose hidden units are mixed by matrices, or scaled where these are diagonal."""
    layers = [[w.copy(), None if b is None else b.copy()] for w, b in model.unpack(x)]
    for k, A in enumerate(matrices):
        w, b = layers[k]
        layers[k] = [A @ w, None if b is None else A @ b]
        layers[k + 1][0] = layers[k + 1][0] @ np.linalg.inv(A)
    return model.pack([tuple(layer) for layer in layers])


def random_copy(rng, model, x):
    """Return a random symmetric copy."""
    image = copy_of(model, x, orders_and_signs(rng, model))
    hidden = model.sizes[1:-1]
    if model.activation in HOMOGENEOUS:
        image = mixed(model, image, [np.diag(np.exp(rng.uniform(-2, 2, h))) for h in hidden])
    if model.activation == "identity":
        image = mixed(model, image, [well(rng, h) for h in hidden])
    return image


def well(rng, h):
    """Return a random matrix of condition 4."""
    left, right = (np.linalg.qr(rng.standard_normal((h, h)))[0] for _ in range(2))
    return left @ np.diag(np.linspace(0.5, 2.0, h)) @ right


def all_moves(model):
    """Yield every order and sign of the units of all layers."""
    turned = model.activation in ODD or model.activation == "identity"
    turned = turned or (model.activation == "logistic" and model.bias)
    layers = [
        [
            (np.array(order), np.array(signs))
            for order in permutations(range(h))
            for signs in (product((1.0, -1.0), repeat=h) if turned else [np.ones(h)])
        ]
        for h in model.sizes[1:-1]
    ]
    return product(*layers)
