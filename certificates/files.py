"""Which certificate a downloaded PDF or PNG says it is, and whether the file is as we drew it."""

import re

from certificates.documents import paper_of
from certificates.paper.render import Format
from certificates.rules import normal_code
from lms.core.errors import DomainError

#: The address stands in the PDF's XMP keywords and in a text chunk of the PNG, uncompressed.
_ADDRESS = re.compile(rb"/v/([0-9A-Za-z]{26})")
_MAGIC: dict[bytes, Format] = {b"%PDF-": "pdf", b"\x89PNG": "png"}


def form_of(content: bytes) -> Format | None:
    """``pdf`` or ``png`` by its first bytes, else None."""
    return next((form for magic, form in _MAGIC.items() if content.startswith(magic)), None)


def code_in(content: bytes) -> str | None:
    """The code in the file's own description, or None."""
    found = _ADDRESS.search(content)
    return normal_code(found[1].decode()) if found else None


def code_in_text(text: str) -> str | None:
    """The code in an address or by itself."""
    return normal_code(text.strip().rstrip("/").rsplit("/", 1)[-1])


def is_as_drawn(certificate_id: int, content: bytes) -> bool | None:
    """True if the file is byte for byte what this site hands out today, for the holder or masked.

    False means it was edited, or drawn by an older design or under another address. None means
    there is nothing to compare with: such a certificate is not handed out.
    """
    form = form_of(content)
    if form is None:
        return None
    try:
        return any(content == paper_of(certificate_id, form, masked) for masked in (False, True))
    except DomainError:
        return None
