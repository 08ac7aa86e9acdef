"""What every app of a run would work out alike is worked out once.

A test opens an app of its own. Most of making one is werkzeug compiling the builder of every
address, and most of its first page is jinja compiling the templates; neither depends on the app.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from types import CodeType
from typing import Any, Final

from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from werkzeug.routing import Rule


class CompiledTemplates(BytecodeCache):
    """Templates compiled in this process, by name, file and source."""

    _kept: Final[dict[tuple[str, str], CodeType]] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._kept.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        assert bucket.code is not None
        self._kept[bucket.key, bucket.checksum] = bucket.code


def share_templates(app: Flask) -> None:
    """Let an app take the templates that another app of this process has compiled."""
    app.jinja_env.bytecode_cache = CompiledTemplates()


def share_addresses() -> None:
    """Let rules that read alike share the functions that build their addresses. These are made of
    the rule's text and defaults alone; converters are looked up on the rule they are called for."""
    compile_builder = Rule._compile_builder
    kept: dict[tuple[Any, ...], Callable[..., tuple[str, str]]] = {}

    @wraps(compile_builder)
    def remembered(rule: Rule, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        defaults = sorted((rule.defaults or {}).items())
        key = (rule.rule, tuple(rule._trace), repr(defaults), append_unknown)
        if key not in kept:
            kept[key] = compile_builder(rule, append_unknown)
        return kept[key]

    Rule._compile_builder = remembered  # type: ignore[method-assign]
