"""The signer process: who may ask, for what, how often; away means refused, never unsigned."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import threading
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

import pytest

from lms.core import clock
from lms.core.config import SigningSettings
from lms.core.keys.folder import RINGS, KeyFolder, held
from lms.core.keys.journal import Journal, journal_file, read_journal
from lms.core.keys.purposes import BadPurpose, KeyGone
from lms.core.keys.server import Pace, SignerServer
from lms.core.keys.signers import FolderSigner
from lms.core.keys.wire import HEAD, LONGEST, SignerAway, SignerBusy, SocketSigner, packed
from lms.signer import signer_beside

ME = (os.getuid(),)
PURPOSE = "lms.certificate/1"


@contextmanager
def serving(keys: Path, path: Path, uids=ME, pace=1000) -> Iterator[SocketSigner]:
    """A signer in a thread."""
    signer, ready = FolderSigner(keys), threading.Event()
    for name in RINGS:
        signer.ring(name)
    stop = []

    async def work() -> None:
        ended = asyncio.Event()
        stop.append((asyncio.get_running_loop(), ended))
        server = SignerServer(signer, Journal(journal_file(keys)), Pace(pace), frozenset(uids))
        ready.set()
        await server.serve(path, ended)

    thread = threading.Thread(target=lambda: asyncio.run(work()))
    thread.start()
    ready.wait()
    asking = SocketSigner(path)
    while not path.exists():
        thread.join(0.01)
    try:
        yield asking
    finally:
        loop, ended = stop[0]
        loop.call_soon_threadsafe(ended.set)
        asking.hang_up()
        thread.join()


@pytest.fixture
def keys(tmp_path):
    return tmp_path / "keys"


def test_what_it_signs_verifies_with_public_keys_alone_and_is_written_down(keys, tmp_path):
    with serving(keys, tmp_path / "s") as asking:
        kid, signature = asking.sign(PURPOSE, b"facts")
    assert held(keys, "signing").get().verify(PURPOSE, kid, signature, b"facts")
    (line,) = read_journal(journal_file(keys))
    told = (line.purpose, line.digest, line.kid, line.uid)
    assert told == (PURPOSE, sha256(b"facts").hexdigest(), kid, os.getuid())


def test_an_address_longer_than_sockets_allow_works_too(keys, tmp_path):
    folder = tmp_path / ("d" * 60) / ("e" * 60)
    with serving(keys, folder / "socket") as asking:
        assert asking.is_there()
        assert asking.sign(PURPOSE, b"x")


def test_another_user_is_turned_away(keys, tmp_path):
    with serving(keys, tmp_path / "s", uids=(os.getuid() + 1,)) as asking:
        with pytest.raises(SignerAway):
            asking.sign(PURPOSE, b"facts")
        assert not asking.is_there()
    assert list(read_journal(journal_file(keys))) == []


def test_the_signer_itself_refuses_other_purposes(keys, tmp_path):
    with serving(keys, tmp_path / "s") as asking:
        for purpose in ("lms.root/1", "checkpoint"):
            with pytest.raises(BadPurpose):
                asking.sign(purpose, b"x")
            body = {"purpose": purpose, "message": b64encode(b"x").decode()}
            assert asking.ask(body) == {"error": "purpose"}
    assert list(read_journal(journal_file(keys))) == []


@pytest.mark.parametrize(
    "body", [b"{", b"[]", b"{}", b'{"purpose":"jwt","message":"*"}', b"[" * 50_000]
)
def test_nonsense_is_answered_as_such_and_the_next_is_served(keys, tmp_path, body):
    with serving(keys, tmp_path / "s") as asking:
        with socket.socket(socket.AF_UNIX) as raw:
            raw.connect(str(tmp_path / "s"))
            raw.sendall(HEAD.pack(len(body)) + body)
            assert json.loads(raw.recv(200)[HEAD.size :]) == {"error": "frame"}
            raw.sendall(packed({"ping": True}))
            assert json.loads(raw.recv(200)[HEAD.size :]) == {"pid": os.getpid()}
            raw.sendall(HEAD.pack(LONGEST + 1))
            assert raw.recv(1) == b""
        assert asking.is_there()


def test_more_than_the_pace_is_refused(keys, tmp_path):
    with serving(keys, tmp_path / "s", pace=3) as asking:
        for n in range(3):
            asking.sign(PURPOSE, b"%d" % n)
        with pytest.raises(SignerBusy):
            asking.sign(PURPOSE, b"3")
    assert len(list(read_journal(journal_file(keys)))) == 3


def test_the_pace_comes_back_with_time():
    pace = Pace(60)
    assert [pace.admits(0.0) for _ in range(61)].count(True) == 60
    assert pace.admits(1.5)
    assert not pace.admits(1.6)


def test_an_absent_signer_is_said_to_be_away_and_one_that_came_back_is_found(keys, tmp_path):
    asking = SocketSigner(tmp_path / "s")
    with pytest.raises(SignerAway):
        asking.sign(PURPOSE, b"x")
    for message in (b"x", b"y"):  # the second time on a connection that has died meanwhile
        with serving(keys, tmp_path / "s"):
            assert asking.sign(PURPOSE, message)
    with pytest.raises(SignerAway):
        asking.sign(PURPOSE, b"z")


def test_a_process_beside_signs_and_comes_back_when_it_is_killed(keys, tmp_path, monkeypatch):
    monkeypatch.setenv("LMS_INSTANCE", str(tmp_path))
    settings = SigningSettings("beside", keys, tmp_path / "signer" / "socket")
    with signer_beside(settings) as beside:
        assert beside.mode == "outside"
        asking = SocketSigner(beside.socket)
        asking.sign(PURPOSE, b"one")
        os.kill(asking.ask({"ping": True})["pid"], 9)
        asking.wait_for(30)
        asking.sign(PURPOSE, b"two")
        asking.hang_up()
    assert not asking.is_there()
    assert len(list(read_journal(journal_file(keys)))) == 2


def test_an_earlier_key_signs_again_when_asked_and_a_stolen_one_never(keys, tmp_path):
    with serving(keys, tmp_path / "s") as asking:
        folder, now = KeyFolder(keys, "signing"), clock.now()
        old, signature = asking.sign("lms.fact/1", b"x")
        new = folder.rotate(now).kid
        assert asking.sign("lms.fact/1", b"x", old) == (old, signature)
        assert asking.sign("lms.fact/1", b"x")[0] == new
        folder.compromised(old, now, now)
        for kid in (old, "0" * 16):
            with pytest.raises(KeyGone):
                asking.sign("lms.fact/1", b"x", kid)
