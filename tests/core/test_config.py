"""Settings: unknown and unusable values are refused by name, with the cure."""

import stat

import pytest

from lms.core.config import SettingError, load_settings


def read(tmp_path, **env):
    return load_settings({"LMS_INSTANCE": str(tmp_path), **env})


@pytest.mark.parametrize(
    ("name", "value", "cure"),
    [
        ("LMS_PORTT", "1", "known ones"),
        ("LMS_PORT", "eighty", "whole number"),
        ("LMS_PORT", "70000", "65535"),
        ("LMS_DATABASE_URL", "mysql://x", "sqlite:/// or postgresql://"),
        ("LMS_BASE_URL", "train.example.cn", "https://"),
        ("LMS_BASE_URL", "https://培训.cn", "ASCII"),
        ("LMS_SECRET_KEY", "short", "32 characters"),
        ("LMS_SCHEDULER", "maybe", "1 or 0"),
        ("LMS_LOG_LEVEL", "LOUD", "one of"),
    ],
)
def test_a_bad_setting_is_named_with_its_cure(tmp_path, name, value, cure):
    with pytest.raises(SettingError) as refusal:
        read(tmp_path, **{name: value})
    assert name in str(refusal.value)
    assert cure in str(refusal.value)


def test_the_public_address_follows_the_port_unless_it_is_given(tmp_path):
    assert read(tmp_path).base_url == "http://127.0.0.1:8000"
    assert read(tmp_path, LMS_PORT="8080").base_url == "http://127.0.0.1:8080"
    given = read(tmp_path, LMS_PORT="8080", LMS_BASE_URL="https://x.example.cn")
    assert given.base_url == "https://x.example.cn"


def test_the_secret_key_is_made_once_and_private(tmp_path):
    first, second = read(tmp_path), read(tmp_path)
    assert first.secret_key == second.secret_key
    assert len(first.secret_key) >= 32
    mode = stat.S_IMODE((tmp_path / "keys" / "secret_key").stat().st_mode)
    assert mode == 0o600


def test_a_plain_postgresql_address_gets_the_driver(tmp_path):
    settings = read(tmp_path, LMS_DATABASE_URL="postgresql://u@localhost/x")
    assert settings.database_url == "postgresql+psycopg://u@localhost/x"
    assert not settings.is_sqlite


def test_cookies_are_host_bound_behind_tls(tmp_path):
    assert read(tmp_path, LMS_BASE_URL="https://x.example.cn").secure_cookies
    assert not read(tmp_path).secure_cookies
