"""Keys in a security module: made, listed, rotated, signing and verified, never leaving it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pkcs11
import pytest
from click.testing import CliRunner
from pkcs11 import Attribute, ObjectClass

from certificates.keeping.cli import keys as keys_group
from certificates.verification import verify
from lms.core import clock
from lms.core.config import SettingError, SigningSettings, load_signing_settings
from lms.core.errors import Conflict, Unavailable
from lms.core.keys.folder import KeyFolder, held
from lms.core.keys.module import Token, TokenSafe
from lms.core.keys.purposes import KeyGone
from lms.core.keys.signers import FolderSigner
from lms.core.keys.wire import SocketSigner
from lms.core.signing import init_signing
from lms.signer import signer_beside
from tests.factories import hsm
from tests.factories.certificates import issue_now, skill_request

PURPOSE = "lms.certificate/1"


@pytest.fixture(scope="session")
def shelf(tmp_path_factory):
    return tmp_path_factory.mktemp("hsm")


@pytest.fixture
def module(shelf):
    return hsm.token(shelf)


def pems(keys):
    return [path.name for path in keys.glob("*/*.pem")]


def test_the_first_key_is_made_in_the_module_and_signs(module, tmp_path):
    signer = FolderSigner(tmp_path, module)
    kid, signature = signer.sign(PURPOSE, b"facts")
    ring = held(tmp_path, "signing").get()
    assert ring.verify(PURPOSE, kid, signature, b"facts")
    assert not ring.verify(PURPOSE, kid, signature, b"other facts")
    assert pems(tmp_path) == []
    assert TokenSafe(module, "signing").serials() == [1]
    assert TokenSafe(module, "log").serials() == []


def test_the_private_half_cannot_be_read_out(module, tmp_path):
    KeyFolder(tmp_path, "signing", module).ensure()

    def read_out(session):
        (key,) = session.get_objects({Attribute.CLASS: ObjectClass.PRIVATE_KEY})
        assert key[Attribute.EXTRACTABLE] is False
        with pytest.raises(pkcs11.PKCS11Error):
            key[Attribute.VALUE]
        return True

    assert Token.of(module).ask(read_out)


def test_keys_rotate_in_the_module_and_the_old_ones_verify_and_may_still_sign(module, tmp_path):
    folder, signer = KeyFolder(tmp_path, "signing", module), FolderSigner(tmp_path, module)
    first, old = signer.sign(PURPOSE, b"facts")
    second = folder.rotate(clock.now()).kid
    assert signer.sign(PURPOSE, b"facts")[0] == second
    assert signer.sign(PURPOSE, b"facts", first) == (first, old)
    ring = held(tmp_path, "signing").get()
    assert ring.verify(PURPOSE, first, old, b"facts")
    assert TokenSafe(module, "signing").serials() == [1, 2]
    with pytest.raises(Conflict):
        folder.destroy(first)
    folder.retire(first, clock.now())
    folder.destroy(first)
    assert TokenSafe(module, "signing").serials() == [2]
    with pytest.raises(KeyGone):
        FolderSigner(tmp_path, module).sign(PURPOSE, b"facts", first)
    assert held(tmp_path, "signing").get().verify(PURPOSE, first, old, b"facts")


def test_an_installation_with_keys_in_files_moves_by_rotating(module, tmp_path):
    first, _old = FolderSigner(tmp_path).sign(PURPOSE, b"facts")
    signer = FolderSigner(tmp_path, module)
    assert signer.sign(PURPOSE, b"facts")[0] == first
    second = KeyFolder(tmp_path, "signing", module).rotate(clock.now()).kid
    assert signer.sign(PURPOSE, b"facts")[0] == second != first
    assert pems(tmp_path) == ["0001.pem"]
    assert TokenSafe(module, "signing").serials() == [2]


@pytest.mark.parametrize("wrong", ["token", "pin", "library", "no pin"])
def test_without_the_module_its_token_or_its_pin_nothing_is_signed(
    module, tmp_path, wrong, monkeypatch
):
    FolderSigner(tmp_path, module).sign(PURPOSE, b"facts")
    bad = tmp_path / "bad"
    if wrong == "pin":
        bad.write_text("0000-0000")
    changed = {
        "token": {"token": "nobody"},
        "pin": {"pin_file": bad},
        "library": {"library": tmp_path / "nothing.so"},
        "no pin": {"pin_file": tmp_path / "nothing"},
    }
    with pytest.raises(Unavailable):
        FolderSigner(tmp_path, replace(module, **changed[wrong])).sign(PURPOSE, b"facts")


def test_a_session_that_has_gone_is_opened_again(module, tmp_path):
    signer = FolderSigner(tmp_path, module)
    kid, signature = signer.sign(PURPOSE, b"facts")
    pkcs11.lib(str(hsm.library())).reinitialize()  # as when the token was taken out and put back
    assert signer.sign(PURPOSE, b"facts") == (kid, signature)


def test_the_signer_process_signs_with_the_module_and_notices_a_rotation(
    module, tmp_path, monkeypatch
):
    monkeypatch.setenv("LMS_SIGNER_MODULE", str(module.library))
    monkeypatch.setenv("LMS_SIGNER_TOKEN", module.token)
    monkeypatch.setenv("LMS_SIGNER_PIN_FILE", str(module.pin_file))
    keys, path = tmp_path / "keys", tmp_path / "signer" / "socket"
    with signer_beside(SigningSettings("beside", keys, path)):
        asking = SocketSigner(path)
        first, signature = asking.sign(PURPOSE, b"facts")
        assert held(keys, "signing").get().verify(PURPOSE, first, signature, b"facts")
        second = KeyFolder(keys, "signing", module).rotate(datetime.now(UTC)).kid
        kid, signature = asking.sign(PURPOSE, b"facts")
        asking.hang_up()
    assert kid == second
    assert held(keys, "signing").get().verify(PURPOSE, kid, signature, b"facts")
    assert pems(keys) == []


def test_the_commands_list_rotate_and_check_keys_in_the_module(site, cast, module):
    settings = site.app.extensions["settings"]
    signing = replace(settings.signing, module=module)
    site.app.extensions["settings"] = replace(settings, signing=signing)
    init_signing(site.app, signing)

    def run(args):
        with site.app.app_context():
            return CliRunner().invoke(keys_group, args[1:])

    said = run(args=["keys", "rotate"])
    assert said.exit_code == 0, said.output
    kid = said.output.split()[0]
    with site.app.app_context():
        issued = issue_now(skill_request(cast.wang, cast.base), now=clock.now())
        assert verify(issued.code, clock.now()).status == "valid"
    assert TokenSafe(module, "signing").serials() == [2]
    assert f"{kid}  signing  signs now" in run(args=["keys", "list"]).output
    assert "0 faults" in run(args=["keys", "check"]).output
    safe = TokenSafe(module, "signing")
    safe.destroy(2)
    assert f"signing {kid}: the private half is missing" in run(args=["keys", "check"]).output


def test_the_settings_need_a_pin_file():
    with pytest.raises(SettingError, match="LMS_SIGNER_PIN_FILE"):
        load_signing_settings({"LMS_SIGNER_MODULE": "/usr/lib/x.so"})
    found = load_signing_settings(
        {"LMS_SIGNER_MODULE": "/usr/lib/x.so", "LMS_SIGNER_PIN_FILE": "/srv/pin"}
    )
    assert (str(found.module.library), found.module.token) == ("/usr/lib/x.so", "lms")
    assert load_signing_settings({}).module is None
