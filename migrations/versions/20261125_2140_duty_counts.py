"""courses: counts of the flags, the rung and the day on each flag"""

import sqlalchemy as sa
from alembic import op

from lms.core.db import UtcDateTime

revision = "duty_counts"
down_revision = "kept_scans"
branch_labels = None
depends_on = None

KEY = (
    ("year", sa.Integer()),
    ("requirement", sa.String(length=20)),
    ("region", sa.String(length=6)),
)
SUMS = ("owing", "done", "scheduled", "at_risk", "missed", "exempt")


def upgrade() -> None:
    op.add_column("duty_flag", sa.Column("rung", sa.Integer(), nullable=True))
    op.add_column("duty_flag", sa.Column("done_on", sa.Date(), nullable=True))
    op.drop_index("ix_duty_flag_region", "duty_flag")
    op.create_index(
        "ix_duty_flag_region",
        "duty_flag",
        ["year", "requirement", "region", "organisation_id", "state", "owes", "post", "rung",
         "done_on"],
    )  # fmt: skip
    op.create_table(
        "duty_count",
        *_key(),
        sa.Column("post", sa.String(length=30), nullable=False),
        sa.Column("rung", sa.Integer(), autoincrement=False, nullable=False),
        *_sums(),
        sa.PrimaryKeyConstraint(
            "year", "requirement", "region", "post", "rung", name="pk_duty_count"
        ),
    )
    op.create_table(
        "duty_home_count",
        *_key(),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        *_sums(),
        sa.Column("left_over", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name="fk_duty_home_count_organisation_id"
        ),
        sa.PrimaryKeyConstraint(
            "year", "requirement", "region", "organisation_id", name="pk_duty_home_count"
        ),
    )
    op.create_index(
        "ix_duty_home_count_worst",
        "duty_home_count",
        ["year", "requirement", "left_over", "organisation_id"],
    )
    op.create_index("ix_duty_home_count_home", "duty_home_count", ["organisation_id", "year"])
    op.create_table(
        "duty_day_count",
        *_key(),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("year", "requirement", "region", "day", name="pk_duty_day_count"),
    )
    _count()


def _count() -> None:
    """What the flags say now, so that dashboards need not wait for the night."""
    op.execute(
        "UPDATE duty_flag SET done_on = (SELECT max(held_on) FROM session_outcome o "
        "WHERE o.person_id = duty_flag.person_id AND o.year = duty_flag.year AND o.attended) "
        "WHERE state = 'done'"
    )
    sums = ", ".join(f"sum(CASE WHEN state = '{name}' THEN 1 ELSE 0 END)" for name in SUMS[1:])
    sums = f"sum(CASE WHEN owes THEN 1 ELSE 0 END), {sums}"
    left = "sum(CASE WHEN owes AND state <> 'done' THEN 1 ELSE 0 END)"
    who = "FROM duty_flag WHERE (owes OR state = 'exempt')"
    names = ", ".join(SUMS)
    op.execute(
        f"INSERT INTO duty_count (year, requirement, region, post, rung, {names}, counted_at) "
        f"SELECT year, requirement, region, post, 0, {sums}, min(computed_at) {who} "
        "GROUP BY year, requirement, region, post"
    )
    op.execute(
        f"INSERT INTO duty_home_count (year, requirement, region, organisation_id, {names}, "
        f"left_over, counted_at) SELECT year, requirement, region, organisation_id, {sums}, "
        f"{left}, min(computed_at) {who} GROUP BY year, requirement, region, organisation_id"
    )
    op.execute(
        "INSERT INTO duty_day_count (year, requirement, region, day, people) "
        f"SELECT year, requirement, region, done_on, count(*) {who} AND done_on IS NOT NULL "
        "GROUP BY year, requirement, region, done_on"
    )


def _key() -> list[sa.Column]:
    return [sa.Column(name, kind, autoincrement=False, nullable=False) for name, kind in KEY]


def _sums() -> list[sa.Column]:
    return [
        *(sa.Column(name, sa.Integer(), nullable=False) for name in SUMS),
        sa.Column("counted_at", UtcDateTime(), nullable=False),
    ]


def downgrade() -> None:
    for table in ("duty_day_count", "duty_home_count", "duty_count"):
        op.drop_table(table)
    op.drop_index("ix_duty_flag_region", "duty_flag")
    op.drop_column("duty_flag", "done_on")
    op.drop_column("duty_flag", "rung")
    op.create_index(
        "ix_duty_flag_region",
        "duty_flag",
        ["year", "requirement", "region", "organisation_id", "state", "owes", "post"],
    )
