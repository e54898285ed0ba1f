"""What a store tells of a comparison: its cells, seeds and groups of problems, and remarks on these."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from homotopy import methods
from homotopy.errors import DataError, HomotopyError
from homotopy.experiments.plan.grid import FIRST_SEED
from homotopy.experiments.store.store import Store

__all__ = ["contents", "keep_groups", "present_name", "read_groups", "together"]

KIND = "group"  # of the note that says what a group holds


def contents(store: Store) -> dict[str, Any]:
    """Return the fields of the `Comparison` of everything in a store that has the budget of its last session.

    Each cell counts in its newest version.

    Raises
    ------
    DataError
        If the store has no runs.
    """
    cells = store.cells()
    if not cells:
        raise DataError(f"the store {store.path} has no runs")
    budget, version = cells[-1][3:5]
    names = {method: present_name(method) for _, _, method, *_ in cells}
    chosen = {(problem, names[method]): number for number, problem, method, b, _, _ in cells if b == budget}
    done = {key: store.done(number) for key, number in chosen.items()}
    seeds = sorted(set().union(*done.values()))
    shown = tuple(seed for seed in seeds if seed < FIRST_SEED)
    if shown:  # a cell of which all but the tuning runs failed has nothing to show
        chosen = {key: number for key, number in chosen.items() if min(done[key]) < FIRST_SEED}
    problems = tuple(dict.fromkeys(problem for problem, _ in chosen))
    return {
        "problems": problems,
        "methods": tuple(dict.fromkeys(method for _, method in chosen)),
        "groups": read_groups(store, problems),
        "seeds": shown or tuple(seeds),
        "tuning": tuple(seeds[len(shown) :]) if shown else (),
        "budget": budget,
        "cells": chosen,
        "skips": store.remarks("skip", version),
        "failures": store.remarks("failure", version),
        "tuned": store.remarks("tuned", version),
    }


def keep_groups(store: Store, groups: Mapping[str, tuple[str, ...]], version: str) -> None:
    """Write down the groups of several problems, or of another name than their problem's."""
    for name, members in groups.items():
        if members != (name,):
            store.note(name, "", KIND, json.dumps(members), version)


def read_groups(store: Store, problems: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """Return the groups that a store tells of, as far as their problems are among these, and all other problems."""
    told: dict[str, dict[str, None]] = {}
    for name, _, text in store.remarks(KIND):
        told.setdefault(name, {}).update(dict.fromkeys(json.loads(text)))
    kept = {name: tuple(p for p in members if p in problems) for name, members in told.items()}
    order = dict.fromkeys(
        name for problem in problems for name in ([n for n, inside in kept.items() if problem in inside] or [problem])
    )
    return {name: kept.get(name, (name,)) for name in order}


def present_name(method: str) -> str:
    """Return a method's name as it is spelled now, since an older version may have spelled its parameters otherwise."""
    try:
        return methods.method(method).name
    except HomotopyError:  # an object, or a plugin's, which cannot be built from its name
        return method


def together(
    remarks: Iterable[tuple[str, str, str]], groups: Mapping[str, tuple[str, ...]]
) -> list[tuple[str, str, str]]:
    """Return remarks (problem, method, text) with those that hold of every problem of a group told once, of the group.

    Examples
    --------
    >>> together([("a", "m", "no"), ("b", "m", "no"), ("a", "n", "no")], {"both": ("a", "b")})
    [('both', 'm', 'no'), ('a', 'n', 'no')]
    """
    given = list(dict.fromkeys(remarks))
    out: dict[tuple[str, str, str], None] = {}
    for problem, method, text in given:
        whole = [
            name
            for name, members in groups.items()
            if problem in members and all((member, method, text) in given for member in members)
        ]
        out[whole[0] if whole else problem, method, text] = None
    return list(out)
