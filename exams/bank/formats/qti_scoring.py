"""What is declared of a QTI 3.0 item, and how its responses are scored."""

from collections.abc import Callable, Sequence
from xml.etree.ElementTree import Element, SubElement

_TEMPLATES = "https://purl.imsglobal.org/spec/qti/v3p0/rptemplates/"


class Scoring:
    """Collects responses while a body is written; then declares and scores them."""

    def __init__(self, explained: bool) -> None:
        self._explained = explained
        self._responses: list[Element] = []
        self._rules: list[tuple[str, Callable[[], Element]]] = []
        self._people = False

    def response(self, cardinality: str, base_type: str, correct: Sequence[str]) -> str:
        """Declare a response; its identifier."""
        number = len(self._responses) + 1
        name = "RESPONSE" if number == 1 else f"RESPONSE{number}"
        element = Element("qti-response-declaration", {
            "identifier": name, "cardinality": cardinality, "base-type": base_type,
        })  # fmt: skip
        if correct:
            holder = SubElement(element, "qti-correct-response")
            for value in correct:
                SubElement(holder, "qti-value").text = value
        self._responses.append(element)
        return name

    def matched(self, name: str, share: float) -> None:
        """All or nothing: the response is the correct one."""
        test = _test("qti-match", name)
        test.append(Element("qti-correct", {"identifier": name}))
        self._add("match_correct", lambda: _when(test, _base(share)))

    def near(self, name: str, within: str, share: float) -> None:
        """A number within an absolute tolerance."""
        test = _test("qti-equal", name)
        test.set("tolerance-mode", "absolute")
        test.set("tolerance", f"{within} {within}")
        test.append(Element("qti-correct", {"identifier": name}))
        self._add("", lambda: _when(test, _base(share)))

    def mapped(self, name: str, accepted: Sequence[str], exact: bool, share: float) -> None:
        """Any of the accepted texts."""
        mapping = SubElement(self._responses[-1], "qti-mapping", {"default-value": "0"})
        for text in accepted:
            SubElement(mapping, "qti-map-entry", {
                "map-key": text, "mapped-value": "1", "case-sensitive": str(exact).lower(),
            })  # fmt: skip
        product = Element("qti-product")
        product.append(Element("qti-map-response", {"identifier": name}))
        product.append(_base(share))
        self._add("map_response", lambda: _set("SCORE", _sum(product)))

    def by_people(self) -> None:
        """A person marks it."""
        self._people = True

    def _add(self, template: str, rule: Callable[[], Element]) -> None:
        self._rules.append((template, rule))

    def declarations(self) -> list[Element]:
        """Responses, then outcomes."""
        score = Element("qti-outcome-declaration", {
            "identifier": "SCORE", "cardinality": "single", "base-type": "float",
        })  # fmt: skip
        if self._people:
            score.set("external-scored", "human")
        _default(score, "0")
        if not self._explained:
            return [*self._responses, score]
        feedback = Element("qti-outcome-declaration", {
            "identifier": "FEEDBACK", "cardinality": "single", "base-type": "identifier",
        })  # fmt: skip
        _default(feedback, "EXPLANATION")
        return [*self._responses, score, feedback]

    def processing(self) -> Element | None:
        """A template where one fits, rules otherwise; None where only people mark."""
        if not self._rules:
            return None
        if len(self._responses) == 1 and self._rules[0][0]:
            address = f"{_TEMPLATES}{self._rules[0][0]}.xml"
            return Element("qti-response-processing", {"template": address})
        processing = Element("qti-response-processing")
        processing.extend(rule() for _template, rule in self._rules)
        return processing


def _default(outcome: Element, value: str) -> None:
    SubElement(SubElement(outcome, "qti-default-value"), "qti-value").text = value


def _test(name: str, response: str) -> Element:
    test = Element(name)
    test.append(Element("qti-variable", {"identifier": response}))
    return test


def _base(value: float) -> Element:
    element = Element("qti-base-value", {"base-type": "float"})
    element.text = f"{value:g}"
    return element


def _sum(more: Element) -> Element:
    total = Element("qti-sum")
    total.append(Element("qti-variable", {"identifier": "SCORE"}))
    total.append(more)
    return total


def _set(outcome: str, value: Element) -> Element:
    element = Element("qti-set-outcome-value", {"identifier": outcome})
    element.append(value)
    return element


def _when(test: Element, value: Element) -> Element:
    condition = Element("qti-response-condition")
    branch = SubElement(condition, "qti-response-if")
    branch.append(test)
    branch.append(_set("SCORE", _sum(value)))
    return condition
