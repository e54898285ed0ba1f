"""Which mutants are tried, and by which tests: a sample with a seed, and the tests that run the mutated line."""

import ast
import json
import random
from functools import cache
from itertools import islice
from pathlib import Path

from mutation.planted import mutated

FLOORS = ("homotopy/experiments/statistics", "homotopy/homotopies", "homotopy/continuation")


def floor_of(path):
    """Return the floor in which the module lies."""
    return next(floor for floor in FLOORS if Path(path).as_posix().startswith(floor + "/"))


@cache
def tree(path):
    """Return the syntax tree of a module."""
    return ast.parse(Path(path).read_text())


@cache
def annotations(path):
    """Return where the annotations of a module begin and end; Python does nothing with them."""
    found = [getattr(node, name, None) for node in ast.walk(tree(path)) for name in ("annotation", "returns")]
    return [((one.lineno, one.col_offset), (one.end_lineno, one.end_col_offset)) for one in found if one is not None]


def sample(specs, count, seed, floors=FLOORS):
    """Return ``count`` jobs of each floor, drawn from all mutants that compile and are another program."""
    chosen = []
    for floor in floors:
        jobs = [job for job, spec in specs.items() if floor_of(spec.module_path) == floor and not _annotated(spec)]
        jobs.sort(key=lambda job: (str(specs[job].module_path), specs[job].operator_name, specs[job].occurrence))
        random.Random(f"{seed} {floor}").shuffle(jobs)
        chosen += islice((job for job in jobs if _differs(str(specs[job].module_path), mutated(specs[job]))), count)
    return chosen


def _annotated(spec):
    return any(a <= spec.start_pos and spec.end_pos <= b for a, b in annotations(str(spec.module_path)))


def _differs(path, source):
    """Whether a mutant compiles, and is not the same program: 1e150 may have become 1e+150.

    Cosmic-ray takes the star of keywords in a signature for a product.
    """
    try:
        return ast.dump(ast.parse(source)) != ast.dump(tree(path))
    except SyntaxError:
        return False


class Covering:
    """What coverage.py and ``covering.py`` measured: tests by line, and seconds by test."""

    def __init__(self, data, seconds):
        from coverage import CoverageData

        self.data = CoverageData(basename=str(data))
        self.data.read()
        self.seconds = {}
        for line in Path(seconds).read_text().splitlines():
            name, took, failed = json.loads(line)
            if not failed:
                self.seconds[name] = took
        self._lines = {}

    def lines(self, path):
        """Return the passing tests of each line of a module."""
        if path not in self._lines:
            known = self.data.contexts_by_lineno(path)
            self._lines[path] = {n: {one for one in tests if one in self.seconds} for n, tests in known.items()}
        return self._lines[path]

    def tests(self, spec):
        """Return the tests that run the mutated line, quickest first; of what runs at import those of all around it."""
        path = str(spec.module_path)
        known = self.lines(path)
        for first, last in _spans(path, spec.start_pos[0], spec.end_pos[0]):
            found = set().union(*(known.get(n, ()) for n in range(first, last + 1)))
            if found:
                return sorted(found, key=lambda name: (self.seconds[name], name))
        return []


def _spans(path, first, last):
    """Yield the lines whose tests may see a mutant: of the place, its statement, its function's body.

    What a function's head says, defaults and decorators, counts for its body; what a class or a module says, for all
    of the module.
    """
    around = [
        node
        for node in ast.walk(tree(path))
        if isinstance(node, ast.stmt) and _begins(node) <= first and last <= node.end_lineno
    ]
    around.sort(key=lambda node: node.end_lineno - _begins(node))
    function = next((node for node in around if isinstance(node, ast.FunctionDef)), None)
    if function is None:
        yield 1, 10**6
        return
    body = function.body[0].lineno, function.end_lineno
    if body[0] <= first:
        yield first, last
        yield _begins(around[0]), around[0].end_lineno
    yield body


def _begins(node):
    return min([node.lineno, *(one.lineno for one in getattr(node, "decorator_list", ()))])
