"""Data as users have them, and the tools of scikit-learn around an estimator."""

import joblib
import numpy as np
import pandas as pd
import pytest
import sklearn
from scipy import sparse
from sklearn.compose import make_column_transformer
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from homotopy.estimators import HomotopyClassifier, HomotopyRegressor

QUICK = {"hidden_layer_sizes": (4,), "budget": 60, "random_state": 0}


def test_cross_validated_scores_are_good():
    X, y = load_breast_cancer(return_X_y=True)
    assert cross_val_score(HomotopyClassifier(random_state=0), X, y, cv=4).mean() > 0.96
    X, y = load_diabetes(return_X_y=True)
    assert cross_val_score(HomotopyRegressor(alpha=0.03, random_state=0), X, y, cv=4).mean() > 0.45


@pytest.mark.parametrize("backend", ["threading", pytest.param("loky", marks=pytest.mark.slow)])
def test_a_grid_is_searched_by_two_workers(backend):
    X, y = load_iris(return_X_y=True)
    grid = {"homotopyclassifier__alpha": [1e-3, 10.0]}
    search = GridSearchCV(make_pipeline(StandardScaler(), HomotopyClassifier(**QUICK)), grid, cv=3, n_jobs=2)
    with joblib.parallel_config(backend):
        search.fit(X, y)
    assert search.best_params_ == {"homotopyclassifier__alpha": 1e-3}
    assert search.best_score_ > 0.9


def test_a_table_of_pandas_goes_through_a_pipeline():
    table = pd.DataFrame({"age": [20, 30, 40, 50] * 5, "town": ["x", "y", "x", "z"] * 5})
    encode = make_column_transformer((OneHotEncoder(sparse_output=False), ["town"]), remainder="passthrough")
    net = make_pipeline(encode.set_output(transform="pandas"), HomotopyRegressor(alpha=1e-5, **QUICK))
    net.fit(table, table["age"] * 1.0)
    assert list(net[-1].feature_names_in_)[-1] == "remainder__age"
    np.testing.assert_allclose(net.predict(table), table["age"], atol=0.5)
    with pytest.raises(ValueError, match="feature names"):
        net[-1].predict(pd.DataFrame(np.zeros((1, 4)), columns=list("abcd")))


@pytest.mark.parametrize("kind", [HomotopyClassifier, HomotopyRegressor])
@pytest.mark.parametrize(
    ("X", "words"),
    [
        (sparse.csr_matrix(np.eye(4)), "dense data is required"),
        (np.eye(4) * 1j, "Complex data not supported"),
        (np.array([[np.nan], [1], [2], [3]]), "NaN"),
        (np.array([["a"], ["b"], ["c"], ["d"]]), "could not convert"),
        (np.zeros((3, 2)), "inconsistent numbers of samples"),
    ],
)
def test_data_that_cannot_be_used_are_refused(kind, X, words):
    with pytest.raises((TypeError, ValueError), match=words):
        kind(**QUICK).fit(X, [0, 1, 0, 1])


@pytest.mark.parametrize("method", ["auto", "lbfgs", "gd"])
def test_data_that_overflow_are_refused_where_they_are_not_standardized(method):
    X = np.random.default_rng(0).standard_normal((30, 2)) * 1e300
    for inputs, targets in ((X, X[:, 0]), (X, X[:, 0] / 1e300), (X / 1e300, X[:, 0])):
        with pytest.raises(ValueError, match="the objective overflows on these data; standardize them"):
            HomotopyRegressor(method=method, standardize=False, **QUICK).fit(inputs, targets)
        assert np.isfinite(HomotopyRegressor(method=method, **QUICK).fit(inputs, targets).predict(inputs)).all()
    assert np.isfinite(HomotopyClassifier(method=method, **QUICK).fit(X, X[:, 0] > 0).predict_proba(X)).all()


def test_one_class_and_columns_of_classes_are_refused():
    with pytest.raises(ValueError, match="needs two classes at least"):
        HomotopyClassifier(**QUICK).fit(np.eye(3), ["a", "a", "a"])
    with pytest.raises(ValueError, match="needs two classes at least"):
        HomotopyClassifier(**QUICK).fit(np.eye(3), ["a", "b", "a"], sample_weight=[1, 0, 1])
    with pytest.raises(ValueError, match="fit one classifier a column"):
        HomotopyClassifier(**QUICK).fit(np.eye(3), [[0, 2], [1, 1], [2, 0]])


def test_several_labels_a_row_are_learned():
    rng = np.random.default_rng(0)
    X = rng.standard_normal((200, 2))
    Y = np.column_stack([X[:, 0] > 0, X[:, 0] * X[:, 1] > 0]).astype(int)
    net = HomotopyClassifier((8,), "tanh", alpha=1e-4, budget=500, random_state=0).fit(X, Y)
    assert net.predict_proba(X).shape == net.predict(X).shape == (200, 2)
    assert net.score(X, Y) > 0.95


def test_several_numbers_a_row_are_predicted_in_their_own_units():
    X = np.random.default_rng(1).standard_normal((80, 2))
    Y = np.column_stack([1e6 * X[:, 0], 1e-6 * X[:, 1] + 5e-6])
    net = HomotopyRegressor((6,), alpha=1e-6, budget=500, random_state=0).fit(X, Y)
    assert net.predict(X).shape == (80, 2)
    assert net.score(X, Y) > 0.999


@pytest.mark.parametrize("seed", range(3))
def test_weights_are_repetitions_and_zero_leaves_out(seed):
    rng = np.random.default_rng(seed)
    X, y, counts = rng.standard_normal((40, 3)), rng.integers(0, 3, 40), rng.integers(0, 4, 40)
    weighted = HomotopyClassifier(**QUICK).fit(X, y, sample_weight=counts)
    repeated = HomotopyClassifier(**QUICK).fit(np.repeat(X, counts, axis=0), np.repeat(y, counts))
    assert (weighted.predict_proba(X) == repeated.predict_proba(X)).all()


def test_balanced_classes_count_alike():
    rng = np.random.default_rng(2)
    X, y = rng.standard_normal((300, 1)), np.arange(300) < 270
    shares = [
        HomotopyClassifier(class_weight=how, **QUICK).fit(X, y).predict_proba(X)[:, 1].mean()
        for how in (None, "balanced")
    ]
    assert shares[0] == pytest.approx(0.9, abs=0.02)
    assert shares[1] == pytest.approx(0.5, abs=0.1)
    net = HomotopyClassifier(class_weight={False: 9.0, True: 1.0}, **QUICK).fit(X, y)
    assert net.predict_proba(X)[:, 1].mean() == pytest.approx(0.5, abs=0.1)


def test_weights_are_routed_through_a_search():
    X, y = load_iris(return_X_y=True)
    weights = np.where(y == 2, 0.0, 1.0)
    with sklearn.config_context(enable_metadata_routing=True):
        net = HomotopyClassifier(**QUICK).set_fit_request(sample_weight=True).set_score_request(sample_weight=True)
        search = GridSearchCV(net, {"alpha": [0.01]}, cv=3).fit(X, y, sample_weight=weights)
    assert search.best_estimator_.predict_proba(X)[:, 2].max() < 0.2
