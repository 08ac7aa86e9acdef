"""The page that sets an event beside others of its bank or blueprint."""

from flask import render_template
from flask.typing import ResponseReturnValue

from exams.analysis import charts
from exams.analysis.comparing import comparison
from exams.analysis.policy import ANALYSE
from exams.analysis.rules import LEAST
from exams.analysis.views import bp, event_for
from lms.core.access import acting, requires


@bp.get("/<int:event_id>/analysis/compare")
@requires(ANALYSE)
def compare(event_id: int) -> ResponseReturnValue:
    """Means, shares who passed and what the papers were made for, event by event."""
    event = event_for(event_id)
    rows = comparison(event, acting())
    return render_template(
        "exams/analysis_compare.html", event=event, rows=rows, charts=charts, least=LEAST
    )
