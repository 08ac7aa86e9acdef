"""A phone in a ward: a network that is cut at random moments, and a journal outside the page.

The journal writes down, in the order in which they happened, what the candidate's hands did (read
from the page's controls, not from its script), what the screen said, and what the server
acknowledged (read from the wire). ``faults`` judges it together with the database.
"""

from __future__ import annotations

import asyncio
import json
import random
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.async_api import BrowserContext, Error, Route

#: Runs before the page's own script.
WATCH = (Path(__file__).parent / "watch.js").read_text()


@dataclass
class Journal:
    """What happened in one sitting, in order, and what it adds up to so far."""

    attempt: int
    paper: dict[int, dict[str, Any]] = field(default_factory=dict)
    typed: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    acked: dict[str, tuple[int, int, dict[str, Any]]] = field(default_factory=dict)
    heard: dict[int, tuple[int, dict[str, Any]]] = field(default_factory=dict)
    receipt: dict[str, Any] | None = None
    faults: list[str] = field(default_factory=list)
    said: int = 0
    shown: str = ""

    def note(self, what: str, position: int, value: Any) -> None:
        """Something that the page shows."""
        if what == "typed":
            answer = self._answer(position, value)
            self.typed.setdefault(position, []).append(answer)
        elif what == "refused":
            self.typed[position].pop()
        elif value == "saved":
            self.said += 1
            for place, answers in self.typed.items():
                if answers and self.heard.get(place, (0, {}))[1] != answers[-1]:
                    self.faults.append(f"said saved, question {place} is not: {answers[-1]}")

    def _answer(self, position: int, value: dict[str, Any]) -> dict[str, Any]:
        if "items" not in value:
            return value
        shown = self.paper[position]["items"]
        return {"sequence": [shown.index(text) for text in value["items"]]}

    def acknowledge(self, sent: dict[str, Any], answer: dict[str, Any], delivered: bool) -> None:
        """An answer of the server; ``delivered`` when the page gets it as well."""
        steps = {step["seq"]: step for step in sent.get("steps", [])}
        for seq in answer.get("acked", []):
            step = steps[seq]
            chosen = {k: v for k, v in step["answer"].items() if k != "flag"}
            self.acked.setdefault(step["op"], (step["position"], seq, chosen))
            if delivered and seq > self.heard.get(step["position"], (0, {}))[0]:
                self.heard[step["position"]] = (seq, chosen)
        if answer.get("receipt"):
            self.receipt = answer

    def entered(self, answer: dict[str, Any]) -> None:
        self.paper = {q["position"]: q for q in answer["questions"]}
        for position, held in answer["answers"].items():
            chosen = {k: v for k, v in held["answer"].items() if k != "flag"}
            self.heard[int(position)] = (held["seq"], chosen)


class Network:
    """Every request of the room passes here; ``mode`` is what becomes of it."""

    def __init__(self, journal: Journal, rng: random.Random) -> None:
        self.journal = journal
        self.rng = rng
        self.mode = "up"
        self.lies = False  # a planted defect: acknowledges without asking the server

    async def watch(self, context: BrowserContext) -> None:
        await context.expose_function("journal", self.journal.note)
        await context.add_init_script(WATCH)
        await context.route("**/exams/room/**", self._pass)

    async def _pass(self, route: Route) -> None:
        try:
            await self._handle(route)
        except Error:
            return  # the page is gone: nobody waits for the answer

    async def _handle(self, route: Route) -> None:
        request = route.request
        mode = self.mode
        if mode == "flaky":
            mode = self.rng.choice(["up", "down", "lost", "slow"])
        if mode == "down":
            await route.abort("internetdisconnected")
            return
        if request.method != "POST":
            await route.continue_()
            return
        sent = request.post_data_json or {}
        if self.lies and request.url.endswith("/answers"):
            await self._lie(route, sent)
            return
        if mode == "slow":
            await asyncio.sleep(self.rng.uniform(0.05, 0.3))
        answer = await route.fetch()
        lost = mode == "lost" or self.mode == "down"
        if answer.ok:
            body = await answer.json()
            self.journal.acknowledge(sent, body, not lost)
            if request.url.endswith("/enter") and not lost:
                self.journal.entered(body)
        if lost:
            await route.abort("connectionreset")
        else:
            await route.fulfill(response=answer)

    async def _lie(self, route: Route, sent: dict[str, Any]) -> None:
        steps = sent["steps"]
        body = {"acked": [s["seq"] for s in steps], "refused": [], "late": []}
        self.journal.acknowledge(sent, body, True)
        await route.fulfill(status=200, content_type="application/json", body=json.dumps(body))
