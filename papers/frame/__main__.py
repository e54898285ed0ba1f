"""``python -m homotopy.papers.frame`` writes papers/README.md from the results that lie in the folders."""

from .holding import PAPERS
from .index import index

(PAPERS / "README.md").write_text(index(), encoding="utf-8")
