"""Drawn cases: how many, from which seed, and what became of them.

A test marked ``fuzz(share=s)`` is given the part s of the cases that ``--fuzz-cases`` asks for; shares of all tests sum
to 1. Its check raises AssertionError for a finding, and may return a word, which is counted: "result", "refused".
"""

import json
from collections import Counter

import pytest
from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings

COUNTS = pytest.StashKey[Counter]()


@pytest.fixture
def cases(request):
    """How many cases this test draws."""
    share = request.node.get_closest_marker("fuzz").kwargs["share"]
    return max(1, round(request.config.getoption("--fuzz-cases") * share))


@pytest.fixture
def fuzz_seed(request):
    """The seed of what this test draws."""
    return request.config.getoption("--fuzz-seed")


@pytest.fixture
def told(request):
    """Count what became of a case, and write it to the log: ``told("result", case="...")``."""
    counts = request.config.stash.setdefault(COUNTS, Counter())
    log = request.config.getoption("--fuzz-log")
    where = request.node.name

    def tell(what, **about):
        counts[where, what] += 1
        if log:
            with open(log, "a") as file:
                file.write(json.dumps({"test": where, "what": what, **about}) + "\n")

    return tell


@pytest.fixture
def fuzz(cases, fuzz_seed, told):
    """Run a check over drawn examples: ``fuzz(check, strategy)``; the first finding is made small and raised."""

    def run(check, strategy):
        @seed(fuzz_seed)
        @settings(
            max_examples=cases,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate, Phase.shrink],
            verbosity=Verbosity.quiet,
            report_multiple_bugs=False,
            print_blob=False,
        )
        @given(strategy)
        def drawn(example):
            try:
                what = check(example)
            except AssertionError as error:
                told("found", case=repr(example)[:500], error=str(error)[:500])
                raise
            told(what or "result", case=repr(example)[:500])

        drawn()

    return run


def pytest_terminal_summary(terminalreporter, config):
    """One line a test: what became of its cases."""
    counts = config.stash.get(COUNTS, None)
    if counts:
        terminalreporter.section("fuzz")
        for test in sorted({test for test, _ in counts}):
            of = {what: n for (name, what), n in sorted(counts.items()) if name == test}
            terminalreporter.line(f"{test}: {sum(of.values())} cases: " + ", ".join(f"{n} {w}" for w, n in of.items()))
