"""A phone in a ward: a network that is cut at random moments, and a journal outside the page.

The journal writes down, in the order in which they happened, what the candidate's hands did (read
from the page's controls, not from its script), what the screen said, and what the server
acknowledged (read from the wire). ``faults`` judges it together with the database.
"""

from __future__ import annotations

import asyncio
import json
import random
from base64 import b64decode, b64encode
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.async_api import CDPSession, Error, Page

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
    """Every request of the room's page is stopped here, on its way out and on its way back;
    ``mode`` is what becomes of it. Nothing else of the page is touched."""

    def __init__(self, journal: Journal, rng: random.Random) -> None:
        self.journal = journal
        self.rng = rng
        self.mode = "up"
        self.lies = False  # a planted defect: acknowledges without asking the server
        self._fates: dict[str, str] = {}
        self._busy: set[asyncio.Task[None]] = set()

    async def watch(self, page: Page) -> None:
        await page.expose_function("journal", self.journal.note)
        await page.add_init_script(WATCH)
        tap = await page.context.new_cdp_session(page)
        tap.on("Fetch.requestPaused", lambda event: self._start(tap, event))
        await tap.send("Fetch.enable", {"patterns": [{"urlPattern": "*/exams/room/*"}]})

    def _start(self, tap: CDPSession, event: dict[str, Any]) -> None:
        task = asyncio.ensure_future(self._pass(tap, event))
        self._busy.add(task)
        task.add_done_callback(self._busy.discard)

    async def _pass(self, tap: CDPSession, event: dict[str, Any]) -> None:
        back = "responseStatusCode" in event or "responseErrorReason" in event
        with suppress(Error):  # the page is gone: nobody waits for the answer
            await (self._back if back else self._out)(tap, event)

    async def _out(self, tap: CDPSession, event: dict[str, Any]) -> None:
        fate, name = self.mode, {"requestId": event["requestId"]}
        if fate == "flaky":
            fate = self.rng.choice(["up", "down", "lost", "slow"])
        if fate == "down":
            await tap.send("Fetch.failRequest", name | {"errorReason": "InternetDisconnected"})
            return
        if event["request"]["method"] != "POST":
            await tap.send("Fetch.continueRequest", name)
            return
        if self.lies and event["request"]["url"].endswith("/answers"):
            await self._lie(tap, event)
            return
        if fate == "slow":
            await asyncio.sleep(self.rng.uniform(0.05, 0.3))
        self._fates[event["requestId"]] = fate
        await tap.send("Fetch.continueRequest", name | {"interceptResponse": True})

    async def _back(self, tap: CDPSession, event: dict[str, Any]) -> None:
        name = {"requestId": event["requestId"]}
        lost = self._fates.pop(event["requestId"], "") == "lost" or self.mode == "down"
        if event.get("responseStatusCode") == 200:
            answer = await tap.send("Fetch.getResponseBody", name)
            text = answer["body"]
            body = json.loads(b64decode(text) if answer["base64Encoded"] else text)
            self.journal.acknowledge(json.loads(event["request"]["postData"]), body, not lost)
            if event["request"]["url"].endswith("/enter") and not lost:
                self.journal.entered(body)
        if lost:
            await tap.send("Fetch.failRequest", name | {"errorReason": "ConnectionReset"})
        else:
            await tap.send("Fetch.continueRequest", name)

    async def _lie(self, tap: CDPSession, event: dict[str, Any]) -> None:
        sent = json.loads(event["request"]["postData"])
        body = {"acked": [s["seq"] for s in sent["steps"]], "refused": [], "late": []}
        self.journal.acknowledge(sent, body, True)
        told = {
            "requestId": event["requestId"],
            "responseCode": 200,
            "responseHeaders": [{"name": "Content-Type", "value": "application/json"}],
            "body": b64encode(json.dumps(body).encode()).decode(),
        }
        await tap.send("Fetch.fulfillRequest", told)
