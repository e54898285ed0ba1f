"""Training recurrent nets: solve the problem on short sequences first, and what that is worth.

``python -m homotopy.papers.recurrent -o DIR`` writes recurrent.csv, the page recurrent.md and its picture.
"""

__all__: list[str] = []
