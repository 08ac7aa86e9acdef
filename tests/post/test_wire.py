"""A receiver cannot hold the sender up, send it elsewhere or fill its memory."""

import ipaddress
import socket
import ssl
import threading
from contextlib import contextmanager

import pytest

from lms.core.clock import now
from lms.post import wire
from lms.post.addresses import parse
from lms.post.channels import webhook
from lms.post.channels.http import HttpChannel
from lms.post.parcels import AGAIN, REFUSED, Parcel, Receiver
from lms.post.signatures import new_secret

HERE = ipaddress.ip_address("127.0.0.1")
NEAR = (ipaddress.ip_network("127.0.0.0/8"),)
TLS = ssl.create_default_context()


@contextmanager
def receiver(speak):
    """A server of one conversation; ``speak`` gets the connection after the request came."""
    door = socket.create_server(("127.0.0.1", 0))
    heard = []

    def serve():
        try:
            connection, _whom = door.accept()
        except OSError:
            return
        with connection:
            heard.append(connection.recv(65536))
            try:
                speak(connection)
            except OSError:
                return

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield door.getsockname()[1], heard
    door.close()
    thread.join()


def send(port, path="/hook"):
    return wire.post(parse(f"http://127.0.0.1:{port}{path}"), HERE, {}, b"{}", TLS)


def test_what_is_sent_and_what_comes_back():
    with receiver(lambda c: c.sendall(b"HTTP/1.1 202 OK\r\nContent-Length: 2\r\n\r\nhi")) as (
        port,
        heard,
    ):
        answer = send(port, "/hook?a=1")
    assert (answer.status, answer.body) == (202, b"hi")
    assert heard[0].startswith(b"POST /hook?a=1 HTTP/1.1\r\n")
    assert f"\r\nHost: 127.0.0.1:{port}\r\n".encode() in heard[0]


@pytest.mark.parametrize(
    ("said", "code"),
    [
        (b"", "nonsense"), (b"SSH-2.0-x\r\n", "nonsense"),
        (b"HTTP/1.1 200 OK\r\n" + b"X-A: b\r\n" * 200 + b"\r\n", "nonsense"),
        (b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 70000, "too-large"),
    ],
)  # fmt: skip
def test_an_answer_that_is_none(said, code):
    with (
        receiver(lambda c: c.sendall(said)) as (port, _heard),
        pytest.raises(wire.NoAnswer) as told,
    ):
        send(port)
    assert told.value.code == code


def test_whoever_drags_it_out_byte_by_byte_is_cut_off(monkeypatch):
    monkeypatch.setattr(wire, "DEADLINE", 0.3)
    over = threading.Event()

    def drip(connection):
        connection.sendall(b"HTTP/1.1 200 OK\r\n")
        while not over.wait(0.05):
            connection.sendall(b"x")

    with receiver(drip) as (port, _heard):
        with pytest.raises(wire.NoAnswer, match="slow"):
            send(port)
        over.set()


def test_whoever_says_nothing_is_given_up(monkeypatch):
    monkeypatch.setattr(wire, "CONNECT", 0.2)
    over = threading.Event()
    with receiver(lambda _c: over.wait()) as (port, _heard):
        with pytest.raises(wire.NoAnswer, match="slow"):
            send(port)
        over.set()


def test_nobody_there():
    door = socket.create_server(("127.0.0.1", 0))
    port = door.getsockname()[1]
    door.close()
    with pytest.raises(wire.NoAnswer, match="unreachable"):
        send(port)


def test_tls_to_somebody_without_it():
    plain = receiver(lambda c: c.sendall(b"HTTP/1.1 400 Bad\r\n\r\n"))
    with plain as (port, _heard), pytest.raises(wire.NoAnswer, match="tls"):
        wire.post(parse(f"https://127.0.0.1:{port}/"), HERE, {}, b"{}", TLS)


def parcel(url):
    return Parcel(
        "0" * 32, "post.test", "", "试", "", {}, now(), "zh", Receiver(url, "", (new_secret(),))
    )


def carried(url, networks=NEAR):
    channel = HttpChannel(webhook.write, webhook.judge, TLS, networks)
    with channel.opened() as hand:
        return hand(parcel(url))


def test_a_redirect_is_not_followed():
    moved = b"HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/\r\nContent-Length: 0\r\n\r\n"
    with receiver(lambda c: c.sendall(moved)) as (port, _heard):
        outcome = carried(f"http://127.0.0.1:{port}/")
    assert (outcome.state, outcome.reason, outcome.stops_here) == (AGAIN, "redirect", True)


def test_nothing_is_dialled_inside_without_the_operators_word(office):
    outcome = carried(f"http://127.0.0.1:{office.http_port}/webhook", networks=())
    assert (outcome.state, outcome.reason) == (REFUSED, "private")
    assert office.journal == []


def test_a_name_is_asked_once_and_what_was_checked_is_dialled(monkeypatch):
    """The second answer would lead elsewhere: nobody asks for it."""
    answers, real = ["127.0.0.1", "127.0.0.9"], socket.getaddrinfo

    def lookup(host, port, *args, **more):
        if host == "receiver.example":
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (answers.pop(0), port))]
        return real(host, port, *args, **more)

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    ok = b"HTTP/1.1 204 No Content\r\n\r\n"
    with receiver(lambda c: c.sendall(ok)) as (port, heard):
        outcome = carried(f"http://receiver.example:{port}/hook")
    assert outcome.state == "delivered"
    assert answers == ["127.0.0.9"]
    assert f"Host: receiver.example:{port}".encode() in heard[0]
