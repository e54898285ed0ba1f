"""Nets on real data: where a homotopy pays, where restarts do as well, and where only the penalty matters.

``python -m homotopy.papers.real_data -o DIR`` writes real-data.csv, the page real-data.md and its picture.
"""

__all__: list[str] = []
