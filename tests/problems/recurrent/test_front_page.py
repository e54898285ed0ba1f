"""What the README says of sequences runs as it stands."""

import re
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from homotopy.cli import main
from homotopy.methods import method
from homotopy.problems import problem

PAGE = (Path(__file__).parents[3] / "README.md").read_text()
SECTION = re.search(r"^## Sequences$(.*?)^## ", PAGE, re.S | re.M)[1]
COMMANDS = [line for block in re.findall(r"```bash\n(.*?)```", SECTION, re.S) for line in block.splitlines()]


def test_its_code_runs(capsys):
    known = {}
    for block in re.findall(r"```python\n(.*?)```", SECTION, re.S):
        exec(block, known)
    assert known["result"].value < 1e-3 < np.var(known["y"]) / 2
    assert known["problem"].score(known["x"]) > 0.99
    assert len(capsys.readouterr().out.splitlines()) >= 2


@pytest.mark.parametrize("line", [line for line in COMMANDS if " solve " in line])
def test_its_commands_solve(line, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(1)
    rows = [f"{run},{u},{u / 2}" for run in range(6) for u in rng.standard_normal(12)]
    Path("runs.csv").write_text("\n".join(["run,u,y", *rows]) + "\n")
    with pytest.raises(SystemExit) as end:
        main(line.split()[1:])
    assert not end.value.code
    told = " ".join(capsys.readouterr().out.split())
    assert float(re.search(r"R2 (\S+)", told)[1]) > 0.9
    assert "success yes" in told or "adding" not in line  # where the optimum is unknown, the budget ends the search


def test_its_other_commands_name_what_there_is():
    others = [line for line in COMMANDS if " solve " not in line]
    assert others
    for line in others:
        words = line.split()
        target = problem(words[2])
        for flag, name in pairwise(words):
            assert flag != "-m" or method(name).accepts(target) is None


def test_a_file_of_sequences_is_no_table_of_rows_whatever_stands_last(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    rows = [f"{run},{u},{u / 2}" for run in range(6) for u in (0.5, -1.0, 2.0, run)]
    Path("runs.csv").write_text("\n".join(["id,u,y", *rows]) + "\n")
    for words in ("solve sequences:path=runs.csv --budget 20", "solve sequences:hidden=2,path=runs.csv --budget 20"):
        with pytest.raises(SystemExit):
            main(words.split())
        assert "6 sequences of 4 steps" in " ".join(capsys.readouterr().out.split())
    with pytest.raises(SystemExit):
        main("solve sequences:path=no.csv".split())
    assert "no.csv: there is no such file" in capsys.readouterr().err
