"""A problem made of a researcher's own table: coded, split, standardized, with a net and a penalty."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from homotopy.arguments import choice, integer, positive, shown
from homotopy.doors import door
from homotopy.errors import ArgumentError, DataError
from homotopy.models.activations import activation as by_name
from homotopy.models.mlp import MLP
from homotopy.naming import written
from homotopy.objectives.risk import EmpiricalRisk
from homotopy.problems.base import Problem
from homotopy.problems.data import fan_in, layer_starts, normal
from homotopy.problems.table.describing import described
from homotopy.problems.table.known import HeldOut, TableData
from homotopy.problems.table.parts import Parts
from homotopy.tables import Encoding, TargetCoding, frame_of, held_out, read_table
from homotopy.tables.coding.labels import LOSSES
from homotopy.tables.missing import how_missing
from homotopy.tables.taking import is_path
from homotopy.tables.weights import class_factors

__all__ = ["from_table", "widths"]

Floats = NDArray[np.float64]


@door
def from_table(
    X: Any,
    y: Any = None,
    *,
    hidden: int | str | Sequence[int] = 8,
    activation: str = "tanh",
    loss: str | None = None,
    l2: float = 0.0,
    standardize: bool = True,
    missing: str | None = None,
    categories: str | Sequence[str] = (),
    ignore: str | Sequence[str] = (),
    weights: Any = None,
    class_weight: str | Mapping[Any, float] | None = None,
    test: float = 0.0,
    folds: int | None = None,
    fold: int | None = None,
    seed: int = 0,
    delimiter: str | None = None,
    decimal: str = ".",
    name: str | None = None,
) -> Problem:
    """Return the problem of fitting a net to a table.

    Parameters
    ----------
    X : ndarray, list of rows, mapping, DataFrame or path
        The inputs, one row a sample: numbers, truth values and texts; or the path of a text file whose first row names
        the columns.
    y : array_like, Series, DataFrame, str, or list of column names
        The target: numbers, truth values or words; of shape (n, k) for several. A text names the column of X that it is
        (``"y1+y2"`` two); None takes the last column of a file.
    hidden : int, str or sequence of int
        Units of each hidden layer: 8, (8, 8) or ``"8+8"``; 0 for none.
    activation : str
        Of the hidden layers.
    loss : str or None
        ``squared``, ``logistic`` or ``softmax``. None: texts and truth values are classes, and so are whole numbers of
        which two are different, or at most ten with ten rows or more to each on average; all else are numbers.
    l2 : float
        Weight of the penalty (l2/2) |theta|^2, biases included. On real data it often matters more for predictions than
        how low a minimum is found.
    standardize : bool
        Whether numbers and truth values among the inputs, and targets under the squared loss, are brought to mean 0 and
        standard deviation 1, by the rows that are learned from. Predictions are in the units of the table all the same.
    missing : str or None
        What is done about missing cells (empty, NA, NaN, null, ?, ...). ``drop``: their rows are left out. ``mean``:
        numbers become the mean, categories one of their own; rows without a target are left out. None: refused.
    categories : str or sequence of str
        Columns that are categories though they look like numbers.
    ignore : str or sequence of str
        Columns of X that are no inputs: ``["a", "b"]`` or ``"a+b"``.
    weights : array_like, str or None
        What each row counts, or the column of X that says so; 0 or more. They count in the held-out score, too.
    class_weight : str, mapping or None
        ``balanced``, or numbers by classes, by which the weights of the rows that are learned from are multiplied.
    test : float
        The share of rows that is held out, by classes where there are such.
    folds, fold : int or None
        Instead of `test`: the rows are dealt out to so many folds, and this one, counted from 0, is held out.
    seed : int
        Draws the rows that are held out.
    delimiter, decimal : str
        How a file is read (`homotopy.tables.read_table`).
    name : str or None
        What the problem is called; by default after its target, net and data.

    Returns
    -------
    Problem
        Its optimum is unknown. ``data`` predicts in the units of the table (``data.predict(x, X)``,
        ``data.predict_proba``, ``data.score``) and says in a line what was done (``data.describe()``). With held-out
        rows ``test`` is their mean loss, without the penalty, ``score(x)`` the share of right classes or R2 in the
        units of the table, and ``score_name`` says which.

    Raises
    ------
    ArgumentError
        If an argument is not allowed.
    DataError
        If the table cannot be used: the sentence names column, row and what would help.

    Notes
    -----
    Categories become one column of 0 and 1 each. A column that is constant becomes zero, and it is said. Classes are
    those of the whole table; means, deviations and categories are those of the rows that are learned from. A row with
    a category that was not among these is 0 in all columns of it, with a warning. Starts have weights N(0, 1/n_inputs)
    and biases N(0, 0.01).

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> size, city = rng.uniform(30, 300, 40), rng.choice(["Rome", "Oslo"], 40)
    >>> table = {"size": size, "city": city, "price": 2000 * size + 1e5 * (city == "Oslo")}
    >>> houses = from_table(table, "price", test=0.25)
    >>> houses.data.encoding.names, houses.score_name, houses.size
    (('size', 'city=Oslo', 'city=Rome'), 'R2', 41)
    """
    layers = _checked(hidden, activation, loss, missing, l2=l2, standardize=standardize)  # before a file is read
    options = {"decimal": decimal} | ({} if delimiter is None else {"delimiter": delimiter})
    table = Parts.of(read_table(X, **options) if is_path(X) else frame_of(X), y, ignore, weights, categories, missing)
    strata = _strata(table, loss)
    rest = held_out(len(table.inputs), share=test, folds=folds, fold=fold, strata=strata, seed=seed)
    code = Encoding.fit(
        table.inputs.taken(~rest),
        standardize=standardize,
        missing=missing,
        categories=table.categories,
    )
    target = TargetCoding.fit(table.targets, loss=loss, standardize=standardize, train=~rest)
    coded, unknown = code.transform(table.inputs)
    aims = target.encode(table.targets)
    sizes = (coded.shape[1], *layers, target.n_outputs)
    model = MLP(sizes, activation)
    mine = _weights(table.weights, class_weight, target, aims, ~rest)
    factors: dict[str, Any] = {} if mine is None else {"weights": mine}
    risk = EmpiricalRisk(model, target.loss, coded[~rest], aims[~rest], l2=l2, **factors)
    judge = _held_out(table, target, model, coded[rest], aims[rest], rest) if rest.any() else None
    said = described(table.inputs, table.targets, code, target, rest, l2=l2, weighted=mine is not None)
    data = TableData(
        code,
        target,
        model,
        table.kept[~rest],
        table.kept[rest],
        mine,
        tuple(options.items()) if is_path(X) else (),
        (*said, *table.notes, *unknown),
    )
    split = {"test": test or None, "folds": folds, "fold": fold, "seed": seed if rest.any() else None}
    return Problem(
        name=name or _name(table, target, model, {"l2": l2, "missing": missing, "standardize": standardize} | split),
        objective=risk,
        start=layer_starts(sizes, [fan_in()] * (len(sizes) - 1), [normal(0.1)] * (len(sizes) - 1)),
        test=_test_risk(judge),
        source=f"the file {X}" if is_path(X) else "a table",
        score=judge,
        score_name="" if judge is None else target.score_name,
        data=data,
    )


def _checked(hidden: Any, activation: Any, loss: Any, missing: Any, *, l2: Any, standardize: Any) -> tuple[int, ...]:
    """Return the hidden layers; what is not allowed raises ArgumentError."""
    by_name(activation)
    if loss is not None:
        choice("loss", loss, LOSSES)
    how_missing(missing)
    positive("l2", l2, or_zero=True)
    if not isinstance(standardize, (bool, np.bool_)):
        raise ArgumentError(f"standardize must be True or False, not {shown(standardize)}")
    return widths(hidden)


@door
def widths(hidden: Any) -> tuple[int, ...]:
    """Return the units of each hidden layer; none for 0.

    Raises
    ------
    ArgumentError
        If it is neither a number of units, several of them, nor a text such as ``8+8``.

    Examples
    --------
    >>> widths(8), widths("8+4"), widths((3, 3, 3)), widths(0)
    ((8,), (8, 4), (3, 3, 3), ())
    """
    listed: Any = hidden
    if isinstance(hidden, str):
        listed = [int(part) if part.isascii() and part.isdecimal() else part for part in hidden.split("+")]
    elif not isinstance(hidden, (list, tuple)):
        listed = [hidden]
    try:
        if listed in ([], [0], (), (0,)):
            return ()
        return tuple(integer("hidden", one) for one in listed)
    except (ArgumentError, ValueError, TypeError, Warning):
        raise ArgumentError(
            f"hidden must be 0 or a positive integer, or several such as (8, 8) or '8+8', not {shown(hidden)}"
        ) from None


def _strata(table: Parts, loss: str | None) -> list[str] | None:
    """Return the class of each row, by which rows are held out; None where targets are numbers."""
    whole = TargetCoding.fit(table.targets, loss=loss)
    if whole.loss == "squared":
        return None
    codes = whole.encode(table.targets).reshape(len(table.targets), -1)
    return [" ".join(map(str, row)) for row in codes.tolist()]


def _weights(
    given: Floats | None, how: Any, target: TargetCoding, aims: NDArray[Any], rows: NDArray[np.bool_]
) -> Floats | None:
    """Return what the rows that are learned from count; None where all count the same."""
    mine = None if given is None else given[rows]
    if how is not None:
        if target.loss == "squared" or len(target.names) > 1:
            raise ArgumentError("class_weight is for one target of classes")
        factors = class_factors(how, aims[rows].reshape(-1).astype(np.intp), target.classes[0])
        mine = factors if mine is None else mine * factors
    if mine is not None and not mine.any():
        raise DataError("all rows that are learned from have weight zero; one must be positive")
    return mine


def _held_out(
    table: Parts, target: TargetCoding, model: MLP, X: Floats, y: NDArray[Any], rest: NDArray[np.bool_]
) -> HeldOut:
    """Return the score on held-out rows, which must be defined."""
    weights = None if table.weights is None else table.weights[rest]
    if weights is not None and not weights.any():
        raise DataError("all held-out rows have weight zero; one must be positive")
    judge = HeldOut(target, model, np.ascontiguousarray(X), y, weights)
    if target.loss == "squared" and np.isnan(target.score(np.zeros((len(X), target.n_outputs)), y, weights)):
        raise DataError(
            f"{table.inputs.prefix}R2 needs held-out rows whose targets differ, and those of the {len(X)} held out "
            "do not; hold out more rows"
        )
    return judge


def _test_risk(judge: HeldOut | None) -> EmpiricalRisk | None:
    """Return the mean loss on held-out rows, without the penalty."""
    if judge is None:
        return None
    factors: dict[str, Any] = {} if judge.weights is None else {"weights": judge.weights}
    return EmpiricalRisk(judge.model, judge.target.loss, judge.X, judge.y, **factors)


def _name(table: Parts, target: TargetCoding, model: MLP, settings: dict[str, Any]) -> str:
    """Return a name that says what the problem is; a table in memory has none from which it could be built again."""
    net = "+".join(map(str, model.sizes[1:-1])) or "0"
    parts: dict[str, Any] = {
        "target": "+".join(target.names),
        "n": len(table.inputs),
        "hidden": net,
        "activation": model.activation,
    }
    told = (parts | {"loss": target.loss} | settings).items()
    return "table:" + ",".join(f"{key}={written(value).replace(',', ';')}" for key, value in told if value is not None)
