"""Functions and nets of JAX: which are recognized, which are refused, how weights go back."""

import itertools
import pickle

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from bridges.nets import data, equinox, fourth
from flax import linen, nnx

import homotopy as hp
from homotopy.bridges.fromjax.objective import double
from homotopy.errors import ArgumentError, DataError


def table(k=1, d=3, n=20, classes=0, seed=0):
    rng = np.random.default_rng(seed)
    return rng.standard_normal((n, d)), rng.integers(classes, size=n) if classes else rng.standard_normal((n, k))


class Dense(linen.Module):
    sizes: tuple
    bend: object
    bias: bool = True

    @linen.compact
    def __call__(self, X):
        for size in self.sizes[:-1]:
            X = self.bend(linen.Dense(size, use_bias=self.bias)(X))
        return linen.Dense(self.sizes[-1], use_bias=self.bias)(X)


def of_linen(bend, sizes, bias=True):
    net = Dense(sizes[1:], bend, bias)
    return net, net.init(jax.random.key(0), jnp.ones((1, sizes[0])))


def of_nnx(bend, sizes, bias=True):
    rngs, layers = nnx.Rngs(0), []
    for n_in, n_out in itertools.pairwise(sizes):
        layers += [nnx.Linear(n_in, n_out, use_bias=bias, rngs=rngs), bend]
    return nnx.Sequential(*layers[:-1]), None


def of_equinox(bend, sizes, bias=True):
    depth = len(sizes) - 2
    settings = {"use_bias": bias, "use_final_bias": bias, "key": jax.random.key(0)}
    return eqx.nn.MLP(sizes[0], sizes[-1], sizes[1], depth, activation=bend, **settings), None


def by_hand(bend, sizes, bias=True):
    def net(layers, X):
        for W, *b in layers[:-1]:
            X = bend(X @ W + (b[0] if b else 0.0))
        W, *b = layers[-1]
        return X @ W + (b[0] if b else 0.0)

    rng = np.random.default_rng(0)
    pairs = itertools.pairwise(sizes)
    return net, [(rng.standard_normal((m, n)), *([rng.standard_normal(n)] if bias else [])) for m, n in pairs]


LIBRARIES = {"linen": of_linen, "nnx": of_nnx, "equinox": of_equinox, "by hand": by_hand}
ACTIVATIONS = {
    "relu": jax.nn.relu,
    "tanh": jnp.tanh,
    "logistic": jax.nn.sigmoid,
    "softplus": jax.nn.softplus,
    "gelu": lambda z: jax.nn.gelu(z, approximate=False),
    "leaky-relu": jax.nn.leaky_relu,
}
CASES = [(library, "relu") for library in LIBRARIES]
MORE = [pytest.param("nnx", name, marks=pytest.mark.slow) for name in ACTIVATIONS if name != "relu"]


@pytest.mark.parametrize(("library", "name"), CASES + MORE)
def test_nets_are_recognized_and_equal(library, name):
    X, y = table(k=2)
    bias = name != "tanh"
    sizes = (3, 4, 2) if name == "relu" else (3, 4, 4, 2)
    net, weights = LIBRARIES[library](ACTIVATIONS[name], sizes, bias)
    given = {"loss": "squared", "X": X, "y": y, "l2": 0.03}
    fast = hp.objective_from_jax(net, weights, **given)
    slow = hp.objective_from_jax(net, weights, **given, recognize=False)
    assert isinstance(fast, hp.EmpiricalRisk)
    assert fast.model == hp.MLP(sizes, name, bias=bias)
    assert fast.factor == 1
    x, v = np.random.default_rng(1).standard_normal((2, fast.size)).astype(np.float32).astype(np.float64)
    theirs, direction = flat(slow, fast.tree(x)), flat(slow, fast.tree(v))
    assert fast.value(x) == pytest.approx(slow.value(theirs), rel=1e-10)
    np.testing.assert_array_equal(flat(slow, fast.tree(fast.start)), slow.start)
    if name == "relu":  # each takes JAX some tenths of a second to compile
        assert v @ fast.grad(x) == pytest.approx(direction @ slow.grad(theirs), rel=1e-10)
        assert v @ fast.hessp(x, v) == pytest.approx(direction @ slow.hessp(theirs, direction), rel=1e-10)


def flat(objective, tree):
    """Return a tree's arrays as the vector of a JaxObjective."""
    arrays = [leaf for leaf in jax.tree.leaves(tree) if isinstance(leaf, (np.ndarray, jax.Array))]
    found = np.concatenate([np.asarray(leaf, dtype=np.float64).ravel() for leaf in arrays])
    assert found.shape == (objective.size,)
    return found


@pytest.mark.parametrize(
    ("name", "classes", "k"), [pytest.param("logistic", 2, 1, marks=pytest.mark.slow), ("softmax", 3, 3)]
)
def test_losses_by_name_are_equal(name, classes, k):
    X, y = table(classes=classes)
    net, weights = of_linen(jnp.tanh, (3, 4, k))
    fast = hp.objective_from_jax(net, weights, loss=name, X=X, y=y)
    slow = hp.objective_from_jax(net, weights, loss=name, X=X, y=y, recognize=False)
    assert fast.model == hp.MLP((3, 4, k))
    assert fast.value(fast.start) == pytest.approx(slow.value(slow.start), rel=1e-10)


@pytest.mark.slow
def test_layers_are_ordered_by_number():
    sizes = (3, *[4] * 11, 1)
    net, weights = of_linen(jnp.tanh, sizes)
    X, y = table()
    risk = hp.objective_from_jax(net, weights, loss="squared", X=X, y=y)
    assert risk.model == hp.MLP(sizes)


def test_what_is_another_net_stays_with_jax():
    X, y = table()
    for bend in (jax.nn.silu, lambda z: jnp.clip(z, -3, 3)):
        net, weights = of_linen(bend, (3, 4, 1))
        objective = hp.objective_from_jax(net, weights, loss="squared", X=X, y=y)
        assert not isinstance(objective, hp.EmpiricalRisk)
        with double(jax):
            outputs = net.apply(jax.tree.map(lambda a: jnp.asarray(a, dtype=float), weights), X)
            assert objective.value(objective.start) == pytest.approx(
                0.5 * float(jnp.sum((outputs - y) ** 2)) / 20, rel=1e-12
            )


def test_the_weights_go_back():
    X, _ = table(d=4, n=60)
    y = np.abs(X[:, 0]) - X[:, 1]
    net, _ = of_nnx(jax.nn.relu, (4, 8, 1))
    objective = hp.objective_from_jax(net, loss="squared", X=X, y=y)
    result = hp.solve(objective, "skip", rng=0, budget=2000)
    nnx.update(net, objective.tree(result.x))
    assert 0.5 * float(jnp.mean((net(X) - y[:, None]) ** 2)) == pytest.approx(result.value, rel=1e-3, abs=1e-9)
    module = equinox()
    own = hp.objective_from_jax(module, loss=fourth, X=data()[0], y=data()[1])
    back = own.tree(own.start + 1)
    assert isinstance(back, eqx.nn.MLP)
    assert back.activation is module.activation
    assert back.layers[0].weight.dtype == jnp.float32
    np.testing.assert_allclose(back.layers[1].bias, module.layers[1].bias + 1, rtol=1e-6)


def test_functions_of_arrays_and_trees():
    def bowl(tree):
        return jnp.sum((tree["w"] - 1) ** 2) + (tree["b"] - tree["n"]) ** 2

    objective = hp.objective_from_jax(bowl, {"w": np.zeros((2, 2)), "b": 0.0, "n": 3}, l2=0.5)
    assert objective.size == 5
    result = hp.solve(objective, "lbfgs", rng=0)
    tree = objective.tree(result.x)
    assert (type(tree["b"]), tree["n"], tree["w"].shape) == (float, 3, (2, 2))
    assert tree["b"] == pytest.approx(3 / 1.25)
    plain = hp.objective_from_jax(lambda x: jnp.sum(jnp.cosh(x - 1)), [0.0, 0.0, 0.0])
    np.testing.assert_allclose(hp.minimize(plain, plain.start).x, 1, atol=1e-6)
    counted = hp.objective_from_jax(lambda x: jnp.sum(jnp.cosh(x - 1)), n=3)
    assert counted.start is None
    assert counted.value(np.ones(3)) == 3.0
    with pytest.raises(ArgumentError, match=r"x has shape \(2,\); the objective needs \(3,\)"):
        counted.grad(np.ones(2))


def test_variables_that_flax_does_not_train_are_constant():
    class Normed(linen.Module):
        @linen.compact
        def __call__(self, X):
            return linen.Dense(1)(linen.BatchNorm(use_running_average=True)(X))

    X, y = table()
    net = Normed()
    variables = net.init(jax.random.key(0), X)
    objective = hp.objective_from_jax(net, variables, loss="squared", X=X, y=y)
    assert objective.size == 3 + 1 + 3 + 3
    assert set(objective.tree(objective.start)) == {"params", "batch_stats"}


def test_double_precision_is_here_alone():
    X, y = data()
    hp.objective_from_jax(equinox(), loss="squared", X=X, y=y).grad(np.zeros(7))
    assert jnp.ones(2).dtype == jnp.float32
    third = hp.objective_from_jax(lambda x: jnp.sum(x) / 3, n=1)
    assert third.value(np.ones(1)) == 1 / 3


def test_a_function_with_a_backward_pass_of_its_own():
    @jax.custom_vjp
    def cube(z):
        return z**3

    cube.defvjp(lambda z: (z**3, z), lambda z, g: (3 * z**2 * g,))
    objective = hp.objective_from_jax(lambda x: jnp.sum(cube(x)), n=2)
    np.testing.assert_allclose(objective.hessp(np.array([1.0, 2.0]), np.ones(2)), [6, 12])


def total(x):
    return jnp.sum(x**2)


def test_an_objective_survives_a_pickle():
    objective = hp.objective_from_jax(total, n=2)
    assert pickle.loads(pickle.dumps(objective)).value(np.ones(2)) == 2.0
    X, y = table()
    net, weights = of_linen(jnp.tanh, (3, 4, 1))
    risk = hp.objective_from_jax(net, weights, loss="squared", X=X, y=y)
    again = pickle.loads(pickle.dumps(risk))
    assert again.value(again.start) == risk.value(risk.start)
    with pytest.raises(TypeError, match="tree is for nets of JAX"):
        again.tree(again.start)


REFUSED = {
    "no function": (3, {"n": 2}, r"fun must be a function, fun\(x\), not 3"),
    "no size": (total, {}, "x0, or how many there are, n"),
    "both": (total, {"x0": np.ones(2), "n": 2}, "one of the two"),
    "many numbers": (lambda x: x, {"n": 2}, r"fun returns an array of shape \(2,\); it must return one real number"),
    "nothing": (lambda x: None, {"n": 2}, "fun returns None; it must return one real number"),
    "a pair": (lambda x: (x.sum(), 1), {"n": 2}, r"fun returns \(Shape.*; it must return one real number"),
    "integers": (lambda x: 3, {"n": 2}, "fun returns a number of int64"),
    "complex": (total, {"x0": np.ones(2) * 1j}, "complex"),
    "nothing varies": (total, {"x0": {"a": 1}}, "floating-point arrays"),
    "not finite": (total, {"x0": np.array([np.nan])}, "x0 has entries that are not finite"),
    "half the data": (equinox(), {"loss": "squared"}, "loss, X and y must be given together: loss alone"),
    "loss name": (
        equinox(),
        {"loss": "mse", "X": data()[0], "y": data()[1]},
        "loss must be 'logistic', 'softmax' or 'squared'",
    ),
    "many losses": (
        equinox(),
        {"loss": lambda Z, y: Z, "X": data()[0], "y": data()[1]},
        r"returns an array of shape \(12, 1\)",
    ),
    "no variables": (Dense((2, 1), jnp.tanh), {"loss": "squared", "X": data()[0], "y": data()[1]}, "what its init"),
    "two weights": (equinox(), {"x0": 1.0, "loss": "squared", "X": data()[0], "y": data()[1]}, "x0 must be left out"),
    "rows": (equinox(), {"loss": "squared", "X": data()[0], "y": np.ones(3)}, "X has 12 rows and y has 3"),
}


@pytest.mark.parametrize("name", sorted(REFUSED))
def test_refusals_are_one_sentence(name):
    fun, given, message = REFUSED[name]
    with pytest.raises(ArgumentError, match=message) as caught:
        hp.objective_from_jax(fun, **given)
    assert "\n" not in str(caught.value)


def test_numbers_that_are_not_finite_are_refused():
    with pytest.raises(DataError, match="y has values that are not finite"):
        hp.objective_from_jax(equinox(), loss="squared", X=data()[0], y=np.full(12, np.inf))
