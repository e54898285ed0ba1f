"""Every example of every --help runs, in an empty folder that holds the files it names.

What an example leaves to the defaults is made small by options behind it: of one that is given twice the last counts.
"""

from __future__ import annotations

import re
import shlex

import click
import pytest

from homotopy.cli import COMMANDS, cli

SMALL = {
    "compare": ("--seeds", "2", "--budget", "20", "-j", "1"),
    "fit": ("--budget", "20", "--alpha", "0.1"),
    "landscape": ("--starts", "2", "--bands", "0", "--kinds", "minima"),
    "solve": ("--budget", "60"),
    "suite": ("--runs", "1", "-j", "1"),
    "tune": ("--budget", "20", "-j", "1"),
    "bench": ("--rounds", "1", "--busy"),
}
WHOLE = (
    "bench",
    "selftest",
    "selftest --json",
    "suite --full -o results",
    "suite",
    "reproduce safran2018 --full -j 2 -o safran2018",
)  # a minute or many
DEAR = ("W9", "W6", "safran2018", "suite -m", "W1")
DEAREST = "bench W9"  # minutes
FAR = "tcp://head:8786"
MINE = """
import numpy as np

from homotopy.homotopies import Homotopy


class Ridge(Homotopy):
    def __init__(self, objective):
        self.objective, self.size = objective, objective.size

    def value_and_grad(self, x, t):
        f, g = self.objective.value_and_grad(x)
        return (1 - t) * 0.5 * (x @ x) + t * f, (1 - t) * x + t * g

    def hessp(self, x, t, v):
        return (1 - t) * v + t * self.objective.hessp(x, v)

    def dt(self, x, t):
        return self.objective.value(x) - 0.5 * (x @ x)

    def dt_grad(self, x, t):
        return self.objective.grad(x) - x

    def start(self, rng=None):
        return np.zeros(self.size)


HOMOTOPIES = {"mine": Ridge}
"""


def examples():
    """Return every example with its command, without its comment, and what a shell does with its output."""
    context, found = click.Context(cli), {}
    for name in (None, *COMMANDS):
        help_text = (cli if name is None else cli.get_command(context, name)).help
        for line in help_text.partition("Example")[2].splitlines():
            if line.strip().startswith(("homotopy ", "eval ")):
                text = re.sub(r" {3,}in .*| [>|] .*", "", line.strip()).removeprefix('eval "$(').removesuffix(')"')
                found[text.removeprefix("homotopy ")] = None
    return [text for text in found if text not in WHOLE]


def test_examples_are_found():
    assert len(examples()) > 40
    assert {text.split()[0] for text in (*examples(), *WHOLE)} == set(COMMANDS)


@pytest.fixture
def files(tmp_path):
    rows = [f"{i},{'xyz'[i % 3]},{i * 0.5 + i % 3}" for i in range(24)]
    for name, target in (("houses.csv", "price"), ("data.csv", "price"), ("new.csv", "price")):
        (tmp_path / name).write_text(f"size,kind,{target}\n" + "\n".join(rows) + "\n")
    (tmp_path / "people.csv").write_text("age,kind,income\n" + "\n".join([*rows, ",x,1", "3,y,2"]) + "\n")
    steps = [f"{run},{(run * 7 + step) % 5},{step * 0.25}" for run in range(10) for step in range(4)]
    (tmp_path / "runs.csv").write_text("run,u,y\n" + "\n".join(steps) + "\n")
    (tmp_path / "study.toml").write_text('problems = ["xor"]\nmethods = ["gd"]\n')
    (tmp_path / "mine.py").write_text(MINE)


def prepared(text, run):
    """Make what an example goes on from."""
    words = text.split()
    stores = {
        "report": words[1:2],
        "export": words[1:2],
        "clean": words[1:2],
        "resume": words[1:2],
        "merge": words[1:3],
    }
    for store in stores.get(words[0], ()):
        folder = store.partition("/")[0]
        assert run("compare", "xor", "-m", "gd", "-m", "lbfgs", *SMALL["compare"], "-o", folder).code == 0
    if words[0] == "predict":
        classes = "--proba" in words
        more = ("--target", "kind", "--ignore", "price") if classes else ("--target", "price")
        assert run("fit", "houses.csv", *more, "-o", "model.npz", *SMALL["fit"]).code == 0


def call(text, run):
    """Run an example made small and return how it ended."""
    inner = re.search(r"\$\(homotopy (.*)\)", text)
    if inner is not None:
        text = text.replace(inner[0], call(inner[1], run).out.strip())
    words = shlex.split(text)
    return run(*words, *SMALL.get(words[0], ()))


def marked(text):
    marks = [pytest.mark.slow] if any(word in text for word in DEAR) else []
    return pytest.param(text, marks=[*marks, *([pytest.mark.long] if DEAREST in text else [])], id=text)


@pytest.mark.parametrize("text", [marked(text) for text in examples() if FAR not in text])
def test_the_example_works(text, run, files):
    prepared(text, run)
    got = call(text, run)
    assert got.code == 0 or (got.code == 1 and text.startswith(("bench", "solve"))), got.err  # a floor, a small budget
    assert "error:" not in got.err


@pytest.mark.parametrize("text", [text for text in examples() if FAR in text])
def test_the_example_of_a_cluster_says_that_none_answers(text, run, files, monkeypatch):
    distributed = pytest.importorskip("distributed")

    def nobody(address, timeout):
        raise OSError(f"Timed out trying to connect to {address} after {timeout} s")

    monkeypatch.setattr(distributed, "Client", nobody)
    got = call(text, run)
    assert got.code == 2
    assert "no Dask scheduler answers at 'tcp://head:8786'" in got.err
