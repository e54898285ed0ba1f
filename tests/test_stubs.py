"""The hand-written stubs of the compiled modules say what is compiled: same names, same parameters."""

import ast
import importlib
import inspect
from pathlib import Path

import pytest

CORE = Path(__file__).parents[1] / "homotopy" / "_core"
EXT = Path(__file__).parents[1] / "ext"


def stub_parameters(function):
    spec = function.args
    names = [a.arg for a in [*spec.posonlyargs, *spec.args]]
    names += [f"*{a.arg}" for a in spec.kwonlyargs]
    return [name for name in names if name not in ("self", "cls")]


def compiled_parameters(thing):
    mark = {inspect.Parameter.KEYWORD_ONLY: "*"}
    found = [mark.get(p.kind, "") + p.name for p in inspect.signature(thing).parameters.values()]
    return [name for name in found if name not in ("self", "cls")]


@pytest.mark.parametrize("name", sorted(path.stem for path in EXT.rglob("*.pyx")))
def test_stub_agrees_with_the_compiled_module(name):
    module = importlib.import_module(f"homotopy._core.{name}")
    tree = ast.parse((CORE / f"{name}.pyi").read_text())
    stubs = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    compiled = {
        key for key, value in vars(module).items()
        if not key.startswith("_") and getattr(value, "__module__", None) == module.__name__
    }  # fmt: skip
    assert {key for key in stubs if not key.startswith("_")} == compiled
    for key, node in stubs.items():
        thing = getattr(module, key)
        if isinstance(node, ast.FunctionDef):
            assert stub_parameters(node) == compiled_parameters(thing), key
            continue
        methods = {f.name: f for f in node.body if isinstance(f, ast.FunctionDef)}
        properties = {n for n, f in methods.items() if "property" in map(ast.unparse, f.decorator_list)}
        declared = {f.target.id for f in node.body if isinstance(f, ast.AnnAssign)}
        own = {n for n in vars(thing) if not n.startswith("_")}
        assert own == {n for n in methods if not n.startswith("_")} | declared, key
        for method, function in methods.items():
            if method not in properties and not method.startswith("__"):
                assert stub_parameters(function) == compiled_parameters(getattr(thing, method)), f"{key}.{method}"
