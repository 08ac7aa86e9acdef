"""Releasing several threads at once, each in an application context of its own."""

import threading
from collections.abc import Callable
from typing import Any

from flask import Flask

from lms.core.errors import DomainError


def at_once(app: Flask, many: int, do: Callable[[], Any]) -> list[Any]:
    """What ``do`` returned or which refusal it raised, once for each thread.

    A thread that ends in any other way leaves its exception, so that the test sees it.
    """
    gate, results = threading.Barrier(many), []

    def run() -> None:
        with app.app_context():
            gate.wait()
            try:
                results.append(do())
            except Exception as error:
                results.append(error)

    threads = [threading.Thread(target=run) for _ in range(many)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def refusals(results: list[Any]) -> list[type[DomainError]]:
    """The kinds of refusals among them."""
    return [type(one) for one in results if isinstance(one, DomainError)]
