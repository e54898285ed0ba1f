"""Functions averaged over normal noise: against quadrature, samples, the heat equation and their own derivatives."""

import numpy as np
import pytest
from scipy.special import erf, expit, ndtr

from homotopy.errors import ArgumentError
from homotopy.models.smoothing import BY_NAME, smoothing

FUNCTIONS = {
    "identity": lambda u: u,
    "sign": np.sign,
    "erf": erf,
    "relu": lambda u: np.maximum(u, 0),
    "leaky-relu": lambda u: np.where(u > 0, u, 0.01 * u),
    "leaky-relu:slope=0.3": lambda u: np.where(u > 0, u, 0.3 * u),
    "sin": np.sin,
    "cos": np.cos,
    "gelu": lambda u: u * ndtr(u),
    "tanh": np.tanh,
    "logistic": expit,
    "softplus": lambda u: np.logaddexp(u, 0),
}
QUADRATURE = {"tanh": 1e-10, "logistic": 1e-10, "softplus": 1e-10}
WIDTHS = (1e-3, 0.03, 0.3, 1.0, 2.4, 2.6, 6.0, 10.0)
POINTS = np.unique(np.concatenate([np.linspace(-30, 30, 13), [-1.3, -0.2, 0.0, 1e-3, 0.4, 2.1]]))
NODES, WEIGHTS = np.polynomial.legendre.leggauss(20)


def by_quadrature(f, x, s):
    """E f(x + s Z): Gauss's rule on short pieces, which end at the kink at zero and are shorter around it."""
    near = (np.array([-4.0, -1.0, 0.0, 1.0, 4.0]) - x) / s
    around = np.linspace(-12.0, 12.0, 100) if s > 0.5 else np.zeros(1)
    edges = np.unique(np.clip(np.concatenate([np.linspace(-11, 11, 45), near, (around - x) / s]), -11, 11))
    half, middle = np.diff(edges)[:, None] / 2, (edges[1:] + edges[:-1])[:, None] / 2
    z = middle + half * NODES
    return float(np.sum(half * WEIGHTS * f(x + s * z) * np.exp(-0.5 * z * z)) / np.sqrt(2 * np.pi))


def test_every_activation_of_the_package_has_a_smoothing():
    """One that is added later may do without: diffusion then says so."""
    ours = {"erf", "gelu", "identity", "leaky-relu", "logistic", "relu", "sin", "softplus", "tanh"}
    assert ours | {"sign", "cos"} <= set(BY_NAME)
    assert set(FUNCTIONS) >= {name for name, own in BY_NAME.items() if own.exact}


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_means_and_squares_agree_with_quadrature(name):
    own, f, tolerance = smoothing(name), FUNCTIONS[name], QUADRATURE.get(name, 1e-12)
    for s in WIDTHS:
        mean, square = own.mean(POINTS, s), own.square(POINTS, s)
        for i, x in enumerate(POINTS):
            assert mean[i] == pytest.approx(by_quadrature(f, x, s), rel=tolerance, abs=tolerance)
            assert square[i] == pytest.approx(by_quadrature(lambda u: f(u) ** 2, x, s), rel=tolerance, abs=tolerance)


@pytest.mark.parametrize("name", sorted(set(FUNCTIONS) - {"sign"}))
def test_without_noise_they_are_the_function(name):
    x = np.random.default_rng(0).normal(scale=5, size=200)
    np.testing.assert_allclose(smoothing(name).mean(x, 0.0), FUNCTIONS[name](x), rtol=1e-13, atol=1e-15)
    np.testing.assert_allclose(smoothing(name).square(x, 0.0), FUNCTIONS[name](x) ** 2, rtol=1e-13, atol=1e-15)


@pytest.mark.parametrize("name", sorted(BY_NAME))
def test_derivatives_in_x(name):
    own, h = smoothing(name), 1e-3
    x = np.random.default_rng(1).normal(scale=2, size=50)
    for s in (0.4, 2.0, 5.0):
        for rule, most in ((own.orders, 5), (own.square_orders, 4)):
            found = rule(x, s, most)
            ahead = [rule(x + k * h, s, most) for k in (-2, -1, 1, 2)]
            for n in range(most):
                slope = sum(w * a[n] for w, a in zip((1, -8, 8, -1), ahead, strict=True)) / (12 * h)
                np.testing.assert_allclose(found[n + 1], slope, atol=2e-6 * max(1, np.abs(slope).max()))


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_the_heat_equation_holds(name):
    own, h = smoothing(name), 1e-3
    x = np.random.default_rng(2).normal(scale=3, size=50)
    for s in (0.3, 1.0, 2.5, 7.0):
        for rule in (own.orders, own.square_orders):
            ahead = [rule(x, s + k * h, 0)[0] for k in (-2, -1, 1, 2)]
            slope = sum(w * a for w, a in zip((1, -8, 8, -1), ahead, strict=True)) / (12 * h)
            np.testing.assert_allclose(slope, s * rule(x, s, 2)[2], atol=1e-6)
    np.testing.assert_allclose(own.in_s(x, 0.7), 0.7 * own.orders(x, 0.7, 2)[2], rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_samples_have_these_means(name):
    rng, f = np.random.default_rng(3), FUNCTIONS[name]
    for x, s in ((0.4, 0.3), (-1.0, 1.5), (2.0, 4.0)):
        values = np.asarray(f(x + s * rng.standard_normal(200_000)))
        for found, drawn in ((smoothing(name).mean(x, s), values), (smoothing(name).square(x, s), values**2)):
            assert abs(found - drawn.mean()) < 4 * drawn.std() / np.sqrt(len(drawn)) + 1e-12


@pytest.mark.parametrize(("name", "errors"), [("tanh", (0.0040, 0.020, 0.025)), ("logistic", (0.0006, 0.0046, 0.0069))])
def test_cheap_approximations_are_off_by_what_is_said(name, errors):
    x = np.linspace(-4, 4, 401)
    assert not smoothing(f"{name}-approximate").exact
    for s, error in zip((0.3, 1.0, 3.0), errors, strict=True):
        off = np.abs(smoothing(f"{name}-approximate").mean(x, s) - smoothing(name).mean(x, s)).max()
        assert off == pytest.approx(error, rel=0.15)


def test_known_limits():
    assert smoothing("relu").mean(0.0, 2.0) == pytest.approx(2 / np.sqrt(2 * np.pi), rel=1e-15)
    np.testing.assert_allclose(
        smoothing("tanh").mean([-5.0, 5.0], 1e4), smoothing("sign").mean([-5.0, 5.0], 1e4), atol=1e-7
    )
    assert smoothing("sign").mean(0.0, 0.0) == 0
    assert smoothing("sin").mean(1.0, 30.0) == pytest.approx(0, abs=1e-100)
    for name in FUNCTIONS:
        for x, s in ((1e6, 1e-3), (-1e6, 1e3), (0.0, 1e-200), (1e-300, 1e-3)):
            assert np.isfinite([smoothing(name).mean(x, s), smoothing(name).square(x, s)]).all()


def test_scale_of_a_homogeneous_unit():
    x = np.random.default_rng(4).standard_normal(20)
    for name in ("relu", "leaky-relu:slope=0.3", "identity"):
        for c in (1e-8, 1e8):
            np.testing.assert_allclose(
                smoothing(name).mean(c * x, c * 0.7), c * smoothing(name).mean(x, 0.7), rtol=1e-12
            )


def test_bad_arguments_are_refused():
    with pytest.raises(ArgumentError, match="must be one of identity"):
        smoothing("step")
    with pytest.raises(ArgumentError, match="slope"):
        smoothing("leaky-relu:slope=2")
    with pytest.raises(ArgumentError, match="s must be 0 or positive"):
        smoothing("tanh").mean(0.0, -1.0)
    with pytest.raises(ArgumentError, match="finite"):
        smoothing("tanh").mean(np.nan, 1.0)
    with pytest.raises(ArgumentError, match="shape"):
        smoothing("tanh").mean(np.zeros(3), np.ones(2))
    with pytest.raises(ArgumentError, match="order"):
        smoothing("tanh").orders(0.0, 1.0, 6)


@pytest.mark.parametrize("name", sorted(BY_NAME))
def test_nothing_is_silently_no_number(name):
    sizes = np.array([0.0, 1e-310, 1e-300, 1e-160, 1e-5, 1.0, 40.0, 1e10, 1e150])
    x, s = np.meshgrid(np.concatenate([sizes, [1e160, 1e300], -sizes, [-1e300]]), sizes)
    bounded = name not in ("identity", "relu", "leaky-relu", "gelu", "softplus")
    for found in (smoothing(name).orders(x, s, 2), smoothing(name).square_orders(x, s, 2)):
        assert not np.isnan(np.where(np.abs(x) <= 1e150, found, 0.0)[:2]).any()
        assert not bounded or (np.abs(found[0]) <= 1.0 + 1e-14).all()


@pytest.mark.parametrize("scale", [1e-140, 1e-9, 1e9, 1e140])
def test_relu_units_in_other_units(scale):
    x, s = np.random.default_rng(0).standard_normal((2, 50))
    s = np.abs(s)
    relu = smoothing("relu")
    np.testing.assert_allclose(relu.mean(scale * x, scale * s), scale * relu.mean(x, s), rtol=1e-10)
    np.testing.assert_allclose(relu.square(scale * x, scale * s), scale**2 * relu.square(x, s), rtol=1e-9)
    for n, (own, other) in enumerate(zip(relu.orders(x, s, 3), relu.orders(scale * x, scale * s, 3), strict=True)):
        np.testing.assert_allclose(other * scale ** (n / 2 - 0.5), own * scale ** (0.5 - n / 2), rtol=1e-9)
