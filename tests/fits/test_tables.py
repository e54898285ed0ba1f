"""Tables fitted: predictions in their units, scores that are what they say, rows held out that are never seen."""

import time
from types import SimpleNamespace

import numpy as np
import pytest
from fits.tables import holes, people

from homotopy.errors import ArgumentError, DataError
from homotopy.fits import fit_table
from homotopy.fits.sample import with_constant
from homotopy.fits.table.judging import verdict
from homotopy.fits.table.parts import CONSTANT, Rows
from homotopy.tables import TargetCoding, frame_of

FAST = {"hidden": 8, "budget": 300.0, "alpha": 0.001, "method": "lbfgs"}
INPUTS = ("age", "hours", "job", "owner")


def inputs(table):
    return {name: table[name] for name in INPUTS}


@pytest.mark.parametrize("seed", range(3))
def test_a_number_is_predicted_in_its_units(seed):
    table, new = people(seed), people(seed + 50)
    fitted = fit_table(inputs(table), table["pay"], **FAST)
    said = fitted.model.predict(inputs(new))
    assert np.mean((said - new["pay"]) ** 2) < 0.05 * np.var(new["pay"])
    assert fitted.model.score(inputs(new), new["pay"]) == pytest.approx(
        1 - np.mean((said - new["pay"]) ** 2) / np.var(new["pay"])
    )


@pytest.mark.parametrize("target", ["rich", "grade"])
def test_classes_keep_their_labels(target):
    table, new = people(1, n=300), people(51)
    fitted = fit_table(inputs(table), table[target], **FAST)
    said, shares = fitted.model.predict(inputs(new)), fitted.model.predict_proba(inputs(new))
    assert set(said.tolist()) <= set(table[target].tolist())
    assert np.mean(said == new[target]) > 0.75
    np.testing.assert_allclose(shares.sum(axis=1), 1.0)
    assert [fitted.model.classes[i] for i in shares.argmax(axis=1)] == said.tolist()
    assert fitted.model.score(inputs(new), new[target]) == pytest.approx(np.mean(said == new[target]))


def test_scores_are_those_of_the_rows_learned_from_and_of_those_held_out():
    table = people(2)
    fitted = fit_table(table, "pay", ignore=["rich", "grade"], **FAST)
    said, pay = fitted.model.predict(table), table["pay"]
    mean, ridge, net = fitted.rows
    for part, rows in (("train", fitted.model.data.train), ("test", fitted.model.data.test)):
        rest = pay[rows] - said[rows]
        assert getattr(net, part) == pytest.approx(1 - np.sum(rest**2) / np.sum((pay[rows] - pay[rows].mean()) ** 2))
        assert getattr(net, f"{part}_error") == pytest.approx(np.sqrt(np.mean(rest**2)))
        assert getattr(mean, f"{part}_error") == pytest.approx(
            np.sqrt(np.mean((pay[rows] - pay[fitted.model.data.train].mean()) ** 2))
        )
    assert mean.train == pytest.approx(0.0, abs=1e-12)
    assert mean.test < ridge.test < net.test
    assert len(fitted.model.data.test) == 40


def test_scores_of_classes_and_their_baselines():
    table = people(3)
    fitted = fit_table(table, "grade", ignore="rich+pay", ensemble=3, **FAST)
    often, logistic, net = fitted.rows
    rows = fitted.model.data.test
    truth = table["grade"][rows]
    shares = fitted.model.predict_proba(table)[rows]
    learned = table["grade"][fitted.model.data.train]
    counts = [np.sum(learned == label) for label in fitted.model.classes]
    assert often.test == pytest.approx(np.mean(truth == fitted.model.classes[int(np.argmax(counts))]))
    places = [fitted.model.classes.index(label) for label in truth.tolist()]
    assert net.test_error == pytest.approx(-np.mean(np.log(shares[np.arange(len(rows)), places])))
    assert net.test == pytest.approx(np.mean(shares.argmax(axis=1) == places))
    assert often.test < min(logistic.test, net.test)
    assert net.name == "mean of 3 nets"


def test_held_out_rows_are_never_seen():
    table = people(4)
    first = fit_table(table, "pay", ignore=["rich", "grade"], hidden=4, budget=100, method="lbfgs")
    rows = first.model.data.test
    changed = {name: np.array(cells) for name, cells in table.items()}
    changed["pay"][rows] = changed["pay"][rows][::-1] * 3
    changed["age"][rows] += 7
    second = fit_table(changed, "pay", ignore=["rich", "grade"], hidden=4, budget=100, method="lbfgs")
    assert (first.model.weights == second.model.weights).all()
    assert first.model.about["alpha"] == second.model.about["alpha"]
    assert first.rows[-1].test != second.rows[-1].test


def test_predictions_do_not_depend_on_units():
    table = people(5)
    other = table | {"hours": table["hours"] * 2.0**30, "age": table["age"] / 2.0**9}
    for target, factor in (("pay", 2.0**-20), ("rich", None)):
        one = fit_table(inputs(table), table[target], hidden=4, budget=100)
        y = table[target] if factor is None else table[target] * factor
        two = fit_table(inputs(other), y, hidden=4, budget=100)
        said = two.model.predict(inputs(other))
        assert (one.model.predict(inputs(table)) == (said if factor is None else said / factor)).all()


def test_the_nets_biases_have_taken_in_the_constant_column():
    table = people(6)
    fitted = fit_table(inputs(table), table["pay"], ensemble=2, **FAST)
    coded, _ = fitted.model.coded(frame_of(inputs(table)))
    np.testing.assert_allclose(
        fitted.model.outputs(coded), fitted.nets.predict(with_constant(coded, CONSTANT)), atol=1e-12
    )


def test_a_linear_model_is_its_own_baseline():
    table = people(7)
    fitted = fit_table(inputs(table), table["pay"], hidden=0, budget=300)
    assert [row.name for row in fitted.rows] == ["mean", "ridge regression"]
    assert fitted.model.weights.shape == (1, 8)


def test_all_rows_are_learned_from_where_none_are_held_out():
    table = people(8)
    fitted = fit_table(inputs(table), table["rich"], test=0, **FAST)
    assert fitted.model.about["rows"] == {"train": 160}
    assert np.isnan(fitted.rows[-1].test)
    assert "No rows were held out" in fitted.verdict


def test_missing_cells_and_unknown_categories():
    table = holes(people(9), ["age", "job"])
    fitted = fit_table({name: table[name] for name in INPUTS}, table["rich"], missing="mean", **FAST)
    row = {"age": [None], "hours": [20.0], "job": ["astronaut"], "owner": [None]}
    with pytest.warns(UserWarning, match="astronaut"):
        assert fitted.model.predict(row).shape == (1,)
    with pytest.raises(DataError, match="the column 'job' is not there"):
        fitted.model.predict({"age": [1], "hours": [2.0], "owner": ["no"]})


def test_class_weights_turn_a_model_to_the_rare_class():
    rng = np.random.default_rng(0)
    x = rng.standard_normal((600, 2))
    y = np.where(x[:, 0] + 0.8 * rng.standard_normal(600) > 1.7, "rare", "usual")
    plain, even = (fit_table(x, y, class_weight=how, **FAST).model.predict(x) for how in (None, "balanced"))
    assert np.mean(even[y == "rare"] == "rare") > np.mean(plain[y == "rare"] == "rare") + 0.1
    with pytest.raises(ArgumentError, match="class_weight is for one target of classes"):
        fit_table(x, x[:, 0], class_weight="balanced", **FAST)


def test_rows_of_weight_zero_do_not_count():
    table = people(10)
    weights = np.ones(160)
    weights[::3] = 0.0
    bad = np.where(weights == 0, 1e8, table["pay"])
    fitted = fit_table(table | {"pay": bad, "w": weights}, "pay", weights="w", ignore=["rich", "grade"],
                       standardize=False, hidden=0, budget=50, alpha=1.0)  # fmt: skip
    assert fitted.rows[0].train_error < 1e6
    assert set(fitted.model.others) >= {"w", "rich", "grade"}


def test_seconds_bound_the_whole_fit():
    table = people(11, n=600)
    begun = time.perf_counter()
    fitted = fit_table(inputs(table), table["pay"], hidden=64, budget=1e9, ensemble=3, seconds=0.6)
    assert time.perf_counter() - begun < 2.5  # a machine for tests may be busy
    assert np.isfinite(fitted.model.predict(inputs(table))).all()


def test_what_cannot_be_is_refused_before_anything_is_trained():
    table = people(12)
    wrong = {
        "alpha must be 0, a positive number or 'cv'": {"alpha": "best"},
        "ensemble must be an integer, at least 1": {"ensemble": 0},
        "unknown method 'nosuch'": {"method": "nosuch"},
        "the method 'width-deep' cannot train this net": {"method": "width-deep"},
        "seconds must be a positive number": {"seconds": -1},
        "hidden must be 0 or a positive integer": {"hidden": "8x"},
    }
    for sentence, given in wrong.items():
        with pytest.raises(ArgumentError, match=sentence):
            fit_table(inputs(table), table["grade"], **FAST | given)


def test_the_verdict_compares_row_by_row():
    y = np.linspace(-1, 1, 40)[:, None]
    coding = TargetCoding(("y",), "squared", (), (0.0,), (1.0,))
    rows = Rows(np.zeros((40, 1)), y, None)
    noise = np.random.default_rng(0).standard_normal((40, 1))
    bad, good, like = 0 * y, y + 0.05 * noise, y + 0.0501 * noise[::-1]
    assert "the net beats ridge regression" in verdict(
        coding, {"mean": bad, "ridge regression": y / 2, "net": good}, rows
    )
    assert "hidden=0 fits it" in verdict(coding, {"mean": bad, "ridge regression": good, "net": like}, rows)
    assert "ridge regression beats the net" in verdict(
        coding, {"mean": bad, "ridge regression": good, "net": bad}, rows
    )
    assert "the inputs tell little" in verdict(coding, {"mean": bad, "ridge regression": -y, "net": bad + 0.01}, rows)
    few = Rows(rows.X[:5], y[:5], None)
    assert "too few" in verdict(coding, {"mean": bad[:5], "net": good[:5]}, few)


def test_a_penalty_that_the_time_did_not_reach_is_the_usual_one():
    from homotopy.fits import ALPHAS, PenaltyPath
    from homotopy.fits.table.rivals import best_of

    data = {loss: SimpleNamespace(target=SimpleNamespace(loss=loss)) for loss in ("squared", "softmax")}
    falling = np.linspace(2.0, 1.0, len(ALPHAS))[:, None] * np.ones((1, 5))
    for n, best, usual in ((1, 0.3, 0.02), (3, 0.03, 0.02), (5, 0.003, 0.003), (8, 0.0001, 0.0001)):
        path = PenaltyPath(np.array(ALPHAS[:n]), falling[:n], 1.0, 1.0)
        assert path.best == best
        assert best_of(path, data["squared"]) == usual
    assert best_of(PenaltyPath(np.array(ALPHAS[:3]), falling[:3], 1.0, 1.0), data["softmax"]) == 0.003
    turned = PenaltyPath(np.array(ALPHAS[:3]), falling[[1, 0, 0]], 1.0, 1.0)
    assert best_of(turned, data["squared"]) == 0.3
