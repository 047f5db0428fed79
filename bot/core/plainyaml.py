"""Untrusted YAML as plain data: texts, lists and tables; nothing in it can name code (invariant I23).

No alias is followed (a few lines of them unfold to gigabytes), no tag of its own is honoured, and depth and size are
bounded. PyYAML's parser reads it; its constructors, which turn scalars into other things, are never called.
"""

from typing import Any, Final

import yaml

LARGEST: Final = 64 * 1024
_DEEPEST: Final = 10
# libyaml where it was built in: a hundred times faster, and the same events.
_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TEXT: Final = "tag:yaml.org,2002:str"
_NOTHING: Final = "tag:yaml.org,2002:null"


class Other:
    """A scalar that is no text (a number, a date, true or false), of which nobody needs to know more."""


_OTHER: Final = Other()


def read_yaml(content: bytes) -> Any:
    """The one document in it: dict, list, str, None or `Other`.

    Raises:
        ValueError: and nothing else, whatever it holds; says what is wrong.
    """
    if len(content) > LARGEST:
        raise ValueError(f"it is larger than {LARGEST // 1024} KiB")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ValueError("it is not UTF-8 text") from None
    try:
        _check(text)
        node = yaml.compose(text, Loader=_LOADER)
    except yaml.YAMLError as error:
        raise ValueError(f"it is not YAML ({_line(getattr(error, 'problem_mark', None))})") from None
    return None if node is None else _plain(node)


def _check(text: str) -> None:
    """Look at it event by event, which takes no stack, before anything is built of it."""
    depth = 0
    for event in yaml.parse(text, Loader=_LOADER):
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) is not None:
            raise ValueError(f"it has an anchor or an alias ({_line(event.start_mark)})")
        if isinstance(event, yaml.NodeEvent) and getattr(event, "tag", None) is not None:
            raise ValueError(f"it has a tag of its own ({_line(event.start_mark)})")
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEEPEST:
            raise ValueError(f"it is nested deeper than {_DEEPEST} levels ({_line(event.start_mark)})")


def _plain(node: yaml.Node) -> Any:
    """The value of a node; no deeper than what was checked."""
    if isinstance(node, yaml.SequenceNode):
        return [_plain(each) for each in node.value]
    if isinstance(node, yaml.MappingNode):
        table = {_plain(key): _plain(value) for key, value in node.value if isinstance(key, yaml.ScalarNode)}
        if len(table) < len(node.value):
            raise ValueError(f"it has a key twice, or one that is no text ({_line(node.start_mark)})")
        return table
    if node.tag == _NOTHING:
        return None
    return node.value if node.tag == _TEXT else _OTHER


def _line(mark: Any) -> str:
    return "line unknown" if mark is None else f"line {mark.line + 1}"
