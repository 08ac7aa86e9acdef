"""Questions leave as files. What a format cannot hold is listed, and then nothing leaves."""

import io
from collections.abc import Iterable, Sequence

from flask_babel import gettext as _
from sqlalchemy import select

from exams.bank import shelf
from exams.bank.formats import excel, gift, moodle, qti, yaml_text
from exams.bank.formats.detect import Format
from exams.bank.formats.excel_writing import LONGEST_CELL, rows_of
from exams.bank.formats.items import Fault, File, Written
from exams.bank.kinds import media_of
from exams.bank.media import ENDINGS
from exams.bank.models import MediaFile
from lms.core.db import session
from lms.core.errors import NotFound

#: Formats that carry pictures and sounds.
WITH_MEDIA = frozenset({Format.MOODLE, Format.QTI})
#: All pictures and sounds of an export together; an import takes no more either.
MOST_MEDIA_BYTES = 100 * 1024 * 1024


def export_of(questions: Sequence[Written], wanted: Format) -> tuple[bytes, list[Fault]]:
    """The file, or what keeps it from being written: which question, why."""
    refused = refusals(questions, wanted)
    if refused:
        return b"", refused
    files, missing = files_of(questions) if wanted in WITH_MEDIA else ({}, [])
    if missing:
        return b"", missing
    if wanted == Format.XLSX:
        out = io.BytesIO()
        excel.write(out, questions)
        return out.getvalue(), []
    if wanted == Format.MOODLE:
        return moodle.write(questions, files), []
    if wanted == Format.QTI:
        return qti.write(questions, files), []
    return (yaml_text if wanted == Format.YAML else gift).write(questions), []


def refusals(questions: Iterable[Written], wanted: Format) -> list[Fault]:
    """Every question that the format cannot hold."""
    found = []
    for question in questions:
        if wanted not in WITH_MEDIA and media_of(question.draft.body):
            text = _("带有图片或录音，这种格式放不下；请导出为 Moodle XML 或 QTI。")
            found.append(Fault(question.code, text))
        if wanted == Format.XLSX and _longest(question) > LONGEST_CELL:
            text = _("内容超过一个单元格的上限（%(n)s 字）；请导出为其他格式。", n=LONGEST_CELL)
            found.append(Fault(question.code, text))
    return found


def _longest(question: Written) -> int:
    return max(len(str(value)) for row in rows_of(question) for value in row.values())


def files_of(questions: Sequence[Written]) -> tuple[dict[str, File], list[Fault]]:
    """The pictures and sounds that questions show, by digest; and those that are lost."""
    wanted = {digest for q in questions for digest in media_of(q.draft.body)}
    if not wanted:
        return {}, []
    rows = {
        row.digest: row
        for row in session().scalars(select(MediaFile).where(MediaFile.digest.in_(wanted)))
    }
    if sum(row.size for row in rows.values()) > MOST_MEDIA_BYTES:
        return {}, [Fault(_("全部图片和录音"), _("合计超过 100 MB，请用筛选分几次导出。"))]
    files: dict[str, File] = {}
    for digest, row in rows.items():
        try:
            content = shelf.path_of(row).read_bytes()
        except NotFound:
            continue
        name = f"{digest}.{ENDINGS[row.content_type]}"
        files[digest] = File(name, row.content_type, content)
    lost = [
        Fault(q.code, _("题目的图片或录音找不到了。"))
        for q in questions
        if set(media_of(q.draft.body)) - files.keys()
    ]
    return files, lost
