"""Wieland's two spirals, as Lang and Witbrock 1988 learn them: plain nets, nets with shortcuts, and who solves them."""

from .figures import costs_picture, plane_picture
from .spirals import shortcut_net, two_spirals, vanilla
from .study import PAPER

__all__ = ["PAPER", "costs_picture", "plane_picture", "shortcut_net", "two_spirals", "vanilla"]
