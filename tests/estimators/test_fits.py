"""What a fit keeps, and what its parameters do."""

import pickle
import time

import numpy as np
import pytest
from scipy.special import expit, softmax
from sklearn.base import clone
from sklearn.model_selection import KFold

import homotopy as hp
from homotopy.errors import ArgumentError
from homotopy.estimators import HomotopyClassifier, HomotopyRegressor

ACTIVATIONS = {"tanh": np.tanh, "relu": lambda z: np.maximum(z, 0)}


def surface(seed, n=120, k=1, units=1.0):
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n, 3)) * units + 2 * units
    Z = X / units - 2
    y = np.column_stack([np.sin(2 * Z[:, 0]) + Z[:, 1] * Z[:, 2], Z[:, 0] - Z[:, 1] ** 2])[:, :k] * 7.0 + 100.0
    return X, y[:, 0] if k == 1 else y


def blobs(seed, n=120, k=3):
    rng = np.random.default_rng(seed)
    y = rng.integers(0, k, n)
    return rng.standard_normal((n, 3)) + 2.5 * rng.standard_normal((k, 3))[y], np.array(["a", "b", "c", "d"])[y]


def forward(net, X, activation):
    for W, b in zip(net.coefs_[:-1], net.intercepts_[:-1], strict=True):
        X = ACTIVATIONS[activation](X @ W + b)
    return X @ net.coefs_[-1] + net.intercepts_[-1]


@pytest.mark.parametrize("activation", ["relu", "tanh"])
@pytest.mark.parametrize("sizes", [(), (5,), (4, 3), 6])
@pytest.mark.parametrize("options", [{}, {"standardize": False}, {"intercept_scaling": 0}])
def test_the_weights_are_those_of_a_net_on_inputs_and_targets_in_their_own_units(sizes, activation, options):
    X, y = surface(0, k=2)
    net = HomotopyRegressor(sizes, activation, budget=60, random_state=0, **options).fit(X, y)
    np.testing.assert_allclose(forward(net, X, activation), net.predict(X), rtol=1e-9, atol=1e-9)
    assert net.coefs_[0].shape[0] == net.n_features_in_ == 3
    assert net.coefs_[-1].shape[1] == net.n_outputs_ == 2


@pytest.mark.parametrize("k", [2, 4])
def test_the_weights_of_a_classifier_give_its_probabilities(k):
    X, y = blobs(1, k=k)
    net = HomotopyClassifier((5,), "tanh", budget=100, random_state=0).fit(X, y)
    Z = forward(net, X, "tanh")
    shares = softmax(Z, axis=1) if k > 2 else np.column_stack([expit(-Z), expit(Z)])
    np.testing.assert_allclose(shares, net.predict_proba(X), rtol=1e-8, atol=1e-12)
    np.testing.assert_allclose(np.exp(net.predict_log_proba(X)), shares, rtol=1e-8, atol=1e-12)
    assert net.out_activation_ == ("softmax" if k > 2 else "logistic")
    assert net.score(X, y) > 0.85


def test_a_fit_does_not_depend_on_units():
    one, other = surface(2), surface(2, units=1e-6)
    first = HomotopyRegressor((6,), random_state=0, budget=100).fit(*one)
    second = HomotopyRegressor((6,), random_state=0, budget=100).fit(other[0], 1e9 * other[1])
    np.testing.assert_allclose(second.predict(other[0]), 1e9 * first.predict(one[0]), rtol=1e-3)


def test_alpha_is_the_weight_beside_the_mean_loss():
    X, y = surface(3)
    net = HomotopyRegressor((4,), "tanh", alpha=0.05, standardize=False, intercept_scaling=0, random_state=0).fit(X, y)
    weights = sum((W**2).sum() for W in [*net.coefs_, *net.intercepts_])
    expected = 0.5 * np.mean((y - net.predict(X)) ** 2) + 0.025 * weights
    assert net.loss_ == pytest.approx(expected, rel=1e-9)
    assert 0 < net.gap_ <= net.loss_


def test_the_attributes_of_a_fit():
    X, y = surface(4)
    net = HomotopyRegressor((5,), "tanh", budget=200, ensemble=3, random_state=0).fit(X, y)
    assert len(net.fits_) == 3
    assert net.loss_ == min(fit.value for fit in net.fits_)
    assert net.path_.shape[1] == 2
    assert net.loss_curve_ == net.path_[:, 1].tolist()
    assert (np.diff(net.loss_curve_) <= 0).all()
    assert 1 <= net.n_iter_ <= 200
    assert net.cost_ == sum(fit.cost for fit in net.fits_)
    assert net.alpha_ == net.alpha
    assert hp.Status[net.status_]


def test_nets_are_pickled_and_cloned():
    X, y = blobs(5)
    net = HomotopyClassifier((4,), budget=50, ensemble=2, random_state=0).fit(X, y)
    assert (pickle.loads(pickle.dumps(net)).predict_proba(X) == net.predict_proba(X)).all()
    assert (clone(net).fit(X, y).predict_proba(X) == net.predict_proba(X)).all()


@pytest.mark.parametrize("cv", [3, KFold(4, shuffle=True, random_state=0), "pairs"])
def test_the_penalty_is_chosen_by_cross_validation(cv):
    rng = np.random.default_rng(0)
    X, y = rng.standard_normal((60, 4)), rng.standard_normal(60)
    if cv == "pairs":
        cv = [(np.arange(30), np.arange(30, 60)), (np.arange(30, 60), np.arange(30))]
    net = HomotopyRegressor((8,), alpha="cv", cv=cv, budget=200, random_state=0).fit(X, y)
    table = net.cv_results_
    assert net.alpha_ == table["alpha"][np.argmin(table["mean_test_loss"])] >= 0.1
    splits = [column for name, column in table.items() if name.startswith("split")]
    assert len(splits) == {3: 3}.get(cv if isinstance(cv, int) else 0, 4 if isinstance(cv, KFold) else 2)
    np.testing.assert_allclose(np.mean(splits, axis=0), table["mean_test_loss"])
    assert net.cost_ > net.fits_[0].cost


@pytest.mark.parametrize(
    "options", [{}, {"alpha": "cv"}, {"ensemble": 20}, {"method": "lbfgs", "early_stopping": True}]
)
def test_seconds_are_kept(options):
    X, y = surface(6, n=2000)
    begun = time.process_time()  # other programs on the machine make the wall's time longer
    HomotopyRegressor((64,), budget=1e6, max_seconds=0.4, random_state=0, **options).fit(X, y)
    assert time.process_time() - begun < 0.5


def test_a_warm_start_goes_on():
    X, y = surface(7)
    net = HomotopyRegressor((6,), method="lbfgs", alpha=1e-4, budget=20, warm_start=True, random_state=0)
    losses = [net.fit(X, y).loss_ for _ in range(4)]
    assert (np.diff(losses) < 0).all()
    net.set_params(hidden_layer_sizes=(3,)).fit(X, y)
    assert net.coefs_[0].shape == (3, 3)


def test_early_stopping_keeps_the_best_point_on_rows_held_back():
    rng = np.random.default_rng(8)
    X = rng.standard_normal((60, 5))
    y, new = X[:, 0] + rng.standard_normal(60), rng.standard_normal((500, 5))
    options = {"method": "lbfgs", "alpha": 1e-7, "budget": 1000, "random_state": 0}
    stopped = HomotopyRegressor((32,), early_stopping=True, validation_fraction=0.3, n_iter_no_change=20, **options)
    stopped.fit(X, y)
    (losses,) = stopped.validation_losses_
    assert len(losses) == int(np.argmin(losses)) + 21
    plain = HomotopyRegressor((32,), **options).fit(X, y)
    assert stopped.score(new, new[:, 0]) > plain.score(new, new[:, 0])


def test_verbose_prints_a_line_a_stage(capsys):
    X, y = surface(9)
    HomotopyRegressor((3,), alpha="cv", budget=50, ensemble=2, verbose=True, random_state=0).fit(X, y)
    lines = capsys.readouterr().out.splitlines()
    assert [line.split("]")[1].split()[0] for line in lines] == ["alpha", "net", "net"]
    HomotopyRegressor((3,), budget=50).fit(X, y)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"alpha": -1.0}, "alpha must be 0 or a positive number"),
        ({"alpha": "auto"}, "alpha must be 0, a positive number or 'cv'"),
        ({"hidden_layer_sizes": "8"}, "hidden_layer_sizes must be a tuple"),
        ({"hidden_layer_sizes": (8, 0)}, "hidden_layer_sizes must be an integer"),
        ({"ensemble": 0}, "ensemble must be an integer"),
        ({"ensemble": None}, "ensemble must be an integer"),
        ({"method": None}, "method must be a method or the name of one"),
        ({"standardize": "no"}, "standardize must be True or False"),
        ({"warm_start": 1}, "warm_start must be True or False"),
        ({"n_starts": 0}, "n_starts must be an integer"),
        ({"budget": -5}, "budget: gradients must be a positive number"),
        ({"max_seconds": 0}, "max_seconds must be a positive number"),
        ({"activation": "reul"}, "activation 'reul' is unknown"),
        ({"method": "lbgfs"}, "lbgfs"),
        ({"intercept_scaling": -1}, "intercept_scaling must be 0 or a positive number"),
        ({"alpha": "cv", "cv": 1}, "cv must be an integer, at least 2"),
        ({"early_stopping": True, "validation_fraction": 1.5}, "validation_fraction must be a number above 0"),
        ({"early_stopping": True, "n_iter_no_change": 0}, "n_iter_no_change must be an integer"),
    ],
)
def test_bad_parameters_are_refused_in_one_sentence(change, words):
    X, y = surface(10, n=20)
    with pytest.raises(ArgumentError, match=words) as raised:
        HomotopyRegressor(**change).fit(X, y)
    assert "\n" not in str(raised.value)


def test_what_a_fit_does_not_have_goes_with_the_next_one():
    X, y = surface(11, n=30)
    net = HomotopyRegressor((3,), alpha="cv", cv=2, budget=30, random_state=0).fit(X, y)
    assert hasattr(net, "cv_results_")
    assert not hasattr(net.set_params(alpha=0.1).fit(X, y), "cv_results_")


def test_every_start_has_a_patience_of_its_own():
    X, y = surface(12, n=60)
    options = {"early_stopping": True, "n_starts": 4, "n_iter_no_change": 5, "method": "lbfgs", "random_state": 0}
    net = HomotopyRegressor((8,), budget=400, **options).fit(X, y)
    assert len(net.validation_losses_[0]) >= 4 * 6
    assert net.cost_ > 4 * 6


@pytest.mark.parametrize("kind", [HomotopyRegressor, HomotopyClassifier])
def test_few_rows_have_one_held_back(kind):
    X = np.arange(4.0)[:, None]
    assert kind((2,), early_stopping=True, budget=20, random_state=0).fit(X, [0, 0, 1, 1]).fits_


@pytest.mark.parametrize("wrong", [{"method": "lbgfs"}, {"alpha": "cv", "cv": 99}, {"early_stopping": "yes"}])
def test_a_fit_that_fails_leaves_the_one_before(wrong):
    X, y = surface(13, n=30)
    net = HomotopyRegressor((3,), budget=30, random_state=0).fit(X, y)
    said = net.predict(X)
    with pytest.raises(ValueError, match=r"lbgfs|cv|early_stopping"):
        net.set_params(**wrong).fit(5.0 * X[:, :2], np.column_stack([y, y]))
    np.testing.assert_array_equal(net.predict(X), said)
