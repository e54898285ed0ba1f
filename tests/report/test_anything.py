"""A report of any store: random cells, losses of every kind, seeds stated; it raises nothing and warns of nothing."""

from __future__ import annotations

import json
from io import StringIO

import numpy as np
import pytest

from homotopy.experiments import Comparison, Store
from homotopy.experiments.plan.grid import FIRST_SEED
from homotopy.experiments.run.blocks import RESULT, Outcome, pack_curves
from homotopy.experiments.run.traces import Trace
from homotopy.report import distributions, figures, html, paths
from homotopy.report.drawable import NOTHING
from homotopy.report.folder import write
from homotopy.status import Budget

BUDGET = Budget(500.0)
METHODS = ("gd", "lbfgs", "auto", "skip", "track:along=linearized", "gone:from=a+plugin", "_x$y$")
LOSSES = {
    "nan": lambda n, rng: np.full(n, np.nan),
    "inf": lambda n, rng: np.full(n, np.inf),
    "minus inf": lambda n, rng: np.full(n, -np.inf),
    "equal": lambda n, rng: np.full(n, 0.37),
    "zero": lambda n, rng: np.zeros(n),
    "huge": lambda n, rng: 1e300 * rng.uniform(0, 100, n),
    "denormal": lambda n, rng: 5e-324 * rng.integers(0, 1000, n),
    "negative": lambda n, rng: -rng.lognormal(0, 2, n),
    "wide": lambda n, rng: 10.0 ** rng.uniform(-300, 300, n),
    "plain": lambda n, rng: rng.lognormal(0, 2, n),
    "mixed": lambda n, rng: rng.choice([np.nan, np.inf, -np.inf, 0.0, -2.5, 1e300, 3.7], n),
}


def keep(store, cell, losses, rng, *, seeds, solved=lambda v: np.zeros(len(v), bool), scored=False):
    """Put runs that end at these losses into a cell."""
    n = len(losses)
    rows = np.zeros(n, dtype=RESULT)
    rows["seed"], rows["value"], rows["success"] = seeds, losses, solved(losses)
    rows["status"] = rng.choice(["CONVERGED", "BUDGET_SPENT", "NON_FINITE"], n)
    rows["cost"] = rng.choice([0.0, 1.0, 3.0, 500.0], n)
    rows["seconds"] = np.where(rng.random(n) < 0.1, np.nan, rng.uniform(0, 1e-3, n))
    rows["cost_to_success"] = np.where(rows["success"], rows["cost"], np.nan)
    curves = []
    for loss, cost in zip(losses, rows["cost"], strict=True):
        points = int(rng.choice([0, 1, 5]))
        seen = loss * rng.uniform(1, 3, points) if abs(loss) < 1e200 else np.full(points, loss)
        curves.append(np.column_stack([np.sort(rng.uniform(0, max(cost, 1.0), points)), np.sort(seen)[::-1]]))
    kept = {}
    for seed in rows["seed"][:2].tolist():
        m = int(rng.integers(1, 5))
        index = np.where(rng.random(m) < 0.2, np.nan, rng.integers(0, 3, m))
        kept[seed] = Trace(seed, np.sort(rng.random(m)), losses[:1].repeat(m), index).pack()
    scores = rng.standard_normal(n) if scored else None
    outcome = Outcome(None, rows, rng.standard_normal((n, 3)), pack_curves(curves), 0.1, "here", paths=kept)
    store.write(cell, Outcome(**{**vars(outcome), "scores": scores}))


def described(store, name, rng):
    """Enter a problem, whose optimum is known or not, and return what counts as solved."""
    optimum = None if rng.random() < 0.5 else float(rng.choice([0.0, -3.0, 1e300, 5e-324, 1.0]))
    tolerance = float(rng.choice([0.0, 1e-3, 1e-300, 1e290]))
    with store.transaction() as db:
        db.execute("INSERT INTO problems VALUES (?, ?, 3, ?, ?, 'here')", (name, "v", optimum, tolerance))
    if rng.random() < 0.4:
        store.note(name, "", "constant", repr(float(rng.choice([0.5, 0.0, -1.0, 1e300, 5e-324]))), "v")
    if rng.random() < 0.3:
        bound = {"value": float(rng.choice([0.0, -5.0, 1e299])), "certificate": "a proof"}
        store.note(name, "", "bound", json.dumps(bound), "v")
    return lambda values: np.zeros(len(values), bool) if optimum is None else values <= optimum + tolerance


def filled(path, seed):
    """Return a random store: some cells failed, skipped, of one seed, of other seeds, or of tuning seeds alone."""
    rng = np.random.default_rng(seed)
    store = Store(path)
    store.session({}, {"cpu": "none"})
    names = [f"problem:number={i}" for i in range(rng.integers(1, 4))]
    for name in names:
        solved, scored, usual = described(store, name, rng), rng.random() < 0.3, rng.choice(list(LOSSES))
        if scored:
            store.note(name, "", "score", "R2", "v")
        for method in rng.permutation(METHODS)[: rng.integers(1, 5)].tolist():
            kind = rng.choice(["runs", "runs", "runs", "runs", "failure", "skip", "late", "both"])
            if kind in ("failure", "skip"):
                store.note(name, method, kind, "ValueError: \x1b[31mit raised", "v")
                continue
            cell, n = store.cell(name, method, BUDGET, "v"), int(rng.choice([1, 2, 7, 30]))
            losses = LOSSES[usual if rng.random() < 0.7 else rng.choice(list(LOSSES))](n, rng)
            first = FIRST_SEED if kind == "late" else 0
            seeds = first + np.sort(rng.choice(40, n, replace=False))
            keep(store, cell, losses, rng, seeds=seeds, solved=solved, scored=scored)
            if kind == "both":
                store.note(name, method, "failure", "ValueError: the new runs failed", "v")
    if len(names) > 1 and rng.random() < 0.4:
        store.note("both", "", "group", json.dumps(names[:2]), "v")
    return store


def drawn(comparison):
    """Every figure of a report, layout and ticks included; what is drawn twice in a page is drawn once."""
    out = []
    for name in comparison.groups:
        if comparison.methods_on(name):
            out += [figures.curves(comparison, (name,)), figures.success(comparison, (name,))]
            out += [distributions.cost_distribution(comparison, name), distributions.waterfalls(comparison, name)]
            found = paths.traces(comparison, name)
            out += [paths.draw(found, comparison.methods)] if found else []
    if distributions.profiled(comparison)[0]:
        out.append(distributions.profile(comparison))
    for figure in out:
        with np.errstate(all="ignore"):  # as the report does while it writes
            figure.draw_without_rendering()
    return out


def told(store, monkeypatch):
    """All that is told of a store; pages without the figures, which are drawn once."""
    monkeypatch.setattr(html, "svg", lambda *_: "")
    if not store.cells():
        return
    comparison = Comparison.load(store)
    text = html.page(comparison)
    assert text.count("<section") == text.count("</section>")
    assert "\x1b" not in text
    assert len(str(comparison).splitlines()) == sum(len(comparison.summaries(name)) for name in comparison.groups)
    comparison.to_csv(StringIO())
    comparison.table()
    drawn(comparison)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 26])
def test_any_store_has_a_report(tmp_path, monkeypatch, seed):
    with filled(tmp_path / "runs.sqlite", seed) as store:
        told(store, monkeypatch)


@pytest.mark.slow
@pytest.mark.long
def test_many_random_stores_have_reports(tmp_path, monkeypatch):
    for seed in range(100, 200):
        with filled(tmp_path / f"{seed}.sqlite", seed) as store:
            told(store, monkeypatch)


@pytest.mark.parametrize("kind", LOSSES)
def test_losses_of_each_kind_are_drawn_whether_or_not_the_optimum_is_known(tmp_path, kind):
    """One problem each, one method with many seeds, one with one: curves and how they end."""
    rng = np.random.default_rng(3)
    with Store(tmp_path / "runs.sqlite") as store:
        store.session({}, {"cpu": "none"})
        for name, optimum in (("known", 0.0), ("unknown", None)):
            with store.transaction() as db:
                db.execute("INSERT INTO problems VALUES (?, 'v', 3, ?, 1e-3, 'here')", (name, optimum))
            for method, n in (("gd", 7), ("lbfgs", 1)):
                losses = LOSSES[kind](n, rng)
                keep(store, store.cell(name, method, BUDGET, "v"), losses, rng, seeds=np.arange(n))
        comparison = Comparison.load(store)
        made = [figures.curves(comparison), figures.success(comparison)]
        made += [distributions.waterfalls(comparison, name) for name in comparison.groups]
        for figure in made:
            with np.errstate(all="ignore"):
                figure.draw_without_rendering()
        said = [text.get_text() for figure in made for ax in figure.axes for text in ax.texts]
        if kind in ("nan", "inf", "minus inf"):
            assert NOTHING in said


def test_old_runs_with_new_failures_are_told_with_them(tmp_path):
    rng = np.random.default_rng(1)
    with Store(tmp_path / "runs.sqlite") as store:
        store.session({}, {"cpu": "none"})
        with store.transaction() as db:
            db.execute("INSERT INTO problems VALUES ('bowl', 'v', 3, 0.0, 1e-3, 'here')")
        keep(store, store.cell("bowl", "gd", BUDGET, "v"), np.full(3, np.nan), rng, seeds=np.arange(3))
        store.cell("bowl", "lbfgs", BUDGET, "v")
        for method in ("gd", "lbfgs"):
            store.note("bowl", method, "failure", "ValueError: it raised", "v")
        written = write(Comparison.load(store), tmp_path, ("png",))
    assert {path.name for path in written} == {"report.html", "table.tex", "runs.csv", "curves.png", "success.png"}
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert text.count("ValueError: it raised") == 2
