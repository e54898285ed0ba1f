"""The benchmarks: taking turns, peers that compute the same, floors, and the command."""

import io
import json
import os

import click.testing
import pytest
from rich.console import Console

from homotopy.bench import command, contest, nets, report, workloads

INSTALLED = [peer for peer in workloads.PEERS if peer not in workloads.missing()]
COMPILED = ("jax", "optax", "numba", "torch")


def test_contestants_take_turns_and_the_best_round_counts(monkeypatch):
    clock = [0.0]
    calls = []
    monkeypatch.setattr(contest.time, "perf_counter", lambda: clock[0])

    def worker(name, seconds):
        def call():
            calls.append(name)
            clock[0] += seconds if len(calls) > 12 else 3 * seconds

        return call

    heats = contest.race(
        [contest.Contestant("a", worker("a", 1.0)), contest.Contestant("b", worker("b", 4.0), evaluations=2)],
        rounds=5,
        least=0.5,
    )
    assert [heat.name for heat in heats] == ["a", "b"]
    assert [heat.seconds for heat in heats] == [1.0, 2.0]
    assert heats[0].median == 3.0 or heats[0].median == 1.0
    assert calls[-4:] == ["a", "b", "a", "b"]


def test_short_calls_are_repeated(monkeypatch):
    clock, counts = [0.0], []
    monkeypatch.setattr(contest.time, "perf_counter", lambda: clock[0])

    def quick():
        counts.append(1)
        clock[0] += 1e-6

    contest.race([contest.Contestant("quick", quick)], rounds=1, least=1e-3)
    assert len(counts) > 2000  # once to find out how many are 1 ms, once to measure


@pytest.mark.parametrize("name", workloads.WORKLOADS)
def test_floors_name_contestants(name):
    mine = [c.name for c in nets.ours(name)]
    assert mine[0].startswith("homotopy")
    assert all(floor.ours in mine for floor in workloads.WORKLOADS[name].floors)
    assert all(floor.aim >= floor.least > 0 for floor in workloads.WORKLOADS[name].floors)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("name", workloads.WORKLOADS)
@pytest.mark.parametrize("peer", [pytest.param(p, marks=pytest.mark.slow if p in COMPILED else ()) for p in INSTALLED])
def test_peers_give_the_same_answers(peer, name):
    sides = workloads.contestants_of(name, [peer])
    assert workloads._disagreements(sides, 2e-3 if "float32" in name else 1e-6) == ()


def test_a_wrong_peer_is_found():
    sides = [
        contest.Contestant("homotopy", lambda: None, answer=lambda: 1.0),
        contest.Contestant("liar", lambda: None, answer=lambda: 1.1),
        contest.Contestant("limit", lambda: None),
    ]
    assert workloads._disagreements(sides, 1e-6) == ("liar",)


def test_verdicts_take_the_fastest_of_several_peers_and_know_v3():
    heats = [contest.Heat(name, s, s) for name, s in (("homotopy", 1.0), ("a", 3.0), ("b", 2.0))]
    floors = (workloads.Floor("a/b", 1.5, 2), workloads.Floor("a", 4, 5, v3=2.5), workloads.Floor("absent", 1, 1))
    workload = workloads.Workload("nothing", floors)
    assert [(r, ok) for _, r, ok in workloads._verdicts(workload, heats, "v4")] == [(2.0, True), (3.0, False)]
    assert [(r, ok) for _, r, ok in workloads._verdicts(workload, heats, "v3")] == [(2.0, True), (3.0, True)]


def test_command_prints_tables_and_writes_json(tmp_path):
    cores = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else None
    path = tmp_path / "figures.json"
    words = ["W6 call", "--peer", "numpy", "--rounds", "1", "--json", str(path)]
    done = click.testing.CliRunner().invoke(command.command, words)
    assert done.exit_code == 0, done.output
    assert "numpy" in done.output
    data = json.loads(path.read_text())
    heats = {heat["name"]: heat["seconds"] for heat in data["workloads"][0]["heats"]}
    assert set(heats) == {"homotopy", "numpy"}
    assert min(heats.values()) > 0  # which is faster is no matter for a test: the machine may be busy
    assert data["versions"]["numpy"]
    assert cores is None or os.sched_getaffinity(0) == cores


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["W99"], "unknown workload"),
        (["--peer", "matlab", "W6"], "unknown peer"),
        (["W6 call", "--peer", "numpy", "--rounds", "1", "--json", "/nowhere/x.json"], "cannot write there"),
    ],
)
def test_wrong_requests(words, sentence):
    done = click.testing.CliRunner().invoke(command.command, words)
    assert done.exit_code == 2
    assert sentence in done.output


def test_the_command_line_has_it(capsys):
    from homotopy.cli import main

    with pytest.raises(SystemExit) as ending:
        main(["bench", "--help"])
    assert ending.value.code == 0
    assert "--busy" in capsys.readouterr().out


def test_floors_table_marks_what_is_missed():
    floor = workloads.Floor("peer", 2, 3)
    heats = (contest.Heat("homotopy", 1e-6, 1e-6), contest.Heat("peer", 1.5e-6, 2e-6))
    outcome = workloads.Outcome("W3", heats, ((floor, 1.5, False),), ("peer",))
    console = Console(width=100, record=True, file=io.StringIO())
    console.print(report.floors_table([outcome]))
    console.print(report.table(outcome))
    text = console.export_text()
    assert "no" in text
    assert "answer differs" in text
    assert "1.5 us" in text
