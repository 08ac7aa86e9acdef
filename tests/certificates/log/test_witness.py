"""The witness: believes growth only, and nothing that its key has not signed."""

import json

import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from certificates.log import notes, tree
from certificates.log.witness import Memory, Refused, look, witness_command
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
            return notes.signed(checkpoint, self.key.public_key(), self.key.sign).encode()
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
