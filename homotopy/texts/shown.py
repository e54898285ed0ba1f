"""What a name that anybody may have chosen is on a terminal and a page, in LaTeX, in a CSV file, as a file."""

from __future__ import annotations

import re
import unicodedata

from homotopy.doors import door

__all__ = ["cell", "file_name", "tex", "visible"]

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""With these a cell begins that a spreadsheet computes."""
TEX = str.maketrans(
    {c: "\\" + c for c in "&%$#_{}"}
    | {"~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "\\": r"\textbackslash{}"}
    | {"<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}", '"': r"\textquotedbl{}"}
    | {"∞": r"$\infty$", "–": "--", "—": "---", "µ": r"\textmu{}", "×": r"$\times$", "·": r"$\cdot$", "²": r"$^2$"}
    | {"≤": r"$\leq$", "≥": r"$\geq$", "→": r"$\to$", "±": r"$\pm$", "Σ": r"$\Sigma$"}
)


@door
def visible(text: str) -> str:
    r"""Return a text in which every character is seen: what acts instead, or hides, is written as its escape.

    Such are control characters, line ends, marks that turn the direction of writing, invisible ones, and halves of
    characters that no encoding has. No name then moves a terminal's cursor, adds a line or turns what follows it.

    Examples
    --------
    >>> visible("teacher:k=20 – 4 µs"), visible("a\x1b[2Jb\n\u202ec")
    ('teacher:k=20 – 4 µs', 'a\\x1b[2Jb\\n\\u202ec')
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or unicodedata.category(c) == "Zs" else _escape(c) for c in text)


def _escape(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")


@door
def tex(text: str) -> str:
    r"""Return a text as LaTeX prints it, whatever its characters mean there; it may stand in any cell of a table.

    Examples
    --------
    >>> print(tex(r"50 % of \input{x}_1")), print(tex("[1] ∞"))
    50 \% of \textbackslash{}input\{x\}\_1
    {}[1] $\infty$
    (None, None)
    """
    out = visible(text).translate(TEX)
    return "{}" + out if out.startswith(("[", "*")) else out  # which after the end of a row are its arguments


@door
def cell(text: str) -> str:
    """Return a text as a cell of a CSV file; what a spreadsheet would take for a formula begins with an apostrophe.

    A text that is a number or one character stays as it is. Carriage returns and zeros, which readers of CSV files take
    for the end of a line or of the text, are written as their escapes.

    Examples
    --------
    >>> cell("lbfgs"), cell("=1+2"), cell("-0.5")
    ('lbfgs', "'=1+2", '-0.5')
    """
    told = text.replace("\r", "\\r").replace("\0", "\\0")
    return "'" + told if text.startswith(FORMULA) and len(text) > 1 and not _is_number(text) else told


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return text == text.strip() and "_" not in text


@door
def file_name(text: str, longest: int = 80) -> str:
    r"""Return a text as a part of the name of a file or a folder: no separator, nothing that a shell reads as its own.

    Parameters
    ----------
    text : str
        Any text.
    longest : int
        Most bytes that are kept.

    Examples
    --------
    >>> file_name("teacher:k=20"), file_name("../../x"), file_name("a/b\0")
    ('teacher-k=20', 'x', 'a-b')
    """
    from homotopy.arguments import integer  # here: the first help needs no NumPy

    longest = integer("longest", longest)
    plain = re.sub(r"[^\w.=+-]+", "-", text)
    return plain.encode("utf-8", "ignore")[:longest].decode("utf-8", "ignore").strip("-.") or "unnamed"
