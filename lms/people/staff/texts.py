"""What codes kept in the database are called on the page."""

from flask_babel import gettext as _

from lms.core import clock
from lms.people.posts import post_labels


def kind_labels() -> dict[str, str]:
    """Kinds of organisations."""
    return {
        "home": _("养老机构"),
        "base": _("培训基地"),
        "evaluator": _("评价机构"),
        "authority": _("民政部门"),
    }


def post_table(counts: dict[str, int]) -> list[tuple[str, int]]:
    """(post, how many) in the rule's order, posts nobody holds left out."""
    labels = post_labels(clock.today())
    known = [(labels[code], counts[code]) for code in labels if code in counts]
    return known + [(code, number) for code, number in counts.items() if code not in labels]
