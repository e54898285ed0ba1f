"""The package as a whole: floors, stubs, docstrings, and the way it is distributed."""

import ast
import importlib
import inspect
import pkgutil
import re
import subprocess
import sys
from pathlib import Path

import pytest

import homotopy
from homotopy import errors
from homotopy.errors import HomotopyError

ROOT = Path(__file__).parents[1]


def modules():
    """Every importable module of the package, the compiled ones and the papers apart.

    The sides that other libraries take in a benchmark need those libraries, which are no part of the test extra.
    """
    found = pkgutil.walk_packages([str(ROOT / "homotopy")], "homotopy.")
    apart = ("homotopy._core", "homotopy.bench.peers.")
    return sorted(m.name for m in found if not m.name.startswith(apart) and not m.name.endswith("__main__"))


def lint_imports(cwd):
    return subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONPATH": str(cwd), "PATH": "/usr/bin:/bin", "COLUMNS": "200"},
    )


@pytest.fixture
def copy_of_sources(tmp_path):
    """The package's Python files and the contract, in a folder that may be spoiled."""
    for path in (ROOT / "homotopy").rglob("*.py"):
        target = tmp_path / path.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(path.read_text())
    (tmp_path / "pyproject.toml").write_text((ROOT / "pyproject.toml").read_text())
    return tmp_path


def test_the_floors_hold_and_an_upward_import_would_be_seen(copy_of_sources):
    clean = lint_imports(copy_of_sources)
    assert clean.returncode == 0, clean.stdout + clean.stderr
    low = copy_of_sources / "homotopy" / "models" / "mlp.py"
    low.write_text(low.read_text() + "\nimport homotopy.methods\n")
    spoiled = lint_imports(copy_of_sources)
    assert spoiled.returncode != 0
    assert "homotopy.models.mlp -> homotopy.methods" in spoiled.stdout


@pytest.mark.parametrize("name", modules())
def test_every_module_says_what_it_is_and_what_is_public(name):
    module = importlib.import_module(name)
    assert module.__doc__
    if not name.startswith("homotopy.cli"):
        assert isinstance(module.__all__, list), name
        missing = [public for public in module.__all__ if not hasattr(module, public)]
        assert not missing


@pytest.mark.parametrize("name", modules())
def test_public_docstrings_are_valid_numpydoc(name):
    validate = importlib.import_module("numpydoc.validate").validate
    module = importlib.import_module(name)
    # Wrong or unknown parameters, wrong order, missing summary, wrong section underline.
    fatal = {"GL06", "GL07", "GL08", "SS01", "PR02", "PR03"}
    faults = []
    for public in getattr(module, "__all__", []):
        thing = getattr(module, public)
        if not (inspect.isclass(thing) or inspect.isfunction(thing)) or thing.__module__ != name:
            continue
        report = validate(f"{name}.{public}")
        faults += [f"{public}: {code} {text}" for code, text in report["errors"] if code in fatal]
    assert not faults


OURS = {kind.__name__ for kind in vars(errors).values() if inspect.isclass(kind) and issubclass(kind, HomotopyError)}


def raised(function):
    """The names of this package's errors that a function raises by itself."""
    inner = {node for child in ast.walk(function) if child is not function and isinstance(child, ast.FunctionDef)
             for node in ast.walk(child)}  # fmt: skip
    found = [node.exc for node in ast.walk(function) if isinstance(node, ast.Raise) and node not in inner]
    names = [getattr(error.func if isinstance(error, ast.Call) else error, "id", "") for error in found]
    return OURS.intersection(names)


def documented(module):
    """The public functions, classes and methods of a module: name, docstring, code of what the docstring is about."""
    for node in ast.parse(inspect.getsource(module)).body:
        if getattr(node, "name", None) not in getattr(module, "__all__", ()):
            continue
        if isinstance(node, ast.FunctionDef):
            yield node.name, ast.get_docstring(node), node
        for part in node.body if isinstance(node, ast.ClassDef) else ():
            if isinstance(part, ast.FunctionDef):
                whole = part.name in ("__init__", "__post_init__")
                if whole or not part.name.startswith("_"):
                    yield f"{node.name}.{part.name}", ast.get_docstring(node if whole else part), part


@pytest.mark.parametrize("name", [name for name in modules() if not name.startswith("homotopy.cli")])
def test_docstrings_tell_every_error_and_all_parameters_or_none(name):
    numpydoc = importlib.import_module("numpydoc.docscrape").NumpyDocString
    faults = []
    for thing, text, code in documented(importlib.import_module(name)):
        sections = numpydoc(text or "")
        faults += [f"{thing}: {error}" for error in raised(code) - {entry.type for entry in sections["Raises"]}]
        told = {one.strip().lstrip("*") for entry in sections["Parameters"] for one in entry.name.split(",")}
        given = {a.arg for a in [*code.args.posonlyargs, *code.args.args, *code.args.kwonlyargs]} - {"self", "cls"}
        faults += [f"{thing}: {missing}" for missing in given - told if told and not thing.endswith("__post_init__")]
    assert not faults


def test_the_version_stands_in_one_place_and_is_cited():
    assert re.fullmatch(r"\d+\.\d+\.\d+", homotopy.__version__)
    assert f"version: {homotopy.__version__}" in (ROOT / "CITATION.cff").read_text()
    assert f"## [{homotopy.__version__}]" in (ROOT / "CHANGELOG.md").read_text()


def test_public_names_are_reachable():
    for name in homotopy.__all__:
        assert getattr(homotopy, name) is not None
    promised = {
        "MLP", "EmpiricalRisk", "TeacherStudent", "Status", "errors", "homotopies",
        "problem", "method", "solve", "compare", "track", "descend", "minimize",
    }  # fmt: skip
    assert promised <= set(homotopy.__all__)
