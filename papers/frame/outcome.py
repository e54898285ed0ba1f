"""What a paper is, and what running it comes to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from matplotlib.figure import Figure

from .rows import Row

if TYPE_CHECKING:
    from .study import Study

__all__ = ["Outcome", "Paper", "Picture", "Table"]


@dataclass(frozen=True)
class Table:
    """A table of texts.

    Attributes
    ----------
    title : str
        One line above it.
    headings : tuple of str
        One a column.
    rows : tuple of tuples of str
        Its cells.
    note : str
        What is said beneath it: units, what an interval is.
    """

    title: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""


@dataclass(frozen=True)
class Picture:
    """A figure with its file name, without suffix, and what is said beneath it."""

    name: str
    figure: Figure
    caption: str


@dataclass(frozen=True)
class Outcome:
    """What running a paper comes to.

    Attributes
    ----------
    rows : tuple of Row
        Our numbers beside the published ones, with a verdict each.
    numbers : dict
        Names to finite numbers that are held against expected.json; no times, which depend on the machine.
    costs : tuple of Table
        E* in gradients and in seconds, as `expected` and `prices` make them; the full run must have some.
    tables, pictures, findings : tuples
        All else that is told; the first picture stands for the paper in the list of papers. A finding is a sentence
        or two in Markdown whose figures come from the run.
    body : str
        Markdown that the page has in the place of tables, costs and findings, where a study writes its own.
    files : dict
        Texts of further files by their names.
    """

    rows: tuple[Row, ...]
    numbers: dict[str, float]
    costs: tuple[Table, ...] = ()
    tables: tuple[Table, ...] = ()
    pictures: tuple[Picture, ...] = ()
    findings: tuple[str, ...] = ()
    body: str = ""
    files: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Paper:
    """A paper that can be run again.

    Attributes
    ----------
    key : str
        The name of its folder.
    title, citation, link : str
        Of the publication; the link is its DOI, or the address where it was read.
    claim : str
        What it says that is tested here, in Markdown.
    choices : tuple of str
        What we had to choose because the paper does not say it or cannot be had, a sentence each.
    run : callable
        ``run(study)`` returns the Outcome; ``study.full`` says which version.
    extras : tuple of str
        Extras of the package that it needs.
    """

    key: str
    title: str
    citation: str
    link: str
    claim: str
    choices: tuple[str, ...]
    run: Callable[[Study], Outcome] = field(repr=False)
    extras: tuple[str, ...] = ()
