"""The command ``homotopy selftest``."""

from __future__ import annotations

import json
from typing import Any

import click

from homotopy.selftest.running import Outcome, describe, report, run, told

__all__ = ["command"]


@click.command(name="selftest")
@click.option("--json", "as_json", is_flag=True, help="Write JSON to stdout, and the lines to stderr.")
def command(as_json: bool) -> None:
    """See whether this installation works: half a minute, one line a check, and a report for a bug report.

    The kernels are held to NumPy with each instruction set of this machine, derivatives to differences; a fold, a
    crossing and an escape that are known are found again, a recurrent net is trained, a store is killed, gone on with
    and damaged, and threads must change nothing. Each check has a process of its own, so that one that crashes or
    hangs is a line like the others. The report has versions and what the machine is, but no names of users, machines
    or folders. The exit code is 1 where a check failed.

    \b
    Examples:
      homotopy selftest
      homotopy selftest --json > report.json
    """  # noqa: D301
    outcome, facts, available = describe()
    outcomes = [outcome]
    _say(outcome, as_json)
    if outcome.passed:
        for found in run(available):
            outcomes.append(found)
            _say(found, as_json)
    data = report(outcomes, {name: _plain(value) for name, value in facts.items()})
    if as_json:
        click.echo(json.dumps(data, indent=2))
    else:
        _facts(data)
    if not data["passed"]:
        raise SystemExit(1)


def _say(outcome: Outcome, aside: bool) -> None:
    """Write the line of a check."""
    word = "ok" if outcome.passed else "failed"
    click.echo(f"{word:<7} {outcome.name:<14} {outcome.seconds:5.1f} s  {outcome.note}".rstrip(), err=aside)


def _facts(data: dict[str, Any]) -> None:
    """Write what the checks came to, and below it what a reader of a bug report must know."""
    failed = [row["name"] for row in data["checks"] if not row["passed"]]
    seconds = sum(row["seconds"] for row in data["checks"])
    n = len(data["checks"])
    click.echo(f"\n{n - len(failed)} of {n} checks passed in {seconds:.0f} s")
    if failed:
        click.echo(f"failed: {', '.join(failed)}; please report all of this")
    click.echo()
    for name, value in data["facts"].items():
        click.echo(f"{name.replace('_', ' '):<16} {value}")


def _plain(value: Any) -> str:
    """Return a fact as a text without folders."""
    if isinstance(value, dict):
        value = ", ".join(f"{key}: {inner}" for key, inner in value.items())
    return told(str(value)) or "unknown"
