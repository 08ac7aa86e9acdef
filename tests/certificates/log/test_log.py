"""The register's log: complete, published, provable, and a change of the database shows."""

from base64 import b64decode, b64encode
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from certificates.jobs import log_missing
from certificates.log import notes, tree
from certificates.log.audit import faults
from certificates.log.models import LogCheckpoint, LogLeaf
from certificates.log.operations import verifier
from certificates.models import CertificateEvent
from certificates.operations import revoke
from lms.core.access import SYSTEM
from lms.core.db import db, session
from lms.core.uow import unit_of_work
from tests.factories.certificates import NOW, issue_now, skill_request

JSON = {"Accept": "application/json"}


@pytest.fixture
def issued(site, cast):
    with site.app.app_context():
        return [issue_now(skill_request(cast.wang, cast.base)) for _ in range(5)]


def revoked(site, issued):
    with site.app.app_context(), unit_of_work():
        revoke(issued.certificate_id, "成绩造假，查实", SYSTEM, NOW)


def untriggered(statement):
    """What somebody with the database's own password can do."""
    session().rollback()
    raw = db.engine.raw_connection()
    cursor = raw.cursor()
    if db.engine.dialect.name == "sqlite":
        cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        for (name,) in cursor.fetchall():
            cursor.execute(f'DROP TRIGGER "{name}"')
        cursor.execute("PRAGMA foreign_keys = OFF")
    else:
        cursor.execute("SET session_replication_role = replica")
    cursor.execute(statement)
    raw.commit()
    raw.detach()
    raw.close()


def test_every_event_has_its_leaf_and_every_size_its_checkpoint(app, cast):
    issued = [issue_now(skill_request(cast.wang, cast.base)) for _ in range(3)]
    with unit_of_work():
        revoke(issued[1].certificate_id, "成绩造假，查实", SYSTEM, NOW)
    leaves = session().scalars(select(LogLeaf).order_by(LogLeaf.place)).all()
    events = session().scalars(select(CertificateEvent.id).order_by(CertificateEvent.id)).all()
    assert [leaf.event_id for leaf in leaves] == list(events)
    assert [leaf.place for leaf in leaves] == [0, 1, 2, 3]
    newest = session().scalars(select(LogCheckpoint).order_by(LogCheckpoint.size)).all()[-1]
    root = tree.root_of(tree.leaf_hash(leaf.data.encode()) for leaf in leaves)
    assert notes.opened(newest.note, verifier()) == notes.Checkpoint("127.0.0.1:8000/log", 4, root)
    assert list(faults()) == []


def test_a_leaf_names_nobody(app, cast):
    issued = issue_now(skill_request(cast.wang, cast.base))
    data = session().scalars(select(LogLeaf.data)).one()
    for secret in ("王桂兰", "王", issued.code, issued.number, "140105"):
        assert secret not in data


def test_anybody_can_check_the_answer_with_nothing_but_the_key(site, visitor, issued):
    body = visitor.get(f"/v/{issued[2].code}", headers=JSON).json["log"]
    known = notes.verifier(visitor.get("/log/key").text)
    checkpoint = notes.opened(body["checkpoint"], known)
    path = [b64decode(step) for step in body["audit_path"]]
    leaf = tree.leaf_hash(body["leaf"].encode())
    assert checkpoint.size == body["tree_size"] == 5
    assert tree.is_included(leaf, body["leaf_index"], checkpoint.size, path, checkpoint.root)
    bent = tree.leaf_hash(body["leaf"].replace("issued", "revoked").encode())
    assert not tree.is_included(bent, body["leaf_index"], checkpoint.size, path, checkpoint.root)


def test_the_page_shows_the_place_in_the_log(visitor, issued):
    page = visitor.get(f"/v/{issued[4].code}").text
    assert "登记日志" in page
    assert "5 / 5" in page


def test_tiles_and_proofs_rebuild_the_signed_root(site, visitor, issued):
    revoked(site, issued[0])
    known = notes.verifier(visitor.get("/log/key").text)
    checkpoint = notes.opened(visitor.get("/log/checkpoint").text, known)
    assert checkpoint.size == 6
    hashes = visitor.get("/log/tile/0/000.p/6").data
    leaves = [hashes[n : n + 32] for n in range(0, len(hashes), 32)]
    assert tree.root_of(leaves) == checkpoint.root
    bundle, entries = visitor.get("/log/tile/entries/000.p/6").data, []
    while bundle:
        length = int.from_bytes(bundle[:2], "big")
        entries.append(bundle[2 : 2 + length])
        bundle = bundle[2 + length :]
    assert [tree.leaf_hash(entry) for entry in entries] == leaves
    for first in range(1, 7):
        asked = visitor.get(f"/log/v1/get-sth-consistency?first={first}&second=6").json
        path = [b64decode(step) for step in asked["consistency"]]
        roots = (tree.root_of(leaves[:first]), checkpoint.root)
        assert tree.is_consistent((first, 6), roots, path)
    for place, leaf in enumerate(leaves):
        asked = visitor.get(
            "/log/v1/get-proof-by-hash",
            query_string={"hash": b64encode(leaf).decode(), "tree_size": 6},
        ).json
        path = [b64decode(step) for step in asked["audit_path"]]
        assert asked["leaf_index"] == place
        assert tree.is_included(leaf, place, 6, path, checkpoint.root)


@pytest.mark.parametrize(
    "path",
    [
        "tile/0/000", "tile/0/000.p/9", "tile/0/001.p/1", "tile/1/000.p/1", "tile/9/000.p/1",
        "tile/0/zzz", "tile/entries/000", "tile/entries/000.p/9", "tile/entries/zzz",
        "v1/get-sth-consistency?first=0&second=5", "v1/get-sth-consistency?first=5&second=9",
        "v1/get-sth-consistency", "v1/get-proof-by-hash?hash=AAAA&tree_size=5",
        "v1/get-proof-by-hash?hash=%ff&tree_size=5", "v1/get-proof-by-hash",
    ],
)  # fmt: skip
def test_what_the_log_does_not_hold_is_not_found(visitor, issued, path):
    assert visitor.get(f"/log/{path}").status_code == 404


def test_an_empty_log_has_a_key_and_no_checkpoint(visitor):
    assert visitor.get("/log/checkpoint").status_code == 404
    assert notes.verifier(visitor.get("/log/key").text).name == "127.0.0.1:8000/log"


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM certificate_event WHERE kind = 'revoked'",
        "UPDATE certificate_event SET kind = 'reprinted' WHERE kind = 'revoked'",
        "UPDATE certificate_event SET reason = '误操作' WHERE kind = 'revoked'",
        "UPDATE certificate_event SET actor_id = 7 WHERE kind = 'revoked'",
        "UPDATE log_leaf SET data = replace(data, 'revoked', 'reprinted') WHERE place = 5",
    ],
)
def test_a_revocation_cannot_be_taken_back_quietly(site, visitor, issued, change):
    revoked(site, issued[0])
    assert visitor.get(f"/v/{issued[0].code}", headers=JSON).json["status"] == "revoked"
    with site.app.app_context():
        untriggered(change)
    assert visitor.get(f"/v/{issued[0].code}", headers=JSON).json["status"] == "damaged"


def test_a_changed_tree_is_seen_by_whoever_draws_an_answer_from_it(site, visitor, issued):
    """An answer that was drawn before the change is still true; see ``certificates.express``."""
    revoked(site, issued[0])
    with site.app.app_context():
        untriggered(
            "UPDATE log_node SET hash = (SELECT hash FROM log_node WHERE level = 2) WHERE level = 0"
        )
    assert visitor.get(f"/v/{issued[0].code}", headers=JSON).json["status"] == "damaged"


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM certificate_event WHERE kind = 'revoked'",
        "UPDATE certificate_event SET reason = '误操作' WHERE kind = 'revoked'",
        "DELETE FROM log_leaf WHERE place = 2",
        "DELETE FROM log_leaf WHERE place = 5",
        "UPDATE log_leaf SET data = replace(data, 'revoked', 'reprinted') WHERE place = 5",
        "UPDATE log_checkpoint SET note = replace(note, '\n3\n', '\n4\n') WHERE size = 3",
    ],
)
def test_the_whole_check_finds_every_change(site, cast, issued, change):
    revoked(site, issued[0])
    with site.app.app_context():
        assert list(faults()) == []
        untriggered(change)
        assert list(faults()) != []


def test_what_came_in_bulk_is_logged_later_and_once(app, cast):
    issued = issue_now(skill_request(cast.wang, cast.base))
    with unit_of_work():
        session().add_all(
            CertificateEvent(
                certificate_id=issued.certificate_id, kind="reprinted", at=NOW, actor_id=0
            )
            for _ in range(3)
        )
    assert list(faults()) != []
    assert log_missing() == 3
    assert log_missing() == 0
    assert list(faults()) == []


def test_twenty_at_once_take_twenty_places(site, cast):
    def one(_n):
        with site.app.app_context():
            issued = issue_now(skill_request(cast.wang, cast.base))
            db.session.remove()
            return issued

    with ThreadPoolExecutor(6) as pool:
        assert len({issued.number for issued in pool.map(one, range(20))}) == 20
    with site.app.app_context():
        assert session().scalars(select(LogLeaf.place).order_by(LogLeaf.place)).all() == list(
            range(20)
        )
        assert list(faults()) == []
