"""Problems made of tables: what is learned from which rows, predictions in the table's units, and the line about it."""

import json
import pickle
import sys

import numpy as np
import pandas as pd
import pytest

import homotopy as hp
from homotopy.errors import ArgumentError, DataError
from homotopy.problems.table import TableData, making


@pytest.fixture
def houses():
    rng = np.random.default_rng(0)
    n = 60
    size, city, new = rng.uniform(30, 300, n), rng.choice(["Rome", "Oslo", "Bonn"], n), rng.random(n) < 0.5
    price = 2000 * size + 1e5 * (city == "Oslo") + 3e4 * new + 1e3 * rng.standard_normal(n)
    return pd.DataFrame({"size": size, "city": city, "new": new, "price": price})


def solved(problem, method="lbfgs"):
    return hp.solve(problem, method, rng=0, budget=3000).x


def test_a_table_in_and_predictions_in_its_units_out(houses):
    problem = hp.from_table(houses, "price", hidden=0, l2=0, test=0.25, seed=3)
    x = solved(problem)
    data = problem.data
    assert data.encoding.names == ("size", "city=Bonn", "city=Oslo", "city=Rome", "new")
    assert sorted([*data.train, *data.test]) == list(range(60))
    held = houses.iloc[data.test]
    predicted = data.predict(x, held)
    np.testing.assert_allclose(predicted, held.price, rtol=0.05)
    design = np.column_stack([houses["size"], houses.new, pd.get_dummies(houses.city)]).astype(float)
    best = np.linalg.lstsq(design[data.train], houses.price.iloc[data.train], rcond=None)[0]
    np.testing.assert_allclose(predicted, design[data.test] @ best, rtol=1e-4)
    r2 = 1 - np.sum((held.price - predicted) ** 2) / np.sum((held.price - held.price.mean()) ** 2)
    assert problem.score(x) == pytest.approx(r2)
    assert data.score(x, held) == pytest.approx(r2)
    assert data.score(x, held.drop(columns="price"), held.price) == pytest.approx(r2)
    assert problem.score_name == "R2"
    rest = ((predicted - held.price) / houses.price.iloc[data.train].std(ddof=0)) ** 2
    assert problem.test.value(x) == pytest.approx(rest.mean() / 2)


def test_scaling_is_that_of_the_training_rows_alone(houses):
    problem = hp.from_table(houses, "price", test=0.5)
    X, y = problem.objective.X, problem.objective.y
    np.testing.assert_allclose(X[:, [0, 4]].mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(X[:, [0, 4]].std(axis=0), 1)
    np.testing.assert_allclose([y.mean(), y.std()], [0, 1], atol=1e-12)
    assert abs(problem.test.X[:, 0].mean()) > 1e-6
    other = houses.copy()
    other.loc[problem.data.test, "size"] *= 1000
    again = hp.from_table(other, "price", test=0.5)
    np.testing.assert_array_equal(again.objective.X, X)


def test_no_unit_matters(houses):
    one = hp.from_table(houses, "price")
    two = hp.from_table(houses.assign(price=houses.price * 1e-9, size=houses["size"] * 1e7), "price")
    x = solved(one)
    assert two.objective.value(x) == pytest.approx(one.objective.value(x), rel=1e-9)
    far = two.data.predict(x, houses.assign(size=houses["size"] * 1e7))
    np.testing.assert_allclose(far * 1e9, one.data.predict(x, houses), rtol=1e-9)


WAYS = {
    "frame and name": lambda t: (t, "price"),
    "frame and series": lambda t: (t.drop(columns="price"), t.price),
    "frame and list": lambda t: (t.drop(columns="price"), t.price.tolist()),
    "frame and frame": lambda t: (t.drop(columns="price"), t[["price"]]),
    "names of targets": lambda t: (t, ["price"]),
    "mapping": lambda t: ({name: t[name].tolist() for name in t}, "price"),
    "rows": lambda t: (t.drop(columns="price").to_numpy().tolist(), t.price.to_numpy()),
    "array of objects": lambda t: (t.drop(columns="price").to_numpy(), t.price.to_numpy()),
}


@pytest.mark.parametrize("way", WAYS)
def test_however_it_is_given_it_is_the_same(houses, way):
    expected = hp.from_table(houses, "price").objective
    found = hp.from_table(*WAYS[way](houses)).objective
    np.testing.assert_array_equal(found.X, expected.X)
    np.testing.assert_array_equal(found.y, expected.y)


def test_a_file_is_the_same_with_and_without_pandas(houses, tmp_path, monkeypatch):
    houses.to_csv(tmp_path / "h.csv", index=False)
    expected = hp.from_table(houses, "price", test=0.2)
    x = expected.start(np.random.default_rng(0))
    prices = expected.data.predict(x, houses)
    found = [hp.from_table(str(tmp_path / "h.csv"), "price", test=0.2)]
    monkeypatch.setitem(sys.modules, "pandas", None)
    found.append(hp.from_table(tmp_path / "h.csv", test=0.2))
    for problem in found:
        np.testing.assert_allclose(problem.objective.X, expected.objective.X, atol=1e-12)
        np.testing.assert_array_equal(problem.data.test, expected.data.test)
        np.testing.assert_allclose(problem.data.predict(x, tmp_path / "h.csv"), prices)


def test_classes_with_their_names(houses):
    problem = hp.from_table(houses, "city", test=0.3, hidden=(4, 3), activation="relu")
    assert problem.objective.model.sizes == (3, 4, 3, 3)
    assert problem.score_name == "accuracy"
    x = problem.start(np.random.default_rng(1))
    predicted = problem.data.predict(x, houses)
    assert set(predicted) <= {"Rome", "Oslo", "Bonn"}
    held = problem.data.test
    assert problem.score(x) == np.mean(predicted[held] == houses.city.to_numpy()[held])
    assert problem.data.score(x, houses) == np.mean(predicted == houses.city.to_numpy())
    chances = problem.data.predict_proba(x, houses)
    np.testing.assert_array_equal(np.array(["Bonn", "Oslo", "Rome"])[chances.argmax(axis=1)], predicted)
    counts = houses.city.iloc[held].value_counts()
    assert all(abs(counts[c] - 0.3 * (houses.city == c).sum()) < 1 for c in counts.index)
    two = hp.from_table(houses, "new", hidden="2+2")
    assert two.objective.value(np.zeros(two.size)) == pytest.approx(np.log(2))
    assert two.data.predict(np.zeros(two.size), houses).dtype == bool


def test_several_targets(houses):
    houses["rent"] = houses.price / 240 + houses["size"]
    problem = hp.from_table(houses, "price+rent", hidden=0, l2=0, test=0.2)
    x = solved(problem)
    predicted = problem.data.predict(x, houses)
    assert predicted.shape == (60, 2)
    np.testing.assert_allclose(predicted[:, 1], houses.rent, rtol=0.05)
    assert problem.score(x) > 0.99
    with pytest.raises(ArgumentError, match="y names a column twice"):
        hp.from_table(houses, "price+price")


def test_missing_cells(houses):
    houses.loc[[3, 7], "size"] = np.nan
    houses.loc[[7, 9], "city"] = None
    houses.loc[11, "price"] = np.nan
    with pytest.raises(DataError, match=r"5 cells are missing \(size: 2, city: 2, price: 1; the first in row 3\); "
                       "missing=drop .*--missing drop.* leaves such rows out, missing=mean"):  # fmt: skip
        hp.from_table(houses, "price")
    dropped = hp.from_table(houses, "price", missing="drop")
    assert set(range(60)) - set(dropped.data.train) == {3, 7, 9, 11}
    assert "4 rows of 60 left out" in dropped.data.describe()
    filled = hp.from_table(houses, "price", missing="mean")
    assert set(range(60)) - set(filled.data.train) == {11}
    assert filled.data.describe().endswith("(size: 2, city: 2): filled with the mean or a category of their own")
    one = hp.from_table(houses, "price", missing="mean", ignore="city").data.describe()
    assert one.endswith("2 cells are missing (size: 2): filled with the mean")
    assert filled.data.encoding.names[4] == "city=(missing)"
    assert "1 row of 60 without a target left out; 4 cells are missing" in filled.data.describe()
    x = filled.start(np.random.default_rng(0))
    assert np.isfinite(filled.data.predict(x, houses)).all()
    with pytest.raises(DataError, match="nothing was learned to put there"):
        dropped.data.predict(dropped.start(np.random.default_rng(0)), houses)
    with pytest.raises(DataError, match="1 rows would be left of 60, and at least 2 are needed"):
        hp.from_table(houses.assign(size=[1.0] + [None] * 59), "price", missing="drop")
    with pytest.raises(DataError, match="column 'size' has no value in any row"):
        hp.from_table(houses.assign(size=np.nan), "price", missing="mean")


def test_the_line(houses):
    said = hp.from_table(houses, "price", test=0.25).data.describe()
    assert said == (
        "60 rows, 15 of them held out (R2); inputs: 1 number, 1 boolean, 1 category as 3 columns, standardized; "
        "target 'price': numbers, squared loss, standardized; "
        "no penalty (l2= often matters more for predictions than the minimum)"
    )
    said = hp.from_table(houses.assign(one=1.0), "city", l2=0.02).data.describe()
    assert "target 'city': 3 classes (Bonn, Oslo, Rome), softmax loss; penalty l2=0.02; " in said
    assert "constant and become zero: 'one'" in said
    assert "warning" not in said
    raw = hp.from_table(houses, "price", standardize=False).data.describe()
    assert "inputs: 1 number, 1 boolean, 1 category as 3 columns, not standardized" in raw
    assert raw.endswith("(price), far from one: methods may stall; standardize them")
    near = hp.from_table(houses.assign(size=houses["size"] / 100, price=houses.price / 1e5), "price", standardize=False)
    assert "warning" not in near.data.describe()


def test_rows_that_are_counted_are_spoken_of(houses):
    said = hp.from_table(houses.assign(id=range(7, 67)), "price").data.describe()
    assert said.endswith("'id' only counts the rows; ignore=id leaves it out")
    assert "counts" not in hp.from_table(houses.assign(id=range(7, 67)), "price", ignore="id").data.describe()


def test_it_is_written_down_and_read_again(houses):
    problem = hp.from_table(houses, "city", hidden=(3, 2), missing="mean", test=0.2)
    x = problem.start(np.random.default_rng(0))
    data = problem.data.to_dict()
    again = TableData.from_dict(json.loads(json.dumps(data)))
    np.testing.assert_array_equal(again.predict(x, houses), problem.data.predict(x, houses))
    assert again.describe() == problem.data.describe()
    for wrong, words in [
        (3, "must be a dictionary of version 1"),
        (data | {"version": 2}, "must be a dictionary of version 1"),
        (data | {"net": {"sizes": [5, 3]}}, "lacks some of its parts"),
        (data | {"target": {}}, "a coding of targets must be"),
        (
            data | {"net": {"sizes": [9, 3], "activation": "tanh"}},
            "the net has 9 inputs and 3 outputs; the columns need 3",
        ),
    ]:
        with pytest.raises(ArgumentError, match=words):
            TableData.from_dict(wrong)


def test_new_categories_are_spoken_of(houses):
    problem = hp.from_table(houses, "price")
    x = problem.start(np.random.default_rng(0))
    with pytest.warns(UserWarning, match=r"column 'city': 2 rows have a category that training had not \('Paris'\)"):
        problem.data.predict(x, houses.assign(city=["Paris"] * 2 + ["Rome"] * 58))
    with pytest.warns(UserWarning, match="left out, since the model does not know them: 'more'"):
        problem.data.predict(x, houses.assign(more=1))
    with pytest.raises(DataError, match="the column 'new' is not there"):
        problem.data.predict(x, houses.drop(columns="new"))


def test_weights_reach_the_objective(houses, monkeypatch):
    given = []

    class Weighted(making.EmpiricalRisk):
        def __new__(cls, *parts, weights=None, **more):
            given.append(weights)
            return super().__new__(cls, *parts, **more)

    monkeypatch.setattr(making, "EmpiricalRisk", Weighted)
    houses["w"] = np.arange(60.0)
    problem = hp.from_table(houses, "city", weights="w", class_weight="balanced", test=0.5)
    assert "w" not in problem.data.encoding.names
    assert "rows are weighted" in problem.data.describe()
    city = houses.city.iloc[problem.data.train]
    expected = houses.w.iloc[problem.data.train] * (30 / (3 * city.map(city.value_counts())))
    np.testing.assert_allclose(given[0], expected)
    np.testing.assert_allclose(given[1], houses.w.iloc[problem.data.test])
    given.clear()
    hp.from_table(houses.drop(columns="w"), "city", class_weight={"Rome": 3})
    assert sorted(set(given[0])) == [1, 3]
    given.clear()
    hp.from_table(houses.drop(columns="w"), "city")
    assert given == [None]
    with pytest.raises(ArgumentError, match="class_weight is for one target of classes"):
        hp.from_table(houses, "price", class_weight="balanced")


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"hidden": "8+x"}, ArgumentError, r"hidden must be 0 or a positive integer, or several such as \(8, 8\)"),
        ({"hidden": (8, 0)}, ArgumentError, "hidden must be"),
        ({"hidden": -1}, ArgumentError, "hidden must be"),
        ({"hidden": 2.5}, ArgumentError, "hidden must be"),
        ({"activation": "rely"}, ArgumentError, "rely"),
        ({"loss": "hinge"}, ArgumentError, "loss must be"),
        ({"l2": -1}, ArgumentError, "l2 must be 0 or a positive number"),
        ({"standardize": "yes"}, ArgumentError, "standardize must be True or False"),
        ({"missing": "median"}, ArgumentError, "missing must be 'drop' or 'mean'"),
        ({"ignore": ["sise"]}, DataError, r"no column 'sise' \(did you mean 'size'\?\)"),
        ({"ignore": ["size", "city", "new"]}, DataError, "no feature column beside the target 'price'"),
        ({"ignore": 3}, ArgumentError, "ignore must be the names of columns"),
        ({"categories": ["x"]}, DataError, "no column 'x'"),
        ({"folds": 5}, ArgumentError, "folds=5 needs fold=0 to 4"),
        ({"test": 0.01}, DataError, "R2 needs held-out rows whose targets differ"),
    ],
)
def test_arguments_that_are_not_allowed(houses, options, error, words):
    with pytest.raises(error, match=words):
        hp.from_table(houses, "price", **options)


def test_tables_that_cannot_be_used(houses):
    with pytest.raises(ArgumentError, match="y is None; give the targets, or the name of the column"):
        hp.from_table(houses)
    with pytest.raises(DataError, match="X has 60 rows and y has 2; they must be equally many"):
        hp.from_table(houses, [1.0, 2.0])
    with pytest.raises(DataError, match="1 data rows are too few"):
        hp.from_table(houses.iloc[:1], "price")
    with pytest.raises(DataError, match="the target 'price' is constant"):
        hp.from_table(houses.assign(price=1.0), "price")


def test_it_goes_to_other_processes_and_into_comparisons(houses):
    problem = hp.from_table(houses, "price", test=0.25)
    again = pickle.loads(pickle.dumps(problem))
    x = problem.start(np.random.default_rng(0))
    np.testing.assert_array_equal(again.start(np.random.default_rng(0)), x)
    assert again.score(x) == problem.score(x)
    assert again.data.describe() == problem.data.describe()
    folds = [hp.from_table(houses, "price", folds=2, fold=i) for i in range(2)]
    table = hp.compare(folds, "lbfgs", seeds=2, budget=50)
    assert len(table.groups) == 2
