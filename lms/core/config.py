"""Settings: one frozen object read from the environment; unknown or bad ones fail loudly."""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from lms.core.carriers import CARRIER_SETTINGS, NOTHING_SET_UP, CarrierSettings, load_carriers
from lms.core.files import write_private
from lms.core.keys.module import ModuleSettings
from lms.core.reading import SettingError, read_bool, read_choice, read_int

__all__ = ["SettingError", "Settings", "SigningSettings", "load_settings", "load_signing_settings"]

PREFIX = "LMS_"


#: who signs: a process that `lms run` starts, one started by somebody else, the process itself
BESIDE, OUTSIDE, INSIDE = "beside", "outside", "inside"


@dataclass(frozen=True, slots=True)
class SigningSettings:
    """Where the keys lie and who signs with them; ``pace`` in signatures a minute, ``peers`` are
    user names or ids that may ask besides the signer's own; ``module`` holds the private halves if
    files do not."""

    mode: str
    keys: Path
    socket: Path
    peers: tuple[str, ...] = ()
    pace: int = 60_000
    module: ModuleSettings | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything the product can be told from outside. The README lists each one."""

    instance: Path
    database_url: str
    secret_key: str
    base_url: str
    signing: SigningSettings
    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 2
    trusted_proxies: int = 0
    demo_on_public_address: bool = False
    demo_second_factor: bool = False
    scheduler: bool = True
    limiter_storage: str = "memory://"
    max_upload_mb: int = 12
    log_level: str = "INFO"
    testing: bool = False
    carriers: CarrierSettings = NOTHING_SET_UP

    @property
    def is_sqlite(self) -> bool:
        """True when the embedded database is used."""
        return self.database_url.startswith("sqlite")

    @property
    def secure_cookies(self) -> bool:
        """True when the site is served over TLS, so cookies may carry ``__Host-``."""
        return self.base_url.startswith("https://")


#: name in the environment -> (one line for the README and ``lms doctor``, default as shown there)
KNOWN: dict[str, tuple[str, str]] = {
    "LMS_INSTANCE": ("folder for the database, keys, uploads and rendered files", "instance"),
    "LMS_DATABASE_URL": ("SQLAlchemy address of the database", "SQLite in LMS_INSTANCE"),
    "LMS_SECRET_KEY": ("at least 32 characters; signs cookies and forms", "a file in LMS_INSTANCE"),
    "LMS_BASE_URL": ("public address printed in QR codes", "http://127.0.0.1:LMS_PORT"),
    "LMS_HOST": ("address to listen on", "127.0.0.1"),
    "LMS_PORT": ("port to listen on", "8000"),
    "LMS_WORKERS": ("web worker processes", "2"),
    "LMS_TRUSTED_PROXIES": ("number of reverse proxies whose headers are believed", "0"),
    "LMS_DEMO_ON_PUBLIC_ADDRESS": ("allow a demo database on a public address", "0"),
    "LMS_DEMO_SECOND_FACTOR": ("ask for the second factor in a demo database too", "0"),
    "LMS_SCHEDULER": ("run the scheduler beside the web workers", "1"),
    "LMS_LIMITER_STORAGE": ("where request counts are kept (memory:// or redis://…)", "memory://"),
    "LMS_MAX_UPLOAD_MB": ("largest upload in MiB", "12"),
    "LMS_SIGNER": (
        "who signs: beside (`lms run` starts a signer process), outside (`lms signer` runs "
        "elsewhere) or inside (the process itself)",
        "beside",
    ),
    "LMS_SIGNER_KEYS": (
        "folder of the signing keys; another user may own it",
        "LMS_INSTANCE/keys",
    ),
    "LMS_SIGNER_SOCKET": ("where the signer listens", "LMS_INSTANCE/signer/socket"),
    "LMS_SIGNER_PEERS": ("users that may ask the signer, beside its own", "none"),
    "LMS_SIGNER_PACE": ("most signatures a minute", "60000"),
    "LMS_SIGNER_MODULE": (
        "PKCS#11 library of a security module that holds the keys",
        "none: files",
    ),
    "LMS_SIGNER_TOKEN": ("label of the module's token", "lms"),
    "LMS_SIGNER_PIN_FILE": ("file with the token's PIN, for the signer's eyes only", "none"),
    **CARRIER_SETTINGS,
    "LMS_LOG_LEVEL": ("DEBUG, INFO, WARNING or ERROR", "INFO"),
}


def load_settings(env: Mapping[str, str] | None = None) -> Settings:
    """Read and check the environment.

    Raises:
        SettingError: for an unknown ``LMS_`` name or a value that cannot be used.
    """
    env = os.environ if env is None else env
    signing = load_signing_settings(env)
    instance = _instance(env)
    port = read_int(env, "LMS_PORT", 8000, 1, 65535)
    return Settings(
        instance=instance,
        database_url=_database_url(env.get("LMS_DATABASE_URL"), instance),
        secret_key=_secret_key(env.get("LMS_SECRET_KEY"), instance),
        base_url=_base_url(env.get("LMS_BASE_URL") or f"http://127.0.0.1:{port}"),
        signing=signing,
        host=env.get("LMS_HOST") or "127.0.0.1",
        port=port,
        workers=read_int(env, "LMS_WORKERS", 2, 1, 64),
        trusted_proxies=read_int(env, "LMS_TRUSTED_PROXIES", 0, 0, 5),
        demo_on_public_address=read_bool(env, "LMS_DEMO_ON_PUBLIC_ADDRESS", False),
        demo_second_factor=read_bool(env, "LMS_DEMO_SECOND_FACTOR", False),
        scheduler=read_bool(env, "LMS_SCHEDULER", True),
        limiter_storage=env.get("LMS_LIMITER_STORAGE") or "memory://",
        max_upload_mb=read_int(env, "LMS_MAX_UPLOAD_MB", 12, 1, 200),
        carriers=load_carriers(env),
        log_level=read_choice(env, "LMS_LOG_LEVEL", "INFO", ("DEBUG", "INFO", "WARNING", "ERROR")),
    )


def load_signing_settings(env: Mapping[str, str]) -> SigningSettings:
    """What a signer has to know; it needs neither the database nor the site's secret.

    Raises:
        SettingError: see ``load_settings``.
    """
    unknown = sorted(k for k in env if k.startswith(PREFIX) and k not in KNOWN)
    if unknown:
        raise SettingError(f"unknown setting {unknown[0]}; known ones: {', '.join(KNOWN)}")
    instance = _instance(env)
    mode = (env.get("LMS_SIGNER") or BESIDE).lower()
    if mode not in (BESIDE, OUTSIDE, INSIDE):
        raise SettingError(f"LMS_SIGNER must be one of {BESIDE}, {OUTSIDE}, {INSIDE}")
    return SigningSettings(
        mode,
        Path(env.get("LMS_SIGNER_KEYS") or instance / "keys").resolve(),
        Path(env.get("LMS_SIGNER_SOCKET") or instance / "signer" / "socket").absolute(),
        tuple((env.get("LMS_SIGNER_PEERS") or "").replace(",", " ").split()),
        read_int(env, "LMS_SIGNER_PACE", 60_000, 1, 10_000_000),
        _module(env),
    )


def _module(env: Mapping[str, str]) -> ModuleSettings | None:
    library, pin_file = env.get("LMS_SIGNER_MODULE"), env.get("LMS_SIGNER_PIN_FILE")
    if not library:
        return None
    if not pin_file:
        raise SettingError("LMS_SIGNER_MODULE needs LMS_SIGNER_PIN_FILE, a file with the PIN")
    token = env.get("LMS_SIGNER_TOKEN") or "lms"
    return ModuleSettings(Path(library).absolute(), token, Path(pin_file).absolute())


def _instance(env: Mapping[str, str]) -> Path:
    return Path(env.get("LMS_INSTANCE") or "instance").resolve()


def _database_url(value: str | None, instance: Path) -> str:
    if not value:
        return f"sqlite:///{instance / 'lms.sqlite3'}"
    if value.startswith(("postgres://", "postgresql://")):
        return "postgresql+psycopg://" + value.split("://", 1)[1]
    if value.startswith(("sqlite:///", "postgresql+psycopg://")):
        return value
    raise SettingError("LMS_DATABASE_URL must begin with sqlite:/// or postgresql://")


def _secret_key(value: str | None, instance: Path) -> str:
    if value:
        if len(value) < 32:
            raise SettingError("LMS_SECRET_KEY must have at least 32 characters")
        return value
    path = instance / "keys" / "secret_key"
    if not path.exists():
        write_private(path, secrets.token_urlsafe(48).encode(), replace=False)
    return path.read_text().strip()


def _base_url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.netloc or parts.query:
        raise SettingError("LMS_BASE_URL must look like https://training.example.cn")
    if not value.isascii():
        raise SettingError("LMS_BASE_URL must be ASCII: it is printed in QR codes")
    return value.rstrip("/")
