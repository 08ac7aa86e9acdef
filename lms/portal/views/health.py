"""Liveness and readiness for whoever watches the service."""

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy import text

from lms.core.access import public
from lms.core.db import session

bp = Blueprint("health", __name__)


@bp.get("/healthz")
@public
def alive() -> ResponseReturnValue:
    """The process answers."""
    return jsonify(status="ok")


@bp.get("/readyz")
@public
def ready() -> ResponseReturnValue:
    """The database answers and its schema is there."""
    session().execute(text("SELECT version_num FROM alembic_version"))
    return jsonify(status="ready")
