"""A paper is run, judged, written, taken up again, and refused where it cannot be meant."""

import json
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

from homotopy.errors import ArgumentError, MissingExtraError
from homotopy.experiments import Grid
from homotopy.papers.frame import (
    Outcome,
    Paper,
    Picture,
    Spent,
    Study,
    Table,
    catalogue,
    claim,
    curve,
    drawn,
    finish,
    panels,
    prices,
    reproduce,
    reproducing,
)
from homotopy.papers.frame.holding import unexpected
from homotopy.papers.frame.index import index, listing
from homotopy.papers.frame.reproducing import write


def _run(study):
    return Outcome(
        (claim("a | b", "1", "1", True, "equal"),),
        {"one": 1.0 + study.full},
        costs=(Table("E*", ("method", "E*"), (("gd", "1"),), "what E* is"),),
        pictures=(Picture("line", Figure(), "a line"),),
        findings=("gradient descent is slow",),
    )


@pytest.fixture
def made(monkeypatch):
    """A paper that is made up, with numbers that are as expected."""
    paper = Paper("made2020", "A title", "Somebody, 2020.", "https://doi.org/1", "It works.", ("All.",), _run)
    monkeypatch.setattr(reproducing, "paper", lambda key: paper)
    monkeypatch.setattr(
        reproducing, "expected_numbers", lambda key, version: {"one": (2.0 if version == "full" else 1.0, 0.1)}
    )
    return paper


def test_files_and_verdict(made, tmp_path):
    found = reproduce("made2020", full=True, folder=tmp_path)
    assert (found.verdict, found.unexpected) == ("yes", [])
    assert set(write(found, tmp_path)) == {"README.md", "results.json", "line.png"}
    data = json.loads((tmp_path / "results.json").read_text())
    assert data["numbers"] == {"one": 2.0}
    assert data["version"] == "full"
    assert data["machine"]
    assert data["rows"][0]["verdict"] == "agrees"
    text = (tmp_path / "README.md").read_text()
    for words in (
        "# A title",
        "**Reproduces: yes.**",
        "a \\| b",
        "gradient descent is slow",
        "homotopy reproduce made2020",
    ):
        assert words in text


def test_a_picture_that_is_interrupted_is_as_it_was(made, tmp_path, monkeypatch):
    found = reproduce("made2020")
    write(found, tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    whole = Image.Image.save

    def half(image, file, **settings):
        if isinstance(file, Path):
            file.write_bytes(b"half")
            raise KeyboardInterrupt
        whole(image, file, **settings)

    monkeypatch.setattr(Image.Image, "save", half)
    with pytest.raises(KeyboardInterrupt):
        write(found, tmp_path)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_a_small_run_does_not_replace_a_full_one(made, tmp_path):
    write(reproduce("made2020", full=True, folder=tmp_path), tmp_path)
    with pytest.raises(ArgumentError, match="holds the full version"):
        reproduce("made2020", folder=tmp_path)
    assert not list(tmp_path.glob("*.part"))


@pytest.mark.parametrize(("name", "text"), [("README.md", "mine"), ("results.json", "[1]"), ("results.json", "{")])
def test_files_of_something_else_are_left_alone(made, tmp_path, name, text):
    (tmp_path / name).write_text(text)
    with pytest.raises(ArgumentError, match="of something else; name another folder"):
        reproduce("made2020", full=True, folder=tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert (tmp_path / name).read_text() == text


def test_a_paper_does_not_replace_another(made, tmp_path):
    write(reproduce("made2020", folder=tmp_path), tmp_path)
    with pytest.raises(ArgumentError, match="holds made2020, which yun2019 would replace"):
        reproduce("yun2019", folder=tmp_path)


@pytest.mark.parametrize(("extras", "error"), [(("jax",), MissingExtraError), ((), ImportError)])
def test_an_extra_that_is_missing_is_one_sentence(made, monkeypatch, extras, error):
    def run(study):
        raise ModuleNotFoundError("No module named 'jax'")

    monkeypatch.setattr(reproducing, "paper", lambda key: Paper(**{**vars(made), "run": run, "extras": extras}))
    with pytest.raises(error, match=r"homotopy-opt\[jax\]" if extras else "No module named") as raised:
        reproduce("made2020")
    assert isinstance(raised.value, MissingExtraError) == bool(extras)


def test_a_number_out_of_its_tolerance_is_told(made, monkeypatch):
    monkeypatch.setattr(reproducing, "expected_numbers", lambda key, version: {"one": (1.2, 0.1), "two": (0.0, 0.0)})
    assert reproduce("made2020").unexpected == ["two is missing", "one is 1, and 1.2 within 0.1 was expected"]
    assert unexpected({"one": 1.0, "new": 2.0}, {"one": (1.0, 0.0)}) == ["new is not in expected.json"]
    assert unexpected({"one": float("nan")}, {"one": (1.0, 9.0)}) == ["one is nan, and 1 within 9 was expected"]


def test_a_number_that_is_none_is_a_fault_of_the_paper(made):
    bad = Paper(**{**vars(made), "run": lambda study: Outcome((), {"one": float("nan")})})
    with pytest.raises(AssertionError, match="one must be finite"):
        reproducing._look_at(bad, bad.run(None), False)
    with pytest.raises(AssertionError, match="must tell E"):
        reproducing._look_at(bad, Outcome((), {}), True)


def test_an_unknown_paper_is_one_sentence():
    with pytest.raises(ArgumentError, match="there is no paper 'newton1687'; there are slater2017, safran2018"):
        reproduce("newton1687")


def _square(number):
    with Path(number["log"]).open("a") as stream:
        stream.write(f"{number['n']}\n")
    return {"square": number["n"] ** 2}


def test_parts_and_runs_are_made_once(tmp_path):
    parts = [{"n": n, "log": str(tmp_path / "log")} for n in (3, 1, 2)]
    grid = Grid.of("xor", "lbfgs", seeds=3, budget=100)
    for folder in (tmp_path / "out", tmp_path / "out"):
        with Study("yun2019", folder=folder) as study:
            assert [one["square"] for one in study.each("squares", _square, parts)] == [9, 1, 4]
            seen = []
            study._progress = seen.append
            study.compare(grid)
    assert (tmp_path / "log").read_text().split() == ["3", "1", "2"]
    assert seen == []
    with Study("yun2019", folder=tmp_path / "out") as study:
        before = study.seconds
        assert before == study.seconds > 0  # what was done already takes no time
        study.each("squares", _square, [*parts, parts[0] | {"n": 4}])
        assert study.seconds > before
    assert (tmp_path / "log").read_text().split() == ["3", "1", "2", "4"]


def test_parts_of_other_sources_are_made_again(tmp_path, monkeypatch):
    parts = [{"n": 3, "log": str(tmp_path / "log")}]
    for _ in range(2):
        with Study("yun2019", folder=tmp_path / "out") as study:
            study.each("squares", _square, parts)
        monkeypatch.setattr(Study, "_made", lambda self: "other sources")
    assert (tmp_path / "log").read_text().split() == ["3", "3"]


def test_prices_are_the_expected_costs():
    """Half of the runs succeed at cost 10 of 10: two runs a success."""
    cost = np.full(40, 10.0)
    reached = np.where(np.arange(40) % 2 == 0, 10.0, np.nan)
    table = prices([Spent("p", "m", cost, reached, cost / 1e3, reached / 1e3)], "title")
    assert table.rows[0][:3] == ("p", "m", "40")
    assert table.rows[0][4].startswith("20 [")
    assert table.rows[0][5].startswith("20 [")
    assert table.rows[0][5].endswith("ms")
    none = prices([Spent("p", "m", cost, np.full(40, np.nan), cost, np.full(40, np.nan))], "title")
    assert none.rows[0][4].startswith("> ")


@drawn
def _two_flat_lines():
    figure, axes = panels()
    for method in ("width", "auto"):
        curve(axes[0], [1, 2, 3], [1, 1, 1], method, ends=[(0, 2)] * 3)
    return finish(figure, axes), axes[0]


def test_methods_that_coincide_are_both_seen_and_keep_their_color():
    figure, ax = _two_flat_lines()
    below, above = ax.get_lines()
    assert below.get_linewidth() > 2 * above.get_linewidth()
    assert above.get_linestyle() != "-"
    assert below.get_color() != above.get_color()
    assert below.get_marker() != above.get_marker()
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["width", "auto"]
    plt.close("all")


def test_the_list_of_papers_is_that_of_the_folders():
    papers = Path(catalogue.__file__).parents[1]
    assert {path.parent.name for path in papers.glob("*/expected.json")} >= set(catalogue.KEYS)
    rows = listing()
    assert [row[0] for row in rows] == list(catalogue.KEYS)
    assert all(row[4] in ("yes", "partly", "no") for row in rows)
    assert (papers / "README.md").read_text(encoding="utf-8") == index()
