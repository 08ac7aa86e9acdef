"""Posts (岗位) as the rule ``people.posts`` lists them."""

from datetime import date

from lms.core.i18n import chosen_locale
from lms.core.rules import rule_on


def post_labels(on: date) -> dict[str, str]:
    """Code → name of every post in the language of the request; one statement."""
    posts = rule_on("people.posts", on).value["posts"]
    locale = chosen_locale()
    return {code: names.get(locale) or names["zh"] for code, names in posts.items()}
