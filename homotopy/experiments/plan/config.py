"""A comparison asked for in a file: TOML, or YAML where PyYAML is installed."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from homotopy.arguments import shown
from homotopy.errors import ArgumentError, DataError
from homotopy.experiments.plan.plugins import extra
from homotopy.naming import hint

__all__ = ["KEYS", "read_config", "stored"]

KEYS: dict[str, tuple[type, ...]] = {
    "problems": (list, str),
    "groups": (dict,),
    "methods": (list, str),
    "seeds": (int, str, list),
    "tuning": (int,),
    "budget": (int, float),
    "seconds": (int, float),
    "plugins": (list, str),
    "target": (str,),
    "missing": (str,),
    "jobs": (int,),
    "executor": (str,),
    "address": (str,),
    "run_timeout": (int, float),
    "output": (str,),
}
MORE: dict[str, tuple[type, ...]] = {"words": (list,), "folder": (str,), "place": (str,)}
"""What a command that a store keeps says besides: its words, its folder, and how that lies from the store."""
LONGEST = 1_000_000
"""Bytes of a configuration."""
LISTS = ("problems", "methods", "plugins", "words")


def read_config(path: str | Path) -> dict[str, Any]:
    """Return what a .toml, .yaml or .yml file asks for under some of the `KEYS`.

    Problems, methods and plugins are lists of texts, groups lists of texts by their names, seeds a count or a text.

    Raises
    ------
    ArgumentError
        If the file cannot be read, is longer than a million bytes, is not TOML or YAML, or has an unknown key, a key
        twice or a value of a wrong type.
    MissingExtraError
        If it is YAML and PyYAML is not installed.

    Examples
    --------
    The file::

        problems = ["teacher:k=6/10/20", "xor:hidden=2..4"]
        methods = ["lbfgs", "skip"]
        seeds = "1000..1199"
        budget = 3000

        [groups]
        "thirty teachers" = "teacher:k=20,teacher_seed=500..529"
    """
    path = Path(path)
    data = _parse(path, _text(path))
    if not isinstance(data, dict):
        raise ArgumentError(f"the configuration {str(path)!r} must hold keys with values")
    return {str(key): _checked(path, str(key), value) for key, value in data.items()}


def _text(path: Path) -> str:
    """Return the text of a file, which no configuration makes long."""
    name = f"the configuration {str(path)!r}"
    try:
        with path.open("rb") as file:
            raw = file.read(LONGEST + 1)
        text = raw.decode("utf-8-sig")
    except (OSError, ValueError) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or "it is not text in UTF-8"
        raise ArgumentError(f"{name} cannot be read: {reason}") from None
    if len(raw) > LONGEST:
        raise ArgumentError(f"{name} has more than {LONGEST:,} bytes; it is no configuration")
    return text


def stored(where: str, command: dict[str, Any]) -> dict[str, Any]:
    """Return a command that a store keeps, with those of its keys that this version knows.

    Raises
    ------
    DataError
        If a value has a wrong type: the store is damaged, or this package did not write it.
    """
    try:
        return {key: _checked(where, key, value) for key, value in command.items() if key in KEYS or key in MORE}
    except ArgumentError as error:
        raise DataError(str(error)) from None


def _parse(path: Path, text: str) -> Any:
    name = f"the configuration {str(path)!r}"
    read: Any
    if path.suffix == ".toml":
        kind, read, wrong = "TOML", tomllib.loads, (tomllib.TOMLDecodeError,)
    elif path.suffix in (".yaml", ".yml"):
        yaml = extra("yaml", "yaml", name)
        kind, read, wrong = "YAML", _strict(yaml), (yaml.YAMLError,)
    else:
        raise ArgumentError(f"{name} must end in .toml, .yaml or .yml")
    try:
        return read(text)
    except RecursionError:
        raise ArgumentError(f"{name} is nested too deeply") from None
    except (*wrong, ValueError, TypeError, OverflowError) as error:  # dates and numbers that are none among them
        raise ArgumentError(f"{name} is not {kind}: {' '.join(str(error).split())}") from None


def _strict(yaml: Any) -> Any:
    """Return what reads YAML as `yaml.safe_load` does, and refuses a key that is there twice as TOML does."""

    class Loader(yaml.SafeLoader):  # type: ignore[misc]
        """A loader of its own, since constructors are kept by classes."""

    def pairs(loader: Any, node: Any) -> dict[Any, Any]:
        seen: set[Any] = set()
        for key, _ in node.value:
            if key.tag != "tag:yaml.org,2002:merge" and key.value.__hash__ is not None:
                if key.value in seen:
                    raise yaml.constructor.ConstructorError(
                        None, None, f"the key {key.value!r} is there twice", key.start_mark
                    )
                seen.add(key.value)
        loader.flatten_mapping(node)
        found: dict[Any, Any] = loader.construct_mapping(node, deep=True)
        return found

    Loader.add_constructor("tag:yaml.org,2002:map", pairs)
    return lambda text: Loader(text).get_single_data()


def _checked(path: Path | str, key: str, value: Any) -> Any:
    """Return a value of the right type."""
    if key not in KEYS and not (isinstance(path, str) and key in MORE):
        raise ArgumentError(f"{path}: unknown key {key!r}{hint(key, KEYS)}; known are {', '.join(KEYS)}")
    kinds = (KEYS | MORE)[key]
    if not isinstance(value, kinds) or isinstance(value, bool):
        names = " or ".join(kind.__name__ for kind in kinds)
        raise ArgumentError(f"{path}: {key} must be {names}, not {shown(value)}")
    if key in LISTS:
        return _texts(path, key, value)
    if isinstance(value, dict):
        return {str(name): _texts(path, f"the group {name!r}", inside) for name, inside in value.items()}
    if key == "seeds" and isinstance(value, list):
        return "/".join(str(item) for item in value)
    return value


def _texts(path: Path | str, what: str, value: Any) -> list[str]:
    """Return a list of texts, or one text as a list."""
    listed = value if isinstance(value, list) else [value]
    if not all(isinstance(item, str) for item in listed):
        raise ArgumentError(f"{path}: {what} must be a list of texts, not {shown(value)}")
    return listed
