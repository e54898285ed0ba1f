"""Nets as chains of affine maps, and their losses under normal noise on the weights."""

from homotopy.objectives.diffused.chain import Chain, Link, layered
from homotopy.objectives.diffused.family import EXACT, LAYERWISE, LIFTED, DiffusedChain
from homotopy.objectives.diffused.unrolled import unrolled

__all__ = ["EXACT", "LAYERWISE", "LIFTED", "Chain", "DiffusedChain", "Link", "layered", "unrolled"]
