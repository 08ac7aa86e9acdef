# ruff: noqa: E501
"""QTI items as other programs write them."""

import io
import zipfile

V21 = 'xmlns="http://www.imsglobal.org/xsd/imsqti_v2p1" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
V22 = 'xmlns="http://www.imsglobal.org/xsd/imsqti_v2p2"'
V30 = 'xmlns="http://www.imsglobal.org/xsd/imsqtiasi_v3p0"'


def item(
    body: str, declarations: str = "", tail: str = "", name: str = "q1", space: str = V21
) -> str:
    """A QTI 2 item."""
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<assessmentItem {space} identifier="{name}" title="题 {name}" adaptive="false" timeDependent="false">
 {declarations}
 <outcomeDeclaration identifier="SCORE" cardinality="single" baseType="float"/>
 <itemBody>
  {body}
 </itemBody>
 {tail}
</assessmentItem>"""


def response(values: list[str], cardinality: str = "single", base: str = "identifier",
             name: str = "RESPONSE", mapping: str = "") -> str:  # fmt: skip
    """A response declaration."""
    correct = "".join(f"<value>{value}</value>" for value in values)
    held = f"<correctResponse>{correct}</correctResponse>" if values else ""
    return (f'<responseDeclaration identifier="{name}" cardinality="{cardinality}" baseType="{base}">'
            f"{held}{mapping}</responseDeclaration>")  # fmt: skip


CHOICE = item(
    """<p>看图，<strong>先做什么</strong>？</p>
  <choiceInteraction responseIdentifier="RESPONSE" shuffle="true" maxChoices="1">
   <prompt>老人噎住了。</prompt>
   <simpleChoice identifier="A">拍照<feedbackInline outcomeIdentifier="FEEDBACK" identifier="A" showHide="show">来不及了。</feedbackInline></simpleChoice>
   <simpleChoice identifier="B" fixed="false">海姆立克
     急救</simpleChoice>
  </choiceInteraction>""",
    response(["B"]),
    '<responseProcessing template="http://www.imsglobal.org/question/qti_v2p1/rptemplates/match_correct"/>'
    '<modalFeedback outcomeIdentifier="FEEDBACK" identifier="x" showHide="show">尽快解除梗阻。</modalFeedback>',
)
MULTIPLE = item(
    '<choiceInteraction responseIdentifier="R1" maxChoices="0"><prompt><p>翻身注意什么？</p></prompt>'
    '<simpleChoice identifier="c1"><p>不拖拽</p></simpleChoice><simpleChoice identifier="c2">保护骨突</simpleChoice>'
    '<simpleChoice identifier="c3">要猛</simpleChoice></choiceInteraction>',
    response([], "multiple", name="R1", mapping='<mapping defaultValue="0"><mapEntry mapKey="c1" mappedValue="1"/>'
             '<mapEntry mapKey="c2" mappedValue="1"/><mapEntry mapKey="c3" mappedValue="-1"/></mapping>'),
    name="q2", space=V22,
)  # fmt: skip
TRUE_FALSE = item(
    '<p>热水袋可以贴着皮肤。</p><choiceInteraction responseIdentifier="RESPONSE" maxChoices="1">'
    '<simpleChoice identifier="t">True</simpleChoice><simpleChoice identifier="f">False</simpleChoice></choiceInteraction>',
    response(["f"]), name="q3",
)  # fmt: skip
ENTRY = item(
    '<p>压疮好发于<textEntryInteraction responseIdentifier="A" expectedLength="15"/>和'
    '<textEntryInteraction responseIdentifier="B"/>。</p>',
    response(["骶尾部"], base="string", name="A",
             mapping='<mapping defaultValue="0"><mapEntry mapKey="骶尾部" mappedValue="1"/><mapEntry mapKey="尾骶部" mappedValue="1" caseSensitive="false"/></mapping>')
    + response(["足跟"], base="string", name="B"),
    name="q4",
)  # fmt: skip
NUMBER = item(
    '<p>成人一天喝水约<textEntryInteraction responseIdentifier="RESPONSE"/>毫升。</p>',
    response(["1500"], base="float"),
    '<responseProcessing><responseCondition><responseIf><equal toleranceMode="absolute" tolerance="300 300">'
    '<variable identifier="RESPONSE"/><correct identifier="RESPONSE"/></equal><setOutcomeValue identifier="SCORE">'
    '<baseValue baseType="float">1</baseValue></setOutcomeValue></responseIf></responseCondition></responseProcessing>',
    name="q5",
)  # fmt: skip
INLINE = item(
    '<p>洗脸水温宜<inlineChoiceInteraction responseIdentifier="A" shuffle="false"><inlineChoice identifier="x">40℃</inlineChoice>'
    '<inlineChoice identifier="y">60℃</inlineChoice></inlineChoiceInteraction>左右。</p>',
    response(["x"], name="A"), name="q6",
)  # fmt: skip
INLINE_TWO = item(
    '<p>先<inlineChoiceInteraction responseIdentifier="A"><inlineChoice identifier="x">洗手</inlineChoice>'
    '<inlineChoice identifier="y">喂饭</inlineChoice></inlineChoiceInteraction>后'
    '<inlineChoiceInteraction responseIdentifier="B"><inlineChoice identifier="x">洗手</inlineChoice>'
    '<inlineChoice identifier="y">喂饭</inlineChoice></inlineChoiceInteraction>。</p>',
    response(["x"], name="A") + response(["y"], name="B"), name="q7",
)  # fmt: skip
ESSAY = item(
    '<rubricBlock view="scorer"><p>慢、短、不争辩。</p></rubricBlock><p>怎样和失智老人说话？</p>'
    '<extendedTextInteraction responseIdentifier="RESPONSE" expectedLength="600"/>',
    response([], base="string"), name="q8",
)  # fmt: skip
MATCH = item(
    '<matchInteraction responseIdentifier="RESPONSE" shuffle="true" maxAssociations="2"><prompt>连起来。</prompt>'
    '<simpleMatchSet><simpleAssociableChoice identifier="C" matchMax="1">半卧位</simpleAssociableChoice>'
    '<simpleAssociableChoice identifier="D" matchMax="1">侧卧位</simpleAssociableChoice></simpleMatchSet>'
    '<simpleMatchSet><simpleAssociableChoice identifier="M" matchMax="4">换床单</simpleAssociableChoice>'
    '<simpleAssociableChoice identifier="R" matchMax="4">进食</simpleAssociableChoice>'
    '<simpleAssociableChoice identifier="T" matchMax="4">量身高</simpleAssociableChoice></simpleMatchSet></matchInteraction>',
    response(["C R", "D M"], "multiple", "directedPair"), name="q9",
)  # fmt: skip
ORDER = item(
    '<orderInteraction responseIdentifier="RESPONSE" shuffle="true"><prompt>排顺序。</prompt>'
    '<simpleChoice identifier="b">后</simpleChoice><simpleChoice identifier="a">先</simpleChoice></orderInteraction>',
    response(["a", "b"], "ordered"), name="q10",
)  # fmt: skip
MIXED = item(
    '<p>张奶奶，78 岁。</p><p>多久翻身？</p><choiceInteraction responseIdentifier="A" maxChoices="1">'
    '<simpleChoice identifier="x">2 小时</simpleChoice><simpleChoice identifier="y">8 小时</simpleChoice></choiceInteraction>'
    '<p>左侧偏瘫先穿左侧。</p><choiceInteraction responseIdentifier="B" maxChoices="1">'
    '<simpleChoice identifier="t">对</simpleChoice><simpleChoice identifier="f">错</simpleChoice></choiceInteraction>',
    response(["x"], name="A") + response(["t"], name="B"), name="q11",
)  # fmt: skip
V3 = f"""<qti-assessment-item {V30} identifier="v3" title="三" adaptive="false" time-dependent="false" xml:lang="zh">
<qti-response-declaration identifier="RESPONSE" cardinality="single" base-type="identifier"><qti-correct-response><qti-value>B</qti-value></qti-correct-response></qti-response-declaration>
<qti-outcome-declaration identifier="SCORE" cardinality="single" base-type="float"/>
<qti-item-body><qti-choice-interaction response-identifier="RESPONSE" max-choices="1"><qti-prompt>问？</qti-prompt>
<qti-simple-choice identifier="A">甲</qti-simple-choice><qti-simple-choice identifier="B">乙</qti-simple-choice></qti-choice-interaction></qti-item-body>
<qti-response-processing template="https://purl.imsglobal.org/spec/qti/v3p0/rptemplates/match_correct.xml"/></qti-assessment-item>"""
#: Interactions nobody here can answer, each with something its report names.
FOREIGN = {
    "hottext": item('<hottextInteraction responseIdentifier="R"><p>这<hottext identifier="a">句</hottext></p></hottextInteraction>'),
    "gap match": item('<gapMatchInteraction responseIdentifier="R"><gapText identifier="a" matchMax="1">甲</gapText><p><gap identifier="g"/></p></gapMatchInteraction>'),
    "associate": item('<associateInteraction responseIdentifier="R"/>'),
    "hotspot": item('<hotspotInteraction responseIdentifier="R"/>'),
    "slider": item('<sliderInteraction responseIdentifier="R" lowerBound="0" upperBound="9"/>'),
    "upload": item('<uploadInteraction responseIdentifier="R"/>'),
    "PCI": item('<portableCustomInteraction responseIdentifier="R"/>'),
    "table": item('<table><tr><td>甲</td></tr></table><extendedTextInteraction responseIdentifier="R"/>'),
    "templateDeclaration": item("<p>x</p>", '<templateDeclaration identifier="t" cardinality="single" baseType="integer"/>'),
    "没有作答": item("<p>只是说明。</p>"),
}  # fmt: skip


def package(items: dict[str, str], manifest: str | None = None, **files: bytes) -> bytes:
    """A package with a manifest that names every item."""
    resources = "".join(
        f'<resource identifier="r{n}" type="imsqti_item_xmlv2p1" href="{path}"><file href="{path}"/></resource>'
        for n, path in enumerate(items)
    )
    manifest = manifest or (
        '<manifest xmlns="http://www.imsglobal.org/xsd/imscp_v1p1" identifier="m"><organizations/>'
        f"<resources>{resources}</resources></manifest>"
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("imsmanifest.xml", manifest)
        for path, text in items.items():
            archive.writestr(path, text)
        for path, content in files.items():
            archive.writestr(path.replace("__", "/").replace("_dot_", "."), content)
    return out.getvalue()
