"""Words that nobody meant, on every subcommand: what was asked for, or one sentence; files that are there stay."""

from __future__ import annotations

import shutil

import pytest
from fuzz.commands.running import refused_or_run, runner
from fuzz.lawful import contents
from hypothesis import strategies as st

from homotopy.cli import COMMANDS

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore::hypothesis.errors.HypothesisWarning")]

ODD = (
    "",
    " ",
    "-",
    "--",
    "0",
    "-1",
    "1",
    "2",
    "3",
    "nan",
    "inf",
    "-inf",
    "1e400",
    "1e-400",
    "5e-324",
    "1_0",
    "0x10",
    "٣",
    "1,5",
    "9" * 30,
    "9" * 5000,
    "-0",
    "+1",
    "1e3",
    "None",
    "true",
    "a" * 3000,
    "\n",
    "\t",
    "\x1b[31m",
    "é",
    "ｘ",
    "日本",
    "'",
    '"',
    "$(x)",
    "%s",
    "{}",
    "{0}",
    "[bold]",
    "..",
    "../x",
    "/",
    "/dev/null",
    "/nowhere/at/all",
    "no.csv",
    "no.npz",
    "no.toml",
    "table.csv",
    "model.npz",
    "study.toml",
    "study.yaml",
    "plug.py",
    "kept",
    "kept/runs.sqlite",
    "notes.txt",
    "folder",
    "paths",
    "1..3",
    "3..1",
    "1/2/3",
    "1..",
    "1//2",
    "=",
    ":",
    ",",
    "+",
    "y",
    "kind",
    "y+a",
    "drop",
    "mean",
    ";",
    "tab",
    "comma",
    ".",
    "cv",
    "threads",
    "processes",
    "mpi",
    "tcp://127.0.0.1:1",
    "relu",
    "tanh",
    "softmax",
    "squared",
    "0.5",
    "8+8",
    "1e5000",
    "balanced",
)
PROBLEMS = (
    "xor",
    "xor:hidden=2",
    "teacher:k=3",
    "xor:hidden=0",
    "xor:hidden=-1",
    "xor:hidden=x",
    "xor:hidden=",
    "xor:=2",
    "xor:h=2,h=3",
    "xor:l2=nan",
    "xor:l2=-1",
    "xor:activation=none",
    "xor:",
    "xor:hidden=9999999999",
    "teacher:k=0",
    "teacher:k=2..3",
    "teacher:k=3..1",
    "teacher:k=1/2",
    "teacher:n=2,k=3",
    "teacher:rows=x",
    "none",
    "table.csv",
    "table.csv:hidden=2",
    "csv:path=table.csv,target=y",
    "csv:path=none.csv,target=y",
    "csv:target=y",
    "csv:path=table.csv,target=z",
    "sequences:path=table.csv,id=kind,target=y,h=2",
    "sequences:path=model.npz",
    "ts:N=2,d=1,h=1",
    "sine:hidden=1",
    "logistic",
    "adding:T=4,h=2,n=4",
    "trap:n=2",
    "trap:n=1e9",
    "yun",
    "model.npz",
    "table.csv:target=y,folds=2",
    "auer:d=2",
    "xor:seed=1",
)
METHODS = (
    "gd",
    "lbfgs",
    "adam",
    "skip",
    "auto",
    "gd:step_size=nan",
    "gd:step_size=0",
    "gd:steps=1e9",
    "gd:steps=3",
    "none",
    "track",
    "multistart:of=gd",
    "multistart:of=none",
    "multistart:of=multistart+of=gd",
    "graduated:along=none",
    "track:along=proximal",
    "linearized",
    "proximal:mu=-1",
    "width",
    "escape:move=x",
    "race-hop",
    "lm",
    "momentum:momentum=2",
    "gd:",
    "gd::",
    "lbfgs:pairs=0",
)
HOMOTOPIES = (
    "proximal",
    "proximal:mu=0",
    "proximal:mu=0.5",
    "linearized",
    "none",
    "blend",
    "data",
    "newton",
    "targets",
    "width",
    "",
)
FILES = (
    "out",
    "old",
    "folder",
    "notes.txt",
    "table.csv",
    "kept",
    "model.npz",
    "/nowhere/x",
    "",
    "new/deep/out",
    "x.csv",
    "x.parquet",
    "-",
)
STORES = ("kept", "kept/runs.sqlite", "folder", "none", "notes.txt", "table.csv", "empty.sqlite", ".", "")
COUNTS = ("1", "2", "0", "-1", "x", "nan", "1e3", "2.5", "9" * 25, "1_0", "")
NUMBERS = ("1", "20", "0.5", "0", "-1", "nan", "inf", "-inf", "1e308", "5e-324", "x", "", "1_0", "1e400")
SEEDS = ("2", "0", "-1", "0..1", "3..1", "5/6", "x", "1_0", "", "9" * 25, "999999999..1000000001", "1.5", "0..1..0")
OPTIONS = {
    "--target": ("y", "kind", "none", "y+a", "", "y+y", "a+"),
    "--missing": ("drop", "mean", "x"),
    "--budget": NUMBERS,
    "--step": NUMBERS,
    "--max-step": NUMBERS,
    "--tolerance": NUMBERS,
    "--tuning-budget": ("500", "0", "nan", "x", "1e9"),
    "--max-steps": ("2", "0", "-1", "x", "1.5"),
    "--starts": ("1", "0", "x", "-3"),
    "--bands": ("0", "-1", "x", "1"),
    "--seed": ("0", "7", "-1", "x", "9" * 25, "1.0", ""),
    "--seeds": SEEDS,
    "--tuning": ("0", "1", "-1", "x", "9" * 20),
    "--jobs": ("1", "2", "0", "-1", "x"),
    "-j": ("1", "x", "0"),
    "--ensemble": ("1", "2", "0", "x"),
    "--test": ("0", "0.3", "1", "nan", "x"),
    "--alpha": ("0", "0.1", "cv", "x", "-1", "nan", "inf"),
    "--hidden": ("2", "0", "2+2", "x", "-1", "1e3", "2+", "99999999999"),
    "--activation": ("relu", "tanh", "x", ""),
    "--loss": ("squared", "softmax", "logistic", "x"),
    "--weights": ("a", "kind", "none"),
    "--class-weight": ("balanced", "x"),
    "--categories": ("a", "none", "a+kind"),
    "--ignore": ("a", "y", "kind+a", "none"),
    "--delimiter": (",", "tab", ";", "", "xx", "a"),
    "--decimal": (".", ",", "comma", "x", ""),
    "-m": METHODS,
    "--method": METHODS,
    "-o": FILES,
    "--output": FILES,
    "--csv": FILES,
    "--parquet": FILES,
    "--homotopy": HOMOTOPIES,
    "--mode": ("natural", "auto", "x"),
    "--predictor": ("secant", "constant", "polynomial", "x"),
    "--kinds": ("all", "minima", "x"),
    "--config": ("study.toml", "study.yaml", "notes.txt", "none.toml"),
    "--plugin": ("plug.py", "notes.txt", "none.py", "table.csv", ""),
    "--executor": ("threads", "x", "mpi", ""),
    "--address": ("tcp://127.0.0.1:1", "x", ""),
    "-p": (
        "step_size=0.1/0.2",
        "step_size=1..2",
        "x",
        "step_size=",
        "steps=2/3",
        "step_size=nan/1",
        "a=1",
        "step_size=0..1",
    ),
    "--problem": ("xor:hidden=2", "none"),
    "--rounds": ("0", "x"),
    "--peer": ("none",),
    "--runs": ("0", "x"),
    "--row": ("none",),
    "--small": (),
    "--list": (),
    "--json": (),
    "-q": (),
    "--quiet": (),
    "--free": (),
    "--index": (),
    "--force": (),
    "--proba": (),
    "--old": (),
    "--yes": (),
    "--no-standardize": (),
    "--no-such": (),
    "-h": (),
    "--version": (),
    "--help": (),
}
BASES = {
    "fit": (("table.csv", "--target", "y", "-o", "new", "--hidden", "2", "--alpha", "0.1", "--budget", "9"),),
    "predict": (("model.npz", "table.csv"),),
    "compare": (
        ("xor", "-m", "gd", "--seeds", "2", "--budget", "9", "-j", "1", "-o", "new"),
        ("--config", "study.toml", "-o", "new"),
    ),
    "solve": (("xor", "-m", "gd", "--budget", "9"), ("table.csv", "--target", "y", "-m", "lbfgs", "--budget", "9")),
    "track": (("xor", "--max-steps", "3", "-o", "new"),),
    "landscape": (("sine:hidden=1", "--starts", "1", "--kinds", "minima", "-o", "new"),),
    "resume": (("kept", "-j", "1"),),
    "report": (("kept",),),
    "tune": (("xor", "gd", "-p", "step_size=0.1/0.2", "--tuning-budget", "99", "--budget", "9", "-j", "1"),),
    "export": (("kept", "--csv", "new.csv"),),
    "merge": (("kept", "-o", "new"),),
    "clean": (("kept", "--old"), ("kept", "--method", "gd")),
    "list": ((), ("problems",)),
    "reproduce": (("none",), ("--list",)),
    "suite": (("-r", "none"), ("--runs", "0")),
    "bench": (("none",), ("W1", "--peer", "none")),
    "completion": (("bash",),),
    "info": ((),),
}  # fmt: skip
# What follows the drawn words, so that nothing runs long: of an option that is given twice the last counts.
BOUNDS = {"compare": ("--seconds", "0.05"), "solve": ("--seconds", "0.05"), "fit": ("--seconds", "0.2")}
BOUNDS |= {"suite": ("-r", "none"), "bench": ("none",), "selftest": ("--no-such",)}  # which take minutes
KEPT = {"compare": ("--seeds", "2"), "reproduce": ("--small",)}
PLUGIN = "PROBLEMS = {}\n"


@st.composite
def requests(draw):
    """Return a subcommand with words of which some are odd."""
    command = draw(st.sampled_from((*COMMANDS, *COMMANDS, "no-such", "")))
    words = list(draw(st.sampled_from(BASES.get(command, ((),)))))
    for _ in range(draw(st.integers(0, 4))):
        kind = draw(st.sampled_from(("option", "option", "option", "replace", "drop", "insert", "subject")))
        i = draw(st.integers(0, len(words)))
        if kind == "option":
            option = draw(st.sampled_from(sorted(OPTIONS)))
            words += [
                option,
                *([draw(st.sampled_from((*OPTIONS[option], *OPTIONS[option], *ODD)))] if OPTIONS[option] else []),
            ]
        elif kind == "replace" and i < len(words):
            words[i] = draw(st.sampled_from((*ODD, *PROBLEMS)))
        elif kind == "drop" and i < len(words):
            del words[i]
        elif kind == "insert":
            words.insert(i, draw(st.sampled_from((*ODD, *sorted(OPTIONS)))))
        elif words:
            words[0] = draw(
                st.sampled_from(STORES if command in ("resume", "report", "export", "merge", "clean") else PROBLEMS)
            )
    seeded = "--seeds" in words and draw(st.booleans())
    bounds = BOUNDS.get(command, ()) + (() if seeded and _cheap(words) else KEPT.get(command, ()))
    return [command, *words, *bounds]


def _cheap(words):
    """Return whether what --seeds asks for is refused, or little."""
    asked = words[words.index("--seeds") + 1 : words.index("--seeds") + 2]
    return bool(asked) and asked[0] in SEEDS


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    """A folder with something of everything."""
    from homotopy import fit_table
    from homotopy.experiments import Workers, compare

    folder = tmp_path_factory.mktemp("template")
    rows = [f"{i},{'xyz'[i % 3]},{i * 0.5 + i % 3}" for i in range(16)]
    (folder / "table.csv").write_text("a,kind,y\n" + "\n".join(rows) + "\n")
    fit_table(folder / "table.csv", "y", hidden=2, budget=9, alpha=0.1).model.save(folder / "model.npz")
    (folder / "study.toml").write_text('problems = ["xor"]\nmethods = "gd"\nseeds = 2\nbudget = 9\njobs = 1\n')
    (folder / "study.yaml").write_text("problems: [xor]\nmethods: gd\nseeds: 2\nbudget: 9\njobs: 1\n")
    (folder / "plug.py").write_text(PLUGIN)
    (folder / "notes.txt").write_text("nothing\n")
    (folder / "old").write_text("something that is there\n")
    (folder / "empty.sqlite").write_bytes(b"")
    (folder / "folder").mkdir()
    (folder / "kept").mkdir()
    store = folder / "kept" / "runs.sqlite"
    compare("xor", ["gd", "lbfgs"], seeds=3, budget=9, store=store, workers=Workers(n_jobs=1)).store.close()
    return folder


@pytest.mark.fuzz(share=0.11)
def test_requests(fuzz, template, tmp_path, monkeypatch, capsys):
    run = runner(tmp_path, monkeypatch, capsys)
    count = iter(range(10**9))

    def check_case(words):
        folder = tmp_path / str(next(count))
        shutil.copytree(template, folder)
        monkeypatch.chdir(folder)
        before = contents(folder)
        what = refused_or_run(run, words)
        after = contents(folder)
        if what == "refused":
            lost = [name for name, data in before.items() if after.get(name) != data]
            assert not lost, f"{words} was refused and changed {lost}"
        kept = ["table.csv", "study.toml", "study.yaml", "plug.py", "notes.txt", "old"]
        kept = kept if "--force" in words else [*kept, "model.npz"]
        spoiled = [name for name in kept if after.get(name) != before[name] and not {"--force", name} <= set(words)]
        assert not spoiled, f"{words} overwrote {spoiled}"
        monkeypatch.chdir(tmp_path)
        shutil.rmtree(folder)
        return what

    fuzz(check_case, requests())
