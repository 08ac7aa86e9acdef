"""Migrations and models agree: upgrading an empty database leaves nothing to generate."""

import sys
import tempfile

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from lms.app import create_app
from lms.core.config import load_settings
from lms.core.db import db
from lms.core.setup import migrate_database


def main() -> int:
    """Print the differences; exit code 1 when there are any."""
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(load_settings({"LMS_INSTANCE": folder}))
        with app.app_context():
            migrate_database()
            with db.engine.connect() as connection:
                context = MigrationContext.configure(connection, opts={"compare_type": True})
                differences = compare_metadata(context, db.metadata)
            db.engine.dispose()
    for difference in differences:
        print("not in the migrations:", difference)  # noqa: T201
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
