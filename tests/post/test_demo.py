"""The demo shows reminders as they were carried, and leaves nothing to be sent."""

from datetime import timedelta

from lms.core.uow import unit_of_work
from lms.post.demo import FATES, DemoReminder, seed_reminders
from lms.post.sending import Message, Place
from tests.post.world import NOON, attempts, deliveries


def test_demo_reminders_are_history(do, cast, sign_in, office):
    def seed():
        place = Place(cast.kangning, "140105")
        with unit_of_work():
            return seed_reminders(
                [
                    DemoReminder(
                        person, Message(f"demo:{n}", "duty.remind", {"year": 2026}, "/"), place, n
                    )
                    for n, person in enumerate(
                        [cast.wang, cast.li, cast.chen, cast.zhou, cast.city]
                    )
                ],
                NOON - timedelta(days=3),
            )

    assert do(seed) == 5 + 3
    assert [row.state for row in do(deliveries, "email")] == [fate for fate, _tries in FATES]
    assert len(do(attempts)) == 4
    assert "没有送到" in sign_in(cast.li).get("/deliveries").text
    assert office.journal == []
