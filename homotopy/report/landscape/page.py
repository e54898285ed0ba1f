"""The critical points of a problem as one self-contained page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from homotopy.report.html import svg, template
from homotopy.report.landscape import texts
from homotopy.report.landscape.passes import draw_pass, draw_plane, highest_pass
from homotopy.report.landscape.scatter import loss_against_index, minima_histogram
from homotopy.report.landscape.surveyed import Survey
from homotopy.report.landscape.trees import disconnectivity_graph

__all__ = ["figures", "page"]

MOST = 100  # minima that the page lists
CAPTIONS = {
    "loss-index": "Loss against index: each critical point once, whatever its copies; the short lines are medians.",
    "minima": "Where the minima lie, each once, and at which of them searches from random starts ended.",
    "pass": "The highest pass between minima: loss against the length of the steepest descents from its saddle.",
    "plane": "The plane through the ends of that pass and its saddle, the cross; the way is seen from above the plane.",
    "tree": "Disconnectivity graph: minima at their values, joined where the lowest saddle known connects them.",
}


def figures(survey: Survey) -> dict[str, Callable[[], Figure]]:
    """Return how each figure of a survey is drawn, by its name; none where there is nothing to draw."""
    out: dict[str, Callable[[], Figure]] = {}
    if len(survey.points):
        out["loss-index"] = lambda: loss_against_index(survey)
    if survey.points.minima:
        out["minima"] = lambda: minima_histogram(survey)
        if survey.tree is not None:
            tree = survey.tree
            out["tree"] = lambda: disconnectivity_graph(tree, survey.exact)
            way = highest_pass(survey)
            if way is not None:
                out["pass"] = lambda: draw_pass(way)
                if survey.problem.size > 1 and not np.array_equal(way.points[0], way.points[-1]):
                    out["plane"] = lambda: draw_plane(survey, way)
    return out


def page(survey: Survey) -> str:
    """Return the report as the text of an HTML page."""
    drawn: list[dict[str, Any]] = [
        {"id": name, "svg": svg(draw(), name, CAPTIONS[name]), "caption": CAPTIONS[name]}
        for name, draw in figures(survey).items()
    ]
    found = survey.points.minima
    return template("landscape.html.jinja").render(
        title=f"Critical points of {survey.problem.name}",
        points=survey.points,
        sentences=[line.partition(": ")[::2] for line in texts.sentences(survey)],
        by_index_headings=texts.BY_INDEX,
        by_index=texts.by_index(survey),
        minima_headings=texts.minima_headings(survey),
        minima=texts.minima(survey, MOST),
        n_minima=len(found),
        merges=texts.merges(survey),
        verdicts=[(texts.value_text(survey.exact(p.value)), p.index, p.verdict) for p in survey.points if p.verdict][
            :MOST
        ],
        figures=drawn,
        settings=list(survey.settings.items()),
        source=survey.problem.source,
    )
