"""What ``exams`` adds to the site."""

from flask import Flask
from flask_babel import lazy_gettext as _l

from certificates.api import offer
from exams.analysis import compare_views  # noqa: F401 - its page
from exams.analysis import models as analysis_models  # noqa: F401
from exams.analysis.views import bp as analysis_bp
from exams.bank import models as bank_models  # noqa: F401 - their tables
from exams.bank.policy import VIEW as VIEW_BANK
from exams.bank.views import (  # noqa: F401 - their pages
    files,
    imports,
    lists,
    questions,
    review,
    writing,
)
from exams.bank.views.base import bp as bank_bp
from exams.entries import models as entry_models  # noqa: F401
from exams.entries.policy import VIEW
from exams.marking import models as marking_models  # noqa: F401
from exams.marking.checklists import models as checklist_models  # noqa: F401
from exams.marking.corrections import models as correction_models  # noqa: F401
from exams.marking.policy import MARK_ANSWERS
from exams.marking.stations import models as station_models  # noqa: F401
from exams.papers import models as paper_models  # noqa: F401
from exams.papers.views import blueprints, papers, picking  # noqa: F401
from exams.results import models as result_models  # noqa: F401
from exams.results import views as results
from exams.results.awarding import EXAM_AWARDS
from exams.sittings import models as sitting_models  # noqa: F401
from exams.sittings.presence import init_presence
from exams.views import (
    acts,
    candidates,
    checklists,
    corrections,
    events,
    halls,
    learner,
    marking,
    media,
    plain_room,
    receipts,
    room,
    sheets,  # noqa: F401 - joins the stations' pages
    stations,
    wall,
)
from exams.views.express import Express
from lms.core.navigation import NavEntry, add_entry


def register(app: Flask) -> None:
    """Join the pages of this package to the app."""
    pages = (
        learner.bp,
        media.bp,
        room.bp,
        plain_room.bp,
        receipts.bp,
        events.bp,
        candidates.bp,
        halls.bp,
        wall.bp,
        acts.bp,
        marking.bp,
        corrections.bp,
        stations.bp,
        checklists.bp,
        bank_bp,
        analysis_bp,
        results.learner_bp,
        results.bp,
        papers.bp,
        blueprints.bp,
    )
    for blueprint in pages:
        app.register_blueprint(blueprint)
    offer(EXAM_AWARDS)
    init_presence(app)
    app.wsgi_app = Express(app, app.wsgi_app)  # type: ignore[method-assign]
    add_entry(NavEntry("exams", _l("考试安排"), "exam", "exam_events.events", VIEW, 20))
    add_entry(NavEntry("exams", _l("评卷"), "clipboard", "marking.home", MARK_ANSWERS, 30))
    add_entry(NavEntry("exams", _l("题库"), "folder", "bank.banks", VIEW_BANK, 40))
