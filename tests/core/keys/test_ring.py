"""Rings: announced before they sign, overlapping, retired, stolen; all of them verify for ever."""

from __future__ import annotations

import stat
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from lms.core.errors import Conflict, NotFound
from lms.core.files import write_private
from lms.core.keys.folder import KeyFolder, held
from lms.core.keys.rings import dump, parse
from lms.core.keys.signers import FolderSigner

NOW = datetime(2026, 11, 25, 8, tzinfo=UTC)
DAY = timedelta(days=1)
PURPOSE = "lms.certificate/1"


@pytest.fixture
def folder(tmp_path):
    with time_machine.travel(NOW - DAY, tick=False):
        made = KeyFolder(tmp_path, "signing")
        made.ensure()
    return made


def test_an_announced_key_is_published_before_it_signs(tmp_path, folder):
    (first,) = folder.read().keys
    second = folder.announce(first.active_from, first.active_from + 2 * DAY)
    ring = held(tmp_path, "signing").get()
    assert ring.public_key(second.kid) is not None
    assert ring.signing_at(first.active_from + DAY) == first
    assert ring.signing_at(first.active_from + 2 * DAY) == second


def test_rotating_takes_the_announced_key_and_else_makes_one(folder):
    now = folder.read().keys[0].active_from + DAY
    waiting = folder.announce(now, now + 7 * DAY)
    assert folder.rotate(now).kid == waiting.kid
    assert folder.rotate(now + DAY).serial == 3
    assert len(folder.read().keys) == 3


def test_old_signatures_verify_after_any_number_of_rotations(tmp_path):
    signer, signed = FolderSigner(tmp_path), []
    for n in range(4):
        message = str(n).encode()
        signed.append((message, *signer.sign(PURPOSE, message)))
        KeyFolder(tmp_path, "signing").rotate(datetime.now(UTC))
    ring = held(tmp_path, "signing").get()
    assert len({kid for _message, kid, _signature in signed}) == 4
    for message, kid, signature in signed:
        assert ring.verify(PURPOSE, kid, signature, message)
        assert not ring.verify(PURPOSE, kid, signature, message + b"x")
        assert not ring.verify("lms.fact/1", kid, signature, message)
        assert not ring.verify(PURPOSE, "0" * 16, signature, message)


def test_a_retired_key_verifies_and_its_private_half_may_go(tmp_path, folder):
    signer = FolderSigner(tmp_path)
    kid, signature = signer.sign(PURPOSE, b"one")
    now = datetime.now(UTC)
    with pytest.raises(Conflict):
        folder.retire(kid, now)  # the only one
    folder.rotate(now)
    with pytest.raises(Conflict):
        folder.destroy(kid)  # not retired yet
    folder.retire(kid, now)
    folder.destroy(kid)
    assert held(tmp_path, "signing").get().verify(PURPOSE, kid, signature, b"one")
    with pytest.raises(NotFound):
        folder.private_key(1)


def test_a_stolen_key_signs_no_more_and_the_theft_never_moves_later(folder):
    (first,) = folder.read().keys
    now = first.active_from + 10 * DAY
    with pytest.raises(Conflict):
        folder.compromised(first.kid, now - DAY, now)
    folder.rotate(now)
    folder.compromised(first.kid, now - 2 * DAY, now)
    again = folder.compromised(first.kid, now - DAY, now)
    assert again.compromised_from == now - 2 * DAY
    assert folder.read().signing_at(now).kid != first.kid


def test_unknown_keys_are_named_as_such(folder):
    with pytest.raises(NotFound):
        folder.retire("0" * 16, NOW)


def test_keys_of_before_there_were_lists_are_listed(tmp_path, folder):
    old = folder.read()
    folder.rotate(old.keys[0].active_from + DAY)
    (tmp_path / "public" / "signing.json").unlink()
    found = KeyFolder(tmp_path, "signing").ensure()
    assert [key.serial for key in found.keys] == [1, 2]
    assert found.keys[0].kid == old.keys[0].kid


def test_a_changed_list_is_read_again_and_a_missing_one_is_empty(tmp_path, folder):
    ring = held(tmp_path, "signing")
    assert len(ring.get().keys) == 1
    folder.announce(NOW, NOW + DAY)
    assert len(ring.get().keys) == 2
    assert held(tmp_path, "nothing").get().current == ""


def test_private_halves_are_private_and_the_list_is_not(tmp_path, folder):
    modes = {
        path.name: stat.S_IMODE(path.stat().st_mode)
        for path in (tmp_path / "signing" / "0001.pem", tmp_path / "public" / "signing.json")
    }
    assert modes["0001.pem"] == 0o600
    assert modes["signing.json"] & 0o044
    assert b"PRIVATE" not in (tmp_path / "public" / "signing.json").read_bytes()


def test_a_list_is_read_as_it_was_written(folder):
    ring = folder.read()
    assert dump(parse(dump(ring))) == dump(ring)
    with pytest.raises(ValueError, match="without its times"):
        parse(dump(ring).replace(b'"active_from": "', b'"active_from": null, "x": "'))


def test_a_private_file_that_is_no_such_key_is_refused(tmp_path, folder):
    write_private(tmp_path / "signing" / "0001.pem", b"nonsense")
    with pytest.raises(ValueError, match="PEM"):
        folder.private_key(1)
