"""The lists that can be saved: their page, their files, and the filters that are kept."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from flask import url_for
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from lms.core.access import ACTIONS, Actor, Role

MOST_VALUES, LONGEST = 20, 60


@dataclass(frozen=True, slots=True)
class Savable:
    """A list: the endpoint of its page and of its files (with fixed arguments), the filters that
    are kept, and the action that opens it. What names a person is no filter that is kept."""

    label: LazyString
    page: str
    files: Mapping[str, tuple[str, Mapping[str, str]]]
    keys: frozenset[str]
    action: str

    def open_to(self, actor: Actor) -> bool:
        """True if the actor may open the list at all."""
        return ACTIONS[self.action].admits(actor)


def _files(endpoint: str, argument: str, *kinds: str) -> dict[str, tuple[str, dict[str, str]]]:
    return {kind: (endpoint, {argument: kind}) for kind in kinds}


LISTS: Mapping[str, Savable] = {
    "flags": Savable(
        _l("年度集中培训名单"), "flags.page", _files("flags.export", "kind", "csv", "xlsx"),
        frozenset({"year", "state", "region", "post", "home", "sort", "down"}), "duty.flags.see",
    ),
    "report": Savable(
        _l("年度报告"), "reports.page", _files("reports.document", "kind", "pdf", "xlsx"),
        frozenset({"year", "region"}), "reports.central",
    ),
    "staff": Savable(
        _l("人员名单"), "staff.page", {"csv": ("staff.as_csv", {}), "xlsx": ("staff.as_xlsx", {})},
        frozenset({"home", "region", "post", "level", "status", "sort"}), "people.staff.see",
    ),
    "register": Savable(
        _l("证书登记册"), "register.page", _files("register.export", "form", "csv", "xlsx"),
        frozenset({"status", "kind", "rung", "since", "until"}), "certificates.register",
    ),
}  # fmt: skip


def kept(kind: str, query: str, year: int) -> dict[str, list[str]]:
    """The filters of an address that are kept. This year's is not, so that the view goes on with
    the years."""
    found: dict[str, list[str]] = {}
    for key, value in parse_qsl(query)[:MOST_VALUES]:
        if key in LISTS[kind].keys and value != str(year) and len(value) <= LONGEST:
            found.setdefault(key, []).append(value)
    return found


def address(kind: str, query: Mapping[str, Any], actor: Actor, file: str = "") -> str:
    """Where a saved list opens for this actor now. A region that is not (or no longer) hers gives
    way to her own; the list itself shows what she may see."""
    savable = LISTS[kind]
    args: dict[str, Any] = dict(query)
    region = next(iter(args.pop("region", [])), "")
    own = actor.regions(Role.OFFICER, Role.ADMIN)
    if region and any(region.startswith(prefix) for prefix in own):
        args["region"] = region
    elif kind == "report":
        args["region"] = min(own, key=len, default="") or "14"
    if not file:
        return url_for(savable.page, **args)
    endpoint, fixed = savable.files[file]
    return url_for(endpoint, **(args | dict(fixed)))
