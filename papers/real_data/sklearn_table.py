"""Our estimators beside scikit-learn's multilayer perceptrons, each with its penalty by cross-validation.

``python -m homotopy.papers.real_data.sklearn_table wine diabetes --repeats 2`` prints a table a data set: the held-out
score of outer folds that all methods share, and the CPU seconds of a fit with the choice of its penalty. The last row
of each is an ensemble that had no more seconds than the quicker of scikit-learn's two.
"""

from __future__ import annotations

import argparse
import time
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn import datasets
from sklearn.compose import TransformedTargetRegressor
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import GridSearchCV, KFold, StratifiedKFold
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from homotopy.estimators import HomotopyClassifier, HomotopyRegressor

__all__ = ["DATA", "compared", "main", "table"]

DATA: dict[str, Callable[[], tuple[Any, Any]]] = {
    "wine": lambda: datasets.load_wine(return_X_y=True),
    "cancer": lambda: datasets.load_breast_cancer(return_X_y=True),
    "digits": lambda: datasets.load_digits(return_X_y=True),
    "diabetes": lambda: datasets.load_diabetes(return_X_y=True),
    "friedman1": lambda: datasets.make_friedman1(500, noise=1.0, random_state=0),
}
"""Data sets that come with scikit-learn."""
CLASSES = ("wine", "cancer", "digits")
OURS = (0.3, 0.1, 0.03, 0.01, 0.003, 0.001, 0.0003, 0.0001)
"""Penalties of our estimators; theirs are divided by the number of rows."""
INNER = 3
"""Folds by which every method chooses its penalty."""


def theirs(name: str, solver: str, n: int, hidden: tuple[int, ...], activation: str) -> Any:
    """Return scikit-learn's net with standardized inputs and targets and the same penalties to choose from."""
    options = {"hidden_layer_sizes": hidden, "activation": activation, "solver": solver, "random_state": 0}
    grid = [n * (1 - 1 / INNER) * alpha for alpha in OURS]
    if name in CLASSES:
        net = make_pipeline(StandardScaler(), MLPClassifier(**options))
        return GridSearchCV(
            net, {"mlpclassifier__alpha": grid}, cv=StratifiedKFold(INNER, shuffle=True, random_state=0)
        )
    net = TransformedTargetRegressor(
        make_pipeline(StandardScaler(), MLPRegressor(**options)), transformer=StandardScaler()
    )
    return GridSearchCV(net, {"regressor__mlpregressor__alpha": grid}, cv=KFold(INNER, shuffle=True, random_state=0))


def ours(name: str, hidden: tuple[int, ...], activation: str, **options: Any) -> Any:
    """Return our net."""
    kind = HomotopyClassifier if name in CLASSES else HomotopyRegressor
    return kind(hidden, activation, alpha="cv", cv=INNER, random_state=0, **options)


def compared(
    name: str,
    hidden: tuple[int, ...] = (32,),
    *,
    activation: str = "relu",
    folds: int = 5,
    repeats: int = 1,
    method: str = "auto",
) -> dict[str, np.ndarray]:
    """Return, for each way to fit, scores and CPU seconds on the outer folds, shape (n_folds, 2)."""
    X, y = DATA[name]()
    rows: dict[str, list[tuple[float, float]]] = {}
    for repeat in range(repeats):
        split = StratifiedKFold if name in CLASSES else KFold
        for train, test in split(folds, shuffle=True, random_state=repeat).split(X, y):
            here = X[train], y[train], X[test], y[test]
            quick = np.inf
            for solver in ("lbfgs", "adam"):
                found = fitted(theirs(name, solver, len(train), hidden, activation), *here)
                rows.setdefault(f"MLP {solver}", []).append(found)
                quick = min(quick, found[1])
            single = ours(name, hidden, activation, method=method)
            rows.setdefault("homotopy", []).append(fitted(single, *here))
            several = ours(name, hidden, activation, method=method, ensemble=10, max_seconds=quick)
            rows.setdefault("homotopy, ensemble", []).append(fitted(several, *here))
    return {which: np.array(found) for which, found in rows.items()}


def fitted(net: Any, X: Any, y: Any, X_test: Any, y_test: Any) -> tuple[float, float]:
    """Return the held-out score (accuracy or R2) and the CPU seconds of the fit."""
    begun = time.process_time()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        net.fit(X, y)
    return float(net.score(X_test, y_test)), time.process_time() - begun


def table(name: str, found: dict[str, np.ndarray]) -> str:
    """Return the table of one data set: score, its difference from the best MLP with a standard error, CPU seconds."""
    best = max((which for which in found if which.startswith("MLP")), key=lambda which: found[which][:, 0].mean())
    score = "accuracy" if name in CLASSES else "R2"
    lines = [f"| {name} | {score} | over {best} | CPU s |", "|---|---|---|---|"]
    for which, rows in found.items():
        more = rows[:, 0] - found[best][:, 0]
        error = more.std(ddof=1) / np.sqrt(len(more))
        over = "" if which == best else f"{more.mean():+.4f} ± {error:.4f}"
        lines.append(f"| {which} | {rows[:, 0].mean():.4f} | {over} | {rows[:, 1].mean():.2f} |")
    return "\n".join(lines)


def main() -> None:
    """Print a table for each data set asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", nargs="*", help=f"data sets: {', '.join(DATA)} (default: all)")
    parser.add_argument("--units", type=int, nargs="*", default=[32], help="units of each hidden layer")
    parser.add_argument("--activation", default="relu", choices=("relu", "tanh", "logistic"))
    parser.add_argument("--method", default="auto", help="the method of our nets")
    parser.add_argument("--repeats", type=int, default=1, help="times that rows are dealt into folds")
    parser.add_argument("--folds", type=int, default=5, help="outer folds, each held out once")
    asked = parser.parse_args()
    unknown = sorted(set(asked.data) - set(DATA))
    if unknown:
        parser.error(f"there is no data set {unknown[0]!r}; there are {', '.join(DATA)}")
    for name in asked.data or DATA:
        options = {
            "activation": asked.activation,
            "folds": asked.folds,
            "repeats": asked.repeats,
            "method": asked.method,
        }
        found = compared(name, tuple(asked.units), **options)
        print(table(name, found), flush=True)
        print()


if __name__ == "__main__":
    main()
