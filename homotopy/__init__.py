"""Train neural networks by continuation, and show against plain gradient descent when that escapes local minima."""

import logging

from homotopy._version import __version__

__all__ = ["__version__"]

logging.getLogger(__name__).addHandler(logging.NullHandler())
