"""The nightly run of the verdicts as the scheduler does it, in a process of its own.

LMS_INSTANCE=… .venv/bin/python -m tests.benchmarks.nightly
"""

from courses.compliance.jobs import run
from lms.app import create_app
from lms.core.config import load_settings

if __name__ == "__main__":
    with create_app(load_settings()).app_context():
        run()
