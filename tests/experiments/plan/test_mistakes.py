"""Mistakes of plugins and of files that ask for a comparison: each kind is one sentence that says what is allowed."""

from __future__ import annotations

import textwrap

import pytest

import homotopy as hp
from homotopy import methods, problems
from homotopy.errors import ArgumentError
from homotopy.experiments.plan.config import LONGEST, read_config
from homotopy.experiments.plan.plugins import load

METHOD = """
from homotopy.methods import BatchMethod


class Mine(BatchMethod):
    def __init__(self, radius: float = 1.0):
        {constructor}

    def run(self, batch):
        pass


METHODS = {{"mine": Mine}}
"""


def plugin(tmp_path, text, name="plug"):
    path = tmp_path / f"{name}.py"
    path.write_text(textwrap.dedent(text))
    return path


@pytest.mark.parametrize("kind", ["METHODS", "PROBLEMS", "HOMOTOPIES"])
@pytest.mark.parametrize("table", ["5", "None", "'text'", "[]", "[('a', int)]", "print", "{1, 2}", "object()"])
def test_a_table_is_a_dictionary(kind, table, tmp_path):
    with pytest.raises(ArgumentError, match=f"{kind} must be a dictionary of factories by name, not "):
        load(plugin(tmp_path, f"{kind} = {table}"))


@pytest.mark.parametrize(
    "name", ["5", "None", "''", "'a b'", "'a:b'", "'a,b'", "'a=b'", "'a+b'", "'a/b'", "'a\\n'", "('a',)"]
)
def test_a_name_can_stand_in_a_name(name, tmp_path):
    before = dict(methods.BY_NAME)
    with pytest.raises(ArgumentError, match="a name in METHODS must be a text without spaces and"):
        load(plugin(tmp_path, f"METHODS = {{'good': int, {name}: int}}"))
    assert before == methods.BY_NAME


@pytest.mark.parametrize("factory", ["5", "None", "'gd'", "[int]"])
def test_a_factory_can_be_called(factory, tmp_path):
    with pytest.raises(ArgumentError, match="'mine' in PROBLEMS must be a class or a function, not "):
        load(plugin(tmp_path, f"METHODS = {{'first': int}}\nPROBLEMS = {{'mine': {factory}}}"))
    assert "first" not in methods.BY_NAME


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("import sys; sys.exit()", "SystemExit"),
        ("import sys; sys.exit('bye')", "SystemExit: bye"),
        ("raise SystemExit(3)", "SystemExit: 3"),
        ("raise GeneratorExit", "GeneratorExit"),
        ("raise BaseException('all')", "BaseException: all"),
        ("def f(:", "SyntaxError"),
        ("x = 1\n\t y = 2", "Error"),
        ("import nothing_of_that_name", "ModuleNotFoundError"),
        ("raise StopIteration", "StopIteration"),
        ("f = lambda: f()\nf()", "RecursionError"),
        ("raise ValueError('two\\nlines')", "ValueError: two lines"),
    ],
)
def test_a_file_that_cannot_be_run(text, reason, tmp_path):
    with pytest.raises(ArgumentError, match="cannot be run: ") as caught:
        load(plugin(tmp_path, text))
    assert reason in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("data", [b"\xff\xfe", b"x = '\xe9'", b"x = 1\x00", b"\x00", b"\xef\xbb\xbf\xff"])
def test_a_file_that_is_no_text(data, tmp_path):
    path = tmp_path / "plug.py"
    path.write_bytes(data)
    with pytest.raises(ArgumentError, match="cannot be run: "):
        load(path)


def test_files_of_one_name_in_two_folders_are_two(tmp_path):
    for folder, name in (("a", "one"), ("b", "two")):
        (tmp_path / folder).mkdir()
        load(plugin(tmp_path / folder, f"METHODS = {{{name!r}: int}}"))
    assert {"one", "two"} <= methods.BY_NAME.keys()


@pytest.mark.parametrize(
    ("factory", "sentence"),
    [
        ("lambda: 5", "must be made by its factory as a Problem, not 5"),
        ("lambda: None", "as a Problem, not None"),
        ("lambda: 1 / 0", "cannot be made: ZeroDivisionError"),
        ("lambda: {}['x']", "cannot be made: KeyError"),
        ("lambda: exit()", "cannot be made: SystemExit"),
        ("lambda needed: 5", "needs the parameter 'needed'"),
        ("lambda *more, **others: None", "as a Problem, not None"),
        ("dict", "the parameters of its factory cannot be read"),
        ("bad", "the parameters of its factory cannot be read"),
    ],
)
def test_a_problem_that_cannot_be_made(factory, sentence, tmp_path):
    load(plugin(tmp_path, f"def bad(a: 'nothing' = 1): pass\n\nPROBLEMS = {{'mine': {factory}}}"))
    with pytest.raises(ArgumentError, match=sentence):
        hp.problem("mine")


@pytest.mark.parametrize(
    ("constructor", "sentence"),
    [
        ("pass", "method 'mine' has no name; its class must set the attribute name, a text"),
        ("self.name = 5", "has no name"),
        ("raise RuntimeError('no')", "cannot be made: RuntimeError: no"),
        ("raise SystemExit", "cannot be made: SystemExit"),
        ("raise GeneratorExit", "cannot be made: GeneratorExit"),
        ("self.radius = radius.nothing", "cannot be made: AttributeError"),
    ],
)
def test_a_method_that_cannot_be_made(constructor, sentence, tmp_path):
    load(plugin(tmp_path, METHOD.format(constructor=constructor)))
    with pytest.raises(ArgumentError, match=sentence):
        hp.method("mine")
    with pytest.raises(ArgumentError, match="as a Method, not 5"):
        load(plugin(tmp_path, "METHODS = {'other': lambda: 5}", "other")) and hp.method("other")


CONFIGS = {
    "twice": (".yaml", "seeds: 2\nseeds: 3\n", "the key 'seeds' is there twice"),
    "twice inside": (".yaml", "groups: {a: xor, a: yun}", "the key 'a' is there twice"),
    "twice in TOML": (".toml", "seeds = 2\nseeds = 3\n", "is not TOML"),
    "deep YAML": (".yaml", "[" * 900, "nested too deeply"),
    "deep TOML": (".toml", "a = " + "[" * 5000, "nested too deeply"),
    "a date that is none": (".yaml", "seeds: 2020-13-45", "is not YAML"),
    "many digits": (".toml", f"seeds = {'9' * 5000}", "is not TOML"),
    "many digits in YAML": (".yaml", f"seeds: {'9' * 5000}", "is not YAML"),
    "an object": (".yaml", "seeds: !!python/object/apply:os.system [ls]", "is not YAML"),
    "a list as a key": (".yaml", "? [a, b]\n: 1", "is not YAML"),
    "a key that is a number": (".yaml", "5: 1", "unknown key '5'"),
    "NUL": (".yaml", "seeds: \0", "is not YAML"),
    "long": (".toml", "# " + "x" * LONGEST, "more than 1,000,000 bytes"),
    "a large value": (".yaml", f"jobs: {['x' * 99] * 99}", "jobs must be int, not ['xxx"),
}


@pytest.mark.parametrize("name", CONFIGS)
def test_a_configuration_that_is_none(name, tmp_path):
    ending, text, sentence = CONFIGS[name]
    path = tmp_path / f"study{ending}"
    path.write_text(text)
    with pytest.raises(ArgumentError) as caught:
        read_config(path)
    assert sentence in str(caught.value)
    assert len(str(caught.value)) < 1000


def test_anchors_that_stand_for_billions_take_no_time(tmp_path):
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 10)]
    (tmp_path / "study.yaml").write_text("\n".join(lines) + "\nproblems: *a9\n")
    with pytest.raises(ArgumentError, match="unknown key 'a0'"):
        read_config(tmp_path / "study.yaml")
    (tmp_path / "study.yaml").write_text("groups: {" + ", ".join(lines) + "}\njobs: *a9\n")
    with pytest.raises(ArgumentError):
        read_config(tmp_path / "study.yaml")


def test_a_mark_of_the_byte_order_is_passed_over(tmp_path):
    for name in ("study.toml", "study.yaml"):
        (tmp_path / name).write_bytes(b"\xef\xbb\xbf" + (b"seeds = 3\n" if name.endswith("toml") else b"seeds: 3\n"))
        assert read_config(tmp_path / name) == {"seeds": 3}


def test_merged_keys_of_yaml_are_not_twice(tmp_path):
    (tmp_path / "study.yaml").write_text("groups:\n  <<: {a: xor}\n  a: yun\n")
    assert read_config(tmp_path / "study.yaml") == {"groups": {"a": ["yun"]}}


def test_problems_that_are_made_wrong_leave_the_table_as_it_was():
    assert not {"mine", "other"} & problems.BY_NAME.keys()
