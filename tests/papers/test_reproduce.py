"""Every paper: its small version gives what is expected, and its committed full run does, too."""

import json
import runpy
from pathlib import Path

import pytest

from homotopy.papers import frame
from homotopy.papers.frame import KEYS, paper, reproduce
from homotopy.papers.frame.holding import expected_numbers, unexpected
from homotopy.papers.frame.reproducing import committed

PAPERS = Path(frame.__file__).parents[1]
SECONDS = (" µs", " ms", " s", " min")


@pytest.mark.slow
@pytest.mark.parametrize("key", KEYS)
def test_the_small_version_is_as_expected(key):
    found = reproduce(key)
    assert found.unexpected == []
    assert found.outcome.rows
    assert len(found.outcome.numbers) >= 5
    assert found.minutes < 1


@pytest.mark.parametrize("key", KEYS)
def test_the_committed_full_run_is_as_expected(key):
    found = committed(key)
    assert found["version"] == "full"
    assert unexpected(found["numbers"], expected_numbers(key, "full")) == []
    for field in ("date", "machine", "homotopy", "code"):
        assert found[field]
    text = (PAPERS / key / "README.md").read_text(encoding="utf-8")
    assert f"**Reproduces: {found['verdict']}.** {found['why']}" in text
    assert f"homotopy reproduce {key} --full" in text
    for name in found["figures"]:
        assert (PAPERS / key / f"{name}.png").stat().st_size < 500_000
        assert f"({name}.png)" in text


@pytest.mark.parametrize("key", KEYS)
def test_every_full_run_tells_costs_in_gradients_and_in_seconds(key):
    for table in committed(key)["costs"]:
        heads = table["headings"]
        gradients = [i for i, head in enumerate(heads) if head.startswith("E*") and "seconds" not in head]
        seconds = [i for i, head in enumerate(heads) if "E* in seconds" in head]
        assert len(gradients) == len(seconds) == 1
        assert table["rows"]
        assert all(row[seconds[0]].endswith(SECONDS) for row in table["rows"])


@pytest.mark.parametrize("key", KEYS)
def test_a_paper_says_what_it_is(key):
    one = paper(key)
    assert one.key == key
    assert one.choices
    assert one.link.startswith("http") or (key in ("slater2017", "beyond_relu", "escape") and not one.link)
    for version in ("small", "full"):
        assert all(slack >= 0 for _, slack in expected_numbers(key, version).values())
    rows = committed(key)["rows"]
    assert any(row["verdict"] != "no published number" for row in rows)
    assert json.dumps(rows)


@pytest.mark.parametrize("key", KEYS)
def test_a_paper_is_a_module_that_is_run(key):
    text = (PAPERS / key / "__main__.py").read_text(encoding="utf-8")
    assert f'main(["reproduce", "{key}", *sys.argv[1:]])' in text or key == "escape"


def test_the_help_of_a_paper_is_that_of_reproduce(monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["safran2018", "-h"])
    with pytest.raises(SystemExit) as ending:
        runpy.run_module("homotopy.papers.safran2018", run_name="__main__")
    assert ending.value.code == 0
    assert "homotopy reproduce safran2018 --full" in capsys.readouterr().out
