"""Names: what is read is spelled again, inside other names too; lists and ranges; one sentence for what is wrong."""

from __future__ import annotations

import numpy as np
import pytest

from homotopy.errors import ArgumentError
from homotopy.methods import method
from homotopy.methods.baselines.descents import GradientDescent
from homotopy.methods.multistart import Multistart
from homotopy.naming import build, expand, hint, join, nest, parse, spell, spelled, unnest, written
from homotopy.objectives.family import Homotopy
from homotopy.problems import problem


class Box:
    def __init__(self, side: float = 1.0, lid: bool = False, color: str = "red", depth: int | None = None) -> None:
        self.side, self.lid, self.color, self.depth = side, lid, color, depth


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("box", "box"),
        ("box:side=2", "box:side=2"),
        ("box:side=2.0,lid=True", "box:side=2,lid=yes"),
        ("box:lid=1,color=blue", "box:lid=yes,color=blue"),
        ("box:lid=no,depth=3,side=1.0", "box:depth=3"),
        ("box:side=0.1", "box:side=0.1"),
        ("box:side=1e+300", "box:side=1e300"),
    ],
)
def test_what_is_read_is_spelled_again(text, name):
    made = build("thing", text, {"box": Box})
    assert spelled(made, "box") == name
    again = build("thing", name, {"box": Box})
    assert vars(again) == vars(made)


def test_numbers_of_numpy_and_classes_are_values():
    assert written(np.float64(0.25)) == "0.25"
    assert written(np.float64(3.0)) == "3"
    assert written(np.int64(4)) == "4"
    assert written(float("inf")) == "inf"
    assert written(Homotopy) == "Homotopy"
    assert spell("box", Box, "color", color="red", side=1) == "box:color=red"


@pytest.mark.parametrize("deep", range(4))
def test_names_nest_to_any_depth(deep):
    text = "gd:step_size=0.1,steps=500"
    for _ in range(deep):
        text = f"multistart:of={nest(text)},restarts=3"
        assert unnest(nest(text)) == text
    made = method(text)
    assert made.name == text
    for _ in range(deep):
        made = made.of
    assert isinstance(made, GradientDescent)
    assert (made.steps, made.step_size) == (500, 0.1)


def test_a_method_inside_a_method_may_have_a_homotopy_with_parameters():
    made = Multistart(method("graduated:along=gaussian+width=0.5,stages=3"), cutoff=1e22)
    assert made.name == "multistart:of=graduated+along=gaussian++width=0.5+stages=3,cutoff=1e22"
    again = method(made.name)
    assert again.name == made.name
    assert again.of.along(problem("xor").objective).width == 0.5


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("greedy:refine=True", "greedy:refine=yes"),
        ("greedy:refine=False", "greedy"),
        ("multistart:of=gd+steps=500,cutoff=300.0", "multistart:of=gd+steps=500,cutoff=300"),
        ("multistart:of=decay,cutoff=650.0,restarts=2", "multistart:of=decay,cutoff=650,restarts=2"),
        ("omp:extra=0.0", "omp:extra=0"),
        ("gd:step_size=1.0", "gd:step_size=1"),
    ],
)
def test_names_of_older_records_build_the_same_method(old, new):
    assert method(old).name == method(new).name == new


def test_the_parts_are_put_together_again():
    name, parameters = parse("csv:path=a/b.csv,target=y")
    assert join(name, parameters) == "csv:path=a/b.csv,target=y"
    assert join("xor", {}) == "xor"
    with pytest.raises(ArgumentError, match=r"'a,b\.csv' has a comma"):
        join("csv", {"path": "a,b.csv"})


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("bux", r"unknown thing 'bux' \(did you mean 'box'\?\); known are box"),
        ("box:sides=2", r"thing 'box' has no parameter 'sides' \(did you mean 'side'\?\); it has side, lid"),
        ("box:side=2,side=3", "the parameter 'side' is given twice"),
        ("box:side", "'side' is not of the form parameter=value"),
        ("box:lid=perhaps", "thing 'box': lid must be bool, not 'perhaps'"),
        ("box:depth=1.5", "thing 'box': depth must be int, not '1.5'"),
        ("box:side=nan", "thing 'box': side must be float, not 'nan'"),
        ("box:depth=99999999999999999999", "depth must be int"),
        (None, "a name must be a text"),
    ],
)
def test_what_is_wrong_is_named(text, sentence):
    with pytest.raises(ArgumentError, match=sentence):
        build("thing", text, {"box": Box})


def test_a_reader_says_what_is_wrong_inside():
    with pytest.raises(ArgumentError, match="unknown method 'gdd'"):
        method("multistart:of=gdd+steps=3")
    with pytest.raises(ArgumentError, match="of must be a method of this package, not"):
        Multistart("gd")


def test_a_hint_is_only_given_for_what_is_close():
    assert hint("proximol", ["proximal", "skip"]) == " (did you mean 'proximal'?)"
    assert hint("zebra", ["proximal", "skip"]) == ""


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("xor", ["xor"]),
        ("teacher:k=6..8", ["teacher:k=6", "teacher:k=7", "teacher:k=8"]),
        ("teacher:k=6..10..2", ["teacher:k=6", "teacher:k=8", "teacher:k=10"]),
        ("teacher:k=6/10/20", ["teacher:k=6", "teacher:k=10", "teacher:k=20"]),
        ("teacher:k=2/4..5", ["teacher:k=2", "teacher:k=4", "teacher:k=5"]),
        ("a:x=-2..-1,y=p/q", ["a:x=-2,y=p", "a:x=-2,y=q", "a:x=-1,y=p", "a:x=-1,y=q"]),
        ("csv:path=a/b.csv,target=y", ["csv:path=a/b.csv,target=y"]),
        ("gd:step_size=0.1/1e-2", ["gd:step_size=0.1", "gd:step_size=1e-2"]),
    ],
)
def test_lists_and_ranges(text, names):
    assert expand(text) == names


@pytest.mark.parametrize("text", ["a:k=9..3", "a:k=1..5..0", "a:k=1//2", "a:k=/", "a:k=1..9999999", "a:k"])
def test_wrong_ranges_are_refused_in_one_sentence(text):
    with pytest.raises(ArgumentError) as caught:
        expand(text)
    assert "\n" not in str(caught.value)
    assert text in str(caught.value)
