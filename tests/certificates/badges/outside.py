"""Verifiers that were not written here: one Node process that answers line by line."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

HERE = Path(sys.prefix) / "node"
SCRIPT = Path(__file__).parents[2] / "node" / "verify.mjs"


class Outside:
    """``@digitalbazaar/vc`` with ``eddsa-rdfc-2022`` and Bitstring Status Lists."""

    def __init__(self) -> None:
        assert (HERE / "node_modules").is_dir(), "run `make install-test`"
        # Node looks for packages from the folder it runs in.
        self._process = subprocess.Popen(
            [
                Path(sys.executable).with_name("node"),
                "--input-type=module",
                "--eval",
                SCRIPT.read_text(encoding="utf-8"),
            ],
            cwd=HERE,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )

    def ask(
        self, credential: dict[str, Any], documents: dict[str, Any], now: str
    ) -> dict[str, Any]:
        """What the verifier says of a credential."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        request = {"credential": credential, "documents": documents, "now": now}
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(30)
        self._process.stdout.close()
