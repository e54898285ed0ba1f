"""What is written where an encoding lacks a character: a stand-in that reads alike, else its escape."""

from __future__ import annotations

import codecs

from homotopy.doors import door
from homotopy.errors import ArgumentError

__all__ = ["PLAIN", "encoded"]

PLAIN = "homotopy-plain"
"""The name of the error handler, as in ``sys.stdout.reconfigure(errors=PLAIN)``."""
STAND_INS = {
    "µ": "u",
    "μ": "u",
    "–": "-",
    "—": "-",
    "−": "-",
    "∞": "inf",
    "×": "x",
    "·": ".",
    "²": "^2",
    "³": "^3",
    "±": "+-",
    "≤": "<=",
    "≥": ">=",
    "→": "->",
    "…": "...",
    "‘": "'",
    "’": "'",
    "“": '"',
    "”": '"',
    "•": "*",
    "━": "-",
    "─": "-",
    "╸": "-",
    "╺": "-",
    "│": "|",
    "\u00a0": " ",
}


def _stand_in(error: UnicodeError) -> tuple[str, int]:
    """Return what stands for the characters that cannot be encoded, and where to go on."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    found = error.object[error.start : error.end]
    return "".join(STAND_INS.get(c) or c.encode("unicode_escape").decode("ascii") for c in found), error.end


codecs.register_error(PLAIN, _stand_in)


@door
def encoded(text: str, encoding: str) -> str:
    r"""Return a text with a stand-in for each character that an encoding lacks.

    Raises
    ------
    ArgumentError
        If there is no such encoding.

    Examples
    --------
    >>> encoded("4 µs × ∞, 0.5 – é", "latin-1"), encoded("4 µs × ∞, é", "ascii")
    ('4 µs × inf, 0.5 - é', '4 us x inf, \\xe9')
    """
    try:
        return text.encode(encoding, PLAIN).decode(encoding)
    except (LookupError, UnicodeError):
        raise ArgumentError(f"encoding must be one of texts that Python knows, not {encoding!r}") from None
