"""No address that somebody typed leads into the house, whatever it is dressed up as."""

import ipaddress
import socket

import pytest

from lms.post.addresses import BadAddress, checked, parse


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "127.1.2.3", "0.0.0.1", "10.0.0.8", "172.16.0.1", "192.168.1.1", "100.64.0.1",
        "169.254.169.254", "192.0.2.1", "224.0.0.1", "255.255.255.255", "[::1]", "[::]",
        "[fe80::1]", "[fc00::1]", "[ff02::1]", "[::ffff:127.0.0.1]", "[::ffff:10.0.0.1]",
        "[64:ff9b::7f00:1]", "[64:ff9b::a00:1]", "[2002:7f00:1::]", "[2001:db8::1]", "2130706433",
        "0x7f.1", "localhost",
    ],
)  # fmt: skip
def test_an_inner_address_is_refused(host):
    with pytest.raises(BadAddress, match="private"):
        checked(parse(f"https://{host}/hook"), ())


@pytest.mark.parametrize(
    "text",
    [
        "", "hook", "ftp://example.cn/", "https://", "https:///x", "https://u:p@example.cn/",
        "https://example.cn/#x", "https://exa mple.cn/", "https://example.cn/\n",
        "file:///etc/passwd", "https://例子.cn/", "https://example.cn:99999/", "https://[::1/",
        "https://x.cn/" + "a" * 500,
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused(text):
    with pytest.raises(BadAddress, match="form"):
        parse(text)


def test_a_public_address_passes_over_tls_only():
    assert str(checked(parse("https://8.8.8.8/hook"), ())) == "8.8.8.8"
    with pytest.raises(BadAddress, match="plain"):
        checked(parse("http://8.8.8.8/hook"), ())


def test_a_network_of_the_operator_passes_and_nothing_beside_it():
    own = (ipaddress.ip_network("10.1.0.0/16"),)
    assert str(checked(parse("http://10.1.2.3/hook"), own)) == "10.1.2.3"
    with pytest.raises(BadAddress, match="private"):
        checked(parse("http://10.2.0.1/hook"), own)


def test_a_name_that_points_outside_and_inside_is_refused(monkeypatch):
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_a, **_k: found("8.8.8.8", "127.0.0.1"))
    with pytest.raises(BadAddress, match="private"):
        checked(parse("https://trick.example/"), ())


def test_a_name_that_nobody_knows_is_said(monkeypatch):
    def nobody(*_args, **_more):
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", nobody)
    with pytest.raises(BadAddress, match="name"):
        checked(parse("https://nowhere.example/"), ())


def found(*addresses):
    return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443)) for address in addresses]
