"""Every channel over real sockets, against receivers that check what the real ones check."""

import dataclasses
import datetime
import ipaddress
import ssl

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from lms.core import clock
from lms.core.carriers import load_carriers
from lms.core.reading import SettingError
from lms.post.channels.email import EmailChannel
from lms.post.channels.http import tls_context
from lms.post.office.checks import OfficeSecrets, Verdict
from lms.post.office.server import PostOffice
from lms.post.parcels import AGAIN, DELIVERED, REFUSED, SENT, Parcel, Receiver
from lms.post.setup import build
from lms.post.signatures import new_secret
from tests.post.world import SECRETS, environment, url_of

REF = "ab12" * 8


def parcel(address, *secrets, **more):
    fields = {
        "ref": REF, "kind": "duty.digest", "subject": "提醒", "text": "还有 3 人没有完成。",
        "url": "http://127.0.0.1/flags", "facts": {"year": 2026, "people": 3},
        "made_at": clock.now(), "locale": "zh", "receiver": Receiver(address, "某人", secrets),
        "settings_url": "http://127.0.0.1/s", "stop_url": "http://127.0.0.1/stop-mail/x", **more,
    }  # fmt: skip
    return Parcel(**fields)


def send(office, channel, made, **changed):
    room = build(load_carriers({**environment(office), **changed}), "http://127.0.0.1")
    with room.channels[channel].opened() as hand:
        return hand(made)


def test_a_webhook_is_verified_and_carries_its_number(office):
    secret = new_secret()
    office.secrets = dataclasses.replace(office.secrets, webhook=secret)
    outcome = send(office, "webhook", parcel(url_of(office), secret))
    (came,) = office.journal
    assert outcome.state == DELIVERED
    assert (came.ref, came.whom, came.fault) == (f"msg_{REF}", "duty.digest", "")
    assert came.text == "还有 3 人没有完成。"


@pytest.mark.parametrize("knows", ["old", "new"])
def test_during_the_overlap_either_secret_verifies(office, knows):
    pair = {"new": new_secret(), "old": new_secret()}
    office.secrets = dataclasses.replace(office.secrets, webhook=pair[knows])
    made = parcel(url_of(office), pair["new"], pair["old"])
    assert send(office, "webhook", made).state == DELIVERED


def test_a_receiver_with_another_secret_says_no(office):
    office.secrets = dataclasses.replace(office.secrets, webhook=new_secret())
    outcome = send(office, "webhook", parcel(url_of(office), new_secret()))
    assert (outcome.state, outcome.reason) == (AGAIN, "status-401")
    assert office.journal[0].fault == "signature"


@pytest.mark.parametrize(
    ("status", "state", "reason"),
    [
        (200, DELIVERED, ""), (204, DELIVERED, ""), (302, AGAIN, "redirect"),
        (400, AGAIN, "status-400"), (410, REFUSED, "gone"), (429, AGAIN, "status-429"),
        (500, AGAIN, "status-500"), (503, AGAIN, "status-503"),
    ],
)  # fmt: skip
def test_what_a_webhook_answers(office, status, state, reason):
    office.watch = lambda _came: Verdict(status, {})
    outcome = send(office, "webhook", parcel(url_of(office), new_secret()))
    assert (outcome.state, outcome.reason) == (state, reason)


@pytest.mark.parametrize("kind", ["wecom", "dingtalk", "feishu"])
def test_a_robot_takes_text_link_and_number(office, kind):
    secrets = [SECRETS[kind]] if kind in SECRETS else []
    outcome = send(office, kind, parcel(url_of(office, kind), *secrets))
    (came,) = office.journal
    assert outcome.state == DELIVERED
    assert (came.way, came.ref, came.fault) == (kind, REF[:8], "")
    assert came.text.splitlines()[:2] == ["还有 3 人没有完成。", "http://127.0.0.1/flags"]


@pytest.mark.parametrize(("kind", "code"), [("dingtalk", "310000"), ("feishu", "19021")])
def test_a_robot_with_another_secret_refuses_for_good(office, kind, code):
    outcome = send(office, kind, parcel(url_of(office, kind), "wrong"))
    assert (outcome.state, outcome.reason) == (REFUSED, f"code-{code}")


@pytest.mark.parametrize(
    ("kind", "answer"),
    [
        ("wecom", {"errcode": 45009}), ("dingtalk", {"errcode": 130101}),
        ("feishu", {"code": 11232}),
    ],
)  # fmt: skip
def test_a_robot_that_is_written_to_too_often_is_asked_later(office, kind, answer):
    office.watch = lambda _came: Verdict(200, answer)
    outcome = send(office, kind, parcel(url_of(office, kind)))
    assert (outcome.state, outcome.stops_here) == (AGAIN, True)


def test_an_sms_is_signed_and_carries_its_number(office):
    outcome = send(office, "sms", parcel("13800000001"))
    (came,) = office.journal
    assert outcome.state == SENT
    assert (came.ref, came.whom, came.text, came.fault) == (
        REF,
        "13800000001",
        '{"year": "2026"}',
        "",
    )


def test_an_sms_to_no_number_is_refused_and_blames_nobody(office):
    outcome = send(office, "sms", parcel("123"))
    assert (outcome.state, outcome.reason) == (REFUSED, "isv.MOBILE_NUMBER_ILLEGAL")
    assert not outcome.stops_here


def test_a_wrong_key_stops_all_sms_for_now(office):
    outcome = send(office, "sms", parcel("13800000001"), LMS_SMS_SECRET="other")
    assert (outcome.reason, outcome.stops_here) == ("SignatureDoesNotMatch", True)


def test_a_number_that_has_had_its_share_waits_alone(office):
    office.watch = lambda _came: Verdict(200, {"Code": "isv.BUSINESS_LIMIT_CONTROL"})
    outcome = send(office, "sms", parcel("13800000001"))
    assert (outcome.state, outcome.stops_here) == (AGAIN, False)


def test_a_letter_says_who_what_and_how_to_stop_it(office):
    made = parcel("wang@example.cn")
    assert send(office, "email", made).state == SENT
    (came,) = office.journal
    assert (came.way, came.ref, came.whom) == ("email", f"msg_{REF}", "wang@example.cn")
    assert came.headers["message-id"] == f"<msg_{REF}@example.cn>"
    assert came.headers["list-unsubscribe"] == "<http://127.0.0.1/stop-mail/x>"
    assert came.headers["list-unsubscribe-post"] == "List-Unsubscribe=One-Click"
    assert came.headers["auto-submitted"] == "auto-generated"
    assert came.headers["subject"] == "提醒"
    assert came.text.strip() == made.text


def test_a_letter_sent_again_is_the_same_letter(office):
    made = parcel("wang@example.cn")
    for _time in range(2):
        send(office, "email", made)
    first, second = office.journal
    assert first == second


def test_no_header_can_be_smuggled_in(office):
    made = parcel("wang@example.cn", subject="提醒\r\nBcc: all@example.cn")
    with pytest.raises(ValueError, match="linefeed"):
        send(office, "email", made)
    assert office.journal == []


@pytest.mark.parametrize(
    ("answer", "state", "reason"),
    [("554 spam", REFUSED, "letter-554"), ("451 later", AGAIN, "letter-451")],
)
def test_what_a_mail_server_answers(office, answer, state, reason):
    office.watch = lambda _came: answer
    outcome = send(office, "email", parcel("wang@example.cn"))
    assert (outcome.state, outcome.reason, outcome.stops_here) == (state, reason, False)


def test_several_letters_go_over_one_connection(office):
    room = build(load_carriers(environment(office)), "http://127.0.0.1")
    with room.channels["email"].opened() as hand:
        states = [hand(parcel(f"p{n}@example.cn")).state for n in range(3)]
    assert states == [SENT] * 3
    assert len(office.journal) == 3


def test_a_mail_server_that_is_not_there():
    gone = PostOffice(OfficeSecrets())
    gone.start()
    room = build(load_carriers(environment(gone)), "http://127.0.0.1")
    gone.stop()
    with room.channels["email"].opened() as hand:
        outcome = hand(parcel("wang@example.cn"))
    assert (outcome.reason, outcome.stops_here) == ("unreachable", True)


@pytest.fixture
def guarded(tmp_path):
    """A mail server with STARTTLS, a login, and a certificate of its own authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "mail.test")])
    begins = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(begins).not_valid_after(begins.replace(year=2090))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    pem = tmp_path / "mail.pem"
    pem.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ) + made.public_bytes(serialization.Encoding.PEM)
    )  # fmt: skip
    authority = tmp_path / "authority.pem"
    authority.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    office = PostOffice(OfficeSecrets(), certificate=context, login=("lms", "open"))
    office.start()
    yield office, authority
    office.stop()


def secured(office, authority, password="open"):  # noqa: S107
    settings = load_carriers(
        {
            "LMS_SMTP": f"smtp+starttls://lms@127.0.0.1:{office.smtp_port}",
            "LMS_SMTP_PASSWORD": password, "LMS_MAIL_FROM": "training@example.cn",
        }
    )  # fmt: skip
    return EmailChannel(settings.smtp, tls_context(authority), "养老护理培训")


def test_starttls_and_login(guarded):
    office, authority = guarded
    with secured(office, authority).opened() as hand:
        assert hand(parcel("wang@example.cn")).state == SENT
    assert len(office.journal) == 1


@pytest.mark.parametrize(
    ("known", "password", "why"), [(False, "open", "tls"), (True, "no", "login")]
)
def test_nothing_goes_to_a_stranger_or_with_a_wrong_password(guarded, known, password, why):
    office, authority = guarded
    with secured(office, authority if known else None, password).opened() as hand:
        outcome = hand(parcel("wang@example.cn"))
    assert (outcome.reason, outcome.stops_here) == (why, True)
    assert office.journal == []


@pytest.mark.parametrize(
    ("env", "said"),
    [
        ({"LMS_SMTP": "mail.example.cn"}, "LMS_SMTP must look like"),
        ({"LMS_SMTP": "smtp://u:p@m.cn", "LMS_MAIL_FROM": "a@b.cn"}, "LMS_SMTP_PASSWORD"),
        ({"LMS_SMTP": "smtp://u@m.cn", "LMS_MAIL_FROM": "a@b.cn"}, "in the clear"),
        ({"LMS_SMTP": "smtps://m.cn"}, "LMS_MAIL_FROM"),
        ({"LMS_SMS": "tencent"}, "LMS_SMS must be aliyun"),
        ({"LMS_SMS": "aliyun", "LMS_SMS_KEY": "k"}, "LMS_SMS_SECRET"),
        ({"LMS_WEBHOOK_NETWORKS": "10.0.0.0/99"}, "LMS_WEBHOOK_NETWORKS"),
        ({"LMS_POST_CA": "/nowhere.pem"}, "LMS_POST_CA"),
    ],
)
def test_a_setting_that_cannot_be_used_is_said(env, said):
    with pytest.raises(SettingError, match=said):
        load_carriers(env)


def test_secrets_do_not_show_in_a_settings_text(office):
    text = repr(load_carriers({**environment(office), "LMS_SMTP_PASSWORD": "geheim"}))
    assert "geheim" not in text
    assert "sms-demo" not in text
