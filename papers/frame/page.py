"""The page of a paper, README.md of its folder."""

from __future__ import annotations

from typing import Any

import jinja2

from homotopy.report import markdown, seconds_text

from .outcome import Outcome, Paper, Table

__all__ = ["readme"]


def readme(paper: Paper, outcome: Outcome, data: dict[str, Any]) -> str:
    """Return the page of a paper that was run, in Markdown."""
    loader = jinja2.PackageLoader("homotopy.papers.frame", ".")
    template = jinja2.Environment(loader=loader, trim_blocks=True, lstrip_blocks=True, autoescape=False)
    rows = [(row.what, row.published, row.ours, row.verdict, row.basis) for row in outcome.rows]
    beside = Table("", ("what", "published", "ours", "verdict", "judged by"), tuple(rows))
    text = template.get_template("readme.md.jinja").render(
        paper=paper, outcome=outcome, data=data, beside=beside, table=_table, time=seconds_text(60 * data["minutes"])
    )
    return text.strip() + "\n"


def _table(table: Table) -> str:
    """Return a table in Markdown; a bar in a cell would end it."""
    rows = [[cell.replace("|", "\\|") for cell in row] for row in table.rows]
    return markdown([heading.replace("|", "\\|") for heading in table.headings], rows)
