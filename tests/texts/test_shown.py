"""Names that anybody may have chosen, at each door: random hostile ones, read back by a parser of each form."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from homotopy.report.html import template
from homotopy.texts import PLAIN, cell, encoded, file_name, tex, visible

PARTS = ["\x1b[2J", "\x1b]0;title\x07", "\x9b31m", "\u202e", "\u2066", "\n", "\r", "\x00", "\t", "$\\frac{", "$x$", "%"]
PARTS += [
    "\\input{x}",
    "^^41",
    "~",
    "&",
    "#",
    "_",
    "{",
    "}",
    "[1]",
    "*",
    "<script>",
    '"',
    "'",
    "=1+2",
    "+",
    "-",
    "@",
    ",",
]
PARTS += ["../", "/", "a", "teacher:k=20", "\ud800", "é", "中", "\u2028", "\u200b", "\x7f", ";", "µ", "∞"]
NAMES = st.one_of(st.text(max_size=12), st.lists(st.sampled_from(PARTS), max_size=6).map("".join))
MANY = settings(max_examples=80, derandomize=True, deadline=None)


def acts(text):
    """Whether a character of a text does something else than being seen."""
    return any(unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp") for c in text)


@MANY
@given(NAMES)
def test_every_character_is_seen(name):
    assert not acts(visible(name))
    assert visible(name) == name or acts(name) or not name.isprintable()
    assert visible(visible(name)) == visible(name)


PRINTED = {"textbackslash": "\\", "textasciitilde": "~", "textasciicircum": "^", "textless": "<"}
PRINTED |= {"textgreater": ">", "textbar": "|", "textquotedbl": '"', "textmu": "µ"}


class Tokens:
    """A reader of LaTeX: what the text prints, or an error where a special character means something."""

    def __init__(self, text):
        self.out, at = "", 0
        text = re.sub(r"\$\\(?:infty|times|cdot|leq|geq|to|pm|Sigma)\$|\$\^2\$", "\u25a0", text)
        while at < len(text):
            found = re.compile(r"\\([a-zA-Z]+)\{\}|\\([&%$#_{}])|\{\}").match(text, at)
            if found:
                self.out += PRINTED[found[1]] if found[1] else found[2] or ""
                at = found.end()
                continue
            assert text[at] not in "\\&%$#_{}~^", text
            self.out += text[at]
            at += 1


@MANY
@given(NAMES)
def test_latex_prints_a_name_as_it_is_seen(name):
    made = tex(name)
    assert not made.startswith(("[", "*"))
    printed = Tokens(made).out.replace("---", "—").replace("--", "–")
    assert printed == re.sub("[∞×·²≤≥→±Σ]", "\u25a0", visible(name)).replace("---", "—").replace("--", "–")


class Read(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags, self.text = [], ""

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, attrs))

    def handle_data(self, data):
        self.text += data


@MANY
@given(NAMES)
def test_a_page_shows_a_name_as_it_is_seen(name):
    made = template("base.html.jinja").environment.from_string('<td data-key="{{ name }}">{{ name }}</td>')
    reader = Read()
    reader.feed(made.render(name=name))
    reader.close()
    assert reader.tags == [("td", [("data-key", visible(name))])]
    assert reader.text == visible(name)


@MANY
@given(st.lists(NAMES.filter(lambda name: name.isprintable() or "\ud800" not in name), min_size=2, max_size=4))
def test_a_cell_is_no_formula_and_is_read_back(names):
    try:
        "".join(names).encode()
    except UnicodeEncodeError:
        return
    made = io.StringIO(newline="")
    csv.writer(made, lineterminator="\n").writerows([list(map(cell, names)), [1.5, -2, float("inf"), "gd"]])
    read, numbers = csv.reader(io.StringIO(made.getvalue(), newline=""))
    assert numbers == ["1.5", "-2", "inf", "gd"]
    for name, got in zip(names, read, strict=True):
        told = name.replace("\r", "\\r").replace("\0", "\\0")
        assert not got.startswith(("=", "+", "-", "@", "\t", "\r")) or len(got) == 1 or float(got) == float(name)
        assert got in (told, "'" + told)


@pytest.mark.parametrize("number", ["-1", "+5.5", "-inf", "-1e-300", "-0"])
def test_numbers_stay_numbers(number):
    assert cell(number) == number


@pytest.mark.parametrize("name", ["=1+2", "+cmd|' /C calc'!A0", "-2+3", "@SUM(1)", "\t=1", "\r=1", "-1_0", "- 1"])
def test_formulas_are_none(name):
    assert cell(name) == "'" + name.replace("\r", "\\r")


@MANY
@given(NAMES)
def test_a_file_name_is_one_part_of_a_path(tmp_path_factory, name):
    made = file_name(name)
    assert made
    assert not made.startswith((".", "-"))
    assert not re.search(r"[^\w.=+-]", made)
    assert len(made.encode()) <= 80
    folder = tmp_path_factory.getbasetemp() / "names"
    folder.mkdir(exist_ok=True)
    (folder / made).write_text("")
    assert (folder / made).resolve().parent == folder.resolve()


@MANY
@given(NAMES, st.sampled_from(["ascii", "latin-1", "cp1252", "utf-8"]))
def test_every_encoding_has_something_for_a_name(name, encoding):
    made = encoded(visible(name), encoding)
    assert made.encode(encoding).decode(encoding) == made
    assert encoded("4 µs – ∞ × 2", "ascii") == "4 us - inf x 2"


def test_the_handler_does_not_read(tmp_path):
    with pytest.raises(UnicodeDecodeError):
        b"\xff".decode("utf-8", PLAIN)
