"""``homotopy fit`` and ``predict``: from a raw file to predictions, on one screen; sentences where it cannot be."""

import csv
import json

import numpy as np
import pytest
from fits.tables import holes, people, write

import homotopy as hp

RAW = ["age", "hours", "job", "owner", "rich"]
FAST = ["-m", "lbfgs", "--budget", "100", "--alpha", "0.01", "--hidden", "4"]


@pytest.fixture
def raw(tmp_path):
    """A file with text classes, a category, words for a boolean and missing cells."""
    table = holes(people(0), ["age", "job"])
    write(tmp_path / "people.csv", table, RAW)
    write(tmp_path / "new.csv", people(1), ["owner", "job", "hours", "age"])
    return table


@pytest.fixture
def model(run, raw):
    assert run("fit", "people.csv", "--target", "rich", "--missing", "mean", "-o", "model", *FAST).code == 0


def rows(text):
    return list(csv.reader(text.splitlines()))


def test_a_raw_file_becomes_predictions_in_two_commands(run, raw):
    fit = run("fit", "people.csv", "--target", "rich", "--missing", "mean", "-o", "model.npz")
    assert (fit.code, fit.err) == (0, "")
    assert "160 rows, 40 of them held out (accuracy)" in fit.out
    got = run("predict", "model.npz", "new.csv")
    assert (got.code, got.err) == (0, "")
    header, *said = rows(got.out)
    assert header == ["rich"]
    assert np.mean([one == truth for (one,), truth in zip(said, people(1)["rich"], strict=True)]) > 0.85
    table = people(1)
    assert [one for (one,) in said] == hp.load_model("model").predict({k: table[k] for k in RAW[:4]}).tolist()


SETTINGS = {
    "defaults": [],
    "many": ["--ensemble", "3", "--hidden", "8+8", "--class-weight", "balanced", "--alpha", "cv"],
    "linear": ["--hidden", "0"],
    "number": ["--target", "age", "--test", "0"],
    "two": ["--target", "age+hours", "--no-standardize"],
    "weights": ["--target", "rich", "--weights", "hours", "--ignore", "job"],
}


@pytest.mark.parametrize("name", SETTINGS)
def test_the_summary_is_one_screen(run, raw, name):
    got = run("fit", "people.csv", "--target", "rich", "--missing", "mean", "-o", "m", *FAST, *SETTINGS[name])
    assert (got.code, got.err) == (0, "")
    lines = got.out.splitlines()
    assert len(lines) <= 24
    assert max(map(len, lines)) < 80
    at = [i for i, line in enumerate(lines) if "train" in line and "alpha" in line]
    assert len(at) == 1
    numbers = name in ("number", "two")
    assert lines[at[0] + 1].startswith("mean " if numbers else "most frequent class")
    assert lines[at[0] + 2].startswith("ridge regression" if numbers else "logistic regression")
    assert "m.npz was fitted on" in got.out
    assert got.out.count("penalty alpha=") == 1
    assert "l2=" not in got.out


def test_a_table_of_many_columns_still_fits_a_screen(run, tmp_path):
    rng = np.random.default_rng(0)
    table = {f"a rather long name of column {j}": rng.standard_normal(60) for j in range(60)}
    table |= {f"constant number {j}": [1] * 60 for j in range(30)} | {"y": rng.standard_normal(60)}
    write(tmp_path / "wide.csv", holes(table, [name for name in table if name.startswith("a ")]))
    got = run("fit", "wide.csv", "--target", "y", "--missing", "mean", "-o", "m", *FAST)
    assert got.code == 0
    assert len(got.out.splitlines()) <= 24


def test_scores_and_predictions_agree_with_python(run, raw):
    words = ["fit", "people.csv", "--target", "rich", "--missing", "mean", "-o", "m", *FAST, "--seed", "3", "--json"]
    data = json.loads(run(*words).out)
    fitted = hp.fit_table(
        "people.csv", "rich", missing="mean", method="lbfgs", budget=100, alpha=0.01, hidden=4, seed=3
    )
    assert [row["name"] for row in data["scores"]] == ["most frequent class", "logistic regression", "net"]
    assert [row["test"] for row in data["scores"]] == [row.test for row in fitted.rows]
    assert data["objective"] == fitted.nets.best.value
    assert data["rows"] == {"train": 120, "test": 40}
    assert data["written"] == "m.npz"
    assert (hp.load_model("m").weights == fitted.model.weights).all()


def test_a_model_that_is_there_stays_unless_forced(run, model, tmp_path):
    before = (tmp_path / "model.npz").read_bytes()
    words = ["fit", "people.csv", "--target", "rich", "--missing", "mean", "-o", "model", *FAST]
    got = run(*words)
    assert (got.code, got.out) == (2, "")
    assert got.err == "homotopy: error: model.npz is there already; --force replaces it\n"
    assert (tmp_path / "model.npz").read_bytes() == before
    assert run(*words, "--force", "--seed", "1").code == 0
    assert (tmp_path / "model.npz").read_bytes() != before
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


WRONG = {
    "file": (["none.csv"], "none.csv: there is no such file"),
    "column": (["people.csv", "--target", "rch"], "there is no column 'rch' (did you mean 'rich'?)"),
    "missing": (["people.csv"], "--missing drop leaves such rows out, --missing mean fills numbers"),
    "alpha": (["people.csv", "--alpha", "x"], "alpha must be 0, a positive number or 'cv', not 'x'"),
    "hidden": (["people.csv", "--hidden", "a"], "hidden must be 0 or a positive integer"),
    "method": (["people.csv", "-m", "nosuch"], "unknown method 'nosuch'"),
    "budget": (["people.csv", "--budget", "0"], "'--budget': must be a positive number"),
    "seconds": (["people.csv", "--seconds", "nan"], "'--seconds': must be a positive number"),
    "ensemble": (["people.csv", "--ensemble", "0"], "'--ensemble': must be an integer, at least 1"),
    "test": (["people.csv", "--test", "1", "--missing", "mean"], "'--test': must be a number, at least 0 and below 1"),
    "loss": (["people.csv", "--loss", "squared", "--missing", "mean"], "--loss softmax takes the target as classes"),
    "folder": (["people.csv", "-o", "no/m"], "no/m.npz cannot be written: there is no folder no"),
    "is folder": (["people.csv", "-o", "."], ". is a folder"),
    "weight": (["people.csv", "--target", "hours", "--missing", "mean", "--class-weight", "balanced"], "one target of"),
    "ids": (["ids.csv", "--target", "y"], "--ignore id leaves it out"),
    "decimal": (["comma.csv", "--target", "y"], "--decimal comma reads such numbers"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_what_cannot_be_fitted_is_said_in_a_sentence(run, raw, tmp_path, name):
    (tmp_path / "ids.csv").write_text("id,y\n" + "".join(f"k{i},{i}\n" for i in range(40)))
    (tmp_path / "comma.csv").write_text("a;y\n" + "".join(f"{i},5;{i}\n" for i in range(40)))
    words, sentence = WRONG[name]
    got = run("fit", "--target", "rich", "-o", "m", *FAST, *words)
    assert (got.code, got.out) == (2, "")
    assert got.err.startswith("homotopy: error: ")
    assert got.err.count("\n") == 1
    assert sentence in got.err
    assert not (tmp_path / "m.npz").exists()


def test_probabilities_have_a_column_a_class(run, model, raw):
    header, *said = rows(run("predict", "model", "new.csv", "--proba").out)
    assert header == ["high, very", "low"]
    shares = np.array(said, dtype=np.float64)
    np.testing.assert_allclose(shares.sum(axis=1), 1.0)
    assert (shares == hp.load_model("model").predict_proba("new.csv")).all()
    labels = [label for (label,) in rows(run("predict", "model", "new.csv").out)[1:]]
    assert labels == [header[i] for i in shares.argmax(axis=1)]


def test_numbers_have_all_their_digits(run, tmp_path):
    write(tmp_path / "t.csv", people(2), ["age", "hours", "job", "pay"])
    assert run("fit", "t.csv", "--target", "pay", "-o", "m", *FAST).code == 0
    got = run("predict", "m", "t.csv")
    said = np.array(rows(got.out)[1:], dtype=np.float64).ravel()
    assert (said == hp.load_model("m").predict("t.csv")).all()
    assert np.mean((said - people(2)["pay"]) ** 2) < 0.1 * np.var(people(2)["pay"])
    score = hp.load_model("m").score("t.csv")
    assert got.err == f"R2 {score:.4g} on the 160 rows of t.csv\n"
    assert run("predict", "m", "t.csv", "-q").err == ""
    assert "--proba is for classes; m predicts numbers (pay)" in run("predict", "m", "t.csv", "--proba").err


def test_several_targets_have_a_column_each(run, tmp_path):
    write(tmp_path / "t.csv", people(3), ["age", "hours", "job", "owner", "rich", "pay"])
    assert run("fit", "t.csv", "--target", "rich+owner", "--ignore", "pay", "-o", "m", *FAST).code == 0
    header, *said = rows(run("predict", "m", "t.csv").out)
    assert header == ["rich", "owner"]
    assert {one for one, _ in said} == {"high, very", "low"}
    assert rows(run("predict", "m", "t.csv", "--proba").out)[0] == ["rich=low", "owner=yes"]


def test_every_row_gets_its_line_in_order(run, model, tmp_path):
    table = people(4, n=30)
    write(tmp_path / "a.csv", table, RAW)
    write(tmp_path / "b.csv", {name: cells[::-1] for name, cells in table.items()}, RAW)
    one, two = (rows(run("predict", "model", f"{name}.csv").out)[1:] for name in "ab")
    assert one == two[::-1]
    assert len(one) == 30
    (tmp_path / "none.csv").write_text("age,hours,job,owner\n")
    got = run("predict", "model", "none.csv")
    assert (got.code, got.out, got.err) == (0, "rich\n", "")


NEW = {
    "column": ("age,hours,job\n1,2,clerk\n", 2, "the column 'owner' is not there; needed are"),
    "word": ("age,hours,job,owner\n1,2,clerk,yes\n1,x,clerk,no\n", 2, "line 3, column 2 (hours): 'x' is not a number"),
    "unknown": ("age,hours,job,owner\n1,2,baker,yes\n", 0, "column 'job': 1 row has a category that training had not"),
    "further": ("age,hours,job,owner,z\n1,2,clerk,yes,5\n", 0, "left out, since the model does not know them: 'z'"),
    "missing": ("age,hours,job,owner\n,2,,yes\n", 0, ""),
    "class": ("age,hours,job,owner,rich\n1,2,clerk,yes,poor\n", 0, "no score: new.csv: line 2, column 5 (rich)"),
    "some": ("age,hours,job,owner,rich\n1,2,clerk,yes,low\n3,4,nurse,no,\n", 0, "the 1 row of new.csv that has 'rich'"),
    "none": ("age,hours,job,owner,rich\n1,2,clerk,yes,NA\n", 0, ""),
    "ragged": ("age,hours,job,owner\n1,2,clerk\n", 2, "line 2 has 3 cells"),
    "infinite": ("owner,age,hours,job\nyes,1,1e999,clerk\n", 2, "line 2, column 3 (hours): inf is not a finite"),
}  # fmt: skip


@pytest.mark.parametrize("name", NEW)
def test_new_rows_of_all_kinds(run, model, tmp_path, name):
    text, code, sentence = NEW[name]
    (tmp_path / "new.csv").write_text(text)
    got = run("predict", "model", "new.csv")
    assert got.code == code
    assert (got.out == "") == (code == 2)
    assert sentence in got.err
    assert got.err.count("\n") == (1 if sentence else 0)
    assert code == 2 or len(got.out.splitlines()) == len(text.splitlines())


def test_a_model_that_dropped_rows_drops_none_later(run, raw, tmp_path):
    assert run("fit", "people.csv", "--target", "rich", "--missing", "drop", "-o", "m", *FAST).code == 0
    (tmp_path / "holes.csv").write_text("age,hours,job,owner\n30,2,clerk,yes\n,2,clerk,yes\n")
    got = run("predict", "m", "holes.csv")
    assert (got.code, got.out) == (2, "")
    assert "1 cell is missing (age: 1; in line 3)" in got.err
    assert "make the model with --missing mean, or fill them" in got.err


def test_a_file_is_read_as_that_of_the_fit_was(run, tmp_path):
    table = people(5)
    plain = {"age": table["age"], "hours": table["hours"], "pay": table["pay"]}
    comma = {name: [str(cell).replace(".", ",") for cell in cells] for name, cells in plain.items()}
    write(tmp_path / "plain.csv", plain)
    write(tmp_path / "comma.txt", comma, delimiter=";")
    assert run("fit", "plain.csv", "--target", "pay", "-o", "one", *FAST).code == 0
    words = ["--decimal", "comma", "--delimiter", "semicolon"]
    assert run("fit", "comma.txt", "--target", "pay", "-o", "two", *FAST, *words).code == 0
    said = [run("predict", *pair).out for pair in (("one", "plain.csv"), ("two", "comma.txt"))]
    said.append(run("predict", "one", "comma.txt", *words).out)
    assert said[0] == said[1] == said[2]


def test_columns_of_weights_and_those_left_out_may_be_there_or_not(run, tmp_path):
    table = people(6) | {"w": np.arange(160) % 3, "id": np.arange(160)}
    write(tmp_path / "t.csv", table, [*RAW, "w", "id"])
    words = ["--weights", "w", "--ignore", "id+owner", *FAST]
    assert run("fit", "t.csv", "--target", "rich", "-o", "m", *words).code == 0
    write(tmp_path / "new.csv", table, ["job", "hours", "age"])
    with_all, without = run("predict", "m", "t.csv"), run("predict", "m", "new.csv")
    assert with_all.out == without.out
    assert "left out" not in with_all.err
    assert without.err == ""


def test_predictions_in_a_file(run, model, tmp_path):
    out = run("predict", "model", "new.csv").out
    got = run("predict", "model", "new.csv", "-o", "said.csv")
    assert (got.out, got.err) == ("", "wrote said.csv: 160 rows\n")
    assert (tmp_path / "said.csv").read_text() == out
    again = run("predict", "model", "new.csv", "-o", "said.csv")
    assert (again.code, again.err) == (2, "homotopy: error: said.csv is there already; --force replaces it\n")
    assert run("predict", "model", "new.csv", "-o", "said.csv", "--force", "--proba").code == 0
    assert (tmp_path / "said.csv").read_text() != out


@pytest.mark.parametrize("path", ["people.csv", "nomodel", "cut.npz", "."])
def test_what_is_no_model_is_said_in_a_sentence(run, model, tmp_path, path):
    (tmp_path / "cut.npz").write_bytes((tmp_path / "model.npz").read_bytes()[:500])
    got = run("predict", path, "new.csv")
    assert (got.code, got.out) == (2, "")
    assert got.err.startswith(f"homotopy: error: {path}: ")
    assert got.err.count("\n") == 1
