"""XML from people we do not know: no document type, no entity, no outside file, limited depth."""

from io import BytesIO
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse
from flask_babel import gettext as _

from exams.bank.formats.items import MOST_BYTES, BadFile

DEEPEST = 60
MOST_ELEMENTS = 2_000_000


def xml_root(data: bytes, most: int = MOST_BYTES) -> Element:
    """The root of an XML document.

    Raises:
        BadFile: too large, not XML, nested too deeply, or with declarations.
    """
    if len(data) > most:
        raise BadFile(_("文件太大（上限 %(n)s MB），请分成几份。", n=most // 1024 // 1024))
    depth = count = 0
    root: Element | None = None
    try:
        for event, element in iterparse(BytesIO(data), ("start", "end"), forbid_dtd=True):
            if event == "end":
                depth -= 1
                continue
            root = element if root is None else root
            depth, count = depth + 1, count + 1
            if depth > DEEPEST or count > MOST_ELEMENTS:
                raise BadFile(_("XML 文件嵌套太深或内容太多。"))
    except DefusedXmlException as error:
        raise BadFile(_("XML 文件里有不允许的声明（DOCTYPE 或实体）。")) from error
    except (ParseError, ValueError, LookupError) as error:
        raise BadFile(_("不是有效的 XML 文件。")) from error
    if root is None:
        raise BadFile(_("不是有效的 XML 文件。"))
    return root
