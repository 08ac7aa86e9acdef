"""Lesson text: Markdown in, clean HTML out; pictures and links are checked on the way."""

from collections.abc import Callable, Iterator, Mapping
from urllib.parse import urlsplit

import nh3
from flask_babel import gettext as _
from markdown_it import MarkdownIt
from markdown_it.token import Token

TAGS = frozenset({
    "p", "h2", "h3", "h4", "ul", "ol", "li", "strong", "em", "s", "a", "img", "blockquote", "table",
    "thead", "tbody", "tr", "th", "td", "hr", "br", "code", "pre",
})  # fmt: skip
ATTRIBUTES = {
    "a": {"href", "title"},
    "img": {"src", "alt", "width", "height", "decoding"},
    "ol": {"start"},
}
Size = tuple[int, int]
_parser = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])


def faults_in(body: str, pictures: frozenset[str]) -> list[str]:
    """What an author must mend before the text can be shown."""
    faults: list[str] = []
    for token in _inline(_parser.parse(body)):
        if token.type == "image":
            source = str(token.attrGet("src"))
            if source not in pictures:
                faults.append(_("图片 %(name)s 不在 pictures/ 文件夹里。", name=source[:80]))
            if not token.content.strip():
                faults.append(_("图片 %(name)s 缺少文字说明，请写在方括号里。", name=source[:80]))
        elif token.type == "link_open":
            parts = urlsplit(str(token.attrGet("href")))
            if parts.scheme not in {"https", "http", "tel"} or not (parts.netloc or parts.path):
                faults.append(
                    _("链接 %(name)s 应当是完整的 https:// 地址。", name=parts.geturl()[:80])
                )
    return faults


def to_html(body: str, sizes: Mapping[str, Size], address: Callable[[str], str]) -> str:
    """Render a lesson; ``address`` gives the URL of a picture, ``sizes`` its width and height."""
    tokens = _parser.parse(body)
    for token in tokens:
        if token.tag == "h1":  # the page's own title is the only h1
            token.tag = "h2"
    for token in _inline(tokens):
        if token.type == "image":
            path = str(token.attrGet("src"))
            width, height = sizes[path]
            token.attrSet("src", address(path))
            token.attrSet("width", str(width))
            token.attrSet("height", str(height))
            token.attrSet("decoding", "async")
    html = _parser.renderer.render(tokens, _parser.options, {})
    return nh3.clean(
        html,
        tags=set(TAGS),
        attributes=ATTRIBUTES,
        url_schemes={"http", "https", "tel"},
        link_rel="noopener noreferrer nofollow",
    )


def _inline(tokens: list[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from _inline(token.children or [])
