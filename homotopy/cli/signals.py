"""What Ctrl-C, SIGTERM and SIGHUP do: said once, a command finishes what it is at; said again, it ends at once."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from contextlib import suppress
from types import FrameType
from typing import Any

from homotopy.texts import PLAIN, visible

__all__ = ["Signals", "on_interruption", "tell_interruption"]

NAMES = ("SIGINT", "SIGTERM", "SIGHUP")
SOON, AT_ONCE = 5.0, 0.8  # seconds that SIGTERM and SIGHUP leave, and what comes second leaves
UNIT = 0.1  # seconds, in which a byte of the pipe counts


class Signals:
    """Hears the signals of this process in a ``with`` block, and gives them back to who heard them before.

    The first one asks the comparison that goes on to finish the blocks in flight (`homotopy.experiments.run.stopping`)
    and says so on stderr, however quiet it is to be; where none goes on it raises KeyboardInterrupt. SIGTERM and SIGHUP
    leave five seconds to that. The second one, of whatever kind, ends the process within a second: `on_interruption`
    says what is then told. A handler only writes into pipes, since it may run in the middle of anything.

    Attributes
    ----------
    count : int
        Signals that were heard.
    """

    def __init__(self) -> None:
        self.count = 0
        self._over = self._leaving = False
        self._before: dict[int, Any] = {}
        self._read, self._write = os.pipe()
        os.set_blocking(self._write, False)

    def __enter__(self) -> Signals:
        on_interruption("interrupted")
        threading.Thread(target=self._wait, daemon=True, name="signals").start()
        for name in NAMES:
            number = getattr(signal, name, None)
            # what the parent wants to be ignored, as nohup does, stays so; another thread than the first hears nothing
            if number is not None and signal.getsignal(number) != signal.SIG_IGN:
                with suppress(ValueError):
                    self._before[number] = signal.signal(number, self._heard)
        return self

    def __exit__(self, *_: object) -> None:
        if self._leaving:
            return
        self._over = True
        for number, before in self._before.items():
            signal.signal(number, before)
        os.close(self._write)

    def _heard(self, number: int, frame: FrameType | None) -> None:
        """Answer to a signal."""
        del frame
        self.count += 1
        if self.count > 2:
            return
        running = _ask()
        patience = "" if number == signal.SIGINT else f" for at most {SOON:g} s"
        if self.count == 2:
            self._end_in(AT_ONCE)
        elif patience:
            self._end_in(SOON)
        if running is None:
            raise KeyboardInterrupt
        if self.count == 1:
            _write(f"finishing {running:,} run{'' if running == 1 else 's'}{patience}, again to stop")

    def _end_in(self, seconds: float) -> None:
        """Have the process ended in so many seconds, if it has not ended by itself."""
        with suppress(OSError):
            os.write(self._write, bytes([round(seconds / UNIT)]))

    def _wait(self) -> None:
        """Wait for what is written into the pipe until that is closed; what each says is waited for by itself."""
        while byte := os.read(self._read, 1):
            threading.Thread(target=self._end_behind, args=(byte[0] * UNIT,), daemon=True).start()
        os.close(self._read)

    def _end_behind(self, seconds: float) -> None:
        """End the process behind so many seconds, if the command is not over by then."""
        time.sleep(seconds)
        if not self._over:
            tell_interruption()
            os._exit(1)

    def leave(self, code: int) -> None:
        """Leave the process, which is the command's own, with this code; nothing that is left alone is waited for.

        Signals are heard to the end: one more ends it silently, and behind an interruption changes nothing.
        """
        self._leaving = True
        for number in self._before:
            signal.signal(number, signal.SIG_IGN if self.count else lambda *_: os._exit(code))
        if any(thread.name.startswith("homotopy") for thread in threading.enumerate()):
            for stream in (sys.stdout, sys.stderr):
                with suppress(OSError, ValueError):
                    stream.flush()
            os._exit(code)
        sys.exit(code)


_last = {"text": "", "told": False}


def on_interruption(text: str) -> None:
    """Say what is told when the command is interrupted from here on: what is kept, and how to go on."""
    _last.update(text=visible(text), told=False)


def tell_interruption() -> None:
    """Tell it, once."""
    told, _last["told"] = _last["told"], True
    if not told:
        _write(f"homotopy: {_last['text']}")


def _ask() -> int | None:
    """Ask the comparisons of this process to end, if there can be any; return how many runs are being run."""
    stopping = sys.modules.get("homotopy.experiments.run.stopping")
    return stopping.ask() if stopping is not None else None


def _write(line: str) -> None:
    """Write a line to stderr past what is being written there; it may be gone, as a terminal that hung up."""
    with suppress(OSError, ValueError, AttributeError):
        terminal = sys.stderr.isatty()
        try:
            number = sys.stderr.fileno()
        except (OSError, ValueError):
            sys.stderr.write(f"{line}\n")
            return
        os.write(number, (f"\r\x1b[K{line}\n" if terminal else f"{line}\n").encode("utf-8", PLAIN))
