"""``homotopy track``: a path on the command line, its files, and going on."""

import csv
import json

import pytest

from homotopy import homotopies
from homotopy.cli import main
from homotopy.continuation import Path


def run(arguments, capsys):
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    captured = capsys.readouterr()
    return ended.value.code or 0, captured.out, captured.err


def test_a_path_is_tracked_written_and_shown(tmp_path, capsys):
    folder = tmp_path / "path"
    arguments = [
        "track",
        "xor:hidden=2",
        "--homotopy",
        "linearized",
        "--seed",
        "1",
        "-o",
        str(folder),
        "--json",
        "--index",
    ]
    code, out, _ = run(arguments, capsys)
    assert code == 0
    data = json.loads(out)
    assert data["success"]
    assert data["t"] == 1.0
    assert sorted(p.name for p in folder.iterdir()) == [f"path.{kind}" for kind in ("csv", "npz", "pdf", "png", "svg")]
    path = Path.load(folder / "path.npz")
    assert len(path.points) == data["points"]
    with (folder / "path.csv").open() as stream:
        rows = list(csv.DictReader(stream))
    assert [float(row["t"]) for row in rows] == [p.t for p in path.points]
    assert all(int(row["index"]) >= 0 for row in rows[:-1])
    again = json.loads(run(arguments, capsys)[1])
    assert again["value"] == data["value"]
    assert again["seconds"] == data["seconds"]  # read from the file, not tracked again


def test_the_table_goes_to_stdout(tmp_path, capsys):
    code, out, err = run(["track", "xor", "--mode", "auto", "-o", str(tmp_path / "p")], capsys)
    assert code in (0, 1)
    assert "status" in out
    assert "path.npz, path.csv and path.png" in err
    assert (tmp_path / "p" / "path.npz").exists()


def test_a_homotopy_takes_parameters(tmp_path, capsys):
    words = ["track", "xor", "--max-steps", "5", "--json", "--homotopy"]
    names = ("proximal", "proximal:mu=0.01")
    one, two = (
        json.loads(run([*words, name, "-o", str(tmp_path / str(k))], capsys)[1]) for k, name in enumerate(names)
    )
    assert two["homotopy"] == "proximal:mu=0.01"
    assert one["value"] != two["value"]
    code, _, err = run([*words, "proximal:mu=0", "-o", str(tmp_path / "2")], capsys)
    assert code == 2
    assert "mu must be a positive number, not 0" in err
    code, _, err = run([*words, "proximal:nu=1", "-o", str(tmp_path / "2")], capsys)
    assert code == 2
    assert "homotopy 'proximal' has no parameter 'nu'" in err


PLUGIN = """
import numpy as np
from homotopy.homotopies import Homotopy


class Bent(Homotopy):
    '''The objective beside a bowl of a weight.'''

    def __init__(self, objective, weight: float = 1.0):
        if not weight > 0:
            raise ValueError(f"weight must be positive, not {weight}")
        self.objective, self.weight, self.size = objective, weight, objective.size

    def value_and_grad(self, x, t):
        value, grad = self.objective.value_and_grad(x)
        w = (1 - t) * self.weight
        return t * value + 0.5 * w * (x @ x), t * grad + w * x

    def hessp(self, x, t, v):
        return t * self.objective.hessp(x, v) + (1 - t) * self.weight * v

    def dt(self, x, t):
        return self.objective.value(x) - 0.5 * self.weight * (x @ x)

    def dt_grad(self, x, t):
        return self.objective.grad(x) - self.weight * x

    def start(self, rng=None):
        return np.zeros(self.size)


HOMOTOPIES = {"bent-NAME": Bent}
"""


def test_the_homotopy_of_a_plugin_is_tracked(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(homotopies, "BY_NAME", dict(homotopies.BY_NAME))
    file = tmp_path / "bent_track.py"
    file.write_text(PLUGIN.replace("NAME", "track"))
    words = ["track", "logistic", "--plugin", str(file), "--json", "-o", str(tmp_path / "p")]
    code, out, err = run([*words, "--homotopy", "bent-track:weight=2"], capsys)
    assert code == 0, err
    data = json.loads(out)
    assert data["homotopy"] == "bent-track:weight=2"
    assert data["t"] == 1.0
    descended = json.loads(run(["solve", "logistic", "-m", "lbfgs", "--json"], capsys)[1])
    assert data["value"] == pytest.approx(descended["value"], abs=1e-8)
    code, _, err = run([*words, "--homotopy", "bent-track:weight=-1"], capsys)
    assert code == 2
    assert "weight must be positive, not -1" in err
    code, _, err = run(["track", "xor", "--plugin", str(tmp_path / "none.py")], capsys)
    assert code == 2
    assert "there is no plugin file" in err


def test_a_path_in_two_parts_is_kept(tmp_path, capsys):
    words = ["track", "xor:hidden=2", "--mode", "auto", "--json", "--format", "png", "-o", str(tmp_path / "p")]
    first = json.loads(run(words, capsys)[1])
    assert json.loads(run(words, capsys)[1])["seconds"] == first["seconds"]  # read, not tracked again
    assert sorted(p.name for p in (tmp_path / "p").iterdir()) == ["path.csv", "path.npz", "path.png"]


def test_wrong_requests_end_with_two(tmp_path, capsys):
    code, _, err = run(["track", "xor", "--homotopy", "none"], capsys)
    assert code == 2
    assert "unknown homotopy" in err
    (tmp_path / "file").write_text("")
    code, _, err = run(["track", "xor", "-o", str(tmp_path / "file" / "x")], capsys)
    assert code == 2
    assert "cannot be written" in err
    run(["track", "xor", "--max-steps", "4", "-o", str(tmp_path / "p")], capsys)
    code, _, err = run(["track", "xor", "--max-step", "0.05", "-o", str(tmp_path / "p")], capsys)
    assert code == 2
    assert "another run" in err
    code, out, err = run(["track", "xor", "--seed", "1", "--max-steps", "4", "-o", str(tmp_path / "p")], capsys)
    assert code == 2
    assert "another run" in err
    assert out == ""
