"""Pictures from authors are hostile until proven otherwise: drawings are checked element by
element and written anew, photographs are decoded and encoded again without their metadata."""

import re
from io import BytesIO
from xml.etree.ElementTree import Element, tostring

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring
from flask_babel import gettext as _
from PIL import Image

from courses.catalogue.plans import PicturePlan
from lms.core.errors import Invalid
from lms.core.pictures import BadPicture, Why, decoded

SVG, XLINK, XML = (
    "http://www.w3.org/2000/svg",
    "http://www.w3.org/1999/xlink",
    "http://www.w3.org/XML/1998/namespace",
)
ELEMENTS = frozenset({
    "svg", "g", "path", "rect", "circle", "ellipse", "line", "polyline", "polygon", "text", "tspan",
    "title", "desc", "defs", "linearGradient", "radialGradient", "stop", "clipPath", "mask",
    "pattern", "marker", "symbol", "use",
})  # fmt: skip
LARGEST_SVG = 400_000
LARGEST_PHOTO = 6 * 1024 * 1024
MOST_PIXELS = 16_000_000
WIDEST = 1600
FORMATS = {
    "png": ("PNG", "image/png"),
    "jpg": ("JPEG", "image/jpeg"),
    "jpeg": ("JPEG", "image/jpeg"),
}
_REFERENCE = re.compile(r"url\(\s*(['\"]?)(.*?)\1\s*\)", re.I)


def clean_picture(path: str, content: bytes, known_clean: frozenset[str]) -> PicturePlan:
    """Check and re-write a picture. Bytes that were stored before need no second encoding.

    Raises:
        Invalid: with the reason, when the picture cannot be taken.
    """
    suffix = path.rsplit(".", 1)[-1].lower()
    if suffix == "svg":
        return _clean_svg(path, content)
    if suffix not in FORMATS:
        raise Invalid(_("图片只收 SVG、PNG、JPEG。"))
    return _clean_photo(path, content, *FORMATS[suffix], known_clean)


def _clean_svg(path: str, content: bytes) -> PicturePlan:
    if len(content) > LARGEST_SVG:
        raise Invalid(_("图太大：SVG 最多 400 KB。"))
    try:
        root = fromstring(content, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise Invalid(_("不是完好的 SVG，或者带有 DTD、实体定义。")) from error
    if root.tag != f"{{{SVG}}}svg":
        raise Invalid(_("最外层应当是 <svg>。"))
    for element in root.iter():
        _check_element(element)
    width, height = _svg_size(root)
    _name_plainly(root)
    written = tostring(root, encoding="unicode", short_empty_elements=True).encode()
    return PicturePlan(path, "image/svg+xml", width, height, written)


def _name_plainly(root: Element) -> None:
    """Write prefixes into the names themselves: the ones that ElementTree knows belong to the
    whole process and are changed by whoever draws a QR code, and the bytes must not change."""
    prefixes = {f"{{{XLINK}": "xlink:", f"{{{XML}": "xml:"}
    linked = False
    for element in root.iter():
        element.tag = element.tag.removeprefix(f"{{{SVG}}}")
        for attribute in list(element.attrib):
            space, _sep, bare = attribute.rpartition("}")
            named = prefixes.get(space, "") + bare
            linked = linked or named.startswith("xlink:")
            element.attrib[named] = element.attrib.pop(attribute)
    spaces = {"xmlns": SVG} | ({"xmlns:xlink": XLINK} if linked else {})
    root.attrib = spaces | root.attrib


def _check_element(element: Element) -> None:
    tag = element.tag if isinstance(element.tag, str) else ""
    name = tag.removeprefix(f"{{{SVG}}}")
    if name not in ELEMENTS:
        raise Invalid(
            _("不允许出现 <%(name)s>，请删去。", name=name.rsplit("}", 1)[-1][:40] or "?")
        )
    for attribute, value in element.attrib.items():
        _check_attribute(attribute, value)


def _check_attribute(attribute: str, value: str) -> None:
    space, _sep, bare = attribute.rpartition("}")
    name = bare.lower()
    if name.startswith("on") or name == "style" or space not in {"", "{" + XLINK, "{" + XML}:
        raise Invalid(_("不允许出现属性 %(name)s，请删去。", name=bare[:40]))
    if (name == "href" or space == "{" + XLINK) and not value.startswith("#"):
        raise Invalid(_("%(name)s 只能指向图内的编号（#…），不能引用外部文件。", name=bare[:40]))
    pointers = _REFERENCE.findall(value)
    if any(not target.startswith("#") for _quote, target in pointers):
        raise Invalid(_("url(…) 只能指向图内的编号（#…）。"))
    if "url" in value.lower().replace(" ", "") and "(" in value and not pointers:
        raise Invalid(_("url(…) 只能指向图内的编号（#…）。"))


def _svg_size(root: Element) -> tuple[int, int]:
    numbers = re.findall(r"-?\d+(?:\.\d+)?", root.get("viewBox", ""))
    if len(numbers) != 4 or not (0 < float(numbers[2]) < 1e5 and 0 < float(numbers[3]) < 1e5):
        raise Invalid(_('缺少 viewBox，例如 viewBox="0 0 640 400"。'))
    return max(1, round(float(numbers[2]))), max(1, round(float(numbers[3])))


def _clean_photo(
    path: str, content: bytes, form: str, media_type: str, known_clean: frozenset[str]
) -> PicturePlan:
    if len(content) > LARGEST_PHOTO:
        raise Invalid(_("图太大：照片最多 6 MB。"))
    try:
        image = decoded(content, MOST_PIXELS, formats=(form,))
    except BadPicture as bad:
        raise Invalid(_refusal(bad.why)) from bad
    plan = PicturePlan(path, media_type, image.width, image.height, content)
    if plan.digest in known_clean:
        return plan
    return _encoded_again(path, image, form, media_type)


def _refusal(why: Why) -> str:
    if why is Why.PIXELS:
        return _("图太大：最多 1600 万像素。")
    if why is Why.MOVING:
        return _("请上传静止的图片。")
    return _("图片损坏，或者内容与扩展名不符。")


def _encoded_again(path: str, image: Image.Image, form: str, media_type: str) -> PicturePlan:
    plain = image.convert("RGB" if form == "JPEG" or "A" not in image.getbands() else "RGBA")
    plain.thumbnail((WIDEST, WIDEST))
    plain.info.clear()
    out = BytesIO()
    if form == "JPEG":
        plain.save(out, "JPEG", quality=82, optimize=True)
    else:
        plain.save(out, "PNG", optimize=True)
    return PicturePlan(path, media_type, plain.width, plain.height, out.getvalue())
