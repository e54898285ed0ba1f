"""The papers that can be reproduced, in the order in which they are listed."""

from __future__ import annotations

import importlib

from homotopy.errors import ArgumentError

from .outcome import Paper

__all__ = ["KEYS", "paper"]

KEYS = (
    "slater2017",
    "safran2018",
    "rumelhart1986",
    "swirszcz2016",
    "yun2019",
    "gorse1997",
    "zimmermann2026",
    "ge2017",
    "lin2023",
    "iwakiri2022",
    "hazan2016",
    "jin2017",
    "farrell2015",
    "auer1995",
    "lang1988",
    "coetzee1996",
    "pilanci2020",
    "dauphin2014",
    "hochreiter1997",
    "mobahi2016",
    "ko2023",
    "users",
    "beyond_relu",
    "escape",
)


def paper(key: str) -> Paper:
    """Return a paper by its key, which is the name of its folder.

    Raises
    ------
    ArgumentError
        If there is no such paper.
    """
    if key not in KEYS:
        raise ArgumentError(f"there is no paper {key!r}; there are {', '.join(KEYS)}")
    found: Paper = importlib.import_module(f"..{key}", __package__).PAPER
    return found
