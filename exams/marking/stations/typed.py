"""A sheet whose counts are typed all at once, where there is no script. Callers commit."""

import secrets
from collections.abc import Mapping
from datetime import datetime

from flask_babel import gettext as _

from exams.marking.stations.judging import checklist_of, tap, taps_of
from exams.marking.stations.models import Sheet
from exams.marking.stations.rules import Tap
from lms.core.access import Actor
from lms.core.errors import Invalid


def put_down(
    sheet: Sheet, counts: Mapping[int, int], veto: int, note: str, actor: Actor, now: datetime
) -> int:
    """Let the sheet stand as typed: item → count, ``veto`` its number from 1 (0: none). Only what
    changes becomes a tap; returns how many did.

    Raises:
        Invalid: a count out of range, or a veto without what happened. SheetSigned.
    """
    checklist, taps = checklist_of(sheet), taps_of(sheet.id)
    if any(not 0 <= counts.get(n, 0) <= item.most for n, item in enumerate(checklist.items)):
        raise Invalid(_("次数超出了评分表的范围，请核对。"))
    if veto not in range(len(checklist.vetoes) + 1) or (veto and not note):
        raise Invalid(_("一票否决要写明发生了什么。"))
    stands = {one.item: one.count for one in sorted(taps, key=lambda one: one.seq)}
    wanted = {n: counts.get(n, 0) for n in range(len(checklist.items))}
    wanted |= {-n: int(n == veto) for n in range(1, len(checklist.vetoes) + 1)}
    changed = [item for item, count in wanted.items() if stands.get(item, 0) != count]
    last = max((one.seq for one in taps), default=0)
    given = [
        Tap(last + n, item, wanted[item], note if item < 0 and wanted[item] else "")
        for n, item in enumerate(changed, start=1)
    ]
    tap(sheet, [(secrets.token_hex(8), one) for one in given], actor, now)
    return len(given)
