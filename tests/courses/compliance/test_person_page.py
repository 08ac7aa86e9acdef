"""One person's duty as HR and officers see it: every year it offers can be opened."""

import re

YEARS = re.compile(r'href="(/flags/\d+\?year=\d{4})"')


def offered(client, address: str) -> set[str]:
    """The years a page offers."""
    return set(YEARS.findall(client.get(address).text))


def test_a_page_offers_only_years_that_open(cast, sign_in):
    for who in (cast.li, cast.county):
        client = sign_in(who)
        todo, seen = {f"/flags/{cast.wang}?year=2026"}, set()
        while todo:
            address = todo.pop()
            seen.add(address)
            assert client.get(address).status_code == 200, address
            todo |= offered(client, address) - seen
        # She came in March 2024.
        assert {address[-4:] for address in seen} == {"2024", "2025", "2026"}
