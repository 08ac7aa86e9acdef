"""The paper keeps the rules of PDF/A-2 and PDF/UA-1, and a file that breaks one is found out."""

from __future__ import annotations

import io

import pytest
from pypdf import PdfReader, PdfWriter
from pypdf.generic import DictionaryObject, NameObject, TextStringObject

from certificates.paper.look import PLAIN, Look
from tests.certificates.pdfa import faults
from tests.certificates.test_designs import draw_known
from tests.factories.designs import seal_picture

PICTURES = {role: seal_picture() for role in ("seal", "logo", "signature")}


@pytest.mark.parametrize("kind", ["skill", "course", "central", "ce"])
def test_every_kind_keeps_the_rules(kind):
    assert faults(draw_known(kind)) == []


@pytest.mark.parametrize("frame", ["classic", "lines", "corners", "band"])
def test_designs_keep_the_rules_too(frame):
    words = {"note": "页脚", "signer": "陈建国", "body": "于{时间}参加{内容}。"}
    look = Look(layout="landscape", frame=frame, words=words, pictures=PICTURES, accent="#123c7a")
    assert faults(draw_known("course", look)) == []


def edited(change):
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(draw_known("course", PLAIN))))
    change(writer)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def drop(name):
    return lambda writer: writer.root_object.__delitem__(NameObject(name))


def unembed(writer):
    for thing in writer._objects:
        if isinstance(thing, DictionaryObject) and thing.get("/Type") == "/FontDescriptor":
            for name in [key for key in thing if str(key).startswith("/FontFile")]:
                del thing[name]


def script(writer):
    names = DictionaryObject({NameObject("/JavaScript"): DictionaryObject()})
    writer.root_object[NameObject("/Names")] = names


def wordless(writer):
    for thing in writer._objects:
        if isinstance(thing, DictionaryObject) and thing.get("/S") == "/Figure":
            thing[NameObject("/Alt")] = TextStringObject("")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (drop("/OutputIntents"), "no output intent"),
        (drop("/StructTreeRoot"), "no structure"),
        (drop("/MarkInfo"), "not marked"),
        (drop("/Lang"), "no language"),
        (drop("/Metadata"), "no metadata"),
        (unembed, "is not embedded"),
        (wordless, "a figure without words"),
        (script, "names have /JavaScript"),
        (lambda writer: writer.add_attachment("x.txt", b"x"), "names have /EmbeddedFiles"),
        (lambda writer: writer.encrypt("secret"), "encrypted"),
    ],
)
def test_a_file_that_breaks_a_rule_is_found_out(change, said):
    assert any(said in fault for fault in faults(edited(change)))
