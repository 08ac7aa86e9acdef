"""Exported QTI 3.0 against tables written from the specification (1EdTech, QTI 3.0 information
model and its XSD binding), not from the writer: which element may stand where, which attributes it
must and may have and with what values, and that declarations fit what is asked and how it is
scored. No package registry brings the official schemas, so this stands in for them."""

import io
import re
import zipfile
from xml.etree.ElementTree import Element

import pytest
from defusedxml.ElementTree import fromstring

from exams.bank.formats import qti_writing
from exams.bank.formats.excel_writing import examples
from exams.bank.formats.items import File, Written
from exams.bank.rules import tidy

NS = "{http://www.imsglobal.org/xsd/imsqtiasi_v3p0}"
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
SCHEMA = "{http://www.w3.org/2001/XMLSchema-instance}schemaLocation"
NAME = r"[A-Za-z_][A-Za-z0-9_.-]*"
NUMBER = r"-?\d+(\.\d+)?"
WHOLE = r"\d+"
BOOL = "true|false"
TEXT = ".+"
CARDINALITY = "single|multiple|ordered|record"
BASE = "boolean|directedPair|duration|file|float|identifier|integer|pair|point|string|uri"
INLINE = {"span", "br", "img", "strong", "em", "sub", "sup", "audio", "qti-text-entry-interaction"}
ASKING = {
    "qti-choice-interaction", "qti-order-interaction", "qti-match-interaction",
    "qti-extended-text-interaction",
}  # fmt: skip
BLOCK = {"p", "div", "ul", "ol", "qti-rubric-block", *ASKING}
VALUE = {
    "qti-sum", "qti-product", "qti-variable", "qti-base-value", "qti-correct", "qti-map-response",
}  # fmt: skip
RULE = {"qti-response-condition", "qti-set-outcome-value"}
#: Element: (children allowed, attributes it must have, attributes it may have).
MODEL: dict[str, tuple[set[str], dict[str, str], dict[str, str]]] = {
    "qti-assessment-item": (
        {"qti-response-declaration", "qti-outcome-declaration", "qti-item-body",
         "qti-response-processing", "qti-modal-feedback"},
        {"identifier": NAME, "title": TEXT, "time-dependent": BOOL},
        {"adaptive": BOOL, XML_LANG: TEXT, SCHEMA: TEXT},
    ),
    "qti-response-declaration": (
        {"qti-correct-response", "qti-mapping"},
        {"identifier": NAME, "cardinality": CARDINALITY, "base-type": BASE}, {},
    ),
    "qti-outcome-declaration": (
        {"qti-default-value"},
        {"identifier": NAME, "cardinality": CARDINALITY, "base-type": BASE},
        {"external-scored": "human|externalMachine"},
    ),
    "qti-correct-response": ({"qti-value"}, {}, {}),
    "qti-default-value": ({"qti-value"}, {}, {}),
    "qti-value": (set(), {}, {}),
    "qti-mapping": ({"qti-map-entry"}, {}, {"default-value": NUMBER}),
    "qti-map-entry": (set(), {"map-key": TEXT, "mapped-value": NUMBER}, {"case-sensitive": BOOL}),
    "qti-item-body": (BLOCK, {}, {}),
    "div": (BLOCK | INLINE, {}, {}),
    "p": (INLINE, {}, {}),
    "span": (INLINE, {}, {}),
    "br": (set(), {}, {}),
    "img": (set(), {"src": TEXT, "alt": TEXT}, {"width": WHOLE, "height": WHOLE}),
    "audio": (set(), {"src": TEXT}, {"controls": "controls|true"}),
    "qti-choice-interaction": (
        {"qti-prompt", "qti-simple-choice"}, {"response-identifier": NAME},
        {"shuffle": BOOL, "max-choices": WHOLE, "min-choices": WHOLE},
    ),
    "qti-order-interaction": (
        {"qti-prompt", "qti-simple-choice"}, {"response-identifier": NAME}, {"shuffle": BOOL},
    ),
    "qti-simple-choice": (INLINE | {"p"}, {"identifier": NAME}, {"fixed": BOOL}),
    "qti-match-interaction": (
        {"qti-prompt", "qti-simple-match-set"}, {"response-identifier": NAME},
        {"shuffle": BOOL, "max-associations": WHOLE, "min-associations": WHOLE},
    ),
    "qti-simple-match-set": ({"qti-simple-associable-choice"}, {}, {}),
    "qti-simple-associable-choice": (
        INLINE | {"p"}, {"identifier": NAME, "match-max": WHOLE}, {"match-min": WHOLE},
    ),
    "qti-text-entry-interaction": (
        set(), {"response-identifier": NAME}, {"expected-length": WHOLE},
    ),
    "qti-extended-text-interaction": (
        {"qti-prompt"}, {"response-identifier": NAME}, {"expected-length": WHOLE},
    ),
    "qti-rubric-block": (
        {"qti-content-body"},
        {"use": "instructions|scoring|navigation",
         "view": "author|candidate|proctor|scorer|testConstructor|tutor"}, {},
    ),
    "qti-content-body": (BLOCK | INLINE, {}, {}),
    "qti-modal-feedback": (
        {"qti-content-body"},
        {"outcome-identifier": NAME, "identifier": NAME, "show-hide": "show|hide"}, {},
    ),
    "qti-response-processing": (
        RULE, {},
        {"template": r"https://purl\.imsglobal\.org/spec/qti/v3p0/rptemplates/"
                     r"(match_correct|map_response|map_response_point|CC2_match|CC2_map_response)"
                     r"\.xml"},
    ),
    "qti-response-condition": ({"qti-response-if"}, {}, {}),
    "qti-response-if": ({"qti-match", "qti-equal"} | RULE, {}, {}),
    "qti-set-outcome-value": (VALUE, {"identifier": NAME}, {}),
    "qti-match": (VALUE, {}, {}),
    "qti-equal": (
        VALUE, {"tolerance-mode": "exact|absolute|relative"},
        {"tolerance": f"{NUMBER}( {NUMBER})?"},
    ),
    "qti-sum": (VALUE, {}, {}),
    "qti-product": (VALUE, {}, {}),
    "qti-variable": (set(), {"identifier": NAME}, {}),
    "qti-correct": (set(), {"identifier": NAME}, {}),
    "qti-map-response": (set(), {"identifier": NAME}, {}),
    "qti-base-value": (set(), {"base-type": BASE}, {}),
}  # fmt: skip
#: Interaction: the cardinalities and base types that its response may have.
FITS = {
    "qti-choice-interaction": ({"single", "multiple"}, {"identifier"}),
    "qti-order-interaction": ({"ordered"}, {"identifier"}),
    "qti-match-interaction": ({"single", "multiple"}, {"directedPair"}),
    "qti-text-entry-interaction": ({"single"}, {"string", "integer", "float"}),
    "qti-extended-text-interaction": ({"single", "multiple", "ordered"}, {"string"}),
}


def name(element: Element) -> str:
    return element.tag.removeprefix(NS)


def misplaced(root: Element) -> list[str]:
    """What the tables do not allow, in words."""
    found = [] if name(root) in MODEL else [f"{name(root)}: unknown"]
    for element in root.iter():
        children, must, may = MODEL.get(name(element), (set(), {}, {}))
        found += [f"{name(c)} in {name(element)}" for c in element if name(c) not in children]
        if element.tag.startswith(NS + "qti-"):
            found += [f"{name(element)} without {key}" for key in must.keys() - element.keys()]
        for key, value in element.items():
            pattern = (must | may).get(key)
            if key == "class" or key.startswith("data-"):
                continue
            if pattern is None or not re.fullmatch(pattern, value, re.DOTALL):
                found.append(f"{name(element)} {key}={value!r}")
    return found


def ill_fitting(root: Element) -> list[str]:
    """Interactions whose declarations, choices or scoring do not fit."""
    declared = {e.get("identifier"): e for e in root if name(e) == "qti-response-declaration"}
    outcomes = {e.get("identifier") for e in root if name(e) == "qti-outcome-declaration"}
    known = {
        "qti-correct": ("identifier", set(declared)),
        "qti-map-response": ("identifier", set(declared)),
        "qti-set-outcome-value": ("identifier", outcomes),
        "qti-modal-feedback": ("outcome-identifier", outcomes),
        "qti-variable": ("identifier", outcomes | set(declared)),
    }
    found = []
    for element in root.iter():
        if (kind := name(element)) in FITS:
            found += _unfit(element, declared[element.get("response-identifier")])
        elif kind in known and element.get(known[kind][0]) not in known[kind][1]:
            found.append(f"{kind}: undeclared")
    return found


def _unfit(asked: Element, response: Element) -> list[str]:
    cardinalities, bases = FITS[name(asked)]
    choices = {e.get("identifier") for e in asked.iter() if e.get("identifier")}
    right = [value.text or "" for value in response.iter(NS + "qti-value")]
    named = {one for text in right for one in text.split()}
    faults = {
        "cardinality": response.get("cardinality") not in cardinalities,
        "base type": response.get("base-type") not in bases,
        "right answers": bool(choices) and not named <= choices,
        "sides": name(asked) == "qti-match-interaction" and len(asked) != 2,
        "several of one": response.get("cardinality") == "single" and len(right) > 1,
    }
    return [f"{name(asked)}: {what}" for what, wrong in faults.items() if wrong]


@pytest.fixture(scope="module")
def items() -> dict[str, Element]:
    """The items of a package with every kind of question, one with a picture."""
    questions = [Written(q.code, tidy(q.draft)) for q in examples()]
    questions[0].draft.body["media"] = [{"digest": "d", "kind": "picture", "alt": "床"}]
    data = qti_writing.write(questions, {"d": File("bed.png", "image/png", b"png")})
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {n: fromstring(archive.read(n)) for n in archive.namelist() if n[:6] == "items/"}


def test_every_kind_of_question_keeps_the_specifications_tables(items):
    assert len(items) == len(examples())
    assert {path: misplaced(root) for path, root in items.items() if misplaced(root)} == {}


def test_declarations_fit_what_is_asked_and_scored(items):
    assert {path: ill_fitting(root) for path, root in items.items() if ill_fitting(root)} == {}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("qti-simple-choice", "simpleChoice"),
        ('time-dependent="false"', 'timeDependent="false"'),
        ('cardinality="single"', 'cardinality="one"'),
        ('base-type="identifier"', 'base-type="text"'),
    ],
)
def test_the_tables_find_what_is_wrong(items, old, new):
    questions = [Written(q.code, tidy(q.draft)) for q in examples()[:1]]
    data = qti_writing.write(questions)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        text = archive.read("items/q00001.xml").decode()
    assert old in text
    assert misplaced(fromstring(text.replace(old, new)))
