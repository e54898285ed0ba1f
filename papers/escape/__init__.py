"""What escapes: every method of a list on rows of problems, with restart cutoffs chosen on other seeds.

``python -m homotopy.papers.escape -o DIR``, or ``homotopy suite -o DIR``, writes the table, the page and its picture.
"""

__all__: list[str] = []
