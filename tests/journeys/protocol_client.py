"""A client of the exam room that nobody here wrote: made from the words of docs/exam-room.md with
the standard library alone. It knows nothing of the site's code."""

from __future__ import annotations

import http.client
import json
import re
import secrets
import time
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode, urlsplit

Json = dict[str, Any]


class Refused(Exception):
    """The server said no: its status and code."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(f"{status} {code}")
        self.status, self.code = status, code


class Client:
    """A browser without a browser: cookies, forms, JSON."""

    def __init__(self, url: str) -> None:
        self.host = urlsplit(url).netloc
        self.cookies: dict[str, str] = {}
        self.token = ""
        self.online = True

    def request(
        self, method: str, path: str, body: str = "", **headers: str
    ) -> tuple[int, str, Any]:
        if not self.online:
            raise ConnectionError
        connection = http.client.HTTPConnection(self.host, timeout=30)
        headers["Cookie"] = "; ".join(f"{k}={v}" for k, v in self.cookies.items())
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, body.encode(), named)
        answer = connection.getresponse()
        text = answer.read().decode()
        for line in answer.headers.get_all("Set-Cookie") or []:
            self.cookies |= {k: m.value for k, m in SimpleCookie(line).items()}
        connection.close()
        return answer.status, text, answer.headers

    def read_token(self, path: str) -> None:
        _status, page, _headers = self.request("GET", path)
        tag = re.search(r'<input[^>]*name="csrf_token"[^>]*>', page)
        assert tag
        self.token = re.search(r'value="([^"]*)"', tag[0])[1]  # type: ignore[index]

    def form(self, path: str, **fields: str) -> tuple[int, str]:
        body = urlencode({"csrf_token": self.token} | fields)
        kind = "application/x-www-form-urlencoded"
        status, _text, headers = self.request("POST", path, body, Content_Type=kind)
        return status, headers["Location"] or ""

    def sign_in(self, name: str, password: str) -> None:
        self.read_token("/sign-in")
        status, place = self.form("/sign-in", name=name, password=password)
        assert status in (302, 303), status
        assert "sign-in" not in place
        self.read_token("/exams")


class Sitting:
    """One device in one sitting; ``phone`` is what a crash leaves behind."""

    def __init__(self, client: Client, base: str) -> None:
        self.client, self.base = client, base
        self.device = secrets.token_urlsafe(24)
        self.epoch = self.seq = self.grace = 0
        self.questions: list[Json] = []
        self.phone: list[Json] = []
        self.acked: list[int] = []
        self.refused: list[int] = []
        self.late: list[int] = []
        self.dropped: list[int] = []
        self.server, self.timer, self.deadline = 0, 0.0, 0

    def call(self, path: str, body: Json | None = None) -> Json:
        headers = {"Content_Type": "application/json", "Accept": "application/json"}
        method, text = ("GET", "") if body is None else ("POST", json.dumps(body))
        if body is not None:
            headers["X_CSRFToken"] = self.client.token
        status, answer, _headers = self.client.request(method, self.base + path, text, **headers)
        told: Json = json.loads(answer)
        if status != 200:
            raise Refused(status, told["code"])
        self.server, self.timer = told.get("now", self.server), time.monotonic()
        self.deadline = told.get("deadline", self.deadline)
        return told

    def now(self) -> int:
        return self.server + round((time.monotonic() - self.timer) * 1000)

    def enter(self, take_over: bool = False) -> Json:
        told = self.call("/enter", {"device": self.device, "take_over": take_over})
        self.epoch, self.seq, self.grace = told["epoch"], told["last_seq"], told["grace"]
        self.questions = told["questions"] or self.questions  # none while paused
        kept = []
        for step in self.phone:
            held = told["answers"].get(str(step["position"]))
            if held and held["epoch"] > step["under"]:
                self.dropped.append(step["position"])
                continue
            self.seq += 1
            kept.append(step | {"seq": self.seq})
        self.phone = kept
        return told

    def type(self, position: int, answer: Json) -> None:
        """The change is on the phone before anything is sent."""
        self.seq += 1
        step = {"seq": self.seq, "op": secrets.token_hex(16), "position": position}
        self.phone.append(step | {"answer": answer, "at": self.now(), "under": self.epoch})

    def message(self) -> Json:
        steps = [{k: v for k, v in step.items() if k != "under"} for step in self.phone[:100]]
        return {"device": self.device, "epoch": self.epoch, "steps": steps}

    def settle(self, told: Json) -> None:
        self.acked += told["acked"]
        self.refused += told["refused"]
        self.late += told["late"]
        done = {*told["acked"], *told["refused"]}
        self.phone = [step for step in self.phone if step["seq"] not in done]

    def send(self) -> bool:
        """True when nothing is left on the phone."""
        try:
            while self.phone:
                self.settle(self.call("/answers", self.message()))
        except ConnectionError:
            return False
        return True

    def hand_in(self) -> Json:
        told = self.call("/hand-in", self.message())
        if "acked" in told:
            self.settle(told)
        self.phone = []
        return told


def some_answer(question: Json) -> Json:
    """An answer in the form of the question's kind."""
    match question["kind"]:
        case "single":
            return {"picked": [len(question["options"]) - 1]}
        case "multiple":
            return {"picked": [0, 2]}
        case "judge":
            return {"value": False}
        case "numeric":
            return {"number": "550.5"}
        case "fill":
            assert len(re.findall(r"_{3,}", question["stem"])) == question["blanks"]
            return {"blanks": [f"第{n + 1}空" for n in range(question["blanks"])]}
        case "matching":
            count = len(question["left"])
            return {"pairs": [*range(count - 1), None]}
        case "ordering":
            return {"sequence": list(reversed(range(len(question["items"]))))}
        case "short" | "essay":
            return {"text": "先问“为什么”，\n再报告。🙂"[: question["longest"]]}
    raise AssertionError(f"the document does not know {question['kind']}")


def text_of(attempt: int, answers: dict[int, Json]) -> str:
    """The text a receipt's digest is over, as the document says."""
    said = {}
    for position, answer in answers.items():
        kept = {name: value for name, value in answer.items() if name != "flag"}
        if any(_says(value) for value in kept.values()):
            said[str(position)] = kept
    value = {"answers": said, "attempt": attempt}
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _says(value: Any) -> bool:
    if isinstance(value, str):
        return bool(value.strip())
    if isinstance(value, list):
        return any(_says(item) for item in value)
    return value is not None
