"""The page and picture are those of the kept numbers; the small study gives a page, and goes on where it stopped."""

from __future__ import annotations

from pathlib import Path

import matplotlib.image
import pytest
from click.testing import CliRunner

from homotopy.papers.landscape import study
from homotopy.papers.landscape.__main__ import main
from homotopy.papers.landscape.facts import Facts, read
from homotopy.papers.landscape.page import page
from homotopy.papers.landscape.study import FULL, SMALL, finish, parts
from homotopy.papers.landscape.tables import published

PAPERS = Path(__file__).parents[3] / "papers"


@pytest.fixture(scope="module")
def kept():
    return read(PAPERS / "landscape.csv")


def test_the_kept_page_is_made_of_the_kept_numbers(kept):
    assert page(kept) == (PAPERS / "landscape.md").read_text(encoding="utf-8")
    assert matplotlib.image.imread(PAPERS / "landscape.png").shape[2] >= 3


def test_all_parts_of_the_study_are_kept(kept):
    found = Facts(kept)
    assert [part.name for part in parts(FULL) if not found.has("done", part.name)] == []


def test_the_numbers_say_what_the_page_says_in_words(kept):
    found = Facts(kept)
    for k, _ in FULL.teachers:
        assert f"{found.number('teacher', f'{k} family 1', 'F'):.5f}" == published()["rows"][f"{k}"]["F"]
        for case in found.cases("teacher", f"{k} family"):
            assert found.number("teacher", case, "proven") == 1
            assert found.number("teacher", case, "proven index") == 0
    for case in found.cases("xor"):
        if "class" not in case:
            assert found.number("xor", case, "morse") == 1
            assert found.number("xor", case, "proven") == found.number("xor", case, "found")
    for n in FULL.widths:
        assert found.number("trap", f"n={n} L-BFGS", "success") == 0
        assert found.number("trap", f"n={n} skip", "success") == FULL.trap_seeds
        if n >= 5:
            assert found.number("trap", f"n={n} random starts, L-BFGS", "in the trap") == 0
    assert found.number("trap", "n=3 width", "success") == 0
    for case in found.cases("convex"):
        assert found.number("convex", case, "lower") <= found.number("convex", case, "upper")
        assert found.number("convex", case, "below") == 0


@pytest.mark.slow
def test_the_small_study_writes_its_files_and_goes_on(tmp_path, monkeypatch):
    asked = ["-o", str(tmp_path), "--small", "--jobs", "1"]
    first = CliRunner().invoke(main, asked)
    assert first.exit_code == 0, first.output
    text = (tmp_path / "landscape.md").read_text()
    assert "| 2-2-1 | 0.01 | 37 | 7 + 20 + 10 | 49 + 112 + 64 | 1 | 2 of 2 | 37 of 37 |" in text
    assert (tmp_path / "landscape.png").stat().st_size > 10_000
    monkeypatch.setattr(study, "one", lambda part: pytest.fail(f"{part.name} ran again"))
    assert len(finish(tmp_path / "landscape.csv", SMALL, say=lambda _: None)) == len(read(tmp_path / "landscape.csv"))
    assert page(read(tmp_path / "landscape.csv"), SMALL) == text


def test_a_file_of_something_else_is_refused_in_one_sentence(tmp_path):
    (tmp_path / "landscape.csv").write_text("a,b\n")
    told = CliRunner().invoke(main, ["-o", str(tmp_path), "--small"])
    assert told.exit_code == 1
    assert "is no file of this study" in told.output
