"""What a run must come to: the numbers of expected.json, each with its tolerance."""

from __future__ import annotations

import json
from collections.abc import Mapping
from math import isfinite
from pathlib import Path

__all__ = ["PAPERS", "expected_numbers", "unexpected"]

PAPERS = Path(__file__).parents[1]


def expected_numbers(key: str, version: str) -> dict[str, tuple[float, float]]:
    """Return the value and the absolute tolerance of each number of a paper's version, ``small`` or ``full``."""
    text = (PAPERS / key / "expected.json").read_text(encoding="utf-8")
    return {name: (float(value), float(slack)) for name, (value, slack) in json.loads(text)[version].items()}


def unexpected(numbers: Mapping[str, float], wanted: Mapping[str, tuple[float, float]]) -> list[str]:
    """Return a sentence for each number that is not as expected, is missing, or is expected by nobody."""
    found = [f"{name} is missing" for name in wanted if name not in numbers]
    found += [f"{name} is not in expected.json" for name in numbers if name not in wanted]
    for name, (value, slack) in wanted.items():
        if name in numbers and not (isfinite(numbers[name]) and abs(numbers[name] - value) <= slack):
            found.append(f"{name} is {numbers[name]:.6g}, and {value:.6g} within {slack:.3g} was expected")
    return found
