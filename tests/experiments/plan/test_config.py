"""Studies in a file."""

from __future__ import annotations

import pytest

from homotopy.errors import ArgumentError
from homotopy.experiments.plan.config import read_config

TOML = """
problems = ["teacher:k=6/10", "xor"]
methods = "gd"
seeds = [4, 7]
budget = 300
"""
YAML = """
problems: ["teacher:k=6/10", xor]
methods: gd
seeds: [4, 7]
budget: 300
"""


@pytest.mark.parametrize(("name", "text"), [("a.toml", TOML), ("a.yaml", YAML), ("a.yml", YAML)])
def test_both_languages_say_the_same(tmp_path, name, text):
    (tmp_path / name).write_text(text)
    want = {"problems": ["teacher:k=6/10", "xor"], "methods": ["gd"], "seeds": "4/7", "budget": 300}
    assert read_config(tmp_path / name) == want


def test_groups_are_lists_of_names_by_their_names(tmp_path):
    (tmp_path / "a.toml").write_text('tuning = 5\n[groups]\n"two nets" = "xor:hidden=2..3"\nb = ["yun", "xor"]\n')
    want = {"tuning": 5, "groups": {"two nets": ["xor:hidden=2..3"], "b": ["yun", "xor"]}}
    assert read_config(tmp_path / "a.toml") == want


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("a.toml", "problems = [", "is not TOML"),
        ("a.yaml", "problems: [", "is not YAML"),
        ("a.json", "{}", "must end in .toml, .yaml or .yml"),
        ("a.toml", "problem = 'xor'", "unknown key 'problem' (did you mean 'problems'?)"),
        ("a.toml", "budget = 'much'", "budget must be int or float, not 'much'"),
        ("a.toml", "jobs = true", "jobs must be int, not True"),
        ("a.toml", "problems = [1]", "problems must be a list of texts"),
        ("a.toml", "groups = ['xor']", "groups must be dict, not ['xor']"),
        ("a.toml", "[groups]\na = 3", "the group 'a' must be a list of texts"),
        ("a.yaml", "- xor", "must hold keys with values"),
    ],
)
def test_what_is_wrong_is_told_in_one_sentence(tmp_path, name, text, sentence):
    (tmp_path / name).write_text(text)
    with pytest.raises(ArgumentError) as caught:
        read_config(tmp_path / name)
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_that_cannot_be_read(tmp_path):
    with pytest.raises(ArgumentError, match="cannot be read: No such file"):
        read_config(tmp_path / "none.toml")
    (tmp_path / "a.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(ArgumentError, match="not text in UTF-8"):
        read_config(tmp_path / "a.toml")
