"""What the authors' files say, and where gradient descent ends beside it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from scipy.stats import binomtest

from ..frame import Table
from ..frame.rows import same_rate

__all__ = ["common", "ends_table", "pair_text", "published", "shares_table", "signs_table"]

Pair = tuple[int, int]
Ends = Mapping[Pair, dict[str, Any]]
MOST = 6
"""From so many wrong signs on they share a column."""


def published() -> dict[str, Any]:
    """Return the authors' two data sets and the minima of the first; each part names its source.

    Returns
    -------
    dict
        ``first`` and ``second``: ``runs``, ``step`` and ``bad``, from pairs (k, n) to runs with F >= 1e-3 at the end;
        of the first also ``inferred``, counts that no file says. ``families``: ``pairs``, from (k, n) to what is known
        of the minima, as printed.
    """
    data = json.loads((Path(__file__).parent / "published.json").read_text(encoding="utf-8"))
    for part, name in (("first", "bad"), ("first", "inferred"), ("second", "bad"), ("families", "pairs")):
        data[part][name] = {tuple(map(int, key.split(","))): value for key, value in data[part][name].items()}
    return dict(data)


def pair_text(pair: Pair) -> str:
    """Return the numbers of units of teacher and student in words."""
    return f"n = k = {pair[0]}" if pair[0] == pair[1] else f"k = {pair[0]}, n = {pair[1]}"


def shares_table(fast: Ends, slow: Ends, runs: int) -> Table:
    """Return all shares side by side: the authors' two data sets and ours with both steps, and p-values.

    Parameters
    ----------
    fast, slow : mapping
        From pairs to what `ends` returned with step 5/k and with step 0.1; `slow` may be empty.
    runs : int
        Starts of each of ours.
    """
    data = published()
    first, second = data["first"], data["second"]
    rows = []
    for pair, found in fast.items():
        told = pair in first["bad"]
        theirs = ({**first["bad"], **first["inferred"]}[pair], first["runs"])
        here = (len(found["bad"]), runs)
        again = (len(slow[pair]["bad"]), runs) if pair in slow else None
        other = (second["bad"][pair], second["runs"]) if pair in second["bad"] else None
        rows.append(
            (
                pair_text(pair),
                _share(theirs) + ("" if told else " (inferred)"),
                _share(again),
                _interval(here),
                _share(other),
                _p(theirs if told else None, here),
                _p(theirs if told else None, again),
                _p(other, here),
                _p(theirs, other),
            )
        )
    headings = (
        "",
        "authors 2018, step 0.1: %",
        "ours, step 0.1: %",
        "ours, step 5/k: % [95 %]",
        "authors 2021, step 5/k: %",
        "p: 2018, ours 5/k",
        "p: 2018, ours 0.1",
        "p: 2021, ours 5/k",
        "p: 2018, 2021",
    )
    note = (
        f'Authors 2018: {first["source"]} {first["runs"]:,} runs for each pair. "Inferred": {first["inferred from"]} '
        f"Authors 2021: {second['source']} {second['runs']:,} runs for each k. Ours: {runs:,} runs for each pair, the "
        "same starts with both steps (0.1 only where n = k). p-values are of equal rates, without a correction for "
        "their number."
    )
    return Table("Runs that end in a spurious minimum", headings, tuple(rows), note)


def common(theirs: Mapping[str, Any], found: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the kind of our minima whose F is nearest to that of the authors' commonest one; None without any."""
    if "F" not in theirs or not found["kinds"]:
        return None
    return dict(min(found["kinds"], key=lambda kind: abs(kind["F"] - float(theirs["F"]))))


def ends_table(fast: Ends) -> Table:
    """Return F of the ends beside that of the authors' stored points, and the commonest minimum of each pair."""
    data = published()["families"]
    rows = []
    for pair, found in fast.items():
        theirs, values = data["pairs"].get(pair, {}), found["values"]
        if not values and not theirs:
            continue
        told = [sum(values) / len(values), min(values), max(values)] if values else []
        ours = [f"{value:.4f}" for value in told] or ["–"] * 3
        cells = [
            f"{theirs.get(name, '–')} / {mine}" for name, mine in zip(("mean", "least", "largest"), ours, strict=True)
        ]
        same = common(theirs, found)
        rows.append(
            (
                pair_text(pair),
                *cells,
                f"{theirs.get('families', '–')} / {len(found['kinds'])}",
                f"{theirs['F']} ({theirs['common']}) / {same['F']:.7f} ({same['count']})" if same else "–",
                f"{theirs['eigenvalue']} / {same['eigenvalue']:.6f}" if same else "–",
            )
        )
    headings = (
        "theirs / ours",
        "mean F",
        "least F",
        "largest F",
        "kinds of minima",
        "F of their commonest minimum (runs)",
        "smallest eigenvalue there",
    )
    note = (
        f"Theirs: {data['source']} Ours: step 5/k, at gradient norm 1e-9 / (2 pi). Kinds that few runs meet are met by "
        "chance, so that mean, largest F and the number of kinds move from one set of starts to the next."
    )
    return Table("The minima beside the authors' stored points", headings, tuple(rows), note)


def signs_table(fast: Ends, runs: int) -> Table:
    """Return how many runs end with how many wrong signs, and at which F."""
    counts = range(MOST + 1)
    rows = []
    for pair, found in fast.items():
        bad = len(found["bad"])
        if not bad:
            continue
        cells = []
        for m in counts:
            kinds = [kind for kind in found["kinds"] if (kind["wrong"] == m if m < MOST else kind["wrong"] >= MOST)]
            cells.append(_signs(kinds, bad))
        rows.append((pair_text(pair), f"{bad} of {runs:,}", *cells))
    headings = ("", "bad ends", *(f"{m}" for m in range(MOST)), f"{MOST} and more")
    note = (
        "Share of the bad ends with so many wrong signs, and F there: of each kind where there are two, from the least "
        "to the largest where there are more. A sign is wrong where a unit's overlap with the teacher's unit that it "
        "stands for is negative; units stand for the teacher's one to one, so that the sum of the overlaps' sizes is "
        "largest."
    )
    return Table("Wrong signs of the bad ends", headings, tuple(rows), note)


def _signs(kinds: Sequence[Mapping[str, Any]], bad: int) -> str:
    """Return a cell of the table of wrong signs."""
    if not kinds:
        return ""
    values = sorted(kind["F"] for kind in kinds)
    told = ", ".join(f"{value:.4f}" for value in values) if len(values) < 3 else f"{values[0]:.4f} to {values[-1]:.4f}"
    return f"{100 * sum(kind['count'] for kind in kinds) / bad:.1f} % ({told})"


def _share(count: Pair | None) -> str:
    return "–" if count is None else f"{100 * count[0] / count[1]:.1f}"


def _interval(count: Pair) -> str:
    interval = binomtest(*count).proportion_ci(method="wilson")
    return f"{_share(count)} [{100 * interval.low:.1f}, {100 * interval.high:.1f}]"


def _p(first: Pair | None, second: Pair | None) -> str:
    return "–" if first is None or second is None else f"{same_rate(first, second):.2g}"
