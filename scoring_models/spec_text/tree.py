"""YAML into plain data, nothing guessed: numbers stay exact, words stay words, no key counts twice.

YAML 1.1 reads NO as false, 0755 as octal and 12:30 as a number of seconds. Here only `true` and `false` are
booleans, and what isn't plainly a number is text.
"""

import re
from decimal import Decimal

import yaml

from scoring_models.spec_text.problems import InvalidVersion, Notes, Path, Problem

LONGEST = 1_000_000
DEEPEST = 20  # levels; reading takes ever longer with each
INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,99})")
NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,99})\.[0-9]{1,100}")
WORDS = {"": None, "~": None, "null": None, "true": True, "false": False}


def plain(text: str) -> tuple[object, Notes]:
    """The data in a YAML text: dict, list, str, int, Decimal, bool and None, and the line of each part.

    Keys that come twice are noted. Raises InvalidVersion for what isn't YAML.
    """
    if len(text) > LONGEST:
        raise InvalidVersion([Problem((), "The file is too long to be a version.")])
    notes = Notes()
    try:
        _refuse_cleverness(text)
        # Composing makes nodes of text alone: it never builds an object of any other type.
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        return (None if root is None else _value(root, (), notes)), notes
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        raise InvalidVersion([Problem((), f"This isn't YAML: {error.problem}.", line)]) from error
    except (yaml.YAMLError, RecursionError) as error:
        raise InvalidVersion([Problem((), "This isn't YAML that can be read.")]) from error


def _refuse_cleverness(text: str) -> None:
    depth = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            raise InvalidVersion([Problem((), "This is nested too deep to be a version.")])
        if isinstance(event, yaml.AliasEvent) or getattr(event, "tag", None) is not None:
            line = event.start_mark.line + 1 if event.start_mark else None
            raise InvalidVersion([Problem((), "Tags (!) and aliases (*) aren't used here.", line)])


def _value(node: yaml.Node, path: Path, notes: Notes) -> object:
    notes.lines.setdefault(path, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, path, notes)
    if isinstance(node, yaml.SequenceNode):
        return [_value(item, (*path, index), notes) for index, item in enumerate(node.value)]
    return _scalar(node)


def _mapping(node: yaml.MappingNode, path: Path, notes: Notes) -> dict[str, object]:
    result: dict[str, object] = {}
    for key_node, value_node in node.value:
        key = key_node.value if isinstance(key_node, yaml.ScalarNode) else "(not a word)"
        notes.lines[(*path, key)] = key_node.start_mark.line + 1
        if key in result:
            notes.add((*path, key), "This comes twice. Keep one.")
        else:
            result[key] = _value(value_node, (*path, key), notes)
    return result


def _scalar(node: yaml.Node) -> object:
    text: str = node.value
    if getattr(node, "style", None) is not None:  # in quotes
        return text
    if text in WORDS:
        return WORDS[text]
    if INTEGER.fullmatch(text):
        return int(text)
    return Decimal(text) if NUMBER.fullmatch(text) else text
