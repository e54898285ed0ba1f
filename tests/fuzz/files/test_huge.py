"""Files of a gigabyte in one line, and archives that claim as much: refused in a moment, within little memory."""

from __future__ import annotations

import json
import subprocess

import numpy as np
import pytest
from fuzz.mutations import archive, claims
from peak import program

pytestmark = pytest.mark.slow

GIB = 1 << 30
READERS = {
    "table": ("case.csv", "from homotopy.tables import read_table; read_table(sys.argv[1])"),
    "problem": ("case.csv", "import homotopy as hp; hp.problem(f'csv:path={sys.argv[1]},target=y')"),
    "sequences": ("case.csv", "import homotopy as hp; hp.problem(f'sequences:path={sys.argv[1]},id=a,target=y')"),
    "arrays": ("case.npz", "import homotopy as hp; hp.problem(f'sequences:path={sys.argv[1]}')"),
    "toml": ("case.toml", "from homotopy.experiments.plan.config import read_config; read_config(sys.argv[1])"),
    "yaml": ("case.yaml", "from homotopy.experiments.plan.config import read_config; read_config(sys.argv[1])"),
    "path": ("case.npz", "from homotopy.continuation import Path; Path.load(sys.argv[1])"),
    "model": ("case.npz", "import homotopy as hp; hp.load_model(sys.argv[1])"),
    "store": ("case.sqlite", "from homotopy.experiments import Store; Store(sys.argv[1], readonly=True)"),
}
PROGRAM = """
from peak import peak
from homotopy.errors import HomotopyError
import homotopy.fits, homotopy.experiments.plan.config, homotopy.problems, homotopy.tables
import homotopy.continuation.results.path

before = peak()
for case in sys.argv[1:]:
    sys.argv[1], reads = case.split("|")
    try:
        exec(reads)
    except HomotopyError as error:
        print(str(error).count(chr(10)), (peak() - before) // 1024, str(error)[:300])
"""
MOST = 200  # MiB that may be held


def refused(*cases):
    """Read files in a program of its own and return the sentences."""
    words = [*program(PROGRAM), *(f"{path}|{READERS[reader][1]}" for path, reader in cases)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    told = [line.split(" ", 2) for line in done.stdout.splitlines()]
    assert len(told) == len(cases)
    for (path, reader), (lines, held, sentence) in zip(cases, told, strict=True):
        assert int(lines) == 0, reader
        assert int(held) < MOST, reader
        assert str(path) in sentence, reader
    return [sentence for *_, sentence in told]


def test_a_gigabyte_of_nothing(tmp_path):
    for name, _ in READERS.values():
        with (tmp_path / name).open("wb") as file:
            file.truncate(GIB)
    assert refused(*((tmp_path / name, reader) for reader, (name, _) in READERS.items()))


def test_a_line_without_an_end(tmp_path):
    cases = []
    for i, cell in enumerate((b"1,", b"x" * 64, b'"a,b"', b"\xff")):
        path = tmp_path / f"case{i}.csv"
        path.write_bytes(b"a,y\n1,2\n" + cell * ((33 << 20) // len(cell)))
        cases.append((path, "table"))
    assert all("a line has more than 16,777,216 bytes" in sentence for sentence in refused(*cases))


@pytest.mark.long
def test_a_gigabyte_in_one_line(tmp_path):
    path = tmp_path / "case.csv"
    with path.open("wb") as file:
        file.write(b"a,y\n")
        for _ in range(1024):
            file.write((b"1.25,-3e5;" * 104858)[: 1 << 20])
    assert "a line has more than" in refused((path, "table"))[0]


def test_archives_that_claim_much(tmp_path):
    header, cases = json.dumps({"schema": 1, "kind": "homotopy model", "format": 1}), []
    for reader, name in (("arrays", "X"), ("path", "point_x"), ("model", "weights")):
        for entry in (claims((10**12,)), claims((1 << 27,)), bytes(100 << 20)):
            path = tmp_path / f"case{len(cases)}.npz"
            path.write_bytes(archive({"header": np.array(header), "y": np.zeros(3)}, [(f"{name}.npy", entry)]))
            assert path.stat().st_size < 1 << 20
            cases.append((path, reader))
    refused(*cases)
