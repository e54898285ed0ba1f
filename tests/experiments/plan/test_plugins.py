"""Plugins: a user's file or an installed package's entry point adds problems and methods."""

from __future__ import annotations

import importlib.metadata
from concurrent.futures import ThreadPoolExecutor

import pytest

from homotopy import methods, problems
from homotopy.errors import ArgumentError
from homotopy.experiments import compare
from homotopy.experiments.plan.plugins import load, load_entry_points

GOOD = """
from homotopy.methods import method
from homotopy.problems import problem

METHODS = {"my-lbfgs": lambda: renamed(method("lbfgs"), "my-lbfgs")}
PROBLEMS = {"my-xor": lambda: problem("xor:hidden=3")}


def renamed(found, name):
    found.name = name
    return found
"""


@pytest.fixture(autouse=True)
def tables(monkeypatch):
    monkeypatch.setattr(methods, "BY_NAME", dict(methods.BY_NAME))
    monkeypatch.setattr(problems, "BY_NAME", dict(problems.BY_NAME))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("x = 1", "has no dictionary METHODS, PROBLEMS or HOMOTOPIES"),
        ("METHODS = {", "cannot be run: SyntaxError"),
        ("1 / 0", "cannot be run: ZeroDivisionError"),
        ("METHODS = {'gd': int}", "the name 'gd' is taken in METHODS"),
    ],
)
def test_bad_files_are_told_in_one_sentence(tmp_path, text, sentence):
    path = tmp_path / "bad.py"
    path.write_text(text)
    with pytest.raises(ArgumentError) as caught:
        load(path)
    assert sentence in str(caught.value)


def test_a_file_that_is_not_there_or_not_python(tmp_path):
    with pytest.raises(ArgumentError, match="there is no plugin file"):
        load(tmp_path / "none.py")
    (tmp_path / "notes.txt").write_text("METHODS = {}")
    with pytest.raises(ArgumentError, match=r"not a Python file"):
        load(tmp_path / "notes.txt")


def test_a_second_load_does_nothing(tmp_path):
    path = tmp_path / "twice.py"
    path.write_text("METHODS = {}\nPROBLEMS = {}\n")
    assert load(path) is load(path)


def test_threads_that_meet_a_file_together_run_it_once(tmp_path):
    path = tmp_path / "shared.py"
    path.write_text("import time\n\ntime.sleep(0.2)\nMETHODS = {'shared': lambda: None}\n")
    with ThreadPoolExecutor(4) as pool:
        modules = list(pool.map(load, [path] * 4))
    assert len(set(map(id, modules))) == 1


class Point:
    """An entry point as importlib gives it."""

    def __init__(self, name, value, factory):
        self.name, self.value, self.factory = name, value, factory

    def load(self):
        if self.factory is None:
            raise ImportError("no module named nothing")
        return self.factory


def offered(monkeypatch, **points):
    def entry_points(group):
        return [Point(*point) for point in points.get(group.rpartition(".")[2], [])]

    monkeypatch.setattr("homotopy.experiments.plan.plugins.entry_points", entry_points)


def test_entry_points_are_entered_once(monkeypatch):
    def mine():
        found = methods.method("gd")
        found.name = "mine"
        return found

    offered(monkeypatch, methods=[("mine", "package:mine", mine)])
    monkeypatch.setitem(methods.BY_NAME, "mine", mine)
    load_entry_points()
    load_entry_points()
    assert methods.BY_NAME["mine"] is mine


def test_an_entry_point_that_fails_is_told(monkeypatch):
    offered(monkeypatch, problems=[("mine", "package:mine", None)])
    with pytest.raises(ArgumentError, match=r"the entry point 'mine' = package:mine fails"):
        load_entry_points()


def test_an_entry_point_with_a_taken_name_is_refused(monkeypatch):
    offered(monkeypatch, methods=[("gd", "package:gd", lambda: None)])
    with pytest.raises(ArgumentError, match="'gd' is taken"):
        load_entry_points()


def test_no_package_offers_anything_here():
    assert not importlib.metadata.entry_points(group="homotopy.methods")
    load_entry_points()


def test_a_method_given_as_an_object_needs_no_plugin(bowl, walk):
    assert compare(bowl, walk("mine"), seeds=2, budget=20).methods == ("mine",)
