"""Models in files: equal to the last bit when read again, without pickle; everything else is refused in a sentence."""

import contextlib
import json
import warnings
import zipfile

import numpy as np
import pytest
from fits.tables import holes, people

import homotopy as hp
from homotopy.errors import ArgumentError, DataError
from homotopy.fits.table.files import FORMAT

FAST = {"hidden": 4, "budget": 60.0, "alpha": 0.01, "method": "lbfgs", "missing": "mean"}
KINDS = {
    "number": ("pay", {}),
    "two classes": ("rich", {"ensemble": 2}),
    "classes": ("grade", {"ensemble": 3, "hidden": "4+3", "activation": "leaky-relu:slope=0.2"}),
    "several numbers": ("pay+hours", {"hidden": 0}),
    "several classes": ("rich+owner", {"activation": "tanh"}),
}


@pytest.fixture(scope="module")
def model():
    return hp.fit_table(people(0), "rich", ignore="pay+grade", **FAST).model


@pytest.fixture
def saved(model, tmp_path):
    return model.save(tmp_path / "model")


@pytest.mark.parametrize("kind", KINDS)
def test_predictions_are_equal_to_the_last_bit(kind, tmp_path):
    target, more = KINDS[kind]
    apart = {"pay", "rich", "grade"} - set(target.split("+"))
    table = holes(people(1), ["age", "job"])
    model = hp.fit_table(table, target, ignore=sorted(apart), **FAST | more).model
    path = model.save(tmp_path / "m.npz")
    again = hp.load_model(path)
    one, two = model.predict(table), again.predict(table)
    assert one.dtype == two.dtype
    assert (one == two).all()
    assert again.describe() == model.describe()
    assert again.others == model.others
    assert json.dumps(again.about) == json.dumps(model.about)
    if model.data.target.loss != "squared":
        assert (model.predict_proba(table) == again.predict_proba(table)).all()
    else:
        with pytest.raises(ArgumentError, match="probabilities are those of classes"):
            again.predict_proba(table)


def test_the_file_is_a_plain_npz_with_what_a_reader_looks_for(saved):
    with np.load(saved, allow_pickle=False) as file:
        header, weights = json.loads(str(file["header"])), file["weights"]
    assert header["format"] == FORMAT
    assert header["homotopy"] == hp.__version__
    assert header["about"]["alpha"] == 0.01
    assert [one["name"] for one in header["table"]["encoding"]["inputs"]] == ["age", "hours", "job", "owner"]
    assert header["table"]["target"]["classes"] == [["high, very", "low"]]
    assert weights.shape == (1, header["table"]["net"]["sizes"][0] * 4 + 4 + 5)


def test_a_file_that_is_there_is_not_overwritten_unless_told(model, saved):
    with pytest.raises(ArgumentError, match="is there already"):
        model.save(saved)
    assert model.save(saved, overwrite=True) == saved
    assert hp.load_model(saved.removesuffix(".npz")).describe() == model.describe()


@pytest.mark.parametrize("name", ["", ".", "none/m.npz"])
def test_a_name_that_is_none(model, name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ArgumentError, match=r"is a folder|there is no folder"):
        model.save(name)
    assert not list(tmp_path.iterdir())


def rewritten(saved, header=None, **arrays):
    with np.load(saved) as file:
        parts = dict(file)
    if header is not None:
        told = json.loads(str(parts["header"]))
        header(told)
        parts["header"] = np.array(json.dumps(told))
    np.savez(saved, **parts | arrays)


def test_a_newer_format_is_refused_with_its_version(saved):
    rewritten(saved, lambda told: told.update(format=FORMAT + 1, homotopy="9.9"))
    with pytest.raises(DataError, match=r"format 2, written by homotopy 9\.9; this version .* reads formats up to 1"):
        hp.load_model(saved)


HOSTILE = {
    "kind": lambda told: told.update(kind="other"),
    "no table": lambda told: told.pop("table"),
    "no about": lambda told: told.pop("about"),
    "about": lambda told: told.update(about=[1]),
    "others": lambda told: told.update(others=[3]),
    "sizes": lambda told: told["table"]["net"].update(sizes=[7, -4, 1]),
    "larger": lambda told: told["table"]["net"].update(sizes=[7, 5, 1]),
    "activation": lambda told: told["table"]["net"].update(activation="nosuch"),
    "mean": lambda told: told["table"]["encoding"]["inputs"][0].update(mean="0"),
    "infinite": lambda told: told["table"]["encoding"]["inputs"][0].update(scale=float("inf")),
    "categories": lambda told: told["table"]["encoding"]["inputs"][2].update(categories=5),
    "words": lambda told: told["table"]["encoding"]["inputs"][2].update(categories=[1, 2, 3, 4]),
    "name": lambda told: told["table"]["encoding"]["inputs"][1].update(name=None),
    "loss": lambda told: told["table"]["target"].update(loss="hinge"),
    "classes": lambda told: told["table"]["target"].update(classes=[[["a"], "b"]]),
    "options": lambda told: told["table"].update(options={"path": "x"}),
    "missing": lambda told: told["table"]["encoding"].update(missing="zero"),
    "a list": lambda told: told.update(table=[1, 2]),
    "scales": lambda told: told["table"]["target"].update(loss="squared", means=[0.0], scales=[]),
    "large": lambda told: told["table"]["encoding"]["inputs"][0].update(scale=10**400),
    "alpha": lambda told: told["about"].update(alpha=None),
}
VALUES = (None, -1, 0, 10**29, 10**400, 1e308, "x", "", [], {}, True, [[]], {"a": 1}, [1] * 50, "../x")


@pytest.mark.parametrize("how", HOSTILE)
def test_a_header_that_is_not_ours(how, saved):
    rewritten(saved, HOSTILE[how])
    with pytest.raises(
        DataError, match=r"model\.npz: this is no model that homotopy fit wrote, or the file is damaged"
    ):
        hp.load_model(saved)


def places(part, at=()):
    """Return the ways to all parts of a header."""
    inside = part.items() if isinstance(part, dict) else enumerate(part) if isinstance(part, list) else ()
    return [at, *(way for key, one in inside for way in places(one, (*at, key)))]


@pytest.mark.parametrize("target", ["rich", "pay"])
def test_a_model_with_any_part_exchanged_predicts_or_is_refused(target, tmp_path):
    table = people(2)
    hp.fit_table(table, target, ignore=sorted({"rich", "pay", "grade"} - {target}), **FAST).model.save(tmp_path / "m")
    with np.load(tmp_path / "m.npz") as file:
        parts = dict(file)
    rng, read = np.random.default_rng(6), 0
    for _ in range(80):
        header = json.loads(str(parts["header"]))
        ways = places(header)
        *way, last = ways[rng.integers(1, len(ways))]
        inside = header
        for key in way:
            inside = inside[key]
        inside[last] = VALUES[rng.integers(len(VALUES))]
        np.savez(tmp_path / "m.npz", header=np.array(json.dumps(header)), weights=parts["weights"])
        with contextlib.suppress(DataError), warnings.catch_warnings(action="ignore"):
            model = hp.load_model(tmp_path / "m.npz")
            read += 1
            assert model.describe()
            model.predict(table)
    assert 0 < read < 80


@pytest.mark.parametrize("weights", [np.zeros((1, 3)), np.full((1, 37), np.nan), np.zeros(37), np.zeros((1, 37), "f4")])
def test_weights_that_are_not_ours(weights, saved):
    rewritten(saved, weights=weights)
    with pytest.raises(DataError, match="no model that homotopy fit wrote"):
        hp.load_model(saved)


def test_pickles_are_never_opened(saved):
    rewritten(saved, weights=np.array([{"a": 1}], dtype=object))
    with pytest.raises(DataError, match="no model that homotopy fit wrote"):
        hp.load_model(saved)


def test_cut_and_flipped_files(saved, model):
    table = people(0)
    with open(saved, "rb") as file:
        whole = file.read()
    rng = np.random.default_rng(0)
    for _ in range(60):
        cut = whole[: rng.integers(len(whole))]
        flipped = bytearray(whole)
        flipped[rng.integers(len(whole))] ^= 1 << int(rng.integers(8))
        for content in (cut, bytes(flipped)):
            with open(saved, "wb") as file:
                file.write(content)
            with contextlib.suppress(DataError):  # or it is a byte that nothing depends on
                assert (hp.load_model(saved).predict(table) == model.predict(table)).all()


@pytest.mark.parametrize("content", [b"", b"PK", b"a,b\n1,2\n", b"\x93NUMPY", b"\x80\x04N."])
def test_foreign_files(content, tmp_path):
    (tmp_path / "m.npz").write_bytes(content)
    with pytest.raises(DataError, match="no model that homotopy fit wrote"):
        hp.load_model(tmp_path / "m.npz")
    with zipfile.ZipFile(tmp_path / "z.npz", "w") as file:
        file.writestr("other.txt", content)
    with pytest.raises(DataError, match="no model that homotopy fit wrote"):
        hp.load_model(tmp_path / "z.npz")
    with pytest.raises(DataError, match="there is no such file"):
        hp.load_model(tmp_path / "none")
    with pytest.raises(DataError, match="cannot be read"):
        hp.load_model(tmp_path)
