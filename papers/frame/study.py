"""One run of a paper: small or full, what it may use, and where what is done is kept."""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from homotopy.experiments import Comparison, Grid, Progress, Store, Workers, code_version, run_grids
from homotopy.scratch import beside

from ..parts import each

__all__ = ["Study"]

PAPERS = Path(__file__).parents[1]
STORE, PARTS = "runs.sqlite", "parts"
T = TypeVar("T")


class Study:
    """One run of a paper.

    Parameters
    ----------
    key : str
        The paper's folder.
    full : bool
        Whether it is the full version.
    jobs : int
        Processes at the same time, at most as many as there are processors.
    folder : Path or None
        Where runs and parts are kept as they are done, and found again by the same command; None keeps nothing.
    progress : callable or None
        Called with a Progress after each block of a comparison.
    say : callable or None
        Called with a line of talk.
    """

    def __init__(
        self,
        key: str,
        *,
        full: bool = False,
        jobs: int = 1,
        folder: Path | None = None,
        progress: Callable[[Progress], None] | None = None,
        say: Callable[[str], None] | None = None,
    ) -> None:
        self.key, self.full, self.jobs = key, full, min(jobs, os.cpu_count() or 1)
        self._folder, self._progress, self._say = folder, progress, say
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
        self.store = Store(None if folder is None else folder / STORE)
        self._clock = f"seconds-{'full' if full else 'small'}.json"
        self._before, self._worked = self._read(self._clock, 0.0), False
        self._begin = time.perf_counter()

    def __enter__(self) -> Study:
        return self

    def __exit__(self, *_: object) -> None:
        self._tick()
        self.store.close()

    @property
    def seconds(self) -> float:
        """Seconds of the runs into this folder, but for those that found everything done."""
        if self._before and not self._worked:
            return float(self._before)
        return self._before + time.perf_counter() - self._begin

    def pick(self, small: T, full: T) -> T:
        """Return what belongs to the version that is run."""
        return full if self.full else small

    def say(self, text: str) -> None:
        """Tell how far the run is."""
        if self._say is not None:
            self._say(text)

    def compare(self, *grids: Grid) -> list[Comparison]:
        """Run what the grids ask for and the folder has not, and return a Comparison of each."""
        workers = Workers("threads" if self.jobs == 1 else "processes", self.jobs)
        return run_grids(grids, self.store, workers=workers, progress=self.told)

    def each(self, name: str, run: Callable[[Any], Any], parts: Sequence[Any]) -> list[Any]:
        """Return what `run` makes of each part, in their order.

        Parameters
        ----------
        name : str
            Names these parts in the folder.
        run : callable
            A function of a module, of one part; it returns what JSON can hold. A part that was done by the same
            sources is read from the folder instead.
        parts : sequence
            What JSON can hold, each.
        """
        made = self._made()
        file = f"{PARTS}/{name}.json"
        known = self._read(file, {})
        known = known["found"] if known.get("made") == made else {}
        labels = [json.dumps(part) for part in parts]
        missing = [part for label, part in zip(labels, parts, strict=True) if label not in known]
        self._worked |= bool(missing)
        for part, found in each(run, missing, min(self.jobs, max(1, len(missing)))):
            known[json.dumps(part)] = json.loads(json.dumps(found))
            self._write(file, {"made": made, "found": known})
            self._tick()
            self.say(f"{name}: {sum(label in known for label in labels)} of {len(labels)} parts")
        return [known[label] for label in labels]

    def told(self, progress: Progress) -> None:
        """Pass on how far runs are that a paper makes by other means than `compare`."""
        self._worked = True
        self._tick()
        if self._progress is not None:
            self._progress(progress)

    def _made(self) -> str:
        """Return a text that changes with every source that numbers of this paper come from."""
        digest = hashlib.sha256(code_version().encode())
        for path in sorted([*(PAPERS / self.key).rglob("*.py"), *PAPERS.glob("*.py")]):
            digest.update(path.read_bytes())
        return digest.hexdigest()[:16]

    def _tick(self) -> None:
        self._write(self._clock, self.seconds)

    def _read(self, name: str, default: Any) -> Any:
        if self._folder is None or not (self._folder / name).exists():
            return default
        return json.loads((self._folder / name).read_text(encoding="utf-8"))

    def _write(self, name: str, data: Any) -> None:
        """Write a file of the folder, whole or not at all."""
        if self._folder is None:
            return
        path = self._folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with beside(path) as scratch:
            scratch.write_text(json.dumps(data), encoding="utf-8")
