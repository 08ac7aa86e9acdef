"""The witness: believes growth only, and nothing that its key has not signed."""

import json

import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from certificates.keeping.cli import keys as keys_commands
from certificates.log import notes, tree
from certificates.log.audit import faults
from certificates.log.witness import Memory, Refused, look, witness_command
from lms.core.signing import log_ring
from tests.factories.certificates import issue_now, skill_request

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
ORIGIN = "training.example.cn/log"
KNOWN = notes.Verifier(ORIGIN, KEY.public_key())


class Log:
    """A log that may lie."""

    def __init__(self, *leaves, key=KEY, origin=ORIGIN):
        self.leaves = [tree.leaf_hash(leaf.encode()) for leaf in leaves]
        self.key, self.origin = key, origin

    def __call__(self, path):
        if path == "/log/checkpoint":
            checkpoint = notes.Checkpoint(self.origin, len(self.leaves), tree.root_of(self.leaves))
            signer = notes.Verifier(self.origin, self.key.public_key())
            return notes.signed_text(checkpoint.text, [(signer, self.key.sign)]).encode()
        if path == "/log/successors":
            return b'{"successors": []}'
        first, second = (int(part.split("=")[1]) for part in path.split("?")[1].split("&"))
        held, growing = {}, tree.Growing()
        for leaf in self.leaves:
            held |= dict(growing.append(leaf))
        proof = [tree.folded(run, held).hex() for run in tree.consistency_runs(first, second)]
        body = {"consistency": [notes.b64encode(bytes.fromhex(step)).decode() for step in proof]}
        return json.dumps(body).encode()


@pytest.fixture
def memory(tmp_path):
    return Memory(tmp_path / "seen.jsonl")


def test_growth_is_believed_and_remembered(memory):
    assert look(Log("a", "b", "c"), KNOWN, memory, "monday") == ("first", 0, 3)
    assert look(Log("a", "b", "c"), KNOWN, memory, "tuesday") == ("same", 3, 3)
    assert look(Log("a", "b", "c", "d", "e"), KNOWN, memory, "friday") == ("grown", 3, 5)
    assert memory.newest(KNOWN).at == "friday"


@pytest.mark.parametrize(
    ("log", "word"),
    [
        (Log("a", "b"), "ROLLBACK"),
        (Log("a", "b", "x"), "FORK"),
        (Log("a", "x", "c", "d"), "FORK"),
        (Log("x", "a", "b", "c", "d", "e", "f", "g"), "FORK"),
        (Log("a", "b", "c", "d", key=Ed25519PrivateKey.generate()), "not signed"),
        (Log("a", "b", "c", "d", origin="other.example.cn/log"), "not signed"),
    ],
)
def test_rollback_fork_and_a_strange_key_are_refused_and_not_remembered(memory, log, word):
    look(Log("a", "b", "c"), KNOWN, memory, "monday")
    with pytest.raises(Refused, match=word):
        look(log, KNOWN, memory, "tuesday")
    assert memory.newest(KNOWN).checkpoint.size == 3
    assert look(Log("a", "b", "c", "d"), KNOWN, memory, "friday") == ("grown", 3, 4)


def test_a_memory_that_was_tampered_with_is_said_to_be(memory):
    look(Log("a", "b", "c"), KNOWN, memory, "monday")
    memory.path.write_text(memory.path.read_text("utf-8").replace("\\n3\\n", "\\n2\\n"), "utf-8")
    with pytest.raises(Refused, match="does not hold"):
        look(Log("a", "b", "c"), KNOWN, memory, "tuesday")


def test_malformed_proofs_are_refused(memory):
    log = Log("a", "b", "c", "d")
    look(Log("a", "b", "c"), KNOWN, memory, "monday")
    for body in (b"", b"[]", b"{}", b'{"consistency": [1]}', b'{"consistency": ["?"]}'):
        with pytest.raises(Refused):
            look(lambda path, b=body: log(path) if "checkpoint" in path else b, KNOWN, memory, "t")


def test_the_site_itself_is_believed_as_it_grows(site, visitor, cast, memory):
    def fetch(path):
        answer = visitor.get(path)
        assert answer.status_code == 200, path
        return answer.data

    known = notes.verifier(visitor.get("/log/key").text)
    with site.app.app_context():
        issue_now(skill_request(cast.wang, cast.base))
    assert look(fetch, known, memory, "monday") == ("first", 0, 1)
    with site.app.app_context():
        for _ in range(6):
            issue_now(skill_request(cast.wang, cast.base))
    assert look(fetch, known, memory, "tuesday") == ("grown", 1, 7)


def test_the_command_says_what_is_wrong_with_its_words(tmp_path):
    run = CliRunner().invoke
    memory = ["--memory", str(tmp_path / "seen")]
    assert run(witness_command, ["ftp://x", "--key", KNOWN.text, *memory]).exit_code == 2
    assert run(witness_command, ["http://127.0.0.1:9", "--key", "nonsense", *memory]).exit_code == 2
    silent = run(witness_command, ["http://127.0.0.1:9", "--key", KNOWN.text, *memory])
    assert silent.exit_code == 3
    assert "no answer" in silent.output


NEXT = Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33)))
AFTER = notes.Verifier(ORIGIN, NEXT.public_key())


def word(following=AFTER, by=KEY, name=KNOWN):
    """``by`` names the key that follows it."""
    return notes.signed_text(notes.successor_text(following), [(name, by.sign)])


class Handover(Log):
    """A log whose key changes: ``keys`` sign, ``said`` are its words on successors."""

    def __init__(self, *leaves, keys, said=()):
        super().__init__(*leaves)
        self.keys, self.said = keys, said

    def __call__(self, path):
        if path == "/log/successors":
            return json.dumps({"successors": list(self.said)}).encode()
        if path != "/log/checkpoint":
            return super().__call__(path)
        checkpoint = notes.Checkpoint(self.origin, len(self.leaves), tree.root_of(self.leaves))
        signers = [(notes.Verifier(ORIGIN, key.public_key()), key.sign) for key in self.keys]
        return notes.signed_text(checkpoint.text, signers).encode()


def test_a_named_successor_is_believed_in_the_overlap_and_after_it(memory):
    look(Log("a"), KNOWN, memory, "monday")
    both = Handover("a", "b", keys=[KEY, NEXT], said=[word()])
    assert look(both, KNOWN, memory, "tuesday") == ("grown", 1, 2)
    alone = Handover("a", "b", "c", keys=[NEXT])  # what was said is remembered
    assert look(alone, KNOWN, memory, "friday") == ("grown", 2, 3)
    assert look(alone, AFTER, memory, "sunday") == ("same", 3, 3)  # the new key given
    assert memory.read(KNOWN)[1] == AFTER
    back = Handover("a", "b", "c", "d", keys=[KEY])  # the old key has nothing to say any more
    with pytest.raises(Refused, match="not signed"):
        look(back, KNOWN, memory, "monday")


def test_a_witness_that_slept_through_the_overlap_follows_the_chain(memory):
    third = Ed25519PrivateKey.from_private_bytes(bytes(range(2, 34)))
    last = notes.Verifier(ORIGIN, third.public_key())
    look(Log("a"), KNOWN, memory, "monday")
    log = Handover("a", "b", keys=[third], said=[word(), word(last, NEXT, AFTER)])
    assert look(log, KNOWN, memory, "much later") == ("grown", 1, 2)
    assert memory.read(KNOWN)[1] == last


@pytest.mark.parametrize(
    "said",
    [
        [],
        [word(by=NEXT, name=AFTER)],  # it names itself
        [word(by=NEXT)],  # under the old key's name, by another key
        [word().replace("successor", "witness")],
        [word(notes.Verifier("other.example.cn/log", NEXT.public_key()))],
        ["nonsense", None],
    ],
)
def test_a_successor_that_the_known_key_did_not_name_is_refused(memory, said):
    look(Log("a"), KNOWN, memory, "monday")
    with pytest.raises(Refused, match="not signed"):
        look(Handover("a", "b", keys=[NEXT], said=said), KNOWN, memory, "tuesday")
    assert memory.read(KNOWN)[1] == KNOWN


def test_a_fork_is_refused_by_whatever_key(memory):
    look(Log("a", "b"), KNOWN, memory, "monday")
    with pytest.raises(Refused, match="FORK"):
        look(Handover("a", "x", "c", keys=[NEXT], said=[word()]), KNOWN, memory, "tuesday")


def test_a_forged_word_in_the_memory_is_noticed(memory):
    look(Log("a"), KNOWN, memory, "monday")
    memory.add_successor(word(by=NEXT), "tuesday")
    with pytest.raises(Refused, match="does not hold"):
        look(Log("a"), KNOWN, memory, "friday")


def test_the_sites_own_log_changes_its_key_under_a_witness(site, visitor, cast, memory):
    def fetch(path):
        answer = visitor.get(path)
        assert answer.status_code == 200, path
        return answer.data

    def run(*arguments):
        with site.app.app_context():
            return CliRunner().invoke(keys_commands, list(arguments))

    def issue():
        with site.app.app_context():
            issue_now(skill_request(cast.wang, cast.base))

    given = notes.verifier(visitor.get("/log/key").text)
    with site.app.app_context():
        old = log_ring().current
    issue()
    assert look(fetch, given, memory, "monday") == ("first", 0, 1)
    refused = run("retire", old, "--ring", "log")
    assert "named no successor" in refused.output
    assert run("announce", "--ring", "log", "--hours", "24").exit_code == 0
    assert "announced already" in run("announce", "--ring", "log").output
    issue()  # announced: only the old one signs
    assert len(notes.signers_of(fetch("/log/checkpoint").decode())) == 1
    assert run("rotate", "--ring", "log").exit_code == 0
    issue()
    assert len(notes.signers_of(fetch("/log/checkpoint").decode())) == 2
    assert look(fetch, given, memory, "tuesday") == ("grown", 1, 3)
    listed = run("list").output
    assert listed.count("log  signs now") == 2
    assert run("retire", old, "--ring", "log", "--destroy").exit_code == 0
    issue()
    following = notes.verifier(visitor.get("/log/key").text)
    assert following != given
    assert look(fetch, given, memory, "friday") == ("grown", 3, 4)
    assert memory.read(given)[1] == following
    fresh = Memory(memory.path.with_name("fresh.jsonl"))  # one that slept through all of it
    fresh.add(json.loads(memory.path.read_text("utf-8").splitlines()[0])["note"], "monday")
    assert look(fetch, given, fresh, "friday") == ("grown", 1, 4)
    with site.app.app_context():
        assert list(faults()) == []
    assert "0 faults" in run("check").output
