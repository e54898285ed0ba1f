"""Tables on terminals of every width, streams of every encoding, and names that are anybody's."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys

import numpy as np
import pytest
from rich.cells import cell_len

from homotopy.cli import console, main

HEADS = ("method", "success [95 %]", "median cost", "expected cost to first success [95 %]", "in seconds [95 %], EPYC")
ROWS = [
    ("multistart:of=skip++extra=2,restarts=100", "0.750 [0.300, 0.950]", "1,234", "53.3 [40, ∞]", "1.23 [1.19, ∞] ms"),
    ("gd", "0.000 [0.000, 0.125]", "–", "> 123,456,789", "> 12.3 µs"),
]
NUMBERS = [number for row in ROWS for cell in row[1:] for number in cell.split()]


class Terminal(io.TextIOWrapper):
    """A stream that says it is a terminal."""

    def isatty(self):
        return True


@pytest.fixture
def written(monkeypatch):
    def call(columns, draw, encoding="utf-8", stream="stdout"):
        monkeypatch.setenv("COLUMNS", str(columns))
        monkeypatch.setenv("TERM", "xterm")
        made = Terminal(io.BytesIO(), encoding=encoding, write_through=True)
        with monkeypatch.context() as patch:
            patch.setattr(sys, stream, made)
            draw()
        return re.sub(r"\x1b\[\d*(;\d+)*m", "", made.buffer.getvalue().decode(encoding))  # bold and dim are ours

    return call


@pytest.mark.parametrize("columns", [24, 32, 40, 50, 64, 80, 100, 132])
def test_no_number_is_broken_and_no_line_is_too_long(written, columns):
    text = written(columns, lambda: console.table(HEADS, ROWS, title="xor, 4 starts", numbers=True))
    words = text.split()
    for number in NUMBERS:
        assert number in words
    assert max(map(cell_len, text.splitlines())) <= max(columns, 39)  # a name of 12 and the widest interval
    assert "".join(ROWS[0][0].split()) in re.sub(r"\s+", "", text) or columns < 80


@pytest.mark.parametrize("columns", [20, 40, 80])
def test_texts_are_folded_at_spaces(written, columns):
    rows = [("xor", "hidden=2, step_size=1e-05, activation=tanh", "Four points that one line does not part")]
    text = written(columns, lambda: console.table(("problems", "parameters", "what it is"), rows))
    for word in ("hidden=2,", "step_size=1e-05,", "activation=tanh", "points"):
        assert word in text.split()


def test_a_file_has_the_table_as_a_whole(capsys):
    many = [(*ROWS[0], *(f"{i}.5 [0.25, 0.75]" for i in range(20)))]
    console.table((*HEADS, *(f"column {i}" for i in range(20))), many, numbers=True)
    lines = [line for line in capsys.readouterr().out.splitlines() if "multistart" in line]
    assert len(lines) == 1
    assert "19.5 [0.25, 0.75]" in lines[0]


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252", "utf-8"])
def test_tables_and_sentences_in_every_encoding(written, encoding):
    def draw():
        console.table(HEADS, ROWS, title="a – b × c", numbers=True)
        console.echo("4 µs, ∞ – \x1b[2J")

    text = written(200, draw, encoding)
    assert "\x1b" not in text
    assert r"\x1b[2J" in text
    assert ("∞" in text) == (encoding == "utf-8")
    assert ("inf" in text) == (encoding != "utf-8")
    starts = {line.index("] ") for line in text.splitlines() if "0.300" in line or "0.000" in line}
    assert len(starts) == 1  # stand-ins move no column


@pytest.mark.parametrize("name", ["\x1b]0;t\x07", "[red]x", "\\[bold]y", ":smile:", "a\nb", "\u202ec", "x\r", "\x9b2J"])
def test_names_do_nothing_on_a_terminal(written, name):
    def draw():
        console.table(("name", "n"), [(name, "1")], title=name, numbers=True)
        console.table(("name", "n"), [(name, "1")])

    text = written(120, draw)
    assert text.count(name.encode("unicode_escape").decode().replace("\\\\", "\\")) == 3
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", text)
    said = written(120, lambda: console.say(name), stream="stderr")
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", said)


@pytest.mark.parametrize("encoding", ["ascii", "utf-8"])
def test_json_is_read_back_whatever_the_names(written, encoding):
    data = {"\x9b\u202e": ["µ\x7f", np.array([1.0, np.nan, -np.inf])], "n": float("inf"), "\U000e0001": "a\nb"}
    text = written(80, lambda: console.emit_json(data), encoding)
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", text)
    assert json.loads(text) == {"\x9b\u202e": ["µ\x7f", [1.0, None, None]], "n": None, "\U000e0001": "a\nb"}


def test_an_error_is_one_line_without_escapes(capsys):
    with pytest.raises(SystemExit):
        main(["solve", "\x1b[31mxor\nhomotopy: error: no"])
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert "\x1b" not in err


CALL = [sys.executable, "-c", "import sys; from homotopy.cli import main; main(sys.argv[1:])"]
COMMANDS = [
    ["list", "methods"],
    ["info"],
    ["solve", "xor", "-m", "gd", "--budget", "50"],
    ["compare", "xor", "-m", "gd", "-m", "lbfgs", "--seeds", "3", "--budget", "20", "--format", "svg", "-o", "o"],
]


@pytest.mark.slow
@pytest.mark.parametrize("words", COMMANDS, ids=lambda words: words[0])
@pytest.mark.parametrize("locale", ["latin-1", "ascii", "C"])
def test_commands_print_in_poor_encodings(tmp_path, words, locale):
    env = {name: value for name, value in os.environ.items() if not name.startswith(("LC_", "LANG", "PYTHONUTF8"))}
    env |= {"PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "LC_ALL": "C"}
    env |= {} if locale == "C" else {"PYTHONIOENCODING": locale}
    done = subprocess.run(CALL + words, capture_output=True, env=env, cwd=tmp_path, timeout=300, check=False)
    text = done.stdout.decode("latin-1" if locale == "latin-1" else "ascii") + done.stderr.decode("latin-1")
    assert done.returncode in (0, 1), text
    assert "Traceback" not in text
    assert "UnicodeEncodeError" not in text
    assert len(text) > 100
