"""A security module in software (SoftHSM 2) with a token of its own for each test."""

from __future__ import annotations

import itertools
import os
import subprocess
from pathlib import Path

import pkcs11

from lms.core.keys.module import ModuleSettings

PIN = "2468-1357"
_LIBRARIES = (
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib64/pkcs11/libsofthsm2.so",
    "/usr/local/lib/softhsm/libsofthsm2.so",
    "/opt/homebrew/lib/softhsm/libsofthsm2.so",
)
_labels = itertools.count(1)


def library() -> Path:
    """SoftHSM's library. Raises FileNotFoundError: `.ci/browser` installs it."""
    for name in _LIBRARIES:
        if Path(name).exists():
            return Path(name)
    raise FileNotFoundError("SoftHSM 2 is not installed (Debian package softhsm2)")


def token(folder: Path) -> ModuleSettings:
    """A fresh token. The library reads its configuration once a process, so all tokens lie in the
    folder of the first."""
    if "SOFTHSM2_CONF" not in os.environ:
        tokens = folder / "tokens"
        tokens.mkdir()
        conf = folder / "softhsm2.conf"
        conf.write_text(f"directories.tokendir = {tokens}\nobjectstore.backend = file\n")
        os.environ["SOFTHSM2_CONF"] = str(conf)
    label = f"lms-test-{next(_labels)}"
    subprocess.run(
        ["softhsm2-util", "--init-token", "--free", "--label", label, "--so-pin", PIN,
         "--pin", PIN],
        check=True, capture_output=True,
    )  # fmt: skip
    pkcs11.lib(str(library())).reinitialize()
    pin_file = folder / f"{label}.pin"
    pin_file.write_text(PIN + "\n")
    pin_file.chmod(0o600)
    return ModuleSettings(library(), label, pin_file)
