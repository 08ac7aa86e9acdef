"""Which check-ins are pointed out, by named cases; numbers at the limit on both sides."""

from datetime import timedelta

import pytest

from courses.classroom.signs import CheckIn, Elsewhere, Limits, signs_of
from tests.factories.central import NINE

LIMITS = Limits(
    device_people=1, late=timedelta(minutes=240), clock=timedelta(minutes=10),
    travel=timedelta(minutes=60), burst_people=4, burst=timedelta(seconds=15),
)  # fmt: skip


def at(seconds=0, minutes=0):
    return NINE + timedelta(minutes=minutes, seconds=seconds)


def check(number, person=None, **values):
    given = {"method": "qr", "at": NINE, "device": f"phone {number}"} | values
    return CheckIn(number, person or number, **given)


def elsewhere(minutes, person=1):
    return Elsewhere(person, at(minutes=minutes), "另一场", "别处")


CASES = {
    "everybody with a phone of her own": ([check(1), check(2)], [], {}),
    "one phone for two people": (
        [check(1, device="a"), check(2, device="a"), check(3)], [], {1: "device", 2: "device"},
    ),
    "one phone, one person, in and out": (
        [check(1, 1, device="a"), check(2, 1, device="a")], [], {},
    ),
    "phones without a mark": ([check(1, device=""), check(2, device="")], [], {}),
    "two venues within the hour": ([check(1)], [elsewhere(60)], {1: "places"}),
    "two venues an hour before": ([check(1)], [elsewhere(-60)], {1: "places"}),
    "two venues, time enough": ([check(1)], [elsewhere(61)], {}),
    "another person elsewhere": ([check(1)], [elsewhere(0, person=2)], {}),
    "the phone's clock ten minutes off": ([check(1, phone_at=at(minutes=10))], [], {}),
    "eleven minutes fast": ([check(1, phone_at=at(minutes=11))], [], {1: "clock"}),
    "eleven minutes slow": ([check(1, phone_at=at(minutes=-11))], [], {1: "clock"}),
    "brought four hours later": ([check(1, arrived_at=at(minutes=240))], [], {}),
    "brought the next day": ([check(1, arrived_at=at(minutes=1440))], [], {1: "late"}),
    "four typed within fifteen seconds": (
        [check(n, method="code", at=at(5 * n)) for n in range(1, 5)], [],
        dict.fromkeys(range(1, 5), "burst"),
    ),
    "four scanned within fifteen seconds": ([check(n, at=at(5 * n)) for n in range(1, 5)], [], {}),
    "four typed in sixteen seconds": (
        [check(n, method="code", at=at(n if n < 4 else 17)) for n in range(1, 5)], [], {},
    ),
    "one person types four times": ([check(n, 1, method="code") for n in range(1, 5)], [], {}),
    "two signs at once": (
        [check(1, phone_at=at(minutes=99), arrived_at=at(minutes=999))], [], {1: "clock late"},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("checks", "others", "expected"), CASES.values(), ids=CASES)
def test_signs(checks, others, expected):
    found = signs_of(reversed(checks), others, LIMITS)
    assert {n: " ".join(sign.kind for sign in signs) for n, signs in found.items()} == expected


def test_a_sign_carries_its_facts():
    found = signs_of(
        [check(1, device="a"), check(2, device="a", phone_at=at(minutes=30))],
        [elsewhere(-20)], LIMITS,
    )  # fmt: skip
    device, places = found[1]
    assert device.people == (1, 2)
    assert (places.apart, places.elsewhere.venue) == (timedelta(minutes=20), "别处")
    assert found[2][1].apart == timedelta(minutes=30)
