"""Training by diffusion, four forms against plain descents from the same starts, and four consequences of the idea.

``python -m homotopy.papers.diffusion -o DIR`` runs the study (about ten minutes) and writes results.json,
the table diffusion.md and the picture diffusion.png.
"""

__all__: list[str] = []
