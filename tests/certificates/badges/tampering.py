"""Ways to change a document a little."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any


def changed_leaves(document: Any) -> Iterator[tuple[str, Any]]:
    """Each value changed once, each member left out once, and one added to each object."""
    for path in _paths(document):
        where = "/".join(str(step) for step in path)
        yield f"changed {where}", _with(document, path, _other)
        if isinstance(path[-1], str):
            yield f"without {where}", _without(document, path)
    for path in [(), *(path for path in _paths(document, objects=True))]:
        added = copy.deepcopy(document)
        _at(added, path)["nobodySignedThis"] = "x"
        yield f"added to {path}", added


def _paths(value: Any, before: tuple = (), *, objects: bool = False) -> Iterator[tuple]:
    items: Any = ()
    if isinstance(value, dict):
        items = value.items()
    elif isinstance(value, list):
        items = enumerate(value)
    for name, item in items:
        path = (*before, name)
        inner = isinstance(item, dict | list)
        if (objects and isinstance(item, dict)) or (not objects and not inner):
            yield path
        yield from _paths(item, path, objects=objects)


def _at(document: Any, path: tuple) -> Any:
    for step in path:
        document = document[step]
    return document


def _other(value: Any) -> Any:
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    return value[:-1] + ("1" if value[-1] != "1" else "2")


def _with(document: Any, path: tuple, change: Any) -> Any:
    copied = copy.deepcopy(document)
    holder = _at(copied, path[:-1])
    holder[path[-1]] = change(holder[path[-1]])
    return copied


def _without(document: Any, path: tuple) -> Any:
    copied = copy.deepcopy(document)
    del _at(copied, path[:-1])[path[-1]]
    return copied
