"""Every long command that is interrupted ends soon, in a line, and leaves what was there before as it was."""

from __future__ import annotations

import importlib.util
import json
import re
import signal
import sqlite3
from contextlib import closing, suppress
from pathlib import Path

import psutil
import pytest
from signalled import SOON, Process

from homotopy.archives import read_npz

TABLE = "a,b,y\n" + "\n".join(f"{i},{i * 7 % 11},{i * 0.5 + i * 7 % 11}" for i in range(24)) + "\n"
WAITS = ("--plugin", "waits.py", "-m", "waits:how=compiled")
ENDLESS = ("--step", "1e-7", "--max-step", "1e-7", "--max-steps", "100000000")
WAYS = [(signal.SIGINT, 2), (signal.SIGTERM, 1), (signal.SIGHUP, 1)]  # beside an interruption that is said once

MANY = ("-m", "skip", "--runs", "200000", "-j", "1")
OUT = ("-q", "-o", "out")

# Words, the files that an earlier command wrote, and the file that holds what is kept by and by. Files of track and of
# landscape without that one are refused.
COMMANDS = {
    "solve": (["xor", *WAITS, "--budget", "1e13", "-o", "x.npy", "--force"], ["x.npy"], None),
    "fit": (["t.csv", "--target", "y", *WAITS, "--alpha", "0.1", "-q", "-o", "m.npz", "--force"], ["m.npz"], None),
    "tune": (["xor", "waits", "-p", "step_size=0.1..1", "--plugin", "waits.py", "-q"], [], None),
    "track": (["xor:hidden=2", "--homotopy", "linearized", *ENDLESS, *OUT[1:]], [], "path.npz"),
    "landscape": (["xor:l2=0.1", "--kinds", "minima", "--starts", "1000000", *OUT], [], "points.npz"),
    "suite": (["-r", "teacher k=6", *MANY, *OUT], ["suite.csv", "escape.md"], "runs.sqlite"),
    "reproduce": (["hazan2016", "--full", *OUT], ["rate.png"], "parts/niceness.json"),
}


SAID = r"(finishing [^\n]*again to stop\n)?homotopy: interrupted[^\n]*\n"
READ = {".npz": read_npz, ".json": lambda path: json.loads(path.read_text()), ".sqlite": lambda path: blocks(path)}


def begun(kept):
    """What says that a command has begun: something is kept, or its method runs."""
    if kept is None:
        return lambda one: (one.folder / "began").exists()
    return lambda one: (blocks if kept == "runs.sqlite" else Path.exists)(one.folder / "out" / kept)


def blocks(store):
    """How many blocks are in a store that another process writes."""
    with suppress(sqlite3.Error), closing(sqlite3.connect(f"file:{store}?mode=ro", uri=True)) as base:
        return base.execute("SELECT count(*) FROM blocks").fetchone()[0]
    return 0


@pytest.fixture
def start(tmp_path, heard):
    every = []

    def call(*words, older=()):
        folder = tmp_path / str(len(every))
        (folder / "out").mkdir(parents=True)
        (folder / "t.csv").write_text(TABLE)
        for file in older:
            (folder / ("out" if "out" in words else ".") / file).write_text("older")
        every.append(Process(folder, *words))
        return every[-1]

    yield call
    for one in every:
        one.process.kill()
        one.process.wait()


@pytest.mark.slow
@pytest.mark.parametrize("command", COMMANDS)
def test_an_interrupted_command_ends_soon_and_leaves_nothing_half_written(command, start):
    """Each is said Ctrl-C once, and in one more way, which they share out; two run side by side."""
    words, older, kept = COMMANDS[command]
    ways = [(signal.SIGINT, 1), WAYS[list(COMMANDS).index(command) % len(WAYS)]]
    every = [start(command, *words, older=older) for _ in ways]
    for one in every:
        one.began(begun(kept))
    for one, (number, times) in zip(every, ways, strict=True):
        one.told(number, times)
    for one in every:
        code, err = one.ended(SOON)
        assert code == 1
        assert re.fullmatch(SAID, err)
        assert one.childless()
        out = one.folder / ("out" if "out" in words else ".")
        assert all((out / file).read_text() == "older" for file in older)
        hidden = [path.name for path in one.folder.rglob("*") if path.name.startswith(".") or path.suffix == ".part"]
        assert hidden == []
        if kept is not None:
            assert "same command goes on" in err
            assert READ[Path(kept).suffix](out / kept)


@pytest.mark.slow
def test_processes_that_still_start_leave_the_answer_to_the_command(start):
    """A terminal sends its signals to all of them, and what ends a service does so, too."""
    processes = ["xor", "-m", "gd", "--seeds", "100000", "-j", "2", "--executor", "processes", *OUT]
    several = [(start("compare", *processes), number) for number in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM)]
    several.append((start("reproduce", "hazan2016", "--full", "-j", "2", *OUT), signal.SIGINT))
    if importlib.util.find_spec("distributed"):
        several.append((start("compare", *processes[:-4], "dask", *OUT), signal.SIGINT))
    for one, number in several:
        # the one that clears up, and the next, which imports
        one.began(lambda one: len(psutil.Process(one.process.pid).children()) > 1).told_all(number)
    for one, _ in several:
        code, err = one.ended(SOON)
        assert code == 1
        assert re.fullmatch(SAID, err)
        assert one.childless()
