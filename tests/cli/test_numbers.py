"""Every numeric option of every subcommand refuses what cannot be meant, in one sentence and with exit code 2."""

from __future__ import annotations

import click
import pytest

from homotopy.cli import COMMANDS, cli, options

WORDS = {
    "bench": ("W1",),
    "fit": ("data.csv", "--target", "y", "-o", "new"),
    "tune": ("xor", "gd"),
    "resume": ("folder",),
    "reproduce": ("safran2018",),
    "suite": (),
}
NUMBERS = ("nan", "-1", "-inf", "x", "", "1_0", "٣", "-5e-324", "--1", "1e", "0x10")
WHOLE = (*NUMBERS, "1.5", "1e3", "inf", "9" * 5000)


def numeric():
    context = click.Context(cli)
    for name in COMMANDS:
        for option in cli.get_command(context, name).params:
            if isinstance(option.type, (click.types.FloatParamType, click.types.IntParamType)):
                yield pytest.param(name, option, id=f"{name} {option.opts[-1]}")


@pytest.mark.parametrize(("command", "option"), list(numeric()))
def test_what_cannot_be_meant_is_refused(command, option, run, table_file):
    assert isinstance(option.type, options.Number)  # one type for all commands
    for text in WHOLE if option.type.kind is int else NUMBERS:
        got = run(command, *WORDS.get(command, ("xor",)), f"{option.opts[-1]}={text}")
        assert got.code == 2, text
        assert got.out == ""
        assert got.err.startswith("homotopy: error: ")
        assert got.err.count("\n") == 1
        assert len(got.err) < 1500


@pytest.mark.parametrize("option", ["--step", "--max-step", "--tolerance"])
@pytest.mark.parametrize("value", ["0", "-1", "nan", "inf"])
def test_steps_of_a_path_are_positive(option, value, run, tmp_path):
    got = run("track", "xor", option, value)
    assert (got.code, list(tmp_path.iterdir())) == (2, [])
    assert f"'{option}': must be a positive number, not '{value}'" in got.err


@pytest.mark.parametrize(
    "words", [("track", "xor", "--max-steps", "3", "--budget", "inf"), ("solve", "xor", "--seconds", "inf")]
)
def test_an_infinite_budget_is_no_limit(words, run):
    assert run(*words).code in (0, 1)
