"""Zimmermann et al. 2026: a planar teacher with a spurious minimum at every width, gone beside a skip."""

from .planar import beside_a_path, kept, planar_teacher, polished, teachers
from .study import PAPER, picture

__all__ = ["PAPER", "beside_a_path", "kept", "picture", "planar_teacher", "polished", "teachers"]
