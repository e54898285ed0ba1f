"""Papers use public names only: those that a package of the first level exports."""

from __future__ import annotations

import ast
import importlib
from pathlib import Path

import pytest

import homotopy

PAPERS = Path(__file__).parents[2] / "papers"
FILES = sorted(PAPERS.rglob("*.py"))


def private(text, paper):
    """Return the names of the package that a paper's source uses and that are not public.

    A name is public if it is exported (``__all__``) by ``homotopy`` or by a package or module right below it. A paper's
    own modules are its own.
    """
    found, aliases = [], {"homotopy"}
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            for name in node.names:
                if name.name == "homotopy":
                    aliases.add(name.asname or name.name)
                elif name.name.startswith("homotopy."):
                    found.append(name.name)
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            own = node.level or module == f"homotopy.papers.{paper}" or module.startswith(f"homotopy.papers.{paper}.")
            if own or module.split(".")[0] != "homotopy":
                continue
            public = module.count(".") <= 1 and module.split(".")[-1] != "papers"
            exported = importlib.import_module(module).__all__ if public else ()
            found += [f"{module}.{name.name}" for name in node.names if name.name not in exported]
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in aliases:
            found += [f"homotopy.{node.attr}"] if node.attr not in homotopy.__all__ else []
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PAPERS)))
def test_a_paper_uses_public_names_only(path):
    assert private(path.read_text(encoding="utf-8"), path.parent.name) == []


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("from homotopy.methods.base import streams", "homotopy.methods.base.streams"),
        ("from homotopy.methods import tracked", "homotopy.methods.tracked"),
        ("from homotopy.papers.safran2018 import run", "homotopy.papers.safran2018.run"),
        ("import homotopy.methods.base", "homotopy.methods.base"),
        ("import homotopy as hp\nhp.objectives.units", "homotopy.objectives"),
        ("from homotopy import methods", "homotopy.methods"),
    ],
)
def test_a_private_name_would_be_seen(line, name):
    assert private(line, "escape") == [name]


def test_every_paper_is_looked_at():
    assert {path.parent.name for path in FILES} >= {"escape", "beyond_relu", "safran2018"}
    assert private("from homotopy.papers.escape.rows import ROWS\nimport homotopy as hp\nhp.problem", "escape") == []
