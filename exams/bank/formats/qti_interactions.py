"""Writes the stem and the interaction of each kind of question in QTI 3.0."""

from typing import Any
from xml.etree.ElementTree import Element, SubElement

from exams.bank.formats.items import LETTERS
from exams.bank.formats.qti_scoring import Scoring
from exams.bank.formats.qti_text import put_text
from exams.bank.kinds import BLANK, Simple
from exams.bank.models import Kind


def ask(box: Element, simple: Simple, scoring: Scoring, share: int) -> None:
    """Append stem and interaction; tell ``scoring`` what is right and what it brings."""
    if simple.kind == Kind.FILL:
        _fill(box, simple, scoring, share)
        return
    put_text(SubElement(box, "p"), simple.stem)
    match simple.kind:
        case Kind.SINGLE | Kind.MULTIPLE | Kind.JUDGE:
            _choice(box, simple, scoring, share)
        case Kind.NUMERIC:
            _numeric(box, simple, scoring, share)
        case Kind.MATCHING:
            _match(box, simple, scoring, share)
        case Kind.ORDERING:
            _order(box, simple, scoring, share)
        case _:
            _open(box, simple, scoring)


def _choice(box: Element, simple: Simple, scoring: Scoring, share: int) -> None:
    body: dict[str, Any] = simple.body
    key: dict[str, Any] = simple.key
    judge = simple.kind == Kind.JUDGE
    options = [("true", "正确"), ("false", "错误")]
    right = ["true" if key["right"] is True else "false"]
    if not judge:
        options = list(zip(LETTERS, body["options"], strict=False))
        right = [LETTERS[index] for index in key["right"]]
    one = simple.kind != Kind.MULTIPLE
    name = scoring.response("single" if one else "multiple", "identifier", right)
    scoring.matched(name, share)
    interaction = SubElement(box, "qti-choice-interaction", {
        "response-identifier": name, "shuffle": "false" if judge else "true",
        "max-choices": "1" if one else "0",
    })  # fmt: skip
    for identifier, text in options:
        option = SubElement(interaction, "qti-simple-choice", {"identifier": identifier})
        put_text(option, text)


def _numeric(box: Element, simple: Simple, scoring: Scoring, share: int) -> None:
    name = scoring.response("single", "float", [simple.key["right"]])
    scoring.near(name, simple.key["within"], share)
    holder = SubElement(box, "p")
    SubElement(holder, "qti-text-entry-interaction", {
        "response-identifier": name, "expected-length": "20",
    })  # fmt: skip
    if simple.body.get("unit"):
        SubElement(holder, "span", {"class": "lms-unit"}).text = simple.body["unit"]


def _fill(box: Element, simple: Simple, scoring: Scoring, share: int) -> None:
    """The stem with an entry behind each of its blanks."""
    blanks = simple.key["blanks"]
    holder, place = SubElement(box, "p"), 0
    for accepted, match in zip(blanks, BLANK.finditer(simple.stem), strict=True):
        put_text(holder, simple.stem[place : match.end()])
        place = match.end()
        name = scoring.response("single", "string", accepted[:1])
        scoring.mapped(name, accepted, bool(simple.key["exact"]), share / len(blanks))
        SubElement(holder, "qti-text-entry-interaction", {"response-identifier": name})
    if simple.stem[place:]:
        put_text(holder, simple.stem[place:])


def _match(box: Element, simple: Simple, scoring: Scoring, share: int) -> None:
    left, right = simple.body["left"], simple.body["right"]
    pairs = [f"L{n} R{place}" for n, place in enumerate(simple.key["pairs"])]
    name = scoring.response("multiple", "directedPair", pairs)
    scoring.matched(name, share)
    interaction = SubElement(box, "qti-match-interaction", {
        "response-identifier": name, "shuffle": "false", "max-associations": str(len(left)),
    })  # fmt: skip
    for letter, texts, most in (("L", left, "1"), ("R", right, "0")):
        side = SubElement(interaction, "qti-simple-match-set")
        for number, text in enumerate(texts):
            choice = SubElement(side, "qti-simple-associable-choice", {
                "identifier": f"{letter}{number}", "match-max": most,
            })  # fmt: skip
            put_text(choice, text)


def _order(box: Element, simple: Simple, scoring: Scoring, share: int) -> None:
    sequence = [f"S{index}" for index in simple.key["sequence"]]
    name = scoring.response("ordered", "identifier", sequence)
    scoring.matched(name, share)
    interaction = SubElement(box, "qti-order-interaction", {
        "response-identifier": name, "shuffle": "true",
    })  # fmt: skip
    for number, text in enumerate(simple.body["items"]):
        choice = SubElement(interaction, "qti-simple-choice", {"identifier": f"S{number}"})
        put_text(choice, text)


def _open(box: Element, simple: Simple, scoring: Scoring) -> None:
    key: dict[str, Any] = simple.key
    name = scoring.response("single", "string", [])
    scoring.by_people()
    SubElement(box, "qti-extended-text-interaction", {
        "response-identifier": name, "expected-length": str(simple.body["longest"]),
    })  # fmt: skip
    if key["reference"]:
        holder = _rubric(box, "lms-reference")
        put_text(SubElement(holder, "p"), key["reference"])
    if key["rubric"]:
        holder = _rubric(box, "lms-rubric")
        for row in key["rubric"]:
            put_text(SubElement(holder, "p", {"data-share": str(row["share"])}), row["text"])


def _rubric(box: Element, name: str) -> Element:
    block = SubElement(box, "qti-rubric-block", {"view": "scorer", "use": "scoring", "class": name})
    return SubElement(block, "qti-content-body")
