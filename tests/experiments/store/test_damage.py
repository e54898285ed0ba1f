"""Damage is noticed, what is sound is read, and a small file takes little memory."""

from __future__ import annotations

import random
import sqlite3
import subprocess
import sys
import warnings
import zlib

import numpy as np
import pytest

from homotopy.errors import DamageWarning, DataError, HomotopyError
from homotopy.experiments import Comparison, Store, Workers, compare
from homotopy.experiments.run.blocks import unpack_curves
from homotopy.experiments.run.traces import Trace
from homotopy.experiments.store.inspection import inspected
from homotopy.experiments.store.scores import scores_of
from homotopy.experiments.store.stores import clean, merge

ONE = Workers("threads", 1)


def content(store):
    """Return all that a store tells, as a text."""
    out = [store.cells(), sorted(store.notes()), store.sessions(), store.optima()]
    out.append(store.query("SELECT * FROM problems ORDER BY name, version").fetchall())
    for number, *_ in store.cells():
        payload = [(seed, x.tobytes(), curve.tobytes()) for seed, x, curve in store.payload(number)]
        out += [store.records(number).tobytes(), payload, store.paths(number), scores_of(store, number).tobytes()]
    return repr(out)


def small_pages(path):
    """Write a file anew without free space, so that a bit drawn at random is one that counts."""
    db = sqlite3.connect(path, isolation_level=None)
    for word in ("journal_mode = DELETE", "page_size = 512"):
        db.execute(f"PRAGMA {word}")
    db.execute("VACUUM")
    db.close()
    return path


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    """A store with problems, a group of folds, scores, paths, notes and two sessions, and what it tells."""
    folder = tmp_path_factory.mktemp("sound")
    rng = np.random.default_rng(0)
    rows = "".join(f"{a},{b},{a * b}\n" for a, b in rng.standard_normal((12, 2)).tolist())
    (folder / "d.csv").write_text("a,b,y\n" + rows)
    path = folder / "runs.sqlite"
    with Store(path) as store:
        compare(
            ["xor", f"csv:path={folder}/d.csv,target=y,folds=2"], ["gd"], seeds=6, budget=20, store=store, workers=ONE
        )
        compare("xor", ["linearized"], seeds=3, budget=60, store=store, workers=ONE)
    small_pages(path)
    with Store(path, readonly=True) as store:
        assert store.damage == ""
        return path.read_bytes(), content(store)


@pytest.fixture
def damaged(sound, tmp_path):
    """Return what a changed copy of the sound store tells, and what is said of its damage; both None if refused."""

    def read(data):
        path = tmp_path / "runs.sqlite"
        path.write_bytes(data)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", DamageWarning)
                with Store(path, readonly=True) as store:
                    return content(store), store.damage
        except HomotopyError as error:
            return None, str(error)

    return read


@pytest.mark.parametrize("seed", range(3))
def test_every_flipped_bit_is_noticed_or_harmless(sound, damaged, seed):
    data, truth = sound
    draw, told = random.Random(seed), 0
    for _ in range(40):
        place, bit = draw.randrange(len(data)), draw.randrange(8)
        changed = bytearray(data)
        changed[place] ^= 1 << bit
        got, damage = damaged(bytes(changed))
        assert got == truth or damage, (place, bit)
        told += bool(damage)
    assert told > 10


def blobs(data, tmp_path):
    """Return every blob of a store with its table and its block."""
    (tmp_path / "whole.sqlite").write_bytes(data)
    db = sqlite3.connect(tmp_path / "whole.sqlite")
    sql = [f"SELECT '{c}', id, {c} FROM blocks" for c in ("x", "curves")] + ["SELECT 'c', block, columns FROM results"]
    sql.append("SELECT 's', block, held_out FROM scores")
    found = [row for one in sql for row in db.execute(one).fetchall()]
    db.close()
    return found


def test_a_bit_of_a_blob_loses_its_block_and_no_other(sound, damaged, tmp_path):
    data, truth = sound
    draw = random.Random(5)
    for kind, block, blob in blobs(data, tmp_path):
        if data.count(blob[:40]) != 1:
            continue  # a piece that stands twice
        place = data.index(blob[:40]) + draw.randrange(min(40, len(blob)))
        changed = bytearray(data)
        changed[place] ^= 1 << draw.randrange(8)
        got, damage = damaged(bytes(changed))
        assert f"lost are block {block}, " in damage, kind
        assert damage.endswith("runs; the rest is read")
        assert got != truth


def test_zeroed_and_torn_pages_and_cut_files(sound, damaged):
    data, truth = sound
    draw = random.Random(7)
    kept = 0
    for page in range(1, len(data) // 512, 3):
        for fill in (bytes(512), draw.randbytes(512)):
            got, damage = damaged(data[: 512 * page] + fill + data[512 * (page + 1) :])
            assert damage or got == truth
            kept += got is not None
    assert kept > len(data) // 3072  # most pages are of one table, and the others are read
    for _ in range(20):
        got, damage = damaged(data[: draw.randrange(len(data))])
        assert damage


def edited(data, tmp_path, *statements):
    path = tmp_path / "edited.sqlite"
    path.write_bytes(data)
    db = sqlite3.connect(path)
    db.executescript(";".join(statements))
    db.close()
    return path.read_bytes()


HUGE = 2**62
EDITS = [
    "UPDATE blocks SET size = -1",
    f"UPDATE blocks SET size = {HUGE}",
    "UPDATE blocks SET size = 'many'",
    "UPDATE blocks SET curves = zeroblob(100)",
    "UPDATE blocks SET x = 'text'",
    "UPDATE blocks SET cell = 99",
    "UPDATE results SET cell = cell + 1",
    "UPDATE results SET columns = zeroblob(7)",
    "UPDATE results SET statuses = ''",
    "UPDATE results SET statuses = replace(hex(zeroblob(100000)), '0', 'A')",
    "UPDATE cells SET gradients = 'x'",
    "UPDATE cells SET gradients = -1",
    "UPDATE cells SET problem = 'a' || char(0) || 'b' WHERE id = 1",
    "UPDATE cells SET problem = CAST(x'ff' AS TEXT) WHERE id = 1",
    "UPDATE cells SET problem = hex(zeroblob(20000)) WHERE id = 1",
    "UPDATE problems SET tolerance = 'big'",
    "UPDATE problems SET optimum = 9e999",
    "UPDATE notes SET reason = '{' WHERE kind IN ('data', 'group', 'bound')",
    f"UPDATE notes SET reason = '{'[' * 100_000}' WHERE kind = 'group'",
    "UPDATE notes SET reason = hex(zeroblob(9000000)) WHERE rowid = 1",
    "UPDATE notes SET reason = '[1]' WHERE kind = 'data'",
    "UPDATE sessions SET command = '[]'",
    "UPDATE sessions SET machine = 'no'",
    "UPDATE paths SET points = zeroblob(30)",
    "UPDATE paths SET seed = -seed - 1",
    "UPDATE scores SET held_out = zeroblob(3)",
    "DELETE FROM cells",
    "DELETE FROM blocks WHERE id = 1",
    "DELETE FROM results WHERE block = 1",
    "DROP TABLE notes",
    "CREATE TRIGGER t AFTER INSERT ON notes BEGIN DELETE FROM cells; END",
    "ALTER TABLE cells RENAME TO c; CREATE VIEW cells AS SELECT * FROM c",
    "ALTER TABLE notes ADD COLUMN more AS (hex(zeroblob(1000000)))",
]


@pytest.mark.parametrize("sealed", [True, False], ids=["sealed", "of an older version"])
@pytest.mark.parametrize("edit", EDITS)
def test_what_no_version_writes_is_noticed(sound, damaged, tmp_path, edit, sealed):
    """With its checksums, and without any as in a file of version 2, where the columns alone must tell."""
    before = [] if sealed else ["DROP TABLE checksums", "PRAGMA user_version = 2"]
    got, damage = damaged(edited(sound[0], tmp_path, *before, edit))
    if not sealed and "DELETE FROM blocks" not in edit and "DELETE FROM cells" not in edit:
        assert damage or "DELETE" in edit
    elif sealed:
        assert damage
    assert got is None or got != sound[1] or not damage


def test_lost_checksums_lose_no_runs(sound, damaged, tmp_path):
    got, damage = damaged(edited(sound[0], tmp_path, "DELETE FROM checksums"))
    assert got == sound[1]
    assert "no run is lost" in damage
    assert "checksums are lost" in damage


def test_a_lost_block_is_told_by_its_runs_and_the_others_are_read(sound, tmp_path):
    path = tmp_path / "runs.sqlite"
    path.write_bytes(edited(sound[0], tmp_path, "UPDATE blocks SET x = zeroblob(length(x)) WHERE id = 1"))
    before = path.read_bytes()
    with pytest.warns(DamageWarning, match=r"is damaged: lost are block 1, \d+ runs; the rest is read"):
        store = Store(path, readonly=True)
    with store:
        whole = Comparison.load(store)
        assert len(whole.summaries("xor:hidden=2")) >= 1
    with pytest.raises(DataError, match=r"left untouched: lost are block 1, .* homotopy merge"):
        Store(path)
    with pytest.warns(DamageWarning):
        n = merge([path], tmp_path / "new.sqlite")
    with Store(tmp_path / "new.sqlite") as store:
        assert sum(cell[-1] for cell in store.cells()) == n
    assert path.read_bytes() == before


def test_what_is_removed_leaves_a_whole_store(sound, tmp_path):
    path = tmp_path / "runs.sqlite"
    path.write_bytes(sound[0])
    with Store(path) as store:
        clean(store, methods=["linearized"], apply=True)
        assert inspected(store._db).whole
        compare("xor", ["linearized"], seeds=2, budget=20, store=store, workers=ONE)
    with Store(path, readonly=True) as store:
        assert store.damage == ""
        assert inspected(store._db).whole


@pytest.mark.parametrize("bomb", [zlib.compress(bytes(50_000_000)), b"", zlib.compress(b"x") + b"y", b"nonsense"])
def test_packed_data_unpack_within_bounds(bomb):
    with pytest.raises(DataError):
        unpack_curves(bomb, 4)
    with pytest.raises(DataError):
        Trace.unpack(0, bomb)


BOMB = """
import resource, sqlite3, sys, zlib
from homotopy.cli import main
import homotopy.experiments.comparison, homotopy.report.folder, homotopy.landscape
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    main(["report", sys.argv[1]])
except SystemExit as end:
    print("peak", (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024, end.code)
"""


@pytest.mark.slow
def test_a_small_file_takes_little_memory(sound, tmp_path):
    """Curves and paths that unpack to 800 times their size, in a file without checksums."""
    path = tmp_path / "runs.sqlite"
    path.write_bytes(sound[0])
    db = sqlite3.connect(path)
    db.execute("DROP TABLE checksums")
    db.execute("PRAGMA user_version = 2")
    bomb = zlib.compress(bytes(100_000_000))
    db.execute("UPDATE blocks SET curves = ?", (bomb,))
    db.execute("UPDATE paths SET points = ?", (bomb,))
    db.commit()
    db.close()
    ran = subprocess.run([sys.executable, "-c", BOMB, str(tmp_path)], capture_output=True, text=True, check=False)
    peak, code = map(int, ran.stdout.split()[-2:])
    assert code == 2
    assert "is damaged: lost are blocks" in ran.stderr
    assert "has no runs" in ran.stderr
    assert peak < 100
