"""``homotopy reproduce``: a list, one paper, its files, and clear refusals."""

import json


def test_the_list(run):
    done = run("reproduce", "--list")
    assert done.code == 0
    assert done.out.splitlines()[0].split() == ["key", "title", "figures", "minutes", "reproduces"]
    assert any(line.startswith("safran2018 ") for line in done.out.splitlines())
    data = json.loads(run("reproduce", "--list", "--json").out)
    assert {"key", "title", "figures", "minutes", "reproduces"} == set(data[0])


def test_one_paper_and_its_files(run, tmp_path):
    done = run("reproduce", "yun2019", "-o", str(tmp_path))
    assert done.code == 0, done.err
    assert "Reproduces: yes." in done.out
    assert "numbers of the small version are as expected." in done.out
    assert {path.name for path in tmp_path.iterdir()} >= {"README.md", "results.json", "escapes.png", "runs.sqlite"}
    again = run("reproduce", "yun2019", "-o", str(tmp_path), "--json", "-q")
    assert again.code == 0
    assert json.loads(again.out)["unexpected"] == []


def test_requests_that_cannot_be_meant(run):
    done = run("reproduce")
    assert (done.code, done.out) == (2, "")
    assert "name a paper, as in homotopy reproduce safran2018" in done.err
    done = run("reproduce", "nobody1900")
    assert done.code == 2
    assert "there is no paper 'nobody1900'" in done.err
