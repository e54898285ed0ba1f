"""What could run somebody else's code, or reach out, is listed here with its reason; nothing else does."""

from __future__ import annotations

import ast
import os
import re
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

import homotopy
from homotopy.errors import ArgumentError
from homotopy.experiments.store import opening
from homotopy.scratch import beside

PACKAGE = Path(homotopy.__file__).parent
ROOT = PACKAGE.parent
PAPERS = ROOT / "papers" if (ROOT / "papers").is_dir() else PACKAGE / "papers"

MODULES = {"pickle", "marshal", "shelve", "dill", "cloudpickle", "joblib", "ctypes", "runpy", "imp", "pty"}
MODULES |= {"socketserver", "xmlrpc", "ftplib", "telnetlib", "urllib", "http", "requests", "smtplib"}
BARE = {"eval", "exec", "compile", "__import__", "Popen", "mktemp"}
OF = {
    "os": {"system", "popen", "execv", "execve", "execvp", "spawnv", "startfile"},
    "subprocess": {"run", "call", "check_call", "check_output", "Popen", "getoutput"},
    "tempfile": {"mktemp"},
    "yaml": {"load", "unsafe_load", "full_load", "load_all"},
    "torch": {"load", "save"},
    "pd": {"read_pickle"},
    "importlib": {"reload"},
    "socket": {"socket", "create_connection", "create_server"},
}
EVERYWHERE = {"load_extension", "enable_load_extension", "read_pickle", "exec_module", "load_module"}
NEAR = re.compile(
    "|".join(
        [rf"\b{name}\b" for name in MODULES | EVERYWHERE | {"shell", "allow_pickle", "np.load"}]
        + [rf"\b{name}\(" for name in BARE]
        + [rf"\b{name}\." for name in OF]
    )
)

OWN = "the package's own interpreter, with a list of words"
ALLOWED = {
    "homotopy/experiments/plan/plugins.py": {"exec_module": "plugins, which the user names"},
    "homotopy/experiments/run/machine.py": {"subprocess.run": "git says which commit this is, with a list of words"},
    "homotopy/experiments/run/sending.py": {"pickle": "blocks between own processes, and workers the user names"},
    "homotopy/experiments/run/workers/threads.py": {"ctypes": "CPython's own call that ends a thread"},
    "homotopy/selftest/keeping.py": {"subprocess.Popen": OWN},
    "homotopy/selftest/running.py": {"subprocess.run": OWN},
}
"""From a file to what it may do, and why."""


def sources():
    for root, name in ((PACKAGE, "homotopy"), (PAPERS, "papers")):
        for path in sorted(root.rglob("*.py")):
            inside = path.relative_to(root)
            if not (root is PACKAGE and inside.parts[0] == "papers"):
                yield f"{name}/{inside.as_posix()}", path


def dangers(text):
    """Return what in a module could run code or reach out: the names of modules, calls and arguments."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from (one.name for one in node.names if one.name.partition(".")[0] in MODULES)
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] in MODULES:
            yield node.module
        if isinstance(node, ast.Call):
            yield from _of_call(node)


def _of_call(node):
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    owner = ast.unparse(node.func.value) if isinstance(node.func, ast.Attribute) else ""
    given = {one.arg: ast.unparse(one.value) for one in node.keywords}
    if name in (OF.get(owner, ()) if owner else BARE):
        yield f"{owner}.{name}".removeprefix(".")
    if name in EVERYWHERE:
        yield name
    yield from (word for word in ("shell", "allow_pickle") if given.get(word, "False") != "False")
    if name == "load" and owner in ("np", "numpy") and given.get("allow_pickle") != "False":
        yield "np.load"


def test_nothing_runs_code_but_what_is_listed():
    found = {}
    for name, path in sources():
        text = path.read_text(encoding="utf-8")
        for danger in dangers(text) if NEAR.search(text) else ():  # most files need not be parsed
            found.setdefault(name, set()).add(danger)
    assert found == {name: set(reasons) for name, reasons in ALLOWED.items()}


PLANTED = [
    ("import pickle", "pickle"),
    ("from urllib.request import urlopen", "urllib.request"),
    ("eval('1')", "eval"),
    ("exec(text)", "exec"),
    ("np.load(file)", "np.load"),
    ("np.load(file, allow_pickle=True)", "allow_pickle"),
    ("yaml.load(text, Loader=yaml.Loader)", "yaml.load"),
    ("subprocess.run(text, shell=True)", "shell"),
    ("os.system(text)", "os.system"),
    ("tempfile.mktemp()", "tempfile.mktemp"),
    ("torch.load(file)", "torch.load"),
    ("db.enable_load_extension(True)", "enable_load_extension"),
]


@pytest.mark.parametrize(("text", "danger"), PLANTED)
def test_the_search_finds_what_it_looks_for(text, danger):
    assert danger in set(dangers(text))


@pytest.mark.parametrize(
    "text", ["re.compile(a)", "np.load(f, allow_pickle=False)", "yaml.safe_load(t)", "model.eval()"]
)
def test_the_search_lets_other_things_be(text):
    assert set(dangers(text)) == set()


def test_pages_escape_what_they_are_given():
    """Names come out of stores; no filter of ours says that a text is safe."""
    made = (PACKAGE / "report").rglob("*.py")
    texts = {path: path.read_text(encoding="utf-8") for path in made}
    environments = [text for text in texts.values() if "Environment(" in text]
    assert environments
    assert all("autoescape=True" in text for text in environments)


FORBIDDEN = """
import socket, sys

def refused(*words, **more):
    raise AssertionError(f"the network is asked for: {words}")

class Closed(socket.socket):
    bind = connect = connect_ex = sendto = listen = refused

socket.socket = Closed
for name in ("create_connection", "create_server", "getaddrinfo", "gethostbyname", "socketpair", "fromfd"):
    setattr(socket, name, refused)
import _socket
for name in ("getaddrinfo", "gethostbyname", "gethostbyaddr", "socketpair"):
    setattr(_socket, name, refused)
from homotopy.cli import main

for words in (
    ["compare", "xor", "-m", "gd", "-m", "skip", "--seeds", "3", "--budget", "50", "-j", "2", "-o", "a", "-q"],
    ["export", "a", "--csv", "a.csv", "-q"],
    ["merge", "a", "-o", "b", "-q"],
    ["report", "b", "-q"],
    ["solve", "xor", "-m", "lbfgs"],
    ["reproduce", "yun2019", "--small", "-o", "c", "-q"],
):
    try:
        main(words)
    except SystemExit as end:
        print(words[0], end.code)
try:
    socket.socket().connect(("127.0.0.1", 9))
except AssertionError:
    print("refused")
"""


@pytest.mark.slow
def test_nothing_reaches_for_the_network(tmp_path):
    ran = subprocess.run(
        [sys.executable, "-c", FORBIDDEN], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=300
    )
    told = ran.stdout.splitlines()
    ended = [line for line in told if re.fullmatch(r"[a-z]+ \d", line)]
    assert ended == [f"{word} 0" for word in ("compare", "export", "merge", "report", "solve", "reproduce")], ran.stderr
    assert told[-1] == "refused"


def test_copies_of_a_store_lie_in_a_private_folder(tmp_path, monkeypatch):
    """Where a store cannot be written and has a log, a copy is read: no other user sees it, or knows its name."""
    made, real = [], tempfile.mkdtemp
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(tempfile, "mkdtemp", lambda **named: made.append(real(**named)) or made[-1])
    monkeypatch.setattr(opening, "writable", lambda path: False)
    for ending in ("", "-wal"):
        (tmp_path / f"runs.sqlite{ending}").write_bytes(b"x")
    names = set()
    for _ in range(3):
        db, closed = opening.opened(tmp_path / "runs.sqlite", readonly=True)
        assert stat.S_IMODE(os.stat(made[-1]).st_mode) == 0o700
        names.add(made[-1])
        db.close()
        closed()
        assert not Path(made[-1]).exists()
    assert len(names) == 3


def test_scratch_files_follow_no_link_and_have_no_name_that_is_known(tmp_path):
    names = []
    for error in (None, RuntimeError("in between")):
        try:
            with beside(tmp_path / "model.npz") as scratch:
                names.append(scratch.name)
                assert scratch.parent == tmp_path
                assert not scratch.is_symlink()
                scratch.write_text(str(error))
                if error:
                    raise error
        except RuntimeError:
            pass
        assert [path.name for path in tmp_path.iterdir()] == ["model.npz"]
    assert (tmp_path / "model.npz").read_text() == "None"
    assert len(set(names)) == 2
    assert not any(str(os.getpid()) == name.split(".")[-1] for name in names)


def test_a_pipe_is_not_replaced(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("pipe")
    for name in ("pipe", "link"):  # a device is the same, and root may replace /dev/null
        with pytest.raises(ArgumentError, match=r"is no plain file, and nothing is put in its place$"):
            beside(tmp_path / name).__enter__()
    assert (tmp_path / "pipe").is_fifo()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link", "pipe"]
