"""The list of all papers: a table for the terminal, and papers/README.md."""

from __future__ import annotations

from pathlib import Path

import jinja2

from .catalogue import KEYS, paper
from .reproducing import committed

__all__ = ["HEADINGS", "index", "listing"]

HEADINGS = ("key", "title", "figures", "minutes", "reproduces")


def listing() -> list[tuple[str, ...]]:
    """Return a row for each paper: key, title, figures, minutes of the full run on two cores, verdict."""
    rows = []
    for key in KEYS:
        found = committed(key)
        told = (
            (str(len(found["figures"])), f"{found['minutes']:.1f}", found["verdict"]) if found else ("", "", "not run")
        )
        rows.append((key, paper(key).title, *told))
    return rows


def index() -> str:
    """Return papers/README.md: every paper with its picture, and what else the folder holds."""
    found = [(paper(key), committed(key)) for key in KEYS]
    text = (Path(__file__).parent / "index.md.jinja").read_text(encoding="utf-8")
    template = jinja2.Environment(trim_blocks=True, lstrip_blocks=True, autoescape=False).from_string(text)
    return template.render(papers=found).strip() + "\n"
